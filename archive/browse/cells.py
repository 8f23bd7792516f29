"""Cells of tables and queries as a reader wants them: links, chips, times in the reader's zone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from datasette.hookspecs import hookimpl
from markupsafe import Markup, escape

from archive.browse.context import Datasette, Row, parse_time, search_url, zone_of
from archive.judge.walls import describe_price
from archive.show.article_page import STATUS_WORDS, render_time
from scraper.model import AccessStatus

_TIME_COLUMNS = ("_at", "since", "until")


@hookimpl
def render_cell(row: Row, value: object, column: str, table: str | None, datasette: Datasette) -> Markup | None:
    """A cell of a table or a query as a reader wants it; None leaves it to datasette."""
    if isinstance(value, dict) and column in {"article_id", "of_id"}:
        return _article_link(datasette, value["value"], value["label"] or value["value"])
    if column == "amount" and isinstance(value, float) and _has_column(row, "currency"):
        return escape(describe_price(value, row["currency"]))
    if not isinstance(value, str):
        return None
    if show := _BY_COLUMN.get(column):
        return show(_Cell(row, value, column, table, datasette))
    if column.endswith(_TIME_COLUMNS) and (time := parse_time(value)):
        return render_time(time, zone_of(datasette))
    return None


class _Cell(NamedTuple):
    """A text in a table or a query, and where it stands."""

    row: Row
    value: str
    column: str
    table: str | None
    datasette: Datasette


def _headline(cell: _Cell) -> Markup | None:
    article_id = _article_id(cell.row, cell.column, cell.table)
    return None if article_id is None else _article_link(cell.datasette, article_id, cell.value)


def _status(cell: _Cell) -> Markup:
    return access_chip(cell.value)


def _site(cell: _Cell) -> Markup | None:
    if not _has_column(cell.row, "amount"):
        return None
    return Markup('<a href="{}">{}</a>').format(cell.datasette.urls.path(f"/walls/{cell.value}"), cell.value)


def _cve(cell: _Cell) -> Markup:
    return Markup('<a href="{}">{}</a>').format(search_url(cell.datasette, f"cve:{cell.value}"), cell.value)


def _also_at(cell: _Cell) -> Markup:
    return places_line(cell.datasette, cell.value)


def places_line(datasette: Datasette, also_at: str | None) -> Markup:
    """What the SQL function `also_at` tells, as a line: who was first, and where else a report is."""
    places = json.loads(also_at) if also_at else []
    links = [
        (place["is_first"], _article_link(datasette, place["article_id"], place["source"] or place["url"]))
        for place in places
    ]
    parts = [Markup("first at {}").format(link) for is_first, link in links if is_first]
    if others := [link for is_first, link in links if not is_first]:
        parts.append(Markup("also at {}").format(Markup(", ").join(others)))
    return Markup(" · ").join(parts)


def _snippet(cell: _Cell) -> Markup | None:
    return marked(cell.value, json.loads(cell.row["marks"])) if _has_column(cell.row, "marks") else None


def marked(text: str, marks: Iterable[Sequence[int]]) -> Markup:
    """
    A text with the words marked that were found.

    >>> marked("a <b> storm", [(6, 11)])
    Markup('a &lt;b&gt; <mark>storm</mark>')
    """
    parts, at = [], 0
    for begin, end in marks:
        parts += [escape(text[at:begin]), Markup("<mark>{}</mark>").format(text[begin:end])]
        at = end
    return Markup("").join([*parts, escape(text[at:])])


_BY_COLUMN: dict[str, Callable[[_Cell], Markup | None]] = {
    "headline": _headline,
    "other_headline": _headline,
    "access_status": _status,
    "site": _site,
    "cve": _cve,
    "snippet": _snippet,
    "also_at": _also_at,
}


def _has_column(row: Row, name: str) -> bool:
    return name in row.keys()  # noqa: SIM118 - a sqlite3.Row


def _article_id(row: Row, headline: str, table: str | None) -> int | None:
    """
    The article that a headline of a row belongs to.

    The plain id in a query may be of anything.
    """
    column = "other_id" if headline == "other_headline" else "id" if table == "articles" else "article_id"
    found = row[column] if column in row.keys() else None  # noqa: SIM118 - a sqlite3.Row
    found = found["value"] if isinstance(found, dict) else found
    return found if isinstance(found, int) else None


def _article_link(datasette: Datasette, article_id: int, words: object) -> Markup:
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(f"/article/{article_id}"), words)


def access_chip(status: AccessStatus | str, *, complete: bool | None = None) -> Markup:
    """The access status as a chip, with a second word where the text was cut."""
    words = STATUS_WORDS.get(status, status)
    if complete is False and status != AccessStatus.PREVIEW:
        words += ", cut short"
    return Markup('<span class="pw-chip pw-chip-{}">{}</span>').format(status, words)
