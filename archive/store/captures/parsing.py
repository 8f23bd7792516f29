"""
One record of a WARC or an ARC file, read.

Sources: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/,
https://archive.org/web/researcher/ArcFileFormat.php
"""

# mypy: allow-untyped-calls
# (warcio, which is called in this package and nowhere else, has no annotations)

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import NamedTuple, Protocol

from warcio.bufferedreaders import ChunkedDataReader

from scraper.decoding import BrokenCodingError, decode_body
from scraper.model import RawExchange

ON_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
"""Headers that describe the form in which a body was sent, which is not the form that we keep."""
CRAWL = "X-Crawl-"
"""Before the names of such headers where they are kept, as Common Crawl does."""
# Most bytes of one of our own records: `max_decoded_bytes` and its headers, generously.
LARGEST = 100_000_000
# No honest record is longer (a film of many hours); what says so is not stepped over but searched.
_LONGEST_RECORD = 1 << 34
# Bytes of a line, and of all lines above a record's block: no honest one has more.
_LONGEST_LINE = 1 << 16
_LONGEST_HEAD = 1 << 18
# What broken records raise, here and in the libraries.
BROKEN = (EOFError, ValueError, zlib.error)
WARC_START = b"WARC/"
ARC_START = b"filedesc:"
_STATUS_LINE = re.compile(r"(HTTP/\d(?:\.\d)?) +(\d{3})\b *(.*)")
# After the address: IP, date, type and length (version 1); seven more fields in between (version 2).
_ARC_LINE = re.compile(rb"(\S.*?) \S+ (\d{8,14}) (\S+)(?: .*)? (\d+)\r?\n")


class Record(NamedTuple):
    """
    One record, whole.

    Args:
        kind: As WARC has it ("response", "revisit", …).
        fields: Its named fields, by their names in small letters.
    """

    kind: str
    url: str
    at: str
    block: bytes
    fields: dict[str, str]


class TooLargeError(ValueError):
    """
    A record that is no page. *skip* is how many bytes of it are left, 0 where its length is no
    length.
    """

    def __init__(self, problem: str, skip: int) -> None:
        self.skip = skip
        super().__init__(problem)


class Lines(Protocol):
    """What records are read from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most *size*."""
        ...

    def readline(self, limit: int, /) -> bytes:
        """The next line with its end, at most *limit* bytes of it."""
        ...


def is_private_file(name: str) -> bool:
    """
    Whether a WARC file of this name was written as one for its owner alone.

    >>> is_private_file("pass-000001-20260301T060000Z-private-00000.warc.gz"), is_private_file("private-eye.warc.gz")
    (True, False)
    """
    return re.search(r"-private-\d+\.warc", name) is not None


def read_record(stream: Lines, largest: int = LARGEST) -> Record:
    """
    The record that starts here; the stream stands behind it. Raises one of `BROKEN` where it is not
    whole.
    """
    line = stream.readline(_LONGEST_LINE)
    if line.startswith(WARC_START):
        return _read_warc_record(stream, largest)
    if arc := _ARC_LINE.fullmatch(line):
        return _read_arc_record(stream, arc, largest)
    raise ValueError(f"no record begins with {line[:40]!r}")


def read_fields(stream: Lines) -> dict[str, str]:
    """The named fields above the block of a WARC record, by their names in small letters."""
    fields: dict[str, str] = {}
    name, size = "", 0
    while (line := stream.readline(_LONGEST_LINE)).strip():
        size += len(line)
        if size > _LONGEST_HEAD:
            raise ValueError("named fields without end")
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text[0] in " \t":  # goes on with the line before
            fields[name] = f"{fields.get(name, '')} {text.strip()}"
            continue
        name, colon, value = text.partition(":")
        if colon:
            name = name.strip().lower()
            fields[name] = value.strip()
    if not line:
        raise EOFError("the record is cut")
    return fields


def _read_warc_record(stream: Lines, largest: int) -> Record:
    fields = read_fields(stream)
    url = fields.get("warc-target-uri", "").strip("<>")
    length = fields.get("content-length", "")
    block = _read_block(stream, int(length) if re.fullmatch(r"-?\d{1,18}", length) else None, largest, url)
    return Record(fields.get("warc-type", ""), url, fields.get("warc-date", ""), block, fields)


def _read_arc_record(stream: Lines, line: re.Match[bytes], largest: int) -> Record:
    """A record of an ARC file: one line, and what a server sent."""
    url = line[1].decode("utf-8", "replace")
    block = _read_block(stream, int(line[4]), largest, url)
    at = datetime.strptime(line[2].decode()[:14].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    kind = "warcinfo" if line[1].startswith(ARC_START) else "response"
    return Record(kind, url, at.isoformat(), block, {"content-type": line[3].decode("latin-1")})


def _read_block(stream: Lines, length: int | None, largest: int, url: str) -> bytes:
    if length is None or not 0 <= length <= largest:
        is_length = length is not None and 0 <= length < _LONGEST_RECORD
        size = "no length" if length is None else f"{length} bytes, which is no page"
        raise TooLargeError(f"a record of {size} ({url})", length if is_length and length else 0)
    block = stream.read(length)
    if len(block) < length:
        raise EOFError("the record is cut")
    return block


def exchange_of(record: Record, largest: int = LARGEST) -> RawExchange:
    """
    The response that a record holds. Raises one of `BROKEN` where it is none.

    A record that has a page without the answer that brought it (`resource`, `conversion`) is one
    with status 200.
    """
    if record.kind in {"resource", "conversion"}:
        media_type = record.fields.get("content-type", "application/octet-stream")
        return _exchange(record, "HTTP/1.1", 200, "OK", (("Content-Type", media_type),), record.block)
    end = re.search(rb"\r?\n\r?\n|\Z", record.block)
    assert end is not None
    # A line that starts with white space goes on with the one before (obs-fold, RFC 9112 §5.2).
    status_line, *lines = re.sub(rb"\r?\n[ \t]+", b" ", record.block[: end.start()]).decode("latin-1").split("\n")
    status = _STATUS_LINE.match(status_line)
    if status is None:
        raise ValueError(f"not a status line of HTTP: {status_line[:80]!r}")
    headers = [(name.strip(), value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon]
    body = _decoded(record.block[end.end() :], headers, largest)
    return _exchange(record, status[1], int(status[2]), status[3].strip(), _original(headers), body)


def _exchange(
    record: Record, version: str, status: int, reason: str, headers: tuple[tuple[str, str], ...], body: bytes
) -> RawExchange:
    at = datetime.fromisoformat(record.at)
    return RawExchange(
        url=record.url,
        at=at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC),
        method="GET",
        request_headers=(),
        status=status,
        reason=reason,
        http_version=version,
        headers=headers,
        body=body,
    )


def _original(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """
    The headers as they were on the wire, where a crawler rewrote them.

    >>> _original([("X-Crawl-Content-Encoding", "gzip"), ("Content-Length", "900"), ("Server", "x")])
    (('Content-Encoding', 'gzip'), ('Server', 'x'))
    """
    headers = tuple(headers)
    if not any(name.lower().startswith(CRAWL.lower()) for name, _ in headers):
        return headers
    return tuple(
        (name[len(CRAWL) :] if name.lower().startswith(CRAWL.lower()) else name, value)
        for name, value in headers
        if name.lower() not in ON_THE_WIRE
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
