"""Texts that ask the reader for something: to subscribe, register, sign up, give. Phrases are in `phrases.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from scraper.model import MeterNumbers, Role
from scraper.text import count_words, squash

# A prompt is short; an article that talks about subscriptions has longer paragraphs.
MOST_PROMPT_WORDS = 70
# A text of this length talks about subscriptions rather than offering one, unless it addresses the reader.
_FEWEST_TALK_WORDS = 18
_ADDRESS = re.compile(
    r"\b(?:you|your|Sie|Ihre?[nmrs]?|Ihnen|dein\w*|du|vous|votre|vos|usted|su|tus?|te|je|jouw|uw|voc[êe]|seu|sua|din\w?"
    r"|вы|вас|вам|ваш\w*)\b"
)
_QUOTES = str.maketrans("’‘ʼ“”„«»", "'''" + '"' * 5)

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
    """A phrase that was found: its kind, whether it is enough by itself, and the words."""

    kind: str
    is_sure: bool
    words: str


def find_prompt(text: str) -> Prompt | None:
    """
    The strongest prompt phrase in a short text, if there is one.

    >>> find_prompt("You’ve read 3 of 5 free articles.").kind
    'meter'
    >>> find_prompt("The minister read five articles of the treaty aloud.") is None
    True
    """
    folded = squash(text).translate(_QUOTES).casefold()
    if not folded or count_words(folded) > MOST_PROMPT_WORDS:
        return None
    for is_sure, patterns in _patterns():
        for kind, pattern in patterns:
            if found := pattern.search(folded):
                return Prompt(kind, is_sure, found.group().strip())
    return None


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


@cache
def _patterns() -> tuple[tuple[bool, tuple[tuple[str, re.Pattern[str]], ...]], ...]:
    phrases = tomllib.loads((files("scraper.read") / "phrases.toml").read_text(encoding="utf-8"))
    return tuple(
        (strength == "sure", tuple((kind, re.compile("|".join(rows[strength]))) for kind, rows in phrases.items()))
        for strength in ("sure", "likely")
    )


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
    "month": r"(?:month|mo\b|monat|mois\b|mes\b|mese\b|maand|mån(?:ad)?\b|måned|miesiąc|месяц|ay\b)|月|개월",
    "year": r"(?:year|annual|jahr|jährlich|an\b|année|año|anno|jaar|år\b|rok\b|год|yıl)|年|1년",
    "week": r"(?:week|woche|wöchentlich|semaine|semana|settimana|vecka|uge\b|uke\b|tydzień|недел|hafta)|週",
    "day": r"(?:day|daily|tag\b|täglich|jour\b|día\b|giorno|dag\b)",
}
_PERIOD_WORDS = {period: re.compile(rf"(?<![^\W\d_]){words}") for period, words in _PERIODS.items()}
# A period stands beside its price.
_PERIOD_REACH = 25
_NUMBER_WORDS = {
    word: number for number, word in enumerate("zero one two three four five six seven eight nine ten".split())
}
_COUNT = r"(\d+|one|two|three|four|five|six|seven|eight|nine|ten)"
_LIMITS = (
    re.compile(
        rf"(?:read|used|viewed|gelesen|leído|lu)\s*{_COUNT}?\s*(?:of|out of|von|de|sur|di)\s*(?:your "
        rf"|ihren? |vos |tus )?{_COUNT}\b"
    ),
    re.compile(
        rf"\b{_COUNT}\s*(?:of|/|out of|von)\s*{_COUNT}\s*(?:free |kostenlose[nr]? )?(?:articles?|stories|artikel)"
    ),
)
_LEFT = re.compile(rf"\b{_COUNT}\s+(?:more |free |complimentary )*(?:articles?|stories)\s+(?:left|remaining)")
_PER_MONTH = re.compile(
    rf"\b{_COUNT}\s+(?:free |complimentary |kostenlose )?(?:articles?|stories|artikel)\s+(?:a|per|each"
    rf"|every|pro|im)\s+(?:month|week|monat|woche)"
)


def find_numbers(texts: tuple[str, ...]) -> MeterNumbers:
    """
    What prompts say of limits and prices.

    >>> find_numbers(("You've read  of 5 free articles.", "Unlimited digital access $11/month."))
    MeterNumbers(limit=5, used=None, remaining=None, prices=(11.0,), currency='USD', periods=('month',))
    """
    limit = used = remaining = None
    prices: list[float] = []
    currency = None
    periods: list[str] = []
    for text in texts:
        folded = squash(text).translate(_QUOTES).casefold()
        for pattern in _LIMITS:
            if limit is None and (found := pattern.search(folded)):
                used, limit = _count(found.group(1)), _count(found.group(2))
        if limit is None and (found := _PER_MONTH.search(folded)):
            limit = _count(found.group(1))
        if remaining is None and (found := _LEFT.search(folded)):
            remaining = _count(found.group(1))
        for found in _PRICE.finditer(folded):
            prices.append(_amount(found.group(2) or found.group(3)))
            currency = currency or _CURRENCIES[found.group(1) or found.group(4)]
            periods.extend(
                period
                for period, words in _PERIOD_WORDS.items()
                if any(
                    found.start() - _PERIOD_REACH <= near.start() <= found.end() + _PERIOD_REACH
                    for near in words.finditer(folded)
                )
            )
    return MeterNumbers(limit, used, remaining, tuple(dict.fromkeys(prices)), currency, tuple(dict.fromkeys(periods)))


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
