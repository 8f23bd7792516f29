"""From the articles of a window to an `Edition`. Pure; the clock and the archive stay outside."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from archive.edition.stories import continue_story, group_articles
from archive.judge.echoes import map_echoes, told_of
from archive.judge.excerpts import extract
from archive.judge.wishes import quote
from archive.model import Appearance, EchoCount, Edition, EditionItem, LivingStory, StoredArticle, Story, Unseen
from archive.settings import Settings
from archive.show.places import count_echoes
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
    """
    An edition that neither shows nor names these articles; the next one of a story takes the place
    of a lead that goes.
    """
    return replace(edition, stories=tuple(kept for story in edition.stories if (kept := _without(story, ids))))


def _without(story: Story, ids: Collection[int]) -> Story | None:
    items = [
        replace(item, places=tuple(place for place in item.places if place.article_id not in ids))
        for item in story.items
        if item.article_id not in ids
    ]
    # What was counted with them says more than is left.
    echo = story.echo if story.echo and not set(story.echo.article_ids).intersection(ids) else None
    return replace(story, lead=items[0], others=tuple(items[1:]), echo=echo) if items else None


def with_new(edition: Edition, ids: Collection[int]) -> Edition:
    """An edition in which these articles are not told as revised."""

    def told(item: EditionItem) -> EditionItem:
        return replace(item, is_revised=item.is_revised and item.article_id not in ids)

    return _with_stories(
        edition, lambda story: replace(story, lead=told(story.lead), others=tuple(map(told, story.others)))
    )


def with_follows(edition: Edition, ids: Collection[int]) -> Edition:
    """An edition in which no story counts as followed any more, but those with one of these articles."""

    def still(story: Story) -> bool:
        return story.is_followed and any(item.article_id in ids for item in story.items)

    return _with_stories(edition, lambda story: replace(story, is_followed=still(story)))


def _with_stories(edition: Edition, changed: Callable[[Story], Story]) -> Edition:
    return replace(edition, stories=tuple(map(changed, edition.stories)))


@dataclass(frozen=True, slots=True)
class Telling:
    """
    How articles are told: makes a story of those on one event.

    A story shows each report once: the fullest text that is open to all, of a preferred source
    where several are as full.

    Args:
        titles, sections: By source name, as configured.
        preferred: Names of sources.
        alert_titles: By the name of an alert.
        revised_ids: Articles that stood in an earlier edition and have changed since.
        news: What an article brings that an earlier edition with its report did not, by id.
        alerts: The names of the alerts that put an article first, by id.
        followed: The articles of stories that the owner follows.
        living: The stories of the archive, by article; what is in none is grouped here.
        beside: Articles outside the window that are one report with one of it: they are named.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    preferred: frozenset[str] = frozenset()
    alert_titles: Mapping[str, str] = field(default_factory=dict)
    revised_ids: Collection[int] = ()
    news: Mapping[int, str] = field(default_factory=dict)
    alerts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    followed: Collection[int] = ()
    living: Mapping[int, LivingStory] = field(default_factory=dict)
    beside: Collection[StoredArticle] = ()

    @classmethod
    def configured(cls, settings: Settings) -> Self:
        """What the settings say."""
        return cls(
            titles={source.name: source.title for source in settings.sources},
            sections={source.name: source.section for source in settings.sources if source.section},
            preferred=frozenset(source.name for source in settings.sources if source.preferred),
            alert_titles={alert.name: alert.title for alert in settings.alerts},
        )

    def story(self, members: Sequence[StoredArticle], beside: Sequence[StoredArticle]) -> Story:
        """
        The story of its articles.

        What is its reader's alone is a row, as its headline is there for all; but nobody is told
        with what it agrees.
        """
        public = sorted(
            (stored for stored in (*members, *beside) if not stored.private),
            key=lambda stored: (stored.appeared_at, stored.article_id),
        )
        reports: dict[int, list[StoredArticle]] = {}
        for stored in sorted(members, key=self._lead_order):
            reports.setdefault(stored.report_id, []).append(stored)
        # The one that leads it everywhere, where that is new; else the best of them.
        shown = [min(report, key=lambda stored: not stored.is_lead) for report in reports.values()]
        copies = [stored for stored in itertools.chain(*reports.values()) if stored not in shown]
        items = [self._item(stored, self._places(stored, public)) for stored in shown]
        items += [self._item(stored, ()) for stored in copies]
        is_followed = any(stored.article_id in self.followed for stored in members)
        return Story(items[0], tuple(items[1:]), self._echo(public), is_followed=is_followed)

    def _places(self, stored: StoredArticle, public: Sequence[StoredArticle]) -> tuple[Appearance, ...]:
        """Where the report of an article appeared."""
        places = tuple(
            Appearance(one.article_id, self._title(one), one.article.url, one.appeared_at)
            for one in public
            if one.report_id == stored.report_id
        )
        return places if len(places) > 1 and not stored.private else ()

    def _echo(self, public: Sequence[StoredArticle]) -> EchoCount | None:
        """How many of these articles are reports of their own; None for one alone."""
        return count_echoes(map_echoes(told_of(stored, self._title(stored)) for stored in public))

    def _title(self, stored: StoredArticle) -> str:
        return self.titles.get(stored.source or "") or stored.outlet

    def _lead_order(self, stored: StoredArticle) -> tuple[object, ...]:
        """
        Open texts before the reader's own, whole ones before cut ones, originals before trimmed
        copies, preferred sources first, then who told it first.
        """
        access = stored.article.access
        is_cut = access.complete is False or access.status is AccessStatus.PREVIEW
        is_trimmed = any(other.is_shorter for other in stored.duplicates)
        is_other = (stored.source or "") not in self.preferred
        return stored.private, is_cut, is_trimmed, is_other, stored.appeared_at, stored.article_id

    def _item(self, stored: StoredArticle, places: tuple[Appearance, ...]) -> EditionItem:
        article = stored.article
        mark, reason = mark_access(article.access)
        text = _extract(stored)
        quoted = quote(text, stored.limits)
        return EditionItem(
            article_id=stored.article_id,
            revision_id=stored.revisions[-1].revision_id,
            headline=squash(article.headline) or article.url,
            url=article.url,
            source=self._title(stored),
            published_at=article.published_at,
            first_seen_at=stored.first_seen_at,
            access_mark=mark,
            access_reason=reason,
            extract=quoted,
            section=self.sections.get(stored.source or ""),
            language=article.language,
            is_revised=stored.article_id in self.revised_ids,
            cves=article.cves,
            limited_by=_limited_by(stored, is_short=quoted != text),
            report_id=stored.report_id,
            places=places,
            news=self.news.get(stored.article_id),
            alerts=tuple(self.alert_titles.get(name, name) for name in self.alerts.get(stored.article_id, ())),
        )


_PLAIN = Telling()


def build_edition(
    articles: Iterable[StoredArticle],
    unseen: tuple[Unseen, ...] = (),
    telling: Telling = _PLAIN,
    *,
    since: datetime,
    until: datetime,
    timezone: str,
    title: str,
    made_at: datetime,
    base_url: str | None = None,
) -> Edition:
    """
    The digest of *articles*: one story an event; first the ones that most sources tell, then the
    newest. What its owner wants first is for the layout: the order itself tells nobody.

    Which articles belong to the window is for the archive to say.
    """
    ordered = sorted(articles, key=lambda stored: (stored.appeared_at, stored.article_id))
    groups = [(members, _told(members, known, telling)) for members, known in group_articles(ordered, telling.living)]
    return Edition(
        title=title,
        since=since,
        until=until,
        timezone=timezone,
        made_at=made_at,
        stories=tuple(story for _, story in sorted(groups, key=_order)),
        unseen=unseen,
        base_url=base_url,
    )


def _told(members: Sequence[StoredArticle], known: LivingStory | None, telling: Telling) -> Story:
    """The story of its articles; one that the archive knows goes on."""
    reports = {stored.report_id for stored in members}
    story = telling.story(members, [stored for stored in telling.beside if stored.report_id in reports])
    return continue_story(story, members, known) if known else story


def _order(told: tuple[Sequence[StoredArticle], Story]) -> tuple[object, ...]:
    members, story = told
    newest = max(stored.appeared_at for stored in members)
    source_count = len({item.source for item in story.items})
    return -source_count, -newest.timestamp(), story.lead.article_id


def named(unseen: Iterable[Unseen], titles: Mapping[str, str]) -> tuple[Unseen, ...]:
    """What was not seen, by the title of the source where it is one's."""
    return tuple(replace(one, where=titles.get(one.where, one.where)) for one in unseen)


def quoted_extract(stored: StoredArticle) -> str:
    """Two sentences of an article, as far as its publisher wishes them handed on."""
    return quote(_extract(stored), stored.limits)


def _extract(stored: StoredArticle) -> str:
    """
    Two sentences of an article. They are handed on: what the reader's own subscription brought is
    not quoted, beyond what everybody is shown.
    """
    paragraphs = tuple(block.text for block in stored.article.blocks if block.role in {Role.BODY, Role.QUOTE})
    return (not stored.private and extract(paragraphs)) or extract((stored.article.dek or "",))


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
