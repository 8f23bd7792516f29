"""What the parts of a pass share, and what came of it so far."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace

from archive.model import CaptureLocation, StoredCapture
from archive.run.readers import Readers
from archive.settings import Settings
from archive.store import Archive
from archive.store.captures import CaptureWriter
from scraper.fetch.clock import Clock
from scraper.fetch.lanes import Lanes
from scraper.model import CheckOutcome, FetchRequest, RawExchange, Source


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass is. *known* grows while listings are read."""

    done: int
    known: int
    added: int


_CAME = (CheckOutcome.FOUND, CheckOutcome.UNCHANGED, CheckOutcome.EMPTY)


@dataclass(frozen=True, slots=True)
class PassResult:
    """
    What a pass did.

    Args:
        decisions: How often each decision was taken: "add", "duplicate", "revise", "unchanged".
        outcomes: How often each outcome of a request came: "fetched", "not modified" …
        checks: What came of each visit to a listing.
        pictures: What became of the pictures that were asked for: "kept", "to be asked for again",
            "given up".
        problems: What went wrong, a sentence each, for the reader.
        left: How many articles of each source, by name, were not asked for and wait.
    """

    pass_id: int
    decisions: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    pictures: Counter[str] = field(default_factory=Counter)
    problems: tuple[str, ...] = ()
    left: Counter[str] = field(default_factory=Counter)

    @property
    def is_in_vain(self) -> bool:
        """Whether listings were asked for and none of them came: most likely the network is at fault."""
        return bool(self.checks) and not any(self.checks[outcome.value] for outcome in _CAME)


class Reading:
    """
    What is read beside the rest of a pass, each in a task of its own.

    Args:
        most: So many wait for a worker or are being read; whoever brings more waits.
    """

    def __init__(self, most: int) -> None:
        self._slots = asyncio.Semaphore(most)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def tasks(self) -> frozenset[asyncio.Task[None]]:
        """What is being read now, and what has failed: whoever waits for it sees the error."""
        return frozenset(self._tasks)

    async def begin(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Begin some reading as soon as there is room."""
        await self._slots.acquire()
        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._slots.release()
        if not task.cancelled() and task.exception() is None:
            self._tasks.discard(task)


Keeper = Callable[[CaptureWriter, RawExchange, StoredCapture | None], Awaitable[CaptureLocation]]
"""Writes a raw response to disk: packing and waiting for the disk need not hold up the loop."""


async def keep_at_once(
    captures: CaptureWriter, exchange: RawExchange, same_as: StoredCapture | None
) -> CaptureLocation:
    """Write in this thread, so that a pass is deterministic."""
    return captures.write(exchange, same_as)


@dataclass(slots=True, eq=False)
class PassState:
    """
    One pass under way.

    Args:
        sources: By name, those that are visited.
        private_captures: For what is the reader's alone (own cookies, noarchive): not handed on
            with the others.
        result: Grows during the pass; `end` completes it.
        left: Why articles were left, with source and number.
        done, known: Pages and listings that were answered, and those that are known to be asked
            for.
    """

    archive: Archive
    settings: Settings
    sources: dict[str, Source]
    lanes: Lanes
    clock: Clock
    readers: Readers
    captures: CaptureWriter
    private_captures: CaptureWriter
    keep_raw: Keeper
    on_progress: Callable[[Progress], None]
    result: PassResult
    problems: list[str] = field(default_factory=list)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)
    done: int = 0
    known: int = 0
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def write(
        self, captures: CaptureWriter, exchange: RawExchange, same_as: StoredCapture | None = None
    ) -> CaptureLocation:
        """Write a raw response to disk, one after the other; *same_as* as `CaptureWriter.write` has it."""
        async with self._writing:
            return await self.keep_raw(captures, exchange, same_as)

    def source_of(self, request: FetchRequest) -> Source:
        """The source that a request is made for."""
        return self.sources[request.source or ""]

    def leave(self, source: Source, found_url: str, why: str) -> None:
        """Let an article wait for a later pass."""
        self.archive.leave_entry(found_url, self.clock.now(), why)
        self.left[source.name, why] += 1

    def tell(self, *, is_done: bool = True) -> None:
        """Report how far the pass is; *is_done*: one more of what is known was answered."""
        self.done += is_done
        decisions = self.result.decisions
        added = decisions["add"] + decisions["duplicate"]
        self.on_progress(Progress(self.done, max(self.known, self.done), added))

    def end(self) -> PassResult:
        """Record the end of the pass; gives what came of it."""
        decisions = self.result.decisions
        self.archive.finish_pass(
            self.result.pass_id,
            self.clock.now(),
            added_count=decisions["add"] + decisions["duplicate"],
            revised_count=decisions["revise"],
        )
        for (name, why), count in self.left.items():
            self.result.left[name] += count
            self.problems.append(
                f"{self.sources[name].title}: {count} {'article' if count == 1 else 'articles'} left: {why}"
            )
        return replace(self.result, problems=tuple(self.problems))
