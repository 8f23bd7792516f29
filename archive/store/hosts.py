"""Hosts that are left alone for a while."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from http import HTTPStatus

from archive.model import HostRest, Refusals, Session
from archive.store.connection import Connection, as_text, as_time
from scraper.model import FetchRequest, Purpose
from scraper.urls import join_url


class Hosts(Connection):
    """Hosts that are left alone for a while."""

    def host_rests(self) -> tuple[HostRest, ...]:
        """
        Every rest that was not ended by an answer since, also
        those whose time is over; by host.
        """
        return tuple(_rest(row) for row in self._rows("SELECT * FROM host_rests ORDER BY host, scope"))

    def refused_pages(self, request: FetchRequest, since: datetime) -> dict[str, datetime]:
        """
        The article pages of the host of *request* that were refused (403) since one came, and when
        each was first; recorded from *since* on.

        A page that was refused before another one came is refused for itself, and is not among them.
        What was asked with the reader's subscription says nothing of others.
        """
        home = join_url(request.url, "/") or request.url
        rows = self._rows(
            _REFUSED,
            {
                "home": home,
                "source": request.source,
                "since": as_text(since),
                "purpose": Purpose.ARTICLE.value,
                "anonymous": Session.ANONYMOUS.value,
                "forbidden": HTTPStatus.FORBIDDEN,
            },
        )
        return {row["url"]: as_time(row["since"]) for row in rows}

    def refused_sources(self, since: datetime) -> dict[str, Refusals]:
        """
        The sources of which pages were refused (403), recorded from *since* on, and none has come
        since: how many, and when.
        """
        rows = self._rows(
            _REFUSED_SOURCES,
            {
                "since": as_text(since),
                "purpose": Purpose.ARTICLE.value,
                "anonymous": Session.ANONYMOUS.value,
                "forbidden": HTTPStatus.FORBIDDEN,
            },
        )
        return {
            row["source"]: Refusals(row["pages"], as_time(row["first_at"]), as_time(row["last_at"])) for row in rows
        }

    def save_host_rest(self, rest: HostRest) -> None:
        """Keep a rest in the place of the one before it."""
        self._run(
            """
            INSERT OR REPLACE INTO host_rests (host, scope, rest_until, why, since, spells) VALUES (?, ?, ?, ?, ?, ?)
            """,
            (rest.host, _scope(rest.is_of_pages), as_text(rest.until), rest.why, as_text(rest.since), rest.spells),
        )

    def end_host_rest(self, host: str, *, is_of_pages: bool) -> None:
        """Forget a rest: the host answered."""
        self._run("DELETE FROM host_rests WHERE host = ? AND scope = ?", (host, _scope(is_of_pages)))


# All addresses of a host lie between its root and the next character behind the slash. Of years of
# them the index tells which are recent: by the number of the first one of the source.
_REFUSED = """
    WITH pages AS (
        SELECT id, url, requested_at, outcome, status FROM requests
        WHERE url >= :home AND url < rtrim(:home, '/') || '0' AND purpose = :purpose AND session = :anonymous
            AND id >= (
                SELECT id FROM requests WHERE source = :source AND requested_at >= :since ORDER BY requested_at LIMIT 1
            )
    )
    SELECT url, MIN(requested_at) AS since FROM pages
    WHERE outcome = 'failed' AND status = :forbidden GROUP BY url
    HAVING MIN(id) > COALESCE((SELECT MAX(id) FROM pages WHERE outcome IN ('fetched', 'not modified')), 0)
"""


_REFUSED_SOURCES = """
    WITH pages AS (
        SELECT id, source, url, requested_at, outcome, status FROM requests
        WHERE source IS NOT NULL AND requested_at >= :since AND purpose = :purpose AND session = :anonymous
    ), came AS (
        SELECT source, MAX(id) AS id FROM pages WHERE outcome IN ('fetched', 'not modified') GROUP BY source
    )
    SELECT source, COUNT(DISTINCT url) AS pages, MIN(requested_at) AS first_at, MAX(requested_at) AS last_at
    FROM pages LEFT JOIN came USING (source)
    WHERE outcome = 'failed' AND status = :forbidden AND pages.id > COALESCE(came.id, 0)
    GROUP BY source
"""


def _scope(is_of_pages: bool) -> str:  # noqa: FBT001 - a column's value
    return "pages" if is_of_pages else "all"


def _rest(row: sqlite3.Row) -> HostRest:
    return HostRest(
        host=row["host"],
        is_of_pages=row["scope"] == "pages",
        until=as_time(row["rest_until"]),
        why=row["why"],
        since=as_time(row["since"]),
        spells=row["spells"],
    )
