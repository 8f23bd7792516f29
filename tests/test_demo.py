"""The invented newspaper world: what it serves, before the turn and after it."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPResponse
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from reading import read_document
from rich.console import Console

from archive.demo.server import demo_settings, is_unchanged, serve_world
from archive.demo.show import run_demo
from archive.demo.world import OUTLETS, Document, read_articles, render_world
from scraper.discover.feeds import parse_feed
from scraper.discover.index_pages import parse_index_page
from scraper.discover.sitemaps import parse_sitemap
from scraper.errors import FeedError
from scraper.fetch.robots import parse_robots
from scraper.model import AccessStatus, Article

NOW = datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)
HOMES = {outlet.key: f"https://{outlet.key}.example/" for outlet in OUTLETS}
BEFORE = render_world(HOMES, NOW, turned=False)
AFTER = render_world(HOMES, NOW, turned=True)
SUPPORTERS = "/private/supporters/2026/1124/letter-from-the-quay"


@pytest.fixture
def world():
    with serve_world(NOW) as served:
        yield served


def get(url: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=5)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def read(outlet: str, slug: str, documents=BEFORE) -> Article:
    """The page of an article, taken apart."""
    path = next(path for path in documents[outlet] if slug in path and "/images/" not in path)
    document = documents[outlet][path]
    return read_document(document.body, HOMES[outlet] + path[1:], content_type=document.media_type)


def pages(documents=BEFORE) -> list[tuple[str, str]]:
    """Outlet and slug of every article that is there."""
    return [
        (article.outlet, article.slug)
        for article in read_articles()
        if any(article.slug in path for path in documents[article.outlet])
    ]


# ---------------------------------------------------------------- what it says


@pytest.mark.parametrize(("outlet", "slug"), pages(AFTER))
def test_every_page_is_read_as_the_article_it_is(outlet, slug):
    article = next(article for article in read_articles() if article.slug == slug)

    found = read(outlet, slug, AFTER)

    assert found.is_article
    assert (article.turned_headline or article.headline) == found.headline
    assert (None if outlet == "northwire" else article.dek) == found.dek  # the wire's stands in its metadata alone
    assert article.language == found.language
    assert NOW - timedelta(days=1) < found.published_at < NOW


def test_the_last_day_has_every_article():
    assert all(0 < article.hours_old < 24 for article in read_articles())


def test_the_metered_roundup_has_its_text_and_not_the_wreck_of_its_meter():
    found = read("monitor", "three-captains")

    assert AccessStatus.METERED == found.access.status
    assert found.access.complete
    assert "laundry" in found.body
    for strange in ("free articles", "$11", "daily summary", "Related:", "Ilse Brandt"):
        assert strange not in found.body


def test_the_preview_says_that_it_is_cut():
    found = read("monitor", "what-a-blackout-costs")

    assert AccessStatus.PREVIEW == found.access.status
    assert found.access.complete is False


def test_the_reprint_is_the_wire_story_without_its_end():
    wire, reprint = read("northwire", "lindholm-cable-cut"), read("monitor", "cable-break")

    assert wire.body.startswith(reprint.body)
    assert len(wire.body_blocks) > len(reprint.body_blocks)


def test_the_security_review_names_flaws():
    assert ("CVE-2024-3094",) == read("bulwarks", "half-a-second").cves
    assert ("CVE-2099-10417", "CVE-2099-10422") == read("bulwarks", "quillgate").cves


def test_the_feed_lists_what_robots_txt_closes():
    home = HOMES["monitor"]
    entries = parse_feed(BEFORE["monitor"]["/feeds/all.xml"].body, url=home).entries
    rules = parse_robots(BEFORE["monitor"]["/robots.txt"].body, "presswatch")

    closed = [entry.url for entry in entries if rules.refusal(entry.url)]

    assert 5 == len(entries)
    assert [f"{home}{SUPPORTERS[1:]}?utm_source=feed"] == closed
    assert all(entry.published_at for entry in entries)


def test_the_news_sitemap_has_titles_and_dates():
    entries = parse_sitemap(BEFORE["northwire"]["/sitemap-news.xml"].body, url=HOMES["northwire"]).entries

    assert 5 == len(entries)
    assert all(entry.title and entry.published_at for entry in entries)


def test_the_index_page_leads_to_its_articles_and_the_feed_is_no_feed():
    home = HOMES["bulwarks"]

    assert 4 == len(parse_index_page(BEFORE["bulwarks"]["/"].body, url=home).entries)
    with pytest.raises(FeedError) as caught:
        parse_feed(BEFORE["bulwarks"]["/feed.xml"].body, url=f"{home}feed.xml")
    assert caught.value.is_html


def test_every_link_between_stories_leads_somewhere():
    """Also before the turn, when one is not yet there."""
    for outlet, slug in pages():
        article = next(article for article in read_articles() if article.slug == slug)
        for related in article.related:
            assert any(related in path for path in BEFORE[outlet]), (slug, related)


# ---------------------------------------------------------------- the turn


def test_the_turn_changes_one_article_adds_one_and_leaves_the_other_pages_byte_for_byte():
    changed = {
        (outlet, path)
        for outlet, documents in AFTER.items()
        for path, document in documents.items()
        if BEFORE[outlet].get(path) != document
    }

    assert {
        ("monitor", "/"),
        ("monitor", "/feeds/all.xml"),
        ("monitor", "/Security/2026/1124/saltmere-sails-on-paper"),
        ("northwire", "/"),
        ("northwire", "/sitemap-news.xml"),
        ("northwire", "/article/velmora-ostrand-cable-talks-e581c08b7ccf"),
        ("northwire", "/images/velmora-ostrand-cable-talks.png"),
    } == changed


def test_the_changed_article_has_a_new_headline_and_one_paragraph_more():
    before, after = (read("monitor", "saltmere-sails", documents) for documents in (BEFORE, AFTER))

    assert "A port learns to sail without its computers" == before.headline
    assert "After nine days, Saltmere's port gets its cranes back, and keeps the paper" == after.headline
    assert len(before.body_blocks) + 1 == len(after.body_blocks)
    assert {block.text for block in before.body_blocks} < {block.text for block in after.body_blocks}


# ---------------------------------------------------------------- serving


def test_each_outlet_has_an_address_of_its_own(world):
    hosts = [place.address.partition(":")[0] for place in world.outlets]

    assert ["127.2.0.1", "127.2.0.2", "127.2.0.3"] == hosts
    for place in world.outlets:
        response, body = get(place.home_url)
        assert 200 == response.status
        assert place.outlet.title.replace("&", "&amp;").encode() in body


def test_every_listing_of_every_source_answers(world):
    for place in world.outlets:
        for url in (*place.source.feeds, *place.source.sitemaps, *place.source.index_pages):
            assert 200 == get(url)[0].status


def test_what_is_not_there_is_404_and_a_query_does_not_matter(world):
    home = world.outlets[0].home_url

    assert 404 == get(f"{home}nothing")[0].status
    assert 200 == get(f"{home}feeds/all.xml?utm_source=x")[0].status
    assert [("monitor", "/nothing", 404), ("monitor", "/feeds/all.xml?utm_source=x", 200)] == list(world.requests)


def test_head_has_the_headers_and_no_body(world):
    response, body = get(world.outlets[0].home_url, "HEAD")

    assert int(response.headers["Content-Length"]) > 0
    assert body == b""


@pytest.mark.parametrize(("sent", "given"), [("If_None_Match", "ETag"), ("If_Modified_Since", "Last-Modified")])
def test_what_has_not_changed_is_304(world, sent, given):
    home = world.outlets[0].home_url
    validator = get(home)[0].headers[given]

    response, body = get(home, **{sent: validator})

    assert (304, b"") == (response.status, body)
    assert validator == response.headers[given]


def test_after_the_turn_the_same_validators_bring_the_new_page(world):
    home = world.outlets[0].home_url
    etag = get(home)[0].headers["ETag"]
    world.turn()

    response, body = get(home, If_None_Match=etag)

    assert 200 == response.status
    assert b"gets its cranes back" in body


@pytest.mark.parametrize(
    ("expected", "if_none_match", "if_modified_since"),
    [
        (False, None, None),
        (True, "*", None),
        (True, '"x", W/{etag}', None),
        (False, '"x"', "{later}"),
        (True, None, "{later}"),
        (False, None, "{earlier}"),
        (False, None, "yesterday"),
        (False, None, "Tue, 24 Nov 2026 12:00:00 -0000"),
    ],
)
def test_conditions(expected, if_none_match, if_modified_since):
    """An ETag goes before a date, and a date that is none is no condition."""
    document = Document(b"text", "text/plain", NOW)
    known = {
        "etag": document.etag,
        "later": format_datetime(NOW + timedelta(hours=1), usegmt=True),
        "earlier": format_datetime(NOW - timedelta(hours=1), usegmt=True),
    }
    conditions = (text and text.format(**known) for text in (if_none_match, if_modified_since))

    assert expected == is_unchanged(document, *conditions)


def test_nothing_is_left_when_it_ends():
    with serve_world(NOW) as world:
        home = world.outlets[0].home_url
        get(home)
        assert [thread for thread in threading.enumerate() if thread.name.startswith("demo-")]

    assert [] == [thread for thread in threading.enumerate() if thread.name.startswith("demo-")]
    with pytest.raises(ConnectionRefusedError):
        get(home)


def test_where_an_address_is_not_set_up_another_takes_its_place():
    """192.0.2.1 is kept for documentation (RFC 5737), so no machine has it."""
    with serve_world(NOW, hosts=("192.0.2.1", "127.2.0.2", "127.2.0.3")) as world:
        assert "127.0.0.1" == world.outlets[0].address.partition(":")[0]
        assert 200 == get(world.outlets[0].home_url)[0].status


def test_the_settings_watch_the_world_without_a_pause(world):
    settings = demo_settings(world, Path("/somewhere"))

    assert ["monitor", "northwire", "bulwarks"] == [source.name for source in settings.sources]
    assert timedelta(0) == settings.fetch.pace
    assert {place.address for place in world.outlets} == settings.fetch.allowed_addresses
    assert Path("/somewhere/presswatch.db") == settings.archive.database


def test_the_demo_tells_what_it_shows_and_the_changed_article_is_a_revision(tmp_path):
    """Its site is metered, and the feed names the change: that look spends a view that would lapse."""
    said = StringIO()
    run_demo(tmp_path / "demo", Console(file=said, width=200), datetime.now(UTC))
    assert "First pass: 13 articles. Second pass: 1 new, 1 revised," in said.getvalue()
    assert "its cranes back, and keeps the paper: 1 paragraph added; new headline" in said.getvalue()
