"""A visit to a listing: its entries, its check and what it teaches about the listing are kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.judge.polling import (
    KnownListing,
    Sight,
    after_visit,
    dated_as,
    dates_in,
    describe_quiet,
    is_quiet,
    newest_entries,
    usual_span,
    with_children,
    with_usual,
)
from archive.model import LastCheck
from archive.run.passes.state import PassState
from scraper.discover.checks import CheckVerdict, EarlierChecks, Visit, judge_check
from scraper.discover.rhythm import find_freshness
from scraper.model import (
    CheckOutcome,
    Entry,
    Failed,
    Fetched,
    Listing,
    ListingKind,
    NotModified,
    Outcome,
    Rhythm,
    Source,
    Validators,
)

# Entries that are written at once, in a moment; between two batches everybody else has a turn.
_BATCH = 1000
# The first visit to a sitemap of an index that has nothing newer brings no news: news sitemaps hold
# two days.
_NEWS_AGE = timedelta(days=2)
# Redirects that are to be remembered (RFC 9110 §15.4.2 and §15.4.9).
_FOR_GOOD = frozenset({301, 308})


@dataclass(frozen=True, slots=True)
class Asked:
    """A listing that was asked for: at which address, and with which validators."""

    source: Source
    known: KnownListing
    url: str
    validators: Validators


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What came of asking for a listing.

    Args:
        visit: The listing, or why it could not be read, or the outcome where nothing came.
        statuses: Of the redirects that led there.
    """

    asked: Asked
    outcome: Outcome
    visit: Visit
    statuses: tuple[int, ...] = ()

    @property
    def listing(self) -> Listing | None:
        """What the listing says; None where it did not come, or could not be read."""
        return self.visit if isinstance(self.visit, Listing) else None

    @property
    def is_unasked(self) -> bool:
        """Whether the listing was not asked for, as its host is left alone."""
        return isinstance(self.outcome, Failed) and self.outcome.is_unasked

    @property
    def validators(self) -> Validators:
        """
        What is sent back at the next visit: nothing where another address answered, or a part may
        be missing.
        """
        if self.outcome.request.url != self.asked.url or (self.listing and self.listing.is_cut):
            return Validators()
        return self.outcome.validators if isinstance(self.outcome, Fetched | NotModified) else Validators()

    def sight(self, *, has_news: bool, has_old_validators: bool) -> Sight:
        """The visit as the rules of polling look at it."""
        asked, outcome, listing = self.asked, self.outcome, self.listing
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
            led_for_good=bool(self.statuses) and _FOR_GOOD.issuperset(self.statuses),
            has_news=has_news,
            has_lied=has_news and has_old_validators and not asked.validators,
            rhythm=rhythm,
        )


@dataclass(frozen=True, slots=True)
class _News:
    """
    What a visit brought.

    Args:
        entries: All that the listing names.
        new_count: Those that nobody named before.
        fresh_count: What is news of the listing: those, what others of the source brought
            meanwhile, new sitemaps.
    """

    entries: tuple[Entry, ...]
    new_count: int
    fresh_count: int


class Visits:
    """Records the visits to listings."""

    def __init__(self, state: PassState) -> None:
        self._state = state

    async def record(self, answer: Answer) -> KnownListing:
        """Keep what a visit showed; gives the listing as it is known now."""
        archive, asked, listing = self._state.archive, answer.asked, answer.listing
        entries = self._entries(answer)
        written, new_count = await self._write_most(answer, entries)
        with archive.transaction():
            last = archive.last_check(asked.known.url, asked.source.name)
            verdict = judge_check(
                answer.visit, EarlierChecks(last.validated, last.had_entries) if last else EarlierChecks()
            )
            new_count += len(archive.record_entries(asked.source.name, entries[written:], answer.outcome.at))
            # As it is known now: an index may have told of it meanwhile, or taken it out.
            row = archive.listing(asked.source.name, asked.known.url)
            known = replace(row or asked.known, kind=asked.known.kind, named_in=asked.known.named_in)
            news = _News(entries, new_count, self._count_fresh(answer, known, entries, new_count))
            after = self._after(answer, known, last, has_news=news.fresh_count > 0)
            if _is_old_find(known, after, answer.outcome.at):
                news = replace(news, fresh_count=0)
            self._record_check(answer, known, verdict, news)
            if news.fresh_count and listing:
                after = self._learn(asked.source, after, listing)
                self._note_above(asked.source, after, answer.outcome.at)
            if row or known.named_in is None or known.kind is not ListingKind.SITEMAP:
                archive.save_listing(asked.source.name, after)
        self._tell(asked.source, after, verdict)
        return after

    def _entries(self, answer: Answer) -> tuple[Entry, ...]:
        oldest = self._state.settings.passes.oldest_entry
        if answer.listing is None:
            return ()
        since = answer.outcome.at - oldest if oldest else None
        return dated_as(answer.listing.all_entries, answer.asked.known, since)

    async def _write_most(self, answer: Answer, entries: tuple[Entry, ...]) -> tuple[int, int]:
        """
        Write all entries of a sitemap but the last batch: how many were written, and how many of
        them are new.

        Entries without their check do no harm: the next visit brings them again. Those of a feed
        belong together, as several may lie at one address.
        """
        written = new_count = 0
        asked = answer.asked
        while asked.known.kind is ListingKind.SITEMAP and len(entries) - written > _BATCH:
            batch = entries[written : written + _BATCH]
            new_count += len(self._state.archive.record_entries(asked.source.name, batch, answer.outcome.at))
            written += _BATCH
            await asyncio.sleep(0)
        return written, new_count

    def _count_fresh(self, answer: Answer, known: KnownListing, entries: tuple[Entry, ...], new_count: int) -> int:
        """
        What of a visit is news; what another listing brought since counts where nothing here is new
        to everybody.
        """
        children = self._name_children(answer, known)
        return children + (new_count or self._state.archive.fresh_count(newest_entries(entries, _BATCH), known.seen_at))

    def _name_children(self, answer: Answer, known: KnownListing) -> int:
        """How many sitemaps an index names that it did not name before."""
        listing, source = answer.listing, answer.asked.source
        if listing is None or known.kind is not ListingKind.SITEMAP or not listing.further:
            return 0
        configured = source.listing_urls
        children = (named for named in listing.further if named.url not in configured)
        at = answer.outcome.at
        return self._state.archive.name_children(
            source.name, known.url, with_children(children, at, known.kind), at, is_whole=not listing.is_cut
        )

    @staticmethod
    def _after(answer: Answer, known: KnownListing, last: LastCheck | None, *, has_news: bool) -> KnownListing:
        """The listing after a visit; as it was where nothing was asked."""
        if answer.is_unasked:
            return known
        are_old = bool(last and last.validators and last.validators == answer.validators and known.seen_at)
        return after_visit(
            known, answer.sight(has_news=has_news, has_old_validators=are_old), answer.asked.source.schedule
        )

    def _record_check(self, answer: Answer, known: KnownListing, verdict: CheckVerdict, news: _News) -> None:
        archive, name, at = self._state.archive, answer.asked.source.name, answer.outcome.at
        archive.record_check(
            name,
            known.url,
            known.kind,
            at,
            verdict.outcome,
            detail=verdict.detail,
            entry_count=len(news.entries),
            new_count=news.new_count,
            fresh_count=news.fresh_count,
            validators=answer.validators,
        )
        if isinstance(answer.outcome, NotModified) and known.seen_at:
            archive.note_listed(name, known.seen_at, at)

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

    def _tell(self, source: Source, known: KnownListing, verdict: CheckVerdict) -> None:
        """What the reader should know of a visit."""
        self._state.result.checks[verdict.outcome.value] += 1
        told = f"{source.title}: {known.url}: "
        is_well = verdict.outcome in {CheckOutcome.FOUND, CheckOutcome.UNCHANGED}
        if not is_well and not (verdict.outcome is CheckOutcome.EMPTY and known.named_in):
            self._state.problems.append(f"{told}{verdict.outcome.value} ({verdict.detail})")
        if known.named_in is None and known.has_moved:
            self._state.problems.append(f"{told}moved for good to {known.moved_to}: put that into the configuration")
        if known.named_in is None and is_quiet(known):
            self._state.problems.append(f"{told}{describe_quiet(known)}")


def _is_old_find(before: KnownListing, after: KnownListing, at: datetime) -> bool:
    """Whether a sitemap of an index was visited for the first time, and has nothing of these days."""
    is_first = bool(before.named_in) and before.news_at is None
    return is_first and after.news_at is not None and at - after.news_at > _NEWS_AGE
