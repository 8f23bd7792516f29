"""The next page of a list of articles, by what the page declares, or by the numbers in its links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode

from selectolax.lexbor import LexborHTMLParser

from scraper.languages import Languages, shipped_languages
from scraper.text import any_of, squash
from scraper.urls import is_same_site, join_url, split_url, url_key

_BARE_PAGE = re.compile(r"/(?:[a-z][/=-]?)?(?!(?:19|20)\d\d/?$)(\d{1,4})/?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Words:
    """
    What the words for "page" make.

    Args:
        named_page: The number of a page at the end of an address, behind what it is called; letters
            alone name many other things as well.
        page_parameter: The name of a parameter that holds it.
    """

    named_page: re.Pattern[str]
    page_parameter: re.Pattern[str]


def _make_words(languages: Languages) -> _Words:
    page = any_of(languages.words("address", "page"))
    return _Words(
        re.compile(rf"/(?:{page}[/=-]?|\({page}\)/)(\d{{1,6}})/?$", re.IGNORECASE),
        re.compile(rf"(?:[\w.]*[_-])?{page}", re.IGNORECASE),
    )


def _words() -> _Words:
    return shipped_languages().derive(_make_words)


def is_numbered(path: str) -> bool:
    """Whether a path ends in the number of a page, behind what such a page is called."""
    return _words().named_page.search(path) is not None


def find_next_page(tree: LexborHTMLParser, base: str, url: str) -> tuple[str, ...]:
    """The next page of the same list: as the page declares it, else by the numbers in its links."""
    declared = tree.css_first("link[rel~=next][href], a[rel~=next][href]")
    target = join_url(base, declared.attributes.get("href")) if declared is not None else None
    if target and url_key(target) != url_key(url) and is_same_site(target, url):
        return (target,)
    own_list, own_number = _page_of(url, may_be_bare=True) or (url_key(url), 0)
    pages = _linked_pages(tree, base)
    later = {number: target for name, number, target in pages if name == own_list and number > max(own_number, 1)}
    return (later[min(later)],) if later else ()


def _linked_pages(tree: LexborHTMLParser, base: str) -> Iterator[tuple[str, int, str]]:
    """The pages of lists that a page links to, the last first: the list, the number, and the address."""
    for anchor in reversed(tree.css("a[href]")):
        target = join_url(base, anchor.attributes.get("href"))
        page = _page_of(target, may_be_bare=squash(anchor.text(separator=" ")).isdecimal()) if target else None
        if target and page:
            yield *page, target


def _page_of(url: str, *, may_be_bare: bool) -> tuple[str, int] | None:
    """
    The list that an address is a page of, as a URL key, and the number or offset; None if it has
    none.

    A number without a word for "page" counts where it *may be bare*: where the link reads as a
    number too.

    >>> _page_of("https://news.example/world/(offset)/20", may_be_bare=False)
    ('https://news.example/world', 20)
    >>> _page_of("https://news.example/world?page=3", may_be_bare=False)
    ('https://news.example/world', 3)
    >>> _page_of("https://news.example/world/7", may_be_bare=False) is None
    True
    """
    parts = split_url(url)
    path = unquote(parts.path)
    match = _words().named_page.search(path) or (_BARE_PAGE.search(path) if may_be_bare else None)
    if match:
        return url_key(parts._replace(path=path[: match.start()] or "/").url), int(match.group(1))
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    page_name = _page_parameter(pairs, may_be_bare=may_be_bare)
    if page_name is None:
        return None
    rest = urlencode([pair for pair in pairs if pair[0] != page_name])
    return url_key(parts._replace(query=rest).url), int(dict(pairs)[page_name])


def _page_parameter(pairs: list[tuple[str, str]], *, may_be_bare: bool) -> str | None:
    """
    The parameter that holds the number of a page: by its name, or of one letter where it *may be
    bare*.
    """
    names = [name for name, value in pairs if re.fullmatch("[0-9]{1,6}", value)]
    named = [name for name in names if _words().page_parameter.fullmatch(name)]
    bare = [name for name in names if may_be_bare and len(name) == 1]
    return next(iter(named or bare), None)
