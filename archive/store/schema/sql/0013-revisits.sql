CREATE TABLE revisits (              -- a page that came again with the same bytes, and was not kept again
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL REFERENCES captures(id) ON DELETE CASCADE,  -- the raw response that has the bytes
    captured_at TEXT NOT NULL,
    warc_file TEXT NOT NULL,         -- of the WARC record of type revisit
    warc_offset INTEGER NOT NULL,
    warc_length INTEGER NOT NULL
) STRICT;
CREATE INDEX revisits_capture ON revisits(capture_id);
