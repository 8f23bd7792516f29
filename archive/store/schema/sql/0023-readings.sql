CREATE TABLE readings (              -- of a shard: what was read, to be decided on again where shards are merged
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES imported_files(id),  -- the file that it was read from
    captured_at TEXT NOT NULL,       -- when it was served, to the microsecond
    url TEXT NOT NULL,               -- as fetched
    source TEXT,
    private INTEGER NOT NULL,        -- 1: it came to a reader's own cookies
    digest TEXT NOT NULL,            -- of the raw body
    warc_offset INTEGER,             -- where it lies in the file; NULL: a copy was kept, or none
    warc_length INTEGER,
    marks BLOB NOT NULL,             -- of its words, four bytes each, as in fingerprints
    content BLOB NOT NULL            -- headers, article, and what it is judged by: JSON, in zstd
) STRICT;
CREATE INDEX readings_captured_at ON readings(captured_at, id);
CREATE INDEX readings_file ON readings(file_id);
CREATE TABLE merges (                -- shards that were joined into this archive
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,     -- of the digests of the files in them: sha256, hex
    done_count INTEGER NOT NULL DEFAULT 0,  -- readings that were decided on
    began_at TEXT NOT NULL,
    ended_at TEXT                    -- when all were; NULL: the merge goes on there
) STRICT;
