ALTER TABLE requests ADD COLUMN wishes TEXT;  -- JSON list of what the publisher says may be done with it, verbatim
ALTER TABLE articles ADD COLUMN wishes TEXT NOT NULL DEFAULT '[]';  -- the same, of its latest fetch
ALTER TABLE articles ADD COLUMN noarchive INTEGER NOT NULL DEFAULT 0 CHECK (noarchive IN (0, 1));  -- obeyed
ALTER TABLE articles ADD COLUMN snippet_limit INTEGER;  -- obeyed: most characters to be quoted, 0 for none
ALTER TABLE articles ADD COLUMN unavailable_after TEXT;  -- obeyed: not shown any more from then on
ALTER TABLE articles ADD COLUMN tdm_reserved INTEGER NOT NULL DEFAULT 0 CHECK (tdm_reserved IN (0, 1));  -- obeyed
CREATE INDEX articles_noarchive ON articles(id) WHERE noarchive;
CREATE INDEX articles_unavailable ON articles(unavailable_after) WHERE unavailable_after IS NOT NULL;

CREATE TABLE tdm_files (             -- the file in which a host reserves text and data mining
    host TEXT PRIMARY KEY,           -- and port
    asked_at TEXT NOT NULL,
    text TEXT NOT NULL               -- verbatim; empty where there are no rules
) STRICT, WITHOUT ROWID;
