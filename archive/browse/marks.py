"""
The owner's marks in browse: what was read, stars, tags, notes. Only where the archive itself is
served (`--private`), and only by forms of our own pages.

Who may ask is nobody's secret on this machine: a page on any site can make a browser send a form
here. So each form carries a token that other sites cannot read, and a request that a browser says
comes from another site is refused even with it.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datasette.hookspecs import hookimpl
from datasette.utils.asgi import BadRequest, Forbidden, NotFound, Response

from archive.browse.context import LARGEST_ID, Datasette, Request, html_response
from archive.browse.owner import state_of
from archive.model import MarkKind
from archive.store import Archive
from archive.store.state import State

_PATH = re.compile(r"/article/\d{1,19}/marks|/marks/(undo|import)")
# A page of ours, to go back to.
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]{0,4000}")
# What a button says: the kind of mark, and whether it is put or taken.
_ACTIONS = {
    "read": (MarkKind.READ, True),
    "unread": (MarkKind.READ, False),
    "star": (MarkKind.STAR, True),
    "unstar": (MarkKind.STAR, False),
    "tag": (MarkKind.TAG, True),
    "untag": (MarkKind.TAG, False),
    "note": (MarkKind.NOTE, True),
    "follow": (MarkKind.FOLLOW, True),
    "unfollow": (MarkKind.FOLLOW, False),
}
# What the page of an article says by itself.
_OPENED = "open"


def token_of(datasette: Datasette) -> str:
    """What every form of this process carries."""
    if not hasattr(datasette, "presswatch_token"):
        datasette.presswatch_token = secrets.token_urlsafe(32)
    token: str = datasette.presswatch_token
    return token


def make_state(datasette: Datasette) -> None:
    """Make the file where it is missing, so that connections find it."""
    if path := state_of(datasette):
        with State.open(path):
            pass


@hookimpl
def skip_csrf(scope: dict[str, Any]) -> bool | None:
    """Our forms have a token of their own: datasette's lets every request pass that has no cookie."""
    return True if _PATH.fullmatch(scope["path"]) else None


async def mark_article(datasette: Datasette, request: Request) -> Response:
    """Put a mark on an article, or take it back; then the page that the form was on."""
    form = await _form(datasette, request)
    action = form.get("do", "")
    kind, on = (MarkKind.READ, True) if action == _OPENED else _ACTIONS.get(action, (None, False))
    article_id = int(request.url_vars["article_id"])
    path = state_of(datasette)
    archive_path = datasette.get_database().path
    keys = await asyncio.to_thread(_keys, archive_path, article_id, action) if article_id <= LARGEST_ID else ()
    if kind is None or not keys or path is None:
        raise NotFound(f"There is nothing to mark at article {article_id}")
    if action == _OPENED:
        await asyncio.to_thread(_note_opened, path, keys[0])
    else:
        await asyncio.to_thread(_mark, path, keys, kind, form.get("value", ""), on)
    return _back(datasette, form, f"/article/{article_id}", f"#article-{article_id}")


async def undo_mark(datasette: Datasette, request: Request) -> Response:
    """Take the latest step back."""
    form = await _form(datasette, request)
    path = state_of(datasette)
    if path is not None:
        await asyncio.to_thread(_undo, path)
    return _back(datasette, form, "/marks")


async def import_marks(datasette: Datasette, request: Request) -> Response:
    """Add the marks of an export."""
    form = await _form(datasette, request)
    path = state_of(datasette)
    if path is not None:
        await asyncio.to_thread(_take_in, path, form.get("lines", ""))
    return _back(datasette, form, "/marks")


async def export_marks(datasette: Datasette, request: Request) -> Response:  # noqa: ARG001 - as datasette calls it
    """All marks, a JSON object a line; NotFound where not the archive itself is served."""
    path = state_of(datasette)
    if path is None:
        raise NotFound("Marks are the owner's: presswatch browse --private")
    text = await asyncio.to_thread(_export, path)
    headers = {"content-disposition": 'attachment; filename="presswatch-marks.jsonl"'}
    return Response(text, headers=headers, content_type="application/jsonl; charset=utf-8")


async def marks_page(datasette: Datasette, request: Request) -> Response:
    """What can be done with all marks together."""
    if state_of(datasette) is None:
        raise NotFound("Marks are the owner's: presswatch browse --private")
    return html_response(await datasette.render_template("marks.html", {}, request=request, view_name="marks"))


async def _form(datasette: Datasette, request: Request) -> dict[str, str]:
    """The fields of a form of ours; NotFound and Forbidden for others."""
    if request.method != "POST" or state_of(datasette) is None:
        raise NotFound("Marks are the owner's: presswatch browse --private")
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("This form is on another site")
    try:
        form: dict[str, str] = dict(await request.post_vars())
    except UnicodeDecodeError as error:
        raise BadRequest("This form is not in UTF-8") from error
    if not secrets.compare_digest(form.get("token", "").encode(), token_of(datasette).encode()):
        raise Forbidden("This form was made before presswatch browse was started: go back and load the page again")
    return form


def _back(datasette: Datasette, form: dict[str, str], otherwise: str, row: str = "") -> Response:
    """*row*: where on a page that lists it; others know no such place, and are shown from their top."""
    wanted = form.get("back", "")
    target = wanted if _LOCAL.fullmatch(wanted) else datasette.urls.path(otherwise)
    return Response("", 303, headers={"location": f"{target}{row}"})


def _mark(path: Path, keys: tuple[str, ...], kind: MarkKind, value: str, on: bool) -> None:  # noqa: FBT001 - as a button says
    with State.open(path) as state:
        state.set_all(keys, kind, [value], datetime.now(UTC), on=on)


def _note_opened(path: Path, key: str) -> None:
    with State.open(path) as state:
        state.note_opened(key, datetime.now(UTC))


def _undo(path: Path) -> None:
    with State.open(path) as state:
        state.undo()


def _take_in(path: Path, lines: str) -> None:
    with State.open(path) as state:
        state.take_in(lines.split("\n"))  # a note may have other ends of lines


def _export(path: Path) -> str:
    with State.open(path) as state:
        return "".join(f"{line}\n" for line in state.export())


def _keys(path: str, article_id: int, action: str) -> tuple[str, ...]:
    """By which URL keys an article is marked: of a story that was followed, those by which it was."""
    with Archive.open(path, write=False) as archive:
        found = archive.listed([article_id], datetime.now(UTC))
        keys = tuple(one.url_key for one in found)
        return archive.followed_by(keys) or keys if action == "unfollow" else keys
