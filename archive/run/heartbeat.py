"""
What `presswatch watch` says of itself, for whoever asks whether it is well: a small file beside the
archive.

Its first line is the time of the last beat, so that a watch whose loop stands still is told by a
line that is old. What it works on, since when that last went on, and what failed the last time
stand below. Of a watch that is well only the first line is there.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scraper.errors import ArchiveLockedError
from scraper.text import squash

log = logging.getLogger("presswatch")


@dataclass(frozen=True, slots=True)
class Beat:
    """
    One beat.

    Args:
        work: What is under way ("pass", "digest"), and when it last went on.
        troubles: What failed when it was last tried, a sentence each.
    """

    at: datetime
    work: tuple[str, datetime] | None = None
    troubles: tuple[str, ...] = ()


def heartbeat_file(database: Path) -> Path:
    """Where the watch of an archive leaves its heartbeat."""
    return database.with_name(database.name + ".heartbeat")


def render_beat(beat: Beat) -> str:
    """The text of the file."""
    lines = [beat.at.isoformat(timespec="seconds")]
    if beat.work:
        lines.append(f"at work: {beat.work[0]}, last went on {beat.work[1].isoformat(timespec='seconds')}")
    return "\n".join([*lines, *(f"trouble: {squash(trouble)}" for trouble in beat.troubles), ""])


def parse_beat(text: str) -> Beat:
    r"""
    The beat of a file.

    Raises:
        ValueError: It is none.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> beat = Beat(noon, ("pass", noon), ("digest: the disk is full",))
    >>> parse_beat(render_beat(beat)) == beat
    True
    """
    first, *others = text.splitlines() or [""]
    work, troubles = None, []
    for line in others:
        kind, _, said = line.partition(": ")
        if kind == "at work":
            name, _, at = said.partition(", last went on ")
            work = (name, datetime.fromisoformat(at))
        elif kind == "trouble":
            troubles.append(said)
    return Beat(datetime.fromisoformat(first), work, tuple(troubles))


class Heartbeat:
    """The heart of one watch."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._work: tuple[str, datetime] | None = None
        self._troubles: dict[str, str] = {}
        self._is_silent = False

    def beat(self) -> None:
        """Write the file, whole or not at all. One that cannot be written grows old, and that tells."""
        troubles = tuple(f"{what}: {why}" for what, why in self._troubles.items())
        text = render_beat(Beat(self._now(), self._work, troubles))
        draft = self._file.with_name(f".{self._file.name}.draft")
        try:
            draft.write_text(text, encoding="utf-8")
            os.replace(draft, self._file)  # noqa: PTH105 - the same as Path.replace
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            if not self._is_silent:
                log.error("the heartbeat cannot be written: %s: %s", self._file, error.strerror)  # noqa: TRY400
            self._is_silent = True
        else:
            self._is_silent = False

    @contextmanager
    def at_work(self, what: str) -> Iterator[None]:
        """
        Something is under way. If it fails, that is told until it goes well; the error goes on its
        way.
        """
        self._work = (what, self._now())
        self.beat()
        try:
            yield
        except ArchiveLockedError:  # a pass by hand, as a rule; the next one is never far
            raise
        except Exception as error:
            self._troubles[what] = str(error) or type(error).__name__
            raise
        else:
            self._troubles.pop(what, None)
        finally:
            self._work = None
            self.beat()

    def went_on(self) -> None:
        """Something came of what is under way."""
        if self._work:
            self._work = (self._work[0], self._now())

    def tell(self, what: str, trouble: str | None) -> None:
        """Tell a trouble of the watch itself, or that it is over."""
        if trouble is None:
            self._troubles.pop(what, None)
        else:
            self._troubles[what] = trouble
        self.beat()
