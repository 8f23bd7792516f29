"""
The tables of the archive, as migrations. Their names are part of the interface:
people query them in datasette.

Every table is STRICT. Times are TEXT, UTC, ISO 8601 with a trailing "Z", so that
text order is time order. JSON columns hold lists or objects.

A migration and its record commit together (sqlite-utils `Migrations`). Never edit a
migration that has been released: add the next one below it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlite_utils import Database, Migrations

from scraper.errors import ArchiveError, SchemaError
from scraper.model import LabelledBlock, Role
from scraper.read.composed import composed_markdown
from scraper.read.templates import find_fingerprints
from scraper.text import composed, search_forms

MIGRATIONS = Migrations("presswatch")


def migrate(connection: sqlite3.Connection, path: Path | str) -> None:
    """
    Bring the database up to the schema of this version, and nothing else: a file of another program is left alone.

    Args:
        connection: In autocommit mode.
        path: Named in errors.

    Raises:
        SchemaError: A newer presswatch made the archive.
        ArchiveError: A database, but not ours.
    """
    database = Database(connection, recursive_triggers=False)
    _refuse_foreign(database, path)
    MIGRATIONS.apply(database)


def require_schema(connection: sqlite3.Connection, path: Path | str) -> None:
    """
    Nothing, where the database has exactly the schema of this version.

    Raises:
        SchemaError: An older or newer presswatch made the archive.
        ArchiveError: Not an archive of presswatch.
    """
    database = Database(connection, recursive_triggers=False)
    _refuse_foreign(database, path)
    applied = [migration.name for migration in MIGRATIONS.applied(database)]
    if not applied:
        raise ArchiveError(path, "there is no archive in this file yet; a first pass makes one")
    if MIGRATIONS.pending(database):
        raise SchemaError(path, found=applied[-1], wanted=_names()[-1])


def _names() -> list[str]:
    """Every migration of this version, oldest first: all of them wait in an empty database."""
    return [migration.name for migration in MIGRATIONS.pending(Database(memory=True))]


def _refuse_foreign(database: Database, path: Path | str) -> None:
    """Raise where the tables are of another program, or of a newer version of this one."""
    applied = [migration.name for migration in MIGRATIONS.applied(database)]
    if not applied and set(database.table_names()) - {MIGRATIONS.migrations_table}:
        raise ArchiveError(path, "this is a database of another program, not an archive of presswatch")
    names = _names()
    if unknown := [name for name in applied if name not in names]:
        raise SchemaError(path, found=unknown[-1], wanted=names[-1])


@MIGRATIONS(name="0001-first-tables")
def _first_tables(db: Database) -> None:
    for statement in _statements(FIRST_TABLES):
        db.execute(statement)


@MIGRATIONS(name="0002-page-kinds")
def _page_kinds(db: Database) -> None:
    for statement in _statements(PAGE_KINDS):
        db.execute(statement)


@MIGRATIONS(name="0003-meters")
def _meters(db: Database) -> None:
    for statement in _statements(METERS):
        db.execute(statement)


@MIGRATIONS(name="0004-verdicts")
def _verdicts(db: Database) -> None:
    for statement in _statements(VERDICTS):
        db.execute(statement)


@MIGRATIONS(name="0005-wishes")
def _wishes(db: Database) -> None:
    for statement in _statements(WISHES):
        db.execute(statement)


@MIGRATIONS(name="0006-walls")
def _walls(db: Database) -> None:
    for statement in _statements(WALLS):
        db.execute(statement)


@MIGRATIONS(name="0007-templates")
def _templates(db: Database) -> None:
    for statement in _statements(TEMPLATES):
        db.execute(statement)
    # What is held teaches as well: else the templates of an old archive were learnt from new articles alone.
    rows = db.execute(BODY_BLOCKS)
    db.conn.executemany(
        "INSERT OR IGNORE INTO template_blocks VALUES (?, ?, ?, ?, ?, 0)",
        (
            (source, mark, article_id, published_at, position)
            for source, article_id, published_at, position, role, text in rows
            for mark in find_fingerprints([LabelledBlock(Role(role), text, "")])
        ),
    )


@MIGRATIONS(name="0008-text-confidence")
def _text_confidence(db: Database) -> None:
    for statement in _statements(TEXT_CONFIDENCE):
        db.execute(statement)


@MIGRATIONS(name="0009-retries")
def _retries(db: Database) -> None:
    for statement in _statements(RETRIES):
        db.execute(statement)


@MIGRATIONS(name="0010-deliveries")
def _deliveries(db: Database) -> None:
    for statement in _statements(DELIVERIES):
        db.execute(statement)
    rows = db.execute("SELECT id, since, until, timezone, made_at FROM editions").fetchall()
    db.conn.executemany("UPDATE editions SET kind = ?, day = ? WHERE id = ?", map(_dated_edition, rows))
    for statement in _statements(OLD_DELIVERIES):
        db.execute(statement)


def _dated_edition(row: tuple[int, str, str, str, str]) -> tuple[str, str, int]:
    """Kind, local day and id of an edition that was made before the three stood in one row."""
    edition_id, *times = row
    zone = ZoneInfo(times[2])
    since, until = (datetime.fromisoformat(text).astimezone(zone) for text in times[:2])
    day = (until.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone).date()
    is_whole = since.date() == day and since.time() == until.time() == time() and times[3] >= times[1]
    return "nightly" if is_whole else "extra", day.isoformat(), edition_id


@MIGRATIONS(name="0011-public")
def _public(db: Database) -> None:
    for statement in _statements(PUBLIC):
        db.execute(statement)


@MIGRATIONS(name="0012-search-index")
def _search_index(db: Database) -> None:
    create, index = _statements(SEARCH_COLUMN), _statements(SEARCH_INDEX)
    for name in ("articles_ai", "articles_ad", "articles_au"):
        db.execute(f"DROP TRIGGER {name}")
    db.execute("DROP TABLE articles_fts")
    for statement in create:
        db.execute(statement)
    _compose_texts(db)
    _fill_search_forms(db)
    for statement in index:
        db.execute(statement)
    db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")


@MIGRATIONS(name="0013-revisits")
def _revisits(db: Database) -> None:
    for statement in _statements(REVISITS):
        db.execute(statement)


def _compose_texts(db: Database) -> None:
    """Bring the texts of an old archive into NFC, as those of new articles are; few rows change."""
    for table, columns in _COMPOSED.items():
        beyond = " OR ".join(f"{column} GLOB :beyond" for column in columns)
        for row_id, *texts in _in_batches(db, table, columns, f"({beyond})"):
            form = [
                text and (composed_markdown(text) if column == "markdown" else composed(text))
                for column, text in zip(columns, texts, strict=True)
            ]
            if form != texts:
                changes = ", ".join(f"{column} = ?" for column in columns)
                db.execute(f"UPDATE {table} SET {changes} WHERE id = ?", [*form, row_id])  # noqa: S608 - our own names


def _fill_search_forms(db: Database) -> None:
    for row_id, *texts in _in_batches(db, "articles", ("headline", "dek", "body", "captions")):
        if forms := search_forms(texts):
            db.execute("UPDATE articles SET search_forms = ? WHERE id = ?", [forms, row_id])


def _in_batches(db: Database, table: str, columns: Iterable[str], condition: str = "TRUE") -> Iterator[tuple[Any, ...]]:
    """Rows of a table by their ids, read some at a time, so that they may be changed meanwhile."""
    select = f"SELECT id, {', '.join(columns)} FROM {table} WHERE id > :last AND {condition} ORDER BY id LIMIT 500"  # noqa: S608
    last_id = -1
    while rows := db.execute(select, {"last": last_id, "beyond": _BEYOND}).fetchall():
        yield from (tuple(row) for row in rows)
        last_id = rows[-1][0]


@MIGRATIONS(name="0014-listings")
def _listings(db: Database) -> None:
    for statement in _statements(LISTINGS):
        db.execute(statement)


def _statements(script: str) -> list[str]:
    r"""
    The single statements of a script; `executescript` would commit the migration's transaction.

    >>> _statements("CREATE TABLE a (b TEXT); -- a note\nCREATE TABLE c (d TEXT);")
    ['CREATE TABLE a (b TEXT);', ' -- a note\nCREATE TABLE c (d TEXT);']
    """
    statements: list[str] = []
    current = ""
    for part in script.split(";")[:-1]:
        current += part + ";"
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements


FIRST_TABLES = """
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
"""

PAGE_KINDS = """
ALTER TABLE articles ADD COLUMN kind TEXT NOT NULL DEFAULT 'news'; -- as scraper.model.PageKind has them
ALTER TABLE articles ADD COLUMN kind_confidence REAL NOT NULL DEFAULT 0.0; -- 0 to 1; origins says why
ALTER TABLE articles ADD COLUMN variants TEXT NOT NULL DEFAULT '[]'; -- JSON list: amp, print, paginated
ALTER TABLE blocks ADD COLUMN cell TEXT; -- JSON list: data table, row, column, each from 0
CREATE INDEX articles_kind ON articles(kind);
"""

METERS = """
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
"""

VERDICTS = """
ALTER TABLE articles ADD COLUMN confidence REAL NOT NULL DEFAULT 0.0;  -- of both answers about access, 0 to 1
ALTER TABLE articles ADD COLUMN conflict INTEGER NOT NULL DEFAULT 0 CHECK (conflict IN (0, 1));  -- of statements
ALTER TABLE evidence ADD COLUMN decided INTEGER NOT NULL DEFAULT 0 CHECK (decided IN (0, 1));  -- verdict rests on it
ALTER TABLE evidence ADD COLUMN note TEXT NOT NULL DEFAULT '';  -- why it was weighed and set aside
"""

WISHES = """
ALTER TABLE requests ADD COLUMN wishes TEXT;  -- JSON list of what the publisher says may be done with it, verbatim
ALTER TABLE articles ADD COLUMN wishes TEXT NOT NULL DEFAULT '[]';  -- the same, of its latest fetch
ALTER TABLE articles ADD COLUMN noarchive INTEGER NOT NULL DEFAULT 0 CHECK (noarchive IN (0, 1));  -- obeyed
ALTER TABLE articles ADD COLUMN snippet_limit INTEGER;  -- obeyed: most characters to be quoted, 0 for none
ALTER TABLE articles ADD COLUMN unavailable_after TEXT;  -- obeyed: not shown any more from then on
ALTER TABLE articles ADD COLUMN tdm_reserved INTEGER NOT NULL DEFAULT 0 CHECK (tdm_reserved IN (0, 1));  -- obeyed
CREATE INDEX articles_noarchive ON articles(id) WHERE noarchive;
CREATE INDEX articles_unavailable ON articles(unavailable_after) WHERE unavailable_after IS NOT NULL;

CREATE TABLE tdm_files (             -- the file in which a host reserves text and data mining
    host TEXT PRIMARY KEY,           -- and port
    asked_at TEXT NOT NULL,
    text TEXT NOT NULL               -- verbatim; empty where there are no rules
) STRICT, WITHOUT ROWID;
"""

WALLS = """
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
"""

TEMPLATES = """
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
"""
BODY_BLOCKS = """
    SELECT source, articles.id, COALESCE(published_at, first_seen_at), position, role, text
    FROM articles JOIN blocks USING (revision_id)
    WHERE source IS NOT NULL AND role IN ('body', 'subhead', 'list', 'quote') AND cell IS NULL
    ORDER BY articles.id, position
"""

TEXT_CONFIDENCE = """
ALTER TABLE articles ADD COLUMN text_confidence REAL NOT NULL DEFAULT 0.0; -- how well the text was told from the rest
"""

RETRIES = """
ALTER TABLE entries ADD COLUMN listed_at TEXT;  -- when a listing named it last
ALTER TABLE entries ADD COLUMN next_at TEXT;  -- its page is not asked for before
ALTER TABLE entries ADD COLUMN failed_at TEXT;  -- first of the tries that failed
ALTER TABLE entries ADD COLUMN failed_why TEXT;  -- and why the last one did, for the reader
ALTER TABLE entries ADD COLUMN given_up_at TEXT;  -- its page is not asked for any more
ALTER TABLE entries ADD COLUMN gone INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1));  -- its publisher took it away
ALTER TABLE entries ADD COLUMN came_at TEXT;  -- when its page came whole; a 304 brings none
ALTER TABLE entries ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;  -- looks in a row that found it as it was
ALTER TABLE entries ADD COLUMN claimed_at TEXT;  -- when a listing said that it changed
ALTER TABLE entries ADD COLUMN unfounded INTEGER NOT NULL DEFAULT 0;  -- looks in a row for such words, in vain
ALTER TABLE entries ADD COLUMN formerly TEXT;  -- URL key of the entry that had its GUID before
CREATE INDEX entries_url ON entries(url);
CREATE INDEX entries_guid ON entries(source, guid) WHERE guid IS NOT NULL;
CREATE INDEX entries_given_up ON entries(given_up_at) WHERE given_up_at IS NOT NULL;
ALTER TABLE articles ADD COLUMN changed_at TEXT;  -- a listing says that it changed, and it could not be looked at
UPDATE entries SET tries = 0 WHERE fetched_at IS NULL;  -- three tries were the end of it; there are more now

CREATE TABLE host_rests (            -- hosts that are left alone for a while
    host TEXT NOT NULL,              -- and port
    scope TEXT NOT NULL,             -- all, or pages: its listings are visited all the same
    rest_until TEXT NOT NULL,
    why TEXT NOT NULL,               -- for the reader
    since TEXT NOT NULL,             -- of the first rest in a row
    spells INTEGER NOT NULL,         -- rests in a row
    PRIMARY KEY (host, scope)
) STRICT, WITHOUT ROWID;

CREATE VIEW lost AS                  -- articles that a listing named, and that were given up without a text
SELECT source, url, title, published_at, first_seen_at, given_up_at, gone, tries,
    COALESCE(failed_why, left_why) AS why
FROM entries
WHERE given_up_at IS NOT NULL AND fetched_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM article_urls WHERE article_urls.url_key = entries.url_key);
"""

DELIVERIES = """
ALTER TABLE editions ADD COLUMN kind TEXT NOT NULL DEFAULT 'nightly';  -- nightly (a whole day, after its end) or extra
ALTER TABLE editions ADD COLUMN day TEXT NOT NULL DEFAULT '';  -- local day on which its window ends
ALTER TABLE editions ADD COLUMN article_count INTEGER NOT NULL DEFAULT 0;  -- when it was made
CREATE INDEX editions_day ON editions(day, kind);

CREATE TABLE edition_records (       -- an edition as it was made, for who gets it later
    edition_id INTEGER PRIMARY KEY REFERENCES editions(id) ON DELETE CASCADE,
    record TEXT NOT NULL             -- JSON
) STRICT;

ALTER TABLE deliveries RENAME TO old_deliveries;
CREATE TABLE deliveries (            -- an edition on its way to one reader, or to the files
    id INTEGER PRIMARY KEY,
    edition_id INTEGER NOT NULL REFERENCES editions(id) ON DELETE CASCADE,
    channel TEXT NOT NULL,           -- mail or files
    target TEXT NOT NULL,            -- mail: the address of the reader; files: their name without suffix
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),  -- failed: given up
    created_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,                 -- what the latest try that failed was told
    next_try_at TEXT,                -- while it is pending; NULL is at once
    sent_at TEXT,
    UNIQUE (edition_id, channel, target)
) STRICT;
CREATE INDEX deliveries_target ON deliveries(channel, target);
CREATE INDEX deliveries_pending ON deliveries(id) WHERE state = 'pending';
"""
# What was told before each delivery had a row: files of every edition, mail as it was noted.
OLD_DELIVERIES = """
UPDATE editions SET article_count = (SELECT COUNT(*) FROM edition_items WHERE edition_id = editions.id);
INSERT INTO deliveries (edition_id, channel, target, state, created_at, tries, sent_at)
    SELECT id, 'files', day, 'sent', made_at, 1, made_at FROM editions;
INSERT INTO deliveries (edition_id, channel, target, state, created_at, tries, sent_at)
    SELECT edition_id, 'mail', reader, 'sent', sent_at, 1, sent_at FROM old_deliveries
    GROUP BY edition_id, reader;
DROP TABLE old_deliveries;
"""

SEARCH_COLUMN = """
ALTER TABLE articles ADD COLUMN search_forms TEXT NOT NULL DEFAULT ''; -- for search alone: scraper.text.search_forms
"""
# Double quotes, as sqlite-utils and datasette write it: they find the index of a table by this text. The triggers
# must work for any program that opens the file, so they call no function of ours.
SEARCH_INDEX = """
CREATE VIRTUAL TABLE articles_fts USING fts5(
    headline, dek, body, captions, search_forms,
    content="articles", content_rowid="id", tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TRIGGER articles_ai AFTER INSERT ON articles BEGIN
    INSERT INTO articles_fts(rowid, headline, dek, body, captions, search_forms)
    VALUES (new.id, new.headline, new.dek, new.body, new.captions, new.search_forms);
END;
CREATE TRIGGER articles_ad AFTER DELETE ON articles BEGIN
    INSERT INTO articles_fts(articles_fts, rowid, headline, dek, body, captions, search_forms)
    VALUES ('delete', old.id, old.headline, old.dek, old.body, old.captions, old.search_forms);
END;
CREATE TRIGGER articles_au AFTER UPDATE OF headline, dek, body, captions, search_forms ON articles BEGIN
    INSERT INTO articles_fts(articles_fts, rowid, headline, dek, body, captions, search_forms)
    VALUES ('delete', old.id, old.headline, old.dek, old.body, old.captions, old.search_forms);
    INSERT INTO articles_fts(rowid, headline, dek, body, captions, search_forms)
    VALUES (new.id, new.headline, new.dek, new.body, new.captions, new.search_forms);
END;
"""
# By table: what holds texts, not addresses or evidence.
_COMPOSED = {
    "articles": tuple("headline kicker dek byline authors section publication tags body captions".split()),
    "revisions": ("headline", "dek"),
    "blocks": ("text", "markdown"),
    "images": ("caption", "credit", "alt"),
}

# Texts with a character from U+0300 on; all others are in NFC (NFC_Quick_Check of UAX #15), and most of them ASCII.
_BEYOND = "*[^\x01-\u02ff]*"

REVISITS = """
CREATE TABLE revisits (              -- a page that came again with the same bytes, and was not kept again
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL REFERENCES captures(id) ON DELETE CASCADE,  -- the raw response that has the bytes
    captured_at TEXT NOT NULL,
    warc_file TEXT NOT NULL,         -- of the WARC record of type revisit
    warc_offset INTEGER NOT NULL,
    warc_length INTEGER NOT NULL
) STRICT;
CREATE INDEX revisits_capture ON revisits(capture_id);
"""

PUBLIC = """
CREATE TABLE changes (               -- which rows were written, for whoever keeps a view of them in step
    seq INTEGER PRIMARY KEY,
    mark INTEGER NOT NULL DEFAULT (random()),  -- tells this archive from a copy of it that went another way
    name TEXT NOT NULL,              -- the table; articles for all of one, articles.seen for its last_seen_at
    key ANY                          -- primary key of the row
) STRICT;
"""

LISTINGS = """
CREATE TABLE listings (              -- what is known of a feed, sitemap or index page between its visits
    source TEXT NOT NULL REFERENCES sources(name),
    url TEXT NOT NULL,
    kind TEXT NOT NULL,              -- feed, sitemap, index page
    since TEXT NOT NULL,             -- when we saw it first
    named_in TEXT,                   -- the sitemap index that names it; NULL for the configuration
    named_at TEXT,                   -- when that named it last
    modified_at TEXT,                -- when it changed last, as the index says
    position INTEGER NOT NULL DEFAULT 0,  -- its place in the index
    visited_at TEXT,                 -- when it was asked for last, whatever came
    seen_at TEXT,                    -- when it came last and could be read, or had not changed
    news_at TEXT,                    -- when it last had something new
    usual_seconds INTEGER,           -- how long it usually is without news, as far as that was learnt
    least_quiet_seconds INTEGER NOT NULL DEFAULT 259200,  -- a shorter silence is never called quiet
    rhythm TEXT,                     -- JSON: seconds to wait, hours (UTC) and days (0 is Monday) to skip, as it says
    ask_after TEXT,                  -- it is not asked for before
    full_at TEXT,                    -- when it was last asked for without validators
    conditional_count INTEGER NOT NULL DEFAULT 0,  -- and how often with them since
    distrusted_at TEXT,              -- when its validators were last found to lie
    failed_count INTEGER NOT NULL DEFAULT 0,  -- visits in a row of which nothing came
    moved_to TEXT,                   -- where it was redirected to for good
    moved_count INTEGER NOT NULL DEFAULT 0,  -- at so many visits in a row
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX listings_named_in ON listings(source, named_in, named_at);

ALTER TABLE sources ADD COLUMN visited_at TEXT;  -- when its turn came last, whichever listings were asked for
ALTER TABLE source_checks ADD COLUMN fresh_count INTEGER NOT NULL DEFAULT 0;  -- entries nobody knew at its last visit
UPDATE source_checks SET fresh_count = new_count WHERE new_count > 0;
CREATE INDEX source_checks_news ON source_checks(source, checked_at) WHERE fresh_count > 0;

INSERT INTO listings (source, url, kind, since, visited_at, seen_at, news_at)
SELECT source, url, kind, MIN(checked_at), MAX(checked_at),
    MAX(CASE WHEN outcome IN ('found', 'unchanged', 'empty') THEN checked_at END),
    MAX(CASE WHEN new_count > 0 THEN checked_at END)
FROM source_checks GROUP BY source, url;
"""

# In the order of the migrations; docs/archive.md lists the tables and columns from them.
SCRIPTS = (
    FIRST_TABLES,
    PAGE_KINDS,
    METERS,
    VERDICTS,
    WISHES,
    WALLS,
    TEMPLATES,
    TEXT_CONFIDENCE,
    RETRIES,
    DELIVERIES,
    PUBLIC,
    SEARCH_COLUMN,
    REVISITS,
    LISTINGS,
)
