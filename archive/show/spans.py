"""
The words of a block with what they are: links, emphasis, code. HTML, and the links that JSON lists,
are made of them.

Spans are read from the Markdown of a block, which is what the archive keeps, and from nothing but
ours: every mark character of the text itself is escaped by `scraper.read.page.markdown`, so what
stands unescaped is a mark. This is no reader for Markdown in general.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from scraper.model import LabelledBlock
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
_BLOCK_MARK = re.compile(r" *(?:#{1,6}|-|1\.|:  ) | +")
_QUOTE_MARK = re.compile(r"^> ?", re.MULTILINE)
FENCE = "```"


class SpanKind(StrEnum):
    """What a run of words is."""

    TEXT = "text"
    STRONG = "strong"
    EMPHASIS = "em"
    CODE = "code"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Span:
    """
    A run of words: *text* of plain words and code, *inside* of all others; *url* of a link,
    http(s).
    """

    kind: SpanKind
    text: str = ""
    inside: tuple[Span, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a block: its words, and where it leads."""

    text: str
    url: str


def find_spans(block: LabelledBlock) -> tuple[Span, ...] | None:
    """
    The spans of a block; None where it has no Markdown, is code in a fence, or is not as we write
    it.
    """
    if block.markdown.startswith(FENCE) or not block.markdown:
        return None
    inner = _QUOTE_MARK.sub("", block.markdown) if block.markdown.startswith("> ") else block.markdown
    # A paragraph may begin with such characters itself; then its text does, too.
    mark = _BLOCK_MARK.match(inner)
    if mark and not block.text.startswith(mark.group()):
        inner = inner[mark.end() :]
    return read_spans(inner)


def find_links(spans: Iterable[Span] | None) -> Iterator[Link]:
    """The links among the spans of a block, in their order."""
    for span in spans or ():
        if span.kind is SpanKind.LINK:
            yield Link(words_of(span.inside), span.url)
        yield from find_links(span.inside)


def words_of(spans: Iterable[Span]) -> str:
    """The words of spans, without what they are."""
    return "".join(span.text or words_of(span.inside) for span in spans)


_KINDS = {"**": SpanKind.STRONG, "*": SpanKind.EMPHASIS, "`": SpanKind.CODE}


@dataclass(slots=True)
class _Open:
    """A span that has begun, by its mark, and what stands in it so far."""

    mark: str
    inside: list[Span] = field(default_factory=list)


def read_spans(markdown: str) -> tuple[Span, ...] | None:
    """The spans in one line of our Markdown; None where its marks do not fit together."""
    # The outermost is the line itself.
    stack = [_Open("")]
    for kind, value in _tokens(markdown):
        match kind:
            case "text":
                stack[-1].inside.append(Span(SpanKind.TEXT, value))
            case "code":
                stack[-1].inside.append(Span(SpanKind.CODE, value))
            case "open":
                stack.append(_Open("["))
            case "link":
                if stack[-1].mark != "[":
                    return None
                words = tuple(stack.pop().inside)
                stack[-1].inside += [Span(SpanKind.LINK, inside=words, url=value)] if is_http_url(value) else words
            case _:
                _take_marks(stack, value)
    return tuple(stack[0].inside) if len(stack) == 1 else None


def _take_marks(stack: list[_Open], run: str) -> None:
    """Open and close spans as a run of stars, or a tick, says."""
    while run:
        mark = stack[-1].mark
        if mark in _KINDS and _closes(run, mark, {one.mark for one in stack}):
            inside = tuple(stack.pop().inside)
            stack[-1].inside.append(Span(_KINDS[mark], inside=inside))
        else:
            mark = "**" if run.startswith("**") else run[0]
            stack.append(_Open(mark))
        run = run.removeprefix(mark)


def _closes(run: str, mark: str, open_marks: set[str]) -> bool:
    """
    Whether a run of marks ends the innermost open one: two stars in *italics* begin bold, unless
    that is open.
    """
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
                yield "code", _unpadded(found["code"])
            case "open":
                yield "open", ""
            case _:
                yield "mark", found.group()
    if at < len(markdown):
        yield "text", markdown[at:]


def _unpadded(code: str) -> str:
    """
    Code without the space on both sides that keeps its own ticks from those around it.

    Source: CommonMark 0.31 §6.1.
    """
    is_padded = code.startswith(" ") and code.endswith(" ") and code.strip()
    return code[1:-1] if is_padded else code
