"""One WARC record: made of a response, and read back."""

# mypy: allow-untyped-calls
# (warcio, which is called in these modules and nowhere else, has no annotations)

from __future__ import annotations

import gzip
import re
import zlib
from base64 import b32encode
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha1
from io import BytesIO
from typing import IO, NamedTuple

from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from archive.store.captures.streams import Stream
from scraper.decoding import BrokenCodingError, decode_body
from scraper.model import RawExchange
from scraper.urls import split_url

_SECRET = frozenset({"cookie", "set-cookie", "set-cookie2", "authorization", "proxy-authorization"})
_ON_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_CRAWL = "X-Crawl-"
# The library packs at 9: a real page of 436 KB then takes 25 ms of the one process that everything
# waits for, at 6 it takes 14 and one byte in a hundred more.
_LEVEL = 6
_SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_STATUS_LINE = re.compile(r"(HTTP/\d(?:\.\d)?) +(\d{3})\b *(.*)")
# Most bytes of one of our own records: `max_decoded_bytes` and its headers, generously.
LARGEST = 100_000_000
# No honest record is longer (a film of many hours); what says so is not stepped over but searched.
_LONGEST_RECORD = 1 << 34
# What broken records raise, here and in the library.
BROKEN = (ArchiveLoadFailed, EOFError, ValueError, zlib.error)


def is_private_file(name: str) -> bool:
    """
    Whether a WARC file of this name was written as one for its owner alone.

    >>> is_private_file("pass-000001-20260301T060000Z-private-00000.warc.gz"), is_private_file("private-eye.warc.gz")
    (True, False)
    """
    return re.search(r"-private-\d+\.warc", name) is not None


# ---------------------------------------------------------------- made


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
    headers = [(_CRAWL + name if name.lower() in _ON_THE_WIRE else name, value) for name, value in exchange.headers]
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


# ---------------------------------------------------------------- read


class Record(NamedTuple):
    """One WARC record, whole."""

    kind: str
    url: str
    at: str
    block: bytes
    name: str


class TooLargeError(ValueError):
    """
    A record that is no page. *skip* is how many bytes of it are left, 0 where its length is no
    length.
    """

    def __init__(self, problem: str, skip: int) -> None:
        self.skip = skip
        super().__init__(problem)


def read_record(stream: IO[bytes] | Stream, largest: int = LARGEST) -> Record:
    """
    The record that starts here; the stream stands behind it. Raises one of `BROKEN` where it is not
    whole.
    """
    # HTTP headers are read below: the library gives up on the ones it does not like.
    record = ArcWarcRecordLoader(arc2warc=False).parse_record_stream(stream, known_format="warc", no_record_parse=True)
    length = record.length
    url = record.rec_headers.get_header("WARC-Target-URI", "")
    if length is None or not 0 <= length <= largest:
        is_length = length is not None and 0 <= length < _LONGEST_RECORD
        size = "no length" if length is None else f"{length} bytes, which is no page"
        raise TooLargeError(f"a record of {size} ({url})", length if is_length else 0)
    block = record.raw_stream.read(length)
    if len(block) < length:
        raise EOFError("the record is cut")
    names = record.rec_headers
    return Record(
        kind=record.rec_type or "",
        url=url,
        at=names.get_header("WARC-Date", ""),
        block=block,
        name=names.get_header("WARC-Filename", ""),
    )


def exchange_of(record: Record, largest: int = LARGEST) -> RawExchange:
    """The response that a record holds. Raises one of `BROKEN` where it is none."""
    end = re.search(rb"\r?\n\r?\n|\Z", record.block)
    assert end is not None
    # A line that starts with white space goes on with the one before (obs-fold, RFC 9112 §5.2).
    status_line, *lines = re.sub(rb"\r?\n[ \t]+", b" ", record.block[: end.start()]).decode("latin-1").split("\n")
    status = _STATUS_LINE.match(status_line)
    if status is None:
        raise ValueError(f"not a status line of HTTP: {status_line[:80]!r}")
    headers = [(name.strip(), value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon]
    at = datetime.fromisoformat(record.at)
    return RawExchange(
        url=record.url,
        at=at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC),
        method="GET",
        request_headers=(),
        status=int(status[2]),
        reason=status[3].strip(),
        http_version=status[1],
        headers=_original(headers),
        body=_decoded(record.block[end.end() :], headers, largest),
    )


def _original(headers: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """
    The headers as they were on the wire, where a crawler rewrote them.

    >>> _original([("X-Crawl-Content-Encoding", "gzip"), ("Content-Length", "900"), ("Server", "x")])
    (('Content-Encoding', 'gzip'), ('Server', 'x'))
    """
    if not any(name.lower().startswith(_CRAWL.lower()) for name, _ in headers):
        return tuple(headers)
    return tuple(
        (name[len(_CRAWL) :] if name.lower().startswith(_CRAWL.lower()) else name, value)
        for name, value in headers
        if name.lower() not in _ON_THE_WIRE
    )


def _decoded(payload: bytes, headers: list[tuple[str, str]], largest: int) -> bytes:
    """
    The body without transfer and content coding, as the headers name them.

    Many crawlers store the body decoded but leave the headers as they were: what does not look
    coded is taken as it is, and a body that was cut on the wire as far as it goes.

    Source: RFC 9110 §8.4, RFC 9112 §6.
    """
    named = {name.lower(): value.lower() for name, value in headers}
    if "chunked" in named.get("transfer-encoding", ""):
        payload = ChunkedDataReader(BytesIO(payload)).read()
    try:
        return decode_body(payload, named.get("content-encoding"), largest)
    except BrokenCodingError:
        raise ValueError("the body's compression is broken") from None
