"""
Shards joined: what was read into each is decided on again, all of it in the order of time, as one
import of all their files in that order would have.

    shards ─► readings, in the order of time ─► decide_on, in batches ─► one archive

No page is read again, and no fingerprint made again. A shard is open from its first reading to its
last: of thousands of files that followed each other there are a few open at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path

from archive.model import ImportedFile
from archive.run.imports.homes import Homes
from archive.run.imports.importer import decide_on
from archive.run.imports.overlapping import in_order
from archive.settings import Settings
from archive.store import Archive
from archive.store.captures import CaptureWriter, read_capture
from archive.store.captures.readings import KeptReading, Reading
from scraper.errors import ArchiveError
from scraper.model import Source

# Readings that are committed together: to decide on one again costs little.
_BATCH = 200


@dataclass(frozen=True, slots=True)
class _Survey:
    """What a shard holds: its files, and whether what was read was kept."""

    path: Path
    files: tuple[ImportedFile, ...]
    is_shard: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """What is taken of a shard: these of its files, with their readings, the first of them of *begin*."""

    path: Path
    files: tuple[ImportedFile, ...]
    count: int
    begin: str

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(file.digest for file in self.files)


# A reading, with the open shard that it is of.
_Read = tuple[Archive, KeptReading]


def merge_shards(
    archive: Archive,
    settings: Settings,
    shards: Sequence[Path],
    *,
    now: Callable[[], datetime],
    batch: int = _BATCH,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Counter[str]:
    """
    Join shards into an archive that is open for writing; how many readings were added, revised, …

    A file that is in several shards, or in the archive, counts once. Who is killed goes on where he
    was when the same shards are joined again, in whatever order they are named.

    Args:
        shards: The archives that files were taken into; copies of raw responses lie beside each, in
            the folder `warc`.
        batch: Readings that are committed together.
        on_progress: Told how many readings are done, of how many.

    Raises:
        ArchiveError: An import into a shard has not ended, or a shard is none, is of a source that
            *settings* does not have, or damaged.
    """
    parts = _parts(archive, shards)
    decisions: Counter[str] = Counter()
    if not parts:
        return decisions
    mark = sha256("".join(digest for part in parts for digest in part.digests).encode()).hexdigest()
    done = archive.begin_merge(mark, now())
    count = sum(part.count for part in parts)
    stamp, places = f"merge-{now():%Y%m%dT%H%M%SZ}", settings.archive
    homes = Homes(settings.sources)
    streams = [(part.begin, partial(_readings, part)) for part in parts]
    with (
        CaptureWriter(places.warc_folder, stamp, places.warc_bytes) as captures,
        closing(in_order(streams, _time_of)) as readings,
    ):
        coming = islice(readings, done, None)
        is_more = True
        while is_more:
            with archive.transaction():
                before = done
                for shard, kept in islice(coming, batch):
                    reading = kept.reading()
                    source = homes.named(reading.source)
                    if reading.source and source is None:
                        raise ArchiveError(shard.path, f"its source {reading.source} is not configured")
                    decisions[_decide(archive, captures, shard, reading, source, settings) or "no article"] += 1
                    done += 1
                is_more = done > before
                archive.note_merged(mark, done)
            if is_more:
                on_progress(done, count)
    archive.end_merge(mark, [file for part in parts for file in part.files], now())
    return decisions


def _parts(archive: Archive, shards: Sequence[Path]) -> list[_Part]:
    """
    The files that are taken, each once, with the shard that each is taken of; in an order that does
    not depend on how shards are named.
    """
    taken = {file.digest for file in archive.imported_files() if file.ended_at}
    parts = []
    for one in sorted(map(_survey, shards), key=lambda one: sorted(file.digest for file in one.files)):
        if unfinished := next((file for file in one.files if file.ended_at is None), None):
            raise ArchiveError(one.path, f"the import of {unfinished.path} into it has not ended")
        if not one.is_shard:  # its files would be noted as taken in, and their articles missing
            raise ArchiveError(one.path, "this is no shard: what was read into it was not kept (import --shard)")
        new = tuple(file for file in one.files if file.digest not in taken)
        taken |= {file.digest for file in new}
        if new:
            with Archive.open(one.path, write=False) as shard:
                parts.append(_Part(one.path, new, *shard.reading_span([file.digest for file in new])))
    return parts


def _survey(path: Path) -> _Survey:
    with Archive.open(path, write=False) as shard:
        return _Survey(path, shard.imported_files(), shard.is_shard())


def _time_of(one: _Read) -> str:
    return one[1].captured_at


def _readings(part: _Part) -> Generator[_Read]:
    with Archive.open(part.path, write=False) as shard:
        yield from ((shard, kept) for kept in shard.readings(part.digests))


def _decide(
    archive: Archive,
    captures: CaptureWriter,
    shard: Archive,
    reading: Reading,
    source: Source | None,
    settings: Settings,
) -> str | None:
    """Decide on a reading; the raw form that its shard has a copy of is copied on."""
    if reading.lies_at is not None:
        return decide_on(archive, captures, reading, source, settings)
    copies = (shard.capture_with(reading.exchange, reading.digest, private=is_private) for is_private in (False, True))
    copy = next(filter(None, copies), None)
    if copy is None:  # its publisher wants none
        return decide_on(archive, None, reading, source, settings)
    raw = read_capture(Path(shard.path).parent / "warc", copy.location.file, copy.location.offset)
    exchange = replace(raw, at=reading.exchange.at, headers=reading.exchange.headers)
    return decide_on(archive, captures, replace(reading, exchange=exchange), source, settings)
