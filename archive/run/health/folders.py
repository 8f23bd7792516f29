"""
Whether everything that is kept can be written, and has room.

Whether a folder can be written is found out by writing to it: permissions, mounts and quotas are
too many to be read.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from archive.run.health.finding import Finding
from archive.settings import Settings

# Half a WARC file of the usual size: there is time to make room before a pass fails.
_LEAST_FREE_BYTES = 500_000_000

Trial = Callable[[Path], None]


def write_trial(folder: Path) -> None:
    """
    Write a block, down to the disk, and take it away again. Raises OSError where that cannot be
    done.
    """
    handle, name = tempfile.mkstemp(dir=folder, prefix=".presswatch-trial-")
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            file.write(b"\0" * 4096)  # the block of most file systems
            os.fsync(handle)
    finally:
        Path(name).unlink(missing_ok=True)


def check_folders(settings: Settings, *, trial: Trial = write_trial) -> tuple[Finding, ...]:
    """Whether everything that is kept can be written (*trial* tries a folder), and has room."""
    folders = _folders(settings)
    found = _unwritable(folders, trial)
    problems = [Finding(f"folder of {what}", is_well=False, detail=problem) for what, problem in found]
    database = settings.archive.database
    if not problems and database.exists() and not os.access(database, os.W_OK):
        problems.append(Finding("archive", is_well=False, detail=f"{database} cannot be written"))
    free = min(shutil.disk_usage(_nearest(folder)).free for folder in folders.values())
    disk = Finding("disk", free >= _LEAST_FREE_BYTES, f"{free / 1e9:.1f} GB free")
    return (*problems, disk) if problems else (Finding("folders", is_well=True, detail="can be written"), disk)


def _folders(settings: Settings) -> dict[str, Path]:
    """The folders of what is kept, by what lies there."""
    beside = settings.archive.database.parent
    folders = {
        "the archive": beside,
        "captures": settings.archive.warc_folder,
        "digests": settings.digest.folder,
        "cookies": beside / "cookies",  # of the sites; made with the first one
    }
    if settings.metrics.file:
        folders["metrics"] = settings.metrics.file.parent
    return folders


def _unwritable(folders: Mapping[str, Path], trial: Trial) -> Iterable[tuple[str, str]]:
    """What cannot be written, and why; each folder once."""
    seen: set[Path] = set()
    for what, folder in folders.items():
        place = _nearest(folder)
        if place in seen:
            continue
        seen.add(place)
        try:
            trial(place)
        except OSError as error:
            where = f"{folder} cannot be written" if place == folder else f"{folder} cannot be made in {place}"
            yield what, f"{where}: {error.strerror}"


def _nearest(folder: Path) -> Path:
    """*folder*, or the one above it that is there."""
    return next(place for place in (folder, *folder.parents) if os.path.isdir(place))  # noqa: PTH112 - never raises
