"""Atom feeds with a title that says what is in them."""

from __future__ import annotations

import re
from typing import Any

from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Response
from datasette_atom import can_render_atom, render_atom
from markupsafe import Markup

from archive.browse.context import NOT_XML, Datasette, Request, Row


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
    """
    What datasette-atom makes of the rows; it would call every feed of a stored query by the title
    of the query.
    """
    response: Response = render_atom(  # type: ignore[no-untyped-call]
        datasette, request, sql, columns, rows, database, table, query_name, view_name, data
    )
    if query_name == "feed":
        title = await _feed_title(datasette, request.args.get("source") or "", request.args.get("q") or "")
        named = Markup("<title>{}</title>").format(NOT_XML.sub("\ufffd", title))
        response.body = re.sub(
            b"<title>.*?</title>", lambda _: str(named).encode(), response.body, count=1, flags=re.DOTALL
        )
    return response


async def _feed_title(datasette: Datasette, source: str, words: str) -> str:
    """
    What a feed is called: the archive, of which source its
    articles are, and what they are about.
    """
    parts = []
    if source.strip():
        found = await datasette.get_database().execute("SELECT title FROM sources WHERE name = ?", [source])
        row = found.first()
        parts.append(row["title"] if row else source)
    if words.strip():
        parts.append(f"“{' '.join(words.split())}”")
    return f"{datasette.metadata('title')}: {', '.join(parts) or 'latest articles'}"
