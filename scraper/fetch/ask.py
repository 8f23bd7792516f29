"""One address asked for as in a pass: robots.txt first, at the pace of its host."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from scraper.fetch.client import Client
from scraper.fetch.clock import SystemClock
from scraper.fetch.lanes import Lanes, follow
from scraper.model import FetchRequest, FetchSettings, Outcome, Purpose, Redirected, Source


@asynccontextmanager
async def opened_lanes(settings: FetchSettings, sources: Iterable[Source] = ()) -> AsyncIterator[Lanes]:
    """Lanes to ask by outside of a pass; *sources* may have headers and a login of their own."""
    clock = SystemClock()
    async with Client(settings, clock=clock, sources=tuple(sources)) as client:
        yield Lanes(client, settings, clock)


async def ask(request: FetchRequest, lanes: Lanes, settings: FetchSettings) -> Outcome:
    """
    What came of a request: the outcome of the last address that its redirects lead to.

    Args:
        lanes: With no other request in them.
    """
    lanes.add(request)
    last: Outcome | None = None
    async for outcome in lanes:
        if outcome.request.purpose is Purpose.ROBOTS:
            continue
        last = outcome
        if isinstance(outcome, Redirected):
            further = follow(outcome, settings)
            if isinstance(further, FetchRequest):
                lanes.add(further)
            else:
                last = further
    assert last is not None  # lanes answer every request
    return last
