"""The strings of a page's data: what is written in them, and whether it is running text."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from scraper.text import squash

MARKUP = re.compile(r"<(?:p|div|br|h[1-6]|li|blockquote|section|article|figure)\b[^<>]*>", re.IGNORECASE)
_INLINE_MARKUP = re.compile(r"</?(?:a|b|i|em|strong|br|span|u|s|code|sub|sup|mark|small)\b[^<>]*>", re.IGNORECASE)
SENTENCE_END = re.compile(r"[.!?…。！？।]['\"”’»)\]]*\s*$")
_SENTENCES = re.compile(r"[.!?।]['\"”’»)]*\s|[。！？]")
# Of what is no prose: wire formats, code, style sheets.
WIRE = re.compile(r"\"\s*:\s*[\[{\"]|\[\"\$\"|\bfunction\s*\(|[{;]\s*\n?\s*[\w-]+\s*:[^{}]*;")
_LEAST_LETTERS = 0.75  # prose has more; code and tables of numbers fewer
_MARKDOWN_LINE = re.compile(r"\s*(#{1,6}\s+|[-*+]\s+|>\s+)?(.*)$")
_MARKDOWN_TAGS = {"#": "h2", "-": "li", "*": "li", "+": "li", ">": "blockquote"}
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_MARKDOWN_STRESS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


class Paragraph(NamedTuple):
    """A paragraph; the tag is "" where the markup has elements of its own."""

    tag: str
    markup: str


def opened_text(text: str) -> object:
    """
    What a string holds: the value of JSON (as it stands, percent-encoded, in base64), markup whose
    signs are written as references, or itself.

    >>> opened_text('"[1, 2]"'), opened_text("%7B%22a%22%3A1%7D"), opened_text("&lt;p>a&lt;/p>"), opened_text("[a")
    ([1, 2], {'a': 1}, '<p>a</p>', '[a')
    """
    text = _decoded(text)
    stripped = text.strip()
    if (stripped[:1], stripped[-1:]) in {("{", "}"), ("[", "]"), ('"', '"')}:
        try:
            value = json.loads(stripped, strict=False)
        except (ValueError, RecursionError):
            return text
        return opened_text(value) if isinstance(value, str) else value
    return text


def _decoded(text: str) -> str:
    begin = text.lstrip()[:3]
    if begin in {"%7B", "%5B"}:
        return unquote(text)
    if begin in {"eyJ", "W3s", "W1s"} and not re.search(r"\s", text.strip()):
        return _from_base64(text)
    has_no_markup_but_breaks = "&lt;" in text and "<" not in text.replace("<br", "")
    return html.unescape(text) if has_no_markup_but_breaks or "&lt;p" in text or "&quot;:" in text else text


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8")
    except (ValueError, binascii.Error):
        return text


def plain(markup: str) -> str:
    """Markup as a reader sees it, on one line."""
    return squash(html.unescape(re.sub(r"<[^<>]*>", " ", markup)))


def is_prose(text: str, *, fewest: int) -> bool:
    """
    Whether a text is running text, and neither code nor data.

    Args:
        fewest: How many sentences it has at least.
    """
    if not text or WIRE.search(text):
        return False
    if len(_SENTENCES.findall(f"{text} ")) < fewest:
        return False
    letters = sum(map(str.isalpha, text)) + sum(map(str.isspace, text))
    return letters > _LEAST_LETTERS * len(text)


def lines_of(text: str) -> Iterator[Paragraph]:
    """The paragraphs of a plain text or of Markdown."""
    for line in re.split(r"\s*\n\s*", text.strip()):
        found = _MARKDOWN_LINE.match(line)
        mark, words = (found.group(1) or "", found.group(2)) if found else ("", line)
        words = _MARKDOWN_STRESS.sub(r"\2", _MARKDOWN_LINK.sub(_link_words, words))
        if words.strip():
            yield Paragraph(_MARKDOWN_TAGS.get(mark[:1], "p"), escaped(words.strip()))


def _link_words(found: re.Match[str]) -> str:
    return "" if found.group().startswith("!") else found.group(1)


def escaped(text: str) -> str:
    """A text as markup; what is marked up in it stays."""
    return text if _INLINE_MARKUP.search(text) else text.replace("<", "&lt;")
