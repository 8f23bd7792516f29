"""
The answers to what programs ask: the archive and what was asked → records.

An article that is its reader's alone is in none of them, and no text that its publisher reserves
from text and data mining; of others no more than may be quoted. Every answer is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from archive.judge.stories.front import find_reports
from archive.judge.wishes import describe_limits, is_withdrawn, quoted_article, without_private_links
from archive.machines.questions import Asked, NotAnsweredError
from archive.machines.shared import find_echoes, find_leading
from archive.model import (
    Appearance,
    ListedArticle,
    SourceDays,
    SourceFacts,
    SourceHealth,
    StoredArticle,
    StoryLife,
)
from archive.model.query import NotUnderstood
from archive.show.places import find_others
from archive.store import Archive
from scraper.model import WENT_WRONG, LabelledBlock

# A program that waits longer asks again.
_MOST_TIME = timedelta(seconds=5)
_DAY, _SOURCE_DAYS = timedelta(days=1), timedelta(days=14)
# Five hundred outlets write less in a day.
_MOST_RECENT = 5_000
# Stories that lead a day, and articles that are named of each.
_MOST_STORIES, _MOST_OF_STORY = 10, 12
# Characters of the text on a page of an article; entries of each of its lists.
_MOST_TEXT, _MOST_ENTRIES = 20_000, 50


@dataclass(frozen=True, slots=True)
class Asker:
    """
    As what a question is put.

    Args:
        timezone: In which days begin.
        kept: What was found of stories before, for as long as somebody asks.
    """

    now: datetime
    timezone: str = "UTC"
    kept: dict[object, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found. *snippet*, *marks*: as `SearchHit` has them; *others*: who else has the report."""

    article: ListedArticle
    snippet: str
    marks: tuple[tuple[int, int], ...]
    others: tuple[Appearance, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a query finds."""

    query: str
    hits: tuple[Hit, ...]
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """
    A page of an article.

    Args:
        stored: With the blocks of the page alone.
        word_count: Of the whole body.
        limits: What its publisher keeps from being told, in sentences.
    """

    stored: StoredArticle
    listed: ListedArticle
    word_count: int
    limits: tuple[str, ...]
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Told:
    """An article of a story. *verdict*: what it is to those before it; None where their texts were not compared."""

    article: ListedArticle
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """One event. *summary*: how many reports are independent, and who was first."""

    life: StoryLife
    summary: str | None
    articles: tuple[Told, ...]
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class LeadingStory:
    """A story of the day. *independent*: how many reports are nobody's copy."""

    life: StoryLife
    independent: int
    articles: tuple[ListedArticle, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """
    The last day of which there is something.

    Args:
        stories: Those that lead; on the first page.
        articles: One of each other report, the latest first.
        wrong: Sources that could not be asked, or gave nothing usable.
    """

    since: datetime
    until: datetime
    stories: tuple[LeadingStory, ...]
    articles: tuple[ListedArticle, ...]
    report_count: int
    well_count: int
    wrong: tuple[SourceHealth, ...]
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source: how it does, what it is, and what came of it in the last days."""

    health: SourceHealth
    facts: SourceFacts
    came: SourceDays


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources, those that go wrong first."""

    rows: tuple[SourceRow, ...]
    count: int
    page: int
    has_more: bool


Answer: TypeAlias = Found | ArticlePage | Story | Today | Sources


def answer(archive: Archive, name: str, asked: Asked, asker: Asker) -> Answer:
    """
    The answer to a question, by its name, that was read by `read_asked`.

    Raises:
        NotAnsweredError: A query that is not understood, or something that is not there.
        ArchiveError: It takes too long, or the archive cannot be read.
    """
    with archive.at_most(_MOST_TIME):
        return _ANSWERS[name](archive, asked, asker)


def _search(archive: Archive, asked: Asked, asker: Asker) -> Found:
    begin, limit = _window(asked)
    query = str(asked["q"])
    hits = archive.search(
        query, now=asker.now, timezone=asker.timezone, limit=limit + 1, offset=begin, each=bool(asked["each"])
    )
    if isinstance(hits, NotUnderstood):
        raise NotAnsweredError(f"the query is not understood: {hits}")
    by_id = {hit.article_id: hit for hit in hits[:limit]}
    found = []
    for one in _listed(archive, [*by_id], asker):
        hit = by_id[one.article_id]
        others = tuple(place for place in find_others(hit.article_id, hit.places) if not place.private)
        snippet, marks = ("", ()) if one.reserved else (hit.snippet, hit.marks)
        found.append(Hit(one, snippet, marks, others[:_MOST_ENTRIES]))
    return Found(query, tuple(found), _page(asked), len(hits) > limit)


def _article(archive: Archive, asked: Asked, asker: Asker) -> ArticlePage:
    number, url = asked["id"], asked["url"]
    if (number is None) == (url is None):
        raise NotAnsweredError("article needs a number (“id”) or an address (“url”), and not both")
    article_id = number if url is None else archive.find_article(str(url))
    stored = archive.article(int(article_id)) if article_id is not None else None
    listed = _listed(archive, [stored.article_id], asker) if stored else ()
    if stored is None or not listed or stored.private or is_withdrawn(stored.limits, asker.now):
        raise NotAnsweredError(
            f"there is no article {number if url is None else f'at {url}'} for everybody here", is_missing=True
        )
    limits = stored.limits
    if limits.tdm_reserved:
        stored = replace(stored, limits=replace(limits, snippet_length=0))
    stored = without_private_links(quoted_article(stored))
    word_count = len(stored.article.body.split())
    pages = list(_pages(stored.article.blocks)) or [()]
    page = _page(asked)
    if page > len(pages):
        raise NotAnsweredError(f"this article has {len(pages)} page{'s' * (len(pages) != 1)}", is_missing=True)
    return ArticlePage(
        _bounded(stored, pages[page - 1]), listed[0], word_count, describe_limits(limits), page, page < len(pages)
    )


def _pages(blocks: Sequence[LabelledBlock]) -> Iterator[tuple[LabelledBlock, ...]]:
    """
    Blocks of so much text together as a page may have; a block that is longer than that is parted.

    >>> long, short = (LabelledBlock("body", "a" * length, "test") for length in (45_000, 9))
    >>> [len(page) for page in _pages([long, short])]
    [1, 1, 2]
    """
    page: list[LabelledBlock] = []
    size = 0
    for block in blocks:
        longest = max(len(block.text), len(block.markdown))
        parts = [block]
        if longest > _MOST_TEXT:
            cuts = range(0, len(block.text), _MOST_TEXT)
            parts = [block._replace(text=block.text[at : at + _MOST_TEXT], markdown="") for at in cuts]
        for part in parts:
            if page and size + len(part.text) > _MOST_TEXT:
                yield tuple(page)
                page, size = [], 0
            page.append(part)
            size += len(part.text)
    if page:
        yield tuple(page)


def _bounded(stored: StoredArticle, blocks: tuple[LabelledBlock, ...]) -> StoredArticle:
    """The article with some of its blocks, and no list without end."""
    article = stored.article
    access = replace(article.access, evidence=article.access.evidence[:_MOST_ENTRIES])
    article = replace(article, blocks=blocks, access=access, images=article.images[:_MOST_ENTRIES])
    return replace(
        stored,
        article=article,
        starred=False,
        revisions=stored.revisions[-_MOST_ENTRIES:],
        duplicates=stored.duplicates[:_MOST_ENTRIES],
    )


def _story(archive: Archive, asked: Asked, asker: Asker) -> Story:
    begin, limit = _window(asked)
    story_id = int(asked["id"] or 0)
    life = archive.story(story_id)
    if life is None:
        raise NotAnsweredError(f"there is no story {story_id} here", is_missing=True)
    members = archive.story_members(story_id, asker.now, limit=limit + 1, offset=begin)
    articles = _listed(archive, members[:limit], asker)
    echoes = find_echoes(archive, story_id, asker.now)
    verdicts = {row.article_id: row.verdict for row in echoes.rows} if echoes else {}
    told = tuple(Told(one, verdicts.get(one.article_id)) for one in articles)
    return Story(life, echoes.summary if echoes else None, told, _page(asked), len(members) > limit)


def _today(archive: Archive, asked: Asked, asker: Asker) -> Today:
    begin, limit = _window(asked)
    latest = archive.latest_seen_at(asker.now)
    is_today = latest is None or latest > asker.now - _DAY
    until = asker.now if is_today or latest is None else latest
    recent = [one for one in archive.recent(until - _DAY, asker.now, _MOST_RECENT) if not one.private]
    leading = find_leading(archive, recent, asker.kept, _MOST_STORIES)
    lives = [(archive.story(found[0].story_id or 0), independent, found) for independent, found in leading]
    reports = find_reports(recent, {life.story_id for life, _, _ in lives if life})
    health = [one for one in archive.source_health(asker.now) if one.enabled and one.outcome]
    wrong = tuple(one for one in health if one.outcome in WENT_WRONG)
    return Today(
        since=until - _DAY,
        until=until,
        stories=tuple(
            LeadingStory(life, independent, _listed(archive, [one.article_id for one in found[:_MOST_OF_STORY]], asker))
            for life, independent, found in lives
            if life and begin == 0
        ),
        articles=_listed(archive, [one.article_id for one in reports[begin : begin + limit]], asker),
        report_count=len(reports),
        well_count=len(health) - len(wrong),
        wrong=wrong[:_MOST_ENTRIES],
        page=_page(asked),
        has_more=len(reports) > begin + limit,
    )


def _sources(archive: Archive, asked: Asked, asker: Asker) -> Sources:
    begin, limit = _window(asked)
    facts, came = archive.source_facts(), archive.source_days(asker.now - _SOURCE_DAYS)
    ordered = sorted(
        archive.source_health(asker.now),
        key=lambda one: (not one.enabled, one.outcome not in WENT_WRONG, one.title.casefold(), one.source),
    )
    rows = tuple(
        SourceRow(one, facts[one.source], came.get(one.source, SourceDays({}, 0, 0, 0)))
        for one in ordered[begin : begin + limit]
    )
    return Sources(rows, len(ordered), _page(asked), len(ordered) > begin + limit)


def _listed(archive: Archive, ids: Sequence[int], asker: Asker) -> tuple[ListedArticle, ...]:
    """The articles with these ids that are for everybody; without their line where that is reserved."""
    return tuple(
        replace(one, line="") if one.reserved else one for one in archive.listed(ids, asker.now) if not one.private
    )


def _page(asked: Asked) -> int:
    return int(asked["page"] or 1)


def _window(asked: Asked) -> tuple[int, int]:
    """From which row on, and how many."""
    limit = int(asked["limit"] or 1)
    return (_page(asked) - 1) * limit, limit


_ANSWERS: dict[str, Callable[[Archive, Asked, Asker], Answer]] = {
    "search": _search,
    "article": _article,
    "story": _story,
    "today": _today,
    "sources": _sources,
}
