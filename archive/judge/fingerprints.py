"""
A text as numbers, in one pass: a mark a word, of which runs of words, names and figures are made.

The marks are kept with the text, so that comparing two texts that are held never takes their words
apart again. Some of the runs of each text stand in an index, by which the archive finds what may
say the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from scraper.text import fold_and_count, is_unspaced

VERSION = 2
"""Of marks and index: what is held under another one has to be made anew."""

Numbers = NDArray[np.uint32]

_KEPT = np.dtype("<u4")
# Words in a run: fewer are shared by chance, more are broken by every changed word.
RUN = 5
# All runs of the opening are indexed, since previews and copies show it; of the rest the same ones
# of every text, by their number (Broder 1997, "mod m").
OPENING = 32
SAMPLE = 32  # of the rest, one run in so many
# A headline of so many words is the same by no chance.
TELLING_HEADLINE = 4
# The number of a word is that of its characters in this base, modulo 2^32; odd, so that it has an inverse.
_BASE = 0x9E3779B1
_WHOLE = 1 << 32
# Odd numbers without a pattern, one for each place in a run (xxHash), and two to mix with (MurmurHash3).
_PLACES = tuple(np.uint32(n) for n in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1))
_MIX, _LAST = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_SHIFT, _LAST_SHIFT, _ONE = np.uint32(16), np.uint32(13), np.uint32(1)
# A capital letter behind these makes no name: a sentence, a heading or a quotation begins.
_BEGINNERS = '.!?:;\n"“”„»«‘(—–•。！？'
_ASCII, _ALL = 128, 1 << 16  # code points that are looked up in a table


class Text:
    """
    A text to be compared: the marks of its words in their order, as the archive keeps them.

    A mark has 31 bits of the word, whatever its case, and a lowest one that says whether it is
    telling: a figure, or a name (a capital inside a sentence). In scripts without spaces two
    characters are a word, and the next word begins at the second.
    """

    def __init__(self, marks: Numbers) -> None:
        self.marks = marks

    @classmethod
    def of(cls, kept: bytes) -> Self:
        """The text of which `kept` gave these bytes."""
        return cls(np.frombuffer(kept, _KEPT))

    def kept(self) -> bytes:
        """The marks as the archive keeps them, four bytes each, the lowest first."""
        return self.marks.astype(_KEPT).tobytes()

    def __len__(self) -> int:
        return len(self.marks)

    @cached_property
    def words(self) -> Numbers:
        """Its words, in their order."""
        return self.marks >> _ONE

    @cached_property
    def vocabulary(self) -> Numbers:
        """Its words, sorted."""
        return np.sort(self.words)

    @cached_property
    def facts(self) -> Numbers:
        """Its figures and names, sorted, each once."""
        return _each_once(self.words[(self.marks & _ONE).astype(bool)])

    @cached_property
    def cves(self) -> frozenset[tuple[int, int]]:
        """The CVEs that it names, each as the words of its year and of its number."""
        words = self.words
        places = np.flatnonzero(words[:-2] == _cve()) if len(words) > 2 else ()
        return frozenset((int(words[place + 1]), int(words[place + 2])) for place in places)

    @cached_property
    def runs(self) -> Numbers:
        """Its runs of five words, in their order; none where it is shorter."""
        words = self.words
        count = max(0, len(words) - RUN + 1)
        mixed = words[:count] * _PLACES[0]
        for place in range(1, RUN):
            mixed = (mixed ^ (mixed >> _SHIFT)) * _MIX ^ (words[place : place + count] * _PLACES[place])
        return _mixed(mixed)

    @cached_property
    def runs_of_facts(self) -> NDArray[np.bool_]:
        """Which of its runs have a figure or a name in them."""
        telling = (self.marks & _ONE).astype(bool)
        count = len(self.runs)
        found = telling[:count].copy()
        for place in range(1, RUN):
            found |= telling[place : place + count]
        return found

    @cached_property
    def sorted_runs(self) -> Numbers:
        """The same, for looking them up."""
        return np.sort(self.runs)


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """
    What an article is recognised by, where its address is another one.

    Args:
        text: Its body.
        digest: Equal of equal bodies, 32 hex digits; "" where there are no words.
        headline_key: The number of a headline that is no other one's by chance; None of a short one.
        runs: The runs by which it is found, as numbers with a sign: four bytes each in SQLite.
        runs_as_json: The same as a statement takes them; it is made once for several.
    """

    text: Text
    digest: str
    headline_key: int | None
    runs: tuple[int, ...]
    runs_as_json: str


def fingerprint(headline: str | None, body: str) -> Fingerprint:
    """
    What an article is recognised by; equal in every process.

    Source: Broder, "On the resemblance and containment of documents", 1997.
    """
    text = read_text(body)
    folded, count = fold_and_count(headline or "")
    return fingerprint_of(text, _digest(text), _number_of(folded) if count >= TELLING_HEADLINE else None)


def fingerprint_of(text: Text, digest: str, headline_key: int | None) -> Fingerprint:
    """A fingerprint made again of what was kept of it."""
    runs = runs_by_which_found(text)
    return Fingerprint(
        text=text,
        digest=digest,
        headline_key=headline_key,
        runs=tuple(runs),
        runs_as_json=f"[{','.join(map(str, runs))}]",
    )


def numbers_of(runs: Collection[int]) -> Numbers:
    """Runs that were looked up, as texts have them; sorted."""
    return np.sort(np.fromiter(runs, np.int32, len(runs)).view(np.uint32))


def runs_by_which_found(text: Text) -> list[int]:
    """
    The runs of an article that are looked up and stand in the index, each once: all of its opening, one in
    thirty-two of the rest.
    """
    rest = text.runs[OPENING:]
    indexed = _each_once(np.concatenate((text.runs[:OPENING], rest[rest & (SAMPLE - 1) == 0])))
    return list(indexed.view(np.int32).tolist())


def are_among(numbers: Numbers, others: Numbers) -> NDArray[np.bool_]:
    """Which of the numbers are among *others*, which are sorted (`np.isin` would sort both, each time)."""
    if not len(others):
        return np.zeros(len(numbers), bool)
    return np.asarray(others[np.minimum(others.searchsorted(numbers), len(others) - 1)] == numbers)


def _each_once(numbers: Numbers) -> Numbers:
    """The numbers, sorted, each once."""
    numbers = np.sort(numbers)
    is_first = np.ones(len(numbers), bool)
    is_first[1:] = numbers[1:] != numbers[:-1]
    return numbers[is_first]


def _digest(text: Text) -> str:
    """16 bytes: no two bodies share them by chance."""
    return blake2b(text.words.tobytes(), digest_size=16).hexdigest() if len(text) else ""


def _number_of(headline: str) -> int:
    """Six bytes fit an INTEGER of SQLite."""
    return int.from_bytes(blake2b(headline.encode(), digest_size=6).digest())


@lru_cache
def _cve() -> int:
    """The number of the word "CVE"."""
    return int(read_text("CVE").words[0])


def read_text(text: str) -> Text:
    """
    The marks of a text; equal in every process.

    >>> one, other = read_text("Storm shuts two roads in Karrow."), read_text("storm SHUTS two roads in “Karrow”")
    >>> bool((one.words == other.words).all()), len(one), len(one.facts), len(read_text("港の停電"))
    (True, 6, 1, 4)
    """
    is_ascii = text.isascii()
    table = _table(_ASCII if is_ascii else _ALL)
    codes = _codes(text, is_ascii=is_ascii)
    digits = table.digits[codes]
    is_word = digits != 0
    is_start = is_word.copy()
    is_start[1:] &= ~is_word[:-1]
    is_character = None if is_ascii else digits >= _ALL
    if is_character is not None and is_character.any():
        is_start |= is_character
        is_start[1:] |= is_word[1:] & is_character[:-1]
    else:
        is_character = None
    starts = np.flatnonzero(is_start)
    if not len(starts):
        return Text(np.zeros(0, np.uint32))
    words = _hashes(digits, starts)
    if is_character is not None:
        words = _pairs(words, is_character[starts], starts)
    return Text((_mixed(words) & ~_ONE) | _are_telling(codes, digits, table, starts))


class _Table(NamedTuple):
    """
    What a character is, by its number: its digit in the number of a word (its small form; more than
    65,535 where it is a word by itself, 0 where it is no part of one), whether it is a figure, a
    space, and whether a sentence begins behind it.
    """

    digits: Numbers
    is_figure: NDArray[np.bool_]
    is_space: NDArray[np.bool_]
    is_beginner: NDArray[np.bool_]


@lru_cache
def _table(size: int) -> _Table:
    signs = [chr(number) for number in range(size)]
    categories = [unicodedata.category(sign)[0] for sign in signs]
    return _Table(
        np.array([_digit(sign, category) for sign, category in zip(signs, categories, strict=True)], np.uint32),
        np.array([category == "N" for category in categories]),
        np.array([sign.isspace() for sign in signs]),
        np.array([sign in _BEGINNERS for sign in signs]),
    )


def _digit(sign: str, category: str) -> int:
    """A mark on a letter is a part of the word: Indic vowels are."""
    if category not in "LNM":
        return 0
    return ord(sign) + _ALL if is_unspaced(sign) else ord(sign.lower()[0])


def _codes(text: str, *, is_ascii: bool) -> NDArray[np.integer]:
    """
    The numbers of the characters, compatibility forms as plain ones. What lies beyond the first
    65,536 (emoji, historic scripts, ideographs that no newspaper prints) makes no words.
    """
    if is_ascii:
        return np.frombuffer(text.encode("ascii"), np.uint8)
    plain = text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)
    return np.frombuffer(plain.encode("utf-16-le", "surrogatepass"), np.uint16)


def _hashes(digits: Numbers, starts: NDArray[np.intp]) -> Numbers:
    """
    A number for each word: the sum of its digits, each at its place in the text, then all moved to
    the place of the units. What lies between two words has the digit 0.
    """
    up, down = _powers(1 << max(12, len(digits).bit_length()))
    hashes: Numbers = np.add.reduceat(digits * up[: len(digits)], starts, dtype=np.uint32) * down[starts]
    return hashes


@lru_cache(maxsize=4)
def _powers(size: int) -> tuple[Numbers, Numbers]:
    """The powers of the base, and of its inverse."""
    both = []
    for base in (_BASE, pow(_BASE, -1, _WHOLE)):
        factors = np.full(size, base, np.uint32)
        factors[0] = 1
        both.append(np.multiply.accumulate(factors, dtype=np.uint32))
    return both[0], both[1]


def _pairs(words: Numbers, is_character: NDArray[np.bool_], starts: NDArray[np.intp]) -> Numbers:
    """In scripts without spaces one character says little: each takes the next one with it."""
    goes_on = is_character[:-1] & is_character[1:]
    if not goes_on.any():
        return words
    goes_on &= np.diff(starts) == 1
    pairs = words.copy()
    pairs[:-1][goes_on] = _mixed(words[:-1][goes_on]) + words[1:][goes_on]
    return pairs


def _are_telling(codes: NDArray[np.integer], digits: Numbers, table: _Table, starts: NDArray[np.intp]) -> Numbers:
    """1 for each word that is a figure, or a name."""
    first = codes[starts]
    telling = table.is_figure[first]
    capitals = np.flatnonzero(digits[starts] & np.uint32(_ALL - 1) != first)
    places = starts[capitals]
    before, further = (codes[np.maximum(places - n, 0)] for n in (1, 2))
    begins = (places == 0) | table.is_beginner[before] | (table.is_space[before] & table.is_beginner[further])
    telling[capitals[~begins]] = True
    flags: Numbers = telling.astype(np.uint32)
    return flags


def _mixed(numbers: Numbers) -> Numbers:
    """Numbers of which every bit hangs on every bit of what they were."""
    numbers = (numbers ^ (numbers >> _SHIFT)) * _MIX
    numbers = (numbers ^ (numbers >> _LAST_SHIFT)) * _LAST
    mixed: Numbers = numbers ^ (numbers >> _SHIFT)
    return mixed
