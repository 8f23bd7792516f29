"""
Passes over a local site with a real meter cookie: the free articles are spent, and no more than
these.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sites import Desk, Metered, Moved, serve, story

from archive.edition.render import render
from archive.judge.meters import Meter
from archive.run.health import check_all
from scraper.model import AccessStatus, MeterRule

HOST = "127.3.0.1"


@pytest.fixture
def desk(tmp_path):
    desks = []

    def make(site, source=None, **passes):
        desks.append(Desk(tmp_path, site, source, **passes))
        return desks[-1]

    yield make
    for made in desks:
        made.archive.close()


def test_a_pass_learns_of_the_meter_from_the_prompt_and_stops_there(desk):
    with serve(Metered(free=5), HOST) as site:
        tide = desk(site)
        result = tide.make_pass()
        assert [f"/story-{n}" for n in range(1, 7)] == site.articles_asked  # the sixth shows the prompt
        assert {"tide": 3} == dict(result.left)
        assert ["The Tide: 3 articles left: its 5 free articles of this month are read"] == list(result.problems)
        assert 0 == result.outcomes["failed"]


def test_what_was_left_waits_and_nothing_is_asked_for_until_the_window_turns(desk):
    with serve(Metered(free=5), HOST) as site:
        tide = desk(site)
        tide.make_pass()
        assert {"tide": 3} == dict(tide.make_pass().left)
        assert [] == site.articles_asked


def test_the_meter_cookie_is_kept_from_one_pass_to_the_next_and_never_shown(desk, tmp_path):
    with serve(Metered(free=100), HOST) as site:
        tide = desk(site, articles_per_source=2)
        tide.make_pass()
        assert ["", "visitor=0"] == [cookie for path, cookie in site.asked if path.startswith("/story")]
        tide.make_pass()
        assert {"visitor=0"} == {cookie for path, cookie in site.asked if path.startswith("/story")}
        assert {""} == {cookie for path, cookie in site.asked if not path.startswith("/story")}
    (file,) = (tmp_path / "cookies").iterdir()
    assert ("127.3.0.1.txt", 0o600) == (file.name, file.stat().st_mode & 0o777)
    assert b"visitor=" not in tide.everything_written()


def test_a_configured_limit_is_never_exceeded_and_the_reserve_is_left_for_the_reader(desk):
    with serve(Metered(free=5), HOST) as site:
        source = replace(site.source, meter=MeterRule(limit=5, window="month", reserve=2))
        tide = desk(site, source)
        result = tide.make_pass()
        assert ["/story-1", "/story-2", "/story-3"] == site.articles_asked
        kept = "but for the 2 of 5 that are kept for you"
        assert [f"The Tide: 5 articles left: its free articles of this month are read, {kept}"] == list(result.problems)


def test_views_that_the_reader_made_himself_are_counted_as_the_page_says(desk):
    """The site counts three before presswatch comes: it may read two."""
    says = "<div class='paywall'><p>You have read {} of 5 free articles this month.</p><p>All for $11/month.</p></div>"
    rules = Metered(free=5, says=says)
    rules.views["0"] = 3
    with serve(rules, HOST) as site:
        tide = desk(site)
        tide.make_pass()
        assert ["/story-1", "/story-2"] == site.articles_asked
        (meter,) = tide.archive.meters()
        assert (5, "month") == (meter.allowance, meter.window)
        assert 5 == len(tide.archive.views(meter, datetime.now(UTC)))


def test_priority_words_spend_the_last_free_views(desk):
    with serve(Metered(free=2), HOST) as site:
        source = replace(site.source, meter=MeterRule(limit=2))
        tide = desk(site, source, priority_words=("story 7", "STORY-4"))
        tide.make_pass()
        assert ["/story-4", "/story-7"] == sorted(site.articles_asked)


def test_known_articles_are_not_looked_at_again_where_a_look_costs(desk):
    with serve(Metered(free=5), HOST, count=2) as site:
        tide = desk(site, replace(site.source, meter=MeterRule(limit=5)))
        tide.make_pass()
        tide.make_pass()
        assert [] == site.articles_asked


def test_the_feeds_text_costs_nothing_and_is_kept_in_place_of_the_page(desk):
    with serve(Metered(free=1), HOST, count=2) as site:
        site.feed_texts["/story-2"] = "".join(f"<p>{paragraph}</p>" for paragraph in story("/story-2"))
        tide = desk(site, replace(site.source, meter=MeterRule(limit=1)))
        result = tide.make_pass()
        assert ["/story-1"] == site.articles_asked
        assert not result.left
        from_feed = tide.articles()["Entry /story-2"].article
        assert story("/story-2") == [block.text for block in from_feed.body_blocks]
        assert (AccessStatus.METERED, None) == (from_feed.access.status, from_feed.access.complete)
        assert "feed" == from_feed.origins["body"]
        assert {"unchanged": 1} == dict(tide.make_pass().decisions)


def test_edition_and_check_say_what_was_left(desk):
    with serve(Metered(free=5), HOST) as site:
        tide = desk(site)
        tide.make_pass()
        line = "3 articles of The Tide were left: its 5 free articles of this month are read"
        for style in ("text", "markdown"):
            assert line in " ".join(render(tide.edition(), style).split())
        assert "3 articles</b> of The Tide were left: its 5 free" in render(tide.edition(), "html")
        tide.archive.close()
        (finding,) = (one for one in check_all(tide.settings, datetime.now(UTC)) if one.what.startswith("meter"))
        assert finding.is_well
        assert finding.detail.startswith("5 of 5 free articles of this month read, no more are asked for before ")
        assert finding.detail.endswith(", 3 waiting")


def test_what_was_given_up_or_has_grown_too_old_waits_no_more(desk):
    with serve(Metered(free=5), HOST) as site:
        tide = desk(site)
        tide.make_pass()
        (meter,), now = tide.archive.meters(), datetime.now(UTC)
        assert 3 == tide.archive.waiting_count(meter, now, timedelta(days=14))
        assert 0 == tide.archive.waiting_count(meter, now + timedelta(days=15), timedelta(days=14))
        while not tide.archive.mark_failed(f"{site.home}story-8", now, "the server answers 404"):
            pass
        assert 2 == tide.archive.waiting_count(meter, now)


def test_a_site_without_a_meter_is_read_as_before(desk):
    with serve(Metered(free=100), HOST) as site:
        tide = desk(site)
        result = tide.make_pass()
        assert site.paths == site.articles_asked
        assert (8, {}, ()) == (len(tide.articles()), dict(result.left), tide.archive.meters())


def test_a_redirect_to_a_site_whose_articles_are_read_is_not_followed(desk):
    """An aggregator's links count on the meter of the site that they lead to."""
    moved = Moved()
    with serve(Metered(free=5), "127.3.0.4", count=0) as other, serve(moved, HOST, count=3) as site:
        moved.to = other.home
        tide = desk(site)
        fetch = replace(tide.settings.fetch, allowed_addresses=frozenset({site.address, other.address}))
        tide.settings = replace(tide.settings, fetch=fetch)
        tide.archive.save_meter(Meter("127.3.0.4", allowance=2), datetime.now(UTC))
        result = tide.make_pass()
        assert ["/story-1", "/story-2"] == other.articles_asked
        assert {"tide": 1} == dict(result.left)
