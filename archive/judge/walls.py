"""
The history of an outlet's wall: the free articles it grants and the prices it asks, as its pages
showed them. Pure.

A page shows a fact; the same fact on the next page, whenever that comes, makes its stretch longer,
another one begins a stretch of its own. An outlet may show several offers at a time, to different
readers, so a stretch goes on where it was seen in the days before, whatever was seen between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from archive.judge.learnt_walls import SIGNAL as LEARNT
from archive.judge.meters import is_walled, stated_window
from scraper.model import Access, AccessStatus

SAME_STRETCH = timedelta(days=14)
"""What was replaced by another fact of its kind for longer, and comes back, begins a new stretch.

Two offers that are shown by turns come back within days, one that ran out with the next season.
"""

# A page with more numbers than this is a price list, and no offer: three plans, by the month and by
# the year.
_MOST_PRICES = 6


class WallFact(StrEnum):
    """What is told of a wall."""

    ALLOWANCE = "allowance"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class WallState:
    """
    One thing that a page showed of its outlet's wall.

    Args:
        amount: Free articles, or the price.
        currency: ISO 4217, of a price.
        period: Of an allowance "month" or a duration; of a price "month", "year"; several joined by
            ", ".
    """

    fact: WallFact
    amount: float
    currency: str | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class WallStretch:
    """
    A state of a wall and how long it was seen.

    Args:
        capture_id, article_id: What showed it first, as far as it is still kept.
    """

    site: str
    state: WallState
    first_seen_at: datetime
    last_seen_at: datetime
    capture_id: int | None = None
    article_id: int | None = None


def find_wall_states(access: Access) -> tuple[WallState, ...]:
    """
    What a page shows of its wall: the allowance of a meter, and each price that has a currency and
    a period.

    >>> from scraper.model import MeterNumbers
    >>> numbers = MeterNumbers(limit=5, prices=(11.0,), currency="USD", periods=("month",))
    >>> [f"{s.fact} {s.amount:g}" for s in find_wall_states(Access(AccessStatus.METERED, False, numbers=numbers))]
    ['allowance 5', 'price 11']
    """
    numbers = access.numbers
    states: list[WallState] = []
    is_meter = access.status is AccessStatus.METERED or (
        is_walled(access) and access.status is not AccessStatus.REGISTRATION
    )
    if is_meter and numbers.limit is not None:
        states.append(WallState(WallFact.ALLOWANCE, numbers.limit, period=stated_window(numbers)))
    if numbers.currency and numbers.periods and len(numbers.prices) <= _MOST_PRICES:
        period = ", ".join(numbers.periods)
        states += [WallState(WallFact.PRICE, price, numbers.currency, period) for price in sorted(set(numbers.prices))]
    return tuple(states)


def says_wall(signal: str) -> bool:
    """
    Whether a sign of access quotes what a wall says to readers. Others quote declarations, names of
    elements and scripts, or numbers.

    >>> says_wall("prompt-meter"), says_wall("declared-part")
    (True, False)
    """
    return signal.startswith("prompt-") or signal in _SAYING


_SAYING = frozenset(("bare-heading", "wall-ends-page", "login-form", LEARNT))


def describe_state(state: WallState) -> str:
    """
    A state for the reader.

    >>> describe_state(WallState(WallFact.ALLOWANCE, 1, period="month"))
    '1 free article a month'
    >>> describe_state(WallState(WallFact.PRICE, 11.5, "USD", "month"))
    '$11.50 a month'
    """
    if state.fact is WallFact.ALLOWANCE:
        words = f"{state.amount:g} free article{'s' * (state.amount != 1)}"
    else:
        words = describe_price(state.amount, state.currency)
    return f"{words} {describe_periods(state.period.split(', '))}" if state.period else words


def describe_price(amount: float, currency: str | None) -> str:
    """
    A price as it is written in English; a currency whose sign is another one's too, by its code.

    >>> describe_price(11.5, "USD"), describe_price(9900, "KRW"), describe_price(129, "SEK"), describe_price(2, None)
    ('$11.50', '₩9,900', '129 SEK', '2')
    """
    written = f"{amount:,.2f}".removesuffix(".00")
    sign = _SIGNS.get(currency or "")
    return f"{sign}{written}" if sign else f"{written} {currency or ''}".strip()


def describe_periods(periods: Iterable[str]) -> str:
    """
    How often a price is asked, or articles are granted.

    >>> describe_periods(["month", "year"]), describe_periods(["4 weeks"]), describe_periods(["30d"])
    ('a month or a year', 'every 4 weeks', 'every 30 days')
    """
    return " or ".join(map(_every, periods))


def _every(period: str) -> str:
    if days := re.fullmatch(r"(\d+)d", period):
        period = f"{days[1]} days" if days[1] != "1" else "day"
    return f"every {period}" if period[:1].isdecimal() else f"a {period}"


# Of currencies whose sign says which one it is.
_SIGNS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "KRW": "₩",
    "INR": "₹",
    "ILS": "₪",
    "UAH": "₴",
    "AUD": "A$",
    "CAD": "CA$",
    "NZD": "NZ$",
    "BRL": "R$",
}
