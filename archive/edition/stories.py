"""Which articles of an edition tell of one event, and what of it was told before. Pure, and for any language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from archive.judge.stories.grouping import Window, group_reports
from archive.judge.stories.likeness import Report
from archive.judge.stories.lives import find_news, report_of
from archive.model import DuplicateKind, LivingStory, StoredArticle, Story, StoryArticle
from scraper.read.words.language import find_language


def group_stories(
    texts: Sequence[tuple[str, str]], together: Iterable[tuple[int, int]] = ()
) -> tuple[tuple[int, ...], ...]:
    """
    The positions of *texts*, one tuple a story, in the order in which stories begin.

    Args:
        texts: (headline, body) pairs; in which language each is, is told by its words.
        together: Pairs of positions that are one report whatever their words say.
    """
    reports = [Report(headline, body, find_language(None, f"{headline}\n{body}")) for headline, body in texts]
    return group_reports(Window(reports, together))


def group_articles(
    ordered: Sequence[StoredArticle], living: Mapping[int, LivingStory]
) -> Iterator[tuple[list[StoredArticle], LivingStory | None]]:
    """
    The articles of each story, those that are one report together whatever their words are.

    Args:
        living: The stories of the archive, by article. Articles that are in none (they came since
            the last pass) are grouped among themselves.
    """
    by_report = {stored.report_id: living[stored.article_id] for stored in ordered if stored.article_id in living}
    stories: dict[int, list[StoredArticle]] = {}
    others: list[StoredArticle] = []
    for stored in ordered:
        story = living.get(stored.article_id) or by_report.get(stored.report_id)
        (stories.setdefault(story.story_id, []) if story else others).append(stored)
    known = {story.story_id: story for story in living.values()}
    for story_id, members in stories.items():
        yield members, known[story_id]
    for members in _group_by_words(others):
        yield members, None


def _group_by_words(ordered: Sequence[StoredArticle]) -> Iterator[list[StoredArticle]]:
    first: dict[int, int] = {}
    together = [(first.setdefault(stored.report_id, position), position) for position, stored in enumerate(ordered)]
    reports = [report_of(_story_article(stored)) for stored in ordered]
    for group in group_reports(Window(reports, together, list(_find_quotations(ordered)))):
        yield [ordered[position] for position in group]


def _find_quotations(ordered: Sequence[StoredArticle]) -> Iterator[tuple[int, int]]:
    """Which article quotes which, by their places."""
    position_of = {stored.article_id: position for position, stored in enumerate(ordered)}
    for position, stored in enumerate(ordered):
        for other in stored.duplicates:
            if other.kind is DuplicateKind.QUOTES and other.is_subject and other.article_id in position_of:
                yield position, position_of[other.article_id]


def continue_story(story: Story, members: Sequence[StoredArticle], known: LivingStory) -> Story:
    """A story of an edition with what went before, and what is new in it."""
    return replace(
        story,
        story_id=known.story_id,
        begun_at=known.begun_at,
        earlier_count=len(known.earlier),
        new_words=find_news(known.earlier, [_story_article(stored) for stored in members]),
    )


def _story_article(stored: StoredArticle) -> StoryArticle:
    article = stored.article
    return StoryArticle(
        article_id=stored.article_id,
        cluster_id=stored.report_id,
        headline=article.headline or "",
        opening="\n\n".join(filter(None, (article.dek, article.body))),
        language=article.language,
        told_at=stored.appeared_at,
        story_id=None,
        is_public=not stored.private and stored.limits.unavailable_after is None,
    )
