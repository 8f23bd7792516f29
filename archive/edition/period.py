"""The digest of a week or a month: the stories that most told, and what was followed. Nothing counts as told by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from archive.edition.build import build_edition
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
    titles = {source.name: source.title for source in settings.sources}
    alerts = {alert.name: alert.title for alert in settings.alerts}
    first = archive.lead_alerts([stored.article_id for stored in articles])
    edition = build_edition(
        articles,
        tuple(replace(one, where=titles.get(one.where, one.where)) for one in archive.failures(since, until)),
        since=since,
        until=until,
        timezone=settings.digest.timezone,
        title=settings.digest.title,
        made_at=now,
        source_titles=titles,
        sections={source.name: source.section for source in settings.sources if source.section},
        preferred=[source.name for source in settings.sources if source.preferred],
        living=archive.living_stories([stored.article_id for stored in articles], since),
        alerts={key: tuple(alerts.get(name, name) for name in names) for key, names in first.items()},
        base_url=settings.digest.base_url,
    )
    annexes = archive.period_annexes(since, until, alerts, archive.followed_stories(), settings.digest.base_url)
    return replace(edition, annexes=annexes)
