"""
When a listing is asked for again, learnt from how often it has news: facts to verdict.

    schedule of the source ─► the shortest wait
    quiet for long         ─► a quarter of the silence, up to four times the schedule or a day
    ttl, max-age           ─► believed within the same bound
    skipHours, skipDays    ─► put off until they are over, by three days at most

A crontab line names the reader's own hours: nothing is put off there. Sitemaps of an index are
chosen among each other: those that changed, those that bring news, and, by turns, all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import nlargest
from itertools import chain, islice, pairwise, zip_longest

from scraper.discover.sitemaps import date_in_name
from scraper.model import Entry, Further, Listing, ListingKind, Rhythm
from scraper.settings.values import parse_duration, render_duration

_NO_WISH = Rhythm()
# A pass every hour begins some seconds after the hour, and its visits come later still.
_SLACK = 0.1
_SHARE_OF_SILENCE = 4
_MOST_SCHEDULES = 4
_LONGEST_WAIT = timedelta(days=1)
_LONGEST_SKIP = timedelta(days=3)

# Validators may lie, and then for ever: so often a listing is asked for without.
_FULL_EVERY = 20
_FULL_AFTER = timedelta(days=7)
_LEAST_DOUBT = timedelta(hours=4)
# A server whose validators stayed the same while its entries did not is asked without for so long.
_DISTRUST = timedelta(days=30)

# Visits in a row that were led to one other address for good, after which it is taken for the new one.
MOVED_AFTER = 3

_LEAST_GAPS = 4
_NEWS_SHARE = 0.75
_QUIET_SPANS = 3
# Until nights and weekends are known for what they are, none of them is called quiet.
_LEARNING = timedelta(days=28)
_SHORTEST_QUIET = timedelta(days=1)
_SHORTEST_QUIET_LEARNING = timedelta(days=3)

# So many sitemaps of an index may wait for a day at most; of more, about as many are asked for on a day.
_RESTING_A_DAY = 25
_LONGEST_REST = timedelta(days=30)
_FIRST_RETRY = timedelta(hours=1)
_LONGEST_RETRY = timedelta(days=7)
# The day of a lastmod may be meant, or the hour of a zone that is left out.
_LASTMOD_SLACK = timedelta(days=1)


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
        news_at: When it had last something that it did not have before. At the first visit, its newest date.
        usual: How long it usually is without news; None as long as that is not known.
        least_quiet: With less silence than this it is not called quiet.
        rhythm: How often it wants to be asked for, as it said last.
        ask_after: It is not asked for before, unless the reader says so.
        full_at: When it was last asked for without validators.
        conditional_count: How often it was asked for with them since.
        distrusted_at: When its validators were last found to lie.
        failed_count: Visits in a row of which nothing came.
        moved_to, moved_count: Where redirects for good led at the last visits, and at how many in a row.
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
    least_quiet: timedelta = _SHORTEST_QUIET_LEARNING
    rhythm: Rhythm = _NO_WISH
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


# ---------------------------------------------------------------- when


def longest_wait(schedule: str) -> timedelta | None:
    """
    The longest that a listing without news waits; None where a crontab line says when.

    >>> str(longest_wait("1h")), str(longest_wait("12h")), str(longest_wait("2d")), longest_wait("0 6 * * *")
    ('4:00:00', '1 day, 0:00:00', '2 days, 0:00:00', None)
    """
    if " " in schedule.strip():
        return None
    every = parse_duration(schedule)
    return max(every, min(_MOST_SCHEDULES * every, _LONGEST_WAIT))


def next_visit(listing: KnownListing, schedule: str, at: datetime) -> datetime | None:
    """When a listing that was visited at *at* may be asked for again; None where the schedule alone says when."""
    longest = longest_wait(schedule)
    if longest is None:
        return None
    silence = at - (listing.news_at or listing.since)
    wait = min(max(silence / _SHARE_OF_SILENCE, listing.rhythm.wait, parse_duration(schedule)), longest)
    return _after_skipped(at + wait * (1 - _SLACK), listing.rhythm)


def _after_skipped(at: datetime, rhythm: Rhythm) -> datetime:
    """The first moment that is in no skipped hour and on no skipped day; *at* itself where none comes soon."""
    moment = at.astimezone(UTC)
    while moment.hour in rhythm.hours or moment.weekday() in rhythm.days:
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if moment - at > _LONGEST_SKIP:
            return at
    return moment


def is_put_off(listing: KnownListing, schedule: str, now: datetime) -> bool:
    """
    Whether a listing waits although the turn of its source has come.

    A last visit in the future is that of a clock that went wrong: it puts nothing off. Nor does a bound that was
    longer before the schedule was changed.
    """
    longest = longest_wait(schedule)
    if longest is None or listing.ask_after is None or listing.visited_at is None or listing.visited_at > now:
        return False
    if listing.rhythm.hours or listing.rhythm.days:
        longest += _LONGEST_SKIP
    return now < min(_after_skipped(max(now, listing.ask_after), listing.rhythm), listing.visited_at + longest)


def is_full_turn(listing: KnownListing, schedule: str, now: datetime) -> bool:
    """
    Whether a listing is asked for at its own address and without validators this time, whatever is known of both.

    Every twentieth time, or when so many would have come by its schedule: who is put off for its silence may be
    silent because its validators lie. So it is, too, when it is without news for longer than it usually is.
    """
    if listing.full_at is None or listing.conditional_count >= _FULL_EVERY - 1:
        return True
    rests = [_FULL_AFTER]
    if " " not in schedule.strip():
        rests.append(_FULL_EVERY * parse_duration(schedule))
    if listing.usual is not None and listing.news_at is not None and now - listing.news_at > listing.usual:
        rests.append(max(listing.usual, _LEAST_DOUBT))
    return now - listing.full_at >= min(rests)


def is_distrusted(listing: KnownListing, now: datetime) -> bool:
    """Whether the validators of a listing were found to lie, not long ago."""
    return listing.distrusted_at is not None and now - listing.distrusted_at < _DISTRUST


# ---------------------------------------------------------------- what a visit teaches


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
    rhythm: Rhythm = _NO_WISH

    @property
    def is_well(self) -> bool:
        """Whether the listing was seen."""
        return self.listing is not None or self.is_same


def after_visit(known: KnownListing, sight: Sight, schedule: str) -> KnownListing:
    """What is known of a listing after one more visit; how long it usually is quiet comes from `with_usual`."""
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


# ---------------------------------------------------------------- news


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

    Three quarters of the time lie in spans that are no longer. So the nights and weekends of a newsroom count for
    as long as they are, however many short spans there are by day. The longest span is left out: a
    holiday, or we were away.

    >>> days = [datetime(2026, 3, day, 6, tzinfo=UTC) for day in (2, 3, 4, 5, 6, 9, 10)]
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
    return replace(listing, usual=usual, least_quiet=_SHORTEST_QUIET_LEARNING if is_learning else _SHORTEST_QUIET)


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


# ---------------------------------------------------------------- the sitemaps of an index


def choose_children(children: Iterable[KnownListing], now: datetime, limit: int) -> tuple[KnownListing, ...]:
    """
    The sitemaps of an index to visit now, at most *limit*, newest first.

    Three quarters of the places go to the newest, by what the index says of them, by the date in their names, or by
    when they last had news. The others go by turns: first to those that were never visited (of which those without
    any date are taken from both ends, since nobody says at which the new ones are), then to those that were not
    visited for longest. A sitemap that nothing speaks for settles: it waits for a quarter of the time that it has been
    without news; for a day at most where they are few, for a month where they are many.
    """
    children = tuple(children)
    rest = min(timedelta(days=1) * max(1, len(children) / _RESTING_A_DAY), _LONGEST_REST)
    due = [child for child in children if _is_child_due(child, now, rest)]
    dated = sorted(
        (child for child in due if _dated(child, now) is not None),
        key=lambda child: (_age_key(child, now), -child.position),
        reverse=True,
    )
    chosen = dated[: limit - limit // 4]
    taken = {child.url for child in chosen}
    unseen = [child for child in due if child.visited_at is None and child.url not in taken]
    undated = sorted((child for child in unseen if _dated(child, now) is None), key=lambda child: child.position)
    known = sorted(
        (child for child in due if child.visited_at is not None and child.url not in taken),
        key=lambda child: (child.visited_at or now, child.position),
    )
    by_turns = chain(_from_both_ends(undated), (child for child in dated if child in unseen), known)
    chosen += list(by_turns)[: limit - len(chosen)]
    return tuple(chosen)


def _is_child_due(child: KnownListing, now: datetime, longest_rest: timedelta) -> bool:
    if child.visited_at is None or child.visited_at > now:
        return True
    since: timedelta = now - child.visited_at
    if child.failed_count:
        wait = min(_FIRST_RETRY * 2 ** min(child.failed_count - 1, 10), _LONGEST_RETRY)
    elif child.modified_at is not None and child.visited_at < child.modified_at + _LASTMOD_SLACK:
        return True
    else:
        wait = min((now - (child.news_at or child.since)) / _SHARE_OF_SILENCE, longest_rest)
    return bool(since >= wait * (1 - _SLACK))


def _dated(child: KnownListing, now: datetime) -> datetime | None:
    """How new the newest of a sitemap may be; None where nothing tells."""
    times = (child.modified_at, date_in_name(child.url), child.news_at)
    return max((min(time, now) for time in times if time is not None), default=None)


def _age_key(child: KnownListing, now: datetime) -> tuple[float, float, float]:
    """Larger is newer. An index that gives all of its sitemaps the day it was made itself says nothing by that."""
    newest = _dated(child, now) or child.since
    named, news = date_in_name(child.url), child.news_at
    return (
        newest.toordinal(),
        min(named, now).timestamp() if named else newest.timestamp(),
        news.timestamp() if news else newest.timestamp(),
    )


def _from_both_ends(children: Sequence[KnownListing]) -> Iterable[KnownListing]:
    """The last, the first, the last but one …"""
    half = len(children) // 2
    pairs = zip_longest(reversed(children[half:]), children[:half])
    return (child for pair in pairs for child in pair if child is not None)


def with_children(further: Iterable[Further], now: datetime, kind: ListingKind) -> tuple[KnownListing, ...]:
    """The sitemaps that an index names, as they are known before their first visit."""
    return tuple(
        KnownListing(named.url, kind, now, modified_at=named.modified_at, position=position)
        for position, named in enumerate(further)
    )


def dated_as(entries: tuple[Entry, ...], child: KnownListing, oldest: datetime | None) -> tuple[Entry, ...]:
    """
    The entries of a sitemap at its first visit; in one that is older than *oldest*, those without a date are, too.

    Else every old address of a site would pass for one of today. Later on, what the sitemap did not name before is
    news, whatever is said of it.
    """
    bound = child.modified_at or date_in_name(child.url, with_month=True)
    if bound is None or oldest is None or bound >= oldest or child.seen_at is not None or child.named_in is None:
        return entries
    return tuple(
        replace(entry, updated_at=bound) if entry.published_at is None and entry.updated_at is None else entry
        for entry in entries
    )
