"""Where sentences end: the marks of all scripts that news is written in, once."""

from __future__ import annotations

from scraper.languages import Languages
from scraper.read.words.lexicon import of_languages

# Full stops of scripts without capitals (Arabic, Urdu, Hindi, Amharic) and of wide letters
# (Chinese, Japanese).
LATIN_MARKS, OTHER_MARKS, WIDE_MARKS = ".!?…", "؟۔।॥።", "。！？｡"
END_MARKS = LATIN_MARKS + OTHER_MARKS + WIDE_MARKS
CLOSING_MARKS = "”\"'»)]"
_ENDS = frozenset(END_MARKS)
_ENDS_OF_LINES = frozenset(END_MARKS + CLOSING_MARKS + ":;")


def ends_sentence(text: str) -> bool:
    """
    Whether a text ends as a sentence does. Asked of most blocks several times, and a pattern would
    search them whole.

    >>> ends_sentence("“Nobody was hurt.”"), ends_sentence("Read more")
    (True, False)
    """
    return text.rstrip().rstrip(CLOSING_MARKS)[-1:] in _ENDS


def ends_with_mark(text: str) -> bool:
    """
    Whether a text ends with any mark that running text ends its lines with, a colon or a bracket,
    too.

    >>> ends_with_mark("They brought:"), ends_with_mark("Read more")
    (True, False)
    """
    return text.rstrip()[-1:] in _ENDS_OF_LINES


@of_languages
def _abbreviations(languages: Languages) -> frozenset[str]:
    return frozenset(languages.words("sentences", "abbreviations"))


def is_abbreviation(word: str) -> bool:
    """
    Whether a full stop behind a word ends no sentence.

    >>> is_abbreviation("Dr"), is_abbreviation("usw"), is_abbreviation("harbor")
    (True, True, False)
    """
    return word.casefold() in _abbreviations()
