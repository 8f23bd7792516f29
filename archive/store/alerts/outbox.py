"""The outbox: notices as they were made, and their way by each channel."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from archive.model import DeliveryState, Notice, NoticeDelivery, NoticeItem
from archive.store.connection import Connection, as_text, as_text_or_none, as_time, as_time_or_none


class Outbox(Connection):
    """The outbox: notices as they were made, and their way by each channel."""

    def add_notice(self, notice: Notice, ways: Iterable[tuple[str, str]]) -> int:
        """
        Keep a notice that is to be sent; gives its id.

        Args:
            ways: Channels, each with a reader or "".
        """
        with self.transaction():
            record = json.dumps(asdict(notice), ensure_ascii=False, default=datetime.isoformat)
            made_at = as_text(notice.made_at)
            notice_id = self._insert(
                "INSERT INTO notices (alert, made_at, record) VALUES (?, ?, ?)", (notice.alert, made_at, record)
            )
            self._run_many(
                "INSERT OR IGNORE INTO notice_deliveries (notice_id, channel, target, state, created_at)"
                " VALUES (?, ?, ?, 'pending', ?)",
                ((notice_id, channel, target, made_at) for channel, target in ways),
            )
            return notice_id

    def waiting_notices(self, now: datetime | None = None) -> tuple[NoticeDelivery, ...]:
        """Deliveries that wait, the oldest first; those alone whose time has come, where *now* is given."""
        rows = self._rows(
            f"{_DELIVERIES} WHERE state = 'pending' AND (:now IS NULL OR next_try_at IS NULL OR next_try_at <= :now)"
            " ORDER BY notice_deliveries.id",
            {"now": as_text_or_none(now)},
        )
        return tuple(map(_delivery, rows))

    def given_up_notices(self, since: datetime) -> tuple[NoticeDelivery, ...]:
        """Deliveries that were given up, of those that were made since then, the oldest first."""
        rows = self._rows(
            f"{_DELIVERIES} WHERE state = 'failed' AND created_at >= ? ORDER BY notice_deliveries.id",
            (as_text(since),),
        )
        return tuple(map(_delivery, rows))

    def note_sent(self, delivery_id: int, now: datetime) -> None:
        """Note that a notice was taken."""
        self._run(
            "UPDATE notice_deliveries SET state = 'sent', sent_at = ?, tries = tries + 1, next_try_at = NULL"
            " WHERE id = ?",
            (as_text(now), delivery_id),
        )

    def note_unsent(self, delivery_id: int, why: str, next_try_at: datetime | None) -> None:
        """Note a try that failed; without a time for the next one the delivery is given up."""
        self._run(
            """
            UPDATE notice_deliveries SET tries = tries + 1, last_error = :why, next_try_at = :next,
                state = CASE WHEN :next IS NULL THEN 'failed' ELSE state END
            WHERE id = :id
            """,
            {"why": why, "next": as_text_or_none(next_try_at), "id": delivery_id},
        )

    def forget_notices(self) -> None:
        """Let go the notices whose articles are gone, unless they still have to be sent."""
        self._run(
            """
            DELETE FROM notices WHERE NOT EXISTS (SELECT 1 FROM alert_hits WHERE notice_id = notices.id)
                AND NOT EXISTS (
                    SELECT 1 FROM notice_deliveries WHERE notice_id = notices.id AND state = 'pending'
                )
            """
        )


_DELIVERIES = """
    SELECT notice_deliveries.*, record FROM notice_deliveries JOIN notices ON notices.id = notice_id
"""


def _delivery(row: sqlite3.Row) -> NoticeDelivery:
    return NoticeDelivery(
        delivery_id=row["id"],
        notice_id=row["notice_id"],
        notice=_notice(json.loads(row["record"])),
        channel=row["channel"],
        target=row["target"],
        state=DeliveryState(row["state"]),
        created_at=as_time(row["created_at"]),
        tries=row["tries"],
        last_error=row["last_error"],
        next_try_at=as_time_or_none(row["next_try_at"]),
    )


def _notice(facts: dict[str, Any]) -> Notice:
    others = tuple(map(_item, facts["others"]))
    made_at = datetime.fromisoformat(facts["made_at"])
    return Notice(**facts | {"made_at": made_at, "lead": _item(facts["lead"]), "others": others})


def _item(facts: dict[str, Any]) -> NoticeItem:
    published_at = facts["published_at"]
    return NoticeItem(
        **facts
        | {
            "published_at": published_at and datetime.fromisoformat(published_at),
            "first_seen_at": datetime.fromisoformat(facts["first_seen_at"]),
            "words": tuple(facts["words"]),
            "cves": tuple(facts["cves"]),
        }
    )
