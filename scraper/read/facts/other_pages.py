"""
The other pages that a page names: the next of its article, the one that it leads to by itself; and
which of an article's pages this is: printed, for phones, the first of several.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from scraper.errors import PageError
from scraper.languages import Languages
from scraper.read.facts.kind_signs import names_print
from scraper.read.page.hints import is_of_others
from scraper.read.page.parse import Page, attribute, parse_page
from scraper.read.words.lexicon import of_languages
from scraper.text import any_of
from scraper.urls import join_url

# What the next page of an article adds to its address: "/2", "?page=0,1", "_3.html".
_PAGE_NUMBER = re.compile(r"(?<!\d)\d{1,2}\D*$")

_NUMBER_AT_END = re.compile(r"(?<!\d)(\d{1,2})(?:/|\.\w{3,5})?\s*$")
_ENDING = re.compile(r"(?:/|\.\w{3,5})$")
_ENDING_BEFORE_QUERY = re.compile(r"^\.\w{3,5}(?=\?)")
_LONG_NAME = 12  # characters: the name of a section is shorter


def find_next_page(page: Page) -> str | None:
    """The next page of an article that is spread over several."""
    target = join_url(page.base_url, next((link.href for link in page.links if link.rel == "next"), None))
    if target is None:
        return _find_numbered_page(page)
    here, there = page.url.split("?")[0].rstrip("/"), target.split("?")[0].rstrip("/")
    # "Next article" links use rel=next too: the next page of this one shares its path.
    number = _PAGE_NUMBER.search(target[len(here) :])
    return target if there.startswith(here) and target != page.url and number else None


@of_languages
def _behind_path(languages: Languages) -> re.Pattern[str]:
    """What the next page of an article has behind the path of the first: its number, named or not."""
    named = any_of(languages.words("address", "page"))
    return re.compile(
        rf"(?:/(?:{named}|p)?[/=-]?|[?&](?:{named}|p|pg|seite|s)=|[,_]|-(?=\d+\.\w+$)(?:{named}-?)?)(\d{{1,2}})(?:/|\.\w{{3,5}})?$",
        re.IGNORECASE,
    )


def _find_numbered_page(page: Page) -> str | None:
    """
    The page that a link of the article leads to whose address is that of this one and the next
    number.

    Pages of comments are named so as well, and pictures of a gallery stand in the address of it.
    """
    stem, number = _stem_and_number(page.url)
    if not stem.rstrip("/").rsplit("/", 1)[-1]:
        return None
    for node in page.tree.css(f"a[href*='{number + 1}']"):
        target = _target_with_number(page, attribute(node, "href"), stem, number + 1)
        if target and _stands_in_article(node) and not is_of_others(node):
            return target
    return None


def _target_with_number(page: Page, href: str, stem: str, number: int) -> str | None:
    """The address that a link leads to, where it is *stem* with that number behind it."""
    at_end = _NUMBER_AT_END.search(href)
    if "#" in href or at_end is None or int(at_end[1]) != number:
        return None
    target = join_url(page.base_url, href)
    if target is None or not target.startswith(stem):
        return None
    behind = _behind_path().fullmatch(_ENDING_BEFORE_QUERY.sub("", target[len(stem) :]))
    return target if behind is not None and int(behind[1]) == number else None


def _stands_in_article(node: LexborNode) -> bool:
    """Whether a link stands in what holds an article, or the numbers of its pages."""
    around = node.parent
    while around is not None:
        names = attribute(around, "class")
        if around.tag in {"article", "main"} or "pag" in names or "content" in names:
            return True
        around = around.parent
    return False


def _stem_and_number(url: str) -> tuple[str, int]:
    """An address without the number of its page, and that number; 1 where it has none."""
    found = _behind_path().search(url)
    stem = _ENDING.sub("", url[: found.start()] if found else url)
    name = stem.rsplit("/", 1)[-1]
    if found is None:
        return stem, 1
    # An article can have a bare number for its name ("/news/7").
    is_name = found.group().strip("/").isdecimal() and "-" not in name and len(name) < _LONG_NAME
    return (_ENDING.sub("", url), 1) if is_name else (stem, int(found.group(1)))


def find_variants(page: Page, next_page_url: str | None) -> tuple[str, ...]:
    """
    In which other form than its main one a page was served: "amp", "print", "paginated".

    Source: https://amp.dev/documentation/guides-and-tutorials/learn/spec/amphtml#required-markup
    """
    root = page.tree.css_first("html")
    is_amp = root is not None and any(name in root.attributes for name in ("amp", "⚡"))
    found = {"amp": is_amp, "print": names_print(page.url), "paginated": next_page_url is not None}
    return tuple(name for name, holds in found.items() if holds)


# A page that stays longer is meant to be read; many reload themselves.
_LONGEST_SECONDS = 10
# HTML, "shared declarative refresh steps": a time, then an address behind "url=" or without it,
# quoted or not.
_REFRESH = re.compile(r"\s*(\d{0,6})(?:\.[\d.]*)?(?:[\s;,]\s*(?:url\s*=\s*)?(.*))?", re.IGNORECASE | re.DOTALL)


def find_refresh(body: bytes, url: str, content_type: str | None = None) -> str | None:
    """
    The absolute URL that a page leads to by itself within a few seconds; None if it stays, or leads
    to itself.

    What stands in `noscript` counts: we run no scripts.

    Source: https://html.spec.whatwg.org/multipage/semantics.html#attr-meta-http-equiv-refresh

    >>> find_refresh(b'<meta http-equiv="Refresh" content="0; URL=/story">', "https://news.example/go")
    'https://news.example/story'
    >>> find_refresh(b'<meta http-equiv="refresh" content="300">', "https://news.example/") is None
    True
    """
    try:
        page = parse_page(body, url, content_type)
    except PageError:
        return None
    for element in page.tree.css("meta[http-equiv]"):
        if attribute(element, "http-equiv").strip().lower() != "refresh":
            continue
        reference = _soon_shown(attribute(element, "content"))
        target = join_url(url, reference) if reference is not None else None
        if target is not None and target != join_url(url, url):
            return target
    return None


def _soon_shown(content: str) -> str | None:
    """The reference that a refresh leads to; None where that takes too long, or the content is none."""
    found = _REFRESH.fullmatch(content)
    if found is None or not found[1] or int(found[1]) > _LONGEST_SECONDS:
        return None
    return (found[2] or "").strip().strip("\"'")
