"""The verdict on one visit to a listing."""

from datetime import UTC, datetime, timedelta

import pytest

from scraper.discover.checks import EarlierChecks, judge_check
from scraper.errors import FeedError
from scraper.model import (
    CheckOutcome,
    Disallowed,
    Entry,
    Failed,
    FetchRequest,
    Further,
    Listing,
    ListingKind,
    NotModified,
    Purpose,
    Redirected,
)

REQUEST = FetchRequest("https://news.example/rss", Purpose.FEED)
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
NOT_MODIFIED = NotModified(REQUEST, NOW, timedelta())
EMPTY = Listing(ListingKind.FEED, ())
FULL = Listing(ListingKind.FEED, (Entry("https://news.example/a"), Entry("https://news.example/b")), problem="odd")


@pytest.mark.parametrize("had_entries", [True, False])
def test_entries_are_found_and_counted_and_a_problem_is_told(had_entries):
    verdict = judge_check(FULL, EarlierChecks(CheckOutcome.BROKEN, had_entries))
    assert (CheckOutcome.FOUND, "2 entries; odd") == (verdict.outcome, verdict.detail)


def test_no_entries_are_empty_where_there_never_were_any():
    assert CheckOutcome.EMPTY == judge_check(EMPTY, EarlierChecks()).outcome


@pytest.mark.parametrize("last", [CheckOutcome.FOUND, CheckOutcome.SUDDENLY_EMPTY, CheckOutcome.FAILED])
def test_no_entries_are_suddenly_empty_where_there_were_some(last):
    verdict = judge_check(EMPTY, EarlierChecks(last, had_entries=True))
    assert CheckOutcome.SUDDENLY_EMPTY == verdict.outcome


def test_a_sitemap_index_is_not_empty():
    listing = Listing(ListingKind.SITEMAP, (), further=(Further("https://news.example/1.xml"),))
    verdict = judge_check(listing, EarlierChecks(had_entries=True))
    assert (CheckOutcome.FOUND, "1 further sitemaps") == (verdict.outcome, verdict.detail)


def test_a_section_front_with_only_a_next_page_is_empty():
    listing = Listing(ListingKind.INDEX_PAGE, (), further=(Further("https://news.example/world/2"),))
    assert CheckOutcome.EMPTY == judge_check(listing, EarlierChecks()).outcome


@pytest.mark.parametrize(("is_html", "expected"), [(False, CheckOutcome.BROKEN), (True, CheckOutcome.HTML)])
def test_broken_and_a_web_page_are_two_outcomes(is_html, expected):
    verdict = judge_check(FeedError(REQUEST.url, "cut in line 3", is_html=is_html), EarlierChecks(had_entries=True))
    assert (expected, "cut in line 3") == (verdict.outcome, verdict.detail)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, CheckOutcome.UNCHANGED),
        (CheckOutcome.FOUND, CheckOutcome.UNCHANGED),
        (CheckOutcome.UNCHANGED, CheckOutcome.UNCHANGED),
        (CheckOutcome.FAILED, CheckOutcome.UNCHANGED),
        (CheckOutcome.DISALLOWED, CheckOutcome.UNCHANGED),
        (CheckOutcome.BROKEN, CheckOutcome.BROKEN),
        (CheckOutcome.HTML, CheckOutcome.HTML),
        (CheckOutcome.EMPTY, CheckOutcome.EMPTY),
        (CheckOutcome.SUDDENLY_EMPTY, CheckOutcome.SUDDENLY_EMPTY),
    ],
)
def test_not_modified_repeats_a_verdict_on_the_document_and_no_other(last, expected):
    assert expected == judge_check(NOT_MODIFIED, EarlierChecks(last)).outcome


def test_not_modified_never_turns_a_failure_into_unchanged_however_often_it_comes():
    outcome = CheckOutcome.BROKEN
    for _ in range(3):
        outcome = judge_check(NOT_MODIFIED, EarlierChecks(outcome, had_entries=True)).outcome
    assert CheckOutcome.BROKEN == outcome


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        (Failed(REQUEST, NOW, "the server did not answer"), CheckOutcome.FAILED),
        (Disallowed(REQUEST, NOW, "robots.txt"), CheckOutcome.DISALLOWED),
        (Redirected(REQUEST, NOW, 301, "https://news.example/new", timedelta()), CheckOutcome.FAILED),
    ],
)
def test_no_document_is_a_failure_with_its_reason(visit, expected):
    verdict = judge_check(visit, EarlierChecks(CheckOutcome.FOUND, had_entries=True))
    assert expected == verdict.outcome
    assert verdict.detail
