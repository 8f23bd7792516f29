"""One archive, one writer: who writes for a moment waits for who writes for long."""

from datetime import timedelta

import pytest

from archive.store import Archive
from archive.store.lock import lock_for_writing, wait_for_lock
from scraper.errors import ArchiveLockedError


def test_a_lock_is_waited_for_and_said_once(tmp_path):
    database = tmp_path / "press.db"
    held = lock_for_writing(database)
    said, slept = [], []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            held.close()

    with wait_for_lock(database, timedelta(minutes=10), on_wait=said.append, sleep=sleep):
        assert 3 == len(slept)
        assert 1 == len(said)
        assert "is writing to this archive" in str(said[0])


def test_a_wait_has_an_end(tmp_path):
    database = tmp_path / "press.db"
    slept = []
    with lock_for_writing(database), pytest.raises(ArchiveLockedError):
        wait_for_lock(database, timedelta(seconds=10), sleep=slept.append)
    assert 10 == sum(slept)


def test_without_a_wait_nobody_sleeps(tmp_path):
    with Archive.open(tmp_path / "press.db", write=True), pytest.raises(ArchiveLockedError):
        Archive.open(tmp_path / "press.db", write=True)
