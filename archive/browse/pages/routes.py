"""Which address is which page of our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datasette.hookspecs import hookimpl

from archive.browse.machines import answer_json, list_questions
from archive.browse.marks import export_marks, import_marks, mark_article, marks_page, undo_mark
from archive.browse.pages.article import article_page
from archive.browse.pages.changes import changes_page
from archive.browse.pages.cves import cves_page
from archive.browse.pages.digests import digest_page, digests_feed, digests_page, latest_digest
from archive.browse.pages.pictures import picture
from archive.browse.pages.search import search_page
from archive.browse.pages.sources import sources_page
from archive.browse.pages.story import story_page
from archive.browse.pages.today import today_page
from archive.browse.pages.walls import wall_page, walls_page


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """The pages of our own."""
    return [
        (r"^/$", today_page),
        (r"^/search$", search_page),
        (r"^/story/(?P<story_id>\d{1,19})$", story_page),
        (r"^/article/(?P<article_id>\d{1,19})$", article_page),
        (r"^/article/(?P<article_id>\d{1,19})/picture/(?P<number>\d{1,4})$", picture),
        (r"^/changes$", changes_page),
        (r"^/cves$", cves_page),
        (r"^/sources$", sources_page),
        (r"^/article/(?P<article_id>\d{1,19})/marks$", mark_article),
        (r"^/marks$", marks_page),
        (r"^/marks/export$", export_marks),
        (r"^/marks/import$", import_marks),
        (r"^/marks/undo$", undo_mark),
        (r"^/digests$", digests_page),
        (r"^/digests/latest\.html$", latest_digest),
        (r"^/digests/latest\.atom$", digests_feed),
        (r"^/digests/(?P<name>[\w.-]+)$", digest_page),
        (r"^/-/api\.json$", list_questions),
        (r"^/-/api/(?P<name>[\w-]{1,40})\.json$", answer_json),
        (r"^/walls$", walls_page),
        (r"^/walls/(?P<site>[\w.:-]+)$", wall_page),
    ]
