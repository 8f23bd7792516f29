"""
Sitemaps: bytes to entries, and to the sitemaps of an index.

XML with or without the right namespace, news sitemaps, RSS and Atom in the place of a sitemap,
text files of one URL a line; packed with gzip or not. Parts that are broken cost only themselves.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import lxml.etree as etree  # noqa: PLR0402 - mypy finds this form

from scraper.dates import parse_date
from scraper.discover.documents import (
    find_root,
    has_end_tag,
    is_web_page,
    join_problems,
    local_name,
    open_document,
    parse_xml,
)
from scraper.discover.feeds import FEED_ROOTS, parse_feed
from scraper.errors import FeedError, SitemapError
from scraper.model import Entry, Further, Listing, ListingKind
from scraper.text import squash
from scraper.urls import keep_url, split_url

_ROOTS = frozenset({"urlset", "sitemapindex"})
# sitemaps.org allows so many in one document.
_MOST_LOCATIONS = 50_000
# As in sm-2026-11.xml, /2026/11/02/, news20261102.xml, ?yyyy=2026&mm=11&dd=02, archive-2026.xml.
_NAME_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)"
    r"(?:(?:[-_/.]|&\w{1,5}=)?(0[1-9]|1[0-2])(?:(?:[-_/.]|&\w{1,5}=)?(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)


def parse_sitemap(body: bytes, url: str) -> Listing:
    """
    What a sitemap says; the sitemaps that an index names are *further*.

    Relative locations are joined to *url*; what is not http(s) is left out. A
    sitemap in RSS or Atom gives the entries of the feed. The image, video and
    alternate-language extensions are passed over.

    Raises:
        SitemapError: It is no sitemap: a web page, empty, or something else.

    Source: https://www.sitemaps.org/protocol.html and the news extension,
    https://www.google.com/schemas/sitemap-news/0.9.

    >>> listing = parse_sitemap(b"<urlset><url><loc>/a</loc></url></urlset>", "https://news.example/sitemap.xml")
    >>> [entry.url for entry in listing.entries]
    ['https://news.example/a']
    """
    document = open_document(body, url, SitemapError)
    start, name = find_root(document.text, _ROOTS | FEED_ROOTS)
    if name in FEED_ROOTS:
        return _parse_feed_as_sitemap(body, url)
    if name in _ROOTS:
        return _read_tree(document.text[start:], url, document.problem)
    if is_web_page(name):
        raise SitemapError(url, "a web page came instead of a sitemap", is_html=True)
    if name:
        raise SitemapError(url, f"a sitemap was expected, and an XML document with the root <{name}> came")
    return _read_lines(document.text, url, document.problem)


def _parse_feed_as_sitemap(body: bytes, url: str) -> Listing:
    try:
        feed = parse_feed(body, url)
    except FeedError as fault:
        raise SitemapError(url, fault.problem, is_html=fault.is_html) from fault
    return Listing(
        ListingKind.SITEMAP, feed.entries, title=feed.title, home_url=feed.home_url, language=feed.language,
        problem=feed.problem, is_cut=feed.is_cut, rhythm=feed.rhythm,
    )  # fmt: skip


def _read_tree(text: str, url: str, problem: str | None) -> Listing:
    root, broken = parse_xml(_to_last_end_tag(text))
    if root is None:
        raise SitemapError(url, broken or "the XML cannot be read")
    entries: dict[str, Entry] = {}
    further: dict[str, Further] = {}
    lost_count = 0
    private: dict[str, bool] = {}  # by host: a sitemap has many addresses and few hosts
    # At any depth: recovery from a missing end tag leaves the next one inside.
    for element in root.iter():
        kind = local_name(element)
        if kind not in {"url", "sitemap"}:
            continue
        if len(entries) + len(further) >= _MOST_LOCATIONS:
            problem = join_problems(problem, f"more than {_MOST_LOCATIONS} locations, the rest left out")
            break
        location = keep_url(url, _text(element, "loc"))
        if location is None or _is_private_address(location, url, private):
            lost_count += 1
        elif kind == "sitemap":
            further.setdefault(location, Further(location, parse_date(_text(element, "lastmod"))))
        else:
            entries.setdefault(location, _entry(element, location))
    lost = f"{lost_count} without a usable location left out" if lost_count else None
    return Listing(
        ListingKind.SITEMAP, tuple(entries.values()), tuple(further.values()),
        problem=join_problems(problem, broken, lost), is_cut=not has_end_tag(text, local_name(root)),
    )  # fmt: skip


def _to_last_end_tag(text: str) -> str:
    """The text without what a cut left open: half a location is another page."""
    last = text.rfind("</", 0, text.rfind(">"))
    return text[: text.find(">", last) + 1] if last >= 0 else text


def _is_private_address(location: str, url: str, known: dict[str, bool]) -> bool:
    """
    Whether a sitemap points at a bare address inside somebody's network; its own host is no such
    thing.
    """
    host = split_url(location).host
    if host not in known:
        try:
            known[host] = not ip_address(host).is_global and host != split_url(url).host
        except ValueError:
            known[host] = False
    return known[host]


def date_in_name(url: str, *, with_month: bool = False) -> datetime | None:
    """
    The end of the day, month or year that the address of a sitemap names; None where it names none.

    Args:
        with_month: A year alone is not enough.

    >>> date_in_name("https://news.example/sm-2026-02.xml").isoformat()
    '2026-03-01T00:00:00+00:00'
    >>> date_in_name("https://news.example/sitemap.xml?yyyy=2015&mm=11&dd=02").isoformat()
    '2015-11-03T00:00:00+00:00'
    >>> date_in_name("https://news.example/post-sitemap12.xml") is None
    True
    """
    parts = split_url(url)
    found = [match.groups() for match in _NAME_DATE.finditer(f"{parts.path}?{parts.query}")]
    year, month, day = max(found, key=lambda groups: sum(map(bool, groups)), default=(None, None, None))
    if year is None or (with_month and month is None):
        return None
    last_month = int(month or 12)
    last_day = min(int(day or 31), monthrange(int(year), last_month)[1])
    return datetime(int(year), last_month, last_day, tzinfo=UTC) + timedelta(days=1)


def _entry(element: etree._Element, location: str) -> Entry:
    modified = _text(element, "lastmod")
    news = next(_children(element, "news"), None)
    if news is None:
        return Entry(location, updated_at=parse_date(modified))
    published = _text(news, "publication_date")
    publication = next(_children(news, "publication"), None)
    keywords = (_text(news, "keywords") or "").split(",")
    return Entry(
        location,
        title=_text(news, "title"),
        published_at=parse_date(published),
        published_raw=published,
        updated_at=parse_date(modified),
        categories=tuple(dict.fromkeys(word for keyword in keywords if (word := squash(keyword)))),
        language=_text(publication, "language") if publication is not None else None,
    )


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in element if local_name(child) == name)


def _text(element: etree._Element, name: str) -> str | None:
    """The text of the first child of that name that has any."""
    return next((text for child in _children(element, name) if (text := squash("".join(child.itertext())))), None)


def _read_lines(text: str, url: str, problem: str | None) -> Listing:
    """The text form: one URL a line, nothing else (sitemaps.org, "Text file")."""
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    locations = [
        found for line in lines if re.match("https?://", line, re.IGNORECASE) and (found := keep_url(url, line))
    ]
    if 2 * len(locations) <= len(lines):
        raise SitemapError(url, "neither XML nor a list of URLs came instead of a sitemap")
    lost_count = len(lines) - len(locations)
    lost = f"{lost_count} lines that are not URLs left out" if lost_count else None
    entries = tuple(Entry(location) for location in dict.fromkeys(locations))
    return Listing(ListingKind.SITEMAP, entries, problem=join_problems(problem, lost))
