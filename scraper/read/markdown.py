"""The text of a block as Markdown: links, emphasis, headings, list marks and code."""

from __future__ import annotations

import re

from scraper.read.blocks import Block, Inline
from scraper.urls import is_http_url

_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_NEEDS_BRACKETS = re.compile(r"[\s()]")
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "kbd": "`", "tt": "`", "samp": "`"}
_LINE_MARKS = frozenset(("li", "blockquote"))
_HEADING = re.compile(r"h([1-6])")


def render_block(block: Block) -> str:
    """One block as Markdown; relative links lose their target and keep their words."""
    around = block.element.tags
    if "pre" in around:
        return "```\n" + block.text + "\n```"
    text = _inline(block)
    if found := _HEADING.fullmatch(block.tag):
        return f"{'#' * max(2, int(found.group(1)))} {squash_lines(text)}"
    for element in block.element.ancestors() if around & _LINE_MARKS else ():
        if element.tag == "li":
            ordered = (
                next((outer.tag for outer in element.ancestors() if outer.tag in {"ul", "ol", "menu"}), "ul") == "ol"
            )
            return f"{'1.' if ordered else '-'} {squash_lines(text)}"
        if element.tag == "blockquote":
            return "\n".join(f"> {line}" for line in text.splitlines())
    return text.replace("\n", "  \n")


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


def _is_marked(inline: Inline) -> bool:
    """Whether an inline element has a mark: an absolute link, emphasis, code."""
    href = inline.href
    return inline.tag in _MARKS or (href is not None and ":" in href and is_http_url(href))


def _inline(block: Block) -> str:
    """Marks nest as the inline elements do; of two that overlap without nesting, the later one is left out."""
    starts: dict[int, list[tuple[int, str]]] = {}
    ends: dict[int, list[tuple[int, str]]] = {}
    kept_ends: list[int] = []
    for inline in sorted(filter(_is_marked, block.inlines), key=lambda part: (part.start, -part.end)):
        while kept_ends and kept_ends[-1] <= inline.start:
            kept_ends.pop()
        if kept_ends and inline.end > kept_ends[-1]:
            continue
        if inline.tag in _MARKS:
            left = right = _MARKS[inline.tag]
        else:
            left, right = (
                "[",
                f"](<{inline.href}>)" if _NEEDS_BRACKETS.search(inline.href or "") else f"]({inline.href})",
            )
        kept_ends.append(inline.end)
        starts.setdefault(inline.start, []).append((-inline.end, left))
        ends.setdefault(inline.end, []).append((-inline.start, right))
    if not starts:
        return escape(block.text)
    parts: list[str] = []
    position = 0
    for at in sorted({*starts, *ends}):
        parts.append(escape(block.text[position:at]))
        parts.extend(mark for _, mark in sorted(ends.get(at, ())))
        parts.extend(mark for _, mark in sorted(starts.get(at, ())))
        position = at
    parts.append(escape(block.text[position:]))
    return "".join(parts)
