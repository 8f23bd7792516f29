"""What the rows of our lists are made of, for the templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.model import Appearance, ListedArticle
from archive.show.places import find_first
from archive.store import Archive


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report can be read here: the outlet, and its article."""

    outlet: str
    article_id: int


@dataclass(frozen=True, slots=True)
class Row:
    """
    One row of a list.

    Args:
        article: The one that stands for the others.
        places: Who has it, each outlet once, by time.
        first: Who had it before the article; None where that was the first.
    """

    article: ListedArticle
    places: tuple[Place, ...]
    first: Appearance | None = None


def find_rows(archive: Archive, ids: Sequence[int], now: datetime) -> tuple[Row, ...]:
    """Rows for articles that stand for their reports, in their order."""
    places = archive.appearances(ids, now)
    return tuple(
        Row(
            one,
            find_places([*places.get(one.article_id, ())] or [one]),
            find_first(one.article_id, places.get(one.article_id, ())),
        )
        for one in archive.listed(ids, now)
    )


def find_places(articles: Iterable[Appearance | ListedArticle]) -> tuple[Place, ...]:
    """Each outlet once, with its first article."""
    found: dict[str, Place] = {}
    for one in articles:
        outlet = one.outlet if isinstance(one, ListedArticle) else one.source
        found.setdefault(outlet, Place(outlet, one.article_id))
    return tuple(found.values())
