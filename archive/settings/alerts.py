"""Alerts, as `alerts/*.toml` have them, and the channels of `[notify]` by which they are told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.judge.query.parse import parse, read_line
from archive.model.query import NotUnderstood
from archive.settings.records import MAIL_READERS, AlertSettings, ChannelKind, ChannelSettings
from archive.settings.values import EMAIL
from scraper.settings.network import check_url
from scraper.settings.reading import Reading
from scraper.settings.values import (
    ENVIRONMENT_NAME,
    Check,
    check_bool,
    check_list,
    check_match,
    check_one_of,
    check_text,
    did_you_mean,
    expected,
    shown,
)

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
"""The name of an alert, or of a channel."""
# What a list of names for a whole country has; more is a file of another kind.
_MOST_WORDS = 100_000
_ENVIRONMENT = check_match(ENVIRONMENT_NAME, "the name of an environment variable")
# Whether a query is understood does not hang on the time from which its spans reach back.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def check_query(value: object) -> str:
    """A query that is understood."""
    text = check_text(value)
    asked = parse(text, _ANY_TIME)
    if isinstance(asked, NotUnderstood):
        raise expected(f"a query (docs/search.md): {asked}", value)
    if asked.condition is None:
        raise expected("a query with a word or a field in it", value)
    return text


_CHANNEL_CHECKS: Mapping[str, Check] = {
    "kind": lambda value: ChannelKind(check_one_of(tuple(ChannelKind))(value)),
    "address": check_text,
    "address_env": _ENVIRONMENT,
    "token_env": _ENVIRONMENT,
}
_ALERT_CHECKS: Mapping[str, Check] = {
    "title": check_text,
    "query": check_query,
    "enabled": check_bool,
    "mark": check_bool,
    "tag": check_list(check_text),
    "lead": check_bool,
    "star": check_bool,
    "notify": check_list(check_match(NAME, "the name of a channel")),
}


def channels_in(file: Path, tables: object, reading: Reading) -> tuple[ChannelSettings, ...]:
    """The channels of `[notify.NAME]`; those with mistakes are left out."""
    channels = []
    for name, value in reading.table(file, "notify", tables).items():
        table = f"notify.{name}"
        if not NAME.fullmatch(name) or name == MAIL_READERS:
            reading.note(file, table, "", f'expected a name of a-z, 0-9, - and _ that is not "{MAIL_READERS}"')
            continue
        given = reading.table(file, table, value)
        channel = reading.record(file, table, given, _CHANNEL_CHECKS, ChannelSettings, more={"name": name})
        if channel and (channel.address is None) == (channel.address_env is None):
            reading.note(file, table, "address", "expected an address, or address_env with the variable that holds it")
        elif channel:
            _note_address(file, table, channel, reading)
            channels.append(channel)
    return tuple(channels)


def _note_address(file: Path, table: str, channel: ChannelSettings, reading: Reading) -> None:
    if channel.address is None:
        return
    try:
        if channel.kind is ChannelKind.MAIL:
            check_match(EMAIL, "an e-mail address")(channel.address)
        elif channel.kind is not ChannelKind.APPRISE:
            check_url(channel.address)
    except ValueError as problem:
        reading.note(file, table, "address", str(problem))


def alerts_in(
    folders: Iterable[Path], channels: Iterable[ChannelSettings], reading: Reading, *, has_mail: bool
) -> tuple[AlertSettings, ...]:
    """The alerts of every file, in their order; those with mistakes are left out."""
    known = (MAIL_READERS,) * has_mail + tuple(channel.name for channel in channels)
    alerts: dict[str, AlertSettings] = {}
    for folder in folders:
        for file in sorted({*folder.glob("*.toml"), *(file for file in reading.instead if file.parent == folder)}):
            for name, value in (reading.toml(file) or {}).items():
                if name in alerts:
                    reading.note(file, name, "", "there is an alert of this name already")
                elif alert := _alert_in(file, name, value, reading):
                    alerts[name] = _with_known_channels(file, alert, known, reading)
    return tuple(alerts.values())


def _alert_in(file: Path, name: str, value: object, reading: Reading) -> AlertSettings | None:
    """The alert a table describes; None where it has mistakes, which are noted."""
    if not isinstance(value, dict):
        reading.note(file, "", name, "expected a table for each alert, such as [vendors]; this key is in none")
        return None
    if not NAME.fullmatch(name):
        reading.note(file, name, "", "expected a name of a-z, 0-9, - and _")
        return None
    # A list lies beside the alerts that use it, wherever the folder is copied to.
    checks = {**_ALERT_CHECKS, "words_file": lambda given: reading.path(given, file.parent)}
    alert = reading.record(file, name, {"title": name} | value, checks, AlertSettings, more={"name": name})
    if alert is None:
        return None
    if alert.words_file:
        return replace(alert, **_words_in(alert.words_file))
    if not alert.query:
        reading.note(file, name, "query", "missing; an alert has a query, a words_file, or both")
        return None
    return alert


def _words_in(file: Path) -> dict[str, Any]:
    """The words of a list, or why there are none: others may write it, and nothing stops for that."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return {"problem": f"{file} cannot be read: {error.strerror}"}
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return {"problem": f"{file} is not UTF-8, at line {line}"}
    lines = {number: line.strip() for number, line in enumerate(text.splitlines(), 1)}
    words = {number: line for number, line in lines.items() if line and not line.startswith("#")}
    problem = _problem_of(words)
    return {"problem": f"{file}: {problem}"} if problem else {"words": tuple(dict.fromkeys(words.values()))}


def _problem_of(words: Mapping[int, str]) -> str | None:
    """Why the words of a list, by line, are none to look for."""
    wrong = next((number for number, line in words.items() if read_line(line) is None), None)
    if wrong is not None:
        return f"no word to look for at line {wrong}: {shown(words[wrong][:40])}"
    if not 0 < len(words) <= _MOST_WORDS:
        return f"expected 1 to {_MOST_WORDS} words, found {len(words)}"
    return None


def _with_known_channels(file: Path, alert: AlertSettings, known: tuple[str, ...], reading: Reading) -> AlertSettings:
    """The alert without the channels that are not there, which are noted: the rest of it works."""
    for name in alert.notify:
        if name in known or (not alert.enabled and name == MAIL_READERS):
            continue
        hint = " (there is no [mail] in presswatch.toml)" if name == MAIL_READERS else did_you_mean(name, known)
        reading.note(file, alert.name, "notify", f"no channel is called {shown(name)}{hint}")
    return replace(alert, notify=tuple(name for name in alert.notify if name in known))
