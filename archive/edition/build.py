"""From the articles of a window to an `Edition`. Pure; the clock and the archive stay outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from archive.judge.excerpts import extract
from archive.judge.stories.grouping import Window, group_reports
from archive.judge.stories.likeness import Report
from archive.judge.stories.lives import find_news
from archive.judge.wishes import quote
from archive.model import (
    DuplicateKind,
    Edition,
    EditionItem,
    LivingStory,
    StoredArticle,
    Story,
    StoryArticle,
    Unseen,
)
from scraper.model import Access, AccessStatus, Role
from scraper.read.facts.wishes import describe_snippet
from scraper.text import squash

_MARKS = {
    AccessStatus.FREE: None,
    AccessStatus.REGISTRATION: "registration",
    AccessStatus.METERED: "metered",
    AccessStatus.PREVIEW: "preview only",
    AccessStatus.FULL_SUBSCRIBER: "subscribers",
    AccessStatus.UNKNOWN: "access unknown",
}


def without_articles(edition: Edition, ids: Collection[int]) -> Edition:
    """An edition without these articles; the next one of a story takes the place of a lead that goes."""
    kept = [[item for item in (story.lead, *story.others) if item.article_id not in ids] for story in edition.stories]
    stories = (
        replace(story, lead=items[0], others=tuple(items[1:]))
        for story, items in zip(edition.stories, kept, strict=True)
        if items
    )
    return replace(edition, stories=tuple(stories))


def build_edition(
    articles: Iterable[StoredArticle],
    unseen: tuple[Unseen, ...] = (),
    *,
    since: datetime,
    until: datetime,
    timezone: str,
    title: str,
    made_at: datetime,
    revised_ids: Collection[int] = (),
    source_titles: Mapping[str, str] | None = None,
    sections: Mapping[str, str] | None = None,
    living: Mapping[int, LivingStory] | None = None,
) -> Edition:
    """
    The digest of *articles*: one story an event, the ones that most sources tell first, then the
    newest.

    Which articles belong to the window is for the archive to say; *revised_ids* are those that
    stood in an earlier edition and have changed since. Titles and sections are by source name, as
    configured; *living* are the stories of the archive, by article. What is in none is grouped here.
    """
    ordered = sorted(articles, key=lambda stored: (_told_at(stored), stored.article_id))
    stories = []
    for members, story in _group(ordered, living or {}):
        items = [
            _item(
                stored,
                source_title=(source_titles or {}).get(stored.source or ""),
                section=(sections or {}).get(stored.source or ""),
                is_revised=stored.article_id in revised_ids,
            )
            for stored in sorted(members, key=_lead_order)
        ]
        newest = max(_told_at(stored) for stored in members)
        rank = (-len({item.source for item in items}), -newest.timestamp(), items[0].article_id)
        told = Story(items[0], tuple(items[1:]))
        stories.append((rank, told if story is None else _continued(told, members, story)))
    return Edition(
        title=title,
        since=since,
        until=until,
        timezone=timezone,
        made_at=made_at,
        stories=tuple(story for _, story in sorted(stories, key=lambda ranked: ranked[0])),
        unseen=unseen,
    )


def _group(
    ordered: Sequence[StoredArticle], living: Mapping[int, LivingStory]
) -> Iterator[tuple[list[StoredArticle], LivingStory | None]]:
    """The articles of each story; those that are one report are one story whatever their words are."""
    stories: dict[int, list[StoredArticle]] = {}
    story_of_cluster = {
        stored.cluster_id: living[stored.article_id].story_id for stored in ordered if stored.article_id in living
    }
    others: list[StoredArticle] = []
    for stored in ordered:
        story = living.get(stored.article_id)
        story_id = story.story_id if story else story_of_cluster.get(stored.cluster_id)
        (others if story_id is None else stories.setdefault(story_id, [])).append(stored)
    by_id = {story.story_id: story for story in living.values()}
    for story_id, members in stories.items():
        yield members, by_id[story_id]
    for members in _group_by_words(others):
        yield members, None


def _group_by_words(ordered: Sequence[StoredArticle]) -> Iterator[list[StoredArticle]]:
    position_of = {stored.article_id: position for position, stored in enumerate(ordered)}
    links = [
        (position_of[stored.article_id], position_of[other.article_id], other)
        for stored in ordered
        for other in stored.duplicates
        if other.article_id in position_of
    ]
    first: dict[int, int] = {}
    together = [
        (first.setdefault(stored.cluster_id or stored.article_id, position), position)
        for position, stored in enumerate(ordered)
    ]
    quoted = [(one, other) for one, other, link in links if link.kind is DuplicateKind.QUOTES and link.is_subject]
    reports = [
        Report(stored.article.headline or "", _lead(stored), stored.article.language, _told_at(stored))
        for stored in ordered
    ]
    for group in group_reports(Window(reports, together, quoted)):
        yield [ordered[position] for position in group]


def _continued(told: Story, members: Sequence[StoredArticle], story: LivingStory) -> Story:
    """A story with what went before, and what is new in it."""
    today = [
        StoryArticle(
            stored.article_id,
            stored.cluster_id or stored.article_id,
            stored.article.headline or "",
            _lead(stored),
            stored.article.language,
            _told_at(stored),
            story.story_id,
            is_public=not stored.private and stored.limits.unavailable_after is None,
        )
        for stored in members
    ]
    return replace(
        told,
        story_id=story.story_id,
        begun_at=story.begun_at,
        earlier_count=len(story.earlier),
        news=find_news(story.earlier, today),
    )


def _told_at(stored: StoredArticle) -> datetime:
    """
    When the publisher says it was told, but never after we saw it: a wrong clock must not lead the
    digest.
    """
    published = stored.article.published_at
    return min(published, stored.first_seen_at) if published else stored.first_seen_at


def _lead(stored: StoredArticle) -> str:
    return "\n\n".join(filter(None, (stored.article.dek, stored.article.body)))


def _lead_order(stored: StoredArticle) -> tuple[bool, bool, datetime, int]:
    """Whole texts before cut ones, originals before trimmed copies, then who told it first."""
    access = stored.article.access
    is_cut = access.complete is False or access.status is AccessStatus.PREVIEW
    is_trimmed = any(other.is_shorter for other in stored.duplicates)
    return is_cut, is_trimmed, _told_at(stored), stored.article_id


def _item(stored: StoredArticle, *, source_title: str | None, section: str | None, is_revised: bool) -> EditionItem:
    article = stored.article
    mark, reason = mark_access(article.access)
    paragraphs = tuple(block.text for block in article.blocks if block.role in {Role.BODY, Role.QUOTE})
    # A digest is handed on: what the reader's own subscription brought is not quoted, beyond what
    # everybody is shown.
    text = (not stored.private and extract(paragraphs)) or extract((article.dek or "",))
    quoted = quote(text, stored.limits)
    return EditionItem(
        article_id=stored.article_id,
        revision_id=stored.revisions[-1].revision_id,
        headline=squash(article.headline) or article.url,
        url=article.url,
        source=source_title or _source_name(stored),
        published_at=article.published_at,
        first_seen_at=stored.first_seen_at,
        access_mark=mark,
        access_reason=reason,
        extract=quoted,
        section=section,
        language=article.language,
        is_revised=is_revised,
        cves=article.cves,
        limited_by=_limited_by(stored, is_short=quoted != text),
    )


def _source_name(stored: StoredArticle) -> str:
    """What a source is called that the configuration does not name: as its pages say, or by its host."""
    return stored.article.publication or stored.source or urlsplit(stored.article.url).hostname or ""


def _limited_by(stored: StoredArticle, *, is_short: bool) -> str | None:
    """The wish of the publisher for which less of an article is quoted than of others."""
    if is_short and stored.limits.snippet_length is not None:
        return f"the publisher wants {describe_snippet(stored.limits.snippet_length)} quoted"
    return "the publisher wants no copy shown" if stored.limits.noarchive else None


def mark_access(access: Access) -> tuple[str | None, str | None]:
    """
    A short mark for the reader and why it is there; (None, None) for a free and whole text.

    >>> mark_access(Access(AccessStatus.METERED, complete=False, explanation="Two free articles a month."))
    ('metered, cut short', 'Two free articles a month.')
    """
    mark = _MARKS[access.status]
    if access.complete is False and access.status is not AccessStatus.PREVIEW:
        is_known = access.status not in {AccessStatus.FREE, AccessStatus.UNKNOWN}
        mark = f"{mark}, cut short" if is_known else "cut short"
    if mark is None:
        return None, None
    quoted = next((f"{evidence.signal}: “{squash(evidence.value)}”" for evidence in access.evidence), None)
    return mark, access.explanation or quoted or "The page does not say who may read it."
