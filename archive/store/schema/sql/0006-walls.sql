CREATE TABLE walls (                 -- one thing that an outlet's wall was seen to be, and how long
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,              -- registrable domain
    source TEXT REFERENCES sources(name),
    fact TEXT NOT NULL,              -- allowance (free articles) or price
    amount REAL NOT NULL,            -- free articles, or the price
    currency TEXT,                   -- ISO 4217
    period TEXT,                     -- month, year, or a duration; several as the page names them
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    capture_id INTEGER REFERENCES captures(id) ON DELETE SET NULL,  -- the raw response that showed it first
    article_id INTEGER REFERENCES articles(id) ON DELETE SET NULL  -- its article
) STRICT;
CREATE INDEX walls_site ON walls(site, fact, first_seen_at);
CREATE INDEX walls_source ON walls(source);
CREATE INDEX walls_capture ON walls(capture_id);
CREATE INDEX walls_article ON walls(article_id);
