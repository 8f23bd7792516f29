"""
One pass, from sources to archive: what happens to one URL.

    Listings.begin        asks for the feeds, sitemaps and section fronts of a source
         │ Lanes.add      robots.txt first; one request after the other at the pace of the host
    _Pass._take           gives every answer to the part of the pass that it concerns
         │
    Listings.take         has a listing read by a worker (readers.read_listing)
    Visits.record         keeps its entries and its check; further sitemaps are asked for
         │
    Turns.begin           the articles that wait, from the archive: by site and host, new ones first
    Permits.permit        may this page be asked for? its host, its meter, the reader's session
         │ Lanes.add
    _Pass._take           follows a redirect, unless to a form to log in or to a spent meter
         │
    Arrivals.take         has a page read by a worker (readers.read); a 304 is noted
     ├─ Misses.take       no page came: tried again, left, or gone; `FeedTexts` keeps the feed's text
     └─ Pages.keep        a page came; all that follows is one transaction
         │                  its raw response (WARC), what its publisher wishes
         │ keep.build       the article, complete: entry, templates, lengths (judge.completion)
         │ Permits.note_page   counted on the meter, or judged as an answer to the session
         │ keep.keep        fingerprint, `decide`, and the decision carried out
    Turns.end             the next page of the site may be asked for
         ⋮
    Pictures              when all pages are here: those of the articles, where they are kept
    learn_walls           at the end: what stands behind the short texts of a source alone
    place_articles        and which stories the new articles are of

The network is asyncio, pages are read by `Readers`, and all rows are written by this one thread.
What belongs together commits together: a capture, the decision on it and the validators for the
next visit are one transaction, so that a crash at any moment loses at most the page in hand, and
the next pass asks for it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import assert_never

from archive.run.learn import learn_walls
from archive.run.passes.arrivals import Arrivals
from archive.run.passes.feed_texts import FeedTexts
from archive.run.passes.host_wishes import HostWishes
from archive.run.passes.hosts import known_rests
from archive.run.passes.listings import LISTING_KINDS, Listings
from archive.run.passes.misses import Misses
from archive.run.passes.pages import Pages
from archive.run.passes.permits import Permits
from archive.run.passes.pictures import Pictures
from archive.run.passes.state import Keeper, PassResult, PassState, Progress, keep_at_once
from archive.run.passes.subscriptions import session_of
from archive.run.passes.turns import Turns
from archive.run.readers import Readers, readers_of
from archive.run.stories import place_articles
from archive.settings import Settings
from archive.store import Archive
from archive.store.captures import CaptureWriter
from scraper.fetch.client import Client
from scraper.fetch.clock import Clock, SystemClock
from scraper.fetch.lanes import Lanes, follow
from scraper.model import (
    Disallowed,
    Failed,
    Fetched,
    NotModified,
    Outcome,
    Purpose,
    Redirected,
    Source,
    Validators,
)

__all__ = ["PassResult", "Progress", "make_pass", "run_pass"]


async def run_pass(
    archive: Archive,
    settings: Settings,
    sources: Iterable[Source],
    *,
    client: Client,
    clock: Clock,
    readers: Readers,
    random: Random | None = None,
    keep_raw: Keeper = keep_at_once,
    on_progress: Callable[[Progress], None] = lambda _: None,
    sparing: bool = False,
) -> PassResult:
    """
    Visit *sources* once: their listings, then the article pages that are new or due for another
    look.

    Args:
        keep_raw: How a raw response is written to disk.
        sparing: Listings that have been quiet for long, or want to be asked less often, are passed
            over now and then.

    Raises:
        ArchiveError: The archive cannot be written to. What the web does wrong is recorded, never
        raised.
    """
    started_at = clock.now()
    pass_id = archive.begin_pass(started_at)
    name = f"pass-{pass_id:06}-{started_at:%Y%m%dT%H%M%SZ}"
    folder, size = settings.archive.warc_folder, settings.archive.warc_bytes
    with (
        CaptureWriter(folder, name, size) as captures,
        CaptureWriter(folder, f"{name}-private", size) as private_captures,
    ):
        state = PassState(
            archive,
            settings,
            {source.name: source for source in sources},
            Lanes(client, settings.fetch, clock, random, rests=known_rests(archive.host_rests(), started_at)),
            clock,
            readers,
            captures,
            private_captures,
            keep_raw,
            on_progress,
            PassResult(pass_id),
        )
        return await _Pass(state, sparing=sparing).run()


async def make_pass(
    archive: Archive,
    settings: Settings,
    sources: Iterable[Source],
    *,
    on_progress: Callable[[Progress], None],
    sparing: bool = False,
) -> PassResult:
    """`run_pass` on the real web, with the configured worker processes."""
    archive.save_sources(settings.sources)
    clock = SystemClock()
    with readers_of(settings.passes, settings.phrases) as readers:
        async with Client(
            settings.fetch, clock=clock, cookie_folder=cookie_folder(settings), sources=settings.sources
        ) as client:
            return await run_pass(
                archive,
                settings,
                sources,
                client=client,
                clock=clock,
                readers=readers,
                keep_raw=lambda captures, *response: asyncio.to_thread(captures.write, *response),
                on_progress=on_progress,
                sparing=sparing,
            )


def cookie_folder(settings: Settings) -> Path:
    """Where the cookies lie that sites set: beside the archive, a file a site."""
    return settings.archive.database.parent / "cookies"


class _Pass:
    """Hands every answer to the part of the pass that it concerns."""

    def __init__(self, state: PassState, *, sparing: bool) -> None:
        self._state = state
        self._permits = Permits(state)
        self._wishes = HostWishes(state)
        texts = FeedTexts(state, self._wishes)
        misses = Misses(state, self._permits, texts)
        pages = Pages(state, self._permits, self._wishes, texts, misses)
        self._turns = Turns(state, self._permits, self._wishes, texts)
        self._listings = Listings(state, self._turns.begin, sparing=sparing)
        self._pictures = Pictures(state)
        self._arrivals = Arrivals(state, self._turns, misses, pages, self._follow)

    async def run(self) -> PassResult:
        for source in self._state.sources.values():
            self._listings.begin(source)
        try:
            while True:
                async for outcome in self._state.lanes:
                    await self._take(outcome)
                if reading := self._reading():
                    # A page that was read may be followed by the next one of its host, a listing by
                    # what it names.
                    done, _ = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
                    await asyncio.gather(*done)
                elif not self._pictures.ask():
                    break
        finally:
            for task in self._reading():
                task.cancel()
        learn_walls(self._state.archive)
        place_articles(self._state.archive)
        return self._state.end()

    def _reading(self) -> frozenset[asyncio.Task[None]]:
        """What is being read now."""
        return self._listings.reading.tasks | self._arrivals.reading.tasks

    async def _take(self, outcome: Outcome) -> None:
        state, request = self._state, outcome.request
        with state.archive.transaction():  # a host that wants to be left is left, whenever we are killed
            request_id = state.archive.record_request(state.result.pass_id, outcome, session_of(outcome))
            self._permits.note_answer(outcome)
        is_absent = isinstance(outcome, Failed) and outcome.is_absent
        if request.purpose is not Purpose.WISHES and not is_absent:  # most hosts have no such file: that is no failure
            state.result.outcomes[_outcome_name(outcome)] += 1
        self._wishes.note_headers(outcome, request_id)
        if isinstance(outcome, Redirected) and request.purpose is not Purpose.ROBOTS:
            lost = self._follow(outcome, request_id)
            if lost is None:
                return
            outcome = lost
            request_id = state.archive.record_request(state.result.pass_id, outcome, session_of(outcome))
        if request.purpose in LISTING_KINDS:
            await self._listings.take(outcome)
        elif request.purpose is Purpose.ARTICLE:
            await self._arrivals.take(outcome, request_id)
        elif request.purpose is Purpose.WISHES:
            self._wishes.take(outcome)
        elif request.purpose is Purpose.PICTURE:
            await self._pictures.take(outcome)
        state.tell(is_done=request.purpose not in {Purpose.ROBOTS, Purpose.WISHES})

    def _follow(self, redirected: Redirected, request_id: int) -> Failed | None:
        """
        Ask for the address that a redirect names, unless that is left for a later pass; why it
        leads nowhere.
        """
        state, request = self._state, redirected.request
        further = follow(redirected, state.settings.fetch)
        if isinstance(further, Failed):
            return further
        validators = Validators()  # bound to one URL
        self._listings.note_redirect(redirected)
        if request.purpose is Purpose.ARTICLE:
            if self._turns.is_left(redirected, further, request_id):
                state.tell()
                return None
            self._wishes.ask(further.url, state.source_of(request))
            validators = self._turns.validators(further)  # those of the target may be known
        state.lanes.add(replace(further, validators=validators))
        return None


def _outcome_name(outcome: Outcome) -> str:
    match outcome:
        case Fetched():
            return "fetched"
        case NotModified():
            return "not modified"
        case Redirected():
            return "redirected"
        case Disallowed(may_pass=True):
            return "put off"
        case Disallowed():
            return "disallowed"
        case Failed():
            return "failed"
        case _:
            assert_never(outcome)
