"""One WARC file made a shard: what a worker does, with the functions that import uses."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp

from archive.run.fleet.manifest import MAKING, read_made, write_made
from archive.run.fleet.outcomes import Failed, Made, Outcome, Plan
from archive.run.imports.importer import Importer
from archive.run.imports.settling import settle
from archive.run.readers import readers_of
from archive.store import Archive
from scraper.errors import ArchiveError, PresswatchError

DATABASE = "presswatch.db"
# Enough of a digest that no two files share it: 80 bits.
_NAME_LENGTH = 20


def make_shard(plan: Plan, file: Path, *, now: Callable[[], datetime], timer: Callable[[], float]) -> Outcome:
    """
    The shard of one file, in *plan.folder* under a name that the file's content says: made, or
    found there.

    Whatever else makes a shard of the same file at the same time, there is one in the end. What a
    file or a file system says no to is a `Failed`.

    Args:
        file: Absolute.
        timer: Seconds.
    """
    try:
        return _made(plan, file, now, timer)
    except (PresswatchError, OSError) as error:
        return Failed(file, str(error))


def _made(plan: Plan, file: Path, now: Callable[[], datetime], timer: Callable[[], float]) -> Made:
    begin, seen = timer(), file.stat()
    with file.open("rb") as opened:
        digest = file_digest(opened, "sha256").hexdigest()
    made = Made(file, seen.st_size, seen.st_mtime_ns, digest, digest[:_NAME_LENGTH])
    target = plan.folder / made.shard
    if target.exists():
        return _found(target, made, now())
    making = plan.folder / MAKING
    with _workplace(plan.scratch or making) as work:
        made = _import(plan, file, work, made, now)
        after = file.stat()
        if (after.st_size, after.st_mtime_ns) != (seen.st_size, seen.st_mtime_ns):
            raise ArchiveError(file, "the file changed while it was read")
        made = replace(made, seconds=round(timer() - begin, 3))
        write_made(work, made)
        if plan.scratch is None:
            _name(work, target)
        else:
            with _workplace(making) as arrived:
                shutil.copytree(work, arrived, dirs_exist_ok=True)
                _name(arrived, target)
    return made


def _import(plan: Plan, file: Path, work: Path, made: Made, now: Callable[[], datetime]) -> Made:
    places = replace(plan.settings.archive, database=work / DATABASE, warc_folder=work / "warc")
    settings = replace(plan.settings, archive=places)
    with (
        Archive.open(places.database, write=True) as archive,
        readers_of(settings.passes, settings.phrases) as readers,
    ):
        archive.save_sources(settings.sources)
        importer = Importer(
            archive,
            settings,
            readers,
            source=plan.source,
            wanted=plan.wanted,
            is_copied=plan.is_copied,
            is_shard=True,
            now=now,
        )
        report = importer.take_in(file)
        settle(archive, has_stories=False)  # they are of all shards together
        archive.seal()
    return replace(
        made,
        decisions=dict(report.decisions),
        left_out=dict(report.left_out),
        broken_count=report.broken_count,
        lost_count=report.lost_count,
    )


def _found(target: Path, made: Made, now: datetime) -> Made:
    """
    A shard that is there already: the file was touched, moved or copied, or another worker was
    faster.
    """
    before = read_made(target)
    if not before.file.exists():  # captures point into the file: they have to follow it
        with Archive.open(target / DATABASE, write=True) as archive:
            archive.begin_import(made.file, made.size, made.digest, now)
            archive.seal()
    return replace(before, file=made.file, size=made.size, modified_ns=made.modified_ns)


def _name(work: Path, target: Path) -> None:
    """Give a whole shard its last name, in one step; it goes where one of that name is there."""
    try:
        work.rename(target)
    except OSError:
        if not target.exists():
            raise


@contextmanager
def _workplace(place: Path) -> Iterator[Path]:
    """A folder to build in, gone at the end; and those of workers of this machine that were killed go, too."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = f"shard-{platform.node()}-"
    for left in place.glob(f"{mark}*"):
        worker = left.name.removeprefix(mark).partition("-")[0]
        if worker.isdecimal() and not _is_alive(int(worker)):
            shutil.rmtree(left, ignore_errors=True)
    work = Path(mkdtemp(prefix=f"{mark}{os.getpid()}-", dir=place))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of somebody else
        return True
    return True
