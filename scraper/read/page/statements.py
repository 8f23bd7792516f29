"""What a page states of its article: values with the place they stood at, and how JSON-LD writes them."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass

from scraper.read.page.parse import Json, Page
from scraper.text import squash

_ARTICLE_TYPES = re.compile(
    r"(?:News|Reportage|Opinion|Analysis|Background|Review|Blog|LiveBlog|Scholarly|Tech|Social"
    r"|Satirical|Advertiser)?\w*(?:Article|Posting|BlogPosting|LiveBlogPosting|Report|Story)$"
)
_TOLD_OF_AN_ARTICLE = ("headline", "datePublished", "author", "articleBody", "publisher", "isAccessibleForFree")
_MARKUP = re.compile(r"</?[a-zA-Z][^>]{0,60}>")


@dataclass(frozen=True, slots=True)
class Value:
    """One value, and where it stood."""

    text: str
    origin: str


def types_of(thing: Json) -> tuple[str, ...]:
    """
    The types of a JSON-LD object, without their namespace.

    >>> types_of({"@type": ["http://schema.org/NewsArticle"]})
    ('NewsArticle',)
    """
    kind = thing.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return tuple(part.rsplit("/", 1)[-1] for part in kinds if isinstance(part, str) and part)


def find_articles(page: Page) -> tuple[Json, ...]:
    """The articles among a page's JSON-LD objects, in document order."""
    return tuple(thing for thing in page.json_ld if any(map(_ARTICLE_TYPES.match, types_of(thing))))


def main_article(articles: tuple[Json, ...]) -> Json | None:
    """
    The article that the page is about: the one with the most said of it, and not one of a list of
    links.
    """
    return max(articles, key=lambda thing: sum(key in thing for key in _TOLD_OF_AN_ARTICLE), default=None)


def text_of(value: object) -> str | None:
    """
    A JSON-LD value as one line of text: the first of a list, the name of an object.

    >>> text_of([{"@type": "Thing", "name": "Tom &amp; <b>Ann</b>"}])
    'Tom & Ann'
    """
    if isinstance(value, list):
        return next((text for part in value if (text := text_of(part))), None)
    if isinstance(value, dict):
        return text_of(value.get("name") or value.get("@value"))
    if isinstance(value, str):
        return squash(re.sub(r"<[^>]+>", " ", html.unescape(html.unescape(value)))) or None
    return None


def plain(text: str) -> str:
    """
    The content of a meta element without the markup and the references that some publishers leave
    in it.

    >>> plain("Tom &amp;amp; <i>Ann</i>")
    'Tom & Ann'
    """
    return squash(_MARKUP.sub("", html.unescape(html.unescape(text))))


PARSELY = "parsely-page"


def parsely_facts(page: Page) -> Json:
    """What the meta element of a counting service says of the article, as JSON."""
    try:
        facts = json.loads(page.meta_content(PARSELY) or "{}")
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
