"""
The phrases by which prompts are known: those of the languages and somebody's own; what each kind
and strength says.

The shipped ones are the tables [meter] to [promo] in the files of the languages.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from functools import cache

from scraper.languages import Languages
from scraper.model import Phrase, Role
from scraper.text import squash

ROLE_OF_KIND = {
    "meter": Role.PAYWALL,
    "subscription": Role.PAYWALL,
    "registration": Role.PAYWALL,
    "newsletter": Role.NEWSLETTER,
    "donation": Role.PROMO,
    "promo": Role.PROMO,
}
STRENGTHS = ("cut", "wall", "mark", "sure", "likely")
_QUOTES = tuple(zip("’‘ʼ“”„«»", "'''" + '"' * 5, strict=True))


def rank(strength: str, kind: str) -> float:
    """
    The lowest says most: a counter that adds "subscribe" is a meter, a newsletter that is
    subscribed to is one.
    """
    if kind == "meter" and strength in {"wall", "sure"}:
        return 0.4 if strength == "wall" else 0.5
    if strength == "sure" and kind == "newsletter":
        return 1.5
    return STRENGTHS.index(strength)


def fold_prompt(text: str) -> str:
    """
    The form of a text in which phrases are looked for: lower case, plain quotes, no white space but
    single spaces.

    >>> fold_prompt("You’ve  read")
    "you've read"
    """
    return _fold_letters(squash(text))


def _fold_letters(text: str) -> str:
    if not text.isascii():
        for typographic, plain in _QUOTES:  # several times as fast as `translate`
            text = text.replace(typographic, plain)
    return text.casefold()


class Phrases:
    """The shipped phrases and somebody's own, which go first where both say as much."""

    def __init__(self, shipped: Iterable[Phrase], own: tuple[Phrase, ...]) -> None:
        self.own = own
        strongest_first = sorted([*own, *shipped], key=lambda phrase: rank(phrase.strength, phrase.kind))
        rows: dict[tuple[str, str], int] = {}
        # Of the phrases of one kind and strength the first in the text is taken.
        self._places = {
            phrase: (i if phrase in own else rows.setdefault((phrase.kind, phrase.strength), i), i)
            for i, phrase in enumerate(strongest_first)
        }

    def find(self, folded: str, candidates: Iterable[object]) -> dict[Phrase, re.Match[str]]:
        """
        Those that fit, each with what it fits: of the shipped ones among *candidates*, of
        somebody's own all.
        """
        # These may be any regular expression: no words are known that they need.
        phrases = [*self.own, *(phrase for phrase in candidates if isinstance(phrase, Phrase))]
        return {phrase: match for phrase in phrases if (match := _compiled(phrase.pattern).search(folded))}

    def strongest_first(self, found: Mapping[Phrase, re.Match[str]]) -> list[Phrase]:
        """Those that fit, in the order in which they say most."""

        def place(phrase: Phrase) -> tuple[int, int, int]:
            row, number = self._places[phrase]
            return row, found[phrase].start(), number

        return sorted(found, key=place)


def shipped_phrases(languages: Languages) -> tuple[Phrase, ...]:
    """The phrases of some languages."""
    return languages.derive(_phrases_of)


def _phrases_of(languages: Languages) -> tuple[Phrase, ...]:
    # In several languages the same phrase can be one.
    return tuple(
        Phrase(kind, strength, pattern)
        for kind in ROLE_OF_KIND
        for strength in STRENGTHS
        for pattern in (
            *languages.words(kind, strength),
            *_prices(languages, kind, strength),
            *_ads(languages, kind, strength),
        )
    )


# What stands around the word above an advertisement, if anything.
_MARKS = r"[-–—−_~*=:<>()\[\]{}\s·•«»▼↓【】（）［］]*"


def _ads(languages: Languages, kind: str, strength: str) -> tuple[str, ...]:
    """Lines that say no more than that an advertisement follows."""
    words = languages.words("promo", "ad") if (kind, strength) == ("promo", "sure") else ()
    return tuple(rf"^{_MARKS}{re.escape(word)}{_MARKS}$" for word in words)


def _prices(languages: Languages, kind: str, strength: str) -> tuple[str, ...]:
    """
    What an offer of a subscription costs in a time, with the sign of the currency before it or
    behind it.
    """
    per, period = ("|".join(languages.words("offer", row)).replace(".", r"\.") for row in ("per", "period"))
    if (kind, strength) != ("subscription", "likely") or not per or not period:
        return ()
    for_a_time = rf"\s*(?:/|{per})\s?(?:{period})\b"
    return (
        rf"[$€£¥]\s?\d+(?:[.,]\d+)?{for_a_time}",
        rf"\b(?:usd|eur|gbp|chf)\s?\d+(?:[.,]\d+)?{for_a_time}",
        rf"\b\d+(?:[.,]\d+)?\s?(?:€|eur|euro|chf|kr|zł|usd|\$){for_a_time}",
    )


# Most phrases are never met: each is compiled when a text holds a word of it.
_compiled = cache(re.compile)


# What is no literal letter of a pattern, though it may hold one: \S, \N{LATIN SMALL LETTER A},
# \u00E4, (?P<Name>.
_NO_LETTERS = re.compile(r"(\\(?:N\{[^}]*\}|x..|u.{4}|U.{8}|.)|\(\?P[<=]\w+|\(\?\(\w+)", re.DOTALL)


def check_pattern(pattern: str) -> None:
    r"""
    Nothing, where *pattern* can be searched for in folded text, and fits on some words of it.

    Raises:
        ValueError: Says what is wrong with it.

    >>> check_pattern(r"\bharbour pass\b")
    >>> check_pattern(r"\bHarbour pass\b")
    Traceback (most recent call last):
    ValueError: texts are compared in lower case, with plain quotes; never found there, try '\bharbour pass\b'
    """
    try:
        # A warning is of what will mean something else in a later Python ("[[").
        with warnings.catch_warnings(action="error"):
            compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        message = f"not a regular expression: {error}"
        raise ValueError(message) from error
    if compiled.search("") or compiled.search(" "):
        message = "fits on a text without words"
        raise ValueError(message)
    parts = _NO_LETTERS.split(pattern)
    folded = "".join(part if i % 2 else _fold_letters(part) for i, part in enumerate(parts))
    if folded != pattern and not compiled.flags & re.IGNORECASE:
        message = f"texts are compared in lower case, with plain quotes; never found there, try '{folded}'"
        raise ValueError(message)
