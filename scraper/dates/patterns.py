"""The ways to write a day and a time, and the words for them, made of the languages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scraper.dates.calendars import ERAS, Calendar
from scraper.languages import Languages
from scraper.text import any_of

# A month: of a calendar, and its number.
Month = tuple[Calendar, int]
# The rows that name months.
_ROWS = {"months": Calendar.GREGORIAN, "solar_months": Calendar.SOLAR, "bikram_months": Calendar.BIKRAM}
_PLAIN_NAME = re.compile(r"[^\W\d_]{3,12}")
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_NUMBER = "[0-9〇零一二三四五六七八九十元]{1,5}"  # of Chinese and Japanese


@dataclass(frozen=True, slots=True)
class Patterns:
    """
    What the words for dates make.

    Args:
        days: The ways to write a day, the most certain first.
        alone: Those that are one only where nothing else is written: without signs between the
            numbers, or without a day.
        between: What stands between a day and a time; *before_day* the other way round.
        time: A time of day, before it or behind it which half of the day; *clock* is a word behind
            it.
        afternoon: The words for the second half.
        weekdays: The numbers of each, from Monday on, with the languages that call it so.
    """

    days: tuple[re.Pattern[str], ...]
    alone: tuple[re.Pattern[str], ...]
    between: re.Pattern[str]
    time: re.Pattern[str]
    time_before: re.Pattern[str]
    clock: re.Pattern[str]
    afternoon: frozenset[str]
    months: Mapping[str, Month]
    weekdays: Mapping[str, frozenset[tuple[str, int]]]


def make_patterns(languages: Languages) -> Patterns:
    """What the words of some languages make."""

    def any_in(*rows: str) -> str:
        return any_of(languages.words("dates", *rows))

    time = _time_pattern(any_in)
    at = any_in("at")
    return Patterns(
        days=tuple(re.compile(pattern, re.IGNORECASE) for pattern in _day_patterns(languages, any_in)),
        alone=tuple(
            re.compile(pattern, re.IGNORECASE)
            for pattern in (
                r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?=[T ]|\Z|\d{4}(?:\d{2})?\Z)",
                # W3C: a month or a year alone.
                r"(?P<year>\d{4})(?:-(?P<month>\d{2}))?\Z",
            )
        ),
        # Behind the day can stand a word for the year, or the weekday in brackets or as in Japan and Korea.
        between=re.compile(
            rf"\.?(?:\s*(?:{any_in('year_word')}|d\.|[(（][^()（）\d]{{1,10}}[)）]|\w曜日?|\w요일))?"
            rf"[T ,;،|@·•(\]]*(?:(?:{at}|[-–—])\s)?\s*",
            re.IGNORECASE,
        ),
        time=re.compile(time, re.IGNORECASE),
        time_before=re.compile(
            rf"(?<![\d:.]){time}\s*{any_in('clock')}?\s*(?P<zone>[A-Z]{{2,5}})?\s*[,|·•–—-]?\s*"
            r"(?:[^\W\d_]{2,12}\.?,?\s*)??\Z",
            re.IGNORECASE,
        ),
        clock=re.compile(rf"^{any_in('clock')}(?![^\W\d_])\.?", re.IGNORECASE),
        afternoon=frozenset(languages.words("dates", "afternoon")),
        months=find_months(languages),
        weekdays=_find_weekdays(languages),
    )


def _time_pattern(any_in: Callable[..., str]) -> str:
    words = any_in("morning", "afternoon")
    clock = any_in("clock")
    return (
        rf"(?P<before>{words})? *(?P<hour>\d{{1,2}})"
        r"(?:(?:[:：]|h|\s?[时時點点시]\s?)(?P<minute>\d{2})"
        r"(?::(?P<second>\d{2})(?:[.,](?P<part>\d+))?)?[分분]?"
        # A stop can be that of a decimal number: nothing but what belongs to a time may follow.
        rf"|\.(?P<dotted>\d{{2}})(?=\s*(?:\Z|[)|,;·•–—-]|{clock}\b|[ap]\.?m))"
        rf")?(?!\d) *(?P<half>[ap]\.?\s?m\b\.?|{words})?"
    )


def _day_patterns(languages: Languages, any_in: Callable[..., str]) -> Iterable[str]:
    ordinal, of, year_word = (any_in(row) for row in ("ordinal", "of", "year_word"))
    of = rf"(?:{of}(?:\s+|(?<=[.'’])))?"
    # Names that are no run of letters: of several words, in scripts that set signs on their letters.
    odd = any_of(_spoken(name) for name in _names_of_months(languages) if not _PLAIN_NAME.fullmatch(name))
    name = rf"(?P<name>{odd}|[^\W\d_]{{3,12}})\.?"
    day = rf"(?<!\d)(?P<day>\d{{1,2}})(?:{ordinal}|\.)?"
    # "آذار/مارس"
    other_name = r"(?:\s?[/(]\s?[^\W\d_]{3,12}\)?)?"
    year = r"(?P<year>\d{4})(?![\d:])"
    return (
        r"(?<!\d)(?P<year>\d{4})(?P<sign>[-/]|\.\s?)(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\.?\d)",
        (
            rf"(?P<era>{any_of(ERAS)})?\s?(?P<counted>{_NUMBER})\s?[年년]\s?(?P<month>{_NUMBER})\s?[月월]\s?"
            rf"(?P<day>{_NUMBER})\s?[日號号일]?"
        ),
        rf"(?P<era>{any_of(ERAS)})\s?(?P<counted>\d{{1,3}})([./-])(?P<month>\d{{1,2}})\3(?P<day>\d{{1,2}})(?!\d)",
        rf"(?<![^\W\d_]){name}[\s-]+{day},?[\s-]+{of}{year}",
        rf"{day}[\s-]+{of}{name}{other_name}[,،]?[\s-]+{of}(?P<year>\d{{4}}|\d{{2}})(?![\d:])",
        # ctime, and Java's with the zone before the year.
        (
            rf"(?<![^\W\d_]){name}\s+{day} (?P<clock>{_CLOCK}) "
            rf"(?:(?P<zone>[A-Z]{{2,5}}|(?:GMT|UTC)?[+-]\d\d:?\d\d) )?{year}"
        ),
        rf"(?<!\d)(?P<year>\d{{4}})\.?,?\s+(?:{year_word}\s+)?{name}\s+{day}(?![\d:])",
        rf"(?<!\d)(?P<year>\d{{4}})\.?\s+{year_word}\s+{day}\s+{name}",
        r"(?<![\d.])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})(?!\d)",
        r"(?<![\d./])(?P<first>\d{1,2})(?P<sign>[-/])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4})(?!\d)",
        # Two digits are a year where the time stands behind them, and not a part of something else.
        r"(?<![\d./])(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>\d{2})(?=,?\s+\d{1,2}:\d{2}\b)",
        # Set apart by a style sheet alone: "07Apr2026".
        r"(?<![^\W_])(?P<day>\d{1,2})(?P<name>[^\W\d_]{3,12})(?P<year>(?:19|20)\d{2})(?![^\W_])",
    )


def _names_of_months(languages: Languages) -> Iterable[str]:
    return {name for row in _ROWS for names in languages.words("dates", row) for name in names.split()}


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def find_months(languages: Languages) -> Mapping[str, Month]:
    """
    Each month by its names in lower case, and by those of their first three or four letters that no
    other month has.
    """
    named: defaultdict[str, set[Month]] = defaultdict(set)
    begun: defaultdict[str, set[Month]] = defaultdict(set)
    for language in languages.languages.values():
        for row, calendar in _ROWS.items():
            for number, names in enumerate(language.words("dates", row), 1):
                for name in names.split():
                    named[_spoken(name)].add((calendar, number))
                    # Names of other calendars are met in full.
                    if calendar is Calendar.GREGORIAN:
                        # "Sept.", "Mar.": as months are shortened.
                        begun[name[:4]].add((calendar, number))
                        begun[name[:3]].add((calendar, number))
    return {form: min(months) for table in (begun, named) for form, months in table.items() if len(months) == 1}


def month_of(name: str, months: Mapping[str, Month]) -> Month | None:
    """
    The month that a name or its beginning means.

    >>> march = (Calendar.GREGORIAN, 3)
    >>> month_of("Marzo", {"mar": march}) == march, month_of("Sommer", {"mar": march})
    (True, None)
    """
    name = name.lower()
    return months.get(name) or months.get(name[:4]) or months.get(name[:3])


def _find_weekdays(languages: Languages) -> Mapping[str, frozenset[tuple[str, int]]]:
    found: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    for language in languages.languages.values():
        for number, names in enumerate(language.words("dates", "weekdays")):
            for name in names.split():
                found[name].add((language.code, number))
    return {name: frozenset(days) for name, days in found.items()}
