"""
The questions of programs as JSON addresses: `/-/api/search.json?q=…` and four more, on the public
view alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from sqlite3 import Connection
from typing import Any

from datasette.utils.asgi import Response

from archive.browse.context import Datasette, Request, configuration_of, zone_of
from archive.browse.pages.today import kept_comparisons
from archive.machines.answers import Asker, answer
from archive.machines.forms import answer_schema, as_form, asked_schema
from archive.machines.questions import QUESTIONS, UNTRUSTED, Asked, NotAnsweredError, read_asked
from archive.show.article_json import quoted
from archive.store import Archive
from scraper.errors import ArchiveError

_QUESTIONS = {one.name: one for one in QUESTIONS}
_OWNERS = "programs are answered from the public view alone: presswatch browse without --private"


async def answer_json(datasette: Datasette, request: Request) -> Response:
    """The answer to one question; a sentence where it has none."""
    try:
        return _json(await _ask(datasette, request))
    except NotAnsweredError as error:
        return _json({"ok": False, "error": str(error)}, 404 if error.is_missing else 400)
    except ArchiveError as error:  # it takes too long; the name of the file is nobody else's to know
        return _json({"ok": False, "error": error.problem}, 400)


async def _ask(datasette: Datasette, request: Request) -> dict[str, Any]:
    name = request.url_vars["name"]
    if configuration_of(datasette).get("private"):
        raise NotAnsweredError(_OWNERS, is_missing=True)
    if name not in _QUESTIONS:
        raise NotAnsweredError(f"there is no “{name}”; there are {', '.join(_QUESTIONS)}", is_missing=True)
    asked = read_asked(_QUESTIONS[name], _given(request))
    asker = Asker(datetime.now(UTC), str(zone_of(datasette)), kept_comparisons(datasette))
    form: dict[str, Any] = await datasette.get_database().execute_fn(
        lambda connection: _answer(connection, name, asked, asker)
    )
    return form


async def list_questions(datasette: Datasette, request: Request) -> Response:  # noqa: ARG001 - as datasette calls it
    """What may be asked, with the JSON Schema of what with, and of the answer."""
    listed = [
        {
            "name": one.name,
            "url": str(datasette.urls.path(f"/-/api/{one.name}.json")),
            "means": one.means,
            "takes": asked_schema(one),
            "answers": answer_schema(one.name),
        }
        for one in QUESTIONS
    ]
    return _json({"notice": UNTRUSTED, "questions": listed})


def _given(request: Request) -> Mapping[str, str]:
    """
    What an address asks with.

    Raises:
        NotAnsweredError: One thing is given twice.
    """
    for name in request.args:
        if len(request.args.getlist(name)) > 1:
            raise NotAnsweredError(f"“{name[:60]}” is given twice")
    return {name: request.args[name] for name in request.args}


def _answer(connection: Connection, name: str, asked: Asked, asker: Asker) -> dict[str, Any]:
    """On a connection of datasette, so that its bounds of memory hold."""
    archive = Archive("the archive", connection, ExitStack(), is_writable=False)
    return as_form(answer(archive, name, asked, asker))


def _json(form: dict[str, Any], status: int = 200) -> Response:
    return Response(quoted(form), status, content_type="application/json; charset=utf-8")
