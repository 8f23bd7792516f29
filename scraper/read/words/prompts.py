"""Texts that ask the reader for something: to subscribe, register, sign up, give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from scraper.languages import Languages
from scraper.model import Phrase
from scraper.read.words.lexicon import Lexicon, of_lexicon
from scraper.read.words.names import known_names
from scraper.read.words.phrases import Phrases, fold_prompt, rank, shipped_phrases
from scraper.read.words.sentences import END_MARKS
from scraper.read.words.vocabulary import (
    FOR_A_PRICE,
    MOST_BOX_CHARACTERS,
    MOST_COMPOSED_CHARACTERS,
    Asked,
    Composed,
    Vocabulary,
)
from scraper.read.words.word_index import WordIndex, needed_words
from scraper.text import count_words, one_of

# A prompt is short; an article that talks about subscriptions has longer paragraphs.
MOST_PROMPT_WORDS = 70
# So many characters have 70 words of the longest languages; what is longer is not even folded.
_MOST_PROMPT_CHARACTERS = 700
# A text of this length talks about subscriptions rather than offering one, unless it addresses the
# reader.
_FEWEST_TALK_WORDS = 18
# What is written with letters needs as many for two words that make a prompt.
_FEWEST_COMPOSED_CHARACTERS = 12
# Scripts of which no word is among the Latin phrases.
_FOREIGN = re.compile(r"[\u0370-\u1dff\u3000-\U0010ffff]")
_SENTENCE_END = re.compile(rf"[{END_MARKS}]\s")
_BEFORE_A_SENTENCE = frozenset(f"{END_MARKS}:")
# Kinds that words can tell which no phrase holds together.
_COMPOSED_KINDS = frozenset(("meter", "subscription", "registration"))


@dataclass(frozen=True, slots=True)
class Prompt:
    """
    A phrase that was found.

    Args:
        is_sure: It is enough by itself, wherever it stands.
        words: The phrase, as folded.
        strength: "cut" (says that this text is not all of it), "wall" (asks for something before
            the reader goes on), "mark" (labels an article as kept for some), "sure", or "likely".
    """

    kind: str
    is_sure: bool
    words: str
    strength: str = "sure"


@dataclass(frozen=True, slots=True, eq=False)
class _Patterns:
    """
    What the words of prompts make, for the languages in use.

    Args:
        index: The shipped phrases, and the rules of the vocabulary, by the words that they need.
        channel: What else is subscribed to.
        addressed: How a text speaks to its reader.
        ourselves: How a publisher speaks of itself in what it asks ("support our work"); those it
            quotes do, too.
    """

    vocabulary: Vocabulary
    index: WordIndex[Phrase | Asked]
    channel: re.Pattern[str]
    addressed: re.Pattern[str]
    ourselves: re.Pattern[str]


def _patterns_of(languages: Languages) -> _Patterns:
    vocabulary = languages.derive(Vocabulary)
    phrases = [(needed_words(phrase.pattern), phrase) for phrase in shipped_phrases(languages)]
    addressed, ourselves = (one_of(languages.words("reader", row)) for row in ("addressed", "ourselves"))
    channels = (rf"\b{one_of(known_names().channels)}\b", *languages.words("elsewhere", "channel"))
    return _Patterns(
        vocabulary,
        WordIndex([*phrases, *vocabulary.needed()]),
        re.compile(one_of(channels)),
        re.compile(rf"\b{addressed}\b"),
        re.compile(rf"\b{ourselves}\b"),
    )


# A key of the cache below: compared as the one object that it is.
@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """The patterns of the languages in use, and all phrases that texts are read with."""

    patterns: _Patterns
    phrases: Phrases


@of_lexicon
def _known(lexicon: Lexicon) -> _Known:
    return _known_with(lexicon.languages, lexicon.phrases)


# Few configurations are read for in one process; a worker meets the same one with each page.
@lru_cache(maxsize=8)
def _known_with(languages: Languages, own: tuple[Phrase, ...]) -> _Known:
    return _Known(languages.derive(_patterns_of), Phrases(shipped_phrases(languages), own))


def _patterns() -> _Patterns:
    return _known().patterns


def find_prompt(text: str) -> Prompt | None:
    """
    The strongest prompt phrase in a short text, if there is one.

    >>> find_prompt("You’ve read 3 of 5 free articles.").kind
    'meter'
    >>> find_prompt("The minister read five articles of the treaty aloud.") is None
    True
    """
    return _find_prompt(text, _known())


# The menus and boxes of a site are the same on each of its pages, and what labels a block is asked
# again for access.
@lru_cache(maxsize=4096)
def _find_prompt(text: str, known: _Known) -> Prompt | None:
    patterns, phrases = known.patterns, known.phrases
    candidates = patterns.index.find(text) if len(text) <= _MOST_PROMPT_CHARACTERS else None
    if candidates is None or not (candidates or phrases.own):  # most blocks of a page
        return None
    folded = fold_prompt(text)
    found = phrases.find(folded, candidates)
    if count_words(folded) > MOST_PROMPT_WORDS if found else _is_too_short(folded):
        return None
    phrase = _choose(phrases, found, folded, patterns.channel)
    if _is_settled(phrase, found):
        return phrase
    return _with_composed(phrase, folded, _asked(candidates), patterns.vocabulary)


def _asked(candidates: Iterable[Phrase | Asked]) -> list[Asked]:
    return [each for each in candidates if isinstance(each, Asked)]


def _is_settled(prompt: Prompt | None, found: Iterable[Phrase]) -> bool:
    """Whether the words of a text, put together, can say no more than the phrases in it say."""
    is_settled = prompt is not None and prompt.is_sure and prompt.kind not in _COMPOSED_KINDS
    return is_settled or any(phrase.kind == "newsletter" for phrase in found)


def _is_too_short(folded: str) -> bool:
    """Whether no two words that make a prompt can stand in a text."""
    return len(folded) < _FEWEST_COMPOSED_CHARACTERS and not _FOREIGN.search(folded)


def _choose(
    phrases: Phrases, found: dict[Phrase, re.Match[str]], folded: str, channel: re.Pattern[str]
) -> Prompt | None:
    """What the strongest of the phrases that fit makes of a text."""
    for phrase in phrases.strongest_first(found):
        # A phrase of somebody's own may fit between two letters, or on a space; that is no word to
        # quote.
        if words := found[phrase].group().strip():
            # "Subscribe to our channel" keeps nobody from reading.
            is_offer = phrase.kind == "subscription" and phrase.strength in {"sure", "likely"}
            kind = "promo" if is_offer and channel.search(folded) else phrase.kind
            return Prompt(kind, phrase.strength != "likely", words, phrase.strength)
    return None


def _with_composed(phrase: Prompt | None, folded: str, asked: list[Asked], vocabulary: Vocabulary) -> Prompt | None:
    """What the words of a text say, where that is more than what a phrase in it says."""
    composed = vocabulary.compose(folded, asked)
    if phrase is None:
        return _prompt_of(composed) if composed else None
    composed = composed or _composed_in_sentence(phrase, folded, asked, vocabulary)
    # "Subscribe to our channel" is put together of the same words.
    if composed is None or phrase.kind == "promo":
        return phrase
    if rank(phrase.strength, phrase.kind) > rank(composed.strength, composed.kind):
        return _prompt_of(composed)
    # "… um weiterzulesen" does not say by itself what is asked for.
    is_account = composed.kind == "registration" and phrase.strength == "wall"
    return replace(phrase, kind=composed.kind) if is_account else phrase


def _prompt_of(composed: Composed) -> Prompt:
    # "For subscribers" is a badge at the head of an article, and can be the end of any heading.
    return Prompt(composed.kind, composed.strength not in {"mark", "likely"}, composed.word, composed.strength)


def _composed_in_sentence(phrase: Prompt, folded: str, asked: list[Asked], vocabulary: Vocabulary) -> Composed | None:
    """What a sentence of an offer at some length says is not shown."""
    if phrase.strength != "sure" or len(folded) <= MOST_COMPOSED_CHARACTERS:
        return None
    parts = (vocabulary.compose(part, asked) for part in _SENTENCE_END.split(folded))
    return next((part for part in parts if part is not None and part.strength == "cut"), None)


def find_prompt_in_box(texts: Sequence[str]) -> Prompt | None:
    """
    What the lines of one box ask for together, where no line asks alone.

    >>> find_prompt_in_box(["Read the complete report", "Subscribe", "Sign in"]).strength
    'cut'
    """
    patterns = _patterns()
    folded = fold_prompt(" · ".join(texts))
    if len(folded) > MOST_BOX_CHARACTERS or patterns.channel.search(folded):
        return None
    asked = _asked(patterns.index.find(folded))
    if any(prompt.kind == "donation" for text in texts if (prompt := find_prompt(text))):
        asked = [one for one in asked if one.rule != FOR_A_PRICE]
    composed = patterns.vocabulary.compose(folded, asked, is_box=True)
    return Prompt(composed.kind, is_sure=True, words=composed.word, strength=composed.strength) if composed else None


def is_for_free(text: str) -> bool:
    """Whether a text says of something that it costs nothing."""
    return _patterns().vocabulary.says(fold_prompt(text), "free")


def speaks_to_reader(text: str, prompt: Prompt) -> bool:
    """
    Whether a text with a prompt's words in it is short, addresses somebody, or has them at the head
    of a sentence.

    >>> prompt = Prompt("newsletter", True, "subscribe to our newsletter")
    >>> speaks_to_reader("Readers who subscribe to our newsletter often stay for years, said one who makes it.", prompt)
    True
    >>> speaks_to_reader("She said that readers who subscribe to our newsletter" + " and others" * 9, prompt)
    False
    """
    if len(text.split()) < _FEWEST_TALK_WORDS or _patterns().addressed.search(text):
        return True
    before = _before(text, prompt)
    return not before or before[-1] in _BEFORE_A_SENTENCE


def opens(text: str, prompt: Prompt) -> bool:
    """
    Whether a text begins with a prompt's words.

    >>> opens("Subscribe to our newsletter today.", Prompt("newsletter", True, "subscribe to our newsletter"))
    True
    """
    return not _before(text, prompt)


def _before(text: str, prompt: Prompt) -> str:
    return text[: text.casefold().find(prompt.words.split(maxsplit=1)[0])].rstrip()


def speaks_of_itself(prompt: Prompt) -> bool:
    """
    Whether a prompt's words name whoever publishes them; where a text ends, that is the publisher.

    >>> speaks_of_itself(Prompt("donation", True, "support our work"))
    True
    """
    return _patterns().ourselves.search(prompt.words) is not None
