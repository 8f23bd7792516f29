"""Which alerts hold of what was archived or revised, and the notices that tell it, one a story."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from archive.edition.build import mark_access, quoted_extract
from archive.judge.alerts.verdicts import Alert, Unjudged, asks_for_story, find_hit, ready_alerts
from archive.judge.wishes import is_withdrawn
from archive.model import AlertHit, Notice, NoticeItem, StoredArticle, UntoldHit
from archive.run.stories import place_articles
from archive.settings import MAIL_READERS, AlertSettings, ChannelKind, Settings
from archive.store import Archive
from scraper.text import squash

# What appeared, or changed, longer ago is found and kept, but told to nobody: it comes with a new
# source, an import, or after a long absence. As far as a digest looks back.
_NEWS_FOR = timedelta(days=7)
# What an alert missed because it could not be read is made good for so long: what is older is no
# news to whoever mends it.
_MISSED_FOR = timedelta(days=30)


def judge_new(archive: Archive, settings: Settings, now: datetime) -> int:
    """
    Judge what was archived or revised since the last time, and let notices wait in the outbox; how
    many articles there were.

    Some at a time, each in one transaction: what a kill leaves is done by the next call.
    """
    alerts = ready_alerts(enabled_alerts(settings), now, settings.digest.timezone)
    asleep = _asleep(archive, settings, {alert.settings.name for alert in alerts})
    archive.know_alerts({*asleep, *(alert.settings.name for alert in alerts)}, now - _MISSED_FOR)
    if not alerts and not asleep:
        archive.forget_unjudged()
        return 0
    if any(asks_for_story(alert.condition) for alert in alerts):
        place_articles(archive)
    count = 0
    while waiting := archive.unjudged():
        hits = [hit for one in waiting for hit in _hits(alerts, one, now)]
        archive.note_judged([one.article_id for one in waiting], hits, now, missed_by=asleep)
        count += len(waiting)
    for alert in alerts:
        count += _catch_up(archive, alert, now)
    make_notices(archive, settings, now)
    return count


def _asleep(archive: Archive, settings: Settings, ready: Collection[str]) -> frozenset[str]:
    """
    The names of the alerts that cannot be read, by the files as they are, or because they were
    there before: of a file with a mistake nobody knows which it has.
    """
    of_lists = {alert.name for alert in enabled_alerts(settings)}
    of_files = {*archive.known_alerts(), *(one.table for one in settings.alert_mistakes if one.table)}
    disabled = {alert.name for alert in settings.alerts if not alert.enabled}
    return frozenset((of_lists | (of_files if settings.alert_mistakes else set())) - disabled - {*ready})


def _catch_up(archive: Archive, alert: Alert, now: datetime) -> int:
    """Judge an alert of what came while it could not be read; how many articles that were."""
    count = 0
    while missed := archive.missed_by(alert.settings.name):
        hits = [hit for one in missed for hit in _hits([alert], one, one.came_at or now)]
        archive.note_caught_up(alert.settings.name, [one.article_id for one in missed], hits, now)
        count += len(missed)
    return count


def enabled_alerts(settings: Settings) -> tuple[AlertSettings, ...]:
    """The alerts that are at work."""
    return tuple(alert for alert in settings.alerts if alert.enabled)


def _hits(alerts: Iterable[Alert], one: Unjudged, came_at: datetime) -> Iterator[AlertHit]:
    is_news = came_at - one.news_at <= _NEWS_FOR
    for alert in alerts:
        words = find_hit(alert, one.subject)
        if words is not None:
            follows = alert.settings
            yield AlertHit(
                follows.name,
                one.article_id,
                words,
                is_marked=follows.mark,
                tags=follows.tag,
                is_lead=follows.lead,
                is_starred=follows.star,
                tells=bool(follows.notify) and is_news,
            )


def make_notices(archive: Archive, settings: Settings, now: datetime) -> int:
    """
    Let a notice wait for each story of which an alert was found to hold, unless it was told of that
    story before; how many there are.
    """
    alerts = {alert.name: alert for alert in enabled_alerts(settings) if alert.notify}
    if not settings.alert_mistakes:  # one that cannot be read may tell when it can
        archive.tell_no_more(alerts.keys())
    if not archive.untold_hits():
        return 0
    place_articles(archive)  # what is one story is told once
    with archive.transaction():
        events: dict[tuple[str, int, int], list[UntoldHit]] = {}
        for hit in archive.untold_hits():
            if hit.notice_id is None:
                events.setdefault(hit.event, []).append(hit)
            else:
                archive.note_told(hit.alert, [hit.article_id], hit.notice_id)
        for hits in events.values():
            if alert := alerts.get(hits[0].alert):  # one that cannot be read waits
                _keep_notice(archive, settings, alert, hits, now)
    return len(events)


def _keep_notice(
    archive: Archive, settings: Settings, alert: AlertSettings, hits: list[UntoldHit], now: datetime
) -> None:
    """Keep the notice of one story, with its ways; where nothing of it may be shown, it has none."""
    words = {hit.article_id: hit.words for hit in hits}
    titles = {source.name: source.title for source in settings.sources}
    stored = [one for one in archive.articles(words) if not is_withdrawn(one.limits, now)]
    if not stored:
        return
    # The one to read, then in the order in which they came.
    stored.sort(key=lambda one: (not one.is_lead, one.article.access.complete is False, one.appeared_at))
    items = [_item(one, titles, words[one.article_id]) for one in stored]
    notice = Notice(alert.name, alert.title, now, items[0], tuple(items[1:]), hits[0].story_id)
    archive.note_told(alert.name, [*words], archive.add_notice(notice, ways_of(alert, settings)))


def _item(stored: StoredArticle, titles: Mapping[str, str], words: tuple[str, ...]) -> NoticeItem:
    article = stored.article
    return NoticeItem(
        stored.article_id,
        squash(article.headline) or article.url,
        article.url,
        titles.get(stored.source or "") or stored.outlet,
        article.published_at,
        stored.first_seen_at,
        words,
        mark_access(article.access)[0],
        quoted_extract(stored),
        article.cves,
        is_revised=stored.revised_at is not None,
    )


def ways_of(alert: AlertSettings, settings: Settings) -> Iterator[tuple[str, str]]:
    """By which channels an alert is told, each with its reader where it has several."""
    channels = {channel.name: channel for channel in settings.channels}
    for name in dict.fromkeys(alert.notify):
        if name == MAIL_READERS:
            yield from ((name, reader) for reader in (settings.mail.readers if settings.mail else ()))
        elif name in channels:
            channel = channels[name]
            yield name, (channel.address or "") if channel.kind is ChannelKind.MAIL else ""
