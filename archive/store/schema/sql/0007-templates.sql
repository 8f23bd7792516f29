CREATE TABLE template_blocks (       -- blocks of current bodies that may be a template of their source
    source TEXT NOT NULL REFERENCES sources(name),
    fingerprint INTEGER NOT NULL,    -- of the folded text
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    published_at TEXT NOT NULL,      -- of the article; else when it was seen first
    position INTEGER NOT NULL,       -- of the block in the article's current revision
    removed INTEGER NOT NULL CHECK (removed IN (0, 1)),  -- from the body, as a template
    PRIMARY KEY (source, fingerprint, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX template_blocks_article ON template_blocks(article_id);
CREATE INDEX template_blocks_removed ON template_blocks(source, fingerprint) WHERE removed;
CREATE INDEX articles_source_time ON articles(source, COALESCE(published_at, first_seen_at));

CREATE VIEW templates AS             -- those that were learnt: taken out of at least one article
SELECT marks.source, marks.fingerprint, COUNT(*) AS article_count, SUM(marks.removed) AS removed_count,
    MIN(marks.published_at) AS first_published_at, MAX(marks.published_at) AS last_published_at,
    (
        SELECT text FROM template_blocks AS one JOIN articles ON articles.id = one.article_id
        JOIN blocks ON blocks.revision_id = articles.revision_id AND blocks.position = one.position
        WHERE one.source = marks.source AND one.fingerprint = marks.fingerprint AND one.removed LIMIT 1
    ) AS example
FROM template_blocks AS marks
WHERE (marks.source, marks.fingerprint) IN (SELECT source, fingerprint FROM template_blocks WHERE removed)
GROUP BY marks.source, marks.fingerprint;
