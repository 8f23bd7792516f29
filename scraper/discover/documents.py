"""
What comes first with every document that names articles: unpacked, as text, and where its root element is.

Whatever stands before the root is left out, and with it any document type declaration: no entity that a
document declares is ever known to a parser, so none can be expanded, and nothing outside can be read.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import lxml.etree as etree  # noqa: PLR0402 - mypy finds this form
from charset_normalizer import from_bytes

from scraper.errors import ParseError

MAX_UNPACKED_BYTES = 50_000_000  # the most that sitemaps.org allows in one file

_GZIP_MAGIC = b"\x1f\x8b\x08"  # RFC 1952 §2.3.1, with deflate, the only method there is
_PIECE_BYTES = 1 << 16

_BYTE_ORDER_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED_BEGINNINGS = (  # "<" and "<?" in wide characters: XML 1.0, appendix F.1
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)
_WIDER_ENCODINGS = {"gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949"}
_LATIN_ENCODINGS = frozenset({"ascii", "iso8859-1", "cp1252"})  # as `codecs.lookup` names them
# Not encodings of documents, and slow on long input.
_ODD_CODECS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_DECLARED_ENCODING = re.compile(
    rb"(?:<\?xml[^>]{0,200}?encoding|<meta[^>]{0,200}?charset)\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_TAG_BYTES, _HIGH_BYTES, _LATIN_BYTES = map(re.compile, (rb"<[^<>]*>", rb"[\x80-\xff]", rb"[A-Za-z]"))
_GUESS_BYTES = 50_000
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
_DEEPEST_HTML = 2000
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
    charset = _CHARSET.search(content_type or "")
    text, encoding_problem = decode(body, charset.group(1) if charset else None)
    text = without_forbidden(text).lstrip("\ufeff \t\r\n")
    if not text.strip():
        raise error(url, "the document is empty")
    if encoding_problem:
        problems.append(encoding_problem)
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


def decode(body: bytes, charset: str | None = None) -> tuple[str, str | None]:
    r"""
    The text of a document, and what was wrong with its encoding.

    A byte order mark comes first, then *charset*, then what the document declares, then
    UTF-8. A Latin label on what is valid UTF-8 is taken for a server's default.

    Source: RFC 7303 §3; XML 1.0 appendix F.

    >>> decode("é".encode(), "iso-8859-1")
    ('é', None)
    >>> decode(b"<?xml version='1.0' encoding='utf-8'?><a>\xe9</a>")[1]
    'it is not in the encoding it declares (utf-8), and was read as windows-1252'
    """
    for mark, encoding in (*_BYTE_ORDER_MARKS, *_UNMARKED_BEGINNINGS):
        if body.startswith(mark):
            text = body.decode(encoding, errors="replace")
            return text, "some bytes are not in its encoding" if "\ufffd" in text else None
    match = _DECLARED_ENCODING.search(body[:4096])
    declared = match.group(1).decode() if match else None
    for label in (charset, declared, "utf-8"):
        decoded = _decode_as(body, label) if label else None
        if decoded is not None:
            return decoded, None
    if not charset and not declared and _is_other_script(body) and (guess := from_bytes(body[:_GUESS_BYTES]).best()):
        text = body.decode(guess.encoding, errors="replace")
        return text, f"it declares no encoding, and was read as {guess.encoding}, which is a guess"
    problem = f"it is not in the encoding it declares ({charset or declared or 'utf-8'}), and was read as windows-1252"
    return body.decode("cp1252", errors="replace"), problem


def _is_other_script(body: bytes) -> bool:
    """Whether a text that is no UTF-8 is mostly written in other letters than Latin ones; those are windows-1252."""
    words = _TAG_BYTES.sub(b" ", body[:_GUESS_BYTES])
    return len(_HIGH_BYTES.findall(words)) > len(_LATIN_BYTES.findall(words))


def _decode_as(body: bytes, label: str) -> str | None:
    """The text in the encoding that *label* names; None where that is none, or does not fit."""
    try:
        name = codecs.lookup(_WIDER_ENCODINGS.get(label.lower(), label)).name
        if name in _ODD_CODECS:
            return None
        if name in _LATIN_ENCODINGS:
            try:
                return body.decode("utf-8")
            except UnicodeDecodeError:
                name = "cp1252"
        return body.decode(name)
    except (LookupError, UnicodeError):
        return None


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
    Whether HTML nests so deep that parsing it would take minutes: time grows with the square of the depth.

    >>> is_too_deep("<div><p>x</div>"), is_too_deep("<div>" * 6000)
    (False, True)
    """
    steps = (-1 if tag.group(1) else 1 for tag in _NESTING_TAG.finditer(text))
    return any(depth > _DEEPEST_HTML for depth in accumulate(steps))


def parse_xml(text: str) -> tuple[etree._Element | None, str | None]:
    """
    The tree of an XML text that begins at its root element, as far as it can be read, and what was wrong with it.

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
