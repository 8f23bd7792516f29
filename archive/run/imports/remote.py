"""
WARC files at addresses that somebody typed: fetched once, and taken in from where they lie then.

This is no crawler: no robots.txt is asked, and nothing is fetched that was not named. What it may
take is bounded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from scraper.errors import RemoteFileError

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://[^/]*(?:/|$)")
_CHUNK = 1 << 20
# A file's own name, of what every file system takes; and enough of its address to tell it from others.
_OTHER_THAN_NAMES = re.compile(r"[^\w.-]+", re.ASCII)
_MOST_NAME, _MARK = 80, 12


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
    The file of an address in a folder; one that was fetched before is not fetched again.

    Args:
        on_progress: Told how many bytes are there, of how many where that is known.

    Raises:
        RemoteFileError: It is not to be had, or takes more than it may.
    """
    target = folder / name_of(address)
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    # Two that fetch it at a time do not write into one file.
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        source, size = _open(address)
        with source, part.open("wb") as file:
            _copy(source, file, _Limits(address, size, bounds, clock), on_progress)
        part.replace(target)
    except RemoteFileError:
        raise
    except FileNotFoundError as error:
        raise RemoteFileError(address, "there is no such file") from error
    # Each kind of place has errors of its own: not found, not allowed, no network, broken off.
    except Exception as error:
        raise RemoteFileError(address, str(error) or type(error).__name__) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return target


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a file of an address has, as far as it says, and may take."""

    address: str
    size: int | None
    bounds: Bounds
    clock: Callable[[], float]


def _open(address: str) -> tuple[BinaryIO, int | None]:
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - an extra

        files, path = url_to_fs(address)  # type: ignore[no-untyped-call]
    except ImportError as error:  # fsspec, or its library for this kind of place
        raise RemoteFileError(address, 'such addresses need pip install "presswatch[remote]"') from error
    source: BinaryIO = files.open(path, "rb")
    return source, getattr(source, "size", None)


def _copy(
    source: BinaryIO, file: BinaryIO, limits: _Limits, on_progress: Callable[[int, int | None], None] | None
) -> None:
    bounds, begun, done = limits.bounds, limits.clock(), 0
    if limits.size is not None and limits.size > bounds.size:
        raise RemoteFileError(limits.address, f"has {limits.size:,} bytes, more than {bounds.size:,}")
    while chunk := source.read(_CHUNK):
        done += len(chunk)
        if done > bounds.size:
            raise RemoteFileError(limits.address, f"has more than {bounds.size:,} bytes")
        if limits.clock() - begun > bounds.time.total_seconds():
            raise RemoteFileError(limits.address, f"takes longer than {bounds.time}")
        file.write(chunk)
        if on_progress:
            on_progress(done, limits.size)
    if limits.size is not None and done < limits.size:
        raise RemoteFileError(limits.address, f"broke off at {done:,} of {limits.size:,} bytes")
