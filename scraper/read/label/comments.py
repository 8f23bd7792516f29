"""Where readers' comments begin, if no name of an element tells: below the line that announces them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from scraper.model import BODY_ROLES, Role
from scraper.read.label.label import Label
from scraper.read.page.blocks import Element
from scraper.read.page.surroundings import HEADINGS, View

_COUNT = r"[\s(\[]*\d[\d.,]*[)\]]*"
_COMMENTS = (
    r"(?:(?:reader|user|visitor)(?:s|['’]s|s['’])? )?comments|(?:leser|nutzer)?kommentare|commentaires|comentarios"
    r"|comentários|commenti|reacties|kommentarer|komentarze|комментарии|комментариев|коментарі|komentáře|comentarii"
    r"|hozzászólások|kommentit|yorumlar|σχόλια|التعليقات|评论|評論|網友評論|网友评论|コメント|댓글"
)
# Lines above readers' comments: "Comments (12)"; as a heading "12 comments", too; wherever it stands "Comments closed".
_COMMENTS_LINE = re.compile(rf"\W*(?:(?:{_COMMENTS})(?:{_COUNT}|\s+(?:to|on)\b.*)?|opinie{_COUNT})\W*", re.IGNORECASE)
_COUNTED_COMMENTS = re.compile(rf"\W*{_COUNT}\s*(?:{_COMMENTS})\b.*", re.IGNORECASE)
_COMMENTS_CLOSED = re.compile(
    rf"\W*(?:die |les |los |i |os )?(?:{_COMMENTS})\s(?:[^\W\d]+\s){{0,2}}"
    r"(?:closed|geschlossen|fermés|cerrados|chiusi|fechados|gesloten|zamknięte|закрыты)\b.*",
    re.IGNORECASE,
)
_LONGEST_LINE = 80
_FEWEST_WORDS_ABOVE = 50
_COLUMN_LEVELS = 3


def label_comments(views: Sequence[View], labels: list[Label]) -> list[Label]:
    """
    Text below a line that announces readers' comments is theirs, where no text above the line shares its column.

    The same line also stands in share bars, above and amid an article.
    """
    line = _find_comments_line(views, labels)
    if line is None:
        return labels
    if _COMMENTS_CLOSED.fullmatch(views[line].block.text):
        above: set[Element] = set()
    else:
        texts = (view for view, label in zip(views[:line], labels, strict=False) if label.role in BODY_ROLES)
        above = {column for view in texts for column in _columns(view)}
    comment = Label(Role.COMMENT, "rule:below-comments-line", 0.8)
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
            and (
                _COMMENTS_LINE.fullmatch(block.text)
                or (block.tag in HEADINGS and _COUNTED_COMMENTS.fullmatch(block.text))
                or _COMMENTS_CLOSED.fullmatch(block.text)
            )
        ):
            return i
        words += block.word_count * (label.role in BODY_ROLES)
    return None


def _columns(view: View) -> Iterable[Element]:
    """The elements close around a block."""
    return islice(view.block.element.ancestors(), _COLUMN_LEVELS)
