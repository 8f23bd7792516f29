CREATE TABLE meters (                -- the free articles that a site grants
    site TEXT PRIMARY KEY,           -- registrable domain
    allowance INTEGER,               -- articles in one window, NULL where nobody says
    window TEXT,                     -- month (of the calendar, UTC) or a duration; NULL counts as 30d
    reserve INTEGER NOT NULL DEFAULT 0,  -- of these, kept for the reader
    origin TEXT NOT NULL,            -- page or configuration: who says so
    spent INTEGER NOT NULL,          -- views of the window in which updated_at lies
    closed_until TEXT,               -- a page came cut: nothing is asked for before
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE meter_views (           -- views that count on a meter
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL REFERENCES meters(site) ON DELETE CASCADE,
    viewed_at TEXT NOT NULL,
    url_key TEXT                     -- NULL where the site counted a view that we do not know
) STRICT;
CREATE INDEX meter_views_site ON meter_views(site, viewed_at);

ALTER TABLE requests ADD COLUMN session TEXT NOT NULL DEFAULT 'anonymous';  -- anonymous, subscriber, expired
ALTER TABLE captures ADD COLUMN private INTEGER NOT NULL DEFAULT 0 CHECK (private IN (0, 1));  -- read with cookies
ALTER TABLE articles ADD COLUMN private INTEGER NOT NULL DEFAULT 0 CHECK (private IN (0, 1));  -- read with cookies
ALTER TABLE entries ADD COLUMN left_at TEXT;  -- when it was last left waiting
ALTER TABLE entries ADD COLUMN left_why TEXT;  -- and why, for the reader
CREATE INDEX articles_private ON articles(id) WHERE private;
CREATE INDEX entries_left ON entries(left_at) WHERE left_at IS NOT NULL;
