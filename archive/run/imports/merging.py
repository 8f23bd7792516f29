"""
Shards joined: what was read into each is decided on again, all of it in the order of time, as one
import of all their files in that order would have.

    shards ─► readings, in the order of time ─► decide_on, in batches ─► one archive

No page is read again, and no fingerprint made again.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path

from archive.model import ImportedFile
from archive.run.imports.homes import Homes
from archive.run.imports.importer import decide_on
from archive.settings import Settings
from archive.store import Archive
from archive.store.captures import CaptureWriter, read_capture
from archive.store.captures.readings import KeptReading, Reading
from scraper.errors import ArchiveError
from scraper.model import Source

# Readings that are committed together: to decide on one again costs little.
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Shard:
    """An archive that files were taken into, to be joined with others; *warc_folder* has its copies."""

    archive: Archive
    warc_folder: Path


@dataclass(frozen=True, slots=True)
class _Part:
    """What is taken of a shard: these of its files."""

    shard: Shard
    files: tuple[ImportedFile, ...]

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(file.digest for file in self.files)


def merge_shards(
    archive: Archive,
    settings: Settings,
    shards: Sequence[Shard],
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
    count = sum(part.shard.archive.reading_count(part.digests) for part in parts)
    readings = islice(heapq.merge(*map(_in_order, range(len(parts)), parts), key=_order), done, None)
    stamp, places = f"merge-{now():%Y%m%dT%H%M%SZ}", settings.archive
    homes = Homes(settings.sources)
    with CaptureWriter(places.warc_folder, stamp, places.warc_bytes) as captures:
        while some := list(islice(readings, batch)):
            with archive.transaction():
                for _, part, kept in some:
                    reading = kept.reading()
                    source = homes.named(reading.source)
                    if reading.source and source is None:
                        raise ArchiveError(part.shard.archive.path, f"its source {reading.source} is not configured")
                    decisions[_decide(archive, captures, part.shard, reading, source, settings) or "no article"] += 1
                    done += 1
                archive.note_merged(mark, done)
            on_progress(done, count)
    archive.end_merge(mark, [file for part in parts for file in part.files], now())
    return decisions


def _parts(archive: Archive, shards: Sequence[Shard]) -> list[_Part]:
    """
    The files that are taken, each once, with the shard that each is taken of; in an order that does
    not depend on how shards are named.
    """
    taken = {file.digest for file in archive.imported_files() if file.ended_at}
    parts = []
    for shard in sorted(shards, key=lambda shard: sorted(file.digest for file in shard.archive.imported_files())):
        files = shard.archive.imported_files()
        if open_one := next((file for file in files if file.ended_at is None), None):
            raise ArchiveError(shard.archive.path, f"the import of {open_one.path} into it has not ended")
        if not shard.archive.is_shard():  # its files would be noted as taken in, and their articles missing
            raise ArchiveError(
                shard.archive.path, "this is no shard: what was read into it was not kept (import --shard)"
            )
        new = tuple(file for file in files if file.digest not in taken)
        taken |= {file.digest for file in new}
        if new:
            parts.append(_Part(shard, new))
    return parts


def _in_order(place: int, part: _Part) -> Iterator[tuple[int, _Part, KeptReading]]:
    return ((place, part, kept) for kept in part.shard.archive.readings(part.digests))


def _order(one: tuple[int, _Part, KeptReading]) -> tuple[str, int, int]:
    place, _, kept = one
    return kept.captured_at, place, kept.reading_id


def _decide(
    archive: Archive,
    captures: CaptureWriter,
    shard: Shard,
    reading: Reading,
    source: Source | None,
    settings: Settings,
) -> str | None:
    """Decide on a reading; the raw form that its shard has a copy of is copied on."""
    if reading.lies_at is not None:
        return decide_on(archive, captures, reading, source, settings)
    copies = (
        shard.archive.capture_with(reading.exchange, reading.digest, private=is_private) for is_private in (False, True)
    )
    copy = next(filter(None, copies), None)
    if copy is None:  # its publisher wants none
        return decide_on(archive, None, reading, source, settings)
    raw = read_capture(shard.warc_folder, copy.location.file, copy.location.offset)
    exchange = replace(raw, at=reading.exchange.at, headers=reading.exchange.headers)
    return decide_on(archive, captures, replace(reading, exchange=exchange), source, settings)
