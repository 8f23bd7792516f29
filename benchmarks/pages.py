"""
What the pages of browse cost in archives of different sizes: each page is asked of each archive in turn,
by datasette's client in this process. The archives are those of `benchmarks/million.py`.

    python benchmarks/pages.py --counts 10000,100000 --folder /tmp/million

Printed are milliseconds of this process (all of its threads; the median of so many visits, behind one
that warms up) and the ratio to the first archive. What is served is the archive itself, as with --private;
--public has its public view, as browse without it.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

from datasette.app import Datasette
from million import fill, queries

from archive.browse.serve import PLUGINS, SETTINGS, STATIC, TEMPLATES, Served, browse_metadata
from archive.commands.served.browse import public_view
from archive.store import Archive

_MOST = 1.5  # times as much may a page of a larger archive cost


def made(folder: Path, count: int) -> Path:
    """The archive of so many articles, made where it is missing."""
    path = folder / f"{count}.db"
    is_new = not path.exists()
    with Archive.open(path, write=True) as archive:
        if is_new:
            fill(archive, count)
    return path


def browse(database: Path, *, is_public: bool) -> Datasette:
    """Datasette as the command sets it up."""
    served = Served(database)
    served = public_view(served) if is_public else served
    return Datasette(
        [str(served.database)],
        metadata=browse_metadata(served),
        template_dir=str(TEMPLATES),
        plugins_dir=str(PLUGINS),
        static_mounts=[(STATIC[0], str(STATIC[1]))],
        settings=SETTINGS,
    )


def pages(count: int, times: int) -> Iterator[tuple[str, list[str]]]:
    """By name: the addresses of a page, one for each visit; those of archives of *count* articles."""
    asked = list(islice(queries(3), times))
    yield "Today", ["/"] * times
    yield "Search", [f"/search?{urlencode({'q': query})}" for query in asked]
    yield "Search since:7d", [f"/search?{urlencode({'q': f'{query} since:7d'})}" for query in asked]
    # Of the latest articles: three are a story in each of these archives.
    yield "Story", [f"/story/{(count - 7 * n) // 3}" for n in range(times)]
    yield "Article", [f"/article/{count - 7 * n}" for n in range(times)]
    yield "Changes", ["/changes"] * times
    yield "CVEs", ["/cves"] * times
    yield "Sources", ["/sources"] * times


async def measure(sizes: dict[int, Datasette], times: int) -> dict[str, dict[int, float]]:
    """Milliseconds by page and size; the archives are asked by turns, so that other work falls on all of them."""
    plans = {count: dict(pages(count, times)) for count in sizes}
    found: dict[str, dict[int, float]] = {}
    for name in next(iter(plans.values())):
        spent: dict[int, list[float]] = {count: [] for count in sizes}
        for n in range(times):
            for count, datasette in sizes.items():
                begin = time.process_time()
                answer = await datasette.client.get(plans[count][name][n])
                spent[count].append((time.process_time() - begin) * 1000)
                assert answer.status_code == 200, (name, answer.status_code)
        found[name] = {count: statistics.median(every[1:] or every) for count, every in spent.items()}
    return found


def main() -> None:
    """Make the archives that are not there yet, visit, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--counts", default="10000,100000")
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "presswatch-million")
    options.add_argument("--times", type=int, default=20)
    options.add_argument("--public", action="store_true")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    counts = [int(count) for count in given.counts.split(",")]
    sizes = {count: browse(made(given.folder, count), is_public=given.public) for count in counts}
    found = asyncio.run(measure(sizes, given.times))
    print(f"{'':16}" + "".join(f"{count:>12} ms      ×" for count in counts))
    for name, spent in found.items():
        ratios = [spent[count] / max(spent[counts[0]], 0.01) for count in counts]
        row = "".join(f"{spent[count]:>15.1f}{ratio:>7.2f}" for count, ratio in zip(counts, ratios, strict=True))
        print(f"{name:16}{row}{'  more than it may' if max(ratios) > _MOST else ''}")


if __name__ == "__main__":
    main()
