#!/usr/bin/env python3
"""
How fast are WARC files taken in, and is the archive the same however often that is interrupted?

    python benchmarks/backfill.py --corpus DIR [--pages N] [--rounds N] [--only PART …] [--json]

The pages of the corpus (or N of them, spread evenly) are written as one WARC file. Parts:

* `corpus`: pages a second of `presswatch import` (reading, deciding, writing), beside trafilatura
  with metadata in as many processes, which writes nothing. Both take their pages out of the same
  file with the same reader, and are started before the clock. By turns; the ratio is of one round.
* `sites`: the same for twenty pages a site. They are made of one page of the corpus each: in every
  stretch of text of twelve words and more the words of four letters and more change their places,
  drawn anew for each copy; so markup, lengths and vocabulary are those of the page, and no two
  texts are alike; where a page names its own address, a copy names that of its own. Pages in other
  than Latin letters stay out.
* `again`: a second import of the file, as a share of the first one's time; rows that came.
* `kills`: SIGKILL to the program and its readers ten times in the middle of an import of 200 pages,
  each time further on; then the archive has to hold what an undisturbed import gives.
* `memory`: the most resident memory of the program and of a worker while N pages are taken in,
  which come round again under other addresses.

Printed with each speed: the writer's share of all CPU time (it decides and writes; the others
read), and how busy the cores were. Exit code 1 where archives differ.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from urllib.parse import urlsplit

from kills import content, difference
from pebble import ProcessPool
from predict import gold_files
from speed import load, worker_megabytes

from archive.run.imports.importer import Importer
from archive.run.imports.stopwatch import Part, Stopwatch
from archive.run.readers import ReaderPool, document_of, read_all
from archive.settings import Settings, read_settings
from archive.store import Archive
from archive.store.captures import CaptureWriter, read_warc
from scraper.encoding import decode
from scraper.model import RawExchange
from scraper.read import Document

ROOT = Path(__file__).parents[1]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
COPIES = 20
_TEXT = re.compile(rb">([^<>{}]{60,})<")
_WORD = re.compile(rb"\b[A-Za-z]{4,}\b")
_FEWEST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Speed:
    """What one import or one reading took: seconds, and CPU seconds of this process and of the readers."""

    pages: int
    seconds: float
    own: float
    readers: float

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


def exchange_of(document: Document, number: int, url: str | None = None, body: bytes | None = None) -> RawExchange:
    """A page as a response; a minute after the one before it."""
    return RawExchange(
        url=url or document.url,
        at=BEGIN + timedelta(minutes=number),
        method="GET",
        request_headers=(),
        status=200,
        reason="OK",
        http_version="HTTP/1.1",
        headers=(("Content-Type", document.content_type or "text/html"),),
        body=document.body if body is None else body,
    )


def varied(body: bytes, dice: Random) -> bytes | None:
    """A page with other texts in the same words; None where too little of it is in Latin letters."""
    count = 0

    def mixed(text: re.Match[bytes]) -> bytes:
        nonlocal count
        words = _WORD.findall(text[1])
        if len(words) < _FEWEST_WORDS:
            return text[0]
        count += len(words)
        dice.shuffle(words)
        left = iter(words)
        return b">" + _WORD.sub(lambda _: next(left), text[1]) + b"<"

    made = _TEXT.sub(mixed, body)
    return made if count >= 5 * _FEWEST_WORDS else None


def copies_of(documents: Iterable[Document], count: int) -> Iterator[RawExchange]:
    """Twenty pages of each site, by turns of all of them, until there are *count*."""
    made = 0
    for number, document in enumerate(documents):
        host, own = urlsplit(document.url).hostname or "unknown.invalid", urlsplit(document.url).path.encode()
        for copy in range(COPIES):
            body = varied(document.body, Random(f"{document.url}/{copy}"))  # noqa: S311
            if body is None or made == count:
                break
            path = f"/story-{copy}-{number}"
            # The page names its own address; else all copies were versions of one article.
            body = body.replace(own, path.encode()) if len(own) > 1 else body
            yield exchange_of(document, made, f"https://s{number}.{host}{path}", body)
            made += 1


def write_warc(folder: Path, name: str, exchanges: Iterable[RawExchange]) -> Path:
    """One file with these responses."""
    with CaptureWriter(folder, name, 1 << 60) as writer:
        for exchange in exchanges:
            writer.write(exchange)
    return next(folder.glob(f"{name}-0*"))


def settings_for(folder: Path) -> Settings:
    """The starter configuration, with an archive in *folder*."""
    found = read_settings(ROOT / "config", environ={})
    return replace(
        found, sources=(), archive=replace(found.archive, database=folder / "a.db", warc_folder=folder / "w")
    )


def cpu_of(processes: Iterable[int]) -> float:
    """CPU seconds that processes took so far; of one that ended nothing is known any more."""
    ticks = 0
    for process in processes:
        with suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children() -> list[int]:
    """The processes that this one started."""
    lists = [path.read_text(encoding="ascii").split() for path in Path("/proc/self/task").glob("*/children")]
    return [int(process) for processes in lists for process in processes]


def import_file(file: Path, folder: Path, jobs: int, watch: Stopwatch | None = None) -> Speed:
    """Take a file in, in *jobs* readers that have started."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = settings_for(folder)
    first = document_of(next(iter(read_warc(file))))
    with Archive.open(settings.archive.database, write=True) as archive, ReaderPool(jobs, timedelta(minutes=5)) as pool:
        for started in [pool.submit_with_traits(first) for _ in range(4 * jobs)]:
            started.exception()
        readers = children()
        before, own, begin = cpu_of(readers), time.process_time(), time.perf_counter()
        importer = Importer(
            archive, settings, pool, ahead=8 * jobs, now=lambda: BEGIN + timedelta(days=99), watch=watch
        )
        report = importer.take_in(file)
        spent = time.perf_counter() - begin, time.process_time() - own, cpu_of(readers) - before
    return Speed(report.count, *spent)


def _by_trafilatura(document: Document) -> int:
    from trafilatura import bare_extraction  # noqa: PLC0415 - in the workers alone

    text = decode(document.body, document.content_type).text
    return len(str(bare_extraction(text, url=document.url, with_metadata=True)))


def read_by_trafilatura(file: Path, jobs: int) -> Speed:
    """The same pages, read by trafilatura in as many processes; nothing is kept."""
    first = document_of(next(iter(read_warc(file))))
    with ProcessPool(max_workers=jobs, context=get_context("spawn")) as pool:

        def submit(document: Document) -> Future[int]:
            result: Future[int] = pool.submit(_by_trafilatura, 300, document)
            return result

        for started in [submit(first) for _ in range(4 * jobs)]:
            started.exception()
        readers = children()
        before, own, begin = cpu_of(readers), time.process_time(), time.perf_counter()
        documents = ((None, document_of(exchange)) for exchange in read_warc(file))
        count = sum(1 for _ in read_all(documents, submit, 8 * jobs))
        spent = time.perf_counter() - begin, time.process_time() - own, cpu_of(readers) - before
    return Speed(count, *spent)


def compare(file: Path, folder: Path, rounds: int, jobs: int) -> dict[str, object]:
    """Import beside trafilatura, by turns."""
    ours, theirs = [], []
    watch = Stopwatch(time.perf_counter)
    for number in range(rounds):
        turns = [
            lambda number=number: ours.append(import_file(file, folder / str(number), jobs, watch)),
            lambda: theirs.append(read_by_trafilatura(file, jobs)),
        ]
        for turn in turns[:: 1 if number % 2 else -1]:
            turn()
    return {
        "pages": ours[0].pages,
        "pages a second": round(median(one.rate for one in ours), 1),
        "trafilatura": round(median(one.rate for one in theirs), 1),
        "ratio": round(median(one.rate / other.rate for one, other in zip(ours, theirs, strict=True)), 2),
        "ratio of CPU time": round(
            median(
                (other.own + other.readers) / (one.own + one.readers) for one, other in zip(ours, theirs, strict=True)
            ),
            2,
        ),
        "writer's share of CPU": round(median(one.own / (one.own + one.readers) for one in ours), 3),
        "cores busy": round(median((one.own + one.readers) / one.seconds / jobs for one in ours), 2),
        "writer's seconds": {part.value: round(watch.seconds[part] / rounds, 1) for part in Part},
    }


def again(file: Path, folder: Path, jobs: int) -> dict[str, object]:
    """A second import of a file that was taken in."""
    first = import_file(file, folder, jobs)
    before = content(folder / "a.db")
    second = import_file(file, folder, jobs)
    return {
        "share of the first one's time": round(second.seconds / first.seconds, 4),
        "rows that came": len(difference(before, content(folder / "a.db"))),
    }


def kill(file: Path, folder: Path, kills: int) -> dict[str, object]:
    """
    The program, killed so many times; then to its end.

    It says itself how far it is: to ask the archive would take more time than reading does. What is
    told is not committed yet, so that a kill hits an open transaction, or soon after that whatever
    comes.
    """
    count = import_file(file, folder / "undisturbed", 1).pages
    work = folder / "killed"
    work.mkdir()
    words = [sys.executable, __file__, "--import", str(file), str(work)]
    kept = []
    for number in range(kills):
        wanted = count * (2 * number + 1) // (2 * kills)
        process = subprocess.Popen(words, start_new_session=True, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= wanted:
                break
        time.sleep(Random(number).random() / 2)  # noqa: S311 - somewhere in what follows
        os.killpg(process.pid, signal.SIGKILL)  # it has not been waited for: there is such a group
        process.communicate()
        kept.append(_done(work / "a.db"))
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    wrong = difference(content(folder / "undisturbed" / "a.db"), content(work / "a.db"))
    return {"pages": count, "kept after each kill": kept, "rows that differ": len(wrong), "such as": wrong[:3]}


def _done(database: Path) -> int:
    """How many responses an archive has taken in."""
    with Archive.open(database, write=False) as archive:
        return sum(file.done_count for file in archive.imported_files())


def import_aloud(file: Path, folder: Path) -> None:
    """Take a file in from where it was stopped, and say how many of its responses are done."""
    settings = settings_for(folder)
    with Archive.open(settings.archive.database, write=True) as archive, ReaderPool(1, timedelta(minutes=5)) as pool:
        before = sum(one.done_count for one in archive.imported_files())
        importer = Importer(
            archive,
            settings,
            pool,
            now=lambda: BEGIN + timedelta(days=99),
            on_progress=lambda report: print(before + report.count, flush=True),
        )
        importer.take_in(file)


def watch_memory(documents: list[Document], folder: Path, count: int, jobs: int) -> dict[str, object]:
    """Take many pages in, and see how much memory that takes."""
    round_trips = enumerate(islice(cycle(documents), count))
    pages = (exchange_of(one, n, f"https://r{n // len(documents)}.example/{n}", one.body) for n, one in round_trips)
    file, settings = write_warc(folder, "many", pages), settings_for(folder)
    sizes: dict[int, tuple[float, float]] = {}

    def see(report: object) -> None:
        number = getattr(report, "count", 0)
        if number % max(1, count // 10) == 0:
            own = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6
            sizes[number] = round(own), round(worker_megabytes())

    with Archive.open(settings.archive.database, write=True) as archive, ReaderPool(jobs, timedelta(minutes=5)) as pool:
        Importer(archive, settings, pool, now=lambda: BEGIN + timedelta(days=99), on_progress=see).take_in(file)
    return {"MB of the writer and of a reader, by pages": sizes}


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--pages", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--kill-pages", type=int, default=200)
    parser.add_argument("--memory", type=int, default=50_000)
    parts = ("corpus", "sites", "again", "kills", "memory")
    parser.add_argument("--only", nargs="*", choices=parts, default=parts)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--import", nargs=2, type=Path, dest="to_import", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.to_import:
        import_aloud(*options.to_import)
        return
    files = list(gold_files(options.corpus, []))
    files = files[:: max(1, len(files) // options.pages)][: options.pages] if options.pages else files
    documents = [load(file) for file in files]
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = write_warc(folder, "corpus", (exchange_of(one, n) for n, one in enumerate(documents)))
        for part in options.only:
            work = folder / part
            work.mkdir()
            if part == "corpus":
                figures[part] = compare(corpus, work, options.rounds, options.jobs)
            elif part == "sites":
                sites = write_warc(work, "sites", copies_of(documents, len(documents)))
                figures[part] = compare(sites, work, options.rounds, options.jobs)
            elif part == "again":
                figures[part] = again(corpus, work, options.jobs)
            elif part == "kills":
                some = documents[:: max(1, len(documents) // options.kill_pages)][: options.kill_pages]
                short = write_warc(work, "short", (exchange_of(one, n) for n, one in enumerate(some)))
                figures[part] = kill(short, work, options.kills)
            else:
                figures[part] = watch_memory(documents, work, options.memory, options.jobs)
            if not options.json:
                print(part, json.dumps(figures[part], indent=2), flush=True)
    if options.json:
        print(json.dumps(figures))
    killed = figures.get("kills")
    sys.exit(1 if isinstance(killed, dict) and killed["rows that differ"] else 0)


if __name__ == "__main__":
    main()
