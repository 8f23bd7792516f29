"""The headline: what a page states against what it shows, and the site's name taken off by evidence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.read.facts.headline import Headline, choose_headline
from scraper.read.facts.metadata import find_metadata
from scraper.read.page.parse import parse_page
from scraper.read.page.walk import walk
from scraper.read.words.site_names import is_site_name, without_site_name

_URL = "https://harbor-courier.example/a/story.html"
_NEWS = {"@type": "NewsArticle", "publisher": {"name": "Harbor Courier"}}


def read(head: str, body: str = "", ld: object = None) -> Headline:
    script = f'<script type="application/ld+json">{json.dumps(ld)}</script>' if ld is not None else ""
    page = parse_page(f"<head><meta charset=utf-8>{head}{script}</head><body>{body}<p>x</p>".encode(), _URL)
    return choose_headline(find_metadata(page), walk(page).blocks)


def og(title: str) -> str:
    return f'<meta property="og:title" content="{title}">'


@pytest.mark.parametrize(
    ("head", "body", "text", "origin"),
    [
        ("<title>Gate opens early | Courier</title>", "<h1>Gate opens early</h1>", "Gate opens early", "h1"),
        (
            "<title>Gate opens early | Courier</title>",
            "<h1>Courier</h1><h1>Gate opens early</h1>",
            "Gate opens early",
            "h1",
        ),
        (og("Gate opens early"), "<h1>Harbor Courier</h1>", "Gate opens early", "og:title"),
        (og("Gate opens early"), "<h1>Weather</h1><h1>Tide tables</h1>", "Gate opens early", "og:title"),
        (
            "<title>Gate opens early</title>",
            '<h1><span class="kicker">Ports</span> Gate opens early</h1>',
            "Gate opens early",
            "h1",
        ),
        (
            "<title>Gate opens early</title>",
            "<h1>Gate opens early <script>count(1)</script></h1>",
            "Gate opens early",
            "h1",
        ),
        (og("Tom &amp;amp; Ann sail on"), "", "Tom & Ann sail on", "og:title"),
        (
            og('Harbor master finds the "lost" gate') + '<title>Harbor master finds the "lost" gate</title>',
            "",
            'Harbor master finds the "lost" gate',
            "og:title",
        ),
    ],
    ids=["both", "logo h1", "only logo h1", "other boxes", "kicker", "script", "escaped twice", "quotes not escaped"],
)
def test_statements_against_headings(head, body, text, origin):
    chosen = read(head, body).chosen
    assert (text, origin) == (chosen.text, chosen.origin)


@pytest.mark.parametrize(
    ("title", "body", "text"),
    [
        ("Gate opens early - Harbor Courier", "", "Gate opens early"),
        ("Harbor-Courier.example :: Gate opens early", "", "Gate opens early"),
        ("Talks fail - again", "", "Talks fail - again"),
        ("Talks fail - again - Harbor Courier", "", "Talks fail - again"),
        ("Gate opens early | Ports | The Wave", "<table><tr><td><b>Gate opens early</b></table>", "Gate opens early"),
        (
            "The Wave - Gate opens early - sea + sail",
            "<div class=story_title>Gate opens early</div>",
            "Gate opens early",
        ),
        ("Gate opens early | Ports | The Wave", "", "Gate opens early | Ports | The Wave"),
        ("港口大門提前開放_航運_海潮新聞", "<td>港口大門提前開放</td>", "港口大門提前開放"),
    ],
)
def test_what_goes_off_a_title_is_the_sites_name_or_is_not_shown(title, body, text):
    """Nothing is cut at a dash alone."""
    assert text == read(f"<title>{title}</title>", body).chosen.text


def test_news_is_known_by_what_json_ld_calls_its_headline():
    headings = "<h1>Gate opens</h1>"
    news = _NEWS | {"headline": "Ports: the east gate opens early"}
    assert "json-ld" == read(og("Ports: the east gate opens early"), headings, news).chosen.origin


@pytest.mark.parametrize(("kind", "chosen"), [("NewsArticle", "og:title"), ("Article", "h1")])
def test_of_news_the_wording_that_title_repeats_is_the_one_for_search_engines(kind, chosen):
    searched, edited = "Harbor gate stays shut on Tuesday night", "Nine freighters wait outside a locked port"
    statement = _NEWS | {"@type": kind}
    assert chosen == read(f"<title>{searched}</title>{og(edited)}", f"<h1>{searched}</h1>", statement).chosen.origin


@pytest.mark.parametrize(
    ("heading", "headline"),
    [
        (
            '<span class="x1">Ports</span> <span class="x2">East gate opens on Friday</span>',
            "East gate opens on Friday",
        ),
        ("Ports: East gate opens on Friday", "Ports: East gate opens on Friday"),
    ],
    ids=["a kicker of its own", "one line"],
)
def test_a_heading_shows_the_headline_without_the_kicker_that_stands_apart_in_it(heading, headline):
    whole = "Ports: East gate opens on Friday"
    stated = f"<title>{whole}</title>{og('East gate opens on Friday')}"
    body = f"<h1>{whole}</h1><h2>{heading}</h2>"
    assert headline == read(stated, body, _NEWS | {"headline": whole}).chosen.text


def test_the_heading_on_the_page_is_told_beside_what_was_chosen():
    """The labeller has to know it although the publisher words the headline otherwise."""
    news = _NEWS | {"headline": "Ports: the east gate opens early"}
    found = read(og("Ports: the east gate opens early"), "<h1>East gate opens early</h1>", news)
    assert ("Ports: the east gate opens early", "East gate opens early") == (found.chosen.text, found.shown.text)


def test_a_heading_that_has_nothing_to_do_with_the_headline_is_not_shown_for_it():
    assert read(og("Ports: the east gate opens early"), "<h1>Most read</h1>").shown is None


def test_no_heading_and_no_statement_is_no_headline():
    assert Headline() == read("")


@pytest.mark.parametrize("name", ["Harbor Courier", "The Harbor Courier", "harbor-courier.example"])
def test_a_sites_name_in_its_spellings(name):
    assert is_site_name(name, ("harborcourier", "harborcourierexample"))


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=12), max_size=3))
def test_taking_the_sites_name_off_leaves_a_part_of_the_title(title, names):
    assert without_site_name(title, names) in title


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_words_are_read(title, heading):
    read(f"<title>{title}</title>", f"<h1>{heading}</h1>")
