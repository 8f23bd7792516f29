"""
What the names that publishers give their elements (classes, ids, itemprop, role) say about the text
in them.
"""

from __future__ import annotations

import re
import tomllib
from enum import IntFlag, auto
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborNode

from scraper.languages import shipped_languages
from scraper.read.page.blocks import Element
from scraper.read.page.parse import attribute
from scraper.text import any_of


class Hint(IntFlag):
    """One kind of content that a name can speak for."""

    NONE = 0
    ARTICLE = auto()
    HEADLINE = auto()
    KICKER = auto()
    DEK = auto()
    BYLINE = auto()
    DATE = auto()
    CAPTION = auto()
    CREDIT = auto()
    NAV = auto()
    FOOTER = auto()
    ASIDE = auto()
    RELATED = auto()
    COMMENT = auto()
    SHARE = auto()
    TAGS = auto()
    PAYWALL = auto()
    NEWSLETTER = auto()
    PROMO = auto()
    AD = auto()
    CONSENT = auto()
    AUTHOR_BOX = auto()

    if not TYPE_CHECKING:
        # IntFlag's own operators build a member at each step and take twenty times as long; a sum
        # of hints is an int.
        __and__, __rand__, __or__, __ror__ = int.__and__, int.__rand__, int.__or__, int.__ror__


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Names that style sheets of many hands share, for what is read aloud and not shown. No hint: a rule
# is sure of it.
_SCREEN_READERS = re.compile(
    r"(?<![a-z])(?:visually-?hidden|sr-?only|screen-?reader(?:-only|-text)?)(?![a-z])", re.IGNORECASE
)
_TAG_HINTS = {
    "nav": Hint.NAV,
    "footer": Hint.FOOTER,
    "aside": Hint.ASIDE,
    "figcaption": Hint.CAPTION,
    "caption": Hint.CAPTION,
    "button": Hint.NAV,
    "menu": Hint.NAV,
    "form": Hint.NAV,
    "select": Hint.NAV,
    "option": Hint.NAV,
    "label": Hint.NAV,
    "legend": Hint.NAV,
    "dialog": Hint.CONSENT,
    "search": Hint.NAV,
}


# The same few hundred strings make up a page, and come again on the next page of its site.
@lru_cache(maxsize=4096)
def hints_of(names: str) -> Hint:
    """
    What a string of names speaks for.

    >>> hints_of("article__photoCredit") == Hint.CREDIT, hints_of("articlecreditcard") == Hint.NONE
    (True, True)
    >>> hints_of("login") == Hint.NAV, hints_of("login-wall") == Hint.PAYWALL
    (True, True)
    """
    found = Hint.NONE
    text = (names if names.islower() else _HUMP.sub("-", names).lower()).replace("_", "-")
    pattern, known = _words()
    for word in pattern.findall(f"-{text}"):
        found |= known[word]
    return found


# Themes name a whole page by what they can show on it.
_WHOLE_PAGE_TAGS = frozenset(("html", "body", "main"))
_OF_OTHERS = Hint.COMMENT | Hint.RELATED


def is_of_others(node: LexborNode) -> bool:
    """Whether an element stands in a comment or a teaser: those have authors and dates of their own."""
    around: LexborNode | None = node
    while around is not None:
        if around.tag not in _WHOLE_PAGE_TAGS and hints_of(attribute(around, "class")) & _OF_OTHERS:
            return True
        around = around.parent
    return False


@lru_cache(maxsize=4096)
def is_for_screen_readers(names: str) -> bool:
    """
    Whether a string of names says that the text is for screen readers alone.

    >>> is_for_screen_readers("box u-visuallyHidden"), is_for_screen_readers("hidden-harbors")
    (True, False)
    """
    return _SCREEN_READERS.search(names) is not None


@cache
def _words() -> tuple[re.Pattern[str], dict[str, Hint]]:
    """A pattern that fits the longest word standing alone; what each word speaks for."""
    rows = tomllib.loads((files("scraper.read.page") / "hints.toml").read_text(encoding="utf-8"))
    known: dict[str, Hint] = {}
    for name, words in rows.items():
        for word in (*words.split(), *shipped_languages().words("elements", name)):
            for spelling in _spellings(word):
                known.setdefault(spelling, Hint[name.upper().replace("-", "_")])
    return re.compile(rf"[^a-z]({any_of(known)})(?![a-z])"), known


def _spellings(word: str) -> list[str]:
    """
    A word with and without each hyphen that may be left out.

    >>> _spellings("by-?line")
    ['by-line', 'byline']
    """
    first, optional, rest = word.partition("-?")
    return [first + joint + more for joint in ("-", "") for more in _spellings(rest)] if optional else [word]


def element_hints(element: Element) -> Hint:
    """What the element itself speaks for, by its names and its tag."""
    hints = _TAG_HINTS.get(element.tag, Hint.NONE)
    if element.tag == "footer" and "blockquote" in element.tags:  # who said it
        hints = Hint.NONE
    return hints_of(element.names) | hints if element.names else hints
