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
# Letters by which words that go on are filed. One that is shorter, in a script where that is a word,
# is filed by itself.
_FILED = 2


class WordList:
    """
    Words and phrases, a line each, as `read_line` reads them.

    >>> found = WordList(["Orrin Freight", "tide*", "backdoor"])
    >>> found.find("two backdoors of orrin freight in a tidewall".split())
    ('backdoor', 'Orrin Freight', 'tide*')
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines: dict[_Phrase, str] = {}
        self._begun: dict[_Phrase, str] = {}  # whose last word goes on
        # By the first word of a phrase: how many words it has, and how many letters of the last one
        # where that goes on, else 0. By the first letters of a word that goes on: how many there are.
        self._shapes: dict[str, set[tuple[int, int]]] = {}
        self._lengths: dict[str, set[int]] = {}
        for line in lines:
            if words := read_line(line):
                self._add(words, line)

    def _add(self, words: Words, line: str) -> None:
        first, count, length = words.phrase[0], len(words.phrase), len(words.phrase[-1])
        if not words.is_prefix:
            forms = [(form,) for form in variants(words, 0)] if count == 1 else [words.phrase]
            for form in forms:
                self._lines.setdefault(form, line)
                self._shapes.setdefault(form[0], set()).add((count, 0))
            return
        self._begun.setdefault(words.phrase, line)
        if count == 1:
            self._lengths.setdefault(first[:_FILED], set()).add(length)
        else:
            self._shapes.setdefault(first, set()).add((count, length))

    def find(self, words: Sequence[str]) -> tuple[str, ...]:
        """The lines of the list that stand in some words, in the order in which they come."""
        present = set(words)
        begins = present & self._shapes.keys()
        if self._lengths:
            filed = self._lengths
            begins |= {word for word in present if word[:_FILED] in filed or word[0] in filed}
        return tuple(dict.fromkeys(self._found(tuple(words), begins))) if begins else ()

    def _found(self, words: _Phrase, begins: set[str]) -> Iterator[str]:
        for at, word in enumerate(words):
            if word not in begins:
                continue
            for count, length in self._shapes.get(word, ()):
                phrase = words[at : at + count]
                line = self._begun.get((*phrase[:-1], phrase[-1][:length])) if length else self._lines.get(phrase)
                if line:
                    yield line
            for key in {word[0], word[:_FILED]}:
                for length in self._lengths.get(key, ()):
                    if line := self._begun.get((word[:length],)):
                        yield line
