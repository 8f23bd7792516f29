"""A cluster that makes shards, as events in a queue: no clock, no files, the same for the same seed."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass
from random import Random

from archive.run.fleet.backfill import TRIES

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """
    What is simulated. Seconds, and files in gigabytes.

    Args:
        spread: Of the logarithm of a file's size, whose median is one gigabyte.
        loss: Workers that are lost, of one in an hour.
        notice: From the loss of a worker to the file's going to another one.
        replace: From the loss of a worker to a new one.
    """

    workers: int = 64
    files: int = 30_000
    spread: float = 0.3
    gigabyte: float = 400.0
    start: float = 5.0
    loss: float = 1 / 200
    notice: float = 60.0
    replace: float = 600.0
    tries: int = TRIES


@dataclass(frozen=True, slots=True)
class Simulated:
    """How long all files took, what one worker would have worked for them, and what went wrong."""

    seconds: float
    work: float
    gigabytes: float
    lost: int
    failed: int


def simulate(cluster: Cluster, seed: int) -> Simulated:
    """The shards of all files on a cluster, as events: a worker ends a file, is lost, or comes."""
    dice = Random(seed)  # noqa: S311
    sizes = sorted((dice.lognormvariate(0, cluster.spread) for _ in range(cluster.files)), reverse=True)
    costs = [cluster.start + size * cluster.gigabyte for size in sizes]
    waiting, tried = deque(range(cluster.files)), Counter[int]()

    def life() -> float:
        return dice.expovariate(cluster.loss / HOUR) if cluster.loss else float("inf")

    # What happens: when, in what order at one time, and either a worker that has nothing to do, with
    # the time of its loss, or a file that waits again.
    events: list[tuple[float, int, float | None, int]] = [(0.0, n, life(), -1) for n in range(cluster.workers)]
    idle: list[float] = []
    number, lost, failed, end = cluster.workers, 0, 0, 0.0

    def happen(at: float, dies_at: float | None, file: int) -> None:
        nonlocal number
        number += 1
        heapq.heappush(events, (at, number, dies_at, file))

    open_files = cluster.files
    while open_files:
        now, _, dies_at, file = heapq.heappop(events)
        if dies_at is None:
            waiting.append(file)
        elif file >= 0:  # it ended
            open_files, end = open_files - 1, now
        if dies_at is not None:
            idle.append(dies_at)
        while waiting and idle:
            dies_at, file = idle.pop(), waiting.popleft()
            if dies_at <= now:  # it was lost while it had nothing to do
                dies_at = now + life()
            if now + costs[file] <= dies_at:
                happen(now + costs[file], dies_at, file)
                continue
            lost += 1
            tried[file] += 1
            comes_at = dies_at + cluster.replace
            happen(comes_at, comes_at + life(), -1)
            if tried[file] < cluster.tries:
                happen(dies_at + cluster.notice, None, file)
            else:
                failed, open_files, end = failed + 1, open_files - 1, max(end, dies_at)
    return Simulated(end, sum(costs), sum(sizes), lost, failed)
