"""Feeds, sitemaps and section fronts in a pass: asked for, read, recorded."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.judge.polling import (
    KnownListing,
    Sight,
    after_visit,
    choose_children,
    dated_as,
    dates_in,
    describe_quiet,
    is_distrusted,
    is_full_turn,
    is_put_off,
    is_quiet,
    newest_entries,
    usual_span,
    with_children,
    with_usual,
)
from archive.run.passes.state import PassState, Reading
from archive.run.readers import ListingJob
from scraper.discover.checks import CheckVerdict, EarlierChecks, Visit, judge_check
from scraper.discover.rhythm import find_freshness
from scraper.errors import ParseError
from scraper.model import (
    CheckOutcome,
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
    Rhythm,
    Source,
    Validators,
)

LISTING_KINDS = {
    Purpose.FEED: ListingKind.FEED,
    Purpose.SITEMAP: ListingKind.SITEMAP,
    Purpose.INDEX_PAGE: ListingKind.INDEX_PAGE,
}
_PURPOSES = {kind: purpose for purpose, kind in LISTING_KINDS.items()}
# Sitemaps of one index, and next pages of section fronts, that are followed in one pass; and of one source in all.
_MOST_FURTHER = 25
_MOST_OF_SOURCE = 75
# Listings that wait for a worker or are being read; more would only fill memory.
_MOST_READING = 32
# Entries that are written at once; between two batches everybody else has a turn.
_BATCH = 1000
# The first visit to a sitemap of an index that has nothing newer brings no news.
_NEWS_AGE = timedelta(days=2)
_FOR_GOOD = frozenset({301, 308})


@dataclass(frozen=True, slots=True)
class _Asked:
    """A listing that was asked for: at which address, and with which validators."""

    source: Source
    known: KnownListing
    url: str
    validators: Validators


class Listings:
    """
    The listings of the sources in a pass.

    Args:
        when_read: Called with a source when all of its listings were answered.
        sparing: Those whose own time has not come are passed over.
    """

    def __init__(self, state: PassState, when_read: Callable[[Source], None], *, sparing: bool = False) -> None:
        self._state = state
        self._when_read = when_read
        self._sparing = sparing and state.settings.passes.adaptive_polling
        # By source, purpose and the address that was asked first.
        self._asked: dict[tuple[str, Purpose, str], _Asked] = {}
        self._statuses: dict[tuple[str, Purpose, str], list[int]] = {}
        # Those of each source that were asked for and not answered yet.
        self._open: Counter[str] = Counter()
        self._further: dict[str, set[str]] = {}
        self.reading = Reading(_MOST_READING)

    def begin(self, source: Source) -> None:
        """Ask for everything that the configuration names for a source, as far as its time has come."""
        now = self._state.clock.now()
        self._state.archive.note_visit(source.name, now)
        self._further[source.name] = set()
        for kind, url in _configured(source):
            known = self._known(source, url, kind)
            if self._sparing and is_put_off(known, source.schedule, now):
                if kind is ListingKind.SITEMAP:  # those of an index have times of their own
                    self._ask_for_children(source, url)
            else:
                self._ask(source, known)
        if not self._open[source.name]:
            self._when_read(source)

    def note_redirect(self, redirected: Redirected) -> None:
        """Keep how a listing was led elsewhere: for good, or only this time."""
        request = redirected.request
        if request.purpose in LISTING_KINDS:
            self._statuses.setdefault(_key(request), []).append(redirected.status)

    async def take(self, outcome: Outcome) -> None:
        """Record the answer to a listing; one that came is read in the background, however long that takes."""
        asked = self._asked[_key(outcome.request)]
        if isinstance(outcome, Fetched):
            await self.reading.begin(lambda: self._read(asked, outcome))
        else:
            await self._record(asked, outcome, outcome)

    async def _read(self, asked: _Asked, fetched: Fetched) -> None:
        """Read a listing, and record what it says."""
        visit: Visit
        job = ListingJob(fetched.body, fetched.request.url, asked.known.kind, fetched.headers.get("content-type"))
        try:
            visit = await asyncio.wrap_future(self._state.readers.submit_listing(job))
        except ParseError as error:
            visit = error
        await self._record(asked, fetched, visit)

    async def _record(self, asked: _Asked, outcome: Outcome, visit: Visit) -> None:
        """Keep what a visit showed, and ask for what it leads to."""
        archive, source = self._state.archive, asked.source
        listing = visit if isinstance(visit, Listing) else None
        oldest = self._state.settings.passes.oldest_entry
        entries: tuple[Entry, ...] = ()
        if listing is not None:
            entries = dated_as(listing.all_entries, asked.known, outcome.at - oldest if oldest else None)
        new_count, written = 0, 0
        # Of a sitemap, one batch after the other: entries without their check do no harm, the next visit brings them
        # again. Those of a feed belong together, as several may lie at one address.
        while asked.known.kind is ListingKind.SITEMAP and len(entries) - written > _BATCH:
            new_count += len(archive.record_entries(source.name, entries[written : written + _BATCH], outcome.at))
            written += _BATCH
            await asyncio.sleep(0)
        with archive.transaction():
            last = archive.last_check(asked.known.url, source.name)
            verdict = judge_check(visit, EarlierChecks(last.validated, last.had_entries) if last else EarlierChecks())
            new_count += len(archive.record_entries(source.name, entries[written:], outcome.at))
            # As it is known now: an index may have told of it meanwhile, or taken it out.
            row = archive.listing(source.name, asked.known.url)
            known = replace(row or asked.known, kind=asked.known.kind, named_in=asked.known.named_in)
            fresh_count = self._name_children(source, known, listing, outcome.at) if listing else 0
            # What another listing of the source brought since counts as well, where nothing here is new to everybody.
            fresh_count += new_count or archive.fresh_count(newest_entries(entries, _BATCH), known.seen_at)
            kept = self._validators(asked, outcome, listing)
            sight = self._sight(
                asked,
                outcome,
                listing,
                has_news=fresh_count > 0,
                has_old_validators=bool(last and last.validators and last.validators == kept and known.seen_at),
            )
            after = known
            if not (isinstance(outcome, Failed) and outcome.is_unasked):
                after = after_visit(known, sight, source.schedule)
            if known.named_in and known.news_at is None and after.news_at and outcome.at - after.news_at > _NEWS_AGE:
                fresh_count = 0
            archive.record_check(
                source.name,
                known.url,
                known.kind,
                outcome.at,
                verdict.outcome,
                detail=verdict.detail,
                entry_count=len(entries),
                new_count=new_count,
                fresh_count=fresh_count,
                validators=kept,
            )
            if isinstance(outcome, NotModified) and known.seen_at:
                archive.note_listed(source.name, known.seen_at, outcome.at)
            if fresh_count and listing:
                after = self._learn(source, after, listing)
                self._note_above(source, after, outcome.at)
            if row or known.named_in is None or known.kind is not ListingKind.SITEMAP:
                archive.save_listing(source.name, after)
        self._note(source, after, verdict)
        self._ask_for_further(source, after, outcome, listing)
        self._open[source.name] -= 1
        if not self._open[source.name]:
            self._when_read(source)

    # ------------------------------------------------------------ asking

    def _known(self, source: Source, url: str, kind: ListingKind) -> KnownListing:
        known = self._state.archive.listing(source.name, url) or KnownListing(url, kind, self._state.clock.now())
        return replace(known, kind=kind, named_in=None)

    def _ask(self, source: Source, known: KnownListing) -> None:
        now = self._state.clock.now()
        is_full = is_full_turn(known, source.schedule, now)
        url = known.url
        configured = {other for _, other in _configured(source)}
        if known.moved_to and known.has_moved and not is_full and known.moved_to not in configured:
            url = known.moved_to
        last = None if is_full or is_distrusted(known, now) else self._state.archive.last_check(known.url, source.name)
        asked = _Asked(source, known, url, last.validators if last else Validators())
        request = FetchRequest(
            url, _PURPOSES[known.kind], source=source.name, validators=asked.validators, pace=source.pace
        )
        self._asked[_key(request)] = asked
        self._open[source.name] += 1
        self._state.known += 1
        self._state.lanes.add(request)

    def _ask_for_further(self, source: Source, known: KnownListing, outcome: Outcome, listing: Listing | None) -> None:
        """Sitemaps of an index and next pages of a section front, each once and not without end."""
        if known.kind is ListingKind.SITEMAP:
            is_left = isinstance(outcome, Failed) and outcome.is_unasked  # they lie at the host that is left
            if not is_left and (known.named_in is None or (listing and listing.further)):
                self._ask_for_children(source, known.url)
        elif listing:
            seen = self._further[source.name]
            configured = {url for _, url in _configured(source)}
            for named in listing.further:
                if len(seen) < _MOST_FURTHER and named.url not in seen | configured:
                    seen.add(named.url)
                    self._ask(source, replace(self._known(source, named.url, known.kind), named_in=known.url))

    def _ask_for_children(self, source: Source, index_url: str) -> None:
        """Those sitemaps of an index whose time has come, whatever the index itself answered."""
        seen = self._further[source.name]
        configured = {url for _, url in _configured(source)}
        below = _below(index_url, self._state.archive.listings(source.name).values())
        waiting = [child for child in below if child.url not in seen and child.url not in configured]
        limit = max(0, min(_MOST_FURTHER, _MOST_OF_SOURCE - len(seen)))
        for child in choose_children(waiting, self._state.clock.now(), limit):
            seen.add(child.url)
            self._ask(source, child)

    # ------------------------------------------------------------ what a visit shows

    def _sight(
        self, asked: _Asked, outcome: Outcome, listing: Listing | None, *, has_news: bool, has_old_validators: bool
    ) -> Sight:
        statuses = self._statuses.get(_key(outcome.request), [])
        rhythm = Rhythm()
        if listing and isinstance(outcome, Fetched):
            rhythm = replace(listing.rhythm, wait=max(listing.rhythm.wait, find_freshness(outcome.headers, outcome.at)))
        return Sight(
            outcome.at,
            asked.url,
            outcome.request.url,
            listing,
            is_same=isinstance(outcome, NotModified),
            was_full=not asked.validators and asked.url == asked.known.url,
            led_for_good=bool(statuses) and _FOR_GOOD.issuperset(statuses),
            has_news=has_news,
            has_lied=has_news and has_old_validators and not asked.validators,
            rhythm=rhythm,
        )

    @staticmethod
    def _validators(asked: _Asked, outcome: Outcome, listing: Listing | None) -> Validators:
        """What is sent back at the next visit: nothing where another address answered, or a part may be missing."""
        if outcome.request.url != asked.url or (listing and listing.is_cut):
            return Validators()
        return outcome.validators if isinstance(outcome, Fetched | NotModified) else Validators()

    def _name_children(self, source: Source, known: KnownListing, listing: Listing, at: datetime) -> int:
        """How many sitemaps an index names that it did not name before."""
        if known.kind is not ListingKind.SITEMAP or not listing.further:
            return 0
        configured = {url for _, url in _configured(source)}
        children = (named for named in listing.further if named.url not in configured)
        return self._state.archive.name_children(
            source.name, known.url, with_children(children, at, known.kind), at, is_whole=not listing.is_cut
        )

    def _learn(self, source: Source, known: KnownListing, listing: Listing) -> KnownListing:
        """How often a listing has news; that of an index stands in its sitemaps."""
        times = self._state.archive.news_times(source.name, None if listing.further else known.url)
        return with_usual(
            known, times if usual_span(times) is not None else dates_in(listing, known.seen_at or known.since)
        )

    def _note_above(self, source: Source, child: KnownListing, at: datetime) -> None:
        """What is news in a sitemap is news of the index that names it."""
        seen: set[str] = set()
        while child.named_in and child.kind is ListingKind.SITEMAP and child.named_in not in seen:
            seen.add(child.named_in)
            index = self._state.archive.listing(source.name, child.named_in)
            if index is None:
                return
            news_at = child.news_at or at
            index = replace(index, news_at=max(index.news_at or news_at, news_at))
            index = with_usual(index, self._state.archive.news_times(source.name))
            self._state.archive.save_listing(source.name, index)
            child = replace(index, news_at=news_at)

    def _note(self, source: Source, known: KnownListing, verdict: CheckVerdict) -> None:
        self._state.result.checks[verdict.outcome.value] += 1
        told = f"{source.title}: {known.url}: "
        is_well = verdict.outcome in {CheckOutcome.FOUND, CheckOutcome.UNCHANGED}
        if not is_well and not (verdict.outcome is CheckOutcome.EMPTY and known.named_in):
            self._state.problems.append(f"{told}{verdict.outcome.value} ({verdict.detail})")
        if known.named_in is None and known.has_moved:
            self._state.problems.append(f"{told}moved for good to {known.moved_to}: put that into the configuration")
        if known.named_in is None and is_quiet(known):
            self._state.problems.append(f"{told}{describe_quiet(known)}")


def _configured(source: Source) -> list[tuple[ListingKind, str]]:
    return [
        *((ListingKind.FEED, url) for url in source.feeds),
        *((ListingKind.SITEMAP, url) for url in source.sitemaps),
        *((ListingKind.INDEX_PAGE, url) for url in source.index_pages),
    ]


def _key(request: FetchRequest) -> tuple[str, Purpose, str]:
    return request.source or "", request.purpose, request.found_url


def _below(index_url: str, listings: Iterable[KnownListing]) -> list[KnownListing]:
    """The sitemaps of an index, those of its indexes, and so on."""
    by_parent: dict[str, list[KnownListing]] = {}
    for known in listings:
        if known.named_in is not None and known.kind is ListingKind.SITEMAP:
            by_parent.setdefault(known.named_in, []).append(known)
    found: dict[str, KnownListing] = {}
    open_urls = [index_url]
    while open_urls:
        for child in by_parent.get(open_urls.pop(), ()):
            if child.url not in found and child.url != index_url:
                found[child.url] = child
                open_urls.append(child.url)
    return list(found.values())
