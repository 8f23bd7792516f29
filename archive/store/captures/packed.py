"""
The forms in which WARC files are packed, each as the pieces that can be unpacked by themselves: gzip
members (one record each, as the standard wants it, or all in one), zstd frames (`.warc.zst`), plain
files, and the files within a WACZ.

Sources: https://iipc.github.io/warc-specifications/specifications/warc-zstd/,
https://specs.webrecorder.net/wacz/1.1.1/, RFC 8878 (zstd), RFC 1952 (gzip).
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader, BytesIO, RawIOBase
from typing import IO, Protocol
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import zstandard

from archive.store.captures.streams import (
    BLOCK,
    BOMB_RATIO,
    GZIP_MAGIC,
    MOST_UNPACKED,
    Member,
    Stream,
    find_bytes,
    plain_pieces,
)

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZIP_MAGIC = b"PK\x03\x04"
_DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
# The magic number of gzip stands in packed data by chance every 16 MB; where it stands so often,
# nothing else does.
_MOST_FALSE_STARTS = 1000
# Bytes of a dictionary, and of the window that a frame may ask for: a decoder need not go beyond 8
# MB (RFC 8878 §3.1.1.1.2), packers that are told "--long" do.
_LARGEST_DICTIONARY = 32_000_000
_LARGEST_WINDOW = 1 << 27
# Blocks of a frame: at 128 KB each, 16 GB.
_MOST_BLOCKS = 1 << 17
_LOCAL_HEADER = struct.Struct("<26xHH")

# What a broken zip file raises, also while a file in it is read; RuntimeError: it is encrypted.
BROKEN_ZIP = (BadZipFile, NotImplementedError, RuntimeError, EOFError, struct.error, zlib.error)

Note = Callable[[str, object], None]


class Packed(Protocol):
    """What a part lies in."""

    @property
    def end(self) -> int | None:
        """Where it ends in the file, known when it was read to its end; None where it is damaged."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """
    Records that are unpacked together: *start* is where they lie in the file.

    Args:
        packed: None where they are not packed; then places in the stream are places in the file.
    """

    start: int
    stream: Stream
    packed: Packed | None = None


def parts_of(file: IO[bytes], note: Note) -> Iterator[Part]:
    """
    The parts of a WARC file, one after the other; each stream is to be read before the next one. A
    damaged one costs only itself.

    Args:
        note: Is told what is damaged: where, and how.
    """
    file.seek(0)
    head = file.read(4)
    if head.startswith(GZIP_MAGIC):
        return _gzip_parts(file, note)
    if head in {ZSTD_MAGIC, _DICTIONARY_MAGIC}:
        return _zstd_parts(file, note)
    return iter((Part(0, Stream(plain_pieces(file), is_plain=True)),))


def part_at(file: IO[bytes], start: int) -> Stream:
    """The records that lie at *start*, whatever form the file has."""
    file.seek(start)
    head = file.read(4)
    if head.startswith(GZIP_MAGIC):
        return Stream(Member(file, start).pieces())
    if head == ZSTD_MAGIC:
        return Stream(Frame(file, start, find_dictionary(file)).pieces())
    return Stream(plain_pieces(file, start))


def _gzip_parts(file: IO[bytes], note: Note) -> Iterator[Part]:
    size = file.seek(0, os.SEEK_END)
    start: int | None = 0
    false_starts = 0
    while start is not None:
        member = Member(file, start)
        stream = Stream(member.pieces())
        # What a damaged member holds up to the damage is read as well: it may be many records in
        # one piece.
        yield Part(start, stream, member)
        stream.drain()
        if member.is_one:
            false_starts = 0
        else:
            note(f"byte {start}", "damaged before its first byte")
            false_starts += 1
        if false_starts >= _MOST_FALSE_STARTS:
            note(f"byte {start}", "no records from here on")
            return
        start = find_bytes(GZIP_MAGIC, file, member.next_start)
        if member.end is not None and (size if start is None else start) > member.end:
            note(f"byte {member.end}", "the beginning of a record is destroyed")


# ---------------------------------------------------------------- zstd


class Frame:
    """One zstd frame of a file, unpacked piece by piece."""

    def __init__(self, file: IO[bytes], start: int, dictionary: zstandard.ZstdCompressionDict | None) -> None:
        self._file = file
        self._dictionary = dictionary
        self.start = start
        self.end: int | None = None
        self._frame_end = _find_frame_end(file, start)

    def pieces(self) -> Iterator[bytes]:
        """What could be unpacked. A bomb ends at once."""
        if self._frame_end is None:
            return
        unpacker = zstandard.ZstdDecompressor(dict_data=self._dictionary, max_window_size=_LARGEST_WINDOW)
        size = self._frame_end - self.start
        reader = unpacker.stream_reader(_window(self._file, self.start, self._frame_end), read_size=BLOCK)
        given = 0
        try:
            while piece := reader.read(BLOCK):
                given += len(piece)
                if given > max(MOST_UNPACKED, BOMB_RATIO * size):
                    return
                yield piece
        except zstandard.ZstdError:
            return
        self.end = self._frame_end

    @property
    def next_start(self) -> int:
        """From where on the next frame is looked for."""
        return self._frame_end or self.start + 1


def _zstd_parts(file: IO[bytes], note: Note) -> Iterator[Part]:
    dictionary = find_dictionary(file)
    start = find_bytes(ZSTD_MAGIC, file, _after_skippable(file))
    false_starts = 0
    while start is not None:
        frame = Frame(file, start, dictionary)
        stream = Stream(frame.pieces())
        yield Part(start, stream, frame)
        stream.drain()
        if frame.end is None:
            note(f"byte {start}", "a damaged zstd frame")
            false_starts += 1
        if false_starts >= _MOST_FALSE_STARTS:
            note(f"byte {start}", "no records from here on")
            return
        start = find_bytes(ZSTD_MAGIC, file, frame.next_start)


def find_dictionary(file: IO[bytes]) -> zstandard.ZstdCompressionDict | None:
    """The dictionary at the head of a `.warc.zst` file, by which all its frames were packed."""
    file.seek(0)
    head = file.read(8)
    if head[:4] != _DICTIONARY_MAGIC:
        return None
    size = int.from_bytes(head[4:8], "little")
    data = file.read(size) if size <= _LARGEST_DICTIONARY else b""
    if data.startswith(ZSTD_MAGIC):  # it is packed itself
        unpacker = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        try:
            data = unpacker.stream_reader(BytesIO(data)).read(_LARGEST_DICTIONARY)
        except zstandard.ZstdError:
            return None
    return zstandard.ZstdCompressionDict(data) if data else None


def _after_skippable(file: IO[bytes]) -> int:
    file.seek(0)
    head = file.read(8)
    return 8 + int.from_bytes(head[4:8], "little") if head[:4] == _DICTIONARY_MAGIC else 0


def _find_frame_end(file: IO[bytes], start: int) -> int | None:
    """
    Where the zstd frame at *start* ends, by the lengths of its blocks; None where it is cut.

    Nothing is unpacked for that, so a bomb costs nothing. Source: RFC 8878 §3.1.1.
    """
    file.seek(start + len(ZSTD_MAGIC))
    descriptor = file.read(1)
    if not descriptor:
        return None
    flags = descriptor[0]
    is_single = bool(flags & 0x20)
    size_bytes = (1 if is_single else 0, 2, 4, 8)[flags >> 6]
    dictionary_bytes = (0, 1, 2, 4)[flags & 3]
    at = file.tell() + (0 if is_single else 1) + dictionary_bytes + size_bytes
    size = file.seek(0, os.SEEK_END)
    for _ in range(_MOST_BLOCKS):
        file.seek(at)
        block = int.from_bytes(file.read(3), "little")
        is_run = (block >> 1) & 3 == 1  # one byte, however often it is repeated
        at += 3 + (1 if is_run else block >> 3)
        if at > size:
            return None
        if block & 1:  # the last one; behind it may stand a checksum
            at += 4 if flags & 0x04 else 0
            return at if at <= size else None
    return None


# ---------------------------------------------------------------- files within a file


class _Window(RawIOBase):
    """A part of a file as a file of its own; others may read the file in between."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file = file
        self._start = start
        self._size = end - start
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._file.seek(self._start + self._at)
        found = self._file.read(min(len(buffer), max(self._size - self._at, 0)))
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def _window(file: IO[bytes], start: int, end: int) -> IO[bytes]:
    return BufferedReader(_Window(file, start, end), BLOCK)


@dataclass(frozen=True, slots=True)
class Inner:
    """
    A WARC file within another file.

    Args:
        start: Where it begins in the outer one; None where it is packed once more there, so that
            its places are none of the outer file.
    """

    name: str
    file: IO[bytes]
    start: int | None = 0


def files_in(file: IO[bytes], name: str, note: Note) -> Iterator[Inner]:
    """The WARC files in a file: the one that it is, or those of a WACZ."""
    file.seek(0)
    if file.read(len(ZIP_MAGIC)) != ZIP_MAGIC:
        yield Inner(name, file)
        return
    try:
        with ZipFile(file) as bundle:
            for entry in bundle.infolist():
                if entry.filename.startswith("archive/") and ".warc" in entry.filename:
                    try:
                        inner = _inner_of(bundle, entry, file)
                    except BROKEN_ZIP as error:
                        note(entry.filename, f"cannot be read: {error}")
                    else:
                        yield inner
    except BROKEN_ZIP as error:
        note("the file", f"no WACZ that can be read: {error}")


def _inner_of(bundle: ZipFile, entry: ZipInfo, file: IO[bytes]) -> Inner:
    if entry.compress_type != ZIP_STORED:
        return Inner(entry.filename, bundle.open(entry), None)
    file.seek(entry.header_offset)
    name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    start = entry.header_offset + _LOCAL_HEADER.size + name + extra
    return Inner(entry.filename, _window(file, start, start + entry.file_size), start)
