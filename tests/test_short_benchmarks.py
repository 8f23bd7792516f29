"""Benchmarks of searches, pages and stories of dense days: a short run of each, without a look at its times."""

import asyncio
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from archive.store import Archive

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
import hostile  # noqa: E402
import pages  # noqa: E402
from million import fill, word  # noqa: E402

NAMES = ["Today", "Search", "Search since:7d", "Story", "Article", "Changes", "CVEs", "Sources"]
COUNTS = (150, 300)


def run(name, *words):
    command = [sys.executable, BENCHMARKS / f"{name}.py", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr[-2000:]
    return done.stdout


def test_hostile_queries_are_counted_and_the_worst_are_named():
    told = run("hostile", "--count", 200, "--random", 40)
    (asked, understood) = map(int, re.match(r"(\d+) queries, (\d+) understood, no exception\n", told).groups())
    assert len(hostile.named()) + 40 == asked
    assert 0 < understood < asked
    for line in (r"median of ordinary queries \d+\.\d\d ms", r"more than 10 times the ordinary median .*: \d+"):
        assert re.search(line, told)
    for name, row in (("slowest:", r"\d+\.\d ms '.*'"), ("thousands of steps:", r"\d+ '.*'")):
        _, _, rows = told.partition(f"{name}\n")
        assert all(re.fullmatch(f"  {row}", line.replace('"', "'")) for line in rows.splitlines()[:3])


def test_the_same_seed_asks_the_same():
    assert list(islice(hostile.hostile(3), 80)) == list(islice(hostile.hostile(3), 80))


def test_no_hostile_query_has_sqlite_do_much_more_than_the_most_frequent_word(tmp_path):
    """Steps of its machine, since times hang on what else the machine does."""
    with Archive.open(tmp_path / "a.db", write=True) as archive:
        fill(archive, 600)
        most = hostile.ask(archive, word(0)).steps
        # What may be there instead of a frequent word: the two are not compared row by row.
        mixed = [f"{what} OR {word(0)}" for what in ("since:1d", "has:cve", "source:s1", "-bobo", "is:starred")]
        hard = [*mixed, *hostile.named(), *islice(hostile.hostile(9), 400)]
        asked = [hostile.ask(archive, query) for query in hard]
    assert most > 10
    assert [] == [one.query for one in asked if one.steps > 5 * most]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


def test_each_page_of_each_archive_is_visited_and_counted(folder):
    sizes = {count: pages.browse(pages.made(folder, count), is_public=False) for count in COUNTS}
    found = asyncio.run(pages.measure(sizes, 2))
    for served in sizes.values():
        served.executor.shutdown()
        served.get_database().close()
    assert NAMES == list(found)
    assert all({*COUNTS} == spent.keys() for spent in found.values())


@pytest.mark.parametrize("more", [(), ("--public",)], ids=["private", "public"])
def test_the_table_of_pages_has_a_row_a_page_and_a_ratio_a_size(folder, more):
    told = run("pages", "--counts", ",".join(map(str, COUNTS)), "--folder", folder, "--times", 2, *more)
    head, *rows = told.splitlines()
    assert [str(count) for count in COUNTS] == re.findall(r"(\d+) ms", head)
    assert NAMES == [row[:16].strip() for row in rows]
    assert all(re.match(r".{16} +\d+\.\d +1\.00 +\d+\.\d +\d+\.\d\d(  more than it may)?$", row) for row in rows)
    assert {f"{count}.db" for count in COUNTS} <= {path.name for path in folder.iterdir()}


def test_placing_into_stories_is_measured_at_each_density():
    told = run("dense", "--a-day", "60,120", "--days", 2, "--new", 10)
    head, *lines = told.splitlines()
    assert ["a day", "around", "ms"] == re.split(r" {2,}", head.strip())[:3]
    assert ["60", "120"] == [line.split()[0] for line in lines[:2]]
