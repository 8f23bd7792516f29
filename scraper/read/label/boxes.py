"""What stands in one small box with a listing or with a field of a form, and is no text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from scraper.model import BODY_ROLES, Role
from scraper.read.label import rules
from scraper.read.label.label import Label
from scraper.read.page.blocks import Block, Element
from scraper.read.page.surroundings import View
from scraper.read.words.sentences import ends_with_mark

# The box is looked for so many elements around; a bar or a button says so much, a widget as a whole.
_LEVELS = 4
_MOST_BAR_WORDS, _MOST_BAR_CHARACTERS = 4, 40
# Links, and the element that they share with what stands above them.
_FEWEST_LINKS, _TOP_LEVELS = 2, 2
_MENU_RULES = (rules.LINKED_LINE, rules.LINKED_MENU)
_MOST_WIDGET_WORDS, _MOST_WIDGET_BLOCKS = 60, 8  # more is a list of articles
# Bars are made of these: a paragraph, a heading or an entry above a listing is of the text.
_BARS = frozenset(("div", "button", "header", "label", "figcaption", "section", "summary"))


def label_boxes(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """
    The labels with the bar above a listing (its language, "copy"), and all of a widget that offers
    code to copy, as no text.
    """
    labels = list(labels)
    for i, view in enumerate(views):
        if labels[i].rule is rules.FORM_CONTROL:
            box = _box(views, i, _is_widget)
        elif labels[i].role in BODY_ROLES and "pre" in view.block.element.tags:
            box = _box(views, i, _is_listing_with_bars)
        else:
            continue
        for j in box:
            if labels[j].role in BODY_ROLES and not (view.block.tag != "textarea" and _is_listing(views[j].block)):
                labels[j] = rules.BESIDE_A_FIELD.label(Role.OTHER)
    return _label_tops(views, labels)


def _label_tops(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """The labels with what stands right above links alone as what it is: the top of their box."""
    for i in range(len(views) - _FEWEST_LINKS):
        block, below = views[i].block, range(i + 1, i + 1 + _FEWEST_LINKS)
        if labels[i].role not in BODY_ROLES or block.word_count > _MOST_BAR_WORDS or ends_with_mark(block.text):
            continue
        around = set(islice(block.element.ancestors(), _TOP_LEVELS))
        if all(labels[j].rule in _MENU_RULES and not around.isdisjoint(_near(views[j])) for j in below):
            labels[i] = rules.TOP_OF_LINKS.label(Role.OTHER)
    return labels


def _near(view: View) -> Iterable[Element]:
    return islice(view.block.element.ancestors(), _LEVELS)


def _box(views: Sequence[View], i: int, is_box: Callable[[Sequence[Block]], bool]) -> range:
    """The blocks of the largest element around a block that is such a box."""
    found = range(i, i + 1)
    for element in islice(views[i].block.element.ancestors(), 1, _LEVELS):
        first, last = i, i
        while first > 0 and _is_in(views[first - 1], element):
            first -= 1
        while last + 1 < len(views) and _is_in(views[last + 1], element):
            last += 1
        numbers = range(first, last + 1)
        if not is_box([views[j].block for j in numbers]):
            break
        found = numbers
    return found


def _is_in(view: View, element: Element) -> bool:
    return any(around is element for around in islice(view.block.element.ancestors(), 2 * _LEVELS))


def _is_listing(block: Block) -> bool:
    return "pre" in block.element.tags


def _is_listing_with_bars(blocks: Sequence[Block]) -> bool:
    return all(_is_listing(block) or _is_bar(block) for block in blocks)


def _is_bar(block: Block) -> bool:
    is_short = block.word_count <= _MOST_BAR_WORDS and len(block.text) <= _MOST_BAR_CHARACTERS
    return is_short and block.tag in _BARS and not ends_with_mark(block.text)


def _is_widget(blocks: Sequence[Block]) -> bool:
    words = sum(block.word_count for block in blocks if block.tag != "textarea")
    return len(blocks) <= _MOST_WIDGET_BLOCKS and words <= _MOST_WIDGET_WORDS
