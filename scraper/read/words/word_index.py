"""
Which of many regular expressions are worth a search in a text: those of which it holds a word that
they need.

A page has hundreds of blocks, and hundreds of phrases are looked for in each of them; most blocks
hold no word of any. So every phrase is filed under words of which each text that it fits has one,
and one search finds all such words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Generic, NamedTuple, TypeVar

from scraper.text import any_of

# An escape, a class, the start of a group or one character, and how often it stands there.
_PIECE = re.compile(r"(\\.|\[[^\]]*\]|\((?:\?(?:[:=!]|<[=!]|P<\w+>))?|.)((?:[?*+]|\{[\d,]+\})?\??)", re.DOTALL)
# Flags, back references, letters by their number.
_BEYOND_US = re.compile(r"\(\?(?![:=!]|<[=!]|P<)|\\[^\WbBdDsSwW]")
_MAY_LACK = ("?", "*", "{0", "{,")
# A letter behind these begins a word: assertions, signs, classes of signs.
_BOUND = re.compile(r"\\[bWs]|\\?[^\w\\.]|\[[^\w\\^]+\]")
_DIGIT = r"\d"

Words = frozenset[str]
Subject = TypeVar("Subject")


def needed_words(pattern: str) -> Words:
    r"""
    Words, or parts of words, of which every text that *pattern* fits has one at least.

    A space before a word says that it stands where a word begins; " \d" is any digit there. Where
    nothing can be said it is "", which every text has.

    Raises:
        ValueError: *pattern* has flags, back references, or letters by their number.

    >>> needed_words(r"\b(?:please )?subscribe to \S+"), sorted(needed_words(r"\S*abo(?:nnent)?|登録"))
    (frozenset({' subscribe'}), ['abo', '登録'])
    """
    if beyond := _BEYOND_US.search(pattern):
        raise ValueError(f"cannot tell which words are needed for {beyond.group()!r} in {pattern!r}")
    return _Reading(iter(_PIECE.findall(f"{pattern})")), begins=False).read().words


def most_telling(needs: Iterable[Words]) -> Words:
    """The words that the fewest texts have one of: best where words begin, long, and few."""
    return max(needs, key=_rareness, default=frozenset(("",)))


def _rareness(words: Words) -> tuple[bool, int, int]:
    return all(word.startswith(" ") for word in words), min(map(len, words)), -len(words)


class _Group(NamedTuple):
    """
    A group that was read: what it needs, whether it may be left out, whether a word begins behind
    it.
    """

    words: Words
    may_lack: bool
    begins: bool


class _Reading:
    """
    A group that is being read, up to the closing bracket that ends it.

    Args:
        pieces: What is left of the pattern; a group in this one takes its own pieces from it.
        begins: A letter at the start of the group begins a word.
    """

    def __init__(self, pieces: Iterator[tuple[str, str]], *, begins: bool) -> None:
        self.pieces = pieces
        self.at_start = self.begins = begins
        self.ways: list[_Group] = []
        # Of the way that is being read, and the letters of its last word.
        self.needs: list[Words] = []
        self.word = ""

    def read(self) -> _Group:
        may_lack = False
        for piece, times in self.pieces:
            may_lack = times.startswith(_MAY_LACK)
            if piece.isalnum() and not may_lack:
                self._take_letter(piece)
                if not times:
                    continue
            self._end_word()
            if piece == ")":
                self._end_way(may_lack=may_lack)
                break
            self._take(piece, may_lack=may_lack)
        words: Words = frozenset().union(*(way.words for way in self.ways))
        return _Group(words, may_lack, all(way.begins for way in self.ways))

    def _take(self, piece: str, *, may_lack: bool) -> None:
        if piece.startswith("("):
            self._take_group(piece)
        elif piece == "|":
            self._end_way(may_lack=may_lack)
        else:
            self._take_sign(piece, may_lack=may_lack)

    def _take_letter(self, letter: str) -> None:
        self.word = (self.word or " " * self.begins) + letter
        self.begins = False

    def _end_word(self) -> None:
        if self.word:
            self.needs.append(frozenset((self.word,)))
            self.word = ""

    def _take_group(self, opening: str) -> None:
        inner = _Reading(self.pieces, begins=self.begins).read()
        if opening.startswith(("(?=", "(?!", "(?<")):  # which look ahead or back, and take no room
            return
        self.begins = inner.begins and (self.begins or not inner.may_lack)
        self.needs += [inner.words] * (not inner.may_lack)

    def _end_way(self, *, may_lack: bool) -> None:
        self.ways.append(_Group(most_telling(self.needs), may_lack, self.begins))
        self.needs, self.begins = [], self.at_start

    def _take_sign(self, sign: str, *, may_lack: bool) -> None:
        """An escape, a class, or a letter that may be there more than once."""
        if sign == _DIGIT and self.begins and not may_lack:
            self.needs.append(frozenset((f" {_DIGIT}",)))
        self.begins = _BOUND.fullmatch(sign) is not None and (self.begins or not may_lack)


class WordIndex(Generic[Subject]):
    """Subjects, each filed under words of which a text has one where the subject is worth a search."""

    def __init__(self, rows: Iterable[tuple[Words, Subject]]) -> None:
        filed: defaultdict[str, set[Subject]] = defaultdict(set)
        for words, subject in rows:
            for word in words:
                filed[_letters_of(word)].add(subject)
        self._always = frozenset(filed.pop("", ()))
        self._digits = frozenset(filed.pop(f" {_DIGIT}", ()))
        starts = [word[1:] for word in filed if word.startswith(" ")]
        # "ʼ" is a letter to Unicode, and an apostrophe to those who write it.
        self._starts = re.compile(rf"[\Wʼ]({_DIGIT}|{any_of(starts)})")
        self._at_starts = {word: _filed_along(word, filed) for word in starts}
        # What is needed within words is rather of scripts without spaces: few texts have the first
        # letter of any.
        self._within: defaultdict[str, list[tuple[str, frozenset[Subject]]]] = defaultdict(list)
        for word, subjects in filed.items():
            if not word.startswith(" "):
                self._within[word[0]].append((word, frozenset(subjects)))
        self._letters = re.compile("|".join(self._within) or "(?!)")
        self._spares_ascii = not any(map(str.isascii, self._within))

    def find(self, text: str) -> set[Subject]:
        """What is worth a search in a text, once that is folded; what is not among it does not fit."""
        letters = f" {_letters_of(text)}"
        found: set[Subject] = set(self._always)
        for word in self._starts.findall(letters):
            found |= self._at_starts.get(word, self._digits)
        is_spared = self._spares_ascii and letters.isascii()
        for letter in () if is_spared else set(self._letters.findall(letters)):
            for word, subjects in self._within[letter]:
                if word in letters:
                    found |= subjects
        return found


def _letters_of(text: str) -> str:
    """
    A text with all its letters small: one form of those that a pattern takes for the same, whatever
    their case.

    >>> _letters_of("IŞIK İZİ"), _letters_of("ışık izi")
    ('işik izi', 'işik izi')
    """
    small = text.casefold()
    # To a pattern that ignores case the Turkish i without a dot, and the capital with one, are an i.
    return small if small.isascii() else small.replace("i\u0307", "i").replace("ı", "i")


class Expressions:
    """Patterns of which a text fits one, whatever its case. Most texts hold no word that any of them needs."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._index = WordIndex((needed_words(pattern), pattern) for pattern in patterns)

    def fit(self, text: str) -> bool:
        r"""
        Whether one of the patterns fits somewhere in a text.

        >>> Expressions([r"\blocks? closed", "quay"]).fit("Lock closed"), Expressions(["quay"]).fit("Locks")
        (True, False)
        """
        return any(_compiled(pattern).search(text) for pattern in self._index.find(text))


# Most are never met: each is compiled when a text holds a word of it.
@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _filed_along(word: str, filed: Mapping[str, Iterable[Subject]]) -> frozenset[Subject]:
    """
    What is filed under a word that begins others, or under one that it begins with: the longest
    alone is found.
    """
    return frozenset().union(*(filed.get(f" {word[:end]}", ()) for end in range(1, len(word) + 1)))
