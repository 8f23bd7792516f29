"""Dates as texts write them out, and as pages state them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scraper.dates import find_months, month_of, parse_date
from scraper.languages import Languages
from scraper.read.words.lexicon import of_languages
from scraper.text import any_of, one_of

# The web is not older; programs write 1970 and the year 1 where they have no date.
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
# As programs write dates for programs: ISO 8601, RFC 822, ctime, seconds. What markup states in
# words for people is said of the page as often as of its article, and comes after what the page
# shows.
_MACHINE_WRITTEN = re.compile(
    r"\s*(?:\d{4}-\d|\d{8}(?!\d)|\d{10}|(?:[^\W\d_]{3,9},? )?\d{1,2}[ -][^\W\d_]{3,9}[ -]\d{2,4} \d{1,2}:"
    r"|[^\W\d_]{3,9},? [^\W\d_]{3,9} \d{1,2} (?:\d{4},? )?\d{1,2}:)"
)


def parse_when(text: str) -> datetime | None:
    """
    The instant of a date that a page states for machines, in UTC; None where it is none, or no page
    can be of then.

    >>> parse_when("2024-03-01T10:00:00+0100")
    datetime.datetime(2024, 3, 1, 9, 0, tzinfo=datetime.timezone.utc)
    >>> parse_when("March 1, 2024"), parse_when("0001-01-01")
    (None, None)
    """
    at = parse_date(text) if _MACHINE_WRITTEN.match(text) else None
    return at if at and _FIRST_YEAR <= at.year <= _LAST_YEAR else None


@dataclass(frozen=True, slots=True)
class _Patterns:
    """
    What the words for dates make, for the languages in use.

    Args:
        written: The ways in which texts write out a day, the most certain first.
        months: The number of each month, by its names and their beginnings.
        changed: What a line says of the time when a text was changed.
        day_and_month: A day, and the month behind it.
    """

    written: tuple[re.Pattern[str], ...]
    months: Mapping[str, int]
    changed: re.Pattern[str]
    weekdays: frozenset[str]
    before_day: frozenset[str]
    day_and_month: re.Pattern[str]


@of_languages
def _patterns(languages: Languages) -> _Patterns:
    ordinal, of = (any_of(languages.words("dates", row)) for row in ("ordinal", "of"))
    month, year = r"(?P<month>[^\W\d_]{3,12})\.?", r"(?P<year>(?:19|20)\d{2})(?!\d)"
    written = (
        r"(?P<year>(?:19|20)\d{2})-(?P<number>\d{1,2})-(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>(?:19|20)\d{2})年(?P<number>\d{1,2})月(?P<day>\d{1,2})日",
        rf"(?<![^\W\d_]){month}\s+(?P<day>\d{{1,2}}){ordinal}?,?\s+{year}",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:\.|{ordinal})?\s+(?:{of}\s+)?{month},?\s+(?:{of}\s+)?{year}",
        rf"(?<!\d)(?P<day>\d{{1,2}})([.-])(?P<number>\d{{1,2}})\2{year}",
        rf"(?<!\d)(?P<number>\d{{1,2}})/(?P<day>\d{{1,2}})/{year}",
    )
    return _Patterns(
        written=tuple(map(re.compile, written)),
        months=languages.derive(find_months),
        changed=re.compile(one_of(languages.words("dates", "changed")), re.IGNORECASE),
        weekdays=frozenset(languages.words("dates", "weekdays")),
        before_day=frozenset(languages.words("dates", "before_day")),
        day_and_month=re.compile(rf"\d{{1,2}}(?:\.|{ordinal})?\s+(?:{of}\s+)?([^\W\d_]{{3,}})"),
    )


# Languages of countries that write the month first; of "en" alone nobody knows.
_MONTH_FIRST = re.compile(r"en(?:[-_](?:us|ph|ca))?", re.IGNORECASE)


def find_written_date(text: str, language: str | None = None) -> str | None:
    """
    The first date that a text writes out, as ISO 8601; None where there is none, or where it can
    mean two days.

    Args:
        language: As a page states its own ("pt-BR"): only in English the month can stand before the
            day in "6/5/2012".

    >>> find_written_date("By Ann Other / June 25, 2012"), find_written_date("2. März 2024, 8:15 Uhr")
    ('2012-06-25', '2024-03-02')
    >>> find_written_date("06/25/2012"), find_written_date("25/06/2012"), find_written_date("06/05/2012")
    ('2012-06-25', '2012-06-25', None)
    >>> find_written_date("06/05/2012", "fr")
    '2012-05-06'
    """
    is_day_first = bool(language and not _MONTH_FIRST.fullmatch(language))
    patterns = _patterns()
    found = (each for pattern in patterns.written for each in pattern.finditer(text))
    days = (_day_of(each, patterns.months, is_day_first=is_day_first) for each in found)
    return next(filter(None, days), None)


def _day_of(found: re.Match[str], months: Mapping[str, int], *, is_day_first: bool) -> str | None:
    """The day that a date means; None where it is none, or can be two."""
    parts = found.groupdict()
    month = int(parts["number"]) if "number" in parts else month_of(parts["month"], months)
    day = int(parts["day"])
    if "/" in found.group():  # as the pattern has it, the month stands first
        if max(month, day) > 12:
            month, day = min(month, day), max(month, day)
        elif is_day_first:
            month, day = day, month
        elif month != day:
            return None
    return f"{parts['year']}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def says_changed(text: str) -> bool:
    """
    Whether a line with a date says when a text was changed.

    >>> says_changed("Last updated on 3 May"), says_changed("Published 3 May")
    (True, False)
    """
    return _patterns().changed.search(text) is not None


# A style sheet alone can set the month against a name ("Ann OtherMay 3").
_GLUED = re.compile(r"(.*[^\W\d_])([A-Z][^\W\d_A-Z]\w+\.?)")


def cut_date(line: str) -> str:
    """
    A line up to its first date or clock time.

    >>> cut_date("Ann Other and Jo Roe, Tue 29 Nov 2016 15.26"), cut_date("Ann May"), cut_date("Ann Martin 3.5.2024")
    ('Ann Other and Jo Roe', 'Ann May', 'Ann Martin')
    """
    digit = re.search(r"\d", line)
    if digit is None:
        return line
    patterns = _patterns()
    words = line[: digit.start()].split()
    day = patterns.day_and_month.match(line, digit.start())
    # A month stands before the day or behind it; what stands there else is a name ("Ann May 3
    # June").
    months = frozenset() if day and day[1].lower() in patterns.months else patterns.months.keys()
    if words and (glued := _GLUED.fullmatch(words[-1])) and glued[2].strip(".").lower() in months:
        words[-1:] = glued.groups()
    for known in (patterns.before_day, months, patterns.weekdays, patterns.before_day):
        if words and words[-1].strip(".,").lower() in known:
            del words[-1]
    return " ".join(words).rstrip(" ,|•·–—-(/")
