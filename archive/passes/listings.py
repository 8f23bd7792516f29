"""Feeds, sitemaps and section fronts in a pass: asked for, read, recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from archive.passes.state import PassState
from scraper.discover.checks import CheckVerdict, EarlierChecks, Visit, judge_check
from scraper.discover.feeds import parse_feed
from scraper.discover.index_pages import parse_index_page
from scraper.discover.sitemaps import parse_sitemap
from scraper.errors import ParseError
from scraper.model import (
    CheckOutcome,
    Fetched,
    FetchRequest,
    Listing,
    ListingKind,
    NotModified,
    Outcome,
    Purpose,
    Source,
    Validators,
)

LISTING_KINDS = {
    Purpose.FEED: ListingKind.FEED,
    Purpose.SITEMAP: ListingKind.SITEMAP,
    Purpose.INDEX_PAGE: ListingKind.INDEX_PAGE,
}
# Further sitemaps and section pages followed from one source in one pass.
_MOST_FURTHER = 25


class Listings:
    """
    The listings of the sources in a pass.

    Args:
        when_read: Called with a source when all of its listings were answered.
    """

    def __init__(self, state: PassState, when_read: Callable[[Source], None]) -> None:
        self._state = state
        self._when_read = when_read
        # Those of each source that were asked for and not answered yet.
        self._open: Counter[str] = Counter()
        self._further: dict[str, set[str]] = {}

    def begin(self, source: Source) -> None:
        """Ask for everything that the configuration names for a source."""
        self._further[source.name] = set()
        listings = [
            *((Purpose.FEED, url) for url in source.feeds),
            *((Purpose.SITEMAP, url) for url in source.sitemaps),
            *((Purpose.INDEX_PAGE, url) for url in source.index_pages),
        ]
        for purpose, url in listings:
            self._ask(source, purpose, url)
        if not listings:
            self._when_read(source)

    def take(self, outcome: Outcome) -> None:
        """Read the answer to a listing, and record what it says."""
        state, request = self._state, outcome.request
        source = state.source_of(request)
        url = request.hops[0] if request.hops else request.url
        visit = _read(outcome) if isinstance(outcome, Fetched) else outcome
        validators = (
            outcome.validators if isinstance(outcome, Fetched | NotModified) and not request.hops else Validators()
        )
        entries = visit.all_entries if isinstance(visit, Listing) else ()
        with state.archive.transaction():
            last = state.archive.last_check(url)
            verdict = judge_check(visit, EarlierChecks(last.validated, last.had_entries) if last else EarlierChecks())
            new = state.archive.record_entries(source.name, entries, outcome.at)
            state.archive.record_check(
                source.name,
                url,
                LISTING_KINDS[request.purpose],
                outcome.at,
                verdict.outcome,
                detail=verdict.detail,
                entry_count=len(entries),
                new_count=len(new),
                validators=validators,
            )
        self._note(source, url, verdict)
        if isinstance(visit, Listing):
            self._ask_for_further(source, request.purpose, visit)
        self._open[source.name] -= 1
        if not self._open[source.name]:
            self._when_read(source)

    def _ask(self, source: Source, purpose: Purpose, url: str) -> None:
        last = self._state.archive.last_check(url)
        self._open[source.name] += 1
        self._state.known += 1
        self._state.lanes.add(
            FetchRequest(
                url,
                purpose,
                source=source.name,
                validators=last.validators if last else Validators(),
                pace=source.pace,
            )
        )

    def _note(self, source: Source, url: str, verdict: CheckVerdict) -> None:
        self._state.result.checks[verdict.outcome.value] += 1
        if verdict.outcome not in {CheckOutcome.FOUND, CheckOutcome.UNCHANGED, CheckOutcome.EMPTY}:
            self._state.problems.append(f"{source.title}: {url}: {verdict.outcome.value} ({verdict.detail})")

    def _ask_for_further(self, source: Source, purpose: Purpose, listing: Listing) -> None:
        """Sitemaps of an index and next pages of a section front, each once and not without end."""
        seen = self._further[source.name]
        configured = {*source.feeds, *source.sitemaps, *source.index_pages}
        for url in listing.further:
            if len(seen) >= _MOST_FURTHER:
                break
            if url not in seen and url not in configured:
                seen.add(url)
                self._ask(source, purpose, url)


def _read(fetched: Fetched) -> Visit:
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
