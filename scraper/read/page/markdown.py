"""The text of a block as Markdown: links, emphasis, headings, list marks and code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import itemgetter

from scraper.read.page.blocks import Block, Element, Inline
from scraper.urls import is_http_url

_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
# What begins a line of another kind: a heading, a list, a table, the line below a heading.
_LINE_START = re.compile(r"^(?:([#|=~+:-])|(\d{1,9})([.)])(?=\s|$))", re.MULTILINE)
# Code as `_inline` leaves it, with what stands before it; the escapes and marks in it.
_CODE = re.compile(r"((?:\\.|[^`\\])*)`((?:\\.|[^`\\])*)`", re.DOTALL)
_SIGNS = re.compile(r"\\(.)|\*+|\[|\]\((?:<[^<>]*>|[^()\s]*)\)")
_TICKS = re.compile(r"`+")
_NEEDS_BRACKETS = re.compile(r"[\s()]")
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "kbd": "`", "tt": "`", "samp": "`"}
_LINE_MARKS = frozenset(("li", "blockquote"))
_LISTS = frozenset(("ul", "ol", "menu"))
# The page's own headline stands above all: h1 becomes the second level.
_HEADINGS = {f"h{level}": "#" * max(2, level) for level in range(1, 7)}

# Where an inline element begins, where it ends (below 0: of two with one start the longer is the
# outer one), and what stands before and behind it.
_Marked = tuple[int, int, tuple[str, str]]


def render_block(block: Block) -> str:
    """One block as Markdown; relative links lose their target and keep their words."""
    tags = block.element.tags
    if "pre" in tags or _is_code_of_lines(block):
        fence = "`" * max(3, 1 + _longest_ticks(block.text))
        return f"{fence}\n{block.text}\n{fence}"
    text = _inline(block)
    if "`" in text:
        text = _CODE.sub(lambda found: found[1] + code_span(_SIGNS.sub(r"\1", found[2])), text)
    if block.tag in _HEADINGS:
        return f"{_HEADINGS[block.tag]} {squash_lines(text)}"
    if not _LINE_MARKS.isdisjoint(tags):
        marked = next(element for element in block.element.ancestors() if element.tag in _LINE_MARKS)
        return _in_item(text, marked) if marked.tag == "li" else _in_quote(text)
    return escape_starts(text).replace("\n", "  \n")


def _is_code_of_lines(block: Block) -> bool:
    """Whether a block of several lines is code as a whole, whatever element it stands in."""
    return "\n" in block.text and any(
        inline.tag == "code" and (inline.start, inline.end) == (0, len(block.text)) for inline in block.inlines
    )


def _in_item(text: str, item: Element) -> str:
    lists = (outer.tag for outer in item.ancestors() if outer.tag in _LISTS)
    return f"{'1.' if next(lists, 'ul') == 'ol' else '-'} {squash_lines(text)}"


def _in_quote(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def squash_lines(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split("\n"))


def escape(text: str) -> str:
    r"""
    The text with every character that Markdown would take for a mark escaped.

    >>> escape("2 * 3 <b>")
    '2 \\* 3 \\<b\\>'
    """
    return _SPECIAL.sub(r"\\\1", text)


def escape_starts(text: str) -> str:
    r"""
    Markdown in which no line is taken for a heading, a list or a table by what it begins with.

    >>> print(escape_starts("1. May, and # 7"), escape_starts("# 7"))
    1\. May, and # 7 \# 7
    """
    return _LINE_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", text)


def code_span(text: str) -> str:
    """
    A span of code, as it stands: nothing is escaped in it.

    Source: CommonMark 0.31 §6.1.

    >>> print(code_span("a_b"), code_span("`x"))
    `a_b` `` `x ``
    """
    ticks = "`" * (1 + _longest_ticks(text))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{squash_lines(text)}{pad}{ticks}"


def _longest_ticks(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def _marks(inline: Inline) -> tuple[str, str] | None:
    """
    What stands before and behind an inline element: emphasis, code, an absolute link; None where
    nothing does.
    """
    if mark := _MARKS.get(inline.tag):
        return mark, mark
    href = inline.href
    if href is None or ":" not in href or not is_http_url(href):
        return None
    return "[", f"](<{href}>)" if _NEEDS_BRACKETS.search(href) else f"]({href})"


def _inline(block: Block) -> str:
    """
    Marks nest as the inline elements do; of two that overlap without nesting, the later one is left
    out.
    """
    marked = [(inline.start, -inline.end, marks) for inline in block.inlines if (marks := _marks(inline))]
    text = block.text
    if not marked:
        return escape(text)
    if len(marked) == 1 and marked[0][:2] == (0, -len(text)):  # nearly all: a link or a word that is the whole block
        left, right = marked[0][2]
        return f"{left}{escape(text)}{right}"
    starts, ends = _nest(marked)
    parts: list[str] = []
    position = 0
    for at in sorted({*starts, *ends}):
        parts.append(escape(text[position:at]))
        parts.extend(ends.get(at, ()))
        parts.extend(starts.get(at, ()))
        position = at
    parts.append(escape(text[position:]))
    return "".join(parts)


def _nest(marked: Iterable[_Marked]) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """
    The marks that begin and that end at each place; of two that overlap without nesting, the first
    is kept.
    """
    starts: dict[int, list[str]] = {}
    ends: dict[int, list[str]] = {}
    kept_ends: list[int] = []
    for start, negative_end, (left, right) in sorted(marked, key=itemgetter(0, 1)):
        end = -negative_end
        while kept_ends and kept_ends[-1] <= start:
            kept_ends.pop()
        if kept_ends and end > kept_ends[-1]:
            continue
        kept_ends.append(end)
        # Outer ones come first, so that the last to be opened is the first to be closed.
        starts.setdefault(start, []).append(left)
        ends.setdefault(end, []).insert(0, right)
    return starts, ends
