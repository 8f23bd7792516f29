#!/usr/bin/env python3
"""
Two passes over 128 real news pages of 91 outlets, served on loopback.

    python benchmarks/replay.py [--shared ../shared] [--json] [--kill N]

Starts `tools/replay_site.py` of the shared folder, writes a configuration for its outlets, runs
`presswatch run --all` twice as a reader would, and prints what the outlets saw and what the
archive holds. `--kill N` instead ends the first pass N times with SIGKILL at random moments and
then lets it complete. Exit code 1 when something that must hold does not.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Seconds that an outlet takes for each answer.
LATENCY = 0.02
CONFIG = """\
[fetch]
user_agent = "presswatch-replay/1 (+mailto:replay@example.org)"
pace = "0s"
allowed_addresses = [{addresses}]

[archive]
database = "archive.db"
warc_folder = "warc"

[passes]
oldest_entry = "all"

[digest]
title = "Replay"
timezone = "UTC"
at = "06:00"
folder = "digests"
"""


@contextmanager
def replay_site(shared: Path, port: int) -> Iterator[dict]:
    """The outlets, as `replay_site.py` describes them on its first line."""
    tool = [sys.executable, shared / "tools/replay_site.py", "--corpus", shared / "corpus/fundus-dev"]
    process = subprocess.Popen(
        [*tool, "--port", str(port), "--max-seconds", "900", "--latency", str(LATENCY)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def write_config(folder: Path, outlets: list[dict]) -> None:
    """A configuration that watches the feed of every outlet."""
    folder = folder / "config"
    (folder / "sources").mkdir(parents=True)
    addresses = ", ".join(json.dumps(outlet["home"].removeprefix("http://").rstrip("/")) for outlet in outlets)
    (folder / "presswatch.toml").write_text(CONFIG.format(addresses=addresses), encoding="utf-8")
    tables = (
        f"[outlet-{number:03}]\ntitle = {json.dumps(outlet['name'])}\nhome_url = {json.dumps(outlet['home'])}\n"
        f"feeds = [{json.dumps(outlet['feed'])}]\n"
        for number, outlet in enumerate(outlets)
    )
    (folder / "sources/outlets.toml").write_text("\n".join(tables), encoding="utf-8")


def presswatch(folder: Path, *words: str) -> list[str]:
    """The command line of `presswatch` on this configuration."""
    return [sys.executable, "-m", "archive.cli", "--config", str(folder / "config"), *words]


def seen_by_outlets(site: dict) -> list[dict]:
    """What the outlets were asked for, in order."""
    with urllib.request.urlopen(site["control"] + "/log", timeout=10) as answer:  # noqa: S310 - our own server
        return [json.loads(line) for line in answer.read().decode().splitlines()]


def query(database: Path, sql: str) -> list[tuple]:
    """Rows of the archive."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def one_pass(folder: Path) -> dict:
    """Run one pass; its result, and the seconds it took."""
    started = time.monotonic()
    done = subprocess.run(
        presswatch(folder, "run", "--all", "--json"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"the pass failed:\n{done.stderr[-3000:]}")
    return {**json.loads(done.stdout), "seconds": round(time.monotonic() - started, 1)}


def closest_answers(log: list[dict]) -> float:
    """
    The shortest time in seconds between two answers of one outlet.

    Each answer takes LATENCY; were two requests in flight at one host, theirs would come closer
    than that.
    """
    by_outlet = defaultdict(list)
    for line in log:
        by_outlet[line["outlet"]].append(line["at"])
    return round(min(b - a for times in by_outlet.values() for a, b in pairwise(sorted(times))), 3)


def measure(folder: Path, site: dict) -> dict:
    """Two passes, and what is to be said of them."""
    database = folder / "archive.db"
    first = one_pass(folder)
    first_log = seen_by_outlets(site)
    second = one_pass(folder)
    second_log = seen_by_outlets(site)[len(first_log) :]
    articles = query(database, "SELECT headline, source, word_count FROM articles")
    asked_first = {}
    for line in first_log:
        asked_first.setdefault(line["outlet"], line["path"])
    return {
        "addresses": len({page["url"] for outlet in site["outlets"] for page in outlet["pages"]}),
        "articles": len(articles),
        "with headline": sum(bool(headline) for headline, _, _ in articles),
        "with source": sum(bool(source) for _, source, _ in articles),
        "with body": sum(words > 0 for _, _, words in articles),
        "robots first": sum(path == "/robots.txt" for path in asked_first.values()),
        "outlets": len(site["outlets"]),
        "closest answers of one host": closest_answers(first_log + second_log),
        "second pass": dict(second["decisions"]),
        "second pass statuses": dict(
            Counter(f"{line['status']}" for line in second_log if line["path"] != "/robots.txt")
        ),
        "requests": len(first_log) + len(second_log),
        "seconds": [first["seconds"], second["seconds"]],
        "problems": first["problems"] + second["problems"],
        "integrity": query(database, "PRAGMA integrity_check")[0][0],
    }


def kill_and_complete(folder: Path, times: int, seed: int) -> dict:
    """End a pass by SIGKILL at random moments, then let it complete."""
    dice = random.Random(seed)  # noqa: S311
    database = folder / "archive.db"
    states = []
    for _ in range(times):
        process = subprocess.Popen(
            presswatch(folder, "run", "--all"), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(dice.uniform(1.0, 8.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if database.exists():
            states.append(
                (
                    query(database, "PRAGMA integrity_check")[0][0],
                    query(database, "SELECT COUNT(*) FROM articles")[0][0],
                )
            )
    final = one_pass(folder)
    return {
        "kills": times,
        "integrity": sorted({state for state, _ in states}),
        "articles after each kill": [count for _, count in states],
        "articles": query(database, "SELECT COUNT(*) FROM articles")[0][0],
        "distinct URLs": query(database, "SELECT COUNT(DISTINCT url) FROM articles")[0][0],
        "problems": final["problems"],
    }


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder with tools/ and corpus/")
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--kill", type=int, metavar="N", help="end a pass N times with SIGKILL, then complete it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="work in this new folder and keep it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (options.shared / "tools/replay_site.py").exists():
        sys.exit(f"skipped: no {options.shared}/tools/replay_site.py")
    with tempfile.TemporaryDirectory() as temporary, replay_site(options.shared, options.port) as site:
        folder = options.keep or Path(temporary) / "replay"
        write_config(folder, site["outlets"])
        # Two of the 129 pages are one address at two times: the site can serve only one of them.
        pages = len({page["url"] for outlet in site["outlets"] for page in outlet["pages"]})
        if options.kill:
            figures = kill_and_complete(folder, options.kill, options.seed)
            good = figures["articles"] == figures["distinct URLs"] == pages and set(figures["integrity"]) <= {"ok"}
        else:
            figures = measure(folder, site)
            good = (
                all(figures[key] == pages for key in ("articles", "with headline", "with source", "with body"))
                and figures["closest answers of one host"] >= LATENCY
                and figures["robots first"] == figures["outlets"]
                and not {"add", "duplicate", "revise"} & set(figures["second pass"])
                and set(figures["second pass statuses"]) == {"304"}
                and sum(figures["seconds"]) <= 60
            )
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>28}  {value}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
