"""The walk over the tree: nothing is lost, order is kept, white space is as a browser shows it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from scraper.read.page.blocks import Block, Outline
from scraper.read.page.parse import parse_page
from scraper.read.page.walk import walk

_URL = "https://harbor.example/a/story.html"
_UNSEEN = "script, style, template, head, svg, math, object, noframes, canvas, datalist, title"
_TAGS = st.sampled_from(
    "p div span b i a em section article li ul ol h1 h2 td tr table blockquote br pre font center figure x-card".split()
)
_WORDS = st.text(st.sampled_from("abc xyz\n\t é漢ع&<>“"), max_size=12)


def read(html: str) -> Outline:
    return walk(parse_page(html.encode(), _URL, "text/html; charset=utf-8"))


def blocks(html: str) -> tuple[Block, ...]:
    return read(html).blocks


def texts(html: str) -> list[str]:
    return [block.text for block in blocks(html)]


def visible_text(html: str) -> str:
    """What stands on the page, without white space: asked of the parser itself, not of our walk."""
    tree = LexborHTMLParser(html)
    for node in tree.css(_UNSEEN):
        if node.tag != "head":
            node.decompose()
    body = tree.body
    return re.sub(r"\s+", "", body.text(deep=True)) if body else ""


@st.composite
def trees(draw, depth=4):
    """Random nested markup, tags closed in the right order."""
    parts = []
    for _ in range(draw(st.integers(0, 4))):
        word = draw(_WORDS).replace("&", "&amp;").replace("<", "&lt;")
        parts.append(word)
        if depth:
            tag = draw(_TAGS)
            parts.append(f"<{tag}>{draw(trees(depth=depth - 1))}</{tag}>" if tag != "br" else "<br>")
    return "".join(parts)


@given(trees())
@settings(max_examples=150, deadline=None)
def test_the_blocks_together_are_the_visible_text(markup):
    html = f"<!doctype html><body><main>{markup}</main>"
    assert visible_text(html) == re.sub(r"\s+", "", "".join(texts(html)))


@given(st.text(st.sampled_from("<>/pdivbr a=\"'!-x "), max_size=80))
@settings(max_examples=150, deadline=None)
def test_tag_soup_loses_no_text_either(soup):
    html = f"<!doctype html><body><main>{soup}"
    assert visible_text(html) == re.sub(r"\s+", "", "".join(texts(html)))


@given(trees())
@settings(max_examples=50, deadline=None)
def test_blocks_are_numbered_in_reading_order_and_never_blank(markup):
    found = blocks(f"<body>{markup}")
    assert list(range(len(found))) == [block.order for block in found]
    assert all(block.text.strip() for block in found)


@given(trees())
@settings(max_examples=50, deadline=None)
def test_inline_stretches_lie_in_their_block(markup):
    for block in blocks(f"<body>{markup}"):
        assert all(0 <= inline.start < inline.end <= len(block.text) for inline in block.inlines)


def test_five_thousand_levels_are_walked():
    """Recursion would end at Python's limit."""
    assert ["deep", "after"] == texts("<div>" * 5000 + "deep" + "</div>" * 5000 + "<p>after</p>")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p>a\n   b\t c</p>", ["a b c"], id="runs of white space are one space"),
        pytest.param("<p> a <b> b </b> c </p>", ["a b c"], id="and stay one across inline elements"),
        pytest.param("<p>a<b>b</b>c</p>", ["abc"], id="inline elements add no space"),
        pytest.param("<p>a<br>b</p>", ["a\nb"], id="a line break is a newline"),
        pytest.param("<p>a<br> <br>b</p>", ["a", "b"], id="two line breaks part paragraphs"),
        pytest.param("a<br/>\n<br/>\n<br/>b", ["a", "b"], id="three as well"),
        pytest.param("<font>a<br></font><br>b", ["a", "b"], id="also across an inline element"),
        pytest.param("<pre>a\n  b\n\nc</pre>", ["a\n  b\n\nc"], id="preformatted text stays as it is laid out"),
        pytest.param("<p>a&nbsp;b</p>", ["a\u00a0b"], id="a no-break space is a character"),
        pytest.param("<p>sub\u00adma\u200brine</p>", ["submarine"], id="soft hyphens and zero-width spaces go"),
        pytest.param("<div>a<p>b</p>c</div>", ["a", "b", "c"], id="text beside a block is a block"),
        pytest.param("<td>a<td>b", ["ab"], id="cells without a table are no elements"),
        pytest.param("<table><tr><td>a<td>b</table>", ["a", "b"], id="cells are blocks"),
        pytest.param("<p>a<script>x()</script>b<style>y{}</style></p>", ["ab"], id="scripts and styles are not text"),
        pytest.param("<svg><text>x</text></svg><p>a</p>", ["a"], id="nor is the text of drawings"),
        pytest.param(
            "<p>a <a href=/x>b<span class=visually-hidden> (opens in a new window)</span></a> c</p>",
            ["a b c"],
            id="nor what is said to screen readers amid a sentence",
        ),
        pytest.param(
            "<p>a<span class=tip role=tooltip>About a.</span> b</p>", ["a b"], id="nor what a word is shown with"
        ),
        pytest.param("<p>a <a href=/x><span class=sr-only>b</span></a></p>", ["a b"], id="what a link says is text"),
        pytest.param("<p><span class=sr-only>By</span> a</p>", ["By a"], id="what a line is announced with is text"),
        pytest.param("<x-teaser>a</x-teaser><x-teaser>b</x-teaser>", ["a", "b"], id="custom elements are blocks"),
        pytest.param("<p>\x01a\x02b\x03\x04</p>", ["ab"], id="control characters cannot pass for our own marks"),
    ],
)
def test_white_space(html, expected):
    assert expected == texts(html)


def test_hidden_text_is_kept_and_marked():
    html = '<p>a</p><div style="display: none"><p>b</p></div><p hidden>c</p><noscript><p>d</p></noscript>'
    html += "<dialog><p>e</p></dialog><dialog open><p>f</p></dialog>"
    assert [("a", False), ("b", True), ("c", True), ("d", True), ("e", True), ("f", False)] == [
        (b.text, b.is_hidden) for b in blocks(html)
    ]


def test_links_are_counted_and_kept():
    (block,) = blocks('<p>abcd<a href="/x">efgh</a></p>')
    assert 0.5 == block.link_share
    assert [("efgh", "/x")] == [(block.text[i.start : i.end], i.href) for i in block.inlines]


def test_a_link_around_blocks_counts_in_each_of_them():
    assert [1.0, 1.0, 0.0] == [b.link_share for b in blocks('<a href="/x"><h3>a</h3><p>b</p></a><p>c</p>')]


def test_inline_names_are_kept():
    (block,) = blocks('<p>Words. <span class="credit">Ann</span></p>')
    assert [("Ann", "credit")] == [(block.text[i.start : i.end], i.names) for i in block.inlines]


@pytest.mark.parametrize(
    "html", ["<p><b>&nbsp;</b> Words.", "<p><b>&nbsp;</b><i>&nbsp;</i> Words.", "<p>Words. <b>&nbsp;</b>"]
)
def test_an_inline_element_around_the_blank_ends_of_a_text_sets_nothing_apart(html):
    (block,) = blocks(html)
    assert ("Words.", ()) == (block.text, block.inlines)


def test_inline_stretches_end_with_their_words():
    (block,) = blocks("<p>\n <b> The\n gate </b> was <i>\tshut </i> </p>")
    assert "The gate was shut" == block.text
    assert ["The gate", "shut"] == [block.text[i.start : i.end] for i in block.inlines]


def test_pictures_know_the_block_behind_them():
    outline = read('<p>a</p><img src="p.jpg" alt=" A  gate " width="300"><p>b</p>')
    (picture,) = outline.pictures
    assert ("https://harbor.example/a/p.jpg", "A gate", 1, 300) == (
        picture.url,
        picture.alt,
        picture.before_block,
        picture.width,
    )


@pytest.mark.parametrize(
    "attributes",
    [
        'src="data:image/gif;base64,R0" data-src="/p.jpg"',
        'srcset="/s.jpg 300w, /p.jpg 900w"',
        'src="/small.gif" data-original="/p.jpg"',
    ],
)
def test_lazy_pictures_give_their_real_address(attributes):
    assert "https://harbor.example/p.jpg" == read(f"<img {attributes}>").pictures[0].url
