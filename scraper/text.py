"""Words, white space and comparison forms of text in any language. Nothing here depends on English."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

# Scripts that are written without spaces: one character counts as one word.
_UNSPACED = (
    "\u0e00-\u0e7f"  # Thai
    "\u0e80-\u0eff"  # Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3041-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
# The same words in half the time, for most blocks of most pages.
_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# What templates of Jinja, Handlebars, Angular, ERB, JavaScript and mail merge leave where nobody
# fills them, and what programs write for nothing.
_PLACEHOLDER = re.compile(
    r"\{\{.*\}\}|\{%.*%\}|<%.*%>|[$#]\{[^{}]*\}|%%[\w.]+%%|%[A-Za-z_]+%|\[\[?[\w.]+\]?\](?<=\]\])|\{[a-z]+[._]?\w*\}"
    r"|\[object Object\]|undefined|null"
)
_MAY_BE_PLACEHOLDER = frozenset("{}%]")
_EMPTY_WORDS = frozenset(("undefined", "null"))
_BARS = re.compile(r"(\s+[|–—·•-]\s+)")
_STRETCH = re.compile(rf"[^\s{_UNSPACED}]+")


# Characters that nobody sees: soft hyphens, spaces without width, byte order marks, marks of
# direction. Those that join letters are kept in the scripts and signs that need them.
INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|(?:(?<=[\\x00-\u024f])|^)[\u200c\u200d]"
)


def squash(text: str | None) -> str:
    r"""
    The text with every run of white space as one space, and none at its ends; without what nobody
    sees.

    >>> squash("  a\n b\u00a0c "), squash("hos\u00adpital")
    ('a b c', 'hospital')
    """
    return without_invisible(" ".join((text or "").split()))


def without_invisible(text: str) -> str:
    r"""
    A text without the characters that nobody sees, which hide its words from a search.

    >>> without_invisible("hos\u00adpital\ufeff"), without_invisible("می\u200cرود") == "می\u200cرود"
    ('hospital', True)
    """
    # Each of them is "not printable", and most texts have nothing that is.
    return text if text.isascii() or text.isprintable() else INVISIBLE.sub("", text)


def without_placeholders(text: str) -> str:
    """
    The text without parts that a template left unfilled: all of it, or what stands behind a bar or
    a dash.

    >>> without_placeholders("{{site.name}}"), without_placeholders("Locks closed | ${site}")
    ('', 'Locks closed')
    >>> without_placeholders("How {{ csrf }} works - in short")
    'How {{ csrf }} works - in short'
    """
    if _MAY_BE_PLACEHOLDER.isdisjoint(text) and text not in _EMPTY_WORDS:
        return text
    parts = _BARS.split(text)
    kept = [n for n in range(0, len(parts), 2) if not _PLACEHOLDER.fullmatch(parts[n].strip())]
    if len(kept) == len(parts[::2]):
        return text
    return "".join(parts[kept[0] : kept[-1] + 1]).strip() if kept else ""


def words(text: str) -> list[str]:
    """
    The words of a text; in scripts without spaces every character is one.

    >>> words("It's 東京, ok?")
    ['It', 's', '東', '京', 'ok']
    """
    return (_ASCII_WORD if text.isascii() else _WORD).findall(text)


def is_unspaced(character: str) -> bool:
    """
    Whether a character is of a script that is written without spaces, and so counts as a word.

    >>> is_unspaced("東"), is_unspaced("é")
    (True, False)
    """
    return _IS_UNSPACED.match(character) is not None


def word_spans(text: str) -> list[tuple[int, int]]:
    """
    Where each of the `words` of a text begins and ends.

    >>> word_spans("It's 東京")
    [(0, 2), (3, 4), (5, 6), (6, 7)]
    """
    return [word.span() for word in (_ASCII_WORD if text.isascii() else _WORD).finditer(text)]


def count_words(text: str) -> int:
    """How many `words` a text has."""
    return fold_and_count(text)[1]


def fold(text: str | None) -> str:
    """
    The form in which two texts are compared: words alone, compatibility forms and case folded.

    >>> fold("“Ｈello”,  WORLD!") == fold("hello world")
    True
    """
    return fold_and_count(text or "")[0]


# Several stages of reading ask for the same of the same paragraphs.
@lru_cache(maxsize=1024)
def fold_and_count(text: str) -> tuple[str, int]:
    """
    What `fold` gives and what `count_words` gives, at one go.

    >>> fold_and_count("Gate No. 5 opens")
    ('gate no 5 opens', 4)
    >>> fold_and_count("Gate ½")
    ('gate 1 2', 2)
    """
    normal = unicodedata.normalize("NFKC", text)
    folded = normal.casefold()
    found = words(folded)
    # Words come together or fall apart only where characters do.
    is_same = normal == text and len(folded) == len(text)
    return " ".join(found), len(found) if is_same else len(words(text))


def composed(text: str) -> str:
    r"""
    The text in the normal form in which texts are kept (NFC): one way to write what looks and means
    the same.

    >>> composed("e\u0301") == "\u00e9", composed("\uf9e1") == "\u674e", composed("\uff2e")
    (True, True, '\uff2e')
    """
    return without_invisible(unicodedata.normalize("NFC", text))


def search_form(text: str) -> str:
    r"""
    The form in which words are looked for (NFKC): full width, half width, ligatures and the like
    are as plain letters.

    >>> search_form("\uff2e\uff21\uff34\uff2f \uff13\u65e5")
    'NATO 3日'
    """
    return unicodedata.normalize("NFKC", text)


def search_forms(texts: Iterable[str | None]) -> str:
    r"""
    What full-text search must know of texts besides the texts: "" for most.

    That is each line with a word that has another `search_form`, in that form; and the words that
    stand in scripts without spaces, which an index takes for one word with what is around them.

    >>> search_forms(["A plain…text", "\uff2e\uff21\uff34\uff2f\u306f29\u65e5"])
    'NATOは29日\nNATO 29'
    """
    lines: dict[str, None] = {}
    enclosed: dict[str, None] = {}
    for line in _lines_beyond_ascii(texts):
        form = search_form(line)
        if form != line and words(form) != words(line):
            lines[form] = None
        if _IS_UNSPACED.search(form):
            enclosed |= dict.fromkeys(_enclosed(form))
    return "\n".join([*lines, *([" ".join(enclosed)] if enclosed else [])])


def _lines_beyond_ascii(texts: Iterable[str | None]) -> Iterator[str]:
    for text in texts:
        if text and not text.isascii():
            yield from (line for line in text.split("\n") if not line.isascii())


def _enclosed(line: str) -> Iterator[str]:
    """
    Words that a character of a script without spaces stands right before or behind: "NATO",
    "CVE-2024-3094".
    """
    for stretch in _STRETCH.finditer(line):
        text, (start, end) = stretch.group(), stretch.span()
        if (text[0].isalnum() and _IS_UNSPACED.match(line[start - 1 : start])) or (
            text[-1].isalnum() and _IS_UNSPACED.match(line, end)
        ):
            yield text


def find_word(text: str, word: str) -> tuple[int, int] | None:
    r"""
    Where a word stands in a text, in whatever form and case it is written there: its begin and end.

    >>> find_word("Die \uff2e\uff21\uff34\uff2f tagt", "nato")
    (4, 8)
    """
    if (start := text.find(word)) >= 0:
        return start, start + len(word)
    form: list[str] = []
    places: list[int] = []  # for each character of the form, where in the text it comes from
    for place, cluster in _clusters(text):
        piece = search_form(cluster).casefold()
        form.append(piece)
        places += [place] * len(piece)
    wanted = search_form(word).casefold()
    start = "".join(form).find(wanted)
    if start < 0 or not wanted:
        return None
    end = start + len(wanted)
    # The end is where the next cluster begins.
    return places[start], next((place for place in places[end:] if place > places[end - 1]), len(text))


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Each character with the marks on it, and where it stands."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not (text[place] in "\uff9e\uff9f" or unicodedata.combining(text[place])):
            yield start, text[start:place]
            start = place


# ---------------------------------------------------------------- patterns of words

_NOTHING = "(?!)"  # fits nowhere


def any_of(words: Iterable[str]) -> str:
    """
    A pattern that fits the longest of the words, letter by letter: of words that begin alike, one
    look tells.

    >>> any_of(["sign", "signal", "log"]), any_of([])
    ('(?:s(?:i(?:g(?:n(?:a(?:l))?)))|l(?:o(?:g)))', '(?!)')
    """
    return _along_letters(words) or _NOTHING


def one_of(patterns: Iterable[str]) -> str:
    """
    A pattern that fits what one of the patterns does, the first of them first.

    >>> one_of(["logs?", "sign"]), one_of([])
    ('(?:logs?|sign)', '(?!)')
    """
    ways = "|".join(patterns)
    return f"(?:{ways})" if ways else _NOTHING


def _along_letters(words: Iterable[str]) -> str:
    rests: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        rests[word[:1]].append(word[1:])
    ends = rests.pop("", None) is not None
    ways = "|".join(re.escape(letter) + _along_letters(rest) for letter, rest in rests.items())
    return f"(?:{ways}){'?' * ends}" if ways else ""
