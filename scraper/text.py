"""Words, white space and comparison forms of text in any language. Nothing here depends on English."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Scripts that are written without spaces: one character counts as one word.
_UNSPACED = (
    "\u0e00-\u0e7f"  # Thai
    "\u0e80-\u0eff"  # Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3041-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
# The same words in half the time, for most blocks of most pages.
_ASCII_WORD = re.compile(r"\w+", re.ASCII)


def squash(text: str | None) -> str:
    r"""
    The text with every run of white space as one space, and none at its ends.

    >>> squash("  a\n b\u00a0c ")
    'a b c'
    """
    return " ".join((text or "").split())


def words(text: str) -> list[str]:
    """
    The words of a text; in scripts without spaces every character is one.

    >>> words("It's 東京, ok?")
    ['It', 's', '東', '京', 'ok']
    """
    return (_ASCII_WORD if text.isascii() else _WORD).findall(text)


def count_words(text: str) -> int:
    """How many `words` a text has."""
    return fold_and_count(text)[1]


def fold(text: str | None) -> str:
    """
    The form in which two texts are compared: words alone, compatibility forms and case folded.

    >>> fold("“Ｈello”,  WORLD!") == fold("hello world")
    True
    """
    return fold_and_count(text or "")[0]


# Several stages of reading ask for the same of the same paragraphs.
@lru_cache(maxsize=1024)
def fold_and_count(text: str) -> tuple[str, int]:
    """
    What `fold` gives and what `count_words` gives, at one go.

    >>> fold_and_count("Gate No. 5 opens")
    ('gate no 5 opens', 4)
    >>> fold_and_count("Gate ½")
    ('gate 1 2', 2)
    """
    normal = unicodedata.normalize("NFKC", text)
    folded = normal.casefold()
    found = words(folded)
    # Words come together or fall apart only where characters do.
    is_same = normal == text and len(folded) == len(text)
    return " ".join(found), len(found) if is_same else len(words(text))
