"""
What a text says of who made a picture: whether it is a credit, and where one hides in a caption.

The words are those of [credits] in the files of the languages; agencies are those of `names.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from scraper.languages import Languages
from scraper.read.words.lexicon import of_languages
from scraper.read.words.names import known_names
from scraper.read.words.notices import has_rights_notice
from scraper.read.words.sentences import END_MARKS, ends_sentence
from scraper.text import any_of, count_words

_BRACKETED = re.compile(r"[(\[]([^()\[\]]{2,90})[)\]]\s*\.?\s*$")
# Up to six words before the slash. (Each parted from the next by one space: there is one way to
# read them.)
_SLASHED = re.compile(
    rf"(?:^|(?<=[{END_MARKS}”\"'»])\s+)([^\W\d_][\w'’.-]*(?:\s[^\W\d_][\w'’.-]*){{0,5}}\s?"
    r"(?:\s?[/|–—-]\s?[\w'’. -]{2,40}){1,4})\s*$"
)
_SLASH = re.compile(r"[/|–—-]")
_DASHED = re.compile(r"\s[–—|•·-]\s*([^–—|•·.]{2,70})$")
# Enough to hold a label, and what follows it.
_LONGEST_LABEL = 40
_LOOSE = " \n|–—-•·:"
_POINT_BEHIND = re.compile(r"(?<=[)\]])\.$")
# Shorter words in lower case join names in any language ("of", "von").
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_NOT_A_CREDIT = re.compile(r"[!?;]|\b\d{4}\b.*\b\d{4}\b")
# Not the point behind an initial or a short title.
_SENTENCE_INSIDE = re.compile(rf"[^\W\d_]{{4,}}[{END_MARKS}]\s+\S")
# Several names and the agencies that they work for; a credit that says more is a caption.
MOST_CREDIT_WORDS = 14
# A credit of so many words that ends with a point is a sentence.
_MOST_WORDS_BEFORE_POINT = 6
# In characters, with what stands around it: nothing before these is searched.
_LONGEST_CREDIT = 300
# What a name before an agency in brackets begins behind: the end of a sentence, and not of a short
# title.
_NAME_BEFORE = re.compile(
    rf"(?<=[^\W_]{{4}}[{END_MARKS}])\s+(?:[^\W\d_a-zà-ÿ][\w'’-]*\.?\s+){{1,3}}[^\W\d_a-zà-ÿ][\w'’-]*\.?$"
)
_LAST_WORDS = re.compile(rf"(?:[{END_MARKS}][\"'”»)]?\s+|=\s*)([^{END_MARKS}=]{{2,50}})$")
# Two names and what joins them.
_MOST_LAST_WORDS = 6
_SIGN = re.compile(r"\(c\)\s?[^()]{2,40}$", re.IGNORECASE)
# Full-width letters and signs to narrow ones, place for place (NFKC would move some).
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


# A key of the cache below: compared as the one object that it is.
@dataclass(frozen=True, slots=True, eq=False)
class _Patterns:
    """
    What the words of credits and the agencies make, for the languages in use.

    Args:
        labelled: A label and names at the end of a text.
        agency: An agency; *perhaps_agency* fits more, on lower-case text, and is many times as
            fast.
        start: The beginning of a credit.
        lead: What stands before the names of one.
        label_before: A label at the end of a text; *label_alone*: one that is all of it.
        given: Who gave a picture, without a name.
        joining: Words in lower case that join names.
        reporter: What stands behind a name and makes a credit of it.
    """

    labelled: re.Pattern[str]
    agency: re.Pattern[str]
    perhaps_agency: re.Pattern[str]
    start: re.Pattern[str]
    lead: re.Pattern[str]
    label_before: re.Pattern[str]
    label_alone: re.Pattern[str]
    given: frozenset[str]
    joining: frozenset[str]
    reporter: tuple[str, ...]


@of_languages
def _patterns(languages: Languages) -> _Patterns:
    def any_in(*rows: str) -> str:
        return any_of(languages.words("credits", *rows))

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    agencies = known_names().agencies
    whole = [*agencies.short, *agencies.full, *agencies.pictures]
    anywhere = [*agencies.anywhere, *languages.words("credits", "instead")]
    label = any_in("label")
    return _Patterns(
        labelled=compiled(
            rf"(?:^|[\s(\[|–—-])({label}\s*(?:{any_in('by', 'by_at_end')}|:|/|©|：)\s*.{{2,80}}|©\s*.{{2,80}})"
            r"[)\]]?\s*$"
        ),
        agency=compiled(rf"\b{any_of(whole)}\b|{any_of(anywhere)}"),
        perhaps_agency=re.compile(any_of({*whole, *anywhere})),
        start=compiled(rf"\s*(?:©|\(c\)|{label}\s*(?:{any_in('by')}|:|/|©|：)|copyright\b)"),
        lead=compiled(
            rf"^(?:{label}\s*(?:credit|source)?\s*(?:{any_in('by', 'by_at_end')}|:|：)+\s*"
            r"|(?:\(?c\)|©|copyright(?-i:(?=\s+[^\Wa-z])))\s*)"
        ),
        label_before=compiled(rf"(?<!\S)(?:{label}\s*(?:{any_in('by', 'by_at_end')}|:|：|©)|via)\s*$"),
        # "Montage" and "Screenshot" alone say what a picture is.
        label_alone=compiled(rf"\W*(?:{label}\W*[:：]|(?:photo )?credits?)\W*"),
        given=frozenset(languages.words("credits", "given")),
        joining=frozenset(languages.words("credits", "joining")),
        reporter=languages.words("bylines", "post_behind"),
    )


def is_credit(text: str) -> bool:
    """
    Whether a short text is nothing but a picture credit.

    >>> is_credit("Raad Al Fares/ Shaam News Network/REUTERS"), is_credit("Foto: dpa"), is_credit("He fled on Monday.")
    (True, True, False)
    """
    return _is_credit(text, _patterns())


# Two rules ask it of each short block, and the menus of a site are the same on each of its pages.
@lru_cache(maxsize=4096)
def _is_credit(text: str, patterns: _Patterns) -> bool:
    words = count_words(text)
    if not 0 < words <= MOST_CREDIT_WORDS:
        return False
    is_labelled = patterns.start.match(text) is not None
    agency = patterns.agency.search(text) if not is_labelled and patterns.perhaps_agency.search(text.lower()) else None
    if not (is_labelled or agency) or _NOT_A_CREDIT.search(text) or has_rights_notice(text):
        return False
    return agency is None or _is_of_agency(text, agency.group(), words)


def _is_of_agency(text: str, agency: str, words: int) -> bool:
    """Whether a text that names an agency says no more than who made a picture for it."""
    if _SENTENCE_INSIDE.search(text) or (text.rstrip().endswith(".") and words > _MOST_WORDS_BEFORE_POINT):
        return False
    # An agency alone, after a slash or dash, or after a name: capitals all the way.
    others = [word for word in _LONG_WORD.findall(text.replace(agency, "")) if not word[0].isupper()]
    return len(others) <= (1 if re.search(r"[/|]", text) else 0)


def clean_credit(text: str) -> str | None:
    """
    A credit without labels, brackets around it and loose punctuation; None where it holds nothing
    else.

    >>> clean_credit("(Photo by: Ann Other/AP)"), clean_credit("© Foto: Ann Other (Tide)"), clean_credit("Credits:")
    ('Ann Other/AP', 'Ann Other (Tide)', None)
    """
    patterns = _patterns()
    credit = _without_brackets(text)
    while (shorter := _without_brackets(patterns.lead.sub("", credit))) != credit:
        credit = shorter
    return credit if any(map(str.isalpha, credit)) and not patterns.label_alone.fullmatch(text) else None


def split_caption_text(text: str) -> tuple[str, str | None]:
    """
    The words of a caption, and its credit as it stands there.

    >>> split_caption_text("Rescuers at the port on Monday. (AP Photo/Ann Other)")
    ('Rescuers at the port on Monday.', '(AP Photo/Ann Other)')
    >>> split_caption_text("Der Hafen im Juni. Foto: Ina Muster/dpa")
    ('Der Hafen im Juni.', 'Foto: Ina Muster/dpa')
    >>> split_caption_text("A man (left) waits"), split_caption_text("(Photo: Ann Other)")
    (('A man (left) waits', None), ('', '(Photo: Ann Other)'))
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        for place in (-1, 0):
            if is_credit(lines[place]):
                rest = lines[:-1] if place else lines[1:]
                return "\n".join(rest), lines[place]
    for start in _credit_starts(text):
        return _strip(text[:start]), text[start:].strip()
    return text, None


def _credit_starts(text: str) -> Iterator[int]:
    """
    Where a credit at the end of a text begins, as each way of writing one has it: the most certain
    first.
    """
    tail, labelled = max(0, len(text) - _LONGEST_CREDIT), _patterns().labelled
    start = _start_of(_BRACKETED, text, tail, _is_bracketed_credit)
    if start is not None:
        # Before an agency in brackets can stand who took the picture for it ("Photo: Ann Other
        # (dpa)").
        name = labelled.search(text, tail, start)
        yield name.start() if name and name.start(1) else start
    # To see that there is no slash or dash is cheap; to look for names around one tries every
    # stretch of words.
    slashed = ((_SLASHED, is_credit),) if _SLASH.search(text, tail) else ()
    for pattern, is_accepted in ((labelled, bool), *slashed, (_DASHED, is_credit)):
        start = _start_of(pattern, text, tail, is_accepted)
        if start is not None:
            yield start


def _start_of(pattern: re.Pattern[str], text: str, tail: int, is_accepted: Callable[[str], bool]) -> int | None:
    """
    Where a credit begins that a pattern finds behind *tail*; None where there is none, or nothing
    before it.
    """
    found = pattern.search(text, tail)
    if not found or not found.start(1) or not is_accepted(found[1]) or count_words(found[1]) > MOST_CREDIT_WORDS:
        return None
    return found.start()


def _is_bracketed_credit(text: str) -> bool:
    """
    Whether brackets at the end of a caption hold a credit: names on both sides of a slash or a
    "via".

    >>> _is_bracketed_credit("Northwire Photo/Ilse Brandt"), _is_bracketed_credit("left/right")
    (True, False)
    """
    if is_credit(text):
        return True
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word.lower() not in _patterns().joining]
    return bool(re.search(r"/|\bvia\b", text)) and all(word[0].isupper() for word in words)


def name_before(caption: str) -> str:
    """
    The name that a caption ends with, behind a sentence: an agency in brackets follows, and has the
    picture from it.

    >>> name_before("The harbor at noon. Ann Other"), name_before("The harbor of Ann Other")
    ('Ann Other', '')
    """
    found = _NAME_BEFORE.search(caption)
    return found.group().strip() if found else ""


def find_last_words(text: str) -> int | None:
    """
    Where the last words of a caption begin that are its credit.

    >>> text = "The gate at noon. (Ann Other)"
    >>> text[find_last_words(text) :], find_last_words("The gate at noon. All is well")
    ('(Ann Other)', None)
    """
    patterns = _patterns()
    plain = text.translate(_NARROW)
    if sign := _SIGN.search(plain):
        return sign.start() or None
    found = _LAST_WORDS.search(plain)
    if not found or not can_be_credit(found.group(1), _MOST_LAST_WORDS):
        return None
    last = found.group(1).strip()
    is_given = last.casefold() in patterns.given or last.endswith(patterns.reporter)
    return found.start(1) if is_given or _is_name_in_brackets(last, patterns) or is_credit(last) else None


def _is_name_in_brackets(text: str, patterns: _Patterns) -> bool:
    words = [word for word in text.strip("()").split() if word.lower() not in patterns.joining]
    return text.startswith("(") and text.endswith(")") and not any(word[0].islower() for word in words)


def can_be_credit(text: str, most: int) -> bool:
    """Whether a text of few enough words is no sentence."""
    return 0 < count_words(text) <= most and not ends_sentence(text)


def cut_credit(text: str, start: int, end: int) -> tuple[str, str]:
    """A text without a stretch of it, and the stretch, with a label that stands before it."""
    if label := _patterns().label_before.search(text, max(0, start - _LONGEST_LABEL), start):
        start = label.start()
    return _strip(f"{text[:start]} {text[end:]}"), text[start:end].strip()


def _without_brackets(text: str) -> str:
    """
    A text without loose signs at its ends, and without brackets there that hold all of it or have
    no other.
    """
    inner = _POINT_BEHIND.sub("", text.strip(_LOOSE))
    for opening, closing in ("()", "[]"):
        if opening not in inner and closing not in inner:
            continue
        depths = list(accumulate((char == opening) - (char == closing) for char in inner))
        if inner.startswith(opening) and min(depths[:-1], default=0) > 0:
            inner = inner.removeprefix(opening).removesuffix(closing)
        elif depths and depths[-1] < 0:
            inner = inner.removesuffix(closing)
    return inner.strip(_LOOSE)


def _strip(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" |–—-•·(/=＝")
