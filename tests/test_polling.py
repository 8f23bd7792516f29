"""When a listing is asked for again, and which sitemaps of an index: rules, without a pass."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.judge.polling import (
    KnownListing,
    choose_children,
    is_full_turn,
    is_put_off,
    is_quiet,
    longest_wait,
    newest_entries,
    next_visit,
    usual_span,
    with_usual,
)
from scraper.discover.rhythm import find_freshness, find_rhythm
from scraper.discover.sitemaps import date_in_name
from scraper.model import Entry, ListingKind, Rhythm

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEED = KnownListing("https://news.example/feed", ListingKind.FEED, NOW)


def office_hours(weeks, start=NOW):
    """News every hour of the working day."""
    hours = (start + HOUR * n for n in range(weeks * 7 * 24))
    return [at for at in hours if at.weekday() < 5 and 7 <= at.hour < 19]


def test_nights_and_weekends_are_usual_from_the_first_week_on():
    """Seen every hour over ten weeks, the feed is never called quiet; a week off is told."""
    times = office_hours(10)
    known = FEED
    for n in range(10 * 7 * 24):
        at = NOW + HOUR * n
        had = [time for time in times if time <= at]
        if had and had[-1] == at:
            known = with_usual(replace(known, news_at=at), had)
        known = replace(known, seen_at=at)
        assert not is_quiet(known), at
    assert is_quiet(replace(known, seen_at=known.news_at + 8 * DAY))


@pytest.mark.parametrize(("every", "learnt"), [(DAY, DAY), (7 * DAY, 7 * DAY), (HOUR, HOUR)])
def test_the_usual_span_of_a_regular_feed_is_its_period(every, learnt):
    assert learnt == usual_span([NOW + every * n for n in range(12)])


def test_one_long_absence_teaches_nothing():
    times = [NOW + DAY * n for n in range(12)]
    assert usual_span([*times[:6], *(at + 60 * DAY for at in times[6:])]) == DAY


def test_too_few_visits_with_news_teach_nothing():
    assert usual_span([NOW, NOW + DAY, NOW + 2 * DAY, NOW + 3 * DAY]) is None
    assert not is_quiet(replace(FEED, news_at=NOW, seen_at=NOW + 300 * DAY))


@pytest.mark.parametrize("schedule", ["15m", "1h", "6h", "1d", "3d"])
def test_no_listing_waits_longer_than_the_bound_and_none_less_than_the_schedule(schedule):
    wish = Rhythm(wait=300 * DAY)
    for silent in (timedelta(), HOUR, DAY, 100 * DAY):
        at = NOW + silent
        known = replace(FEED, news_at=NOW, visited_at=at, rhythm=wish)
        known = replace(known, ask_after=next_visit(known, schedule, at))
        assert not is_put_off(known, schedule, at + longest_wait(schedule))


def test_a_shorter_schedule_counts_at_once():
    known = replace(FEED, visited_at=NOW, ask_after=NOW + DAY)
    assert is_put_off(known, "1d", NOW + 5 * HOUR)
    assert not is_put_off(known, "1h", NOW + 5 * HOUR)
    assert not is_put_off(known, "0 6 * * *", NOW + 5 * HOUR)


def test_a_feed_that_skips_every_hour_is_not_believed():
    known = replace(FEED, news_at=NOW, rhythm=Rhythm(hours=frozenset(range(24))))
    assert next_visit(known, "1h", NOW) < NOW + HOUR


@pytest.mark.parametrize(
    ("expected", "headers"),
    [
        (timedelta(), {}),
        (timedelta(), {"cache-control": "max-age=banana", "expires": "never"}),
        (timedelta(seconds=60), {"cache-control": 'private, Max-Age="60"'}),
        (365 * DAY, {"cache-control": "max-age=999999999999"}),
        (HOUR, {"expires": "Mon, 02 Mar 2026 07:00:00 GMT"}),
        (HOUR, {"expires": "Mon, 02 Mar 2020 07:00:00 GMT", "date": "Mon, 02 Mar 2020 06:00:00 GMT"}),
        (timedelta(), {"expires": "Mon, 02 Mar 2020 07:00:00 GMT"}),
    ],
)
def test_freshness_comes_from_headers_of_any_shape(expected, headers):
    assert expected == find_freshness(headers, NOW)


def test_the_rhythm_of_a_feed_is_its_ttl_else_its_update_period():
    assert 90 * timedelta(minutes=1) == find_rhythm("<channel><ttl> 90 </ttl>").wait
    period = "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    assert 6 * HOUR == find_rhythm(f"<channel>{period}").wait
    assert Rhythm() == find_rhythm("<ttl>soon</ttl><skipHours><hour>99</hour></skipHours><skipDays>Sunday</skipDays>")


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ("2026-12-01", "/sm-2026-11.xml"),
        ("2026-11-03", "/sitemap/2026/11/02/index.xml"),
        ("2026-11-03", "/news20261102.xml"),
        ("2027-01-01", "/archive-2026.xml"),
        ("2015-11-03", "/sitemap.xml?yyyy=2015&mm=11&dd=02"),
        ("2026-03-01", "/sm-2026-02-31.xml"),
        (None, "/post-sitemap12.xml"),
        (None, "/sitemap-120260.xml"),
    ],
)
def test_the_name_of_a_sitemap_tells_its_time(expected, path):
    found = date_in_name(f"https://news.example{path}")
    assert expected == (found.date().isoformat() if found else None)


def test_a_sitemap_that_fails_is_asked_for_less_and_less():
    child = replace(FEED, kind=ListingKind.SITEMAP, named_in="https://news.example/i.xml")
    asked = []
    for hour in range(24 * 14):
        now = NOW + HOUR * hour
        if choose_children([child], now, 25):
            asked.append(hour)
            child = replace(child, visited_at=now, failed_count=child.failed_count + 1)
    assert [0, 1, 3, 7] == asked[:4]
    assert len(asked) < 12


def test_the_newest_of_many_entries_are_those_with_the_newest_dates():
    entries = tuple(Entry(f"https://news.example/{n}", updated_at=NOW + HOUR * n if n % 2 else None) for n in range(20))
    assert ["19", "17", "15"] == [entry.url.rpartition("/")[2] for entry in newest_entries(entries, 3)]
    assert 12 == len(newest_entries(entries, 12))


def test_a_quiet_listing_is_asked_for_whole_when_twenty_visits_of_its_schedule_are_over_however_few_were_made():
    listing = replace(FEED, full_at=NOW, news_at=NOW, conditional_count=3)
    assert [False, True] == [is_full_turn(listing, "1h", NOW + span) for span in (19 * HOUR, 20 * HOUR)]
    assert [False, True] == [is_full_turn(listing, "0 6 * * *", NOW + span) for span in (6 * DAY, 7 * DAY)]


def test_a_listing_without_news_for_longer_than_usual_is_asked_for_whole():
    listing = replace(FEED, full_at=NOW, news_at=NOW, usual=6 * HOUR)
    assert [False, True] == [is_full_turn(listing, "1h", NOW + span) for span in (6 * HOUR, 7 * HOUR)]
