ALTER TABLE articles ADD COLUMN kind TEXT NOT NULL DEFAULT 'news'; -- as scraper.model.PageKind has them
ALTER TABLE articles ADD COLUMN kind_confidence REAL NOT NULL DEFAULT 0.0; -- 0 to 1; origins says why
ALTER TABLE articles ADD COLUMN variants TEXT NOT NULL DEFAULT '[]'; -- JSON list: amp, print, paginated
ALTER TABLE blocks ADD COLUMN cell TEXT; -- JSON list: data table, row, column, each from 0
CREATE INDEX articles_kind ON articles(kind);
