"""
Pages per CPU second from bytes to Article, beside trafilatura with metadata on the same pages.

    python benchmarks/speed.py --corpus DIR [--set NAME …] [--rounds N]
    python benchmarks/speed.py --corpus DIR [--set NAME …] --memory N

A round reads every page with both, one after the other, the first of a page changing with each
page: what else the machine does meets both alike. trafilatura is given text that is already decoded; the
collector of both looks as seldom as in our workers. Printed are the median of the rounds, their
ratio, and the share of each stage of ours, measured in a pass of its own. `--memory` reads the pages
over and over until N were read, in one worker process as passes have it, and prints the most
resident memory that the worker took, every 500 pages. DIR may be one set’s folder.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import TypeVar

from predict import gold_files

from archive.run.readers import YOUNG_OBJECTS, ReaderPool
from scraper.encoding import decode
from scraper.errors import PageError
from scraper.read import Document, Reader
from scraper.read.access.judge import judge_access
from scraper.read.facts.headline import choose_headline
from scraper.read.facts.metadata import find_metadata
from scraper.read.label.labels import label_blocks
from scraper.read.labelled import find_clues
from scraper.read.page.parse import parse_page
from scraper.read.page.walk import walk

_PAGES_BETWEEN_REPORTS = 500
_Result = TypeVar("_Result")


# Says neither its language nor its date, and is short: all that is loaded for such pages alone is
# loaded by it.
_RARE = Document(
    b"<!doctype html><p>The harbour master closed both locks on Monday after divers had found the chain cut.",
    "http://unknown.invalid/",
    None,
)


def load(gold: Path) -> Document:
    """The page of a gold file."""
    page = json.loads(gold.read_text(encoding="utf-8"))
    body = gzip.decompress((gold.parents[1] / page["html"]).read_bytes())
    content_type = f"text/html; charset={page['charset']}" if page.get("charset") else None
    return Document(body, page["url"] or "http://unknown.invalid/", content_type)


def read(document: Document) -> None:
    """Read with presswatch."""
    try:
        Reader().read(document)
    except PageError:
        return


def seconds_of(reading: Callable[[], object]) -> float:
    """CPU time of one reading."""
    started = time.process_time()
    reading()
    return time.process_time() - started


def compare(documents: list[Document], rounds: int) -> list[tuple[float, float]]:
    """CPU seconds of both over all pages, for each round."""
    from trafilatura import bare_extraction  # noqa: PLC0415 - it would count as our memory

    def read_by_trafilatura(document: Document) -> float:
        text = decode(document.body, document.content_type).text
        return seconds_of(lambda: bare_extraction(text, url=document.url, with_metadata=True))

    for document in (_RARE, *documents[:5]):  # what is loaded at the first use counts for neither
        read(document)
        read_by_trafilatura(document)
    results = []
    for number in range(rounds):
        ours = theirs = 0.0
        gc.collect()
        for place, document in enumerate(documents):
            if (place + number) % 2:
                theirs += read_by_trafilatura(document)
                ours += seconds_of(partial(read, document))
            else:
                ours += seconds_of(partial(read, document))
                theirs += read_by_trafilatura(document)
        results.append((ours, theirs))
    return results


def stage_seconds(documents: list[Document]) -> Counter[str]:
    """CPU seconds of each stage over all pages; what no stage accounts for is the rest."""
    spent: Counter[str] = Counter()

    def timed(stage: str, step: Callable[[], _Result]) -> _Result:
        started = time.process_time()
        result = step()
        spent[stage] += time.process_time() - started
        return result

    for document in documents:
        whole = seconds_of(partial(read, document))
        before = spent.total()
        try:
            page = timed("encoding, parse", lambda: parse_page(document.body, document.url, document.content_type))  # noqa: B023 - called at once
        except PageError:
            continue
        metadata = timed("metadata", lambda: find_metadata(page))  # noqa: B023 - called at once
        outline = timed("walk", lambda: walk(page))  # noqa: B023 - called at once
        headline = timed("headline", lambda: choose_headline(metadata, outline.blocks))  # noqa: B023 - called at once
        clues = find_clues(page.url, metadata, headline)
        blocks = timed("labels", lambda: label_blocks(outline, clues))  # noqa: B023 - called at once
        timed("access", lambda: judge_access(page, metadata, blocks))  # noqa: B023 - called at once
        spent["rest"] += whole - (spent.total() - before)
    return spent


def worker_megabytes() -> float:
    """Memory of the largest process that this one started, as Linux tells it; 0 where there is none."""
    lists = [path.read_text(encoding="ascii").split() for path in Path("/proc/self/task").glob("*/children")]
    sizes = []
    for child in (pid for children in lists for pid in children):
        try:
            sizes.append(int(Path(f"/proc/{child}/statm").read_text(encoding="ascii").split()[1]))
        except OSError:  # it ended meanwhile
            continue
    return max(sizes, default=0) * 4096 / 1e6


def watch_memory(files: list[Path], count: int) -> None:
    """
    Read *count* pages in a worker as passes do, and print the most memory that it took, every so
    often.
    """
    most = 0.0
    with ReaderPool(1, timedelta(minutes=1)) as readers:
        for number, file in enumerate(islice(cycle(files), count), 1):
            document = load(file)
            with suppress(PageError):
                readers.submit(document).result()
            most = max(most, worker_megabytes())
            if number % _PAGES_BETWEEN_REPORTS == 0 or number == count:
                print(f"{number:7} pages {most:8.1f} MB at most", flush=True)
                most = 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=int, metavar="N")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # trafilatura's date parser warns of zones it does not know
    files = list(gold_files(options.corpus, options.set))
    if not files:
        sys.exit(f"no gold files below {options.corpus}")
    if options.memory:
        watch_memory(files, options.memory)
        return
    documents = [load(file) for file in files]
    gc.set_threshold(YOUNG_OBJECTS)
    rounds = compare(documents, options.rounds)
    print(f"{len(documents)} pages, {len(rounds)} rounds, pages per CPU second (median; least to most)")
    for name, seconds in zip(("presswatch", "trafilatura"), zip(*rounds, strict=True), strict=True):
        speeds = sorted(len(documents) / value for value in seconds)
        print(f"  {name:12} {median(speeds):8.1f}   {speeds[0]:.1f} to {speeds[-1]:.1f}")
    print(f"  ratio        {median(theirs / ours for ours, theirs in rounds):8.2f}")
    spent = stage_seconds(documents)
    print("stage            ms a page   share")
    for stage, seconds_spent in spent.items():
        milliseconds = 1000 * seconds_spent / len(documents)
        print(f"  {stage:15} {milliseconds:8.2f} {seconds_spent / spent.total():7.1%}")


if __name__ == "__main__":
    main()
