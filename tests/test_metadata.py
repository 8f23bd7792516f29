"""Structured data of a page: dates, section, tags, publication, addresses, each with its origin."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read_document

from scraper.read.facts.metadata import Metadata, find_metadata
from scraper.read.page.parse import parse_page
from scraper.read.page.statements import Value

_URL = "https://harbor.example/a/story.html?utm_source=x"


def metadata(head: str = "", body: str = "<p>x</p>", ld: object = None) -> Metadata:
    script = f'<script type="application/ld+json">{json.dumps(ld)}</script>' if ld is not None else ""
    return find_metadata(parse_page(f"<head><meta charset=utf-8>{head}{script}</head><body>{body}".encode(), _URL))


# ---------------------------------------------------------------- dates


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


@pytest.mark.parametrize(("headline", "day"), [("Locks closed", 5), ("Otters return", None)])
def test_a_date_is_taken_of_the_item_that_has_the_headline_of_the_page(headline, day):
    item = "<div itemscope><h3 itemprop=headline>{}</h3><time itemprop=datePublished datetime=2024-03-05>5</time></div>"
    found = metadata("<title>Locks closed | The Tide</title>", item.format(headline) + "<h1>Locks closed</h1>")
    assert day == (found.published_at and found.published_at.day)


def test_a_day_of_change_keeps_its_place():
    head = '<meta property="article:modified_time" content="2024-03-05T10:00:00+02:00">'
    found = metadata(head)
    assert (datetime(2024, 3, 5, 8, tzinfo=UTC), "article:modified_time") == (
        found.updated_at,
        found.origins["updated_at"],
    )


@pytest.mark.parametrize(
    ("around", "day"),
    [
        ("<article>{}</article>", 5),
        ("<div class=related-posts><article>{}</article></div>", None),
        ("<ol class=comment-list><article>{}</article></ol>", None),
        ("<main class=comments><article>{}</article></main>", 5),
        ("<article class=teaser>{}</article><article><time datetime=2024-03-06>6 March</time></article>", 6),
    ],
    ids=["article", "teaser", "comment", "page that has comments", "behind a teaser"],
)
def test_a_time_of_a_comment_or_a_teaser_is_not_of_the_article(around, day):
    found = metadata(body=around.format("<time datetime=2024-03-05>5 March</time>"))
    assert day == (found.published_at.day if found.published_at else None)


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


_LD = {
    "@type": "NewsArticle",
    "headline": "x",
    "keywords": "ports, chalk",
    "articleSection": ["Coast"],
    "publisher": {"name": "The Courier"},
    "image": [{"url": "/gate.jpg"}],
    "wordCount": "1,204",
}
_HEAD = (
    '<link rel="canonical" href="/story"><meta property="og:site_name" content="Courier &amp;amp; Tide">'
    '<meta property="article:section" content="Ports"><meta property="article:tag" content="gates">'
    '<meta property="article:tag" content="tides"><meta property="og:image" content="/og.jpg">'
)


def test_section_tags_publication_and_lead_image_of_json_ld():
    found = metadata(ld=_LD)
    assert ("Coast", ("ports", "chalk"), "The Courier", "https://harbor.example/gate.jpg", 1204) == (
        found.section,
        found.tags,
        found.publication,
        found.lead_image_url,
        found.word_count,
    )
    assert {"section", "tags", "publication", "lead_image"} == set(found.origins)
    assert {"json-ld"} == set(found.origins.values())


def test_section_tags_publication_lead_image_and_address_of_meta_elements():
    found = metadata(_HEAD)
    assert ("Ports", ("gates", "tides"), "Courier & Tide", "https://harbor.example/og.jpg") == (
        found.section,
        found.tags,
        found.publication,
        found.lead_image_url,
    )
    assert found.origins == {
        "section": "article:section",
        "tags": "article:tag",
        "publication": "og:site_name",
        "canonical_url": "link canonical",
        "lead_image": "og:image",
    }


def test_an_address_is_not_the_name_of_a_publication():
    head = '<meta property="og:site_name" content="https://harbor.example"><meta name="publisher" content="Courier">'
    assert "Courier" == metadata(head).publication


def test_an_article_names_the_origin_of_each_of_its_values():
    """What is not there has no origin either."""
    ld = _LD | {"headline": "Gate opens early", "author": {"@type": "Person", "name": "Ann Other"}}
    ld["datePublished"] = "2024-03-01T10:00:00+01:00"
    script = f'<script type="application/ld+json">{json.dumps(ld)}</script>'
    text = "<p>The east gate of the harbor opened early on Friday, and nobody had been told of it before.</p>" * 6
    head = f"<head><meta charset=utf-8><title>Gate opens early</title>{_HEAD}{script}</head>"
    body = f"{head}<h1>Gate opens early</h1>{text}"
    article = read_document(body.encode(), _URL)
    expected = {
        "headline": "h1",
        "authors": "json-ld",
        "published_at": "json-ld",
        "section": "json-ld",
        "tags": "article:tag",
        "publication": "og:site_name",
        "canonical_url": "link canonical",
        "lead_image": "og:image",
    }
    assert expected == {name: article.origins[name] for name in expected}
    assert {"updated_at", "dek"}.isdisjoint(article.origins)
    assert "2024-03-01T10:00:00+01:00" == article.published_raw


_KEYS = st.sampled_from("@type @graph author name headline image datePublished keywords".split())
_LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)


@given(st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner), max_leaves=8))
def test_json_ld_of_any_shape_is_read(ld):
    thing = {"@type": "NewsArticle", "author": ld, "image": ld, "headline": ld, "keywords": ld, "datePublished": ld}
    assert isinstance(metadata(ld=[thing, ld]), Metadata)


def test_articles_of_a_list_are_not_the_one_of_the_page():
    listed = {"@type": "NewsArticle", "headline": "Ferry stops", "author": "Wilma Dorn", "datePublished": "2025-01-01"}
    items = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": listed}]}
    own = {"@type": "NewsArticle", "headline": "Locks closed", "url": _URL, "datePublished": "2026-03-05"}
    assert 2026 == metadata(ld=[items, own]).published_at.year
    assert metadata(ld=items).published_at is None


@pytest.mark.parametrize(
    "unfilled", ["{{site.name}}", "${site}", "%%name%%", "{% site %}", "[object Object]", "undefined"]
)
def test_what_a_template_left_unfilled_is_nothing(unfilled):
    head = f'<meta property="og:site_name" content="{unfilled}"><meta property="og:title" content="Locks closed">'
    found = metadata(
        f"{head}<title>Locks closed | Harbor</title>", ld={"@type": "Article", "publisher": {"name": unfilled}}
    )
    assert ("Harbor", "title") == (found.publication, found.origins["publication"])
