"""
Dates as feeds, sitemaps and pages of links write them: text to an instant, or none where it is not
certain which.

A wrong hour is worse than no date: it puts an article into the wrong digest, or before one that it
answers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from scraper.languages import Languages, shipped_languages
from scraper.text import any_of, squash

# Minutes east of UTC by the zone names met in feeds, each by the reading that is usual there (RFC
# 822 §5.1 for the American ones). Names with two common readings and none that is usual ("AMT",
# "WST") are unknown on purpose.
_ZONES = {
    "": 0, "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "met": 60, "mez": 60,
    "cest": 120, "mest": 120, "mesz": 120, "eet": 120, "eest": 180, "sast": 120, "cat": 120, "wat": 60, "eat": 180,
    "idt": 180, "msk": 180, "msd": 240, "trt": 180, "get": 240, "azt": 240, "irst": 210, "irdt": 270, "pkt": 300,
    "uzt": 300, "yekt": 300, "ist": 330, "npt": 345, "bdt": 360, "almt": 360, "novt": 420, "ict": 420, "wib": 420,
    "krat": 420, "wita": 480, "sgt": 480, "myt": 480, "pht": 480, "phst": 480, "hkt": 480, "awst": 480, "irkt": 480,
    "wit": 540, "jst": 540, "kst": 540, "acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "vlat": 600, "chst": 600,
    "nzst": 720, "nzdt": 780, "nst": -210, "ndt": -150, "ast": -240, "adt": -180, "est": -300, "edt": -240,
    "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480,
    "hst": -600, "hast": -600, "hadt": -540, "sst": -660, "brt": -180, "brst": -120, "art": -180, "uyt": -180,
    "clt": -240, "clst": -180, "bot": -240, "vet": -240, "cot": -300, "pet": -300, "ect": -300,
}  # fmt: skip
# The same name in feeds of these languages.
_ZONES_OF_LANGUAGES = {
    ("cst", "zh"): 480,
    ("ist", "he"): 120,
    ("ist", "en-ie"): 60,
    ("ist", "ga"): 60,
    ("bst", "bn"): 360,
    ("est", "en-au"): 600,
    ("ast", "ar"): 180,
}

_NAME = r"(?P<name>[^\W\d_]{3,12})\.?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"


@dataclass(frozen=True, slots=True)
class _Patterns:
    """
    What the words for dates make.

    Args:
        dates: The ways to write a day, the most certain first.
        between: What stands between a day and a time.
        time: A time of day, before it or behind it which half of the day; *clock* is a word behind
            it.
        afternoon: The words for the second half.
    """

    dates: tuple[re.Pattern[str], ...]
    between: re.Pattern[str]
    time: re.Pattern[str]
    clock: re.Pattern[str]
    afternoon: frozenset[str]


def _make_patterns(languages: Languages) -> _Patterns:
    def any_in(*rows: str) -> str:
        return any_of(languages.words("dates", *rows))

    day, of = rf"(?P<day>\d{{1,2}})(?:{any_in('ordinal')}|\.)?", rf"(?:{any_in('of')} )?"
    dates = (
        r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?=[T ]|\Z)",
        r"(?P<year>\d{4}) ?[年년] ?(?P<month>\d{1,2}) ?[月월] ?(?P<day>\d{1,2}) ?[日일]",
        rf"{day}[ -]{of}{_NAME},?[ -]{of}(?P<year>\d{{4}}|\d{{2}})(?![\d:])",
        rf"{_NAME}[ -]{day},?[ -](?P<year>\d{{4}})(?![\d:])",
        # ctime, and Java's with the zone before the year.
        rf"{_NAME} {day} (?P<clock>{_CLOCK}) (?:(?P<zone>[A-Z]{{2,5}}|(?:GMT|UTC)?[+-]\d\d:?\d\d) )?(?P<year>\d{{4}})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?!\d)",
        r"(?P<first>\d{1,2})([/-])(?P<second>\d{1,2})\2(?P<year>\d{4})(?!\d)",
        # W3C: a month or a year alone.
        r"(?P<year>\d{4})(?:-(?P<month>\d{2}))?\Z",
    )
    time = (
        rf"(?P<before>{any_in('morning', 'afternoon')})? *(?P<hour>\d{{1,2}})"
        r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d+))?)?)? *(?P<half>[ap]\.?m\b\.?)?"
    )
    return _Patterns(
        tuple(re.compile(pattern, re.IGNORECASE) for pattern in dates),
        re.compile(rf"[T ,;|@]*(?:(?:{any_in('at')}|-|–)\s)?\s*", re.IGNORECASE),
        re.compile(time, re.IGNORECASE),
        re.compile(rf"^{any_in('clock')}(?![^\W\d_])\.?", re.IGNORECASE),
        frozenset(languages.words("dates", "afternoon")),
    )


def find_months(languages: Languages) -> Mapping[str, int]:
    """
    The number of each month by its names in lower case and by those of their first three or four
    letters that no other month has.

    >>> months = find_months(shipped_languages())
    >>> months["march"], months["sept"], "ju" in months
    (3, 9, False)
    """
    found: dict[str, set[int]] = {}
    for language in languages.languages.values():
        for number, names in enumerate(language.words("dates", "months"), 1):
            for name in names.split():
                for form in (name, name[:4], name[:3]):
                    found.setdefault(form, set()).add(number)
    return {form: min(numbers) for form, numbers in found.items() if len(numbers) == 1}


def month_of(name: str, months: Mapping[str, int]) -> int:
    """
    The number of the month that a name or its beginning means; 0 where it is none.

    >>> month_of("Sept", {"sept": 9}), month_of("Sommer", {"sept": 9})
    (9, 0)
    """
    name = name.lower()
    return months.get(name) or months.get(name[:4]) or months.get(name[:3]) or 0


_WEEKDAY = re.compile(r"[^\W\d_]{2,12}\.?,? *(?=\S)")
_REMARK = re.compile(r"\([^)]*\)|\[[^]]*\]")  # "(CEST)" of mail programs, "[Europe/Paris]" of Java
_PLACE = re.compile(r"[A-Z]\w+/[A-Z]\w+")
_COMPACT_TIME = re.compile(r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?:[.,](?P<part>\d+))?(?=\D|\Z)")
_OFFSET = re.compile(
    r"(?P<name>[A-Z]{0,5}) ?(?P<sign>[+-−])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?: [A-Z]{2,5})?", re.IGNORECASE
)
_UNIX = re.compile(r"(\d{9,10})(?:\d{3}|\d{6})?(?:\.\d+)?")  # seconds, or thousandths or millionths of them
_FARTHEST_ZONE = 15 * 60  # minutes; Kiribati is 14 hours ahead
_FIRST_YEAR = 1800  # no news site has older articles; programs write the year 1 where they have no date


def parse_date(raw: str | None, language: str | None = None) -> datetime | None:
    """
    The instant that a date means, in UTC; None where there is none, or where it can mean two.

    Read are the W3C's form and RFC 822's, both as they are met: zones by name, AM and PM, months in
    other languages, two digits for a year, seconds of the Unix clock. A time without a zone is UTC,
    a day without a time its first moment, and a zone that nobody knows makes the whole date
    unknown.

    Args:
        language: Of the feed ("en-AU"): a few names of zones mean something else there.

    Source: https://www.w3.org/TR/NOTE-datetime; RFC 5322 §3.3 and §4.3.

    >>> parse_date("2026-03-02T06:00+05:30").isoformat(), parse_date("Mon, 02 Mar 2026 06:00 CEST").isoformat()
    ('2026-03-02T00:30:00+00:00', '2026-03-02T04:00:00+00:00')
    >>> parse_date("Mar 2, 2026 6:05 PM EST").isoformat(), parse_date("1772431200").isoformat()
    ('2026-03-02T23:05:00+00:00', '2026-03-02T06:00:00+00:00')
    >>> parse_date("02/03/2026"), parse_date("Mon, 02 Mar 2026 06:00:00 XYZT"), parse_date("soon")
    (None, None, None)
    """
    written = (raw or "")[:200]
    text = squash(_REMARK.sub(" ", written))
    remark = " ".join(found[1:-1] for found in _REMARK.findall(written))
    try:
        if unix := _UNIX.fullmatch(text):
            return datetime.fromtimestamp(int(unix[1]), UTC)
        return _read_written(text, remark, language)
    except (ValueError, OverflowError):
        return None


def _read_written(text: str, remark: str, language: str | None) -> datetime | None:
    patterns = shipped_languages().derive(_make_patterns)
    date = _find_day(text, patterns)
    if date is None:
        return None
    parts = date.groupdict()
    year, month, day = _day_of(parts)
    rest = text[date.end() :]
    if clock := parts.get("clock"):
        rest = f"{clock} {parts.get('zone') or ''} {rest}"
    rest = rest[between.end() if (between := patterns.between.match(rest)) else 0 :].strip()
    at = datetime(year, month, day, tzinfo=UTC)
    return _at_time(at, rest, remark, language, patterns) if rest else at


def _at_time(day: datetime, text: str, remark: str, language: str | None, patterns: _Patterns) -> datetime | None:
    """The instant of a day that a time and its zone name; None where one of them is not known."""
    time = _COMPACT_TIME.match(text) or patterns.time.match(text)
    if time is None:
        return None
    named = patterns.clock.sub("", text[time.end() :].strip(" ,"), count=1).strip(" ,")
    zone = _zone(named, language) if named else _zone_of_remark(remark, language)
    since_midnight = _clock_of(time.groupdict(), patterns.afternoon)
    if zone is None or since_midnight is None:
        return None
    return (day.replace(tzinfo=timezone(zone)) + since_midnight).astimezone(UTC)


def _find_day(text: str, patterns: _Patterns) -> re.Match[str] | None:
    """The day at the head of a text, or behind a weekday there."""
    weekday = _WEEKDAY.match(text)
    starts = (0, weekday.end()) if weekday else (0,)
    found = (pattern.match(text, start) for start in starts for pattern in patterns.dates)
    return next(filter(None, found), None)


def _day_of(parts: dict[str, str | None]) -> tuple[int, int, int]:
    """Year, month and day. Raises ValueError where the month has no known name, or might be the day."""
    year = _year_of(parts["year"] or "")
    if name := parts.get("name"):
        return year, month_of(name, shipped_languages().derive(find_months)), int(parts["day"] or 0)
    if parts.get("first"):
        return year, *_order_day(int(parts["first"] or 0), int(parts["second"] or 0))
    return year, int(parts.get("month") or 1), int(parts.get("day") or 1)


def _order_day(first: int, second: int) -> tuple[int, int]:
    """Month and day. Raises ValueError where either number may be the month."""
    if max(first, second) <= 12 and first != second:
        raise ValueError("it may be the day or the month")
    return min(first, second), max(first, second)


def _year_of(digits: str) -> int:
    year = int(digits)
    if len(digits) == 2:  # RFC 5322 §4.3
        year += 2000 if year < 50 else 1900
    if year < _FIRST_YEAR:
        raise ValueError("a value that stands for none")
    return year


def _clock_of(parts: dict[str, str | None], afternoon: Collection[str]) -> timedelta | None:
    """The time since midnight; None where it is no time."""
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = parts.get("half") or parts.get("before")
    if half:
        hour = _hour_of_day(hour, half, afternoon)
    if not _is_time(hour, minute, second) or not (parts.get("minute") or half):
        return None
    microseconds = int((parts.get("part") or "0")[:6].ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=microseconds)


def _hour_of_day(hour: int, half: str, afternoon: Collection[str]) -> int:
    """The hour of a clock with twelve hours; a larger one is that of a clock with twenty-four."""
    if hour > 12:
        return hour
    is_afternoon = half in afternoon or half[0] in "pP"
    return hour % 12 + (12 if is_afternoon else 0)


def _is_time(hour: int, minute: int, second: int) -> bool:
    # 24:00 is the end of a day, and 60 a second that was put in.
    return minute < 60 and second <= 60 and (hour, minute, second) <= (24, 0, 0)


def _zone_of_remark(remark: str, language: str | None) -> timedelta | None:
    """
    What "(CEST)" says where no zone stands before it: other words nothing, and a place does not say
    which.
    """
    if _PLACE.search(remark):
        return None
    return _zone(remark, language) or timedelta()


def _zone(text: str, language: str | None) -> timedelta | None:
    """How far a zone is ahead of UTC; None where nobody knows."""
    if offset := _OFFSET.fullmatch(text):
        return _read_offset(offset)
    name = text.replace(".", "").lower()
    spoken = (language or "").replace("_", "-").lower()
    minutes_east = _ZONES_OF_LANGUAGES.get(
        (name, spoken), _ZONES_OF_LANGUAGES.get((name, spoken[:2]), _ZONES.get(name))
    )
    return None if minutes_east is None else timedelta(minutes=minutes_east)


def _read_offset(offset: re.Match[str]) -> timedelta | None:
    hours, minutes = int(offset["hours"]), int(offset["minutes"] or 0)
    is_known = not offset["name"] or offset["name"].lower() in _ZONES
    if not is_known or minutes > 59 or hours * 60 + minutes > _FARTHEST_ZONE:
        return None
    ahead = timedelta(hours=hours, minutes=minutes)
    return ahead if offset["sign"] == "+" else -ahead
