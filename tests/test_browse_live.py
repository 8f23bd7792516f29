"""browse while passes run, as `benchmarks/browse_live.py` measures it over many more of them."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("browse_live", ROOT / "benchmarks" / "browse_live.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["browse_live"] = module  # its records look themselves up there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["browse_live"]


def test_browse_answers_all_the_time_with_the_present_and_nothing_private(benchmark, tmp_path):
    found, took = benchmark.run(tmp_path, 2, 1)
    assert 2 == len(took)
    assert {200} == set(found.statuses), found.problems
    assert {0} == set(found.ages)
    assert 0 == found.leaks, found.problems
