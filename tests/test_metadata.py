"""Structured data of a page: headline, authors, dates, canonical URL, each with its origin."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.read.metadata import (
    Metadata,
    Value,
    choose_headline,
    clean_names,
    find_metadata,
    find_written_date,
    parse_when,
)
from scraper.read.page import parse_page

_URL = "https://harbor.example/a/story.html?utm_source=x"


def metadata(head: str = "", body: str = "<p>x</p>", ld: object = None) -> Metadata:
    script = f'<script type="application/ld+json">{json.dumps(ld)}</script>' if ld is not None else ""
    return find_metadata(parse_page(f"<head><meta charset=utf-8>{head}{script}</head><body>{body}".encode(), _URL))


# ---------------------------------------------------------------- headline


def headline(head: str, body: str = "<p>x</p>") -> tuple[str, str] | None:
    found = metadata(head, body)
    value = choose_headline(found.headlines, found.publication)
    return (value.text, value.origin) if value else None


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("<title>Gate opens | Courier</title>", "<h1>Gate opens</h1>", ("Gate opens", "h1")),
        ("<title>Gate opens | Courier</title>", "<h1>Courier</h1><h1>Gate opens</h1>", ("Gate opens", "h1")),
        (
            '<meta property="og:title" content="Gate opens"><meta property="og:site_name" content="Courier">',
            "<h1>Courier</h1>",
            ("Gate opens", "og:title"),
        ),
        (
            '<title>Gate opens - Courier</title><meta property="og:site_name" content="Courier">',
            "",
            ("Gate opens", "title"),
        ),
        ("<title>Talks fail - again</title>", "", ("Talks fail - again", "title")),
        (
            '<meta property="og:title" content="Gate opens again at noon">',
            "<h1>Shipping: Gate opens again at noon</h1>",
            ("Gate opens again at noon", "h1"),
        ),
        (
            "<title>Gate opens again</title>",
            '<h1><span class="kicker">Ports</span> Gate opens again</h1>',
            ("Gate opens again", "h1"),
        ),
        ('<meta property="og:title" content="Tom &amp;amp; Ann">', "", ("Tom & Ann", "og:title")),
        ("", "", None),
    ],
)
def test_headline(head, body, expected):
    assert expected == headline(head, body)


def test_a_heading_that_nobody_confirms_loses():
    values = (Value("Most read", "h1"), Value("Gate opens", "json-ld"))
    assert Value("Gate opens", "json-ld") == choose_headline(values)


# ---------------------------------------------------------------- authors


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("By Ann Other and Jo Roe", ("Ann Other", "Jo Roe")),
        ("Von Ina Muster und Jan Beispiel", ("Ina Muster", "Jan Beispiel")),
        ("Par Jean Exemple et Marie Modèle", ("Jean Exemple", "Marie Modèle")),
        ("Ann Other, Staff writer", ("Ann Other",)),
        ("Sammy Davis, Jr.", ("Sammy Davis, Jr",)),
        ("ann@news.example", ()),
        ("https://news.example/ann", ()),
        ("Redaktion", ()),
        ("Ann Other (Oslo)", ("Ann Other",)),
        ("Ann Other; Ann Other", ("Ann Other",)),
        ("山田太郎", ("山田太郎",)),
    ],
)
def test_names(raw, names):
    assert names == clean_names([raw])


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ({"@type": "Person", "name": "Ann Other"}, ("Ann Other",)),
        ([{"name": "Ann Other"}, {"name": "Jo Roe"}], ("Ann Other", "Jo Roe")),
        (["Ann Other", "Jo Roe"], ("Ann Other", "Jo Roe")),
        ({"@type": "Organization", "name": "The Courier"}, ()),
        ({"name": ["Ann Other"]}, ("Ann Other",)),
        (None, ()),
        (7, ()),
    ],
)
def test_json_ld_authors(author, names):
    assert names == metadata(ld={"@type": "NewsArticle", "headline": "x", "author": author}).authors


def test_meta_authors_stand_in():
    found = metadata('<meta name="author" content="By Ann Other">')
    assert (("Ann Other",), "author") == (found.authors, found.authors_origin)


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-03-01T10:00:00Z", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("2024-03-01T10:00:00+01:00", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01T10:00:00+0100", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01T10:00:00.1234567-05:00", datetime(2024, 3, 1, 15, 0, 0, 123456, tzinfo=UTC)),
        ("2024-03-01 10:00:00 +0100", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01", datetime(2024, 3, 1, tzinfo=UTC)),
        ("Fri, 01 Mar 2024 10:00:00 -0500", datetime(2024, 3, 1, 15, tzinfo=UTC)),
        ("1709287200", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("1709287200000", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_machine_written_dates(text, utc):
    assert utc == parse_when(text)


@given(st.text(max_size=40))
def test_any_text_is_a_date_in_utc_or_none(text):
    when = parse_when(text)
    assert when is None or when.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("June 25, 2012", "2012-06-25"),
        ("Jun. 25, 2012", "2012-06-25"),
        ("By Ann Other / JUNE 25, 2012", "2012-06-25"),
        ("25th June 2012", "2012-06-25"),
        ("25 juin 2012", "2012-06-25"),
        ("25. Juli 2012", "2012-07-25"),
        ("25 de diciembre de 2012", "2012-12-25"),
        ("25 июня 2012", "2012-06-25"),
        ("2012年6月25日", "2012-06-25"),
        ("25.06.2012, 14:00 Uhr", "2012-06-25"),
        ("06/25/2012", "2012-06-25"),
        ("05/06/2012", None),
        ("Chapter 25, 2012", None),
        ("in 2012", None),
    ],
)
def test_written_dates(text, day):
    assert day == find_written_date(text)


def test_json_ld_comes_before_meta_and_keeps_its_words():
    head = '<meta property="article:published_time" content="2024-03-05T00:00:00Z">'
    found = metadata(head, ld={"@type": "Article", "headline": "x", "datePublished": "2024-03-01T10:00:00+01:00"})
    assert (datetime(2024, 3, 1, 9, tzinfo=UTC), Value("2024-03-01T10:00:00+01:00", "json-ld")) == (
        found.published_at,
        found.published,
    )


def test_a_date_that_cannot_be_read_gives_way_to_the_next():
    head = '<meta name="date" content="soon"><meta name="pubdate" content="2024-03-05">'
    assert datetime(2024, 3, 5, tzinfo=UTC) == metadata(head).published_at


# ---------------------------------------------------------------- the rest


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="/story">', "https://harbor.example/story"),
        ('<meta property="og:url" content="https://harbor.example/og">', "https://harbor.example/og"),
        ('<link rel="canonical" href="javascript:void(0)">', None),
        ("", None),
    ],
)
def test_canonical_url(head, url):
    assert url == metadata(head).canonical_url


def test_tags_section_and_publication():
    ld = {
        "@type": "NewsArticle",
        "headline": "x",
        "keywords": "ports, chalk",
        "articleSection": ["Coast"],
        "publisher": {"name": "The Courier"},
        "wordCount": "1,204",
    }
    found = metadata(ld=ld)
    assert (("ports", "chalk"), "Coast", "The Courier", 1204) == (
        found.tags,
        found.section,
        found.publication,
        found.word_count,
    )


_KEYS = st.sampled_from("@type @graph author name headline image datePublished keywords".split())
_LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)


@given(st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner), max_leaves=8))
def test_json_ld_of_any_shape_is_read(ld):
    thing = {"@type": "NewsArticle", "author": ld, "image": ld, "headline": ld, "keywords": ld, "datePublished": ld}
    assert isinstance(metadata(ld=[thing, ld]), Metadata)
