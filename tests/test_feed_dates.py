"""Dates of feeds and sitemaps: an instant, or none where it is not certain which."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.dates import parse_date
from scraper.discover.feeds import parse_feed

SIX = datetime(2026, 3, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "2026-03-02T06:00:00Z",
        "2026-03-02 06:00",
        "2026/03/02 07:00:00 CET",
        "20260302T060000Z",
        "2026-03-02T07:00:00+01:00[Europe/Paris]",
        "Mon, 02 Mar 2026 06:00:00 GMT",
        "Mon,2 Mar 26 06:00 UT",
        "Mon, 02 Mar 2026 07:00:00 +0100 (CET)",
        "Mon, 02 Mar 2026 08:00:00 (CEST)",
        "Mon, 02 Mar 2026 06:00 (corrected)",
        "Mon, 02 Mar 2026 09:00:00 UTC+3",
        "Mon, 02 Mar 2026 08:00:00 GMT+2",
        "Mon, 02 Mar 2026 07:00:00 BST",
        "Mon, 02 Mar 2026 11:30:00 IST",
        "Mon, 02 Mar 2026 01:00:00 EST",
        "Mon, 02 Mar 2026 06:00:00 AM GMT",
        "Mon Mar  2 06:00:00 2026",
        "Mon Mar 02 07:00:00 CET 2026",
        "March 2nd, 2026 at 6 a.m.",
        "lun, 02 mars 2026 07:00:00 +0100",
        "2. März 2026, 07:00 MEZ",
        "02.03.2026 06:00",
        "2026年3月2日 上午6:00",
        "1772431200",
        "1772431200000",
        "1772431200.25",
    ],
)
def test_one_instant_is_read_in_every_form(raw):
    assert SIX == parse_date(raw)


@pytest.mark.parametrize(
    ("raw", "hour"),
    [("12:00 AM", 0), ("12:30 PM", 12), ("6:00 p.m.", 18), ("11:59 pm", 23), ("18:00 PM", 18), ("24:00", 24)],
)
def test_halves_of_the_day(raw, hour):
    found = parse_date(f"Mon, 02 Mar 2026 {raw}")
    assert datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour) == found.replace(minute=0)


@pytest.mark.parametrize(
    "raw",
    [
        "Mon, 02 Mar 2026 06:00:00 XYZT",
        "Mon, 02 Mar 2026 06:00:00 AMT",  # Amazon or Armenia
        "2026-03-02T06:00:00 Mars/Olympus",
        "02/03/2026 06:00",
        "Mon, 30 Feb 2026 06:00:00 GMT",
        "Mon, 02 Mar 2026 25:00:00 GMT",
        "Mon, 02 Mar 2026 06:00:00 +9900",
        "0001-01-01T00:00:00Z",
        "02 Foo 2026",
        "yesterday",
        "",
        None,
    ],
)
def test_what_is_not_certain_is_no_date(raw):
    assert parse_date(raw) is None


@pytest.mark.parametrize(
    ("zone", "language", "utc_hour"), [("CST", "zh-CN", 4), ("CST", "en", 18), ("IST", "he", 10), ("EST", "en-AU", 2)]
)
def test_a_name_of_a_zone_means_what_it_means_in_the_language_of_the_feed(zone, language, utc_hour):
    assert utc_hour == parse_date(f"Mon, 02 Mar 2026 12:00:00 {zone}", language).hour


def test_an_unknown_zone_costs_an_entry_its_date_and_nothing_else():
    rss = (
        b"<rss><channel><language>zh-cn</language><item><link>https://news.example/a</link>"
        b"<pubDate>Mon, 02 Mar 2026 14:00:00 CST</pubDate></item><item><link>https://news.example/b</link>"
        b"<pubDate>Mon, 02 Mar 2026 14:00:00 QQQ</pubDate></item></channel></rss>"
    )
    first, second = parse_feed(rss, "https://news.example/rss").entries
    assert (SIX, None) == (first.published_at, second.published_at)
    assert second.published_raw == "Mon, 02 Mar 2026 14:00:00 QQQ"


@given(st.text(max_size=60) | st.text(st.sampled_from("0123456789 -/:.+TZAPMMarCET,年月日"), max_size=40))
def test_any_text_gives_an_instant_in_utc_or_none(raw):
    found = parse_date(raw)
    assert found is None or found.tzinfo is UTC
