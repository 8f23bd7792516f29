"""Captions and the credit that hides in them."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.read.page.blocks import Block, Inline
from scraper.read.page.hints import Hint, hints_of
from scraper.read.words.credits import (
    MOST_CREDIT_WORDS,
    can_be_credit,
    cut_credit,
    find_last_words,
    is_credit,
    name_before,
    split_caption_text,
)
from scraper.read.words.sentences import ends_sentence
from scraper.text import count_words

# A caption of fewer may be a name, or what a button says.
FEWEST_CAPTION_WORDS = 3
_SET_APART = frozenset(("span", "small", "cite"))


def split_caption(block: Block) -> tuple[str, str | None]:
    """
    The words of a block that may be a caption, and its credit as it stands there.

    An inline element at either end that is named so, or holds nothing but a credit, settles it;
    else the text does.
    """
    text, hints = block.text, [hints_of(inline.names) for inline in block.inlines]
    for i, inline in enumerate(block.inlines):
        if not _is_credit_part(text[inline.start : inline.end], hints[i]) or inline.end - inline.start == len(text):
            continue
        end = len(text) if inline.start > 1 and _goes_on(hints[i:]) else inline.end
        if (end >= len(text) - 2 or inline.start <= 1) and count_words(text[inline.start : end]) <= MOST_CREDIT_WORDS:
            return cut_credit(text, inline.start, end)
    return split_caption_text(text)


def _is_credit_part(stretch: str, hint: Hint) -> bool:
    return bool(hint & (Hint.CREDIT | Hint.BYLINE)) or is_credit(stretch)


def _goes_on(hints: Sequence[Hint]) -> bool:
    """
    Whether a credit goes on behind the first of some elements: nothing is named as a caption from
    there on.

    For whom somebody took it can stand behind the name, in an element of its own; a switch can,
    too.
    """
    return bool(hints[0] & Hint.CREDIT) and not any(hint & Hint.CAPTION for hint in hints)


def part_caption(block: Block) -> tuple[str, str | None]:
    """
    The words of a block that is known to be a caption, and its credit as it stands there.

    Here less is enough than where a text could go on: what stands behind the element that holds the
    caption, a last element of its own, and last words that are no sentence.
    """
    caption, credit = split_caption(block)
    if credit:
        name = name_before(caption) if credit.startswith("(") else ""
        return (caption.removesuffix(name).strip(), f"{name} {credit}") if name else (caption, credit)
    start = _rest_by_markup(block) or find_last_words(block.text)
    return cut_credit(block.text, start, len(block.text)) if start else (block.text, None)


def _rest_by_markup(block: Block) -> int | None:
    """Where the credit begins that elements part from the caption before it."""
    text = block.text
    starts = [inline.end for inline in block.inlines if hints_of(inline.names) & Hint.CAPTION and inline.start <= 1]
    if block.inlines and _ends_with_name(text, block.inlines):
        starts.append(block.inlines[-1].start)
    for start in starts:
        if count_words(text[:start]) >= FEWEST_CAPTION_WORDS and can_be_credit(text[start:], MOST_CREDIT_WORDS):
            return start
    return None


def _ends_with_name(text: str, inlines: Sequence[Inline]) -> bool:
    """
    Whether the last inline element ends the text, is parted from what stands before it, and may
    hold a name.
    """
    last = inlines[-1]
    if last.tag not in _SET_APART or last.end < len(text) - 1:
        return False
    is_parted = ends_sentence(text[: last.start]) or any(other.end == last.start for other in inlines)
    name = text[last.start :]
    return is_parted and not name[:1].islower() and (count_words(name) > 1 or is_credit(name))
