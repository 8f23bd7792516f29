"""The language of a text."""

from __future__ import annotations

import pytest

from scraper.read.words.language import find_language, is_filler

_GERMAN = "Der Hafen blieb am Montag geschlossen, weil die Kette der Schleuse in der Nacht durchtrennt worden war."
_ENGLISH = "The harbour stayed closed on Monday, and nobody knew who had cut the chain of the lock in the night."
_RUSSIAN = "Порт оставался закрытым в понедельник, и никто не знал, кто ночью перерезал цепь шлюза."
# As often German as not, the guess says.
_NAMES = "Karlsson, Abiola, Wong, Anders, Muster, Beispiel, Modell, Roe"


@pytest.mark.parametrize(
    ("declared", "text", "language"),
    [
        ("de-AT", _GERMAN, "de"),
        ("en_GB", _ENGLISH, "en"),
        ("FR", _GERMAN, "fr"),
        ("en", _GERMAN, "de"),
        ("en-US", _RUSSIAN, "ru"),
        ("en", f"The gate and the chain of the harbor. {_GERMAN}", "en"),
        ("en", _NAMES, "en"),
        ("en", "Hafen", "en"),
        (None, _NAMES, "de"),
        (None, _RUSSIAN, "ru"),
        ("-", _GERMAN, "de"),
        (None, "Hafen", None),
    ],
    ids=[
        "what the page says",
        "with a region",
        "another than the text’s",
        "English by default",
        "in another script",
        "English words among others",
        "names tell nothing",
        "too short to tell",
        "the best guess",
        "a guess",
        "what is no language",
        "nothing to guess from",
    ],
)
def test_a_page_is_believed_but_for_the_default_of_templates(declared, text, language):
    assert language == find_language(declared, text)


def test_lines_of_signs_end_and_are_no_filler():
    assert not is_filler("* _ • " * 2000)
    assert is_filler("Xxxxx xx xxxxxx xxx xxxx xx.")
