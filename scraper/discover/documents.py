"""
What comes first with every document that names articles: unpacked, as text, and where its root
element is.

Whatever stands before the root is left out, and with it any document type declaration: no entity
that a document declares is ever known to a parser, so none can be expanded, and nothing outside can
be read.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import lxml.etree as etree  # noqa: PLR0402 - mypy finds this form

from scraper.encoding import decode
from scraper.errors import ParseError

MAX_UNPACKED_BYTES = 50_000_000  # the most that sitemaps.org allows in one file

_GZIP_MAGIC = b"\x1f\x8b\x08"  # RFC 1952 §2.3.1, with deflate, the only method there is
_PIECE_BYTES = 1 << 16  # unpacked at a time, so that what grows without end is stopped near its limit

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_START_TAG = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_PAGE_TAGS = frozenset({"html", "head", "body", "frameset"})
_HTML_TAGS = _PAGE_TAGS | frozenset(
    "a article aside b blockquote br center code div em font footer form h1 h2 h3 h4 header hr i iframe img link "
    "main meta nav noscript ol p pre script section small span strong style table title ul".split()
)
# Elements that hold others and must be closed; the rest ends by itself.
_NESTING_TAG = re.compile(
    r"<(/?)(?!(?:area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|param|source|t[dhr]|tbody|thead|wbr)\b)[a-z]",
    re.IGNORECASE,
)
_DEEPEST_HTML = 2000  # no page that means to be read comes near it, and it is parsed in a second
# A reference to anything but what XML itself defines; a CDATA section holds none.
_STRAY_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as text. *problem* is a fault met on the way, as a clause for the reader."""

    text: str
    problem: str | None = None


def open_document(
    body: bytes, url: str, error: type[ParseError], content_type: str | None = None, limit: int = MAX_UNPACKED_BYTES
) -> Document:
    """
    The text of a document that came from the web.

    gzip is known by its first bytes, whatever the headers said; cut or damaged
    gzip data give what could be unpacked, up to *limit* bytes. Characters that
    XML forbids are left out. *content_type* is the HTTP header, for its charset.

    Raises:
        error: There is nothing in it, or it grows beyond *limit*.
    """
    problems = []
    if body.startswith(_GZIP_MAGIC):
        body, whole = _unpack(body, limit)
        if len(body) > limit:
            raise error(url, f"the document is larger than {limit // 1_000_000} MB when unpacked")
        if not whole:
            problems.append("the gzip data is damaged or cut off")
    decoded = decode(body, content_type, is_page=False)
    text = without_forbidden(decoded.text).lstrip("\ufeff \t\r\n")
    if not text.strip():
        raise error(url, "the document is empty")
    if decoded.problem:
        problems.append(decoded.problem)
    return Document(text, "; ".join(problems) or None)


def without_forbidden(text: str) -> str:
    """The text without characters that XML forbids (XML 1.0 §2.2)."""
    return _FORBIDDEN.sub("", text)


def _unpack(body: bytes, limit: int) -> tuple[bytes, bool]:
    """The bytes in *body*, at most one more than *limit*, and whether they are all there."""
    unpacked = bytearray()
    rest = body
    while rest.startswith(_GZIP_MAGIC):  # one member after the other: RFC 1952 §2.2
        member = zlib.decompressobj(wbits=31)
        try:
            for at in range(0, len(rest), _PIECE_BYTES):
                unpacked += member.decompress(rest[at : at + _PIECE_BYTES], limit + 1 - len(unpacked))
                if len(unpacked) > limit:
                    return bytes(unpacked), True
                if member.eof:
                    rest = member.unused_data + rest[at + _PIECE_BYTES :]
                    break
        except zlib.error:
            return bytes(unpacked), False
        if not member.eof:
            return bytes(unpacked), False
    return bytes(unpacked), True


def find_root(text: str, roots: frozenset[str]) -> tuple[int, str]:
    """
    Where the root element begins, and its local name in lower case; (0, "") where there is none.

    Scraps of HTML before one of *roots* (a warning that the server printed) are
    passed over. If none of *roots* comes, it is the first element of all.

    >>> find_root("<?xml version='1.0'?><!-- <a> --><x:RSS/>", frozenset({"rss"}))
    (33, 'rss')
    >>> find_root("<b>Warning</b> <rss/>", frozenset({"rss"}))
    (15, 'rss')
    """
    first = (0, "")
    for start, name in _start_tags(text):
        if name in roots:
            return start, name
        first = first if first[1] else (start, name)
        if name in _PAGE_TAGS or name not in _HTML_TAGS:
            break
    return first


def _start_tags(text: str) -> Iterator[tuple[int, str]]:
    """Places and local names of start tags; comments, instructions and declarations are stepped over."""
    at = text.find("<")
    while at >= 0:
        end = at + 1
        if text.startswith("<!--", at):
            end = text.find("-->", at)
        elif text.startswith("<?", at):
            end = text.find("?>", at)
        elif text.startswith("<!", at):
            end = text.find(">", at)
            if text.find("[", at, end) >= 0:  # a document type with declarations of its own
                subset_end = text.find("]", at)
                end = text.find(">", subset_end) if subset_end >= 0 else -1
        elif tag := _START_TAG.match(text, at):
            yield at, tag.group(1).lower()
        at = text.find("<", end) if end > 0 else -1


def is_web_page(root: str, content_type: str | None = None) -> bool:
    """
    Whether a document with this root element is HTML.

    >>> is_web_page("html"), is_web_page("urlset"), is_web_page("", "text/html; charset=utf-8")
    (True, False, True)
    """
    return root in _HTML_TAGS or (not root and "html" in (content_type or "").lower())


def has_end_tag(text: str, root: str) -> bool:
    """
    Whether an XML text ends with the end of its root element: it is all there.

    >>> has_end_tag("<rss><channel/></rss>", "rss"), has_end_tag("<rss><channel></channel>", "rss")
    (True, False)
    """
    return re.match(rf"</(?:[\w.-]+:)?{re.escape(root)}\s*>", text[text.rfind("</") :], re.IGNORECASE) is not None


def is_too_deep(text: str) -> bool:
    """
    Whether HTML nests so deep that parsing it would take minutes: time grows with the square of the
    depth.

    >>> is_too_deep("<div><p>x</div>"), is_too_deep("<div>" * 6000)
    (False, True)
    """
    steps = (-1 if tag.group(1) else 1 for tag in _NESTING_TAG.finditer(text))
    return any(depth > _DEEPEST_HTML for depth in accumulate(steps))


def parse_xml(text: str) -> tuple[etree._Element | None, str | None]:
    """
    The tree of an XML text that begins at its root element, as far as it can be read, and what was
    wrong with it.

    Only the references that XML itself defines are ever resolved.

    >>> root, problem = parse_xml("<a>1 & 2<b>3</a>")
    >>> root.text, problem
    ('1 & 2', 'the XML is broken in line 1')
    """
    escaped = _STRAY_REFERENCE.sub(lambda match: "&amp;" if match.group() == "&" else match.group(), text)
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(escaped.encode(), parser)
    except etree.XMLSyntaxError as fault:
        return None, f"the XML is broken in line {fault.lineno}"
    if len(parser.error_log):
        return root, f"the XML is broken in line {parser.error_log[0].line}"
    return root, None


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace, in lower case."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def join_problems(*problems: str | None) -> str | None:
    """One sentence of all problems there are; None if there are none."""
    return "; ".join(problem for problem in problems if problem) or None
