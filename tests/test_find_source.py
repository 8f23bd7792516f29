"""A source made from one address, as `presswatch sources add` makes it."""

from collections.abc import Mapping

from fakes import SETTINGS, FakeClock, FakeWeb, Page, Rule, moved, run, text

from archive.find_source import FoundSource, find_source
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
