"""The history of the walls of outlets."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from archive.judge.walls import SAME_STRETCH, WallFact, WallState, WallStretch
from archive.store.connection import Connection, as_text, as_time


class Walls(Connection):
    """The history of the walls of outlets."""

    def note_walls(
        self,
        site: str,
        states: Iterable[WallState],
        now: datetime,
        *,
        source: str | None,
        article_id: int,
        capture_id: int | None,
    ) -> None:
        """
        Keep what a page of *site* (its registrable domain) showed of its wall.

        A stretch of the same state is made longer, later or, in an import of old pages, earlier;
        unless something else of its kind (the fact, currency and period) was seen between, and it
        was not seen shortly before or after.
        """
        with self.transaction():
            for state in states:
                found = {
                    "site": site,
                    "fact": state.fact.value,
                    "amount": state.amount,
                    "currency": state.currency,
                    "period": state.period,
                    "now": as_text(now),
                    "since": as_text(now - SAME_STRETCH),
                    "until": as_text(now + SAME_STRETCH),
                    "source": source,
                    "article": article_id,
                    "capture": capture_id,
                }
                stretch = self._row(_SAME_STATE, found)
                if stretch is None:
                    self._run(_NEW_STRETCH, found)
                else:
                    self._run(_LONGER_STRETCH, found | {"id": stretch["id"]})

    def walls(self, site: str | None = None) -> tuple[WallStretch, ...]:
        """What was seen of the wall of one site or of all, by site, oldest first."""
        rows = self._rows(
            "SELECT * FROM walls WHERE :site IS NULL OR site = :site ORDER BY site, first_seen_at, fact, amount, id",
            {"site": site},
        )
        return tuple(_stretch(row) for row in rows)


_SAME_STATE = """
    SELECT id FROM walls
    WHERE site = :site AND fact = :fact AND amount = :amount AND currency IS :currency AND period IS :period
        AND (
            (last_seen_at >= :since AND first_seen_at <= :until)
            OR NOT EXISTS (
                SELECT 1 FROM walls AS other
                WHERE other.site = :site AND other.fact = :fact AND other.currency IS :currency
                    AND other.period IS :period AND other.id != walls.id
                    AND other.last_seen_at >= MIN(walls.last_seen_at, :now)
                    AND other.first_seen_at <= MAX(walls.first_seen_at, :now)
            )
        )
    ORDER BY last_seen_at DESC LIMIT 1
"""

_NEW_STRETCH = """
    INSERT INTO walls (site, source, fact, amount, currency, period, first_seen_at, last_seen_at, capture_id,
        article_id)
    VALUES (:site, :source, :fact, :amount, :currency, :period, :now, :now, :capture, :article)
"""

# An older page than those that were known is the one that showed it first.
_LONGER_STRETCH = """
    UPDATE walls SET last_seen_at = MAX(last_seen_at, :now),
        capture_id = CASE WHEN :now < first_seen_at THEN :capture ELSE capture_id END,
        article_id = CASE WHEN :now < first_seen_at THEN :article ELSE article_id END,
        first_seen_at = MIN(first_seen_at, :now)
    WHERE id = :id
"""


def _stretch(row: sqlite3.Row) -> WallStretch:
    return WallStretch(
        site=row["site"],
        state=WallState(WallFact(row["fact"]), row["amount"], row["currency"], row["period"]),
        first_seen_at=as_time(row["first_seen_at"]),
        last_seen_at=as_time(row["last_seen_at"]),
        capture_id=row["capture_id"],
        article_id=row["article_id"],
    )
