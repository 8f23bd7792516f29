"""A story: its time line, who had it first, who copied it, what each adds, and all of its articles."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from datasette.utils.asgi import NotFound, Response

from archive.browse.context import LARGEST_ID, Datasette, Request, html_response, page_number, zone_of
from archive.browse.owner import owner_facts
from archive.machines.shared import MOST_ECHOES, find_echoes
from archive.model import ListedArticle
from archive.show.times import local_time
from archive.store import Archive

_MOST_ROWS = 100  # of a page: a row has one line


async def story_page(datasette: Datasette, request: Request) -> Response:
    """One story; NotFound for one that is not there."""
    story_id = int(request.url_vars["story_id"])
    number = page_number(request)
    path = datasette.get_database().path
    page = await asyncio.to_thread(_read, path, story_id, datetime.now(UTC), number) if story_id <= LARGEST_ID else None
    if page is None:
        raise NotFound(f"The archive has no story {story_id}")
    page |= await owner_facts(datasette, page["articles"])
    page |= {"number": number, "days": _by_day(page["articles"], zone_of(datasette))}
    return html_response(await datasette.render_template("story.html", page, request=request, view_name="story"))


def _read(path: str, story_id: int, now: datetime, number: int) -> dict[str, Any] | None:
    with Archive.open(path, write=False) as archive:
        life = archive.story(story_id)
        if life is None:
            return None
        begin = (number - 1) * _MOST_ROWS
        articles = archive.listed(archive.story_members(story_id, now, limit=_MOST_ROWS, offset=begin), now)
        echoes = find_echoes(archive, story_id, now) if number == 1 else None
        return {
            "life": life,
            "articles": articles,
            "name": life.headline or next((one.headline for one in articles if one.headline), None),
            "echoes": echoes,
            "verdicts": {row.article_id: row for row in echoes.rows} if echoes else {},
            "compared": min(life.article_count, MOST_ECHOES),
            "cves": tuple(dict.fromkeys(cve for one in articles for cve in one.cves)),
            "openly": next((one for one in articles if one.is_open), None),
            "has_more": life.article_count > begin + _MOST_ROWS,
            "now": now,
        }


def _by_day(articles: tuple[ListedArticle, ...], zone: ZoneInfo) -> list[tuple[str, list[ListedArticle]]]:
    """The articles of each day of the reader's, the first day first."""
    days: dict[str, list[ListedArticle]] = {}
    for one in articles:
        local = local_time(one.told_at, zone)
        days.setdefault(f"{local:%A}, {local.day} {local:%B %Y}", []).append(one)
    return list(days.items())
