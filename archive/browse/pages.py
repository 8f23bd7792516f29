"""The pages of our own: articles, digests, walls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from datasette.hookspecs import hookimpl
from datasette.utils.asgi import NotFound, Response

from archive.browse.context import Datasette, Request, configuration_of, html_response
from archive.browse.digests import find_digests, find_links, without_withheld
from archive.judge.walls import WallStretch, describe_state
from archive.judge.wishes import describe_limits, is_withdrawn
from archive.model import Appearance, StoredArticle
from archive.show.article_page import describe_access, describe_duplicate, describe_numbers, find_asides, find_changes
from archive.show.echoes import describe_echoes
from archive.show.markup import find_passages
from archive.show.places import find_first, find_others
from archive.show.wall_chart import find_current, render_charts
from archive.store import Archive
from scraper.urls import registrable_domain

# The largest id that SQLite has.
_LARGEST_ID = 2**63 - 1
# So many articles are laid beside one: more prints of a report say nothing new.
_MOST_BESIDE = 60


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """The pages of our own."""
    return [
        (r"^/article/(?P<article_id>\d+)$", article_page),
        (r"^/digests$", digests_page),
        (r"^/digests/(?P<name>[\w.-]+)$", digest_page),
        (r"^/walls$", walls_page),
        (r"^/walls/(?P<site>[\w.:-]+)$", wall_page),
    ]


async def article_page(datasette: Datasette, request: Request) -> Response:
    """One article; NotFound for an id that the archive does not have."""
    article_id = int(request.url_vars["article_id"])
    database = datasette.get_database()
    found = await asyncio.to_thread(_read_article, database.path, article_id) if article_id <= _LARGEST_ID else None
    if found is None:
        raise NotFound(f"The archive has no article {article_id}")
    stored, places, beside = found
    sources = {row["name"]: row for row in (await database.execute("SELECT * FROM sources")).rows}
    source = sources.get(stored.source)
    is_told_only = stored.private and not configuration_of(datasette).get("private")
    is_gone = is_withdrawn(stored.limits, datetime.now(UTC))
    titles = {name: row["title"] for name, row in sources.items()}
    site = registrable_domain(stored.article.url)
    walls = await database.execute("SELECT EXISTS (SELECT 1 FROM walls WHERE site = ?)", [site])
    page = {
        "stored": stored,
        "wall_site": site if walls.single_value() else None,
        "article": stored.article,
        "source": source,
        "passages": find_passages(stored.article.blocks),
        "asides": find_asides(stored.article.blocks),
        "revisions": find_changes(stored),
        "access": describe_access(stored.article.access),
        "numbers": describe_numbers(stored.article.access.numbers),
        "describe_duplicate": describe_duplicate,
        "wishes": describe_limits(stored.limits),
        "is_told_only": is_told_only,
        "is_withdrawn": is_gone,
        "first": find_first(article_id, places),
        "elsewhere": find_others(article_id, places),
        "echoes": None if is_told_only or is_gone else describe_echoes(stored, beside, titles),
    }
    return html_response(await datasette.render_template("article.html", page, request=request, view_name="article"))


async def digests_page(datasette: Datasette, request: Request) -> Response:
    """The digests that were written, newest first, by month."""
    found = await asyncio.to_thread(find_digests, _digest_folder(datasette))
    months = [(month, list(names)) for month, names in groupby(found, key=lambda name: name[:7])]
    page = {"months": months, "is_configured": bool(configuration_of(datasette).get("digests"))}
    return html_response(await datasette.render_template("digests.html", page, request=request, view_name="digests"))


async def digest_page(datasette: Datasette, request: Request) -> Response:
    """
    One digest as it was written, without what is not to be shown any more; NotFound for one that is
    not there.
    """
    page = await asyncio.to_thread(_read_digest, datasette, request.url_vars["name"])
    if page is None:
        raise NotFound(f"There is no digest {request.url_vars['name']}")
    return html_response(page)


def _digest_folder(datasette: Datasette) -> Path:
    return Path(configuration_of(datasette).get("digests") or "/dev/null")


def _read_digest(datasette: Datasette, name: str) -> str | None:
    path = find_digests(_digest_folder(datasette)).get(name)
    if path is None:
        return None
    try:
        page = path.read_bytes()
    except OSError:  # taken away a moment ago
        return None
    # The archive knows of what the public view does not show. Where it is served itself, its owner
    # sees all.
    if archive_path := configuration_of(datasette).get("archive"):
        with Archive.open(archive_path, write=False) as archive:
            withheld = archive.withheld(find_links(page), datetime.now(UTC))
        page = without_withheld(page, withheld.get)
    return page.decode("utf-8", "replace")


async def walls_page(datasette: Datasette, request: Request) -> Response:
    """Every outlet whose wall is known, with what was seen of it last."""
    stretches = await asyncio.to_thread(_read_walls, datasette.get_database().path, None)
    grouped = ((site, find_current(tuple(found))) for site, found in groupby(stretches, key=lambda one: one.site))
    sites = [(site, current, max(one.last_seen_at for one in current)) for site, current in grouped]
    page = {"sites": sites, "describe_state": describe_state}
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
    page = {
        "site": site,
        "stretches": stretches,
        "charts": render_charts(stretches),
        "describe_state": describe_state,
    }
    return html_response(await datasette.render_template("wall.html", page, request=request, view_name="wall"))


def _read_walls(path: str, site: str | None) -> tuple[WallStretch, ...]:
    with Archive.open(path, write=False) as archive:
        return archive.walls(site)


def _read_article(
    path: str, article_id: int
) -> tuple[StoredArticle, tuple[Appearance, ...], tuple[StoredArticle, ...]] | None:
    """An article, where its report appeared, and the articles to lay beside it."""
    now = datetime.now(UTC)
    with Archive.open(path, write=False) as archive:
        stored = archive.article(article_id)
        if stored is None:
            return None
        places = archive.appearances([article_id], now).get(article_id, ())
        near = (*archive.mates([article_id]), *(one.article_id for one in stored.duplicates))
        beside = archive.articles(tuple(dict.fromkeys(near))[:_MOST_BESIDE])
        return stored, places, tuple(one for one in beside if not is_withdrawn(one.limits, now))
