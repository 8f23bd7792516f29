"""Texts that ask the reader for something: to subscribe, register, sign up, give. Phrases are in `phrases.toml`."""

from __future__ import annotations

import re
import tomllib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from scraper.model import MeterNumbers, Phrase, Role
from scraper.read.words.vocabulary import Vocabulary
from scraper.read.words.word_index import WordIndex, needed_words
from scraper.text import count_words, squash

# A prompt is short; an article that talks about subscriptions has longer paragraphs.
MOST_PROMPT_WORDS = 70
_MOST_PROMPT_CHARACTERS = 700
# A text of this length talks about subscriptions rather than offering one, unless it addresses the reader.
_FEWEST_TALK_WORDS = 18
_ADDRESS = re.compile(
    r"\b(?:[Yy]ou|[Yy]ours?|Sie|Ihre?[nmrs]?|Ihnen|[Dd](?:u|ir|ich)|[Dd]ein\w*|[Tt]u|[Vv]ous|[Vv]otre|[Vv]os|[Uu]sted|su|sua"
    r"|tus?|te|[Jj]e|[Jj]ouw|uw|[Vv]oc[êe]|seu|[Dd]in\w?|[Вв]ы|[Вв]ас|[Вв]ам|[Вв]аш\w*)\b"
)
# A publisher speaks of itself so in what it asks ("support our work"); those it quotes do, too.
_OURSELVES = re.compile(
    r"\b(?:us|our|uns|unser\w*|nous|notre|nos|nuestr\w+|ci|nostr\w+|ons|onze|nosso\w*|nas|nasz\w*|oss|vår\w*|vores"
    r"|нас|наш\w*)\b"
)
# Scripts of which no word is among the Latin phrases.
_FOREIGN = re.compile(r"[\u0370-\u1dff\u3000-\U0010ffff]")
# What is written with letters needs as many for two words that make a prompt.
_FEWEST_COMPOSED_CHARACTERS = 12
_QUOTES = tuple(zip("’‘ʼ“”„«»", "'''" + '"' * 5, strict=True))

ROLE_OF_KIND = {
    "meter": Role.PAYWALL,
    "subscription": Role.PAYWALL,
    "registration": Role.PAYWALL,
    "newsletter": Role.NEWSLETTER,
    "donation": Role.PROMO,
    "promo": Role.PROMO,
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """
    A phrase that was found.

    Args:
        is_sure: It is enough by itself, wherever it stands.
        words: The phrase, as folded.
        strength: "cut" (says that this text is not all of it), "wall" (asks for something before the reader goes
            on), "mark" (labels an article as kept for some), "sure", or "likely".
    """

    kind: str
    is_sure: bool
    words: str
    strength: str = "sure"


def find_prompt(text: str) -> Prompt | None:
    """
    The strongest prompt phrase in a short text, if there is one; within `phrases_added` also by these phrases.

    >>> find_prompt("You’ve read 3 of 5 free articles.").kind
    'meter'
    >>> find_prompt("The minister read five articles of the treaty aloud.") is None
    True
    """
    return _find_prompt(text, _PHRASES.get() or _phrases_with(()))


# The menus and boxes of a site are the same on each of its pages, and what labels a block is asked again for access.
@lru_cache(maxsize=4096)
def _find_prompt(text: str, phrases: _Phrases) -> Prompt | None:
    if len(text) > _MOST_PROMPT_CHARACTERS:
        return None
    candidates = _index().find(text)
    if not (candidates or phrases.own):  # most blocks of a page
        return None
    folded = _fold(text)
    found = phrases.find(folded, candidates)
    if found:
        if count_words(folded) > MOST_PROMPT_WORDS:
            return None
    elif len(folded) < _FEWEST_COMPOSED_CHARACTERS and not _FOREIGN.search(folded):
        return None
    phrase = phrases.choose(found, folded) if found else None
    if phrase is not None and phrase.is_sure and phrase.kind not in _COMPOSED_KINDS:
        return phrase
    composed = _vocabulary().compose(folded, [language for language in candidates if isinstance(language, str)])
    if composed is None or any(phrase.kind == "newsletter" for phrase in found):
        return phrase
    if phrase is None or _rank(phrase.strength, phrase.kind) > _rank(composed.strength, composed.kind):
        # "For subscribers" is a badge at the head of an article, and can be the end of any heading.
        return Prompt(composed.kind, composed.strength != "mark", composed.word, composed.strength)
    # "… um weiterzulesen" does not say by itself what is asked for.
    is_account = composed.kind == "registration" and phrase.strength == "wall"
    return replace(phrase, kind=composed.kind) if is_account else phrase


class _Phrases:
    """The shipped phrases and somebody's own, which go first where both say as much."""

    def __init__(self, own: tuple[Phrase, ...]) -> None:
        self.own = own
        strongest_first = sorted([*own, *_shipped()], key=lambda phrase: _rank(phrase.strength, phrase.kind))
        rows: dict[tuple[str, str], int] = {}
        # Of a row of `phrases.toml` the first in the text is taken.
        self._places = {
            phrase: (i if phrase in own else rows.setdefault((phrase.kind, phrase.strength), i), i)
            for i, phrase in enumerate(strongest_first)
        }

    def find(self, folded: str, candidates: Iterable[Phrase | str]) -> dict[Phrase, re.Match[str]]:
        """Those that fit, each with what it fits: of the shipped ones among *candidates*, of somebody's own all."""
        # These may be any regular expression: no words are known that they need.
        phrases = [*self.own, *(phrase for phrase in candidates if isinstance(phrase, Phrase))]
        return {phrase: match for phrase in phrases if (match := _compiled(phrase.pattern).search(folded))}

    def choose(self, found: Mapping[Phrase, re.Match[str]], folded: str) -> Prompt | None:
        """The strongest of those that fit."""

        def place(phrase: Phrase) -> tuple[int, int, int]:
            row, number = self._places[phrase]
            return row, found[phrase].start(), number

        for phrase in sorted(found, key=place):
            # A phrase of somebody's own may fit between two letters, or on a space; that is no word to quote.
            if words := found[phrase].group().strip():
                # "Subscribe to our channel" keeps nobody from reading.
                is_offer = phrase.kind == "subscription" and phrase.strength in {"sure", "likely"}
                kind = "promo" if is_offer and _channel().search(folded) else phrase.kind
                return Prompt(kind, phrase.strength != "likely", words, phrase.strength)
        return None


# Few configurations are read for in one process; a worker meets the same one with each page.
_phrases_with = lru_cache(maxsize=8)(_Phrases)
_PHRASES: ContextVar[_Phrases | None] = ContextVar("phrases", default=None)


@contextmanager
def phrases_added(own: tuple[Phrase, ...]) -> Iterator[None]:
    r"""
    Within it, and nowhere else, prompts are known by the phrases *own*, too.

    >>> with phrases_added((Phrase("subscription", "cut", r"\bharbour pass\b"),)):
    ...     find_prompt("The rest comes with a Harbour Pass.").kind
    'subscription'
    >>> find_prompt("The rest comes with a Harbour Pass.") is None
    True
    """
    token = _PHRASES.set(_phrases_with(own))
    try:
        yield
    finally:
        _PHRASES.reset(token)


# What is no literal letter of a pattern, though it may hold one: \S, \N{LATIN SMALL LETTER A}, \u00E4, (?P<Name>.
_NO_LETTERS = re.compile(r"(\\(?:N\{[^}]*\}|x..|u.{4}|U.{8}|.)|\(\?P[<=]\w+|\(\?\(\w+)", re.DOTALL)


def check_pattern(pattern: str) -> None:
    r"""
    Nothing, where *pattern* can be searched for in folded text, and fits on some words of it.

    Raises:
        ValueError: Says what is wrong with it.

    >>> check_pattern(r"\bharbour pass\b")
    >>> check_pattern(r"\bHarbour pass\b")
    Traceback (most recent call last):
    ValueError: texts are compared in lower case, with plain quotes; never found there, try '\bharbour pass\b'
    """
    try:
        # A warning is of what will mean something else in a later Python ("[[").
        with warnings.catch_warnings(action="error"):
            compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        message = f"not a regular expression: {error}"
        raise ValueError(message) from error
    if compiled.search("") or compiled.search(" "):
        message = "fits on a text without words"
        raise ValueError(message)
    parts = _NO_LETTERS.split(pattern)
    folded = "".join(part if i % 2 else _fold_letters(part) for i, part in enumerate(parts))
    if folded != pattern and not compiled.flags & re.IGNORECASE:
        message = f"texts are compared in lower case, with plain quotes; never found there, try '{folded}'"
        raise ValueError(message)


# Kinds that words can tell which no phrase holds together.
_COMPOSED_KINDS = frozenset(("meter", "subscription", "registration"))
STRENGTHS = ("cut", "wall", "mark", "sure", "likely")


def _rank(strength: str, kind: str) -> float:
    """The lowest says most: a counter that adds "subscribe" is a meter, a newsletter that is subscribed to is one."""
    if kind == "meter" and strength in {"wall", "sure"}:
        return 0.4 if strength == "wall" else 0.5
    if strength == "sure" and kind == "newsletter":
        return 1.5
    return STRENGTHS.index(strength)


def _fold(text: str) -> str:
    return _fold_letters(squash(text))


def _fold_letters(text: str) -> str:
    if not text.isascii():
        for typographic, plain in _QUOTES:  # several times as fast as `translate`
            text = text.replace(typographic, plain)
    return text.casefold()


def speaks_to_reader(text: str, prompt: Prompt) -> bool:
    """
    Whether a text with a prompt's words in it is short, addresses somebody, or has them at the head of a sentence.

    >>> prompt = Prompt("newsletter", True, "subscribe to our newsletter")
    >>> speaks_to_reader("Readers who subscribe to our newsletter often stay for years, said one who makes it.", prompt)
    True
    >>> speaks_to_reader("She said that readers who subscribe to our newsletter" + " and others" * 9, prompt)
    False
    """
    if len(text.split()) < _FEWEST_TALK_WORDS or _ADDRESS.search(text):
        return True
    before = text[: text.casefold().find(prompt.words.split(maxsplit=1)[0])].rstrip()
    return not before or before[-1] in ".!?:…"


def speaks_of_itself(prompt: Prompt) -> bool:
    """
    Whether a prompt's words name whoever publishes them; where a text ends, that is the publisher.

    >>> speaks_of_itself(Prompt("donation", True, "support our work"))
    True
    """
    return _OURSELVES.search(prompt.words) is not None


# Tables of `phrases.toml` that are no kinds of prompts.
_WORDS, _ELSEWHERE = "words", "elsewhere"


@cache
def _phrases() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("scraper.read.words") / "phrases.toml").read_text(encoding="utf-8"))


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary(_phrases()[_WORDS])


@cache
def _channel() -> re.Pattern[str]:
    return re.compile(_phrases()[_ELSEWHERE]["channel"])


@cache
def _shipped() -> tuple[Phrase, ...]:
    return tuple(
        Phrase(kind, strength, pattern)
        for kind, rows in _phrases().items()
        if kind not in {_WORDS, _ELSEWHERE}
        for strength, patterns in rows.items()
        for pattern in patterns
    )


@cache
def _index() -> WordIndex[Phrase | str]:
    """The shipped phrases, and the languages of the vocabulary, by the words that they need."""
    phrases = [(needed_words(phrase.pattern), phrase) for phrase in _shipped()]
    return WordIndex([*phrases, *_vocabulary().needed()])


# Most phrases are never met: each is compiled when a text holds a word of it.
_compiled = cache(re.compile)


# ---------------------------------------------------------------- numbers

_CURRENCIES = {
    unit: code
    for code, units in {
        "USD": "$ us$ usd",
        "EUR": "€ eur euro euros",
        "GBP": "£ gbp",
        "CHF": "chf",
        "JPY": "¥ 円",
        "KRW": "₩ 원",
        "SEK": "kr",
        "PLN": "zł pln",
        "TRY": "₺ tl",
        "RUB": "₽ руб",
        "BRL": "r$",
        "AUD": "a$",
        "CAD": "c$",
        "INR": "₹ rs",
    }.items()
    for unit in units.split()
}
_UNIT = "|".join(sorted((re.escape(unit) for unit in _CURRENCIES), key=len, reverse=True))
_AMOUNT = r"\d{1,3}(?:[.,\s]\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_PRICE = re.compile(rf"(?<!\w)({_UNIT})\s?({_AMOUNT})(?!\w)|(?<![\w.,])({_AMOUNT})\s?({_UNIT})(?!\w)")
_PERIODS = {
    "month": r"(?:months?\b|mo\b|monat|mois\b|mese\b|mesi\b|mes\b|meses\b|mês\b|maand|mån(?:ad)?\b|månad|måned|md\b"
    r"|mies(?:iąc|ięcznie)?\b|miesiąc|месяц|мес\b|ay\b|aylık)|月|개월",
    "year": r"(?:years?\b|annual|jahr|jährlich|an\b|année|años?\b|anno\b|ano\b|jaar|år\b|rok\b|год|yıl)|年|1년",
    "week": r"(?:weeks?\b|wk\b|woche|wöchentlich|semaine|semana|settiman|veck|uger?\b|uker?\b|tydzień|tygod|недел"
    r"|hafta)|週",
    "day": r"(?:days?\b|daily|tag\b|täglich|jour\b|día\b|giorno|dag\b|dzień|день|gün\b)",
}
_NUMBER_WORDS = {
    word: number
    for number, words in {
        1: "one ein eine einen einer un une una um uma uno en ett et één jeden один",
        2: "two zwei deux dos due twee dois duas två to dwa два iki",
        3: "three drei trois tres tre drie três trzy три üç",
        4: "four vier quatre cuatro quattro quatro fyra fire cztery четыре dört",
        5: "five fünf cinq cinco cinque vijf fem pięć пять beş",
        6: "six sechs seis sei zes sex seks sześć шесть altı",
        7: "seven sieben sept siete sette zeven sete sju syv siedem семь yedi",
        8: "eight acht huit ocho otto oito åtta åtte otte osiem восемь sekiz",
        9: "nine neun neuf nueve nove negen nio ni dziewięć девять dokuz",
        10: "ten zehn dix diez dieci tien dez tio ti dziesięć десять on",
    }.items()
    for word in words.split()
}
_COUNT = rf"(\d{{1,3}}|{'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))})"
_PERIOD_WORDS = {
    period: re.compile(rf"(?:(?<![\w.,]){_COUNT}\s?|(?<![^\W\d_]))(?P<period>{words})")
    for period, words in _PERIODS.items()
}
# A period stands beside its price.
_PERIOD_REACH = 25
# What a meter counts, and the words that may stand before it.
_PIECE = (
    r"(?:articles?|stor(?:y|ies)|artikel\w*|beiträge?n?|texten?|artículos?|notas|noticias"
    r"|articol[io]|artigos?|matérias|notícias|artykuł\w*|artiklar|artikler|makale\w*|haber\w*|стат\w+|материал\w*"
    r"|記事|本)"
)
_PIECES = (
    r"(?:(?:free|complimentary|kostenlos\w*|frei\w*|gratis\w*|gratuit\w*|offerts?|darmow\w+|bezpłatn\w+|fria?|ücretsiz"
    rf"|бесплатн\w+|premium)[\s-]+)*-?{_PIECE}"
)
_READ = r"(?:read|used|viewed|gelesen|leído|lus?|letto|leu|gelezen|läst|lest|læst|прочитали)"
# Every pattern that counts has one of these.
_COUNTED = re.compile(f"{_PIECE}|{_READ}")
_REMAINS = (
    r"(?:noch|bleiben|reste(?:nt)?|quedan|restano|restam|rimangono|pozostał[oy]|został[oy]|masz jeszcze|nog|kvar"
    r"|осталось)"
)
_LEFT_OVER = r"(?:left|remaining|übrig|restants?|restantes|rimanenti|kvar)"
_OF = r"\s*(?:of|out of|/|von|de|sur|di|su|z|av|af|van|из)\s*"
_LIMITS = (
    re.compile(
        rf"{_READ}\s*(?:\b{_COUNT})?\s*"
        rf"(?:of|out of|von|de|sur|di|su|dei|dos|z|av|af|van|из|/)\s*"
        rf"(?:your |ihren? |vos |tus |tuoi |seus |de |je |dina |dine )?{_COUNT}\b(?!\s*%)"
    ),
    re.compile(rf"\b{_COUNT}{_OF}(?:your )?{_COUNT}\s*{_PIECES}"),
)
# "7 of 8 free articles left": the first number is what remains.
_LEFT_OF = (
    re.compile(rf"\b{_REMAINS}\s+(?:ci |jeszcze )?{_COUNT}{_OF}{_COUNT}\s*{_PIECES}"),
    re.compile(rf"\b{_COUNT}{_OF}{_COUNT}\s*{_PIECES}\s+{_LEFT_OVER}"),
)
_LEFT = (
    re.compile(rf"\b{_COUNT}\s+(?:more )?{_PIECES}\s+{_LEFT_OVER}"),
    re.compile(rf"\b{_REMAINS}\s+{_COUNT}\s+{_PIECES}"),
    re.compile(r"(?:残り|あと)\s*(\d+)\s*(?:本|記事)"),
)
_ALLOWANCES = (
    re.compile(
        rf"\b{_COUNT}\s+{_PIECES}(?:\s+(?:gratis|gratuits?|gratuit[aio]s?|offerts?))?\s+"
        rf"(?:(?:a|per|each|every|pro|im|par|al|por|i|om|в)\s|/)\s*(?P<period>\w+)"
    ),
    re.compile(rf"\b(?:jeden|every|each|chaque|cada|ogni|elke)\s+(?P<period>\w+)\s+{_COUNT}\s+{_PIECES}"),
)
_PERCENT_LEFT = re.compile(
    r"(?:reste(?:nt)?|noch|queda[n]?|resta|pozostało|nog|осталось)\D{0,20}(\d{1,2}) ?%|\b(\d{1,2}) ?% (?:of|des|de|van)"
    r" (?:\w+ )?(?:article|story|text|artikels?)(?: is| are)? (?:left|remain)"
)


_ANY_NUMBER = re.compile(rf"\d|\b(?:{'|'.join(_NUMBER_WORDS)})\b")
_SHORT_LINE = 60


def find_numbers(texts: tuple[str, ...]) -> MeterNumbers:
    """
    What prompts say of limits and prices; a text may go on in the next.

    >>> find_numbers(("You've read  of 5 free articles.", "Unlimited digital access $11/month."))
    ... # doctest: +NORMALIZE_WHITESPACE
    MeterNumbers(limit=5, used=None, remaining=None, prices=(11.0,), currency='USD', periods=('month',),
                 percent_remaining=None)
    """
    # The same offer often stands twice on a page, and most of it are words without a number.
    folded = [text for text in dict.fromkeys(map(_fold, texts)) if _ANY_NUMBER.search(text) or len(text) < _SHORT_LINE]
    if not any(map(_ANY_NUMBER.search, folded)):
        return MeterNumbers()
    counts = _find_counts([*folded, " ".join(folded)])
    prices: list[float] = []
    currency = None
    periods: list[str] = []
    for text in folded:
        found = tuple(_PRICE.finditer(text))
        named = {period: tuple(words.finditer(text)) for period, words in _PERIOD_WORDS.items()} if found else {}
        for price in found:
            prices.append(_amount(price.group(2) or price.group(3)))
            currency = currency or _CURRENCIES[price.group(1) or price.group(4)]
            periods.extend(_periods_near(price, named))
    if (period := counts.pop("period", None)) is not None:
        periods.append(str(period))
    return MeterNumbers(
        prices=tuple(dict.fromkeys(prices)), currency=currency, periods=tuple(dict.fromkeys(periods)), **counts
    )


def _periods_near(price: re.Match[str], named: Mapping[str, Iterable[re.Match[str]]]) -> Iterator[str]:
    """The periods among *named* that stand beside a price: "month", or "3 months" where they are counted."""
    for period, words in named.items():
        places = {max(price.start() - near.end(), near.start("period") - price.end()): near for near in words}
        if places and min(places) <= _PERIOD_REACH:
            count = _count(places[min(places)].group(1))
            yield f"{count} {period}s" if count and count > 1 else period


def _find_counts(texts: list[str]) -> dict[str, Any]:
    """Limit, used, remaining, percent left, and the period of an allowance: the first of each that any text names."""
    counts: dict[str, Any] = {}
    numbered = [text for text in texts if _ANY_NUMBER.search(text)]
    # The patterns try all number words at every word of a text.
    for text in filter(_COUNTED.search, numbered):
        for pattern in _LEFT_OF:
            if "limit" not in counts and (found := pattern.search(text)):
                counts |= {"remaining": _count(found.group(1)), "limit": _count(found.group(2))}
        for pattern in _LIMITS:
            if "limit" not in counts and (found := pattern.search(text)):
                counts |= {"used": _count(found.group(1)), "limit": _count(found.group(2))}
        for pattern in _ALLOWANCES:
            if "limit" not in counts and (found := pattern.search(text)):
                named = (period for period, words in _PERIOD_WORDS.items() if words.match(found.group("period")))
                if period := next(named, None):
                    counts |= {"limit": next(_count(word) for word in found.groups() if _is_count(word))}
                    counts |= {"period": period}
        for pattern in _LEFT:
            if "remaining" not in counts and (found := pattern.search(text)):
                counts["remaining"] = _count(found.group(1))
    if found := next(filter(None, map(_PERCENT_LEFT.search, numbered)), None):
        counts["percent_remaining"] = _count(found.group(1) or found.group(2))
    if "limit" not in counts and "remaining" not in counts:
        counts |= next(filter(None, map(_vocabulary().counts, texts)), {})
    return _fill_in(counts)


def _fill_in(counts: dict[str, Any]) -> dict[str, Any]:
    """Two of limit, used and remaining give the third."""
    limit, used, remaining = (counts.get(name) for name in ("limit", "used", "remaining"))
    if limit is not None and used is None and remaining is not None and remaining <= limit:
        counts["used"] = limit - remaining
    elif limit is not None and used is not None and remaining is None and used <= limit:
        counts["remaining"] = limit - used
    return counts


def _is_count(word: str | None) -> bool:
    return word is not None and (word.isdigit() or word in _NUMBER_WORDS)


def _count(word: str | None) -> int | None:
    if word is None:
        return None
    return int(word) if word.isdigit() else _NUMBER_WORDS[word]


def _amount(text: str) -> float:
    """
    The number that an amount means in either way of writing it.

    >>> _amount("1.299,90"), _amount("3,99"), _amount("1,299"), _amount("39")
    (1299.9, 3.99, 1299.0, 39.0)
    """
    digits = re.sub(r"\s", "", text)
    cents = re.search(r"[.,](\d{1,2})$", digits)
    whole = re.sub(r"[.,]", "", digits[: cents.start()] if cents else digits)
    return float(f"{whole}.{cents.group(1)}" if cents else whole)
