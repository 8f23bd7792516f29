ALTER TABLE entries ADD COLUMN listed_at TEXT;  -- when a listing named it last
ALTER TABLE entries ADD COLUMN next_at TEXT;  -- its page is not asked for before
ALTER TABLE entries ADD COLUMN failed_at TEXT;  -- first of the tries that failed
ALTER TABLE entries ADD COLUMN failed_why TEXT;  -- and why the last one did, for the reader
ALTER TABLE entries ADD COLUMN given_up_at TEXT;  -- its page is not asked for any more
ALTER TABLE entries ADD COLUMN gone INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1));  -- its publisher took it away
ALTER TABLE entries ADD COLUMN came_at TEXT;  -- when its page came whole; a 304 brings none
ALTER TABLE entries ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;  -- looks in a row that found it as it was
ALTER TABLE entries ADD COLUMN claimed_at TEXT;  -- when a listing said that it changed
ALTER TABLE entries ADD COLUMN unfounded INTEGER NOT NULL DEFAULT 0;  -- looks in a row for such words, in vain
ALTER TABLE entries ADD COLUMN formerly TEXT;  -- URL key of the entry that had its GUID before
CREATE INDEX entries_url ON entries(url);
CREATE INDEX entries_guid ON entries(source, guid) WHERE guid IS NOT NULL;
CREATE INDEX entries_given_up ON entries(given_up_at) WHERE given_up_at IS NOT NULL;
ALTER TABLE articles ADD COLUMN changed_at TEXT;  -- a listing says that it changed, and it could not be looked at
UPDATE entries SET tries = 0 WHERE fetched_at IS NULL;  -- three tries were the end of it; there are more now

CREATE TABLE host_rests (            -- hosts that are left alone for a while
    host TEXT NOT NULL,              -- and port
    scope TEXT NOT NULL,             -- all, or pages: its listings are visited all the same
    rest_until TEXT NOT NULL,
    why TEXT NOT NULL,               -- for the reader
    since TEXT NOT NULL,             -- of the first rest in a row
    spells INTEGER NOT NULL,         -- rests in a row
    PRIMARY KEY (host, scope)
) STRICT, WITHOUT ROWID;

CREATE VIEW lost AS                  -- articles that a listing named, and that were given up without a text
SELECT source, url, title, published_at, first_seen_at, given_up_at, gone, tries,
    COALESCE(failed_why, left_why) AS why
FROM entries
WHERE given_up_at IS NOT NULL AND fetched_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM article_urls WHERE article_urls.url_key = entries.url_key);
