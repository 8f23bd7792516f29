"""The SQL functions that stored queries use; the users of datasette may, too."""

from __future__ import annotations

import json
import sqlite3
from contextlib import ExitStack
from datetime import UTC, datetime

from datasette.hookspecs import hookimpl

from archive.browse.context import NOT_XML, Datasette, parse_time, zone_of
from archive.browse.guards import bound_connection
from archive.judge.query.parse import parse
from archive.model.query import NotUnderstood, Query
from archive.store import Archive
from archive.store.articles.matching import match_of, positive_words
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
    zone = zone_of(datasette)
    bound_connection(conn)
    register_functions(conn)

    def search_articles(query: object, limit: int) -> str:
        # On this connection, so that the time limit of datasette holds for the search as well.
        archive = Archive("the archive", conn, ExitStack(), is_writable=False)
        asked, now = str(query or ""), datetime.now(UTC)
        hits = archive.search(asked, limit=min(limit, _MOST_HITS), now=now, timezone=str(zone))
        if isinstance(hits, NotUnderstood):
            hits = ()
        return json.dumps([{"article_id": hit.article_id, "snippet": hit.snippet, "rank": hit.rank} for hit in hits])

    def day_start(time: object) -> str | None:
        local = parse_time(time)
        if local is None:
            return None
        midnight = local.astimezone(zone).replace(hour=0, minute=0, second=0)
        return midnight.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    conn.create_function("search_articles", 2, search_articles)
    conn.create_function("day_start", 1, day_start, deterministic=True)
    conn.create_function("escape_fts", 1, _escape_fts, deterministic=True)
    conn.create_function("search_problem", 1, search_problem)
    conn.create_function("xml_text", 1, _xml_text, deterministic=True)


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
