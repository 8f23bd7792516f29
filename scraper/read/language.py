"""The language of a text: what the page says, else a guess from its words."""

from __future__ import annotations

import re

from py3langid import langid

from scraper.text import count_words

_TAG = re.compile(r"^([a-zA-Z]{2,3})(?:[-_]|$)")
_FEWEST_WORDS = 8


def find_language(declared: str | None, text: str) -> str | None:
    """
    ISO 639-1 code in lower case; None where the page says nothing and the text is too short to tell.

    >>> find_language("de-AT", ""), find_language(None, "")
    ('de', None)
    """
    if declared and (found := _TAG.match(declared.strip())):
        return found.group(1).lower()
    if count_words(text) < _FEWEST_WORDS:
        return None
    code, _ = langid.classify(text[:3000])
    return str(code)
