"""Vulnerabilities in the news, the latest first."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from datasette.utils.asgi import Response

from archive.browse.context import Datasette, Request, html_response, page_number
from archive.browse.pages.rows import find_places
from archive.model import CveNews
from archive.store import Archive

_MOST_ROWS = 60  # of a page: a row has two lines


async def cves_page(datasette: Datasette, request: Request) -> Response:
    """Each CVE with its latest headline, its outlets, and when it was first seen."""
    now, number = datetime.now(UTC), page_number(request)
    found = await asyncio.to_thread(_read, datasette.get_database().path, now, number)
    rows = [(one, one.articles[0], find_places(reversed(one.articles))) for one in found[:_MOST_ROWS] if one.articles]
    page = {"now": now, "number": number, "rows": rows, "has_more": len(found) > _MOST_ROWS}
    return html_response(await datasette.render_template("cves.html", page, request=request, view_name="cves"))


def _read(path: str, now: datetime, number: int) -> tuple[CveNews, ...]:
    with Archive.open(path, write=False) as archive:
        return archive.cve_news(now, limit=_MOST_ROWS + 1, offset=(number - 1) * _MOST_ROWS)
