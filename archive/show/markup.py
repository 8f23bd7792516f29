"""The blocks of a page as HTML for the reader: everything escaped, links only to http(s)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from markupsafe import Markup, escape

from archive.show.spans import FENCE, Span, SpanKind, find_spans
from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.page.structure import find_rows

_LINE_BREAK = re.compile(r" *\n")

# Links leave the archive: the other side learns nothing about it, and gets no handle on it.
_LINK = Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>')


class PassageKind(StrEnum):
    """How a run of blocks is set."""

    PARAGRAPH = "paragraph"
    SUBHEAD = "subhead"
    LIST = "list"
    NUMBERED = "numbered"
    QUOTE = "quote"
    CODE = "code"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Passage:
    """
    Blocks of one kind that follow each other; *texts* are safe HTML, and so are the cells of a
    table's *rows*.
    """

    kind: PassageKind
    texts: tuple[Markup, ...]
    rows: tuple[tuple[Markup, ...], ...] = ()


def find_passages(blocks: Iterable[LabelledBlock]) -> tuple[Passage, ...]:
    """The body of an article, as it is set on the page."""
    body = (block for block in blocks if block.role in BODY_ROLES)
    runs = groupby(body, key=lambda block: (_kind(block), block.cell and block.cell[0]))
    return tuple(_passage(kind, tuple(run)) for (kind, _), run in runs)


def _passage(kind: PassageKind, run: tuple[LabelledBlock, ...]) -> Passage:
    if kind is not PassageKind.TABLE:
        return Passage(kind, tuple(map(render_block, run)))
    rows = (tuple(Markup("<br>").join(map(render_block, cell)) for cell in row) for row in find_rows(run))
    return Passage(kind, (), tuple(rows))


def _kind(block: LabelledBlock) -> PassageKind:
    if block.cell is not None:
        return PassageKind.TABLE
    if block.markdown.startswith(FENCE):
        return PassageKind.CODE
    match block.role:
        case Role.SUBHEAD:
            return PassageKind.SUBHEAD
        case Role.QUOTE:
            return PassageKind.QUOTE
        case Role.LIST:
            return PassageKind.NUMBERED if block.markdown.lstrip().startswith("1. ") else PassageKind.LIST
        case _:
            return PassageKind.PARAGRAPH


def render_block(block: LabelledBlock) -> Markup:
    r"""
    The text of a block with its links and emphasis; without them where its Markdown is not as we
    write it.

    >>> render_block(LabelledBlock(Role.LIST, "See <this>", "model", markdown="- See [\\<this\\>](https://a.example/)"))
    Markup('See <a href="https://a.example/" rel="noopener noreferrer nofollow">&lt;this&gt;</a>')
    """
    spans = find_spans(block)
    return escape(block.text) if spans is None else render_spans(spans)


def render_spans(spans: Iterable[Span]) -> Markup:
    """
    Spans as HTML.

    >>> render_spans([Span(SpanKind.STRONG, inside=(Span(SpanKind.TEXT, "Two"),)), Span(SpanKind.TEXT, " <men>")])
    Markup('<strong>Two</strong> &lt;men&gt;')
    """
    return Markup().join(map(_render_span, spans))


def _render_span(span: Span) -> Markup:
    match span.kind:
        case SpanKind.TEXT:
            return Markup("<br>").join(map(escape, _LINE_BREAK.split(span.text)))
        case SpanKind.LINK:
            return _LINK.format(span.url, render_spans(span.inside))
        case kind:
            return Markup("<{0}>{1}</{0}>").format(kind.value, span.text or render_spans(span.inside))
