"""Search: what a query and the filters beside it find, page by page, with a feed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from sqlite3 import Connection

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Response

from archive.browse.context import Datasette, Request, html_response, page_number, zone_of
from archive.browse.owner import owner_facts
from archive.browse.pages.rows import Row, find_rows
from archive.judge.query.parse import parse
from archive.model import SearchHit
from archive.model.query import NotUnderstood, Sort
from archive.store import Archive
from scraper.errors import ArchiveError
from scraper.model import AccessStatus

_MOST_ROWS = 50  # of a page: a row has a quotation
# More of them are no list to choose from: one is named in the query.
_MOST_SOURCES = 300
# What can be chosen beside the words: the name in the address, and the field of the language.
_SINCE = {"": "any time", "today": "today", "1d": "24 hours", "7d": "7 days", "30d": "30 days", "1y": "a year"}
_HAS = {"cve": "names a CVE", "revision": "was changed", "duplicate": "is at several outlets"}
_FIELDS = ("source", "language", "access", "has")


@dataclass(frozen=True, slots=True)
class Found:
    """What a page of hits shows. *problem*: why there are none."""

    rows: tuple[tuple[Row, SearchHit], ...] = ()
    has_more: bool = False
    problem: str | None = None


async def search_page(datasette: Datasette, request: Request) -> Response:
    """What is found, or why the query is not understood; the filters where nothing is asked for."""
    now, number = datetime.now(UTC), page_number(request)
    words = (request.args.get("q") or "").strip()
    chosen = {name: _chosen(request, name) for name in (*_FIELDS, "since", "sort")}
    query = compose(words, chosen)
    database = datasette.get_database()
    asked = parse(words, now)
    if isinstance(asked, NotUnderstood):
        found = Found(problem=str(asked))
    else:
        wanted = _Wanted(query, number, now, str(zone_of(datasette)), bool(request.args.get("all")))
        limit = datasette.setting("sql_time_limit_ms")
        found = await database.execute_fn(lambda connection: _search(connection, wanted, limit))
    sources = [tuple(row) for row in (await database.execute(_SOURCES, {"limit": _MOST_SOURCES + 1})).rows]
    languages = [row[0] for row in (await database.execute(_LANGUAGES)).rows]
    page = {
        "now": now,
        "number": number,
        "words": words,
        "query": query,
        "chosen": chosen,
        "every_copy": bool(request.args.get("all")),
        "found": found,
        "sources": sources if len(sources) <= _MOST_SOURCES else [],
        "languages": languages,
        "since": _SINCE,
        "has": _HAS,
        "accesses": list(AccessStatus),
        "sorts": list(Sort),
    }
    page |= await owner_facts(datasette, [row.article for row, _ in found.rows])
    return html_response(await datasette.render_template("search.html", page, request=request, view_name="search"))


def compose(words: str, chosen: Mapping[str, Sequence[str]]) -> str:
    """
    One query of the words and of what was chosen beside them.

    >>> compose("gate OR storm", {"access": ["free", "metered"], "since": ["7d"], "sort": []})
    '(gate OR storm) (access:free OR access:metered) since:7d'
    >>> compose("gate OR storm", {"access": []})
    'gate OR storm'
    """
    parts = []
    for name, values in chosen.items():
        fields = [f'{name}:"{value}"' if " " in value else f"{name}:{value}" for value in values]
        if fields:
            parts.append(fields[0] if len(fields) == 1 else f"({' OR '.join(fields)})")
    return " ".join(([f"({words})"] if parts and words else [words] * bool(words)) + parts)


def _chosen(request: Request, name: str) -> list[str]:
    """The values of a filter, without marks that would end them in a query."""
    values = (value.strip() for value in request.args.getlist(name))
    return [value for value in values if value and not set(value) & set('"“”()')]


@dataclass(frozen=True, slots=True)
class _Wanted:
    query: str
    number: int
    now: datetime
    timezone: str
    each: bool


def _search(connection: Connection, wanted: _Wanted, limit_ms: int) -> Found:
    """On a connection of datasette, so that its bounds of time and memory hold."""
    archive = Archive("the archive", connection, ExitStack(), is_writable=False)
    try:
        with sqlite_timelimit(connection, limit_ms):
            hits = archive.search(
                wanted.query,
                now=wanted.now,
                timezone=wanted.timezone,
                limit=_MOST_ROWS + 1,
                offset=(wanted.number - 1) * _MOST_ROWS,
                each=wanted.each,
            )
            if isinstance(hits, NotUnderstood):
                return Found(problem=str(hits))
            by_article = {hit.article_id: hit for hit in hits[:_MOST_ROWS]}
            rows = find_rows(archive, list(by_article), wanted.now)
    except ArchiveError as error:
        return Found(problem=_why(error))
    return Found(tuple((row, by_article[row.article.article_id]) for row in rows), len(hits) > _MOST_ROWS)


def _why(error: ArchiveError) -> str:
    if "too long" in str(error):
        return "the search takes too long: more words, or a shorter time, find less"
    return str(error)


_SOURCES = "SELECT name, title FROM sources ORDER BY title LIMIT :limit"
_LANGUAGES = "SELECT DISTINCT language FROM sources WHERE language IS NOT NULL ORDER BY language"
