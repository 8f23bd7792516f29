"""
Dates as feeds, sitemaps and pages write them: text to an instant, or none where it is not certain
which.

A wrong hour is worse than no date: it puts an article into the wrong digest, or before one that it
answers. `parse_date` reads what is a date as a whole, `find_dates` the dates within a text; both
know the same forms (`patterns`), calendars and zones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

from scraper.dates.calendars import ERAS, Calendar, calendar_of_numbers, gregorian_day
from scraper.dates.patterns import Patterns, make_patterns, month_of
from scraper.dates.zones import AMERICAN, find_zone
from scraper.languages import Languages, shipped_languages
from scraper.text import squash

_WEEKDAY = re.compile(r"[^\W\d_]{2,12}\.?,? *(?=\S)")
_REMARK = re.compile(r"\([^)]*\)|\[[^]]*\]")  # "(CEST)" of mail programs, "[Europe/Paris]" of Java
_PLACE = re.compile(r"[A-Z]\w+/[A-Z]\w+")
_COMPACT_TIME = re.compile(r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?:[.,](?P<part>\d+))?(?=\D|\Z)")
_UNIX = re.compile(r"(\d{9,10})(?:\d{3}|\d{6})?(?:\.\d+)?")  # seconds, or thousandths or millionths of them
_LONGEST = 200  # characters; what is longer is a text
_LAST_MONTH = 12  # of a year
_BARE_YEARS_OF_TAIWAN = range(100, 200)  # counted from 1912
_FIRST_YEAR = 1800  # no news site has older articles; programs write the year 1 where they have no date
# What a text says of the zone behind a time.
_ZONE_BEHIND = re.compile(r"\s*\(?((?:GMT|UTC)? ?[+-−]\d{1,2}(?::?\d{2})?\b|[A-Z]{1,5}\b)")
_DAY_BEFORE = re.compile(r"([^\W\d_]{2,13}(?:[-\u200c'’][^\W\d_]{3,6})?)\.?[,،]?\s*\Z")
_DAY_BEHIND = re.compile(r"\s*[,(（]\s*([^\W\d_]{3,13})")
# Letters before and behind a date among which its time and its weekday stand.
_AROUND = 60
# A weekday of fewer letters can be another word of another language ("Sam", "Dom").
_CLEAR_NAME = 4
_KANJI = {letter: str(number) for number, letter in enumerate("〇一二三四五六七八九")} | {"零": "0"}


@dataclass(frozen=True, slots=True)
class Clues:
    """
    What is known beside a date.

    Args:
        language: Of whoever writes it ("en-AU").
        is_month_first: Whether in "6/5/2012" the month comes first; None: nobody knows.
        latest: No date lies behind this.
    """

    language: str | None = None
    is_month_first: bool | None = None
    latest: datetime | None = None


class Written(NamedTuple):
    """
    A date within a text.

    Args:
        start, end: Where it stands, with its time.
        day: As it is written, by the clocks of the place.
        at: In UTC; the first moment of the day where no time is written.
    """

    start: int
    end: int
    day: date
    at: datetime
    has_time: bool

    @property
    def text(self) -> str:
        """As ISO 8601, with the time where there is one."""
        return self.at.isoformat() if self.has_time else self.at.date().isoformat()


def parse_date(raw: str | None, language: str | None = None, clues: Clues | None = None) -> datetime | None:
    """
    The instant that a date means, in UTC; None where there is none, or where it can mean two.

    Read are the W3C's form and RFC 822's, both as they are met: zones by name, AM and PM, months in
    other languages, other calendars, two digits for a year, seconds of the Unix clock. A time
    without a zone is UTC, a day without a time its first moment, and a zone that nobody knows makes
    the whole date unknown.

    Args:
        language: Of the feed ("en-AU"): a few names of zones mean something else there.
        clues: What else is known.

    Source: https://www.w3.org/TR/NOTE-datetime; RFC 5322 §3.3 and §4.3.

    >>> parse_date("2026-03-02T06:00+05:30").isoformat(), parse_date("Mon, 02 Mar 2026 06:00 CEST").isoformat()
    ('2026-03-02T00:30:00+00:00', '2026-03-02T04:00:00+00:00')
    >>> parse_date("Mar 2, 2026 6:05 PM EST").isoformat(), parse_date("1772431200").isoformat()
    ('2026-03-02T23:05:00+00:00', '2026-03-02T06:00:00+00:00')
    >>> parse_date("02/03/2026"), parse_date("Mon, 02 Mar 2026 06:00:00 XYZT"), parse_date("soon")
    (None, None, None)
    """
    written = _with_plain_digits((raw or "")[:_LONGEST])
    text = squash(_REMARK.sub(" ", written))
    remark = " ".join(found[1:-1] for found in _REMARK.findall(written))
    try:
        if unix := _UNIX.fullmatch(text):
            return datetime.fromtimestamp(int(unix[1]), UTC)
        return _read_whole(text, remark, clues or Clues(language))
    except (ValueError, OverflowError):
        return None


def find_dates(text: str, clues: Clues, languages: Languages) -> list[Written]:
    """
    The dates that a text writes out, in its order, without those that can mean two days.

    A time that stands beside one is kept; where no zone is told with it, it is UTC. A date that
    does not agree with the weekday beside it, or lies behind the latest that can be, is none.

    >>> text = "Updated 9 March 2026 | Thu 03/05/2026 9:30 AM ET"
    >>> [found.text for found in find_dates(text, Clues(), shipped_languages())]
    ['2026-03-09', '2026-03-05T14:30:00+00:00']
    """
    text = _with_plain_digits(text)
    patterns = languages.derive(make_patterns)
    found: list[Written] = []
    for pattern in patterns.days:
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            after = max((other.end for other in found if other.end <= match.start()), default=0)
            if written := _read_within(text, match, after, clues, patterns):
                found.append(written)
    return sorted(found)


def _with_plain_digits(text: str) -> str:
    """A text with the digits of any script as 0 to 9; every character keeps its place."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(letter)) if not letter.isascii() and letter.isdecimal() else letter for letter in text
    )


# ---------------------------------------------------------------- a date as a whole


def _read_whole(text: str, remark: str, clues: Clues) -> datetime | None:
    patterns = shipped_languages().derive(make_patterns)
    found = _find_day(text, patterns)
    if found is None:
        return None
    parts = found.groupdict()
    rest = text[found.end() :]
    if clock := parts.get("clock"):
        rest = f"{clock} {parts.get('zone') or ''} {rest}"
    rest = rest[between.end() if (between := patterns.between.match(rest)) else 0 :].strip(" )")
    day = _choose_day(found, text, clues, patterns)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return _at_time(at, rest, remark, clues.language, patterns) if rest else at


def _find_day(text: str, patterns: Patterns) -> re.Match[str] | None:
    """The day at the head of a text, or behind a weekday there."""
    weekday = _WEEKDAY.match(text)
    starts = (0, weekday.end()) if weekday else (0,)
    forms = (*patterns.alone[:1], *patterns.days, *patterns.alone[1:])
    found = (pattern.match(text, start) for start in starts for pattern in forms)
    return next(filter(None, found), None)


def _at_time(day: datetime, text: str, remark: str, language: str | None, patterns: Patterns) -> datetime | None:
    """The instant of a day that a time and its zone name; None where one of them is not known."""
    time = _COMPACT_TIME.match(text) or patterns.time.match(text)
    since_midnight = _clock_of(time.groupdict(), patterns.afternoon) if time else None
    if time is None or since_midnight is None:
        return None
    at = day.replace(tzinfo=None) + since_midnight
    named = patterns.clock.sub("", text[time.end() :].strip(" ,"), count=1).strip(" ,")
    zone = find_zone(named, language, at) if named else _zone_of_remark(remark, language, at)
    return None if zone is None else at.replace(tzinfo=timezone(zone)).astimezone(UTC)


def _zone_of_remark(remark: str, language: str | None, at: datetime) -> timedelta | None:
    """
    What "(CEST)" says where no zone stands before it: other words nothing, and a place does not say
    which.
    """
    if _PLACE.search(remark):
        return None
    return find_zone(remark, language, at) or timedelta()


# ---------------------------------------------------------------- a date within a text


def _read_within(text: str, found: re.Match[str], after: int, clues: Clues, patterns: Patterns) -> Written | None:
    """The date of a place in a text, with the time beside it; before *after* stands that of another date."""
    try:
        day = _choose_day(found, text, clues, patterns)
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a time by the clocks of the place
        end, since_midnight, zone = _time_beside(text, found, after, midnight, clues.language, patterns)
        if since_midnight is None and len(found.groupdict().get("year") or "0000") == 2:
            return None  # as often a number of something else
        at = (midnight + (since_midnight or timedelta())).replace(tzinfo=timezone(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Written(found.start(), end, day, at, since_midnight is not None)


def _time_beside(
    text: str, found: re.Match[str], after: int, midnight: datetime, language: str | None, patterns: Patterns
) -> tuple[int, timedelta | None, timedelta]:
    """Where a date ends, the time behind it or else before it, and how far its zone is ahead."""
    start, behind = _text_behind(text, found, patterns)
    between = patterns.between.match(behind)
    time = patterns.time.match(behind, between.end() if between else 0)
    since = _clock_of(time.groupdict(), patterns.afternoon) if time else None
    if time and since is not None:
        zone = _ZONE_BEHIND.match(behind, _end_of_time(behind, time.end(), patterns))
        is_within = bool(found.groupdict().get("clock"))
        return start + (0 if is_within else time.end()), since, _ahead(zone and zone[1], language, midnight + since)
    before = patterns.time_before.search(text[max(after, found.start() - _AROUND) : found.start()])
    since = _clock_of(before.groupdict(), patterns.afternoon) if before else None
    if before and since is not None:
        return found.end(), since, _ahead(before["zone"], language, midnight + since)
    return found.end(), None, timedelta()


def _text_behind(text: str, found: re.Match[str], patterns: Patterns) -> tuple[int, str]:
    """
    Where a date ends, with the weekday behind it, and what stands there; the time that it has in
    it, where it has one.
    """
    start = found.end()
    if clock := found.groupdict().get("clock"):
        return start, f"{clock} {found['zone'] or ''}"
    weekday = _DAY_BEHIND.match(text[start : start + _AROUND])
    if weekday and weekday[1].lower() in patterns.weekdays:
        start += weekday.end()
    return start, text[start : start + _AROUND]


def _end_of_time(behind: str, end: int, patterns: Patterns) -> int:
    """Where a time ends with the word behind it ("Uhr")."""
    word = patterns.clock.match(behind[end:].lstrip())
    return end + (word.end() if word else 0)


def _ahead(zone: str | None, language: str | None, at: datetime) -> timedelta:
    """How far a zone is ahead; nothing where none is named, or nobody knows it."""
    return (find_zone(zone, language, at) if zone else None) or timedelta()


# ---------------------------------------------------------------- which day


def _choose_day(found: re.Match[str], text: str, clues: Clues, patterns: Patterns) -> date:
    """
    The day that a date means: of those that it can mean the one of the weekday beside it, not in
    the future, with day and month in the order of the place.

    Raises:
        ValueError: It is none, or can be two.
    """
    possible = _possible_days(found, clues, patterns)
    if weekdays := _weekdays_beside(found, text, clues.language, patterns):
        possible = [day for day in possible if day.weekday() in weekdays]
    if clues.latest:
        possible = [day for day in possible if day <= clues.latest.date()]
    if not possible:
        raise ValueError("no such day")
    if len(possible) == 1:
        return possible[0]
    return possible[_order(found, text, clues)]


def _order(found: re.Match[str], text: str, clues: Clues) -> int:
    """
    Of two numbers that can be a day: 0 where the first is the day, 1 where it is the month.

    Raises:
        ValueError: Nobody knows.
    """
    if clues.is_month_first is not None:
        return int(clues.is_month_first)
    time = re.match(r"[\s,]*\d{1,2}:\d{2}(?::\d{2})?\s*([AP]M)?\s*\(?([A-Z]{2,3})?\b", text[found.end() :])
    is_english = (clues.language or "en")[:2].lower() == "en"
    if time and is_english and (time[1] or (time[2] or "").lower() in AMERICAN):
        return 1
    if "/" in found.group():
        raise ValueError("it may be the day or the month")
    return 0


def _possible_days(found: re.Match[str], clues: Clues, patterns: Patterns) -> list[date]:
    """The days that a date can mean: two where either number may be the month, the day first in the first."""
    parts = found.groupdict()
    if parts.get("first"):
        return _days_of_numbers(parts, clues)
    if parts.get("counted"):
        return [_day_of_era(parts)]
    year, day = _year_of(parts["year"] or ""), int(parts.get("day") or 1)
    if name := parts.get("name"):
        calendar, month = month_of(name, patterns.months) or (Calendar.GREGORIAN, 0)
    else:
        calendar, month = calendar_of_numbers(year, clues.language), int(parts.get("month") or 1)
    return [gregorian_day(calendar, _checked(year, calendar), month, day)]


def _days_of_numbers(parts: dict[str, str], clues: Clues) -> list[date]:
    year, first, second = _year_of(parts["year"]), int(parts["first"]), int(parts["second"])
    pairs = dict.fromkeys((day, month) for day, month in ((first, second), (second, first)) if month <= _LAST_MONTH)
    calendar = calendar_of_numbers(year, clues.language)
    return [gregorian_day(calendar, year, month, day) for day, month in pairs]


def _day_of_era(parts: dict[str, str]) -> date:
    """A day with the year of an era; Taiwan leaves its name out, and its years have three digits."""
    year = _count(parts["counted"]) + ERAS.get(parts["era"] or "", 0)
    if not parts["era"] and year in _BARE_YEARS_OF_TAIWAN:
        year += ERAS["民國"]
    return gregorian_day(Calendar.GREGORIAN, _checked(year), _count(parts["month"]), _count(parts["day"]))


def _checked(year: int, calendar: Calendar = Calendar.GREGORIAN) -> int:
    if calendar is Calendar.GREGORIAN and year < _FIRST_YEAR:
        raise ValueError("a value that stands for none")
    return year


def _year_of(digits: str) -> int:
    year = int(digits)
    if len(digits) == 2:  # RFC 5322 §4.3
        year += 2000 if year < 50 else 1900
    return year


def _count(number: str) -> int:
    """
    A number in the digits of China, by place or with tens.

    >>> _count("二〇二六"), _count("十二"), _count("二十"), _count("元")
    (2026, 12, 20, 1)
    """
    if number.isdecimal():
        return int(number)
    if number == "元":  # the first year of an era
        return 1
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return int("".join(_KANJI.get(letter, letter) for letter in number))
    return 10 * (_count(tens) if tens else 1) + (_count(ones) if ones else 0)


def _weekdays_beside(found: re.Match[str], text: str, language: str | None, patterns: Patterns) -> frozenset[int]:
    """The numbers of the weekday before a date or behind it, in any language where its name is a clear one."""
    beside = (
        _DAY_BEFORE.search(text[max(0, found.start() - _AROUND) : found.start()]),
        _DAY_BEHIND.match(text, found.end()),
    )
    own = {"en", (language or "")[:2].lower()}
    for name in (match[1].lower().replace("’", "'") for match in beside if match):
        known = patterns.weekdays.get(name, ())
        if numbers := frozenset(number for code, number in known if len(name) >= _CLEAR_NAME or code in own):
            return numbers
    return frozenset()


# ---------------------------------------------------------------- the time of day


def _clock_of(parts: dict[str, str | None], afternoon: Collection[str]) -> timedelta | None:
    """The time since midnight; None where it is no time."""
    minutes = parts.get("dotted") or parts.get("minute")
    half = parts.get("half") or parts.get("before")
    if not minutes and not half:
        return None
    hour, minute, second = map(int, (parts.get("hour") or "0", minutes or "0", parts.get("second") or "0"))
    if half:
        hour = _hour_of_day(hour, half, afternoon)
    if not _is_time(hour, minute, second):
        return None
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=_microseconds(parts.get("part")))


def _microseconds(part: str | None) -> int:
    """
    What a part of a second is, as its digits behind the point are written.

    >>> _microseconds("25"), _microseconds(None)
    (250000, 0)
    """
    return int((part or "0")[:6].ljust(6, "0"))


def _hour_of_day(hour: int, half: str, afternoon: Collection[str]) -> int:
    """The hour of a clock with twelve hours; a larger one is that of a clock with twenty-four."""
    if hour > 12:
        return hour
    is_afternoon = half.lower() in afternoon or half[0] in "pP"
    return hour % 12 + (12 if is_afternoon else 0)


def _is_time(hour: int, minute: int, second: int) -> bool:
    # 24:00 is the end of a day, and 60 a second that was put in.
    return minute < 60 and second <= 60 and (hour, minute, second) <= (24, 0, 0)
