"""
One pass, from sources to archive.

    due sources ─► Lanes ─► feeds, sitemaps, index pages ─► entries ─┐
                     ▲                                               │
                     └──────────────── article pages ◄───────────────┘
                                            │
                              WARC ◄── read (workers) ──► decide ──► archive

The network is asyncio, pages are read by `Readers`, and all rows are written by this one
thread. What belongs together commits together: a capture, the decision on it and the
validators for the next visit are one transaction, so that a crash at any moment loses at most
the page in hand, and the next pass asks for it again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import assert_never

from archive.captures import CaptureWriter
from archive.dedup import decide, fingerprint
from archive.model import Add, Decision, Duplicate, Revise, Unchanged
from archive.readers import Readers, ReadJob, readers_of
from archive.store import Archive
from scraper.discover.checks import CheckVerdict, EarlierChecks, Visit, judge_check
from scraper.discover.feeds import parse_feed
from scraper.discover.index_pages import parse_index_page
from scraper.discover.sitemaps import parse_sitemap
from scraper.errors import PageError, ParseError
from scraper.fetch.client import Client
from scraper.fetch.clock import Clock, SystemClock
from scraper.fetch.lanes import Lanes, follow
from scraper.model import (
    Article,
    CheckOutcome,
    Disallowed,
    Entry,
    Failed,
    Fetched,
    FetchRequest,
    Listing,
    ListingKind,
    NotModified,
    Outcome,
    Purpose,
    Redirected,
    Source,
    Validators,
)
from scraper.settings import Settings

_KINDS = {
    Purpose.FEED: ListingKind.FEED,
    Purpose.SITEMAP: ListingKind.SITEMAP,
    Purpose.INDEX_PAGE: ListingKind.INDEX_PAGE,
}
# Further sitemaps and section pages followed from one source in one pass.
_MOST_FURTHER = 25
# Pages that wait for a worker or are being read; more would only fill memory.
_MOST_READING = 16


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass is. *known* grows while listings are read."""

    done: int
    known: int
    added: int
    revised: int
    failed: int
    now_at: str


@dataclass(frozen=True, slots=True)
class PassResult:
    """
    What a pass did.

    Args:
        decisions: How often each decision was taken: "add", "duplicate", "revise", "unchanged".
        outcomes: How often each outcome of a request came: "fetched", "not modified" …
        checks: What came of each visit to a listing.
        problems: What went wrong, a sentence each, for the reader.
    """

    pass_id: int
    decisions: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    problems: tuple[str, ...] = ()


async def run_pass(
    archive: Archive,
    settings: Settings,
    sources: Iterable[Source],
    *,
    client: Client,
    clock: Clock,
    readers: Readers,
    random: Random | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> PassResult:
    """
    Visit *sources* once: their listings, then the article pages that are new or due for another look.

    Raises:
        ArchiveError: The archive cannot be written to. What the web does wrong is recorded, never raised.
    """
    started_at = clock.now()
    pass_id = archive.begin_pass(started_at)
    name = f"pass-{pass_id:06}-{started_at:%Y%m%dT%H%M%SZ}"
    lanes = Lanes(client, settings.fetch, clock, random)
    with CaptureWriter(settings.archive.warc_folder, name, settings.archive.warc_bytes) as captures:
        one = _Pass(
            archive,
            settings,
            {source.name: source for source in sources},
            lanes,
            clock,
            readers,
            captures,
            pass_id,
            on_progress,
        )
        return await one.run()


async def make_pass(
    archive: Archive, settings: Settings, sources: Iterable[Source], *, on_progress: Callable[[Progress], None]
) -> PassResult:
    """`run_pass` on the real web, with the configured worker processes."""
    archive.save_sources(settings.sources)
    clock = SystemClock()
    with readers_of(settings.passes) as readers:
        async with Client(settings.fetch, clock=clock) as client:
            return await run_pass(
                archive, settings, sources, client=client, clock=clock, readers=readers, on_progress=on_progress
            )


class _Pass:
    """The state of one pass."""

    def __init__(
        self,
        archive: Archive,
        settings: Settings,
        sources: dict[str, Source],
        lanes: Lanes,
        clock: Clock,
        readers: Readers,
        captures: CaptureWriter,
        pass_id: int,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self.archive = archive
        self.settings = settings
        self.sources = sources
        self.lanes = lanes
        self.clock = clock
        self.readers = readers
        self.captures = captures
        self.on_progress = on_progress
        self.result = PassResult(pass_id)
        self.problems: list[str] = []
        # Listings of each source that were asked for and not answered yet; then its articles are asked for.
        self.open_listings: Counter[str] = Counter()
        self.further: dict[str, set[str]] = {}
        self.reading: set[asyncio.Task[None]] = set()
        self.reading_slots = asyncio.Semaphore(_MOST_READING)
        self.done = self.known = 0

    async def run(self) -> PassResult:
        for source in self.sources.values():
            self._ask_for_listings(source)
        try:
            async for outcome in self.lanes:
                await self._take(outcome)
            await asyncio.gather(*self.reading)
        finally:
            for task in self.reading:
                task.cancel()
        decisions = self.result.decisions
        self.archive.finish_pass(
            self.result.pass_id,
            self.clock.now(),
            added_count=decisions["add"] + decisions["duplicate"],
            revised_count=decisions["revise"],
        )
        return replace(self.result, problems=tuple(self.problems))

    # ------------------------------------------------------------ outcomes

    async def _take(self, outcome: Outcome) -> None:
        request = outcome.request
        self.archive.record_request(self.result.pass_id, outcome)
        self.result.outcomes[_outcome_name(outcome)] += 1
        if isinstance(outcome, Redirected) and request.purpose is not Purpose.ROBOTS:
            further = follow(outcome, self.settings.fetch)
            if isinstance(further, FetchRequest):
                # Validators are bound to one URL: those of the target may be known.
                self.lanes.add(replace(further, validators=self._validators(further)))
                return
            outcome = further
            self.archive.record_request(self.result.pass_id, outcome)
        if request.purpose in _KINDS:
            self._take_listing(outcome)
        elif request.purpose is Purpose.ARTICLE:
            await self._take_article(outcome)
        self._tell(request.url, is_done=request.purpose is not Purpose.ROBOTS)

    def _validators(self, request: FetchRequest) -> Validators:
        if request.purpose is Purpose.ARTICLE:
            return self.archive.validators_for(request.url)
        return Validators()

    def _tell(self, url: str, *, is_done: bool = True) -> None:
        self.done += is_done
        decisions = self.result.decisions
        self.on_progress(
            Progress(
                self.done,
                max(self.known, self.done),
                decisions["add"] + decisions["duplicate"],
                decisions["revise"],
                self.result.outcomes["failed"],
                url,
            )
        )

    # ------------------------------------------------------------ listings

    def _ask_for_listings(self, source: Source) -> None:
        self.further[source.name] = set()
        listings = [
            *((Purpose.FEED, url) for url in source.feeds),
            *((Purpose.SITEMAP, url) for url in source.sitemaps),
            *((Purpose.INDEX_PAGE, url) for url in source.index_pages),
        ]
        for purpose, url in listings:
            self._ask_for_listing(source, purpose, url)
        if not listings:
            self._ask_for_articles(source)

    def _ask_for_listing(self, source: Source, purpose: Purpose, url: str) -> None:
        last = self.archive.last_check(url)
        self.open_listings[source.name] += 1
        self.known += 1
        self.lanes.add(
            FetchRequest(
                url,
                purpose,
                source=source.name,
                validators=last.validators if last else Validators(),
                cookies_file=source.cookies_file,
                pace=source.pace,
            )
        )

    def _take_listing(self, outcome: Outcome) -> None:
        request = outcome.request
        source = self.sources[request.source or ""]
        url = request.hops[0] if request.hops else request.url
        visit = _read_listing(outcome) if isinstance(outcome, Fetched) else outcome
        validators = (
            outcome.validators if isinstance(outcome, Fetched | NotModified) and not request.hops else Validators()
        )
        entries = visit.entries if isinstance(visit, Listing) else ()
        with self.archive.transaction():
            last = self.archive.last_check(url)
            verdict = judge_check(visit, EarlierChecks(last.validated, last.had_entries) if last else EarlierChecks())
            new = self.archive.record_entries(source.name, entries, outcome.at)
            self.archive.record_check(
                source.name,
                url,
                _KINDS[request.purpose],
                outcome.at,
                verdict.outcome,
                detail=verdict.detail,
                entry_count=len(entries),
                new_count=len(new),
                validators=validators,
            )
        self._note_check(source, url, verdict)
        if isinstance(visit, Listing):
            self._ask_for_further(source, request.purpose, visit)
        self.open_listings[source.name] -= 1
        if not self.open_listings[source.name]:
            self._ask_for_articles(source)

    def _note_check(self, source: Source, url: str, verdict: CheckVerdict) -> None:
        self.result.checks[verdict.outcome.value] += 1
        if verdict.outcome not in {CheckOutcome.FOUND, CheckOutcome.UNCHANGED, CheckOutcome.EMPTY}:
            self.problems.append(f"{source.title}: {url}: {verdict.outcome.value} ({verdict.detail})")

    def _ask_for_further(self, source: Source, purpose: Purpose, listing: Listing) -> None:
        """Sitemaps of an index and next pages of a section front, each once and not without end."""
        seen = self.further[source.name]
        configured = {*source.feeds, *source.sitemaps, *source.index_pages}
        for url in listing.further:
            if len(seen) >= _MOST_FURTHER:
                break
            if url not in seen and url not in configured:
                seen.add(url)
                self._ask_for_listing(source, purpose, url)

    # ------------------------------------------------------------ articles

    def _ask_for_articles(self, source: Source) -> None:
        passes = self.settings.passes
        wanted = self.archive.articles_to_fetch(
            source.name,
            self.clock.now(),
            limit=passes.articles_per_source,
            recheck_for=passes.recheck_for,
            oldest=passes.oldest_entry,
        )
        for article in wanted:
            self.known += 1
            self.lanes.add(
                FetchRequest(
                    article.url,
                    Purpose.ARTICLE,
                    source=source.name,
                    validators=article.validators,
                    cookies_file=source.cookies_file,
                    pace=source.pace,
                )
            )

    async def _take_article(self, outcome: Outcome) -> None:
        request = outcome.request
        found_url = request.hops[0] if request.hops else request.url
        match outcome:
            case Fetched():
                await self.reading_slots.acquire()
                task = asyncio.create_task(self._read(outcome, found_url))
                self.reading.add(task)
                task.add_done_callback(self._read_done)
            case NotModified():
                with self.archive.transaction():
                    self.archive.mark_fetched(found_url, outcome.at)
                    self.archive.save_validators(request.url, outcome.validators)
                    self.archive.mark_seen(found_url, outcome.at)
            case Disallowed() | Failed():
                self.archive.mark_failed(found_url)
                self.problems.append(f"{self._title(request.source)}: {request.url}: {outcome.reason}")
            case Redirected():  # followed in `_take`
                pass
            case _:
                assert_never(outcome)

    def _read_done(self, task: asyncio.Task[None]) -> None:
        self.reading_slots.release()
        if not task.cancelled() and task.exception() is None:
            self.reading.discard(task)

    async def _read(self, fetched: Fetched, found_url: str) -> None:
        """Read one page and carry out what is decided on it."""
        request = fetched.request
        source = self.sources[request.source or ""]
        job = ReadJob(fetched.body, request.url, fetched.headers.get("content-type"), fetched.status, source.selectors)
        try:
            article = await asyncio.wrap_future(self.readers.submit(job))
        except PageError as error:
            article = None
            failed = Failed(request, fetched.at, f"the page cannot be read: {error.problem}", fetched.status)
        location = self.captures.write(fetched.exchange)
        with self.archive.transaction():
            capture_id = self.archive.save_capture(location, fetched.exchange, request.source)
            if article is None:
                self.archive.record_request(self.result.pass_id, failed)
                self.archive.mark_failed(found_url)
                self.problems.append(f"{source.title}: {request.url}: {failed.reason}")
                return
            article = complete_article(article, self.archive.entry(found_url), source)
            self.result.decisions[
                keep(
                    self.archive,
                    article,
                    source=source.name,
                    found_url=found_url,
                    capture_id=capture_id,
                    now=fetched.at,
                )
            ] += 1
            self.archive.mark_fetched(found_url, fetched.at)
            self.archive.save_validators(request.url, fetched.validators)
        self._tell(request.url, is_done=False)

    def _title(self, source: str | None) -> str:
        return self.sources[source].title if source in self.sources else "?"


def keep(
    archive: Archive, article: Article, *, source: str | None, found_url: str, capture_id: int | None, now: datetime
) -> str:
    """Decide on an article and carry the decision out; gives the decision's name."""
    keys = fingerprint(article)
    decision = decide(article, archive.known_for(article, keys.shingles, keys.body_digest, found_url=found_url))
    archive.apply(
        decision,
        source=source,
        found_url=found_url,
        shingles=keys.shingles,
        body_digest=keys.body_digest,
        now=now,
        capture_id=capture_id,
    )
    return _decision_name(decision)


def complete_article(article: Article, entry: Entry | None, source: Source | None) -> Article:
    """The article with what its page does not tell and its entry or source does; each value says so in `origins`."""
    known = entry or Entry(article.url)
    offered: dict[str, object] = {
        "headline": known.title,
        "authors": known.authors,
        "published_at": known.published_at,
        "tags": known.categories,
    }
    found = {name: value for name, value in offered.items() if value and not getattr(article, name)}
    if "published_at" in found:
        found["published_raw"] = known.published_raw
    origins = {**article.origins, **dict.fromkeys(found, "entry")}
    if source is not None and source.language and not article.language:
        found["language"] = source.language
        origins["language"] = "source"
    return replace(article, **found, origins=origins) if found else article  # type: ignore[arg-type]


def _read_listing(fetched: Fetched) -> Visit:
    url, media_type = fetched.request.url, fetched.headers.get("content-type")
    try:
        match fetched.request.purpose:
            case Purpose.FEED:
                return parse_feed(fetched.body, url, media_type)
            case Purpose.SITEMAP:
                return parse_sitemap(fetched.body, url)
            case _:
                return parse_index_page(fetched.body, url, media_type)
    except ParseError as error:
        return error


def _outcome_name(outcome: Outcome) -> str:
    match outcome:
        case Fetched():
            return "fetched"
        case NotModified():
            return "not modified"
        case Redirected():
            return "redirected"
        case Disallowed():
            return "disallowed"
        case Failed():
            return "failed"
        case _:
            assert_never(outcome)


def _decision_name(decision: Decision) -> str:
    match decision:
        case Add():
            return "add"
        case Duplicate():
            return "duplicate"
        case Revise():
            return "revise"
        case Unchanged():
            return "unchanged"
        case _:
            assert_never(decision)
