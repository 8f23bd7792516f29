"""Where a publication may have its feeds. Only names addresses; the caller asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

from scraper.discover.documents import is_too_deep
from scraper.encoding import decode
from scraper.model import Listing
from scraper.text import squash
from scraper.urls import join_url, registrable_domain, split_url, url_key

_FEED_TYPES = frozenset(
    "application/rss+xml application/atom+xml application/rdf+xml application/feed+json application/xml text/xml "
    "application/json application/x-rss+xml text/rss".split()
)
_FEED_PATH = re.compile(
    r"(?:^|/)(?:rss|feeds?|atom|rdf)(?:[._-]?\w+)?(?:\.(?:xml|rss|atom|rdf|json|php|aspx?))?/?$|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
_LONGEST_TITLE = 200  # characters of a link's text that are looked at: a card may be all link
_FEED_HOSTS = frozenset({"feeds.feedburner.com", "feedburner.google.com", "feedpress.me"})

COMMON_FEED_PATHS = (
    "feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json", "feed/atom/", "rss/all.xml",
    "feeds/all.atom.xml", "index.rdf",
)  # fmt: skip

# ---------------------------------------------------------------- what a feed is of

# In addresses. "comment" alone is as often the section of opinions: /comment/rss.
_COMMENTS_ADDRESS = re.compile(
    r"(?<![a-z])(?:\w*comments(?![a-z])\w*|\w*comments?[-_]?(?:feed|rss|atom)\w*|(?:feed|rss|atom)[-_]?comments?|crss|"
    r"comentarios|comentaris|commentaires|commenti|kommentare?|kommentar-?feed|kommentarer|kommentit|komentarze|komentare|"
    r"komentari|reacties|yorumlar|replies|trackbacks?)(?![a-z])",
    re.IGNORECASE,
)
# In titles, in the languages of the programs that write them.
_COMMENTS_TITLE = re.compile(
    r"\bcomments\b|\bcomment(?:s|aires?)?[- ]?(?:feed|rss|atom)\b|\b(?:feed|rss|flux|fil) (?:de |des )?comment|"
    r"\bcomment on\b|\bcommentaires?\b|\bkommentar|\bcomentari|\bcomentári|\bcommenti\b|\bcommento\b|\bkommentti|"
    r"\bkommentit|\bkommentointi|\bkomentar|\bkomentář|\bkomentár|\breacties\b|\breactie\b|\byorum|\bhozzászólás|"
    r"\bréactions\b|\breplies\b|\brespostas\b|\brespuestas\b|\btrackback|\bathugasemd|\biruzkin|"
    r"коммент|комент|каментар|コメント|评论|評論|留言|迴響|回响|댓글|σχόλια|תגובות|تعليق|دیدگاه|نظرات|"
    r"bình luận|phản hồi|ความเห็น|टिप्प|মন্তব্য",
    re.IGNORECASE,
)
# How single comments are named: "Comment on Rain by Bob", "By: Bob", "Re: Rain".
_COMMENT_ENTRY = re.compile(
    r"(?:comments? on|kommentar (?:zu|von)|commentaires? sur|comentarios? (?:en|sobre|em)|commenti? su|reactie op|"
    r"by|von|par|por|di|door|av)\s*:|comment on |kommentar zu |commentaire sur |comentario en |reactie op ",
    re.IGNORECASE,
)
_COMMENT_GUID = re.compile(
    r"#(?:comment|c|respond|reply)[-_]?\d+|[?&/]comments?[-/=]?\d+|,comment[-_]?\d+", re.IGNORECASE
)
# Feeds of a part of what a publication writes.
_NARROW_ADDRESS = re.compile(
    r"[/?&](?:categor(?:y|ies|ia|ie)|kategorien?|rubri(?:k|que)|tags?|tagged|topics?|themen?|thema|labels?|schlagwort|etiquetas?|"
    r"etiquette|mot-?cle|authors?|autor(?:en)?|auteur|byline|users?|people|archives?|search|s|cat|tag_id|podcasts?)"
    r"[/=]|/-/",
    re.IGNORECASE,
)
_NARROW_TITLE = re.compile(
    r"\b(?:category|tag|author|search results?|podcast|posts by)\b.*\bfeed\b|\bkategorie-feed|\bschlagwort-feed|"
    r"\bflux (?:de la catégorie|du mot-clé)|\bposts by\b|\bpodcasts?\b",
    re.IGNORECASE,
)
# Words that tell the form of a feed and nothing of what is in it; and those that mean all of it.
_FORM_WORDS = frozenset(
    "0 alt aspx atom default feed feeds flux format full htm html index json newsfeed output php posts rdf rss rss092 "
    "rss10 rss2 rss20 rssfeed syndicate syndication tempskin type view xml".split()
)
_WHOLE_WORDS = frozenset(
    "all alles complete home homepage front frontpage headlines latest main new recent top".split()
)
_FORM_TITLE = re.compile(
    r"\b(?:rss|atom|rdf|xml|json|feeds?|flux|fil|newsfeed|v?[0-2](?:\.\d+)+|[0-2])\b|[^\w]+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """
    One feed that a page names.

    Args:
        url: Absolute.
        is_main: As far as its address tells, it has all that the publication writes.
        is_narrow: It has what is filed under one category, tag or author.
        folder: The words of its address that tell what it is of: ("world",) for /world/rss.xml.
    """

    url: str
    is_main: bool
    is_narrow: bool
    folder: tuple[str, ...]


def find_feed_links(body: bytes, url: str) -> tuple[FeedLink, ...]:
    """
    The feeds that a web page names: first those it declares, then links that look like feeds.

    In each group main feeds come first and narrow ones last. Feeds of comments are left out, and of
    the forms of one feed (RSS, Atom, JSON) all but the first. A page that is no HTML names none.

    Source: https://www.rssboard.org/rss-autodiscovery; HTML, link type "alternate".

    >>> page = b'''<link rel=alternate type=application/rss+xml href=/world.xml>
    ... <link rel=alternate type=application/atom+xml href=/world.atom><a href='/feed/'>RSS</a>
    ... <link rel=alternate type=application/rss+xml title="Comments Feed" href=/c.xml>'''
    >>> [link.url for link in find_feed_links(page, "https://news.example/")]
    ['https://news.example/world.xml', 'https://news.example/feed/']
    """
    text = decode(body, is_page=False).text
    if is_too_deep(text):
        return ()
    tree = LexborHTMLParser(text)
    base_node = tree.css_first("base[href]")
    base = (join_url(url, base_node.attributes.get("href")) if base_node is not None else None) or url
    found: dict[str, FeedLink] = {}
    feeds = _Feeds(url)
    for group in (_declared(tree, base), _lookalikes(tree, base, url)):
        links = [link for named in group if (link := feeds.take(named))]
        for link in sorted(links, key=lambda link: (link.is_narrow, not link.is_main)):
            found.setdefault(link.url, link)
    return tuple(found.values())


class _Named(NamedTuple):
    """A feed as a page names it: absolute URL, title, and media type ("" where the page tells none)."""

    target: str
    title: str
    form: str


def _declared(tree: LexborHTMLParser, base: str) -> Iterator[_Named]:
    """The feeds that the head of a page declares."""
    for link in tree.css("link[href]"):
        relations = set((link.attributes.get("rel") or "").lower().split())
        form = _media_type(link.attributes)
        target = join_url(base, link.attributes.get("href"))
        if target and relations & {"alternate", "feed"} and form in _FEED_TYPES:
            yield _Named(target, link.attributes.get("title") or "", form)


def _lookalikes(tree: LexborHTMLParser, base: str, url: str) -> Iterator[_Named]:
    """The links of a page whose address is that of a feed."""
    for anchor in tree.css("a[href]"):
        target = join_url(base, anchor.attributes.get("href"))
        if target and _looks_like_feed(target, url):
            yield _Named(target, squash(anchor.text())[:_LONGEST_TITLE], "")


class _Feeds:
    """The feeds that the page at *url* has named so far; of the forms of one feed the first."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._known: set[tuple[str, ...]] = set()

    def take(self, named: _Named) -> FeedLink | None:
        """The feed, where it is one of articles that was not named in another form."""
        target, title, form = named
        if is_of_comments(target, title) or "/wp-json/" in target:  # the page itself, for programs
            return None
        link = _feed_link(target, title, self._url)
        address = ("address", url_key(split_url(target)._replace(path="/", query="").url), *link.folder)
        plain = _FORM_TITLE.sub(" ", title).lower().split()
        things = {address}
        if plain and form:  # named alike, in another form
            things |= {("title", *plain, other) for other in _FEED_TYPES - {form}}
        if self._known & things:
            return None
        self._known |= {address, ("title", *plain, form)}
        return link


def _media_type(attributes: dict[str, str | None]) -> str:
    return (attributes.get("type") or "").partition(";")[0].strip().lower()


def _feed_link(target: str, title: str, url: str) -> FeedLink:
    words = _words(target)
    is_own = registrable_domain(target) == registrable_domain(url) or split_url(target).host in _FEED_HOSTS
    is_narrow = bool(_NARROW_ADDRESS.search(_place(target)) or _NARROW_TITLE.search(title))
    folder = tuple(word for word in words if word not in _WHOLE_WORDS)
    is_main = is_own and not is_narrow and (not folder or split_url(target).host in _FEED_HOSTS)
    return FeedLink(target, is_main, is_narrow, folder)


def folder_of(url: str) -> tuple[str, ...]:
    """
    The words of an address that tell what it is of, without those that tell the form of a feed.

    >>> folder_of("https://news.example/world/feed/atom/"), folder_of("https://news.example/?feed=rss2")
    (('world',), ())
    """
    return tuple(word for word in _words(url) if word not in _WHOLE_WORDS)


def _words(url: str) -> list[str]:
    return [word for word in re.split(r"[^\w-]+", _place(url).lower()) if word and word not in _FORM_WORDS]


def _place(url: str) -> str:
    """
    Path and query of *url*, as a person reads them: a host may be named for comments, and have
    none.
    """
    parts = split_url(url)
    return unquote(f"{parts.path}{f'?{parts.query}' if parts.query else ''}")


def _looks_like_feed(target: str, url: str) -> bool:
    parts = split_url(target)
    is_own = registrable_domain(target) == registrable_domain(url)
    return parts.host in _FEED_HOSTS or (is_own and _FEED_PATH.search(parts.path) is not None)


def is_of_comments(url: str, title: str | None = None) -> bool:
    """
    Whether the address or the title of a feed says that it has what readers write under articles.

    >>> is_of_comments("https://news.example/?feed=comments-rss2"), is_of_comments("https://news.example/comment/rss")
    (True, False)
    >>> is_of_comments("https://commentary.example/feed/", "Commentary"), is_of_comments("/feed", "Kommentare zu: Rain")
    (False, True)
    """
    return bool(_COMMENTS_ADDRESS.search(_place(url)) or _COMMENTS_TITLE.search(title or ""))


def lists_comments(listing: Listing) -> bool:
    """
    Whether what came as a feed has readers' comments for entries, whatever it is called.

    >>> from scraper.model import Entry, ListingKind
    >>> entry = Entry("https://news.example/rain", "Comment on Rain by Bob", "https://news.example/rain#comment-9")
    >>> lists_comments(Listing(ListingKind.FEED, (entry,)))
    True
    """
    entries = (*listing.entries, *listing.unlinked)
    alike = sum(
        bool(_COMMENT_ENTRY.match(entry.title or "") or _COMMENT_GUID.search(entry.guid or "")) for entry in entries
    )
    return alike * 2 > len(entries)


# Forms of one feed differ by what came between two requests, and by how many entries each has.
_SAME_SHARE = 0.8


def say_the_same(one: Listing, other: Listing) -> bool:
    """Whether two feeds are forms of one: nearly all entries of the shorter one are in the other."""
    mine, others = ({url_key(entry.url) for entry in listing.entries} for listing in (one, other))
    return bool(mine and others) and len(mine & others) >= _SAME_SHARE * min(len(mine), len(others))


def choose_feeds(links: Iterable[FeedLink], page_url: str, most: int) -> tuple[FeedLink, ...]:
    """
    The feeds worth watching of those that the page at *page_url* names.

    The feed of the very part of the site that the page is; else its main feed; else those that are
    not narrow; else the narrow ones; at most *most*.
    """
    links = tuple(links)
    part = folder_of(page_url)
    groups = (
        [link for link in links if part and link.folder == part],
        [link for link in links if link.is_main],
        [link for link in links if not link.is_narrow],
        list(links),
    )
    return tuple(next((group for group in groups if group), [])[:most])


def guess_feed_urls(home_url: str) -> tuple[str, ...]:
    """
    Where feeds commonly are: below the page at *home_url*, then at the root of its host.

    >>> guess_feed_urls("https://news.example/world/")[0], guess_feed_urls("https://news.example/world/")[-1]
    ('https://news.example/world/feed/', 'https://news.example/index.rdf')
    """
    folder = home_url.partition("?")[0].partition("#")[0].rstrip("/") + "/"
    guesses = [join_url(base, path) for base in (folder, join_url(folder, "/") or folder) for path in COMMON_FEED_PATHS]
    return tuple(dict.fromkeys(filter(None, guesses)))
