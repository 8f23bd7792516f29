"""Two sentences that say what an article is about, in any language. Pure."""

from __future__ import annotations

import re
import unicodedata

from scraper.read.words.sentences import LATIN_MARKS, OTHER_MARKS, WIDE_MARKS, is_abbreviation
from scraper.text import is_unspaced, squash

# Characters: two sentences of a news agency fit, and six lines of a digest on a telephone.
_LONGEST = 320

# Characters that a cut is moved to spare a word; what is longer is none.
_LONGEST_WORD = 40

# Marks that end a sentence: before white space (Latin, Arabic, Urdu, Devanagari …), or anywhere
# (full-width forms).
_END = re.compile(
    rf"""(?: [{LATIN_MARKS}]+ ["'”’»)\]]* (?=\s) | [{OTHER_MARKS}]+ ["'”’»)\]]* | [{WIDE_MARKS}]+ [”’」』）】]* )""",
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"([^\W_](?:[^\s]*[^\W_])?)\W*$")
# "KYIV, Ukraine (Agency) — ", "(Agency) - ", "[東京]": where and by whom it was filed.
_DATELINE = re.compile(
    r"""^(?: [【［\[][^】］\]]{1,40}[】］\]]\s*
           | (?:(?P<place>[^\W\d_]{2}[^\n(—–]{0,50}?)\s*)? (?P<agency>\([^)\n]{2,40}\))? \s*(?:—|–|--|\s-)\s+ )""",
    re.VERBOSE,
)


def find_sentences(text: str) -> tuple[str, ...]:
    """
    The sentences of a text, each with its closing mark.

    A full stop after an initial, an abbreviation or a short number ends nothing, so where "U.S."
    does end a sentence the next one is counted to it: better too long than cut within a name.

    >>> find_sentences("Gen. J. Doe left the U.S. base at 5.30 p.m. on Monday. Nobody knows why!")
    ('Gen. J. Doe left the U.S. base at 5.30 p.m. on Monday.', 'Nobody knows why!')
    >>> find_sentences("雨が降った。道は閉鎖された。")
    ('雨が降った。', '道は閉鎖された。')
    """
    text = squash(text)
    sentences = []
    start = 0
    for end in _END.finditer(text):
        before, after = text[start : end.start()], text[end.end() :].lstrip()
        if after[:1].islower() or (end.group().startswith(".") and not _is_full_stop(before)):
            continue
        sentences.append(text[start : end.end()].strip())
        start = end.end()
    return tuple(sentence for sentence in (*sentences, text[start:].strip()) if sentence)


def _is_full_stop(before: str) -> bool:
    """Whether a dot after *before* ends a sentence."""
    word = _LAST_WORD.search(before)
    if word is None:
        return True
    last = word.group(1)
    # "J." and "St.J."; "3." and "31." of a day.
    is_initial = len(last) == 1 or ("." in last.strip(".") and all(len(part) <= 2 for part in last.split(".")))
    is_ordinal = last.isdigit() and len(last) <= 2
    return not (is_initial or is_ordinal or is_abbreviation(last))


def strip_dateline(text: str) -> str:
    """
    The text without the place and agency it opens with.

    >>> strip_dateline("KYIV, Ukraine (Wire) — The bridge is shut.")
    'The bridge is shut.'
    >>> strip_dateline("The bridge – built in 1900 – is shut.")
    'The bridge – built in 1900 – is shut.'
    """
    found = _DATELINE.match(text)
    if found is None:
        return text
    place = found["place"]
    # A place is in capitals; without a place, the agency or a bracket has to be there.
    first = place.split(",")[0].split()[0] if place else ""
    is_dateline = bool(found["agency"]) or (first.isupper() if place else found.group().lstrip()[:1] in "【［[")
    return text[found.end() :] if is_dateline else text


def extract(paragraphs: tuple[str, ...], longest: int = _LONGEST) -> str:
    """
    The first two sentences, or as much of them as *longest* characters hold.

    Never ends within a word; "…" says that a sentence goes on.
    """
    text = ""
    count = 0
    for paragraph in paragraphs:
        for sentence in find_sentences(paragraph if text else strip_dateline(squash(paragraph))):
            # Scripts without spaces put none between sentences either.
            joined = f"{text}{'' if text.endswith(tuple('。！？｡」』')) else ' '}{sentence}" if text else sentence
            if len(joined) > longest:
                return text or cut(sentence, longest)
            text, count = joined, count + 1
            if count == 2:
                return text
    return text


def cut(sentence: str, longest: int) -> str:
    """The words of one sentence that fit, and "…"."""
    head, space, _ = sentence[:longest].rpartition(" ")
    if not space or len(head) < longest // 2:
        # A script without spaces (or one endless word): between characters, but not before a
        # combining mark.
        end = longest - 1
        while end > 1 and unicodedata.category(sentence[end]).startswith("M"):
            end -= 1
        head = sentence[:end]
    return head[: longest - 1].rstrip(" ,;:–—-、，；：") + "…"


def opening(text: str, longest: int) -> str:
    """
    The text, or as much of its begin as fits, in whole words.

    >>> opening("The bridge is shut.", 12), opening("The bridge", 12)
    ('The bridge…', 'The bridge')
    """
    return text if len(text) <= longest else cut(text, longest)


def window(text: str, begin: int, end: int) -> tuple[int, int]:
    """
    A stretch of a text, made shorter so that it begins and ends with a whole word. In scripts without
    spaces every character is one.

    >>> text = "The harbour gate is shut."
    >>> [text[slice(*window(text, *ends))] for ends in ((6, 18), (4, 20), (0, 22))]
    ['gate', 'harbour gate is', 'The harbour gate is']
    """
    whole_begin, whole_end = begin, end
    while whole_begin < end and (_is_within_word(text, whole_begin) or text[whole_begin].isspace()):
        whole_begin += 1
    while whole_end > begin and (_is_within_word(text, whole_end) or text[whole_end - 1].isspace()):
        whole_end -= 1
    return (
        whole_begin if whole_begin - begin <= _LONGEST_WORD else begin,
        whole_end if end - whole_end <= _LONGEST_WORD else end,
    )


def _is_within_word(text: str, place: int) -> bool:
    """Whether a cut at a place would part a word, or a letter from the mark on it."""
    if not 0 < place < len(text):
        return False
    before, behind = text[place - 1], text[place]
    if unicodedata.category(behind).startswith("M"):
        return True
    return not (before.isspace() or behind.isspace() or is_unspaced(before) or is_unspaced(behind))
