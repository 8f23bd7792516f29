-- What was found to be one report. Old links keep their verdicts in today's words; which articles are together is
-- said when they are judged again (presswatch reindex).
ALTER TABLE articles ADD COLUMN cluster_id INTEGER;  -- the smallest id of the articles that are one report
ALTER TABLE articles ADD COLUMN is_lead INTEGER NOT NULL DEFAULT 1 CHECK (is_lead IN (0, 1));  -- the one to show of them
UPDATE articles SET cluster_id = id;
CREATE INDEX articles_cluster ON articles(cluster_id, is_lead);

ALTER TABLE duplicates ADD COLUMN rule TEXT NOT NULL DEFAULT '';  -- what decided, for the reader
UPDATE duplicates SET kind = CASE kind
    WHEN 'exact' THEN 'same text' WHEN 'near' THEN 'updated version of' WHEN 'contained' THEN 'trimmed copy of' ELSE kind
END;

CREATE TABLE cluster_rulings (       -- what the reader says of two articles, whatever their texts are
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    other_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    is_one INTEGER NOT NULL CHECK (is_one IN (0, 1)),  -- 1: one report (merge); 0: two (split)
    PRIMARY KEY (article_id, other_id),
    CHECK (article_id < other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cluster_rulings_other ON cluster_rulings(other_id);
