"""What was read into a shard, kept so that it can be decided on again; and which shards were joined."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from archive.judge.traits import Traits
from archive.model import CaptureLocation, ImportedFile
from archive.store.captures.reading_json import pack, unpack
from archive.store.connection import Connection, as_json, as_text
from scraper.errors import ArchiveError
from scraper.model import Article, RawExchange

# Rows read at once, of each of hundreds of shards: a page takes some ten kilobytes.
_BATCH = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What was read in a response: all that is needed to decide on it.

    Args:
        exchange: The response; a reading that comes from a shard has no body.
        digest: Of the body.
        source: The name of its source.
        is_private: It came to a reader's own cookies.
        lies_at: Where its raw form lies in a file of somebody else; None where it was to be copied.
    """

    exchange: RawExchange
    digest: str
    article: Article
    traits: Traits
    source: str | None
    is_private: bool
    lies_at: CaptureLocation | None


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A reading in its shard, in the order of time; taken apart when it is asked for."""

    captured_at: str
    reading_id: int
    row: sqlite3.Row

    def reading(self) -> Reading:
        """
        The reading.

        Raises:
            ArchiveError: It is damaged.
        """
        row = self.row
        try:
            article, traits, headers = unpack(row["content"], row["marks"])
        except ValueError as error:
            raise ArchiveError(row["path"], f"what was read at {row['url']} is damaged in this shard") from error
        at = datetime.fromisoformat(row["captured_at"])
        lies_at = None
        if row["warc_offset"] is not None:
            lies_at = CaptureLocation(row["path"], row["warc_offset"], row["warc_length"], row["digest"])
        return Reading(
            RawExchange(row["url"], at, "GET", (), 200, "", "HTTP/1.1", headers, b""),
            row["digest"],
            article,
            traits,
            row["source"],
            bool(row["private"]),
            lies_at,
        )


class Readings(Connection):
    """What was read into a shard; and which shards were joined."""

    def save_reading(self, file_digest: str, one: Reading) -> None:
        """Keep what was read in a response of an imported file."""
        at = one.exchange.at.astimezone(UTC).isoformat(timespec="microseconds")
        place = (one.lies_at.offset, one.lies_at.length) if one.lies_at else (None, None)
        self._run(
            _INSERT,
            (
                file_digest,
                at,
                one.exchange.url,
                one.source,
                one.is_private,
                one.digest,
                *place,
                one.traits.keys.text.kept(),
                pack(one.article, one.traits, one.exchange.headers),
            ),
        )

    def readings(self, file_digests: Collection[str]) -> Iterator[KeptReading]:
        """What was read in these files, in the order of time."""
        last = ("", 0)
        wanted = as_json([*file_digests])
        while rows := self._rows(_IN_ORDER, (*last, wanted, _BATCH)):
            yield from (KeptReading(row["captured_at"], row["id"], row) for row in rows)
            last = rows[-1]["captured_at"], rows[-1]["id"]

    def reading_span(self, file_digests: Collection[str]) -> tuple[int, str]:
        """How many there are, and the time of the first."""
        row = self._row(_SPAN, (as_json([*file_digests]),))
        assert row is not None
        return row[0], row[1]

    def is_shard(self) -> bool:
        """Whether what all articles were read from was kept: no more of them came than readings."""
        found: int = self._value("SELECT (SELECT COUNT(*) FROM articles) <= (SELECT COUNT(*) FROM readings)")
        return bool(found)

    def seal(self) -> None:
        """
        Let the archive be one plain file until somebody writes to it again: readers of a WAL
        database need to write beside it, and to lie on the same machine (sqlite.org/wal.html §1).
        """
        self._run("PRAGMA journal_mode = DELETE")

    def begin_merge(self, digest: str, now: datetime) -> int:
        """How many readings of these shards were decided on by a merge that was stopped."""
        self._run("INSERT OR IGNORE INTO merges (digest, began_at) VALUES (?, ?)", (digest, as_text(now)))
        done: int = self._value("SELECT done_count FROM merges WHERE digest = ?", (digest,))
        return done

    def note_merged(self, digest: str, done_count: int) -> None:
        """Note how far a merge is."""
        self._run("UPDATE merges SET done_count = ? WHERE digest = ?", (done_count, digest))

    def end_merge(self, digest: str, files: Collection[ImportedFile], now: datetime) -> None:
        """Note that shards were joined, and so the files in them taken in."""
        with self.transaction():
            self._run("UPDATE merges SET ended_at = ? WHERE digest = ?", (as_text(now), digest))
            self._run_many(
                """
                INSERT INTO imported_files (path, size, digest, done_count, began_at, ended_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (digest) DO UPDATE SET ended_at = excluded.ended_at
                """,
                [(str(file.path), file.size, file.digest, file.done_count, as_text(now)) for file in files],
            )


_OF_FILES = "file_id IN (SELECT id FROM imported_files WHERE digest IN (SELECT value FROM json_each(?)))"

_SPAN = f"SELECT COUNT(*), COALESCE(MIN(captured_at), '') FROM readings WHERE {_OF_FILES}"  # noqa: S608 - our own

_INSERT = """
    INSERT INTO readings (file_id, captured_at, url, source, private, digest, warc_offset, warc_length, marks, content)
    VALUES ((SELECT id FROM imported_files WHERE digest = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_IN_ORDER = f"""
    SELECT readings.*, path FROM readings CROSS JOIN imported_files ON imported_files.id = file_id
    WHERE (captured_at, readings.id) > (?, ?) AND {_OF_FILES}
    ORDER BY captured_at, readings.id LIMIT ?
"""  # noqa: S608 - our own
