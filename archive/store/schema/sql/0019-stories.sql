-- Stories: the articles on one event, which live from day to day. What an archive has already is put into stories by
-- the next passes, the newest first.
CREATE TABLE stories (
    id INTEGER PRIMARY KEY,  -- of a story as long as it lives; never given to another
    central_id INTEGER REFERENCES articles(id) ON DELETE SET NULL,  -- the article whose headline is its name; of those that everybody may see
    terms TEXT NOT NULL DEFAULT '[]'  -- JSON: its key terms, the most telling first; of articles that everybody may read
) STRICT;
CREATE INDEX stories_central ON stories(central_id);

CREATE TABLE story_articles (
    article_id INTEGER PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE,
    story_id INTEGER NOT NULL REFERENCES stories(id) ON DELETE CASCADE,
    told_at TEXT NOT NULL,  -- when it was published, or first seen where that was earlier or no date is known
    is_provisional INTEGER NOT NULL CHECK (is_provisional IN (0, 1)),  -- 1: it joined during the day; the next night looks at it again
    is_public INTEGER NOT NULL CHECK (is_public IN (0, 1))  -- 1: name and terms of the story may be drawn from it
) STRICT;
CREATE INDEX story_articles_story ON story_articles(story_id, told_at);
CREATE INDEX story_articles_told ON story_articles(told_at);

CREATE TABLE word_counts (
    language TEXT NOT NULL,
    word TEXT NOT NULL,
    article_count INTEGER NOT NULL,  -- in how many openings it stood
    PRIMARY KEY (language, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE counted_languages (
    language TEXT PRIMARY KEY,
    article_count INTEGER NOT NULL  -- how many openings were counted
) STRICT, WITHOUT ROWID;

-- The life of each story: its name, how long it has been told, and by how many.
CREATE VIEW story_lives AS
SELECT stories.id AS story_id, central.headline AS name, terms, MIN(told_at) AS first_at, MAX(told_at) AS last_at,
    COUNT(*) AS article_count, COUNT(DISTINCT articles.cluster_id) AS report_count,
    COUNT(DISTINCT articles.source) AS source_count
FROM stories JOIN story_articles ON story_id = stories.id JOIN articles ON articles.id = article_id
LEFT JOIN articles AS central ON central.id = central_id
GROUP BY stories.id;

-- Its time line: what was told when, the copies of a report left out.
CREATE VIEW story_lines AS
SELECT story_id, told_at, article_id, headline, source, cluster_id
FROM story_articles JOIN articles ON articles.id = article_id
WHERE is_lead ORDER BY story_id, told_at;
