"""What the names that publishers give their elements (classes, ids, itemprop, role) say about the text in them."""

from __future__ import annotations

import re
import tomllib
from enum import IntFlag, auto
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from scraper.read.blocks import Element


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
        # IntFlag's own operators build a member at each step and take twenty times as long; a sum of hints is an int.
        __and__, __rand__, __or__, __ror__ = int.__and__, int.__rand__, int.__or__, int.__ror__


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
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


@lru_cache(maxsize=20_000)
def hints_of(names: str) -> Hint:
    """
    What a string of names speaks for.

    >>> hints_of("article__photoCredit") == Hint.CREDIT
    True
    >>> hints_of("articlecreditcard")
    <Hint.NONE: 0>
    """
    found = Hint.NONE
    for match in _pattern().finditer(_HUMP.sub("-", names).lower()):
        found |= Hint(int((match.lastgroup or "h0")[1:]))
    return found


@cache
def _pattern() -> re.Pattern[str]:
    rows = tomllib.loads((files("scraper.read") / "names.toml").read_text(encoding="utf-8"))
    parts = (
        f"(?P<h{Hint[name.upper().replace('-', '_')].value}>{'|'.join(words.split())})" for name, words in rows.items()
    )
    return re.compile(rf"(?<![a-z])(?:{'|'.join(parts)})(?![a-z])")


def element_hints(element: Element) -> Hint:
    """What the element itself speaks for, by its names and its tag."""
    return hints_of(element.names) | _TAG_HINTS.get(element.tag, Hint.NONE)
