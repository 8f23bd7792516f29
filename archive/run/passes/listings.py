"""Feeds, sitemaps and section fronts in a pass: asked for, read, and followed to what they name."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from archive.judge.polling import KnownListing, choose_children, is_distrusted, is_full_turn, is_put_off
from archive.run.passes.state import PassState, Reading
from archive.run.passes.visits import Answer, Asked, Visits
from archive.run.readers import ListingJob
from scraper.discover.checks import Visit
from scraper.errors import ParseError
from scraper.model import Fetched, FetchRequest, Listing, ListingKind, Outcome, Purpose, Redirected, Source, Validators

LISTING_KINDS = {
    Purpose.FEED: ListingKind.FEED,
    Purpose.SITEMAP: ListingKind.SITEMAP,
    Purpose.INDEX_PAGE: ListingKind.INDEX_PAGE,
}
_PURPOSES = {kind: purpose for purpose, kind in LISTING_KINDS.items()}
# Sitemaps of one index, and next pages of section fronts, that are followed in one pass: an index
# names thousands, at a second each the pass of one host would take hours. The others have their
# turn in the passes to come.
_MOST_FURTHER = 25
# The same of all indexes of a source: three of them are served in one pass.
_MOST_OF_SOURCE = 75
# Listings that wait for a worker or are being read; more would only fill memory.
# Twice as many as pages: most listings are small.
_MOST_READING = 32


class Listings:
    """
    The listings of the sources in a pass.

    Args:
        when_read: Called with a source when all of its listings were answered.
        sparing: Those whose own time has not come are passed over.
    """

    def __init__(self, state: PassState, when_read: Callable[[Source], None], *, sparing: bool = False) -> None:
        self._state = state
        self._visits = Visits(state)
        self._when_read = when_read
        self._sparing = sparing and state.settings.passes.adaptive_polling
        # By source, purpose and the address that was asked first.
        self._asked: dict[tuple[str, Purpose, str], Asked] = {}
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
        for kind, url in source.listings:
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
        """
        Record the answer to a listing; one that came is read in the background, however long that
        takes.
        """
        asked = self._asked[_key(outcome.request)]
        if isinstance(outcome, Fetched):
            await self.reading.begin(lambda: self._read(asked, outcome))
        else:
            await self._record(asked, outcome, outcome)

    async def _read(self, asked: Asked, fetched: Fetched) -> None:
        """Read a listing, and record what it says."""
        visit: Visit
        job = ListingJob(fetched.body, fetched.request.url, asked.known.kind, fetched.headers.get("content-type"))
        try:
            visit = await asyncio.wrap_future(self._state.readers.submit_listing(job))
        except ParseError as error:
            visit = error
        await self._record(asked, fetched, visit)

    async def _record(self, asked: Asked, outcome: Outcome, visit: Visit) -> None:
        """Keep what a visit showed, and ask for what it leads to."""
        source, statuses = asked.source, self._statuses.get(_key(outcome.request), ())
        answer = Answer(asked, outcome, visit, tuple(statuses))
        self._ask_for_further(answer, await self._visits.record(answer))
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
        if known.moved_to and known.has_moved and not is_full and known.moved_to not in source.listing_urls:
            url = known.moved_to
        last = None if is_full or is_distrusted(known, now) else self._state.archive.last_check(known.url, source.name)
        asked = Asked(source, known, url, last.validators if last else Validators())
        request = FetchRequest(
            url, _PURPOSES[known.kind], source=source.name, validators=asked.validators, pace=source.pace
        )
        self._asked[_key(request)] = asked
        self._open[source.name] += 1
        self._state.known += 1
        self._state.lanes.add(request)

    def _ask_for_further(self, answer: Answer, known: KnownListing) -> None:
        """
        Ask for the sitemaps of an index and the next pages of a section front, each once and not
        without end.
        """
        source, listing = answer.asked.source, answer.listing
        if known.kind is ListingKind.SITEMAP:
            # Those of an index lie at its host, which may be left alone.
            if not answer.is_unasked and (known.named_in is None or (listing and listing.further)):
                self._ask_for_children(source, known.url)
        elif listing:
            self._ask_for_next_pages(source, known, listing)

    def _ask_for_next_pages(self, source: Source, known: KnownListing, listing: Listing) -> None:
        seen, configured = self._further[source.name], set(source.listing_urls)
        for named in listing.further:
            if len(seen) < _MOST_FURTHER and named.url not in seen | configured:
                seen.add(named.url)
                self._ask(source, replace(self._known(source, named.url, known.kind), named_in=known.url))

    def _ask_for_children(self, source: Source, index_url: str) -> None:
        """Those sitemaps of an index whose time has come, whatever the index itself answered."""
        seen = self._further[source.name]
        below = _below(index_url, self._state.archive.listings(source.name).values())
        named_elsewhere = seen.union(source.listing_urls)
        waiting = [child for child in below if child.url not in named_elsewhere]
        limit = max(0, min(_MOST_FURTHER, _MOST_OF_SOURCE - len(seen)))
        for child in choose_children(waiting, self._state.clock.now(), limit):
            seen.add(child.url)
            self._ask(source, child)


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
