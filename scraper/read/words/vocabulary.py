"""
Prompts by the words they are made of, whatever stands between those: "Les hele saken med
abonnement".

Publishers find new sentences every year, out of the same few words. [asking] in the files of the
languages names the words; here are the rules that put them together. A rule reads the words of one
language at a time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scraper.languages import Language, Languages
from scraper.read.words.word_index import most_telling, needed_words
from scraper.text import any_of

# Kind, strength, and the rows of which a text has a word each.
Rule = tuple[str, str, tuple[str, ...]]
# Longer texts talk about subscriptions. (Files of languages that say as much in fewer characters
# name their own.)
MOST_COMPOSED_CHARACTERS = 170
# A badge, and a question that opens an offer, are a few words.
_OF_FEW_WORDS = frozenset(("want", "kept_for"))
_FEW_CHARACTERS = 60  # ten words or so
# Longer boxes hold several things, of which each asks for something of its own.
MOST_BOX_CHARACTERS = 300
# A newsletter is asked for in the same words, and keeps nobody from reading. What is said of the
# whole or of the rest says that this is not all.
_CUT_RULES: tuple[Rule, ...] = (
    ("subscription", "cut", ("this", "only", "subscriber")),
    *(
        ("subscription", "cut", (what, asked))
        for what in ("whole", "rest")
        for asked in ("subscriber", "subscribe", "unlock", "price")
    ),
    ("registration", "cut", ("whole", "register")),
    ("subscription", "cut", ("this", "need", "subscribe")),
    ("subscription", "cut", ("this", "unlock", "subscribe")),
    ("registration", "cut", ("this", "need", "register")),
    ("subscription", "cut", ("ends", "subscriber")),
    ("subscription", "cut", ("ends", "subscribe")),
    ("registration", "cut", ("ends", "register")),
    ("meter", "cut", ("share", "text", "subscriber")),
    ("meter", "cut", ("share", "text", "left")),
    ("meter", "cut", ("share", "text", "been")),
)
_WALL_RULES: tuple[Rule, ...] = (
    ("registration", "wall", ("rest", "register")),
    ("registration", "wall", ("read", "on", "register")),
    ("subscription", "wall", ("read", "on", "subscribe")),
    ("subscription", "wall", ("read", "on", "subscriber")),
    ("subscription", "wall", ("read", "on", "want")),
    ("subscription", "wall", ("read", "on", "price")),
    ("subscription", "wall", ("go_on", "subscribe")),
    ("meter", "wall", ("spent", "piece", "free")),
)
# "This article", and a price: in a box that asks for a gift, it is free, and the price is none.
FOR_A_PRICE: Rule = ("subscription", "wall", ("this", "price"))
# What the lines of one box say together: what is sold, and the price. Other rules want one line.
BOX_RULES = (
    *_CUT_RULES,
    FOR_A_PRICE,
    ("subscription", "wall", ("read", "on", "price")),
)
RULES = (
    *_CUT_RULES,
    *_WALL_RULES,
    ("subscription", "mark", ("kept_for", "subscriber")),
    ("meter", "sure", ("count", "piece", "free", "left")),
    ("meter", "sure", ("count", "piece", "free", "been")),
    # A counter among a wall's words need not say that its articles are free.
    ("meter", "likely", ("count", "piece", "left")),
    ("meter", "likely", ("few", "piece", "left")),
)
# Of two rules that fit, the first says more.
_PLACES, _PLACES_IN_BOX = ({rule: place for place, rule in enumerate(rules)} for rules in (RULES, BOX_RULES))
# No part of a price, a share, a date or a longer number.
_COUNT = re.compile(
    r"(?<![\d.,:/$€£¥₩-])(?<![a-z])([1-9]\d?)(?![\d:%]|[.,]\d| ?[%€$£円원₽]| (?:kr|zł|eur|usd|tl|lira)\b)"
)
# A larger number counts something else: no meter gives away an article a day.
_MOST_PIECES = 30
_PRICE = re.compile(
    r"[$€£¥₩₽₹₺₴₫฿₱₪]\s?\d|\b(?:s/\.?|rp|rm|chf|eur|usd|gbp) ?\d"
    r"|\d\s?(?:[$€£¥₩₽₹₺₴₫฿円원元]|(?:kr|zł|kč|ft|lei|лв|грн|руб|eur|euros?|usd|chf|tl)\b)"
)
# "43,5 %", "%68", "70 percent", in the letters of any language.
_PERCENT = r"(?:[%％٪]|per ?cent|prozent|prosent|procent|pour ?cent|por ciento|por cento|per cento|процент)"
_SHARE = re.compile(rf"(?<![\d.,])(\d{{1,2}})(?:[.,]\d+)? ?{_PERCENT}|[%％]\s?(\d{{1,2}})(?![\d])")
_SHARED = {"count": _COUNT, "price": _PRICE, "share": _SHARE}
_STEMS = "stems"


def has_price(folded: str) -> bool:
    """Whether an amount of money is named."""
    return _PRICE.search(folded) is not None


@dataclass(frozen=True, slots=True)
class Composed:
    """
    What the words of a text make of it: kind and strength as in `prompts.Prompt`, and the first
    word that told.
    """

    kind: str
    strength: str
    word: str


class Asked(NamedTuple):
    """A rule that may fit a text, since that has a word which the rule needs in a language."""

    language: str
    rule: Rule


class Vocabulary:
    """The words of [asking], by language."""

    def __init__(self, languages: Languages) -> None:
        asking = {code: each for code, each in languages.languages.items() if each.words("asking", _STEMS)}
        self._most_characters = {
            code: each.most_asking_characters or MOST_COMPOSED_CHARACTERS for code, each in asking.items()
        }
        self._words = {code: _patterns_of(each) for code, each in asking.items()}
        self._stems = _number_stems({code: each.words("asking", _STEMS) for code, each in asking.items()})

    def needed(self) -> Iterator[tuple[frozenset[str], Asked]]:
        """
        For each rule in each language the words of which a text has one that it fits, as
        `needed_words` has them.
        """
        for language, named in self._words.items():
            for rule in dict.fromkeys((*RULES, *BOX_RULES)):
                names = rule[2]
                own = [named[name].pattern for name in names if name in named and name not in _SHARED]
                # A language may lack the words of a rule; the rule is none of it then.
                if len(own) == sum(name not in _SHARED for name in names):
                    yield most_telling(map(needed_words, own)), Asked(language, rule)

    def compose(self, folded: str, asked: Collection[Asked], *, is_box: bool = False) -> Composed | None:
        """
        The first rule that a short text has all words of, in one of the languages.

        Args:
            asked: The rules that are tried; no other may fit.
            is_box: The text is all lines of an offer, which are more than one line.
        """
        if len(folded) > (MOST_BOX_CHARACTERS if is_box else MOST_COMPOSED_CHARACTERS) or not asked:
            return None
        places = _PLACES_IN_BOX if is_box else _PLACES
        rules: defaultdict[str, list[Rule]] = defaultdict(list)
        for language, rule in asked:
            if rule in places:
                rules[language].append(rule)
        # In one order, however they come: two languages may share the words of a rule.
        languages = [language for language in self._words if language in rules]
        for language in languages if is_box else self._told(folded, languages):
            if is_box or len(folded) <= self._most_characters[language]:
                in_order = sorted(rules[language], key=places.__getitem__)
                if composed := _compose(folded, self._words[language], in_order):
                    return composed
        return None

    def _told(self, folded: str, languages: Collection[str]) -> Iterable[str]:
        """The languages whose prompts a text can be one of, the likeliest first."""
        # To look for letters is far cheaper than to look for words. A share needs no other word.
        if len(folded) <= _FEW_CHARACTERS + 20 or _SHARE.search(folded):
            return languages
        told = {
            number: language
            for language in languages
            if (number := next((number for number, stem in self._stems[language] if stem in folded), None)) is not None
        }
        return [language for _, language in sorted(told.items())]

    def says(self, folded: str, row: str) -> bool:
        """Whether a text has a word of a row in any language."""
        return any(_search(named, row, folded) for named in self._words.values())

    def share_left(self, folded: str) -> int | None:
        """How many in a hundred of a text are left to read; what was read of it counts from the other end."""
        found = _SHARE.search(folded)
        if found is None:
            return None
        share = int(found[1] or found[2])
        for named in self._words.values():
            if _search(named, "text", folded):
                if _search(named, "left", folded):
                    return share
                if _search(named, "been", folded):
                    return 100 - share
        return None

    def counts(self, folded: str) -> dict[str, int]:
        """What a composed meter says of `limit`, `used` and `remaining`, as far as it does."""
        numbers = [n for n in map(int, _COUNT.findall(folded)) if n <= _MOST_PIECES]
        if not numbers:
            return {}
        counted = next(filter(None, (_counted(named, folded) for named in self._words.values())), None)
        if counted is None:
            return {}
        if len(numbers) == 1:
            return {counted[0]: numbers[0]}
        first, second = numbers[:2]
        # "3 of 5", and "of 5 … 3".
        return {"limit": max(first, second), counted[1]: min(first, second)}


def _patterns_of(language: Language) -> Mapping[str, re.Pattern[str]]:
    rows = {row: words for row, words in language.tables["asking"].items() if row != _STEMS}
    patterns = {row: re.compile("|".join(words)) for row, words in rows.items()} | _SHARED
    numbers = [form for forms in language.words("counts", "numbers") for form in forms.split()]
    return patterns | ({"few": re.compile(rf"\b{any_of(numbers)}\b")} if numbers else {})


def _number_stems(stems: Mapping[str, Iterable[str]]) -> Mapping[str, Sequence[tuple[int, str]]]:
    """
    The stems of each language, numbered over all: the lowest that a text has says which is read
    first.
    """
    with_stem: defaultdict[str, list[str]] = defaultdict(list)
    for code, its in stems.items():
        for stem in its:
            with_stem[stem].append(code)
    numbered: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, (stem, code) in enumerate((stem, code) for stem, codes in with_stem.items() for code in codes):
        numbered[code].append((number, stem))
    return numbered


def _counted(named: Mapping[str, re.Pattern[str]], folded: str) -> tuple[str, str] | None:
    """
    What the number of a meter counts where it is the only one, and the lower of two; None where
    nothing says so.
    """
    if not (_search(named, "piece", folded) and _search(named, "free", folded)):
        return None
    left, been = (_search(named, row, folded) for row in ("left", "been"))
    if not (left or been):
        return None
    return "remaining" if left else "used", "used" if been else "remaining"


def _compose(folded: str, named: Mapping[str, re.Pattern[str]], rules: Sequence[Rule]) -> Composed | None:
    found: dict[str, re.Match[str] | None] = {}

    def has(name: str) -> bool:
        if name not in found:
            found[name] = _search(named, name, folded)
        return found[name] is not None

    for kind, strength, names in rules:
        if len(folded) > _FEW_CHARACTERS and not _OF_FEW_WORDS.isdisjoint(names):
            continue
        # Who has an account is a member, too: "free members read the rest".
        is_member = names[1:] == ("subscriber",) and has("register")
        if all(map(has, names)) and not is_member and not (kind == "registration" and has("subscribe")):
            first = found[names[0]]
            return Composed(kind, strength, first.group() if first else "")
    return None


def _search(named: Mapping[str, re.Pattern[str]], row: str, folded: str) -> re.Match[str] | None:
    """What a text has of the words of a row; None where the language has none."""
    return named[row].search(folded) if row in named else None
