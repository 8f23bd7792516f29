"""Bytes to a parsed page: whatever the bytes are, the tree is that of the page's text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from scraper.read.page.parse import Page, parse_page


def read(body: bytes) -> Page:
    return parse_page(body, "https://harbor.example/a", "text/html")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<p>Café “quay” 港".encode(), id="UTF-8 is parsed as it stands"),
        pytest.param("\ufeff<p>Café".encode(), id="a byte order mark is no text"),
        pytest.param(b"<meta charset=utf-8><p>Caf\xe9", id="a byte that does not fit is a replacement character"),
        pytest.param(b"<meta charset=windows-1252><p>Caf\xe9", id="another encoding"),
        pytest.param("<p>Café".encode("utf-16"), id="two bytes a character"),
        pytest.param(b"<p>a\x00b", id="a zero byte is a replacement character"),
        pytest.param("<title>Café<meta charset=utf-8><p>Text".encode(), id="a forgotten title end"),
    ],
)
def test_the_tree_is_that_of_the_text(body):
    page = read(body)
    assert LexborHTMLParser(page.text).html == page.tree.html
    assert "\x00" not in page.text
    assert not page.text.startswith("\ufeff")


@given(
    st.binary(max_size=40), st.sampled_from((b"", b"<meta charset=utf-8>", b"<meta charset=koi8-r>", b"\xef\xbb\xbf"))
)
@settings(max_examples=150, deadline=None)
def test_so_it_is_for_any_bytes(tail, head):
    page = read(head + b"<p>Text \xc3\xa9 " + tail)
    assert LexborHTMLParser(page.text).html == page.tree.html
