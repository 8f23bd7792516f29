"""What publishers changed in texts that we had: what was replaced first, then what was added."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from datasette.utils.asgi import Response

from archive.browse.context import Datasette, Request, html_response, page_number
from archive.judge.diff import BlockChange, ChangeKind, PieceKind, diff_words
from archive.judge.excerpts import opening, window
from archive.model import ListedArticle, StoredArticle, StoredRevision
from archive.show.article_page import find_changes
from archive.store import Archive

_MOST_ROWS = 40  # of a page: a row has several lines
# Differences of one revision that are shown here; its article has all of them.
_MOST_SHOWN = 5
# Of what was kept, so many characters are shown on each side of a difference; of a paragraph that
# was added or taken away, so many.
_AROUND, _LONGEST = 60, 500


@dataclass(frozen=True, slots=True)
class Changed:
    """One revision of an article. *pieces*: of each difference, words with what became of them."""

    article: ListedArticle
    revision: StoredRevision
    pieces: tuple[tuple[tuple[PieceKind, str], ...], ...]
    more: int
    replaces: bool


async def changes_page(datasette: Datasette, request: Request) -> Response:
    """The latest changes."""
    number = page_number(request)
    page = await asyncio.to_thread(_read, datasette.get_database().path, datetime.now(UTC), number)
    return html_response(await datasette.render_template("changes.html", page, request=request, view_name="changes"))


def _read(path: str, now: datetime, number: int) -> dict[str, Any]:
    with Archive.open(path, write=False) as archive:
        latest = archive.latest_changes(now, limit=_MOST_ROWS + 1, offset=(number - 1) * _MOST_ROWS)
        shown = latest[:_MOST_ROWS]
        ids = list(dict.fromkeys(article_id for article_id, _ in shown))
        listed = {one.article_id: one for one in archive.listed(ids, now)}
        stored = {one.article_id: one for one in archive.articles(ids)}
    changed = [
        change
        for article_id, version in shown
        if article_id in listed and (change := _changed(listed[article_id], stored[article_id], version))
    ]
    return {
        "now": now,
        "number": number,
        "replaced": [one for one in changed if one.replaces],
        "added": [one for one in changed if not one.replaces],
        "has_more": len(latest) > _MOST_ROWS,
    }


def _changed(article: ListedArticle, stored: StoredArticle, number: int) -> Changed | None:
    found = next((one for one in find_changes(stored) if one.revision.number == number), None)
    if found is None:
        return None
    # No more of a text is quoted than its publisher wishes, and the difference is not the begin of it.
    changes = () if stored.limits.snippet_length is not None else found.changes
    return Changed(
        article,
        found.revision,
        tuple(tuple(_pieces(one)) for one in changes[:_MOST_SHOWN]),
        max(len(changes) - _MOST_SHOWN, 0),
        any(one.kind is not ChangeKind.ADDED for one in changes),
    )


def _pieces(change: BlockChange) -> Iterable[tuple[PieceKind, str]]:
    if change.old is None or change.new is None:
        kind = PieceKind.ADDED if change.old is None else PieceKind.REMOVED
        text = change.new or change.old or ""
        return [(kind, opening(text, _LONGEST))]
    return _shortened(diff_words(change.old, change.new))


def _shortened(pieces: tuple[tuple[PieceKind, str], ...]) -> Iterator[tuple[PieceKind, str]]:
    """The pieces, with as much of what was kept as tells where they stand."""
    last = len(pieces) - 1
    for number, (kind, text) in enumerate(pieces):
        if kind is not PieceKind.KEPT or len(text) <= 2 * _AROUND:
            yield kind, text
            continue
        before = text[slice(*window(text, 0, _AROUND))] if number > 0 else ""
        after = text[slice(*window(text, len(text) - _AROUND, len(text)))] if number < last else ""
        yield kind, f"{before} … {after}"
