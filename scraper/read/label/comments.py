"""Where readers' comments begin, if no name of an element tells: below the line that announces them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from scraper.model import BODY_ROLES, Role
from scraper.read.label import rules
from scraper.read.label.label import Label
from scraper.read.page.blocks import Element
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.surroundings import View
from scraper.read.words.notices import announces_comments, says_comments_are_closed

_LONGEST_LINE = 80  # characters of a line that announces comments
_FEWEST_WORDS_ABOVE = 50  # an article, be it short, stands above its comments
_COLUMN_LEVELS = 3  # a comment, its list and their frame


def label_comments(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """
    Text below a line that announces readers' comments is theirs, where no text above the line
    shares its column.

    The same line also stands in share bars, above and amid an article.
    """
    line = _find_comments_line(views, labels)
    if line is None:
        return labels
    is_closed = says_comments_are_closed(views[line].block.text)
    above = frozenset() if is_closed else _columns_of_text(views[:line], labels)
    comment = rules.BELOW_COMMENTS_LINE.label(Role.COMMENT)
    return [
        comment if i >= line and label.role in BODY_ROLES and above.isdisjoint(_columns(view)) else label
        for i, (view, label) in enumerate(zip(views, labels, strict=True))
    ]


def _find_comments_line(views: Sequence[View], labels: Sequence[Label]) -> int | None:
    """The number of the first block that announces comments and has text above it."""
    words = 0
    for i, (view, label) in enumerate(zip(views, labels, strict=True)):
        block = view.block
        if (
            words >= _FEWEST_WORDS_ABOVE
            and len(block.text) <= _LONGEST_LINE
            and block.link_share < 0.5
            and announces_comments(block.text, is_heading=block.tag in HEADINGS)
        ):
            return i
        words += block.word_count * (label.role in BODY_ROLES)
    return None


def _columns_of_text(views: Sequence[View], labels: Sequence[Label]) -> frozenset[Element]:
    texts = (view for view, label in zip(views, labels, strict=False) if label.role in BODY_ROLES)
    return frozenset(column for view in texts for column in _columns(view))


def _columns(view: View) -> Iterable[Element]:
    """The elements close around a block."""
    return islice(view.block.element.ancestors(), _COLUMN_LEVELS)
