CREATE TABLE pictures (              -- pictures of articles, where they are kept: had, waited for, or given up
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    url TEXT NOT NULL,               -- as in `images`
    wanted_at TEXT NOT NULL,         -- when the article was archived, or revised to have it
    next_at TEXT,                    -- when it is asked for; NULL: it is here, or was given up
    tries INTEGER NOT NULL DEFAULT 0,
    tried_at TEXT,                   -- the latest try
    why TEXT,                        -- why it did not come
    media_type TEXT,                 -- by its bytes
    size INTEGER,                    -- bytes
    warc_file TEXT,                  -- where its response lies; NULL: it is not here
    warc_offset INTEGER,
    PRIMARY KEY (article_id, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX pictures_url ON pictures(url);
CREATE INDEX pictures_waiting ON pictures(wanted_at) WHERE next_at IS NOT NULL;
CREATE INDEX pictures_tried ON pictures(tried_at);
