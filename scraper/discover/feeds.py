"""
Feeds: bytes to entries. RSS 0.9x to 2.0, RSS 1.0 and Atom through feedparser, JSON Feed by our own
reading.

feedparser is given text that begins at the root element, as bytes and never as a URL or a file
name; it cannot fetch, and there is no document type declaration whose entities it could expand.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from io import BytesIO
from typing import Any, TypeGuard

from scraper.dates import parse_date
from scraper.discover.addresses import unwrap
from scraper.discover.documents import find_root, has_end_tag, is_web_page, join_problems, open_document
from scraper.discover.rhythm import find_rhythm
from scraper.discover.texts import text_of_markup
from scraper.errors import FeedError
from scraper.model import Enclosure, Entry, Listing, ListingKind
from scraper.text import squash
from scraper.urls import entry_url, is_http_url, join_url, keep_url

FEED_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})  # "channel" is the root of CDF

# The real address behind a redirector, as the services that count clicks write it.
_ORIGINAL_LINKS = ("feedburner_origlink", "pheedo_origlink")
# What stands where a link should, and is none: feedparser would join it to the address of the feed,
# or take it for a link beside which the GUID counts no more.
_NO_LINK = (
    r"\s*+(?:<!\[CDATA\[)?+\s*+(?:n/?a|none|null|nil|undefined|false|about:blank|-+|#|https?:/*)?+\s*+(?:\]\]>)?+\s*+"
)
_LINK_OF_NOTHING = re.compile(
    rf"<link>{_NO_LINK}</link>|<link\s*/>|<link\b[^<>]{{0,500}}?\bhref=(?:\"{_NO_LINK}\"|'{_NO_LINK}')[^<>]*+>",
    re.IGNORECASE,
)
# A permalink GUID is a whole address (RSS 2.0); feedparser would join any other one to that of the
# feed.
_OTHER_GUID = re.compile(r"<guid\b[^<>]*+>(?=\s*+(?:<!\[CDATA\[\s*+)?+(?!\s|<!\[CDATA|https?://))", re.IGNORECASE)
_BLOCK_TAG = re.compile(r"</?(?:p|div|br|li|ul|ol|tr|td|h[1-6]|blockquote|figure|figcaption)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL)


def parse_feed(body: bytes, url: str, content_type: str | None = None) -> Listing:
    """
    What a feed says.

    Titles, summaries and names are plain text; *content_html* is as the feed gives it (feedparser
    takes scripts and the like out of it; still untrusted). An entry's URL is its link, behind a
    click counter the real one (`unwrap`), else its permalink GUID. Items without any are in
    *unlinked*.

    Raises:
        FeedError: It is no feed: a web page, empty, broken before the first entry, or something
        else.

    Source: https://www.rssboard.org/rss-specification, RFC 4287,
    https://www.jsonfeed.org/version/1.1/.

    >>> body = b"<rss><channel><item><title>Rain</title><link>/a</link></item></channel></rss>"
    >>> [(entry.url, entry.title) for entry in parse_feed(body, "https://news.example/rss").entries]
    [('https://news.example/a', 'Rain')]
    """
    document = open_document(body, url, FeedError, content_type)
    start, name = find_root(document.text, FEED_ROOTS)
    if name in FEED_ROOTS:
        listing = _read_xml(document.text[start:], url, name)
    elif document.text.startswith(("{", "[")):
        listing = _read_json(document.text, url)
    elif is_web_page(name, content_type):
        raise FeedError(url, "a web page came instead of a feed", is_html=True)
    elif name:
        raise FeedError(url, f"a feed was expected, and an XML document with the root <{name}> came")
    else:
        raise FeedError(url, "what came is neither a feed nor a web page")
    return replace(listing, problem=join_problems(document.problem, listing.problem))


def _listing(
    entries: Iterable[Entry],
    url: str,
    *,
    title: str | None,
    home_url: str | None,
    language: str | None,
    problem: str | None,
) -> Listing:
    """A listing of all entries that have a URL, each URL and GUID once; those without one apart."""
    linked: dict[tuple[str, str | None], Entry] = {}
    unlinked = []
    for entry in entries:
        if entry.url:
            linked.setdefault((entry.url, entry.guid), entry)
        else:
            name = entry.guid or _digest(entry.title, entry.content_html or entry.summary)
            unlinked.append(replace(entry, url=entry_url(url, name)))
    lost_count = sum(not (entry.content_html or entry.summary) for entry in unlinked)
    lost = f"{lost_count} without a link or a text" if lost_count else None
    return Listing(
        ListingKind.FEED, tuple(linked.values()), title=title, home_url=home_url, language=language,
        problem=join_problems(problem, lost), unlinked=tuple(unlinked),
    )  # fmt: skip


def _digest(*texts: str | None) -> str:
    return blake2b("\n".join(text or "" for text in texts).encode(errors="replace"), digest_size=8).hexdigest()


# ---------------------------------------------------------------- RSS and Atom


def _read_xml(text: str, url: str, root: str) -> Listing:
    # What knows of feeds without reading one, as the rules of polling, starts without it.
    import feedparser  # noqa: PLC0415

    text = _LINK_OF_NOTHING.sub("", _OTHER_GUID.sub('<guid isPermaLink="false">', text))
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        parsed = feedparser.parse(BytesIO(text.encode()), response_headers=headers)  # type: ignore[attr-defined, no-untyped-call]
    except Exception as fault:  # feedparser stumbles over damaged extensions with errors of many kinds
        raise FeedError(url, f"the feed is damaged ({type(fault).__name__}: {fault})") from fault
    broken = f"the XML is broken ({squash(str(parsed.bozo_exception))})" if parsed.bozo else None
    if broken and not parsed.entries and not has_end_tag(text, root):
        raise FeedError(url, f"{broken} before the first entry")
    listing = _listing(
        (
            _entry(item, url, is_rss=not parsed.version.startswith("atom"), language=_get(parsed.feed, "language"))
            for item in parsed.entries
        ),
        url,
        title=_detail_text(parsed.feed, "title"),
        home_url=keep_url(url, _get(parsed.feed, "link")),
        language=_get(parsed.feed, "language") or None,
        problem=broken,
    )
    return replace(listing, is_cut=not has_end_tag(text, root), rhythm=find_rhythm(text))


def _get(item: Any, name: str) -> Any:  # noqa: ANN401 - feedparser is untyped
    """
    A value that is really there. feedparser's own look-up gives `published` for `updated`, with a
    warning.
    """
    return dict.get(item, name)


def _entry(item: Any, url: str, *, is_rss: bool, language: str | None) -> Entry:  # noqa: ANN401 - feedparser is untyped
    published_raw, updated_raw = _get(item, "published"), _get(item, "updated")
    if is_rss and not published_raw:  # RSS has no "updated": this is dc:date, the day of publication
        published_raw = updated_raw
    content, summary = _content(item), _get(item, "summary")
    return Entry(
        url=_entry_url(item, url),
        title=_detail_text(item, "title"),
        guid=_get(item, "id") or None,
        published_at=parse_date(published_raw, language),
        published_raw=published_raw or None,
        updated_at=parse_date(updated_raw, language),
        authors=_names(_list(item, "authors")),
        categories=_distinct(tag.get("label") or tag.get("term") for tag in _list(item, "tags")),
        enclosures=_enclosures(_attachments(item), url),
        summary=plain_text(summary) if summary != content else None,
        content_html=content,
        content_text=text_of_markup(content),
        language=_get(item, "language") or _get(_get(item, "title_detail") or {}, "language"),
    )


def _attachments(item: Any) -> Iterator[tuple[Any, Any, Any]]:  # noqa: ANN401 - feedparser is untyped
    links = (link for link in _list(item, "links") if link.get("rel") == "enclosure")
    return ((link.get("href"), link.get("type"), link.get("length")) for link in links)


def _list(item: Any, name: str) -> Iterable[Any]:  # noqa: ANN401 - feedparser is untyped
    return _get(item, name) or ()


def _content(item: Any) -> str | None:  # noqa: ANN401 - feedparser is untyped
    """The whole text that an entry carries, where it carries one."""
    parts = (part["value"] for part in _list(item, "content") if _is_text(part))
    return next((value for value in parts if value), None)


def _entry_url(item: Any, url: str) -> str:  # noqa: ANN401 - feedparser is untyped
    """The address of the article; "" if the item has none."""
    links = [_get(item, name) for name in (*_ORIGINAL_LINKS, "link")]
    # An Atom id or rdf:about; of an RSS guid feedparser tells whether it is a permalink.
    if "guidislink" not in item or item["guidislink"]:
        identifier = _get(item, "id") or ""
        links.append(identifier if is_http_url(identifier) else None)
    return next((unwrap(found) for link in links if (found := keep_url(url, link))), "")


def _is_text(content: Any) -> bool:  # noqa: ANN401 - feedparser is untyped
    return str(content.get("type") or "text/html").startswith(("text/", "application/xhtml"))


def _detail_text(item: Any, name: str) -> str | None:  # noqa: ANN401 - feedparser is untyped
    """A title as plain text, tags and references resolved where the document says that it has them."""
    detail = _get(item, f"{name}_detail") or {}
    value = _get(item, name)
    return (squash(value) if detail.get("type") == "text/plain" else plain_text(value)) or None


def _names(authors: Iterable[Any]) -> tuple[str, ...]:
    return _distinct(author.get("name") or author.get("email") for author in authors)


def plain_text(markup: str | None) -> str | None:
    """
    The text of a short piece of HTML, in one line; None if there is none.

    >>> plain_text("<p>Ships &amp; <b>p</b>orts</p><p>closed</p>")
    'Ships & ports closed'
    """
    text = _TAG.sub("", _BLOCK_TAG.sub(" ", markup or ""))
    return squash(html.unescape(text)) or None


def _distinct(values: Iterable[object]) -> tuple[str, ...]:
    texts = (squash(value) for value in values if isinstance(value, str))
    return tuple(dict.fromkeys(text for text in texts if text))


def _enclosures(parts: Iterable[tuple[Any, Any, Any]], base: str) -> tuple[Enclosure, ...]:
    """Attached files whose address is usable."""
    found = []
    for reference, media_type, length in parts:
        if target := join_url(base, reference if isinstance(reference, str) else None):
            size = str(length) if length is not None else ""
            media = squash(media_type) if isinstance(media_type, str) else None
            found.append(Enclosure(target, media or None, int(size) if re.fullmatch("[0-9]{1,15}", size) else None))
    return tuple(dict.fromkeys(found))


# ---------------------------------------------------------------- JSON Feed


def _read_json(text: str, url: str) -> Listing:
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise FeedError(url, f"the JSON is broken ({fault})") from fault
    if not _is_json_feed(feed):
        raise FeedError(url, "a feed was expected, and JSON that is not a JSON Feed came")
    home_url = keep_url(url, _string(feed, "home_page_url"))
    items = _array(feed, "items")
    usable = [item for item in items if isinstance(item, dict)]
    lost_count = len(items) - len(usable)
    return _listing(
        (_json_entry(item, home_url or url) for item in usable),
        url,
        title=squash(_string(feed, "title")) or None,
        home_url=home_url,
        language=_string(feed, "language") or None,
        problem=f"{lost_count} items that are not objects left out" if lost_count else None,
    )


def _is_json_feed(feed: Any) -> TypeGuard[dict[str, Any]]:  # noqa: ANN401 - whatever JSON may be
    return isinstance(feed, dict) and (
        isinstance(feed.get("items"), list) or "jsonfeed.org" in _string(feed, "version")
    )


def _string(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""


def _text_or_none(record: dict[str, Any], name: str) -> str | None:
    return _string(record, name) or None


def _array(record: dict[str, Any], name: str) -> list[Any]:
    value = record.get(name)
    return value if isinstance(value, list) else []


def _objects(values: Iterable[Any]) -> Iterator[dict[str, Any]]:
    return (value for value in values if isinstance(value, dict))


def _json_entry(item: dict[str, Any], base: str) -> Entry:
    identifier = item.get("id")
    guid = str(identifier) if isinstance(identifier, str | int | float) else ""
    content = _string(item, "content_html") or _as_html(_string(item, "content_text")) or None
    authors = _array(item, "authors") if item.get("authors") else [item.get("author")]  # one author in version 1.0
    return Entry(
        url=_json_url(item, guid, base),
        title=squash(_string(item, "title")) or None,
        guid=guid or None,
        published_at=parse_date(_string(item, "date_published")),
        published_raw=_text_or_none(item, "date_published"),
        updated_at=parse_date(_string(item, "date_modified")),
        authors=_names(_objects(authors)),
        categories=_distinct(_array(item, "tags")),
        enclosures=_enclosures(
            (
                (part.get("url"), part.get("mime_type"), part.get("size_in_bytes"))
                for part in _objects(_array(item, "attachments"))
            ),
            base,
        ),
        summary=squash(_string(item, "summary")) or None,
        content_html=content,
        content_text=text_of_markup(content),
        language=_text_or_none(item, "language"),
    )


def _json_url(item: dict[str, Any], guid: str, base: str) -> str:
    """The address of the article; "" if the item has none."""
    stated = (_string(item, name) for name in ("url", "external_url"))
    address, other = (None if re.fullmatch(_NO_LINK, link, re.IGNORECASE) else link for link in stated)
    links = (address, guid if is_http_url(guid) else None, other)
    return next((unwrap(found) for link in links if (found := keep_url(base, link))), "")


def _as_html(text: str) -> str:
    """A plain text as HTML, a paragraph for each that a blank line ends."""
    paragraphs = (squash(part) for part in re.split(r"\n\s*\n", text))
    return "".join(f"<p>{html.escape(part)}</p>" for part in paragraphs if part)
