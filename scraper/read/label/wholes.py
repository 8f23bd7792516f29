"""
What is one thing to its reader is judged as one: data tables, definitions, lists.

The model sees each block; a cell, a term or an entry of one word looks like nothing. Here the words
of all of them vote, and identifiers, which neither menus nor teasers are made of, settle it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice, takewhile

from scraper.model import BODY_ROLES, Role
from scraper.read.label import rules
from scraper.read.label.certain import ALL_LINK, begins_with_day
from scraper.read.label.label import NEVER, Label, form_of
from scraper.read.page.blocks import Block, Element
from scraper.read.page.identifiers import MOSTLY_IDENTIFIERS, identifier_share
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.surroundings import FEWEST_LONG_WORDS, View
from scraper.urls import leads_off

_LISTS = frozenset(("ul", "ol"))
_PARTED = frozenset(("table", "dl"))
_WHOLES = _LISTS | _PARTED
# A table or a list of definitions is text when this share of its words is, or one of its cells is an
# identifier; of a list half the words, or half the entries, must be: entries can be read alone.
_LEAST_OF_PARTED, _LEAST_OF_LIST = 0.34, 0.5
_FEWEST_ENTRIES = 3  # two may stand together by chance
# A list that is announced has paragraphs of the text beside it.
_FEWEST_BESIDE = 3
# Of a timeline, entries that begin with a day; a note has little link beside its way back.
_FEWEST_DAYS, _MOST_LINKED = 2, 0.5
# What is named as furniture for more of its words is no part of the text.
_MOST_FURNITURE = 0.34
# Cells of data are short: what holds stories lays the page out (as in `structure.py`).
_MOST_CELL_WORDS, _MOST_HEADED_WORDS, _MOST_MEAN_WORDS = 60, 150, 12
# What a heading right above leads to.
_MADE_TEXT = (rules.OF_A_WHOLE, rules.IDENTIFIERS, rules.LISTING, rules.ABOVE_A_WHOLE)


def label_wholes(views: Sequence[View], labels: list[Label], site: str = "") -> list[Label]:
    """
    The labels, with one verdict for each data table, list of definitions and list.

    Args:
        site: The registrable domain of the page.
    """
    if not any(label.role in BODY_ROLES for label in labels):
        return labels
    labels = list(labels)
    tops = set()
    for whole, numbers in _find_wholes(views):
        above = labels[numbers[0] - 1].rule if numbers[0] > 0 else None
        is_text = above is not rules.RELATED_LABEL and _judge(whole, [(views[i], labels[i]) for i in numbers])
        if is_text is not True and whole.tag == "table" and _is_amid_text(whole, views, labels, numbers):
            is_text = True
        if is_text is None and _is_announced(whole, views, labels, numbers, site):
            is_text = True
        if is_text is None:
            continue
        if is_text:
            tops.add(numbers[0])
        for i in numbers:
            label = labels[i]
            if is_text and label.role not in BODY_ROLES and _may_turn(label):
                labels[i] = rules.OF_A_WHOLE.label(form_of(views[i].block))
            elif not is_text and label.role in BODY_ROLES:
                labels[i] = rules.NOT_OF_TEXT.label(Role.OTHER)
    return _label_headings(views, _label_entries(views, labels), tops)


def _label_entries(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """Paragraphs in a row that are one link each go together where most of them are text."""
    links = [i for i, view in enumerate(views) if view.block.link_share > ALL_LINK and view.block.tag == "p"]
    row: list[int] = []
    for i in [*links, len(views)]:
        if row and i < len(views) and i == row[-1] + 1 and _are_alike(views[row[-1]].block, views[i].block):
            row.append(i)
            continue
        text = sum(labels[j].role in BODY_ROLES for j in row)
        if len(row) >= _FEWEST_ENTRIES and text > len(row) / 2:
            for j in row:
                if labels[j].role not in BODY_ROLES and _may_turn(labels[j]):
                    labels[j] = rules.OF_A_WHOLE.label(form_of(views[j].block))
        row = [i]
    return labels


def _are_alike(one: Block, other: Block) -> bool:
    return one.element.parent is other.element.parent and one.names == other.names


def _find_wholes(views: Sequence[View]) -> Iterator[tuple[Element, list[int]]]:
    """The largest lists, definitions and data tables in the main container, with their blocks."""
    inside = [i for i, view in enumerate(views) if view.is_inside]
    if not inside:
        return
    # What is around all of the text lays the page out.
    around = set(views[inside[0]].block.element.ancestors()) & set(views[inside[-1]].block.element.ancestors())
    held: dict[Element, list[int]] = {}
    for i in inside:
        if not _WHOLES.isdisjoint(views[i].block.element.tags):
            for element in takewhile(lambda element: element not in around, views[i].block.element.ancestors()):
                if element.tag in _WHOLES:
                    held.setdefault(element, []).append(i)
    taken: set[int] = set()
    for element in sorted(held, key=lambda element: element.order):
        numbers = held[element]
        is_note = len(numbers) == 1 and _sign_of_text(views[numbers[0]].block) == "note"
        if len(numbers) < 2 and not is_note:
            continue
        if taken.intersection(numbers) or not _is_whole(element, [views[i] for i in numbers]):
            continue
        taken.update(numbers)
        yield element, numbers


def _is_whole(element: Element, views: Sequence[View]) -> bool:
    """Whether an element is one thing: a list, or a table of data."""
    if element.tag != "table":
        return not _holds_table(views)
    words = [view.block.word_count for view in views]
    rows = {row for view in views if (row := _around(view.block.element, frozenset(("tr",)))) is not None}
    is_headed = any(view.block.tag == "th" for view in views)
    # Cells that hold lists lay out a page.
    if sum("li" in view.block.element.tags for view in views) > len(views) / 2:
        return False
    if len(rows) < 2 or len(views) <= len(rows) or len({_table(view) for view in views}) > 1:
        return False
    if is_headed:
        return max(words) <= _MOST_HEADED_WORDS
    return max(words) <= _MOST_CELL_WORDS and sum(words) <= _MOST_MEAN_WORDS * len(words)


def _holds_table(views: Sequence[View]) -> bool:
    return len({_table(view) for view in views}) > 1


def _table(view: View) -> Element | None:
    return _around(view.block.element, frozenset(("table",)))


def _around(element: Element, tags: frozenset[str]) -> Element | None:
    return next((around for around in element.ancestors() if around.tag in tags), None)


def _judge(whole: Element, blocks: Sequence[tuple[View, Label]]) -> bool | None:
    """Whether a whole is text; None where its blocks are judged one by one."""
    every = _count(view.block for view, _ in blocks)
    furniture = _count(view.block for view, label in blocks if label.rule is rules.FURNITURE)
    if furniture > _MOST_FURNITURE * every:
        return None
    text = _count(view.block for view, label in blocks if label.role in BODY_ROLES)
    signs = [sign for view, _ in blocks if (sign := _sign_of_text(view.block))]
    if whole.tag in _PARTED:
        is_timeline = signs.count("day") >= _FEWEST_DAYS
        return "identifier" in signs or is_timeline or text >= _LEAST_OF_PARTED * every
    if len(signs) >= max(min(2, len(blocks)), _LEAST_OF_LIST * len(blocks)):
        return True
    # Teasers are entries that are all link, and some look like text.
    links = sum(view.block.link_share >= _MOST_LINKED for view, _ in blocks)
    return True if text >= _LEAST_OF_LIST * every and links < _LEAST_OF_LIST * len(blocks) else None


def _sign_of_text(block: Block) -> str:
    """What shows a cell or an entry to be of a text: an identifier, a day it begins with, a note."""
    if identifier_share(block.text) >= MOSTLY_IDENTIFIERS:
        return "identifier"
    if block.link_share >= _MOST_LINKED:
        return ""
    if begins_with_day(block.text):
        is_first = block.element.tag not in {"dd", "td"} or _is_first_cell(block.element)
        return "day" if is_first else ""
    return "note" if any(inline.href and inline.href.startswith("#") for inline in block.inlines) else ""


def _is_first_cell(element: Element) -> bool:
    """Whether a cell stands at the begin of its row: an element is numbered right behind its row's."""
    return element.parent is not None and element.order == element.parent.order + 1


_BOX_LEVELS = 4  # a table, what frames it, and the text


def _is_amid_text(whole: Element, views: Sequence[View], labels: Sequence[Label], numbers: Sequence[int]) -> bool:
    """Whether a table stands between paragraphs of the text, in the element that holds them."""
    around = set(islice(whole.ancestors(), 1, _BOX_LEVELS))

    def has_paragraph(beside: Iterable[int]) -> bool:
        return any(
            labels[i].role in BODY_ROLES
            and views[i].block.word_count >= FEWEST_LONG_WORDS
            and views[i].block.element.parent in around
            for i in beside
        )

    return has_paragraph(range(numbers[0])) and has_paragraph(range(numbers[-1] + 1, len(views)))


def _is_announced(
    whole: Element, views: Sequence[View], labels: Sequence[Label], numbers: Sequence[int], site: str
) -> bool:
    """
    Whether a list stands among the paragraphs of the text, right below a heading or a line with a
    colon that stand there, too, and does not lead around on the site.
    """
    above = numbers[0] - 1
    if above < 0 or views[above].block.element.parent is not whole.parent:
        return False
    is_heading = views[above].block.tag in HEADINGS
    if not is_heading and not (labels[above].role in BODY_ROLES and views[above].block.text.endswith((":", "："))):
        return False
    beside = (
        label.role in BODY_ROLES and view.block.tag == "p" and view.block.element.parent is whole.parent
        for view, label in zip(views[:above], labels[:above], strict=True)
    )
    if sum(beside) < _FEWEST_BESIDE:
        return False
    linked = [views[i].block for i in numbers if views[i].block.link_share >= _MOST_LINKED]
    return all(leads_off(inline.href, site) for block in linked for inline in block.inlines if inline.href)


def _may_turn(label: Label) -> bool:
    """Whether a block that was taken for something else can be text with what stands around it."""
    return label.rule.gives_way_at < NEVER or label.rule is rules.NOT_BODY


def _count(blocks: Iterable[Block]) -> int:
    return sum(block.word_count for block in blocks)


def _label_headings(views: Sequence[View], labels: list[Label], tops: Container[int]) -> list[Label]:
    """What stands as a heading right above a whole, a listing or an identifier is its sub-heading."""
    for i in range(len(views) - 2, -1, -1):
        is_heading = views[i].block.tag in HEADINGS and labels[i].role is Role.OTHER and views[i].is_inside
        if is_heading and (i + 1 in tops or labels[i + 1].rule in _MADE_TEXT):
            labels[i] = rules.ABOVE_A_WHOLE.label(Role.SUBHEAD)
    return labels
