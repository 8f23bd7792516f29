"""An article page came, or did not: it is read, decided on and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import assert_never

from archive.judge.wishes import keeps_raw, limits_of
from archive.model import ArticleToFetch, CaptureLocation, Session
from archive.run.keep import access_of_feed, complete_article, keep, known_lengths
from archive.run.passes.budget import Budget
from archive.run.passes.feed_texts import FeedTexts
from archive.run.passes.host_wishes import HostWishes
from archive.run.passes.state import PassState
from archive.run.passes.subscriptions import SESSION_ENDED, Subscriptions, session_of
from archive.run.passes.turns import MoveAnswer, Turns
from archive.run.readers import ReadJob
from archive.store.captures import CaptureWriter, payload_digest
from scraper.errors import PageError
from scraper.fetch.cookies import sends_subscription
from scraper.model import (
    NO_ARTICLES,
    Access,
    AccessStatus,
    Article,
    Disallowed,
    Evidence,
    Failed,
    Fetched,
    NotModified,
    Outcome,
    RawExchange,
    Redirected,
    Source,
    Validators,
)
from scraper.read.access.judge import weigh_against
from scraper.read.facts.wishes import find_header_wishes
from scraper.read.page.refresh import find_refresh
from scraper.text import count_words
from scraper.urls import registrable_domain, url_key

_SIGNED_OUT = Access(
    AccessStatus.REGISTRATION,
    complete=False,
    cut_by="registration",
    explanation="The page shows that your session has ended.",
    confidence=0.9,
)
# Refusals of a page behind which the feed's text is kept at once: it may not come for long, or ever.
_REFUSED = frozenset({401, 402, 403, 410, 451})
_NOT_THERE = frozenset({404, 410})
# So long a page is not asked for that robots.txt closes.
_DISALLOWED_FOR = timedelta(days=1)
# A page with fewer words than this has no text worth the name.
_SHELL_WORDS = 50
# Pages that wait for a worker or are being read; more would only fill memory.
_MOST_READING = 16


class Arrivals:
    """
    Takes what came of the requests for article pages; pages are read beside one another.

    Args:
        follow: Asks for the target of a redirect; why that is not done, if it is not.
    """

    def __init__(
        self,
        state: PassState,
        turns: Turns,
        budget: Budget,
        subscriptions: Subscriptions,
        wishes: HostWishes,
        texts: FeedTexts,
        follow: Callable[[Redirected, int], Failed | None],
    ) -> None:
        self._state = state
        self._turns = turns
        self._budget = budget
        self._subscriptions = subscriptions
        self._wishes = wishes
        self._texts = texts
        self._follow = follow
        self._slots = asyncio.Semaphore(_MOST_READING)
        self._writing = asyncio.Lock()
        self.reading: set[asyncio.Task[None]] = set()

    async def take(self, outcome: Outcome, request_id: int) -> None:
        """Carry out what an answer means; a page that came is read in the background."""
        found_url = outcome.request.found_url
        match outcome:
            case Fetched():
                await self._slots.acquire()
                task = asyncio.create_task(self._read(outcome, found_url, request_id))
                self.reading.add(task)
                task.add_done_callback(self._read_done)
            case NotModified():
                archive = self._state.archive
                with archive.transaction():
                    archive.mark_fetched(found_url, outcome.at, is_whole=False)
                    archive.save_validators(outcome.request.url, outcome.validators)
                    archive.mark_seen(found_url, outcome.at)
                self._end_turn(found_url)
            case Disallowed() | Failed():
                self._miss(outcome, found_url)
                self._end_turn(found_url, _answer_of_miss(outcome))
            case Redirected():  # followed before it comes here
                pass
            case _:
                assert_never(outcome)

    def _end_turn(self, found_url: str, answer: MoveAnswer = MoveAnswer.STAYS) -> None:
        if self._turns.moved_from(found_url) is not None:
            self._turns.settle_move(found_url, answer)
        self._turns.end(found_url)

    # ------------------------------------------------------------ a page that did not come

    def _miss(self, outcome: Disallowed | Failed, found_url: str) -> None:
        """No page came: it is asked for again later, left, or gone; what the feed carried of it is kept."""
        state, source = self._state, self._state.source_of(outcome.request)
        if session_of(outcome) is Session.EXPIRED:
            self._subscriptions.end(source)
        moved = self._turns.moved_from(found_url)
        is_unasked = outcome.may_pass if isinstance(outcome, Disallowed) else outcome.is_unasked
        if is_unasked:
            state.leave(source, moved.url if moved else found_url, outcome.reason)
        elif _is_refused_session(outcome):
            state.problems.append(f"{source.title}: {outcome.request.url}: {outcome.reason}")
        elif moved is not None:  # a question about an address that may be of the past
            if _answer_of_miss(outcome) is MoveAnswer.NOT_NOW:
                state.archive.mark_failed(moved.url, outcome.at, outcome.reason)
        else:
            self._note_miss(outcome, source, found_url)

    def _note_miss(self, missed: Disallowed | Failed, source: Source, found_url: str) -> None:
        """Record that a page did not come through a fault, or a wish, of its own."""
        archive, status = self._state.archive, missed.status if isinstance(missed, Failed) else None
        with archive.transaction():
            is_final = True
            if isinstance(missed, Disallowed):
                archive.put_off(found_url, missed.at + _DISALLOWED_FOR, missed.reason)
            elif status == HTTPStatus.GONE:
                archive.retire(found_url, missed.at, missed.reason)
            else:
                is_final = archive.mark_failed(found_url, missed.at, missed.reason)
            is_refused = isinstance(missed, Disallowed) or status in _REFUSED
            is_kept = (is_final or is_refused or archive.has_failed_often(found_url)) and self._texts.keep(
                source, found_url, _access_of_miss(missed)
            )
        ending = "; the feed's text is kept" if is_kept else "; given up" if is_final and status is not None else ""
        self._state.problems.append(f"{source.title}: {missed.request.url}: {missed.reason}{ending}")

    # ------------------------------------------------------------ a page that came

    def _read_done(self, task: asyncio.Task[None]) -> None:
        self._slots.release()
        if not task.cancelled() and task.exception() is None:
            self.reading.discard(task)

    async def _read(self, fetched: Fetched, found_url: str, request_id: int) -> None:
        """Read one page and carry out what is decided on it; or go where it leads."""
        source = self._state.source_of(fetched.request)
        job = ReadJob(
            fetched.body,
            fetched.request.url,
            fetched.headers.get("content-type"),
            fetched.status,
            source.selectors,
        )
        page: Article | None = None
        fault = None
        try:
            page = await asyncio.wrap_future(self._state.readers.submit(job))
        except PageError as error:
            fault = f"the page cannot be read: {error.problem}"
        else:
            if page.kind in NO_ARTICLES:
                fault = f"no article, but of kind {page.kind}: {page.origins.get('kind', '')}"
        if (fault or _is_shell(page)) and (target := find_refresh(job.body, job.url, job.content_type)):
            leads_on = Redirected(fetched.request, fetched.at, fetched.status, target, fetched.elapsed)
            lost = self._follow(leads_on, request_id)
            if lost is None:
                return
            fault, page = fault or lost.reason, None
        moved = self._turns.moved_from(found_url)
        has_moved = moved is not None and url_key(job.url) == moved.url_key
        await self._keep_page(fetched, page, fault, found_url, request_id, moved if has_moved else None)
        self._end_turn(found_url, MoveAnswer.LED_THERE if has_moved else MoveAnswer.STAYS)

    async def _keep_page(
        self,
        fetched: Fetched,
        page: Article | None,
        fault: str | None,
        found_url: str,
        request_id: int,
        moved: ArticleToFetch | None,
    ) -> None:
        """
        Carry out what is decided on a page that was read.

        Args:
            page: None where it could not be read.
            fault: Why it is no article.
            moved: The entry under which the article is listed by now, if that is another one than at *found_url*.
        """
        state, request = self._state, fetched.request
        source = state.source_of(request)
        is_own_site = registrable_domain(request.url) == registrable_domain(source.home_url)
        is_private = sends_subscription(request) or (source.has_login and is_own_site)
        said = (
            *find_header_wishes(fetched.exchange.headers),
            *(page.wishes if page else ()),
            *self._wishes.of(request.url),
        )
        limits = limits_of(said, state.settings.fetch)
        is_apart = is_private or limits.noarchive
        captures = state.private_captures if is_apart else state.captures
        location = None
        if keeps_raw(limits, state.settings.archive):
            location = await self._write(captures, fetched.exchange, is_private=is_apart)
        with state.archive.transaction():
            state.archive.note_wishes(request_id, said)
            capture_id = None
            if location is not None:
                capture_id = state.archive.save_capture(location, fetched.exchange, source.name, private=is_apart)
            waits_for = None
            if page is not None:
                # The feed may show that a page was cut which does not look so.
                weighed = weigh_against(page, known_lengths(state.archive, found_url))
                waits_for = self._note_page(fetched, weighed, capture_id, request_id)
            if waits_for:
                state.leave(source, found_url, waits_for)
            if page is None or fault:
                if not waits_for:
                    failed = Failed(request, fetched.at, fault or "", fetched.status)
                    state.archive.record_request(state.result.pass_id, failed)
                    self._note_miss(failed, source, found_url)
                return
            if _is_shell(page) and self._texts.keep(source, found_url, _access_of_shell(page)):
                state.archive.mark_failed(found_url, fetched.at, "its page is an empty shell that scripts fill")
                return
            listed = moved.url if moved else found_url
            article = replace(page, access=_SIGNED_OUT) if page.signed_out else page
            article = complete_article(replace(article, wishes=said), state.archive.entry(listed), source)
            decision = keep(
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
            state.result.decisions[decision] += 1
            if waits_for:
                # The validators of a cut page would keep the whole one from coming.
                state.archive.save_validators(request.url, Validators())
            else:
                for url in dict.fromkeys((found_url, listed)):
                    state.archive.mark_fetched(url, fetched.at, is_changed=decision != "unchanged")
                state.archive.save_validators(request.url, fetched.validators)
        state.tell(request.url, is_done=False)

    async def _write(self, captures: CaptureWriter, exchange: RawExchange, *, is_private: bool) -> CaptureLocation:
        """Keep a raw response; of bytes that are kept already only that they came again."""
        digest = payload_digest(exchange.body)
        same_as = self._state.archive.capture_with(exchange, digest, private=is_private)
        async with self._writing:  # one after the other into one file
            return await self._state.keep_raw(captures, exchange, same_as)

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
        why = self._budget.describe(registrable_domain(request.url), fetched.at)
        self._state.archive.mark_failed(request.found_url, fetched.at, why, waits=False)
        return why


def _answer_of_miss(missed: Disallowed | Failed) -> MoveAnswer:
    if isinstance(missed, Failed) and missed.status in _NOT_THERE:
        return MoveAnswer.GONE
    is_closed = isinstance(missed, Disallowed) and not missed.may_pass
    return MoveAnswer.STAYS if is_closed else MoveAnswer.NOT_NOW


def _is_refused_session(outcome: Disallowed | Failed) -> bool:
    """Whether a page was refused to a session that has ended: that says nothing of the page."""
    is_refusal = isinstance(outcome, Failed) and outcome.status == HTTPStatus.UNAUTHORIZED
    return is_refusal and sends_subscription(outcome.request)


def _is_shell(page: Article | None) -> bool:
    """Whether a page has next to no text, as one that scripts fill, or that only leads on."""
    return page is not None and (page.access.cut_by == "script" or count_words(page.body) < _SHELL_WORDS)


def _access_of_miss(missed: Disallowed | Failed) -> Access:
    """What is known of the access to a page that did not come, whose text is the feed's."""
    if isinstance(missed, Disallowed):
        return access_of_feed(f"its page was not asked for, {missed.reason}")
    status = {
        HTTPStatus.UNAUTHORIZED: AccessStatus.REGISTRATION,
        HTTPStatus.PAYMENT_REQUIRED: AccessStatus.FULL_SUBSCRIBER,
    }.get(HTTPStatus(missed.status) if missed.status in _REFUSED else HTTPStatus.OK, AccessStatus.UNKNOWN)
    evidence = (
        (Evidence("http-status", str(missed.status), "http", status.value, decided=status is not AccessStatus.UNKNOWN),)
        if missed.status
        else ()
    )
    return access_of_feed(f"its page did not come, {missed.reason}", status, evidence)


def _access_of_shell(page: Article) -> Access:
    access = access_of_feed("its page shows next to no text", page.access.status, page.access.evidence)
    return replace(access, numbers=page.access.numbers, confidence=page.access.confidence)
