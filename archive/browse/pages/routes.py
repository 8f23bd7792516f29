"""Which address is which page of our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datasette.hookspecs import hookimpl

from archive.browse.pages.article import article_page
from archive.browse.pages.digests import digest_page, digests_page
from archive.browse.pages.search import search_page
from archive.browse.pages.story import story_page
from archive.browse.pages.today import today_page
from archive.browse.pages.walls import wall_page, walls_page


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """The pages of our own."""
    return [
        (r"^/$", today_page),
        (r"^/search$", search_page),
        (r"^/story/(?P<story_id>\d+)$", story_page),
        (r"^/article/(?P<article_id>\d+)$", article_page),
        (r"^/digests$", digests_page),
        (r"^/digests/(?P<name>[\w.-]+)$", digest_page),
        (r"^/walls$", walls_page),
        (r"^/walls/(?P<site>[\w.:-]+)$", wall_page),
    ]
