"""What of a text is compared: its words, or runs of characters where words are not told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scraper.text import fold

# Han and kana: a word has two characters on average. Hangul: what follows a word is written with
# it ("정부는", "정부가"), and two syllables are mostly of the word itself.
_IN_PAIRS = re.compile("[\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile("[\uac00-\ud7a3]+")
# Thai, Lao, Myanmar, Khmer: an alphabet, written without spaces; four signs are about a syllable
# and a half.
_IN_FOURS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


def find_terms(text: str) -> list[str]:
    """
    The terms of a text in their order.

    >>> find_terms("Dredging of the Kanal-Nord began")
    ['dredging', 'of', 'the', 'kanal', 'nord', 'began']
    >>> find_terms("港の停電、NATO"), find_terms("정부는 오늘")
    (['港の', 'の停', '停電', 'nato'], ['정부', '부는', '오늘'])
    """
    folded = fold(text)
    if folded.isascii():
        return folded.split()
    return list(_terms(folded.split()))


def _terms(words: list[str]) -> Iterator[str]:
    run: list[str] = []
    size = 0
    for word in [*words, ""]:
        wanted = 2 if _IN_PAIRS.fullmatch(word) else 4 if _IN_FOURS.fullmatch(word) else 0
        if wanted != size and run:
            yield from _grams("".join(run), size)
            run = []
        size = wanted
        if wanted:
            run.append(word)
        elif _HANGUL.fullmatch(word):
            yield from _grams(word, 2)
        elif word:
            yield word


def _grams(run: str, size: int) -> Iterator[str]:
    """All runs of *size* characters; a shorter text as it is."""
    for start in range(max(1, len(run) - size + 1)):
        yield run[start : start + size]
