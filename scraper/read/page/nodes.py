"""
What a node of the tree is to the walk: a block, part of a line, nothing at all; what its names and
its style say of that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto

from selectolax.lexbor import LexborNode

from scraper.read.page.hints import is_for_screen_readers
from scraper.read.page.parse import attribute

# HTML Standard §15.3: elements rendered as blocks, and those that never share a line with text in
# practice.
_BLOCK_TAGS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html iframe label legend li listing main menu nav "
    "noscript ol optgroup option p picture plaintext pre search section select summary table tbody td textarea tfoot "
    "th thead title tr ul video audio xmp".split()
)
# Elements whose text nobody sees.
_SKIPPED_TAGS = frozenset(
    "script style template head svg math object embed applet iframe noembed noframes canvas param datalist".split()
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
PREFORMATTED_TAGS = frozenset(("pre", "listing", "xmp", "plaintext", "textarea"))
HIDDEN_TAGS = frozenset(("noscript",))
# Inline elements that set their text apart even when they have no name.
EMPHASIS = frozenset("b strong i em code kbd tt samp small cite".split())
# Attributes that say how an element looks; most have none of them.
OF_LOOKS = frozenset(("style", "hidden", "aria-hidden", "align"))
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|(?:left|top|indent)\s*:\s*-\d{3}",
    re.IGNORECASE,
)
# How an element lays out the lines of its text: by its style, by a class that style sheets of many
# hands share.
_ALIGNED_STYLE = re.compile(r"text-align\s*:\s*(\w+)", re.IGNORECASE)
_CENTRED_CLASS = re.compile(r"(?:^|[\s-])(?:text-center|align-center|aligncenter)(?:ed)?(?:\s|$)", re.IGNORECASE)
# What leads to the place of a heading itself: a sign without a letter, or words for screen readers.
_PERMALINK = re.compile(
    r"(?<![a-z])(?:anchor|header-?link|heading-?link|perma-?link|hash-?link|direct-?link)", re.IGNORECASE
)
_LETTER = re.compile(r"[^\W_]")
# A button among the words of one of these is a word that explains itself.
_OF_SENTENCES = frozenset(("p", "li", "dd", "td"))
_NAMING = ("class", "id", "itemprop", "role", "data-testid", "data-component")
_OTHER_NAMING = frozenset(_NAMING[1:])


class Kind(Enum):
    """What the walk does with a node."""

    TEXT = auto()
    SKIPPED = auto()
    BLOCK = auto()
    INLINE = auto()
    BREAK = auto()
    PICTURE = auto()


def kind_of(node: LexborNode) -> tuple[str, Kind]:
    """A node's tag, and what the walk does with all nodes of that tag."""
    tag = node.tag or ""
    if node.is_text_node:
        return tag, Kind.TEXT
    if not node.is_element_node or tag in _SKIPPED_TAGS:
        return tag, Kind.SKIPPED
    if tag in _BLOCK_TAGS or "-" in tag:  # custom elements are containers in practice
        return tag, Kind.BLOCK
    return tag, {"br": Kind.BREAK, "img": Kind.PICTURE}.get(tag, Kind.INLINE)


def names_in(attributes: dict[str, str | None]) -> str:
    """What an element's attributes name it."""
    if _OTHER_NAMING.isdisjoint(attributes):
        return attributes.get("class") or ""
    return " ".join(filter(None, map(attributes.get, _NAMING)))


def is_hiding(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element is not shown, or kept from screen readers."""
    return attributes.get("aria-hidden") == "true" or is_out_of_sight(attributes)


def is_out_of_sight(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element is not to be seen; what is only kept from screen readers is."""
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and _HIDING_STYLE.search(style))


def is_centred_by(tag: str, attributes: dict[str, str | None], *, is_centred: bool) -> bool:
    """Whether an element's lines stand in the middle, given whether those around it do."""
    # A table is put in the middle as a whole.
    align = attributes.get("align") if tag != "table" else None
    if (style := attributes.get("style")) and (stated := _ALIGNED_STYLE.search(style)):
        align = str(stated[1])
    if align:
        return align.lower() == "center"
    names = attributes.get("class")
    return is_centred or bool(names and "center" in names and _CENTRED_CLASS.search(names))


def is_permalink(node: LexborNode) -> bool:
    """Whether an inline element of a heading is a mark that leads to the heading's own place, or its unseen label."""
    names = attribute(node, "class")
    if names and is_for_screen_readers(names):
        return True
    if not (attribute(node, "href").startswith("#") or _PERMALINK.search(names)):
        return False
    text = node.text().strip()
    if not _LETTER.search(text):
        return True
    heading = node.parent
    is_beside_title = heading is not None and len(heading.text().strip()) > len(text)
    return is_beside_title and _PERMALINK.search(names) is not None


def is_said_aside(node: LexborNode) -> bool:
    """
    Whether an inline element is for screen readers, or shown when somebody points at a word: no part
    of the sentence that it stands in. What a link says by such an element alone is what it says.
    """
    attributes, around = node.attributes, node.parent
    is_aside = attributes.get("role") == "tooltip" or is_for_screen_readers(attributes.get("class") or "")
    return is_aside and around is not None and len(around.text().strip()) > len(node.text().strip())


def is_in_sentence(node: LexborNode) -> bool:
    """Whether an element that is a block elsewhere, a button, stands among the words of a sentence."""
    around = node.parent
    if around is None or around.tag not in _OF_SENTENCES:
        return False
    before, behind = node.prev, node.next
    return any(
        beside is not None and beside.is_text_node and _LETTER.search(beside.text_content or "")
        for beside in (before, behind)
    )
