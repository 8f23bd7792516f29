"""
The blocks of a page as HTML for the reader: everything escaped, links only to http(s).

Reads back the Markdown that `scraper.read.page.markdown` writes: every mark character of the text itself
is escaped there, so what stands unescaped is a mark. It is no reader for Markdown in general.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from markupsafe import Markup, escape

from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.page.structure import find_rows
from scraper.urls import is_http_url

_INLINE = re.compile(
    r"""
    \\(?P<literal>[\\`*_\[\]<>#|=~+:.)-])
    | (?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)
    | (?P<marks>\*+|`) | (?P<open>\[)
    | \]\((?:<(?P<wrapped>[^<>]*)>|(?P<plain>[^()\s]*))\)
    """,
    re.VERBOSE,
)
_ELEMENTS = {"**": "strong", "*": "em", "`": "code"}
_LINE_BREAK = re.compile(r" *\n")
_BLOCK_MARK = re.compile(r" *(?:#{1,6}|-|1\.|:  ) | +")
_QUOTE_MARK = re.compile(r"^> ?", re.MULTILINE)
_FENCE = "```"

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
    """Blocks of one kind that follow each other; *texts* are safe HTML, and so are the cells of a table's *rows*."""

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
    if block.markdown.startswith(_FENCE):
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
    The text of a block with its links and emphasis; without them where its Markdown is not as we write it.

    >>> render_block(LabelledBlock(Role.LIST, "See <this>", "model", markdown="- See [\\<this\\>](https://a.example/)"))
    Markup('See <a href="https://a.example/" rel="noopener noreferrer nofollow">&lt;this&gt;</a>')
    """
    if block.markdown.startswith(_FENCE) or not block.markdown:
        return escape(block.text)
    inner = _QUOTE_MARK.sub("", block.markdown) if block.markdown.startswith("> ") else block.markdown
    # A paragraph may begin with such characters itself; then its text does, too.
    mark = _BLOCK_MARK.match(inner)
    if mark and not block.text.startswith(mark.group()):
        inner = inner[mark.end() :]
    rendered = render_inline(inner)
    return escape(block.text) if rendered is None else rendered


def render_inline(markdown: str) -> Markup | None:
    r"""
    One line of our Markdown as HTML; None where its marks do not fit together.

    >>> render_inline(r"**Two** men \*held\* & [freed](javascript:x)")
    Markup('<strong>Two</strong> men *held* &amp; freed')
    >>> render_inline("a *b")
    """
    # Each open element with what stands in it so far; the outermost is the line itself.
    stack: list[tuple[str, Markup]] = [("", Markup())]

    def add(html: Markup) -> None:
        mark, inside = stack[-1]
        stack[-1] = (mark, inside + html)

    for kind, value in _tokens(markdown):
        match kind:
            case "text":
                add(Markup("<br>").join(map(escape, _LINE_BREAK.split(value))))
            case "code":
                add(Markup("<code>{}</code>").format(value))
            case "open":
                stack.append(("[", Markup()))
            case "link":
                if stack[-1][0] != "[":
                    return None
                _, words = stack.pop()
                add(_LINK.format(value, words) if is_http_url(value) else words)
            case _:
                while value:
                    mark = stack[-1][0]
                    if mark in _ELEMENTS and _closes(value, mark, {mark for mark, _ in stack}):
                        _, inside = stack.pop()
                        add(Markup("<{0}>{1}</{0}>").format(_ELEMENTS[mark], inside))
                    else:
                        mark = "**" if value.startswith("**") else value[0]
                        stack.append((mark, Markup()))
                    value = value.removeprefix(mark)  # noqa: PLW2901 - what is left of the run
    return stack[0][1] if len(stack) == 1 else None


def _closes(run: str, mark: str, open_marks: set[str]) -> bool:
    """Whether a run of marks ends the innermost open one: two stars in *italics* begin bold, unless that is open."""
    return run.startswith(mark) and not (mark == "*" and run == "**" and "**" not in open_marks)


def _tokens(markdown: str) -> Iterator[tuple[str, str]]:
    """What kind of thing comes next, and its characters."""
    at = 0
    for found in _INLINE.finditer(markdown):
        if found.start() > at:
            yield "text", markdown[at : found.start()]
        at = found.end()
        match found.lastgroup:
            case "literal":
                yield "text", found["literal"]
            case "wrapped" | "plain" as group:
                yield "link", found[group]
            case "code":
                yield "code", found["code"]
            case "open":
                yield "open", ""
            case _:
                yield "mark", found.group()
    if at < len(markdown):
        yield "text", markdown[at:]
