"""Dates: as machines write them, as texts write them out, as the path of a URL names them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scraper.months import MONTHS
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


_DAY_NAMES = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim "
    "lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica gio "
    "segunda terça quarta quinta sexta segunda-feira terça-feira quarta-feira quinta-feira sexta-feira "
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag "
    "poniedziałek wtorek środa czwartek piątek sobota niedziela "
    "måndag mandag tisdag tirsdag onsdag torsdag fredag lördag lørdag söndag søndag "
    "понедельник вторник среда четверг пятница суббота воскресенье"
)


_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_YEAR = r"(?P<year>(?:19|20)\d{2})(?!\d)"
_WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>(?:19|20)\d{2})-(?P<number>\d{1,2})-(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>(?:19|20)\d{2})年(?P<number>\d{1,2})月(?P<day>\d{1,2})日",
        rf"(?<![^\W\d_]){_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th|er|º)?\s+(?:de\s+)?{_MONTH},?\s+(?:de\s+)?{_YEAR}",
        rf"(?<!\d)(?P<day>\d{{1,2}})([.-])(?P<number>\d{{1,2}})\2{_YEAR}",
        rf"(?<!\d)(?P<number>\d{{1,2}})/(?P<day>\d{{1,2}})/{_YEAR}",
    )
)


# Languages of countries that write the month first; of "en" alone nobody knows.
_MONTH_FIRST = re.compile(r"en(?:[-_](?:us|ph|ca))?", re.IGNORECASE)


def find_written_date(text: str, language: str | None = None) -> str | None:
    """
    The first date that a text writes out, as ISO 8601; None where there is none, or where it can mean two days.

    Args:
        language: As a page states its own ("pt-BR"): only in English the month can stand before the day in "6/5/2012".

    >>> find_written_date("By Ann Other / June 25, 2012"), find_written_date("2. März 2024, 8:15 Uhr")
    ('2012-06-25', '2024-03-02')
    >>> find_written_date("06/25/2012"), find_written_date("25/06/2012"), find_written_date("06/05/2012")
    ('2012-06-25', '2012-06-25', None)
    >>> find_written_date("06/05/2012", "fr")
    '2012-05-06'
    """
    is_day_first = bool(language and not _MONTH_FIRST.fullmatch(language))
    for pattern in _WRITTEN:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            name = (parts.get("month") or "").lower()
            month = int(parts["number"]) if "number" in parts else MONTHS.get(name[:4]) or MONTHS.get(name[:3]) or 0
            year, day = int(parts["year"]), int(parts["day"])
            if "/" in found.group():  # as the pattern has it, the month stands first
                if max(month, day) > 12:
                    month, day = min(month, day), max(month, day)
                elif is_day_first:
                    month, day = day, month
                elif month != day:
                    continue
            if 1 <= month <= 12 and 1 <= day <= 31:
                return f"{year}-{month:02}-{day:02}"
    return None


# Words of a line that says when a text was changed.
_CHANGED = re.compile(
    r"updated?\b|modified|revised|edited|aktualisiert|geändert|mise? à jour|modifié|actualizad|atualizad|modificad"
    r"|aggiornat|bijgewerkt|gewijzigd|uppdatera|oppdatert|opdateret|aktualizacja|обновлен|изменен|güncelle|更新|수정",
    re.IGNORECASE,
)


def says_changed(text: str) -> bool:
    """
    Whether a line with a date says when a text was changed.

    >>> says_changed("Last updated on 3 May"), says_changed("Published 3 May")
    (True, False)
    """
    return _CHANGED.search(text) is not None


_WEEKDAYS = frozenset(_DAY_NAMES.split())
_BEFORE_A_DAY = frozenset("am at den el il le on vom".split())
# A style sheet alone can set the month against a name ("Ann OtherMay 3").
_GLUED = re.compile(r"(.*[^\W\d_])([A-Z][^\W\d_A-Z]\w+\.?)")
_DAY_AND_MONTH = re.compile(r"\d{1,2}(?:\.|st|nd|rd|th|er|º)?\s+(?:de\s+)?([^\W\d_]{3,})")


def cut_date(line: str) -> str:
    """
    A line up to its first date or clock time.

    >>> cut_date("Ann Other and Jo Roe, Tue 29 Nov 2016 15.26"), cut_date("Ann May"), cut_date("Ann Martin 3.5.2024")
    ('Ann Other and Jo Roe', 'Ann May', 'Ann Martin')
    """
    digit = re.search(r"\d", line)
    if digit is None:
        return line
    words = line[: digit.start()].split()
    day = _DAY_AND_MONTH.match(line, digit.start())
    # A month stands before the day or behind it; what stands there else is a name ("Ann May 3 June").
    months = frozenset() if day and day[1].lower() in MONTHS else MONTHS.keys()
    if words and (glued := _GLUED.fullmatch(words[-1])) and glued[2].strip(".").lower() in months:
        words[-1:] = glued.groups()
    for known in (_BEFORE_A_DAY, months, _WEEKDAYS, _BEFORE_A_DAY):
        if words and words[-1].strip(".,").lower() in known:
            del words[-1]
    return " ".join(words).rstrip(" ,|•·–—-(/")


def _unix_time(text: str) -> datetime:
    if not re.fullmatch(r"\d{10}(?:\d{3})?", text):
        raise ValueError(text)
    return datetime.fromtimestamp(int(text[:10]), UTC)
