ALTER TABLE editions ADD COLUMN kind TEXT NOT NULL DEFAULT 'nightly';  -- nightly (a whole day, after its end) or extra
ALTER TABLE editions ADD COLUMN day TEXT NOT NULL DEFAULT '';  -- local day on which its window ends
ALTER TABLE editions ADD COLUMN article_count INTEGER NOT NULL DEFAULT 0;  -- when it was made
CREATE INDEX editions_day ON editions(day, kind);

CREATE TABLE edition_records (       -- an edition as it was made, for who gets it later
    edition_id INTEGER PRIMARY KEY REFERENCES editions(id) ON DELETE CASCADE,
    record TEXT NOT NULL             -- JSON
) STRICT;

ALTER TABLE deliveries RENAME TO old_deliveries;
CREATE TABLE deliveries (            -- an edition on its way to one reader, or to the files
    id INTEGER PRIMARY KEY,
    edition_id INTEGER NOT NULL REFERENCES editions(id) ON DELETE CASCADE,
    channel TEXT NOT NULL,           -- mail or files
    target TEXT NOT NULL,            -- mail: the address of the reader; files: their name without suffix
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),  -- failed: given up
    created_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,                 -- what the latest try that failed was told
    next_try_at TEXT,                -- while it is pending; NULL is at once
    sent_at TEXT,
    UNIQUE (edition_id, channel, target)
) STRICT;
CREATE INDEX deliveries_target ON deliveries(channel, target);
CREATE INDEX deliveries_pending ON deliveries(id) WHERE state = 'pending';
