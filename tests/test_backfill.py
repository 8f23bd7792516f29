"""
Files are made shards by workers that may be lost, come back, or say no: there is one shard of each
file in the end.
"""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from samples import NOW
from test_importing import pages, warc
from test_merging import Desk, life

from archive.cli import cli
from archive.run.fleet.backfill import backfill
from archive.run.fleet.manifest import MAKING, open_folder, read_manifest
from archive.run.fleet.outcomes import Failed, Made, Plan
from archive.run.fleet.shards import DATABASE, make_shard
from archive.run.imports.importer import Wanted
from archive.store import Archive
from scraper.errors import ArchiveError, ArchiveLockedError


class FakeFleet:
    """
    Works in this process, the last that was started first.

    Args:
        lost: How many times the worker of a file is lost, by the file's name.
        come_back: Lost workers have done their work all the same.
    """

    def __init__(self, plan, *, width=2, lost=None, come_back=False):
        self.width = width
        self.started = []
        self._plan = plan
        self._lost = lost or {}
        self._come_back = come_back
        self._at_work = []

    def start(self, file):
        assert len(self._at_work) < self.width
        self.started.append(file.name)
        self._at_work.append(file)

    def next_outcome(self):
        file = self._at_work.pop()
        is_lost = self.started.count(file.name) <= self._lost.get(file.name, 0)
        if is_lost and not self._come_back:
            return Failed(file, "the worker was lost")
        made = make_shard(self._plan, file, now=lambda: NOW, timer=lambda: 0.0)
        return Failed(file, "the worker does not answer") if is_lost else made


class Fleets:
    def __init__(self, world, folder):
        self.world = world({})
        self.files = folder / "files"
        self.files.mkdir()
        self.plan = Plan(folder / "shards", self.world.settings)

    def file(self, number, count=2):
        return warc(self.files, *pages(count, f"h{number}.example.org"), name=f"{number}.warc.gz")

    def run(self, *files, plan=None, tries=3, **more):
        """The fleet, when all of the files have ended, and what was told."""
        fleet, told = FakeFleet(plan or self.plan, **more), []
        with open_folder(plan or self.plan) as folder:
            missing = [file for file in files if not folder.has(file)]
            backfill(missing, folder, fleet, tries=tries, on_outcome=told.append)
        return fleet, told

    def shards(self):
        return sorted(path.name for path in self.plan.folder.iterdir() if path.is_dir())

    def listed(self):
        return sorted(read_manifest(self.plan.folder).shard_names())

    def urls(self):
        found = []
        for shard in self.listed():
            with Archive.open(self.plan.folder / shard / DATABASE, write=False) as archive:
                found += [stored.article.url for stored in archive.articles()]
        return sorted(found)


@pytest.fixture
def fleets(world, tmp_path):
    return Fleets(world, tmp_path)


def test_each_file_has_a_shard_with_its_digest_in_the_manifest(fleets):
    files = [fleets.file(number, number + 1) for number in range(3)]
    fleet, told = fleets.run(*files)
    assert fleets.shards() == fleets.listed()
    assert 6 == len(fleets.urls())
    assert ["2.warc.gz", "1.warc.gz", "0.warc.gz"] == fleet.started  # the largest first
    manifest = read_manifest(fleets.plan.folder)
    assert {*files} == {*manifest.outcomes}
    assert {one.file: one for one in told} == manifest.outcomes
    assert all(one.digest.startswith(one.shard) for one in told)
    assert not (fleets.plan.folder / MAKING).exists()


@pytest.mark.parametrize("come_back", [False, True])
@pytest.mark.parametrize("is_apart", [False, True])
def test_the_file_of_a_lost_worker_is_done_again_behind_the_others_and_counts_once(
    fleets, tmp_path, come_back, is_apart
):
    files = [fleets.file(number) for number in range(3)]
    plan = Plan(fleets.plan.folder, fleets.plan.settings, scratch=tmp_path / "scratch" if is_apart else None)
    fleet, told = fleets.run(*files, plan=plan, width=1, lost={fleets.file(0).name: 2}, come_back=come_back)
    assert ["0.warc.gz", "0.warc.gz"] == fleet.started[-2:]
    assert 5 == len(fleet.started)
    assert {Made} == set(map(type, told))
    assert 3 == len(fleets.listed())
    assert fleets.shards() == fleets.listed()
    assert 6 == len(fleets.urls()) == len(set(fleets.urls()))
    assert not is_apart or not list((tmp_path / "scratch").iterdir())


def test_a_file_that_fails_for_good_is_named_and_stops_no_other(fleets):
    files = [fleets.file(number) for number in range(3)]
    _, told = fleets.run(*files, lost={"1.warc.gz": 99})
    (failed,) = read_manifest(fleets.plan.folder).failed()
    assert Failed(files[1], "the worker was lost", 3) == failed
    assert failed in told
    assert 2 == len(fleets.listed())
    fleet, _ = fleets.run(*files)
    assert ["1.warc.gz"] == fleet.started
    assert 3 == len(fleets.listed())
    assert not read_manifest(fleets.plan.folder).failed()


def test_a_file_that_is_gone_is_a_failure_with_its_reason(fleets):
    path = fleets.file(0)

    class Forgetful(FakeFleet):
        def start(self, file):
            super().start(file)
            path.unlink(missing_ok=True)

    with open_folder(fleets.plan) as folder:
        backfill([path], folder, Forgetful(fleets.plan), tries=1)
    (failed,) = read_manifest(fleets.plan.folder).failed()
    assert "No such file" in failed.problem
    assert str(path) in failed.problem


def test_a_second_run_makes_what_is_missing_alone(fleets):
    files = [fleets.file(number) for number in range(3)]
    fleets.run(*files[:2])
    fleet, _ = fleets.run(*files)
    assert ["2.warc.gz"] == fleet.started
    fleet, _ = fleets.run(*files)
    assert [] == fleet.started
    assert 6 == len(fleets.urls())


def test_a_file_that_changed_is_done_again_and_its_former_shard_goes(fleets):
    path = fleets.file(0)
    fleets.run(path)
    (before,) = fleets.shards()
    warc(fleets.files, *pages(3, "h0.example.org"), name=path.name)
    fleets.run(path)
    (after,) = fleets.shards()
    assert before != after
    assert 3 == len(fleets.urls())


def test_a_file_that_was_moved_or_copied_is_not_read_again_and_captures_follow_it(fleets):
    path = fleets.file(0)
    fleets.run(path)
    copy = path.with_name("copy.warc.gz")
    copy.write_bytes(path.read_bytes())
    moved = path.rename(path.with_name("moved.warc.gz"))
    (shard,) = fleets.shards()
    made = (fleets.plan.folder / shard / "shard.json").stat().st_mtime_ns
    fleets.run(copy, moved)
    assert [shard] == fleets.shards() == fleets.listed()
    assert made == (fleets.plan.folder / shard / "shard.json").stat().st_mtime_ns
    with Archive.open(fleets.plan.folder / shard / DATABASE, write=False) as archive:
        assert {True} == {Path(one.location.file).exists() for one in archive.all_captures()}


def test_a_driver_that_was_killed_before_it_could_note_a_shard_finds_it(fleets):
    path = fleets.file(0)
    fleets.run(path)
    manifest = fleets.plan.folder / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-9])  # in the middle of the line
    assert () == read_manifest(fleets.plan.folder).shard_names()
    fleets.run(path)
    assert fleets.shards() == fleets.listed()
    assert 2 == len(manifest.read_text().splitlines())


def test_what_workers_left_unfinished_goes(fleets, tmp_path):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    node = os.uname().nodename
    left = tmp_path / "scratch" / f"shard-{node}-{int(gone.stdout)}-x"
    at_work = tmp_path / "scratch" / f"shard-{node}-{os.getpid()}-x"
    other = fleets.plan.folder / MAKING / "shard-elsewhere-1-x"
    for folder in (left, at_work, other):
        folder.mkdir(parents=True)
    fleets.run(fleets.file(0), plan=Plan(fleets.plan.folder, fleets.plan.settings, scratch=tmp_path / "scratch"))
    assert [at_work] == list((tmp_path / "scratch").iterdir())
    assert not other.exists()


def test_shards_of_one_folder_are_made_by_the_same_choices(fleets):
    path = fleets.file(0)
    fleets.run(path)
    other = Plan(fleets.plan.folder, fleets.plan.settings, Wanted(languages=("de",), since=NOW))
    with pytest.raises(ArchiveError, match=r"were made with languages \[\], since null"):
        fleets.run(path, plan=other)


def test_one_process_at_a_time_adds_to_a_folder(fleets):
    with open_folder(fleets.plan), pytest.raises(ArchiveLockedError):
        fleets.run(fleets.file(0))


def test_a_folder_without_a_manifest_and_a_damaged_one_are_said_to_be_so(fleets, tmp_path):
    with pytest.raises(ArchiveError, match="no folder of shards"):
        read_manifest(tmp_path)
    fleets.run(fleets.file(0))
    manifest = fleets.plan.folder / "manifest.jsonl"
    manifest.write_text(manifest.read_text() + '{"file": "/x"}\n')
    with pytest.raises(ArchiveError, match="damaged"):
        read_manifest(fleets.plan.folder)


def test_shards_of_a_folder_joined_are_one_import(fleets, tmp_path):
    """Whatever workers were lost meanwhile."""
    every = list(life(5))
    files = [warc(tmp_path, *every[at : at + 8], name=f"{at}.warc.gz") for at in range(0, 24, 8)]
    desk = Desk(fleets.world, tmp_path)
    desk.take("one", *files)
    fleets.run(*files, lost={"8.warc.gz": 2})
    for shard in fleets.listed():
        (fleets.plan.folder / shard / DATABASE).rename(fleets.plan.folder / shard / "a.db")
    desk.folder = fleets.plan.folder
    desk.join(fleets.listed(), "../joined")
    desk.folder = tmp_path
    assert desk.rows("one") == desk.rows("joined")


# ---------------------------------------------------------------- the command

WITHOUT_RAY = "import sys; sys.modules['ray'] = None; from archive.cli import main; main()"


def presswatch(folder, *words, begin=("-m", "archive.cli")):
    """What the program says, in a process of its own."""
    if not (folder / "config").exists():
        assert 0 == CliRunner().invoke(cli, ["init", str(folder / "config"), "--contact", "a@b.example"]).exit_code
    command = [sys.executable, *begin, "--config", str(folder / "config"), *map(str, words)]
    env = os.environ | {"RAY_worker_niceness": "0"}  # else it waits for whatever the machine does besides
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=env)


def test_without_ray_the_way_to_it_is_told(tmp_path):
    told = presswatch(
        tmp_path, "backfill", warc(tmp_path, *pages(1)), "--out", tmp_path / "s", begin=("-c", WITHOUT_RAY)
    )
    assert (1, 'presswatch: ray is not there: pip install "presswatch[ray]"\n') == (told.returncode, told.stderr)


def test_a_ray_of_this_machine_makes_shards_that_are_joined(tmp_path):
    pytest.importorskip("ray", reason="ray is not installed")
    files = [warc(tmp_path, *pages(2, f"h{number}.example.org"), name=f"{number}.warc.gz") for number in range(2)]
    bad = warc(tmp_path, *pages(1), name="bad.warc.gz")
    (tmp_path / "shards" / sha256(bad.read_bytes()).hexdigest()[:20]).mkdir(parents=True)  # and nothing in it
    out = ("--out", tmp_path / "shards")
    told = presswatch(tmp_path, "backfill", *files, bad, *out, "--workers", "2", "--tries", "1", "--json")
    assert 1 == told.returncode, told.stderr
    assert f"failed 1 time: {bad}: " in told.stderr
    report = json.loads(told.stdout)
    assert (3, 2, 4) == (report["files"], report["made"], report["pages"])
    assert [(str(bad), 1)] == [(one["file"], one["tries"]) for one in report["failed"]]
    again = presswatch(tmp_path, "backfill", *files, *out)
    assert (0, True) == (again.returncode, "2 there before" in again.stdout)
    joined = presswatch(tmp_path, "merge", tmp_path / "shards", "--into", tmp_path / "joined.db")
    assert joined.stdout.startswith("4 add in")
    assert "1 file failed" in joined.stderr
