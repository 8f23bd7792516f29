"""Bytes to text: byte order mark, HTTP header, the page's own declaration, a guess; in that order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import webencodings
from charset_normalizer import from_bytes

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16be"), (b"\xff\xfe", "utf-16le"))
# A browser looks at the first 1024 bytes; pages that declare later are common enough to look a little further.
_PRESCAN_BYTES = 16_384
_TAG = re.compile(rb"<!--.*?(?:-->|$)|<[!/?][^a-zA-Z][^>]*|</?([a-zA-Z][^\s/>]*)", re.DOTALL)
# A value that opens with a quote ends with it, wherever that stands.
_ATTRIBUTE = re.compile(rb"""[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?""")
_CHARSET = re.compile(rb"""charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))""", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_GUESS_BYTES = 50_000
_WIDE_BYTES = 120  # of markup, which is ASCII in every language


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was read in, and what named it: "bom", "bytes", "http", "meta", "utf-8", "guess"."""

    text: str
    encoding: str
    origin: str


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    r"""
    The text of a page. Never fails: bytes that do not fit become U+FFFD.

    Source: HTML Standard, "determining the character encoding"; labels after the Encoding Standard.

    >>> decode(b"caf\xe9", "text/html; charset=iso-8859-1").text
    'café'
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(encoding, "replace"), encoding, "bom")
    wide = _wide_encoding(body)
    if wide:
        return Decoded(body.decode(wide.replace("utf-16", "utf-16-"), "replace"), wide, "bytes")
    for declared, origin in ((_charset_of(content_type), "http"), (find_declared_encoding(body), "meta")):
        codec = webencodings.lookup(declared) if declared else None
        if codec is None:
            continue
        if codec.name.startswith("utf-16") and b"\0" not in body[:_PRESCAN_BYTES] and _as_utf8(body) is not None:
            continue  # a server's word against bytes that are none
        # A declaration of a single-byte encoding over bytes that are valid UTF-8 beyond ASCII is a template's leftover.
        if codec.name != "utf-8" and origin == "meta" and (text := _as_utf8(body)) is not None and not text.isascii():
            return Decoded(text, "utf-8", "utf-8")
        return Decoded(codec.codec_info.decode(body, "replace")[0], codec.name, origin)
    if (text := _as_utf8(body)) is not None:
        return Decoded(text, "utf-8", "utf-8")
    best = from_bytes(body[:_GUESS_BYTES]).best()
    encoding = best.encoding if best else "cp1252"
    return Decoded(body.decode(encoding, "replace"), encoding, "guess")


def _wide_encoding(body: bytes) -> str | None:
    """UTF-16 without its mark, as the markup of a page shows it: every other byte is zero."""
    head = body[:_WIDE_BYTES]
    if len(head) < 4:
        return None
    share = 0.8 * (len(head) // 2)
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
    """The attributes of each meta element, by lower-case name; tags in comments and in other tags' values are none."""
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
