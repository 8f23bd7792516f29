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
    tree = LexborHTMLParser(page)
    links = (_key(link) for link in tree.css("article.story h3 a, article.story a.source, .lines a"))
    return tuple(dict.fromkeys(link for link in links if link))


def without_withheld(page: bytes, judge: Callable[[str], Withheld | None]) -> bytes:
    """
    The page of a digest without what is not to be shown any more, and without the names of alerts.

    Args:
        judge: What of the article at a URL key is withheld: its text, or all of it.
    """
    tree = LexborHTMLParser(page)
    judged = {key: verdict for key in find_links(page) if (verdict := judge(key))}
    alerts = tree.css(".alert, section.followed")
    if not judged and not alerts:
        return page
    _remove(alerts)  # what its reader is alert to is nobody else's
    _remove(link for link in tree.css(".unseen a") if _key(link) in judged)
    for line in tree.css(".lines:not(.unseen) li"):
        headline = line.css_first("a")
        if headline and judged.get(_key(headline) or "") is Withheld.ALL:
            _remove([line])
    for story in tree.css("article.story"):
        headline = story.css_first("h3 a")
        match judged.get(_key(headline) or "") if headline else None:
            case Withheld.ALL:
                _remove([story])
                continue
            case Withheld.TEXT:
                _remove(story.css(".text"))
        # Where one of a report's places is not to be named, the others and their count would tell of it.
        for line in story.css(".places, .reports"):
            if any(_key(link) in judged for link in line.css("a.source")):
                _remove([line, *story.css(".echo")])
    return (tree.html or "").encode()


def _key(link: LexborNode) -> str | None:
    """The key of the address that a link leads to."""
    url = link.attributes.get("href")
    return url_key(url) if url and is_http_url(url) else None


def _remove(nodes: Iterable[LexborNode]) -> None:
    for node in list(nodes):
        node.decompose()
