CREATE TABLE listings (              -- what is known of a feed, sitemap or index page between its visits
    source TEXT NOT NULL REFERENCES sources(name),
    url TEXT NOT NULL,
    kind TEXT NOT NULL,              -- feed, sitemap, index page
    since TEXT NOT NULL,             -- when we saw it first
    named_in TEXT,                   -- the sitemap index that names it; NULL for the configuration
    named_at TEXT,                   -- when that named it last
    modified_at TEXT,                -- when it changed last, as the index says
    position INTEGER NOT NULL DEFAULT 0,  -- its place in the index
    visited_at TEXT,                 -- when it was asked for last, whatever came
    seen_at TEXT,                    -- when it came last and could be read, or had not changed
    news_at TEXT,                    -- when it last had something new
    usual_seconds INTEGER,           -- how long it usually is without news, as far as that was learnt
    least_quiet_seconds INTEGER NOT NULL DEFAULT 259200,  -- a shorter silence is never called quiet
    rhythm TEXT,                     -- JSON: seconds to wait, hours (UTC) and days (0 is Monday) to skip, as it says
    ask_after TEXT,                  -- it is not asked for before
    full_at TEXT,                    -- when it was last asked for without validators
    conditional_count INTEGER NOT NULL DEFAULT 0,  -- and how often with them since
    distrusted_at TEXT,              -- when its validators were last found to lie
    failed_count INTEGER NOT NULL DEFAULT 0,  -- visits in a row of which nothing came
    moved_to TEXT,                   -- where it was redirected to for good
    moved_count INTEGER NOT NULL DEFAULT 0,  -- at so many visits in a row
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX listings_named_in ON listings(source, named_in, named_at);

ALTER TABLE sources ADD COLUMN visited_at TEXT;  -- when its turn came last, whichever listings were asked for
ALTER TABLE source_checks ADD COLUMN fresh_count INTEGER NOT NULL DEFAULT 0;  -- entries nobody knew at its last visit
UPDATE source_checks SET fresh_count = new_count WHERE new_count > 0;
CREATE INDEX source_checks_news ON source_checks(source, checked_at) WHERE fresh_count > 0;

INSERT INTO listings (source, url, kind, since, visited_at, seen_at, news_at)
SELECT source, url, kind, MIN(checked_at), MAX(checked_at),
    MAX(CASE WHEN outcome IN ('found', 'unchanged', 'empty') THEN checked_at END),
    MAX(CASE WHEN new_count > 0 THEN checked_at END)
FROM source_checks GROUP BY source, url;
