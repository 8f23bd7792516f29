"""Where a publication may have its feeds. Only names addresses; the caller asks for them."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from scraper.discover.documents import decode, is_too_deep
from scraper.urls import join_url, registrable_domain, split_url

_FEED_TYPES = frozenset(
    "application/rss+xml application/atom+xml application/rdf+xml application/feed+json application/xml text/xml "
    "application/json application/x-rss+xml text/rss".split()
)
_FEED_PATH = re.compile(
    r"(?:^|/)(?:rss|feeds?|atom|rdf)(?:[._-]?\w+)?(?:\.(?:xml|rss|atom|rdf|json|php|aspx?))?/?$|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
_FEED_HOSTS = frozenset({"feeds.feedburner.com", "feedburner.google.com", "feedpress.me"})
_COMMENTS = re.compile(r"comment|kommentar|comentario|commentaire|/replies", re.IGNORECASE)

COMMON_FEED_PATHS = (
    "feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json", "feed/atom/", "rss/all.xml",
    "feeds/all.atom.xml", "index.rdf",
)  # fmt: skip


def find_feed_links(body: bytes, url: str) -> tuple[str, ...]:
    """
    The feeds that a web page names, absolute: first those it declares, then links that look like feeds.

    Feeds of comments come last in their group. A page that is no HTML names none.

    Source: https://www.rssboard.org/rss-autodiscovery; HTML, link type "alternate".

    >>> page = b"<link rel=alternate type=application/rss+xml href=/world.xml><a href='/feed/'>RSS</a>"
    >>> find_feed_links(page, "https://news.example/")
    ('https://news.example/world.xml', 'https://news.example/feed/')
    """
    text, _ = decode(body)
    if is_too_deep(text):
        return ()
    tree = LexborHTMLParser(text)
    base_node = tree.css_first("base[href]")
    base = (join_url(url, base_node.attributes.get("href")) if base_node is not None else None) or url
    declared = [
        join_url(base, link.attributes.get("href"))
        for link in tree.css("link[href]")
        if {"alternate", "feed"} & set((link.attributes.get("rel") or "").lower().split())
        and (link.attributes.get("type") or "").partition(";")[0].strip().lower() in _FEED_TYPES
    ]
    anchors = [join_url(base, anchor.attributes.get("href")) for anchor in tree.css("a[href]")]
    lookalikes = [target for target in anchors if target and _looks_like_feed(target, url)]
    found = [target for group in (declared, lookalikes) for target in sorted(filter(None, group), key=_is_for_comments)]
    return tuple(dict.fromkeys(found))


def _looks_like_feed(target: str, url: str) -> bool:
    parts = split_url(target)
    is_own = registrable_domain(target) == registrable_domain(url)
    return parts.host in _FEED_HOSTS or (is_own and _FEED_PATH.search(parts.path) is not None)


def _is_for_comments(target: str) -> bool:
    return _COMMENTS.search(target) is not None


def guess_feed_urls(home_url: str) -> tuple[str, ...]:
    """
    Where feeds commonly are: below the page at *home_url*, then at the root of its host.

    >>> guess_feed_urls("https://news.example/world/")[0], guess_feed_urls("https://news.example/world/")[-1]
    ('https://news.example/world/feed/', 'https://news.example/index.rdf')
    """
    folder = home_url.partition("?")[0].partition("#")[0].rstrip("/") + "/"
    guesses = [join_url(base, path) for base in (folder, join_url(folder, "/") or folder) for path in COMMON_FEED_PATHS]
    return tuple(dict.fromkeys(filter(None, guesses)))
