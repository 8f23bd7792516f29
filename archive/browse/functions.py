"""The SQL functions that stored queries use; the users of datasette may, too."""

from __future__ import annotations

import json
import sqlite3
from contextlib import ExitStack
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from datasette.hookspecs import hookimpl

from archive.browse.context import NOT_XML, Datasette, configuration_of, parse_time, zone_of
from archive.browse.guards import bound_connection
from archive.judge.query.parse import parse
from archive.model import Appearance
from archive.model.query import NotUnderstood, Query
from archive.show.places import describe_places, find_first, find_others
from archive.store import Archive
from archive.store.articles.matching import match_of, positive_words
from archive.store.connection import attach_state
from archive.store.functions import register_functions

# Hits that one query gets, twice as many as the stored search shows: each costs an excerpt of its
# text.
_MOST_HITS = 200


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection, datasette: Datasette) -> None:
    """
    The functions that stored queries use; their users may, too.

    `escape_fts` takes the place of datasette's own, which the search boxes of its tables use and
    which makes a syntax error of a lone quotation mark; ours comes last, so that it stays.
    """
    if configuration_of(datasette).get("private"):
        attach_state(conn, datasette.get_database().path)
    bound_connection(conn)
    register_functions(conn)
    of_archive = _OfArchive(conn, zone_of(datasette))
    for count in (2, 3):
        conn.create_function("search_articles", count, of_archive.search_articles)
    conn.create_function("also_at", 1, of_archive.also_at)
    conn.create_function("also_in_words", 1, of_archive.also_in_words)
    conn.create_function("day_start", 1, of_archive.day_start, deterministic=True)
    conn.create_function("escape_fts", 1, _escape_fts, deterministic=True)
    conn.create_function("search_problem", 1, search_problem)
    conn.create_function("xml_text", 1, _xml_text, deterministic=True)


class _OfArchive:
    """
    Functions that ask the archive on the connection that calls them, so that the time limit of
    datasette holds for these as well; times are told in *zone*.
    """

    def __init__(self, conn: sqlite3.Connection, zone: ZoneInfo) -> None:
        self._archive = Archive("the archive", conn, ExitStack(), is_writable=False)
        self._zone = zone

    def search_articles(self, query: object, limit: int, each: object = "") -> str:
        asked, now = str(query or ""), datetime.now(UTC)
        most = min(limit, _MOST_HITS)
        hits = self._archive.search(asked, limit=most, now=now, timezone=str(self._zone), each=bool(each))
        if isinstance(hits, NotUnderstood):
            hits = ()
        told = [
            {"article_id": hit.article_id, "snippet": hit.snippet, "marks": hit.marks, "rank": hit.rank} for hit in hits
        ]
        return json.dumps(told)

    def also_at(self, article_id: int) -> str | None:
        found = self._places(article_id)
        first = find_first(article_id, found)
        told = [
            {"article_id": place.article_id, "source": place.source, "url": place.url, "is_first": place == first}
            for place in find_others(article_id, found)
        ]
        return json.dumps(told, ensure_ascii=False) if told else None

    def also_in_words(self, article_id: int) -> str:
        return describe_places(article_id, self._places(article_id), self._zone)

    def day_start(self, time: object) -> str | None:
        local = parse_time(time)
        if local is None:
            return None
        midnight = local.astimezone(self._zone).replace(hour=0, minute=0, second=0)
        return midnight.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _places(self, article_id: int) -> tuple[Appearance, ...]:
        return self._archive.appearances([article_id], datetime.now(UTC)).get(article_id, ())


def search_problem(query: object) -> str | None:
    """Why a query is not understood; None (NULL) where it is."""
    asked = parse(str(query or ""), datetime.now(UTC))
    return str(asked) if isinstance(asked, NotUnderstood) else None


def _escape_fts(query: object) -> str:
    """
    The words of a query as the full-text index takes them, folded as in a search of presswatch;
    nothing is found where there is none. A table has its own filters for the rest of the language.
    """
    asked = parse(str(query or ""), datetime.now(UTC))
    wanted = positive_words(asked.condition) if isinstance(asked, Query) else ()
    return " AND ".join(f"({match_of(words)})" for words in wanted) or '""'


def _xml_text(text: object) -> str | None:
    return None if text is None else NOT_XML.sub("\ufffd", str(text))
