"""
The digests that were written, for browse: which there are, and their pages.

A digest quotes nothing private when it is made; but what its publisher took back since, or wants
shown no longer, is taken out of the page that is served. The file stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.model import Withheld
from scraper.urls import is_http_url, url_key

_NAME = re.compile(r"\d{4}-\d\d-\d\d[\w.-]*", re.ASCII)


def find_digests(folder: Path) -> dict[str, Path]:
    """The digests in a folder, newest first: what each is called, as "2026-03-01", and its page."""
    try:
        pages = [path for path in folder.glob("*.html") if _NAME.fullmatch(path.stem) and path.is_file()]
    except OSError:
        return {}
    return {path.stem: path for path in sorted(pages, key=lambda path: path.stem, reverse=True)}


def find_links(page: bytes) -> tuple[str, ...]:
    """The keys of the addresses that a digest leads to."""
    links = (_link(story) for story in LexborHTMLParser(page).css("article.story"))
    return tuple(dict.fromkeys(link for link in links if link))


def without_withheld(page: bytes, judge: Callable[[str], Withheld | None]) -> bytes:
    """
    The page of a digest without what is not to be shown any more.

    Args:
        judge: What of the article at a URL key is withheld: its text, or all of it.
    """
    tree = LexborHTMLParser(page)
    found = [(story, judged) for story in tree.css("article.story") if (key := _link(story)) and (judged := judge(key))]
    if not found:
        return page
    for story, judged in found:
        _remove([story] if judged is Withheld.ALL else story.css(".text"))
    return (tree.html or "").encode()


def _link(story: LexborNode) -> str | None:
    """The key of the address that the headline of a story leads to."""
    link = story.css_first("h3 a")
    url = link.attributes.get("href") if link else None
    return url_key(url) if url and is_http_url(url) else None


def _remove(nodes: Iterable[LexborNode]) -> None:
    for node in list(nodes):
        node.decompose()
