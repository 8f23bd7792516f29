"""Whether a text is enciphered: its letters stand for others, so nobody can read it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

# Words of letters alone: a cipher of letters leaves numbers as they are.
_LETTERS = re.compile(r"[^\W\d_]+")
# Two paragraphs of one language share articles, prepositions and the names that they tell of: one
# word in four. Two languages share names still, a cipher shares nothing.
_MOST_SHARED = 0.02
_FEWEST_WORDS = 20


def words_of(texts: Collection[str]) -> frozenset[str]:
    """The words of some texts that are surely readable."""
    return frozenset(word for text in texts for word in _LETTERS.findall(text.lower()))


def find_enciphered(paragraphs: Sequence[str], known: Collection[str]) -> int:
    """
    The number of the paragraph from which on all to the end is enciphered; how many there are,
    where none is.

    Args:
        known: Words that the page shows in clear.

    >>> clear = "The keeper of the light wrote in the log that the lamp of the tower had failed"
    >>> coded = "Uif lffqfs pg uif mjhiu xspuf jo uif mph uibu uif mbnq pg uif upxfs ibe gbjmfe bhbjo boe bhbjo"
    >>> find_enciphered([clear, coded], words_of([clear])), find_enciphered([clear, clear], words_of([clear]))
    (1, 2)
    """
    first = len(paragraphs)
    count = 0
    for i in range(len(paragraphs) - 1, 0, -1):
        words = _LETTERS.findall(paragraphs[i].lower())
        # Single letters stand in every text, and mean nothing.
        told = [word for word in words if len(word) > 1]
        if sum(word in known for word in told) > _MOST_SHARED * len(told):
            break
        first, count = i, count + len(told)
    return first if count >= _FEWEST_WORDS else len(paragraphs)
