"""
Word lists: which of a thousand words and phrases a text has.

The words of a text are looked up, not those of the list: what a text costs does not hang on the
length of the list. Words are those of a query (`scraper.folding`), so that a list finds what a
search finds; an automaton over letters would find parts of words, and need a look at each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from archive.judge.query.holds import variants
from archive.judge.query.parse import read_line
from archive.model.query import Words

_Phrase = tuple[str, ...]


class WordList:
    """
    Words and phrases, a line each, as `read_line` reads them.

    >>> found = WordList(["Orrin Freight", "tide*", "backdoor"])
    >>> found.find("two backdoors of orrin freight in a tidewall".split())
    ('backdoor', 'Orrin Freight', 'tide*')
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines: dict[_Phrase, str] = {}
        # How many words a phrase has that begins with a word; those whose last word goes on, with
        # the length of its beginning; and the lengths of words that go on and stand alone.
        self._lengths: dict[str, set[int]] = {}
        self._open_lengths: dict[str, set[tuple[int, int]]] = {}
        self._beginnings: set[int] = set()
        self._begun: dict[_Phrase, str] = {}
        for line in lines:
            if words := read_line(line):
                self._add(words, line)

    def _add(self, words: Words, line: str) -> None:
        first, count = words.phrase[0], len(words.phrase)
        if words.is_prefix:
            self._begun.setdefault(words.phrase, line)
            length = len(words.phrase[-1])
            if count == 1:
                self._beginnings.add(length)
            else:
                self._open_lengths.setdefault(first, set()).add((count, length))
            return
        forms = [(form,) for form in variants(words, 0)] if count == 1 else [words.phrase]
        for form in forms:
            self._lines.setdefault(form, line)
            self._lengths.setdefault(form[0], set()).add(count)

    def find(self, words: Sequence[str]) -> tuple[str, ...]:
        """The lines of the list that stand in some words, in the order in which they come."""
        return tuple(dict.fromkeys(self._found(tuple(words))))

    def _found(self, words: _Phrase) -> Iterator[str]:
        for at, word in enumerate(words):
            for count in self._lengths.get(word, ()):
                if line := self._lines.get(words[at : at + count]):
                    yield line
            for count, length in self._open_lengths.get(word, ()):
                *first, last = words[at : at + count]
                if line := self._begun.get((*first, last[:length])):
                    yield line
            for length in self._beginnings:
                if line := self._begun.get((word[:length],)):
                    yield line
