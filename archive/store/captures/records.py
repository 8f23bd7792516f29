"""One WARC record, made of a response."""

# mypy: allow-untyped-calls
# (warcio, which is called in these modules and nowhere else, has no annotations)

from __future__ import annotations

import gzip
import re
from base64 import b32encode
from collections.abc import Iterable
from datetime import UTC
from hashlib import sha1
from io import BytesIO
from typing import NamedTuple

from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from archive.store.captures.parsing import CRAWL, ON_THE_WIRE
from scraper.model import RawExchange
from scraper.urls import split_url

_SECRET = frozenset({"cookie", "set-cookie", "set-cookie2", "authorization", "proxy-authorization"})
# The library packs at 9: a real page of 436 KB then takes 25 ms of the one process that everything
# waits for, at 6 it takes 14 and one byte in a hundred more.
_LEVEL = 6
_SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


class _HttpHeaders(StatusAndHeaders):
    """
    Headers in the bytes they had on the wire; the library
    would percent-encode what is not ASCII.
    """

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        self.headers_buff = self.to_bytes(header_filter, "latin-1")


class Original(NamedTuple):
    """The record that has the bytes which a revisit record stands for, by its named fields."""

    record_id: str
    url: str
    date: str
    digest: str


def payload_digest(body: bytes) -> str:
    """
    The digest of a body as `CaptureLocation.digest` and WARC-Payload-Digest have it.

    >>> payload_digest(b"")
    'sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ'
    """
    return "sha1:" + b32encode(sha1(body, usedforsecurity=False).digest()).decode()


def records_of(exchange: RawExchange, original: Original | None = None) -> tuple[bytes, bytes, str]:
    """
    The response record and the request record, each one gzip member, and the digest of the body.

    With *original* the first one is a revisit record (WARC 1.1 §6.7.2): headers, and where the same
    body lies.
    """
    response_id, request_id = (StatusAndHeadersParser.make_warc_id() for _ in range(2))
    at = exchange.at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    headers = [(CRAWL + name if name.lower() in ON_THE_WIRE else name, value) for name, value in exchange.headers]
    headers.append(("Content-Length", str(len(exchange.body))))
    parts = split_url(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    version = exchange.http_version if exchange.http_version in {"HTTP/1.0", "HTTP/1.1"} else "HTTP/1.1"
    names = {"WARC-Record-ID": response_id, "WARC-Date": at}
    if original:
        names |= {
            "WARC-Profile": _SAME_PAYLOAD,
            "WARC-Refers-To": original.record_id,
            "WARC-Refers-To-Target-URI": original.url,
            "WARC-Refers-To-Date": original.date,
            "WARC-Payload-Digest": original.digest,
        }
    response, digest = _record(
        "revisit" if original else "response",
        names,
        exchange.url,
        _HttpHeaders(_line(f"{exchange.status} {exchange.reason}"), _clean(headers), protocol=version),
        b"" if original else exchange.body,
    )
    request, _ = _record(
        "request",
        {"WARC-Record-ID": request_id, "WARC-Concurrent-To": response_id, "WARC-Date": at},
        exchange.url,
        _HttpHeaders(_line(f"{target} {version}"), _clean(exchange.request_headers), protocol=_line(exchange.method)),
        b"",
    )
    return response, request, digest


def _record(kind: str, names: dict[str, str], url: str, headers: StatusAndHeaders, body: bytes) -> tuple[bytes, str]:
    """One record as a gzip member, and the digest of its payload."""
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="1.1")
    record = writer.create_warc_record(
        _line(url), kind, payload=BytesIO(body), length=len(body), warc_headers_dict=names, http_headers=headers
    )
    writer.write_record(record)
    return gzip.compress(buffer.getvalue(), _LEVEL, mtime=0), record.rec_headers.get_header("WARC-Payload-Digest")


def warcinfo(name: str, software: str) -> bytes:
    """The record that opens a file."""
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    conforms_to = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
    writer.write_record(
        writer.create_warcinfo_record(
            name, {"software": software, "format": "WARC File Format 1.1", "conformsTo": conforms_to}
        )
    )
    return buffer.getvalue()


def _clean(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers without secrets, that cannot break out of their line."""
    return [
        (re.sub(r"[\s:]", "-", _line(name)), _line(value)) for name, value in headers if name.lower() not in _SECRET
    ]


def _line(text: str) -> str:
    r"""
    A text on one line, whose characters stand for single bytes as in HTTP; what has none is written
    in UTF-8.

    >>> _line("a\r\nb"), _line("é"), _line("東")
    ('a b', 'é', 'æ\x9d±')
    """
    text = re.sub(r"[\r\n\0]+", " ", text)
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("latin-1")
    return text
