"""The text of a heading as its readers take it: without labels, badges and permalinks, with powers as such."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from selectolax.lexbor import LexborNode

from scraper.read.page.hints import Hint, hints_of, is_for_screen_readers
from scraper.read.page.parse import attribute
from scraper.text import fold, squash

_UNSEEN = frozenset("script style template svg button".split())
# Elements that part no words: a letter of a word can be in bold, and a word can be broken at a <wbr>.
_WITHIN_WORDS = frozenset("b strong i em u mark sub sup wbr abbr q font small".split())
_PERMALINK = re.compile(
    r"\b(?:header-?link|permalink|anchor(?:-?link)?|heading-?(?:link|anchor)|hash-?link)\b", re.IGNORECASE
)
# Words by which badges are named: what they say is of the page, and no part of the headline.
_BADGE = re.compile(
    r"(?:^|[\s_-])(?:badges?|labels?|pills?|chips?|flags?|tags?|premium|paid|plus|lock(?:ed)?|exclusive|sponsored|counter"
    r"|reading-?time|comments?-?count)(?:$|[\s_-])",
    re.IGNORECASE,
)
_EDGE = "\x01"  # of an element
_NO_LETTER = re.compile(r"[\W_]*")
# A number or a letter or two that are set high behind another are its power; "th" and a mark of
# rights are not, and a reference to a note is none of the heading.
_POWER = re.compile(r"[-−+]?(?:\d{1,3}|[nkxi])")
_NOTE = re.compile(r"\[?\(?(?:\d{1,3}|[*†‡§])\)?\]?")


def heading_text(node: LexborNode, statements: Collection[str] = ()) -> str:
    """
    The text of a heading.

    Args:
        statements: What the page states as its headline, folded: a part in an element of its own
            that stands in none of them is a label.
    """
    text = _text_of(node)
    for part in node.css("[class], span, small, em, strong, mark"):
        if part.mem_id != node.mem_id and (label := _text_of(part)):
            text = _without_label(text, label, attribute(part, "class"), statements)
    return text


def _text_of(node: LexborNode) -> str:
    # An element parts words, but no word from the sign behind it.
    return squash(re.sub(rf"{_EDGE}+(?=[:,.;!?])", "", "".join(_pieces(node))).replace(_EDGE, " "))


def _pieces(node: LexborNode) -> Iterator[str]:
    """The texts in an element, with white space where it parts words."""
    child = node.first_child
    before = ""
    while child is not None:
        if child.is_text_node:
            piece = child.text_content or ""
        elif child.is_element_node and not _is_left_out(child):
            piece = _piece_of(child, before)
        else:
            piece = ""
        yield piece
        before = piece or before
        child = child.next


def _piece_of(node: LexborNode, before: str) -> str:
    inner = "".join(_pieces(node))
    if node.tag == "sup":
        text = inner.strip()
        if node.css_first("a") and _NOTE.fullmatch(text):
            return ""
        return f"^{text}" if _POWER.fullmatch(text) and before[-1:].isalnum() else inner
    return inner if node.tag in _WITHIN_WORDS else f"{_EDGE}{inner}{_EDGE}"


def _is_left_out(node: LexborNode) -> bool:
    """Whether an element is a permalink, a button, or nothing that is seen."""
    names = attribute(node, "class")
    if node.tag in _UNSEEN or (names and is_for_screen_readers(names)):
        return True
    if node.tag != "a":
        return False
    is_sign = _NO_LETTER.fullmatch(node.text()) is not None
    # A heading can be its own permalink as a whole.
    is_all = squash(node.text()) == squash(node.parent.text()) if node.parent else True
    return not is_all and (is_sign or bool(_PERMALINK.search(names)))


def _without_label(text: str, label: str, names: str, statements: Collection[str]) -> str:
    """A heading without what an element at its start or its end says, where that is a label."""
    if text.startswith(f"{label} "):
        rest, is_kicker = text.removeprefix(label).lstrip(" :–—-|·•"), bool(hints_of(names) & Hint.KICKER)
    elif text.endswith(f" {label}"):
        rest, is_kicker = text.removesuffix(label).rstrip(" –—-|·•("), False
    else:
        return text
    whole, bare = fold(text), fold(rest)
    if any(whole in said for said in statements):
        return text
    is_label = is_kicker or _BADGE.search(names) or any(_begins_with(said, bare) for said in statements)
    return rest if bare and is_label else text


def _begins_with(said: str, words: str) -> bool:
    return f"{said} ".startswith(f"{words} ")
