"""What is remembered of feeds, sitemaps and index pages between their visits."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from archive.judge.polling import KnownListing
from archive.store.connection import Connection, as_json, as_text, as_text_or_none, as_time, as_time_or_none
from scraper.model import Entry, ListingKind, Rhythm
from scraper.urls import is_http_url, url_key

# An index that names a sitemap no more may have been half made; so long it is still visited.
_UNNAMED_FOR = timedelta(days=7)
# So many visits with news teach how often there is some.
_MOST_NEWS = 500


class WatchedListings(Connection):
    """What is remembered of feeds, sitemaps and index pages between their visits."""

    def listings(self, source: str) -> dict[str, KnownListing]:
        """What is known of the listings of a source, by URL."""
        rows = self._rows("SELECT * FROM listings WHERE source = ? ORDER BY named_in, position", (source,))
        return {row["url"]: _listing(row) for row in rows}

    def listing(self, source: str, url: str) -> KnownListing | None:
        """What is known of one listing."""
        row = self._row("SELECT * FROM listings WHERE source = ? AND url = ?", (source, url))
        return _listing(row) if row else None

    def save_listing(self, source: str, listing: KnownListing) -> None:
        """Keep all that is known of a listing."""
        self._run(_SAVE_LISTING, {"source": source, **_columns(listing)})

    def name_children(
        self, source: str, index_url: str, children: Iterable[KnownListing], now: datetime, *, is_whole: bool
    ) -> int:
        """
        How many of *children* an index names for the first time; what is known of the others stays.

        Args:
            is_whole: The index was read to its end: a sitemap that it has not named for a week is
                forgotten.
        """
        count = "SELECT COUNT(*) FROM listings WHERE source = ? AND named_in = ?"
        with self.transaction():
            before: int = self._value(count, (source, index_url))
            self._run_many(
                _NAME_CHILD,
                (
                    {"source": source, **_columns(child), "named_in": index_url, "now": as_text(now)}
                    for child in children
                ),
            )
            after: int = self._value(count, (source, index_url))
            if is_whole:
                self._run(
                    "DELETE FROM listings WHERE source = ? AND named_in = ? AND named_at < ?",
                    (source, index_url, as_text(now - _UNNAMED_FOR)),
                )
        return after - before

    def fresh_count(self, entries: Iterable[Entry], since: datetime | None) -> int:
        """
        How many of *entries*, all of them recorded, nobody had seen at *since*.

        So what two feeds of a source name is news in both of them, whichever is visited first.
        """
        keys = {url_key(entry.url) for entry in entries if is_http_url(entry.url)}
        count: int = self._value(
            """
            SELECT COUNT(*) FROM entries
            WHERE url_key IN (SELECT value FROM json_each(?)) AND first_seen_at > ?
            """,
            (as_json(list(keys)), "" if since is None else as_text(since)),
        )
        return count

    def news_times(self, source: str, url: str | None = None) -> tuple[datetime, ...]:
        """When a listing, or any of the source, had news; the latest visits, the newest first."""
        rows = self._rows(
            """
            SELECT checked_at FROM source_checks
            WHERE source = :source AND fresh_count > 0 AND (:url IS NULL OR url = :url)
            ORDER BY checked_at DESC LIMIT :most
            """,
            {"source": source, "url": url, "most": _MOST_NEWS},
        )
        return tuple(as_time(row["checked_at"]) for row in rows)

    def note_visit(self, source: str, now: datetime) -> None:
        """Note that the turn of a source has come, whichever of its listings are asked for."""
        self._run("UPDATE sources SET visited_at = ? WHERE name = ?", (as_text(now), source))


_COLUMNS = (
    "url kind since named_in modified_at position visited_at seen_at news_at usual_seconds least_quiet_seconds rhythm "
    "ask_after full_at conditional_count distrusted_at failed_count moved_to moved_count"
).split()
_SAVE_LISTING = f"""
    INSERT INTO listings (source, {", ".join(_COLUMNS)}) VALUES (:source, {", ".join(f":{name}" for name in _COLUMNS)})
    ON CONFLICT (source, url) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])}
"""  # noqa: S608 - names of our own
_NAME_CHILD = """
    INSERT INTO listings (source, url, kind, since, named_in, named_at, modified_at, position, least_quiet_seconds)
    VALUES (:source, :url, :kind, :since, :named_in, :now, :modified_at, :position, :least_quiet_seconds)
    ON CONFLICT (source, url) DO UPDATE SET named_in = excluded.named_in, named_at = excluded.named_at,
        modified_at = COALESCE(excluded.modified_at, modified_at), position = excluded.position
"""


def _seconds(duration: timedelta | None) -> int | None:
    return None if duration is None else int(duration.total_seconds())


def _columns(listing: KnownListing) -> dict[str, Any]:
    rhythm = listing.rhythm
    return {
        "url": listing.url,
        "kind": listing.kind.value,
        "since": as_text(listing.since),
        "named_in": listing.named_in,
        "modified_at": as_text_or_none(listing.modified_at),
        "position": listing.position,
        "visited_at": as_text_or_none(listing.visited_at),
        "seen_at": as_text_or_none(listing.seen_at),
        "news_at": as_text_or_none(listing.news_at),
        "usual_seconds": _seconds(listing.usual),
        "least_quiet_seconds": _seconds(listing.least_quiet),
        "rhythm": as_json([_seconds(rhythm.wait), sorted(rhythm.hours), sorted(rhythm.days)])
        if rhythm != Rhythm()
        else None,
        "ask_after": as_text_or_none(listing.ask_after),
        "full_at": as_text_or_none(listing.full_at),
        "conditional_count": listing.conditional_count,
        "distrusted_at": as_text_or_none(listing.distrusted_at),
        "failed_count": listing.failed_count,
        "moved_to": listing.moved_to,
        "moved_count": listing.moved_count,
    }


def _listing(row: sqlite3.Row) -> KnownListing:
    rhythm = Rhythm()
    if row["rhythm"]:
        wait, hours, days = json.loads(row["rhythm"])
        rhythm = Rhythm(timedelta(seconds=wait), frozenset(hours), frozenset(days))
    usual = row["usual_seconds"]
    return KnownListing(
        url=row["url"],
        kind=ListingKind(row["kind"]),
        since=as_time(row["since"]),
        named_in=row["named_in"],
        modified_at=as_time_or_none(row["modified_at"]),
        position=row["position"],
        visited_at=as_time_or_none(row["visited_at"]),
        seen_at=as_time_or_none(row["seen_at"]),
        news_at=as_time_or_none(row["news_at"]),
        usual=None if usual is None else timedelta(seconds=usual),
        least_quiet=timedelta(seconds=row["least_quiet_seconds"]),
        rhythm=rhythm,
        ask_after=as_time_or_none(row["ask_after"]),
        full_at=as_time_or_none(row["full_at"]),
        conditional_count=row["conditional_count"],
        distrusted_at=as_time_or_none(row["distrusted_at"]),
        failed_count=row["failed_count"],
        moved_to=row["moved_to"],
        moved_count=row["moved_count"],
    )
