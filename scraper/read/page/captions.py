"""Captions and the credit that hides in them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate

from scraper.read.page.blocks import Block
from scraper.read.page.hints import Hint, hints_of
from scraper.read.page.surroundings import ends_sentence
from scraper.read.words.rights import has_rights_notice
from scraper.text import count_words

# Agencies and stock libraries that credits name, in any language.
_AGENCIES = (
    r"reuters|associated press|\bap\b|\bafp\b|\bdpa\b|getty(?: images)?|epa(?:-efe)?\b|\befe\b"
    r"|\bansa\b|\bansa\b|\btass\b|\bxinhua\b|\bbelga\b|\bapa\b|\bsda\b"
    r"|keystone|imago|shutterstock|alamy|istock|unsplash|picture[ -]alliance|zuma|bloomberg"
    r"|\bap photo\b|news network|news agency|\bupi\b|\bpti\b|\bani\b|\bntb\b"
    r"|\btt\b|ritzau|scanpix|lehtikuva|\bcti?k\b|\bpap\b|\bap images\b|wikimedia(?: commons)?|flickr"
    r"|adobe stock|press association|\bpa\b(?: wire| media)?|nurphoto|sipa"
    r"|رويترز|أ\s?ف\s?ب|тасс|риа новости|ロイター|共同通信|時事通信|ＡＰ|路透社?|新华社|연합뉴스|뉴시스|뉴스1"
    r"|handout|file photo|yonhap|kyodo|jiji|contributed|courtesy"
)
_LABEL = (
    r"(?:photos?|photograph(?:s|er)?|photo credit|image(?:s)?(?: credit| source)?|picture|credits?"
    r"|source|courtesy of|illustration|graphic|video|screenshot|via"
    r"|fotos?|fotograf(?:ie|in|e|o)?|bild(?:er|quelle|rechte|nachweis)?|quelle|grafik|montage"
    r"|symbolbild|archivbild|crédit(?:s)?(?: photo)?|photographie|image"
    r"|foto(?:grafía|grafia)?|imagen|fuente|crédito|immagine|beeld|zdjęcie|фото|источник|写真|사진|图|图片|撮影"
    r"|ảnh|kuvat?|fotó|gambar|isithombe|φωτο(?:γραφία)?|снимка|צילום|تصوير|ภาพ|फोटो)"
)
_LABELLED = re.compile(
    rf"(?:^|[\s(\[|–—-])((?:{_LABEL})\s*(?:by|von|de|:|/|©|：)\s*.{{2,80}}|©\s*.{{2,80}})[)\]]?\s*$", re.IGNORECASE
)
_BRACKETED = re.compile(r"[(\[]([^()\[\]]{2,90})[)\]]\s*\.?\s*$")
# Up to six words before the slash. (Each parted from the next by one space: there is one way to read them.)
_SLASHED = re.compile(
    r"(?:^|(?<=[.!?”\"'»…])\s+)([^\W\d_][\w'’.-]*(?:\s[^\W\d_][\w'’.-]*){0,5}\s?"
    r"(?:\s?[/|–—-]\s?[\w'’. -]{2,40}){1,4})\s*$"
)
_SLASH = re.compile(r"[/|–—-]")
_AGENCY = re.compile(_AGENCIES, re.IGNORECASE)
# Fits more, on lower-case text, and is many times as fast: each alternative is ruled out by its first letter.
_PERHAPS_AGENCY = re.compile(_AGENCIES.replace(r"|\b", "|").lower())
_CREDIT_START = re.compile(rf"\s*(?:©|\(c\)|{_LABEL}\s*(?:by|von|:|/|©|：)|copyright\b)", re.IGNORECASE)
# What stands before the names of a credit.
_LEAD = re.compile(
    rf"^(?:{_LABEL}\s*(?:credit|source)?\s*(?:by|von|de|:|：)+\s*|(?:\(?c\)|©|copyright(?-i:(?=\s+[^\Wa-z])))\s*)",
    re.IGNORECASE,
)
_LABEL_BEFORE = re.compile(rf"(?<!\S)(?:{_LABEL}\s*(?:by|von|de|:|：|©)|via)\s*$", re.IGNORECASE)
_LONGEST_LABEL = 40
# "Montage" and "Screenshot" alone say what a picture is.
_LABEL_ALONE = re.compile(rf"\W*(?:{_LABEL}\W*[:：]|(?:photo )?credits?)\W*", re.IGNORECASE)
_LOOSE = " \n|–—-•·:"
_POINT_BEHIND = re.compile(r"(?<=[)\]])\.$")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_DASHED = re.compile(r"\s[–—|•·-]\s*([^–—|•·.]{2,70})$")
_NOT_A_CREDIT = re.compile(r"[!?;]|\b\d{4}\b.*\b\d{4}\b")
# Not the point behind an initial or a short title.
_SENTENCE_INSIDE = re.compile(r"[^\W\d_]{4,}[.!?…]\s+\S")
_MOST_CREDIT_WORDS = 14
# In characters, with what stands around it: nothing before these is searched.
_LONGEST_CREDIT = 300
# A caption of fewer may be a name, or what a button says.
FEWEST_CAPTION_WORDS = 3
# What a name before an agency in brackets begins behind: the end of a sentence, and not of a short title.
_NAME_BEFORE = re.compile(r"(?<=[^\W_]{4}[.!?…])\s+(?:[^\W\d_a-zà-ÿ][\w'’-]*\.?\s+){1,3}[^\W\d_a-zà-ÿ][\w'’-]*\.?$")
_LAST_WORDS = re.compile(r"(?:[.!?…。][\"'”»)]?\s+|=\s*)([^.!?…。=]{2,50})$")
_MOST_LAST_WORDS = 6
_SIGN = re.compile(r"\(c\)\s?[^()]{2,40}$", re.IGNORECASE)
_SET_APART = frozenset(("span", "small", "cite"))
# Who gave the picture, without a name; "reporter" stands behind one.
_GIVEN = frozenset("supplied submitted file archive archiv archivo cedida zvg".split())
_REPORTER = "기자"
# Full-width letters and signs to narrow ones, place for place (NFKC would move some).
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Words in lower case that join the names of a credit.
_JOINING = frozenset("via and for by of the photo pool courtesy handout file".split())


def split_caption(block: Block) -> tuple[str, str | None]:
    """
    The words of a block that may be a caption, and its credit as it stands there.

    An inline element at either end that is named so, or holds nothing but a credit, settles it; else the text does.
    """
    text, hints = block.text, [hints_of(inline.names) for inline in block.inlines]
    for i, inline in enumerate(block.inlines):
        stretch = text[inline.start : inline.end]
        if not (hints[i] & (Hint.CREDIT | Hint.BYLINE) or is_credit(stretch)) or len(stretch) == len(text):
            continue
        # For whom somebody took it can stand behind the name, in an element of its own; a switch can, too.
        goes_on = hints[i] & Hint.CREDIT and inline.start > 1 and not any(hint & Hint.CAPTION for hint in hints[i:])
        end = len(text) if goes_on else inline.end
        if (end >= len(text) - 2 or inline.start <= 1) and count_words(text[inline.start : end]) <= _MOST_CREDIT_WORDS:
            return _cut(text, inline.start, end)
    return split_caption_text(text)


def part_caption(block: Block) -> tuple[str, str | None]:
    """
    The words of a block that is known to be a caption, and its credit as it stands there.

    Here less is enough than where a text could go on: what stands behind the element that holds the caption, a last
    element of its own, and last words that are no sentence.
    """
    caption, credit = split_caption(block)
    if credit:
        name = _NAME_BEFORE.search(caption) if credit.startswith("(") else None
        return (caption[: name.start()].strip(), f"{name.group().strip()} {credit}") if name else (caption, credit)
    start = _rest_by_markup(block) or _last_words(block.text)
    return _cut(block.text, start, len(block.text)) if start else (block.text, None)


def _rest_by_markup(block: Block) -> int | None:
    """Where the credit begins that elements part from the caption before it."""
    text = block.text
    starts = [inline.end for inline in block.inlines if hints_of(inline.names) & Hint.CAPTION and inline.start <= 1]
    if block.inlines and (last := block.inlines[-1]).tag in _SET_APART and last.end >= len(text) - 1:
        is_parted = ends_sentence(text[: last.start]) or any(other.end == last.start for other in block.inlines)
        is_name = not text[last.start : last.start + 1].islower() and (
            count_words(text[last.start :]) > 1 or is_credit(text[last.start :])
        )
        starts += [last.start] * (is_parted and is_name)
    for start in starts:
        if count_words(text[:start]) >= FEWEST_CAPTION_WORDS and _can_be_credit(text[start:], _MOST_CREDIT_WORDS):
            return start
    return None


def _last_words(text: str) -> int | None:
    """
    Where the last words of a caption begin that are its credit.

    >>> text = "The gate at noon. (Ann Other)"
    >>> text[_last_words(text) :], _last_words("The gate at noon. All is well")
    ('(Ann Other)', None)
    """
    plain = text.translate(_NARROW)
    if sign := _SIGN.search(plain):
        return sign.start() or None
    found = _LAST_WORDS.search(plain)
    if not found or not _can_be_credit(found.group(1), _MOST_LAST_WORDS):
        return None
    last = found.group(1).strip()
    words = [word for word in last.strip("()").split() if word.lower() not in _JOINING]
    is_bracketed = last.startswith("(") and last.endswith(")") and not any(word[0].islower() for word in words)
    is_given = last.casefold() in _GIVEN or last.endswith(_REPORTER)
    return found.start(1) if is_bracketed or is_given or is_credit(last) else None


def _can_be_credit(text: str, most: int) -> bool:
    return 0 < count_words(text) <= most and not ends_sentence(text)


def _cut(text: str, start: int, end: int) -> tuple[str, str]:
    """A text without a stretch of it, and the stretch, with a label that stands before it."""
    if label := _LABEL_BEFORE.search(text, max(0, start - _LONGEST_LABEL), start):
        start = label.start()
    return _strip(f"{text[:start]} {text[end:]}"), text[start:end].strip()


def split_caption_text(text: str) -> tuple[str, str | None]:
    """
    The words of a caption, and its credit as it stands there.

    >>> split_caption_text("Rescuers at the port on Monday. (AP Photo/Ann Other)")
    ('Rescuers at the port on Monday.', '(AP Photo/Ann Other)')
    >>> split_caption_text("Der Hafen im Juni. Foto: Ina Muster/dpa")
    ('Der Hafen im Juni.', 'Foto: Ina Muster/dpa')
    >>> split_caption_text("A man (left) waits")
    ('A man (left) waits', None)
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        for place in (-1, 0):
            if is_credit(lines[place]):
                rest = lines[:-1] if place else lines[1:]
                return "\n".join(rest), lines[place]
    tail = max(0, len(text) - _LONGEST_CREDIT)
    for pattern, is_accepted in (
        (_BRACKETED, _is_bracketed_credit),
        (_LABELLED, bool),
        (_SLASHED, is_credit),
        (_DASHED, is_credit),
    ):
        # To see that there is no slash or dash is cheap; to look for names around one tries every stretch of words.
        found = pattern.search(text, tail) if pattern is not _SLASHED or _SLASH.search(text, tail) else None
        if (
            found
            and found.start(1) > 0
            and is_accepted(found.group(1))
            and count_words(found.group(1)) <= _MOST_CREDIT_WORDS
        ):
            start = found.start()
            # Before an agency in brackets can stand who took the picture for it ("Photo: Ann Other (dpa)").
            if pattern is _BRACKETED and (name := _LABELLED.search(text, tail, start)) and name.start(1):
                start = name.start()
            return _strip(text[:start]), text[start:].strip()
    return text, None


def _is_bracketed_credit(text: str) -> bool:
    """
    Whether brackets at the end of a caption hold a credit: names on both sides of a slash or a "via".

    >>> _is_bracketed_credit("Northwire Photo/Ilse Brandt"), _is_bracketed_credit("left/right")
    (True, False)
    """
    if is_credit(text):
        return True
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word.lower() not in _JOINING]
    return bool(re.search(r"/|\bvia\b", text)) and all(word[0].isupper() for word in words)


# Two rules ask it of each short block, and the menus of a site are the same on each of its pages.
@lru_cache(maxsize=4096)
def is_credit(text: str) -> bool:
    """
    Whether a short text is nothing but a picture credit.

    >>> is_credit("Raad Al Fares/ Shaam News Network/REUTERS"), is_credit("Foto: dpa"), is_credit("He fled on Monday.")
    (True, True, False)
    """
    words = count_words(text)
    if not 0 < words <= _MOST_CREDIT_WORDS:
        return False
    is_labelled = _CREDIT_START.match(text) is not None
    agency = _AGENCY.search(text) if not is_labelled and _PERHAPS_AGENCY.search(text.lower()) else None
    if not (is_labelled or agency) or _NOT_A_CREDIT.search(text) or has_rights_notice(text):
        return False
    if agency is None:
        return True
    if _SENTENCE_INSIDE.search(text) or (text.rstrip().endswith(".") and words > 6):
        return False
    # An agency alone, after a slash or dash, or after a name: capitals all the way.
    others = [word for word in _LONG_WORD.findall(text.replace(agency.group(), "")) if not word[0].isupper()]
    return len(others) <= (1 if re.search(r"[/|]", text) else 0)


def clean_credit(text: str) -> str | None:
    """
    A credit without labels, brackets around it and loose punctuation; None where it holds nothing else.

    >>> clean_credit("(Photo by: Ann Other/AP)"), clean_credit("© Foto: Ann Other (Tide)"), clean_credit("Credits:")
    ('Ann Other/AP', 'Ann Other (Tide)', None)
    """
    credit = _without_brackets(text)
    while (shorter := _without_brackets(_LEAD.sub("", credit))) != credit:
        credit = shorter
    return credit if any(map(str.isalpha, credit)) and not _LABEL_ALONE.fullmatch(text) else None


def _without_brackets(text: str) -> str:
    """A text without loose signs at its ends, and without brackets there that hold all of it or have no other."""
    inner = _POINT_BEHIND.sub("", text.strip(_LOOSE))
    for opening, closing in ("()", "[]"):
        depths = list(accumulate((char == opening) - (char == closing) for char in inner))
        if inner.startswith(opening) and min(depths[:-1], default=0) > 0:
            inner = inner.removeprefix(opening).removesuffix(closing)
        elif depths and depths[-1] < 0:
            inner = inner.removesuffix(closing)
    return inner.strip(_LOOSE)


def _strip(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" |–—-•·(/=＝")
