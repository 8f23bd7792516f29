"""The newsroom: the articles of today, counts, and how the sources do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from datasette.hookspecs import hookimpl

from archive.browse.context import Datasette, parse_time
from archive.model import SourceHealth, Statistics
from archive.store import Archive


@hookimpl
def extra_template_vars(template: str, datasette: Datasette) -> Callable[[], Any] | None:
    """
    The front page has its articles, counts and the health of the sources beside what datasette
    gives it.
    """
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
    rows = [dict(row) for row in (await database.execute(query["sql"], {"all": ""})).rows]
    for row in rows:
        row["published_at"] = parse_time(row["published_at"])
    return rows
