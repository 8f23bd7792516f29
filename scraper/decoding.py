"""
Content codings taken off piece by piece, within a bound: gzip, deflate, br and zstd, and several
one after the other.

What a header claims is checked against the bytes, as browsers and feed readers do: a body that does
not begin like the coding it is said to be in is taken as it is, gzip is known by its first bytes
though no header names it, and "none" or "UTF-8" are no codings. Nothing is ever unpacked further
than one byte beyond the bound.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
"""What we ask for: all that is read here."""

_GZIP_MAGIC = b"\x1f\x8b\x08"  # RFC 1952 §2.3.1, with deflate, the only method there is
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"  # RFC 8878 §3.1.1
_NAMES = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "br": "br", "zstd": "zstd"}
# Registered codings (RFC 9110 §16.6.1) that we cannot read; any other word describes no coding
# ("none", "utf-8").
_UNREADABLE = frozenset("aes128gcm compress x-compress dcb dcz exi pack200-gzip".split())
_MOST_CODINGS = 4  # one inside the other; more is an attack
_PIECE = 1 << 16  # most bytes that one step gives out
# zstd alone cannot be told to stop: a slice of this size gives at most some megabytes (RLE blocks
# of four bytes).
_ZSTD_SLICE = 128
_ZSTD_WINDOW = 1 << 23  # RFC 8878 §3.1.1.1.2: decoders should support 8 MB, and browsers stop there
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[!?/A-Za-z]|[{\[]\s*[\"{\[\]}])")
_HEAD = 64  # bytes by which a coding is judged


class UnreadableCodingError(ValueError):
    """A coding that we cannot take off; its name is the text."""


class BrokenCodingError(ValueError):
    """Packed data that are damaged."""


def find_codings(header: str | None) -> tuple[str, ...]:
    """
    The codings that a Content-Encoding names, in the order they were applied; words that are none
    are left out.

    Raises:
        UnreadableCodingError: One of them is a coding that we cannot read, or there are too many.

    Source: RFC 9110 §8.4.

    >>> find_codings("identity, X-GZIP, br"), find_codings("none"), find_codings(None)
    (('gzip', 'br'), (), ())
    """
    words = [word.strip().lower() for word in (header or "").split(",")]
    if unreadable := next((word for word in words if word in _UNREADABLE), None):
        raise UnreadableCodingError(unreadable)
    found = tuple(_NAMES[word] for word in words if word in _NAMES)
    if len(found) > _MOST_CODINGS:
        raise UnreadableCodingError(", ".join(words)[:40])
    return found


class Decoder:
    """
    Takes content codings off a body that comes in pieces, and stops one byte after *limit*.

    Args:
        codings: As `find_codings` gives them.
        limit: Most bytes of *body*; of what lies between two codings as well.

    *body* is what came so far; after `finish`, *is_sound* tells whether the header told the truth
    about it.
    """

    def __init__(self, codings: tuple[str, ...], limit: int) -> None:
        self.body = bytearray()
        self.is_sound = True
        self._limit = limit
        self._is_over = False
        self._left = list(codings)
        self._layers: list[_Layer] = []

    @property
    def is_over(self) -> bool:
        """Whether there is more than the limit."""
        return self._is_over or len(self.body) > self._limit

    @property
    def is_whole(self) -> bool:
        """Whether no coding broke off."""
        return all(layer.is_finished for layer in self._layers)

    def feed(self, piece: bytes) -> None:
        """
        Take the next bytes of the wire.

        Raises:
            BrokenCodingError: They are damaged; what came before stays in *body*.
        """
        if not self._layers:
            self._layers.append(_Layer(self._next_coding(), self._limit))
        self._push(0, piece)

    def finish(self) -> None:
        """
        Take note that no more comes: a body of a few bytes was not looked at yet.

        Raises:
            BrokenCodingError: They are damaged.
        """
        number = 0
        while number < len(self._layers) and not self.is_over:
            self._hand_on(number, self._layers[number].finish())
            number += 1
        self.is_sound = self.is_sound and all(layer.is_as_said for layer in self._layers)

    def _next_coding(self) -> str | None:
        """The coding that was put on last of those that are left."""
        return self._left.pop() if self._left else None

    def _push(self, number: int, piece: bytes) -> None:
        if number == len(self._layers):
            if not self._left and not self._may_hold_gzip(piece):
                self.body += piece[: self._limit + 1 - len(self.body)]
                return
            self._layers.append(_Layer(self._next_coding(), self._limit))
        self._hand_on(number, self._layers[number].feed(piece))

    def _hand_on(self, number: int, pieces: Iterator[bytes]) -> None:
        """Give what comes out of a layer to the one below it, until there is too much."""
        for piece in pieces:
            self._push(number + 1, piece)
            self._is_over = self._is_over or self._layers[number].is_over
            if self.is_over:
                return

    def _may_hold_gzip(self, piece: bytes) -> bool:
        """Whether what comes out of the last coding is packed once more, which no header named."""
        return not self.body and len(self._layers) <= _MOST_CODINGS and piece.startswith(_GZIP_MAGIC)


class _Layer:
    """One coding. None as its name looks whether there is gzip that nobody named."""

    def __init__(self, coding: str | None, limit: int) -> None:
        self._coding = coding
        self._limit = limit
        self._given = 0
        self._head = b""
        self._unpacker: _Unpacker | None = None
        self.is_as_said = True

    @property
    def is_over(self) -> bool:
        return self._given > self._limit

    @property
    def is_finished(self) -> bool:
        return self._unpacker is None or self._unpacker.is_finished

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            self._head += piece
            if len(self._head) < _HEAD:
                return
            piece = self._start()
        yield from self._unpack(piece)

    def finish(self) -> Iterator[bytes]:
        if self._unpacker is None and self._head:
            yield from self._unpack(self._start())

    def _start(self) -> bytes:
        coding = self._coding if self._coding and _is_like(self._coding, self._head) else None
        if coding is None and self._head.startswith(_GZIP_MAGIC):
            coding = "gzip"
        self.is_as_said = coding == self._coding
        self._unpacker = _unpacker(coding, self._head)
        return self._head

    def _unpack(self, piece: bytes) -> Iterator[bytes]:
        assert self._unpacker is not None
        for unpacked in self._unpacker.unpack(piece):
            self._given += len(unpacked)
            yield unpacked
            if self.is_over:
                return


def _is_like(coding: str, head: bytes) -> bool:
    """
    Whether bytes can be the beginning of a body in this coding; br and bare deflate have no mark of
    their own.
    """
    if coding == "gzip":
        return head.startswith(_GZIP_MAGIC)
    if coding == "zstd":
        return head.startswith(_ZSTD_MAGIC) or (head[1:4] == b"\x2a\x4d\x18" and head[:1] in _SKIPPABLE)
    return _MARKUP.match(head) is None


_SKIPPABLE = frozenset(bytes([number]) for number in range(0x50, 0x60))  # RFC 8878 §3.1.2


class _Unpacker(Protocol):
    @property
    def is_finished(self) -> bool: ...

    def unpack(self, piece: bytes) -> Iterator[bytes]: ...


def _unpacker(coding: str | None, head: bytes) -> _Unpacker:
    match coding:
        case "gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":  # said to be zlib (RFC 9110 §8.4.1.2), often sent bare
            is_framed = head[0] & 15 == 8 and int.from_bytes(head[:2], "big") % 31 == 0
            return _Zlib(zlib.MAX_WBITS if is_framed else -zlib.MAX_WBITS)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
        case _:
            return _AsItIs()


class _AsItIs:
    is_finished = True

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        yield piece


class _Zlib:
    """
    gzip and deflate. What stands behind the end means nothing, as browsers have it; a further gzip
    member counts.
    """

    def __init__(self, window_bits: int) -> None:
        self._bits = window_bits
        self._stream = zlib.decompressobj(window_bits)

    @property
    def is_finished(self) -> bool:
        return self._stream.eof

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            if self._stream.eof:
                if self._bits != zlib.MAX_WBITS | 16 or not piece.startswith(b"\x1f"):
                    return
                self._stream = zlib.decompressobj(self._bits)  # the next member of several (RFC 1952 §2.2)
            before = self._stream.copy()
            try:
                unpacked = self._stream.decompress(piece, _PIECE)
            except zlib.error as error:
                yield from _unpack_to_damage(before, piece)
                raise BrokenCodingError(str(error)) from error
            if unpacked:
                yield unpacked
            piece = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail


def _unpack_to_damage(stream: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    """What a damaged piece holds before the damage: all of a body whose checksum alone is wrong."""
    for number in range(len(piece)):
        try:
            unpacked = stream.decompress(piece[number : number + 1], _PIECE)
        except zlib.error:
            return
        if unpacked:
            yield unpacked


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def is_finished(self) -> bool:
        return bool(self._stream.is_finished())

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        while not self.is_finished:
            try:
                unpacked: bytes = self._stream.process(piece, output_buffer_limit=_PIECE)
            except brotli.error as error:
                raise BrokenCodingError(str(error)) from error
            if unpacked:
                yield unpacked
            elif self._stream.can_accept_more_data():
                return
            piece = b""


class _Zstd:
    def __init__(self) -> None:
        self._stream = self._new()
        self._has_begun = False

    @staticmethod
    def _new() -> zstandard.ZstdDecompressionObj:
        return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    @property
    def is_finished(self) -> bool:
        return self._stream.eof or not self._has_begun

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        for start in range(0, len(piece), _ZSTD_SLICE):
            rest = piece[start : start + _ZSTD_SLICE]
            while rest:
                if self._stream.eof:
                    self._stream = self._new()  # the next frame of several (RFC 8878 §3.1)
                self._has_begun = True
                try:
                    unpacked = self._stream.decompress(rest)
                except zstandard.ZstdError as error:
                    raise BrokenCodingError(str(error)) from error
                if unpacked:
                    yield unpacked
                rest = self._stream.unused_data if self._stream.eof else b""


def decode_body(packed: bytes, header: str | None, limit: int) -> bytes:
    """
    A whole body without its codings; one that breaks off, as far as it goes.

    Raises:
        UnreadableCodingError, BrokenCodingError: As `find_codings` and `Decoder` raise them.
        ValueError: It unpacks to more than *limit*.

    >>> import brotli
    >>> decode_body(brotli.compress(b"<p>Waves"), "br", 100), decode_body(b"<p>Waves", "gzip", 100)
    (b'<p>Waves', b'<p>Waves')
    """
    decoder = Decoder(find_codings(header), limit)
    decoder.feed(packed)
    decoder.finish()
    if decoder.is_over:
        raise ValueError("the body unpacks to too much")
    return bytes(decoder.body)
