"""
The free articles that a site grants, and how many of them a pass may still read. Pure.

What a site grants is learnt from what its pages state (`Access.numbers`), or told by the
configuration, which goes first. Every article page that was served whole counts, also one that was
asked for again; a page that was cut shows that nothing is left. Feeds, listings, robots.txt and
"not modified" cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from scraper.model import Access, AccessStatus, MeterNumbers, MeterRule
from scraper.settings.values import parse_duration

# Where nobody says how long a window is: a month, as most meters have it.
_USUAL_WINDOW = timedelta(days=30)
# Pages that are cut and name no meter may be for subscribers only: several in a row close a site
# for so long, which costs one view a day to find out.
_LOOK_AGAIN = timedelta(days=1)
_WALLS = frozenset({"paywall", "registration"})
_PERIODS = {"month": "month", "week": "7d", "day": "1d", "year": "365d"}
_PERIOD_DAYS = {"months": 30, "weeks": 7, "days": 1}


class MeterOrigin(StrEnum):
    """Who says what a site grants."""

    PAGE = "page"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Meter:
    """
    What a site grants a reader without a subscription.

    Args:
        site: Its registrable domain.
        allowance: Articles in one window; None where nobody says.
        window: "month" (of the calendar, UTC), or a rolling duration such as "30d"; None where
            nobody says.
        reserve: Articles of each window that are left for the reader.
        closed_until: A page came cut; nothing is asked for before.
    """

    site: str
    allowance: int | None = None
    window: str | None = None
    reserve: int = 0
    origin: MeterOrigin = MeterOrigin.PAGE
    closed_until: datetime | None = None


def window_start(meter: Meter, now: datetime) -> datetime:
    """
    Since when views count at *now*.

    >>> from datetime import UTC
    >>> window_start(Meter("a.example", window="month"), datetime(2026, 3, 20, 8, tzinfo=UTC)).isoformat()
    '2026-03-01T00:00:00+00:00'
    >>> window_start(Meter("a.example", window="7d"), datetime(2026, 3, 20, 8, tzinfo=UTC)).isoformat()
    '2026-03-13T08:00:00+00:00'
    """
    if meter.window == "month":
        return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return now - _length(meter)


def window_end(meter: Meter, now: datetime) -> datetime:
    """
    When the views that are made at *now* leave the window.

    >>> from datetime import UTC
    >>> window_end(Meter("a.example", window="month"), datetime(2026, 3, 20, 8, tzinfo=UTC)).isoformat()
    '2026-04-01T00:00:00+00:00'
    """
    if meter.window == "month":
        # No month has so many days: the first of the next one is the first of the month that lies
        # there.
        return (window_start(meter, now) + timedelta(days=32)).replace(day=1)
    return now + _length(meter)


def _length(meter: Meter) -> timedelta:
    return parse_duration(meter.window) if meter.window else _USUAL_WINDOW


def views_left(meter: Meter, spent: int, now: datetime) -> int | None:
    """
    How many articles a pass may still ask for, when *spent* were read in the window; None where no
    bound is known.

    >>> from datetime import UTC
    >>> views_left(Meter("a.example", allowance=5, reserve=1), 3, datetime(2026, 3, 20, tzinfo=UTC))
    1
    """
    if meter.closed_until is not None and now < meter.closed_until:
        return 0
    return None if meter.allowance is None else max(0, meter.allowance - meter.reserve - spent)


def configure(known: Meter | None, site: str, rule: MeterRule) -> Meter:
    """
    The meter of a site with what the configuration says of it; what it does not say stays as the
    pages stated it.
    """
    meter = known or Meter(site)
    if meter.origin is MeterOrigin.CONFIGURATION and rule.limit is None:
        meter = replace(meter, allowance=None)  # an earlier rule said it
    return replace(
        meter,
        allowance=rule.limit or meter.allowance,
        window=rule.window or meter.window,
        reserve=rule.reserve,
        origin=MeterOrigin.PAGE if rule.limit is None else MeterOrigin.CONFIGURATION,
    )


def learn(known: Meter | None, site: str, access: Access, rule: MeterRule | None = None) -> Meter | None:
    """
    The meter of a site after one of its pages was read; None where nothing points to one.

    >>> access = Access(AccessStatus.METERED, complete=True, numbers=MeterNumbers(limit=5, periods=("month",)))
    >>> learn(None, "a.example", access)
    ... # doctest: +ELLIPSIS
    Meter(site='a.example', allowance=5, window='month', reserve=0, ...)
    """
    if access.status is not AccessStatus.METERED and not _offers_meter(access):
        return known
    numbers, meter = access.numbers, known or Meter(site)
    is_ruled = meter.origin is MeterOrigin.CONFIGURATION
    return replace(
        meter,
        allowance=meter.allowance if is_ruled else numbers.limit or meter.allowance,
        window=(rule.window if rule else None) or stated_window(numbers) or meter.window,
    )


def _offers_meter(access: Access) -> bool:
    """
    Whether a page that was cut states the numbers of a meter.

    Offers have numbers, too: those of a page that is open, or that wants an account, are of no
    meter.
    """
    return is_walled(access) and access.status is not AccessStatus.REGISTRATION and _states(access.numbers)


def _states(numbers: MeterNumbers) -> bool:
    return numbers.limit is not None or numbers.used is not None or numbers.remaining is not None


def stated_window(numbers: MeterNumbers) -> str | None:
    """
    The window that numbers name. Prices have periods as well: beside one, only a month is taken for
    the meter's.

    >>> stated_window(MeterNumbers(periods=("3 months",))), stated_window(MeterNumbers(periods=("year", "month")))
    ('90d', 'month')
    >>> stated_window(MeterNumbers(limit=5, prices=(99.0,), periods=("year",))) is None
    True
    """
    periods = set(numbers.periods)
    if "month" in periods:
        return "month"
    if len(periods) != 1 or numbers.prices:
        return None
    count, _, unit = periods.pop().rpartition(" ")
    if count.isdecimal() and unit in _PERIOD_DAYS:
        return f"{int(count) * _PERIOD_DAYS[unit]}d"
    return _PERIODS.get(unit) if not count else None


def stated_spent(numbers: MeterNumbers) -> int:
    """
    How many views the site itself has counted, by what its page says; 0 where it does not.

    >>> stated_spent(MeterNumbers(limit=5, remaining=2)), stated_spent(MeterNumbers(limit=5))
    (3, 0)
    """
    if numbers.used is not None:
        return numbers.used
    if numbers.limit is not None and numbers.remaining is not None:
        return max(0, numbers.limit - numbers.remaining)
    return 0


def is_walled(access: Access) -> bool:
    """Whether the page was cut by a wall."""
    return access.complete is False and access.cut_by in _WALLS


def says_spent(access: Access) -> bool:
    """
    Whether the page was cut by a meter that has run out. One that says that views remain is for
    subscribers only.
    """
    names_meter = access.status is AccessStatus.METERED or _states(access.numbers)
    return is_walled(access) and names_meter and not access.numbers.remaining


def close(meter: Meter, views: Sequence[datetime], now: datetime) -> Meter:
    """
    The meter closed until its window has room again: with the next month, or as the oldest view
    leaves the window.

    Args:
        views: When the views of the window were made, oldest first.
    """
    if meter.window == "month":
        return replace(meter, closed_until=window_end(meter, now))
    return replace(meter, closed_until=(views[0] if views else now) + _length(meter))


def close_for_a_day(meter: Meter, now: datetime) -> Meter:
    """
    The meter closed for a while, since walls were met that do
    not say whether anything is left.
    """
    return replace(meter, closed_until=now + _LOOK_AGAIN)


def period_of(meter: Meter) -> str:
    """
    The window for the reader.

    >>> period_of(Meter("a.example", window="month")), period_of(Meter("a.example"))
    ('this month', '30 days')
    """
    if meter.window == "month":
        return "this month"
    days = max(1, round(_length(meter) / timedelta(days=1)))
    return f"{days} day{'s' * (days > 1)}"


def describe_spent(meter: Meter, spent: int) -> str:
    """
    Why articles of a site were left, for the reader, when *spent* were read in the window.

    >>> describe_spent(Meter("a.example", allowance=5, window="month"), 5)
    'its 5 free articles of this month are read'
    >>> describe_spent(Meter("a.example", allowance=5, window="7d", reserve=1), 4)
    'its free articles of 7 days are read, but for the 1 of 5 that is kept for you'
    >>> describe_spent(Meter("a.example", allowance=5, window="month"), 1)
    'its pages came cut; it is asked again after a day'
    """
    period = period_of(meter)
    if meter.allowance is None:
        return f"its free articles of {period} are read"
    if spent < meter.allowance - meter.reserve:
        return "its pages came cut; it is asked again after a day"
    if meter.reserve and spent < meter.allowance:
        kept = f"{meter.reserve} of {meter.allowance} that {'is' if meter.reserve == 1 else 'are'} kept for you"
        return f"its free articles of {period} are read, but for the {kept}"
    articles = "1 free article" if meter.allowance == 1 else f"{meter.allowance} free articles"
    return f"its {articles} of {period} {'is' if meter.allowance == 1 else 'are'} read"
