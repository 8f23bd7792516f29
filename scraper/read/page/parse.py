"""Bytes to a parsed page: the tree, and what the page says about itself in structured data."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scraper.encoding import Decoded, decode
from scraper.errors import PageError
from scraper.text import squash, without_placeholders
from scraper.urls import join_url

# A browser of 2008 closed a forgotten <title> by itself; an HTML5 parser swallows the page with it.
_TITLE = re.compile(r"<title\b[^>]*>", re.IGNORECASE)
_TITLE_END = re.compile(r"</title\s*>", re.IGNORECASE)
_HEAD_END = re.compile(r"</head\s*>|<body\b|<meta\b|<link\b|<script\b|<style\b", re.IGNORECASE)
_TEMPLATE = re.compile(r"<(/?)template\b([^>]*)>", re.IGNORECASE)
_SHADOW = re.compile(r"\bshadowroot(?:mode)?\s*=", re.IGNORECASE)
_JSON_TYPE = re.compile(r"ld\+json", re.IGNORECASE)
# Elements that say something of the page, found by one search: each search goes through the whole
# tree.
_TELLING = "meta[content], script, link[href], base[href], h1, [role='heading'][aria-level='1'], a[rel='next'][href]"
_HEADING = "h1"

Json = dict[str, Any]


class Link(NamedTuple):
    """What an element states of another document: *rel* in lower case, *href* as it stands there."""

    tag: str
    rel: str
    href: str


@dataclass(frozen=True, slots=True)
class Page:
    """
    A page that was parsed and not yet understood.

    Args:
        url: As fetched.
        base_url: What relative references on the page are joined to.
        meta: Contents of the meta elements, by lower-case name, property or itemprop; first one
            first.
        json_ld: Every object of the page's JSON-LD, those in lists and `@graph` included, in
            document order.
        broken_json_ld: Scripts that say they are JSON-LD and cannot be read as such.
        language: The page's own `lang`.
        links: Its `link` elements, then its `a` elements with `rel=next`, each in document order.
        scripts: Addresses of its scripts, as they stand there.
        top_headings: Its `h1` elements, and others that say they are as much.
    """

    url: str
    base_url: str
    tree: LexborHTMLParser
    text: str
    meta: Mapping[str, tuple[str, ...]]
    json_ld: tuple[Json, ...]
    broken_json_ld: tuple[str, ...]
    language: str | None
    links: tuple[Link, ...]
    scripts: tuple[str, ...]
    top_headings: tuple[LexborNode, ...]

    def meta_content(self, *names: str) -> str | None:
        """
        The first non-empty content among the meta elements of these names, in the order of the
        names.
        """
        return next((squash(value) for name in names for value in self.meta.get(name, ()) if value.strip()), None)


def parse_page(body: bytes, url: str, content_type: str | None = None) -> Page:
    """
    The page in *body*.

    Raises:
        PageError: There is nothing in it, it is no text, or the parser cannot take it.
    """
    decoded = decode(body, content_type)
    text = close_title(decoded.text.replace("\x00", "\ufffd") if b"\x00" in body else decoded.text)
    if "shadowroot" in text:
        text = open_shadows(text)
    # To encode a page anew costs a third of parsing it.
    tree = _build_tree(body if _is_utf8(decoded, text) else text, url)
    telling: defaultdict[str, list[LexborNode]] = defaultdict(list)
    for node in tree.css(_TELLING):
        telling[_kind_of_telling(node)].append(node)
    json_ld, broken = _find_json_ld(telling["script"])
    base = next(iter(telling["base"]), None)
    return Page(
        url=url,
        base_url=(join_url(url, base.attributes.get("href")) if base else None) or url,
        tree=tree,
        text=text,
        meta=_find_meta(telling["meta"]),
        json_ld=json_ld,
        broken_json_ld=broken,
        language=_stated_language(tree),
        links=tuple(map(_link, (*telling["link"], *telling["a"]))),
        scripts=tuple(source for node in telling["script"] if (source := attribute(node, "src"))),
        top_headings=tuple(telling[_HEADING]),
    )


def _kind_of_telling(node: LexborNode) -> str:
    """Its tag, or that of a heading where it says that it is one and holds no more than its words."""
    is_heading = attribute(node, "role") == "heading" and node.css_first("h1, h2, li, p") is None
    return _HEADING if is_heading else node.tag or ""


def _is_utf8(decoded: Decoded, text: str) -> bool:
    """Whether the bytes of a page are its *text* in UTF-8, as they stand."""
    is_unchanged = text is decoded.text and "\ufffd" not in text
    return is_unchanged and decoded.encoding == "utf-8" and decoded.origin != "bom"


def _build_tree(source: bytes | str, url: str) -> LexborHTMLParser:
    try:
        tree = LexborHTMLParser(source)
    except (SelectolaxError, ValueError, MemoryError) as error:
        raise PageError(url, f"the page cannot be parsed ({error})") from error
    if tree.root is None:
        raise PageError(url, "the page has no elements")
    return tree


def _stated_language(tree: LexborHTMLParser) -> str | None:
    root = tree.css_first("html")
    return squash(root.attributes.get("lang") or root.attributes.get("xml:lang")) or None if root else None


def close_title(text: str) -> str:
    """
    The page with a forgotten `</title>` put back before the next element of the head.

    >>> close_title("<title>News<meta charset=utf-8><body>Text")
    '<title>News</title><meta charset=utf-8><body>Text'
    """
    opened = _TITLE.search(text)
    if opened is None or _TITLE_END.search(text, opened.end()):
        return text
    follows = _HEAD_END.search(text, opened.end())
    end = follows.start() if follows else len(text)
    return f"{text[:end]}</title>{text[end:]}"


def open_shadows(text: str) -> str:
    """
    The page with its declarative shadow roots as elements: a browser shows them without a script.

    Source: HTML Standard, "the template element", `shadowrootmode`; `shadowroot` is its first name.

    >>> open_shadows("<x-a><template shadowrootmode=open><p>A</template></x-a><template>B</template>")
    '<x-a><shadow-root shadowrootmode=open><p>A</shadow-root></x-a><template>B</template>'
    """
    opened: list[bool] = []

    def renamed(found: re.Match[str]) -> str:
        is_end, attributes = found.group(1), found.group(2)
        if is_end:
            is_shadow = opened.pop() if opened else False
        else:
            is_shadow = _SHADOW.search(attributes) is not None
            opened.append(is_shadow)
        return f"<{is_end}shadow-root{attributes}>" if is_shadow else found.group()

    return _TEMPLATE.sub(renamed, text)


def attribute(node: LexborNode, name: str) -> str:
    """The value of an attribute, "" where there is none."""
    return node.attributes.get(name) or ""


def _link(node: LexborNode) -> Link:
    attributes = node.attributes
    return Link(node.tag or "", (attributes.get("rel") or "").lower(), attributes.get("href") or "")


def _find_meta(nodes: Iterable[LexborNode]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for node in nodes:
        attributes = node.attributes
        content = without_placeholders(attributes.get("content") or "")
        for key in ("name", "property", "itemprop"):
            if name := attributes.get(key):
                found.setdefault(name.strip().lower(), []).append(content)
    return {name: tuple(values) for name, values in found.items()}


def _find_json_ld(scripts: Iterable[LexborNode]) -> tuple[tuple[Json, ...], tuple[str, ...]]:
    objects: list[Json] = []
    broken: list[str] = []
    for node in scripts:
        if not _JSON_TYPE.search(attribute(node, "type")):
            continue
        source = node.text(deep=True)
        parsed = _parse_json(source)
        if parsed is None:
            broken.append(source)
        else:
            objects.extend(_objects(parsed))
    return tuple(objects), tuple(broken)


def _parse_json(source: str) -> object:
    """
    The value of a JSON text as publishers write it: in CDATA or comments, with raw line ends or a
    comma too many.
    """
    text = re.sub(r"^\s*(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)", "", source)
    text = re.sub(r"(?:-->|/\*\s*\]\]>\s*\*/|//\s*\]\]>|\]\]>)\s*;?\s*$", "", text).strip().rstrip(";")
    for candidate in (text, re.sub(r",\s*([}\]])", r"\1", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


# A page, its graph, a list in it, an entry, its thing.
_MOST_NESTED = 4


def _objects(value: object, depth: int = 0) -> Iterator[Json]:
    """The objects of a JSON-LD document that stand for things of their own, outermost first."""
    if depth > _MOST_NESTED:
        return
    if isinstance(value, list):
        for part in value:
            yield from _objects(part, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item"):
            if isinstance(value.get(key), dict | list):
                yield from _objects(value[key], depth + 1)
