"""An article page came, or did not: it is read beside others, or followed where it leads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import assert_never

from archive.run.passes.misses import Misses, answer_of_miss
from archive.run.passes.pages import Pages, ReadPage, is_shell
from archive.run.passes.state import PassState, Reading
from archive.run.passes.turns import MoveAnswer, Turns
from scraper.errors import PageError
from scraper.model import (
    NO_ARTICLES,
    Article,
    Disallowed,
    Failed,
    Fetched,
    FetchRequest,
    NotModified,
    Outcome,
    Redirected,
)
from scraper.read.document import Document
from scraper.read.facts.other_pages import find_refresh
from scraper.urls import url_key

# Pages that wait for a worker or are being read: enough for the workers of most machines; more
# would only fill memory.
_MOST_READING = 16


class Arrivals:
    """
    Takes what came of the requests for article pages, and ends their turns.

    Args:
        follow: Asks for the target of a redirect; gives why that is not done, if it is not.
    """

    def __init__(
        self,
        state: PassState,
        turns: Turns,
        misses: Misses,
        pages: Pages,
        follow: Callable[[Redirected, int], Failed | None],
    ) -> None:
        self._state = state
        self._turns = turns
        self._misses = misses
        self._pages = pages
        self._follow = follow
        self.reading = Reading(_MOST_READING)

    async def take(self, outcome: Outcome, request_id: int) -> None:
        """Carry out what an answer means; a page that came is read in the background."""
        found_url = outcome.request.found_url
        match outcome:
            case Fetched():
                await self.reading.begin(lambda: self._read(outcome, request_id))
            case NotModified():
                self._note_unchanged(outcome)
                self._end_turn(found_url)
            case Disallowed() | Failed():
                self._misses.take(outcome, self._turns.moved_from(found_url))
                self._end_turn(found_url, answer_of_miss(outcome))
            case Redirected():  # followed before it comes here
                pass
            case _:
                assert_never(outcome)

    def _note_unchanged(self, outcome: NotModified) -> None:
        archive, found_url = self._state.archive, outcome.request.found_url
        with archive.transaction():
            archive.mark_fetched(found_url, outcome.at, is_whole=False)
            archive.save_validators(outcome.request.url, outcome.validators)
            archive.mark_seen(found_url, outcome.at)

    def _end_turn(self, found_url: str, answer: MoveAnswer = MoveAnswer.STAYS) -> None:
        if self._turns.moved_from(found_url) is not None:
            self._turns.settle_move(found_url, answer)
        self._turns.end(found_url)

    async def _read(self, fetched: Fetched, request_id: int) -> None:
        """Read one page and keep what is decided on it; or go where the page leads."""
        request, source = fetched.request, self._state.source_of(fetched.request)
        content_type = fetched.headers.get("content-type")
        job = Document(fetched.body, request.url, content_type, fetched.status, source.selectors, fetched.at)
        page, fault = await self._page_of(job)
        if (page is None or fault or is_shell(page)) and (target := find_refresh(job.body, job.url, content_type)):
            leads_on = Redirected(request, fetched.at, fetched.status, target, fetched.elapsed)
            lost = self._follow(leads_on, request_id)
            if lost is None:
                return
            page, fault = None, fault or lost.reason
        listed_url = self._listed_url(request)
        await self._pages.keep(ReadPage(fetched, source, request_id, listed_url, page, fault))
        if listed_url != request.found_url:
            self._end_turn(request.found_url, MoveAnswer.LED_THERE)
        elif (moved := self._turns.moved_from(request.found_url)) and fault:
            # Many sites lead to their front page from where nothing is any more.
            self._state.archive.mark_failed(moved.url, fetched.at, f"its former address: {fault}")
            self._end_turn(request.found_url, MoveAnswer.NOT_NOW)
        else:
            self._end_turn(request.found_url)

    def _listed_url(self, request: FetchRequest) -> str:
        """
        Where the article of a page is listed by now: at a new address, if the one that was asked
        has led there.
        """
        moved = self._turns.moved_from(request.found_url)
        return moved.url if moved and url_key(request.url) == moved.url_key else request.found_url

    async def _page_of(self, job: Document) -> tuple[Article | None, str]:
        """What was read in a page, and why that is no article; "" where it is one."""
        try:
            page = await asyncio.wrap_future(self._state.readers.submit(job))
        except PageError as error:
            return None, f"the page cannot be read: {error.problem}"
        if page.kind in NO_ARTICLES:
            return page, f"no article, but of kind {page.kind}: {page.origins.get('kind', '')}"
        return page, ""
