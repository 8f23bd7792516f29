"""
Where a wall ends the text: what stands in its box, and what follows it.

A line tells by its words that the rest is kept for some (`prompts.py`). Right behind the text its
whole box is the wall, whatever its elements are called: price, advantages, buttons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from scraper.model import BODY_ROLES, Role
from scraper.read.label import rules
from scraper.read.label.label import Label
from scraper.read.label.neighbours import is_within
from scraper.read.page.hints import Hint
from scraper.read.page.surroundings import View
from scraper.read.words.notices import asks_to_comment
from scraper.read.words.phrases import ROLE_OF_KIND
from scraper.read.words.prompts import Prompt, find_prompt, find_prompt_in_box
from scraper.read.words.vocabulary import has_price

_KINDS = frozenset(("subscription", "registration", "meter"))
# A wall stands so near to the last paragraph, in blocks; what asks further down is a site's own.
_NEAR = 8
_NEAREST = 3  # … and this near where its lines ask only together
# Words of a wall with its advantages and prices; of a small one that is read as one sentence.
_MOST_WALL_WORDS, _MOST_SENTENCE_WORDS = 150, 50
# What may stand below a wall's line in the same paragraphs and belong to it, in words.
_MOST_WORDS_BELOW = 40
_LEVELS = 6  # an offer, its columns and their frames
_BESIDE = frozenset((Role.OTHER, Role.PAYWALL, Role.NEWSLETTER, Role.PROMO, Role.NAV))
_ELSEWHERE = Hint.COMMENT | Hint.CONSENT | Hint.FOOTER | Hint.NAV
_NEVER_WALL = frozenset((Role.HEADLINE, Role.BYLINE, Role.CAPTION, Role.COMMENT, Role.NEWSLETTER))
# Links to so many other reports in a box are a list of them.
_MOST_TEASERS = 1
_FEWEST_TEASER_WORDS = 5  # a link of fewer is a button


def label_walls(views: Sequence[View], labels: Sequence[Label]) -> list[Label]:
    """The labels with the wall that ends the text, if one does."""
    labels = _name_offers(views, list(labels))
    end = _find_end(views, labels)
    if end < 0:
        return labels
    labels = _take_lines_below(views, labels)
    end = _find_end(views, labels)
    for i in (*_find_boxes(views, labels, end), *_find_box_above(views, labels)):
        if labels[i].role not in _NEVER_WALL:
            labels[i] = rules.WALL_BOX.label(Role.PAYWALL)
    return labels


def _name_offers(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """
    The labels with what asks for something beside the text as prompts, hidden or not, and the lines
    that stand in a small box with it.
    """

    def is_box(span: range) -> bool:
        return _words_in(views, span) <= _MOST_SENTENCE_WORDS and all(labels[j].role in _BESIDE for j in span)

    offers = {i: prompt for i in range(len(views)) if (prompt := _offer(views[i], labels[i])) is not None}
    for i, prompt in offers.items():
        for j in _largest_span(views, i, is_box):
            if _is_free(views[j], labels[j]) and (j in offers or prompt.is_sure):
                labels[j] = rules.OFFER.label(ROLE_OF_KIND[prompt.kind])
    return labels


def _offer(view: View, label: Label) -> Prompt | None:
    """The prompt in a line beside the text that was taken for nothing in particular."""
    if not _is_free(view, label) or view.block.word_count > _MOST_SENTENCE_WORDS:
        return None
    return find_prompt(view.block.text)


def _is_free(view: View, label: Label) -> bool:
    """Whether a block is nothing in particular: buttons and forms are called menus, too."""
    return label.role is Role.OTHER or (label.role is Role.NAV and not view.inherited & _ELSEWHERE)


def _find_end(views: Sequence[View], labels: Sequence[Label]) -> int:
    """The last block of the text; -1 where there is none."""
    return next((i for i in range(len(views) - 1, -1, -1) if labels[i].role in BODY_ROLES), -1)


def _says_cut(view: View) -> bool:
    """Whether a block says that there is more for some, or asks for something before one reads on."""
    prompt = find_prompt(view.block.text)
    is_wall = prompt is not None and prompt.kind in _KINDS and prompt.strength in {"cut", "wall"}
    return is_wall and not view.block.is_hidden and not asks_to_comment(view.block.text)


def _take_lines_below(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """A line or two of the text below a wall's line are the wall's: what follows a wall is no text."""
    body = [i for i, label in enumerate(labels) if label.role in BODY_ROLES]
    words = 0
    for at in range(len(body) - 1, 0, -1):
        words += views[body[at]].block.word_count
        if words > _MOST_WORDS_BELOW:
            break
        between = range(body[at - 1] + 1, body[at])
        if any(
            labels[i].role is Role.PAYWALL and _says_cut(views[i]) and not views[i].block.is_hidden for i in between
        ):
            for i in body[at:]:
                labels[i] = rules.BELOW_WALL.label(Role.PAYWALL)
            break
    return labels


def _find_boxes(views: Sequence[View], labels: Sequence[Label], end: int) -> set[int]:
    """The blocks of the walls right behind the text."""
    near = [i for i in range(end + 1, min(end + 1 + _NEAR, len(views))) if _can_ask(views[i], labels[i])]
    found: set[int] = set()
    for i in near:
        if i not in found and _says_cut(views[i]):
            found.update(_largest_box(views, labels, i, end, _MOST_WALL_WORDS))
    return found or set(_find_box_of_lines(views, labels, near[:_NEAREST], end))


def _find_box_of_lines(views: Sequence[View], labels: Sequence[Label], near: Sequence[int], end: int) -> range:
    """The first box whose lines ask only together."""
    for i in near:
        box = _largest_box(views, labels, i, end, _MOST_SENTENCE_WORDS)
        if len(box) > 1 and _asks_as_box(views, box):
            return box
    return range(0)


def _asks_as_box(views: Sequence[View], box: range) -> bool:
    return find_prompt_in_box([views[j].block.text for j in box]) is not None


def _find_box_above(views: Sequence[View], labels: Sequence[Label]) -> range:
    """The blocks of an offer of this very article above its text, which names a price."""
    first = next(i for i, label in enumerate(labels) if label.role in BODY_ROLES)

    def is_offer(span: range) -> bool:
        is_small = span[-1] < first and _words_in(views, span) <= _MOST_SENTENCE_WORDS
        return is_small and _is_offer(views, labels, span)

    for i in range(max(0, first - _NEAR), first):
        if _can_ask(views[i], labels[i]) and has_price(views[i].block.text.casefold()):
            box = _largest_span(views, i, is_offer)
            if _asks_as_box(views, box):
                return box
    return range(0)


def _can_ask(view: View, label: Label) -> bool:
    return not view.block.is_hidden and not view.inherited & _ELSEWHERE and label.role not in _NEVER_WALL


def _largest_box(views: Sequence[View], labels: Sequence[Label], at: int, end: int, most_words: int) -> range:
    """The blocks of the largest element around one that is all below the text and no more than an offer."""

    def is_offer(span: range) -> bool:
        return span[0] > end and _words_in(views, span) <= most_words and _is_offer(views, labels, span)

    return _largest_span(views, at, is_offer)


def _largest_span(views: Sequence[View], at: int, is_box: Callable[[range], bool]) -> range:
    """The blocks of the largest element around one that is a box as all within it are; the block alone else."""
    found = range(at, at + 1)
    for span in _spans(views, at):
        if not is_box(span):
            break
        found = span
    return found


def _words_in(views: Sequence[View], span: range) -> int:
    return sum(views[i].block.word_count for i in span)


def _spans(views: Sequence[View], at: int) -> Iterator[range]:
    """The blocks in each element around one of them, the smallest first."""
    first = last = at
    for element in islice(views[at].block.element.ancestors(), _LEVELS):
        while first > 0 and is_within(views[first - 1].block.element, element):
            first -= 1
        while last + 1 < len(views) and is_within(views[last + 1].block.element, element):
            last += 1
        yield range(first, last + 1)


def _is_offer(views: Sequence[View], labels: Sequence[Label], span: range) -> bool:
    """Whether a box can be an offer as a whole: no part of an article's head, no list of other reports."""
    if any(labels[i].role in _NEVER_WALL for i in span):
        return False
    teasers = sum(labels[i].role is Role.RELATED and views[i].block.word_count >= _FEWEST_TEASER_WORDS for i in span)
    return teasers <= _MOST_TEASERS
