"""The walls of outlets: all of them, and the history of one."""

from __future__ import annotations

import asyncio
from itertools import groupby

from datasette.utils.asgi import NotFound, Response

from archive.browse.context import Datasette, Request, html_response, page_number
from archive.judge.walls import WallStretch, describe_state
from archive.show.wall_chart import find_current, render_charts
from archive.store import Archive

_MOST_ROWS = 100


async def walls_page(datasette: Datasette, request: Request) -> Response:
    """Every outlet whose wall is known, with what was seen of it last."""
    stretches = await asyncio.to_thread(_read_walls, datasette.get_database().path, None)
    grouped = ((site, find_current(tuple(found))) for site, found in groupby(stretches, key=lambda one: one.site))
    known = [(site, current, max(one.last_seen_at for one in current)) for site, current in grouped]
    number = page_number(request)
    begin = (number - 1) * _MOST_ROWS
    sites = known[begin : begin + _MOST_ROWS]
    shown = [one.article_id for _, current, _ in sites for one in current if one.article_id is not None]
    quoted = await asyncio.to_thread(_read_words, datasette.get_database().path, shown)
    page = {"sites": sites, "quoted": quoted, "describe_state": describe_state, "number": number}
    page["has_more"] = len(known) > begin + _MOST_ROWS
    return html_response(await datasette.render_template("walls.html", page, request=request, view_name="walls"))


async def wall_page(datasette: Datasette, request: Request) -> Response:
    """
    The history of one outlet's wall, as a chart and a table; NotFound for one that none is known
    of.
    """
    site = request.url_vars["site"]
    stretches = await asyncio.to_thread(_read_walls, datasette.get_database().path, site)
    if not stretches:
        raise NotFound(f"Nothing is known of a wall at {site}")
    number = page_number(request)
    begin = (number - 1) * _MOST_ROWS
    page = {
        "site": site,
        "stretches": stretches[begin : begin + _MOST_ROWS],
        "number": number,
        "has_more": len(stretches) > begin + _MOST_ROWS,
        "charts": render_charts(stretches),
        "describe_state": describe_state,
    }
    return html_response(await datasette.render_template("wall.html", page, request=request, view_name="wall"))


def _read_words(path: str, ids: list[int]) -> dict[int, tuple[str, str | None]]:
    with Archive.open(path, write=False) as archive:
        return archive.deciding_words(ids)


def _read_walls(path: str, site: str | None) -> tuple[WallStretch, ...]:
    with Archive.open(path, write=False) as archive:
        return archive.walls(site)
