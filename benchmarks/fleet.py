#!/usr/bin/env python3
"""
What do more workers bring, is the archive the same, and how long do thirty thousand files take?

    python benchmarks/fleet.py --corpus DIR [--files 8] [--pages 160] [--rounds 3]
    [--only PART …] [--json]
    python benchmarks/fleet.py --only simulation [--page-seconds S] [--merge-page-seconds S] …

Parts; the first three want the corpus and Ray:

* `ray`: shards of the same files made by one worker and by two on this machine, by turns, the ratio
  of each round. A worker is a process that reads and one that writes beside it, which takes a tenth
  of the time: alone on two cores it has them run at once, where each of two workers has a core for
  both. So one worker is measured twice: held to one core, as each of n workers on n cores is, and
  free. Workers have started before the clock. The pages are those of the corpus, N a file, a minute
  after the one before; no two are alike.
* `merge`: the shards joined, its time beside theirs, and whether the archive has the rows of one
  import of the files in the order of time, but for ids and times at which we looked.
* `kills`: SIGKILL to a worker in the middle of a file, twice in one backfill; then the same.
* `simulation`: a cluster as events in a queue. Files of a gigabyte, log-normal; a worker is lost as
  often as is said, the file it had is done again behind the others, and a new one comes after a
  while. What a file and a merge cost is measured by the parts above and given by arguments.

Printed beside: the load of the machine at the begin and the end; others work on it, too. Exit code 1
where archives differ, or a file failed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

from backfill import BEGIN, exchange_of, settings_for, write_warc
from cluster import HOUR, Cluster, simulate
from kills import content, difference
from predict import gold_files
from speed import load

from archive.run.fleet.backfill import backfill
from archive.run.fleet.manifest import MAKING, open_folder
from archive.run.fleet.on_ray import RayFleet
from archive.run.fleet.outcomes import Failed, Outcome, Plan
from archive.run.fleet.shards import DATABASE
from archive.run.imports.importer import Importer
from archive.run.imports.merging import merge_shards
from archive.run.imports.settling import settle
from archive.run.readers import ReaderPool
from archive.settings import Settings
from archive.store import Archive

# Files that are made first, so that all workers run; they are part of what is compared.
_WARM = 4
_WORK = ("readings", "merges", "imported_files")


def now_of_all() -> datetime:
    """The same time in all archives."""
    return BEGIN + timedelta(days=99)


@dataclass(frozen=True, slots=True)
class Fleetwork:
    """
    One backfill: seconds from the first file to the last, without those that warmed it up, which
    tell what a file of one page takes (*start*).
    """

    folder: Path
    shards: tuple[Path, ...]
    seconds: float
    worker_seconds: float
    start: float
    failed: int


def settings_of(folder: Path) -> Settings:
    """As the command hands them to workers."""
    settings = settings_for(folder)
    return replace(settings, passes=replace(settings.passes, reading_workers=1))


def make(files: Sequence[Path], folder: Path, workers: int) -> Fleetwork:
    """Shards of all files; the first ones before the clock."""
    plan = Plan(folder, settings_of(folder))
    outcomes: list[Outcome] = []
    with open_folder(plan) as shards, RayFleet(plan, address=None, workers=workers) as fleet:
        backfill(files[:_WARM], shards, fleet, on_outcome=outcomes.append)
        warm, begin = len(outcomes), time.perf_counter()
        start = min(one.seconds for one in outcomes if not isinstance(one, Failed))
        backfill(files[_WARM:], shards, fleet, on_outcome=outcomes.append)
        seconds = time.perf_counter() - begin
        names = shards.manifest().shard_names()
    failed = sum(isinstance(one, Failed) for one in outcomes)
    worked = sum(one.seconds for one in outcomes[warm:] if not isinstance(one, Failed))
    return Fleetwork(folder, tuple(folder / name / DATABASE for name in names), seconds, worked, start, failed)


def hold(cores: set[int]) -> None:
    """Let this process, and what it starts from now on, run on these cores alone."""
    os.sched_setaffinity(0, cores)


def compare(files: Sequence[Path], pages: int, folder: Path, rounds: int) -> tuple[dict[str, object], Fleetwork]:
    """One worker beside two, by turns."""
    cores = os.sched_getaffinity(0)
    runs: dict[str, list[Fleetwork]] = {"two": [], "one": [], "one core": []}
    for number in range(rounds):
        for name in [*runs][:: 1 if number % 2 else -1]:
            hold({min(cores)} if name == "one core" else cores)
            runs[name].append(make(files, folder / f"{name}-{number}", 2 if name == "two" else 1))
            hold(cores)

    start = median(run.start for run in runs["one core"])

    def ratios(name: str) -> list[float]:
        return [round(one.seconds / two.seconds, 2) for one, two in zip(runs[name], runs["two"], strict=True)]

    return {
        "pages": pages,
        "seconds": {name: [round(run.seconds, 1) for run in some] for name, some in runs.items()},
        "two workers beside one on one core": median(ratios("one core")),
        "two workers beside one that is free": median(ratios("one")),
        "ratios": {name: ratios(name) for name in ("one core", "one")},
        "seconds a file, whatever is in it": round(start, 2),
        "worker's seconds a page, on one core": round(
            median(run.worker_seconds for run in runs["one core"]) / pages - start * (len(files) - _WARM) / pages, 5
        ),
        "failed": sum(run.failed for some in runs.values() for run in some),
    }, runs["two"][-1]


def join(shards: Sequence[Path], folder: Path) -> tuple[Path, float, float]:
    """Shards joined, and the seconds that took; and those of their stories."""
    settings = settings_for(folder)
    begin = time.perf_counter()
    with Archive.open(settings.archive.database, write=True) as archive:
        merge_shards(archive, settings, shards, now=now_of_all)
        joined = time.perf_counter()
        settle(archive)
    return settings.archive.database, joined - begin, time.perf_counter() - joined


def import_all(files: Sequence[Path], folder: Path) -> Path:
    """One import of all files in the order of time."""
    settings = settings_for(folder)
    with Archive.open(settings.archive.database, write=True) as archive, ReaderPool(2, timedelta(minutes=5)) as pool:
        for file in files:
            Importer(archive, settings, pool, now=now_of_all).take_in(file)
        settle(archive)
    return settings.archive.database


def differing(one: Path, other: Path) -> list[str]:
    """Rows that one of two archives has alone, apart from those that tell of the work."""
    both = ({name: rows for name, rows in content(path).items() if name not in _WORK} for path in (one, other))
    return difference(*both)


def merge(made: Fleetwork, files: Sequence[Path], pages: int, folder: Path) -> dict[str, object]:
    """The shards joined, beside one import."""
    joined, seconds, stories = join(made.shards, folder / "joined")
    one = import_all(files, folder / "one")
    wrong = differing(one, joined)
    return {
        "seconds of the merge": round(seconds, 1),
        "seconds of stories": round(stories, 1),
        "seconds of the shards, of all workers": round(made.worker_seconds, 1),
        "merge's seconds a page": round(seconds / pages, 5),
        "bytes of the shards": sum(path.stat().st_size for path in made.shards),
        "rows that differ": len(wrong),
        "such as": wrong[:3],
    }


def workers_below(process: int) -> list[int]:
    """The workers of Ray that have a file, among what a process started."""
    parents, working = {}, []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, fields = path.read_text(encoding="ascii", errors="replace").rsplit(")", 1)
        except OSError:
            continue
        number = int(path.parent.name)
        parents[number] = int(fields.split()[1])
        if "(ray::_work" in name:
            working.append(number)

    def is_below(one: int) -> bool:
        while one in parents and one != process:
            one = parents[one]
        return one == process

    return [one for one in working if is_below(one)]


def kill(files: Sequence[Path], undisturbed: Path, folder: Path) -> dict[str, object]:
    """A backfill of which a worker is killed twice, each time in the middle of a file."""
    killed: list[int] = []
    is_over = threading.Event()

    def hunt() -> None:
        while len(killed) < 2 and not is_over.wait(0.2):
            is_in_the_middle = any((folder / "shards" / MAKING).glob(f"*/{DATABASE}-wal"))
            done = len(list((folder / "shards").glob(f"*/{DATABASE}")))
            if is_in_the_middle and done >= _WARM + 2 * len(killed):
                time.sleep(1.0)
                for worker in [one for one in workers_below(os.getpid()) if one not in killed][:1]:
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)

    hunter = threading.Thread(target=hunt)
    hunter.start()
    made = make(files, folder / "shards", 2)
    is_over.set()
    hunter.join()
    joined, _, _ = join(made.shards, folder / "joined")
    wrong = differing(undisturbed, joined)
    return {"kills": len(killed), "failed": made.failed, "rows that differ": len(wrong), "such as": wrong[:3]}


def report_of(cluster: Cluster, merge_gigabyte: float, seed: int) -> dict[str, object]:
    """What a simulated backfill comes to, with its merge and without."""
    found = simulate(cluster, seed)
    merging = found.gigabytes * merge_gigabyte
    return {
        "workers": cluster.workers,
        "files": cluster.files,
        "hours of one worker": round(found.work / HOUR, 1),
        "hours of the shards": round(found.seconds / HOUR, 2),
        "times one worker": round(found.work / found.seconds, 1),
        "of n": round(found.work / found.seconds / cluster.workers, 3),
        "hours of the merge": round(merging / HOUR, 1),
        "times one worker, with the merge": round((found.work + merging) / (found.seconds + merging), 1),
        "workers lost": found.lost,
        "files that failed": found.failed,
    }


def options_of() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = ("ray", "merge", "kills", "simulation")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--pages", type=int, default=160)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=parts, default=parts)
    parser.add_argument("--page-seconds", type=float, default=0.0125, help="of a worker; that of `ray` where it runs")
    parser.add_argument("--merge-page-seconds", type=float, default=0.0025, help="that of `merge` where it runs")
    parser.add_argument("--file-seconds", type=float, default=4.0, help="whatever is in a file; that of `ray`")
    parser.add_argument("--pages-a-gigabyte", type=int, default=33_000)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--simulated-files", type=int, default=30_000)
    parser.add_argument("--loss", type=float, default=1 / 200, help="workers that are lost, of one in an hour")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> None:
    """Measure, print, judge."""
    options = options_of()
    os.environ.setdefault("RAY_worker_niceness", "0")  # else it waits for whatever the machine does besides
    figures: dict[str, dict[str, object]] = {}

    def tell(part: str, figure: dict[str, object]) -> None:
        figures[part] = figure | {"load": os.getloadavg()[0]}
        if not options.json:
            print(part, json.dumps(figures[part], indent=2), flush=True)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if measured := {"ray", "merge", "kills"} & {*options.only}:
            wanted = _WARM + options.files * options.pages
            gold = list(gold_files(options.corpus, []))
            gold = gold[:: max(1, len(gold) // wanted)][:wanted]
            exchanges = [exchange_of(load(path), number) for number, path in enumerate(gold)]
            cuts = [*range(_WARM), *range(_WARM, len(exchanges), options.pages), len(exchanges)]
            files = [
                write_warc(folder / "files", f"f{number:04}", exchanges[begin:end])
                for number, (begin, end) in enumerate(pairwise(cuts))
            ]
            pages = len(exchanges) - _WARM
            rounds = options.rounds if "ray" in measured else 1
            figure, made = compare(files, pages, folder / "ray", rounds)
            tell("ray", figure)
            options.file_seconds = figure["seconds a file, whatever is in it"]
            options.page_seconds = figure["worker's seconds a page, on one core"]
            if measured & {"merge", "kills"}:
                figure = merge(made, files, pages, folder / "merge")
                tell("merge", figure)
                options.merge_page_seconds = figure["merge's seconds a page"]
            if "kills" in measured:
                tell("kills", kill(files, folder / "merge" / "one" / "a.db", folder / "kills"))
    if "simulation" in options.only:
        gigabyte = options.page_seconds * options.pages_a_gigabyte
        start = options.file_seconds
        cluster = Cluster(options.workers, options.simulated_files, gigabyte=gigabyte, start=start, loss=options.loss)
        tell("simulation", report_of(cluster, options.merge_page_seconds * options.pages_a_gigabyte, options.seed))
    if options.json:
        print(json.dumps(figures))
    sys.exit(any(figure.get("rows that differ") or figure.get("failed") for figure in figures.values()))


if __name__ == "__main__":
    main()
