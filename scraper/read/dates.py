"""Dates: as machines write them, as texts write them out, as the path of a URL names them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scraper.read.statements import Value
from scraper.text import squash


def parse_when(text: str) -> datetime | None:
    """
    The instant a machine-written date means, in UTC; a date without a zone is taken as UTC.

    >>> parse_when("2024-03-01T10:00:00+0100")
    datetime.datetime(2024, 3, 1, 9, 0, tzinfo=datetime.timezone.utc)
    >>> parse_when("soon") is None
    True
    """
    text = squash(text)
    iso = re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", re.sub(r"\s*(?:Z|UTC|GMT)$", "+00:00", text))
    iso = re.sub(r"\.(\d{1,9})(?=[+-]|$)", lambda m: "." + (m.group(1) + "000000")[:6], iso)
    iso = re.sub(r"\s+(?=[+-]\d{2}:\d{2}$)", "", iso)
    for parse in (datetime.fromisoformat, parsedate_to_datetime, _unix_time):
        try:
            when = parse(iso if parse is not parsedate_to_datetime else text)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        if 1990 <= when.year <= 2100:
            try:
                return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
            except OverflowError:
                return None
    return None


# The first letters of month names in the languages of Europe; enough to tell them apart.
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan ene gen janv sty янв",
            "feb fév fev lut фев",
            "mar mär mrt maa mrz мар",
            "apr avr abr kwi апр",
            "may mai mei mag maj мая май",
            "jun juin giu cze июн",
            "jul juil lug lip июл",
            "aug aoû ago sie авг",
            "sep set wrz сен",
            "oct okt ott out paź окт",
            "nov lis ноя",
            "dec dez déc dic des gru дек",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_YEAR = r"(?P<year>(?:19|20)\d{2})(?!\d)"
_WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>(?:19|20)\d{2})-(?P<number>\d{1,2})-(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>(?:19|20)\d{2})年(?P<number>\d{1,2})月(?P<day>\d{1,2})日",
        rf"(?<![^\W\d_]){_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th|er|º)?\s+(?:de\s+)?{_MONTH},?\s+(?:de\s+)?{_YEAR}",
        rf"(?<!\d)(?P<day>\d{{1,2}})\.(?P<number>\d{{1,2}})\.{_YEAR}",
        rf"(?<!\d)(?P<number>\d{{1,2}})/(?P<day>\d{{1,2}})/{_YEAR}",
    )
)


def find_written_date(text: str) -> str | None:
    """
    The first date that a text writes out, as ISO 8601; None where there is none, or where it can mean two days.

    >>> find_written_date("By Ann Other / June 25, 2012"), find_written_date("2. März 2024, 8:15 Uhr")
    ('2012-06-25', '2024-03-02')
    >>> find_written_date("06/25/2012"), find_written_date("25/06/2012"), find_written_date("06/05/2012")
    ('2012-06-25', '2012-06-25', None)
    """
    for pattern in _WRITTEN:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            name = (parts.get("month") or "").lower()
            month = int(parts["number"]) if "number" in parts else _MONTHS.get(name[:4]) or _MONTHS.get(name[:3]) or 0
            year, day = int(parts["year"]), int(parts["day"])
            if "/" in found.group():  # the month stands first in the US, second elsewhere
                if max(month, day) <= 12 and month != day:
                    continue
                month, day = min(month, day), max(month, day)
            if 1 <= month <= 12 and 1 <= day <= 31:
                return f"{year}-{month:02}-{day:02}"
    return None


_BEFORE_A_DAY = frozenset(_MONTHS) | frozenset(
    "mon tue wed thu fri sat sun die mit don fre sam son lun mar mer mié jeu jue ven vie sáb dim dom am le on".split()
)


def cut_date(line: str) -> str:
    """
    A line up to its first date or clock time.

    >>> cut_date("Ann Other and Jo Roe, Tue 29 Nov 2016 15.26"), cut_date("Ann May")
    ('Ann Other and Jo Roe', 'Ann May')
    """
    digit = re.search(r"\d", line)
    if digit is None:
        return line
    words = line[: digit.start()].split()
    while words and words[-1].strip(".,").lower()[:3] in _BEFORE_A_DAY:
        del words[-1]
    return " ".join(words).rstrip(" ,|•·–—-(/")


_URL_DATE = re.compile(r"/((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_-]|$)")


def find_url_date(url: str) -> Value | None:
    """
    The day that the path of a URL names, as ISO 8601.

    >>> find_url_date("https://news.example/2024/3/01/talks-fail")
    Value(text='2024-03-01', origin='url')
    """
    found = _URL_DATE.search(urlsplit(url).path)
    return Value(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}", "url") if found else None


def _unix_time(text: str) -> datetime:
    if not re.fullmatch(r"\d{10}(?:\d{3})?", text):
        raise ValueError(text)
    return datetime.fromtimestamp(int(text[:10]), UTC)
