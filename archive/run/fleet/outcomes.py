"""What a worker is told, and what may become of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from archive.run.imports.importer import Wanted
from archive.settings import Settings

_ALL = Wanted()


@dataclass(frozen=True, slots=True)
class Plan:
    """
    How shards are made: the same for all files and workers, and all that a worker knows.

    Args:
        folder: Where shards come to lie; every worker sees it.
        settings: *passes.reading_workers* says in how many processes a worker reads.
        source: The name of the source of all pages; None finds each page's.
        is_copied: Raw responses are copied into the shard.
        scratch: Where a worker builds: a disk of its machine. None builds in *folder*.
    """

    folder: Path
    settings: Settings
    wanted: Wanted = _ALL
    source: str | None = None
    is_copied: bool = False
    scratch: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """
    There is a shard of a file.

    Args:
        modified_ns: When the file was last written, in nanoseconds, as the file system says.
        digest: Of the file: sha256, hex.
        shard: The name of the shard's folder.
        decisions: How many pages were added, revised, …
        left_out: How many were not kept, by reason.
        broken_count: Records that could not be read.
        lost_count: Revisits of pages that lie in other files.
        seconds: What it took.
    """

    file: Path
    size: int
    modified_ns: int
    digest: str
    shard: str
    decisions: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    broken_count: int = 0
    lost_count: int = 0
    seconds: float = 0.0

    @property
    def page_count(self) -> int:
        """The responses that were looked at."""
        return sum(self.decisions.values()) + sum(self.left_out.values())


@dataclass(frozen=True, slots=True)
class Failed:
    """There is none: the worker was lost, or says why not."""

    file: Path
    problem: str
    tries: int = 1


Outcome = Made | Failed


class Fleet(Protocol):
    """
    Workers that make shards. Each file that was started comes back once, in whatever order, also
    where its worker was lost.
    """

    @property
    def width(self) -> int:
        """How many files may be worked on at a time."""
        ...

    def start(self, file: Path) -> None:
        """Give a file to a worker."""
        ...

    def next_outcome(self) -> Outcome:
        """Wait until one of the files that were started has ended."""
        ...
