"""The alerts, listed, and tried on what the archive has."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click
from rich.console import Console

from archive.commands.options import Options, now, pass_options, read_span, tell_alert_mistakes
from archive.judge.alerts.verdicts import Alert, find_hit, ready_alerts
from archive.model import AlertCount, StoredArticle
from archive.settings import AlertSettings, Settings
from archive.show import terminal
from scraper.errors import ArchiveError
from scraper.settings.values import did_you_mean, render_duration


@click.command("list")
@click.option("--json", "as_json", is_flag=True)
@pass_options
def list_alerts(options: Options, as_json: bool) -> None:
    """Every alert: what it asks for, what follows, what came of it. Exit code 1 where one is broken."""
    settings = options.settings()
    _list(options, settings, as_json=as_json)
    if tell_alert_mistakes(settings):
        sys.exit(1)


def _list(options: Options, settings: Settings, *, as_json: bool) -> None:
    try:
        with options.reading() as archive:
            counts = archive.alert_counts()
    except ArchiveError:  # before the first pass nothing came of any
        counts = {}
    if as_json:
        records = [_record(alert, counts.get(alert.name, AlertCount())) for alert in settings.alerts]
        click.echo(terminal.to_json(records))
        return
    if not settings.alerts:
        click.echo(f"There is no alert in {settings.folder / 'alerts'} yet: presswatch alert add", err=True)
    console = terminal.stdout_console()
    for alert in settings.alerts:
        _print_alert(console, alert, counts.get(alert.name))


def _print_alert(console: Console, alert: AlertSettings, count: AlertCount | None) -> None:
    sign, style = ("●", "") if alert.enabled else ("○", "dim")
    console.print(f"{sign} {alert.name}  {alert.title}", style=style)
    for line in filter(None, (_asked(alert), _follows(alert), _came(count))):
        console.print(f"    {line}", style="dim", markup=False)
    if alert.problem:
        console.print(f"    {alert.problem}", style="red", markup=False)


def _asked(alert: AlertSettings) -> str:
    words = f"one of {terminal.counted(len(alert.words), 'word')} of {alert.words_file}" if alert.words_file else ""
    return " and ".join(filter(None, (alert.query, words)))


def _follows(alert: AlertSettings) -> str:
    told = f"told by {', '.join(alert.notify)}" if alert.notify else ""
    tags = f"tag {', '.join(alert.tag)}" if alert.tag else ""
    return "; ".join(
        filter(None, ("mark" * alert.mark, tags, "first in the digest" * alert.lead, "star" * alert.star, told))
    )


def _came(count: AlertCount | None) -> str:
    if count is None or count.last_at is None:
        return ""
    said = f"{terminal.counted(count.articles, 'article')}, the last found {count.last_at:%Y-%m-%d %H:%M} UTC"
    told = f"; {terminal.counted(count.sent, 'message')} sent" if count.sent else ""
    return said + told + (f", {count.waiting} waiting" if count.waiting else "")


def _record(alert: AlertSettings, count: AlertCount) -> dict[str, Any]:
    return {
        "name": alert.name,
        "title": alert.title,
        "enabled": alert.enabled,
        "query": alert.query,
        "words_file": str(alert.words_file) if alert.words_file else None,
        "word_count": len(alert.words),
        "mark": alert.mark,
        "tag": alert.tag,
        "lead": alert.lead,
        "star": alert.star,
        "notify": alert.notify,
        "problem": alert.problem,
        "article_count": count.articles,
        "last_at": count.last_at and f"{count.last_at:%Y-%m-%dT%H:%M:%SZ}",
        "sent_count": count.sent,
        "waiting_count": count.waiting,
    }


@click.command("test")
@click.argument("name")
@click.option(
    "--since", callback=read_span, default="30d", show_default=True, metavar="DURATION", help="How far to look back."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_options
def try_alert(options: Options, name: str, since: timedelta, as_json: bool) -> None:
    """
    What an alert would have found in the last 30 days; nothing is sent.

    Also of an alert that is disabled.
    """
    settings = options.settings()
    tell_alert_mistakes(settings)
    alert = _ready_alert(settings, name)
    begin = now() - since
    with options.reading() as archive:
        subjects = ((one.article_id, find_hit(alert, one.subject)) for one in archive.subjects_since(begin))
        hits = {article_id: words for article_id, words in subjects if words is not None}
        stories = {story.story_id for story in archive.living_stories([*hits], begin).values()}
        for stored in archive.articles(hits):
            click.echo((_hit_as_json if as_json else _hit_as_line)(stored, hits[stored.article_id]))
    if not as_json:
        click.echo(
            f"{terminal.counted(len(hits), 'article')} in {len(stories)} "
            f"{'story' if len(stories) == 1 else 'stories'} of the last {render_duration(since)}; nothing was sent",
            err=True,
        )


def _ready_alert(settings: Settings, name: str) -> Alert:
    found = next((alert for alert in settings.alerts if alert.name == name), None)
    if found is None:
        raise click.UsageError(f"no such alert: {name}{did_you_mean(name, [one.name for one in settings.alerts])}")
    if found.problem:
        raise click.ClickException(found.problem)
    (alert,) = ready_alerts([found], now(), settings.digest.timezone)
    return alert


def _hit_as_json(stored: StoredArticle, words: Sequence[str]) -> str:
    article = stored.article
    record = {"article_id": stored.article_id, "headline": article.headline, "words": words, "url": article.url}
    return terminal.to_json(record, indent=None)


def _hit_as_line(stored: StoredArticle, words: Sequence[str]) -> str:
    said = f"  ({', '.join(words)})" if words else ""
    headline = stored.article.headline or stored.article.url
    return f"{stored.article_id:>6}  {stored.first_seen_at:%Y-%m-%d %H:%M}  {stored.outlet}: {headline}{said}"
