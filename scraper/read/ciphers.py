"""Text that is enciphered: its letters stand for others, so nobody can read it. Some walls are made so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from string import ascii_lowercase

from scraper.model import LabelledBlock, Reason, Role
from scraper.text import count_words

_MARKS = ".,;:!?\"'()[]«»„“”‚‘’…–—-"
# Two paragraphs of one language share articles, prepositions and the names that they tell of: one
# word in four. Two languages share names still, a cipher shares nothing.
_MOST_SHARED = 0.02
_FEWEST_WORDS = 8  # of fewer, to share nothing is chance
# So many words at the end of a text that share nothing at all with it are none of its language.
_FEWEST_ENCIPHERED_WORDS = 25
_FEWEST_LETTERS = 3  # a cipher of words of one or two letters gives some of the same
# A word of so many letters is met by chance in none of the twenty-five ways to shift letters.
_LONG = 6
# Of words with signs within them (hyphens, apostrophes, digits) a text has one in ten.
_MOST_SIGNS = 0.25
# Addresses, hashes, versions and compounds have these within them, whatever language is around them.
_OF_IDENTIFIERS = frozenset("0123456789./:@-_'’")
# Different words of three letters and more that one shift brings back; by chance it brings one.
_FEWEST_SHIFTED = 4


_FEWEST_PARAGRAPH_WORDS = 6  # less is a name, a place, a date
# Code and tables have words of their own.
_RUNNING = frozenset((Role.BODY, Role.QUOTE, Role.LIST))
_HEAD = frozenset((Role.HEADLINE, Role.DEK))


def without_enciphered(blocks: tuple[LabelledBlock, ...]) -> tuple[LabelledBlock, ...]:
    """The blocks with what is enciphered as no text."""
    paragraphs = [i for i, block in enumerate(blocks) if _is_paragraph(block)]
    head = [block.text for block in blocks if block.role in _HEAD]
    first = _first_enciphered([blocks[i].text for i in paragraphs], head)
    coded = frozenset(paragraphs[first:])
    if not coded:
        return blocks
    return tuple(
        block._replace(role=Role.OTHER, reason=Reason.ENCIPHERED) if i in coded else block
        for i, block in enumerate(blocks)
    )


def _is_paragraph(block: LabelledBlock) -> bool:
    return block.role in _RUNNING and block.tag != "pre" and count_words(block.text) >= _FEWEST_PARAGRAPH_WORDS


def _first_enciphered(texts: Sequence[str], head: Sequence[str]) -> int:
    """The number of the first enciphered paragraph; how many there are, where none is."""
    if not texts:
        return 0
    known = set(_words_of(head))
    # Most texts are told by their last paragraph: to compare all words of all is dear.
    in_clear = known.union(_words_of(texts[:1]))
    if _find_enciphered(texts[-1:], in_clear) == 0:
        first = max(_find_enciphered(texts, in_clear), 1)
        in_clear = known.union(_words_of(texts[:first]))
        tail = _words_of(texts[first:])
        if len(tail) >= _FEWEST_ENCIPHERED_WORDS and in_clear.isdisjoint(tail) and _is_coded(tail, in_clear):
            return first
    # The first paragraph shares a word with the head, mostly.
    if known and all(known.isdisjoint(_words_of((text,))) for text in texts) and _is_shifted(texts, known):
        return 0
    return len(texts)


def _words_of(texts: Iterable[str]) -> list[str]:
    """The words of some texts; a cipher of letters leaves numbers as they are, so they are none."""
    words = (word.strip(_MARKS) for text in texts for word in text.lower().split())
    return [word for word in words if len(word) >= _FEWEST_LETTERS and not word.isdigit()]


def _find_enciphered(paragraphs: Sequence[str], known: Collection[str]) -> int:
    """
    The number of the paragraph from which on all to the end is enciphered; how many there are,
    where none is.

    Args:
        known: Words that the page shows in clear.

    >>> clear = "The keeper of the light wrote in the log that the lamp of the tower had failed"
    >>> coded = "Uif lffqfs pg uif mjhiu xspuf jo uif mph uibu uif mbnq pg uif upxfs ibe gbjmfe bhbjo boe npsf"
    >>> [_find_enciphered([clear, other], set(_words_of([clear]))) for other in (coded, clear)]
    [1, 2]
    """
    first, count = len(paragraphs), 0
    for i in range(len(paragraphs) - 1, -1, -1):
        words = _words_of(paragraphs[i : i + 1])
        if sum(word in known for word in words) > _MOST_SHARED * len(words):
            break
        first, count = i, count + len(words)
    return first if count >= _FEWEST_WORDS else len(paragraphs)


def _is_coded(words: Sequence[str], known: Collection[str]) -> bool:
    """
    Whether words that share nothing with *known* ones are no other language: signs stand within
    them, or letters are shifted.
    """
    signs = sum(not word.isalpha() and _OF_IDENTIFIERS.isdisjoint(word) for word in words)
    if signs > _MOST_SIGNS * len(words):
        return True
    long = {word for word in known if len(word) >= _FEWEST_LETTERS and word.isascii() and word.isalpha()}
    found = set(words)
    return any(len({word.translate(table) for word in long} & found) >= _FEWEST_SHIFTED for table in _tables())


def _tables() -> Iterable[dict[int, int]]:
    shifts = (ascii_lowercase[by:] + ascii_lowercase[:by] for by in range(1, len(ascii_lowercase)))
    return (str.maketrans(ascii_lowercase, shifted) for shifted in shifts)


def _is_shifted(paragraphs: Iterable[str], known: Iterable[str]) -> bool:
    """
    Whether each letter of some texts stands for the one a few places on, and has one of the longer
    *known* words then.

    >>> _is_shifted(["Jo uif ibscpvs"], ["harbour"]), _is_shifted(["In the harbour"], ["harbour"])
    (True, False)
    """
    words = set(_words_of(paragraphs))
    long = {word for word in known if len(word) >= _LONG and word.isascii() and word.isalpha()} - words
    return any(word.translate(table) in words for table in _tables() for word in long)
