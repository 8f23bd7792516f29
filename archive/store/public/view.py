"""
The public view: a second database file with what anybody may see of an archive, which follows each
commit.

Whoever may ask SQL sees every row of a file, its full-text index and its unused pages included. So
what is the reader's alone is never in this one: of an article that is private, or of which no copy
is to be shown, it has headline, dek and addresses; of one that is not to be shown any more,
nothing. It is brought up to date by whoever serves it, before each answer, from what `changes` has
noted: one transaction that reads one state of the archive, so that the view is always the archive
as it was at one commit. The archive itself is opened for reading alone.
"""

# ruff: noqa: S608 - names of tables and columns are our own

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from zlib import crc32

from archive.store.articles.columns import told_of_private
from archive.store.connection import Connection, as_json, as_text, mapped
from archive.store.public.changes import NEVER, PARTS, ROWS, columns_of, primary_key
from archive.store.public.rules import (
    AMONG_SHOWN,
    FILTERS,
    INDEXED,
    IS_PRIVATE,
    IS_UNSHOWN,
    IS_WITHDRAWN,
    REFERENCES,
    TOLD_OF_ENTRY,
)
from scraper.errors import ArchiveError

# Seconds to wait for another process that brings the same view up to date.
_BUSY_TIMEOUT = 60.0
# Raised where the view is made in another way than before: it is made anew.
_VERSION = 3

# Tables whose rows lead to articles: copied when these are there.
_AFTER_ARTICLES = ("walls", "stories")
# Tables with addresses of pages, whose rows hang on whether the article is shown.
_KEYED = ("captures", "feed_texts", "entries")


class PublicView:
    """
    The public view of one archive, to be followed. Use as a context manager; made by
    `PublicView.open`.

    It belongs to the thread that opened it.
    """

    def __init__(self, path: Path, archive: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.archive = archive
        self._connection = connection
        self._version: int | None = None

    @classmethod
    def open(cls, path: Path, archive: Path) -> Self:
        """
        The view at *path* of the archive at *archive*; its file is made where it is missing, for
        its owner alone.

        Raises:
            ArchiveError: There is no archive of this version, or the view cannot be written.
        """
        if not archive.exists():
            raise ArchiveError(archive, "there is no archive here yet; a first pass makes one")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.chmod(0o600)
        except OSError as error:
            raise ArchiveError(path, f"the public view cannot be written: {error.strerror}") from error
        try:
            return cls(path, archive, _connect(path, archive))
        except sqlite3.DatabaseError:  # whatever this file is, it is made from the archive: begin anew
            with suppress(OSError):
                for file in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))):
                    file.unlink(missing_ok=True)
                path.touch(mode=0o600)
        with mapped(path):
            return cls(path, archive, _connect(path, archive))

    def close(self) -> None:
        """Close the file, and the archive."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def follow(self, now: datetime) -> bool:
        """
        Bring the view to the archive's latest commit, and whether there was anything to do.

        Where nothing was committed since the last time this costs microseconds.

        Raises:
            ArchiveError: The view cannot be written, or the archive not be read. The view stays as
                it was.
        """
        with mapped(self.path):
            version: int = self._connection.execute("PRAGMA archive.data_version").fetchone()[0]
            if version == self._version and not self._is_due(now):
                return False
            try:
                has_changed = self._bring_up(now)
            except sqlite3.IntegrityError:  # rows that changed places: what cannot be followed is made anew
                has_changed = self._bring_up(now, anew=True)
            # Read before: what was committed in between is looked at once more.
            self._version = version
            return has_changed

    def _is_due(self, now: datetime) -> bool:
        """Whether the time of an article is over that is still shown."""
        asked = "SELECT EXISTS (SELECT 1 FROM main.articles WHERE unavailable_after <= ?)"
        return bool(self._connection.execute(asked, (as_text(now),)).fetchone()[0])

    def _bring_up(self, now: datetime, *, anew: bool = False) -> bool:
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        try:
            fingerprint = self._schema_fingerprint()
            last = None if anew else self._last_change(fingerprint)
            if last is None:
                with Connection.open(self.archive, write=False):
                    pass  # still of this version: a newer presswatch may have come
                self._make_tables()
                run("INSERT INTO touched (id) SELECT id FROM archive.articles")
                run("INSERT INTO written SELECT value, NULL FROM json_each(?)", (as_json(ROWS),))
            else:
                self._note_written(last, now)
            has_changed = last is None or bool(
                run(
                    "SELECT EXISTS (SELECT 1 FROM written UNION SELECT 1 FROM touched UNION SELECT 1 FROM seen)"
                ).fetchone()[0]
            )
            if has_changed:
                self._copy(now, anew=last is None)
            if last is None:
                self._make_the_rest()
                run(f"PRAGMA application_id = {fingerprint}")
            run("DELETE FROM main.changes")
            run("INSERT INTO main.changes SELECT * FROM archive.changes ORDER BY seq DESC LIMIT 1")
            for table in ("written", "touched", "seen"):
                run(f"DELETE FROM temp.{table}")
            run("COMMIT")
        except BaseException:
            self._connection.rollback()
            raise
        if last is None:
            run("PRAGMA main.wal_checkpoint(TRUNCATE)")
        return has_changed

    # ------------------------------------------------------------ what is to be copied

    def _schema_fingerprint(self) -> int:
        """A number that is another one where the archive's tables are others."""
        rows = self._connection.execute("SELECT sql FROM archive.sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        return crc32("\n".join([str(_VERSION), *(row[0] for row in rows)]).encode()) & 0x7FFFFFFF

    def _last_change(self, fingerprint: int) -> int | None:
        """
        The number of the change up to which the view has followed; None where it has to be made
        anew.
        """
        run = self._connection.execute
        if run("PRAGMA main.application_id").fetchone()[0] != fingerprint:
            return None
        found = run("SELECT seq FROM main.changes JOIN archive.changes USING (seq, mark)").fetchone()
        return found[0] if found else None

    def _note_written(self, last: int, now: datetime) -> None:
        """Note which rows have changed since, and which articles' time is over."""
        asked = {"last": last, "now": as_text(now), "rows": as_json(ROWS)}
        for statement in _TOUCHED:
            self._connection.execute(statement, asked)
        # Where an article is shown no longer, or again, so is what hangs on its addresses.
        for table in _KEYED:
            key = primary_key(self._connection, table, "archive")
            self._connection.execute(_WRITTEN_OF_ADDRESSES.format(table=table, key=key or "NULL"))
        for statement in _WRITTEN_OF_ARTICLES:
            self._connection.execute(statement)

    # ------------------------------------------------------------ copying

    def _copy(self, now: datetime, *, anew: bool) -> None:
        run, times = self._connection.execute, {"now": as_text(now)}
        run(
            f"""
            UPDATE touched SET is_there = NOT {IS_WITHDRAWN}, is_shown = NOT {IS_WITHDRAWN} AND NOT {IS_PRIVATE}
            FROM archive.articles AS one WHERE one.id = touched.id
            """,
            times,
        )
        # CROSS JOIN keeps the order: the few first, never every article.
        was_shown = "SELECT 1 FROM touched CROSS JOIN main.articles AS old USING (id) WHERE NOT is_shown"
        is_unshown = run(f"SELECT EXISTS ({was_shown} AND NOT (old.private OR old.noarchive))").fetchone()[0]
        # What leads to a row is copied when that is there.
        for table in ROWS:
            if table not in _AFTER_ARTICLES:
                self._copy_rows(table, times)
        if not anew:
            for table, is_of in PARTS.items():
                run(f"DELETE FROM main.{table} WHERE {is_of.format(at='main', ids='SELECT id FROM touched')}")
        self._copy_articles(times, anew=anew)
        for table, is_of in PARTS.items():
            columns, values = self._columns(table, REFERENCES.get(table, {}))
            shown = f"SELECT id FROM touched WHERE {'is_there' if table == 'article_urls' else 'is_shown'}"
            run(
                f"""
                INSERT INTO main.{table} ({columns}) SELECT {values} FROM archive.{table} AS one
                WHERE {is_of.format(at="archive", ids=shown)} AND {FILTERS.get(table, "1")}
                """
            )
        for table in _AFTER_ARTICLES:
            self._copy_rows(table, times)
        if is_unshown:
            # A word that is deleted stays in the index until its part is merged: not one that is
            # not to be shown.
            run("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')")

    def _copy_rows(self, table: str, times: dict[str, str]) -> None:
        """
        Copy what was written of a table whose rows stand for themselves; all of it where a key is
        not known.
        """
        run = self._connection.execute
        found = run("SELECT COUNT(*), COUNT(key) FROM written WHERE name = ?", (table,)).fetchone()
        if not found[0]:
            return
        key = primary_key(self._connection, table, "archive")
        is_written = "1"
        if key and found[0] == found[1]:
            is_written = f"{key} IN (SELECT key FROM written WHERE name = '{table}')"
        run(f"DELETE FROM main.{table} WHERE {is_written}")
        columns, values = self._columns(table, REFERENCES.get(table, {}))
        if table == "entries":
            values = self._told(table, IS_UNSHOWN, TOLD_OF_ENTRY)
        run(
            f"""
            INSERT INTO main.{table} ({columns}) SELECT {values} FROM archive.{table} AS one
            WHERE {is_written} AND {FILTERS.get(table, "1")}
            """,
            times,
        )

    def _copy_articles(self, times: dict[str, str], *, anew: bool) -> None:
        run, names = self._connection.execute, columns_of(self._connection, "articles", "archive")
        told = self._told("articles", IS_PRIVATE, told_of_private(), AMONG_SHOWN)
        columns = ", ".join(names)
        if anew:
            taken = f"SELECT {told} FROM archive.articles AS one WHERE NOT {IS_WITHDRAWN}"
            run(f"INSERT INTO main.articles ({columns}) {taken}", times)
            return
        run("DELETE FROM main.articles WHERE id IN (SELECT id FROM touched WHERE NOT is_there)")
        run(
            f"""
            CREATE TEMP TABLE new AS SELECT {told} FROM (SELECT id FROM touched UNION SELECT id FROM seen) AS wanted
            CROSS JOIN archive.articles AS one ON one.id = wanted.id WHERE NOT {IS_WITHDRAWN}
            """,
            times,
        )
        others = ", ".join(f"{name} = new.{name}" for name in names if name not in {*INDEXED, "id"})
        indexed = ", ".join(f"{name} = new.{name}" for name in INDEXED)
        old, new = (", ".join(f"{of}.{name}" for name in INDEXED) for of in ("articles", "new"))
        same = "articles.id IN (SELECT id FROM temp.new) AND articles.id = new.id"
        run(f"UPDATE main.articles SET {others} FROM temp.new WHERE {same}")
        run(f"UPDATE main.articles SET {indexed} FROM temp.new WHERE {same} AND ({old}) IS NOT ({new})")
        is_new = "NOT EXISTS (SELECT 1 FROM main.articles WHERE articles.id = new.id)"
        run(f"INSERT INTO main.articles ({columns}) SELECT {columns} FROM temp.new WHERE {is_new}")
        run("DROP TABLE temp.new")

    def _columns(self, table: str, others: dict[str, str]) -> tuple[str, str]:
        """
        The columns of a table, and what is taken for each; they
        stand in this order in both files.
        """
        names = columns_of(self._connection, table, "archive")
        return ", ".join(names), ", ".join(others.get(name, f"one.{name}") for name in names)

    def _told(
        self, table: str, is_unshown: str, told: dict[str, str], others: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        """
        What is taken for each column of a table of which less is told of some rows; *others* are
        told otherwise of all.
        """
        values = []
        for _, name, kind, is_needed, default, is_key in self._connection.execute(
            f"PRAGMA archive.table_info({table})"
        ):
            blank = default or ("''" if kind == "TEXT" else "0") if is_needed or is_key else "NULL"
            whole = others.get(name, f"one.{name}")
            less = whole if name in others else told.get(name, blank)
            values.append(
                f"{whole if less == whole else f'CASE WHEN {is_unshown} THEN {less} ELSE {whole} END'} AS {name}"
            )
        return ", ".join(values)

    # ------------------------------------------------------------ tables

    def _make_tables(self) -> None:
        """Empty tables as the archive has them."""
        run = self._connection.execute
        for kind in ("view", "trigger", "table"):
            for name, sql in run("SELECT name, sql FROM main.sqlite_master WHERE type = ?", (kind,)).fetchall():
                if not name.startswith("sqlite_") and not _is_shadow(name) and sql:
                    run(f'DROP {kind} IF EXISTS main."{name}"')
        for sql in self._schema("table"):
            run(sql)
        run("INSERT INTO main._sqlite_migrations SELECT * FROM archive._sqlite_migrations")

    def _make_the_rest(self) -> None:
        """
        Indexes, views and triggers, when the rows are there; the full-text index is made in one
        piece.
        """
        run = self._connection.execute
        run("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
        for kind in ("index", "view", "trigger"):
            for sql in self._schema(kind):
                run(sql)

    def _schema(self, kind: str) -> list[str]:
        """
        The statements that made the archive's tables, indexes … in their order; not those that note
        changes.
        """
        rows = self._connection.execute(
            "SELECT sql, name FROM archive.sqlite_master WHERE type = ? AND sql IS NOT NULL ORDER BY rowid", (kind,)
        )
        return [sql for sql, name in rows if not name.startswith(("sqlite_", "changed_")) and not _is_shadow(name)]


# What has changed since the last change that was followed.
_TOUCHED = (
    """
    INSERT OR IGNORE INTO seen SELECT key FROM archive.changes
    WHERE seq > :last AND name = 'articles.seen' AND key IS NOT NULL
    """,
    """
    INSERT OR IGNORE INTO touched (id) SELECT key FROM archive.changes
    WHERE seq > :last AND name = 'articles' AND key IS NOT NULL
    """,
    "INSERT OR IGNORE INTO touched (id) SELECT id FROM main.articles WHERE unavailable_after <= :now",
    """
    INSERT INTO written SELECT DISTINCT name, key FROM archive.changes
    WHERE seq > :last AND name IN (SELECT value FROM json_each(:rows))
    """,
    # An article that comes, goes, or is shown no longer changes with whom others are shown.
    """
    INSERT OR IGNORE INTO touched (id)
    SELECT mate.id FROM touched CROSS JOIN archive.articles AS one USING (id)
    CROSS JOIN archive.articles AS mate ON mate.cluster_id = one.cluster_id
    UNION
    SELECT mate.id FROM touched CROSS JOIN main.articles AS one USING (id)
    CROSS JOIN main.articles AS mate ON mate.cluster_id = one.cluster_id
    """,
)
_WRITTEN_OF_ADDRESSES = """
    INSERT INTO written SELECT '{table}', {key} FROM archive.{table} WHERE url_key IN (
        SELECT url_key FROM archive.article_urls WHERE article_id IN (SELECT id FROM touched)
        UNION SELECT url_key FROM main.article_urls WHERE article_id IN (SELECT id FROM touched)
    )
"""
_WRITTEN_OF_ARTICLES = (
    """
    INSERT INTO written SELECT 'walls', id FROM archive.walls WHERE article_id IN (SELECT id FROM touched)
        OR capture_id IN (SELECT key FROM written WHERE name = 'captures')
    """,
    "INSERT INTO written SELECT 'stories', id FROM archive.stories WHERE central_id IN (SELECT id FROM touched)",
)


def tables_without_a_rule(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Tables of which nobody has said whether they are shown: they are not."""
    known = {*ROWS, *PARTS, *NEVER, "articles", "articles_fts", "_sqlite_migrations"}
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return tuple(name for (name,) in rows if name not in known and not _is_shadow(name))


def _is_shadow(name: str) -> bool:
    """Whether a table is one of those that the full-text index makes for itself."""
    return name.startswith("articles_fts_")


def _connect(path: Path, archive: Path) -> sqlite3.Connection:
    """
    A connection to the view, with the archive attached for reading; nothing of what is deleted
    stays in its file.
    """
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT, isolation_level=None, uri=True)
    try:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _attach(connection, archive)
        connection.execute("CREATE TEMP TABLE written (name TEXT, key)")
        connection.execute("CREATE TEMP TABLE touched (id INTEGER PRIMARY KEY, is_there DEFAULT 0, is_shown DEFAULT 0)")
        connection.execute("CREATE TEMP TABLE seen (id INTEGER PRIMARY KEY)")
    except BaseException:
        connection.close()
        raise
    return connection


def _attach(connection: sqlite3.Connection, archive: Path) -> None:
    """
    Attach the archive for reading; as a file that nobody writes where its folder does not let
    readers in.
    """
    for way in ("mode=ro", "immutable=1"):
        connection.execute("ATTACH ? AS archive", (f"{archive.resolve().as_uri()}?{way}",))
        try:
            connection.execute("SELECT COUNT(*) FROM archive.sqlite_master")
        except sqlite3.OperationalError:
            if way == "immutable=1":
                raise
            connection.execute("DETACH archive")
        else:
            return
