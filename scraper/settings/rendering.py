"""Sources and single values in TOML, as they stand in the files."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from scraper.model import LISTINGS, MeterRule, Selectors, Source
from scraper.settings.values import render_duration


def render_source(source: Source, *, with_secrets: bool = False) -> str:
    """
    The table of one source, as it stands in a file of `sources/`. Reading it gives *source* again.

    Addresses that hold secrets stand there as they are shown, and only *with_secrets* as they are.

    >>> print(render_source(Source("tide", "The Tide", "https://tide.example/", feeds=("https://tide.example/rss",))))
    [tide]
    title = "The Tide"
    home_url = "https://tide.example/"
    feeds = ["https://tide.example/rss"]
    <BLANKLINE>
    """
    source = with_real_urls(source) if with_secrets else source
    apart = {"name", "selectors", "meter", "headers", "secret_urls"}
    lines = [f"[{source.name}]", *_assignments(source, besides=apart)]
    if source.headers:
        lines += [
            "",
            f"[{source.name}.headers]",
            *(f"{render_value(name)} = {render_value(value)}" for name, value in source.headers),
        ]
    if source.meter is not None:
        lines += ["", f"[{source.name}.meter]", *_assignments(source.meter)]
    if selectors := list(_assignments(source.selectors)):
        lines += ["", f"[{source.name}.selectors]", *selectors]
    return "\n".join([*lines, ""])


def with_real_urls(source: Source) -> Source:
    """*source* with its addresses as they stand in the configuration, secrets and all."""
    real = {secret.shown: secret.real for secret in source.secret_urls}
    listings: dict[str, Any] = {key: tuple(real.get(url, url) for url in getattr(source, key)) for key in LISTINGS}
    return replace(source, home_url=real.get(source.home_url, source.home_url), **listings)


def _assignments(record: Source | Selectors | MeterRule, besides: Container[str] = ()) -> Iterator[str]:
    """`key = value` for each field that differs from its default, without the fields *besides*."""
    for part in fields(record):
        value = getattr(record, part.name)
        if part.name not in besides and value != part.default:
            yield f"{part.name} = {render_value(value)}"


def render_value(value: object) -> str:
    """
    A value of a record in TOML.

    Source: TOML 1.0; its basic strings are those of JSON, except that U+007F is escaped too.
    """
    match value:
        case timedelta():
            return render_value(render_duration(value))
        case date():
            return value.isoformat()
        case tuple():
            return f"[{', '.join(render_value(member) for member in value)}]"
        case Path():
            return render_value(str(value))
        case _:
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
