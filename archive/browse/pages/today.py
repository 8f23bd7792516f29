"""
The front page: what many report, then what its owner follows and what alerts marked, then everything
else by time; and which sources could not be asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from datasette.utils.asgi import Response

from archive.browse.context import Datasette, Request, html_response, page_number
from archive.browse.owner import alert_titles, owner_facts
from archive.browse.pages.rows import Place, find_places, find_rows
from archive.judge.stories.front import find_followed, find_reports
from archive.machines.shared import count_independent, find_leading
from archive.model import ListedArticle, RecentArticle, SourceHealth, StoryLife
from archive.store import Archive
from scraper.model import WENT_WRONG

# Who comes in the morning reads what came since the morning before.
_SPAN = timedelta(days=1)
# Five hundred outlets write less in a day.
_MOST_RECENT = 5_000
# Rows of a page; stories that lead it, and of those that are followed; rows that alerts marked.
_MOST_ROWS, _MOST_STORIES, _MOST_MARKED = 60, 10, 20


@dataclass(frozen=True, slots=True)
class Lead:
    """
    A story that leads the page.

    Args:
        article: Whose words stand there.
        places: Who reports it today, by time.
        independent: How many reports of today are nobody's copy.
        is_new: It was told first today.
        open_at: Where everybody may read all of a report, if the article is not such a one.
    """

    life: StoryLife
    article: ListedArticle
    places: tuple[Place, ...]
    article_count: int
    independent: int
    is_new: bool
    cves: tuple[str, ...]
    open_at: ListedArticle | None


@dataclass(frozen=True, slots=True)
class Health:
    """How the sources do. *wrong*: those that could not be asked, or gave nothing usable."""

    well: int
    wrong: tuple[SourceHealth, ...]
    waiting: int


async def today_page(datasette: Datasette, request: Request) -> Response:
    """The last day, or the last one of which there is something."""
    number = page_number(request)
    kept = kept_comparisons(datasette)
    page = await asyncio.to_thread(_read, datasette.get_database().path, datetime.now(UTC), number, kept)
    shown = [row.article for row in (*page["rows"], *page["marked"])]
    shown += [lead.article for lead in (*page["leads"], *page["going_on"])]
    page |= await owner_facts(datasette, shown) | {"number": number}
    page["alerts"] = alert_titles(datasette, page["alerts_of_shown"])
    return html_response(await datasette.render_template("today.html", page, request=request, view_name="today"))


def kept_comparisons(datasette: Datasette) -> dict[object, int]:
    """How many of a story's articles are independent, as far as that was found since the start."""
    # Datasette makes its application anew for each request of its own client.
    if not hasattr(datasette, "presswatch_comparisons"):
        datasette.presswatch_comparisons = {}
    kept: dict[object, int] = datasette.presswatch_comparisons
    return kept


def _read(path: str, now: datetime, number: int, kept: dict[object, int]) -> dict[str, Any]:
    with Archive.open(path, write=False) as archive:
        latest = archive.latest_seen_at(now)
        is_today = latest is not None and latest > now - _SPAN
        until = now if is_today or latest is None else latest
        recent = archive.recent(until - _SPAN, now, _MOST_RECENT)
        leads = _leads(archive, recent, now, kept)
        leading = {lead.life.story_id for lead in leads}
        followed = archive.followed_stories()
        going_on = tuple(_stories(archive, find_followed(recent, followed - leading)[:_MOST_STORIES], now, kept))
        reports = find_reports(recent, leading | {lead.life.story_id for lead in going_on})
        alerts = _alerts(archive, recent)
        marked = [one for one in reports if one.report_id in alerts][:_MOST_MARKED]
        rest = [one for one in reports if one not in marked]
        begin = (number - 1) * _MOST_ROWS
        shown = rest[begin : begin + _MOST_ROWS]
        is_first = number == 1
        return {
            "now": now,
            "until": until,
            "is_today": is_today,
            "leads": leads if is_first else (),
            "going_on": going_on if is_first else (),
            "marked": find_rows(archive, [one.article_id for one in marked], now) if is_first else (),
            "rows": find_rows(archive, [one.article_id for one in shown], now),
            "alerts_of_shown": {one.article_id: alerts[one.report_id] for one in recent if one.report_id in alerts},
            "has_more": len(rest) > begin + _MOST_ROWS,
            "health": _health(archive.source_health(now)),
        }


def _alerts(archive: Archive, recent: Sequence[RecentArticle]) -> dict[int, tuple[str, ...]]:
    """The alerts that mark an article of a report, by report. A public view has none."""
    found = archive.marks([one.article_id for one in recent])
    reports: dict[int, tuple[str, ...]] = {}
    for one in recent:
        if names := found.get(one.article_id):
            reports[one.report_id] = tuple(dict.fromkeys((*reports.get(one.report_id, ()), *names)))
    return reports


def _leads(
    archive: Archive, recent: Sequence[RecentArticle], now: datetime, kept: dict[object, int]
) -> tuple[Lead, ...]:
    """The stories with most independent reports first."""
    leading = find_leading(archive, recent, kept, _MOST_STORIES)
    return tuple(_stories(archive, [found for _, found in leading], now, kept))


def _stories(
    archive: Archive, stories: Iterable[Sequence[RecentArticle]], now: datetime, kept: dict[object, int]
) -> Iterator[Lead]:
    for found in stories:
        if lead := _lead(archive, found, count_independent(archive, found, kept), now):
            yield lead


def _lead(archive: Archive, found: Sequence[RecentArticle], independent: int, now: datetime) -> Lead | None:
    rows: Sequence[ListedArticle] = archive.listed([one.article_id for one in found], now)
    life = archive.story(found[0].story_id or 0)
    if not rows or life is None:
        return None
    shown = next((row for row in rows if row.headline == life.headline), rows[0])
    openly = next((row for row in rows if row.is_open), None)
    return Lead(
        life,
        shown,
        find_places(rows),
        len(rows),
        independent,
        life.first_at >= rows[0].told_at,
        tuple(dict.fromkeys(cve for row in rows for cve in row.cves)),
        None if shown.is_open else openly,
    )


def _health(sources: Sequence[SourceHealth]) -> Health:
    asked = [one for one in sources if one.enabled]
    wrong = tuple(one for one in asked if one.outcome in WENT_WRONG)
    waiting = sum(one.outcome is None for one in asked)
    return Health(len(asked) - len(wrong) - waiting, wrong, waiting)
