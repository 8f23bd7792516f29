"""What pages tell as well: which stories lead a day, and what the articles of one have of each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from archive.judge.echoes import map_echoes, told_of
from archive.judge.stories.front import find_shared
from archive.model import RecentArticle
from archive.show.echoes import EchoPage, describe_echoes
from archive.store import Archive

# Stories whose texts are laid side by side, and articles of each: who is independent is told by
# their texts, some milliseconds an article.
_MOST_COMPARED, _MOST_OF_STORY = 16, 12
# Comparisons that are kept until one of their articles changes.
_MOST_KEPT = 500
# Articles of a story whose texts are laid side by side where it is shown: three milliseconds each.
MOST_ECHOES = 40


def find_leading(
    archive: Archive, recent: Sequence[RecentArticle], kept: dict[object, int], limit: int
) -> tuple[tuple[int, tuple[RecentArticle, ...]], ...]:
    """
    The stories with most independent reports first, at most *limit*: how many these are, and the
    articles.

    Args:
        kept: How many of a story's articles are independent, as far as that was found before.
    """
    shared = find_shared(recent)[:_MOST_COMPARED]
    weighed = [(independent, found) for found in shared if (independent := count_independent(archive, found, kept)) > 1]
    weighed.sort(key=lambda one: (one[0], len(one[1]), one[1][-1].told_at), reverse=True)
    return tuple(weighed[:limit])


def count_independent(archive: Archive, found: Sequence[RecentArticle], kept: dict[object, int]) -> int:
    """How many of a story's articles are nobody's copy, as far as their texts are compared."""
    some = sorted(found, key=lambda one: not one.is_lead)[:_MOST_OF_STORY]
    if len(some) == 1:
        return 1
    key = frozenset((one.article_id, one.version) for one in some)
    if key not in kept:
        outlets = {one.article_id: one.outlet for one in some}
        told = (told_of(stored, outlets[stored.article_id]) for stored in archive.articles(outlets))
        if len(kept) >= _MOST_KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = map_echoes(told).independent_count
    return kept[key]


def find_echoes(archive: Archive, story_id: int, now: datetime) -> EchoPage | None:
    """What a story's first articles have of each other; None where one alone has a text."""
    ids = archive.story_members(story_id, now, limit=MOST_ECHOES)
    stored = [one for one in archive.articles(ids) if one.article.blocks]
    titles = {one.article_id: one.outlet for one in archive.listed(ids, now)}
    outlets = {one.source: titles[one.article_id] for one in stored if one.source}
    return describe_echoes(stored[0], stored[1:], outlets) if stored else None
