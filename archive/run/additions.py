"""
New sources beside those that are configured: which can be added, under which names, and why the
others cannot.

Each is read back as the file would have it before it counts, and so is the whole configuration with
all of them: what does not load is never written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive.run.find_source import slug
from archive.settings import Settings, added_sources_file, read_settings
from scraper.discover.addresses import mend_url
from scraper.discover.opml import OpmlOutline
from scraper.errors import ConfigError, Mistake
from scraper.model import LISTINGS, Source
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
    """
    The publications of an OPML file, disabled; outlines of one title, home page and folder are one
    publication.
    """
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

    A name that is taken gets a number; feeds, sitemaps and index pages that are watched already are
    left out.
    """
    plan = _Plan(settings, environ)
    for given in new:
        plan.add(_tidy(given))
    return Additions(tuple(plan.sources), tuple(plan.refusals))


class _Plan:
    """What is watched and what is to be added to it, source by source."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self._file = added_sources_file(settings)
        self._environ = environ
        self._taken = {source.name for source in settings.sources}
        self._numbers: dict[str, int] = {}
        # By URL key, the title of the source that watches it.
        self._watched: dict[str, str] = {}
        self.sources: list[Source] = []
        self.refusals: list[Refusal] = []
        for source in settings.sources:
            # As it is asked for, and as it stands in a list that was handed on.
            self._watch((*source.listing_urls, *with_real_urls(source).listing_urls), source.title)

    def add(self, source: Source) -> None:
        """
        Add a source, with those of its listings that are not watched yet; or say why it cannot be
        added.
        """
        unwatched: dict[str, Any] = {key: _unwatched(getattr(source, key), self._watched) for key in LISTINGS}
        rest = replace(source, **unwatched)
        if not rest.listing_urls:
            seen = next(title for url in source.listing_urls if (title := self._watched.get(url_key(url))) is not None)
            self.refusals.append(Refusal(source.title, f"is watched already, as “{seen}”", is_known=True))
            return
        named = replace(rest, name=self._free_name(source.name))
        try:
            read = read_source(render_source(named), self._file, environ=self._environ)
        except ConfigError as error:
            reasons = (f"{mistake.key or mistake.table}: {mistake.expected}" for mistake in error.mistakes)
            self.refusals.append(Refusal(source.title, "; ".join(reasons)))
            return
        self._taken.add(named.name)
        self._watch(rest.listing_urls, read.title)
        self.sources.append(read)

    def _watch(self, urls: Iterable[str], title: str) -> None:
        self._watched.update((url_key(url), title) for url in urls)

    def _free_name(self, wanted: str) -> str:
        name = wanted
        while name in self._taken:
            self._numbers[wanted] = self._numbers.get(wanted, 1) + 1
            name = f"{wanted}-{self._numbers[wanted]}"
        return name


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


def _unwatched(urls: tuple[str, ...], watched: Mapping[str, str]) -> tuple[str, ...]:
    return tuple({key: url for url in reversed(urls) if (key := url_key(url)) not in watched}.values())[::-1]


def _tidy(source: Source) -> Source:
    """
    *source* without what a site or a list says that a configuration cannot hold: invisible marks,
    odd languages.
    """
    language = (source.language or "").strip().replace("_", "-")
    language = language[:2].lower() + language[2:]
    try:
        home_url = mend_url(source.home_url)
    except ValueError:
        home_url = join_url(source.listing_urls[0], "/") or source.home_url
    return replace(
        source,
        title=_on_one_line(source.title) or source.name,
        home_url=home_url,
        section=_on_one_line(source.section or "") or None,
        language=language if _LANGUAGE.fullmatch(language) else None,
    )


def _on_one_line(text: str) -> str:
    return squash("".join(character if character.isprintable() else " " for character in text))
