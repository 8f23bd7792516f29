"""
What it costs to start a command: seconds of CPU, and modules loaded.

    python benchmarks/startup.py [--runs N] [--page FILE]

Each command has a process of its own; the median of N runs counts. The archive is a new one and the
page one of the tests, so that hardly more than starting is measured. `--help` and `--version`
should take at most .15 s and 150 modules, `read` of one page at most .6 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
# A page as most are: with JSON-LD, a date and authors.
PAGE = ROOT / "tests/pages/json-ld-graph/source.html"
# The last line that it writes to stderr: what the process spent, and how much it loaded.
PROGRAM = """
import sys, time
from archive.cli import main
try:
    main()
finally:
    print(time.process_time(), len(sys.modules), file=sys.stderr)
"""
COMMANDS = (
    "--help",
    "--version",
    "sources --help",
    "read PAGE",
    "read --format json PAGE",
    "read --format html PAGE",
    "init FOLDER",
    "search harbour",
    "export",
    "sources list",
    "sources export",
    "check --heartbeat",
    "check",
    "prune",
    "digest --help",
    "watch --help",
)


def measure(words: list[str], folder: Path, runs: int) -> tuple[float, int]:
    """The median of the seconds of CPU, and the modules."""
    seconds, modules = [], 0
    for _ in range(runs):
        command = [sys.executable, "-c", PROGRAM, *words]
        ended = subprocess.run(
            command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
        )
        said = ended.stderr.split()
        seconds.append(float(said[-2]))
        modules = int(said[-1])
    return statistics.median(seconds), modules


def python_alone(runs: int) -> float:
    """Seconds of CPU that an empty program takes on this machine as it is now."""
    program = "import time; print(time.process_time())"
    ends = [subprocess.run([sys.executable, "-c", program], capture_output=True, check=True) for _ in range(runs)]
    return statistics.median(float(ended.stdout) for ended in ends)


def environment(folder: Path) -> dict[str, str]:
    """That of this process, with the configuration of *folder* and no other."""
    return {**os.environ, "PRESSWATCH_CONFIG": str(folder / "config"), "PRESSWATCH_DATA": str(folder / "data")}


def prepare(folder: Path) -> None:
    """The starter configuration, and an archive without articles."""
    for words in (["init", str(folder / "config"), "--contact", "reader@tide-readers.org"], ["prune"]):
        command = [sys.executable, "-m", "archive.cli", *words]
        subprocess.run(command, cwd=folder, env=environment(folder), check=True, capture_output=True)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="presswatch-startup-") as name:
        folder = Path(name)
        prepare(folder)
        print(f"python alone takes {python_alone(options.runs):.2f} s\n")
        print(f"{'command':<26} {'CPU s':>6} {'modules':>8}")
        for number, command in enumerate(COMMANDS):
            places = {"PAGE": str(options.page.absolute()), "FOLDER": str(folder / f"new{number}")}
            seconds, modules = measure([places.get(word, word) for word in command.split()], folder, options.runs)
            print(f"{command:<26} {seconds:>6.2f} {modules:>8}")


if __name__ == "__main__":
    main()
