"""A text made ready for comparing it, passage by passage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.model import Told
from scraper.text import fold, word_spans

Run = tuple[str, ...]
"""Words in a row, folded."""

_PARAGRAPH = re.compile(r"\S(?:(?!\n\n).)*", re.DOTALL)
# To the mark that closes it, or to the end of its paragraph, since the next one opens it again.
_QUOTED = re.compile(r'[“„][^“”„]*[”“]?|«[^«»]*»?|(?<!\S)»[^«»]*«?|「[^「」]*」?|『[^『』]*』?|(?<!\w)"[^"]*"?')


@dataclass(frozen=True, slots=True)
class Measures:
    """
    In words, or in characters where words are not spaced.

    Args:
        run: That two texts share so many in a row is no chance.
        gap: So many between two runs are an editor's.
        passage: Shared words that are worth telling.
        fewest: A text of fewer is no report.
    """

    run: int
    gap: int
    passage: int
    fewest: int

    def runs_of(self, words: Run) -> Iterator[Run]:
        """All runs of the words, one for each word that has enough behind it."""
        return zip(*(words[start:] for start in range(self.run)), strict=False)


SPACED = Measures(run=5, gap=4, passage=25, fewest=8)
UNSPACED = Measures(run=9, gap=8, passage=50, fewest=16)
"""A word of a newspaper is about two characters where words are not spaced."""

# Of a text that is shorter than a passage, so much makes one.
_NEARLY_ALL = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """
    The words of an article.

    Args:
        words: Folded; *spans*: where each stands in the text.
        quoted: 1 for each word that stands in quotation marks.
        nobodys: 1 for each word of a paragraph that is nobody's report.
        ends: Of the paragraphs, in words.
        runs: One for each word that has enough words behind it.
    """

    told: Told
    measures: Measures
    words: Run
    spans: tuple[tuple[int, int], ...]
    quoted: bytes
    nobodys: bytes
    ends: tuple[int, ...]
    runs: tuple[Run, ...]

    @classmethod
    def of(cls, told: Told, nobodys: frozenset[Run] = frozenset()) -> Text:
        """The words of an article; *nobodys*: paragraphs that are nobody's report."""
        words: list[str] = []
        spans: list[tuple[int, int]] = []
        quoted, aside = bytearray(), bytearray()
        ends: list[int] = []
        for match in _PARAGRAPH.finditer(told.text):
            paragraph, place = match.group(), match.start()
            found = word_spans(paragraph)
            folded = [_folded(paragraph[begin:end]) for begin, end in found]
            aside += bytes((tuple(folded) in nobodys,)) * len(folded)
            marks = [quotation.span() for quotation in _QUOTED.finditer(paragraph)]
            quoted += bytes(any(begin <= start < end for begin, end in marks) for start, _ in found)
            words += folded
            spans += [(place + begin, place + end) for begin, end in found]
            ends.append(len(words))
        measures = UNSPACED if 2 * sum(len(word) == 1 for word in words) > len(words) else SPACED
        runs = tuple(measures.runs_of(tuple(words)))
        return cls(told, measures, tuple(words), tuple(spans), bytes(quoted), bytes(aside), tuple(ends), runs)

    @property
    def is_report(self) -> bool:
        """Whether there is enough of it."""
        return len(self.words) >= self.measures.fewest

    def paragraphs(self) -> Iterator[tuple[int, int]]:
        """Begin and end of each paragraph, in words."""
        return zip((0, *self.ends), self.ends, strict=False)

    def is_its_own(self, place: int) -> bool:
        """Whether a word is neither quoted nor nobody's."""
        return not (self.quoted[place] or self.nobodys[place])

    def least(self, other: Text) -> int:
        """How many words make a passage between two texts."""
        shorter = min(len(text.words) - sum(text.nobodys) for text in (self, other))
        return min(self.measures.passage, int(_NEARLY_ALL * shorter))

    def shown(self, begin: int, end: int) -> str:
        """The words from *begin* to before *end*, as they are written."""
        return self.told.text[self.spans[begin][0] : self.spans[end - 1][1]]


def _folded(word: str) -> str:
    return word.lower() if word.isascii() else fold(word)
