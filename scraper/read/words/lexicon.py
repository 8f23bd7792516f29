"""
The words that a text is read with: the languages, and the phrases of the reader's own.

Functions of this folder ask `in_use()` for them. Whoever reads sets them for as long as that takes
(`Lexicon.used`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TypeVar, cast

from scraper.languages import Languages, shipped_languages
from scraper.model import Phrase

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """
    What words are known.

    Args:
        phrases: By which prompts are known, beside those of the languages, and before them where
            both say as much.
    """

    languages: Languages
    phrases: tuple[Phrase, ...] = ()

    @contextmanager
    def used(self) -> Iterator[None]:
        r"""
        Within it, and nowhere else, texts are read with these words.

        >>> from scraper.read.words.prompts import find_prompt
        >>> with Lexicon(shipped_languages(), (Phrase("subscription", "cut", r"\bharbour pass\b"),)).used():
        ...     find_prompt("The rest comes with a Harbour Pass.").kind
        'subscription'
        >>> find_prompt("The rest comes with a Harbour Pass.") is None
        True
        """
        token = _IN_USE.set(self)
        try:
            yield
        finally:
            _IN_USE.reset(token)


_IN_USE: ContextVar[Lexicon | None] = ContextVar("lexicon", default=None)


@cache
def _shipped() -> Lexicon:
    return Lexicon(shipped_languages())


def in_use() -> Lexicon:
    """The words that texts are read with here and now: the shipped ones where nobody set others."""
    return _IN_USE.get() or _shipped()


def of_lexicon(make: Callable[[Lexicon], Made]) -> Callable[[], Made]:
    """A function that gives what *make* makes of the words in use; it is asked once for as long as they are."""
    last: tuple[Lexicon | None, Made | None] = None, None

    def made() -> Made:
        nonlocal last
        lexicon = in_use()
        if last[0] is not lexicon:  # asked for each block of a page
            last = lexicon, make(lexicon)
        return cast("Made", last[1])

    return made


def of_languages(make: Callable[[Languages], Made]) -> Callable[[], Made]:
    """A function that gives what *make* makes of the languages in use; it is made once for them."""
    last: tuple[Languages | None, Made | None] = None, None

    def made() -> Made:
        nonlocal last
        languages = (_IN_USE.get() or _shipped()).languages
        if last[0] is not languages:  # asked for each block of a page, mostly for the same words
            last = languages, languages.derive(make)
        return cast("Made", last[1])

    return made
