"""Which raw responses were kept, and where each lies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from archive.model import CaptureLocation, CurrentCapture, StoredCapture
from archive.store.connection import Connection, as_text, as_time
from scraper.model import RawExchange
from scraper.urls import url_key

# Rows read at once when all are asked for: they are small, and the archive may be written to in
# between.
_BATCH = 100


class Captures(Connection):
    """Which raw responses were kept, and where each lies."""

    def save_capture(
        self, location: CaptureLocation, exchange: RawExchange, source: str | None, *, private: bool = False
    ) -> int:
        """
        The id of the row for a raw response that lies at *location*. *private*: to the reader's own
        cookies.

        A revisit record has no body: it gets a row in `revisits`, and the id is that of the capture
        that has the body.
        """
        if location.of is not None:
            self._insert(
                """
                INSERT INTO revisits (capture_id, captured_at, warc_file, warc_offset, warc_length)
                VALUES (?, ?, ?, ?, ?)
                """,
                (location.of, as_text(exchange.at), location.file, location.offset, location.length),
            )
            return location.of
        media_type = next((value for name, value in exchange.headers if name.lower() == "content-type"), None)
        return self._insert(
            _INSERT_CAPTURE,
            (
                exchange.url,
                url_key(exchange.url),
                source,
                as_text(exchange.at),
                exchange.status,
                media_type and media_type.partition(";")[0].strip().lower(),
                location.digest,
                location.file,
                location.offset,
                location.length,
                private,
            ),
        )

    def capture_with(self, exchange: RawExchange, digest: str, *, private: bool = False) -> StoredCapture | None:
        """
        The latest capture before *exchange* that has the same address, status and *digest* of the
        body, if there is one: what comes again is not kept again (`CaptureWriter.write`).
        *private*: among answers to the reader's own cookies, else among the others.
        """
        row = self._row(
            """
            SELECT * FROM captures
            WHERE url_key = ? AND captured_at <= ? AND url = ? AND status = ? AND digest = ? AND private = ?
            ORDER BY captured_at DESC, id DESC LIMIT 1
            """,
            (url_key(exchange.url), as_text(exchange.at), exchange.url, exchange.status, digest, private),
        )
        return _capture(row) if row else None

    def capture_of(self, url: str, digest: str) -> StoredCapture | None:
        """The latest capture at an address whose body has this digest, if anybody may read it."""
        row = self._row(
            """
            SELECT * FROM captures WHERE url_key = ? AND digest = ? AND NOT private
            ORDER BY captured_at DESC, id DESC LIMIT 1
            """,
            (url_key(url), digest),
        )
        return _capture(row) if row else None

    def captures_of(self, key: str) -> tuple[StoredCapture, ...]:
        """
        The raw responses at a URL key, and at every other one that the same article was seen under;
        oldest first.
        """
        rows = self._rows(
            """
            WITH keys AS (
                SELECT :key AS url_key
                UNION
                SELECT other.url_key FROM article_urls AS this JOIN article_urls AS other USING (article_id)
                WHERE this.url_key = :key
            )
            SELECT captures.* FROM keys JOIN captures USING (url_key) ORDER BY captured_at, id
            """,
            {"key": key},
        )
        return tuple(_capture(row) for row in rows)

    def current_captures(self, source: str | None = None) -> Iterator[CurrentCapture]:
        """
        Where the page of each article's current revision lies, as far as it was kept, of one *source*
        or all. The archive may be written to in between.
        """
        last_id = 0
        while rows := self._rows(_CURRENT, {"after": last_id, "source": source, "most": _BATCH}):
            yield from (CurrentCapture(*row) for row in rows)
            last_id = rows[-1]["id"]

    def current_capture_count(self, source: str | None = None) -> int:
        """How many these are."""
        count: int = self._value(f"SELECT COUNT(*) {_FROM_CURRENT}", {"after": 0, "source": source})
        return count

    def all_captures(self) -> Iterator[StoredCapture]:
        """Every raw response, oldest row first. The archive may be written to in between."""
        last_id = 0
        while rows := self._rows("SELECT * FROM captures WHERE id > ? ORDER BY id LIMIT ?", (last_id, _BATCH)):
            yield from (_capture(row) for row in rows)
            last_id = rows[-1]["id"]


_FROM_CURRENT = """
    FROM articles JOIN revisions ON revisions.id = revision_id JOIN captures ON captures.id = capture_id
    WHERE articles.id > :after AND (:source IS NULL OR articles.source = :source)
"""
_CURRENT = f"""
    SELECT articles.id, articles.source, warc_file, warc_offset {_FROM_CURRENT} ORDER BY articles.id LIMIT :most
"""

_INSERT_CAPTURE = """
    INSERT INTO captures (url, url_key, source, captured_at, status, media_type, digest, warc_file, warc_offset,
        warc_length, private)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def _capture(row: sqlite3.Row) -> StoredCapture:
    return StoredCapture(
        capture_id=row["id"],
        url=row["url"],
        url_key=row["url_key"],
        source=row["source"],
        captured_at=as_time(row["captured_at"]),
        status=row["status"],
        media_type=row["media_type"],
        location=CaptureLocation(row["warc_file"], row["warc_offset"], row["warc_length"], row["digest"]),
    )
