"""
What was seen in a listing is had, or its loss is told: weeks of sites that falter, refuse and
change.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import START, Page, moved, text
from samples import rows
from worlds import FEED, HOME, PARAGRAPHS, SOURCE, feed, page

from archive.edition.publish import make_edition
from archive.run.health import check_all
from scraper.model import AccessStatus, CheckOutcome, Entry, MeterRule, Validators

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STORY = f"{HOME}/lock"
TEXT = [f"On day {n} it was told: {paragraph}" for n in range(4) for paragraph in PARAGRAPHS]
WHOLE = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT)


def item(parts: str) -> str:
    return f"<item>{parts}</item>"


def rss(*items: str) -> Page:
    names = "version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    return Page(
        f"<rss {names}><channel><title>T</title>{''.join(items)}</channel></rss>", media_type="application/rss+xml"
    )


def whole(path: str = "/lock", title: str = "Locks closed", words: str = WHOLE) -> str:
    return item(
        f"<title>{title}</title><link>{HOME}{path}</link><content:encoded><![CDATA[{words}]]></content:encoded>"
    )


def passes(tide, spans, every=timedelta(minutes=30)):
    """Passes every half hour for so long; the number of requests for the story."""
    asked = 0
    for _ in range(int(spans / every)):
        tide.make_pass()
        asked += tide.web.urls().count(STORY)
        tide.clock.advance(every)
    return asked


@pytest.mark.parametrize("status", [404, 403, 500, 503])
def test_a_page_that_fails_for_days_is_had_when_it_comes_back(world, status):
    tide = world({FEED: feed("/lock"), STORY: Page("maintenance", status)})
    asked = passes(tide, 2 * DAY, every=HOUR)
    assert 3 < asked < 11
    assert [] == tide.articles()
    tide.web.pages[STORY] = page("Locks closed", PARAGRAPHS)
    passes(tide, 2 * DAY, every=4 * HOUR)
    assert ["Locks closed"] == [stored.article.headline for stored in tide.articles()]
    assert () == tide.archive.lost(tide.clock.now() - 30 * DAY)


def test_a_page_that_never_comes_is_given_up_and_told(world):
    tide = world({FEED: feed("/lock"), STORY: Page("nothing", 404)})
    passes(tide, 25 * DAY, every=6 * HOUR)
    (lost,) = tide.archive.lost(tide.clock.now() - 25 * DAY)
    assert STORY == lost.url
    assert lost.why.startswith("the server answers 404 Not Found")
    assert 0 == passes(tide, 5 * DAY, every=6 * HOUR)


def test_a_page_that_is_gone_is_never_asked_for_again(world):
    tide = world({FEED: feed("/lock"), STORY: Page("gone", 410)})
    assert 1 == passes(tide, 5 * DAY, every=6 * HOUR)
    assert [STORY] == [lost.url for lost in tide.archive.lost(tide.clock.now() - 9 * DAY)]


def test_a_host_that_wants_a_day_of_rest_gets_it_across_passes_robots_txt_included(world):
    tide = world({FEED: Page("slow down", 429, headers={"Retry-After": "86400"}), STORY: page("Locks", PARAGRAPHS)})
    tide.make_pass()
    assert [FEED] == tide.web.urls()
    tide.clock.advance(23 * HOUR)
    result = tide.make_pass()
    assert [] == tide.web.urls(robots=True)
    assert CheckOutcome.FAILED is tide.archive.last_check(FEED).outcome
    assert "the server wants to be asked again at" in result.problems[0]
    tide.web.pages[FEED] = feed("/lock")
    tide.clock.advance(2 * HOUR)
    tide.make_pass()
    assert 1 == len(tide.articles())
    assert () == tide.archive.host_rests()


def test_an_answer_of_before_does_not_end_the_rest_of_a_host_that_was_left_since(world):
    """The pass reads answers later than they come."""
    tide = world({FEED: feed("/lock", "/gate"), STORY: page("Locks", PARAGRAPHS)})
    tide.web.pages[f"{HOME}/gate"] = Page("slow down", 429, headers={"Retry-After": "86400"})
    tide.settings = replace(tide.settings, fetch=replace(tide.settings.fetch, per_host=2, pace=timedelta(0)))
    tide.web.pages[STORY] = Page(page("Locks", PARAGRAPHS), takes=timedelta(seconds=1))
    tide.make_pass()
    assert ["tide.example.org:443"] == [rest.host for rest in tide.archive.host_rests()]


def test_a_host_that_refuses_three_pages_in_a_row_is_left_and_asked_again_after_growing_waits(world):
    paths = [f"/story-{n}" for n in range(9)]
    pages = {FEED: feed(*paths), **{HOME + path: Page("no", 403) for path in paths}}
    tide = world(pages)
    result = tide.make_pass()
    assert 3 == sum("/story" in url for url in tide.web.urls())
    assert {"tide": 6} == dict(result.left)
    asked = []
    for hour in range(1, 72):
        tide.clock.advance(HOUR)
        tide.make_pass()
        assert FEED in tide.web.urls()  # its listings are visited all the same
        if any("/story" in url for url in tide.web.urls()):
            asked.append(hour)
    assert [1, 2] == asked[:2]
    assert len(asked) < 9
    for path in paths:
        tide.web.pages[HOME + path] = page(f"Story {path}", [f"{text} {path}" for text in PARAGRAPHS])
    for _ in range(60):
        tide.clock.advance(HOUR)
        tide.make_pass()
    assert 9 == len(tide.articles())


def test_a_host_that_refuses_its_few_pages_over_several_passes_is_left_and_told_from_the_first_refusal(world):
    """One new page in eight hours, each refused: no pass sees three of them in a row."""
    paths = [f"/story-{n}" for n in range(4)]
    tide = world({FEED: feed(), **{HOME + path: Page("no", 403) for path in paths}})
    for number in range(1, 4):
        assert () == tide.archive.host_rests()
        tide.web.pages[FEED] = feed(*paths[:number])
        passes(tide, 8 * HOUR, every=2 * HOUR)
    (rest,) = tide.archive.host_rests()
    assert START.date() == rest.since.date()
    assert [False] == [is_well for what, is_well, _ in told(tide) if what == "host tide.example.org:443"]
    tide.web.pages |= {HOME + path: page(f"Story {path}", [f"{text} {path}" for text in PARAGRAPHS]) for path in paths}
    passes(tide, 3 * DAY, every=4 * HOUR)
    assert 3 == len(tide.articles())
    assert () == tide.archive.host_rests()


def refusals_told(tide):
    return [detail for what, is_well, detail in told(tide) if not is_well and "refused (403)" in detail]


def test_one_page_that_is_refused_for_days_is_no_matter_of_its_host_and_told_while_no_other_comes(world):
    tide = world({FEED: feed("/lock"), STORY: Page("no", 403)})
    passes(tide, 9 * HOUR, every=3 * HOUR)
    assert [] == refusals_told(tide)
    passes(tide, 2 * DAY, every=3 * HOUR)
    assert () == tide.archive.host_rests()
    (detail,) = refusals_told(tide)
    assert "1 was asked for and refused" in detail
    tide.web.pages |= {FEED: feed("/lock", "/gate"), f"{HOME}/gate": page("Gate", PARAGRAPHS)}
    passes(tide, 3 * HOUR, every=HOUR)
    assert [] == refusals_told(tide)


def test_refused_pages_between_which_others_come_are_no_matter_of_the_host(world):
    paths = [f"/story-{n}" for n in range(8)]
    tide = world({FEED: feed(), **{HOME + path: page(path, [path + text for text in PARAGRAPHS]) for path in paths}})
    tide.web.pages |= {HOME + path: Page("no", 403) for path in paths[::2]}
    for number in range(1, 9):
        tide.web.pages[FEED] = feed(*paths[:number])
        passes(tide, 8 * HOUR, every=4 * HOUR)
    assert 4 == len(tide.articles())
    assert () == tide.archive.host_rests()


def test_a_single_refusal_between_pages_that_come_is_no_matter_of_the_host(world):
    paths = [f"/story-{n}" for n in range(6)]
    tide = world({FEED: feed(*paths), **{HOME + path: page(f"Story {path}", PARAGRAPHS) for path in paths}})
    for path in paths[::2]:
        tide.web.pages[HOME + path] = Page("no", 403)
    result = tide.make_pass()
    assert 6 == sum("/story" in url for url in tide.web.urls())
    assert {} == dict(result.left)


def test_robots_txt_that_cannot_be_had_costs_no_article(world):
    tide = world({f"{HOME}/robots.txt": Page("down", 503), FEED: feed("/lock"), STORY: page("Locks", PARAGRAPHS)})
    for _ in range(4):
        assert {"failed": 1, "put off": 1} == dict(tide.make_pass().outcomes)
        tide.clock.advance(12 * HOUR)
    assert CheckOutcome.FAILED is tide.archive.last_check(FEED).outcome
    tide.web.pages[f"{HOME}/robots.txt"] = text("")
    tide.make_pass()
    assert 1 == len(tide.articles())


# ---------------------------------------------------------------- the text of the feed


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Page("log in", 401), AccessStatus.REGISTRATION),
        (Page("pay", 402), AccessStatus.FULL_SUBSCRIBER),
        (Page("no", 403), AccessStatus.UNKNOWN),
        (Page("gone", 410), AccessStatus.UNKNOWN),
        (Page("law", 451), AccessStatus.UNKNOWN),
    ],
)
def test_the_feeds_whole_text_is_kept_where_the_page_is_refused(world, answer, status):
    tide = world({FEED: rss(whole()), STORY: answer})
    tide.make_pass()
    (stored,) = tide.articles()
    assert ("feed", None, status) == (
        stored.article.origins["body"], stored.article.access.complete, stored.article.access.status,
    )  # fmt: skip
    assert stored.article.access.explanation.startswith("From the feed: its page did not come")
    assert () == tide.archive.lost(tide.clock.now() - DAY)


def test_the_feeds_text_is_kept_where_robots_txt_closes_the_page_and_it_is_asked_for_once_a_day(world):
    pages = {f"{HOME}/robots.txt": text("User-agent: *\nDisallow: /lock"), FEED: rss(whole()), STORY: "never"}
    tide = world(pages)
    passes(tide, 2 * DAY, every=6 * HOUR)
    (stored,) = tide.articles()
    assert "robots.txt disallows it" in stored.article.access.explanation
    assert [(2,)] == rows(tide.archive, "SELECT COUNT(*) FROM requests WHERE outcome = 'disallowed'")
    tide.web.pages[f"{HOME}/robots.txt"] = text("")
    tide.web.pages[STORY] = page("Locks closed", TEXT)
    passes(tide, 2 * DAY, every=6 * HOUR)
    (stored,) = tide.articles()
    assert "body" not in stored.article.origins
    assert "read from its page" in (stored.revisions[-1].changes or "")


def test_the_feeds_text_is_kept_where_the_page_fails_again_and_again_and_gives_way_to_the_page(world):
    tide = world({FEED: rss(whole()), STORY: Page("down", 500)})
    tide.make_pass()
    assert [] == tide.articles()  # it may come any minute
    passes(tide, DAY)
    assert ["feed"] == [stored.article.origins["body"] for stored in tide.articles()]
    tide.web.pages[STORY] = page("Locks closed", TEXT)
    passes(tide, 5 * DAY, every=HOUR)
    (stored,) = tide.articles()
    assert "body" not in stored.article.origins


def test_a_page_that_scripts_fill_gives_the_feeds_text(world):
    shell = "<!doctype html><title>Tide</title><div id='root'></div><script src='/app.js'></script>"
    tide = world({FEED: rss(whole()), STORY: shell})
    tide.make_pass()
    assert ["feed"] == [stored.article.origins["body"] for stored in tide.articles()]


def test_an_article_that_was_read_is_never_replaced_by_the_feeds_text(world):
    tide = world({FEED: rss(whole()), STORY: page("Locks closed", TEXT)})
    tide.make_pass()
    tide.web.pages[STORY] = Page("no", 403)
    passes(tide, 2 * DAY, every=HOUR)
    (stored,) = tide.articles()
    assert 1 == len(stored.revisions)


@pytest.mark.parametrize("answer", [Page("gone", 410), Page("no", 403), Page("down", 500)])
def test_a_correction_that_only_the_feed_has_is_seen_within_a_pass(world, answer):
    """The page is gone for good, is asked for again in days, or was given up."""
    tide = world({FEED: rss(whole()), STORY: answer})
    passes(tide, 20 * DAY, every=DAY)
    put_right = WHOLE + "<p>An earlier report named the wrong gate.</p>"
    tide.web.pages[FEED] = rss(whole(words=put_right))
    tide.clock.advance(HOUR)
    tide.make_pass()
    (stored,) = tide.articles()
    assert (2, True) == (len(stored.revisions), "wrong gate" in stored.article.body)
    assert stored.article.access.explanation.startswith("From the feed: its page did not come")
    assert 0 == tide.make_pass().decisions.total()


def test_a_correction_of_the_feed_is_seen_by_the_next_pass_where_one_was_killed_behind_its_listing(world):
    tide = world({FEED: rss(whole()), STORY: Page("gone", 410)})
    tide.make_pass()
    tide.clock.advance(HOUR)
    corrected = Entry(STORY, content_text="\n".join([*TEXT, "An earlier report named the wrong gate."]))
    tide.archive.record_entries("tide", [corrected], tide.clock.now())
    tide.web.pages[FEED] = Page("down", 503)
    tide.make_pass()
    (stored,) = tide.articles()
    assert (2, True) == (len(stored.revisions), "wrong gate" in stored.article.body)


def test_an_entry_without_a_link_is_an_article_with_its_own_revisions(world):
    flash = "<title>Flash</title><guid isPermaLink='false'>f1</guid><description>{}</description>"
    tide = world({FEED: rss(item(flash.format("Two ships wait outside.")))})
    tide.make_pass()
    assert 0 == tide.make_pass().decisions.total()
    tide.web.pages[FEED] = rss(item(flash.format("Three ships wait outside, and a tug.")))
    tide.clock.advance(HOUR)
    tide.make_pass()
    (stored,) = tide.articles()
    assert ("Flash", 2) == (stored.article.headline, len(stored.revisions))
    assert stored.article.url.startswith(f"{FEED}#:~:entry=f1")


def test_every_item_of_an_address_that_several_share_is_an_article(world):
    items = [
        whole("/advisories", f"Advisory {n}", WHOLE.replace("day", f"day {n}")).replace(
            "<title>", f"<guid isPermaLink='false'>a{n}</guid><title>"
        )
        for n in range(3)
    ]
    tide = world({FEED: rss(*items), f"{HOME}/advisories": page("Advisories", PARAGRAPHS)})
    tide.make_pass()
    assert {"Advisories", "Advisory 1", "Advisory 2"} == {stored.article.headline for stored in tide.articles()}
    assert 1 == tide.web.urls().count(f"{HOME}/advisories")


# ---------------------------------------------------------------- where a page leads


def test_a_page_that_leads_on_by_itself_is_followed(world):
    tide = world({
        FEED: feed("/go"),
        f"{HOME}/go": "<meta http-equiv='refresh' content='0; url=/lock'><p>One moment.</p>",
        STORY: page("Locks closed", PARAGRAPHS),
    })  # fmt: skip
    tide.make_pass()
    (stored,) = tide.articles()
    assert (f"{HOME}/go", STORY) == (stored.found_url, stored.article.url)


def test_a_page_that_leads_on_obeys_robots_txt_and_the_guard(world):
    refresh = "<meta http-equiv='refresh' content='0; url={}'>"
    tide = world({
        f"{HOME}/robots.txt": text("User-agent: *\nDisallow: /closed"),
        FEED: feed("/go", "/inside", "/round"),
        f"{HOME}/go": refresh.format("/closed"),
        f"{HOME}/inside": refresh.format("http://127.0.0.1/secret"),
        f"{HOME}/round": refresh.format("/round2"),
        f"{HOME}/round2": refresh.format("/round"),
    })  # fmt: skip
    result = tide.make_pass()
    assert [] == tide.articles()
    assert f"{HOME}/closed" not in tide.web.urls()
    assert 2 == result.outcomes["disallowed"]
    assert any("round in a circle" in problem for problem in result.problems)


def listed(path: str, title: str) -> Page:
    return rss(item(f"<title>{title}</title><link>{HOME}{path}</link><guid isPermaLink='false'>77</guid>"))


@pytest.mark.parametrize("old", [moved(f"{HOME}/admits"), Page("not here", 404), Page("gone", 410)])
def test_a_guid_that_comes_back_where_its_old_address_leads_is_one_article(world, old):
    tide = world({FEED: listed("/denies", "Minister denies"), f"{HOME}/denies": page("Minister denies", PARAGRAPHS)})
    tide.make_pass()
    tide.web.pages |= {
        FEED: listed("/admits", "Minister admits"),
        f"{HOME}/denies": old,
        f"{HOME}/admits": page("Minister admits", [*PARAGRAPHS, "He admitted it on Friday."]),
    }
    tide.clock.advance(HOUR)
    passes(tide, 6 * HOUR)
    (stored,) = tide.articles()
    assert ("Minister admits", 2) == (stored.article.headline, len(stored.revisions))


def test_a_guid_that_comes_back_while_its_old_address_goes_on_is_another_article(world):
    other = ["Four tugs brought the ship to the outer mole, where she lies with a broken rudder and no crew."] * 3
    tide = world({FEED: listed("/one", "One"), f"{HOME}/one": page("One", PARAGRAPHS)})
    tide.make_pass()
    tide.web.pages |= {FEED: listed("/two", "Two"), f"{HOME}/two": page("Two", other)}
    tide.clock.advance(HOUR)
    tide.make_pass()
    assert {"One", "Two"} == {stored.article.headline for stored in tide.articles()}


def test_a_guid_moves_also_where_only_the_feeds_text_was_had_under_its_old_address(world):
    entry = whole("/denies", "Minister denies").replace("<title>", "<guid isPermaLink='false'>77</guid><title>")
    tide = world({FEED: rss(entry), f"{HOME}/denies": Page("no", 403)})
    tide.make_pass()
    tide.web.pages |= {
        FEED: rss(entry.replace("/denies", "/admits")),
        f"{HOME}/denies": moved(f"{HOME}/admits"),
        f"{HOME}/admits": page("Minister admits", TEXT),
    }
    passes(tide, DAY, every=2 * HOUR)
    (stored,) = tide.articles()
    assert ("Minister admits", 2) == (stored.article.headline, len(stored.revisions))


def test_a_guid_whose_old_address_does_not_answer_waits_for_the_answer(world):
    tide = world({FEED: listed("/denies", "Minister denies"), f"{HOME}/denies": page("Minister denies", PARAGRAPHS)})
    tide.make_pass()
    tide.web.pages |= {
        FEED: listed("/admits", "Minister admits"),
        f"{HOME}/denies": [Page("down", 503), Page("no", 403), moved(f"{HOME}/admits")],
        f"{HOME}/admits": page("Minister admits", [*PARAGRAPHS, "He admitted it on Friday."]),
    }
    for _ in range(4):
        tide.clock.advance(HOUR)
        tide.make_pass()
    assert ["Minister admits"] == [stored.article.headline for stored in tide.articles()]


def test_a_guid_whose_old_address_never_answers_is_asked_for_at_the_new_one_and_its_text_tells(world):
    tide = world({FEED: listed("/denies", "Minister denies"), f"{HOME}/denies": page("Minister denies", PARAGRAPHS)})
    tide.make_pass()
    tide.web.pages |= {
        FEED: listed("/admits", "Minister admits"),
        f"{HOME}/denies": Page("no", 403),
        f"{HOME}/admits": page("Minister admits", [*PARAGRAPHS, "He admitted it on Friday."]),
    }
    passes(tide, DAY, every=HOUR)
    (stored,) = tide.articles()
    assert ("Minister admits", 2) == (stored.article.headline, len(stored.revisions))


def denies(words: str = WHOLE, path: str = "/denies") -> str:
    return whole(path, "Minister denies", words).replace("<title>", "<guid isPermaLink='false'>77</guid><title>")


OTHERS = {f"/story-{n}": [f"Story {n}: {paragraph} On day {n}." for paragraph in TEXT[3 * n :]] for n in range(3)}


def closed(tide, days=DAY):
    """The host refuses all its pages for so long, in passes every hour; its listings come."""
    pages = {url: answer for url, answer in tide.web.pages.items() if url != FEED}
    tide.web.pages |= dict.fromkeys(pages, Page("no", 403))
    passes(tide, days, every=HOUR)
    tide.web.pages |= pages


@pytest.mark.parametrize("others", [{}, OTHERS])
@pytest.mark.parametrize(("is_held", "has_text"), [(True, False), (True, True), (False, True)])
@pytest.mark.parametrize("is_corrected", [True, False])
def test_an_article_that_is_renamed_while_its_host_refuses_is_one(world, others, is_held, has_text, is_corrected):
    """Held or not, from its page or the feed, corrected on the way or not, the host left or not."""

    def entry(words=WHOLE, path="/denies"):
        return denies(words * has_text, path)

    words = WHOLE + "<p>The minister wrote to us on Friday.</p>" * is_corrected
    tide = world({FEED: rss(entry()), f"{HOME}/denies": page("Minister denies", TEXT)})
    tide.web.pages |= {HOME + path: page(path, paragraphs) for path, paragraphs in others.items()}
    if is_held:
        tide.make_pass()
    else:
        closed(tide, 2 * HOUR)
    items = [item(f"<title>{path}</title><link>{HOME}{path}</link>") for path in others]
    tide.web.pages |= {
        FEED: rss(entry(words, "/admits"), *items),
        f"{HOME}/denies": moved(f"{HOME}/admits"),
        f"{HOME}/admits": page("Minister denies", [*TEXT, *["The minister wrote to us on Friday."] * is_corrected]),
    }
    closed(tide, 8 * HOUR)
    passes(tide, 5 * DAY, every=6 * HOUR)
    found = [stored for stored in tide.articles() if stored.article.headline == "Minister denies"]
    assert 1 == len(found)
    assert "body" not in found[0].article.origins
    assert is_corrected == ("on Friday" in found[0].article.body)
    assert () == tide.archive.lost(START)


def test_an_article_that_is_renamed_twice_while_its_host_refuses_is_one(world):
    tide = world({FEED: rss(denies("")), f"{HOME}/denies": page("Minister denies", TEXT)})
    tide.make_pass()
    for path in ("/admits", "/resigns"):
        tide.web.pages |= {FEED: rss(denies("", path)), HOME + path: page("Minister denies", TEXT)}
        closed(tide, 6 * HOUR)
    tide.web.pages |= {HOME + path: moved(f"{HOME}/resigns") for path in ("/denies", "/admits")}
    passes(tide, 5 * DAY, every=2 * HOUR)
    assert ["Minister denies"] == [stored.article.headline for stored in tide.articles()]


def test_an_article_whose_old_address_leads_to_the_front_page_is_one(world):
    front = "".join(f"<h2><a href='/{n}'>Report number {n} of this morning</a></h2>" for n in range(40))
    tide = world({FEED: listed("/denies", "Minister denies"), f"{HOME}/denies": page("Minister denies", TEXT)})
    tide.make_pass()
    tide.web.pages |= {
        FEED: listed("/admits", "Minister denies"),
        f"{HOME}/denies": moved(f"{HOME}/"),
        f"{HOME}/": f"<!doctype html><title>The Tide</title>{front}",
        f"{HOME}/admits": page("Minister denies", TEXT),
    }
    passes(tide, DAY, every=HOUR)
    assert ["Minister denies"] == [stored.article.headline for stored in tide.articles()]


def test_the_feeds_text_takes_no_pages_place_at_a_new_address_either(world):
    tide = world({FEED: rss(denies()), f"{HOME}/denies": page("Minister denies", TEXT)})
    tide.make_pass()
    tide.web.pages |= {
        FEED: rss(denies(WHOLE + "<p>The minister wrote to us on Friday.</p>", "/admits")),
        f"{HOME}/denies": Page("no", 403),
        f"{HOME}/admits": Page("no", 403),
    }
    passes(tide, DAY, every=HOUR)
    (stored,) = tide.articles()
    assert 1 == len(stored.revisions)


def test_another_report_with_the_guid_of_one_whose_address_never_answers_is_another_article(world):
    other = ["Four tugs brought the ship to the outer mole, where she lies with a broken rudder and no crew."] * 3
    tide = world({FEED: listed("/one", "One"), f"{HOME}/one": page("One", TEXT)})
    tide.make_pass()
    tide.web.pages |= {FEED: listed("/two", "Two"), f"{HOME}/one": Page("no", 403), f"{HOME}/two": page("Two", other)}
    passes(tide, DAY, every=HOUR)
    assert {"One", "Two"} == {stored.article.headline for stored in tide.articles()}


# ---------------------------------------------------------------- changes


def atom(updated: str) -> Page:
    entry = f"<id>1</id><title>Report</title><link href='{HOME}/lock'/><updated>{updated}</updated>"
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry>{entry}</entry></feed>"
    return Page(body, media_type="application/atom+xml")


def test_a_correction_that_the_feed_names_is_seen_long_after_and_costs_one_look(world):
    tide = world({FEED: atom("2026-03-02T05:00:00Z"), STORY: Page(page("Report", PARAGRAPHS), etag='"stuck"')})
    tide.make_pass()
    tide.clock.advance(12 * DAY)
    assert 0 == passes(tide, DAY)
    tide.web.pages |= {
        FEED: atom("2026-03-15T05:00:00Z"),
        STORY: Page(page("Report (corrected)", PARAGRAPHS), etag='"stuck"'),  # validators that lie
    }
    assert 1 == passes(tide, DAY)
    (stored,) = tide.articles()
    assert "Report (corrected)" == stored.article.headline


def test_a_source_that_was_renamed_keeps_what_waits(world):
    paths = [f"/story-{n}" for n in range(4)]
    tide = world(
        {FEED: replace(feed(*paths), etag='"f"'), **{HOME + p: page(p, [p + t for t in PARAGRAPHS]) for p in paths}}
    )
    tide.settings = replace(tide.settings, passes=replace(tide.settings.passes, articles_per_source=2))
    tide.make_pass()
    tide.source = replace(SOURCE, name="ebb")
    rows(tide.archive, "UPDATE source_checks SET etag = NULL")
    passes(tide, HOUR)
    assert 4 == len(tide.articles())
    assert Validators() != tide.archive.last_check(FEED).validators


def test_at_a_metered_site_a_named_change_is_looked_at_with_a_view_that_would_lapse(world):
    source = replace(SOURCE, meter=MeterRule(limit=8, window="month"))
    tide = world({FEED: listed("/lock", "Locks closed"), STORY: page("Locks closed", PARAGRAPHS)}, source)
    assert 1 == passes(tide, DAY, every=6 * HOUR)  # no look for its own sake
    tide.web.pages |= {FEED: listed("/lock", "Locks open"), STORY: page("Locks open", PARAGRAPHS)}
    assert 1 == passes(tide, DAY, every=6 * HOUR)
    (stored,) = tide.articles()
    assert ("Locks open", None) == (stored.article.headline, stored.changed_at)


def test_at_a_metered_site_without_a_view_left_a_named_change_is_marked_until_there_is_one(world):
    source = replace(SOURCE, meter=MeterRule(limit=1, window="month"))
    tide = world({FEED: listed("/lock", "Locks closed"), STORY: page("Locks closed", PARAGRAPHS)}, source)
    tide.make_pass()
    tide.web.pages |= {FEED: listed("/lock", "Locks open"), STORY: page("Locks open", PARAGRAPHS)}
    assert 0 == passes(tide, 20 * DAY, every=DAY)
    (stored,) = tide.articles()
    assert ("Locks closed", 1) == (stored.article.headline, (stored.changed_at - START).days + 1)
    assert 1 == passes(tide, 20 * DAY, every=DAY)
    (stored,) = tide.articles()
    assert ("Locks open", None) == (stored.article.headline, stored.changed_at)


def test_a_page_that_comes_again_with_the_same_bytes_is_kept_once(world):
    tide = world({FEED: feed("/lock"), STORY: page("Locks closed", PARAGRAPHS)})
    assert 3 == passes(tide, 8 * HOUR, every=HOUR)  # at once, after an hour, after three more
    assert 1 == len(list(tide.archive.all_captures()))
    assert [(2,)] == rows(tide.archive, "SELECT COUNT(*) FROM revisits")


# ---------------------------------------------------------------- what is told


def told(tide):
    """What check finds, without what no pass is the cause of."""
    return [(one.what, one.is_well, one.detail) for one in check_all(tide.settings, tide.clock.now(), thorough=False)]


def test_what_was_given_up_is_told_by_check_and_by_the_digest_of_the_day(world):
    tide = world({FEED: feed("/lock"), STORY: Page("nothing", 404)})
    while not (losses := tide.archive.lost(START)):
        tide.make_pass()
        tide.clock.advance(8 * HOUR)
    now = losses[0].given_up_at
    edition = make_edition(tide.archive, tide.settings, now - DAY, now + HOUR, now + HOUR)
    assert any(unseen.why.startswith("given up: the server answers 404") for unseen in edition.unseen)
    assert [False] == [is_well for _, is_well, detail in told(tide) if "1 article given up" in detail]
    tide.clock.advance(2 * DAY)
    assert [True] == [is_well for _, is_well, detail in told(tide) if "1 article given up" in detail]


def test_a_page_that_its_publisher_took_away_is_told_and_no_alarm(world):
    tide = world({FEED: feed("/lock"), STORY: Page("gone", 410)})
    tide.make_pass()
    detail = f"1 article given up in the last week, the latest {STORY}: the server answers 410 Gone"
    assert ("The Tide", True, detail) in told(tide)


def test_a_host_that_is_left_for_long_is_told_by_check(world):
    tide = world({FEED: Page("slow down", 429, headers={"Retry-After": "86400"})})
    tide.make_pass()
    assert [True] == [is_well for what, is_well, _ in told(tide) if what == "host tide.example.org:443"]
    tide.clock.advance(13 * HOUR)
    ((_, is_well, detail),) = [one for one in told(tide) if one[0] == "host tide.example.org:443"]
    assert not is_well
    assert "the server wants to be asked again at 2026-03-03" in detail


def test_a_page_that_failed_is_no_loss_for_the_digest_where_the_feeds_text_is_kept(world):
    tide = world({FEED: rss(whole()), STORY: Page("no", 403)})
    tide.make_pass()
    now = tide.clock.now()
    edition = make_edition(tide.archive, tide.settings, now - DAY, now + HOUR, now + HOUR)
    assert (1, ()) == (len(edition.items), edition.unseen)


def test_what_a_login_of_the_reader_brings_is_private_page_and_feed_alike(world):
    tide = world(
        {FEED: rss(whole(), whole("/gate", "Gate cut", WHOLE.replace("lock", "gate"))), STORY: page("Locks", TEXT)},
        replace(SOURCE, token_env="TIDE_TOKEN"),
    )
    tide.web.pages[f"{HOME}/gate"] = Page("no", 403)
    tide.make_pass()
    assert [True, True] == [stored.private for stored in tide.articles()]
    (capture,) = tide.archive.all_captures()
    assert "-private-" in capture.location.file
