"""Whether the digests that were due were made, and reached their readers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from archive.edition.days import MOST_DAYS, due_at, whole_days, window_of_day
from archive.model import Channel, Delivery, DeliveryState
from archive.run.health.finding import Finding
from archive.run.heartbeat import heartbeat_file
from archive.settings import Settings
from archive.store import Archive

# A digest that waits for a pass is not late yet; few passes take longer.
_DIGEST_GRACE = timedelta(hours=2)


def check_digests(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
    """
    Whether the last digest that was due was made.

    Nobody has to have digests: they are missed where one was made before, mail is configured, or a
    watch is at work.
    """
    first, made = archive.first_seen_at(), archive.nightly_days(date.min)
    if first is None or not (made or _are_digests_wanted(settings)):
        return []
    timezone, at = settings.digest.timezone, settings.digest.at
    days = whole_days(now, timezone, MOST_DAYS)
    due = next((day for day in days if due_at(day, at, timezone) + _DIGEST_GRACE <= now), None)
    if due is None or window_of_day(due, timezone)[1] <= first or made.intersection(_days_since(due, days)):
        return []
    last = f"the last one is of {max(made)}" if made else "there is none yet"
    detail = f"none was made for {due}, due at {at:%H:%M} the day after; {last}: presswatch digest makes it"
    return [Finding("digest", is_well=False, detail=detail)]


def _are_digests_wanted(settings: Settings) -> bool:
    return settings.mail is not None or heartbeat_file(settings.archive.database).exists()


def _days_since(due: date, days: Iterable[date]) -> list[date]:
    """The day whose digest is due, and later ones: a later digest has what a skipped day had."""
    return [day for day in days if day >= due]


def check_deliveries(archive: Archive, settings: Settings) -> list[Finding]:
    """Digests that did not reach a reader, or could not be written, a finding for each of them."""
    readers = settings.mail.readers if settings.mail else ()
    failed: dict[tuple[Channel, str], list[Delivery]] = {}
    for one in (*archive.given_up(), *archive.deliveries(DeliveryState.PENDING)):
        is_reader = one.target in readers
        if one.last_error and (one.channel is Channel.FILES or is_reader):
            failed.setdefault((one.channel, one.target), []).append(one)
    return [
        Finding(
            f"mail to {target}" if channel is Channel.MAIL else "files of the digest",
            is_well=False,
            detail=f"not delivered: {', '.join(sorted({one.day.isoformat() for one in tried}))}; "
            f"{_say_next(tried[-1])}; the last answer: {tried[-1].last_error}",
        )
        for (channel, target), tried in failed.items()
    ]


def _say_next(one: Delivery) -> str:
    tries = f"{one.tries} {'try' if one.tries == 1 else 'tries'}"
    if one.state is DeliveryState.FAILED:
        return f"given up after {tries}, its articles stand in the next one"
    at = f" after {one.next_try_at:%Y-%m-%d %H:%M} UTC" if one.next_try_at else ""
    return f"{tries} so far, the next pass{at} or digest tries again"
