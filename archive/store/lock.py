"""
One archive, one writer: an advisory lock on a file beside the database.

The kernel holds the lock (flock), so it ends with the process however that ends; the file
itself stays, because removing it would let two processes lock two files of one name.
Processes made by a bare fork share the lock: start workers with "spawn" or "forkserver",
which SQLite connections need anyway (https://www.sqlite.org/howtocorrupt.html §2.6).
Who writes for a moment (a digest, a star) may wait for who writes for long (a pass).
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from scraper.errors import ArchiveError, ArchiveLockedError

# Between two looks at a lock that another process has.
_LOOK_EVERY = timedelta(milliseconds=250)
# As long as another process may hold it to see whether it is locked.
_MOMENT = 0.02


def wait_for_lock(
    database: Path,
    longest: timedelta,
    *,
    on_wait: Callable[[ArchiveLockedError], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> IO[str]:
    """
    The open lock file of an archive, as soon as no other writer has it.

    Args:
        longest: What is waited in all; with nothing this is `lock_for_writing`.
        on_wait: Told once, before the first wait, who has the lock.

    Raises:
        ArchiveLockedError: Another writer had it all the time.
        ArchiveError: The lock file cannot be made.
    """
    waited = timedelta()
    while True:
        try:
            return lock_for_writing(database)
        except ArchiveLockedError as error:
            if waited >= longest:
                raise
            if not waited:
                on_wait(error)
        sleep(_LOOK_EVERY.total_seconds())
        waited += _LOOK_EVERY


def lock_for_writing(database: Path) -> IO[str]:
    """
    The open lock file of an archive; closing it gives the lock back.

    Raises:
        ArchiveLockedError: Another writer has it; the message names its process.
        ArchiveError: The lock file cannot be made.
    """
    path = database.with_name(database.name + ".lock")
    try:
        file = path.open("a+", encoding="ascii", errors="replace")
    except OSError as error:
        raise ArchiveError(database, f"the lock file {path.name} cannot be opened: {error.strerror}") from error
    try:
        _take(file)
    except BlockingIOError as error:
        file.seek(0)
        holder = file.read(20).strip()  # a process id has at most 7 digits; the rest is not ours
        file.close()
        name = f"process {holder}" if holder.isdecimal() else "another process"
        raise ArchiveLockedError(database, f"{name} is writing to this archive; wait for it, or stop it") from error
    except OSError as error:
        file.close()
        raise ArchiveError(database, f"the file system refuses locks: {error.strerror}") from error
    try:
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
    except OSError:
        # A full disk: the lock holds all the same, only its holder has no name. What is still to be
        # written is written again when the file is closed, and would fail there.
        return _reopened(file)
    return file


def _take(file: IO[str]) -> None:
    """
    Lock *file*, at the second try too: `is_locked` of another
    process may hold it for a moment.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(_MOMENT)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(database: Path) -> bool:
    """
    Whether somebody writes to an archive now. Nothing is made by asking; the lock is touched for a
    moment.
    """
    try:
        with database.with_name(database.name + ".lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no such file, or one that we may not read: then we cannot tell
        return False
    return False


def _reopened(file: IO[str]) -> IO[str]:
    """The same open file without what it could not write."""
    again = os.fdopen(os.dup(file.fileno()), "r", encoding="ascii")
    with suppress(OSError):
        file.close()
    return again
