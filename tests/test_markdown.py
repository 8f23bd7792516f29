"""Blocks as Markdown: what is a mark stays one, what only looks like one is escaped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read_document

from archive.show.export import render_article
from scraper.read.page.markdown import escape, render_block
from scraper.read.page.parse import parse_page
from scraper.read.page.walk import walk


def render(html: str) -> list[str]:
    page = parse_page(f"<body>{html}".encode(), "https://harbor.example/a/", "text/html; charset=utf-8")
    return [render_block(block) for block in walk(page).blocks]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a <b>bold</b> <em>word</em></p>", "a **bold** *word*"),
        ('<p>see <a href="https://b.example/x">this</a></p>', "see [this](https://b.example/x)"),
        ('<p>see <a href="https://b.example/x_(y)">this</a></p>', "see [this](<https://b.example/x_(y)>)"),
        ('<p>see <a href="javascript:x()">this</a></p>', "see this"),
        ("<p><b><i>both</i></b></p>", "***both***"),
        ("<p>2 * 3 [a] &lt;b&gt; `c` _d_</p>", r"2 \* 3 \[a\] \<b\> \`c\` \_d\_"),
        ("<p>a<br>b</p>", "a  \nb"),
        ("<h1>Head</h1>", "## Head"),
        ("<h3>Head</h3>", "### Head"),
        ("<ul><li>one</li></ul>", "- one"),
        ("<ol><li>one</li></ol>", "1. one"),
        ("<blockquote><p>a<br>b</p></blockquote>", "> a\n> b"),
        ("<pre>x = 1\n  y</pre>", "```\nx = 1\n  y\n```"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        ("<p>run <code>a_b *c*</code> now</p>", "run `a_b *c*` now"),
        ("<p>run <code>a`b</code></p>", "run ``a`b``"),
        ('<p><a href="https://b.example/"><b>this</b></a></p>', "[**this**](https://b.example/)"),
        ('<p><a href="https://b.example/"><code>x_y</code></a></p>', "[`x_y`](https://b.example/)"),
        ("<p>1. May was <b>warm</b></p>", r"1\. May was **warm**"),
        ("<p># 7<br>- 8</p>", "\\# 7  \n\\- 8"),
    ],
)
def test_marks(html, expected):
    assert [expected] == render(html)


TEXT = (
    "<p>The harbor office of Lowmere closed its north gate on Tuesday night after a crane operator reported that the "
    "loading plan on her screen no longer matched the ship in front of her.</p>"
    "<p>By noon the gate had opened again, and the first of nine delayed freighters, the Anna Lisbet, left for the "
    "outer roads under a low grey sky.</p>"
)


def body_of(html: str) -> str:
    """What an article with *html* in the middle of its text gives there."""
    below = TEXT.replace("north", "south")
    page = f"<html lang='en'><article><h1>Seven gates of the port</h1>{TEXT}{html}{below}</article>"
    markdown = render_article(read_document(page.encode(), "https://harbor.example/a", content_type="text/html"))
    return markdown.split("low grey sky.\n\n", 1)[1].split("\n\nThe harbor office", 1)[0]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            """<ul><li>The north gate opens at noon, and closes for the night at nine.
            <ul><li>It has a lock for the boats of the fishermen.</li></ul></li>
            <li><p>The south gate stands open all year.</p><p>It has no door at all, they say.</p></li></ul>""",
            """\
- The north gate opens at noon, and closes for the night at nine.
  - It has a lock for the boats of the fishermen.
- The south gate stands open all year.

  It has no door at all, they say.""",
        ),
        (
            """<ol><li>First the pilot goes on board of the freighter.<ul><li>He brings charts of the roads.</li>
            </ul></li><li>Then the tugs take the ropes, one at each end.</li></ol>""",
            """\
1. First the pilot goes on board of the freighter.
   - He brings charts of the roads.
1. Then the tugs take the ropes, one at each end.""",
        ),
        (
            """<table><tr><th>Gate</th><th>Depth in metres</th><th>Ships a year</th></tr>
            <tr><td>North gate</td><td>11.5</td><td>940 | 12</td></tr>
            <tr><td>South gate</td><td></td><td><p>120</p><p>few at night</p></td></tr></table>""",
            """\
| Gate | Depth in metres | Ships a year |
| --- | --- | --- |
| North gate | 11.5 | 940 \\| 12 |
| South gate |  | 120<br>few at night |""",
        ),
        (
            """<dl><dt>Lock</dt><dd>A gate between two levels of water, with a chamber in between.</dd>
            <dt>Mole</dt><dd>A wall of stone that keeps the waves from the port.</dd></dl>""",
            """\
Lock
:   A gate between two levels of water, with a chamber in between.

Mole
:   A wall of stone that keeps the waves from the port.""",
        ),
        (
            """<blockquote><p>We loaded by hand, with paper and chalk, the way my father did.</p>
            <p>It worked, but nobody wants to do it twice.</p></blockquote>""",
            """\
> We loaded by hand, with paper and chalk, the way my father did.
>
> It worked, but nobody wants to do it twice.""",
        ),
        (
            """<table><tr><td>Divers and engineers searched the quay until morning, said harbor master Edda Voss, who
            knew the port.</td><td>The ministry of transport promised a report within six weeks, and said that it
            would name those on duty.</td></tr></table>""",
            """\
Divers and engineers searched the quay until morning, said harbor master Edda Voss, who knew the port.

The ministry of transport promised a report within six weeks, and said that it would name those on duty.""",
        ),
    ],
    ids=["nested-list", "numbered", "table", "definitions", "quote", "layout-table"],
)
def test_what_belongs_together_stays_together(html, expected):
    assert expected == body_of(html)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
def test_escaping_keeps_every_character(text):
    escaped = escape(text)
    assert text == "".join(
        character for i, character in enumerate(escaped) if not (character == "\\" and _opens_escape(escaped, i))
    )


def _opens_escape(text: str, at: int) -> bool:
    """Whether the backslash at *at* escapes what follows: an even number of them stands before it."""
    before = len(text[:at]) - len(text[:at].rstrip("\\"))
    return before % 2 == 0
