"""
What prompts say in numbers: how many articles a meter lets through, how many are left, what reading
on costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scraper.languages import Languages
from scraper.model import MeterNumbers
from scraper.read.words.lexicon import in_use, of_languages
from scraper.read.words.names import known_names
from scraper.read.words.phrases import fold_prompt
from scraper.read.words.vocabulary import Vocabulary
from scraper.text import any_of, one_of

_AMOUNT = r"\d{1,3}(?:[.,\s]\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
# In characters: a period stands beside its price.
_PERIOD_REACH = 25
# A text without a number that is so short, in characters, may be the middle of a sentence about
# one.
_SHORT_LINE = 60
# Letters and digits of scripts that set words apart: in others a price stands among the words.
_SPACED = r"0-9a-z\u00df-\u1dff"
_CODE_LETTERS = 3  # of a currency, by ISO 4217
_PERIODS = ("month", "year", "week", "day")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """
    What the words of [counts] make, for the languages in use.

    Args:
        numbers: What numbers written as words mean; *any_number* fits any number.
        price: An amount and its currency, in either order.
        periods: A period, by its name, and how many of it.
        counted: What every pattern below needs.
        left_of: "7 of 8 free articles left": the first number is what remains.
        limits: "You have read 3 of 5": the first number is what was used.
        allowances: "3 articles a month".
        left: "3 articles left".
        percent_left: How much of a text is left.
    """

    numbers: Mapping[str, int]
    any_number: re.Pattern[str]
    price: re.Pattern[str]
    periods: Mapping[str, re.Pattern[str]]
    counted: re.Pattern[str]
    left_of: tuple[re.Pattern[str], ...]
    limits: tuple[re.Pattern[str], ...]
    allowances: tuple[re.Pattern[str], ...]
    left: tuple[re.Pattern[str], ...]
    percent_left: re.Pattern[str]


@of_languages
def _patterns(languages: Languages) -> _Patterns:
    def some(*rows: str) -> str:
        return one_of(languages.words("counts", *rows))

    numbers = _find_number_words(languages)
    words = "|".join(sorted(map(re.escape, numbers), key=len, reverse=True))
    count = rf"(\d{{1,3}}|{words})" if words else r"(\d{1,3})"
    piece, read, remains, left = some("piece"), some("read"), some("remains"), some("left")
    # What a meter counts, and the words that may stand before it.
    pieces = rf"(?:{some('free')}[\s-]+)*-?{piece}"
    of = rf"\s*(?:{some('of')}|/)\s*"
    return _Patterns(
        numbers=numbers,
        any_number=re.compile(rf"\d|\b{any_of(numbers)}\b"),
        price=_price_pattern(known_names().currencies),
        periods={
            period: re.compile(rf"(?:(?<![\w.,]){count}\s?|(?<![^\W\d_]))(?P<period>{some(period)})")
            for period in _PERIODS
        },
        counted=re.compile(f"{piece}|{read}"),
        left_of=(
            re.compile(rf"\b{remains}\s+(?:{some('still')} )?{count}{of}{count}\s*{pieces}"),
            re.compile(rf"\b{count}{of}{count}\s*{pieces}\s+{left}"),
        ),
        limits=(
            re.compile(rf"{read}\s*(?:\b{count})?{of}(?:{some('your')} )?{count}\b(?!\s*%)"),
            re.compile(rf"\b{count}{of}(?:{some('your')} )?{count}\s*{pieces}"),
        ),
        allowances=(
            re.compile(rf"\b{count}\s+{pieces}(?:\s+{some('free')})?\s+(?:{some('each')}\s|/)\s*(?P<period>\w+)"),
            re.compile(rf"\b{some('every')}\s+(?P<period>\w+)\s+{count}\s+{pieces}"),
        ),
        left=(
            re.compile(rf"\b{count}\s+(?:more )?{pieces}\s+{left}"),
            re.compile(rf"\b{remains}\s+{count}\s+{pieces}"),
            *map(re.compile, languages.words("counts", "left_counted")),
        ),
        percent_left=re.compile(rf"{remains}\D{{0,20}}(\d{{1,2}}) ?%|{some('percent_left')}"),
    )


def _price_pattern(currencies: Iterable[str]) -> re.Pattern[str]:
    unit = "|".join(sorted(map(re.escape, currencies), key=len, reverse=True))
    codes = "|".join(sorted({each for each in currencies if len(each) == _CODE_LETTERS and each.isalpha()}))
    return re.compile(
        rf"(?<!\w)({unit})\s?({_AMOUNT})(?!\w)(?:\s?(?P<code>{codes})\b)?"
        rf"|(?<![{_SPACED}.,])({_AMOUNT})\s?({unit})(?![{_SPACED}])"
    )


def _find_number_words(languages: Languages) -> Mapping[str, int]:
    """What words from one to ten mean; where a word is two numbers, the lower one."""
    found: dict[str, int] = {}
    for language in languages.languages.values():
        for number, forms in enumerate(language.words("counts", "numbers"), 1):
            for form in forms.split():
                found[form] = min(number, found.get(form, number))
    return found


def find_numbers(texts: tuple[str, ...], local: str | None = None) -> MeterNumbers:
    """
    What prompts say of limits and prices; a text may go on in the next.

    Args:
        local: The currency of the place that the page is of; it is meant where its sign is one of
            several currencies ("$", "kr").

    >>> find_numbers(("You've read  of 5 free articles.", "Unlimited digital access $11/month."))
    ... # doctest: +NORMALIZE_WHITESPACE
    MeterNumbers(limit=5, used=None, remaining=None, prices=(11.0,), currency='USD', periods=('month',),
                 percent_remaining=None)
    """
    patterns = _patterns()
    folded = _worth_a_look(texts, patterns)
    counts = _find_counts([*folded, " ".join(folded)], patterns)
    prices = [(price, text) for text in folded for price in patterns.price.finditer(text)]
    periods = [period for price, text in prices for period in _periods_near(price, text, patterns)]
    if (period := counts.pop("period", None)) is not None:
        periods.append(str(period))
    currency = next((_currency_of(price, local) for price, _ in prices), None)
    amounts = dict.fromkeys(_amount(price[2] or price[4]) for price, _ in prices)
    return MeterNumbers(prices=tuple(amounts), currency=currency, periods=tuple(dict.fromkeys(periods)), **counts)


def names_price(text: str) -> bool:
    """
    Whether a text names an amount of money, as `find_numbers` would find it.

    >>> names_price("Unlimited digital access $11/month."), names_price("5 free articles")
    (True, False)
    """
    patterns = _patterns()
    return any(map(patterns.price.search, _worth_a_look((text,), patterns)))


def _worth_a_look(texts: Iterable[str], patterns: _Patterns) -> list[str]:
    """The texts, folded, without those that tell no number; none where no text has one."""
    # The same offer often stands twice on a page, and most of it are words without a number.
    folded = list(dict.fromkeys(map(fold_prompt, texts)))
    with_number = set(filter(patterns.any_number.search, folded))
    return [text for text in folded if text in with_number or len(text) < _SHORT_LINE] if with_number else []


def _currency_of(price: re.Match[str], local: str | None) -> str:
    """The currency of a price: by the code beside it, else by its sign."""
    unit = price["code"] or price[1] or price[5]
    known = known_names()
    return local if local in known.shared_signs.get(unit, ()) and local is not None else known.currencies[unit]


def _periods_near(price: re.Match[str], text: str, patterns: _Patterns) -> Iterator[str]:
    """The periods that stand beside a price: "month", or "3 months" where they are counted."""
    for period, words in patterns.periods.items():
        found = words.finditer(text)
        near = {max(price.start() - each.end(), each.start("period") - price.end()): each for each in found}
        if near and min(near) <= _PERIOD_REACH:
            count = _count(near[min(near)].group(1), patterns)
            yield f"{count} {period}s" if count and count > 1 else period


def _find_counts(texts: list[str], patterns: _Patterns) -> dict[str, Any]:
    """
    Limit, used, remaining, percent left, and the period of an allowance: the first of each that any
    text names.
    """
    counts: dict[str, Any] = {}
    numbered = list(filter(patterns.any_number.search, texts))
    # The patterns try all number words at every word of a text.
    for text in filter(patterns.counted.search, numbered):
        if "limit" not in counts:
            counts |= _find_limit(text, patterns)
        if "remaining" not in counts and (found := _first_match(patterns.left, text)):
            counts["remaining"] = _count(found.group(1), patterns)
    vocabulary = in_use().languages.derive(Vocabulary)
    if found := next(filter(None, map(patterns.percent_left.search, numbered)), None):
        counts["percent_remaining"] = int(found[found.lastindex or 1])
    elif (share := next(filter(None, map(vocabulary.share_left, numbered)), None)) is not None:
        counts["percent_remaining"] = share
    if "limit" not in counts and "remaining" not in counts:
        counts |= next(filter(None, map(vocabulary.counts, texts)), {})
    return _fill_in(counts)


def _find_limit(text: str, patterns: _Patterns) -> dict[str, Any]:
    """The limit that a text names, with what was used or is left of it, or the period that it is for."""
    for name, ways in (("remaining", patterns.left_of), ("used", patterns.limits)):
        if found := _first_match(ways, text):
            return {name: _count(found.group(1), patterns), "limit": _count(found.group(2), patterns)}
    return _find_allowance(text, patterns)


def _find_allowance(text: str, patterns: _Patterns) -> dict[str, Any]:
    """How many a text says are free, and in what time."""
    for found in filter(None, (pattern.search(text) for pattern in patterns.allowances)):
        named = (period for period, words in patterns.periods.items() if words.match(found.group("period")))
        if period := next(named, None):
            limit = next(_count(word, patterns) for word in found.groups() if _is_count(word, patterns))
            return {"limit": limit, "period": period}
    return {}


def _first_match(ways: Iterable[re.Pattern[str]], text: str) -> re.Match[str] | None:
    return next(filter(None, (pattern.search(text) for pattern in ways)), None)


def _fill_in(counts: dict[str, Any]) -> dict[str, Any]:
    """Two of limit, used and remaining give the third."""
    limit, used, remaining = (counts.get(name) for name in ("limit", "used", "remaining"))
    if limit is not None and used is None and remaining is not None and remaining <= limit:
        counts["used"] = limit - remaining
    elif limit is not None and used is not None and remaining is None and used <= limit:
        counts["remaining"] = limit - used
    return counts


def _is_count(word: str | None, patterns: _Patterns) -> bool:
    return word is not None and (word.isdigit() or word in patterns.numbers)


def _count(word: str | None, patterns: _Patterns) -> int | None:
    if word is None:
        return None
    return int(word) if word.isdigit() else patterns.numbers[word]


def _amount(text: str) -> float:
    """
    The number that an amount means in either way of writing it.

    >>> _amount("1.299,90"), _amount("3,99"), _amount("1,299"), _amount("39")
    (1299.9, 3.99, 1299.0, 39.0)
    """
    digits = re.sub(r"\s", "", text)
    cents = re.search(r"[.,](\d{1,2})$", digits)
    whole = re.sub(r"[.,]", "", digits[: cents.start()] if cents else digits)
    return float(f"{whole}.{cents.group(1)}" if cents else whole)
