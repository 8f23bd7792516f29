-- By which words the articles of a day find others to compare with, where so many are told that not all can be.
CREATE TABLE story_words (
    word INTEGER NOT NULL,           -- a number made of a language and a word of it that tells much
    told_at INTEGER NOT NULL,        -- seconds since 1970
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    PRIMARY KEY (word, told_at, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_words_article ON story_words(article_id);

CREATE TABLE story_word_days (       -- days (UTC) of which all articles that are in stories have their words above
    day TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
