"""Where a page sends its reader by itself: a meta refresh, as browsers follow it."""

from __future__ import annotations

import re

from scraper.errors import PageError
from scraper.read.page.parse import parse_page
from scraper.urls import join_url

# A page that stays longer is meant to be read; many reload themselves.
_LONGEST_SECONDS = 10
# HTML, "shared declarative refresh steps": a time, then an address behind "url=" or without it, quoted or not.
_REFRESH = re.compile(r"\s*(\d{0,6})(?:\.[\d.]*)?(?:[\s;,]\s*(?:url\s*=\s*)?(.*))?", re.IGNORECASE | re.DOTALL)


def find_refresh(body: bytes, url: str, content_type: str | None = None) -> str | None:
    """
    The absolute URL that a page leads to by itself within a few seconds; None if it stays, or leads to itself.

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
        if (element.attributes.get("http-equiv") or "").strip().lower() != "refresh":
            continue
        found = _REFRESH.fullmatch(element.attributes.get("content") or "")
        if found is None or not found[1] or int(found[1]) > _LONGEST_SECONDS:
            continue
        target = join_url(url, (found[2] or "").strip().strip("\"'"))
        if target is not None and target != join_url(url, url):
            return target
    return None
