"""How far an import of several files has come, how fast it is, and how long it will take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from archive.run.imports.importer import Report

# Before so many seconds, and of so little, no time that is left can be told.
_TELLS_AFTER, _TELLING_SHARE = 2.0, 0.002


class Way:
    """
    The way through several files.

    Args:
        files: All that are taken in.
        timer: Seconds.
    """

    def __init__(self, files: Iterable[Path], timer: Callable[[], float]) -> None:
        self._sizes = [path.stat().st_size for path in files]
        self._timer = timer
        self._begin = timer()
        self._done_bytes = self._done_count = self._skipped_bytes = 0
        self._at = 0

    def end_file(self, report: Report) -> None:
        """The next file begins; one that was known before took no time."""
        size, self._at = self._sizes[self._at], self._at + 1
        if report.known:
            self._skipped_bytes += size
        else:
            self._done_bytes += size
            self._done_count += report.count

    def told(self, report: Report) -> str:
        """Pages a second, and the time that is left, where the present file has come to *report*."""
        seconds = self._timer() - self._begin
        if seconds < _TELLS_AFTER:
            return "…"
        said = f"{(self._done_count + report.count) / seconds:.0f} a second"
        whole = sum(self._sizes) - self._skipped_bytes
        share = (self._done_bytes + report.done_bytes) / whole if whole else 1.0
        if not _TELLING_SHARE <= share < 1:
            return said
        left = timedelta(seconds=round(seconds / share - seconds))
        return f"{said}, {left} left"
