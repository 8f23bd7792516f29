"""Words, white space and comparison forms of text in any language. Nothing here depends on English."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

# Scripts that are written without spaces: one character counts as one word.
UNSPACED = (
    "\u0e00-\u0e7f"  # Thai
    "\u0e80-\u0eff"  # Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3041-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
)
_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")
# The same words of a text that has none of these scripts, in half the time.
_SPACED_WORD = re.compile(r"\w+")
# What ends no word, in lower case; a space for all else. Most blocks of most pages are in ASCII.
_ASCII_LETTERS = {code: chr(code).lower() if chr(code).isalnum() or chr(code) == "_" else " " for code in range(128)}
_IS_UNSPACED = re.compile(f"[{UNSPACED}]")
# What templates of Jinja, Handlebars, Angular, ERB, JavaScript and mail merge leave where nobody
# fills them, and what programs write for nothing.
_PLACEHOLDER = re.compile(
    r"\{\{.*\}\}|\{%.*%\}|<%.*%>|[$#]\{[^{}]*\}|%%[\w.]+%%|%[A-Za-z_]+%|\[\[?[\w.]+\]?\](?<=\]\])|\{[a-z]+[._]?\w*\}"
    r"|\[object Object\]|undefined|null"
)
_MAY_BE_PLACEHOLDER = frozenset("{}%]")
_EMPTY_WORDS = frozenset(("undefined", "null"))
_BARS = re.compile(r"(\s+[|–—·•-]\s+)")


# Characters that nobody sees: soft hyphens, spaces without width, byte order marks, marks of
# direction. Those that join letters are kept in the scripts and signs that need them.
INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|(?:(?<=[\\x00-\u024f])|^)[\u200c\u200d]"
)


def squash(text: str | None) -> str:
    r"""
    The text with every run of white space as one space, and none at its ends; without what nobody
    sees.

    >>> squash("  a\n b\u00a0c "), squash("hos\u00adpital")
    ('a b c', 'hospital')
    """
    return without_invisible(" ".join((text or "").split()))


def without_invisible(text: str) -> str:
    r"""
    A text without the characters that nobody sees, which hide its words from a search.

    >>> without_invisible("hos\u00adpital\ufeff"), without_invisible("می\u200cرود") == "می\u200cرود"
    ('hospital', True)
    """
    # Each of them is "not printable", and most texts have nothing that is.
    return text if text.isascii() or text.isprintable() else INVISIBLE.sub("", text)


def without_placeholders(text: str) -> str:
    """
    The text without parts that a template left unfilled: all of it, or what stands behind a bar or
    a dash.

    >>> without_placeholders("{{site.name}}"), without_placeholders("Locks closed | ${site}")
    ('', 'Locks closed')
    >>> without_placeholders("How {{ csrf }} works - in short")
    'How {{ csrf }} works - in short'
    """
    if _MAY_BE_PLACEHOLDER.isdisjoint(text) and text not in _EMPTY_WORDS:
        return text
    parts = _BARS.split(text)
    kept = [n for n in range(0, len(parts), 2) if not _PLACEHOLDER.fullmatch(parts[n].strip())]
    if len(kept) == len(parts[::2]):
        return text
    return "".join(parts[kept[0] : kept[-1] + 1]).strip() if kept else ""


def words(text: str) -> list[str]:
    """
    The words of a text; in scripts without spaces every character is one.

    >>> words("It's 東京, ok?")
    ['It', 's', '東', '京', 'ok']
    """
    return _word_in(text).findall(text)


def word_spans(text: str) -> list[tuple[int, int]]:
    """
    Where each of the `words` of a text begins and ends.

    >>> word_spans("It's 東京")
    [(0, 2), (3, 4), (5, 6), (6, 7)]
    """
    return [word.span() for word in _word_in(text).finditer(text)]


def is_unspaced(character: str) -> bool:
    """
    Whether a character is of a script that is written without spaces, and so counts as a word.

    >>> is_unspaced("東"), is_unspaced("é")
    (True, False)
    """
    return _IS_UNSPACED.match(character) is not None


def _word_in(text: str) -> re.Pattern[str]:
    return _SPACED_WORD if text.isascii() or not _IS_UNSPACED.search(text) else _WORD


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
    if text.isascii():
        found = text.translate(_ASCII_LETTERS).split()
        return " ".join(found), len(found)
    normal = unicodedata.normalize("NFKC", text)
    folded = normal.casefold()
    found = words(folded)
    # Words come together or fall apart only where characters do.
    is_same = normal == text and len(folded) == len(text)
    return " ".join(found), len(found) if is_same else len(words(text))


def composed(text: str) -> str:
    r"""
    The text in the normal form in which texts are kept (NFC): one way to write what looks and means
    the same.

    >>> composed("e\u0301") == "\u00e9", composed("\uf9e1") == "\u674e", composed("\uff2e")
    (True, True, '\uff2e')
    """
    return without_invisible(unicodedata.normalize("NFC", text))


# ---------------------------------------------------------------- patterns of words

_NOTHING = "(?!)"  # fits nowhere


def any_of(words: Iterable[str]) -> str:
    """
    A pattern that fits the longest of the words, letter by letter: of words that begin alike, one
    look tells.

    >>> any_of(["sign", "signal", "log"]), any_of([])
    ('(?:s(?:i(?:g(?:n(?:a(?:l))?)))|l(?:o(?:g)))', '(?!)')
    """
    return _along_letters(words) or _NOTHING


def one_of(patterns: Iterable[str]) -> str:
    """
    A pattern that fits what one of the patterns does, the first of them first.

    >>> one_of(["logs?", "sign"]), one_of([])
    ('(?:logs?|sign)', '(?!)')
    """
    ways = "|".join(patterns)
    return f"(?:{ways})" if ways else _NOTHING


def _along_letters(words: Iterable[str]) -> str:
    rests: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        rests[word[:1]].append(word[1:])
    ends = rests.pop("", None) is not None
    ways = "|".join(re.escape(letter) + _along_letters(rest) for letter, rest in rests.items())
    return f"(?:{ways}){'?' * ends}" if ways else ""
