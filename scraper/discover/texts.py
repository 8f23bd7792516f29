"""The words of a text that a listing carries as markup."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from scraper.text import squash

_BLOCK_TAGS = "p, br, div, li, tr, pre, blockquote, figcaption, h1, h2, h3, h4, h5, h6"


def text_of_markup(html: str | None) -> str | None:
    r"""
    The words of a piece of markup, a line a block; None where there are none.

    >>> text_of_markup("<p>One <b>two</b>.<script>x()</script></p><p>Three.</p>")
    'One two.\nThree.'
    """
    if not html:
        return None
    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "style", "noscript", "template"])
    for node in tree.css(_BLOCK_TAGS):
        node.insert_after("\n")
    text = tree.body.text() if tree.body else ""
    return "\n".join(filter(None, map(squash, text.split("\n")))) or None
