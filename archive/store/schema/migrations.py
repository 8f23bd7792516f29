"""
The tables of the archive, as migrations. Their names are part of the interface:
people query them in datasette.

Every table is STRICT. Times are TEXT, UTC, ISO 8601 with a trailing "Z", so that text order is time
order. JSON columns hold lists or objects. Each file in `sql/` is a migration, in the order of the
names.

A migration and its record commit together (sqlite-utils `Migrations`). Never edit a
migration that has been released: add the next one below it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlite_utils import Database, Migrations

from archive.judge.templates import find_fingerprints
from scraper.errors import ArchiveError, SchemaError
from scraper.folding import search_forms
from scraper.model import LabelledBlock, Role
from scraper.read.composed import composed_markdown
from scraper.text import composed

MIGRATIONS = Migrations("presswatch")


def migrate(connection: sqlite3.Connection, path: Path | str) -> None:
    """
    Bring the database up to the schema of this version, and nothing else: a file of another program
    is left alone.

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


def schema_name() -> str:
    """The schema of this version, by its last migration."""
    return _names()[-1]


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


def _learn_templates(db: Database) -> None:
    """
    What is held teaches as well: else the templates of an old archive were learnt from new articles
    alone.
    """
    rows = db.execute(_BODY_BLOCKS)
    db.conn.executemany(
        "INSERT OR IGNORE INTO template_blocks VALUES (?, ?, ?, ?, ?, 0)",
        (
            (source, mark, article_id, published_at, position)
            for source, article_id, published_at, position, role, text in rows
            for mark in find_fingerprints([LabelledBlock(Role(role), text, "")])
        ),
    )


def _date_editions(db: Database) -> None:
    """Say of old editions which day they are of, and to whom each was delivered."""
    rows = db.execute("SELECT id, since, until, timezone, made_at FROM editions").fetchall()
    db.conn.executemany("UPDATE editions SET kind = ?, day = ? WHERE id = ?", map(_dated_edition, rows))
    for statement in _statements(_OLD_DELIVERIES):
        db.execute(statement)


def _dated_edition(row: tuple[int, str, str, str, str]) -> tuple[str, str, int]:
    """Kind, local day and id of an edition that was made before the three stood in one row."""
    edition_id, *times = row
    zone = ZoneInfo(times[2])
    since, until = (datetime.fromisoformat(text).astimezone(zone) for text in times[:2])
    day = (until.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone).date()
    is_whole = since.date() == day and since.time() == until.time() == time() and times[3] >= times[1]
    return "nightly" if is_whole else "extra", day.isoformat(), edition_id


def _make_search_column(db: Database) -> None:
    """Take the old index away, and bring the texts into the form that the new one is made of."""
    for name in ("articles_ai", "articles_ad", "articles_au"):
        db.execute(f"DROP TRIGGER {name}")
    db.execute("DROP TABLE articles_fts")
    _run(db, "0012-search-column")
    _compose_texts(db)
    _fill_search_forms(db)


def _fold_search_forms(db: Database) -> None:
    """Put what is looked for in the place of what was: the triggers may not touch an old index meanwhile."""
    triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'articles_a?'")
    made = triggers.fetchall()
    for name, _ in made:
        db.execute(f"DROP TRIGGER {name}")
    db.execute("UPDATE articles SET search_forms = '' WHERE search_forms != ''")
    _fill_search_forms(db)
    for _, sql in made:
        db.execute(sql)


def _rebuild_search_index(db: Database) -> None:
    db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")


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


def script_of(name: str) -> str:
    """The SQL of a migration, or of a part of it."""
    return (files("archive.store.schema") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def script_names() -> tuple[str, ...]:
    """The names of all of them, in the order of the migrations."""
    folder = files("archive.store.schema") / "sql"
    return tuple(sorted(file.name.removesuffix(".sql") for file in folder.iterdir()))


def scripts() -> tuple[str, ...]:
    """
    All of them, in the order of the migrations: docs/archive.md lists the tables and columns from
    them.
    """
    return tuple(map(script_of, script_names()))


def _run(db: Database, name: str) -> None:
    for statement in _statements(script_of(name)):
        db.execute(statement)


_BODY_BLOCKS = """
    SELECT source, articles.id, COALESCE(published_at, first_seen_at), position, role, text
    FROM articles JOIN blocks USING (revision_id)
    WHERE source IS NOT NULL AND role IN ('body', 'subhead', 'list', 'quote') AND cell IS NULL
    ORDER BY articles.id, position
"""


# What was told before each delivery had a row: files of every edition, mail as it was noted.
_OLD_DELIVERIES = """
UPDATE editions SET article_count = (SELECT COUNT(*) FROM edition_items WHERE edition_id = editions.id);
INSERT INTO deliveries (edition_id, channel, target, state, created_at, tries, sent_at)
    SELECT id, 'files', day, 'sent', made_at, 1, made_at FROM editions;
INSERT INTO deliveries (edition_id, channel, target, state, created_at, tries, sent_at)
    SELECT edition_id, 'mail', reader, 'sent', sent_at, 1, sent_at FROM old_deliveries
    GROUP BY edition_id, reader;
DROP TABLE old_deliveries;
"""

# By table: what holds texts, not addresses or evidence.
_COMPOSED = {
    "articles": tuple("headline kicker dek byline authors section publication tags body captions".split()),
    "revisions": ("headline", "dek"),
    "blocks": ("text", "markdown"),
    "images": ("caption", "credit", "alt"),
}

# Texts with a character from U+0300 on; all others are in NFC (NFC_Quick_Check of UAX #15), and
# most of them ASCII.
_BEYOND = "*[^\x01-\u02ff]*"

# What is done when the SQL of a migration was: it needs Python.
_AND_THEN: dict[str, Callable[[Database], None]] = {
    "0007-templates": _learn_templates,
    "0010-deliveries": _date_editions,
    "0012-search-index": _rebuild_search_index,
    "0020-search-words": _rebuild_search_index,
}
# What is done before.
_FIRST: dict[str, Callable[[Database], None]] = {
    "0012-search-index": _make_search_column,
    "0020-search-words": _fold_search_forms,
}
# A part of the migration of the same number, and none by itself.
_PARTS = frozenset({"0012-search-column"})


def _add(name: str) -> None:
    @MIGRATIONS(name=name)
    def _(db: Database) -> None:
        for step in (_FIRST.get(name), partial(_run, name=name), _AND_THEN.get(name)):
            if step:
                step(db)


# Every SQL file is a migration: a new one is the file alone.
for _name in script_names():
    if _name not in _PARTS:
        _add(_name)
