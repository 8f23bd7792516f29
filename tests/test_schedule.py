"""When sources are due, and that a watch ends when it is told to."""

import asyncio
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from samples import NOW, TIDE

from archive.heartbeat import Heartbeat, parse_beat
from archive.schedule import due_sources, is_due, watch
from archive.store import Archive
from scraper.errors import ArchiveError
from scraper.model import CheckOutcome, ListingKind
from scraper.settings import DigestSettings


def test_a_source_that_was_never_visited_is_due():
    assert is_due("1d", None, NOW, "UTC")


@pytest.mark.parametrize(("minutes", "due"), [(20, False), (50, False), (55, True), (61, True)])
def test_an_hourly_source_is_due_after_an_hour_with_a_little_slack(minutes, due):
    """A pass begins on the hour and its visits come later: without slack every second pass would skip them."""
    assert due is is_due("1h", NOW - timedelta(minutes=minutes), NOW, "UTC")


def test_a_crontab_line_is_read_in_the_readers_time_zone():
    last = datetime(2026, 3, 2, 4, tzinfo=UTC)
    at_six_in_berlin = datetime(2026, 3, 2, 5, tzinfo=UTC)
    assert is_due("0 6 * * *", last, at_six_in_berlin, "Europe/Berlin")
    assert not is_due("0 6 * * *", last, at_six_in_berlin, "UTC")


def test_sources_of_a_pass_that_was_broken_off_are_due_at_once():
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([TIDE])
        pass_id = archive.begin_pass(NOW)
        archive.record_check("tide", TIDE.feeds[0], ListingKind.FEED, NOW, CheckOutcome.FOUND)
        later = NOW + timedelta(minutes=5)
        assert (TIDE,) == due_sources(archive, [TIDE], later, "UTC")
        archive.finish_pass(pass_id, NOW, added_count=0, revised_count=0)
        assert () == due_sources(archive, [TIDE], later, "UTC")


def test_a_watch_makes_a_pass_at_once_beats_and_ends_on_sigterm(tmp_path):
    made = []

    async def make_pass():
        made.append("pass")
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(60)  # a pass in the middle of its work; it is cancelled

    async def make_digest():
        made.append("digest")

    heartbeat = Heartbeat(tmp_path / "beat", lambda: NOW)
    digest = DigestSettings("Digest", "Europe/Berlin", time(6), tmp_path)

    async def main():
        await asyncio.wait_for(
            watch([TIDE], digest, make_pass=make_pass, make_digest=make_digest, heartbeat=heartbeat), 5
        )

    asyncio.run(main())
    assert ["pass"] == made
    assert NOW == parse_beat((tmp_path / "beat").read_text()).at


def test_a_watch_follows_a_configuration_that_changes_on_sighup(tmp_path):
    """What is new is visited at once; what comes on other schedules from now on is planned."""
    made, plans = (
        [],
        [([TIDE, replace(TIDE, name="flood", schedule="5m")], DigestSettings("D", "UTC", time(7), tmp_path))],
    )

    async def make_pass():
        made.append("pass")
        os.kill(os.getpid(), signal.SIGHUP if len(made) == 1 else signal.SIGTERM)

    async def make_digest():
        made.append("digest")

    def changed(anyway):
        return plans.pop() if anyway and plans else None

    async def main():
        digest = DigestSettings("Digest", "Europe/Berlin", time(6), tmp_path)
        heartbeat = Heartbeat(tmp_path / "beat", lambda: NOW)
        work = {"make_pass": make_pass, "make_digest": make_digest, "heartbeat": heartbeat, "changed": changed}
        await asyncio.wait_for(watch([TIDE], digest, **work), 5)

    asyncio.run(main())
    assert ["pass", "pass"] == made
    assert [] == plans


def test_a_pass_that_fails_is_told_by_the_heartbeat(tmp_path):
    async def make_pass():
        asyncio.get_running_loop().call_later(0, os.kill, os.getpid(), signal.SIGTERM)
        raise ArchiveError(tmp_path, "the raw response cannot be kept: Permission denied")

    async def make_digest():
        pass

    async def main():
        digest = DigestSettings("Digest", "UTC", time(6), tmp_path)
        heartbeat = Heartbeat(tmp_path / "beat", lambda: NOW)
        work = {"make_pass": make_pass, "make_digest": make_digest, "heartbeat": heartbeat}
        await asyncio.wait_for(watch([TIDE], digest, **work), 5)

    asyncio.run(main())
    (trouble,) = parse_beat((tmp_path / "beat").read_text()).troubles
    assert trouble.endswith("the raw response cannot be kept: Permission denied")
