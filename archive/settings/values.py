"""Values of the digest and its mail, each checked as those of `scraper.settings.values` are."""

from __future__ import annotations

import difflib
import re
from datetime import time
from email.utils import getaddresses
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from scraper.settings.values import check_text, expected

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


def check_time(value: object) -> time:
    """A time of day, as TOML has it or as a text such as "06:30"."""
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        return time.fromisoformat(value)
    raise expected('a time of day such as "06:30"', value)


def check_timezone(value: object) -> str:
    """The name of a time zone."""
    name = check_text(value)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # OSError: a folder of zones, such as "Europe"
        zones = {zone.lower(): zone for zone in available_timezones()}
        close = difflib.get_close_matches(name.lower(), zones, n=1)
        hint = f"; did you mean {zones[close[0]]}?" if close else ""
        raise ValueError(f"expected a time zone such as Europe/Berlin, found {name}{hint}") from None
    return name
