"""The files of a backfill, handed to workers until each has its shard or has failed for good."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from pathlib import Path

from archive.run.fleet.manifest import ShardFolder
from archive.run.fleet.outcomes import Failed, Fleet, Outcome

# A machine that is lost takes its files along: twice in a row is bad luck, three times is the file.
TRIES = 3


def backfill(
    files: Iterable[Path],
    folder: ShardFolder,
    fleet: Fleet,
    *,
    tries: int = TRIES,
    on_outcome: Callable[[Outcome], None] = lambda _: None,
) -> None:
    """
    Make the shards that are missing. A file that failed is tried again behind all the others.

    Args:
        files: Absolute, each once.
        tries: Of one file, before it is given up.
        on_outcome: Told what became of a file when that stands in the manifest.
    """
    # The largest first: else the last worker has hours to go when all others have nothing to do.
    waiting = deque(sorted(files, key=lambda file: -file.stat().st_size))
    tried: Counter[Path] = Counter()
    at_work = 0
    while waiting or at_work:
        while waiting and at_work < fleet.width:
            fleet.start(waiting.popleft())
            at_work += 1
        outcome = fleet.next_outcome()
        at_work -= 1
        tried[outcome.file] += 1
        if isinstance(outcome, Failed):
            if tried[outcome.file] < tries:
                waiting.append(outcome.file)
                continue
            outcome = Failed(outcome.file, outcome.problem, tried[outcome.file])
        folder.note(outcome)
        on_outcome(outcome)
