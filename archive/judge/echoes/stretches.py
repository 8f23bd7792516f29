"""Stretches of a text: begins and ends, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.judge.echoes.texts import Measures

Stretch = tuple[int, int]
"""Begin and end, the end excluded."""
Pair = tuple[int, int]
"""Where a run begins that stands in two texts: here, and there."""


@dataclass(slots=True)
class _Growing:
    """A passage that may go on. *shift*: how much further on it stands in the other text."""

    begin: int
    end: int
    shift: int


def find_stretches(pairs: Iterable[Pair], measures: Measures, least: int) -> Iterator[Stretch]:
    """
    The stretches of *least* words and more that stand in the other text.

    A run continues a stretch where it is near its end in both texts: words that many reports share,
    each elsewhere, make none.
    """
    growing: list[_Growing] = []
    for here, there in pairs:
        still = [one for one in growing if here <= one.end + measures.gap]
        if len(still) < len(growing):
            yield from _long_ones((one for one in growing if here > one.end + measures.gap), least)
        growing = still
        shift = there - here
        near = [one for one in growing if abs(one.shift - shift) <= measures.gap]
        if not near:
            growing.append(_Growing(here, here + measures.run, shift))
        else:
            nearest = min(near, key=lambda one: abs(one.shift - shift))
            nearest.end, nearest.shift = here + measures.run, shift
    yield from _long_ones(growing, least)


def _long_ones(grown: Iterable[_Growing], least: int) -> Iterator[Stretch]:
    return ((one.begin, one.end) for one in grown if one.end - one.begin >= least)


def cover(size: int, stretches: Iterable[Stretch]) -> bytes:
    """1 for each of *size* words that is in one of the stretches."""
    covered = bytearray(size)
    for begin, end in stretches:
        covered[begin:end] = b"\1" * (end - begin)
    return bytes(covered)


def but(one: bytes, other: bytes) -> bytes:
    """What the one covers and the other does not."""
    return bytes(here and not there for here, there in zip(one, other, strict=True))


def both(one: bytes, other: bytes) -> bytes:
    """What both cover."""
    return bytes(here and there for here, there in zip(one, other, strict=True))


def find_covered(covered: Sequence[int]) -> Iterator[Stretch]:
    """
    The stretches that are covered.

    >>> list(find_covered([0, 1, 1, 0, 1]))
    [(1, 3), (4, 5)]
    """
    begin = None
    for place, one in enumerate((*covered, 0)):
        if one and begin is None:
            begin = place
        elif not one and begin is not None:
            yield begin, place
            begin = None
