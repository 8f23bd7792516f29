"""
The plugin that makes datasette a reader for the archive.

    /                  today: what many report, then everything by time, and how the sources do
    /story/<id>        one event: who had it first, who copied it, what each adds
    /article/<id>      one article as a reader wants it, with everything the archive knows about it
    /digests           the digests that were written
    tables, queries    headlines lead to articles, access as a chip, times in the reader's zone

Texts come from `archive.store`; stored queries run on datasette's own connections, which are
read-only and limited in time. This is the edge where the clock is read.
"""

from __future__ import annotations

import atexit
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from typing import Any

from datasette.hookspecs import hookimpl
from jinja2 import Environment

from archive.browse.cells import access_chip, marked, places_line, render_cell
from archive.browse.context import (
    Datasette,
    configuration_of,
    feed_url,
    lang_attribute,
    page_url,
    query_url,
    search_url,
    table_url,
    zone_of,
)
from archive.browse.errors import handle_exception
from archive.browse.feeds import register_output_renderer
from archive.browse.follow import Follower, following
from archive.browse.functions import prepare_connection, search_problem
from archive.browse.guards import bound_process, with_allowed_hosts
from archive.browse.headers import script_integrity, with_security_headers
from archive.browse.marks import make_state, skip_csrf, token_of
from archive.browse.mending import mended
from archive.browse.pages.routes import register_routes
from archive.show.article_page import render_moment, render_time
from scraper.urls import is_http_url

# Datasette finds the hooks by their names in this file.
__all__ = [
    "asgi_wrapper",
    "handle_exception",
    "prepare_connection",
    "prepare_jinja2_environment",
    "register_output_renderer",
    "register_routes",
    "render_cell",
    "skip_csrf",
    "startup",
]


@hookimpl
def startup(datasette: Datasette) -> None:
    """
    Take away the file with the metadata that `browse_command` wrote: datasette has read it. Bound
    the process. Make the file for the owner's marks.
    """
    make_state(datasette)
    if written := configuration_of(datasette).get("metadata_file"):
        Path(written).unlink(missing_ok=True)
        with closing(sqlite3.connect(":memory:")) as connection:
            bound_process(connection)
    if folder := configuration_of(datasette).get("temporary_folder"):
        atexit.register(rmtree, folder, ignore_errors=True)


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[..., Any]:
    """
    Security headers on every response; only known hosts are answered, and what is served follows
    the archive.
    """

    def wrapped(application: Callable[..., Any]) -> Callable[..., Any]:
        if follower := follower_of(datasette):
            application = following(application, follower)
        configuration = configuration_of(datasette)
        guarded = with_allowed_hosts(application, configuration.get("hosts", ()))
        return with_security_headers(guarded, is_private=bool(configuration.get("private")))

    return wrapped


def follower_of(datasette: Datasette) -> Follower | None:
    """Who keeps the public view in step that is served; None where the archive itself is."""
    if (archive := configuration_of(datasette).get("archive")) is None:
        return None
    # Datasette makes its application anew for each request of its own client.
    if not hasattr(datasette, "presswatch_follower"):
        datasette.presswatch_follower = Follower(Path(datasette.get_database().path), Path(archive))
    found: Follower = datasette.presswatch_follower
    return found


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """
    What our templates use; it is there on error pages, too, which datasette renders without other
    values.
    """
    zone = zone_of(datasette)
    env.globals["query_url"] = lambda name, **parameters: query_url(datasette, name, **parameters)
    env.globals["table_url"] = lambda name: table_url(datasette, name)
    env.globals["row_url"] = lambda table, key: f"{datasette.urls.table(datasette.get_database().name, table)}/{key}"
    env.globals["search_url"] = lambda q="": search_url(datasette, q)
    env.globals["story_url"] = lambda story_id: datasette.urls.path(f"/story/{story_id}")
    env.globals["article_url"] = lambda article_id: datasette.urls.path(f"/article/{article_id}")
    env.globals["picture_url"] = lambda article_id, number: datasette.urls.path(
        f"/article/{article_id}/picture/{number}"
    )
    env.globals["wall_url"] = lambda site: datasette.urls.path(f"/walls/{site}" if site else "/walls")
    env.globals["search_problem"] = search_problem
    env.globals["access_chip"] = access_chip
    env.globals["feed_url"] = lambda source="", q="": feed_url(datasette, source, q)
    env.globals["digest_url"] = lambda name="": datasette.urls.path(f"/digests/{name}" if name else "/digests")
    env.globals["database_url"] = lambda: datasette.urls.database(datasette.get_database().name)
    env.globals["script_integrity"] = script_integrity()
    env.globals["marks_token"] = lambda: token_of(datasette)
    env.globals["page_url"] = page_url
    env.globals["shows_private"] = bool(configuration_of(datasette).get("private"))
    env.globals["timezone"] = zone.key
    env.filters["places"] = lambda also_at: places_line(datasette, also_at)
    env.filters["local_time"] = lambda time: render_time(time, zone)
    env.filters["clock"] = lambda time: render_moment(time, time, zone)
    env.filters["moment"] = lambda time, now: render_moment(time, now, zone)
    env.filters["long_time"] = lambda time: render_time(time, zone, in_words=True)
    env.filters["lang"] = lang_attribute
    env.filters["schedule"] = lambda schedule: f"“{schedule}”" if " " in schedule else f"every {schedule}"
    env.filters["marked"] = marked
    env.filters["mended"] = mended
    env.filters["web_url"] = lambda url: url if url and is_http_url(url) else None
