"""What the simulated cluster of benchmarks/fleet.py says of losses and of many workers."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from cluster import Cluster, simulate

SMALL = Cluster(workers=4, files=40, spread=0.0, gigabyte=100.0, start=0.0, loss=0.0)


def test_without_losses_n_workers_are_n_times_one():
    found = simulate(SMALL, 1)
    assert (1000.0, 4000.0, 0, 0) == (found.seconds, found.work, found.lost, found.failed)


def test_a_file_longer_than_the_others_is_begun_first():
    found = simulate(Cluster(workers=10, files=1000, gigabyte=100.0, loss=0.0), 1)
    assert found.seconds < 1.01 * found.work / 10


def test_the_file_of_a_lost_worker_is_done_again():
    found = simulate(Cluster(workers=4, files=400, gigabyte=100.0, loss=3.0, notice=10, replace=20), 1)
    assert found.lost > 10
    assert found.seconds > found.work / 4
    assert 0 == found.failed


def test_what_no_worker_lives_to_end_is_given_up():
    found = simulate(Cluster(workers=2, files=3, gigabyte=1e6, loss=1000.0), 1)
    assert (3, 9) == (found.failed, found.lost)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_is_the_same_cluster(seed):
    cluster = Cluster(files=300, loss=1.0)
    assert simulate(cluster, seed) == simulate(cluster, seed)
    assert simulate(cluster, seed) != simulate(cluster, seed + 1)
