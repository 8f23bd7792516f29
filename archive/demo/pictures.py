"""The pictures of the invented newspapers: a sun over the sea and a ship, drawn as PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from math import isqrt

WIDTH, HEIGHT = 640, 400
_HORIZON, _SUN, _SHIP = 250, 46, (34, 150)
# Sky, sun, sea and ship, by the hour of the day that a picture is of.
_HOURS = (
    ((201, 214, 223), (250, 240, 205), (63, 102, 128), (34, 44, 56)),
    ((240, 205, 170), (255, 244, 214), (92, 96, 122), (40, 34, 48)),
    ((38, 50, 78), (226, 228, 214), (20, 30, 48), (8, 12, 20)),
)


def draw_picture(name: str) -> bytes:
    """The picture that is called *name*: the same at each call, and another for most other names."""
    seed = zlib.crc32(name.encode())
    rows = b"".join(b"\x00" + row for row in _rows(_HOURS[seed % 3], 90 + seed % 460, 60 + seed // 7 % 170))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _rows(colours: tuple[tuple[int, int, int], ...], sun_x: int, sun_y: int) -> Iterator[bytes]:
    """The rows of the picture, top first, three bytes a point."""
    sky, sun, sea, ship = map(bytes, colours)
    tall, long = _SHIP
    ship_x = (sun_x + WIDTH // 2) % (WIDTH - long)
    for y in range(HEIGHT):
        row = bytearray((sky if y < _HORIZON else sea) * WIDTH)
        if y < _HORIZON and abs(y - sun_y) < _SUN:
            half = isqrt(_SUN**2 - (y - sun_y) ** 2)
            _paint(row, sun_x - half, sun_x + half, sun)
        if _HORIZON - 4 <= y < _HORIZON + tall:
            slope = y - _HORIZON + 4
            _paint(row, ship_x + slope, ship_x + long - slope, ship)
        yield bytes(row)


def _paint(row: bytearray, start: int, end: int, colour: bytes) -> None:
    start, end = max(start, 0), min(end, WIDTH)
    row[start * 3 : end * 3] = colour * (end - start)


def _chunk(name: bytes, data: bytes) -> bytes:
    """A part of a PNG file (PNG, third edition, §5.3)."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
