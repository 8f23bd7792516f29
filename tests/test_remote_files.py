"""WARC files at addresses are fetched once, within bounds, and then taken in like any other."""

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_importing import pages, warc

from archive.cli import cli
from archive.run.imports.remote import Bounds, fetch, find_parts
from archive.store import Archive
from scraper.errors import RemoteFileError

fsspec = pytest.importorskip("fsspec")
_ADDRESS = "memory://bucket/a.warc.gz"


@pytest.fixture
def bucket():
    files = fsspec.filesystem("memory")
    files.pipe("/bucket/a.warc.gz", b"0123456789")
    yield files
    files.store.clear()


def test_what_was_fetched_is_not_fetched_again(bucket, tmp_path):
    first = fetch(_ADDRESS, tmp_path)
    bucket.rm("/bucket/a.warc.gz")
    assert (first, b"0123456789") == (fetch(_ADDRESS, tmp_path), first.read_bytes())
    assert first.name.endswith("-a.warc.gz")


def test_its_progress_is_told_in_bytes(bucket, tmp_path):
    told = []
    fetch(_ADDRESS, tmp_path, on_progress=lambda done, size: told.append((done, size)))
    assert [(10, 10)] == told


@pytest.mark.parametrize(
    ("bounds", "problem"),
    [(Bounds(size=9), "has 10 bytes, more than 9"), (Bounds(time=timedelta(0)), "takes longer than 0:00:00")],
)
def test_what_takes_more_than_it_may_leaves_nothing(bounds, problem, bucket, tmp_path):
    with pytest.raises(RemoteFileError, match=problem):
        fetch(_ADDRESS, tmp_path, bounds, clock=count().__next__)
    assert [] == list(tmp_path.iterdir())


class _Line:
    """A line to a file on the disk, which breaks off."""

    def __init__(self, file, limit):
        self._file, self._left = file, limit
        self.size = None

    def read(self, _):
        if not self._left:
            raise ConnectionError("the line broke off")
        self._left -= 1
        return self._file.read(4)

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


class Shaky(fsspec.AbstractFileSystem):
    """Files of which so many pieces come at a time."""

    protocol = "shaky"
    cachable = False
    pieces = 2
    version = "1"
    names_size = True
    asked_from = ()

    def _open(self, path, *_, **__):
        line = _Line(self._lying(path).open("rb"), self.pieces)
        line.size = self._lying(path).stat().st_size if self.names_size else None
        line.seek = lambda place: (Shaky.asked_from.append(place), line._file.seek(place))
        return line

    def info(self, path, **_):
        return {"name": path, "ETag": self.version}

    @staticmethod
    def _lying(path):
        return Path(str(path).removeprefix("shaky://"))


@pytest.fixture
def shaky(tmp_path):
    """An address of ten bytes, of which eight come at a time."""
    fsspec.register_implementation("shaky", Shaky, clobber=True)
    for name, value in (("pieces", 2), ("version", "1"), ("names_size", True), ("asked_from", [])):
        setattr(Shaky, name, value)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.warc.gz").write_bytes(b"0123456789")
    return f"shaky://{tmp_path}/there/a.warc.gz"


def test_what_was_broken_off_goes_on_where_it_was(shaky, tmp_path):
    with pytest.raises(RemoteFileError, match="broke off"):
        fetch(shaky, tmp_path / "here")
    assert 1 == len(find_parts(tmp_path / "here"))
    whole = fetch(shaky, tmp_path / "here")
    assert ([8], b"0123456789", ()) == (Shaky.asked_from, whole.read_bytes(), find_parts(tmp_path / "here"))


def test_of_another_version_nothing_is_taken_over(shaky, tmp_path):
    with pytest.raises(RemoteFileError):
        fetch(shaky, tmp_path / "here")
    Shaky.version, Shaky.pieces = "2", 9
    (tmp_path / "there" / "a.warc.gz").write_bytes(b"abcdefghij")
    whole = fetch(shaky, tmp_path / "here")
    assert ([], b"abcdefghij", [whole]) == (Shaky.asked_from, whole.read_bytes(), [*(tmp_path / "here").iterdir()])


def test_where_nothing_more_comes_all_is_asked_for_the_next_time(shaky, tmp_path):
    for pieces in (2, 0):
        Shaky.pieces = pieces
        with pytest.raises(RemoteFileError):
            fetch(shaky, tmp_path / "here")
    Shaky.pieces = 9
    assert b"0123456789" == fetch(shaky, tmp_path / "here").read_bytes()
    assert [8] == Shaky.asked_from


def test_of_a_place_that_tells_no_size_nothing_is_left_when_it_broke_off(shaky, tmp_path):
    Shaky.names_size = False
    with pytest.raises(RemoteFileError):
        fetch(shaky, tmp_path / "here")
    assert [] == [*(tmp_path / "here").iterdir()]


def test_what_is_not_there_is_said_without_the_key_in_its_address(bucket, tmp_path):
    with pytest.raises(RemoteFileError) as said:
        fetch("memory://ann:secret@bucket/b.warc.gz?key=secret", tmp_path)
    assert "memory://bucket/b.warc.gz: there is no such file" == str(said.value)


def test_a_kind_of_place_that_nobody_knows_is_named(tmp_path):
    with pytest.raises(RemoteFileError, match="carrier"):
        fetch("carrier://bucket/a.warc.gz", tmp_path)


@pytest.fixture
def config(tmp_path):
    result = CliRunner().invoke(cli, ["init", str(tmp_path / "config"), "--data", str(tmp_path / "data")])
    assert 0 == result.exit_code, result.output
    return tmp_path / "config"


def run(config, *words):
    return CliRunner().invoke(cli, ["--config", str(config), *words])


def test_import_takes_an_address_in_once(config, tmp_path):
    address = warc(tmp_path, *pages(2)).as_uri()
    first, second = (run(config, "import", "--jobs", "1", address) for _ in range(2))
    assert (0, "2 add") == (first.exit_code, first.stdout.strip())
    assert (0, "nothing new in there") == (second.exit_code, second.stdout.strip())
    (database,) = (tmp_path / "data").glob("*.db")
    with Archive.open(database, write=False) as archive:
        lies_in = {capture.location.file for capture in archive.all_captures()}
    assert {str(path) for path in (tmp_path / "data" / "fetched").iterdir()} == lies_in


def test_an_address_that_cannot_be_had_is_exit_code_1(config, tmp_path):
    result = run(config, "import", (tmp_path / "none.warc.gz").as_uri())
    assert 1 == result.exit_code
    assert "none.warc.gz" in str(result.exception) + result.output


def test_a_page_in_the_place_of_a_file_is_not_kept(config, tmp_path):
    page = tmp_path / "a.warc.gz"
    page.write_text("<!doctype html><html><body><p>Try again later.</p></body></html>")
    refused = run(config, "import", page.as_uri())
    assert (2, []) == (refused.exit_code, [*(tmp_path / "data" / "fetched").iterdir()])
    warc(tmp_path, *pages(2), name="a.warc.gz")
    assert "2 add" == run(config, "import", "--jobs", "1", page.as_uri()).stdout.strip()


def test_a_server_that_names_no_size_is_named(config, shaky, tmp_path):
    Shaky.names_size, Shaky.pieces = False, 9_999
    warc(tmp_path / "there", *pages(1), name="a.warc.gz")
    result = run(config, "import", "--jobs", "1", shaky)
    assert (0, "1 add") == (result.exit_code, result.stdout.strip())
    assert "named no size" in result.stderr


def test_check_names_what_did_not_come_whole(config, shaky, tmp_path):
    assert 1 == run(config, "import", shaky).exit_code
    said = run(config, "check", "--json")
    assert "was not fetched to its end" in said.stdout


def test_a_backfill_is_of_files(config, tmp_path):
    result = run(config, "backfill", "https://data.example/a.warc.gz", "--out", str(tmp_path / "shards"))
    assert (2, True) == (result.exit_code, "`presswatch import` takes addresses" in result.output)
