"""Raw responses read from WARC files, our own and those of other programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from archive.store.captures.records import (
    BROKEN,
    LARGEST,
    Record,
    TooLargeError,
    exchange_of,
    is_private_file,
    read_record,
)
from archive.store.captures.streams import GZIP_MAGIC, Member, Stream, find_bytes, plain_pieces, unpack_member
from scraper.errors import ArchiveError
from scraper.model import RawExchange
from scraper.urls import is_http_url

_WARC_START = b"WARC/"
# A record of an imported file that is larger, or whose body unpacks to more, is not a news page. It
# is in memory a few times at once, and read by a worker that builds a tree of it.
_LARGEST_IMPORTED = 20_000_000
# The magic number of gzip stands in packed data by chance every 16 MB; where it stands so often,
# nothing else does.
_MOST_FALSE_STARTS = 1000
# Problems that are told; who reads of more than these does not mend them one by one.
_MOST_NAMED = 20
# Characters of a problem that are told: it may quote what is in a file of somebody else.
_LONGEST_PROBLEM = 300


class WarcReader:
    """
    The responses of a WARC file, to iterate over once.

    Args:
        path: A `.warc`, or a `.warc.gz` with its records compressed one by one or as a whole.

    *is_private* tells, before the first response, whether the file was written as one for its owner
    alone. Broken records, and such as are too large for a page, are passed over; a file that ends
    in the middle of a record ends there. Afterwards *broken_count* tells how many, *problems* which
    ones (the first twenty), and *other_count* those that are no response of a web server: requests,
    metadata, revisits, DNS. Memory, disk and time are bounded whatever is in the file.

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
            text = f"{where}: {problem}"[:_LONGEST_PROBLEM]
            self.problems.append("".join(sign if sign.isprintable() else "·" for sign in text))

    def _streams(self, file: IO[bytes]) -> Iterator[tuple[int, Stream]]:
        """
        The file itself, or each gzip member of it unpacked, with its place: a damaged one costs
        only itself.
        """
        if file.read(len(GZIP_MAGIC)) != GZIP_MAGIC:
            yield 0, Stream(plain_pieces(file), is_plain=True)
            return
        size = file.seek(0, os.SEEK_END)
        start: int | None = 0
        false_starts = 0
        while start is not None:
            member = Member(file, start)
            stream = Stream(member.pieces())
            # What a damaged member holds up to the damage is read as well: it may be many records
            # in one piece.
            yield start, stream
            stream.drain()
            if member.is_one:
                false_starts = 0
            else:
                self._note(f"byte {start}", "damaged before its first byte")
                false_starts += 1
            if false_starts >= _MOST_FALSE_STARTS:
                self._note(f"byte {start}", "no records from here on")
                return
            start = find_bytes(GZIP_MAGIC, file, member.next_start)
            if member.end is not None and (size if start is None else start) > member.end:
                self._note(f"byte {member.end}", "the beginning of a record is destroyed")

    def _exchanges(self, stream: Stream, offset: int) -> Iterator[RawExchange]:
        """
        The responses in a run of plain records; after a broken one it goes on where the next
        begins.
        """
        while stream.skip_blank_lines():
            where = f"byte {offset + stream.tell() if stream.is_plain else offset}"
            stream.mark()
            record = self._record_at(stream, where)
            exchange = record and self._response_in(record, where)
            del record  # it holds the bytes once more
            if exchange:
                yield exchange

    def _record_at(self, stream: Stream, where: str) -> Record | None:
        """
        The record that begins here. None where it is broken or no page; then the next one may begin
        here.
        """
        try:
            return read_record(stream, _LARGEST_IMPORTED)
        except TooLargeError as error:
            self._note(where, error)
            if error.skip > 0 and stream.skip(error.skip):
                return None
        except BROKEN as error:
            self._note(where, error)
        stream.rewind()
        stream.skip_to(b"\n" + _WARC_START)
        return None

    def _response_in(self, record: Record, where: str) -> RawExchange | None:
        """The response of a web server that a record holds; None where it holds none."""
        if record.kind == "warcinfo" and is_private_file(record.name):
            self.is_private = True  # whatever the file is called by now
        if record.kind != "response" or not is_http_url(record.url):
            self.other_count += 1
            return None
        try:
            return exchange_of(record, _LARGEST_IMPORTED)
        except BROKEN as error:
            self._note(f"{where} ({record.url})", error)
            return None


def read_warc(path: Path) -> WarcReader:
    """The responses of a WARC file, any program's; see `WarcReader` for what is passed over."""
    return WarcReader(path)


def read_capture(folder: Path, file: str, offset: int) -> RawExchange:
    """
    One response that `CaptureWriter` kept. What was sent to get it is not read again:
    *request_headers* is empty.

    Raises:
        ArchiveError: The file is gone, or there is no whole response at *offset*.
    """
    path = folder / file
    try:
        with path.open("rb") as stream, SpooledTemporaryFile(LARGEST) as unpacked:
            unpack_member(stream, offset, unpacked)
            unpacked.seek(0)
            return exchange_of(read_record(unpacked))
    except OSError as error:
        raise ArchiveError(path, f"the raw response cannot be read: {error.strerror}") from error
    except BROKEN as error:
        raise ArchiveError(path, f"there is no whole response at byte {offset}") from error
