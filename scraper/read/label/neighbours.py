"""
Prompts that spread over several blocks: boxes, sections, lines that go on, what stands at the end
of a text.

One block tells by its words that it asks for something (`prompts.py`); these rules take what
belongs to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from scraper.model import BODY_ROLES, Role
from scraper.read.label import rules
from scraper.read.label.label import Label
from scraper.read.page.blocks import Block, Element
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.surroundings import FEWEST_LONG_WORDS, View
from scraper.read.words.phrases import ROLE_OF_KIND
from scraper.read.words.prompts import find_prompt, speaks_of_itself, speaks_to_reader

# What stands in the head of an article is no part of an offer.
_OF_THE_HEAD = frozenset((Role.HEADLINE, Role.BYLINE, Role.DATELINE))


def label_prompts(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """The labels with what goes with the prompts among them."""
    labels = _prompts_go_on(views, labels)
    labels = _prompt_boxes(views, labels)
    labels = _prompt_sections(views, labels)
    return _closing_prompts(views, labels)


def _prompts_go_on(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """After the last paragraph, short lines that stand together with a sure prompt belong to it."""
    labels = list(labels)
    backwards = reversed(range(len(labels)))
    last = next((i for i in backwards if labels[i].role in BODY_ROLES and _is_paragraph(views[i].block)), -1)
    for i in range(last + 1, len(labels)):
        if labels[i].role is not Role.PAYWALL:
            continue
        for step in (-1, 1):
            j = i + step
            while last < j < len(labels) and _goes_on(views[i], views[j], labels[j]):
                labels[j] = rules.PROMPT_GOES_ON.label(Role.PAYWALL)
                j += step
    return labels


def _is_paragraph(block: Block) -> bool:
    return block.word_count >= FEWEST_LONG_WORDS


# A line of an offer that asks again, and one that does not ask by itself: a price, a button.
_MOST_LINE_WORDS, _MOST_BUTTON_WORDS = 15, 8


def _goes_on(prompt: View, view: View, label: Label) -> bool:
    if label.role not in BODY_ROLES | {Role.OTHER, Role.RELATED} or view.block.word_count > _MOST_LINE_WORDS:
        return False
    if find_prompt(view.block.text) is not None:
        return True
    here, there = prompt.block.element, view.block.element
    is_beside = bool({here, here.parent} & {there, there.parent})
    return is_beside and view.block.word_count <= _MOST_BUTTON_WORDS and label.rule is not rules.FURNITURE


# What an offer holds beside the words that ask: its advantages, its prices.
_MOST_OFFER_WORDS = 150
_LEAST_ASKING = 0.25
_LARGEST_BODY_SHARE = 0.25
_TAKEN_BY_PROMPTS = BODY_ROLES | {Role.OTHER, Role.RELATED, Role.DEK}
_OFFERS = frozenset(("subscription", "registration", "meter", "newsletter", "donation"))


def _prompt_boxes(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """A small element that a prompt opens, or that asks twice, is an offer as a whole."""
    labels = list(labels)
    body_words = _count_words(view for view, label in zip(views, labels, strict=True) if label.role in BODY_ROLES)
    done: set[int] = set()
    for i, view in enumerate(views):
        if not _is_offer(view, labels[i]):
            continue
        # The largest box that is an offer takes the smaller ones along.
        boxes = [span for span in _spans_around(views, i, done) if _is_offer_box(views, labels, span, body_words)]
        for j in boxes[-1] if boxes else ():
            if labels[j].role in _TAKEN_BY_PROMPTS:
                labels[j] = rules.PROMPT_BOX.label(labels[i].role)
    return labels


def _spans_around(views: Sequence[View], at: int, done: set[int]) -> Iterator[range]:
    """
    The blocks in each small element around one of them, the smallest first.

    Args:
        done: The elements that were looked at, by number, which are left out; those looked at now
            are added.
    """
    for element in islice(views[at].block.element.ancestors(), 1, 6):
        if element.order in done:
            continue
        done.add(element.order)
        span = _span(views, at, element, _MOST_OFFER_WORDS)
        if span is None:
            return
        yield span


def _is_offer(view: View, label: Label) -> bool:
    """Whether a block was labelled for a sure phrase of an offer."""
    if not label.rule.is_prompt:
        return False
    prompt = find_prompt(view.block.text)
    return prompt is not None and prompt.is_sure and prompt.kind in _OFFERS


def _span(views: Sequence[View], at: int, element: Element, most_words: int) -> range | None:
    """The blocks in an element around one of them; None where they have too many words."""
    first, last = at, at
    words = views[at].block.word_count
    for step in (-1, 1):
        j = at + step
        while 0 <= j < len(views) and is_within(views[j].block.element, element):
            words += views[j].block.word_count
            if words > most_words:
                return None
            first, last = min(first, j), max(last, j)
            j += step
    return range(first, last + 1)


def is_within(element: Element, box: Element) -> bool:
    """Whether an element is another one, or lies in it."""
    while element.depth > box.depth and element.parent is not None:
        element = element.parent
    return element is box


def _is_offer_box(views: Sequence[View], labels: Sequence[Label], span: range, body_words: int) -> bool:
    if any(labels[j].role in _OF_THE_HEAD for j in span) or not _asks_enough(views, labels, span):
        return False
    asking = _count_words(views[j] for j in span if find_prompt(views[j].block.text) is not None)
    words = _count_words(views[j] for j in span)
    taken = _count_words(views[j] for j in span if labels[j].role in BODY_ROLES)
    return asking >= _LEAST_ASKING * words and taken <= _LARGEST_BODY_SHARE * body_words


def _asks_enough(views: Sequence[View], labels: Sequence[Label], span: range) -> bool:
    """Whether a prompt opens a box, or the box asks twice."""
    offers = [j for j in span if _is_offer(views[j], labels[j])]
    return len(offers) > 1 or (span[0] in offers and views[span[0]].block.tag != "li")


def _count_words(views: Iterable[View]) -> int:
    return sum(view.block.word_count for view in views)


def _prompt_sections(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """The few lines below a heading that asks ("Support us!") go with it."""
    labels = list(labels)
    for i, view in enumerate(views):
        if not _is_offer(view, labels[i]) or view.block.tag not in HEADINGS:
            continue
        section = _section_below(views, i)
        if _count_words(views[j] for j in section) > _MOST_OFFER_WORDS:
            continue
        for j in section:
            if labels[j].role in _TAKEN_BY_PROMPTS:
                labels[j] = rules.PROMPT_SECTION.label(labels[i].role)
    return labels


def _section_below(views: Sequence[View], heading: int) -> range:
    """The blocks below a heading that stand beside it, up to the next heading."""
    place = views[heading].block.element.parent
    end = heading + 1
    while end < len(views) and views[end].block.element.parent is place and views[end].block.tag not in HEADINGS:
        end += 1
    return range(heading + 1, end)


def _closing_prompts(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """After an article its publisher may ask at more length than within it."""
    labels = list(labels)
    body = [i for i, label in enumerate(labels) if label.role in BODY_ROLES]
    for i in reversed(body[-3:]):
        prompt = find_prompt(views[i].block.text)
        if prompt is None or not prompt.is_sure:
            break
        if not (speaks_of_itself(prompt) or speaks_to_reader(views[i].block.text, prompt)):
            break
        labels[i] = rules.PROMPT_AT_END.label(ROLE_OF_KIND[prompt.kind])
    return labels
