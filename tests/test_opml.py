"""Lists of feeds as OPML."""

import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover.opml import OpmlList, OpmlOutline, OpmlRefusal, parse_opml, render_opml
from scraper.errors import ParseError
from scraper.model import SecretUrl, Source
from scraper.urls import url_key

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
OPML = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
  <outline text="Loose &amp; free" type="rss" xmlUrl="https://loose.example/rss" htmlUrl="https://loose.example/"/>
  <outline text="Security"><outline title="Asia">
    <outline title="Harbour Post" text="x" xmlURL=" https://news.example/feed?a=1&b=2 "/>
    <outline text="" xmlUrl="https://untitled.example/rss"/>
  </outline><outline text="Mail" xmlUrl="mailto:a@b.example"/></outline>
  <outline text="again" xmlUrl="https://loose.example/rss"/>
</body></opml>"""


def test_outlines_carry_title_feed_home_and_folders():
    assert (
        OpmlOutline("Loose & free", "https://loose.example/rss", "https://loose.example/"),
        OpmlOutline("Harbour Post", "https://news.example/feed?a=1&b=2", section="Security / Asia"),
        OpmlOutline("https://untitled.example/rss", "https://untitled.example/rss", section="Security / Asia"),
    ) == parse_opml(OPML, "mine.opml").outlines


@pytest.mark.parametrize("body", [b"", b"words", OPML[:300], b"<rss/>", b"<opml><body><outline text='a></body></opml>"])
def test_a_broken_list_is_an_error_that_names_the_file(body):
    with pytest.raises(ParseError, match=r"^mine\.opml: ") as raised:
        parse_opml(body, "mine.opml")
    assert not raised.value.is_html


def test_a_web_page_is_known_as_such():
    with pytest.raises(ParseError, match="web page") as raised:
        parse_opml(b"<!doctype html><html></html>", "mine.opml")
    assert raised.value.is_html


def test_a_source_without_a_feed_is_left_out():
    source = Source("a", "A", "https://a.example/", sitemaps=("https://a.example/sitemap.xml",), section="Empty")
    rendered = render_opml([source], "Mine", NOW)
    assert () == parse_opml(rendered.encode(), "mine.opml").outlines
    assert "Empty" not in rendered
    assert "<dateCreated>Mon, 02 Mar 2026 06:00:00 +0000</dateCreated>" in rendered


texts = st.text(max_size=20).map(lambda text: f"a{text}z")
addresses = st.text(string.ascii_letters + string.digits + "/?&=%'\"<>;.-_~é", max_size=20).map(
    "https://news.example/".__add__
)


@given(
    st.lists(st.tuples(texts, addresses, st.none() | texts), max_size=5, unique_by=lambda outline: url_key(outline[1]))
)
def test_what_is_rendered_is_read_back(outlines):
    """
    Titles, addresses and sections come back, whatever characters they have; order holds within a
    section.
    """
    sources = [
        Source(f"s{number}", title, "https://news.example/", feeds=(feed,), section=section)
        for number, (title, feed, section) in enumerate(outlines)
    ]
    first = parse_opml(render_opml(sources, "Mine", NOW).encode(), "mine.opml").outlines
    again = [
        Source("x", outline.title, outline.home_url or "", feeds=(outline.feed_url,), section=outline.section)
        for outline in first
    ]
    assert {feed for _, feed, _ in outlines} == {outline.feed_url for outline in first}
    assert first == parse_opml(render_opml(again, "Mine", NOW).encode(), "mine.opml").outlines


def test_markup_in_titles_survives_the_round_trip():
    source = Source(
        "a", 'A <b> & "B" \x07', "https://a.example/", feeds=("https://a.example/?x=1&y=2",), section="<C> & D"
    )
    expected = (OpmlOutline('A <b> & "B"', "https://a.example/?x=1&y=2", "https://a.example/", "<C> & D"),)
    assert expected == parse_opml(render_opml([source], "T", NOW).encode(), "mine.opml").outlines


@given(st.one_of(st.binary(max_size=200), st.integers(0, len(OPML)).map(lambda size: OPML[:size])))
def test_any_bytes_give_outlines_or_the_named_error(body):
    try:
        outlines = parse_opml(body, "mine.opml").outlines
    except ParseError:
        return
    assert all(outline.feed_url.startswith("http") for outline in outlines)


def named(*outlines: str) -> OpmlList:
    """What a list of outlines says, each given by its attributes."""
    body = "".join(f"<outline {attributes}/>" for attributes in outlines)
    return parse_opml(f"<opml><body>{body}</body></opml>".encode(), "mine.opml")


@pytest.mark.parametrize(
    ("attributes", "feed_url"),
    [
        ("text='A' xmlUrl='http://a.example/rss feed.xml'", "http://a.example/rss%20feed.xml"),
        ("text='A' xmlUrl='feed://a.example/rss'", "http://a.example/rss"),
        ("text='A' xmlUrl='feed:https://a.example/rss'", "https://a.example/rss"),
        ("text='A' xmlUrl='//a.example/rss'", "https://a.example/rss"),
        ("text='A' xmlUrl='/rss' htmlUrl='https://a.example/news/'", "https://a.example/rss"),
        ("text='A' xmlUrl='HTTP://a.example/rss'", "http://a.example/rss"),
        ("text='A' xmlUrl='https:\\\\a.example/rss'", "https://a.example/rss"),
    ],
)
def test_an_address_is_mended_where_it_is_plain_what_is_meant(attributes, feed_url):
    assert [feed_url] == [outline.feed_url for outline in named(attributes).outlines]


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ("text='A' xmlUrl='rss.xml'", "its address is relative, and nothing says to what"),
        ("text='A' xmlUrl=''", "it has no address"),
        ("text='A' xmlUrl='mailto:a@b.example'", "its address is not http or https"),
        ("text='A' xmlUrl='http://a b/rss'", "its address names no host that there can be"),
        ("text='A' xmlUrl='http://a.example:99999/'", "its address names no host that there can be"),
        ("text='A' xmlUrl='http://'", "its address names no host that there can be"),
    ],
)
def test_an_outline_that_cannot_be_asked_for_is_listed_with_its_reason(attributes, reason):
    assert OpmlList((), (OpmlRefusal("A", reason),)) == named(attributes)


def test_one_feed_under_two_addresses_is_taken_once():
    found = named("text='A' xmlUrl='http://a.example/rss'", "text='B' xmlUrl='https://www.a.example/rss'")
    assert ["http://a.example/rss"] == [outline.feed_url for outline in found.outlines]
    assert (OpmlRefusal("B", "the same feed as “A”"),) == found.refusals


def test_a_folder_that_names_an_empty_address_stays_a_folder():
    found = parse_opml(
        b"<opml><body><outline text='Asia' xmlUrl=''><outline text='A' xmlUrl='https://a.example/'/></outline></body></opml>",
        "mine.opml",
    )
    assert (("Asia",), ()) == (tuple(outline.section for outline in found.outlines), found.refusals)


def test_titles_lose_the_marks_that_nobody_sees():
    assert "Küstenblatt" == named("text='K&#252;&#8203;sten&#173;blatt' xmlUrl='https://a.example/'").outlines[0].title


def test_a_list_that_is_handed_on_has_no_secrets():
    shown, real = "https://a.example/rss?token=hidden", "https://me:pass@a.example/rss?token=4f2a"
    source = Source("a", "A", "https://a.example/", feeds=(shown,), secret_urls=(SecretUrl(shown, real),))
    rendered = render_opml([source], "T", NOW)
    assert shown in rendered
    assert not [secret for secret in ("pass", "4f2a") if secret in rendered]
