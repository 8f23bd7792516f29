"""Feeds: bytes to entries."""

import gzip
import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover.feeds import parse_feed
from scraper.errors import FeedError
from scraper.model import Enclosure, ListingKind

URL = "https://news.example/feeds/world.xml"
SHARED = Path(__file__).parents[2] / "shared" / "conformance"

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">
<channel>
  <title>Harbour Post &amp;amp; Mail</title><link>https://news.example/</link><language>en-gb</language>
  <item>
    <title>Port &lt;i&gt;closed&lt;/i&gt; after storm</title>
    <link>https://feedproxy.example/~r/1</link>
    <feedburner:origLink>https://news.example/2026/03/02/port-closed</feedburner:origLink>
    <guid isPermaLink="false">post-17</guid>
    <pubDate>Mon, 02 Mar 2026 06:00:00 +0200</pubDate>
    <dc:creator>Ines Okafor</dc:creator>
    <category>Weather</category><category>Shipping</category>
    <description>&lt;p&gt;The port is shut.&lt;/p&gt;&lt;p&gt;Ferries wait.&lt;/p&gt;</description>
    <content:encoded><![CDATA[<p>The port is shut until Tuesday, the harbour master said.</p>]]></content:encoded>
    <enclosure url="/audio/17.mp3" type="audio/mpeg" length="12345"/>
  </item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">
<title>Hafenpost</title><link href="https://news.example/de/"/>
<entry><title type="html">Sturm &amp;amp; Flut</title><link href="/de/sturm-und-flut"/><id>tag:news.example,2026:1</id>
<published>2026-03-02T06:00:00+01:00</published><updated>2026-03-02T08:30:00Z</updated>
<author><name>Jan Weber</name></author>
<content type="html">&lt;p&gt;Der Hafen ist zu.&lt;/p&gt;</content></entry></feed>"""


def items(*parts: str) -> bytes:
    inner = "".join(f"<item>{part}</item>" for part in parts)
    return f"<rss version='2.0'><channel>{inner}</channel></rss>".encode()


def test_rss_item_keeps_everything_it_says():
    listing = parse_feed(RSS.encode(), URL, "application/rss+xml")
    (entry,) = listing.entries
    assert (ListingKind.FEED, "https://news.example/", "en-gb", None) == (
        listing.kind,
        listing.home_url,
        listing.language,
        listing.problem,
    )
    assert "Port closed after storm" == entry.title
    assert "post-17" == entry.guid
    assert datetime(2026, 3, 2, 4, tzinfo=UTC) == entry.published_at
    assert "Mon, 02 Mar 2026 06:00:00 +0200" == entry.published_raw
    assert ("Ines Okafor",) == entry.authors
    assert ("Weather", "Shipping") == entry.categories
    assert (Enclosure("https://news.example/audio/17.mp3", "audio/mpeg", 12345),) == entry.enclosures
    assert "The port is shut. Ferries wait." == entry.summary
    assert "<p>The port is shut until Tuesday, the harbour master said.</p>" == entry.content_html


def test_a_feed_proxy_link_gives_way_to_the_real_one():
    assert ["https://news.example/2026/03/02/port-closed"] == [
        entry.url for entry in parse_feed(RSS.encode(), URL).entries
    ]


def test_atom_entry_keeps_both_dates_and_joins_its_link():
    listing = parse_feed(ATOM.encode(), URL, "application/atom+xml")
    (entry,) = listing.entries
    assert "https://news.example/de/sturm-und-flut" == entry.url
    assert "Sturm & Flut" == entry.title
    assert datetime(2026, 3, 2, 5, tzinfo=UTC) == entry.published_at
    assert datetime(2026, 3, 2, 8, 30, tzinfo=UTC) == entry.updated_at
    assert "<p>Der Hafen ist zu.</p>" == entry.content_html
    assert entry.summary is None  # no copy of the content
    assert "de" == listing.language


def test_rss_1_takes_dc_date_for_the_day_of_publication():
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://news.example/"><title>N</title></channel>
    <item rdf:about="https://news.example/a"><title>A</title><link>https://news.example/a</link>
    <dc:date>2026-03-02T06:00:00Z</dc:date></item></rdf:RDF>"""
    (entry,) = parse_feed(body, URL).entries
    assert ("https://news.example/a", datetime(2026, 3, 2, 6, tzinfo=UTC)) == (entry.url, entry.published_at)


def test_json_feed_is_read():
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour Post",
        "home_page_url": "https://news.example/",
        "items": [
            {
                "id": 7,
                "url": "/port",
                "title": "Port closed",
                "date_published": "2026-03-02T06:00:00+02:00",
                "authors": [{"name": "Ines Okafor"}, {"url": "https://x.example"}],
                "tags": ["weather"],
                "content_text": "Shut.\n\nFerries < wait.",
                "attachments": [{"url": "https://news.example/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5}],
            }
        ],
    }
    (entry,) = parse_feed(json.dumps(feed).encode(), "https://feeds.example/1.json").entries
    assert "https://news.example/port" == entry.url
    assert "7" == entry.guid
    assert datetime(2026, 3, 2, 4, tzinfo=UTC) == entry.published_at
    assert (("Ines Okafor",), ("weather",)) == (entry.authors, entry.categories)
    assert "<p>Shut.</p><p>Ferries &lt; wait.</p>" == entry.content_html
    assert "Shut.\nFerries < wait." == entry.content_text
    assert (Enclosure("https://news.example/a.mp3", "audio/mpeg", 5),) == entry.enclosures


def test_json_feed_1_0_has_one_author():
    items = [{"id": "https://news.example/a", "author": {"name": "A"}}]
    body = json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode()
    (entry,) = parse_feed(body, URL).entries
    assert ("https://news.example/a", ("A",)) == (entry.url, entry.authors)


@pytest.mark.parametrize("body", [b"[1, 2]", b'{"items": 3}', b'{"name": "x"}', b"{broken", b"[" * 100_000])
def test_other_json_is_an_error(body):
    with pytest.raises(FeedError) as raised:
        parse_feed(body, URL)
    assert not raised.value.is_html


def test_a_permalink_guid_stands_in_for_a_link():
    body = items("<guid>https://news.example/a</guid>", "<guid isPermaLink='false'>https://news.example/b</guid>")
    listing = parse_feed(body, URL)
    assert ["https://news.example/a"] == [entry.url for entry in listing.entries]


def test_items_without_a_usable_link_are_counted_and_kept_apart():
    body = items("<title>a</title>", "<link>javascript:alert(1)</link>", "<link>https://news.example/c</link>")
    listing = parse_feed(body, URL)
    assert ["https://news.example/c"] == [entry.url for entry in listing.entries]
    assert "a" == listing.unlinked[0].title
    assert listing.unlinked[0].url.startswith(f"{URL}#:~:entry=")
    assert 2 == len({entry.url for entry in listing.unlinked})
    assert "2 without a link or a text" == listing.problem


def test_each_url_is_given_once_but_where_items_have_guids_of_their_own():
    body = items("<title>new</title><link>/a</link>", "<title>old</title><link>/a</link>")
    assert ["new"] == [entry.title for entry in parse_feed(body, URL).entries]
    body = items(*(f"<guid isPermaLink='false'>{n}</guid><link>/a#{n}</link>" for n in "1213"))
    assert ["1", "2", "3"] == [entry.guid for entry in parse_feed(body, URL).entries]


def test_a_broken_feed_is_read_as_far_as_it_goes():
    body = items("<title>A &nbsp; B</title><link>/a</link>")[:-12]
    listing = parse_feed(body, URL)
    assert ["https://news.example/a"] == [entry.url for entry in listing.entries]
    assert "the XML is broken" in (listing.problem or "")


def test_a_feed_that_feedparser_stumbles_over_is_a_named_error():
    image = "<image><url>/i.png</url></width></image>"
    with pytest.raises(FeedError, match="damaged"):
        parse_feed(f"<rss version='2.0'><channel>{image}</channel></rss>".encode(), URL)


def test_a_document_type_that_never_ends_is_no_feed():
    with pytest.raises(FeedError, match="neither"):
        parse_feed(b"<?xml version='1.0'?><!DOCTYPE rss [ <rss><channel/></rss>", URL)


def test_a_feed_cut_before_its_first_entry_is_an_error():
    with pytest.raises(FeedError, match="broken"):
        parse_feed(b"<rss version='2.0'><channel><title>Harbour", URL)


@pytest.mark.parametrize("body", [items(), b"<feed xmlns='http://www.w3.org/2005/Atom'/>"])
def test_a_feed_without_items_is_empty_not_broken(body):
    listing = parse_feed(body, URL)
    assert ((), None) == (listing.entries, listing.problem)


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><title>Checking your browser</title>",
        b"<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'><body><rss/></body></html>",
        b"\n<!-- error --><HTML><head></head></HTML>",
        b"<div>Too many requests</div>",
    ],
)
def test_a_web_page_is_known_as_such(body):
    with pytest.raises(FeedError, match="web page") as raised:
        parse_feed(body, URL)
    assert raised.value.is_html


@pytest.mark.parametrize("body", [b"", b" \n ", b"\x89PNG\r\n", b"OK", b"<opml><head/><body/></opml>", b"\x1f\x8b\x08"])
def test_what_is_neither_feed_nor_page_is_an_error(body):
    with pytest.raises(FeedError) as raised:
        parse_feed(body, URL)
    assert not raised.value.is_html


def test_plain_words_sent_as_html_are_a_web_page():
    with pytest.raises(FeedError) as raised:
        parse_feed(b"Service unavailable", URL, "text/html; charset=utf-8")
    assert raised.value.is_html


@pytest.mark.parametrize(
    "prefix", ["", "\ufeff", "\n \n", "\ufeff\n", "<br />\n<b>Warning</b>: something in line 3<br />\n", "junk "]
)
def test_what_stands_before_the_declaration_does_no_harm(prefix):
    listing = parse_feed((prefix + RSS).encode(), URL)
    assert (1, None) == (len(listing.entries), listing.problem)


def test_gzip_without_a_header_is_unpacked():
    assert 1 == len(parse_feed(gzip.compress(RSS.encode()), URL).entries)


def test_a_gzip_bomb_is_refused():
    bomb = gzip.compress(b"<rss>" + b" " * 60_000_000)
    with pytest.raises(FeedError, match="larger than 50 MB"):
        parse_feed(bomb, URL)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<rss><channel><title>Žluť</title></channel></rss>".encode("iso-8859-2"), "text/xml; charset=iso-8859-2"),
        ("<?xml version='1.0' encoding='iso-8859-2'?><rss><channel><title>Žluť</title></channel></rss>"
         .encode("iso-8859-2"), "text/xml"),
        ("<rss><channel><title>Žluť</title></channel></rss>".encode(), "text/xml; charset=iso-8859-1"),
        ("<rss><channel><title>Žluť</title></channel></rss>".encode("utf-16"), None),
        ("<rss><channel><title>Žluť</title></channel></rss>".encode("utf-16-le"), None),
    ],
)  # fmt: skip
def test_encodings_of_header_declaration_and_mark(body, content_type):
    listing = parse_feed(body, URL, content_type)
    assert ("Žluť", None) == (listing.title, listing.problem)


def test_a_wrong_declaration_is_a_problem_not_an_error():
    listing = parse_feed(
        b"<?xml version='1.0' encoding='utf-8'?><rss><channel><title>caf\xe9</title></channel></rss>", URL
    )
    assert "café" == listing.title
    assert "not in the encoding it declares" in (listing.problem or "")


def test_declared_entities_are_never_expanded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    laughs = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    for declarations, reference in (
        (f"<!ENTITY x SYSTEM '{secret.as_uri()}'>", "&x;"),
        (f"<!ENTITY a0 'ha'>{laughs}", "&a9;"),
    ):
        channel = f"<channel><title>{reference}</title><item><link>/a</link></item></channel>"
        listing = parse_feed(f"<!DOCTYPE r [{declarations}]><rss>{channel}</rss>".encode(), URL)
        assert "secret" not in (listing.title or "")
        assert 10 > len(listing.title or "")


def test_scripts_are_taken_out_of_content():
    content = "<p onclick='x()'>a<script>x()</script><a href='javascript:x()'>b</a></p>"
    body = (
        "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><item><link>/a</link>"
        f"<content:encoded><![CDATA[{content}]]></content:encoded></item></channel></rss>"
    )
    (entry,) = parse_feed(body.encode(), URL).entries
    assert "x()" not in (entry.content_html or "x()")
    assert "x()" not in (entry.content_text or "x()")


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=100).map(lambda tail: RSS[:700].encode() + tail)))
def test_any_bytes_give_a_listing_or_the_named_error(body):
    try:
        listing = parse_feed(body, URL)
    except FeedError:
        return
    assert all(entry.url.startswith("http") for entry in listing.entries)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["url", "id", "authors", "author", "name", "tags", "attachments", "title"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(json_values)
def test_any_json_items_give_a_listing(item):
    listing = parse_feed(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item]}).encode(), URL)
    assert 1 >= len(listing.entries)


# ---------------------------------------------------------------- conformance


def _cases(name: str) -> list[dict]:
    if not SHARED.is_dir():
        pytest.skip("the shared conformance folder is not here")
    return json.loads((SHARED / "feeds" / name).read_text(encoding="utf-8"))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    stripped = re.sub("<[^>]*>", "", html.unescape(str(value or "")))
    return " ".join(html.unescape(stripped).split())


def _read(case: dict):
    headers = {name.lower(): value for name, value in case.get("headers", {}).items()}
    url = "http://127.0.0.1:8097/" + case["file"]  # the server that the expected addresses name
    listing = parse_feed((SHARED / "feeds" / case["file"]).read_bytes(), url, headers.get("content-type"))
    return listing, listing.entries + listing.unlinked


def _feedparser_case_holds(case: dict) -> bool:
    try:
        listing, entries = _read(case)
    except FeedError:
        # A broken document without entries may be refused; what is said to be well formed may not.
        return bool(case["expect"] and case["expect"]["flags"].get("bozo") and not case["expect"]["equals"])
    for path, expected in case["expect"]["equals"] if case["expect"] else ():
        match path:
            case ["feed", "title"]:
                actual = listing.title
            case ["feed", "link"]:
                actual = listing.home_url
            case ["entries", number, *rest] if number < len(entries):
                entry = entries[number]
                values = {
                    ("title",): entry.title,
                    ("link",): entry.url,
                    ("id",): entry.guid,
                    ("guid",): entry.guid,
                    ("summary",): entry.summary or entry.content_html,
                    ("description",): entry.summary or entry.content_html,
                    ("content", 0, "value"): entry.content_html,
                    ("published_parsed",): entry.published_at,
                    ("updated_parsed",): entry.updated_at,
                }
                if tuple(rest) not in values:
                    continue
                actual = values[tuple(rest)]
            case ["entries", *_]:
                return False
            case _:
                continue
        if isinstance(expected, list):
            expected = datetime(*expected[:6], tzinfo=UTC)  # noqa: PLW2901 - the same instant in our form
        if _plain(expected) != _plain(actual):
            return False
    return True


def _gofeed_case_holds(case: dict) -> bool:
    expected = case["expect"] or {}
    try:
        listing, entries = _read(case)
    except FeedError:
        return False
    wanted = expected.get("items") or expected.get("entries") or []
    if (expected and len(wanted) != len(entries)) or (
        "title" in expected and _plain(expected["title"]) != _plain(listing.title)
    ):
        return False
    for entry, item in zip(entries, wanted, strict=False):
        actual = {
            "title": entry.title,
            "link": entry.url,
            "content": entry.content_html,
            "description": entry.summary or entry.content_html,
            "summary": entry.summary or entry.content_html,
            "guid": entry.guid,
            "id": entry.guid,
            "publishedParsed": entry.published_at,
            "updatedParsed": entry.updated_at,
        }
        for name in actual.keys() & item.keys():
            value = item[name]["value"] if isinstance(item[name], dict) else item[name]
            if _plain(value) != _plain(actual[name]):
                return False
    return True


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "holds"), [("feedparser.json", _feedparser_case_holds), ("gofeed.json", _gofeed_case_holds)]
)
def test_conformance_of_xml_feeds_stays_above_98_percent(name, holds):
    cases = _cases(name)
    failed = [case["id"] for case in cases if not holds(case)]
    assert 0.98 <= 1 - len(failed) / len(cases), failed


@pytest.mark.shared
def test_every_json_feed_case_holds():
    for case in _cases("jsonfeed.json"):
        body, expected = json.dumps(case["body"]).encode(), case["expect"]
        if case["id"] == "not-object":
            with pytest.raises(FeedError):
                parse_feed(body, "https://example.org/feed.json")
            continue
        listing = parse_feed(
            body, "https://feeds.example/1.json" if case["id"] == "relative" else "https://example.org/f"
        )
        entries = listing.entries + listing.unlinked
        if case["id"] == "xss":
            assert () == listing.entries
            continue
        actual = {"items": len(entries), "title": listing.title}
        if entries:
            actual |= {
                "link0": entries[0].url,
                "authors0": list(entries[0].authors),
                "date0": _plain(entries[0].published_at),
                "id_is_text": isinstance(entries[0].guid, str),
            }
        assert expected == {name: actual[name] for name in expected}, case["id"]


# ---------------------------------------------------------------- links that are none


@pytest.mark.parametrize("link", ["N/A", "http://", "https:///", "", " ", "#", "<![CDATA[ none ]]>", "-"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_permalink_guid_serves_where_the_link_is_none(link, is_first):
    parts = [f"<link>{link}</link>", "<guid>https://news.example/real</guid>"]
    item = "".join(parts if is_first else reversed(parts))
    body = f"<rss version='2.0'><channel><item><title>A</title>{item}</item></channel></rss>".encode()
    assert ["https://news.example/real"] == [
        entry.url for entry in parse_feed(body, "https://news.example/rss").entries
    ]


@pytest.mark.parametrize("guid", ["<guid isPermaLink='false'>https://news.example/n1</guid>", "<guid>n1</guid>", ""])
def test_an_entry_without_any_address_is_none_of_the_feeds_own(guid):
    body = (
        f"<rss version='2.0'><channel><item><title>A</title><link>http://</link>{guid}</item></channel></rss>".encode()
    )
    listing = parse_feed(body, "https://news.example/rss")
    assert ((), 1) == (listing.entries, len(listing.unlinked))


def test_a_guid_that_is_no_address_stays_as_it_stands():
    body = b"<rss version='2.0'><channel><item><link>/a</link><guid>abc</guid></item></channel></rss>"
    (entry,) = parse_feed(body, "https://news.example/rss").entries
    assert ("https://news.example/a", "abc") == (entry.url, entry.guid)


def test_links_of_json_that_are_none():
    items = [
        {"id": "https://news.example/real", "url": "N/A", "title": "A"},
        {"id": "1", "url": "http://", "title": "B"},
    ]
    listing = parse_feed(json.dumps({"items": items}).encode(), "https://news.example/feed.json")
    assert ["https://news.example/real"] == [entry.url for entry in listing.entries]
    assert ["B"] == [entry.title for entry in listing.unlinked]


def test_a_feed_in_another_script_that_declares_no_encoding_is_guessed():
    text = "Порт Ловмера закрыл северные ворота во вторник ночью, после того как план погрузки не совпал. " * 4
    body = f"<rss><channel><item><title>{text}</title><link>/a</link></item></channel></rss>".encode("koi8-r")
    listing = parse_feed(body, "https://news.example/rss")
    assert text.strip() == listing.entries[0].title
    assert "a guess" in listing.problem
