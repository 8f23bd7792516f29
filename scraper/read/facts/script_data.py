"""
Article text that stands only in script data: JSON-LD `articleBody`, framework state
(`__NEXT_DATA__`, Next.js flight pushes, Nuxt, Apollo, Fusion, preloaded state).

Such pages show nothing to a reader without scripts, yet the ordinary request carried the text.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator

from scraper.read.facts.metadata import Metadata
from scraper.read.page.parse import Page
from scraper.text import count_words

_FLIGHT = re.compile(r"self\.__next_f\.push\(\s*(\[.*\])\s*\)", re.DOTALL)
_ASSIGNMENT = re.compile(
    r"(?:window\.)?(?:__NEXT_DATA__|__NUXT__|__APOLLO_STATE__|__PRELOADED_STATE__|__INITIAL_STATE__|__INITIAL_DATA__|Fusion\.globalContent|__data)\s*=\s*([\[{].*)",
    re.DOTALL,
)
_PARAGRAPH = re.compile(r"<(?:p|div|br|h[2-6]|li)\b", re.IGNORECASE)
# Markers that content systems leave in text ("$$ARTICLEAD$$").
_MARKER = re.compile(r"\$\$\w+\$\$|\{\{[^{}]{0,40}\}\}")
_FEWEST_WORDS = 40


def find_script_html(page: Page, metadata: Metadata) -> tuple[str, str] | None:
    """
    The longest article text in script data as HTML, and where it stood; None where there is none.

    JSON-LD comes first: the publisher says there that it is the article's body.
    """
    if metadata.article_body and count_words(metadata.article_body) >= _FEWEST_WORDS:
        return _as_html(metadata.article_body), "json-ld articleBody"
    texts = ((text, where) for value, where in _values(page) for text in _article_texts(value))
    best = max(texts, key=lambda found: count_words(found[0]), default=None)
    return (_as_html(best[0]), best[1]) if best else None


def _as_html(text: str) -> str:
    text = _MARKER.sub("", text)
    if _PARAGRAPH.search(text):
        return text
    return "".join(
        f"<p>{html.escape(part.strip(), quote=False)}</p>" for part in re.split(r"\n\s*\n|\n", text) if part.strip()
    )


def _values(page: Page) -> Iterator[tuple[object, str]]:
    """Every JSON value that the page's scripts carry, and the name it goes by."""
    flight: list[str] = []
    for node in page.tree.css("script"):
        kind = (node.attributes.get("type") or "").lower()
        source = node.text(deep=True)
        if "ld+json" in kind or len(source) < 200:
            continue
        if "json" in kind:
            yield from _parsed(source, node.attributes.get("id") or "script data")
        elif found := _FLIGHT.search(source):
            flight.extend(_chunks(found.group(1)))
        elif found := _ASSIGNMENT.search(source):
            yield from _parsed(found.group(1), "script state")
    # The chunks of a flight are one stream; a text can be a chunk of its own or a string in one.
    stream = "".join(flight)
    if stream:
        yield [*flight, *_strings_in(stream)], "next.js flight"


def _chunks(pushed: str) -> Iterator[str]:
    """The texts in the list that one push adds to a flight."""
    for value, _ in _parsed(pushed, ""):
        if isinstance(value, list):
            yield from (part for part in value if isinstance(part, str))


def _parsed(source: str, where: str) -> Iterator[tuple[object, str]]:
    try:
        yield json.JSONDecoder(strict=False).raw_decode(source.strip())[0], where
    except (ValueError, RecursionError):
        return


def _strings_in(stream: str) -> Iterator[str]:
    for found in re.finditer(r'"((?:[^"\\]|\\.){200,})"', stream):
        try:
            yield json.loads(f'"{found.group(1)}"', strict=False)
        except ValueError:
            continue


def _article_texts(value: object) -> Iterator[str]:
    """
    Strings that are an article's text: marked-up paragraphs, or long prose; and lists of
    paragraphs.
    """
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            pending.extend(current.values())
        elif isinstance(current, list):
            yield from _joined_paragraphs(current)
            pending.extend(current)
        elif isinstance(current, str) and len(current) > 200 and _is_prose(current):
            yield current


def _joined_paragraphs(parts: Iterable[object]) -> Iterator[str]:
    """The content elements of a list as one text, where they are enough for an article."""
    paragraphs = [text for part in parts if (text := _paragraph_of(part))]
    if len(paragraphs) >= 3 and count_words(" ".join(paragraphs)) >= _FEWEST_WORDS:
        yield "".join(f"<p>{text}</p>" for text in paragraphs)


def _paragraph_of(part: object) -> str | None:
    """The text of a content element such as {"type": "text", "content": "…"}."""
    if not isinstance(part, dict):
        return None
    kind = str(part.get("type") or part.get("_type") or part.get("__typename") or "").lower()
    if not re.search(r"text|paragraph|^p$|html", kind):
        return None
    return next(
        (part[key] for key in ("content", "text", "html", "value", "body") if isinstance(part.get(key), str)), None
    )


def _is_prose(text: str) -> bool:
    plain = re.sub(r"<[^>]*>", " ", text)
    if count_words(plain) < _FEWEST_WORDS or "function(" in plain or "{" in plain[:2]:
        return False
    letters = sum(character.isalpha() or character.isspace() for character in plain)
    return letters > 0.75 * len(plain) and bool(_PARAGRAPH.search(text) or len(re.findall(r"[.!?。！？]\s", text)) >= 3)
