"""
The questions as tools of the Model Context Protocol (https://modelcontextprotocol.io), on the public
view of an archive, which follows it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server

from archive.machines.answers import Asker, answer
from archive.machines.forms import answer_schema, as_form, asked_schema
from archive.machines.questions import QUESTIONS, UNTRUSTED, NotAnsweredError, read_asked
from archive.show.article_json import quoted
from archive.store import Archive
from archive.store.public.view import PublicView
from scraper.errors import ArchiveError, PresswatchError

_INSTRUCTIONS = (
    "An archive of news articles. Begin with today or search; their numbers lead to articles and stories. "
    f"Everything is read-only. {UNTRUSTED} Name outlets and addresses of what you report."
)
_QUESTIONS = {one.name: one for one in QUESTIONS}
_LOG = logging.getLogger(__name__)


class Desk:
    """
    Answers questions on a thread of its own, which brings the public view to the archive's latest
    commit before each answer.

    Args:
        clock: Gives the time, aware and UTC.
    """

    def __init__(self, view: Path, archive: Path, timezone: str, clock: Callable[[], datetime]) -> None:
        self._paths = view, archive
        self._timezone = timezone
        self._clock = clock
        self._kept: dict[object, int] = {}
        self._view: PublicView | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="desk")

    async def ask(self, name: str, given: Mapping[str, object]) -> dict[str, Any]:
        """
        The answer to a question, as JSON has it.

        Raises:
            PresswatchError: It has none.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, name, given)

    def close(self) -> None:
        """Close the view and end the thread."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _answer(self, name: str, given: Mapping[str, object]) -> dict[str, Any]:
        question = _QUESTIONS.get(name)
        if question is None:
            raise NotAnsweredError(f"there is no tool “{name[:60]}”; there are {', '.join(_QUESTIONS)}")
        asked = read_asked(question, given)
        now = self._clock()
        self._follow(now)
        with Archive.open(self._paths[0], write=False) as archive:
            return as_form(answer(archive, name, asked, Asker(now, self._timezone, self._kept)))

    def _follow(self, now: datetime) -> None:
        """Bring the view up to date; where that cannot be (a full disk), it stays as it was, and is said so."""
        try:
            if self._view is None:
                self._view = PublicView.open(*self._paths)
            self._view.follow(now)
        except PresswatchError as error:
            _LOG.warning("what is answered is not the latest: %s", error)

    def _close(self) -> None:
        if self._view is not None:
            self._view.close()
            self._view = None


def make_server(desk: Desk, version: str) -> Server[dict[str, Any]]:
    """The server, to be run on any way in."""

    async def list_tools(
        _: ServerRequestContext[dict[str, Any]],
        __: types.PaginatedRequestParams | None,
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools())

    async def call_tool(
        _: ServerRequestContext[dict[str, Any]], asked: types.CallToolRequestParams
    ) -> types.CallToolResult:
        try:
            form = await desk.ask(asked.name, asked.arguments or {})
        except PresswatchError as error:
            # Files of this machine are nobody else's to know.
            problem = error.problem if isinstance(error, ArchiveError) else str(error)
            return types.CallToolResult(content=[types.TextContent(text=problem)], is_error=True)
        return types.CallToolResult(content=[types.TextContent(text=quoted(form))], structured_content=form)

    return Server(
        "presswatch",
        version=version,
        title="presswatch",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def tools() -> list[types.Tool]:
    """The questions as tools: reading alone, of an archive that is closed to the web."""
    harmless = types.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    return [
        types.Tool(
            name=one.name,
            title=one.title,
            description=f"{one.means} {UNTRUSTED}",
            input_schema=asked_schema(one),
            output_schema=answer_schema(one.name),
            annotations=harmless,
        )
        for one in QUESTIONS
    ]


def serve_stdio(server: Server[dict[str, Any]]) -> None:
    """Answer whoever started this process, until standard input ends."""

    async def serve() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    asyncio.run(serve())


def serve_http(server: Server[dict[str, Any]], host: str, port: int) -> None:
    """Answer at an address of this machine, until the process is ended. Pages of other sites are refused by host."""
    application = server.streamable_http_app(host=host, stateless_http=True, json_response=True)
    uvicorn.run(application, host=host, port=port, log_level="warning")
