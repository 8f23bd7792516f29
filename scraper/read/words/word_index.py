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
    return _read_group(iter(_PIECE.findall(f"{pattern})")), begins=False).words


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


def _read_group(pieces: Iterator[tuple[str, str]], *, begins: bool) -> _Group:
    """The group that the next closing bracket ends. *begins*: a letter at its start begins a word."""
    ways: list[_Group] = []
    needs: list[Words] = []
    word, at_start, may_lack = "", begins, False
    for piece, times in pieces:
        may_lack = times.startswith(_MAY_LACK)
        if piece.isalnum() and not may_lack:
            word, begins = (word or " " * begins) + piece, False
            if not times:
                continue
        if word:
            needs.append(frozenset((word,)))
            word = ""
        if piece.startswith("("):
            inner = _read_group(pieces, begins=begins)
            if not piece.startswith(("(?=", "(?!", "(?<")):  # which look ahead or back, and take no room
                begins = inner.begins and (begins or not inner.may_lack)
                needs += [inner.words] * (not inner.may_lack)
        elif piece in {"|", ")"}:
            ways.append(_Group(most_telling(needs), may_lack, begins))
            needs, begins = [], at_start
            if piece == ")":
                break
        else:
            if piece == _DIGIT and begins and not may_lack:
                needs.append(frozenset((f" {_DIGIT}",)))
            begins = _BOUND.fullmatch(piece) is not None and (begins or not may_lack)
    return _Group(frozenset().union(*(way.words for way in ways)), may_lack, all(way.begins for way in ways))


class WordIndex(Generic[Subject]):
    """Subjects, each filed under words of which a text has one where the subject is worth a search."""

    def __init__(self, rows: Iterable[tuple[Words, Subject]]) -> None:
        filed: defaultdict[str, set[Subject]] = defaultdict(set)
        for words, subject in rows:
            for word in words:
                filed[word].add(subject)
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
        letters = f" {text.casefold()}"
        found: set[Subject] = set(self._always)
        for word in self._starts.findall(letters):
            found |= self._at_starts.get(word, self._digits)
        is_spared = self._spares_ascii and letters.isascii()
        for letter in () if is_spared else set(self._letters.findall(letters)):
            for word, subjects in self._within[letter]:
                if word in letters:
                    found |= subjects
        return found


def _filed_along(word: str, filed: Mapping[str, Iterable[Subject]]) -> frozenset[Subject]:
    """
    What is filed under a word that begins others, or under one that it begins with: the longest
    alone is found.
    """
    return frozenset().union(*(filed.get(f" {word[:end]}", ()) for end in range(1, len(word) + 1)))
