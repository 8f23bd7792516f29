"""Where a publication may have its feeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover.autodiscovery import (
    COMMON_FEED_PATHS,
    choose_feeds,
    find_feed_links,
    guess_feed_urls,
    lists_comments,
)
from scraper.model import Entry, Listing, ListingKind

URL = "https://news.example/world/"


def urls(page: bytes, url: str = URL) -> tuple[str, ...]:
    return tuple(link.url for link in find_feed_links(page, url))


def test_declared_feeds_come_first_main_ones_before_others_and_those_of_comments_are_left_out():
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
        "https://news.example/rss.xml",
        "https://feeds.feedburner.com/HarbourPost",
    ) == urls(page)


def test_the_base_element_counts():
    page = b"<base href='https://cdn.news.example/x/'><link rel=alternate type=application/rss+xml href=feed>"
    assert ("https://cdn.news.example/x/feed",) == urls(page)


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
    assert all(target.startswith("http") for target in urls(body))


# ---------------------------------------------------------------- what a feed is of


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/comments/feed/", ""),
        ("/?feed=comments-rss2", ""),
        ("/?feed=rss2&withcomments=1", ""),
        ("/wp-commentsrss2.php", ""),
        ("/feeds/comments/default", ""),
        ("/feeds/123/comments/default?alt=rss", ""),
        ("/kommentare/feed", ""),
        ("/commentaires.xml", ""),
        ("/all-comments.rss", ""),
        ("/crss", ""),
        ("/x", "The Tide » Comments Feed"),
        ("/x", "Comments on: Rain"),
        ("/x", "Comments for The Tide"),
        ("/x", "Kommentare zu: Regen"),
        ("/x", "Die Flut » Kommentar-Feed"),
        ("/x", "La Marée » Flux des commentaires"),
        ("/x", "La Marea » Feed de los comentarios"),
        ("/x", "A Maré » Feed de comentários"),
        ("/x", "La Marea » Feed dei commenti"),
        ("/x", "Het Tij » Reacties feed"),
        ("/x", "Прилив » Лента комментариев"),
        ("/x", "潮汐 » 评论 Feed"),
        ("/x", "潮 » コメントフィード"),
        ("/x", "Przypływ » Kanał z komentarzami"),
    ],
)
def test_a_feed_of_comments_is_known_by_address_or_title_in_many_languages(address, title):
    page = f"<link rel=alternate type=application/rss+xml title='{title}' href='{address}'>".encode()
    assert () == urls(page)


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("https://commentary.example/feed/", "Commentary"),
        ("https://news.example/commentisfree/rss", "Comment is free"),
        ("https://news.example/comment/rss", "Comment"),
        ("https://news.example/feed/", "The Commentator"),
        ("https://comments.example/feed/", "The Tide"),
    ],
)
def test_a_publication_that_comments_has_no_feed_of_comments(address, title):
    page = f"<link rel=alternate type=application/rss+xml title='{title}' href='{address}'>".encode()
    assert (address,) == urls(page)


@pytest.mark.parametrize(
    "hrefs",
    [
        ("/feed/", "/feed/atom/", "/feed/rdf/"),
        ("/rss.xml", "/atom.xml", "/feed.json"),
        ("/feeds/posts/default", "/feeds/posts/default?alt=rss"),
        ("/?feed=rss2", "/?feed=atom"),
        ("/world/rss.xml", "/world/atom.xml"),
    ],
)
def test_one_form_of_a_feed_is_enough(hrefs):
    page = "".join(f"<link rel=alternate type=application/rss+xml href='{href}'>" for href in hrefs).encode()
    assert (f"https://news.example{hrefs[0]}",) == urls(page)


def test_feeds_that_are_named_alike_in_two_forms_are_one():
    page = b"""<link rel=alternate type=application/rss+xml title="The Tide (RSS)" href=/a1>
    <link rel=alternate type=application/atom+xml title="The Tide (Atom)" href=/b2>
    <link rel=alternate type=application/atom+xml title="The Tide: world (Atom)" href=/c3>"""
    assert ("https://news.example/a1", "https://news.example/c3") == urls(page)


def chosen(page: bytes, url: str = "https://news.example/") -> list[str]:
    return [link.url.removeprefix("https://news.example") for link in choose_feeds(find_feed_links(page, url), url, 4)]


def declared(*hrefs: str) -> bytes:
    return "".join(f"<link rel=alternate type=application/rss+xml href='{href}'>" for href in hrefs).encode()


def test_the_main_feed_is_enough_where_there_is_one():
    assert ["/feed/"] == chosen(declared("/world/feed/", "/category/sport/feed/", "/feed/"))


def test_sections_are_taken_where_there_is_no_main_feed_and_tags_where_there_is_nothing_else():
    assert ["/rss/world.xml", "/rss/sport.xml"] == chosen(
        declared("/rss/world.xml", "/tag/ferry/feed", "/rss/sport.xml")
    )
    assert ["/tag/ferry/feed", "/author/ann/feed"] == chosen(declared("/tag/ferry/feed", "/author/ann/feed"))


def test_a_section_is_watched_by_its_own_feed():
    assert ["/world/feed/"] == chosen(declared("/feed/", "/world/feed/"), "https://news.example/world/")


def test_entries_that_are_comments_tell_a_feed_whatever_it_is_called():
    comments = [Entry(f"https://news.example/{n}", "By: Ann", f"https://news.example/?p=1#comment-{n}") for n in "abc"]
    articles = [Entry(f"https://news.example/{n}", "By the sea", f"https://news.example/?p={n}") for n in "123"]
    assert lists_comments(Listing(ListingKind.FEED, tuple(comments)))
    assert not lists_comments(Listing(ListingKind.FEED, (*articles, comments[0])))
    assert not lists_comments(Listing(ListingKind.FEED, ()))


def test_a_mailing_list_has_answers_and_no_comments():
    answers = tuple(Entry(f"https://lists.example/{n}", "Re: CVE-2026-1 in ferries") for n in range(3))
    assert not lists_comments(Listing(ListingKind.FEED, answers))
