"""Section fronts: which links are articles."""

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover.index_pages import parse_index_page
from scraper.errors import PageError
from scraper.model import Further, ListingKind
from scraper.urls import join_url

URL = "https://www.news.example/world"

ENGLISH = b"""<!doctype html><html lang="en"><head><title>World | Harbour Post</title></head>
<body class="section-front has-sidebar">
<header class="site-header"><a href="/"><img src="/logo.svg" alt="Harbour Post"></a>
 <nav class="main-nav"><ul><li><a href="/world">World</a><li><a href="/business">Business</a>
 <li><a href="/2026/02/01/how-we-report-the-news-every-day">How we report</a></ul></nav></header>
<div class="content-wrap"><main>
 <h1>World</h1>
 <article class="card card--lead">
  <a href="/world/2026/0302/Storm-closes-port?ref=front" tabindex="-1">
  <img src="s.jpg" alt="Waves over a harbour wall at dusk"></a>
  <h2><a href="/world/2026/0302/Storm-closes-port?ref=front">Storm closes the port for a third day</a></h2>
  <p class="dek">Ferries wait.</p><time datetime="2026-03-02T06:00:00Z">2 March</time>
  <p>By <a href="/author/ines-okafor-reporter-at-large">Ines Okafor</a></p>
  <a href="/world/2026/0302/Storm-closes-port?ref=front#comments">12 comments</a>
  <a class="more" href="/world/2026/0302/Storm-closes-port?ref=front">Read more</a>
 </article>
 <ul class="story-list">
  <li><a href="https://news.example/world/harbour-talks-resume-after-weekend-pause">
   <h3>Harbour talks resume</h3><span>3h ago</span></a>
  <li><a href="/story/1234567"><span>Fishing fleet</span> <span>returns with empty nets</span></a>
  <li><h3><a href="/world/fishing">Fishermen protest against the new quota</a></h3>
  <li><a href="/tag/shipping-and-trade-routes">Shipping and trade routes</a>
  <li><a href="https://elsewhere.example/2026/03/02/an-article-of-another-paper">Another paper reports</a>
  <li><a href="/files/annual-report-of-the-harbour.pdf">Annual report of the harbour</a>
  <li><a href="/2026/03/">March 2026</a>
  <li><a href="mailto:desk@news.example">Write to us</a>
 </ul>
 <div class="pager"><span>1</span> <a href="/world?page=2">2</a> <a href="/world?page=3">3</a>
 <a href="/world?page=9">Last</a></div>
</main>
<aside><h3>Most read</h3>
 <a href="/world/2026/0228/Something-many-people-read">Something many people read</a></aside></div>
<div id="newsletter-menu"><a href="/newsletters">Newsletters</a></div>
<footer><a href="/about-the-harbour-post-and-its-owners">About us and our owners</a>
<a href="/privacy">Privacy</a></footer>
</body></html>"""

GERMAN = """<html lang="de"><body><div role="main"><div class="teaser"><h3>
<a href="/politik/sturm-legt-hafen-lahm-a-4711815.html">
Sturm legt Hafen lahm</a></h3></div><div class="teaser">
<a href="/wirtschaft/faehren-warten-weiter-auf-freigabe,fz8b2k.html">
Fähren warten weiter</a></div></div><div class="breadcrumb">
<a href="/politik/ausland-und-europa-uebersicht">Übersicht</a></div>
<nav><a href="/politik">Politik</a></nav><a href="/impressum">Impressum</a>
<a href="/thema/hafen-und-meer-und-mehr">Hafen</a></body></html>"""

JAPANESE = """<html lang="ja"><body><nav><a href="/kokusai/">国際</a></nav><main><ul>
<li><a href="/articles/ASV3262QWV32UHBI01M.html">港が三日間閉鎖、フェリーは待機</a></li>
<li><a href="/news/article?id=88231">漁師らが新しい割り当てに抗議</a></li>
<li><a href="/news/%E6%B8%AF%E3%81%8C%E9%96%89%E9%8E%96%E3%81%95%E3%82%8C%E3%81%9F">港が閉鎖された</a></li>
<li><h2><a href="/kokusai/">国際</a></h2></li></ul></main></body></html>"""

ARABIC = """<html lang="ar" dir="rtl"><body><div id="content"><article><h3>
<a href="/news/2026/3/2/العاصفة-تغلق-الميناء">
العاصفة تغلق الميناء لليوم الثالث</a></h3></article></div><footer>
<a href="/من-نحن-وكيف-نعمل">من نحن</a></footer></body></html>"""


def urls(page: str | bytes, url: str = URL) -> list[str]:
    body = page if isinstance(page, bytes) else page.encode()
    return [entry.url for entry in parse_index_page(body, url).entries]


def test_a_section_front_gives_its_articles_and_nothing_else():
    listing = parse_index_page(ENGLISH, URL)
    assert (ListingKind.INDEX_PAGE, "World | Harbour Post", "en", None) == (
        listing.kind,
        listing.title,
        listing.language,
        listing.problem,
    )
    assert [
        (
            "https://www.news.example/world/2026/0302/Storm-closes-port?ref=front",
            "Storm closes the port for a third day",
        ),
        ("https://news.example/world/harbour-talks-resume-after-weekend-pause", "Harbour talks resume"),
        ("https://www.news.example/story/1234567", "Fishing fleet returns with empty nets"),
        ("https://www.news.example/world/fishing", "Fishermen protest against the new quota"),
    ] == [(entry.url, entry.title) for entry in listing.entries]


def test_the_date_on_the_card_is_kept():
    entry = parse_index_page(ENGLISH, URL).entries[0]
    assert ("2026-03-02T06:00:00Z", datetime(2026, 3, 2, 6, tzinfo=UTC)) == (entry.published_raw, entry.published_at)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (
            GERMAN,
            [
                "/politik/sturm-legt-hafen-lahm-a-4711815.html",
                "/wirtschaft/faehren-warten-weiter-auf-freigabe,fz8b2k.html",
            ],
        ),
        (
            JAPANESE,
            [
                "/articles/ASV3262QWV32UHBI01M.html",
                "/news/article?id=88231",
                "/news/%E6%B8%AF%E3%81%8C%E9%96%89%E9%8E%96%E3%81%95%E3%82%8C%E3%81%9F",
            ],
        ),
        (ARABIC, ["/news/2026/3/2/العاصفة-تغلق-الميناء"]),
    ],
    ids=["de", "ja", "ar"],
)
def test_no_language_is_needed(page, expected):
    assert [join_url("https://news.example", path) for path in expected] == urls(page, "https://news.example/")


def test_a_wrapper_named_after_its_sidebar_does_not_hide_the_main_part():
    page = (
        "<div class='content-sidebar'><main><a href='/2026/03/02/storm-closes-port'>Storm closes port</a></main></div>"
    )
    assert ["https://www.news.example/2026/03/02/storm-closes-port"] == urls(page)


def test_a_link_both_in_a_menu_and_on_a_card_is_an_article():
    link = "<a href='/2026/03/02/storm-closes-port'>Storm</a>"
    assert 1 == len(urls(f"<nav>{link}</nav><div>{link}</div>"))
    assert 0 == len(urls(f"<nav>{link}</nav>"))


def test_the_base_element_counts():
    assert ["https://news.example/de/sturm-legt-hafen-lahm"] == urls(
        "<base href='https://news.example/de/'><p><a href='sturm-legt-hafen-lahm'>Sturm legt Hafen lahm</a></p>"
    )


@pytest.mark.parametrize(
    ("url", "links", "expected"),
    [
        ("/world", "<link rel=next href='/world?after=abc'>", "/world?after=abc"),
        ("/world", "<a rel='next nofollow' href='/world/more'>Older</a>", "/world/more"),
        ("/world", "<a href='/world?page=3'>3</a><a href='/world?page=2'>2</a>", "/world?page=2"),
        ("/world?page=2", "<a href='/world?page=1'>1</a><a href='/world?page=3'>3</a>", "/world?page=3"),
        ("/world?a=1&page=2", "<a href='/world?page=3&a=1'>3</a>", "/world?page=3&a=1"),
        ("/world/page/2/", "<a href='/world/page/3/'>&raquo;</a><a href='/sport/page/3/'>x</a>", "/world/page/3/"),
        ("/world", "<a href='/world/(offset)/20'>More</a>", "/world/(offset)/20"),
        ("/world/(offset)/20", "<a href='/world'>New</a><a href='/world/(offset)/40'>Old</a>", "/world/(offset)/40"),
        ("/welt", "<a href='/welt/seite-2'>Weiter</a>", "/welt/seite-2"),
        ("/world", "<a href='/world/2'>2</a><a href='/world/3'>3</a>", "/world/2"),
        ("/", "<a href='/?p=2'>2</a>", "/?p=2"),
        ("/world", "<a href='/world/7'>Seven ships leave the harbour</a>", None),
        ("/", "<a href='/?p=417'>Seven ships leave the harbour</a>", None),
        ("/world", "<a href='/world/2025'>2025</a>", None),
        ("/world", "<link rel=next href='/world'><link rel=next href='https://elsewhere.example/2'>", None),
        ("/world?page=9", "<a href='/world?page=8'>8</a>", None),
    ],
)  # fmt: skip
def test_the_next_page_is_further(url, links, expected):
    site = "https://news.example"
    listing = parse_index_page(f"<main>{links}</main>".encode(), site + url)
    assert ((Further(site + expected),) if expected else ()) == listing.further


def test_pages_of_the_list_are_not_articles():
    assert [] == urls("<main><h2><a href='/world/page/2'>The second page of the world section</a></h2></main>")


def test_a_page_that_carries_its_articles_gives_them_whole():
    text = "<p>" + "The harbour stays shut and the ferries wait. " * 20 + "</p>"
    page = f"""<main><article><article class=post><h2><a href=/storm>Storm</a></h2>
    <time datetime=2026-03-02></time>{text}</article>
    <article class=post><h2>Talks</h2>{text}<a rel=bookmark href=/talks>Link</a></article>
    <article><h2><a href=/short-one-of-few-words>Short</a></h2><p>Soon.</p></article></article></main>"""
    entries = parse_index_page(page.encode(), "https://blog.example/").entries
    whole = [(entry.url, entry.title) for entry in entries if entry.is_whole_article]
    assert [("https://blog.example/storm", "Storm"), ("https://blog.example/talks", "Talks")] == whole
    assert all("ferries wait" in (entry.content_html or "") for entry in entries if entry.is_whole_article)
    assert "https://blog.example/short-one-of-few-words" in [
        entry.url for entry in entries if not entry.is_whole_article
    ]


def test_one_long_article_is_no_index_of_whole_ones():
    page = f"<article><h2><a href=/storm>Storm</a></h2><p>{'The harbour stays shut. ' * 60}</p></article>"
    assert not any(entry.is_whole_article for entry in parse_index_page(page.encode(), "https://blog.example/").entries)


def test_a_page_without_links_says_that_a_script_may_make_them():
    listing = parse_index_page(b"<html><body><div id=root></div><script src=app.js></script></body></html>", URL)
    assert () == listing.entries
    assert "script" in (listing.problem or "")


def test_the_encoding_is_that_of_the_meta_element():
    page = "<meta charset=windows-1251><h2><a href=/news/123456>Порт закрыт из-за шторма</a></h2>".encode(
        "windows-1251"
    )
    (entry,) = parse_index_page(gzip.compress(page), URL, "text/html").entries
    assert "Порт закрыт из-за шторма" == entry.title


@pytest.mark.parametrize(
    "body",
    [b"", b"plain words", b'{"a": 1}', b"<?xml version='1.0'?><rss><channel/></rss>", b"<urlset/>", b"\x89PNG\r\n"],
)
def test_what_is_no_web_page_is_an_error(body):
    with pytest.raises(PageError):
        parse_index_page(body, URL)


pieces = st.sampled_from(
    [
        "<a href='/2026/03/02/a-b-c'>",
        "<a href='/x?page=2'>",
        "<article>",
        "<nav>",
        "</nav>",
        "<h2>",
        "</a>",
        "<base href=//[>",
    ]
)


@given(st.one_of(st.binary(max_size=200), st.lists(pieces, max_size=12).map(lambda parts: "".join(parts).encode())))
def test_any_bytes_give_a_listing_or_the_named_error(body):
    try:
        listing = parse_index_page(body, URL)
    except PageError:
        return
    found = [entry.url for entry in listing.entries]
    assert len(set(found)) == len(found)


# ---------------------------------------------------------------- articles without a page of their own

_TEXT = "<p>" + "The harbour said on Tuesday that the cable had been cut by an anchor. " * 2 + "</p>"


def whole(page: str):
    entries = parse_index_page(page.encode(), "https://news.example/watch").entries
    return [(entry.url, entry.title) for entry in entries if entry.is_whole_article]


def test_whole_articles_without_links_have_an_address_of_their_own_on_the_page():
    page = (
        f"<h1>Watch</h1><article><h2>Islanders learn</h2>{_TEXT}{_TEXT}</article>"
        f"<article id='boats'><h2>Boats will show</h2>{_TEXT}{_TEXT}</article>"
    )
    assert [
        ("https://news.example/watch#:~:entry=Islanders%20learn", "Islanders learn"),
        ("https://news.example/watch#boats:~:entry=boats", "Boats will show"),
    ] == whole(page)
    assert whole(page) == whole(page.replace("Tuesday", "Friday"))  # a changed text is the same article


@pytest.mark.parametrize(
    "article",
    [
        "<article><h2>Short</h2><p>Two words.</p></article>",
        f"<article><h2>Teaser</h2>{_TEXT}<a href='/2026/03/02/storm-closes-port'>Read on</a></article>",
        f"<article>{_TEXT}</article>",
    ],
)
def test_a_teaser_is_no_whole_article(article):
    assert [] == whole(article * 2)


def test_one_article_alone_is_the_page_itself():
    assert [] == whole(f"<article><h1>Storm</h1>{_TEXT}{_TEXT}</article>")
