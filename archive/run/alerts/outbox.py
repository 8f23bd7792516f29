"""
The outbox: what waits is sent, tried again, or given up.

A notice is a row before it is sent, and that it was taken is noted right behind it, before the next
one is sent. So who is killed sends at most that one again, with the same identity.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from archive.edition.deliver import LONGEST_RUN, Refusal
from archive.judge.alerts.waits import next_try
from archive.model import NoticeDelivery
from archive.run.alerts.judging import judge_new
from archive.run.alerts.sending import Sender
from archive.settings import Settings
from archive.store import Archive


@dataclass(slots=True)
class Sent:
    """
    What came of a look at the outbox.

    Args:
        told: Of what was sent the alert and the headline.
        problems: What was not, a sentence for each channel.
        is_waiting: Something is left for a later look.
    """

    told: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    is_waiting: bool = False


Send = Callable[[NoticeDelivery], Refusal | None]
Aside = Callable[[Callable[[], Refusal | None]], Awaitable[Refusal | None]]


def tell(
    archive: Archive,
    settings: Settings,
    now: datetime,
    *,
    environ: Mapping[str, str] = os.environ,
    send: Send | None = None,
    longest: timedelta = LONGEST_RUN,
) -> Sent:
    """
    Judge what is new, and send what waits. It never raises for what cannot be sent.

    Args:
        send: Hands one notice over, in place of the configured channels.
        longest: What is not sent by then waits for the next time.
    """
    judge_new(archive, settings, now)
    run = _Run(archive, now, longest)
    with Sender(settings, environ) as sender:
        for one in run.due():
            run.note(one, (send or sender.send)(one))
    return run.end()


async def tell_meanwhile(
    archive: Archive, settings: Settings, now: datetime, *, aside: Aside, environ: Mapping[str, str] = os.environ
) -> Sent:
    """`tell`, while the loop goes on: messages are handed over *aside*, rows are written here."""
    judge_new(archive, settings, now)
    run = _Run(archive, now, LONGEST_RUN)
    with Sender(settings, environ) as sender:
        for one in run.due():
            handing_over = asyncio.ensure_future(aside(partial(sender.send, one)))
            is_cancelled = False
            while not handing_over.done():  # what goes out is noted, also where the loop is to end
                try:
                    await asyncio.shield(handing_over)
                except asyncio.CancelledError:
                    is_cancelled = True
            run.note(one, handing_over.result())
            if is_cancelled:
                raise asyncio.CancelledError
    return run.end()


class _Run:
    """One go at what waits."""

    def __init__(self, archive: Archive, now: datetime, longest: timedelta) -> None:
        self._archive = archive
        self._now = now
        self._ends_at = monotonic() + longest.total_seconds()
        self._away: dict[str, Refusal] = {}  # channels that are not there
        self._refused: dict[tuple[str, str], Refusal] = {}  # readers who are refused for good
        self._said: set[tuple[str, str]] = set()
        self._sent = Sent()

    def end(self) -> Sent:
        """What came of it."""
        self._sent.is_waiting = bool(self._archive.waiting_notices())
        return self._sent

    def due(self) -> Iterator[NoticeDelivery]:
        """What is to be handed over now; what need not be tried is dealt with."""
        for one in self._archive.waiting_notices(self._now):
            if self._archive.withdrawn_among([item.article_id for item in one.notice.items], self._now):
                self._archive.note_unsent(one.delivery_id, "its publisher does not want it shown any more", None)
            elif refusal := self._away.get(one.channel) or self._refused.get((one.channel, one.target)):
                self.note(one, refusal)
            elif monotonic() < self._ends_at:
                yield one

    def note(self, one: NoticeDelivery, refusal: Refusal | None) -> None:
        """Note what came of it; each trouble is told once."""
        if refusal is None:
            self._archive.note_sent(one.delivery_id, self._now)
            self._sent.told.append((one.notice.alert, one.notice.lead.headline))
            return
        is_lasting = refusal.is_lasting and not refusal.is_general
        again_at = next_try(one.created_at, one.tries + 1, self._now, is_lasting=is_lasting)
        self._archive.note_unsent(one.delivery_id, refusal.why, again_at)
        way = one.channel, one.target
        if way not in self._said:
            self._said.add(way)
            given_up = "" if again_at else "; it is given up"
            to = f" to {one.target}" if one.target else ""
            self._sent.problems.append(
                f"alert {one.notice.alert}: not told by {one.channel}{to}: {refusal.why}{given_up}"
            )
        if refusal.is_general:
            self._away[one.channel] = refusal
        elif refusal.is_lasting and one.target:
            self._refused[way] = refusal
