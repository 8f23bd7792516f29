"""Errors as a page of ours."""

from __future__ import annotations

import json
import traceback
from collections.abc import Generator
from typing import Any

from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Base400, Response
from datasette.views.base import DatasetteError
from markupsafe import Markup

from archive.browse.context import Datasette, Request, configuration_of, html_response
from scraper.errors import PresswatchError


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Generator[None, Any, None]:
    """
    Answer an expected error (a wrong address, SQL that does not run) with its page alone; tell of
    another in short.

    Datasette's own handler prints every one of them with all local values to the terminal as soon
    as rich can be imported, which is one of our dependencies: that takes a minute, in which nobody
    is answered.
    """
    outcome = yield
    if isinstance(exception, MemoryError):
        exception = DatasetteError("The query needs more memory than one may take.", title="Too large", status=400)
    if isinstance(exception, PresswatchError) and configuration_of(datasette).get("private"):
        # What the owner is told in a terminal. It names files, which are nobody else's to know.
        exception = DatasetteError(str(exception), status=400)
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
    return html_response(await datasette.render_template("error.html", page, request=request), status)
