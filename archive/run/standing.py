"""
The configuration that a watch goes by: read again when a file of it changes; one with mistakes
changes nothing.

Files are told apart by time, size and number, which a look at every half minute costs nothing; a
file that was caught half written is told as a mistake, and read again when it is whole.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from archive.settings import Settings, config_files
from scraper.errors import ConfigError

log = logging.getLogger("presswatch")

_Stamp = tuple[tuple[str, int, int, int], ...]


class StandingSettings:
    """
    The latest configuration without mistakes, as *current*.

    Args:
        read: Reads the configuration; raises `ConfigError`.
        tell: Told what is wrong with the files as they are now, or None once they are right again.

    Raises:
        ConfigError: The first reading has mistakes.
    """

    def __init__(self, read: Callable[[], Settings], tell: Callable[[str | None], None] = lambda _: None) -> None:
        self._read = read
        self.tell = tell
        self.current = read()
        for mistake in self.current.alert_mistakes:
            log.warning("%s; the other alerts work", mistake)
        self._stamp = _stamp_of(self.current)

    def look(self, *, anyway: bool = False) -> bool:
        """Whether there is something new in *current*; files are read where they changed, or *anyway*."""
        stamp = _stamp_of(self.current)
        if stamp == self._stamp and not anyway:
            return False
        self._stamp = stamp  # taken before reading: what changes meanwhile is seen by the next look
        try:
            fresh = self._read()
        except ConfigError as error:
            log.error("the configuration has mistakes now, the last good one stays:\n%s", error)  # noqa: TRY400
            self.tell(f"the last good one is in force; {error}")
            return False
        if fresh.archive != self.current.archive:
            log.warning("the archive has another place or size in the configuration now: restart the watch for that")
            fresh = replace(fresh, archive=self.current.archive)
        problem = "\n".join(map(str, fresh.alert_mistakes)) or None
        if problem:
            log.error("alerts have mistakes now, the last good ones stay:\n%s", problem)
            names = {alert.name for alert in fresh.alerts}
            lost = (alert for alert in self.current.alerts if alert.name not in names)
            fresh = replace(fresh, alerts=(*fresh.alerts, *lost))
        is_new = fresh != self.current
        before = _enabled(self.current)
        self.current = fresh
        self.tell(problem)
        if is_new:
            log.info("the configuration changed: %s", _describe_change(before, _enabled(fresh)))
        return is_new


def _enabled(settings: Settings) -> tuple[str, ...]:
    return tuple(source.name for source in settings.sources if source.enabled)


def _describe_change(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """
    Which sources are watched now, in words.

    >>> _describe_change(("tide", "gate"), ("tide", "quay"))
    '2 sources watched; new: quay; no more: gate'
    """
    new = ", ".join(name for name in after if name not in before)
    gone = ", ".join(name for name in before if name not in after)
    said = f"{len(after)} sources watched"
    return said + (f"; new: {new}" if new else "") + (f"; no more: {gone}" if gone else "")


def _stamp_of(settings: Settings) -> _Stamp:
    """What tells whether a file of the configuration came, went or changed."""
    stamp = []
    for file in config_files(settings.folder, settings.archive.root):
        try:
            facts = file.stat()
        except OSError:  # not there, or not just now
            continue
        stamp.append((str(file), facts.st_mtime_ns, facts.st_size, facts.st_ino))
    return tuple(stamp)
