"""
The file beside the archive with what its owner put on articles. The archive is not written by it.

Marks go by the URL key of an article, so that they outlive a new index, and an article that is
pruned and comes again. Each change is a step that can be undone.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Self

from archive.model import NO_MARKS, Mark, MarkKind, Marks, MarkStep
from archive.store.connection import as_json, as_text, as_time, mapped, state_path
from scraper.errors import ArchiveError
from scraper.text import squash

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS marks (
        url_key TEXT NOT NULL,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (url_key, kind, value)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS steps (
        id INTEGER PRIMARY KEY,
        removed TEXT NOT NULL,
        added TEXT NOT NULL
    ) STRICT;
"""
# A file from before stories were followed takes no such mark.
_OLDER = "SELECT sql LIKE '%CHECK (kind IN%' FROM sqlite_master WHERE name = 'marks'"
_NEWER = f"""
    BEGIN IMMEDIATE; ALTER TABLE marks RENAME TO older; {_SCHEMA}
    INSERT INTO marks SELECT url_key, kind, value, at FROM older; DROP TABLE older; COMMIT;
"""  # noqa: S608 - statements of our own
# Steps that can be undone, one after the other.
_MOST_STEPS = 500
# Characters of a note, of a tag; tags of an article.
_LONGEST_NOTE, _LONGEST_TAG, _MOST_TAGS = 10_000, 60, 40
# Milliseconds that another writer is waited for.
_BUSY = 5_000


def keys_of(archive: Path | str, *kinds: MarkKind) -> tuple[str, ...]:
    """
    The URL keys of articles that have a mark of one of these kinds beside the archive.

    A writer asks for them once: it has no state attached, since a long transaction would hold up
    whoever puts a mark.
    """
    path = state_path(Path(archive).resolve())
    if str(archive) == ":memory:" or not path.exists():
        return ()
    with State.open(path) as state:
        return state.keys(*kinds)


def marks_beside(archive: Path | str, url_key: str) -> Marks:
    """The marks on one article of an archive; no file is made for them."""
    path = state_path(Path(archive).resolve())
    if not path.exists():
        return NO_MARKS
    with State.open(path) as state:
        return state.marks([url_key]).get(url_key, NO_MARKS)


class State:
    """The owner's marks; opened for a moment, by one thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """
        The file at *path*, made where it is missing, for its owner's eyes alone.

        Raises:
            ArchiveError: It cannot be opened or made.
        """
        try:
            if not path.exists():  # one that may only be read is read
                path.touch(mode=0o600)
        except OSError as error:
            raise ArchiveError(path, f"marks cannot be kept: {error.strerror}") from error
        with mapped(path), ExitStack() as resources:
            connection = sqlite3.connect(path, timeout=_BUSY / 1000, isolation_level=None)
            resources.callback(connection.close)
            connection.row_factory = sqlite3.Row
            connection.executescript(_SCHEMA)
            if connection.execute(_OLDER).fetchone()[0] and os.access(path, os.W_OK):
                connection.executescript(_NEWER)
            resources.pop_all()
        return cls(path, connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def marks(self, keys: Collection[str]) -> dict[str, Marks]:
        """The marks on the articles with these URL keys, as far as there are any."""
        found: dict[str, list[Mark]] = {}
        for mark in self._marks("url_key IN (SELECT value FROM json_each(?))", as_json([*keys])):
            found.setdefault(mark.url_key, []).append(mark)
        return {key: _together(marks) for key, marks in found.items()}

    def set(self, url_key: str, kind: MarkKind, value: str, at: datetime, *, on: bool) -> None:
        """
        Put a mark on an article, or take it back; a note takes the place of the one before, and
        without words is none.
        """
        self.set_all([url_key], kind, [value], at, on=on)

    def set_all(
        self, url_keys: Iterable[str], kind: MarkKind, values: Collection[str], at: datetime, *, on: bool
    ) -> None:
        """
        The same with several articles, and several values for each, in one step.

        Raises:
            ArchiveError: An article would have too many tags. Nothing is changed.
        """
        values = dict.fromkeys(_value(kind, value) for value in values)
        removed: list[Mark] = []
        added: list[Mark] = []
        for url_key in dict.fromkeys(url_keys):
            held = [one for one in self._marks("url_key = ?", url_key) if one.kind is kind]
            wanted = [value for value in values if on and (value or kind not in {MarkKind.TAG, MarkKind.NOTE})]
            gone = [one for one in held if kind is not MarkKind.TAG or one.value in values]
            if wanted and kind is MarkKind.TAG and len(held) - len(gone) + len(wanted) > _MOST_TAGS:
                raise ArchiveError(self.path, f"an article takes {_MOST_TAGS} tags")
            removed += gone
            added += [Mark(url_key, kind, value, at) for value in wanted]
        self._step(removed, added)

    def tags(self) -> dict[str, int]:
        """Every tag, and how many articles have it; those of most articles first."""
        counts = Counter(mark.value for mark in self._marks("kind = 'tag'"))
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    def note_opened(self, url_key: str, at: datetime) -> None:
        """Note that an article was opened to be read: no step of its own, which would hide those that are."""
        mark = (url_key, MarkKind.READ.value, "", as_text(at))
        with mapped(self.path):
            self._connection.execute("INSERT OR IGNORE INTO marks VALUES (?, ?, ?, ?)", mark)

    def keys(self, *kinds: MarkKind) -> tuple[str, ...]:
        """The URL keys of all articles with a mark of one of these kinds."""
        return tuple(mark.url_key for mark in self._marks("kind IN (SELECT value FROM json_each(?))", as_json(kinds)))

    def undo(self) -> MarkStep | None:
        """Take the latest step back, and tell what it was; None where there is none."""
        with mapped(self.path):
            row = self._connection.execute("SELECT * FROM steps ORDER BY id DESC LIMIT 1").fetchone()
            if row is None:
                return None
            removed, added = _from_json(row["removed"]), _from_json(row["added"])
            self._write(added, removed, "DELETE FROM steps WHERE id = ?", row["id"])
        return MarkStep(tuple(removed), tuple(added))

    def export(self) -> Iterator[str]:
        """All marks, a JSON object a line, by article."""
        for mark in self._marks("1"):
            yield as_json(
                {"url_key": mark.url_key, "kind": mark.kind.value, "value": mark.value, "at": as_text(mark.at)}
            )

    def take_in(self, lines: Iterable[str]) -> int:
        """
        Add the marks of an export to those that are here, in one step; how many were new.

        Raises:
            ArchiveError: A line is none of an export. Nothing is taken in.
        """
        added = []
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    found = json.loads(line)
                    kind = MarkKind(found["kind"])
                    value = _value(kind, str(found["value"]))
                    url_key = str(found["url_key"])
                    f"{url_key}{value}".encode()  # half a character ("\\ud83d") is none
                    added.append(Mark(url_key, kind, value, as_time(found["at"])))
                except (ValueError, KeyError, TypeError, RecursionError) as error:
                    raise ArchiveError(self.path, f"line {number} of what is imported is no mark") from error
        keys = {mark.url_key for mark in added}
        held = {(one.url_key, one.kind, one.value) for one in self._marks("1") if one.url_key in keys}
        noted = {url_key for url_key, kind, _ in held if kind is MarkKind.NOTE}
        new = [
            mark
            for mark in added
            if (mark.url_key, mark.kind, mark.value) not in held
            and not (mark.kind is MarkKind.NOTE and mark.url_key in noted)
        ]
        self._step([], new)
        return len(new)

    def _marks(self, condition: str, *parameters: object) -> list[Mark]:
        sql = f"SELECT url_key, kind, value, at FROM marks WHERE {condition} ORDER BY url_key, kind, value"  # noqa: S608
        with mapped(self.path):
            rows = self._connection.execute(sql, parameters).fetchall()
        return [Mark(row["url_key"], MarkKind(row["kind"]), row["value"], as_time(row["at"])) for row in rows]

    def _step(self, removed: list[Mark], added: list[Mark]) -> None:
        if not removed and not added:
            return
        with mapped(self.path):
            self._write(
                removed, added, "INSERT INTO steps (removed, added) VALUES (?, ?)", _to_json(removed), _to_json(added)
            )

    def _write(self, removed: list[Mark], added: list[Mark], note: str, *parameters: object) -> None:
        """Change marks and the list of steps together."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(
                "DELETE FROM marks WHERE url_key = ? AND kind = ? AND value = ?",
                [(mark.url_key, mark.kind.value, mark.value) for mark in removed],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)",
                [(mark.url_key, mark.kind.value, mark.value, as_text(mark.at)) for mark in added],
            )
            connection.execute(note, parameters)
            connection.execute("DELETE FROM steps WHERE id <= (SELECT MAX(id) FROM steps) - ?", (_MOST_STEPS,))
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise


def _value(kind: MarkKind, value: str) -> str:
    r"""
    The value of a mark as it is kept.

    >>> _value(MarkKind.TAG, " Follow\n up "), _value(MarkKind.STAR, "x"), _value(MarkKind.NOTE, " a\r\nb ")
    ('follow up', '', 'a\nb')
    """
    if kind is MarkKind.TAG:
        return squash(value).lower()[:_LONGEST_TAG]
    if kind is MarkKind.NOTE:
        return value.replace("\r\n", "\n").strip()[:_LONGEST_NOTE]
    return ""


def _together(marks: list[Mark]) -> Marks:
    kinds = {mark.kind for mark in marks}
    tags = tuple(mark.value for mark in marks if mark.kind is MarkKind.TAG)
    note = next((mark.value for mark in marks if mark.kind is MarkKind.NOTE), "")
    return Marks(MarkKind.READ in kinds, MarkKind.STAR in kinds, tags, note)


def _to_json(marks: list[Mark]) -> str:
    return as_json([[mark.url_key, mark.kind.value, mark.value, as_text(mark.at)] for mark in marks])


def _from_json(text: str) -> list[Mark]:
    return [Mark(url_key, MarkKind(kind), value, as_time(at)) for url_key, kind, value, at in json.loads(text)]
