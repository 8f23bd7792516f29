"""Bytes to text: byte order mark, HTTP header, the document's own declaration, a guess; in that order."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

import webencodings
from charset_normalizer import from_bytes

# A byte order mark: UTF-32 first, its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
)
# "<" in wide characters: XML 1.0, appendix F.1.
_UNMARKED_BEGINNINGS = (
    (b"\0\0\0<", "utf-32be"),
    (b"<\0\0\0", "utf-32le"),
    (b"\0<\0", "utf-16be"),
    (b"<\0", "utf-16le"),
)
# A browser looks at the first 1024 bytes; pages that declare later are common enough to look a
# little further.
_PRESCAN_BYTES = 16_384
_TAG = re.compile(rb"<!--.*?(?:-->|$)|<[!/?][^a-zA-Z][^>]*|</?([a-zA-Z][^\s/>]*)", re.DOTALL)
# A value that opens with a quote ends with it, wherever that stands.
_ATTRIBUTE = re.compile(rb"""[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?""")
_CHARSET = re.compile(rb"""charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))""", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
# A guess is no better for more of them, and takes longer.
_GUESS_BYTES = 50_000
_WIDE_BYTES = 120  # of markup, which is ASCII in every language
_TAG_BYTES, _HIGH_BYTES, _LATIN_BYTES = map(re.compile, (rb"<[^<>]*>", rb"[\x80-\xff]", rb"[A-Za-z]"))


@dataclass(frozen=True, slots=True)
class Decoded:
    """
    A text, and how it was read.

    Args:
        origin: What named the encoding: "bom", "bytes", "http", "meta", "utf-8", "guess".
        problem: A fault met on the way, as a clause for the reader.
    """

    text: str
    encoding: str
    origin: str
    problem: str | None = None


def decode(body: bytes, content_type: str | None = None, *, is_page: bool = True) -> Decoded:
    r"""
    The text of a document. Never fails: bytes that do not fit become U+FFFD.

    Args:
        content_type: The HTTP header, for its charset.
        is_page: A web page is read as browsers read it, in the encoding that is named. Of a feed or
            a sitemap a name counts only where all bytes fit: a name that does not fit is a server's
            default.

    Source: HTML Standard, "determining the character encoding"; labels after the Encoding Standard;
        RFC 7303 §3 and
    XML 1.0 appendix F.

    >>> decode(b"caf\xe9", "text/html; charset=iso-8859-1").text
    'café'
    >>> decode("é".encode(), "text/xml; charset=iso-8859-1", is_page=False).text
    'é'
    >>> decode(b"<?xml version='1.0' encoding='utf-8'?><a>\xe9</a>", is_page=False).problem
    'it is not in the encoding it declares (utf-8), and was read as windows-1252'
    """
    if found := _by_its_bytes(body):
        return found
    labels = [(label, origin) for label, origin in _find_labels(body, content_type, is_page=is_page) if label]
    read_as = _as_browsers_do if is_page else _where_it_fits
    for label, origin in labels:
        codec = webencodings.lookup(label)
        if codec is not None and (found := read_as(body, codec, origin)):
            return found
    if (text := _as_utf8(body)) is not None:
        return Decoded(text, "utf-8", "utf-8")
    return _guess(body, labels[0][0] if labels else None, is_page=is_page)


def _find_labels(body: bytes, content_type: str | None, *, is_page: bool) -> Iterator[tuple[str | None, str]]:
    """The encodings that a document is said to be in, and who says so."""
    yield _charset_of(content_type), "http"
    yield find_declared_encoding(body) or (None if is_page else _declared_in_the_middle(body)), "meta"


def _by_its_bytes(body: bytes) -> Decoded | None:
    """What a byte order mark tells, or the zeros of wide characters."""
    marked = next(((mark, encoding) for mark, encoding in _MARKS if body.startswith(mark)), None)
    if marked:
        mark, encoding = marked
        return _read(body[len(mark) :], encoding, "bom")
    beginnings = (encoding for beginning, encoding in _UNMARKED_BEGINNINGS if body.startswith(beginning))
    wide = next(beginnings, None) or _wide_encoding(body)
    return _read(body, wide, "bytes") if wide else None


def _read(body: bytes, encoding: str, origin: str) -> Decoded:
    text = body.decode(f"{encoding[:-2]}-{encoding[-2:]}" if encoding != "utf-8" else encoding, "replace")
    return Decoded(text, encoding, origin, "some bytes are not in its encoding" if "\ufffd" in text else None)


def _as_browsers_do(body: bytes, codec: webencodings.Encoding, origin: str) -> Decoded | None:
    """
    The text in an encoding that a page is said to be in, whether it fits or not; None where it is
    not meant.
    """
    if codec.name.startswith("utf-16") and b"\0" not in body[:_PRESCAN_BYTES] and _as_utf8(body) is not None:
        return None  # a server's word against bytes that are none
    # A declaration of a single-byte encoding over bytes that are valid UTF-8 beyond ASCII is a
    # template's leftover.
    if codec.name != "utf-8" and origin == "meta" and (text := _as_utf8(body)) is not None and not text.isascii():
        return Decoded(text, "utf-8", "utf-8")
    return Decoded(_decoder_of(codec).decode(body, "replace")[0], codec.name, origin)


def _where_it_fits(body: bytes, codec: webencodings.Encoding, origin: str) -> Decoded | None:
    """The text in an encoding that a document is said to be in; None where a byte does not fit."""
    if codec.name == "windows-1252" and (text := _as_utf8(body)) is not None:
        return Decoded(text, "utf-8", "utf-8")
    try:
        return Decoded(_decoder_of(codec).decode(body, "strict")[0], codec.name, origin)
    except UnicodeError:
        return None


def _decoder_of(codec: webencodings.Encoding) -> codecs.CodecInfo:
    # The Encoding Standard reads GBK as its larger sister.
    return codecs.lookup("gb18030") if codec.name == "gbk" else codec.codec_info


def _guess(body: bytes, label: str | None, *, is_page: bool) -> Decoded:
    """The text of a document that is no UTF-8 and is in no encoding that it names."""
    is_asked = label is None and (is_page or _is_other_script(body))
    if is_asked and (best := from_bytes(body[:_GUESS_BYTES]).best()):
        problem = f"it declares no encoding, and was read as {best.encoding}, which is a guess"
        return Decoded(body.decode(best.encoding, "replace"), best.encoding, "guess", problem)
    problem = f"it is not in the encoding it declares ({label or 'utf-8'}), and was read as windows-1252"
    return Decoded(body.decode("cp1252", "replace"), "cp1252", "guess", problem)


def _is_other_script(body: bytes) -> bool:
    """
    Whether a text that is no UTF-8 is mostly written in other letters than Latin ones; those are
    windows-1252.
    """
    words = _TAG_BYTES.sub(b" ", body[:_GUESS_BYTES])
    return len(_HIGH_BYTES.findall(words)) > len(_LATIN_BYTES.findall(words))


# "<!" in two bytes each; and the head of a page is markup, whatever the language of its title.
_FEWEST_WIDE_BYTES, _MOSTLY_LATIN = 4, 0.8


def _wide_encoding(body: bytes) -> str | None:
    """UTF-16 without its mark, as the markup of a page shows it: every other byte is zero."""
    head = body[:_WIDE_BYTES]
    if len(head) < _FEWEST_WIDE_BYTES:
        return None
    share = _MOSTLY_LATIN * (len(head) // 2)
    if head[1::2].count(0) >= share and not head[::2].count(0):
        return "utf-16le"
    return "utf-16be" if head[::2].count(0) >= share and not head[1::2].count(0) else None


def narrow(body: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    r"""
    A page in UTF-16 as UTF-8, with a type that says so; any other as it is.

    >>> narrow("\ufeff<p>Brücke".encode("utf-16-le"), "text/html; charset=utf-16")
    (b'<p>Br\xc3\xbccke', 'text/html; charset=utf-8')
    """
    decoded = decode(body, content_type) if b"\0" in body[:_PRESCAN_BYTES] else None
    if decoded is None or not decoded.encoding.startswith("utf-16"):
        return body, content_type
    media_type = (content_type or "text/html").partition(";")[0].strip()
    return decoded.text.encode("utf-8", "replace"), f"{media_type}; charset=utf-8"


def find_declared_encoding(body: bytes) -> str | None:
    """
    The encoding label that a page declares in a meta element or an XML declaration, if it does.

    >>> find_declared_encoding(b'<meta http-equiv=content-type content="text/html; charset=koi8-r">')
    'koi8-r'
    """
    head = body[:_PRESCAN_BYTES]
    if found := _XML_DECLARATION.match(head):
        return _label(found.group(1))
    for attributes in _meta_elements(head):
        if (charset := attributes.get(b"charset")) and webencodings.lookup(label := _label(charset)):
            return label
        if attributes.get(b"http-equiv", b"").lower() == b"content-type" and (
            found := _CHARSET.search(attributes.get(b"content", b""))
        ):
            return _label(b"".join(group or b"" for group in found.groups()))
    return None


def _meta_elements(head: bytes) -> Iterator[dict[bytes, bytes]]:
    """
    The attributes of each meta element, by lower-case name; tags in comments and in other tags'
    values are none.
    """
    position = 0
    while tag := _TAG.search(head, position):
        position = tag.end()
        attributes: dict[bytes, bytes] = {}
        while tag.group(1) and (found := _ATTRIBUTE.match(head, position)):
            position = found.end()
            name, *values = found.groups()
            attributes.setdefault(name.lower(), b"".join(value or b"" for value in values))
        if (tag.group(1) or b"").lower() == b"meta":
            yield attributes


def _declared_in_the_middle(body: bytes) -> str | None:
    """The encoding of an XML declaration that stands behind what a server printed before it."""
    found = _XML_DECLARATION.search(body[:_PRESCAN_BYTES])
    return _label(found.group(1)) if found else None


def _label(raw: bytes) -> str:
    label = raw.decode("ascii", "replace").strip().lower()
    # A page that could be read this far is not UTF-16 (HTML Standard, prescan, last step).
    return "utf-8" if label.startswith("utf-16") else label


def _charset_of(content_type: str | None) -> str | None:
    found = _CHARSET.search(content_type.encode("ascii", "replace")) if content_type else None
    return b"".join(group or b"" for group in found.groups()).decode() if found else None


def _as_utf8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None
