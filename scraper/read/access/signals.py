"""
What a page's markup and its server say about access: each signal a function that quotes what it
saw.

Names and values are in `signals.toml`. Nothing here weighs one signal against another: see
`judge.py`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from selectolax.lexbor import LexborNode, SelectolaxError

from scraper.model import Evidence
from scraper.read.facts.metadata import Metadata
from scraper.read.page.parse import Page, attribute
from scraper.read.words.notices import asks_for_consent, asks_to_comment
from scraper.text import count_words, squash


@cache
def _rules() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((files("scraper.read.access") / "signals.toml").read_text(encoding="utf-8"))


@cache
def _any_of(table: str, key: str) -> re.Pattern[str]:
    return re.compile("|".join(_rules()[table][key]))


# ---------------------------------------------------------------- what the publisher states

_FREE_WORDS = {"true", "1", "yes"}
_CLOSED_WORDS = {"false", "0", "no"}
_PAGE_TYPES = {"WebPage", "CreativeWork", "ItemPage", ""}
_DECLARATION = "isAccessibleForFree"
# The same words in JSON that cannot be parsed or that hides in an attribute, with any kind of
# quotes.
_QUOTE = r"(?:\\*(?:[\"']|&quot;|&#34;|\\?u0022)){0,2}"
_LOOSE_DECLARATION = re.compile(
    rf"isAccessibleForFree{_QUOTE}\s*:\s*{_QUOTE}(?:https?:\W{{1,6}}schema\.org\W{{1,3}})?([Tt]rue|[Ff]alse)\b"
)
# Names that publishers give the part behind a wall say which wall it is.
_METER_NAME = re.compile(r"meter", re.IGNORECASE)
_REGISTRATION_NAME = re.compile(
    r"reg-?wall|regist|e?mail-?wall|log-?in|sign-?(?:in|up)|anmeld|conne(?:ct|x)", re.IGNORECASE
)
_FEWEST_PART_WORDS = 15  # a teaser left in a part that is closed has fewer
# More elements that differ are the marks of a list of articles.
_MOST_MICRODATA = 2
_LONGEST_ITEMPROP = 500  # characters; a longer one is a text, not a statement


def find_declarations(page: Page, metadata: Metadata) -> list[Evidence]:
    """
    What the publisher declares of the article and its parts, in JSON-LD, microdata and metas,
    parsable or not.

    Source: https://schema.org/isAccessibleForFree and Google's "Structured data for subscription
    and paywalled content", which names the part behind the wall by `hasPart.cssSelector`.
    """
    found, parts = _find_in_json_ld(page, metadata)
    # To look for a word in a page is cheap, to look for elements or for a pattern is not.
    mentions = tuple(_find_mentions(page.text))
    if any("itemprop" in page.text[max(0, at - _LONGEST_ITEMPROP) : at].lower() for at in mentions):
        of_page, of_parts = _find_microdata(page)
        found += of_page
        parts += of_parts
    found += _find_in_metas(page)
    # A closed part of a page that is free as a whole is an extra, or a template.
    if not any(evidence.points_to == "free" for evidence in found):
        found += parts
    return found or _loose_declarations(page, mentions)


def _find_in_json_ld(page: Page, metadata: Metadata) -> tuple[list[Evidence], list[Evidence]]:
    """What JSON-LD declares of the page, and of its parts."""
    articles = {id(thing) for thing in metadata.articles}
    of_page: list[Evidence] = []
    of_parts: list[Evidence] = []
    for thing in page.json_ld:
        if _DECLARATION not in thing:
            continue
        if thing.get("cssSelector"):
            of_parts += _declared_part(page, thing[_DECLARATION], thing["cssSelector"], "json-ld hasPart")
        elif id(thing) in articles or str(thing.get("@type") or "").rsplit("/", 1)[-1] in _PAGE_TYPES:
            of_page += _declared(thing[_DECLARATION], "json-ld")
        elif "WebPageElement" in str(thing.get("@type")):
            of_parts += _declared(thing[_DECLARATION], "json-ld hasPart")
    return of_page, of_parts


def _find_in_metas(page: Page) -> Iterator[Evidence]:
    for name in _rules()["declarations"]["metas"]:
        for value in page.meta.get(name, ()):
            yield from _declared(value, f"meta {name}")


def _declared(value: object, where: str) -> Iterator[Evidence]:
    for single in value if isinstance(value, list) else [value]:
        plain = single.get("@value", single.get("@id")) if isinstance(single, dict) else single
        word = str(plain).strip().rsplit("/", 1)[-1].lower()
        if word in _FREE_WORDS:
            yield Evidence("declaration", f"{_DECLARATION}: {plain}", where, "free")
        elif word in _CLOSED_WORDS:
            yield Evidence("declaration", f"{_DECLARATION}: {plain}", where, "full-subscriber")


def _declared_part(page: Page, value: object, selectors: object, where: str) -> Iterator[Evidence]:
    """
    A part that is declared closed: the wall that its name speaks of, and whether anything stands in
    it.
    """
    if not any(evidence.points_to != "free" for evidence in _declared(value, where)):
        return
    for selector in filter(None, map(str, selectors if isinstance(selectors, list) else [selectors])):
        nodes = _select(page, selector)
        words = sum(count_words(node.text(separator=" ")) for node in nodes)
        points_to = _wall_named(selector) or ("preview" if nodes and words < _FEWEST_PART_WORDS else "full-subscriber")
        what = f"{len(nodes)} elements, {words} words" if nodes else "no such element"
        yield Evidence("declared-part", f"{selector}: {what}", where, points_to)


def _wall_named(selector: str) -> str | None:
    """The kind of wall that the name of a part speaks of."""
    if _METER_NAME.search(selector):
        return "metered"
    return "registration" if _REGISTRATION_NAME.search(selector) else None


def _select(page: Page, selector: str) -> list[LexborNode]:
    try:
        return page.tree.css(selector)
    except (SelectolaxError, ValueError):
        return []


def _find_mentions(text: str) -> Iterator[int]:
    """Where the declaration's name stands."""
    at = text.find(_DECLARATION)
    while at >= 0:
        yield at
        at = text.find(_DECLARATION, at + 1)


def _find_microdata(page: Page) -> tuple[list[Evidence], list[Evidence]]:
    """What microdata declares of the page, and of its parts."""
    of_page: list[Evidence] = []
    of_parts: list[Evidence] = []
    for node in page.tree.css(f"[itemprop~='{_DECLARATION}']"):
        value = attribute(node, "content") or attribute(node, "href") or squash(node.text())
        scope = _scope_of(node)
        if scope is not None and "hasPart" in attribute(scope, "itemprop").split():
            of_parts += _declared_part(page, value, _selector_in(scope), "microdata hasPart")
        else:
            of_page += _declared(value, "microdata")
    if len(of_page) > _MOST_MICRODATA and len({evidence.points_to for evidence in of_page}) > 1:
        of_page = []
    return of_page, of_parts


def _scope_of(node: LexborNode) -> LexborNode | None:
    """The element of the thing that a property is stated of."""
    scope = node.parent
    while scope is not None and "itemscope" not in scope.attributes:
        scope = scope.parent
    return scope


def _selector_in(scope: LexborNode) -> str:
    """The selector that a part states of itself."""
    named = scope.css_first("[itemprop~='cssSelector']")
    return (attribute(named, "content") or squash(named.text())) if named is not None else ""


def _loose_declarations(page: Page, mentions: Iterable[int]) -> list[Evidence]:
    """
    Declarations in markup that is no JSON to us; those of other articles stand there too, so all
    must agree.
    """
    words = [found.group(1).lower() for at in mentions if (found := _LOOSE_DECLARATION.match(page.text, at))]
    return list(_declared(words[0], "broken or escaped json-ld")) if len(set(words)) == 1 else []


_OPEN_PRODUCT = re.compile(r"\"(?:productID|isPartOfProductId)\\?\"\s*:\s*\\?\"[^\"]{1,80}:openaccess")


@cache
def _tiers() -> dict[str, str]:
    return {value: points_to for points_to, values in _rules()["tiers"]["values"].items() for value in values}


def find_tiers(page: Page) -> Iterator[Evidence]:
    """What meta elements name as the page's tier."""
    for name in _rules()["tiers"]["metas"]:
        for value in page.meta.get(name, ()):
            if points_to := _tiers().get(value.strip().lower()):
                yield Evidence("content-tier", value, f"meta {name}", points_to)


def find_products(page: Page, sources: str) -> Iterator[Evidence]:
    """
    An open product of Google's Reader Revenue Manager, in JSON-LD or in the call that starts its
    script.

    Source: "Identify article access" in the documentation of Reader Revenue Manager: a product ID
    that ends in ":openaccess" is open to all.
    """
    for thing in page.json_ld:
        part_of = thing.get("isPartOf")
        if isinstance(part_of, dict) and str(part_of.get("productID")).endswith(":openaccess"):
            yield Evidence("reader-revenue-product", str(part_of["productID"]), "json-ld", "free")
            return
    if "google.com/swg" in sources and (found := _OPEN_PRODUCT.search(page.text)):
        yield Evidence("reader-revenue-product", found.group(), "script", "free")


def find_sections(page: Page, sources: str) -> Iterator[Evidence]:
    """
    The section that is marked as shown to subscribers alone, where nothing stands in it.

    Args:
        sources: Addresses of the page's scripts, as `find_sources` gives them.

    Source: "amp-subscriptions" of the AMP component reference, attribute `subscriptions-section`.
    """
    if "amp-subscriptions" not in sources:
        return
    nodes = page.tree.css("[subscriptions-section='content']")
    words = sum(count_words(node.text(separator=" ")) for node in nodes)
    if nodes:
        points_to = "preview" if words < _FEWEST_PART_WORDS else "unknown"
        yield Evidence("subscriber-section", f"{len(nodes)} elements, {words} words", "markup", points_to)


# ---------------------------------------------------------------- what the server answered

# RFC 9110 §15.5.2-4, RFC 7725.
REFUSALS = {401: "registration", 402: "preview", 403: "unknown", 451: "unknown"}


def find_refusal(status_code: int) -> Iterator[Evidence]:
    """A status by which a server keeps a page to itself."""
    if points_to := REFUSALS.get(status_code):
        yield Evidence("http-status", str(status_code), "http", points_to)


def find_challenge(page: Page) -> Iterator[Evidence]:
    """
    The marks of a page that wants proof that no program is asking; such a page says nothing of a
    wall.
    """
    # One by one: to look for given letters is many times as fast as to try all marks at every
    # place.
    found = [mark for pattern in _rules()["challenge"]["marks"] if (mark := re.search(pattern, page.text))]
    if found:
        yield Evidence("bot-challenge", min(found, key=re.Match.start).group(), "markup", "unknown")


def find_consent(texts: Iterable[str]) -> Iterator[Evidence]:
    """
    The words of a page that asks for consent before anything else; *texts* are all that a page
    shows.
    """
    for text in texts:
        if words := asks_for_consent(text):
            yield Evidence("consent-page", squash(text)[:120], words, "unknown")
            return


# ---------------------------------------------------------------- vendors and containers


def find_sources(page: Page) -> str:
    """The addresses of a page's scripts, in a line."""
    return " ".join(page.scripts)


def find_vendors(sources: str) -> Iterator[Evidence]:
    """The first script of a wall service; it says that the site has a wall, and nothing of this page."""
    if found := _any_of("vendors", "scripts").search(sources):
        yield Evidence("wall-script", found.group(), "script", "unknown")


_WALL_WORDS = ("wall", "gate", "lock", "barrier", "curtain")
_WALL_WORD = re.compile("|".join(_WALL_WORDS))
_MOST_CONTAINER_WORDS = 60  # of an offer; a container with more holds the text, too
_MOST_WORDS_BEHIND = 40  # a menu or a footer; more is text that goes on
_LEVELS = 4  # an offer and its frames; further out is the page
_BEHIND = frozenset(("nav", "footer", "aside", "script", "style", "template", "noscript", "form"))


@cache
def _wall_name() -> re.Pattern[str]:
    return re.compile(_rules()["walls"]["names"], re.IGNORECASE)


def find_wall_container(page: Page, last_words: str) -> Iterator[Evidence]:
    """
    An element that is named as a wall, stands right behind the text and has nothing behind it.

    Args:
        last_words: How the text ends.
    """
    if not any(word in page.text for word in _WALL_WORDS):
        return
    ending = squash(last_words)[-40:]
    for node, name in _named_as_walls(page):
        if ending and _follows(node, ending):
            yield Evidence("wall-container", squash(name)[:80], "after body", "preview")
            return


def find_login_form(page: Page, last_words: str) -> Iterator[Evidence]:
    """A form that asks for a password right behind the text, with nothing behind it."""
    if "password" not in page.text:
        return
    ending = squash(last_words)[-40:]
    for node in page.tree.css("article form:has(input[type='password']), main form:has(input[type='password'])"):
        words = squash(node.text(separator=" "))
        if ending and not asks_to_comment(words) and _follows(node, ending):
            yield Evidence("login-form", words[:80], "after body", "registration")
            return


def _named_as_walls(page: Page) -> Iterator[tuple[LexborNode, str]]:
    """The elements of an article with the name of a wall and few words, each with its name."""
    for node in page.tree.css("article [class], article [id], main [class], main [id]"):
        attributes = node.attributes
        name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        is_wall = _WALL_WORD.search(name.lower()) and _wall_name().search(name)
        if is_wall and count_words(node.text(separator=" ")) <= _MOST_CONTAINER_WORDS:
            yield node, name


def _follows(node: LexborNode, ending: str) -> bool:
    """Whether an element stands behind the words of *ending*, and no more text behind it."""
    around: LexborNode | None = node
    for _ in range(_LEVELS):
        if around is None or around.tag in {"body", "html"}:
            return False
        if _words_behind(around) > _MOST_WORDS_BEHIND:
            return False
        before = around.prev
        while before is not None:
            if ending in squash(before.text(separator=" ")):
                return True
            before = before.prev
        around = around.parent
    return False


def _words_behind(node: LexborNode) -> int:
    words = 0
    behind = node.next
    while behind is not None:
        if behind.tag not in _BEHIND:
            words += count_words(behind.text(separator=" "))
        behind = behind.next
    return words
