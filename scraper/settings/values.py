"""
Single values of the configuration: what each may be, and the sentence for another one.

A check takes a value as TOML gave it and returns the value for the record, or raises ValueError
with what was expected.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from scraper.secrets import hide_secrets

_DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d{1,6})?)s)?", re.ASCII)
ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_QUOTE = 40  # characters of a value in its own error: who looks for it needs no more
_SIZE = re.compile(r"(\d+) ?([kKMG]i?)?B", re.ASCII)
_MOST_DIGITS = 15  # of a size: petabytes, and far from what a float or SQLite cannot count
_SIZE_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


def parse_duration(text: str) -> timedelta:
    """
    A length of time: weeks, days, hours, minutes, seconds, in this order, each at most once.

    Raises:
        ValueError: *text* is something else, or longer than a timedelta holds.

    >>> parse_duration("1h30m") == timedelta(minutes=90), parse_duration("0.5s") == timedelta(milliseconds=500)
    (True, True)
    """
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        message = f'expected a duration such as "10s", "30m", "1h30m" or "2d", found {shown(text)}'
        raise ValueError(message)
    weeks, days, hours, minutes, seconds = (part or "0" for part in match.groups())
    try:
        # The fraction apart and as whole microseconds: a float would round large values.
        whole, _, fraction = seconds.partition(".")
        return timedelta(
            weeks=int(weeks),
            days=int(days),
            hours=int(hours),
            minutes=int(minutes),
            seconds=int(whole),
            microseconds=int(fraction.ljust(6, "0")),
        )
    except (OverflowError, ValueError):  # int() refuses more than some thousand digits
        message = f"expected a duration of less than a million years, found {shown(text[:_LONGEST_QUOTE])}"
        raise ValueError(message) from None


def render_duration(duration: timedelta) -> str:
    """
    The text that `parse_duration` reads as *duration*, which is not negative.

    >>> render_duration(timedelta(days=1, minutes=30)), render_duration(timedelta(0))
    ('1d30m', '0s')
    """
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{duration.microseconds:06}".rstrip("0").rstrip(".")
    parts = ((duration.days, "d"), (hours, "h"), (minutes, "m"))
    text = "".join(f"{count}{unit}" for count, unit in parts if count)
    return text + (f"{seconds}{fraction}s" if seconds or fraction or not text else "")


def parse_size(text: str) -> int:
    """
    A size in bytes. kB, MB and GB are powers of 1000; KiB, MiB and GiB powers of 1024.

    Raises:
        ValueError: *text* is something else.

    >>> parse_size("10MB"), parse_size("4 KiB"), parse_size("512B")
    (10000000, 4096, 512)
    """
    match = _SIZE.fullmatch(text)
    if match is None or len(match[1]) > _MOST_DIGITS:
        message = f'expected a size such as "10MB" or "512KiB", or a number of bytes, found {shown(text)}'
        raise ValueError(message)
    return int(match[1]) * _SIZE_UNITS[(match[2] or "").lower()]


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS = "mon tue wed thu fri sat sun".split()


def _numbers(first: int, last: int) -> dict[str, int]:
    return {text: number for number in range(first, last + 1) for text in (str(number), f"{number:02}")}


# The five fields: what each may hold, for the reader and with the place of each value in its order.
# Days of the week are names alone, from Monday on: that is also how APScheduler has them.
_CRONTAB_FIELDS: tuple[tuple[str, Mapping[str, int]], ...] = (
    ("a minute of 0 to 59", _numbers(0, 59)),
    ("an hour of 0 to 23", _numbers(0, 23)),
    ("a day of the month of 1 to 31", _numbers(1, 31)),
    ("a month of 1 to 12 or jan to dec", _numbers(1, 12) | dict(zip(_MONTHS, range(1, 13), strict=True))),
    ("a day of the week of mon to sun", dict(zip(_WEEKDAYS, range(7), strict=True))),
)
# Steps are for numbers alone, and so a range has numbers at both ends or names.
_CRONTAB_PART = re.compile(r"(?:\*|([0-9]+)(?:-([0-9]+))?)(?:/([0-9]{1,2}))?|([a-z]+)(?:-([a-z]+))?")


def check_crontab(line: str) -> None:
    """
    Nothing, where *line* has the five fields of a crontab line.

    Raises:
        ValueError: Names the field that is wrong, and what it may hold.

    Source: POSIX crontab, with names, and with steps as Vixie cron has them. Days of the week
    are names alone, because programs do not agree on the day that 0 means.

    >>> check_crontab("*/15 6-22 * * mon-fri")
    >>> check_crontab("0 24 * * *")
    Traceback (most recent call last):
    ValueError: expected an hour of 0 to 23 in a crontab line, found "24"
    """
    given = line.lower().split()
    if len(given) != len(_CRONTAB_FIELDS):
        message = f"expected a crontab line of five fields, found {shown(line)} with {len(given)}"
        raise ValueError(message)
    for text, (what, values) in zip(given, _CRONTAB_FIELDS, strict=True):
        if not all(_is_crontab_part(part, values) for part in text.split(",")):
            message = f"expected {what} in a crontab line, found {shown(text)}"
            raise ValueError(message)


def _is_crontab_part(part: str, values: Mapping[str, int]) -> bool:
    """Whether *part* is `*`, one of *values*, or a rising range; numbers may have a step."""
    match = _CRONTAB_PART.fullmatch(part)
    if match is None:
        return False
    number, last_number, step, name, last_name = match.groups()
    start, end = number or name, last_number or last_name
    if not start:
        return _fits(step, max(values.values()) - min(values.values()))
    first = values.get(start, -1)
    last = values.get(end or start, -1) if end or not step else max(values.values())
    return 0 <= first <= last and _fits(step, last - first)


def _fits(step: str | None, span: int) -> bool:
    return step is None or 0 < int(step) <= span


# ---------------------------------------------------------------- checks

_LOGIN = re.compile(r'//[^/?#"]*@')

Check = Callable[[Any], Any]


def shown(value: object) -> str:
    """A value as it stood in the file, near enough to be found; without secrets of addresses."""
    value = hide_secrets(value) if isinstance(value, str) and "://" in value else value
    return _LOGIN.sub("//", json.dumps(value, ensure_ascii=False, default=str))


def expected(what: str, value: object) -> ValueError:
    """The error for a *value* that is not *what* is meant."""
    return ValueError(f"expected {what}, found {shown(value)}")


_LEAST_ALIKE = 0.5  # of two words: half of their letters in one order; "colour" for "color" has .9


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The rest of a sentence about an unknown word: the nearest known one, or all of them."""
    known = tuple(known)
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=_LEAST_ALIKE)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(known) or 'none'}"


def check_text(value: object) -> str:
    """A text on one line."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise expected("a text on one line", value)
    return value


def check_match(pattern: re.Pattern[str], what: str) -> Check:
    """A check for a text that *pattern* matches whole; *what* names it."""

    def check(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise expected(what, value)
        return value

    return check


def check_bool(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise expected("true or false", value)
    return value


_MOST = 1_000_000  # of what nobody has more of: a number beyond it is a slip of the keyboard


def check_whole(least: int, most: int = _MOST) -> Check:
    """A check for a whole number of *least* to *most*."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise expected(f"a whole number of {least} to {most}", value)
        return value

    return check


def check_share(value: object) -> float:
    """A number of 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise expected("a number of 0 to 1", value)
    return float(value)


def check_duration(value: object) -> timedelta:
    """A length of time, as `parse_duration` reads it."""
    if not isinstance(value, str):
        raise expected('a duration such as "10s", "30m", "1h30m" or "2d"', value)
    return parse_duration(value)


def check_positive_duration(value: object) -> timedelta:
    """A length of time above nothing."""
    if not (duration := check_duration(value)):
        raise expected("a duration of more than nothing", value)
    return duration


def check_duration_or_all(value: object) -> timedelta | None:
    """A length of time above nothing; None for "all"."""
    return None if value == "all" else check_positive_duration(value)


def check_size(value: object) -> int:
    """A number of bytes, or a size as `parse_size` reads it."""
    size = parse_size(value) if isinstance(value, str) else value
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise expected('a size such as "10MB" or "512KiB", or a number of bytes', value)
    return size


def check_date(value: object) -> date:
    """A day, as TOML has it."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise expected("a day such as 2026-11-24, without quotation marks", value)
    return value


def check_schedule(value: object) -> str:
    """As in `Source.schedule`; a line with spaces in it can only mean a crontab line."""
    schedule = check_text(value).strip()
    if " " in schedule:
        check_crontab(schedule)
        return schedule
    try:
        check_positive_duration(schedule)
    except ValueError:
        raise expected('a duration such as "30m", or a crontab line of five fields', value) from None
    return schedule


def check_meter_window(value: object) -> str:
    """As in `MeterRule.window`."""
    window = check_text(value)
    if window != "month":
        try:
            check_positive_duration(window)
        except ValueError:
            raise expected('"month", or a duration such as "30d"', value) from None
    return window


def check_one_of(choices: tuple[str, ...]) -> Check:
    """A check for one of *choices*."""

    def check(value: object) -> str:
        if value not in choices:
            raise expected(f"one of {', '.join(choices)}", value)
        return str(value)

    return check


def check_list(check: Check, *, least: int = 0) -> Check:
    """A check for a list; names every member that is wrong."""

    def check_members(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise expected("a list, in [square brackets]", value)
        members, problems = [], []
        for member in value:
            try:
                members.append(check(member))
            except ValueError as problem:
                problems.append(str(problem))
        if len(value) < least:
            problems.append("expected at least one in the list")
        if problems:
            raise ValueError("; ".join(problems))
        return tuple(members)

    return check_members
