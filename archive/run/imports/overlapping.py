"""Streams joined in order, each open only from its first piece to its last."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

T = TypeVar("T")


def in_order(streams: Sequence[tuple[str, Callable[[], Generator[T]]]], time_of: Callable[[T], str]) -> Generator[T]:
    """
    The pieces of all streams by time; of one time, in the order of the streams.

    Args:
        streams: The time of the first piece of each, and what opens it; its pieces are in the order
            of time.

    A stream is opened when its first piece is due, and closed behind its last one, or when this
    generator is: of many that follow each other, few are open at a time.

    >>> def stream(*pieces):
    ...     yield from pieces
    >>> list(in_order([("b", lambda: stream("b", "d")), ("a", lambda: stream("a", "b"))], str))
    ['a', 'b', 'b', 'd']
    """
    coming = deque(sorted((begin, place) for place, (begin, _) in enumerate(streams)))
    # The open streams, each with the piece that is its next; no two have one place, so that pieces
    # are not compared.
    heap: list[tuple[str, int, T, Generator[T]]] = []

    def step(place: int, stream: Generator[T]) -> None:
        for piece in stream:
            heapq.heappush(heap, (time_of(piece), place, piece, stream))
            return

    try:
        while coming or heap:
            while coming and (not heap or coming[0] <= heap[0][:2]):
                _, place = coming.popleft()
                step(place, streams[place][1]())
            if heap:
                _, place, piece, stream = heap[0]
                yield piece
                heapq.heappop(heap)
                step(place, stream)
    finally:
        for *_, stream in heap:
            stream.close()
