"""The sitemaps of an index: which of them are visited now, and what their dates say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, zip_longest

from archive.judge.polling.known import KnownListing
from archive.judge.polling.turns import SHARE_OF_SILENCE, SLACK
from scraper.discover.sitemaps import date_in_name
from scraper.model import Entry, Further, ListingKind

# So many sitemaps of an index may wait for a day at most; of more, about as many are asked for on a
# day.
_RESTING_A_DAY = 25
# The sitemaps of old years change when a publisher takes something away: seen once a month.
_LONGEST_REST = timedelta(days=30)
# What failed is tried again with the next pass, then after twice the time, up to a week.
_FIRST_RETRY = timedelta(hours=1)
_LONGEST_RETRY = timedelta(days=7)
# Doublings after which the longest retry is reached by far; a larger power would leave the range of
# a timedelta.
_MOST_DOUBLINGS = 10
# The day of a lastmod may be meant, or the hour of a zone that is left out.
_LASTMOD_SLACK = timedelta(days=1)
# One place in four goes by turns, so that a sitemap without a date is not forgotten.
_BY_TURNS = 4


def choose_children(children: Iterable[KnownListing], now: datetime, limit: int) -> tuple[KnownListing, ...]:
    """
    The sitemaps of an index to visit now, at most *limit*, newest first.

    Three quarters of the places go to the newest, by what the index says of them, by the date in
    their names, or by when they last had news. The others go by turns: first to those that were
    never visited (of which those without any date are taken from both ends, since nobody says at
    which the new ones are), then to those that were not visited for longest. A sitemap that nothing
    speaks for settles: it waits for a quarter of the time that it has been without news; for a day
    at most where they are few, for a month where they are many.
    """
    children = tuple(children)
    rest = min(timedelta(days=1) * max(1, len(children) / _RESTING_A_DAY), _LONGEST_REST)
    due = [child for child in children if _is_child_due(child, now, rest)]
    dated = sorted(
        (child for child in due if _dated(child, now) is not None),
        key=lambda child: (_age_key(child, now), -child.position),
        reverse=True,
    )
    chosen = dated[: limit - limit // _BY_TURNS]
    taken = {child.url for child in chosen}
    by_turns = _by_turns([child for child in due if child.url not in taken], dated, now)
    return (*chosen, *islice(by_turns, limit - len(chosen)))


def _by_turns(waiting: Sequence[KnownListing], dated: Iterable[KnownListing], now: datetime) -> Iterator[KnownListing]:
    """
    The sitemaps that were not chosen for their dates, in the order of their turns; *dated* are
    newest first.
    """
    unseen = [child for child in waiting if child.visited_at is None]
    undated = sorted((child for child in unseen if _dated(child, now) is None), key=lambda child: child.position)
    yield from _from_both_ends(undated)
    yield from (child for child in dated if child in unseen)
    yield from sorted(
        (child for child in waiting if child.visited_at is not None),
        key=lambda child: (child.visited_at or now, child.position),
    )


def _is_child_due(child: KnownListing, now: datetime, longest_rest: timedelta) -> bool:
    if child.visited_at is None or child.visited_at > now:
        return True
    since: timedelta = now - child.visited_at
    if child.failed_count:
        wait = min(_FIRST_RETRY * 2 ** min(child.failed_count - 1, _MOST_DOUBLINGS), _LONGEST_RETRY)
    elif child.modified_at is not None and child.visited_at < child.modified_at + _LASTMOD_SLACK:
        return True
    else:
        wait = min((now - (child.news_at or child.since)) / SHARE_OF_SILENCE, longest_rest)
    return bool(since >= wait * (1 - SLACK))


def _dated(child: KnownListing, now: datetime) -> datetime | None:
    """How new the newest of a sitemap may be; None where nothing tells."""
    times = (child.modified_at, date_in_name(child.url), child.news_at)
    return max((min(time, now) for time in times if time is not None), default=None)


def _age_key(child: KnownListing, now: datetime) -> tuple[float, float, float]:
    """
    Larger is newer. An index that gives all of its sitemaps the day it was made itself says nothing
    by that.
    """
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
    The entries of a sitemap at its first visit; in one that is older than *oldest*, those without a
    date are, too.

    Else every old address of a site would pass for one of today. Later on, what the sitemap did not
    name before is news, whatever is said of it.
    """
    bound = child.modified_at or date_in_name(child.url, with_month=True)
    if bound is None or oldest is None or bound >= oldest or child.seen_at is not None or child.named_in is None:
        return entries
    return tuple(
        replace(entry, updated_at=bound) if entry.published_at is None and entry.updated_at is None else entry
        for entry in entries
    )
