"""A whole pass against a fake web, with a fake clock and readers in this process: the same every time."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from fakes import START, Page, moved, text
from worlds import FEED, HOME, PARAGRAPHS, SOURCE, feed, page

from archive.judge.completion import Surroundings, complete_article
from scraper.model import CheckOutcome, Entry


def test_a_pass_brings_the_articles_of_a_feed_into_the_archive(world):
    tide = world(
        {
            FEED: feed("/lock", "/gate"),
            f"{HOME}/lock": page("Locks closed", PARAGRAPHS),
            f"{HOME}/gate": page("Gate cut", [p + " Again." for p in PARAGRAPHS]),
        }
    )
    result = tide.make_pass()
    assert {"Locks closed", "Gate cut"} == {stored.article.headline for stored in tide.articles()}
    assert 2 == result.decisions["add"] + result.decisions["duplicate"]
    assert ("tide", "tide") == tuple(stored.source for stored in tide.articles())


def test_robots_txt_comes_first_and_a_closed_path_is_not_asked_for(world):
    tide = world({
        f"{HOME}/robots.txt": text("User-agent: *\nDisallow: /private/"),
        FEED: feed("/private/list", "/lock"),
        f"{HOME}/lock": page("Locks closed", PARAGRAPHS),
        f"{HOME}/private/list": page("Never", PARAGRAPHS),
    })  # fmt: skip
    result = tide.make_pass()
    wishes = f"{HOME}/.well-known/tdmrep.json"
    assert [f"{HOME}/robots.txt", FEED, wishes, f"{HOME}/lock"] == tide.web.urls(robots=True)
    assert 1 == result.outcomes["disallowed"]
    assert [f"The Tide: {HOME}/private/list: robots.txt disallows it"] == list(result.problems)


def test_a_second_pass_over_an_unchanged_web_gets_304s_and_keeps_nothing_new(world):
    tide = world(
        {FEED: replace(feed("/lock"), etag='"f"'), f"{HOME}/lock": Page(page("Locks closed", PARAGRAPHS), etag='"a"')}
    )
    tide.make_pass()
    tide.clock.advance(timedelta(hours=1))
    result = tide.make_pass()
    assert {"not modified": 2} == {name: n for name, n in result.outcomes.items() if name not in {"fetched", "failed"}}
    assert not result.decisions
    assert 1 == len(tide.articles())
    assert tide.articles()[0].last_seen_at > tide.articles()[0].first_seen_at


def test_a_changed_text_is_a_revision_and_both_are_kept(world):
    tide = world({FEED: feed("/lock"), f"{HOME}/lock": page("Locks closed", PARAGRAPHS)})
    tide.make_pass()
    tide.web.pages[f"{HOME}/lock"] = page(
        "Locks open again", [*PARAGRAPHS, "At noon the gate was lifted and the first ship passed."]
    )
    tide.clock.advance(timedelta(hours=1))
    result = tide.make_pass()
    (stored,) = tide.articles()
    assert 1 == result.decisions["revise"]
    assert ["Locks closed", "Locks open again"] == [revision.headline for revision in stored.revisions]


def test_changed_navigation_is_no_revision(world):
    tide = world({FEED: feed("/lock"), f"{HOME}/lock": page("Locks closed", PARAGRAPHS)})
    tide.make_pass()
    tide.web.pages[f"{HOME}/lock"] = page("Locks closed", PARAGRAPHS).replace("Imprint", "Imprint, privacy, jobs")
    tide.clock.advance(timedelta(hours=1))
    assert 1 == tide.make_pass().decisions["unchanged"]


def test_a_redirect_is_followed_and_the_article_is_known_by_both_addresses(world):
    tide = world(
        {
            FEED: feed("/old"),
            f"{HOME}/old": moved(f"{HOME}/new"),
            f"{HOME}/new": Page(page("Locks closed", PARAGRAPHS), etag='"a"'),
        }
    )
    tide.make_pass()
    tide.clock.advance(timedelta(hours=1))
    result = tide.make_pass()
    (stored,) = tide.articles()
    assert (f"{HOME}/old", f"{HOME}/new") == (stored.found_url, stored.article.url)
    assert 1 == result.outcomes["not modified"]  # the validators belong to the new address, and are sent there


def test_a_page_that_cannot_be_read_is_one_failure_and_the_pass_goes_on(world):
    tide = world(
        {
            FEED: feed("/report.pdf", "/lock"),
            f"{HOME}/report.pdf": Page(b"%PDF-1.7 \xff"),
            f"{HOME}/lock": page("Locks closed", PARAGRAPHS),
        }
    )
    result = tide.make_pass()
    assert ["Locks closed"] == [stored.article.headline for stored in tide.articles()]
    assert [f"The Tide: {HOME}/report.pdf: the page cannot be read: this is a PDF, not a web page"] == list(
        result.problems
    )


@pytest.mark.parametrize(
    ("page_there", "kind"),
    [
        ("<title>Page not found</title><h1>Page not found</h1><p>Try our front page.</p>", "error"),
        (
            "<h1>Coast</h1>" + "".join(f"<h3><a href='/{n}.html'>Ferry {n} waits outside</a></h3>" for n in range(20)),
            "index",
        ),
    ],
)
def test_a_page_that_is_no_article_is_not_archived_as_one_and_the_reason_is_told(world, page_there, kind):
    tide = world({FEED: feed("/gone", "/lock"), f"{HOME}/gone": page_there, f"{HOME}/lock": page("Locks", PARAGRAPHS)})
    result = tide.make_pass()
    assert ["Locks"] == [stored.article.headline for stored in tide.articles()]
    assert 2 == len(list(tide.archive.all_captures()))
    assert any(f"/gone: no article, but of kind {kind}: " in problem for problem in result.problems)


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (feed(), CheckOutcome.SUDDENLY_EMPTY),
        (Page("<!doctype html><title>Sorry</title><p>Back soon."), CheckOutcome.HTML),
        (Page("neither this nor that", media_type="application/rss+xml"), CheckOutcome.BROKEN),
        (Page(status=503), CheckOutcome.FAILED),
    ],
)
def test_what_goes_wrong_with_a_feed_is_told_apart(world, second, outcome):
    tide = world({FEED: [feed("/lock"), second], f"{HOME}/lock": page("Locks closed", PARAGRAPHS)})
    tide.make_pass()
    tide.make_pass()
    assert outcome is tide.archive.last_check(FEED).outcome


def test_a_sitemap_index_leads_to_its_sitemaps_and_their_articles(world):
    index = f"{HOME}/sitemap.xml"
    ns = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    tide = world(
        {
            index: Page(
                f"<sitemapindex {ns}><sitemap><loc>{HOME}/news.xml</loc></sitemap></sitemapindex>",
                media_type="text/xml",
            ),
            f"{HOME}/news.xml": Page(f"<urlset {ns}><url><loc>{HOME}/lock</loc></url></urlset>", media_type="text/xml"),
            f"{HOME}/lock": page("Locks closed", PARAGRAPHS),
        },
        replace(SOURCE, feeds=(), sitemaps=(index,)),
    )
    tide.make_pass()
    assert ["Locks closed"] == [stored.article.headline for stored in tide.articles()]


def test_no_more_articles_are_asked_for_than_the_configuration_says(world):
    paths = [f"/story-{number}" for number in range(6)]
    tide = world({FEED: feed(*paths), **{HOME + path: page(f"Story {path}", PARAGRAPHS) for path in paths}})
    tide.settings = replace(tide.settings, passes=replace(tide.settings.passes, articles_per_source=2))
    tide.make_pass()
    assert 2 == len(tide.articles())
    tide.make_pass()  # new ones come before a second look at known ones
    assert 4 == len(tide.articles())


def test_the_raw_response_of_every_article_is_kept(world):
    tide = world({FEED: feed("/lock"), f"{HOME}/lock": page("Locks closed", PARAGRAPHS)})
    tide.make_pass()
    (capture,) = tide.archive.all_captures()
    assert f"{HOME}/lock" == capture.url
    assert (tide.settings.archive.warc_folder / capture.location.file).exists()


def test_what_the_page_does_not_tell_is_taken_from_the_entry_and_says_so(world):
    tide = world({FEED: feed("/lock"), f"{HOME}/lock": f"<p>{'</p><p>'.join(PARAGRAPHS)}</p>"})
    tide.make_pass()
    (stored,) = tide.articles()
    assert "Entry /lock" == stored.article.headline
    assert "entry" == stored.article.origins["headline"]
    known = Surroundings(Entry(HOME, title="Another"), SOURCE.language)
    assert stored.article == complete_article(stored.article, known)


def test_an_article_that_nobody_asked_for_is_not_given_up(world):
    """
    A host that wants to be left alone for hours is: what waits there does not count that as a
    failure of its own.
    """
    busy = Page(status=429, headers={"Retry-After": "86400"})
    tide = world({FEED: feed("/lock", "/gate"), f"{HOME}/lock": busy, f"{HOME}/gate": busy})
    for _ in range(12):  # as many failures give a page up; these have one request a pass between them
        tide.make_pass()
        tide.clock.advance(timedelta(days=1))
    assert () == tide.archive.lost(START)


def test_a_pass_keeps_the_pace_of_each_host(world):
    paths = [f"/story-{number}" for number in range(4)]
    tide = world({FEED: feed(*paths), **{HOME + path: page(f"Story {path}", PARAGRAPHS) for path in paths}})
    tide.make_pass()
    asked = tide.web.asked
    assert all(b.started_at - a.ended_at >= timedelta(seconds=1) for a, b in pairwise(asked))
    assert {1} == {one.in_flight for one in asked}
    assert asked[0].started_at == START
