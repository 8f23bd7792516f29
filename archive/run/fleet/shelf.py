"""
The shards of a folder looked at as they are, unmerged: each is asked, and the answers are joined.

What hangs on all of them together only a merge can tell: that a report of one is a trimmed copy of
one in another, what is a template of a site, earlier revisions. Known without it is what has the
same address, or the same words: that is shown once.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Self, TypeVar

from archive.judge.query.parse import parse
from archive.model import SearchHit, StoredArticle
from archive.model.query import NotUnderstood, Sort
from archive.run.fleet.manifest import read_manifest
from archive.run.fleet.shards import DATABASE
from archive.run.imports.overlapping import in_order
from archive.store import Archive
from archive.store.articles.search import order_of
from archive.store.connection import as_text
from scraper.urls import url_key

# Hits of a shard that are asked for at once, where a page of them was not enough.
_FEWEST_HITS = 20
# Ids of the articles of a shard begin behind so many of the one before it: the same number in two
# shards is two articles.
_IDS_OF_SHARD = 10**9
T = TypeVar("T")
_Hit = tuple[SearchHit, str | None]


class Shelf:
    """
    The shards of a folder, to be searched and read. Use as a context manager, as an archive; each
    is opened while it is asked.

    Raises:
        ArchiveError: The folder has no manifest.
    """

    def __init__(self, folder: Path) -> None:
        self._paths = tuple(folder / name / DATABASE for name in read_manifest(folder).shard_names())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def source_names(self) -> tuple[str, ...]:
        """Every source that a shard knows, by name."""
        return tuple(sorted({name for names in self._each(Archive.source_names) for name in names}))

    def private_count(self) -> int:
        """How many articles are the reader's alone; one that two shards have counts twice."""
        return sum(self._each(Archive.private_count))

    def reserved_count(self) -> int:
        """How many articles their publishers reserve, likewise."""
        return sum(self._each(Archive.reserved_count))

    def withdrawn_count(self, now: datetime) -> int:
        """How many articles their publishers do not want shown any more, likewise."""
        return sum(self._each(lambda shard: shard.withdrawn_count(now)))

    def search(
        self, query: str, *, now: datetime, timezone: str = "UTC", limit: int = 20, each: bool = False
    ) -> tuple[SearchHit, ...] | NotUnderstood:
        """
        The reports that a query asks for, as `Archive.search` has them, from all shards in one order.

        Of hits at one address, or with the same words, the first one stands for all; with *each*, of
        those at one address. How well a hit fits is told by what is rare in its own shard.
        """
        asked = parse(query, now, timezone)
        if isinstance(asked, NotUnderstood):
            return asked
        if asked.condition is None:
            return ()
        ask = partial(Archive.search, query=query, now=now, timezone=timezone, each=each)
        streams = [_hits(path, ask, max(limit, _FEWEST_HITS)) for path in self._paths]
        place = _PLACES[order_of(asked)]
        hits = heapq.merge(*streams, key=lambda hit: place(hit[0]))
        return tuple(islice(_once(hits, by_words=not each), limit))

    def articles(self, **asked: Any) -> Iterator[StoredArticle]:  # noqa: ANN401 - as `Archive.articles` has it
        """
        The articles that `Archive.articles` is asked for, by their first sight; of one that several
        shards have, the one that was seen last.
        """
        begins, newest = [], dict[int, tuple[datetime, int]]()
        for place, path in enumerate(self._paths):
            begin = datetime.max.replace(tzinfo=UTC)
            with Archive.open(path, write=False) as shard:
                for key, first, last in shard.sights():
                    begin = min(begin, first)
                    newest[hash(key)] = max(newest.get(hash(key), (last, place)), (last, place))
            begins.append(begin)

        def articles_of(place: int, path: Path) -> Generator[StoredArticle]:
            with Archive.open(path, write=False) as shard:
                for stored in shard.articles(**asked):
                    if newest[hash(stored.url_key)][1] == place:
                        yield _numbered(stored, place)

        paths = enumerate(zip(begins, self._paths, strict=True))
        streams = [(as_text(begin), partial(articles_of, place, path)) for place, (begin, path) in paths]
        with closing(in_order(streams, lambda stored: as_text(stored.first_seen_at))) as found:
            yield from found

    def _each(self, ask: Callable[[Archive], T]) -> Iterator[T]:
        for path in self._paths:
            with Archive.open(path, write=False) as shard:
                yield ask(shard)


def _hits(path: Path, ask: Callable[..., Any], size: int) -> Iterator[_Hit]:
    """The hits of one shard, in its order, each with the digest of its text; asked for page by page."""
    offset = 0
    while True:
        with Archive.open(path, write=False) as shard:
            hits = ask(shard, limit=size, offset=offset)
            digests = shard.text_digests([hit.article_id for hit in hits])
        yield from ((replace(hit, shard=path.parent.name), digests.get(hit.article_id)) for hit in hits)
        offset += size
        if len(hits) < size:
            return


def _once(hits: Iterator[_Hit], *, by_words: bool) -> Iterator[SearchHit]:
    """The first hit at each address, and of each text."""
    seen: set[str] = set()
    for hit, digest in hits:
        keys = {url_key(hit.url)} | ({digest} if digest and by_words else set())
        if not keys & seen:
            yield hit
        seen |= keys


def _numbered(stored: StoredArticle, place: int) -> StoredArticle:
    """An article with ids that no other shard has."""
    more = place * _IDS_OF_SHARD
    return replace(
        stored,
        article_id=stored.article_id + more,
        cluster_id=None if stored.cluster_id is None else stored.cluster_id + more,
        duplicates=tuple(replace(one, article_id=one.article_id + more) for one in stored.duplicates),
    )


def _newer_first(at: datetime) -> float:
    return -at.timestamp()


# Smaller is first.
_PLACES: dict[Sort, Callable[[SearchHit], float]] = {
    Sort.RELEVANCE: lambda hit: hit.rank,
    Sort.NEWEST: lambda hit: _newer_first(hit.first_seen_at),
    Sort.OLDEST: lambda hit: hit.first_seen_at.timestamp(),
    Sort.PUBLISHED: lambda hit: _newer_first(hit.published_at or hit.first_seen_at),
}
