"""
Single values of the configuration: what each may be, and the sentence for one that is something else.

A check takes a value as TOML gave it and returns the value for the record, or raises ValueError with what was expected.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from email.utils import getaddresses
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from scraper.read.words.phrases import check_pattern
from scraper.secrets import hide_secrets, without_login
from scraper.urls import is_http_url

_DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d{1,6})?)s)?", re.ASCII)
_SIZE = re.compile(r"(\d+) ?([kKMG]i?)?B", re.ASCII)
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
        message = f"expected a duration of less than a million years, found {shown(text[:40])}"
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
    if match is None or len(match[1]) > 15:
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
_CRONTAB_PART = re.compile(r"(?:\*|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:/([0-9]{1,2}))?")


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
    """Whether *part* is `*`, one of *values* or a rising range of them, numbers perhaps with a step that fits."""
    match = _CRONTAB_PART.fullmatch(part)
    if match is None:
        return False
    start, end, step = match.groups()
    named = [end_point.isalpha() for end_point in (start, end) if end_point]
    if any(named) and (step or not all(named)):
        return False
    first = values.get(start, -1) if start else min(values.values())
    last = values.get(end, -1) if end else first if start and not step else max(values.values())
    return 0 <= first <= last and (step is None or 0 < int(step) <= last - first)


_CONTACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[\w-]+(?:\.[\w-]+)+", re.ASCII)


def is_example_contact(user_agent: str) -> bool:
    """
    Whether every contact in *user_agent* is one of the names kept for examples, as in the starter configuration.

    Source: RFC 2606.

    >>> is_example_contact("presswatch/0.1 (+https://press.example/bot)"), is_example_contact("bot (me@tide.net)")
    (True, False)
    """
    return all(
        re.search(r"(?<![\w-])example(?:\.(?:com|net|org))?$", contact) for contact in _CONTACT.findall(user_agent)
    )


# ---------------------------------------------------------------- checks

_LOGIN = re.compile(r'//[^/?#"]*@')

Check = Callable[[Any], Any]


def shown(value: object) -> str:
    """A value as it stood in the file, near enough to be found again; without the secrets of an address."""
    value = hide_secrets(value) if isinstance(value, str) and "://" in value else value
    return _LOGIN.sub("//", json.dumps(value, ensure_ascii=False, default=str))


def expected(what: str, value: object) -> ValueError:
    """The error for a *value* that is not *what* is meant."""
    return ValueError(f"expected {what}, found {shown(value)}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The rest of a sentence about an unknown word: the nearest known one, or all of them."""
    known = tuple(known)
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(known) or 'none'}"


def check_text(value: object) -> str:
    """A text on one line."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise expected("a text on one line", value)
    return value


def check_phrase(value: object) -> str:
    """As in `Phrase.pattern`."""
    pattern = check_text(value)
    try:
        check_pattern(pattern)
    except ValueError as problem:
        message = f"'{pattern}': {problem}"
        raise ValueError(message) from None
    return pattern


def check_match(pattern: re.Pattern[str], what: str) -> Check:
    """A check for a text that *pattern* matches whole; *what* names it."""

    def check(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise expected(what, value)
        return value

    return check


EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
"""An e-mail address, near enough: whether it is one is for the mail server to say."""


def check_mailbox(value: object) -> str:
    """
    An e-mail address, alone or behind a name.

    Source: RFC 5322 §3.4 (mailbox).

    >>> check_mailbox("Presswatch <presswatch@example.org>")
    'Presswatch <presswatch@example.org>'
    """
    what = 'an e-mail address, alone or as "Name <name@example.org>"'
    if not isinstance(value, str) or not value.isprintable():
        raise expected(what, value)
    found = getaddresses([value])
    if len(found) != 1 or not EMAIL.fullmatch(found[0][1]):
        raise expected(what, value)
    return value


def check_bool(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise expected("true or false", value)
    return value


def check_whole(least: int, most: int = 1_000_000) -> Check:
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


def check_time(value: object) -> time:
    """A time of day, as TOML has it or as a text such as "06:30"."""
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        return time.fromisoformat(value)
    raise expected('a time of day such as "06:30"', value)


def check_date(value: object) -> date:
    """A day, as TOML has it."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise expected("a day such as 2026-11-24, without quotation marks", value)
    return value


def check_timezone(value: object) -> str:
    """The name of a time zone."""
    name = check_text(value)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as "Europe"
        zones = {zone.lower(): zone for zone in available_timezones()}
        close = difflib.get_close_matches(name.lower(), zones, n=1)
        hint = f"; did you mean {zones[close[0]]}?" if close else ""
        raise ValueError(f"expected a time zone such as Europe/Berlin, found {name}{hint}") from None
    return name


def check_url(value: object) -> str:
    """An absolute http(s) URL, perhaps with a user and a password before its host."""
    if not isinstance(value, str) or not value.isprintable() or re.search(r"\s", value) or not is_http_url(value):
        raise expected("an absolute http(s) URL", value)
    if not is_http_url(without_login(value)):
        raise expected("an absolute http(s) URL with a host", value)
    return value


_HOST = re.compile(r"\[[0-9a-fA-F:.]+\]|[\w.-]+", re.ASCII)
_NETWORK = re.compile(r"\[?([0-9a-fA-F:.]+/\d+)\]?(:\d+)?", re.ASCII)


def check_address(value: object) -> str:
    """
    A host, a host with its port, a network, or a network with a port; lower case.

    >>> check_address("Wiki.internal"), check_address("127.0.0.1:8080"), check_address("[fd00::/8]:8080")
    ('wiki.internal', '127.0.0.1:8080', '[fd00::/8]:8080')
    """
    what = 'a host or a network, perhaps with a port, such as "127.0.0.1:8080", "wiki.internal" or "10.0.0.0/8"'
    if not isinstance(value, str):
        raise expected(what, value)
    if match := _NETWORK.fullmatch(value):
        try:
            network = ip_network(match[1])
        except ValueError as problem:
            message = f"expected {what}; {problem}"
            raise ValueError(message) from None
        port = match[2] or ""
        if port and not is_http_url(f"http://host{port}"):
            raise expected(what, value)
        return f"[{network}]{port}" if network.version == 6 else f"{network}{port}"
    host, _, port = value.rpartition(":") if re.search(r"[^:\]]:\d+$|\]:\d+$", value) else (value, "", "")
    if not _HOST.fullmatch(host) or not is_http_url(f"http://{host}{f':{port}' if port else ''}"):
        raise expected(what, value)
    return value.lower()


_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def check_proxy(value: object) -> str:
    """The address of a proxy."""
    what = 'the address of a proxy, such as "http://127.0.0.1:3128" or "socks5://127.0.0.1:1080"'
    text = check_text(value)
    try:
        parts = urlsplit(text)
        is_right = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise expected(what, value) from None
    if not is_right or parts.scheme not in _PROXY_SCHEMES or parts.path.strip("/") or parts.query or " " in text:
        raise expected(what, value)
    return text


def check_source_proxy(value: object) -> str:
    """The address of a proxy, or "none" for none at all."""
    return "none" if value == "none" else check_proxy(value)


# What says who asks, from where and after what, and what is ours to say: changed, it would open doors that are closed
# to presswatch, or break the conversation.
_OTHERS_HEADERS = re.compile(
    r"cookie2?|user-agent|refer(?:r?er)|origin|via|from|forwarded|(?:true-|fastly-)?client-ip|cf-.*|sec-.*|signature.*|"
    r"x-(?:forwarded.*|real-?ip|client-?ip|true-client-ip|cluster-client-ip|originating-.*|remote-.*|original-.*|"
    r"rewrite-.*|host|http-method.*|method-override|proxyuser-ip|wap-.*|amz-cf-.*|azure-.*|google.*)",
    re.IGNORECASE,
)
_OWN_HEADERS = re.compile(
    r"host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-.*|accept-encoding|range|if-.*|"
    r"proxy-.*|cache-control|pragma",
    re.IGNORECASE,
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def check_headers(value: object) -> tuple[tuple[str, str], ...]:
    """
    A table of headers, in its order; never one that would have us taken for somebody else.

    Source: RFC 9110 §5.1 and §5.5 for names and values.
    """
    if not isinstance(value, dict):
        raise expected("a table of headers", value)
    problems = []
    for name, content in value.items():
        if not _HEADER_NAME.fullmatch(name):
            problems.append(f"{shown(name)} is no name of a header")
        elif name.lower() == "authorization":
            problems.append("Authorization is set by auth_user and auth_password_env, or by token_env")
        elif _OTHERS_HEADERS.fullmatch(name):
            problems.append(f"{name} is not taken: presswatch says who it is, and gets past no wall by seeming another")
        elif _OWN_HEADERS.fullmatch(name):
            problems.append(f"{name} is set by presswatch itself")
        elif not isinstance(content, str) or not content.strip() or not (content.isascii() and content.isprintable()):
            problems.append(f"{name}: expected a text in ASCII on one line")  # not quoted: it may be a secret
    if len({name.lower() for name in value}) < len(value):
        problems.append("a header stands there twice")
    if problems:
        raise ValueError("; ".join(problems))
    return tuple((name, content.strip()) for name, content in value.items())


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


def check_user_agent(value: object) -> str:
    """A user agent that says how to reach us."""
    agent = check_text(value)
    if not agent.isascii() or not _CONTACT.search(agent):
        raise expected("a text in ASCII with a contact in it, an e-mail address or a URL", value)
    return agent


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
