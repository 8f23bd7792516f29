CREATE TABLE sources (
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    home_url TEXT NOT NULL,
    section TEXT,
    language TEXT,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    access_note TEXT,
    access_checked TEXT
) STRICT;

CREATE TABLE source_checks (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES sources(name),
    url TEXT NOT NULL,
    kind TEXT NOT NULL,              -- feed, sitemap, index page
    checked_at TEXT NOT NULL,
    outcome TEXT NOT NULL,           -- as scraper.model.CheckOutcome names them
    detail TEXT,
    entry_count INTEGER NOT NULL DEFAULT 0,
    new_count INTEGER NOT NULL DEFAULT 0,
    etag TEXT,
    last_modified TEXT
) STRICT;
CREATE INDEX source_checks_url ON source_checks(url, id);
CREATE INDEX source_checks_source ON source_checks(source, checked_at);

CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    pass_id INTEGER NOT NULL REFERENCES passes(id),
    source TEXT REFERENCES sources(name),
    url TEXT NOT NULL,
    purpose TEXT NOT NULL,
    requested_at TEXT NOT NULL,
    outcome TEXT NOT NULL,           -- fetched, not modified, redirected, disallowed, failed
    status INTEGER,
    reason TEXT,
    target_url TEXT,
    elapsed_ms INTEGER,
    byte_count INTEGER
) STRICT;
CREATE INDEX requests_url ON requests(url, id);
CREATE INDEX requests_source ON requests(source, requested_at);

CREATE TABLE passes (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    request_count INTEGER,
    added_count INTEGER,
    revised_count INTEGER,
    failed_count INTEGER
) STRICT;

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,               -- as fetched
    url_key TEXT NOT NULL,
    source TEXT REFERENCES sources(name),
    captured_at TEXT NOT NULL,
    status INTEGER NOT NULL,
    media_type TEXT,
    digest TEXT NOT NULL,            -- of the body, as WARC-Payload-Digest has it: sha1, base32
    warc_file TEXT NOT NULL,         -- name below the archive's warc folder
    warc_offset INTEGER NOT NULL,
    warc_length INTEGER NOT NULL
) STRICT;
CREATE INDEX captures_url_key ON captures(url_key, captured_at);

CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    url_key TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,               -- as fetched
    found_url TEXT NOT NULL,         -- as found
    canonical_url TEXT,
    source TEXT REFERENCES sources(name),
    headline TEXT,
    kicker TEXT,
    dek TEXT,
    byline TEXT,                     -- authors, joined by ", "
    authors TEXT NOT NULL DEFAULT '[]',  -- JSON list
    published_at TEXT,
    published_raw TEXT,
    updated_at TEXT,
    section TEXT,
    publication TEXT,
    language TEXT,
    access_status TEXT NOT NULL,
    complete INTEGER CHECK (complete IN (0, 1)),
    cut_by TEXT,
    access_explanation TEXT NOT NULL DEFAULT '',
    access_numbers TEXT,             -- JSON: limit, used, remaining, prices, currency, periods
    word_count INTEGER NOT NULL,
    body TEXT NOT NULL,
    captions TEXT NOT NULL DEFAULT '',   -- for the full-text index
    tags TEXT NOT NULL DEFAULT '[]', -- JSON list
    cves TEXT NOT NULL DEFAULT '[]', -- JSON list
    origins TEXT NOT NULL DEFAULT '{}',  -- JSON: field -> where its value came from
    body_digest TEXT NOT NULL,       -- of the folded body: equal means exact duplicate
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    revised_at TEXT,
    starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1)),
    revision_id INTEGER REFERENCES revisions(id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX articles_source ON articles(source, published_at);
CREATE INDEX articles_published ON articles(published_at);
CREATE INDEX articles_first_seen ON articles(first_seen_at);
CREATE INDEX articles_body_digest ON articles(body_digest);
CREATE INDEX articles_revision ON articles(revision_id);

CREATE TABLE article_urls (          -- every URL key an article was seen under: found, fetched, canonical
    url_key TEXT PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX article_urls_article ON article_urls(article_id);

CREATE TABLE article_validators (    -- for conditional GETs of article pages, one URL each
    url TEXT PRIMARY KEY,
    etag TEXT,
    last_modified TEXT
) STRICT;

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    number INTEGER NOT NULL,
    seen_at TEXT NOT NULL,
    changes TEXT,                    -- what is different from the one before, for the reader
    headline TEXT,
    dek TEXT,
    word_count INTEGER NOT NULL,
    access_status TEXT NOT NULL,
    complete INTEGER CHECK (complete IN (0, 1)),
    capture_id INTEGER REFERENCES captures(id) ON DELETE SET NULL,
    UNIQUE (article_id, number)
) STRICT;
CREATE INDEX revisions_capture ON revisions(capture_id);

CREATE TABLE blocks (
    id INTEGER PRIMARY KEY,
    revision_id INTEGER NOT NULL REFERENCES revisions(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    markdown TEXT NOT NULL,
    tag TEXT NOT NULL,
    reason TEXT NOT NULL,
    confidence REAL NOT NULL,
    UNIQUE (revision_id, position)
) STRICT;

CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    url TEXT,
    caption TEXT,
    credit TEXT,
    alt TEXT,
    is_lead INTEGER NOT NULL CHECK (is_lead IN (0, 1)),
    UNIQUE (article_id, position)
) STRICT;

CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    signal TEXT NOT NULL,
    value TEXT NOT NULL,
    place TEXT NOT NULL,             -- where on the page
    points_to TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_article ON evidence(article_id);

CREATE TABLE cves (
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    cve TEXT NOT NULL,
    PRIMARY KEY (cve, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cves_article ON cves(article_id);

CREATE TABLE duplicates (
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    of_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,              -- exact, near, contained (the first in the second)
    similarity REAL NOT NULL,
    PRIMARY KEY (article_id, of_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicates_of ON duplicates(of_id);

CREATE TABLE shingles (
    shingle INTEGER NOT NULL,
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    PRIMARY KEY (shingle, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX shingles_article ON shingles(article_id);

CREATE TABLE feed_texts (            -- what a full-content feed carried, kept as a text of its own
    id INTEGER PRIMARY KEY,
    url_key TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL REFERENCES sources(name),
    seen_at TEXT NOT NULL,
    text TEXT NOT NULL,
    word_count INTEGER NOT NULL
) STRICT;

CREATE TABLE entries (               -- what was found, so that nothing is asked for twice
    url_key TEXT PRIMARY KEY,
    source TEXT NOT NULL REFERENCES sources(name),
    url TEXT NOT NULL,
    guid TEXT,
    title TEXT,
    published_at TEXT,
    published_raw TEXT,
    updated_at TEXT,
    authors TEXT NOT NULL DEFAULT '[]',  -- JSON list
    categories TEXT NOT NULL DEFAULT '[]',  -- JSON list
    enclosures TEXT NOT NULL DEFAULT '[]',  -- JSON list of objects: url, media_type, length
    summary TEXT,
    language TEXT,
    is_whole_article INTEGER NOT NULL DEFAULT 0 CHECK (is_whole_article IN (0, 1)),
    first_seen_at TEXT NOT NULL,
    fetched_at TEXT,                 -- last time its page came
    tries INTEGER NOT NULL DEFAULT 0 -- requests that failed since then
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_source ON entries(source, first_seen_at);

CREATE TABLE editions (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    timezone TEXT NOT NULL,
    made_at TEXT NOT NULL
) STRICT;

CREATE TABLE edition_items (
    edition_id INTEGER NOT NULL REFERENCES editions(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    story INTEGER NOT NULL,          -- items of one story share it
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    revision_id INTEGER NOT NULL REFERENCES revisions(id) ON DELETE CASCADE,
    PRIMARY KEY (edition_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX edition_items_article ON edition_items(article_id);
CREATE INDEX edition_items_revision ON edition_items(revision_id);

CREATE TABLE deliveries (            -- at most one mail for a day and a reader
    day TEXT NOT NULL,
    reader TEXT NOT NULL,
    edition_id INTEGER NOT NULL REFERENCES editions(id) ON DELETE CASCADE,
    sent_at TEXT NOT NULL,
    PRIMARY KEY (day, reader)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE articles_fts USING fts5(
    headline, dek, body, captions,
    content='articles', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER articles_ai AFTER INSERT ON articles BEGIN
    INSERT INTO articles_fts(rowid, headline, dek, body, captions)
    VALUES (new.id, new.headline, new.dek, new.body, new.captions);
END;
CREATE TRIGGER articles_ad AFTER DELETE ON articles BEGIN
    INSERT INTO articles_fts(articles_fts, rowid, headline, dek, body, captions)
    VALUES ('delete', old.id, old.headline, old.dek, old.body, old.captions);
END;
CREATE TRIGGER articles_au AFTER UPDATE OF headline, dek, body, captions ON articles BEGIN
    INSERT INTO articles_fts(articles_fts, rowid, headline, dek, body, captions)
    VALUES ('delete', old.id, old.headline, old.dek, old.body, old.captions);
    INSERT INTO articles_fts(rowid, headline, dek, body, captions)
    VALUES (new.id, new.headline, new.dek, new.body, new.captions);
END;
