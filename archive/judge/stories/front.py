"""What leads on a front page: the events that many report, then everything else by time. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from archive.model import RecentArticle


def find_shared(recent: Iterable[RecentArticle]) -> tuple[tuple[RecentArticle, ...], ...]:
    """
    The stories that several outlets report in words of their own, as far as reports tell: those of
    most outlets first, then the latest; the articles of each as they were told.
    """
    stories: dict[int, list[RecentArticle]] = {}
    for one in recent:
        if one.story_id is not None:
            stories.setdefault(one.story_id, []).append(one)
    shared = [sorted(found, key=_told) for found in stories.values() if count_reports(found) > 1]
    shared.sort(key=lambda found: (count_reports(found), found[-1].told_at), reverse=True)
    return tuple(map(tuple, shared))


def find_followed(recent: Iterable[RecentArticle], followed: Collection[int]) -> tuple[tuple[RecentArticle, ...], ...]:
    """The articles of each of these stories as they were told, the story of the latest one first."""
    stories: dict[int, list[RecentArticle]] = {}
    for one in recent:
        if one.story_id is not None and one.story_id in followed:
            stories.setdefault(one.story_id, []).append(one)
    found = [tuple(sorted(articles, key=_told)) for articles in stories.values()]
    return tuple(sorted(found, key=lambda articles: _told(articles[-1]), reverse=True))


def count_reports(articles: Collection[RecentArticle]) -> int:
    """How many outlets have a report that no earlier one of these has: copies are one report."""
    first: dict[int, str] = {}
    for one in sorted(articles, key=_told):
        first.setdefault(one.report_id, one.outlet)
    return len(set(first.values()))


def find_reports(recent: Iterable[RecentArticle], besides: Collection[int]) -> Sequence[RecentArticle]:
    """
    One article for each report, the latest first: the one that leads it, else the latest.

    Args:
        besides: Stories that are left out.
    """
    reports: dict[int, RecentArticle] = {}
    for one in sorted(recent, key=_told):
        if one.story_id not in besides and (one.is_lead or not _leads(reports.get(one.report_id))):
            reports[one.report_id] = one
    return sorted(reports.values(), key=_told, reverse=True)


def _leads(found: RecentArticle | None) -> bool:
    return found is not None and found.is_lead


def _told(article: RecentArticle) -> tuple[float, int]:
    return article.told_at.timestamp(), article.article_id
