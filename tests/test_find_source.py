"""A source made from one address, as `presswatch sources add` makes it."""

from collections.abc import Mapping

from fakes import SETTINGS, FakeClock, FakeWeb, Page, Rule, moved, run, text

from archive.run.find_source import FoundSource, find_source, stranger
from scraper.fetch.client import Client
from scraper.fetch.lanes import Lanes

HOME = "https://tide.example/"
FEED_URL = "https://tide.example/latest.rss"
FEED = Page(
    "<rss version='2.0'><channel><title>The Tide</title><link>https://tide.example/</link><language>en-GB</language>"
    "<item><title>Gate shut</title><link>https://tide.example/gate</link></item></channel></rss>",
    media_type="application/rss+xml",
)
NAMES_FEED = f"<title>Home - The Tide</title><link rel='alternate' type='application/rss+xml' href='{FEED_URL}'>"


def find(pages: Mapping[str, Rule], url: str = HOME, name: str | None = None) -> FoundSource:
    async def look() -> FoundSource:
        web = FakeWeb(FakeClock(), pages)
        async with web.client() as client:
            return await find_source(url, Lanes(client, SETTINGS, web.clock), SETTINGS, name)

    return run(look())


def test_the_feed_that_a_home_page_names_is_watched():
    source = find({HOME: NAMES_FEED, FEED_URL: FEED}).source
    assert ("tide", "The Tide", HOME) == (source.name, source.title, source.home_url)
    assert ((FEED_URL,), (), ()) == (source.feeds, source.sitemaps, source.index_pages)


def test_the_address_of_a_feed_makes_a_source_at_once():
    source = find({FEED_URL: FEED}, FEED_URL, name="tide-news").source
    assert ("tide-news", HOME, (FEED_URL,)) == (source.name, source.home_url, source.feeds)


def test_a_feed_that_no_page_names_is_found_where_feeds_commonly_are():
    guessed = "https://tide.example/rss.xml"
    assert (guessed,) == find({HOME: "<title>The Tide</title>", guessed: FEED}).source.feeds


def test_without_a_feed_the_sitemaps_of_robots_txt_are_watched_absolute_and_each_once():
    robots = "Sitemap: /news.xml\nUser-agent: *\nsitemap: https://tide.example/news.xml\nSitemap: ftp://tide.example/a"
    source = find({f"{HOME}robots.txt": text(robots), HOME: "<title>The Tide</title>"}).source
    assert ("https://tide.example/news.xml",) == source.sitemaps
    assert ((), ()) == (source.feeds, source.index_pages)


def test_with_neither_feed_nor_sitemap_the_page_itself_is_watched():
    found = find({HOME: "<html lang='de-AT'><title>The Tide</title>"})
    assert ((HOME,), "The Tide", "de") == (found.source.index_pages, found.source.title, found.source.language)
    assert "neither a feed nor a sitemap was found; the page itself will be watched for links" == found.problems[-1]


def test_a_home_that_moved_is_watched_where_it_is_now():
    source = find(
        {"https://old.example/": moved(HOME), HOME: NAMES_FEED, FEED_URL: FEED}, "https://old.example/"
    ).source
    assert (HOME, (FEED_URL,)) == (source.home_url, source.feeds)


def test_a_feed_that_is_named_and_broken_is_said():
    found = find({HOME: NAMES_FEED, FEED_URL: Page("<p>Gone", media_type="text/html")})
    assert (HOME,) == found.source.index_pages
    assert any(FEED_URL in problem for problem in found.problems)


def test_a_page_that_robots_txt_disallows_makes_no_source():
    found = find({f"{HOME}robots.txt": text("User-agent: *\nDisallow: /"), HOME: NAMES_FEED})
    assert (None, [f"{HOME}: robots.txt disallows it"]) == (found.source, found.problems)


# ---------------------------------------------------------------- which feeds

COMMENTS = Page(
    "<rss version='2.0'><channel><title>Comments for The Tide</title><link>https://tide.example/</link>"
    "<item><title>By: Bob</title><link>https://tide.example/gate#comment-1</link></item></channel></rss>",
    media_type="application/rss+xml",
)
STORY = "https://tide.example/2026/gate/"
TEXT = "".join(f"<p>{'The gate was shut at noon, as the harbour master had said. ' * 4}({n})</p>" for n in range(6))


def story(*links: str) -> str:
    return (
        f"<html><head><title>Gate shut</title><meta property='og:type' content='article'>{''.join(links)}</head>"
        f"<body><article><h1>Gate shut</h1>{TEXT}</article></body></html>"
    )


def link(href: str, title: str = "", form: str = "rss") -> str:
    return f"<link rel='alternate' type='application/{form}+xml' title='{title}' href='{href}'>"


def feed(*paths: str, title: str = "The Tide") -> Page:
    items = "".join(f"<item><title>Entry {p}</title><link>https://tide.example/{p}</link></item>" for p in paths)
    return Page(
        f"<rss version='2.0'><channel><title>{title}</title><link>{HOME}</link>{items}</channel></rss>",
        media_type="application/rss+xml",
    )


def test_a_feed_that_names_a_home_page_nobody_can_reach_has_that_of_its_host():
    lost = Page(FEED.body.replace(HOME, "http://localhost:8080/", 1), media_type=FEED.media_type)
    source = find({FEED_URL: lost}, FEED_URL).source
    assert ("tide", HOME) == (source.name, source.home_url)


def test_a_feed_of_comments_is_left_alone_whatever_it_is_called():
    page = f"<title>The Tide</title>{link('/talk.xml')}{link('/latest.rss')}"
    found = find({HOME: page, f"{HOME}talk.xml": COMMENTS, FEED_URL: FEED})
    assert (FEED_URL,) == found.source.feeds


def test_the_address_of_a_feed_of_comments_finds_the_feed_of_the_site():
    comments = f"{HOME}comments/feed/"
    found = find({comments: COMMENTS, HOME: NAMES_FEED, FEED_URL: FEED}, comments)
    assert (HOME, (FEED_URL,)) == (found.source.home_url, found.source.feeds)
    assert [f"{comments}: a feed of readers' comments, left alone"] == found.problems


def test_the_address_of_an_article_finds_the_feed_that_it_names():
    found = find({STORY: story(link("/latest.rss"), link("feed/", "x")), FEED_URL: FEED}, STORY)
    assert (HOME, "The Tide", (FEED_URL,)) == (found.source.home_url, found.source.title, found.source.feeds)


def test_a_feed_below_an_article_has_its_comments():
    pages = {STORY: story(link("feed/", "Gate shut")), f"{STORY}feed/": feed("a"), HOME: NAMES_FEED, FEED_URL: FEED}
    assert (FEED_URL,) == find(pages, STORY).source.feeds


def test_the_address_of_an_article_that_names_no_feed_finds_those_of_the_home_page():
    source = find({STORY: story(), HOME: NAMES_FEED, FEED_URL: FEED}, STORY).source
    assert (HOME, (FEED_URL,)) == (source.home_url, source.feeds)


def test_an_article_that_is_gone_leads_to_the_home_page():
    source = find({HOME: NAMES_FEED, FEED_URL: FEED}, STORY).source
    assert (HOME, (FEED_URL,)) == (source.home_url, source.feeds)


def test_a_site_of_an_article_without_any_feed_is_watched_at_its_home_page():
    assert (HOME,) == find({STORY: story(), HOME: "<title>The Tide</title>"}, STORY).source.index_pages


def test_two_forms_of_a_feed_are_told_by_their_entries():
    page = f"<title>The Tide</title>{link('/x1', 'One')}{link('/y2', 'Two')}{link('/z3', 'Three')}"
    pages = {HOME: page, f"{HOME}x1": feed("a", "b"), f"{HOME}y2": feed("b", "a"), f"{HOME}z3": feed("c", "d")}
    assert (f"{HOME}x1", f"{HOME}z3") == find(pages).source.feeds


def test_a_main_feed_that_is_dead_is_replaced_by_another():
    page = f"<title>The Tide</title>{link('/feed/')}{link('/world.xml')}"
    assert (f"{HOME}world.xml",) == find({HOME: page, f"{HOME}world.xml": feed("a")}).source.feeds


def test_a_site_that_is_known_by_number_alone_is_named_by_its_title():
    home = "http://93.184.216.34:8080/"
    assert "the-tide" == find({home: "<title>The Tide</title>"}, home).source.name


def test_the_login_of_the_given_address_goes_along_and_stands_in_the_source_alone():
    url, shown = "https://me:pass@tide.example/", HOME
    web = FakeWeb(FakeClock(), {shown: NAMES_FEED, FEED_URL: FEED})

    async def look() -> FoundSource:
        client = Client(SETTINGS, clock=web.clock, transport=web.transport, sources=(stranger(url),), environ={})
        async with client:
            return await find_source(url, Lanes(client, SETTINGS, web.clock), SETTINGS)

    found = run(look())
    assert {"Basic bWU6cGFzcw=="} == {asked.headers.get("authorization") for asked in web.asked}
    assert ((FEED_URL.replace("//", "//me:pass@"),), HOME) == (found.source.feeds, found.source.home_url)
    assert not [problem for problem in found.problems if "pass" in problem]
