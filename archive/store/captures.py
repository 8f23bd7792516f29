"""
Raw responses, kept as WARC 1.1 (https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/).

A record holds the body without its content coding, because that is what we have and what
`presswatch reread` needs. So that any other tool reads it right, `Content-Length` tells the size
of what is there, and the headers that described the coding and length on the wire are kept with
"X-Crawl-" before their names, as Common Crawl does; reading takes that back. Headers that carry secrets
(cookies, authorization) are not written. HTTP/2 is written as HTTP/1.1, the only form WARC has.

A response comes first, then the request that brought it and names it (`WARC-Concurrent-To`): readers go by order, and
no record names one that they have not seen. A page that comes again with the same bytes is a `revisit` record, which
has the headers and names the record that has the bytes.
"""

# mypy: allow-untyped-calls
# (warcio, which is called here and nowhere else, has no annotations)

from __future__ import annotations

import gzip
import os
import re
import zlib
from base64 import b32encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha1
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, NamedTuple, Self

from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from archive.model import CaptureLocation, StoredCapture
from scraper.decoding import BrokenCodingError, decode_body
from scraper.errors import ArchiveError
from scraper.model import RawExchange
from scraper.urls import is_http_url, split_url

_SECRET = frozenset({"cookie", "set-cookie", "set-cookie2", "authorization", "proxy-authorization"})
_ON_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_CRAWL = "X-Crawl-"
_GZIP_MAGIC = b"\x1f\x8b\x08"
# The library packs at 9: a real page of 436 KB then takes 25 ms of the one process that everything waits for, at 6 it
# takes 14 and one byte in a hundred more.
_LEVEL = 6
_WARC_START = b"WARC/"
_SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_STATUS_LINE = re.compile(r"(HTTP/\d(?:\.\d)?) +(\d{3})\b *(.*)")
# Bytes read at once.
_BLOCK = 1 << 16
# Most bytes of one of our own records: `max_decoded_bytes` and its headers, generously.
_LARGEST = 100_000_000
# A record of an imported file that is larger, or whose body unpacks to more, is not a news page. It is in memory a few
# times at once, and read by a worker that builds a tree of it.
_LARGEST_IMPORTED = 20_000_000
# What a gzip member gives out for a record of the one size it may have: more, at such a ratio, is a bomb.
_MOST_UNPACKED = 50_000_000
_BOMB_RATIO = 100
# The magic number of gzip stands in packed data by chance every 16 MB; where it stands so often, nothing else does.
_MOST_FALSE_STARTS = 1000
_MOST_NAMED = 20
# No honest record is longer (a film of many hours); what says so is not stepped over but searched.
_LONGEST_RECORD = 1 << 34


class CaptureWriter:
    """
    Writes the raw responses of one pass below *folder*, in gzip files that no other pass adds to.

    A file is made at the first capture, closed at *max_bytes* and followed by the next one. Each record is
    compressed on its own and on disk before its location is given out: a crash costs at most the
    record that was being written, never an earlier one.

    What only its owner may read is written by the writer *apart*, into files of their own, whose names have "-private-"
    in them and which nobody else can read.

    Args:
        folder: Made where it is missing, for its owner alone.
        pass_name: Starts the names of the files: letters, digits, "-", "_" and ".".
        max_bytes: A file may end up larger by one response.
        software: Named in the first record of each file.
    """

    def __init__(self, folder: Path, pass_name: str, max_bytes: int, software: str = "presswatch") -> None:
        if not re.fullmatch(r"\w[\w.-]*", pass_name, re.ASCII):
            raise ValueError(f"not a file name: {pass_name!r}")
        self._folder = folder
        self._pass_name = pass_name
        self._max_bytes = max_bytes
        self._software = software
        self._number = 0
        self._file: IO[bytes] | None = None
        self._apart: CaptureWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the current file; a further capture opens the next one."""
        if self._apart:
            self._apart.close()
        file, self._file = self._file, None
        if file:
            # Every record was on disk when it was written; what is left is the torn one of a full disk.
            with suppress(OSError):
                file.close()

    @property
    def apart(self) -> CaptureWriter:
        """The writer for what only its owner may read."""
        if self._apart is None:
            self._apart = CaptureWriter(self._folder, f"{self._pass_name}-private", self._max_bytes, self._software)
        return self._apart

    def write(self, exchange: RawExchange, same_as: StoredCapture | None = None) -> CaptureLocation:
        """
        Where the response now lies. It is on disk when this returns, so that a row may point to it.

        Args:
            same_as: A capture of this page that may hold the same bytes. If it does, a revisit record is written
                in place of a second copy, and the location names that capture (`CaptureLocation.of`).

        Raises:
            ArchiveError: The disk is full, or the folder cannot be written to.
        """
        original = self._original(same_as, payload_digest(exchange.body)) if same_as else None
        response, request, digest = _records(exchange, original)
        try:
            file = self._current_file()
            offset = file.tell()
            file.write(response + request)
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            # A torn record would hide those after it from a reader that goes by order: leave this file alone.
            self.close()
            raise ArchiveError(self._folder, f"the raw response cannot be kept: {error.strerror}") from error
        if file.tell() >= self._max_bytes:
            self.close()
        of = same_as.capture_id if same_as and original else None
        return CaptureLocation(Path(file.name).name, offset, len(response), digest, of)

    def _original(self, capture: StoredCapture, digest: str) -> _Original | None:
        """The record of a capture, if it is there and its body has this digest; else the body is to be kept again."""
        try:
            with (
                (self._folder / capture.location.file).open("rb") as stream,
                SpooledTemporaryFile(_LARGEST) as unpacked,
            ):
                if _unpack_member(stream, capture.location.offset, unpacked) is None:
                    return None  # damaged: the bytes are no longer there
                unpacked.seek(0)
                loader = ArcWarcRecordLoader(arc2warc=False)
                names = loader.parse_record_stream(unpacked, known_format="warc", no_record_parse=True).rec_headers
        except (OSError, *_BROKEN):
            return None
        if names.get_header("WARC-Type") != "response" or names.get_header("WARC-Payload-Digest") != digest:
            return None
        record_id, url, date = map(names.get_header, ("WARC-Record-ID", "WARC-Target-URI", "WARC-Date"))
        return _Original(record_id, url, date, digest) if record_id and url and date else None

    def _current_file(self) -> IO[bytes]:
        if self._file is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = self._next_file()
            self._file.write(_warcinfo(Path(self._file.name).name, self._software))
            # The name of a new file is on disk only when its folder is.
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return self._file

    def _next_file(self) -> IO[bytes]:
        """A file that was not there before: after a crash the old one stays as it is."""
        while True:
            path = self._folder / f"{self._pass_name}-{self._number:05}.warc.gz"
            self._number += 1
            try:
                return open(path, "xb", opener=_for_owner if is_private_file(path.name) else None)
            except FileExistsError:
                continue


class WarcReader:
    """
    The responses of a WARC file, to iterate over once.

    Args:
        path: A `.warc`, or a `.warc.gz` with its records compressed one by one or as a whole.

    *is_private* tells, before the first response, whether the file was written as one for its owner alone.
    Broken records, and such as are too large for a page, are passed over; a file that ends in the middle of a record
    ends there. Afterwards *broken_count* tells how many, *problems* which ones (the first twenty), and *other_count*
    those that are no response of a web server: requests, metadata, revisits, DNS. Memory, disk and time are bounded
    whatever is in the file.

    Raises:
        ArchiveError: While iterating: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.broken_count = 0
        self.other_count = 0
        self.problems: list[str] = []
        self.is_private = is_private_file(path.name)

    def __iter__(self) -> Iterator[RawExchange]:
        try:
            with self.path.open("rb") as file:
                for offset, stream in self._streams(file):
                    yield from self._exchanges(stream, offset)
        except OSError as error:
            raise ArchiveError(self.path, f"the file cannot be read: {error.strerror}") from error

    def _note(self, where: str, problem: object) -> None:
        self.broken_count += 1
        if len(self.problems) < _MOST_NAMED:
            text = f"{where}: {problem}"[:300]
            self.problems.append("".join(sign if sign.isprintable() else "·" for sign in text))

    def _streams(self, file: IO[bytes]) -> Iterator[tuple[int, _Stream]]:
        """The file itself, or each gzip member of it unpacked, with its place: a damaged one costs only itself."""
        if file.read(len(_GZIP_MAGIC)) != _GZIP_MAGIC:
            yield 0, _Stream(_plain_pieces(file), is_plain=True)
            return
        size = file.seek(0, os.SEEK_END)
        start: int | None = 0
        false_starts = 0
        while start is not None:
            member = _Member(file, start)
            stream = _Stream(member.pieces())
            # What a damaged member holds up to the damage is read as well: it may be many records in one piece.
            yield start, stream
            stream.drain()
            if member.given or member.end is not None:
                false_starts = 0
            else:
                self._note(f"byte {start}", "damaged before its first byte")
                false_starts += 1
            if false_starts >= _MOST_FALSE_STARTS:
                self._note(f"byte {start}", "no records from here on")
                return
            after = member.end if member.end is not None else max(start + 1, member.bomb_end or 0)
            start = _find(_GZIP_MAGIC, file, after)
            if member.end is not None and (size if start is None else start) > member.end:
                self._note(f"byte {member.end}", "the beginning of a record is destroyed")

    def _exchanges(self, stream: _Stream, offset: int) -> Iterator[RawExchange]:
        """The responses in a run of plain records; after a broken one it goes on where the next begins."""
        while stream.skip_blank_lines():
            where = f"byte {offset + stream.tell() if stream.is_plain else offset}"
            stream.mark()
            try:
                record = _read_record(stream, _LARGEST_IMPORTED)
            except _TooLargeError as error:
                self._note(where, error)
                if error.skip > 0 and stream.skip(error.skip):
                    continue
                stream.rewind()
            except _BROKEN as error:
                self._note(where, error)
                stream.rewind()
            else:
                if record.kind == "warcinfo" and is_private_file(record.name):
                    self.is_private = True  # whatever the file is called by now
                if record.kind != "response" or not is_http_url(record.url):
                    self.other_count += 1
                    continue
                try:
                    exchange = _exchange(record, _LARGEST_IMPORTED)
                except _BROKEN as error:
                    self._note(f"{where} ({record.url})", error)
                    continue
                del record
                yield exchange
                continue
            if not stream.skip_to(b"\n" + _WARC_START):
                return


def is_private_file(name: str) -> bool:
    """
    Whether a WARC file of this name was written as one for its owner alone.

    >>> is_private_file("pass-000001-20260301T060000Z-private-00000.warc.gz"), is_private_file("private-eye.warc.gz")
    (True, False)
    """
    return re.search(r"-private-\d+\.warc", name) is not None


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def read_warc(path: Path) -> WarcReader:
    """The responses of a WARC file, any program's; see `WarcReader` for what is passed over."""
    return WarcReader(path)


def read_capture(folder: Path, file: str, offset: int) -> RawExchange:
    """
    One response that `CaptureWriter` kept. What was sent to get it is not read again: *request_headers* is empty.

    Raises:
        ArchiveError: The file is gone, or there is no whole response at *offset*.
    """
    path = folder / file
    try:
        with path.open("rb") as stream, SpooledTemporaryFile(_LARGEST) as unpacked:
            _unpack_member(stream, offset, unpacked)
            unpacked.seek(0)
            return _exchange(_read_record(unpacked))
    except OSError as error:
        raise ArchiveError(path, f"the raw response cannot be read: {error.strerror}") from error
    except _BROKEN as error:
        raise ArchiveError(path, f"there is no whole response at byte {offset}") from error


# ---------------------------------------------------------------- writing


class _HttpHeaders(StatusAndHeaders):
    """Headers in the bytes they had on the wire; the library would percent-encode what is not ASCII."""

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        self.headers_buff = self.to_bytes(header_filter, "latin-1")


class _Original(NamedTuple):
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


def _records(exchange: RawExchange, original: _Original | None = None) -> tuple[bytes, bytes, str]:
    """
    The response record and the request record, each one gzip member, and the digest of the body.

    With *original* the first one is a revisit record (WARC 1.1 §6.7.2): headers, and where the same body lies.
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


def _warcinfo(name: str, software: str) -> bytes:
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
    A text on one line, whose characters stand for single bytes as in HTTP; what has none is written in UTF-8.

    >>> _line("a\r\nb"), _line("é"), _line("東")
    ('a b', 'é', 'æ\x9d±')
    """
    text = re.sub(r"[\r\n\0]+", " ", text)
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("latin-1")
    return text


# ---------------------------------------------------------------- reading

# What broken records raise, here and in the library.
_BROKEN = (ArchiveLoadFailed, EOFError, ValueError, zlib.error)


class _Record(NamedTuple):
    """One WARC record, whole."""

    kind: str
    url: str
    at: str
    block: bytes
    name: str


class _TooLargeError(ValueError):
    """A record that is no page. *skip* is how many bytes of it are left, 0 where its length is no length."""

    def __init__(self, problem: str, skip: int) -> None:
        self.skip = skip
        super().__init__(problem)


class _Member:
    """One gzip member of a file, unpacked piece by piece. *end* is where it ends, None where it is damaged or cut."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file = file
        self._start = start
        self.given = 0
        self.end: int | None = None
        self.bomb_end: int | None = None

    def pieces(self) -> Iterator[bytes]:
        """What could be unpacked. A bomb ends at once: nobody waits for gigabytes of nothing."""
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        at = self._start
        step = 1 << 12  # most false starts show themselves in the first bytes
        try:
            while not inflater.eof:
                self._file.seek(at)  # others read the file between two pieces
                if not (packed := self._file.read(step)):
                    return
                at += len(packed)
                step = _BLOCK
                while packed and not inflater.eof:
                    piece = inflater.decompress(packed, _BLOCK)
                    packed = inflater.unconsumed_tail
                    self.given += len(piece)
                    if self.given > max(_MOST_UNPACKED, _BOMB_RATIO * (at - self._start)):
                        self.bomb_end = at
                        return
                    if piece:
                        yield piece
        except zlib.error:
            return
        self.end = at - len(inflater.unused_data)


def _plain_pieces(file: IO[bytes]) -> Iterator[bytes]:
    at = 0
    while True:
        file.seek(at)
        if not (piece := file.read(_BLOCK)):
            return
        at += len(piece)
        yield piece


class _Stream:
    """
    Pieces as one stream that goes back no further than its mark, so that it holds one record at most.

    Args:
        pieces: In order; read as they are needed.
        is_plain: Places in it are places in the file.
    """

    def __init__(self, pieces: Iterator[bytes], *, is_plain: bool = False) -> None:
        self._pieces = pieces
        self._held = bytearray()
        self._begin = 0  # where the held bytes begin in the stream
        self._at = 0  # where we stand in what is held
        self.is_plain = is_plain

    def tell(self) -> int:
        """Where the stream stands."""
        return self._begin + self._at

    def read(self, size: int) -> bytes:
        """The next bytes, at most *size*."""
        while len(self._held) - self._at < size and self._fill():
            pass
        found = bytes(self._held[self._at : self._at + size])
        self._at += len(found)
        return found

    def readline(self, limit: int = _BLOCK) -> bytes:
        """The next line with its end, at most *limit* bytes of it."""
        limit = _BLOCK if limit < 0 else limit
        begin = self._at
        while True:
            end = self._held.find(b"\n", begin, self._at + limit)
            if end >= 0:
                return self.read(end + 1 - self._at)
            begin = len(self._held)
            if begin - self._at >= limit or not self._fill():
                return self.read(limit)

    def mark(self) -> None:
        """Let go what lies behind."""
        del self._held[: self._at]
        self._begin += self._at
        self._at = 0

    def rewind(self) -> None:
        """Go back to the mark."""
        self._at = 0

    def skip(self, size: int) -> bool:
        """Step over bytes without holding them; whether there were so many."""
        while size > 0:
            step = self.read(min(size, _BLOCK))
            if not step:
                return False
            size -= len(step)
            self.mark()
        return True

    def skip_blank_lines(self) -> bool:
        """Go to the next line with something on it; False at the end."""
        while line := self.readline():
            if line.strip():
                self._at -= len(line)
                return True
            self.mark()
        return False

    def skip_to(self, wanted: bytes) -> bool:
        """Go behind the first byte of the next *wanted*; False where there is none."""
        while True:
            index = self._held.find(wanted, self._at)
            if index >= 0:
                self._at = index + 1
                self.mark()
                return True
            self._at = max(self._at, len(self._held) - len(wanted) + 1)
            self.mark()
            if not self._fill():
                return False

    def drain(self) -> None:
        """Go to the end."""
        while self._pieces_left():
            self._held.clear()

    def _pieces_left(self) -> bool:
        self._at = 0
        return self._fill()

    def _fill(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._held += piece
        return True


def _unpack_member(file: IO[bytes], start: int, unpacked: IO[bytes]) -> int | None:
    """Where the gzip member at *start* ends; None where it is damaged or cut. *unpacked* gets what could be read."""
    file.seek(start)
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        while block := file.read(_BLOCK):
            unpacked.write(inflater.decompress(block))
            if inflater.eof:
                return file.tell() - len(inflater.unused_data)
    except zlib.error:
        pass
    return None


def _find(wanted: bytes, file: IO[bytes], start: int) -> int | None:
    """The offset of the first *wanted* at *start* or after it; None where there is none."""
    kept = b""
    file.seek(start)
    while block := file.read(_BLOCK):
        window = kept + block
        if (index := window.find(wanted)) >= 0:
            return file.tell() - len(window) + index
        kept = window[-len(wanted) + 1 :]
    return None


def _read_record(stream: IO[bytes] | _Stream, largest: int = _LARGEST) -> _Record:
    """The record that starts here; the stream stands behind it. Raises one of `_BROKEN` where it is not whole."""
    # HTTP headers are read below: the library gives up on the ones it does not like.
    record = ArcWarcRecordLoader(arc2warc=False).parse_record_stream(stream, known_format="warc", no_record_parse=True)
    length = record.length
    url = record.rec_headers.get_header("WARC-Target-URI", "")
    if length is None or not 0 <= length <= largest:
        is_length = length is not None and 0 <= length < _LONGEST_RECORD
        size = "no length" if length is None else f"{length} bytes, which is no page"
        raise _TooLargeError(f"a record of {size} ({url})", length if is_length else 0)
    block = record.raw_stream.read(length)
    if len(block) < length:
        raise EOFError("the record is cut")
    names = record.rec_headers
    return _Record(
        kind=record.rec_type or "",
        url=url,
        at=names.get_header("WARC-Date", ""),
        block=block,
        name=names.get_header("WARC-Filename", ""),
    )


def _exchange(record: _Record, largest: int = _LARGEST) -> RawExchange:
    """The response that a record holds. Raises one of `_BROKEN` where it is none."""
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
