"""Of which source a page is, by its address."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from scraper.model import Source


class Homes:
    """Where sources are at home: made once, since it is asked for each of millions of pages."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._by_host: dict[str, list[Source]] = {}
        self._by_name: dict[str, Source] = {}
        for source in sources:
            self._by_host.setdefault(host_of(source.home_url), []).append(source)
            self._by_name[source.name] = source

    def named(self, name: str | None) -> Source | None:
        """The source of a name."""
        return self._by_name.get(name or "")

    def find(self, url: str) -> Source | None:
        """
        The source that a page is of: the one on its host, or on the nearest one above it; of several
        there, the one whose home address begins like it. None where that does not tell.
        """
        labels = host_of(url).split(".")
        above = (self._by_host.get(".".join(labels[place:])) for place in range(len(labels)))
        found = next(filter(None, above), [])
        if len(found) > 1:
            path = urlsplit(url).path
            paths = [(urlsplit(source.home_url).path, source) for source in found]
            longest = max((len(home) for home, _ in paths if path.startswith(home)), default=-1)
            found = [source for home, source in paths if path.startswith(home) and len(home) == longest]
        return found[0] if len(found) == 1 else None


def host_of(url: str) -> str:
    """The host of an address, without "www."."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
