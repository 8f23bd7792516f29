"""
Code as pages show it: where its lines are, and what highlighters put beside them.

A listing is one block, whatever its lines are made of; the numbers beside them are no part of it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborNode

from scraper.read.page.parse import attribute

# Names that the common highlighters give to the column, or the mark, of a line's number.
_GUTTER = re.compile(
    r"(?<![a-z])(?:gutter|line-?no|line-?nos|linenodiv|line-?numbers?(?:-rows)?|line-?num|blob-num|nums?"
    r"|crayon-nums?|ln-numbers|ln-num|lnt?|codemirror-linenumber)(?![a-z])",
    re.IGNORECASE,
)
_NO_SELECT = re.compile(r"user-select\s*:\s*none", re.IGNORECASE)
# A listing that has no <pre>.
_LISTING = re.compile(
    r"(?<![a-z-])(?:syntaxhighlighter|crayon-(?:main|pre|code)|codemirror-code|code-?(?:block|mirror|listing)|codehilite"
    r"|blob-wrapper|highlight-source|ace-?editor|terminal|console-?output|shell-?session)(?![a-z])",
    re.IGNORECASE,
)
_CODE_TAGS = frozenset(("code", "samp", "kbd", "tt"))
_WHITE_SPACE = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_NUMBERS = re.compile(r"[\d\s]+")
# The elements that are lines of a listing; in its cells and lists the lines stand.
LINES = frozenset(("div", "li", "p", "tr"))
FRAMES = frozenset(("td", "th", "tbody", "table", "ul", "ol", "code", "section", "figure"))
_FEWEST_NUMBERS = 2  # one may be anything


def is_gutter(node: LexborNode) -> bool:
    """Whether an element of a listing holds nothing but a line's number."""
    names = attribute(node, "class")
    if not names and not attribute(node, "style"):
        return False
    is_named = _GUTTER.search(names) or _NO_SELECT.search(attribute(node, "style"))
    return bool(is_named) and _NUMBERS.fullmatch(node.text() or " ") is not None


@lru_cache(maxsize=4096)
def names_listing(names: str) -> bool:
    """Whether an element is named as a listing is that has no <pre>."""
    return _LISTING.search(names) is not None


def is_listing(node: LexborNode) -> bool:
    """Whether an element that is named so is a listing itself, and does not hold one."""
    return node.css_first("pre, p, textarea, h2, h3, a") is None


def line_style(node: LexborNode, tag: str) -> tuple[bool, bool]:
    """Whether an inline element of code keeps its white space, and whether it has lines at all."""
    if tag not in _CODE_TAGS:
        return False, False
    is_kept = _WHITE_SPACE.search(attribute(node, "style")) is not None
    return is_kept, is_kept or node.css_first("br") is not None


def is_numbers(text: str) -> bool:
    r"""
    Whether a text is nothing but the numbers of lines.

    >>> is_numbers("7\n8\n9"), is_numbers("2024"), is_numbers("10\n80\n443")
    (True, False, False)
    """
    if not text[0].isdecimal() or not _NUMBERS.fullmatch(text):
        return False
    numbers = list(map(int, text.split()))
    return len(numbers) >= _FEWEST_NUMBERS and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
