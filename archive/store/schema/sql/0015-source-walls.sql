CREATE TABLE text_ends (             -- how the texts of a source end: what its walls are learnt from; the newest of each
    article_id INTEGER PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE,
    source TEXT NOT NULL REFERENCES sources(name),
    words INTEGER NOT NULL,
    blocks TEXT NOT NULL,            -- JSON: fingerprint, words, begin, signs of each block near the end
    alone TEXT NOT NULL,             -- JSON: what the page alone says of access
    is_new INTEGER NOT NULL DEFAULT 1 CHECK (is_new IN (0, 1))  -- nothing was learnt from it yet
) STRICT;
CREATE INDEX text_ends_source ON text_ends(source, article_id);
CREATE INDEX text_ends_new ON text_ends(source) WHERE is_new;

CREATE TABLE source_boxes (          -- what stands behind short texts of a source alone: its wall, or what may be one
    source TEXT NOT NULL REFERENCES sources(name),
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    why TEXT NOT NULL,               -- what shows that it is a wall; empty where nothing does
    page_count INTEGER NOT NULL,     -- short texts that it stands behind
    other_count INTEGER NOT NULL,    -- texts that it does not stand behind
    most_words REAL NOT NULL,        -- a text with more is not short for its source
    status TEXT NOT NULL,            -- of pages that show it, where it is a wall
    cut_by TEXT NOT NULL,
    fingerprints TEXT NOT NULL,      -- JSON: of its blocks
    PRIMARY KEY (source, number)
) STRICT, WITHOUT ROWID;
