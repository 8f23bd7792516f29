"""The way of each digest to each reader, and to the files."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import date, datetime

from archive.model import Channel, Delivery, DeliveryState, EditionKind, Recipient
from archive.store.connection import Connection, as_json, as_text, as_text_or_none, as_time, as_time_or_none


class Deliveries(Connection):
    """The way of each digest to each reader, and to the files."""

    def add_delivery(self, edition_id: int, channel: Channel, target: str, now: datetime) -> None:
        """Let an edition wait for its delivery; one that was asked for before changes nothing."""
        self._run(
            """
            INSERT OR IGNORE INTO deliveries (edition_id, channel, target, state, created_at)
            VALUES (?, ?, ?, 'pending', ?)
            """,
            (edition_id, channel.value, target, as_text(now)),
        )

    def add_nothing_to_tell(self, edition_id: int, target: str, now: datetime) -> None:
        """Note that an edition has nothing to tell a reader, and so is not sent: he had that day's digest."""
        self._run(
            """
            INSERT OR IGNORE INTO deliveries (edition_id, channel, target, state, created_at, sent_at)
            VALUES (?, ?, ?, 'sent', ?, ?)
            """,
            (edition_id, Channel.MAIL.value, target, as_text(now), as_text(now)),
        )

    def delivery_of(self, day: date, kind: EditionKind, recipient: Recipient) -> Delivery | None:
        """
        How the latest edition of a day came to a recipient; None
        where none was addressed to him.
        """
        rows = self._rows(
            f"""
            {_DELIVERIES} WHERE channel = ? AND (target = ? OR channel = 'files') AND day = ? AND kind = ?
            ORDER BY deliveries.id DESC LIMIT 1
            """,
            (recipient.channel.value, recipient.target, day.isoformat(), kind.value),
        )
        return _delivery(rows[0]) if rows else None

    def deliveries(self, state: DeliveryState, channel: Channel | None = None) -> tuple[Delivery, ...]:
        """The deliveries in a state, the oldest first."""
        rows = self._rows(
            f"{_DELIVERIES} WHERE state = ? AND channel = COALESCE(?, channel) ORDER BY deliveries.id",
            (state.value, channel and channel.value),
        )
        return tuple(map(_delivery, rows))

    def given_up(self) -> tuple[Delivery, ...]:
        """
        The deliveries that were given up, as far as nothing has
        reached their recipients since.
        """
        rows = self._rows(
            f"""
            {_DELIVERIES} WHERE state = 'failed' AND NOT EXISTS (
                SELECT 1 FROM deliveries AS later
                WHERE later.channel = deliveries.channel AND (later.target = deliveries.target OR channel = 'files')
                    AND later.id > deliveries.id AND later.state = 'sent'
            )
            ORDER BY deliveries.id
            """,  # noqa: S608 - parts of our own, no values
        )
        return tuple(map(_delivery, rows))

    def file_names(self, day: date) -> dict[str, tuple[frozenset[int], int]]:
        """
        The names of files that editions of a day have or wait for, without suffix.

        For each the articles that stood in the edition and are still held, and how many there were.
        """
        rows = self._rows(
            """
            SELECT target, article_count, article_id
            FROM deliveries JOIN editions ON editions.id = deliveries.edition_id
            LEFT JOIN edition_items USING (edition_id)
            WHERE channel = 'files' AND day = ? AND state != 'failed'
            """,
            (day.isoformat(),),
        )
        names: dict[str, tuple[frozenset[int], int]] = {}
        for row in rows:
            ids, count = names.get(row["target"], (frozenset(), 0))
            names[row["target"]] = (
                ids | ({row["article_id"]} - {None}),
                max(count, row["article_count"]),
            )
        return names

    def file_name_of(self, edition_id: int) -> str | None:
        """The name that the files of an edition have, without suffix."""
        name: str | None = self._value(
            "SELECT target FROM deliveries WHERE edition_id = ? AND channel = 'files'", (edition_id,)
        )
        return name

    def write_again(self, edition_id: int) -> None:
        """Let the files of an edition wait to be written, whatever came of them before."""
        self._run(
            "UPDATE deliveries SET state = 'pending', next_try_at = NULL WHERE edition_id = ? AND channel = 'files'",
            (edition_id,),
        )

    def withdrawn_among(self, ids: Collection[int], now: datetime) -> frozenset[int]:
        """Which of these articles their publishers do not want shown any more."""
        rows = self._rows(
            "SELECT id FROM articles WHERE unavailable_after <= ? AND id IN (SELECT value FROM json_each(?))",
            (as_text(now), as_json(list(ids))),
        )
        return frozenset(row["id"] for row in rows)

    def note_delivered(self, delivery_id: int, now: datetime) -> None:
        """Note that an edition reached its recipient: from now on it counts as told for good."""
        self._run(
            """
            UPDATE deliveries SET state = 'sent', sent_at = ?, tries = tries + 1, next_try_at = NULL WHERE id = ?
            """,
            (as_text(now), delivery_id),
        )

    def note_undelivered(self, delivery_id: int, why: str, next_try_at: datetime | None) -> None:
        """Note a try that failed; without a time for the next one the delivery is given up."""
        self._run(
            """
            UPDATE deliveries SET tries = tries + 1, last_error = :why, next_try_at = :next,
                state = CASE WHEN :next IS NULL THEN 'failed' ELSE state END
            WHERE id = :id
            """,
            {"why": why, "next": as_text_or_none(next_try_at), "id": delivery_id},
        )


_DELIVERIES = """
    SELECT deliveries.*, day, kind FROM deliveries JOIN editions ON editions.id = edition_id
"""


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        delivery_id=row["id"],
        edition_id=row["edition_id"],
        channel=Channel(row["channel"]),
        target=row["target"],
        state=DeliveryState(row["state"]),
        day=date.fromisoformat(row["day"]),
        kind=EditionKind(row["kind"]),
        created_at=as_time(row["created_at"]),
        tries=row["tries"],
        last_error=row["last_error"],
        next_try_at=as_time_or_none(row["next_try_at"]),
    )
