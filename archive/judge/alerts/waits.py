"""When a notice that was not taken is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

# A server that is away is looked for soon, and at most every ten minutes: what is told at once is
# worth little a day later.
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=10)
_MOST_DOUBLINGS = 10  # more would leave the range of a timedelta
# As long as mail servers keep trying (RFC 5321 §4.5.4.1).
_GIVEN_UP_AFTER = timedelta(days=5)
# Who refuses for good: time for somebody to see it, and to mend a wrong address.
_WAIT_OF_REFUSED = timedelta(hours=6)
_REFUSED_FOR_GOOD_AFTER = timedelta(days=3)


def next_try(created_at: datetime, tries: int, now: datetime, *, is_lasting: bool) -> datetime | None:
    """
    When to try again what was not taken; None gives it up.

    Args:
        tries: Those that failed, the latest one included.
        is_lasting: The other side said that it will not take it.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 2, tzinfo=UTC)
    >>> [str(next_try(at, tries, at, is_lasting=False) - at) for tries in (1, 2, 3, 30)]
    ['0:00:30', '0:01:00', '0:02:00', '0:10:00']
    >>> next_try(at, 9, at + timedelta(days=3), is_lasting=True)
    """
    if now - created_at >= (_REFUSED_FOR_GOOD_AFTER if is_lasting else _GIVEN_UP_AFTER):
        return None
    if is_lasting:
        return now + _WAIT_OF_REFUSED
    doubled = min(max(tries - 1, 0), _MOST_DOUBLINGS)
    return now + min(_FIRST_WAIT * (1 << doubled), _LONGEST_WAIT)
