"""What came of one visit to a feed, a sitemap or an index page: facts to verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from scraper.errors import ParseError
from scraper.model import CheckOutcome, Disallowed, Failed, Listing, ListingKind, NotModified, Redirected

# What a visit gives: the outcome of the request, with `Fetched` replaced by what was read from it.
Visit = Listing | ParseError | NotModified | Redirected | Disallowed | Failed

# Verdicts on a document; while it is not modified, they hold.
_LASTING = {
    CheckOutcome.BROKEN: "not modified since it could not be read",
    CheckOutcome.HTML: "not modified since a web page came in its place",
    CheckOutcome.EMPTY: "not modified, and still without entries",
    CheckOutcome.SUDDENLY_EMPTY: "not modified since its entries went away",
}


@dataclass(frozen=True, slots=True)
class EarlierChecks:
    """
    What is known of a URL from before.

    Args:
        last: The outcome of the check whose validators were sent; None at the first visit.
        had_entries: Some earlier check found entries.
    """

    last: CheckOutcome | None = None
    had_entries: bool = False


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """The outcome of a check. *detail* says why, for the reader."""

    outcome: CheckOutcome
    detail: str


def judge_check(visit: Visit, earlier: EarlierChecks) -> CheckVerdict:
    """
    The verdict on one visit to a listing.

    "Not modified" repeats a verdict on the document itself (broken, a web page,
    empty); after a failure of the network it is "unchanged".

    >>> judge_check(Listing(ListingKind.FEED, ()), EarlierChecks(had_entries=True)).outcome
    <CheckOutcome.SUDDENLY_EMPTY: 'suddenly empty'>
    """
    match visit:
        case Listing():
            return _judge_listing(visit, earlier)
        case ParseError():
            return CheckVerdict(CheckOutcome.HTML if visit.is_html else CheckOutcome.BROKEN, visit.problem)
        case NotModified():
            if earlier.last in _LASTING:
                return CheckVerdict(earlier.last, _LASTING[earlier.last])
            return CheckVerdict(CheckOutcome.UNCHANGED, "not modified")
        case Redirected():
            return CheckVerdict(CheckOutcome.FAILED, f"redirected to {visit.target}, which was not followed")
        case Disallowed(may_pass=True):
            return CheckVerdict(CheckOutcome.FAILED, visit.reason)
        case Disallowed():
            return CheckVerdict(CheckOutcome.DISALLOWED, visit.reason)
        case Failed():
            return CheckVerdict(CheckOutcome.FAILED, visit.reason)
        case _:
            assert_never(visit)


def _judge_listing(listing: Listing, earlier: EarlierChecks) -> CheckVerdict:
    problem = f"; {listing.problem}" if listing.problem else ""
    # A sitemap index has no entries of its own; the next page of an empty front promises none.
    further_count = len(listing.further) if listing.kind is ListingKind.SITEMAP else 0
    entry_count = len(listing.all_entries)
    if entry_count or further_count:
        parts = [f"{entry_count} entries"] if entry_count else []
        parts += [f"{further_count} further sitemaps"] if further_count else []
        return CheckVerdict(CheckOutcome.FOUND, " and ".join(parts) + problem)
    if earlier.had_entries:
        return CheckVerdict(CheckOutcome.SUDDENLY_EMPTY, f"no entries, where there were some before{problem}")
    return CheckVerdict(CheckOutcome.EMPTY, f"no entries{problem}")
