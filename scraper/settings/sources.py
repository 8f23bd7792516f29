"""Sources, as the tables of `sources/*.toml` have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scraper.errors import ConfigError, Mistake
from scraper.model import LISTINGS, MeterRule, SecretUrl, Selectors, Source
from scraper.secrets import hide_secrets, keeps_secrets, login_of
from scraper.settings.network import check_headers, check_source_proxy, check_url
from scraper.settings.reading import Reading
from scraper.settings.values import (
    ENVIRONMENT_NAME,
    Check,
    check_bool,
    check_date,
    check_duration,
    check_list,
    check_match,
    check_meter_window,
    check_schedule,
    check_text,
    check_whole,
)
from scraper.urls import registrable_domain, url_key

SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")  # RFC 5646, without its rarer forms
# Addresses that differ in their secrets alone: looked through one by one, so there is an end.
_MOST_ALIKE = 1000

_SOURCE_CHECKS: Mapping[str, Check] = {
    "title": check_text,
    "home_url": check_url,
    **dict.fromkeys(LISTINGS, check_list(check_url)),
    "language": check_match(_LANGUAGE, 'a language such as "en" or "pt-BR"'),
    "section": check_text,
    "schedule": check_schedule,
    "pace": check_duration,
    "enabled": check_bool,
    "access_note": check_text,
    "access_checked": check_date,
    "learn_templates": check_bool,
    "preferred": check_bool,
    "headers": check_headers,
    "auth_user": check_text,
    "auth_password_env": check_match(ENVIRONMENT_NAME, "the name of an environment variable that holds the password"),
    "token_env": check_match(ENVIRONMENT_NAME, "the name of an environment variable that holds the token"),
    "proxy": check_source_proxy,
}
_SELECTOR_CHECKS: Mapping[str, Check] = {
    key: check_list(check_text) for key in ("body", "headline", "dek", "byline", "remove", "signed_out")
}
_MOST_FREE = 1000  # of a month: whoever grants more has no meter
_METER_CHECKS: Mapping[str, Check] = {
    "limit": check_whole(1, _MOST_FREE),
    "window": check_meter_window,
    "reserve": check_whole(0, _MOST_FREE),
}


def read_source(text: str, file: Path, *, environ: Mapping[str, str]) -> Source:
    """
    The one source that *text* describes, as it stands in a file of `sources/`.

    Args:
        file: Where it is to stand: *text* is read in its place.

    Raises:
        ConfigError: It has mistakes; lists every one.
    """
    reading = Reading(file.resolve().parents[1].parent, environ, {file: text})
    sources = _sources_of(file, reading, {})
    if reading.mistakes or len(sources) != 1:
        raise ConfigError(tuple(reading.mistakes) or (Mistake(file, "", "", "expected the table of one source"),))
    return sources[0]


def sources_in(folders: Iterable[Path], reading: Reading) -> tuple[Source, ...]:
    """The sources of every file, in their order; those with mistakes are left out."""
    sources: list[Source] = []
    listed_in: dict[str, str] = {}  # URL key of a listing -> where it stood first
    for folder in folders:
        for file in sorted({*folder.glob("*.toml"), *(file for file in reading.instead if file.parent == folder)}):
            sources += _sources_of(file, reading, listed_in)
    return tuple(sources)


def _sources_of(file: Path, reading: Reading, listed_in: dict[str, str]) -> list[Source]:
    sources = []
    for name, value in (reading.toml(file) or {}).items():
        if not isinstance(value, dict):
            reading.note(file, "", name, "expected a table for each source, such as [krebs]; this key is in none")
            continue
        if not SOURCE_NAME.fullmatch(name):
            reading.note(file, name, "", "expected a source name of a-z, 0-9, - and _")
        if name in reading.named_in:
            reading.note(file, name, "", f"this source is already in {reading.named_in[name].name}")
            continue
        reading.named_in[name] = file
        if source := _source_in(file, name, value, reading):
            sources.append(source)
            _note_shared_listings(file, source, listed_in, reading)
    return sources


def _source_in(file: Path, name: str, table: Mapping[str, Any], reading: Reading) -> Source | None:
    """The source a table describes; None where it has mistakes, which are noted."""
    given = dict(table)
    selectors_given = reading.table(file, f"{name}.selectors", given.pop("selectors", {}))
    selectors = reading.record(file, f"{name}.selectors", selectors_given, _SELECTOR_CHECKS, Selectors)
    more: dict[str, object] = {"name": name, "selectors": selectors}
    if "meter" in given:
        more["meter"] = _meter_in(file, f"{name}.meter", given.pop("meter"), reading)
    checks = {**_SOURCE_CHECKS, "cookies_file": reading.cookies_file, "ca_bundle": reading.ca_bundle}
    source = reading.record(file, name, given, checks, Source, more=more)
    if source is None:
        return None
    if source.cookies_file:
        reading.cookies_of[source.cookies_file] = (file, name)
    if not source.listing_urls:
        reading.note(file, name, "feeds", "missing; a source has at least one feed, sitemap or index page")
    _note_credentials(file, source, reading)
    return _without_secrets(file, source, reading)


def _note_credentials(file: Path, source: Source, reading: Reading) -> None:
    """Notes what would keep a source's password or token from ever being sent."""
    if (source.auth_user is None) != (source.auth_password_env is None):
        missing = "auth_user" if source.auth_user is None else "auth_password_env"
        reading.note(file, source.name, missing, "missing; auth_user and auth_password_env go together")
    if source.token_env and source.auth_user:
        reading.note(file, source.name, "token_env", "expected a token or a user, not both")
    key = "token_env" if source.token_env else "auth_user"
    if (source.token_env or source.auth_user) and (open_url := _open_url(source)):
        reading.note(file, source.name, key, f"goes over https alone, and {hide_secrets(open_url)} is not")


def _open_url(source: Source) -> str | None:
    """An address of a source's own site, where none of them keeps a secret."""
    site = registrable_domain(source.home_url)
    own = [url for url in source.listing_urls if registrable_domain(url) == site] or [source.home_url]
    return None if any(map(keeps_secrets, own)) else own[0]


def _without_secrets(file: Path, source: Source, reading: Reading) -> Source:
    """*source* with what may be shown in place of each address that holds a secret."""
    secret: dict[str, SecretUrl] = {}

    def shown_url(key: str, url: str) -> str:
        if login_of(url) and not keeps_secrets(url):
            reading.note(file, source.name, key, f"{hide_secrets(url)}: a password goes over https alone")
        number = 1
        while reading.real_urls.setdefault(public := hide_secrets(url, number), url) != url and number < _MOST_ALIKE:
            if public == hide_secrets(url, number + 1):
                break  # nothing but the login differs
            number += 1
        if public != url:
            secret[url] = SecretUrl(public, url)
        return public

    shown_urls: dict[str, Any] = {"home_url": shown_url("home_url", source.home_url)}
    for key in LISTINGS:
        shown_urls[key] = tuple(shown_url(key, url) for url in getattr(source, key))
    return replace(source, **shown_urls, secret_urls=tuple(secret.values()))


def _meter_in(file: Path, table: str, value: object, reading: Reading) -> MeterRule | None:
    meter = reading.record(file, table, reading.table(file, table, value), _METER_CHECKS, MeterRule)
    if meter and meter.limit is not None and meter.reserve >= meter.limit:
        reading.note(file, table, "reserve", f"expected less than the limit of {meter.limit}, found {meter.reserve}")
    return meter


def _note_shared_listings(file: Path, source: Source, listed_in: dict[str, str], reading: Reading) -> None:
    """Notes each listing that was there before: it would be asked for twice in every pass."""
    if not source.enabled:
        return
    for key in LISTINGS:
        for url in getattr(source, key):
            if other := listed_in.get(url_key(url)):
                reading.note(file, source.name, key, f"{url} is already in {other}")
            listed_in.setdefault(url_key(url), f"{key} of [{source.name}]")
