CREATE TABLE imported_files (        -- WARC files of others that were taken in
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,              -- where it lies; captures name it, where they lie in it
    size INTEGER NOT NULL,           -- bytes
    digest TEXT NOT NULL UNIQUE,     -- of the file: sha256, hex
    done_count INTEGER NOT NULL DEFAULT 0,  -- responses that were dealt with
    began_at TEXT NOT NULL,
    ended_at TEXT                    -- when all were; NULL: the import goes on there
) STRICT;
CREATE INDEX captures_file ON captures(warc_file);
