"""
When an article page is asked for again: one that did not come, and one that may have changed. Pure.

A page that does not come is asked for in the next passes, then after growing waits, for two weeks.
One that came is looked at again while it is young, the more rarely the longer it stays as it is;
what a listing says of a change brings the next look forward. A host that refuses, or does not
answer, is left alone for a while that grows from pass to pass.
"""

from __future__ import annotations

from datetime import datetime, timedelta

# Behind the first failure, the second …; behind the last one the page is given up. At once, since
# most failures are over with the next pass; then longer each time, two weeks in all, which a site
# that is down comes back within.
_TRIES_AFTER = tuple(timedelta(minutes=20) * n for n in (0, 0, 0, 1, 3, 9, 24, 72, 144, 288, 504))
# A page that no listing names any more is given up sooner: after the tries of a day and a half.
_FEWEST_TRIES = 8
_UNLISTED_AFTER = timedelta(days=2)
# Between two looks at a page that came, by how many in a row found it as it was: corrections come
# in the first hours.
_LOOKS_AFTER = tuple(timedelta(hours=n) for n in (1, 3, 8, 24))
# The same for looks that a listing asked for by naming a change.
_CLAIMS_AFTER = (timedelta(), *_LOOKS_AFTER)
# A pass begins some seconds after its hour and its visits come later still: a tenth less than the
# wait is enough.
_SLACK = 0.1
# By how often in a row a host was left; at first for one pass. A server that restarts is back
# within the hour, one that is moved within the day.
_HOST_RESTS = tuple(timedelta(hours=n) for n in (0, 0, 0.5, 1, 2, 4, 8))
_REFUSAL_RESTS = tuple(timedelta(hours=n) for n in (0, 0, 0, 2, 6, 12, 24))


def next_try(tries: int, now: datetime, listed_at: datetime | None) -> datetime | None:
    """
    When a page that did not come is asked for again; None where it is given up.

    Args:
        tries: Requests that failed in a row, this one included.
        listed_at: When a listing named it last.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> next_try(4, noon, noon).isoformat(), next_try(12, noon, noon)
    ('2026-03-02T12:20:00+00:00', None)
    >>> next_try(8, noon, noon - timedelta(days=3)) is None
    True
    """
    if tries > len(_TRIES_AFTER):
        return None
    is_unlisted = listed_at is not None and now - listed_at > _UNLISTED_AFTER
    if is_unlisted and tries >= _FEWEST_TRIES:
        return None
    return now + _TRIES_AFTER[max(tries, 1) - 1]


def next_look(looks: int, now: datetime) -> datetime:
    """
    When a page that came is looked at again.

    Args:
        looks: How many looks in a row, this one included, found it as it was.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> [(next_look(looks, noon) - noon) / timedelta(hours=1) for looks in (0, 1, 9)]
    [0.9, 2.7, 21.6]
    """
    return now + _LOOKS_AFTER[min(looks, len(_LOOKS_AFTER) - 1)] * (1 - _SLACK)


def look_for_claim(unfounded: int, now: datetime) -> datetime:
    """
    When a page is looked at of which a listing says that it changed.

    Args:
        unfounded: How many looks in a row for such a word found the page as it was: some feeds call
            everything new.
    """
    return now + _CLAIMS_AFTER[min(unfounded, len(_CLAIMS_AFTER) - 1)] * (1 - _SLACK)


def host_rest(spells: int, *, is_refusal: bool) -> timedelta:
    """
    How long a host is left alone that named no time itself.

    Args:
        spells: How often in a row it was left before.
        is_refusal: It answered, and refused its pages; else it did not answer.

    >>> host_rest(2, is_refusal=False), host_rest(9, is_refusal=True)
    (datetime.timedelta(seconds=1800), datetime.timedelta(days=1))
    """
    rests = _REFUSAL_RESTS if is_refusal else _HOST_RESTS
    return rests[min(spells, len(rests) - 1)]
