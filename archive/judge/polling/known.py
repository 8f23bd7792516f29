"""What is known of a listing between its visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper.model import ListingKind, Rhythm

NO_WISH = Rhythm()
# Visits in a row that were led to one other address for good, after which it is taken for the new
# one: a redirect that was a mistake is taken back sooner.
MOVED_AFTER = 3
# Until nights and weekends are known for what they are, none of them is called quiet: a weekend,
# and a day.
SHORTEST_QUIET_LEARNING = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class KnownListing:
    """
    What is known of a feed, a sitemap or an index page between its visits.

    Args:
        url: As configured, or as its index names it.
        since: When we saw it first.
        named_in: The sitemap index that names it; None where the configuration does.
        modified_at: When it changed last, as its index says.
        position: Its place in the index.
        visited_at: When it was asked for last, whatever came.
        seen_at: When it came last and could be read, or had not changed.
        news_at: When it had last something that it did not have before. At the first visit, its
            newest date.
        usual: How long it usually is without news; None as long as that is not known.
        least_quiet: With less silence than this it is not called quiet.
        rhythm: How often it wants to be asked for, as it said last.
        ask_after: It is not asked for before, unless the reader says so.
        full_at: When it was last asked for without validators.
        conditional_count: How often it was asked for with them since.
        distrusted_at: When its validators were last found to lie.
        failed_count: Visits in a row of which nothing came.
        moved_to, moved_count: Where redirects for good led at the last visits, and at how many in a
            row.
    """

    url: str
    kind: ListingKind
    since: datetime
    named_in: str | None = None
    modified_at: datetime | None = None
    position: int = 0
    visited_at: datetime | None = None
    seen_at: datetime | None = None
    news_at: datetime | None = None
    usual: timedelta | None = None
    least_quiet: timedelta = SHORTEST_QUIET_LEARNING
    rhythm: Rhythm = NO_WISH
    ask_after: datetime | None = None
    full_at: datetime | None = None
    conditional_count: int = 0
    distrusted_at: datetime | None = None
    failed_count: int = 0
    moved_to: str | None = None
    moved_count: int = 0

    @property
    def has_moved(self) -> bool:
        """Whether its new address is taken for good."""
        return self.moved_to is not None and self.moved_count >= MOVED_AFTER
