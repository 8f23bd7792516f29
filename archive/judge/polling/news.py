"""
How new a listing is, how often it has news, and whether it has been quiet for longer than it
usually is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import nlargest
from itertools import chain, islice, pairwise

from archive.judge.polling.known import SHORTEST_QUIET_LEARNING, KnownListing
from scraper.model import Entry, Listing
from scraper.settings.values import render_duration

# Fewer spans tell nothing of what is usual: with four, three quarters of the time are told from the
# rest.
_LEAST_GAPS = 4
# Nights and weekends are a third to a half of the time: three quarters have one of either among
# them.
_NEWS_SHARE = 0.75
# One usual span is nothing, a second one may be a holiday.
_QUIET_SPANS = 3
# Four weekends: until then none of them is known for what it is.
_LEARNING = timedelta(days=28)
# Nobody looks at a listing for a silence of less than a day, however much it says on others.
_SHORTEST_QUIET = timedelta(days=1)


def newest_date(listing: Listing, now: datetime) -> datetime | None:
    """The newest date in a document that is not in the future."""
    return max(
        chain(
            (at for entry in listing.entries if (at := _date_of(entry)) is not None and at <= now),
            (named.modified_at for named in listing.further if named.modified_at and named.modified_at <= now),
        ),
        default=None,
    )


def newest_entries(entries: tuple[Entry, ...], most: int) -> tuple[Entry, ...]:
    """The newest of many entries, at most *most*; those without a date only where there is room."""
    if len(entries) <= most:
        return entries
    dated = nlargest(most, ((at, -place) for place, entry in enumerate(entries) if (at := _date_of(entry))))
    undated = (entry for entry in entries if _date_of(entry) is None)
    return tuple(islice(chain((entries[-place] for _, place in dated), undated), most))


def dates_in(listing: Listing, now: datetime) -> tuple[datetime, ...]:
    """The dates of the entries of a document that are not in the future."""
    return tuple(at for entry in listing.entries if (at := _date_of(entry)) is not None and at <= now)


def _date_of(entry: Entry) -> datetime | None:
    return entry.published_at or entry.updated_at


def usual_span(times: Iterable[datetime]) -> timedelta | None:
    """
    How long it usually is from one of *times* to the next; None where they are too few to tell.

    Three quarters of the time lie in spans that are no longer. So the nights and weekends of a
    newsroom count for as long as they are, however many short spans there are by day. The longest
    span is left out: a holiday, or we were away.

    >>> days = [datetime(2026, 3, day, 6) for day in (2, 3, 4, 5, 6, 9, 10)]
    >>> str(usual_span(days))
    '1 day, 0:00:00'
    """
    gaps = sorted(later - earlier for earlier, later in pairwise(sorted(set(times))))[:-1]
    if len(gaps) < _LEAST_GAPS:
        return None
    rest = sum(gaps, timedelta()) * _NEWS_SHARE
    for gap in gaps:
        rest -= gap
        if rest <= timedelta():
            return gap
    return gaps[-1]


def with_usual(listing: KnownListing, times: Sequence[datetime]) -> KnownListing:
    """A listing with what the times of its news teach."""
    usual = usual_span(times)
    if usual is None:
        return listing
    is_learning = max(times) - min(times) < _LEARNING
    return replace(listing, usual=usual, least_quiet=SHORTEST_QUIET_LEARNING if is_learning else _SHORTEST_QUIET)


def is_quiet(listing: KnownListing) -> bool:
    """
    Whether a listing that can be seen has been without news for three of its usual spans.

    Counted up to our latest sight of it: what nobody looked at is not quiet.
    """
    if listing.usual is None or listing.news_at is None or listing.seen_at is None:
        return False
    return listing.seen_at - listing.news_at > max(_QUIET_SPANS * listing.usual, listing.least_quiet)


def describe_quiet(listing: KnownListing) -> str:
    """Since when a quiet listing has been so, for the reader."""
    return (
        f"quiet: no news since {listing.news_at or listing.since:%Y-%m-%d %H:%M} UTC, where it usually had some "
        f"within {render_duration(_rounded(listing.usual or timedelta()))}"
    )


def _rounded(span: timedelta) -> timedelta:
    """A span in whole hours, and from two days on in whole days."""
    unit = timedelta(days=1) if span >= timedelta(days=2) else timedelta(hours=1)
    return max(unit, round(span / unit) * unit)
