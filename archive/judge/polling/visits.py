"""What a visit to a listing teaches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from archive.judge.polling.known import NO_WISH, KnownListing
from archive.judge.polling.news import newest_date
from archive.judge.polling.turns import next_visit
from scraper.discover.sitemaps import date_in_name
from scraper.model import Listing, Rhythm


@dataclass(frozen=True, slots=True)
class Sight:
    """
    What came of one visit to a listing.

    Args:
        listing: What it said; None where nothing could be read, and at a 304.
        is_same: The server says that nothing has changed.
        was_full: It was asked for without validators, at its own address.
        asked_url, final_url: Where it was asked for, and where redirects led.
        led_for_good: All of those redirects were permanent.
        has_news: Something in it had not been seen at the last visit.
        has_lied: It has news, and the validators of the last visit.
        rhythm: What document and headers say of how often it wants to be asked for.
    """

    at: datetime
    asked_url: str
    final_url: str
    listing: Listing | None = None
    is_same: bool = False
    was_full: bool = False
    led_for_good: bool = False
    has_news: bool = False
    has_lied: bool = False
    rhythm: Rhythm = NO_WISH

    @property
    def is_well(self) -> bool:
        """Whether the listing was seen."""
        return self.listing is not None or self.is_same


def after_visit(known: KnownListing, sight: Sight, schedule: str) -> KnownListing:
    """
    What is known of a listing after one more visit; how long it usually is quiet comes from
    `with_usual`.
    """
    at = sight.at
    moved_to, moved_count = _move(known, sight)
    after = replace(
        known,
        visited_at=at,
        seen_at=at if sight.is_well else known.seen_at,
        news_at=_news_at(known, sight) if sight.has_news else known.news_at,
        rhythm=sight.rhythm if sight.listing else known.rhythm,
        full_at=_full_at(known, sight),
        conditional_count=0 if sight.was_full and sight.is_well else known.conditional_count + sight.is_well,
        distrusted_at=at if sight.has_lied else known.distrusted_at,
        failed_count=0 if sight.is_well else known.failed_count + 1,
        moved_to=moved_to,
        moved_count=moved_count,
    )
    return replace(after, ask_after=next_visit(after, schedule, at))


def _full_at(known: KnownListing, sight: Sight) -> datetime | None:
    if sight.asked_url != known.url and not sight.is_well:
        return None  # back to its own address, where the validators of the new one mean nothing
    return sight.at if sight.was_full and sight.is_well else known.full_at


def _news_at(known: KnownListing, sight: Sight) -> datetime:
    """At the first visit everything is new to us: only dates tell how new it is."""
    if known.news_at is not None or sight.listing is None:
        return sight.at
    told = newest_date(sight.listing, sight.at)
    if told is None and known.named_in is not None:
        told = known.modified_at or date_in_name(known.url)
    return min(told or sight.at, sight.at)


def _move(known: KnownListing, sight: Sight) -> tuple[str | None, int]:
    """Where a listing has moved to, and at how many visits in a row it was led there."""
    was_led = sight.final_url != sight.asked_url
    if sight.asked_url != known.url:  # it was asked for at its new address
        if not sight.is_well:
            return None, 0
        return (sight.final_url if was_led and sight.led_for_good else known.moved_to), known.moved_count
    if not sight.is_well:
        return known.moved_to, known.moved_count
    if not was_led or not sight.led_for_good:
        return None, 0
    return sight.final_url, known.moved_count + 1 if sight.final_url == known.moved_to else 1
