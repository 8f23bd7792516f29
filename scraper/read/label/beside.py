"""
What only the neighbours of a block tell: captions beside credits, series notes, teasers, bare
subheads.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

from scraper.model import BODY_ROLES, Role
from scraper.read.label import rules
from scraper.read.label.label import ITEMS, Label
from scraper.read.label.neighbours import label_prompts
from scraper.read.page.blocks import Element
from scraper.read.page.surroundings import View
from scraper.urls import leads_off

BULLET = re.compile(r"^[•●▪◦·*►▶]\s*")


def label_by_neighbours(views: Sequence[View], labels: list[Label], site: str) -> list[Label]:
    """
    What only the neighbours tell: series notes, teasers, prompts that go on, subheads with nothing
    below them.
    """
    body = [i for i, label in enumerate(labels) if label.role in BODY_ROLES]
    if not body:
        return labels
    labels = _beside_credit(views, labels)
    labels = _label_teasers(views, _series_note(views, labels, body), site)
    return drop_bare_subheads(label_prompts(views, labels))


# ---------------------------------------------------------------- captions

# A box with more blocks near a credit holds more than a picture and its words; how far around a
# block it is looked for.
_MOST_PICTURE_BLOCKS, _PICTURE_LEVELS = 3, 4
# A word or two is a button or a name; more is a paragraph beside the picture.
_CAPTION_WORDS = range(3, 81)


def _beside_credit(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """A few words that share a small box with a credit are the caption."""
    credits_at = [i for i, label in enumerate(labels) if label.role is Role.CREDIT]
    if not credits_at:
        return labels
    labels = list(labels)
    crowd = _count_blocks_in(views, {views[i].block.element.parent for i in credits_at})
    for i in credits_at:
        box = views[i].block.element.parent
        if box is None or crowd[box] > _MOST_PICTURE_BLOCKS:
            continue
        for j in _neighbours_in(box, views, i):
            if _can_be_caption(views[j], labels[j]):
                labels[j] = rules.BESIDE_CREDIT.label(Role.CAPTION)
    return labels


def _neighbours_in(box: Element, views: Sequence[View], i: int) -> list[int]:
    """The numbers of the blocks right before and behind one that stand in the same box."""
    return [j for j in (i - 1, i + 1) if 0 <= j < len(views) and views[j].block.element.parent is box]


def _can_be_caption(view: View, label: Label) -> bool:
    return label.role in {Role.BODY, Role.OTHER} and view.block.word_count in _CAPTION_WORDS


def _count_blocks_in(views: Sequence[View], boxes: set[Element | None]) -> Counter[Element]:
    """How many blocks stand close within each of some elements."""
    around = (element for view in views for element in islice(view.block.element.ancestors(), _PICTURE_LEVELS))
    return Counter(element for element in around if element in boxes)


# ---------------------------------------------------------------- series notes

# A first paragraph has as many words; a note has no more, and is more than a word or two.
_FEWEST_PARAGRAPH_WORDS = 25
_NOTE_WORDS = range(3, 26)
_PERHAPS_NOTES = BODY_ROLES | {Role.OTHER, Role.DEK}
_NEVER_NOTES = frozenset((Role.HEADLINE, Role.CAPTION))


def _series_note(views: Sequence[View], labels: list[Label], body: list[int]) -> list[Label]:
    """
    A tagline behind a bullet before the first paragraph, wherever it is printed; of several bullets
    none is one.
    """
    head = range(_first_paragraph(views, body) + 1)
    notes = {views[i].block.folded for i in head if labels[i].role in _PERHAPS_NOTES and _can_be_note(views[i])}
    if not notes:
        return labels
    return [
        rules.SERIES_NOTE.label(Role.SERIES_NOTE)
        if view.block.folded in notes and label.role not in _NEVER_NOTES
        else label
        for view, label in zip(views, labels, strict=True)
    ]


def _first_paragraph(views: Sequence[View], body: list[int]) -> int:
    long = [i for i in body if views[i].block.word_count >= _FEWEST_PARAGRAPH_WORDS] or body
    bullets = [i for i in body if BULLET.match(views[i].block.text)]
    # A long dek counts as a paragraph as yet.
    return long[1] if len(bullets) == 1 and long[1:] and bullets[0] < long[1] else long[0]


def _can_be_note(view: View) -> bool:
    block = view.block
    return BULLET.match(block.text) is not None and block.word_count in _NOTE_WORDS and block.tag != "li"


# ---------------------------------------------------------------- teasers

# Teasers stand together, with a line or two between them; below the link of one stands a line of
# text.
_TEASERS_NEAR = 2
_FEWEST_TEASER_CHARACTERS = 30  # less is a section, a time
_LAID_OUT = ITEMS | {"pre"}
_PERHAPS_TEASERS = BODY_ROLES | {Role.OTHER}


def _label_teasers(views: Sequence[View], labels: list[Label], site: str) -> list[Label]:
    """
    Where blocks near each other have a link to the site as their first line, they tell of other
    reports.
    """
    near = _near_each_other([i for i, view in enumerate(views) if "\n" in view.block.text and _is_teaser(view, site)])
    if not near:
        return labels
    teaser = rules.TEASERS.label(Role.RELATED)
    return [teaser if i in near and label.role in _PERHAPS_TEASERS else label for i, label in enumerate(labels)]


def _near_each_other(teasers: Iterable[int]) -> set[int]:
    return {i for pair in pairwise(teasers) if pair[1] - pair[0] <= _TEASERS_NEAR for i in pair}


def _is_teaser(view: View, site: str) -> bool:
    """
    Whether the first of several lines leads to another page of the site, not to its own place in a
    ticker.
    """
    text = view.block.text
    end = text.index("\n")
    if len(text) - end < _FEWEST_TEASER_CHARACTERS or view.block.element.tags & _LAID_OUT:
        return False
    return bool(site) and any(not link.startswith("#") and not leads_off(link, site) for link in _links(view, end))


def _links(view: View, end: int) -> Iterator[str]:
    """Where the links lead that are all of a text up to *end*."""
    for inline in view.block.inlines:
        if inline.href and (inline.start, inline.end) == (0, end):
            yield inline.href


# ---------------------------------------------------------------- subheads


def drop_bare_subheads(labels: list[Label]) -> list[Label]:
    """A subhead leads to text; the last heading of a page leads to something else."""
    labels = list(labels)
    below = False
    for i in range(len(labels) - 1, -1, -1):
        role = labels[i].role
        if role is Role.SUBHEAD:
            if not below:
                labels[i] = rules.BARE_SUBHEAD.label(Role.OTHER)
        elif role in BODY_ROLES:
            below = True
    return labels
