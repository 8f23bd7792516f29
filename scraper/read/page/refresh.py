"""Where a page sends its reader by itself: a meta refresh, as browsers follow it."""

from __future__ import annotations

import re

from scraper.errors import PageError
from scraper.read.page.parse import attribute, parse_page
from scraper.urls import join_url

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
