"""The public view is brought to the archive's latest commit before each answer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.store.public.view import PublicView
from scraper.errors import PresswatchError

_Application = Callable[..., Awaitable[None]]

# A visitor's statement that takes all the memory that SQLite may have ends after the time limit of
# datasette.
_TRIES = 40
_SECONDS_BETWEEN = 0.25


class Follower:
    """
    Follows an archive with its public view, on a thread of its own.

    Where the view cannot be brought up to date (a full disk, an archive of a newer presswatch),
    what it shows stays: that is said on standard error, once for each reason.
    """

    def __init__(self, view: Path, archive: Path) -> None:
        self._paths = view, archive
        self._view: PublicView | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="public-view")
        self._said = ""

    async def follow(self) -> None:
        """
        Bring the view to the latest commit. What was committed before this was called is in it
        afterwards.
        """
        for _ in range(_TRIES):
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._follow)
            except MemoryError:
                await asyncio.sleep(_SECONDS_BETWEEN)
            except PresswatchError as error:
                self._say(str(error))
                return
            else:
                self._said = ""
                return
        self._say("SQLite has no memory left")

    def close(self) -> None:
        """Close the view and end the thread."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _follow(self) -> None:
        if self._view is None:
            self._view = PublicView.open(*self._paths)
        self._view.follow(datetime.now(UTC))

    def _close(self) -> None:
        if self._view is not None:
            self._view.close()
            self._view = None

    def _say(self, problem: str) -> None:
        if problem != self._said:
            sys.stderr.write(f"what browse shows is not the latest: {problem}\n")
            self._said = problem


def following(application: _Application, follower: Follower) -> _Application:
    """The application, on the archive as it is when a request comes."""

    async def followed(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] == "http":
            await follower.follow()
        await application(scope, receive, send)

    return followed
