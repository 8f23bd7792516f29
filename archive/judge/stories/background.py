"""
What a word tells: little where most texts of its language have it, much where hardly one does.

A window of some reports cannot say what is common: in ten reports every word is rare, and two texts
of a language that nobody else writes share all their small words. So there is a background of each
language: the shipped one, joined with what the archive itself has counted.
"""

from __future__ import annotations

import math
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import BytesIO

# Chances are kept in steps of half a nat: exp(-15 / 2), one text in 1,800, is that of a word that
# the shipped background does not list. One in 1,000 and one in 10,000 find the same stories.
_STEP = 0.5
_UNLISTED = 15
# So many texts the shipped background is worth, beside those that were counted: 500 and 8,000 do as
# well on the development stories.
_PRIOR_TEXTS = 2_000
_MOST_CHANCE = 0.99  # a word of all texts has still some weight
# What more than half of the reports of a window say is no news of one of them, be it a template or
# the weather. So many reports more, and it may be the one event that a small window is full of.
_EVENT = 4
# Other names of a language, and those that the background has together with it.
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl", "hr": "sh", "bs": "sh", "zsm": "ms"}
UNKNOWN = "und"


@dataclass(frozen=True, slots=True)
class Counts:
    """In how many of *texts* texts of one language each word stands."""

    texts: int = 0
    words: Mapping[str, int] = field(default_factory=dict)


def language_key(language: str | None) -> str:
    """
    The language by which a text is compared.

    >>> language_key("nb"), language_key("de-AT"), language_key(None)
    ('no', 'de', 'und')
    """
    tag = (language or UNKNOWN).lower().replace("_", "-").split("-")[0]
    return _SAME.get(tag, tag)


def count_terms(texts: Iterable[tuple[str, Iterable[str]]]) -> dict[str, Counts]:
    """The counts of each language, of pairs of a `language_key` and the terms of one text."""
    totals: Counter[str] = Counter()
    words: dict[str, Counter[str]] = {}
    for language, terms in texts:
        totals[language] += 1
        words.setdefault(language, Counter()).update(set(terms))
    return {language: Counts(count, words[language]) for language, count in totals.items()}


class Background:
    """
    What each word of each language tells.

    Args:
        counts: What an archive has counted, by `language_key`.
        window: The same of the reports that are to be told apart.
    """

    def __init__(self, counts: Mapping[str, Counts], window: Mapping[str, Counts]) -> None:
        self._counts = counts
        self._window = window
        self._known: dict[tuple[str, str], tuple[float, float]] = {}

    def information(self, language: str, term: str) -> tuple[float, float]:
        """
        How much it tells that a text has a term, in nats: minus the logarithm of the chance that
        one has it; in this window, and anywhere.
        """
        found = self._known.get((language, term))
        if found is None:
            counts = self._counts.get(language, _NONE)
            expected = _PRIOR_TEXTS * math.exp(-_STEP * _shipped_step(language, term))
            anywhere = (counts.words.get(term, 0) + expected) / (counts.texts + _PRIOR_TEXTS)
            here = max(anywhere, _chance_here(self._window.get(language, _NONE), term))
            found = self._known[language, term] = _nats(here), _nats(anywhere)
        return found


_NONE = Counts()


def _nats(chance: float) -> float:
    return -math.log(min(chance, _MOST_CHANCE))


def _chance_here(window: Counts, term: str) -> float:
    """How far a term is common to a window: 0 where half of its reports have it, near 1 where all have."""
    return (2 * (window.words.get(term, 0) - _EVENT) - window.texts) / max(window.texts, 1)


def _shipped_step(language: str, term: str) -> int:
    """
    How rare a word is, in steps.

    Of a language without a background only that is known which holds for all that have one: short
    words are common. By the mean of 40 languages a word of three letters is at step 3, of six at 6.
    """
    listed = _shipped(language)
    if listed is None:
        return min(len(term), _UNLISTED)
    return listed.get(term, _UNLISTED)


@cache
def _shipped(language: str) -> Mapping[str, int] | None:
    with zipfile.ZipFile(BytesIO(_shipped_bytes())) as backgrounds:
        if language not in backgrounds.namelist():
            return None
        lines = backgrounds.read(language).decode().split("\n")
    return {term: step for step, line in enumerate(lines) for term in line.split(" ")}


@cache
def _shipped_bytes() -> bytes:
    return (files("archive.judge.stories") / "background.zip").read_bytes()
