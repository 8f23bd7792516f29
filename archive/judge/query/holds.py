"""
Whether an article is what a query asks for, judged by its texts alone: what alerts go by, and what
the search of the archive is held against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import assert_never

from archive.model.query import All, Any, Condition, Fact, Is, Not, TextField, Within, Words
from scraper.folding import placed_words, search_words


@dataclass(frozen=True, slots=True)
class Subject:
    """
    What a query can ask of an article.

    Args:
        texts: Its texts.
        facts: Its values of each fact, folded (`scraper.folding.fold_letters`).
        seen_at: When it was first seen.
    """

    texts: Mapping[TextField, str]
    facts: Mapping[Fact, frozenset[str]] = field(default_factory=dict)
    seen_at: datetime | None = None
    published_at: datetime | None = None


def holds(condition: Condition, subject: Subject) -> bool:
    """Whether *subject* is what *condition* asks for."""
    match condition:
        case Words():
            return _has_words(subject, condition)
        case Is():
            return _is_fact(subject, condition)
        case Within():
            return _is_within(subject, condition)
        case Not(part):
            return not holds(part, subject)
        case All(parts):
            return all(holds(part, subject) for part in parts)
        case Any(parts):
            return any(holds(part, subject) for part in parts)
        case _:
            assert_never(condition)


def _has_words(subject: Subject, wanted: Words) -> bool:
    fields = [wanted.field] if wanted.field else list(TextField)
    return any(has_words(subject.texts.get(name, ""), wanted) for name in fields)


def _is_fact(subject: Subject, wanted: Is) -> bool:
    values = subject.facts.get(wanted.fact, frozenset())
    return any(value.startswith(wanted.value) for value in values) if wanted.is_prefix else wanted.value in values


def _is_within(subject: Subject, wanted: Within) -> bool:
    at = subject.published_at if wanted.is_published else subject.seen_at
    if at is None:
        return False
    return (wanted.since is None or at >= wanted.since) and (wanted.until is None or at < wanted.until)


def has_words(text: str, wanted: Words) -> bool:
    r"""
    Whether a line of a text has these words, one behind the other.

    >>> has_words("Two backdoors\nwere shut", Words(("backdoor",)))
    True
    >>> has_words("Two backdoors\nwere shut", Words(("backdoors", "were"), is_exact=True))
    False
    """
    return any(_place(line, wanted) is not None for line in lines_of(text))


def find_words(text: str, *wanted: Words) -> tuple[int, int] | None:
    r"""
    Where in a text one of these stands first: begin and end. In one line the first of them that is there.

    >>> find_words("In Łódź bada", Words(("lodz", "bada"))), find_words("Two gates", Words(("mole",)), Words(("gate",)))
    ((3, 12), (4, 9))
    """
    begin = 0
    for line in text.split("\n"):
        placed = _placed(line)
        found = [word for word, _, _ in placed]
        for words in wanted:
            place = _place(found, words)
            if place is not None:
                return begin + placed[place][1], begin + placed[place + len(words.phrase) - 1][2]
        begin += len(line) + 1
    return None


@lru_cache(maxsize=256)
def _placed(line: str) -> tuple[tuple[str, int, int], ...]:
    """The words of a line with their places. All words that tell of a story are looked for in the same lines."""
    return tuple(placed_words(line))


@lru_cache(maxsize=64)
def lines_of(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of each line of a text. A text is asked for many words: it is taken apart once."""
    return tuple(tuple(search_words(line)) for line in text.split("\n"))


def _place(found: Sequence[str], wanted: Words) -> int | None:
    """At which of some words those that are wanted begin; None where they do not stand there."""
    forms = [variants(wanted, number) for number in range(len(wanted.phrase))]
    for start in range(len(found) - len(forms) + 1):
        if all(found[start + n] in forms[n] for n in range(len(forms) - 1)) and _fits_last(
            found[start + len(forms) - 1], wanted
        ):
            return start
    return None


def _fits_last(word: str, wanted: Words) -> bool:
    if wanted.is_prefix:
        return word.startswith(wanted.phrase[-1])
    return word in variants(wanted, len(wanted.phrase) - 1)


def variants(wanted: Words, number: int) -> tuple[str, ...]:
    """
    The forms in which a word of a phrase is as good: plural and singular, where a single word is
    not in quotation marks.

    >>> variants(Words(("studies",)), 0), variants(Words(("gate",), is_exact=True), 0), variants(Words(("glass",)), 0)
    (('studies', 'study'), ('gate',), ('glass', 'glasses'))
    """
    word = wanted.phrase[number]
    if wanted.is_exact or len(wanted.phrase) > 1 or not word.isascii() or not word.isalpha() or len(word) < _INFLECTED:
        return (word,)
    forms = next(forms for endings, forms in _FORMS if word.endswith(endings))
    return word, *(word[: len(word) - cut] + ending for cut, ending in forms)


# A shorter word with an s behind it is another word ("a", "as"; "new", "news").
_INFLECTED = 4
# Of a word that ends so the other forms: how many letters go, and what comes instead. The first row
# that fits holds.
_FORMS = (
    (("ies",), ((3, "y"),)),
    (("sses", "shes", "ches", "xes", "zes"), ((2, ""),)),
    (("ss", "sh", "ch", "x", "z"), ((0, "es"),)),
    (("s",), ((1, ""),)),
    (("ay", "ey", "iy", "oy", "uy"), ((0, "s"),)),
    (("y",), ((0, "s"), (1, "ies"))),
    (("",), ((0, "s"),)),
)
