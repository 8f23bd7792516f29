"""Where else a report is, and who was first, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from archive.model import Appearance, EchoCount, EchoMap
from archive.show.times import render_time
from scraper.text import squash

# A line of a list holds so many names.
_MOST_NAMED = 6


def find_first(article_id: int, places: Sequence[Appearance]) -> Appearance | None:
    """Who had the report of an article before it; None where that was the first."""
    own = next((place for place in places if place.article_id == article_id), None)
    first = min(places, key=lambda place: place.at, default=None)
    return first if own and first and first.at < own.at and first.source != own.source else None


def find_others(article_id: int, places: Sequence[Appearance]) -> tuple[Appearance, ...]:
    """The first article of each outlet that has the report of an article, without its own."""
    own = next((place.source for place in places if place.article_id == article_id), None)
    found: dict[str, Appearance] = {}
    for place in sorted(places, key=lambda place: place.at):
        if place.source != own:
            found.setdefault(place.source, place)
    return tuple(found.values())


def describe_places(article_id: int, places: Sequence[Appearance], zone: ZoneInfo) -> str:
    """
    Who was first with the report of an article, and where else it is; "" for one that is nowhere
    else.

    >>> from datetime import UTC, datetime
    >>> six, seven = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (6, 7))
    >>> both = [Appearance(1, "The Tide", "", six), Appearance(2, "Harbour Post", "", seven)]
    >>> describe_places(2, both, ZoneInfo("UTC")), describe_places(1, both, ZoneInfo("UTC"))
    ('first at The Tide, 2026-03-02 06:00 UTC', 'also at Harbour Post')
    """
    first = find_first(article_id, places)
    names = [squash(place.source) or place.url for place in find_others(article_id, places) if place != first]
    parts = []
    if first:
        parts.append(f"first at {squash(first.source) or first.url}, {render_time(first.at, zone)}")
    if names:
        more = len(names) - _MOST_NAMED
        parts.append(f"also at {', '.join(names[:_MOST_NAMED])}" + (f" and {more} more" if more > 0 else ""))
    return "; ".join(parts)


def describe_echo(echo: EchoCount) -> str:
    """
    How many of the articles on an event are reports of their own, and who was first.

    >>> describe_echo(EchoCount(7, 2, "The Tide", "dpa", ()))
    '7 articles, 2 independent reports; first at The Tide (dpa)'
    """
    first = squash(echo.first)
    house = f" ({squash(echo.house)})" if squash(echo.house).casefold() != first.casefold() else ""
    reports = f"{echo.independent} independent report{'s' * (echo.independent != 1)}"
    return f"{echo.articles} articles, {reports}; first at {first}{house}"


def count_echoes(found: EchoMap) -> EchoCount | None:
    """What is told of an echo map in one line; None for fewer than two articles."""
    if len(found.echoes) < 2:
        return None
    first = found.echoes[0]
    ids = tuple(echo.article_id for echo in found.echoes)
    return EchoCount(len(ids), found.independent_count, first.outlet, first.house, ids)
