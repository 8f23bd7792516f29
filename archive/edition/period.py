"""The digest of a week or a month: the stories that most told, and what was followed. Nothing counts as told by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from archive.edition.build import Telling, build_edition, named
from archive.judge.wishes import is_withdrawn
from archive.model import Edition
from archive.settings import Settings
from archive.store import Archive

# A page and the lines below it: what was of one day alone is in the digest of that day.
_MOST_STORIES = 40


def make_period(archive: Archive, settings: Settings, since: datetime, until: datetime, now: datetime) -> Edition:
    """
    The edition of a longer time, whatever was told before: its main stories, what alerts found, new
    CVEs, walls that changed, and what could not be seen.
    """
    articles = [
        stored
        for stored in archive.articles(archive.period_articles(since, until, _MOST_STORIES))
        if not is_withdrawn(stored.limits, now)
    ]
    ids = [stored.article_id for stored in articles]
    configured = Telling.configured(settings)
    edition = build_edition(
        articles,
        named(archive.failures(since, until), configured.titles),
        replace(configured, living=archive.living_stories(ids, since), alerts=archive.lead_alerts(ids)),
        since=since,
        until=until,
        timezone=settings.digest.timezone,
        title=settings.digest.title,
        made_at=now,
        base_url=settings.digest.base_url,
    )
    annexes = archive.period_annexes(
        since, until, configured.alert_titles, archive.followed_stories(), settings.digest.base_url
    )
    return replace(edition, annexes=annexes)
