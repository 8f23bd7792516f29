-- Sampled shingles of 64 bits give place to fingerprints of 32. What is held has none until `presswatch reindex`.
DROP TABLE shingles;

CREATE TABLE fingerprints (          -- the words of each current text as numbers, by which texts are compared
    article_id INTEGER PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,        -- of the way in which they were made
    headline_key INTEGER,            -- of a headline that no other article has by chance
    digest TEXT NOT NULL,            -- of all words: equal ones are the same text
    marks BLOB NOT NULL              -- four bytes a word, the lowest first: 31 bits of it, one for names and figures
) STRICT;
CREATE INDEX fingerprints_headline ON fingerprints(headline_key) WHERE headline_key IS NOT NULL;
CREATE INDEX fingerprints_digest ON fingerprints(digest);
CREATE INDEX fingerprints_version ON fingerprints(version);

CREATE TABLE fingerprint_index (     -- where a run of five words stands: in an opening, or as one of the sample
    run INTEGER NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (run, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE common_runs (           -- runs that so many reports have that nothing is found by them
    run INTEGER PRIMARY KEY
) STRICT;

-- So that the cluster of an article is read without its text.
CREATE INDEX articles_cluster_of ON articles(id, cluster_id);
