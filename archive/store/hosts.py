"""Hosts that are left alone for a while."""

from __future__ import annotations

import sqlite3

from archive.model import HostRest
from archive.store.connection import Connection, as_text, as_time


class Hosts(Connection):
    """Hosts that are left alone for a while."""

    def host_rests(self) -> tuple[HostRest, ...]:
        """
        Every rest that was not ended by an answer since, also
        those whose time is over; by host.
        """
        return tuple(_rest(row) for row in self._rows("SELECT * FROM host_rests ORDER BY host, scope"))

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
