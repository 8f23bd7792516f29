"""When a listing is asked for again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive.judge.polling.known import KnownListing
from scraper.model import Rhythm
from scraper.settings.values import parse_duration

# A pass every hour begins some seconds after the hour, and its visits come later still: a wait that
# is a tenth short of its time is over.
SLACK = 0.1
# News comes a quarter of the silence before it late at most: after a silent night, two to three
# hours.
SHARE_OF_SILENCE = 4
# The bounds that docs/configuration.md promises of adaptive polling: four times the schedule, or a
# day.
_MOST_SCHEDULES = 4
_LONGEST_WAIT = timedelta(days=1)
# A weekend of three days; whoever asks for more rest than that is asked for all the same.
_LONGEST_SKIP = timedelta(days=3)

# Validators may lie, and then for ever: so often a listing is asked for without, a twentieth of the
# traffic that they save, and at the latest after a week.
_FULL_EVERY = 20
_FULL_AFTER = timedelta(days=7)
# A silence of less than half a working day is no reason to doubt them.
_LEAST_DOUBT = timedelta(hours=4)
# A server whose validators stayed the same while its entries did not is asked without for so long:
# a month, in which it may be mended.
_DISTRUST = timedelta(days=30)


def longest_wait(schedule: str) -> timedelta | None:
    """
    The longest that a listing without news waits; None where a crontab line says when.

    >>> str(longest_wait("1h")), str(longest_wait("12h")), str(longest_wait("2d")), longest_wait("0 6 * * *")
    ('4:00:00', '1 day, 0:00:00', '2 days, 0:00:00', None)
    """
    if " " in schedule.strip():
        return None
    every = parse_duration(schedule)
    return max(every, min(_MOST_SCHEDULES * every, _LONGEST_WAIT))


def next_visit(listing: KnownListing, schedule: str, at: datetime) -> datetime | None:
    """
    When a listing that was visited at *at* may be asked for again; None where the schedule alone
    says when.
    """
    longest = longest_wait(schedule)
    if longest is None:
        return None
    silence = at - (listing.news_at or listing.since)
    wait = min(max(silence / SHARE_OF_SILENCE, listing.rhythm.wait, parse_duration(schedule)), longest)
    return _after_skipped(at + wait * (1 - SLACK), listing.rhythm)


def _after_skipped(at: datetime, rhythm: Rhythm) -> datetime:
    """
    The first moment that is in no skipped hour and on no skipped day; *at* itself where none comes
    soon.
    """
    moment = at.astimezone(UTC)
    while moment.hour in rhythm.hours or moment.weekday() in rhythm.days:
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if moment - at > _LONGEST_SKIP:
            return at
    return moment


def is_put_off(listing: KnownListing, schedule: str, now: datetime) -> bool:
    """
    Whether a listing waits although the turn of its source has come.

    A last visit in the future is that of a clock that went wrong: it puts nothing off. Nor does a
    bound that was longer before the schedule was changed.
    """
    longest = longest_wait(schedule)
    if longest is None or listing.ask_after is None or listing.visited_at is None or listing.visited_at > now:
        return False
    if listing.rhythm.hours or listing.rhythm.days:
        longest += _LONGEST_SKIP
    return now < min(_after_skipped(max(now, listing.ask_after), listing.rhythm), listing.visited_at + longest)


def is_full_turn(listing: KnownListing, schedule: str, now: datetime) -> bool:
    """
    Whether a listing is asked for at its own address and without validators this time, whatever is
    known of both.

    Every twentieth time, or when so many would have come by its schedule: who is put off for its
    silence may be silent because its validators lie. So it is, too, when it is without news for
    longer than it usually is.
    """
    if listing.full_at is None or listing.conditional_count >= _FULL_EVERY - 1:
        return True
    rests = [_FULL_AFTER]
    if " " not in schedule.strip():
        rests.append(_FULL_EVERY * parse_duration(schedule))
    if listing.usual is not None and listing.news_at is not None and now - listing.news_at > listing.usual:
        rests.append(max(listing.usual, _LEAST_DOUBT))
    return now - listing.full_at >= min(rests)


def is_distrusted(listing: KnownListing, now: datetime) -> bool:
    """Whether the validators of a listing were found to lie, not long ago."""
    return listing.distrusted_at is not None and now - listing.distrusted_at < _DISTRUST
