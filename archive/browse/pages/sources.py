"""The sources: how they do, what came of them, and how much of it could be read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from datasette.utils.asgi import Response
from markupsafe import Markup

from archive.browse.context import Datasette, Request, html_response, page_number
from archive.model import SourceDays, SourceFacts, SourceHealth
from archive.show.sparkline import render_days
from archive.store import Archive
from scraper.model import WENT_WRONG
from scraper.urls import is_http_url, registrable_domain

_MOST_ROWS = 100  # of a page: a row has one line
_DAYS = 14  # of a chart: two of each day of the week


@dataclass(frozen=True, slots=True)
class SourceRow:
    """
    A source as the page shows it.

    Args:
        site: The site that its wall is known of, if one is.
    """

    health: SourceHealth
    facts: SourceFacts
    is_wrong: bool
    came: SourceDays | None
    chart: Markup
    site: str | None


async def sources_page(datasette: Datasette, request: Request) -> Response:
    """All sources that are watched: those that go wrong first, then by title; those that are not, last."""
    now, number = datetime.now(UTC), page_number(request)
    database = datasette.get_database()
    walled = {row["site"] for row in (await database.execute("SELECT DISTINCT site FROM walls")).rows}
    health, facts, came = await asyncio.to_thread(_read, database.path, now)
    ordered = sorted(health, key=lambda one: (not one.enabled, one.outcome not in WENT_WRONG, one.title.casefold()))
    begin = (number - 1) * _MOST_ROWS
    rows = [_row(one, facts[one.source], came, walled, now) for one in ordered[begin : begin + _MOST_ROWS]]
    page = {"number": number, "rows": rows, "days": _DAYS, "has_more": len(ordered) > begin + _MOST_ROWS, "now": now}
    return html_response(await datasette.render_template("sources.html", page, request=request, view_name="sources"))


def _read(path: str, now: datetime) -> tuple[tuple[SourceHealth, ...], dict[str, SourceFacts], dict[str, SourceDays]]:
    with Archive.open(path, write=False) as archive:
        return archive.source_health(now), archive.source_facts(), archive.source_days(now - timedelta(days=_DAYS))


def _row(
    health: SourceHealth, facts: SourceFacts, came: dict[str, SourceDays], walled: set[str], now: datetime
) -> SourceRow:
    days = came.get(health.source)
    home = facts.home_url
    site = registrable_domain(home) if is_http_url(home) else None
    chart = render_days(days.days if days else {}, now.date(), _DAYS)
    return SourceRow(health, facts, health.outcome in WENT_WRONG, days, chart, site if site in walled else None)
