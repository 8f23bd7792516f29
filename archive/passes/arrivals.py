"""An article page came, or did not: it is read, decided on and kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import assert_never

from archive.keep import complete_article, keep, known_lengths
from archive.model import Session
from archive.passes.budget import Budget
from archive.passes.host_wishes import HostWishes
from archive.passes.state import PassState
from archive.passes.subscriptions import SESSION_ENDED, Subscriptions, session_of
from archive.passes.turns import Turns
from archive.readers import ReadJob
from archive.wishes import limits_of
from scraper.errors import PageError
from scraper.fetch.cookies import sends_subscription
from scraper.model import (
    NO_ARTICLES,
    Access,
    AccessStatus,
    Article,
    Disallowed,
    Failed,
    Fetched,
    NotModified,
    Outcome,
    Redirected,
    Validators,
)
from scraper.read.access import weigh_against
from scraper.read.wishes import find_header_wishes
from scraper.urls import registrable_domain

_SIGNED_OUT = Access(
    AccessStatus.REGISTRATION,
    complete=False,
    cut_by="registration",
    explanation="The page shows that your session has ended.",
    confidence=0.9,
)
# Pages that wait for a worker or are being read; more would only fill memory.
_MOST_READING = 16


class Arrivals:
    """Takes what came of the requests for article pages; pages are read beside one another."""

    def __init__(
        self, state: PassState, turns: Turns, budget: Budget, subscriptions: Subscriptions, wishes: HostWishes
    ) -> None:
        self._state = state
        self._turns = turns
        self._budget = budget
        self._subscriptions = subscriptions
        self._wishes = wishes
        self._slots = asyncio.Semaphore(_MOST_READING)
        self.reading: set[asyncio.Task[None]] = set()

    async def take(self, outcome: Outcome, request_id: int) -> None:
        """Carry out what an answer means; a page that came is read in the background."""
        state, request = self._state, outcome.request
        found_url = request.hops[0] if request.hops else request.url
        match outcome:
            case Fetched():
                await self._slots.acquire()
                task = asyncio.create_task(self._read(outcome, found_url, request_id))
                self.reading.add(task)
                task.add_done_callback(self._read_done)
            case NotModified():
                with state.archive.transaction():
                    state.archive.mark_fetched(found_url, outcome.at)
                    state.archive.save_validators(request.url, outcome.validators)
                    state.archive.mark_seen(found_url, outcome.at)
                self._turns.end(found_url)
            case Disallowed() | Failed():
                source = state.source_of(request)
                if session_of(outcome) is Session.EXPIRED:
                    self._subscriptions.end(source)
                if not _says_nothing(outcome):
                    state.archive.mark_failed(found_url)
                state.problems.append(f"{source.title}: {request.url}: {outcome.reason}")
                self._turns.end(found_url)
            case Redirected():  # followed before it comes here
                pass
            case _:
                assert_never(outcome)

    def _read_done(self, task: asyncio.Task[None]) -> None:
        self._slots.release()
        if not task.cancelled() and task.exception() is None:
            self.reading.discard(task)

    async def _read(self, fetched: Fetched, found_url: str, request_id: int) -> None:
        """Read one page and carry out what is decided on it."""
        await self._read_page(fetched, found_url, request_id)
        self._turns.end(found_url)

    async def _read_page(self, fetched: Fetched, found_url: str, request_id: int) -> None:
        state, request = self._state, fetched.request
        source = state.source_of(request)
        job = ReadJob(fetched.body, request.url, fetched.headers.get("content-type"), fetched.status, source.selectors)
        article: Article | None = None
        page: Article | None = None
        try:
            page = await asyncio.wrap_future(state.readers.submit(job))
        except PageError as error:
            failed = Failed(request, fetched.at, f"the page cannot be read: {error.problem}", fetched.status)
        else:
            if page.kind in NO_ARTICLES:
                why = f"no article, but of kind {page.kind}: {page.origins.get('kind', '')}"
                failed = Failed(request, fetched.at, why, fetched.status)
            else:
                article = page
        is_private = sends_subscription(request)
        said = (
            *find_header_wishes(fetched.exchange.headers),
            *(page.wishes if page else ()),
            *self._wishes.of(request.url),
        )
        limits = limits_of(said, state.settings.fetch)
        captures = state.private_captures if is_private else state.captures
        location = None if limits.noarchive else captures.write(fetched.exchange)
        with state.archive.transaction():
            state.archive.note_wishes(request_id, said)
            capture_id = None
            if location is not None:
                capture_id = state.archive.save_capture(location, fetched.exchange, source.name, private=is_private)
            waits_for = None
            if page is not None:
                # The feed may show that a page was cut which does not look so.
                weighed = weigh_against(page, known_lengths(state.archive, found_url))
                waits_for = self._note_page(fetched, weighed, capture_id, request_id)
            if waits_for:
                state.leave(source, found_url, waits_for)
            if article is None and waits_for:
                return
            if article is None:
                state.archive.record_request(state.result.pass_id, failed)
                state.archive.mark_failed(found_url)
                state.problems.append(f"{source.title}: {request.url}: {failed.reason}")
                return
            if article.signed_out:
                article = replace(article, access=_SIGNED_OUT)
            article = complete_article(replace(article, wishes=said), state.archive.entry(found_url), source)
            state.result.decisions[
                keep(
                    state.archive,
                    article,
                    source=source.name,
                    found_url=found_url,
                    capture_id=capture_id,
                    now=fetched.at,
                    private=is_private,
                    limits=limits,
                    learn_templates=source.learn_templates,
                )
            ] += 1
            if waits_for:
                # The validators of a cut page would keep the whole one from coming.
                state.archive.save_validators(request.url, Validators())
            else:
                state.archive.mark_fetched(found_url, fetched.at)
                state.archive.save_validators(request.url, fetched.validators)
        state.tell(request.url, is_done=False)

    def _note_page(self, fetched: Fetched, page: Article, capture_id: int | None, request_id: int) -> str | None:
        """Count a page on its meter, or judge its session; why its article is waited for all the same, if it is."""
        request = fetched.request
        source = self._state.source_of(request)
        if sends_subscription(request):
            self._subscriptions.note_page(source, page, request_id)
            return SESSION_ENDED if self._subscriptions.has_ended(source) else None
        if not self._budget.note_page(request.url, page.access, fetched.at, capture_id):
            return None
        # One that is always cut must not close the site again and again: others go before it, and it is given up.
        self._state.archive.mark_failed(request.hops[0] if request.hops else request.url)
        return self._budget.describe(registrable_domain(request.url), fetched.at)


def _says_nothing(outcome: Disallowed | Failed) -> bool:
    """Whether a failure is none of the page's own: nothing was asked, or it was refused to a session that has ended."""
    if not isinstance(outcome, Failed):
        return False
    is_refused = outcome.status == HTTPStatus.UNAUTHORIZED and sends_subscription(outcome.request)
    return outcome.is_unasked or is_refused
