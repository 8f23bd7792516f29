"""
Listings over weeks of fake time: what an index names, validators that lie, feeds that move, fall
quiet, or hang.
"""

from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fakes import FakeClock, Page, moved, run, text
from worlds import FEED, HOME, PARAGRAPHS, SOURCE, feed, page

from archive.run.due import due_sources
from archive.run.health.sources import check_listings
from archive.run.readers import InlineReaders
from archive.run.update import run_pass
from scraper.errors import ParseError
from scraper.model import CheckOutcome, Validators

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INDEX = f"{HOME}/sitemap.xml"
MAPS = replace(SOURCE, feeds=(), sitemaps=(INDEX,))


def visit(world, after=timedelta(), *, readers=None, sources=None):
    """
    A pass as `presswatch run` makes it: what is due, as far as its time has come. Gives what was
    asked for.
    """

    async def work(due):
        async with world.web.client(world.settings.fetch) as client:
            return await run_pass(
                world.archive, world.settings, due, client=client, clock=world.clock,
                readers=readers or InlineReaders(), sparing=True,
            )  # fmt: skip

    world.clock.advance(after)
    world.web.asked.clear()
    world.archive.save_sources(sources or [world.source])
    due = due_sources(world.archive, sources or [world.source], world.clock.now(), "UTC")
    return run(work(due)) if due else None


def index_of(children, **more):
    sitemaps = "".join(
        f"<sitemap><loc>{HOME}{path}</loc>{f'<lastmod>{modified}</lastmod>' if modified else ''}</sitemap>"
        for path, modified in children
    )
    return Page(f"<sitemapindex>{sitemaps}</sitemapindex>", media_type="application/xml", **more)


def sitemap(*paths, modified=None, **more):
    lastmod = f"<lastmod>{modified}</lastmod>" if modified else ""
    urls = "".join(f"<url><loc>{HOME}{path}</loc>{lastmod}</url>" for path in paths)
    return Page(f"<urlset>{urls}</urlset>", media_type="application/xml", **more)


def asked_sitemaps(world):
    urls = (url.removeprefix(HOME) for url in world.web.urls() if url.endswith(".xml") and url != INDEX)
    return [path for path in urls if path.count("/") == 1]


def story(n):
    return page(f"Story {n}", [f"{paragraph} It was number {n}." for paragraph in PARAGRAPHS])


def findings(world):
    return [finding.detail for finding in check_listings(world.archive, world.settings)]


# ---------------------------------------------------------------- the sitemaps of an index


def months(count):
    """(path, lastmod) of so many months, the newest last; the world begins in March 2026."""
    names = [f"{2026 - (count - 1 - n + 9) // 12}-{(2 - (count - 1 - n)) % 12 + 1:02}" for n in range(count)]
    return [(f"/sm-{name}.xml", f"{name}-02") for name in names]


def test_of_an_index_the_newest_sitemaps_come_first_and_all_others_in_later_passes(world):
    children = months(60)
    tide = world({INDEX: index_of(children)}, MAPS)
    tide.web.pages |= {f"{HOME}{path}": sitemap(f"/old{path}", modified=day) for path, day in children}
    tide.make_pass()
    assert [path for path, _ in reversed(children)][:25] == asked_sitemaps(tide)
    seen = set(asked_sitemaps(tide))
    for _ in range(3):
        tide.clock.advance(HOUR)
        tide.make_pass()
        assert len(asked_sitemaps(tide)) <= 25
        seen |= set(asked_sitemaps(tide))
    assert {path for path, _ in children} == seen


def test_old_sitemaps_settle_while_the_one_with_news_is_asked_for_at_each_pass(world):
    children = [(f"/part{n}.xml", None) for n in range(10)]
    tide = world({INDEX: index_of(children)}, MAPS)
    tide.web.pages |= {f"{HOME}{path}": sitemap(f"/old{path}", modified="2025-01-01") for path, _ in children}
    tide.make_pass()
    counts = []
    for n in range(48):
        tide.web.pages[f"{HOME}/part7.xml"] = sitemap(*(f"/story-{k}" for k in range(n)))
        tide.web.pages[f"{HOME}/story-{n}"] = story(n)
        tide.clock.advance(HOUR)
        tide.make_pass()
        counts.append(asked_sitemaps(tide))
    assert all("/part7.xml" in asked for asked in counts[24:])
    assert all(1 <= sum(f"/part{n}.xml" in asked for asked in counts[24:]) <= 2 for n in range(10) if n != 7)


def test_without_dates_both_ends_of_an_index_come_first(world):
    children = [(f"/part{n}.xml", None) for n in range(100)]
    tide = world({INDEX: index_of(children)}, MAPS)
    tide.web.pages |= {f"{HOME}{path}": sitemap(f"/old{path}") for path, _ in children}
    tide.make_pass()
    first = asked_sitemaps(tide)
    assert {"/part0.xml", "/part99.xml"} < set(first)
    assert len(first) == 25


def test_an_index_that_calls_all_of_its_sitemaps_new_hides_none(world):
    children = [(f"/part{n}.xml", "2026-03-02T06:00:00Z") for n in range(90)]
    tide = world({INDEX: index_of(children)}, MAPS)
    tide.web.pages |= {f"{HOME}{path}": sitemap(f"/old{path}", modified="2020-01-01") for path, _ in children}
    seen = set()
    for _ in range(14):
        tide.make_pass()
        seen |= set(asked_sitemaps(tide))
        tide.clock.advance(HOUR)
    assert 90 == len(seen)


@pytest.mark.parametrize(
    "answer",
    [
        index_of([("/news.xml", None)], etag='"same"'),
        Page(status=503),
        Page(status=404),
        Page("<sitemapindex><sitemap><lo", media_type="application/xml"),
        Page("<!doctype html><title>Sorry</title><p>Back soon."),
        Page("<sitemapindex></sitemapindex>", media_type="application/xml"),
        httpx.ReadTimeout("too late"),
    ],
)
def test_known_sitemaps_are_visited_whatever_their_index_answers(world, answer):
    tide = world({INDEX: index_of([("/news.xml", None)], etag='"same"'), f"{HOME}/news.xml": sitemap("/story-0")}, MAPS)
    tide.web.pages[f"{HOME}/story-0"] = story(0)
    tide.make_pass()
    tide.web.pages[INDEX] = answer
    for n in (1, 2, 3):
        tide.web.pages[f"{HOME}/news.xml"] = sitemap(*(f"/story-{k}" for k in range(n + 1)))
        tide.web.pages[f"{HOME}/story-{n}"] = story(n)
        tide.clock.advance(HOUR)
        tide.make_pass()
    assert 4 == len(tide.articles())


def test_an_index_of_indexes_leads_to_the_newest_sitemap_below(world):
    tide = world(
        {
            INDEX: index_of([("/2024.xml", None), ("/2026.xml", None)], etag='"same"'),
            f"{HOME}/2026.xml": index_of([(f"/2026-{n:02}.xml", None) for n in (1, 2, 3)], etag='"too"'),
            f"{HOME}/2024.xml": index_of([("/2024-01.xml", None)]),
            f"{HOME}/2026-03.xml": sitemap("/story-0"),
            f"{HOME}/story-0": story(0),
        },
        MAPS,
    )
    tide.make_pass()
    assert 1 == len(tide.articles())
    tide.web.pages |= {f"{HOME}/2026-03.xml": sitemap("/story-0", "/story-1"), f"{HOME}/story-1": story(1)}
    tide.clock.advance(HOUR)
    tide.make_pass()
    assert 2 == len(tide.articles())


def test_a_sitemap_that_the_index_names_no_more_is_forgotten_after_a_week(world):
    tide = world({INDEX: index_of([("/a.xml", None), ("/b.xml", None)])}, MAPS)
    tide.web.pages |= {f"{HOME}/a.xml": sitemap("/x"), f"{HOME}/b.xml": sitemap("/y")}
    tide.make_pass()
    tide.web.pages[INDEX] = index_of([("/a.xml", None)])
    tide.clock.advance(HOUR)
    tide.make_pass()
    assert {"/a.xml", "/b.xml"} == set(asked_sitemaps(tide))
    tide.clock.advance(8 * DAY)
    tide.make_pass()
    tide.clock.advance(8 * DAY)
    tide.make_pass()
    assert ["/a.xml"] == asked_sitemaps(tide)


def test_addresses_without_a_date_are_no_newer_than_the_old_sitemap_that_names_them(world):
    tide = world(
        {
            INDEX: index_of([("/2015-04.xml", "2015-04-30"), ("/2026-03.xml", None)]),
            f"{HOME}/2015-04.xml": sitemap("/old"),
            f"{HOME}/2026-03.xml": sitemap("/story-0"),
        },
        MAPS,
    )
    tide.make_pass()
    assert 2015 == tide.archive.entry(f"{HOME}/old").updated_at.year
    assert tide.archive.entry(f"{HOME}/story-0").updated_at is None


# ---------------------------------------------------------------- validators


def test_a_feed_that_says_304_for_ever_is_asked_in_full_every_twentieth_time(world):
    def stuck(request):
        return Page(status=304) if "if-none-match" in request.headers else replace(now["feed"], headers={"etag": '"1"'})

    now = {"feed": feed("/lock")}
    tide = world({FEED: stuck, f"{HOME}/lock": story(0), f"{HOME}/gate": story(1), f"{HOME}/late": story(2)})
    tide.make_pass()
    now["feed"] = feed("/lock", "/gate")
    passes = 0
    while len(tide.articles()) < 2:
        tide.clock.advance(HOUR)
        tide.make_pass()
        passes += 1
    assert 20 == passes
    # The validators were the same and the entries were not: they are not believed any more.
    now["feed"] = feed("/lock", "/gate", "/late")
    tide.clock.advance(HOUR)
    tide.make_pass()
    assert 3 == len(tide.articles())


def test_a_feed_that_is_visited_once_a_day_is_asked_in_full_after_a_week(world):
    pages = {FEED: replace(feed("/lock"), etag='"1"'), f"{HOME}/lock": story(0)}
    tide = world(pages, replace(SOURCE, schedule="1d"))
    asked_in_full = []
    for _ in range(16):
        tide.make_pass()
        asked = next(asked for asked in tide.web.asked if asked.url == FEED)
        asked_in_full.append("if-none-match" not in asked.headers)
        tide.clock.advance(DAY)
    assert [0, 7, 14] == [day for day, in_full in enumerate(asked_in_full) if in_full]


def test_a_feed_that_was_cut_keeps_no_validators(world):
    whole = replace(feed("/lock", "/gate"), etag='"1"')
    cut = replace(whole, body=whole.body[: whole.body.index("</item>") + 7])
    tide = world({FEED: [cut, whole], f"{HOME}/lock": story(0), f"{HOME}/gate": story(1)})
    tide.make_pass()
    assert Validators() == tide.archive.last_check(FEED).validators
    tide.clock.advance(HOUR)
    tide.make_pass()
    assert 2 == len(tide.articles())


def test_a_source_that_was_renamed_reads_its_feed_again(world):
    tide = world({FEED: replace(feed("/lock"), etag='"1"'), f"{HOME}/lock": story(0)})
    tide.make_pass()
    tide.source = replace(SOURCE, name="new")
    tide.settings = replace(tide.settings, sources=(tide.source,))
    tide.clock.advance(HOUR)
    tide.make_pass()
    assert CheckOutcome.FOUND is tide.archive.last_check(FEED, "new").outcome


# ---------------------------------------------------------------- moved


def test_a_feed_that_moved_is_followed_then_told_then_asked_for_where_it_is(world):
    there = f"{HOME}/new.xml"
    tide = world({FEED: moved(there), there: replace(feed("/lock"), etag='"1"'), f"{HOME}/lock": story(0)})
    for n in range(3):
        result = tide.make_pass()
        assert [FEED, there] == tide.web.urls()[:2]
        assert (n == 2) == any("moved for good" in problem for problem in result.problems)
        tide.clock.advance(HOUR)
    assert [f"{FEED}: moved for good to {there}: put that into the configuration"] == findings(tide)
    tide.make_pass()
    assert FEED not in tide.web.urls()
    tide.clock.advance(HOUR)
    tide.make_pass()
    assert CheckOutcome.UNCHANGED is tide.archive.last_check(FEED).outcome
    # The new address goes away: the old one is asked again, and heard.
    tide.web.pages |= {there: Page(status=404), FEED: feed("/lock", "/gate"), f"{HOME}/gate": story(1)}
    tide.clock.advance(HOUR)
    tide.make_pass()
    tide.clock.advance(HOUR)
    tide.make_pass()
    assert 2 == len(tide.articles())
    assert [] == findings(tide)


def test_a_feed_that_is_elsewhere_for_the_time_being_has_not_moved(world):
    there = f"{HOME}/new.xml"
    tide = world({FEED: moved(there, 302), there: feed("/lock"), f"{HOME}/lock": story(0)})
    for _ in range(5):
        tide.make_pass()
        tide.clock.advance(HOUR)
    assert [FEED, there] == tide.web.urls()[:2]
    assert [] == findings(tide)


# ---------------------------------------------------------------- quiet, empty, unreachable


def daily(world, days, hour=24):
    """So many days with a new entry each, by passes every six hours."""
    for n in range(days):
        world.web.pages[FEED] = feed(*(f"/story-{k}" for k in range(max(0, n - 5), n + 1)))
        world.web.pages[f"{HOME}/story-{n}"] = story(n)
        for _ in range(4):
            world.make_pass()
            world.clock.advance(timedelta(hours=hour / 4))


def test_a_feed_without_news_for_three_of_its_usual_spans_is_told_and_one_with_less_is_not(world):
    tide = world({})
    daily(tide, 10)
    for _ in range(8):
        result = tide.make_pass()
        tide.clock.advance(timedelta(hours=6))
    assert ([], ()) == (findings(tide), result.problems)
    for _ in range(6):
        result = tide.make_pass()
        tide.clock.advance(timedelta(hours=6))
    assert ["quiet: no news since 2026-03-11" in detail for detail in findings(tide)] == [True]
    assert any("usually had some within 24h" in p or "within 1d" in p for p in result.problems)
    daily(tide, 11)
    assert [] == findings(tide)


def test_nobody_who_looked_means_nobody_was_quiet(world):
    tide = world({})
    daily(tide, 10)
    tide.clock.advance(10 * DAY)
    assert [] == findings(tide)


def test_a_feed_that_never_had_an_entry_is_told(world):
    tide = world({FEED: feed()})
    result = tide.make_pass()
    assert [f"The Tide: {FEED}: empty (no entries)"] == list(result.problems)
    assert [f"{FEED}: empty: it has never had an entry"] == findings(tide)


# ---------------------------------------------------------------- how often


def visits(world, hours):
    """At which hours the feed was asked for, by a pass each hour."""
    asked = []
    for hour in range(hours):
        visit(world)
        if FEED in world.web.urls():
            asked.append(hour)
        world.clock.advance(HOUR)
    return asked


def test_a_quiet_feed_is_asked_less_often_and_news_bring_it_back(world):
    tide = world({FEED: feed("/lock"), f"{HOME}/lock": story(0)})
    asked = visits(tide, 48)
    assert [0, 1, 2, 3, 4] == asked[:5]
    assert {4} == {later - earlier for earlier, later in zip(asked[-6:], asked[-5:], strict=False)}
    tide.web.pages |= {FEED: feed("/lock", "/gate"), f"{HOME}/gate": story(1)}
    asked = visits(tide, 10)
    assert asked[0] < 4
    assert list(range(asked[0], 6)) == [hour for hour in asked if hour < 6][: 6 - asked[0]]
    assert 2 == len(tide.articles())


def test_whoever_asks_for_a_pass_gets_one_and_a_switch_turns_the_waiting_off(world):
    tide = world({FEED: feed("/lock"), f"{HOME}/lock": story(0)})
    visits(tide, 48)
    tide.make_pass()
    assert FEED in tide.web.urls()
    tide.settings = replace(tide.settings, passes=replace(tide.settings.passes, adaptive_polling=False))
    tide.clock.advance(HOUR)
    assert list(range(12)) == visits(tide, 12)


def test_a_crontab_line_is_kept_to(world):
    tide = world({FEED: feed("/lock"), f"{HOME}/lock": story(0)}, replace(SOURCE, schedule="0 */2 * * *"))
    assert list(range(0, 48, 2)) == visits(tide, 48)


def test_a_source_has_its_turn_by_the_schedule_while_its_feed_waits(world):
    """Its articles are looked at then, and no oftener."""
    tide = world({FEED: feed("/lock"), f"{HOME}/lock": story(0)})
    visits(tide, 24)
    while FEED in tide.web.urls():
        visit(tide, HOUR)
    assert tide.archive.last_checked_at("tide") > tide.archive.last_check(FEED).at
    assert visit(tide, timedelta(minutes=10)) is None
    assert visit(tide, HOUR) is not None


@pytest.mark.parametrize(
    ("words", "headers", "gap"),
    [
        ("<ttl>180</ttl>", {}, 3),
        ("<ttl>99999999</ttl>", {}, 4),
        ("", {"cache-control": "max-age=7200"}, 2),
        ("", {"cache-control": "max-age=31536000"}, 4),
        ("", {"cache-control": "no-cache, max-age=7200"}, 1),
        ("", {"expires": "Mon, 02 Mar 2026 08:00:00 GMT"}, 2),
        ("", {"expires": "0"}, 1),
    ],
)
def test_a_listing_says_how_often_it_wants_to_be_asked_and_is_believed_within_bounds(world, words, headers, gap):
    listing = feed("/lock")
    listing = replace(
        listing, body=listing.body.replace("<title>T</title>", f"<title>T</title>{words}"), headers=headers
    )
    tide = world({FEED: listing, f"{HOME}/lock": story(0)})
    assert [0, gap] == visits(tide, 5)[:2]


def test_hours_and_days_that_a_feed_skips_are_left_out(world):
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(8, 20))
    words = f"<skipHours>{hours}</skipHours><skipDays><day>Wednesday</day></skipDays>"
    listing = feed("/lock")
    tide = world({FEED: replace(listing, body=listing.body.replace("<title>T</title>", f"<title>T</title>{words}"))})
    asked = []
    for _ in range(24 * 4):
        visit(tide)
        if FEED in tide.web.urls():
            asked.append(tide.clock.now())
        tide.clock.advance(HOUR)
    assert not [at for at in asked if 8 <= at.hour < 20 or at.weekday() == 2]
    assert {0, 1, 3} <= {at.weekday() for at in asked}


def test_a_clock_that_was_ahead_puts_nothing_off(world):
    tide = world({FEED: feed("/lock"), f"{HOME}/lock": story(0)})
    tide.clock.advance(400 * DAY)
    tide.make_pass()
    tide.clock = FakeClock()
    tide.web.clock = tide.clock
    tide.make_pass()
    assert FEED in tide.web.urls()


# ---------------------------------------------------------------- a listing that hangs


class OneHangs(InlineReaders):
    """Readers of whom one never ends before the time limit."""

    def submit_listing(self, job):
        if job.url != FEED:
            return super().submit_listing(job)
        self.stuck = Future()
        return self.stuck

    def submit(self, job):
        self.stuck.set_exception(ParseError(FEED, "reading the feed took too long")) if not self.stuck.done() else None
        return super().submit(job)


def test_a_listing_that_hangs_is_one_failed_check_and_keeps_nobody_else_waiting(world):
    other = f"{HOME}/other.xml"
    tide = world({FEED: feed("/lock"), other: feed("/gate"), f"{HOME}/gate": story(1)})
    sources = [SOURCE, replace(SOURCE, name="other", title="Other", feeds=(other,))]
    # The feed is given up only when a page of the other source was already there to be read.
    result = visit(tide, readers=OneHangs(), sources=sources)
    assert [f"The Tide: {FEED}: broken (reading the feed took too long)"] == list(result.problems)
    assert 1 == len(tide.articles())


def test_a_robots_txt_that_cannot_be_had_is_no_ban(world):
    tide = world({f"{HOME}/robots.txt": [Page(status=500), text("")], FEED: feed("/lock"), f"{HOME}/lock": story(0)})
    tide.make_pass()
    tide.clock.advance(HOUR)
    tide.make_pass()
    assert 1 == len(tide.articles())
