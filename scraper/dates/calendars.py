"""Days of other calendars as days of the Gregorian one."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class Calendar(StrEnum):
    """By which a date is written."""

    GREGORIAN = "gregorian"
    SOLAR = "solar hijri"
    BIKRAM = "bikram sambat"


# Years that the Buddhist era (Thailand) is ahead of ours.
_BUDDHIST = 543
# A year in these can be no other on the web: 1990 to 2100 in Thailand, 1990 to 2031 in Iran (the
# lunar years of that time begin at 1410).
_BUDDHIST_YEARS = range(2533, 2644)
SOLAR_YEARS = range(1369, 1410)
# The year before the first of an era of Japan, and of the Republic of China (Taiwan).
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911, "中華民國": 1911, "中华民国": 1911}
# The day before the first of the Solar Hijri calendar, as Python counts days. Of 33 years eight have
# a day more; that is right from 1178 to 1633 (K. Borkowski, The Persian calendar for 3000 years).
_SOLAR_EPOCH = 226894
# How long the months of Nepali years are, from 2047 (1990) to 2090: days above 29. Astronomers lay
# them down; source: the table of https://github.com/amitgaru/nepali-datetime.
_FIRST_BIKRAM_YEAR, _FIRST_BIKRAM_DAY = 2047, date(1990, 4, 14)
_BIKRAM_MONTHS = """
222322101011 223222101011 232321110011 232321110102 222322101011 223222101011 232321110011 232321110102 223222101011
223231101011 232321110012 132321110102 223222101011 223321101011 232321110012 222322010102 223222101011 223321101011
232321110012 222322011002 223222101011 223321101011 232321110012 222322011011 223222101011 232321101011 232321110012
222322101011 223222101011 232321110011 232321110102 222322101011 223222101011 232321110011 232321110102 223222101011
223222101011 223221110111 232312110111 132321110111 223222101111 123312110111 132321110111 132321110111
""".split()


def gregorian_day(calendar: Calendar, year: int, month: int, day: int) -> date:
    """
    The day that a date of a calendar means.

    Raises:
        ValueError: There is no such day.

    >>> gregorian_day(Calendar.SOLAR, 1404, 12, 14), gregorian_day(Calendar.GREGORIAN, 2569, 3, 5)
    (datetime.date(2026, 3, 5), datetime.date(2026, 3, 5))
    """
    if calendar is Calendar.BIKRAM:
        return _of_bikram(year, month, day)
    if calendar is Calendar.SOLAR:
        return _of_solar(year, month, day)
    return date(year - _BUDDHIST if year in _BUDDHIST_YEARS else year, month, day)


def calendar_of_numbers(year: int, language: str | None) -> Calendar:
    """The calendar of a date that is written in numbers alone."""
    if year in SOLAR_YEARS:
        return Calendar.SOLAR
    # Fifty years ahead of ours, in a language that counts so.
    is_nepali = (language or "")[:2] == "ne" and year >= _FIRST_BIKRAM_YEAR
    return Calendar.BIKRAM if is_nepali else Calendar.GREGORIAN


def _of_solar(year: int, month: int, day: int) -> date:
    days_of_month = 31 if month < 7 else 30
    if year not in SOLAR_YEARS or not 1 <= month <= 12 or not 1 <= day <= days_of_month:
        raise ValueError("no day of the Solar Hijri calendar")
    months = 31 * (month - 1) - max(0, month - 7)
    return date.fromordinal(_SOLAR_EPOCH + 365 * (year - 1) + (8 * year + 21) // 33 + months + day)


def _of_bikram(year: int, month: int, day: int) -> date:
    place = year - _FIRST_BIKRAM_YEAR
    if not 0 <= place < len(_BIKRAM_MONTHS) or not 1 <= month <= 12:
        raise ValueError("no known month of the Nepali calendar")
    months = [29 + int(more) for each in _BIKRAM_MONTHS[: place + 1] for more in each]
    whole = months[: 12 * place + month - 1]
    if not 1 <= day <= months[len(whole)]:
        raise ValueError("no day of the Nepali calendar")
    return _FIRST_BIKRAM_DAY + timedelta(sum(whole) + day - 1)
