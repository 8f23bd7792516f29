"""
What the nodes of rich text are, by the names that content systems give them.

Sanity (Portable Text), Contentful, ProseMirror and TipTap, Draft.js, Editor.js, Slate, Lexical,
WordPress blocks, Arc, Medium, unist trees and React elements name the same few things in many ways:
a name is taken apart into its words, and one of these decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

# The members that name a node's kind, the surest first.
_KIND_KEYS = (
    *("tagName", "_type", "__typename", "nodeType", "blockName", "type", "slice_type", "acf_fc_layout"),
    *("component", "kind", "__component", ":type", "name"),
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[a-z]+\d?")
_HEADING = re.compile(
    r"h[1-6]|heading\d?|header|head|headline|subhead(?:ing|er|line)?|subtitle|crosshead|intertitle|title"
)
# Nothing of these is running text of the article.
_FOREIGN = frozenset(
    """
    image images img photo photos picture pictures figure video videos audio gallery media embed embedded asset
    iframe ad ads advert advertisement newsletter promo promotion related readmore recommendation recommended teaser
    caption figcaption credit author authors byline tweet social share button cta divider hr atomic comment comments
    podcast poll pullquote pq slideshow nav navigation menu footer aside sidebar form script style svg noscript
    template input select label cookie consent paywall mixtape separator spacer
    """.split()
)
_ITEMS = frozenset(("li", "uli", "oli", "listitem", "bullet"))
_QUOTES = frozenset(("quote", "blockquote", "bq"))
_CODES = frozenset(("pre", "code", "codeblock", "preformatted"))
_PARAGRAPHS = frozenset(("p", "paragraph", "para", "unstyled", "graf", "lead", "standfirst"))
_TEXTS = frozenset(("text", "html", "richtext", "wysiwyg", "markdown", "prose", "rte", "copy", "freeform", "classic"))
_INLINE = frozenset(
    """
    span fragment inline link hyperlink a strong em b i u s bold italic mark emphasis leaf mention sub sup small abbr
    cite q time formattext
    """.split()
)
_LISTS = frozenset(("list", "ul", "ol"))
_BREAKS = frozenset(("br", "hardbreak", "linebreak"))
# What `kind_of` gives besides the name of an element.
FOREIGN, TEXT, INLINE, BREAK, LIST = "foreign", "text", "inline", "break", "list"
BLOCKS = frozenset(("p", "h2", "li", "blockquote", "pre"))


def kind_of(node: Mapping[str, object]) -> str:
    """
    The element that a node of rich text is ("p", "h2", "li", "blockquote", "pre"), one of the kinds
    above, or "" for what only holds others.

    >>> kind_of({"type": "header-two"}), kind_of({"nodeType": "list-item"}), kind_of({"name": "core/paragraph"})
    ('h2', 'li', 'p')
    >>> kind_of({"_type": "block", "style": "blockquote"}), kind_of({"__typename": "TextInline"}), kind_of({})
    ('blockquote', 'inline', '')
    """
    name = _name_of_kind(node)
    if name == "block":
        name = _name_of_block(node)
    return _kind_named(name, is_element="tagName" in node) if name else ""


def _name_of_kind(node: Mapping[str, object]) -> str:
    name = next((value for key in _KIND_KEYS if isinstance(value := node.get(key), str) and value), "")
    own = node.get("name")
    # What somebody is called is no kind; blocks of WordPress are.
    if name is own and "/" not in name:
        return ""
    return own if name in {"element", "mdxJsxFlowElement"} and isinstance(own, str) else name


def _name_of_block(node: Mapping[str, object]) -> str:
    if node.get("listItem"):
        return "li"
    style = node.get("style")
    return style if isinstance(style, str) and style != "normal" else "p"


@lru_cache(maxsize=1024)
def _kind_named(name: str, *, is_element: bool) -> str:
    last = re.split(r"[/.:]", name.strip("/.: "))[-1]
    words = _WORD.findall(_HUMP.sub("-", last).lower())
    known = frozenset(words)
    joined = "".join(words)
    if known & _FOREIGN or (is_element and joined == "header"):
        return FOREIGN
    if joined in _BREAKS:
        return BREAK
    if known & _ITEMS or {"list", "item"} <= known:
        return "li"
    if any(map(_HEADING.fullmatch, words)):
        return "h2"
    return next((kind for names, kind in _FURTHER_KINDS if known & names), "")


# The kind of a node by a word of its name, the surest first.
_FURTHER_KINDS = (
    (_QUOTES, "blockquote"),
    (_CODES, "pre"),
    (_PARAGRAPHS, "p"),
    (_INLINE, INLINE),
    (_LISTS, LIST),
    (_TEXTS, TEXT),
)
