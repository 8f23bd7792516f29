"""The nodes of rich text: their parts, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from scraper.read.facts.script.kinds import BLOCKS, BREAK, FOREIGN, INLINE, LIST, TEXT, kind_of
from scraper.read.facts.script.strings import MARKUP, SENTENCE_END, WIRE, Paragraph, escaped, opened_text, plain
from scraper.text import count_words, squash

# A value lies many levels less deep on any page.
MOST_LEVELS = 120
# Names of members whose text is no text of an article, by their words.
_OTHER_MEMBERS = frozenset(
    """
    comment comments related recommended recommendations recommendation popular trending teaser teasers author authors
    bio byline bylines nav navigation menu menus footer newsletter newsletters promo promos ad ads translations
    messages i18n labels seo meta metadata description summary excerpt dek deck standfirst subtitle subheadline abstract
    caption captions credit credits alt copyright legal privacy cookie cookies consent config settings theme styles css
    tracking analytics schema jsonld tags breadcrumbs sidebar widgets disclaimer excerpts
    """.split()
)
_OTHER_NAMES = frozenset(
    "head markDefs entityMap className href url src key id _id _key type query runtimeConfig buildId".split()
)
# Members that hold a text by itself, the likeliest first.
_TEXT_MEMBERS = (
    *("__html", "html", "text", "value", "content", "rendered", "processed", "renderedHtml", "saveContent"),
    *("originalContent", "innerHTML", "body", "plain_text", "plainText", "insert", "paragraph", "p", "children"),
)
# … and those around it, or that hold its parts.
_WRAPPERS = (
    *("data", "attributes", "attributesJSON", "attrs", "model", "props", "fields", "primary", "content", "children"),
    *(
        "innerBlocks",
        "nodes",
        "blocks",
        "items",
        "rich_text",
        "text",
        "body",
        "elements",
        "content_elements",
        "parts",
        "spans",
    ),
)
TITLES = ("headline", "title", "heading", "headlines")
_HOLD_TITLES = ("frontmatter", "frontMatter", "attributes", "fields", "meta", "metadata")
_OF_TITLES = ("rendered", "basic", "text", "main", "default", "raw", "value")
# What is told of an article and not of a section in one.
OF_RECORDS = frozenset(
    """
    url slug href path permalink link uri canonical canonicalUrl canonical_url date datePublished publishedAt published
    published_at publishDate publish_date publicationDate pubDate createdAt created_at firstPublished author authors
    byline category categories section tags seo excerpt
    """.split()
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
# Of texts side by side, paragraphs have so many words in the mean and end as sentences; parts of one
# do not.
_FEWEST_PARAGRAPH_WORDS, _LEAST_SENTENCES = 6, 0.6
_HELD = BLOCKS | {LIST}


def inserts_of(parts: list[object]) -> str:
    """The text of a list of insertions (Quill's Delta), "" where it is none."""
    texts = [part.get("insert") for part in parts if isinstance(part, dict)]
    if not texts or len(texts) < len(parts) or not any(isinstance(text, str) for text in texts):
        return ""
    return "".join(text for text in texts if isinstance(text, str))


# A page's data has the same few dozen names many times.
@lru_cache(maxsize=1024)
def is_other(name: str) -> bool:
    """
    Whether a member of this name holds no text of an article.

    >>> is_other("relatedPosts"), is_other("bodyText")
    (True, False)
    """
    return name in _OTHER_NAMES or any(word.lower() in _OTHER_MEMBERS for word in _HUMP.split(name))


def title_of(node: Mapping[str, object]) -> str | None:
    """The title that a record or a section states, by itself or in what is said of it."""
    held = (value for name in _HOLD_TITLES if isinstance(value := node.get(name), dict))
    return next(filter(None, map(_stated_title, (node, *held))), None)


def _stated_title(node: Mapping[str, object]) -> str | None:
    for key in TITLES:
        value = node.get(key)
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, dict):
            value = next((value[name] for name in _OF_TITLES if isinstance(value.get(name), str)), None)
        if isinstance(value, str) and value.strip():
            return squash(plain(value))
    return None


def is_leaf(part: object) -> bool:
    """Whether a member of a list is a piece of text and no block."""
    if isinstance(part, str):
        return not MARKUP.search(part) and part[:1] not in {"{", "["}
    if not isinstance(part, dict):
        return False
    kind = kind_of(part)
    return kind in {INLINE, BREAK} or (kind in {"", TEXT} and _is_text_alone(part))


def _is_text_alone(part: Mapping[str, object]) -> bool:
    """Whether a node is a text within a line, and nothing else."""
    if not any(isinstance(part.get(name), str) for name in _TEXT_MEMBERS) or MARKUP.search(own_text(part)):
        return False
    return OF_RECORDS.isdisjoint(part) and not any(isinstance(value, list) and value for value in part.values())


def paragraphs_of_run(run: list[object]) -> list[Paragraph]:
    """Pieces of text side by side: paragraphs, or the parts of one."""
    texts = [text for part in run if (text := inline_of(part)).strip()]
    whole = squash("".join(texts))
    if not whole or WIRE.search(whole):
        return []
    words = count_words(plain(whole))
    ends = sum(map(_ends_sentence, texts))
    if ends >= _LEAST_SENTENCES * len(texts) and words >= _FEWEST_PARAGRAPH_WORDS * len(texts):
        return [Paragraph("p", squash(text)) for text in texts]
    return [Paragraph("p", whole)] if words >= _FEWEST_PARAGRAPH_WORDS or _ends_sentence(whole) else []


def _ends_sentence(markup: str) -> bool:
    return SENTENCE_END.search(plain(markup)) is not None


def own_text(node: Mapping[str, object]) -> str:
    """The text that a node holds by itself, or in what is wrapped around it; "" where it has none."""
    for name in _TEXT_MEMBERS:
        value = node.get(name)
        if isinstance(value, str) and value.strip():
            return value
    for name in _WRAPPERS:
        value = node.get(name)
        if isinstance(value, str) and value.startswith("{"):
            value = opened_text(value)
        if isinstance(value, dict) and (text := own_text(value)):
            return text
    return ""


def inline_of(part: object, level: int = 0) -> str:
    """What a piece of text says, as markup within a line."""
    if isinstance(part, str):
        return escaped(part)
    if level >= MOST_LEVELS:
        return ""
    if isinstance(part, list):
        return "".join(inline_of(inner, level + 1) for inner in part)
    return _inline_of_node(part, level) if isinstance(part, dict) else ""


def _inline_of_node(node: Mapping[str, object], level: int) -> str:
    kind = kind_of(node)
    if kind == BREAK:
        return "<br>"
    if kind == FOREIGN:
        return ""
    if (own := _own_inline(node)) is not None:
        return own
    for value in _parts_of(node):
        if value and (text := inline_of(value, level + 1)):
            return text
    return ""


def _own_inline(node: Mapping[str, object]) -> str | None:
    """The text of a node by itself; a space, where that is all it says; None where its parts say it."""
    texts = [value for name in _TEXT_MEMBERS if isinstance(value := node.get(name), str)]
    for text in texts:
        if text.strip(" "):
            return escaped(text)
    return " " if " " in texts else None


def _parts_of(node: Mapping[str, object]) -> Iterator[dict[str, object] | list[object]]:
    """What may hold the parts of a node, the likeliest first."""
    wrapped = node.get(str(node.get("type")))  # {"type": "paragraph", "paragraph": {…}}
    for value in (wrapped, *map(node.get, _WRAPPERS)):
        opened = opened_text(value) if isinstance(value, str) else value  # attributes can be kept as JSON
        if isinstance(opened, dict | list):
            yield opened
    yield from (value for name, value in node.items() if isinstance(value, dict | list) and not is_other(name))


def holds_blocks(node: Mapping[str, object]) -> bool:
    """Whether other blocks stand in a node, as in a quotation or an item."""
    return any(isinstance(part, dict) and kind_of(part) in _HELD for part in members_of(node))


def members_of(node: Mapping[str, object]) -> list[object]:
    """The parts of a node: its own, or those of what is wrapped around them."""
    for name in _WRAPPERS:
        value = node.get(name)
        if isinstance(value, list) and value:
            return value
        if isinstance(value, dict) and (parts := members_of(value)):
            return parts
    return []


def items_of(node: Mapping[str, object]) -> Iterator[str]:
    """What the items of a list say that are plain texts, or plain texts with lists in them."""
    markup = own_text(node) or own_text({"text": (node.get("attributes") or {}).get("values")})  # type: ignore[attr-defined]
    yield from (item for item in re.split(r"</?(?:li|ul|ol)\b[^<>]*>", markup) if squash(plain(item)))
    for part in members_of(node):
        text = part if isinstance(part, str) else own_text(part) if isinstance(part, dict) else ""
        if squash(plain(text)):
            yield escaped(text)
        if isinstance(part, dict):
            yield from items_of({"items": part.get("items")})
