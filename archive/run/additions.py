"""
New sources beside those that are configured: which can be added, under which names, and why the others cannot.

Each is read back as the file would have it before it counts, and so is the whole configuration with all of them:
what does not load is never written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from archive.run.find_source import slug
from archive.settings import Settings, added_sources_file, read_settings
from scraper.discover.addresses import mend_url
from scraper.discover.opml import OpmlOutline
from scraper.errors import ConfigError, Mistake
from scraper.model import Source
from scraper.secrets import without_login
from scraper.settings.rendering import render_source, with_real_urls
from scraper.settings.sources import read_source
from scraper.text import squash
from scraper.urls import join_url, url_key

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A publication that is not added. *is_known*: because it is watched already."""

    title: str
    reason: str
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Additions:
    """What can be added, as it will be read, and what cannot."""

    sources: tuple[Source, ...]
    refusals: tuple[Refusal, ...] = ()


def sources_of_list(outlines: Iterable[OpmlOutline]) -> tuple[Source, ...]:
    """The publications of an OPML file, disabled; outlines of one title, home page and folder are one publication."""
    found: dict[object, Source] = {}
    for outline in outlines:
        key = (outline.title, outline.home_url, outline.section) if outline.home_url else outline.feed_url
        if known := found.get(key):
            found[key] = replace(known, feeds=(*known.feeds, outline.feed_url))
            continue
        found[key] = Source(
            name=slug(outline.title),
            title=outline.title,
            home_url=without_login(outline.home_url or join_url(outline.feed_url, "/") or outline.feed_url),
            feeds=(outline.feed_url,),
            section=outline.section,
            enabled=False,
        )
    return tuple(found.values())


def plan_additions(settings: Settings, new: Iterable[Source], *, environ: Mapping[str, str]) -> Additions:
    """
    Which of *new* can be added to what is configured.

    A name that is taken gets a number; feeds, sitemaps and index pages that are watched already are left out.
    """
    taken = {source.name for source in settings.sources}
    numbers: dict[str, int] = {}
    watched: dict[str, str] = {}

    def watch(source: Source) -> None:
        # As it is asked for, and as it stands in a list that was handed on.
        watched.update(
            (url_key(url), source.title) for one in (source, with_real_urls(source)) for url in _listings(one)
        )

    for source in settings.sources:
        watch(source)
    sources, refusals = [], []
    for given in new:
        source = _tidy(given)
        seen = [watched[key] for url in _listings(source) if (key := url_key(url)) in watched]
        source = replace(
            source,
            feeds=_unwatched(source.feeds, watched),
            sitemaps=_unwatched(source.sitemaps, watched),
            index_pages=_unwatched(source.index_pages, watched),
        )
        if not _listings(source):
            refusals.append(Refusal(source.title, f"is watched already, as “{seen[0]}”", is_known=True))
            continue
        name = source.name
        while name in taken:
            numbers[source.name] = numbers.get(source.name, 1) + 1
            name = f"{source.name}-{numbers[source.name]}"
        source = replace(source, name=name)
        try:
            read = read_source(render_source(source), added_sources_file(settings), environ=environ)
        except ConfigError as error:
            reasons = (f"{mistake.key or mistake.table}: {mistake.expected}" for mistake in error.mistakes)
            refusals.append(Refusal(source.title, "; ".join(reasons)))
            continue
        taken.add(name)
        watched.update((url_key(url), read.title) for url in _listings(source))
        sources.append(read)
    return Additions(tuple(sources), tuple(refusals))


def with_additions(settings: Settings, additions: Additions, *, environ: Mapping[str, str]) -> tuple[Path, str]:
    """
    The file that new sources go to, and its text with them.

    Raises:
        ConfigError: The configuration would not load with it; says what is wrong.
    """
    path = added_sources_file(settings)
    try:
        before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    except (OSError, UnicodeError) as error:
        raise ConfigError((Mistake(path, "", "", f"cannot be read: {error}"),)) from error
    if before and not before.endswith("\n"):
        before += "\n"
    text = before + "".join(f"\n{render_source(source, with_secrets=True)}" for source in additions.sources)
    try:
        read_settings(settings.folder, environ=environ, instead={path: text})
    except ConfigError as error:
        why = Mistake(path, "", "", "nothing was written, since the configuration would not load with the new sources:")
        raise ConfigError((why, *error.mistakes)) from error
    return path, text


def _listings(source: Source) -> tuple[str, ...]:
    return (*source.feeds, *source.sitemaps, *source.index_pages)


def _unwatched(urls: tuple[str, ...], watched: Mapping[str, str]) -> tuple[str, ...]:
    return tuple({key: url for url in reversed(urls) if (key := url_key(url)) not in watched}.values())[::-1]


def _tidy(source: Source) -> Source:
    """*source* without what a site or a list says that a configuration cannot hold: invisible marks, odd languages."""
    language = (source.language or "").strip().replace("_", "-")
    language = language[:2].lower() + language[2:]
    try:
        home_url = mend_url(source.home_url)
    except ValueError:
        home_url = join_url(_listings(source)[0], "/") or source.home_url
    return replace(
        source,
        title=_on_one_line(source.title) or source.name,
        home_url=home_url,
        section=_on_one_line(source.section or "") or None,
        language=language if _LANGUAGE.fullmatch(language) else None,
    )


def _on_one_line(text: str) -> str:
    return squash("".join(character if character.isprintable() else " " for character in text))
