"""
The form in which words are looked for: what people leave out at the keyboard does not count.

Case, marks on letters, full and half width, letters that are none of a keyboard (ł đ ø ß æ), forms
of Arabic letters and its article, digits of any script. Index, query and alert fold alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from scraper.text import UNSPACED

# Letters that no normal form takes apart, and what is typed for them.
_TYPED = str.maketrans(
    {
        **dict(zip("łđðøħŧŋıĸ", "lddohtnik", strict=True)),
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ə": "e",
        # Arabic and Persian: alef, ya, ta marbuta and kaf in their forms; the stretching sign.
        **dict(zip("ٱىیةۀەک", "اييههةك".replace("ة", "ه"), strict=True)),
        "ـ": "",
    }
)
# Marks on letters that people leave out: Latin, Greek, Cyrillic, Hebrew, Arabic. Vowel signs of
# Indic scripts, and the marks of kana, are letters.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
# The Arabic article, alone or behind "and", "in", "like", "so", "to", with a word behind it.
_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)(?=[\u0621-\u064a]{3})")
# Between two lines in an index, so that no phrase reaches from one to the other; no word is spelt
# so.
LINE_END = "\u01c1"


def fold_letters(text: str) -> str:
    """
    The text in the letters that are looked for.

    >>> fold_letters("Łódź, Tromsø, STRASSE, Straße"), fold_letters("Αθήνα ΕΠΙΘΕΣΗ επίθεση")
    ('lodz, tromso, strasse, strasse', 'αθηνα επιθεση επιθεση')
    >>> fold_letters("посёлке điều الأمن ＮＡＴＯ ケーブル ガ 서울 ٣")
    'поселке dieu الامن nato ケーブル ガ 서울 3'
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).translate(_FOLDED))


class _Folded(dict[int, str]):
    """The form of each letter by its number, found when it is first asked for: for `str.translate`."""

    def __missing__(self, number: int) -> str:
        form = self[number] = _fold_letter(chr(number))
        return form


_FOLDED = _Folded()


def _fold_letter(letter: str) -> str:
    parts = unicodedata.normalize("NFKD", letter).casefold()
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", parts)).translate(_TYPED)
    return "".join(str(digit) if (digit := unicodedata.decimal(sign, None)) is not None else sign for sign in plain)


def search_words(text: str) -> list[str]:
    """
    The words of a text as they are looked for; in scripts without spaces every character is one.

    >>> search_words("القاهرة, CVE-2024-3094 in 東京")
    ['قاهره', 'cve', '2024', '3094', 'in', '東', '京']
    """
    folded = fold_letters(text)
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return [_ARTICLE.sub("", word) if word >= "\u0600" else word for word in _WORD.findall(folded)]


def search_forms(texts: Iterable[str | None]) -> str:
    r"""
    What a full-text index must know of texts besides the texts, since it folds Latin letters alone:
    "" for most.

    That is each line whose words are looked for in another form than the index gives them.

    >>> search_forms(["A café…", "Straße 9\nA plain line"])
    'strasse 9'
    """
    lines = dict.fromkeys(" ".join(search_words(line)) for line in _lines_of_other_forms(texts))
    return f" {LINE_END} ".join(lines)


def _lines_of_other_forms(texts: Iterable[str | None]) -> Iterator[str]:
    for text in texts:
        if text and not text.isascii():
            yield from (line for line in text.split("\n") if not line.isascii() and any(map(_has_other_form, line)))


# The letters of all alphabets that are met in one archive, with those of the commonest ideographs.
@lru_cache(maxsize=1 << 14)
def _has_other_form(letter: str) -> bool:
    """
    Whether SQLite's tokenizer unicode61 (remove_diacritics 2) gives a letter another form than we
    do: it lowers all, and takes the marks off Latin ones.
    """
    if letter.isascii() or not letter.isalnum():
        return not letter.isascii() and bool(_MARKS.match(letter))
    if re.match(rf"[{UNSPACED}\u0600-\u06ff]", letter):  # each character a word; the Arabic article
        return True
    parts = unicodedata.normalize("NFD", letter.lower())
    base, marks = parts[:1], parts[1:]
    is_marked_latin = base.isascii() and all(map(_MARKS.match, marks))
    return _FOLDED[ord(letter)] != (base if is_marked_latin else letter.lower())


def placed_words(text: str) -> Iterator[tuple[str, int, int]]:
    r"""
    The words of a text as they are looked for, with where each stands: begin and end.

    >>> list(placed_words("In Łódź \uff2e\uff21"))
    [('in', 0, 2), ('lodz', 3, 7), ('na', 8, 10)]
    """
    if text.isascii():
        yield from ((found[0], *found.span()) for found in _ASCII_WORD.finditer(text.lower()))
        return
    form: list[str] = []
    places: list[tuple[int, int]] = []  # for each character of the form, which of the text it is of
    for begin, end in _clusters(text):
        piece = fold_letters(text[begin:end])
        form.append(piece)
        places += [(begin, end)] * len(piece)
    for found in _WORD.finditer("".join(form)):
        yield _ARTICLE.sub("", found[0]), places[found.start()][0], places[found.end() - 1][1]


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Each character with the marks on it: where it begins and ends."""
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not (text[place] in "\uff9e\uff9f" or unicodedata.combining(text[place])):
            yield begin, place
            begin = place
