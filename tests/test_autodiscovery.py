"""Where a publication may have its feeds."""

from hypothesis import given
from hypothesis import strategies as st

from scraper.discover.autodiscovery import COMMON_FEED_PATHS, find_feed_links, guess_feed_urls

URL = "https://news.example/world/"


def test_declared_feeds_come_first_and_those_of_comments_last():
    page = b"""<html><head>
    <link rel="alternate" type="application/rss+xml" href="/comments/feed/">
    <link rel="ALTERNATE home" type="application/atom+xml; charset=utf-8" href="all.atom">
    <link rel="alternate" type="application/feed+json" href="https://feeds.other.example/n.json">
    <link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet" type="text/css" href="/feed.css">
    </head><body><a href="/rss.xml">RSS</a><a href="/world/feeding-the-birds">Birds</a>
    <a href="/all-feeds/">x</a><a href="https://elsewhere.example/rss.xml">friends</a>
    <a href="https://feeds.feedburner.com/HarbourPost">Subscribe</a></body></html>"""
    assert (
        "https://news.example/world/all.atom",
        "https://feeds.other.example/n.json",
        "https://news.example/comments/feed/",
        "https://news.example/rss.xml",
        "https://feeds.feedburner.com/HarbourPost",
    ) == find_feed_links(page, URL)


def test_the_base_element_counts():
    page = b"<base href='https://cdn.news.example/x/'><link rel=alternate type=application/rss+xml href=feed>"
    assert ("https://cdn.news.example/x/feed",) == find_feed_links(page, URL)


def test_a_page_without_feeds_names_none():
    assert () == find_feed_links(b"<p>Nothing here</p>", URL)


def test_guesses_start_below_the_page_and_end_at_the_root():
    guesses = guess_feed_urls(URL)
    assert "https://news.example/world/feed/" == guesses[0]
    assert "https://news.example/feed/" in guesses
    assert 2 * len(COMMON_FEED_PATHS) == len(guesses)


def test_a_home_at_the_root_is_guessed_once():
    assert len(COMMON_FEED_PATHS) == len(guess_feed_urls("https://news.example"))


@given(st.binary(max_size=200))
def test_whatever_comes_only_http_addresses_are_named(body):
    assert all(target.startswith("http") for target in find_feed_links(body, URL))
