"""When sources are due, and that a watch ends when it is told to."""

import asyncio
import os
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from samples import NOW, TIDE

from archive.run.due import due_sources, is_due
from archive.run.heartbeat import Heartbeat, parse_beat
from archive.run.schedule import aside, watch
from archive.settings import DigestSettings
from archive.store import Archive
from scraper.errors import ArchiveError
from scraper.model import CheckOutcome, ListingKind


def test_a_source_that_was_never_visited_is_due():
    assert is_due("1d", None, NOW, "UTC")


@pytest.mark.parametrize(("minutes", "due"), [(20, False), (50, False), (55, True), (61, True)])
def test_an_hourly_source_is_due_after_an_hour_with_a_little_slack(minutes, due):
    """
    A pass begins on the hour and its visits come later: without slack every second pass would skip
    them.
    """
    assert due is is_due("1h", NOW - timedelta(minutes=minutes), NOW, "UTC")


def test_a_crontab_line_is_read_in_the_readers_time_zone():
    last = datetime(2026, 3, 2, 4, tzinfo=UTC)
    at_six_in_berlin = datetime(2026, 3, 2, 5, tzinfo=UTC)
    assert is_due("0 6 * * *", last, at_six_in_berlin, "Europe/Berlin")
    assert not is_due("0 6 * * *", last, at_six_in_berlin, "UTC")


@pytest.mark.parametrize("schedule", ["30m", "0 6 * * *"])
def test_a_last_visit_in_the_future_is_no_reason_never_to_go_again(schedule):
    """The clock was wrong when it was stamped."""
    assert is_due(schedule, NOW + timedelta(days=400), NOW, "UTC")


def test_a_visit_stamped_by_a_wrong_clock_does_not_hide_the_ones_after_it():
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([TIDE])
        for at in (NOW + timedelta(days=400), NOW):
            archive.record_check("tide", TIDE.feeds[0], ListingKind.FEED, at, CheckOutcome.FOUND)
        assert () == due_sources(archive, [TIDE], NOW + timedelta(minutes=5), "UTC")
        assert (TIDE,) == due_sources(archive, [TIDE], NOW + timedelta(hours=2), "UTC")


def fires(schedule, begin, end, zone="Europe/Berlin"):
    """When a source is visited that is looked at every five minutes."""
    last, now, found = begin, begin, []
    while now < end:
        if is_due(schedule, last, now, zone):
            found.append(f"{now:%d %H:%M}")
            last = now
        now += timedelta(minutes=5)
    return found


@pytest.mark.parametrize(
    ("schedule", "autumn"),
    [
        ("30 2 * * *", ["25 00:30", "26 01:30"]),
        ("30 2,3 * * *", ["25 00:30", "25 02:30", "26 01:30", "26 02:30"]),
        ("0 4 * * sun", ["25 03:00"]),
    ],
)
def test_a_crontab_line_with_its_hour_named_fires_once_where_the_hour_comes_twice(schedule, autumn):
    """Two o'clock of 25 October 2026 is at 00:00 and at 01:00 UTC."""
    assert autumn == fires(schedule, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC))


def test_a_crontab_line_of_every_half_hour_fires_in_both_hours():
    begin, end = datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 10, 25, 2, 5, tzinfo=UTC)
    assert ["25 00:30", "25 01:00", "25 01:30", "25 02:00"] == fires("*/30 * * * *", begin, end)


def test_a_crontab_line_of_an_hour_that_is_skipped_fires_when_that_is_over():
    """From 01:00 UTC on 29 March 2026 it is three o'clock; half past two would have been at 01:30."""
    begin, end = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC)
    assert ["29 01:30", "30 00:30"] == fires("30 2 * * *", begin, end)


def test_sources_of_a_pass_that_was_broken_off_are_due_at_once():
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([TIDE])
        pass_id = archive.begin_pass(NOW)
        archive.record_check("tide", TIDE.feeds[0], ListingKind.FEED, NOW, CheckOutcome.FOUND)
        later = NOW + timedelta(minutes=5)
        assert (TIDE,) == due_sources(archive, [TIDE], later, "UTC")
        archive.finish_pass(pass_id, NOW, added_count=0, revised_count=0)
        assert () == due_sources(archive, [TIDE], later, "UTC")


def test_a_watch_makes_missed_digests_and_a_pass_at_once_beats_and_ends_on_sigterm(tmp_path):
    made = []

    async def make_pass():
        made.append("pass")
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(60)  # a pass in the middle of its work; it is cancelled

    async def make_digests():
        made.append("digests")

    heartbeat = Heartbeat(tmp_path / "beat", lambda: NOW)
    digest = DigestSettings("Digest", "Europe/Berlin", time(6), tmp_path)

    async def main():
        await asyncio.wait_for(
            watch([TIDE], digest, make_pass=make_pass, make_digests=make_digests, heartbeat=heartbeat),
            5,
        )

    asyncio.run(main())
    assert ["digests", "pass"] == made
    assert NOW == parse_beat((tmp_path / "beat").read_text()).at


def test_a_pass_that_fails_keeps_nobody_from_the_digest(tmp_path):
    made = []

    async def make_pass():
        raise ArchiveError("press.db", "the disk is full")

    async def make_digests():
        made.append("digests")
        if len(made) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    digest = DigestSettings("Digest", "Europe/Berlin", time(6), tmp_path)

    async def main():
        beat = Heartbeat(tmp_path / "beat", lambda: NOW)
        await asyncio.wait_for(watch([TIDE], digest, make_pass=make_pass, make_digests=make_digests, heartbeat=beat), 5)

    asyncio.run(main())
    assert ["digests", "digests"] == made


def test_what_is_done_aside_gives_its_value_or_its_error_and_does_not_hold_up_the_loop():
    here = threading.current_thread()

    async def main():
        assert await aside(threading.current_thread) is not here
        with pytest.raises(ArchiveError):
            await aside(lambda: (_ for _ in ()).throw(ArchiveError("press.db", "the disk is full")))
        hanging = asyncio.create_task(aside(threading.Event().wait))
        await asyncio.sleep(0)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging

    asyncio.run(asyncio.wait_for(main(), 5))


def test_a_watch_follows_a_configuration_that_changes_on_sighup(tmp_path):
    """What is new is visited at once; what comes on other schedules from now on is planned."""
    made, plans = (
        [],
        [([TIDE, replace(TIDE, name="flood", schedule="5m")], DigestSettings("D", "UTC", time(7), tmp_path))],
    )

    async def make_pass():
        made.append("pass")
        os.kill(os.getpid(), signal.SIGHUP if made.count("pass") == 1 else signal.SIGTERM)

    async def make_digests():
        made.append("digest")

    def changed(anyway):
        return plans.pop() if anyway and plans else None

    async def main():
        digest = DigestSettings("Digest", "Europe/Berlin", time(6), tmp_path)
        heartbeat = Heartbeat(tmp_path / "beat", lambda: NOW)
        work = {"make_pass": make_pass, "make_digests": make_digests, "heartbeat": heartbeat, "changed": changed}
        await asyncio.wait_for(watch([TIDE], digest, **work), 5)

    asyncio.run(main())
    assert ["pass", "pass"] == [what for what in made if what == "pass"]
    assert [] == plans


def test_a_pass_that_fails_is_told_by_the_heartbeat(tmp_path):
    async def make_pass():
        asyncio.get_running_loop().call_later(0, os.kill, os.getpid(), signal.SIGTERM)
        raise ArchiveError(tmp_path, "the raw response cannot be kept: Permission denied")

    async def make_digests():
        pass

    async def main():
        digest = DigestSettings("Digest", "UTC", time(6), tmp_path)
        heartbeat = Heartbeat(tmp_path / "beat", lambda: NOW)
        work = {"make_pass": make_pass, "make_digests": make_digests, "heartbeat": heartbeat}
        await asyncio.wait_for(watch([TIDE], digest, **work), 5)

    asyncio.run(main())
    (trouble,) = parse_beat((tmp_path / "beat").read_text()).troubles
    assert trouble.endswith("the raw response cannot be kept: Permission denied")
