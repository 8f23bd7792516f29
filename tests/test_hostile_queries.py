"""What strangers may type into the search, by every way in: a short run of `benchmarks/hostile.py`."""

import sys
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_browse import answers

from archive.cli import cli
from archive.model.query import NotUnderstood
from archive.store import Archive

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from hostile import hostile, named
from million import NOW, fill

QUERIES = [*named(), *islice(hostile(5), 400)]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "press.db"
    with Archive.open(path, write=True) as archive:
        fill(archive, 300)
    return path


def test_every_query_has_an_answer_or_a_sentence(database):
    understood = 0
    with Archive.open(database, write=False) as archive:
        for query in QUERIES:
            found = archive.search(query, now=NOW)
            understood += not isinstance(found, NotUnderstood)
            for hit in () if isinstance(found, NotUnderstood) else found:
                assert all(0 <= begin < end <= len(hit.snippet) for begin, end in hit.marks)
    assert 0 < understood < len(QUERIES)  # both ways were gone


def test_programs_and_pages_get_an_answer_or_a_sentence(database):
    asked = [query.encode(errors="replace").decode() for query in QUERIES[::8]]
    paths = [
        f"{path}?q={''.join(f'%{byte:02x}' for byte in query.encode())}"
        for query in asked
        for path in ("/-/api/search.json", "/search")
    ]
    for answer in answers(database, *paths):
        assert answer.status_code == 200 or (answer.status_code == 400 and answer.json()["error"])


def test_a_terminal_gets_an_answer_or_a_sentence(database):
    for query in QUERIES[::8]:
        result = CliRunner().invoke(cli, ["--archive", str(database), "search", "--", query])
        assert result.exit_code in {0, 1, 2}, result.exception
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
