"""
The connection: transactions, statements, and how values are stored.

Foreign errors are mapped here.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive.store.functions import register_functions
from archive.store.lock import wait_for_lock
from archive.store.public.changes import note_changes
from archive.store.schema.migrations import migrate, require_schema
from scraper.errors import ArchiveError, ArchiveLockedError

# Seconds that a statement waits for another connection (a reader may hold up a checkpoint).
_BUSY_TIMEOUT = 10.0
# A look-up by runs of words touches pages all over their index; SQLite keeps 2 MB, and reads the rest
# from the system again and again.
_CACHE_KIB = 65_536
# Of SQLite's machine between two looks at the clock: some tenths of a millisecond.
_STEPS = 1000
_SURROGATE = re.compile("[\ud800-\udfff]")

_Parameters = Sequence[Any] | Mapping[str, Any]


class Connection:
    """
    One open archive. Use as a context manager; made by `Archive.open`.

    A connection belongs to the thread that opened it. Methods that write do so in one
    transaction each; within `transaction` several of them commit together.
    """

    def __init__(
        self, path: Path | str, connection: sqlite3.Connection, resources: ExitStack, *, is_writable: bool
    ) -> None:
        self.path = path
        self.is_writable = is_writable
        self._connection = connection
        self._resources = resources

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        write: bool,
        wait: timedelta = timedelta(),
        on_wait: Callable[[ArchiveLockedError], None] = lambda _: None,
    ) -> Self:
        """
        The archive at *path*, made where it is missing if *write*; ":memory:" is one that nobody
        else sees.

        Args:
            wait: How long another writer is waited for; *on_wait* is told once that there is one.

        Raises:
            ArchiveLockedError: Another process writes to it, and did for all of *wait*.
            SchemaError: It was made by a newer presswatch, or by an older one and *write* is False.
            ArchiveError: It cannot be opened, is missing, or is something else.
        """
        with ExitStack() as resources, mapped(path):
            target = str(path)
            if target != ":memory:":
                database = _checked(Path(path), write=write)
                if write:
                    resources.enter_context(wait_for_lock(database, wait, on_wait=on_wait))
                    _keep_for_owner(database)
                is_immutable = not write and is_read_only_media(database)
                target = f"{database.as_uri()}?{'mode=rwc' if write else 'mode=ro'}{'&immutable=1' * is_immutable}"
            connection = sqlite3.connect(target, timeout=_BUSY_TIMEOUT, isolation_level=None, uri=True)
            resources.callback(connection.close)
            _prepare(connection, path, write=write)
            return cls(path, connection, resources.pop_all(), is_writable=write)

    @property
    def has_state(self) -> bool:
        """Whether the owner's marks can be asked for."""
        return any(row["name"] == "state" for row in self._rows("PRAGMA database_list"))

    def close(self) -> None:
        """Close the database, then give the lock back."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """
        All that is written within commits together or not at all;
        inside another one it joins that.
        """
        if self._connection.in_transaction:
            yield
            return
        self._run("BEGIN IMMEDIATE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # the error that led here says more; a full disk may have rolled back already
                self._connection.rollback()
            raise

    @contextmanager
    def at_most(self, span: timedelta) -> Iterator[None]:
        """What is asked within is an `ArchiveError` where it takes longer."""
        end = time.monotonic() + span.total_seconds()
        self._connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            yield
        finally:
            self._connection.set_progress_handler(None, 0)

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """What is written within is never committed: for what only tells what would be."""
        self._run("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            self._connection.rollback()

    def _run(self, sql: str, parameters: _Parameters = ()) -> sqlite3.Cursor:
        with mapped(self.path):
            try:
                return self._connection.execute(sql, parameters)
            except UnicodeEncodeError:  # hardly ever: to look for it first takes as long as a row's writing
                return self._connection.execute(sql, _storable(parameters))

    def _run_many(self, sql: str, rows: Iterable[_Parameters]) -> None:
        rows = list(rows)
        if not rows:
            return
        with mapped(self.path), self._all_or_nothing():
            try:
                self._connection.executemany(sql, rows)
            except UnicodeEncodeError:
                self._connection.execute("ROLLBACK TO many")
                self._connection.executemany(sql, map(_storable, rows))

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        self._connection.execute("SAVEPOINT many")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have rolled back already
                self._connection.execute("ROLLBACK TO many")
            raise
        finally:
            if self._connection.in_transaction:
                self._connection.execute("RELEASE many")

    def _rows(self, sql: str, parameters: _Parameters = ()) -> list[sqlite3.Row]:
        with mapped(self.path):  # a damaged page may be met by a later row
            return self._run(sql, parameters).fetchall()

    def _row(self, sql: str, parameters: _Parameters = ()) -> sqlite3.Row | None:
        return next(iter(self._rows(sql, parameters)), None)

    def _value(self, sql: str, parameters: _Parameters = ()) -> Any:  # noqa: ANN401 - a column of any type
        row = self._row(sql, parameters)
        return row[0] if row else None

    def _insert(self, sql: str, parameters: _Parameters) -> int:
        row_id = self._run(sql, parameters).lastrowid
        assert row_id is not None
        return row_id


def state_path(archive: Path) -> Path:
    """
    Where the owner's marks on the articles of an archive lie.

    >>> state_path(Path("data/presswatch.db")).name
    'presswatch-state.db'
    """
    return archive.with_name(f"{archive.stem}-state.db")


def attach_state(connection: sqlite3.Connection, archive: Path | str) -> None:
    """
    Let a connection see the owner's marks, as the schema `state`, where there are any.

    They lie beside the archive. Beside a public view there are none, nor may anything ask for them
    there.

    Raises:
        ArchiveError: The file with the marks is broken.
    """
    state = state_path(Path(archive).resolve())
    if str(archive) != ":memory:" and state.exists():
        with mapped(state):  # it is this file that is broken, and not the archive
            connection.execute("ATTACH DATABASE ? AS state", (f"{state.as_uri()}?mode=ro",))


def _prepare(connection: sqlite3.Connection, path: Path | str, *, write: bool) -> None:
    """Let a connection work as ours do, on the tables of this version."""
    connection.row_factory = sqlite3.Row
    register_functions(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    if not write:
        require_schema(connection, path)
        attach_state(connection, path)
        return
    # With NORMAL a power cut may lose the last transactions, never tear one (sqlite.org/wal.html
    # §2.1).
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    migrate(connection, path)
    note_changes(connection)


def _may_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK)


def is_read_only_media(database: Path, may_write: Callable[[Path], bool] = _may_write) -> bool:
    """
    Whether nobody writes to a database, because it lies where nothing can be written.

    Readers of a WAL database make a -shm file beside it. Where they cannot, and none is there,
    SQLite reads it when it is promised that the file does not change (sqlite.org/wal.html §6,
    "Read-Only Databases").

    Raises:
        ArchiveError: Commits lie in a WAL file that cannot be read there.
    """
    if may_write(database.parent):
        return False
    wal, memory = (database.with_name(database.name + suffix) for suffix in ("-wal", "-shm"))
    if memory.exists():  # of a writer at work, or of one that was killed: SQLite reads through it
        return False
    if wal.exists() and wal.stat().st_size:
        problem = f"its latest commits lie in {wal.name}, which cannot be read where nothing can be written: copy both"
        raise ArchiveError(database, problem)
    return True


def _checked(path: Path, *, write: bool) -> Path:
    """
    The absolute path of a database that can be opened; one file has one such path. A writer's
    folder is made.
    """
    database = path.resolve()
    try:
        is_folder, is_there = database.is_dir(), database.exists()
    except OSError as error:
        raise ArchiveError(path, f"its folder cannot be looked into: {error.strerror}") from error
    if is_folder:
        raise ArchiveError(path, "this is a folder; an archive is a file (merge --into makes one of shards)")
    if write:
        try:
            database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveError(path, f"the folder {database.parent} cannot be made: {error.strerror}") from error
    elif not is_there:
        raise ArchiveError(path, "there is no archive here yet; a first pass makes one")
    return database


def _keep_for_owner(database: Path) -> None:
    """
    See to it that nobody else reads the file, nor what SQLite keeps beside it, which gets the same
    mode.
    """
    with suppress(OSError):  # one that we may write and do not own stays as its owner made it
        database.touch(mode=0o600)
        for file in (database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))):
            if file.exists() and file.stat().st_mode & 0o077:
                file.chmod(file.stat().st_mode & 0o700)


@contextmanager
def mapped(path: Path | str) -> Iterator[None]:
    """What SQLite complains about, as an `ArchiveError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise ArchiveError(path, _sentence(error)) from error


def _sentence(error: sqlite3.Error) -> str:
    match getattr(error, "sqlite_errorname", ""):
        case "SQLITE_NOTADB":
            return "this file is not a SQLite database"
        case "SQLITE_CANTOPEN":
            return "the database cannot be opened; are the file and its folder readable, and writable for a writer?"
        case "SQLITE_BUSY":
            return "another program keeps the database busy"
        case "SQLITE_INTERRUPT":
            return "this takes too long"
        case "SQLITE_FULL":
            return "the disk is full"
        case "SQLITE_READONLY" | "SQLITE_READONLY_DIRECTORY" | "SQLITE_READONLY_DBMOVED":
            return "the database is open for reading only, or lies where nothing can be written"
        case "SQLITE_READONLY_CANTINIT" | "SQLITE_READONLY_RECOVERY":
            return "the database was left in the middle of a write and cannot be mended where nothing can be written"
        case name if name.startswith("SQLITE_IOERR"):
            return f"the disk does not read or write as it should ({error}); is it full?"
        case _:
            return f"SQLite says: {error}"


def as_text(time: datetime) -> str:
    """
    A time as the archive stores it, to the second.

    >>> as_text(datetime(2024, 3, 1, 12, tzinfo=UTC))
    '2024-03-01T12:00:00Z'
    """
    if time.tzinfo is None:
        raise ValueError(f"a time without a zone: {time}")
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def as_text_or_none(time: datetime | None) -> str | None:
    """The same, where there may be none."""
    return None if time is None else as_text(time)


def as_time(text: str) -> datetime:
    """The time that `as_text` stored."""
    return datetime.fromisoformat(text)


def as_time_or_none(text: str | None) -> datetime | None:
    """The same, where there may be none."""
    return None if text is None else as_time(text)


def as_bool_or_none(value: int | None) -> bool | None:
    """A flag as it was stored; None where it is not known."""
    return None if value is None else bool(value)


def as_window(since: datetime | None, until: datetime | None) -> dict[str, str]:
    """
    The bounds of a window as texts; where one is open, a text that sorts before or after every
    time.
    """
    return {"since": "" if since is None else as_text(since), "until": "~" if until is None else as_text(until)}


def as_json(value: object) -> str:
    """A list or an object for a JSON column, letters as they are."""
    return json.dumps(value, ensure_ascii=False)


def _storable(parameters: _Parameters) -> _Parameters:
    r"""
    The parameters with lone surrogates replaced: JSON on pages has them ("\ud83d"), UTF-8 cannot.

    >>> _storable(("a\ud83d", 1))
    ('a\ufffd', 1)
    """
    values = parameters.values() if isinstance(parameters, Mapping) else parameters
    for value in values:  # most rows are numbers and keys; this is done for each, so a plain loop
        if isinstance(value, str) and not value.isascii():
            break
    else:
        return parameters
    if isinstance(parameters, Mapping):
        return {name: _whole(value) for name, value in parameters.items()}
    return tuple(_whole(value) for value in parameters)


def _whole(value: object) -> object:
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) and not value.isascii() else value


def grouped(column: str, rows: list[sqlite3.Row]) -> dict[int, list[sqlite3.Row]]:
    """Rows by the value of a column that they are sorted by."""
    return {key: list(group) for key, group in groupby(rows, key=lambda row: row[column])}
