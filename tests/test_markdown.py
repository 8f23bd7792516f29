"""Blocks as Markdown: what is a mark stays one, what only looks like one is escaped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.read.blocks import walk
from scraper.read.markdown import escape, render_block
from scraper.read.page import parse_page


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
    ],
)
def test_marks(html, expected):
    assert [expected] == render(html)


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
