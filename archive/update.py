"""
One pass, from sources to archive.

    due sources ─► Lanes ─► feeds, sitemaps, index pages ─► entries ─┐
                     ▲                                               │
                     └──────── article pages ◄── whose turn is it? ◄─┘
                                            │
                              WARC ◄── read (workers) ──► decide ──► archive

The network is asyncio, pages are read by `Readers`, and all rows are written by this one
thread. What belongs together commits together: a capture, the decision on it and the
validators for the next visit are one transaction, so that a crash at any moment loses at most
the page in hand, and the next pass asks for it again.

The next page of a host is asked for when the one before it was read: only then is it known whether the site's
free articles are spent, or the reader's subscription has ended. Then the others are left for a later pass.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import assert_never

from archive.budget import Budget
from archive.captures import CaptureWriter
from archive.keep import article_of_feed, complete_article, keep, known_lengths
from archive.model import Session
from archive.readers import Readers, ReadJob, readers_of
from archive.sessions import is_log_in, judge_page, judge_refusal
from archive.store import Archive
from archive.turns import SiteQueue, Turn
from archive.wishes import limits_of
from scraper.discover.checks import CheckVerdict, EarlierChecks, Visit, judge_check
from scraper.discover.feeds import parse_feed
from scraper.discover.index_pages import parse_index_page
from scraper.discover.sitemaps import parse_sitemap
from scraper.errors import PageError, ParseError
from scraper.fetch.client import Client
from scraper.fetch.clock import Clock, SystemClock
from scraper.fetch.cookies import keeps_secrets, sends_subscription
from scraper.fetch.lanes import Lanes, follow
from scraper.fetch.tdmrep import TdmRule, find_file_wishes, parse_tdmrep, tdmrep_url
from scraper.model import (
    NO_ARTICLES,
    Access,
    AccessStatus,
    Article,
    CheckOutcome,
    Disallowed,
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
    Wish,
)
from scraper.read.access import weigh_against
from scraper.read.wishes import find_header_wishes
from scraper.settings import Settings
from scraper.text import count_words
from scraper.urls import host_key, registrable_domain, url_key

_KINDS = {
    Purpose.FEED: ListingKind.FEED,
    Purpose.SITEMAP: ListingKind.SITEMAP,
    Purpose.INDEX_PAGE: ListingKind.INDEX_PAGE,
}
_SESSION_ENDED = "the session of your subscription has ended"
_SIGNED_OUT = Access(
    AccessStatus.REGISTRATION,
    complete=False,
    cut_by="registration",
    explanation="The page shows that your session has ended.",
    confidence=0.9,
)
# Walls in a row that are met with the reader's cookies before these are given up.
_WALLS_OF_ENDED_SESSION = 2
# A host is asked once in this time for its file on text and data mining.
_TDM_FILE_HOLDS = timedelta(days=1)
# A feed's text of fewer words may be a summary.
_WHOLE_TEXT_WORDS = 150
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
        left: How many articles of each source, by name, were not asked for and wait.
    """

    pass_id: int
    decisions: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    problems: tuple[str, ...] = ()
    left: Counter[str] = field(default_factory=Counter)


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
    folder, size = settings.archive.warc_folder, settings.archive.warc_bytes
    # What came to the reader's own cookies lies in files of its own: they are not handed on with the others.
    with (
        CaptureWriter(folder, name, size) as captures,
        CaptureWriter(folder, f"{name}-private", size) as private_captures,
    ):
        one = _Pass(
            archive,
            settings,
            {source.name: source for source in sources},
            lanes,
            clock,
            readers,
            captures,
            private_captures,
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
    with readers_of(settings.passes, settings.phrases) as readers:
        async with Client(settings.fetch, clock=clock, cookie_folder=cookie_folder(settings)) as client:
            return await run_pass(
                archive, settings, sources, client=client, clock=clock, readers=readers, on_progress=on_progress
            )


def cookie_folder(settings: Settings) -> Path:
    """Where the cookies lie that sites set: beside the archive, a file a site."""
    return settings.archive.database.parent / "cookies"


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
        private_captures: CaptureWriter,
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
        self.private_captures = private_captures
        self.on_progress = on_progress
        self.result = PassResult(pass_id)
        self.problems: list[str] = []
        # Listings of each source that were asked for and not answered yet; then its articles are asked for.
        self.open_listings: Counter[str] = Counter()
        self.further: dict[str, set[str]] = {}
        self.budget = Budget(archive, settings.sources, clock.now())
        self.sites: dict[str, SiteQueue] = defaultdict(SiteQueue)
        # Why articles were left, with source and number; sources whose session has ended; walls in a row with cookies.
        self.left: Counter[tuple[str, str]] = Counter()
        self.signed_out: set[str] = set()
        self.walls: Counter[str] = Counter()
        self.tdm_rules: dict[str, tuple[TdmRule, ...]] = {}
        self.reading: set[asyncio.Task[None]] = set()
        self.reading_slots = asyncio.Semaphore(_MOST_READING)
        self.done = self.known = 0

    async def run(self) -> PassResult:
        for source in self.sources.values():
            self._ask_for_listings(source)
        try:
            while True:
                async for outcome in self.lanes:
                    await self._take(outcome)
                if not self.reading:
                    break
                # A page that was read may be followed by the next one of its host.
                done, _ = await asyncio.wait(self.reading, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.gather(*done)
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
        for (name, why), count in self.left.items():
            self.result.left[name] += count
            self.problems.append(
                f"{self.sources[name].title}: {count} {'article' if count == 1 else 'articles'} left: {why}"
            )
        return replace(self.result, problems=tuple(self.problems))

    # ------------------------------------------------------------ outcomes

    async def _take(self, outcome: Outcome) -> None:
        request = outcome.request
        request_id = self.archive.record_request(self.result.pass_id, outcome, self._session(outcome))
        if request.purpose is not Purpose.WISHES:  # most hosts have no such file: that is no failure
            self.result.outcomes[_outcome_name(outcome)] += 1
        self._note_header_wishes(outcome, request_id)
        if isinstance(outcome, Redirected) and request.purpose is not Purpose.ROBOTS:
            further = follow(outcome, self.settings.fetch)
            if isinstance(further, FetchRequest):
                if request.purpose is Purpose.ARTICLE and self._is_left(outcome, further, request_id):
                    self._tell(request.url)
                    return
                if request.purpose is Purpose.ARTICLE:
                    self._ask_for_tdm_file(further.url, self.sources[request.source or ""])
                # Validators are bound to one URL: those of the target may be known.
                self.lanes.add(replace(further, validators=self._validators(further)))
                return
            outcome = further
            request_id = self.archive.record_request(self.result.pass_id, outcome, self._session(outcome))
        if request.purpose in _KINDS:
            self._take_listing(outcome)
        elif request.purpose is Purpose.ARTICLE:
            await self._take_article(outcome, request_id)
        elif request.purpose is Purpose.WISHES:
            self._take_tdm_file(outcome)
        self._tell(request.url, is_done=request.purpose not in {Purpose.ROBOTS, Purpose.WISHES})

    def _validators(self, request: FetchRequest) -> Validators:
        if request.purpose is not Purpose.ARTICLE:
            return Validators()
        # Those of a page that was cut would keep the whole one of a subscription, or of a renewed one, from coming.
        found_url = request.hops[0] if request.hops else request.url
        if sends_subscription(request) and self.archive.is_cut(found_url):
            return Validators()
        return self.archive.validators_for(request.url)

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
            priority_words=passes.priority_words,
        )
        self.known += len(wanted)
        by_site: dict[str, list[Turn]] = defaultdict(list)
        for article in wanted:
            by_site[registrable_domain(article.url)].append(Turn(source, article))
        for site, turns in by_site.items():
            self.sites[site].add(turns)
            self._ask_for_next(site)

    def _ask_for_next(self, name: str) -> None:
        """Ask for the article pages of a site, as far as its hosts and its meter allow; leave the others."""
        site = self.sites[name]
        while turn := site.first(self.settings.fetch.per_host):
            source, article = turn.source, turn.article
            # A page of another site, to which a feed may lead, is no matter of the subscription.
            cookies_file = source.cookies_file if name == registrable_domain(source.home_url) else None
            has_subscription = cookies_file is not None and keeps_secrets(article.url)
            meter = None if has_subscription else self.budget.meter(name)
            left = self.budget.views_left(name, self.clock.now()) if meter else None
            under_way = site.under_way.total()
            if left is not None and 0 < left <= under_way:
                return  # what is under way may not count; then there is room for another one
            site.take(turn)
            if has_subscription and source.name in self.signed_out:
                self._leave(source, article.url, _SESSION_ENDED)
            elif meter and article.is_recheck:
                pass  # a second look would cost one of the free articles
            elif meter and left == 0:
                why = self.budget.describe(name, self.clock.now())
                if not self._keep_feed_text(source, article.url, why):
                    self._leave(source, article.url, why)
            else:
                self._ask_for_tdm_file(article.url, source)
                site.under_way[host_key(article.url)] += 1
                is_cut = has_subscription and self.archive.is_cut(article.url)
                self.lanes.add(
                    FetchRequest(
                        article.url,
                        Purpose.ARTICLE,
                        source=source.name,
                        validators=Validators() if is_cut else article.validators,
                        cookies_file=cookies_file,
                        pace=source.pace,
                    )
                )
                continue
            self._tell(article.url)

    def _end_turn(self, found_url: str) -> None:
        """An article page came, or did not: the next one of its site may be asked for."""
        site = registrable_domain(found_url)
        self.sites[site].under_way[host_key(found_url)] -= 1
        self._ask_for_next(site)

    def _leave(self, source: Source, found_url: str, why: str) -> None:
        """Let an article wait for a later pass."""
        self.archive.leave_entry(found_url, self.clock.now(), why)
        self.left[source.name, why] += 1

    def _keep_feed_text(self, source: Source, found_url: str, why: str) -> bool:
        """Whether the feed carried the text of an article whose page is not asked for; then that is kept."""
        entry, text = self.archive.entry(found_url), self.archive.feed_text(url_key(found_url))
        if entry is None or text is None or count_words(text) < _WHOLE_TEXT_WORDS:
            return False
        article = complete_article(article_of_feed(entry, text, why), entry, source)
        said = self._said_of_host(found_url)
        decision = keep(
            self.archive,
            replace(article, wishes=said),
            source=source.name,
            found_url=found_url,
            capture_id=None,
            now=self.clock.now(),
            limits=limits_of(said, self.settings.fetch),
            learn_templates=source.learn_templates,
        )
        self.result.decisions[decision] += 1
        return True

    # ------------------------------------------------------------ publishers' wishes

    def _note_header_wishes(self, outcome: Outcome, request_id: int) -> None:
        """Keep what the headers of an answer say; those of an article that came are kept with what its page says."""
        exchange = outcome.exchange if isinstance(outcome, Fetched | Failed) else None
        if exchange is not None and not (isinstance(outcome, Fetched) and outcome.request.purpose is Purpose.ARTICLE):
            self.archive.note_wishes(request_id, find_header_wishes(exchange.headers))

    def _ask_for_tdm_file(self, url: str, source: Source) -> None:
        """Ask the host of an article for its file on text and data mining, unless that was done lately."""
        host = host_key(url)
        if host in self.tdm_rules or not self.settings.fetch.respect_wishes:
            return
        known = self.archive.tdm_file(host)
        self.tdm_rules[host] = parse_tdmrep(known[1]) if known else ()
        if known is None or self.clock.now() - known[0] >= _TDM_FILE_HOLDS:
            pace = source.pace if registrable_domain(url) == registrable_domain(source.home_url) else None
            self.lanes.add(FetchRequest(tdmrep_url(url), Purpose.WISHES, source=source.name, pace=pace))

    def _take_tdm_file(self, outcome: Outcome) -> None:
        """A host without a file has no such wish; one that could not be asked keeps the rules it had."""
        request = outcome.request
        host = host_key(request.hops[0] if request.hops else request.url)
        text: str | None = ""
        if isinstance(outcome, Fetched):
            found = outcome.body.decode("utf-8-sig", errors="replace")
            text = found if parse_tdmrep(found) else ""
        elif isinstance(outcome, Disallowed) or (
            isinstance(outcome, Failed) and (outcome.status is None or outcome.may_pass)
        ):
            text = None
        self.archive.save_tdm_file(host, outcome.at, text)
        if text is not None:
            self.tdm_rules[host] = parse_tdmrep(text)

    def _said_of_host(self, url: str) -> tuple[Wish, ...]:
        """What the files of a host say of one of its pages: on mining, and in robots.txt."""
        robots = self.lanes.robots(url)
        licenses = (Wish("license", target, "robots.txt") for target in (robots.licenses if robots else ()))
        return (*find_file_wishes(self.tdm_rules.get(host_key(url), ()), url), *licenses)

    # ------------------------------------------------------------ the reader's own subscription

    def _session(self, outcome: Outcome) -> Session:
        """As whom a request was made, as far as the outcome alone tells."""
        is_unasked = isinstance(outcome, Disallowed) or (isinstance(outcome, Failed) and outcome.is_unasked)
        if is_unasked or not sends_subscription(outcome.request):
            return Session.ANONYMOUS
        return judge_refusal(outcome.status) if isinstance(outcome, Failed) else Session.SUBSCRIBER

    def _end_session(self, source: Source) -> None:
        if source.name not in self.signed_out:
            self.signed_out.add(source.name)
            self.problems.append(
                f"{source.title}: {_SESSION_ENDED}: log in with your browser and export the cookies "
                f"to {source.cookies_file} again"
            )

    def _is_left(self, outcome: Redirected, further: FetchRequest, request_id: int) -> bool:
        """Whether a redirect of an article page is not followed: it leads to a form to log in, or to a spent meter."""
        request = outcome.request
        source = self.sources[request.source or ""]
        found_url = request.hops[0] if request.hops else request.url
        site = registrable_domain(further.url)
        if sends_subscription(request) and is_log_in(further.url) and not is_log_in(request.url):
            self.archive.mark_session(request_id, Session.EXPIRED)
            self._end_session(source)
            why = _SESSION_ENDED
        elif (
            not sends_subscription(further)
            and site != registrable_domain(request.url)
            and self.budget.views_left(site, outcome.at) == 0
        ):
            why = self.budget.describe(site, outcome.at)
        else:
            return False
        self._leave(source, found_url, why)
        self._end_turn(found_url)
        return True

    def _note_session(self, source: Source, article: Article, request_id: int) -> Session:
        """
        What a page that came to the reader's cookies says of the session; one that has ended is not used any further.

        One wall may stand before an article that the subscription does not cover: only the second in a row ends it.
        """
        session = judge_page(article)
        self.archive.mark_session(request_id, session)
        self.walls[source.name] = self.walls[source.name] + 1 if session is Session.EXPIRED else 0
        if article.signed_out or self.walls[source.name] >= _WALLS_OF_ENDED_SESSION:
            self._end_session(source)
        return session

    # ------------------------------------------------------------ pages

    async def _take_article(self, outcome: Outcome, request_id: int) -> None:
        request = outcome.request
        found_url = request.hops[0] if request.hops else request.url
        match outcome:
            case Fetched():
                await self.reading_slots.acquire()
                task = asyncio.create_task(self._read(outcome, found_url, request_id))
                self.reading.add(task)
                task.add_done_callback(self._read_done)
            case NotModified():
                with self.archive.transaction():
                    self.archive.mark_fetched(found_url, outcome.at)
                    self.archive.save_validators(request.url, outcome.validators)
                    self.archive.mark_seen(found_url, outcome.at)
                self._end_turn(found_url)
            case Disallowed() | Failed():
                source = self.sources[request.source or ""]
                if self._session(outcome) is Session.EXPIRED:
                    self._end_session(source)
                if not _says_nothing(outcome):
                    self.archive.mark_failed(found_url)
                self.problems.append(f"{source.title}: {request.url}: {outcome.reason}")
                self._end_turn(found_url)
            case Redirected():  # followed in `_take`
                pass
            case _:
                assert_never(outcome)

    def _read_done(self, task: asyncio.Task[None]) -> None:
        self.reading_slots.release()
        if not task.cancelled() and task.exception() is None:
            self.reading.discard(task)

    async def _read(self, fetched: Fetched, found_url: str, request_id: int) -> None:
        """Read one page and carry out what is decided on it."""
        await self._read_page(fetched, found_url, request_id)
        self._end_turn(found_url)

    async def _read_page(self, fetched: Fetched, found_url: str, request_id: int) -> None:
        request = fetched.request
        source = self.sources[request.source or ""]
        job = ReadJob(fetched.body, request.url, fetched.headers.get("content-type"), fetched.status, source.selectors)
        article: Article | None = None
        page: Article | None = None
        try:
            page = await asyncio.wrap_future(self.readers.submit(job))
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
            *self._said_of_host(request.url),
        )
        limits = limits_of(said, self.settings.fetch)
        captures = self.private_captures if is_private else self.captures
        location = None if limits.noarchive else captures.write(fetched.exchange)
        with self.archive.transaction():
            self.archive.note_wishes(request_id, said)
            capture_id = None
            if location is not None:
                capture_id = self.archive.save_capture(location, fetched.exchange, source.name, private=is_private)
            waits_for = None
            if page is not None:
                # The feed may show that a page was cut which does not look so.
                weighed = weigh_against(page, known_lengths(self.archive, found_url))
                waits_for = self._note_page(fetched, weighed, capture_id, request_id)
            if waits_for:
                self._leave(source, found_url, waits_for)
            if article is None and waits_for:
                return
            if article is None:
                self.archive.record_request(self.result.pass_id, failed)
                self.archive.mark_failed(found_url)
                self.problems.append(f"{source.title}: {request.url}: {failed.reason}")
                return
            if article.signed_out:
                article = replace(article, access=_SIGNED_OUT)
            article = complete_article(replace(article, wishes=said), self.archive.entry(found_url), source)
            self.result.decisions[
                keep(
                    self.archive,
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
                self.archive.save_validators(request.url, Validators())
            else:
                self.archive.mark_fetched(found_url, fetched.at)
                self.archive.save_validators(request.url, fetched.validators)
        self._tell(request.url, is_done=False)

    def _note_page(self, fetched: Fetched, page: Article, capture_id: int | None, request_id: int) -> str | None:
        """Count a page on its meter, or judge its session; why its article is waited for all the same, if it is."""
        request = fetched.request
        source = self.sources[request.source or ""]
        if sends_subscription(request):
            self._note_session(source, page, request_id)
            return _SESSION_ENDED if source.name in self.signed_out else None
        if not self.budget.note_page(request.url, page.access, fetched.at, capture_id):
            return None
        # One that is always cut must not close the site again and again: others go before it, and it is given up.
        self.archive.mark_failed(request.hops[0] if request.hops else request.url)
        return self.budget.describe(registrable_domain(request.url), fetched.at)


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


def _says_nothing(outcome: Disallowed | Failed) -> bool:
    """Whether a failure is none of the page's own: nothing was asked, or it was refused to a session that has ended."""
    if not isinstance(outcome, Failed):
        return False
    is_refused = outcome.status == HTTPStatus.UNAUTHORIZED and sends_subscription(outcome.request)
    return outcome.is_unasked or is_refused


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
