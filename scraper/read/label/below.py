"""
What stands with the text and is none of it: notes on the author, what lawyers ask for, the text
read aloud, and other articles that follow on the page.

Looked at when the model has spoken: all of it reads like text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from scraper.model import BODY_ROLES, Role
from scraper.read.label import rules
from scraper.read.label.label import Clues, Label, Rule
from scraper.read.page.blocks import Block, Element
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.surroundings import View
from scraper.read.words.bylines import has_post
from scraper.read.words.notices import disclaims, is_above_notes, is_of_sound, presents_author
from scraper.text import fold

# An article, be it short, stands above what is below it.
_FEWEST_WORDS_ABOVE = 50
# Notes are looked for among so many blocks at the end, and have no more words than a long one.
_LAST_BLOCKS, _MOST_NOTE_WORDS = 6, 120
# A heading ("Disclaimer") stands above some paragraphs of them.
_MOST_SECTION_WORDS = 150
_MOST_BEFORE_NAME = 25  # characters: "About the author:", "Dr."
# A name of one word is that of a house, or a word of the text; so is a shorter one of two.
_FEWEST_NAME_WORDS, _FEWEST_NAME_CHARACTERS = 2, 5
_FEWEST_NOTE_WORDS = 6  # fewer are a signature
_MOST_SOUND_WORDS, _MOST_PLAYER_WORDS = 25, 60  # of a line, and of all that stands around a player
_LARGEST_BOX_SHARE = 0.25  # of the text: a box with more of it is the text's own, whatever its name
_BOX_LEVELS = 4  # how far around a block its box is looked for
_DISCLAIMING = re.compile(r"(?<![a-z])(?:disclaimers?|disclosures?|legal-?(?:notice|note))(?![a-z])", re.IGNORECASE)
_SOUNDING = re.compile(
    r"(?<![a-z])(?:audio-?(?:player|article|widget|version|box)|listen-?(?:player|widget|box|bar|article))(?![a-z])",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"[^.!?]{2,40}[:：]")
_DIGITS = re.compile(r"\d+")


def label_below(views: Sequence[View], labels: Sequence[Label], clues: Clues) -> list[Label]:
    """The labels without what stands with the text and is none of it."""
    labels = _end_before_others(views, list(labels))
    body = [i for i, label in enumerate(labels) if label.role in BODY_ROLES]
    if sum(views[i].block.word_count for i in body) < _FEWEST_WORDS_ABOVE:
        return labels
    most = _LARGEST_BOX_SHARE * sum(views[i].block.word_count for i in body)
    for i in _named_boxes(views, body[-2 * _LAST_BLOCKS :], most, _DISCLAIMING):
        labels[i] = rules.DISCLAIMER.label(Role.OTHER)
    for i in _of_sound(views, body):
        labels[i] = rules.READ_ALOUD.label(Role.OTHER)
    return _label_notes(views, labels, clues)


# ---------------------------------------------------------------- notes at the end


def _label_notes(views: Sequence[View], labels: list[Label], clues: Clues) -> list[Label]:
    """The labels with notes on the author and disclaimers among the last blocks of the text."""
    body = [i for i, label in enumerate(labels) if label.role in BODY_ROLES]
    for i in _section_of_notes(views, labels, body):
        labels[i] = rules.DISCLAIMER.label(Role.OTHER)
    names = _names_of_authors(views, labels, clues)
    words_above = sum(views[i].block.word_count for i in body[:-_LAST_BLOCKS])
    for i in body[-_LAST_BLOCKS:]:
        block = views[i].block
        is_note = i == body[-1] and _is_post(block)
        if words_above >= _FEWEST_WORDS_ABOVE and (rule := rules.ABOUT_AUTHOR if is_note else _note_rule(block, names)):
            labels[i] = rule.label(Role.OTHER)
        words_above += views[i].block.word_count
    return labels


def _is_post(block: Block) -> bool:
    """Whether a line set apart says what somebody is."""
    return _is_emphasised(block) and has_post(block.text)


def _section_of_notes(views: Sequence[View], labels: Sequence[Label], body: Sequence[int]) -> list[int]:
    """The blocks of the text below a line that announces notes, where these are the end of it."""
    words = 0
    for at in reversed(range(body[0], len(views))):
        block = views[at].block
        if is_above_notes(block.folded) and labels[at].role in BODY_ROLES | {Role.OTHER}:
            return [i for i in body if i >= at]
        words += block.word_count * (labels[at].role in BODY_ROLES)
        if words > _MOST_SECTION_WORDS:
            break
    return []


def _names_of_authors(views: Sequence[View], labels: Sequence[Label], clues: Clues) -> list[str]:
    """Names of authors and lines that hold them, folded."""
    stated = [fold(name) for name in clues.authors]
    shown = [view.block.folded for view, label in zip(views, labels, strict=True) if label.role is Role.BYLINE]
    return [
        name
        for name in (*stated, *shown)
        if len(name.split()) >= _FEWEST_NAME_WORDS and len(name) >= _FEWEST_NAME_CHARACTERS
    ]


def _is_emphasised(block: Block) -> bool:
    """Whether a whole text is set in italics, as a note on who wrote it is."""
    return any(
        inline.tag in {"em", "i"} and inline.start <= 1 and inline.end >= len(block.text) - 1
        for inline in block.inlines
    )


def _note_rule(block: Block, names: Iterable[str]) -> Rule | None:
    if not _FEWEST_NOTE_WORDS <= block.word_count <= _MOST_NOTE_WORDS or block.tag in HEADINGS:
        return None
    if presents_author(block.text) or _begins_with_name(block, names):
        return rules.ABOUT_AUTHOR
    return rules.DISCLAIMER if disclaims(block.text) else None


def _begins_with_name(block: Block, names: Iterable[str]) -> bool:
    """
    Whether a text begins with one who wrote it: nobody writes so of oneself.

    What somebody says in an interview stands behind the name and a colon.
    """
    start = block.text[: 2 * _MOST_BEFORE_NAME]
    if _SPEAKER.match(start):
        return False
    first = start.split()[:_FEWEST_NAME_WORDS]
    name = f" {fold(' '.join(first))} " if all(map(str.istitle, first)) else None
    return any(0 <= block.folded.find(known) <= _MOST_BEFORE_NAME or (name and name in f" {known} ") for known in names)


# ---------------------------------------------------------------- boxes


def _named_boxes(views: Sequence[View], among: Sequence[int], most: float, names: re.Pattern[str]) -> list[int]:
    """The blocks, of some of the text, in boxes of at most so many words whose names fit a pattern."""
    boxes = {i: box for i in among if (box := _box_named(views[i].block.element, names))}
    words = Counter[Element]()
    for i, box in boxes.items():
        words[box] += views[i].block.word_count
    return [i for i, box in boxes.items() if words[box] <= most]


def _box_named(element: Element, names: re.Pattern[str]) -> Element | None:
    around = islice(element.ancestors(), _BOX_LEVELS)
    return next((box for box in around if box.names and _fits(names, box.names)), None)


# The paragraphs of a text stand in the same few boxes.
@lru_cache(maxsize=1024)
def _fits(pattern: re.Pattern[str], names: str) -> bool:
    return pattern.search(names) is not None


def _of_sound(views: Sequence[View], body: Sequence[int]) -> list[int]:
    """The blocks of the text that go with it read aloud."""
    short = (i for i in body if views[i].block.word_count <= _MOST_SOUND_WORDS)
    found = {i for i in short if is_of_sound(views[i].block.text)}
    return sorted(found.union(_named_boxes(views, body, _MOST_PLAYER_WORDS, _SOUNDING)))


# ---------------------------------------------------------------- other articles


def _end_before_others(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """An article ends where another begins: in a box like its own, below a heading like its own."""
    own = next((i for i, label in enumerate(labels) if label.role is Role.HEADLINE), None)
    if own is None:
        return labels
    for i in range(own + 1, len(views)):
        # Without a byline it is a section of the same article.
        if views[i].block.tag not in _HEADLINES or not _is_signed(labels, i):
            continue
        mine, other = views[own].block.element, views[i].block.element
        box = _other_article(mine, other, is_signed=_is_signed(labels, own))
        if box and _words_between(views, labels, own, i) >= _FEWEST_WORDS_ABOVE:
            _leave_box(views, labels, box, i)
    return labels


def _leave_box(views: Sequence[View], labels: list[Label], box: Element, begin: int) -> None:
    """Label the text of a box, who signed it and when, from a block in it on, as another article's."""
    for i in range(begin, len(views)):
        if box not in views[i].block.element.ancestors():
            return
        if labels[i].role in BODY_ROLES | {Role.BYLINE, Role.DATELINE}:
            labels[i] = rules.OTHER_ARTICLE.label(Role.RELATED)


_HEADLINES = frozenset(("h1", "h2", "h3"))


def _other_article(mine: Element, other: Element, *, is_signed: bool) -> Element | None:
    """
    The box of another article that a heading begins; None where it does not.

    Args:
        mine: The headline.
        other: The heading; it has a byline or a date below it.
        is_signed: The headline has, too.
    """
    parted = _parted(mine, other)
    if parted is None:
        return None
    here, there = parted
    if there is other:  # no box: the headings stand side by side
        return other.parent if here is mine and is_signed and _is_like(mine, other) else None
    is_like = here is not mine and there.tag in _BOXES and _is_like(here, there)
    return there if is_like else _article_apart(mine, other)


def _article_apart(mine: Element, other: Element) -> Element | None:
    """The `article` around a heading, where the page's own headline stands in another one."""
    article = next((element for element in other.ancestors() if element.tag == "article"), None)
    is_apart = "article" in mine.tags and article is not None and article not in mine.ancestors()
    return article if is_apart else None


_BOXES = frozenset(("article", "div", "section", "li", "td"))


def _parted(one: Element, other: Element) -> tuple[Element, Element] | None:
    """The elements around two others that stand side by side; None where one holds the other."""
    around = dict(zip(one.ancestors(), (None, *one.ancestors()), strict=False))
    below: Element | None = None
    for element in other.ancestors():
        if element in around:
            here = around[element]
            return (here, below) if here and below else None
        below = element
    return None


def _is_like(one: Element, other: Element) -> bool:
    """Whether two elements are of one make; numbers tell them apart."""
    return one.tag == other.tag and _DIGITS.sub("", one.names) == _DIGITS.sub("", other.names)


def _is_signed(labels: Sequence[Label], heading: int) -> bool:
    """Whether a heading has a byline or a date right below it, or below its dek."""
    return any(label.role in {Role.BYLINE, Role.DATELINE} for label in labels[heading + 1 : heading + 3])


def _words_between(views: Sequence[View], labels: Sequence[Label], first: int, end: int) -> int:
    return sum(views[i].block.word_count for i in range(first, end) if labels[i].role in BODY_ROLES)
