"""Dates as texts write them out, and as pages state them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from scraper.dates import Clues, Written, find_dates, parse_date
from scraper.dates.patterns import make_patterns
from scraper.languages import Languages
from scraper.read.words.lexicon import of_languages
from scraper.text import any_of, one_of

# The web is not older; programs write 1970 and the year 1 where they have no date.
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
# As programs write dates for programs: ISO 8601, RFC 822, ctime, seconds, Drupal with its weekday,
# and American days with the time. What markup states in words for people is said of the page as
# often as of its article, and comes after what the page shows.
_MACHINE_WRITTEN = re.compile(
    r"\s*(?:\d{4}[-/]\d|\d{8}(?!\d)|\d{14}\s*$|\d{10}|(?:[^\W\d_]{3,9},? )?\d{1,2}[ -][^\W\d_]{3,9}[ -]\d{2,4} \d{1,2}:"
    r"|[^\W\d_]{3,9},? [^\W\d_]{3,9} \d{1,2} (?:\d{4},? )?\d{1,2}:|[^\W\d_]{3,9},? \d{1,2}/\d{1,2}/\d{4}\b"
    r"|[^\W\d_]{3,9}\.? \d{1,2}, \d{4},? (?:at )?\d{1,2}:\d\d)"
)


def parse_when(text: str, clues: Clues | None = None) -> datetime | None:
    """
    The instant of a date that a page states for machines, in UTC; None where it is none, or no page
    can be of then.

    >>> parse_when("2024-03-01T10:00:00+0100")
    datetime.datetime(2024, 3, 1, 9, 0, tzinfo=datetime.timezone.utc)
    >>> parse_when("March 1, 2024"), parse_when("0001-01-01")
    (None, None)
    """
    at = parse_date(text, clues=clues) if _MACHINE_WRITTEN.match(text) else None
    return at if at and _is_of_the_web(at) else None


def _is_of_the_web(at: datetime) -> bool:
    return _FIRST_YEAR <= at.year <= _LAST_YEAR


@dataclass(frozen=True, slots=True)
class _Patterns:
    """
    What the words for dates make, for the languages in use.

    Args:
        months: Each month, by its names and their beginnings.
        published, changed: What a line says of the time when a text came out, or was changed.
        day_and_month: A day, and the month behind it.
    """

    languages: Languages
    months: frozenset[str]
    published: re.Pattern[str]
    changed: re.Pattern[str]
    weekdays: frozenset[str]
    before_day: frozenset[str]
    day_and_month: re.Pattern[str]


@of_languages
def _patterns(languages: Languages) -> _Patterns:
    ordinal, of = (any_of(languages.words("dates", row)) for row in ("ordinal", "of"))
    known = languages.derive(make_patterns)
    return _Patterns(
        languages=languages,
        months=frozenset(known.months),
        published=re.compile(one_of(languages.words("dates", "published")), re.IGNORECASE),
        changed=re.compile(one_of(languages.words("dates", "changed")), re.IGNORECASE),
        weekdays=frozenset(known.weekdays),
        before_day=frozenset(languages.words("dates", "before_day")),
        day_and_month=re.compile(rf"\d{{1,2}}(?:\.|{ordinal})?\s+(?:{of}\s+)?([^\W\d_]{{3,}})"),
    )


# Of "en" alone nobody knows whether it writes the month first.
_MONTH_FIRST, _UNDECIDED = re.compile(r"en[-_](?:us|ph)\b", re.IGNORECASE), re.compile(r"en(?:[-_]ca)?", re.IGNORECASE)


def is_month_first(language: str | None) -> bool | None:
    """
    Whether a language of a country writes "6/5/2012" for the fifth of June; None where nobody
    knows.

    >>> is_month_first("en-US"), is_month_first("pt-BR"), is_month_first("en")
    (True, False, None)
    """
    if not language or _UNDECIDED.fullmatch(language):
        return None
    return _MONTH_FIRST.match(language) is not None


def find_written_date(text: str, language: str | None = None) -> str | None:
    """
    The first date that a text writes out, as ISO 8601; None where there is none, or where it can
    mean two days.

    Args:
        language: As a page states its own ("pt-BR").

    >>> find_written_date("By Ann Other / June 25, 2012"), find_written_date("2. März 2024, 8:15 Uhr")
    ('2012-06-25', '2024-03-02')
    >>> find_written_date("06/25/2012"), find_written_date("25/06/2012"), find_written_date("06/05/2012")
    ('2012-06-25', '2012-06-25', None)
    >>> find_written_date("06/05/2012", "fr"), find_written_date("06/05/2012", "en-US")
    ('2012-05-06', '2012-06-05')
    """
    found = find_written(text, Clues(language, is_month_first(language)))
    return found[0].day.isoformat() if found else None


def find_written(text: str, clues: Clues) -> list[Written]:
    """The dates that a text writes out and a page can be of, in its order."""
    # Most texts have no year, and no digit at all.
    if not _MAY_BE_DATE.search(text):
        return []
    return [date for date in find_dates(text, clues, _patterns().languages) if _is_of_the_web(date.at)]


def is_date_alone(text: str) -> bool:
    """
    Whether a line is a date, with a label at most.

    >>> is_date_alone("Announced April 2, 2024"), is_date_alone("2 April 2024: the gate was closed at noon")
    (True, False)
    """
    return _MAY_BE_DATE.search(text) is not None and len(text) > len(without_dates(text)) < _MOST_LABEL


_MOST_LABEL = 20  # characters


def without_dates(text: str) -> str:
    """
    What a line says beside dates and their times.

    >>> without_dates("Published March 5, 2026 at 9:30 a.m.")
    'Published'
    """
    for date in reversed(find_written(text, Clues(is_month_first=False))):
        text = f"{text[: date.start]}{text[date.end :]}"
    return text.strip()


def beside_dates(text: str) -> float:
    """
    How many characters a line has for each of its dates, beside these.

    >>> beside_dates("Updated 9 March 2026 | Published 5 March 2026"), beside_dates("The gate was closed")
    (10.0, 19.0)
    """
    count = len(find_written(text, Clues(is_month_first=False)))
    return len(without_dates(text)) / max(count, 1)


_MAY_BE_DATE = re.compile(r"\d{3}|[年년]|\d/\d\d?/\d\d ")


class Told(NamedTuple):
    """The dates of a line, by what it says of each: when the text came out, and when it was changed."""

    published: Written | None = None
    changed: Written | None = None


def find_told(text: str, clues: Clues) -> Told:
    """
    What a line tells of its text: "Updated 9 March 2026 | Published 5 March 2026".

    A date without a word of its own is that of publication. The words stand before the dates, or
    else behind them.

    >>> told = find_told("Updated 9 March 2026 | Published 5 March 2026", Clues())
    >>> told.published.text, told.changed.text
    ('2026-03-05', '2026-03-09')
    """
    dates = find_written(text, clues)
    if not dates:
        return Told()
    if len(dates) == 1:
        return _told_of_one(text, dates[0])
    labelled = list(zip(dates, _labels_of(text, dates), strict=True))
    changed = _first_that(says_changed, labelled)
    others = [(date, label) for date, label in labelled if date is not changed]
    unnamed = [(date, label) for date, label in others if not says_changed(label)]
    return Told(_first_that(says_published, others) or (unnamed[0][0] if unnamed else None), changed)


def _told_of_one(text: str, date: Written) -> Told:
    is_changed = says_changed(text) and not says_published(text)
    return Told(changed=date) if is_changed else Told(published=date)


def _first_that(says: Callable[[str], bool], labelled: Iterable[tuple[Written, str]]) -> Written | None:
    return next((date for date, label in labelled if says(label)), None)


def _labels_of(text: str, dates: Sequence[Written]) -> list[str]:
    """What stands before each date, or behind it where that before the first says nothing."""
    gaps = [
        text[start:end]
        for start, end in zip(
            (0, *(date.end for date in dates)), (*(date.start for date in dates), len(text)), strict=True
        )
    ]
    is_behind = not _says_which(gaps[0]) and _says_which(gaps[-1])
    return gaps[1:] if is_behind else gaps[:-1]


def _says_which(label: str) -> bool:
    return says_changed(label) or says_published(label)


def says_published(text: str) -> bool:
    """Whether a line with a date says when a text came out."""
    return _patterns().published.search(text) is not None


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
    months = frozenset() if day and day[1].lower() in patterns.months else patterns.months
    if words and (glued := _GLUED.fullmatch(words[-1])) and glued[2].strip(".").lower() in months:
        words[-1:] = glued.groups()
    for known in (patterns.before_day, months, patterns.weekdays, patterns.before_day):
        if words and words[-1].strip(".,").lower() in known:
            del words[-1]
    return " ".join(words).rstrip(" ,|•·–—-(/")
