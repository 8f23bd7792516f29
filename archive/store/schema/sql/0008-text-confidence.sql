ALTER TABLE articles ADD COLUMN text_confidence REAL NOT NULL DEFAULT 0.0; -- how well the text was told from the rest
