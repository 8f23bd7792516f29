"""
Words that speak for a kind of page: in its address, at the head of its slug, as its section, and in
answers.

The words are those of [address], [slug], [section] and [kinds] in the files of the languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scraper.languages import Languages
from scraper.read.words.lexicon import of_languages

# Kinds that words of an address speak for, in the order in which they are asked for.
KINDS = ("ticker", "opinion", "interview", "gallery", "video", "podcast", "index")
# Names of pages that list articles stand in two rows: some of them in addresses of articles as
# well.
_ROWS = {"index": ("lists", "index")}
# "Live from the harbor" is no ticker.
_NO_KICKERS = frozenset({"live"})


@dataclass(frozen=True, slots=True)
class KindWords:
    """
    The words for one kind.

    Args:
        in_path: Parts of an address.
        slug_heads: Beginnings of a slug; *kicker_heads*: of the short line above a headline.
        sections: Names of a section.
    """

    in_path: frozenset[str]
    slug_heads: tuple[str, ...]
    kicker_heads: tuple[str, ...]
    sections: frozenset[str]


@of_languages
def words_of_kinds(languages: Languages) -> Mapping[str, KindWords]:
    """The words for each kind, and for "print"; made once for the languages in use."""
    return {kind: _words_of(kind, languages) for kind in (*KINDS, "print")}


def _words_of(kind: str, languages: Languages) -> KindWords:
    is_of_texts = kind not in {"index", "print"}
    heads = languages.words("slug", kind) if is_of_texts else ()
    return KindWords(
        frozenset(languages.words("address", *_ROWS.get(kind, (kind,)))),
        tuple(f"{word}-" for word in heads),
        tuple(f"{word} " for word in heads if word not in _NO_KICKERS),
        frozenset(languages.words("section", kind) if is_of_texts else ()),
    )


@of_languages
def _first_person(languages: Languages) -> tuple[Mapping[str, re.Pattern[str]], re.Pattern[str]]:
    """The words of each language, and those of all that set words apart."""
    # Where words are not set apart, they stand inside others.
    by_language = {
        code: _any_word(words) if language.has_spaces else re.compile("|".join(words))
        for code, language in languages.languages.items()
        if (words := language.words("kinds", "first_person"))
    }
    spaced = (each for each in languages.languages.values() if each.has_spaces)
    return by_language, _any_word(tuple(word for each in spaced for word in each.words("kinds", "first_person")))


def _any_word(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(words) or '(?!)'})(?![^\W\d_])", re.IGNORECASE)


def speaks_in_person(text: str, language: str) -> bool:
    """
    Whether somebody speaks of themselves in a text.

    Args:
        language: ISO 639-1; words of every language count where none, or none that we know, is
            named.

    >>> speaks_in_person("I left at noon", "en"), speaks_in_person("A boat left", ""), speaks_in_person("私は", "ja")
    (True, False, True)
    """
    by_language, any_language = _first_person()
    return by_language.get(language, any_language).search(text) is not None
