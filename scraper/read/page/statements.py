"""What a page states of its article: values with the place they stood at, and how JSON-LD writes them."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass

from scraper.read.page.parse import Json, Page
from scraper.text import fold, squash, without_placeholders
from scraper.urls import is_http_url, url_key

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


def main_article(page: Page, articles: tuple[Json, ...]) -> Json | None:
    """
    The article that the page is about: the one with its address or its headline, and of several
    the one with the most said of it; never one of a list of others.
    """
    if len(articles) > 1 or _is_listed(page, articles):
        own = tuple(thing for thing in articles if _is_of_page(page, thing))
        listed = _listed(page)
        articles = own or tuple(thing for thing in articles if id(thing) not in listed)
    return max(articles, key=lambda thing: sum(key in thing for key in _TOLD_OF_AN_ARTICLE), default=None)


def _is_listed(page: Page, articles: tuple[Json, ...]) -> bool:
    return bool(articles) and id(articles[0]) in _listed(page)


def _listed(page: Page) -> set[int]:
    """The things that stand in lists of a page."""
    entries = (entry for thing in page.json_ld for entry in _entries(thing.get("itemListElement")))
    return {id(part) for entry in entries for part in (entry, entry.get("item"))}


def _entries(value: object) -> list[Json]:
    return [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]


def _is_of_page(page: Page, thing: Json) -> bool:
    """Whether an article has the address or a headline of the page."""
    own = {_key(url) for url in (page.url, page.meta_content("og:url"), _canonical(page)) if url and is_http_url(url)}
    return any(_key(url) in own for url in _addresses(thing)) or _has_headline_of(page, thing)


def _has_headline_of(page: Page, thing: Json) -> bool:
    name = fold(text_of(thing.get("headline") or thing.get("name")))
    shown = (*(node.text(separator=" ") for node in page.top_headings), page.meta_content("og:title"))
    return bool(name) and name in {fold(text) for text in shown if text}


def _key(url: str) -> str:
    return url_key(url).rstrip("/")


def _canonical(page: Page) -> str | None:
    return next((link.href for link in page.links if link.rel == "canonical"), None)


def _addresses(thing: Json) -> list[str]:
    values = (thing.get("url"), thing.get("@id"), thing.get("mainEntityOfPage"))
    named = (value.get("@id") if isinstance(value, dict) else value for value in values)
    return [value for value in named if isinstance(value, str) and is_http_url(value)]


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
        text = squash(re.sub(r"<[^>]+>", " ", html.unescape(html.unescape(value))))
        return without_placeholders(text) or None
    return None


def plain(text: str) -> str:
    """
    The content of a meta element without the markup and the references that some publishers leave
    in it.

    >>> plain("Tom &amp;amp; <i>Ann</i>")
    'Tom & Ann'
    """
    return without_placeholders(squash(_MARKUP.sub("", html.unescape(html.unescape(text)))))


PARSELY = "parsely-page"


def parsely_facts(page: Page) -> Json:
    """What the meta element of a counting service says of the article, as JSON."""
    try:
        facts = json.loads(page.meta_content(PARSELY) or "{}")
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
