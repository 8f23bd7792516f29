"""Lists of feeds as OPML: from another reader, and for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

import lxml.etree as etree  # noqa: PLR0402 - mypy finds this form

from scraper.discover.addresses import mend_url
from scraper.discover.documents import find_root, is_web_page, local_name, open_document, parse_xml, without_forbidden
from scraper.errors import ParseError
from scraper.model import Source
from scraper.secrets import hide_secrets
from scraper.text import squash
from scraper.urls import url_key


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


@dataclass(frozen=True, slots=True)
class OpmlRefusal:
    """One outline that names a feed which cannot be asked for, and why."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class OpmlList:
    """What an OPML file says, in its order: the feeds, and what was meant for one and is none."""

    outlines: tuple[OpmlOutline, ...]
    refusals: tuple[OpmlRefusal, ...] = ()


def parse_opml(body: bytes, name: str) -> OpmlList:
    """
    The feeds of an OPML file, in its order; one that stands there twice is refused the second time.

    Addresses are mended where it is plain what is meant (`mend_url`); a relative one begins at the
    outline's home page.

    Args:
        body: The file.
        name: What the file is called, for the error.

    Raises:
        ParseError: It is no OPML, or broken. A list that was cut is not taken for a whole one.

    Source: https://opml.org/spec2.opml.

    >>> parse_opml(b"<opml><body><outline text='N' xmlUrl='feed://news.example/rss'/></body></opml>", "f.opml").outlines
    (OpmlOutline(title='N', feed_url='http://news.example/rss', home_url=None, section=None),)
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
    refusals = []
    for outline in _outlines(root, ()):
        if isinstance(outline, OpmlRefusal):
            refusals.append(outline)
        elif known := outlines.get(url_key(outline.feed_url)):
            refusals.append(OpmlRefusal(outline.title, f"the same feed as “{known.title}”"))
        else:
            outlines[url_key(outline.feed_url)] = outline
    return OpmlList(tuple(outlines.values()), tuple(refusals))


def _outlines(parent: etree._Element, folders: tuple[str, ...]) -> Iterator[OpmlOutline | OpmlRefusal]:
    for element in parent:
        if local_name(element) != "outline":
            yield from _outlines(element, folders)
            continue
        attributes = {str(key).lower(): squash(str(value)) for key, value in element.attrib.items()}
        title = _printable(attributes.get("title") or attributes.get("text") or "")
        feed_url = attributes.get("xmlurl")
        if feed_url or (feed_url == "" and not len(element)):
            yield _outline(title, attributes, folders)
        yield from _outlines(element, folders if feed_url else (*folders, *filter(None, [title])))


def _outline(title: str, attributes: dict[str, str], folders: tuple[str, ...]) -> OpmlOutline | OpmlRefusal:
    home_url = None
    with suppress(ValueError):
        home_url = mend_url(attributes.get("htmlurl", ""))
    try:
        feed_url = mend_url(attributes["xmlurl"], home_url)
    except ValueError as problem:
        return OpmlRefusal(title or hide_secrets(attributes["xmlurl"]) or "an outline without a name", str(problem))
    return OpmlOutline(title or hide_secrets(feed_url), feed_url, home_url, " / ".join(folders) or None)


def _printable(text: str) -> str:
    """A text on one line, without marks that nobody sees."""
    return squash("".join(character if character.isprintable() else " " for character in text.replace("\u00ad", "")))


def render_opml(sources: Iterable[Source], title: str, now: datetime) -> str:
    """
    An OPML file of the feeds of *sources*, one folder a section; `parse_opml` gives the same feeds
    back.

    Sources without a feed are left out: OPML has no word for sitemaps or index pages. Secrets of
    addresses are not in it: a list is handed on.

    Source: https://opml.org/spec2.opml, "Subscription lists".
    """
    opml = etree.Element("opml", version="2.0")
    head = etree.SubElement(opml, "head")
    etree.SubElement(head, "title").text = _printable(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(opml, "body")
    folders: dict[str, etree._Element] = {"": body}
    for source in sources:
        section = _printable(source.section or "")
        if source.feeds and section not in folders:
            folders[section] = etree.SubElement(body, "outline", text=section, title=section)
        for feed_url in source.feeds:
            name = _printable(source.title)
            etree.SubElement(
                folders[section], "outline", type="rss", text=name, title=name, xmlUrl=without_forbidden(feed_url),
                htmlUrl=without_forbidden(source.home_url),
            )  # fmt: skip
    return str(etree.tostring(opml, pretty_print=True, xml_declaration=True, encoding="UTF-8").decode())
