"""
Which rows of the archive were written, so that a view of them can follow each commit.

Triggers write a row into `changes` with every row that the public view shows
(`archive.store.public.view`), in the same transaction, whoever writes. They are made from the
tables as they are, at each opening for writing, so that a later migration need not think of them.
What is written on an article's parts is noted on the article.
"""

# ruff: noqa: S608 - names of tables and columns are our own

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

# Tables whose rows stand for themselves, with what is known of a page left out where that is the
# reader's alone.
ROWS = (
    "sources",
    "source_checks",
    "listings",
    "requests",
    "passes",
    "captures",
    "feed_texts",
    "entries",
    "editions",
    "meters",
    "meter_views",
    "walls",
    "source_boxes",
    "tdm_files",
    "host_rests",
    "stories",
)
# Tables whose rows are part of an article, with the SQL for "of one of the articles {ids}", in the
# schema {at}.
PARTS = {
    # First: which blocks are of an article is told by its revisions.
    "blocks": "revision_id IN (SELECT id FROM {at}.revisions WHERE article_id IN ({ids}))",
    "duplicates": "(article_id IN ({ids}) OR of_id IN ({ids}))",
    "cluster_rulings": "(article_id IN ({ids}) OR other_id IN ({ids}))",
} | dict.fromkeys(
    ("revisions", "article_urls", "images", "evidence", "cves", "template_blocks", "edition_items", "story_articles"),
    "article_id IN ({ids})",
)
# Fingerprints of texts, editions as they were made, addresses of readers, what a reader is alert to,
# and what only a pass needs. A table that stands nowhere here is not shown either.
NEVER = (
    "word_counts",
    "counted_languages",
    "story_words",
    "story_word_days",
    "fingerprints",
    "fingerprint_index",
    "text_ends",
    "imported_files",
    "readings",
    "pictures",
    "merges",
    "edition_records",
    "deliveries",
    "unjudged",
    "known_alerts",
    "missed_by_alerts",
    "alert_hits",
    "notices",
    "notice_deliveries",
    "article_validators",
    "revisits",
    "changes",
)

# Parts that are written at times without a revision or their article; all others are written with
# one of these.
_NOTED_PARTS = ("revisions", "article_urls", "duplicates", "cluster_rulings", "edition_items", "story_articles")
_PREFIX = "changed_"
# So many changes are kept: of about 25,000 articles, some 10 MB. Who is further behind begins anew.
_KEPT = 200_000


def note_changes(connection: sqlite3.Connection) -> None:
    """
    See to it that what is written from now on is noted, and let go what was noted long ago.

    Args:
        connection: In autocommit mode, with the schema of this version.
    """
    wanted = dict(_triggers(connection))
    found = dict(
        connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB ?", (f"{_PREFIX}*",)
        ).fetchall()
    )
    if wanted != found:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for name in found:
                connection.execute(f"DROP TRIGGER {name}")
            for sql in wanted.values():
                connection.execute(sql)
            # What was written before was not noted: who followed until now begins anew, because its
            # last mark is gone.
            connection.execute("DELETE FROM changes")
            connection.execute("INSERT INTO changes (name) VALUES ('begin')")
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
    connection.execute("DELETE FROM changes WHERE seq <= (SELECT MAX(seq) FROM changes) - ?", (_KEPT,))


def primary_key(connection: sqlite3.Connection, table: str, schema: str = "main") -> str | None:
    """The one column that is the primary key of a table; None where it is several, or none."""
    names = [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({table})") if row[5]]
    return names[0] if len(names) == 1 else None


def columns_of(connection: sqlite3.Connection, table: str, schema: str = "main") -> tuple[str, ...]:
    """The names of a table's columns."""
    return tuple(row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({table})"))


def _triggers(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """The triggers, by name."""
    for table in ROWS:
        key = primary_key(connection, table)
        yield from _three(connection, table, table, key)
    for table in _NOTED_PARTS:
        yield from _three(connection, table, "articles", "article_id")
    for event, row in (("INSERT", "new"), ("DELETE", "old")):
        yield _trigger("articles", event, f"AFTER {event} ON articles", "articles", f"{row}.id")
    others = [column for column in columns_of(connection, "articles") if column != "last_seen_at"]
    yield _trigger("articles", "UPDATE", f"AFTER UPDATE ON articles WHEN {_differ(others)}", "articles", "new.id")
    # An article that was seen unchanged need not be copied as a whole.
    yield _trigger(
        "articles",
        "SEEN",
        f"AFTER UPDATE OF last_seen_at ON articles WHEN {_differ(['last_seen_at'])}",
        "articles.seen",
        "new.id",
    )


def _three(connection: sqlite3.Connection, table: str, name: str, key: str | None) -> Iterator[tuple[str, str]]:
    new, old = (f"new.{key}", f"old.{key}") if key else ("NULL", "NULL")
    yield _trigger(table, "INSERT", f"AFTER INSERT ON {table}", name, new)
    yield _trigger(table, "DELETE", f"AFTER DELETE ON {table}", name, old)
    # Feeds are taken in whole at each visit, mostly as they were.
    yield _trigger(table, "UPDATE", f"AFTER UPDATE ON {table} WHEN {_differ(columns_of(connection, table))}", name, new)
    if key:
        yield _trigger(table, "MOVE", f"AFTER UPDATE OF {key} ON {table} WHEN {_differ([key])}", name, old)


def _differ(columns: list[str] | tuple[str, ...]) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("old", "new"))
    return f"({old}) IS NOT ({new})"


def _trigger(table: str, event: str, when: str, name: str, key: str) -> tuple[str, str]:
    trigger = f"{_PREFIX}{table}_{event.lower()}"
    return trigger, (
        f"CREATE TRIGGER {trigger} {when} BEGIN INSERT INTO changes (name, key) VALUES ('{name}', {key}); END"
    )
