"""
Bytes of a WARC file, piece by piece: gzip members of it, and runs of records that go back one
record at most.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import IO

GZIP_MAGIC = b"\x1f\x8b\x08"
# Bytes read at once.
BLOCK = 1 << 16
# Bytes of a member read first: most false starts show themselves in them.
_FIRST_BYTES = 1 << 12
# What a gzip member gives out for a record of the one size it may have: more, at such a ratio, is a
# bomb.
MOST_UNPACKED = 50_000_000
BOMB_RATIO = 100  # a page of text is packed to a tenth


class Member:
    """
    One gzip member of a file, unpacked piece by piece. *end* is where it ends, None where it is
    damaged or cut.
    """

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file = file
        self._start = start
        self.given = 0
        self.end: int | None = None
        self.bomb_end: int | None = None

    @property
    def is_one(self) -> bool:
        """Whether a member was here at all; told when its pieces were read."""
        return bool(self.given) or self.end is not None

    @property
    def next_start(self) -> int:
        """From where on the next member is looked for."""
        return self.end if self.end is not None else max(self._start + 1, self.bomb_end or 0)

    def pieces(self) -> Iterator[bytes]:
        """What could be unpacked. A bomb ends at once: nobody waits for gigabytes of nothing."""
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        at = self._start
        step = _FIRST_BYTES
        try:
            while not inflater.eof:
                self._file.seek(at)  # others read the file between two pieces
                if not (packed := self._file.read(step)):
                    return
                at += len(packed)
                step = BLOCK
                while packed and not inflater.eof:
                    piece = inflater.decompress(packed, BLOCK)
                    packed = inflater.unconsumed_tail
                    self.given += len(piece)
                    if self.given > max(MOST_UNPACKED, BOMB_RATIO * (at - self._start)):
                        self.bomb_end = at
                        return
                    if piece:
                        yield piece
        except zlib.error:
            return
        self.end = at - len(inflater.unused_data)


def plain_pieces(file: IO[bytes], start: int = 0) -> Iterator[bytes]:
    """A file that is not packed, piece by piece; others may read it in between."""
    at = start
    while True:
        file.seek(at)
        if not (piece := file.read(BLOCK)):
            return
        at += len(piece)
        yield piece


class Stream:
    """
    Pieces as one stream that goes back no further than its mark, so that it holds one record at
    most.

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

    def readline(self, limit: int = BLOCK) -> bytes:
        """The next line with its end, at most *limit* bytes of it."""
        limit = BLOCK if limit < 0 else limit
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
            step = self.read(min(size, BLOCK))
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
        """
        Go behind the first byte of the next *wanted*; to the
        end, and False, where there is none.
        """
        while True:
            index = self._held.find(wanted, self._at)
            if index >= 0:
                self._at = index + 1
                self.mark()
                return True
            self._at = max(self._at, len(self._held) - len(wanted) + 1)
            self.mark()
            if not self._fill():
                self._at = len(self._held)
                self.mark()
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


def find_bytes(wanted: bytes, file: IO[bytes], start: int) -> int | None:
    """The offset of the first *wanted* at *start* or after it; None where there is none."""
    kept = b""
    file.seek(start)
    while block := file.read(BLOCK):
        window = kept + block
        if (index := window.find(wanted)) >= 0:
            return file.tell() - len(window) + index
        kept = window[-len(wanted) + 1 :]
    return None
