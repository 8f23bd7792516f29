"""Which WARC files of others were taken in, and how far."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from archive.model import ImportedFile
from archive.store.connection import Connection, as_text, as_time_or_none


class ImportedFiles(Connection):
    """Which WARC files of others were taken in, and how far."""

    def begin_import(self, path: Path, size: int, digest: str, now: datetime) -> ImportedFile:
        """
        A file that is taken in, as it is known: *done_count* and *ended_at* tell how far it is.

        The same file at a place where it was not before is the same file: what lay at the old
        place lies here, unless the old one is still there.
        """
        with self.transaction():
            row = self._row("SELECT * FROM imported_files WHERE digest = ?", (digest,))
            if row is None:
                self._insert(
                    "INSERT INTO imported_files (path, size, digest, began_at) VALUES (?, ?, ?, ?)",
                    (str(path), size, digest, as_text(now)),
                )
            elif not Path(row["path"]).exists():
                self.relocate_file(row["path"], path)
            row = self._row("SELECT * FROM imported_files WHERE digest = ?", (digest,))
            assert row is not None
            return _imported(row)

    def note_imported(self, digest: str, done_count: int, ended_at: datetime | None = None) -> None:
        """Note how far a file was taken in; *ended_at*: to its end."""
        self._run(
            "UPDATE imported_files SET done_count = ?, ended_at = ? WHERE digest = ?",
            (done_count, as_text(ended_at) if ended_at else None, digest),
        )

    def imported_files(self) -> tuple[ImportedFile, ...]:
        """All of them, in the order in which they came."""
        return tuple(map(_imported, self._rows("SELECT * FROM imported_files ORDER BY id")))

    def files_that_captures_need(self) -> frozenset[str]:
        """The files, by path, of which captures lie where they were found."""
        return frozenset(
            row["path"]
            for row in self._rows(
                "SELECT path FROM imported_files WHERE EXISTS (SELECT 1 FROM captures WHERE warc_file = path)"
            )
        )

    def relocate_file(self, old: str, new: Path) -> int:
        """Let a file be at *new*; how many captures lie in it."""
        with self.transaction():
            self._run("UPDATE imported_files SET path = ? WHERE path = ?", (str(new), old))
            return self._run("UPDATE captures SET warc_file = ? WHERE warc_file = ?", (str(new), old)).rowcount


def _imported(row: sqlite3.Row) -> ImportedFile:
    return ImportedFile(
        path=Path(row["path"]),
        size=row["size"],
        digest=row["digest"],
        done_count=row["done_count"],
        ended_at=as_time_or_none(row["ended_at"]),
    )
