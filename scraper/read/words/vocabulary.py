"""
Prompts by the words they are made of, whatever stands between those: "Les hele saken med abonnement".

Publishers find new sentences every year, out of the same few words. `[words]` in `phrases.toml` names them by
language; here are the rules that put them together. A rule reads the words of one language at a time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scraper.read.words.word_index import most_telling, needed_words

# Longer texts talk about subscriptions. What is written without spaces, or with few, says as much in fewer characters.
MOST_COMPOSED_CHARACTERS = 170
_FEWER_CHARACTERS = {"ja": 60, "ko": 80}
# A badge, and a question that opens an offer, are a few words.
_OF_FEW_WORDS = frozenset(("want", "kept_for"))
_FEW_CHARACTERS = 60
# A newsletter is asked for in the same words, and keeps nobody from reading.
_RULES = (
    ("subscription", "cut", ("this", "only", "subscriber")),
    ("subscription", "cut", ("rest", "only", "subscriber")),
    ("registration", "wall", ("rest", "register")),
    ("registration", "wall", ("read", "on", "register")),
    ("subscription", "wall", ("read", "on", "subscribe")),
    ("subscription", "wall", ("read", "on", "want")),
    ("subscription", "wall", ("read", "on", "price")),
    ("subscription", "mark", ("kept_for", "subscriber")),
    ("meter", "sure", ("count", "piece", "free", "left")),
    ("meter", "sure", ("count", "piece", "free", "been")),
)
# No part of a price, a share, a date or a longer number.
_COUNT = re.compile(
    r"(?<![\d.,:/$€£¥₩-])(?<![a-z])([1-9]\d?)(?![\d:%]|[.,]\d| ?[%€$£円원₽]| (?:kr|zł|eur|usd|tl|lira)\b)"
)
_MOST_PIECES = 30
_PRICE = re.compile(r"[$€£¥₩₽]\s?\d|\d\s?(?:[$€£¥₩₽円원]|(?:kr|zł|eur|euro|usd|chf|tl)\b)")
_SHARED = {"count": _COUNT, "price": _PRICE}

Words = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Composed:
    """What the words of a text make of it: kind and strength as in `prompts.Prompt`, and the first word that told."""

    kind: str
    strength: str
    word: str


class Vocabulary:
    """The words of `[words]`, by language."""

    def __init__(self, words: Words) -> None:
        self._words = {
            language: {name: re.compile(pattern) for name, pattern in named.items() if name != "stems"} | _SHARED
            for language, named in words.items()
        }
        languages: defaultdict[str, list[str]] = defaultdict(list)
        for language, named in words.items():
            for stem in named["stems"]:
                languages[stem].append(language)
        # Numbered over all languages: the lowest that a text has says which of them is read first.
        numbered = enumerate((stem, language) for stem, its in languages.items() for language in its)
        self._stems: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for number, (stem, language) in numbered:
            self._stems[language].append((number, stem))

    def needed(self) -> Iterator[tuple[frozenset[str], str]]:
        """For each rule in each language the words of which a text has one that it fits, as `needed_words` has them."""
        for language, named in self._words.items():
            for _, _, names in _RULES:
                own = (named[name].pattern for name in names if name not in _SHARED)
                yield most_telling(map(needed_words, own)), language

    def compose(self, folded: str, languages: Collection[str]) -> Composed | None:
        """The first rule that a short text has all words of, in one of these languages."""
        if len(folded) > MOST_COMPOSED_CHARACTERS or not languages:
            return None
        # To look for letters is far cheaper than to look for words.
        told = {
            number: language
            for language in languages
            if (number := next((number for number, stem in self._stems[language] if stem in folded), None)) is not None
        }
        for _, language in sorted(told.items()):
            most = _FEWER_CHARACTERS.get(language, MOST_COMPOSED_CHARACTERS)
            if len(folded) <= most and (composed := _compose(folded, self._words[language])):
                return composed
        return None

    def counts(self, folded: str) -> dict[str, int]:
        """What a composed meter says of `limit`, `used` and `remaining`, as far as it does."""
        numbers = [n for n in map(int, _COUNT.findall(folded)) if n <= _MOST_PIECES]
        if not numbers:
            return {}
        for named in self._words.values():
            if not (named["piece"].search(folded) and named["free"].search(folded)):
                continue
            left, been = named["left"].search(folded), named["been"].search(folded)
            if not (left or been):
                continue
            name = "remaining" if left else "used"
            if len(numbers) == 1:
                return {name: numbers[0]}
            first, second = numbers[:2]
            # "3 of 5", and "of 5 … 3".
            return {"limit": max(first, second), ("used" if been else "remaining"): min(first, second)}
        return {}


def _compose(folded: str, named: Mapping[str, re.Pattern[str]]) -> Composed | None:
    found: dict[str, re.Match[str] | None] = {}

    def has(name: str) -> bool:
        if name not in found:
            found[name] = named[name].search(folded)
        return found[name] is not None

    for kind, strength, names in _RULES:
        if len(folded) > _FEW_CHARACTERS and _OF_FEW_WORDS & set(names):
            continue
        if all(map(has, names)) and not (kind == "registration" and has("subscribe")):
            first = found[names[0]]
            return Composed(kind, strength, first.group() if first else "")
    return None
