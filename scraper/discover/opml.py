"""Lists of feeds as OPML: from another reader, and for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

import lxml.etree as etree  # noqa: PLR0402 - mypy finds this form

from scraper.discover.documents import find_root, is_web_page, local_name, open_document, parse_xml, without_forbidden
from scraper.errors import ParseError
from scraper.model import Source
from scraper.text import squash
from scraper.urls import is_http_url


@dataclass(frozen=True, slots=True)
class OpmlOutline:
    """
    One feed of an OPML file.

    Args:
        feed_url, home_url: Absolute http(s) URLs.
        section: The names of the folders it is in, outermost first, joined by " / ".
    """

    title: str
    feed_url: str
    home_url: str | None = None
    section: str | None = None


def parse_opml(body: bytes, name: str) -> tuple[OpmlOutline, ...]:
    """
    The feeds of an OPML file, in its order, each feed URL once.

    Args:
        body: The file.
        name: What the file is called, for the error.

    Raises:
        ParseError: It is no OPML, or broken. A list that was cut is not taken for a whole one.

    Source: https://opml.org/spec2.opml.

    >>> parse_opml(b"<opml><body><outline text='N' xmlUrl='https://news.example/rss'/></body></opml>", "feeds.opml")
    (OpmlOutline(title='N', feed_url='https://news.example/rss', home_url=None, section=None),)
    """
    document = open_document(body, name, ParseError)
    start, root_name = find_root(document.text, frozenset({"opml"}))
    if root_name != "opml":
        is_html = is_web_page(root_name)
        raise ParseError(name, f"an OPML file was expected, and {'a web page' if is_html else 'something else'} came",
                         is_html=is_html)  # fmt: skip
    root, broken = parse_xml(document.text[start:])
    problem = document.problem or broken
    if root is None or problem:
        raise ParseError(name, f"the OPML file cannot be read: {problem}")
    outlines: dict[str, OpmlOutline] = {}
    for outline in _outlines(root, ()):
        outlines.setdefault(outline.feed_url, outline)
    return tuple(outlines.values())


def _outlines(parent: etree._Element, folders: tuple[str, ...]) -> Iterator[OpmlOutline]:
    for element in parent:
        if local_name(element) != "outline":
            yield from _outlines(element, folders)
            continue
        attributes = {str(key).lower(): squash(str(value)) for key, value in element.attrib.items()}
        title = attributes.get("title") or attributes.get("text") or ""
        feed_url, home_url = attributes.get("xmlurl", ""), attributes.get("htmlurl", "")
        if is_http_url(feed_url):
            yield OpmlOutline(
                title or feed_url, feed_url, home_url if is_http_url(home_url) else None, " / ".join(folders) or None
            )
        yield from _outlines(element, (*folders, title) if title and not feed_url else folders)


def render_opml(sources: Iterable[Source], title: str, now: datetime) -> str:
    """
    An OPML file of the feeds of *sources*, one folder a section; `parse_opml` gives the same feeds back.

    Sources without a feed are left out: OPML has no word for sitemaps or index pages.

    Source: https://opml.org/spec2.opml, "Subscription lists".
    """
    opml = etree.Element("opml", version="2.0")
    head = etree.SubElement(opml, "head")
    etree.SubElement(head, "title").text = _clean(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(opml, "body")
    folders: dict[str, etree._Element] = {"": body}
    for source in sources:
        section = _clean(source.section)
        if source.feeds and section not in folders:
            folders[section] = etree.SubElement(body, "outline", text=section, title=section)
        for feed_url in source.feeds:
            name = _clean(source.title)
            etree.SubElement(
                folders[section], "outline", type="rss", text=name, title=name, xmlUrl=_clean(feed_url),
                htmlUrl=_clean(source.home_url),
            )  # fmt: skip
    return str(etree.tostring(opml, pretty_print=True, xml_declaration=True, encoding="UTF-8").decode())


def _clean(text: str | None) -> str:
    return squash(without_forbidden(text or ""))
