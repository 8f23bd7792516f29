"""How a text ends, and how long it is against what the page says of it: signs that it was cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from scraper.model import Evidence, LabelledBlock, Reason, Role
from scraper.read.access.asks import Ask, Sign, Text
from scraper.read.access.signals import find_login_form, find_wall_container
from scraper.read.facts.metadata import Metadata
from scraper.read.page.parse import Page
from scraper.read.words.language import is_filler
from scraper.read.words.prompts import find_prompt
from scraper.read.words.sentences import ends_with_mark
from scraper.text import count_words

_CUT_END = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|[:：]|[\w,;–—-])\s*$")
_FEWEST_END_WORDS = 4  # a button or a date has fewer
# Walls let a few paragraphs through; a longer text beside a large number is one that was counted
# otherwise.
_LONGEST_TEASER_WORDS = 800
# With the prompt of the wall, which adds two at least, it is enough.
_KEPT_BACK = 2
# With a short text before it, which adds one, it is enough.
_LOGIN_FORM, _BROKEN_OFF = 2, 2
_FEWEST_BROKEN_WORDS = 8  # a name or a place at the end has fewer
_STOP = re.compile(r"\w\s?(?:…|\.\.\.|\[…\])?\s*$")
_BUTTON_BLOCKS = 2  # a wall without a word is a button, below a line at most
# The name that content systems give the pieces of a text in their data, and a piece of text.
_ELEMENTS = "content_elements"
_TEXT_ELEMENT = re.compile(r"\"type\"\s*:\s*\"(?:text|paragraph)\"")
_FEWEST_ELEMENTS = 4  # fewer are a teaser
# Nobody sets filler behind a whole text.
_FILLER = 3
# … nor does anybody encipher anything else.
_ENCIPHERED = 3
_QUOTED = 120  # characters of a text that are evidence


class KeptBack(NamedTuple):
    """
    What a page has of its text behind a wall that can be seen.

    Args:
        where: The name of the script data, or "hidden markup".
        words: How many there are.
    """

    where: str
    words: int


def find_cut_end(text: Text, asks: tuple[Ask, ...], *, is_closed: bool) -> Iterator[Sign]:
    """
    A last paragraph that trails off, stops in a sentence, or announces what does not come.

    Args:
        is_closed: The page says that it is not free: a stop within a sentence is no slip then.
    """
    if not text.body:
        return
    block = _last_paragraph(text, asks)
    if block.role in {Role.BODY, Role.OTHER} and _CUT_END.search(block.text):
        is_guarded = is_closed or _leads_to_offer(text)
        weight = _BROKEN_OFF if is_guarded and _is_broken_off(text, block) else 1
        yield Sign(Evidence("cut-end", _end_of(block.text), "end of body", "preview"), weight)


def _end_of(text: str) -> str:
    """
    The last words of a text, for a quotation.

    >>> _end_of("a" * 5 + " harbour" * 20)[:15]
    'harbour harbour'
    """
    end = text[-_QUOTED:]
    return end if len(text) <= _QUOTED else end[end.find(" ") + 1 :]


def _is_broken_off(text: Text, last: LabelledBlock) -> bool:
    """Whether the last paragraph alone stops within a sentence."""
    paragraphs = [text.blocks[i].text for i in text.body if text.blocks[i].role is Role.BODY]
    others = [paragraph for paragraph in paragraphs if paragraph != last.text]
    stops = _STOP.search(last.text) is not None and count_words(last.text) >= _FEWEST_BROKEN_WORDS
    return stops and len(others) > 1 and all(ends_with_mark(paragraph) for paragraph in others)


def _leads_to_offer(text: Text) -> bool:
    """Whether what stands right behind the text asks to subscribe or to register, be it a button."""
    behind = text.blocks[text.end + 1 : text.end + 1 + _BUTTON_BLOCKS]
    prompts = (find_prompt(block.text) for block in behind if block.number not in text.hidden)
    return any(prompt is not None and prompt.kind in {"subscription", "registration"} for prompt in prompts)


def _last_paragraph(text: Text, asks: tuple[Ask, ...]) -> LabelledBlock:
    """
    The last block of the text, or what leads over to the wall: it can be too short to be known as
    body.
    """
    wall = next((ask.index for ask in asks if ask.where == "after body" and ask.prompt.is_sure), None)
    if wall is not None and text.end < wall - 1 and _leads_over(text.blocks[wall - 1]):
        return text.blocks[wall - 1]
    return text.blocks[text.end]


def _leads_over(block: LabelledBlock) -> bool:
    return block.role is Role.OTHER and block.tag == "p" and count_words(block.text) >= _FEWEST_END_WORDS


def find_shortfall(text: Text, metadata: Metadata) -> Iterator[Sign]:
    """Less than half of the words that the page says its article has."""
    stated = metadata.word_count
    if not stated or not text.words or text.words >= 0.5 * stated:
        return
    if 0.7 * text.characters <= stated <= 1.5 * text.characters:  # some count characters
        return
    if count_words(metadata.article_body or "") >= 0.5 * stated:
        return
    weight = 2 if text.words <= _LONGEST_TEASER_WORDS else 1
    yield Sign(Evidence("word-count", f"{text.words} of {stated} words", "json-ld", "preview"), weight)


# What a page states has captions and boxes besides: only with so much more of it, a paragraph at
# least, is something out of sight.
_MUCH_MORE, _MORE_WORDS = 1.3, 50


def find_hidden_text(text: Text, metadata: Metadata) -> Iterator[Evidence]:
    """
    The rest of a text in the page's data, served and not shown. (What an attribute hides is among
    the blocks.)
    """
    stated = metadata.article_body or ""
    if not text.body or len(stated) <= text.characters:
        return
    whole = count_words(stated)
    if text.words and whole > _MUCH_MORE * text.words + _MORE_WORDS:
        value = f"articleBody has {whole} words, the page shows {text.words}"
        yield Evidence("hidden-text", value, "json-ld", "unknown")


def find_kept_back(text: Text, kept_back: KeptBack | None) -> Iterator[Sign]:
    """The rest of a text behind a visible wall: evidence that it was cut, and never its body."""
    if kept_back is not None:
        value = f"{kept_back.where} has {kept_back.words} words, the page shows {text.words} above a wall"
        yield Sign(Evidence("behind-wall", value, kept_back.where, "preview"), _KEPT_BACK)


def find_filler(text: Text) -> Iterator[Sign]:
    """What fills the place of the rest of a text."""
    for index, block in enumerate(text.blocks[text.end + 1 :], text.end + 1):
        if text.where(index) != "after body":
            return
        if block.role is Role.OTHER and is_filler(block.text):
            yield Sign(Evidence("filler", block.text[:_QUOTED], "after body", "preview"), _FILLER)
            return


def find_enciphered(text: Text) -> Iterator[Sign]:
    """The rest of a text in letters that nobody can read."""
    block = next((block for block in text.blocks if block.reason == Reason.ENCIPHERED), None)
    if block is not None:
        yield Sign(Evidence("enciphered", block.text[:_QUOTED], "end of body", "preview"), _ENCIPHERED)


def find_empty_wall(page: Page, text: Text) -> Iterator[Sign]:
    """
    What stands in the place of the rest of a short text: an element that is named as a wall (a whole
    page can carry one for a script to fill), a form to log in, or nothing where data names more.
    """
    if not text.body or not text.is_short:
        return
    ending = text.blocks[text.end].text
    yield from (Sign(evidence, 1) for evidence in find_wall_container(page, ending))
    yield from (Sign(evidence, _LOGIN_FORM) for evidence in find_login_form(page, ending))
    named = len(_TEXT_ELEMENT.findall(page.text)) if _ELEMENTS in page.text else 0
    if named >= _FEWEST_ELEMENTS and named > 2 * len(text.body):
        yield Sign(Evidence("text-elements", f"{len(text.body)} of {named} are shown", "script", "preview"), 1)
