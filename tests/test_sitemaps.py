"""Sitemaps: bytes to entries and further sitemaps."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.conformance import sitemaps
from scraper.dates import parse_date
from scraper.discover.sitemaps import parse_sitemap
from scraper.errors import SitemapError
from scraper.model import Further, ListingKind

URL = "https://news.example/sitemap.xml"
SHARED = Path(__file__).parents[2] / "shared" / "conformance"
URLSET = (
    b"<?xml version='1.0' encoding='UTF-8'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
    b"<url><loc>https://news.example/2026/port-closed</loc><lastmod>2026-03-02T06:00:00+02:00</lastmod></url>"
    b"<url><loc>https://news.example/2026/ferries-wait</loc></url></urlset>"
)
URLS = ["https://news.example/2026/port-closed", "https://news.example/2026/ferries-wait"]


def urls(body: bytes) -> list[str]:
    return [entry.url for entry in parse_sitemap(body, URL).entries]


def test_a_urlset_gives_entries_with_the_day_of_change():
    listing = parse_sitemap(URLSET, URL)
    assert (ListingKind.SITEMAP, (), None) == (listing.kind, listing.further, listing.problem)
    assert URLS == [entry.url for entry in listing.entries]
    assert [datetime(2026, 3, 2, 4, tzinfo=UTC), None] == [entry.updated_at for entry in listing.entries]
    assert [None, None] == [entry.published_at for entry in listing.entries]


def test_an_index_gives_further_sitemaps_and_no_entries():
    body = b"<sitemapindex><sitemap><loc>/a.xml</loc></sitemap><sitemap><loc>/b.xml.gz</loc></sitemap></sitemapindex>"
    listing = parse_sitemap(body, URL)
    assert () == listing.entries
    assert (Further("https://news.example/a.xml"), Further("https://news.example/b.xml.gz")) == listing.further


def test_a_news_sitemap_gives_title_language_and_day():
    body = b"""<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>/a</loc><n:news>
    <n:publication><n:name>Harbour Post</n:name><n:language>en</n:language></n:publication>
    <n:publication_date>2026-03-02</n:publication_date><n:title>Port &amp; ferries&#8217; plan</n:title>
    <n:keywords>weather, shipping,</n:keywords></n:news></url></urlset>"""
    (entry,) = parse_sitemap(body, URL).entries
    assert ("Port & ferries’ plan", "en", ("weather", "shipping")) == (entry.title, entry.language, entry.categories)
    assert ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)) == (entry.published_raw, entry.published_at)


def test_a_picture_is_not_a_page():
    body = (
        b"<urlset xmlns:i='http://www.google.com/schemas/sitemap-image/1.1'><url>"
        b"<i:image><i:loc>https://news.example/i.png</i:loc></i:image><loc>/a</loc></url></urlset>"
    )
    assert ["https://news.example/a"] == urls(body)


@pytest.mark.parametrize(
    "change",
    [
        gzip.compress,
        lambda body: gzip.compress(body[:90]) + gzip.compress(body[90:]),
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: b"\n\n " + body,
        lambda body: body.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        lambda body: body.replace(b" xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'", b""),
        lambda body: (
            body.replace(b"<", b"<s:").replace(b"<s:/", b"</s:").replace(b"<s:?", b"<?").replace(b"xmlns", b"xmlns:s")
        ),
        lambda body: body.replace(b"<loc>", b"<loc><![CDATA[\n ").replace(b"</loc>", b" ]]></loc>"),
        lambda _: "\n".join(URLS).encode(),
    ],
    ids=["gzip", "gzip members", "mark", "blank", "utf-16", "no namespace", "prefix", "cdata", "text"],
)
def test_every_dress_of_a_sitemap_is_read(change):
    listing = parse_sitemap(change(URLSET), URL)
    assert (URLS, None) == ([entry.url for entry in listing.entries], listing.problem)


def test_cut_gzip_gives_what_is_there():
    many = (
        b"<urlset>" + b"".join(b"<url><loc>https://news.example/%d</loc></url>" % n for n in range(5000)) + b"</urlset>"
    )
    listing = parse_sitemap(gzip.compress(many)[:-2000], URL)
    assert 1000 < len(listing.entries) < 5000
    assert "cut off" in (listing.problem or "")


def test_a_gzip_bomb_is_refused():
    with pytest.raises(SitemapError, match="larger than 50 MB"):
        parse_sitemap(gzip.compress(b" " * 60_000_000), URL)


def test_half_a_location_is_not_taken_for_a_page():
    cut = URLSET[: URLSET.index(b"ferries") + 4]
    listing = parse_sitemap(cut, URL)
    assert URLS[:1] == [entry.url for entry in listing.entries]
    assert "broken" in (listing.problem or "")


def test_a_bare_ampersand_stays_in_the_address():
    assert ["https://news.example/?a=1&b=2"] == urls(
        b"<urlset><url><loc>https://news.example/?a=1&b=2</loc></url></urlset>"
    )


def test_unusable_locations_are_counted():
    body = b"<urlset><url><loc>javascript:x</loc></url><url/><url><loc>http://10.0.0.1/</loc></url><url><loc>/a</loc></url></urlset>"
    listing = parse_sitemap(body, URL)
    assert (["https://news.example/a"], "3 without a usable location left out") == (
        [entry.url for entry in listing.entries],
        listing.problem,
    )


def test_a_sitemap_on_a_private_address_may_name_its_own_host():
    listing = parse_sitemap(b"<urlset><url><loc>/a</loc></url></urlset>", "http://127.0.0.1:8600/sitemap.xml")
    assert ["http://127.0.0.1:8600/a"] == [entry.url for entry in listing.entries]


def test_a_feed_in_the_place_of_a_sitemap_is_read():
    body = b"<rss version='2.0'><channel><item><link>https://news.example/a</link></item></channel></rss>"
    listing = parse_sitemap(body, URL)
    assert (ListingKind.SITEMAP, "https://news.example/a") == (listing.kind, listing.entries[0].url)


def test_a_web_page_is_known_as_such():
    with pytest.raises(SitemapError) as raised:
        parse_sitemap(b"<!doctype html><html><body><a href='https://news.example/a'>x</a></body></html>", URL)
    assert raised.value.is_html


@pytest.mark.parametrize("body", [b"", b"not found", b"<opml/>", b"\x00\x01\x02", b"<rss><channel><title>&a9;"])
def test_anything_else_is_an_error(body):
    with pytest.raises(SitemapError) as raised:
        parse_sitemap(body, URL)
    assert not raised.value.is_html


@pytest.mark.parametrize(
    ("expected", "raw"),
    [
        ("2026-01-01T00:00:00+00:00", "2026"),
        ("2026-03-01T00:00:00+00:00", "2026-03"),
        ("2026-03-02T00:00:00+00:00", "2026-3-2"),
        ("2026-03-02T06:00:00+00:00", "2026-03-02 6:00"),
        ("2026-03-02T00:30:00.123000+00:00", "2026-03-02T06:00:00.123+0530"),
        (None, "02/03/2026"),
        (None, "2026-13-40"),
        (None, "9999-12-31T23:59:59-23:59"),
        (None, None),
    ],
)
def test_dates_of_every_precision_are_instants(expected, raw):
    found = parse_date(raw)
    assert expected == (found.isoformat() if found else None)


@given(st.one_of(st.binary(max_size=300), st.integers(0, len(URLSET)).map(lambda size: URLSET[:size])))
def test_any_bytes_give_a_listing_or_the_named_error(body):
    try:
        listing = parse_sitemap(body, URL)
    except SitemapError:
        return
    assert all(entry.url.startswith("http") for entry in listing.entries)


# ---------------------------------------------------------------- conformance


def _shared(path: str) -> list[dict]:
    if not SHARED.is_dir():
        pytest.skip("the shared conformance folder is not here")
    return json.loads((SHARED / path).read_text(encoding="utf-8"))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared conformance folder is not here")
def test_every_shared_case_holds():
    """As `benchmarks/conformance.py` judges them."""
    results = list(sitemaps(SHARED))
    assert results
    assert [] == [result for result in results if not result.passed]


@pytest.mark.shared
def test_hostile_xml_reads_nothing_from_outside_and_expands_nothing():
    for case in _shared("security/xml.json"):
        try:
            listing = parse_sitemap(case["xml"].encode(), "https://example.org/sitemap.xml")
        except SitemapError:
            continue
        texts = [listing.title or "", *(entry.url + (entry.title or "") for entry in listing.entries)]
        assert not any(secret in text for text in texts for secret in ("root:", "haha", "qqq")), case["id"]
        if case["verdict"].startswith("title="):
            assert case["verdict"].removeprefix("title=") == listing.title
