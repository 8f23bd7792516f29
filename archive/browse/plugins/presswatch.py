"""
The plugin that makes datasette a reader for the archive.

    /                  the newsroom: search, the articles of today, how the sources do
    /article/<id>      one article as a reader wants it, with everything the archive knows about it
    /digests           the digests that were written
    tables, queries    headlines lead to articles, access as a chip, times in the reader's zone

Texts come from `archive.store`; stored queries run on datasette's own connections, which are read-only
and limited in time. This is the edge where the clock is read.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import re
import sqlite3
import traceback
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from shutil import rmtree
from typing import Any, TypeAlias
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Base400, NotFound, Response
from datasette.views.base import DatasetteError
from datasette_atom import can_render_atom, render_atom
from jinja2 import Environment
from markupsafe import Markup, escape

from archive.browse.digests import find_digests, find_links, without_withheld
from archive.browse.follow import Follower, following
from archive.browse.guards import bound_connection, bound_process, with_allowed_hosts
from archive.browse.headers import with_security_headers
from archive.browse.serve import PLUGIN
from archive.judge.walls import WallStretch, describe_state
from archive.judge.wishes import describe_limits, is_withdrawn
from archive.model import MARK_END, MARK_START, SourceHealth, Statistics, StoredArticle
from archive.show.article_page import (
    STATUS_WORDS,
    describe_access,
    describe_duplicate,
    describe_numbers,
    find_asides,
    find_changes,
    render_time,
)
from archive.show.markup import find_passages
from archive.show.wall_chart import find_current, render_charts
from archive.store import Archive
from archive.store.articles.search import match_query, query_words
from scraper.model import AccessStatus
from scraper.urls import is_http_url, registrable_domain

# Datasette has no types; these names say which of its objects is meant.
Datasette: TypeAlias = Any
Request: TypeAlias = Any
Row: TypeAlias = Any

# Times as the archive keeps them; other texts in such columns are shown as they are.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TIME_COLUMNS = ("_at", "since", "until")
# Characters that XML 1.0 §2.2 does not allow, not even escaped.
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_HITS = 200
# The largest id that SQLite has.
_LARGEST_ID = 2**63 - 1
# What a reader wants to see of the widest table; the cog menu of a column hides more or shows all.
_ARTICLE_COLUMNS = (
    "published_at headline source section language access_status complete word_count first_seen_at".split()
)


# ---------------------------------------------------------------- set-up


@hookimpl
def startup(datasette: Datasette) -> None:
    """Take away the file with the metadata that `browse_command` wrote: datasette has read it. Bound the process."""
    if written := _configuration(datasette).get("metadata_file"):
        Path(written).unlink(missing_ok=True)
        with closing(sqlite3.connect(":memory:")) as connection:
            bound_process(connection)
    if folder := _configuration(datasette).get("temporary_folder"):
        atexit.register(rmtree, folder, ignore_errors=True)


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[..., Any]:
    """Security headers on every response; only known hosts are answered, and what is served follows the archive."""

    def wrapped(application: Callable[..., Any]) -> Callable[..., Any]:
        if follower := follower_of(datasette):
            application = following(application, follower)
        return with_security_headers(with_allowed_hosts(application, _configuration(datasette).get("hosts", ())))

    return wrapped


def follower_of(datasette: Datasette) -> Follower | None:
    """Who keeps the public view in step that is served; None where the archive itself is."""
    if (archive := _configuration(datasette).get("archive")) is None:
        return None
    # Datasette makes its application anew for each request of its own client.
    if not hasattr(datasette, "presswatch_follower"):
        datasette.presswatch_follower = Follower(Path(datasette.get_database().path), Path(archive))
    found: Follower = datasette.presswatch_follower
    return found


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection, datasette: Datasette) -> None:
    """
    The functions that stored queries use; their users may, too.

    `escape_fts` takes the place of datasette's own, which the search boxes of its tables use and which
    makes a syntax error of a lone quotation mark; ours comes last, so that it stays.
    """
    zone = _zone(datasette)
    bound_connection(conn)

    def search_articles(query: object, limit: int) -> str:
        # On this connection, so that the time limit of datasette holds for the search as well.
        archive = Archive("the archive", conn, ExitStack(), is_writable=False)
        hits = archive.search(str(query or ""), limit=min(limit, _MOST_HITS), now=datetime.now(UTC))
        return json.dumps([{"article_id": hit.article_id, "snippet": hit.snippet, "rank": hit.rank} for hit in hits])

    def day_start(time: object) -> str | None:
        local = _parse_time(time)
        if local is None:
            return None
        midnight = local.astimezone(zone).replace(hour=0, minute=0, second=0)
        return midnight.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    conn.create_function("search_articles", 2, search_articles)
    conn.create_function("day_start", 1, day_start, deterministic=True)
    conn.create_function("escape_fts", 1, _escape_fts, deterministic=True)
    conn.create_function("xml_text", 1, _xml_text, deterministic=True)


def _escape_fts(query: object) -> str:
    """Every word literally, as in a search of presswatch; nothing is found where there is no word."""
    indexed, unspaced = query_words(str(query or ""))
    return match_query(indexed + unspaced) or '""'


def _xml_text(text: object) -> str | None:
    return None if text is None else _NOT_XML.sub("\ufffd", str(text))


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """What our templates use; it is there on error pages, too, which datasette renders without other values."""
    zone = _zone(datasette)
    env.globals["query_url"] = lambda name, **parameters: _query_url(datasette, name, **parameters)
    env.globals["table_url"] = lambda name: _table_url(datasette, name)
    env.globals["row_url"] = lambda table, key: f"{datasette.urls.table(datasette.get_database().name, table)}/{key}"
    env.globals["article_url"] = lambda article_id: datasette.urls.path(f"/article/{article_id}")
    env.globals["wall_url"] = lambda site: datasette.urls.path(f"/walls/{site}" if site else "/walls")
    env.globals["access_chip"] = _chip
    env.globals["feed_url"] = lambda source="": _feed_url(datasette, source)
    env.globals["digest_url"] = lambda name="": datasette.urls.path(f"/digests/{name}" if name else "/digests")
    env.globals["shows_private"] = bool(_configuration(datasette).get("private"))
    env.globals["timezone"] = zone.key
    env.filters["local_time"] = lambda time: render_time(time, zone)
    env.filters["long_time"] = lambda time: render_time(time, zone, in_words=True)
    env.filters["web_url"] = lambda url: url if url and is_http_url(url) else None


def _configuration(datasette: Datasette) -> dict[str, Any]:
    return datasette.plugin_config(PLUGIN) or {}


def _zone(datasette: Datasette) -> ZoneInfo:
    return ZoneInfo(_configuration(datasette).get("timezone", "UTC"))


def _query_url(datasette: Datasette, name: str, **parameters: str) -> str:
    url = str(datasette.urls.query(datasette.get_database().name, name))
    return f"{url}?{urlencode(parameters)}" if parameters else url


def _feed_url(datasette: Datasette, source: str) -> str:
    return f"{_query_url(datasette, 'feed')}.atom" + (f"?{urlencode({'source': source})}" if source else "")


def _table_url(datasette: Datasette, name: str) -> str:
    url = str(datasette.urls.table(datasette.get_database().name, name))
    return f"{url}?{urlencode([('_col', column) for column in _ARTICLE_COLUMNS])}" if name == "articles" else url


# ---------------------------------------------------------------- pages


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
    stored = await asyncio.to_thread(_read_article, database.path, article_id) if article_id <= _LARGEST_ID else None
    if stored is None:
        raise NotFound(f"The archive has no article {article_id}")
    source = (await database.execute("SELECT * FROM sources WHERE name = ?", [stored.source])).first()
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
        "is_told_only": stored.private and not _configuration(datasette).get("private"),
        "is_withdrawn": is_withdrawn(stored.limits, datetime.now(UTC)),
    }
    return _html(await datasette.render_template("article.html", page, request=request, view_name="article"))


async def digests_page(datasette: Datasette, request: Request) -> Response:
    """The digests that were written, newest first, by month."""
    found = await asyncio.to_thread(find_digests, _digest_folder(datasette))
    months = [(month, list(names)) for month, names in groupby(found, key=lambda name: name[:7])]
    page = {"months": months, "is_configured": bool(_configuration(datasette).get("digests"))}
    return _html(await datasette.render_template("digests.html", page, request=request, view_name="digests"))


async def digest_page(datasette: Datasette, request: Request) -> Response:
    """One digest as it was written, without what is not to be shown any more; NotFound for one that is not there."""
    page = await asyncio.to_thread(_read_digest, datasette, request.url_vars["name"])
    if page is None:
        raise NotFound(f"There is no digest {request.url_vars['name']}")
    return _html(page)


def _digest_folder(datasette: Datasette) -> Path:
    return Path(_configuration(datasette).get("digests") or "/dev/null")


def _read_digest(datasette: Datasette, name: str) -> str | None:
    path = find_digests(_digest_folder(datasette)).get(name)
    if path is None:
        return None
    try:
        page = path.read_bytes()
    except OSError:  # taken away a moment ago
        return None
    # The archive knows of what the public view does not show. Where it is served itself, its owner sees all.
    if archive_path := _configuration(datasette).get("archive"):
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
    return _html(await datasette.render_template("walls.html", page, request=request, view_name="walls"))


async def wall_page(datasette: Datasette, request: Request) -> Response:
    """The history of one outlet's wall, as a chart and a table; NotFound for one that none is known of."""
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
    return _html(await datasette.render_template("wall.html", page, request=request, view_name="wall"))


def _read_walls(path: str, site: str | None) -> tuple[WallStretch, ...]:
    with Archive.open(path, write=False) as archive:
        return archive.walls(site)


def _html(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/html; charset=utf-8")


def _read_article(path: str, article_id: int) -> StoredArticle | None:
    with Archive.open(path, write=False) as archive:
        return archive.article(article_id)


@hookimpl
def extra_template_vars(template: str, datasette: Datasette) -> Callable[[], Any] | None:
    """The front page has its articles, counts and the health of the sources beside what datasette gives it."""
    return (lambda: _front_page(datasette)) if template == "index.html" else None


async def _front_page(datasette: Datasette) -> dict[str, Any]:
    now = datetime.now(UTC)
    database = datasette.get_database()
    statistics, health = await asyncio.to_thread(_read_state, database.path, now)
    # Not every article has a revision in the public view.
    changes = await database.execute("SELECT COUNT(*) - COUNT(DISTINCT article_id) FROM revisions")
    rows, is_today = await _stored_rows(datasette, "today"), True
    if not rows:
        rows, is_today = await _stored_rows(datasette, "latest"), False
    by_source = sorted(rows, key=lambda row: row["source_title"] or "")
    tables = datasette.metadata("tables", database=database.name) or {}
    return {
        "now": now,
        "statistics": statistics,
        "health": health,
        "change_count": changes.single_value(),
        "is_today": is_today,
        # The source with the newest article first; its articles are in the order of the query.
        "groups": sorted(
            ((title, list(group)) for title, group in groupby(by_source, key=lambda row: row["source_title"])),
            key=lambda group: rows.index(group[1][0]),
        ),
        "queries": await datasette.get_canned_queries(database.name, None),
        "tables": {name: table for name, table in tables.items() if not table.get("hidden")},
    }


def _read_state(path: str, now: datetime) -> tuple[Statistics, tuple[SourceHealth, ...]]:
    with Archive.open(path, write=False) as archive:
        return archive.statistics(), archive.source_health(now)


async def _stored_rows(datasette: Datasette, name: str) -> list[dict[str, Any]]:
    database = datasette.get_database()
    query = await datasette.get_canned_query(database.name, name, None)
    rows = [dict(row) for row in (await database.execute(query["sql"])).rows]
    for row in rows:
        row["published_at"] = _parse_time(row["published_at"])
    return rows


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Generator[None, Any, None]:
    """
    Answer an expected error (a wrong address, SQL that does not run) with its page alone; tell of another in short.

    Datasette's own handler prints every one of them with all local values to the terminal as soon as
    rich can be imported, which is one of our dependencies: that takes a minute, in which nobody is answered.
    """
    outcome = yield
    if isinstance(exception, MemoryError):
        exception = DatasetteError("The query needs more memory than one may take.", title="Too large", status=400)
    if not isinstance(exception, Base400 | DatasetteError):
        traceback.print_exception(exception)
        exception = DatasetteError("An error of presswatch: standard error tells which.", status=500)
    outcome.force_result([_error_page(datasette, request, exception)])


async def _error_page(datasette: Datasette, request: Request, exception: Exception) -> Response:
    title, status = getattr(exception, "title", None), getattr(exception, "status", 400)
    message = exception.message if isinstance(exception, DatasetteError) else str(exception)
    if request.path.endswith(".json"):
        error = {"ok": False, "error": str(message), "status": status, "title": title}
        return Response(json.dumps(error), status, content_type="application/json; charset=utf-8")
    if getattr(exception, "message_is_html", False):
        message = Markup(message)  # noqa: S704 - written by datasette, which escapes the SQL in it
    page = {"status": status, "title": title, "error": message}
    return _html(await datasette.render_template("error.html", page, request=request), status)


# ---------------------------------------------------------------- feeds


@hookimpl(trylast=True)  # after datasette-atom's own, whose place it takes
def register_output_renderer() -> dict[str, Any]:
    """Feeds with a title that says what is in them."""
    return {"extension": "atom", "render": _render_feed, "can_render": can_render_atom}


async def _render_feed(
    datasette: Datasette,
    request: Request,
    sql: str,
    columns: list[str],
    rows: list[Row],
    database: str,
    table: str | None,
    query_name: str | None,
    view_name: str,
    data: dict[str, Any],
) -> Response:
    """What datasette-atom makes of the rows; it would call every feed of a stored query by the title of the query."""
    response: Response = render_atom(  # type: ignore[no-untyped-call]
        datasette, request, sql, columns, rows, database, table, query_name, view_name, data
    )
    if query_name == "feed":
        title = await _feed_title(datasette, request.args.get("source") or "", request.args.get("q") or "")
        named = Markup("<title>{}</title>").format(_NOT_XML.sub("\ufffd", title))
        response.body = re.sub(
            b"<title>.*?</title>", lambda _: str(named).encode(), response.body, count=1, flags=re.DOTALL
        )
    return response


async def _feed_title(datasette: Datasette, source: str, words: str) -> str:
    """What a feed is called: the archive, of which source its articles are, and what they are about."""
    parts = []
    if source.strip():
        found = await datasette.get_database().execute("SELECT title FROM sources WHERE name = ?", [source])
        row = found.first()
        parts.append(row["title"] if row else source)
    if words.strip():
        parts.append(f"“{' '.join(words.split())}”")
    return f"{datasette.metadata('title')}: {', '.join(parts) or 'latest articles'}"


# ---------------------------------------------------------------- cells


@hookimpl
def render_cell(row: Row, value: object, column: str, table: str | None, datasette: Datasette) -> Markup | None:
    """A cell of a table or a query as a reader wants it; None leaves it to datasette."""
    if isinstance(value, dict) and column in {"article_id", "of_id"}:
        return _article_link(datasette, value["value"], value["label"] or value["value"])
    if not isinstance(value, str):
        return None
    match column:
        case "headline" | "other_headline":
            article_id = _article_id(row, column, table)
            return None if article_id is None else _article_link(datasette, article_id, value)
        case "access_status":
            return _chip(value)
        case "site" if _has_column(row, "amount"):
            return Markup('<a href="{}">{}</a>').format(datasette.urls.path(f"/walls/{value}"), value)
        case "cve":
            return Markup('<a href="{}">{}</a>').format(_query_url(datasette, "cve", cve=value), value)
        case "snippet":
            return Markup(str(escape(value)).replace(MARK_START, "<mark>").replace(MARK_END, "</mark>"))  # noqa: S704 - escaped
        case _ if column.endswith(_TIME_COLUMNS) and (time := _parse_time(value)):
            return render_time(time, _zone(datasette))
        case _:
            return None


def _has_column(row: Row, name: str) -> bool:
    return name in row.keys()  # noqa: SIM118 - a sqlite3.Row


def _article_id(row: Row, headline: str, table: str | None) -> int | None:
    """The article that a headline of a row belongs to. The plain id in a query may be of anything."""
    column = "other_id" if headline == "other_headline" else "id" if table == "articles" else "article_id"
    found = row[column] if column in row.keys() else None  # noqa: SIM118 - a sqlite3.Row
    found = found["value"] if isinstance(found, dict) else found
    return found if isinstance(found, int) else None


def _article_link(datasette: Datasette, article_id: int, words: object) -> Markup:
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(f"/article/{article_id}"), words)


def _chip(status: AccessStatus | str, *, complete: bool | None = None) -> Markup:
    """The access status as a chip, with a second word where the text was cut."""
    words = STATUS_WORDS.get(status, status)
    if complete is False and status != AccessStatus.PREVIEW:
        words += ", cut short"
    return Markup('<span class="pw-chip pw-chip-{}">{}</span>').format(status, words)


def _parse_time(value: object) -> datetime | None:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
