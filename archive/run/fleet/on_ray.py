"""Workers of Ray (https://docs.ray.io): processes of this machine, or of a cluster."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Self

from archive.run.fleet.outcomes import Failed, Outcome, Plan
from archive.run.fleet.shards import make_shard
from scraper.errors import FleetError

# What passes through Ray's store is settings and counts; by default it takes a third of the memory.
_STORE_BYTES = 100_000_000


class RayFleet:
    """
    Workers of Ray. Use as a context manager.

    Args:
        address: Of a cluster ("auto", "host:6379"); None starts one on this machine, which
            ends with this process.
        workers: Files that are worked on at a time; None for as many as there are cores.

    Raises:
        FleetError: Ray is not installed, or the cluster does not answer.
    """

    def __init__(self, plan: Plan, *, address: str | None, workers: int | None) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nobody is told that it runs
        try:
            import ray  # noqa: PLC0415 - an extra, that few have
        except ImportError as error:
            raise FleetError('ray is not there: pip install "presswatch[ray]"') from error
        self._ray: Any = ray
        init = partial(self._ray.init, log_to_driver=False, logging_level="ERROR")
        try:
            if address is None:
                init("local", num_cpus=workers, include_dashboard=False, object_store_memory=_STORE_BYTES)
            else:
                init(address)
        except (ConnectionError, OSError, ValueError, RuntimeError) as error:
            raise FleetError(f"the cluster {address or 'of this machine'} does not answer: {error}") from error
        self._workers = workers
        self._plan = self._ray.put(plan)
        # What is lost is told to `backfill`, which tries again.
        self._work = self._ray.remote(num_cpus=1, max_retries=0)(_work)
        self._at_work: dict[Any, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ray.shutdown()

    @property
    def width(self) -> int:
        """As many as was said, or as the cluster has cores by now."""
        return self._workers or max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def start(self, file: Path) -> None:
        """Give a file to a worker, or let it wait for one."""
        self._at_work[self._work.remote(self._plan, file)] = file

    def next_outcome(self) -> Outcome:
        """What came of the file that ends next."""
        (ended, *_), _ = self._ray.wait(list(self._at_work), num_returns=1)
        file = self._at_work.pop(ended)
        try:
            outcome: Outcome = self._ray.get(ended)
        except self._ray.exceptions.RayError as error:
            lines = str(error).strip().splitlines()
            # Of what was raised in a worker the last line tells, of a worker that was lost the first.
            is_raised = isinstance(error, self._ray.exceptions.RayTaskError)
            return Failed(file, f"{type(error).__name__}: {lines[-1 if is_raised else 0] if lines else ''}")
        return outcome


def _work(plan: Plan, file: Path) -> Outcome:
    return make_shard(plan, file, now=lambda: datetime.now(UTC), timer=monotonic)
