"""
WARC files at addresses that somebody typed: fetched once, and taken in from where they lie then.

This is no crawler: no robots.txt is asked, and nothing is fetched that was not named. What it may
take is bounded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import BinaryIO, Literal

from scraper.errors import RemoteFileError

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://[^/]*(?:/|$)")
_CHUNK = 1 << 20
# A file's own name, of what every file system takes; and enough of its address to tell it from others.
_OTHER_THAN_NAMES = re.compile(r"[^\w.-]+", re.ASCII)
_MOST_NAME, _MARK = 80, 12
# By which places tell one version of a file from the next: HTTP, S3, a disk.
_VERSIONS = ("ETag", "Last-Modified", "LastModified", "mtime")


@dataclass(frozen=True, slots=True)
class Bounds:
    """
    What one file may take.

    Args:
        size: In bytes. Crawlers close a WARC file at one gigabyte, few let it grow to more than five.
        time: Of a gigabyte over a slow line.
    """

    size: int = 20_000_000_000
    time: timedelta = timedelta(hours=6)


def fetched_folder(database: Path) -> Path:
    """Where files of addresses come to lie, beside an archive."""
    return database.parent / "fetched"


def is_address(word: str) -> bool:
    """
    Whether a word is an address of another machine, and no path.

    >>> is_address("s3://bucket/a.warc.gz"), is_address("news/a.warc.gz")
    (True, False)
    """
    return _ADDRESS.match(word) is not None


def name_of(address: str) -> str:
    """
    The name under which the file of an address is kept: its own, behind a mark of the address.

    >>> name_of("https://data.example/news/a.warc.gz?key=1")
    'a18c0fca7f39-a.warc.gz'
    """
    own = re.split(r"[?#]", address)[0].rstrip("/").rpartition("/")[2]
    return f"{sha256(address.encode()).hexdigest()[:_MARK]}-{_OTHER_THAN_NAMES.sub('_', own)[-_MOST_NAME:]}"


def fetch(
    address: str,
    folder: Path,
    bounds: Bounds = Bounds(),
    *,
    on_progress: Callable[[int, int | None], None] | None = None,
    clock: Callable[[], float] = monotonic,
) -> Path:
    """
    The file of an address in a folder; one that was fetched before is not fetched again. What was
    broken off goes on where it was, as long as the place says that it is the same file.

    Args:
        on_progress: Told how many bytes are there, of how many where that is known. Where it is not,
            nobody can tell in the end whether that is all of it.

    Raises:
        RemoteFileError: It is not to be had, or takes more than it may.
    """
    target = folder / name_of(address)
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    try:
        source, size, version = _open(address)
        with source, _part_of(target, version) as part:
            if part.tell():
                source.seek(part.tell())
            _copy(source, part, _Limits(address, size, bounds, clock), on_progress)
    except RemoteFileError:
        raise
    except FileNotFoundError as error:
        raise RemoteFileError(address, "there is no such file") from error
    # Each kind of place has errors of its own: not found, not allowed, no network, broken off.
    except Exception as error:
        raise RemoteFileError(address, str(error) or type(error).__name__) from error
    return target


def find_parts(folder: Path) -> tuple[Path, ...]:
    """Files that are not whole, and that nobody fetches now."""
    found = []
    for path in sorted(folder.glob("*.part")):
        with suppress(FileNotFoundError):  # it has just become whole
            if part := _locked(path, "rb"):
                part.close()
                found.append(path)
    return tuple(found)


class _TooMuchError(RemoteFileError):
    """A file takes more than it may, now and ever."""


@contextmanager
def _part_of(target: Path, version: str | None) -> Iterator[BinaryIO]:
    """
    What is there of a file, open at its end; it becomes *target* when all of it came.

    What was broken off stays where its *version* is known and something new came: where nothing
    did, the place may not be able to go on in the middle, and the next time all is asked for.
    """
    part = version and _locked(target.with_name(f"{target.name}.{version}.part"))
    if not part:  # two that fetch it at a time do not write into one file
        part, version = target.with_name(f"{target.name}.{os.getpid()}.part").open("wb"), None
        flock(part, LOCK_EX | LOCK_NB)
    path, begin = Path(part.name), part.tell()
    for other in find_parts(target.parent):  # of another version, or of who was killed
        if other.name.startswith(f"{target.name}."):
            other.unlink(missing_ok=True)
    with part:
        try:
            yield part
            path.replace(target)
        except BaseException as error:
            is_in_vain = isinstance(error, _TooMuchError) or (isinstance(error, Exception) and part.tell() == begin)
            if not version or is_in_vain:
                path.unlink(missing_ok=True)
            raise


def _locked(path: Path, mode: Literal["ab", "rb"] = "ab") -> BinaryIO | None:
    """An open file, unless another process has it; its lock ends with the process, however that ends."""
    part = path.open(mode)
    try:
        flock(part, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        part.close()
        return None
    return part


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a file of an address has, as far as it says, and may take."""

    address: str
    size: int | None
    bounds: Bounds
    clock: Callable[[], float]


def _open(address: str) -> tuple[BinaryIO, int | None, str | None]:
    """A file of another machine, its size, and a mark of its version; None where the place does not tell."""
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - an extra

        files, path = url_to_fs(address)  # type: ignore[no-untyped-call]
    except ImportError as error:  # fsspec, or its library for this kind of place
        raise RemoteFileError(address, 'such addresses need pip install "presswatch[remote]"') from error
    source: BinaryIO = files.open(path, "rb")
    size, told = getattr(source, "size", None), files.info(path)
    marks = (told.get(name) for name in _VERSIONS)
    version = next((mark for mark in marks if mark and not str(mark).startswith("W/")), None)  # RFC 9110 §8.8.1: weak
    if version is None or size is None or not source.seekable():
        return source, size, None
    return source, size, sha256(f"{version} {size}".encode()).hexdigest()[:_MARK]


def _copy(
    source: BinaryIO, file: BinaryIO, limits: _Limits, on_progress: Callable[[int, int | None], None] | None
) -> None:
    bounds, begun, done = limits.bounds, limits.clock(), file.tell()
    if limits.size is not None and limits.size > bounds.size:
        raise _TooMuchError(limits.address, f"has {limits.size:,} bytes, more than {bounds.size:,}")
    while chunk := source.read(_CHUNK):
        done += len(chunk)
        if done > bounds.size:
            raise _TooMuchError(limits.address, f"has more than {bounds.size:,} bytes")
        if limits.clock() - begun > bounds.time.total_seconds():
            raise _TooMuchError(limits.address, f"takes longer than {bounds.time}")
        file.write(chunk)
        if on_progress:
            on_progress(done, limits.size)
    if limits.size is not None and done < limits.size:
        raise RemoteFileError(limits.address, f"broke off at {done:,} of {limits.size:,} bytes")
