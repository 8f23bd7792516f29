"""Where the time of the one process goes that decides and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Part(StrEnum):
    """What is done."""

    OPENING = "opening records"
    """Records are found in a file, unpacked, and handed to the readers."""
    WAITING = "waiting for readers"
    """Nothing is to do until the next page was read."""
    DECIDING = "deciding"
    """Articles are looked up, decided on, and their rows written."""
    COMMITTING = "committing"
    """Transactions are ended."""


class Stopwatch:
    """
    Sums up the seconds of each part. Of a part within another one the time counts for the inner one
    alone.
    """

    def __init__(self, timer: Callable[[], float] = lambda: 0.0) -> None:
        self._timer = timer
        self._since = timer()
        self._doing: list[Part] = []
        self.seconds = dict.fromkeys(Part, 0.0)

    @contextmanager
    def on(self, part: Part) -> Iterator[None]:
        """The time within counts for *part*."""
        self._note()
        self._doing.append(part)
        try:
            yield
        finally:
            self._note()
            self._doing.pop()

    def each(self, part: Part, steps: Iterator[T]) -> Iterator[T]:
        """What an iterator gives, the time that it takes counted for *part*."""
        while True:
            with self.on(part):
                try:
                    step = next(steps)
                except StopIteration:
                    return
            yield step

    def _note(self) -> None:
        now = self._timer()
        if self._doing:
            self.seconds[self._doing[-1]] += now - self._since
        self._since = now
