"""
`presswatch check` tells of digests that were not made, and of mail and files that were not
delivered.
"""

from dataclasses import replace

import pytest
from samples import DAY, HOUR, TIDE
from test_deliver import MailServer
from test_publish import ADA, BO, MONDAY, MORNING, Desk, see, settings_with

from archive.run.health import check_deliveries, check_digests
from archive.run.heartbeat import heartbeat_file
from archive.store import Archive


@pytest.fixture
def server():
    with MailServer() as running:
        yield running


@pytest.fixture
def desk(tmp_path, server):
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([TIDE])
        see(archive, "storm", MONDAY + HOUR)
        yield Desk(archive, settings_with(server.settings(readers=(ADA, BO)), tmp_path))


def digests(desk, now):
    return [(one.is_well, one.detail) for one in check_digests(desk.archive, desk.settings, now)]


def test_a_digest_that_was_not_made_is_told_some_hours_after_its_time(desk):
    assert [] == digests(desk, MORNING + HOUR)
    assert [
        (
            False,
            "none was made for 2026-03-02, due at 06:00 the day after; there is none yet: presswatch digest makes it",
        )
    ] == digests(desk, MORNING + 3 * HOUR)
    desk.night()
    assert [] == digests(desk, MORNING + 3 * HOUR)
    ((_, detail),) = digests(desk, MORNING + 4 * DAY)
    assert "none was made for 2026-03-05, " in detail
    assert "the last one is of 2026-03-02" in detail
    desk.night(4)
    assert [] == digests(desk, MORNING + 4 * DAY), "what skipped days had stands in the next one"


def test_who_has_no_digests_misses_none(desk):
    desk.settings = replace(desk.settings, mail=None)
    assert [] == digests(desk, MORNING + 3 * DAY)
    heartbeat_file(desk.settings.archive.database).write_text("")
    assert 1 == len(digests(desk, MORNING + 3 * DAY)), "a watch should have made it"


def test_mail_that_was_not_delivered_is_told_for_each_reader_until_it_is(desk, server):
    server.refuses = {ADA: "550 no such user"}
    desk.night(mail=True)
    (finding,) = check_deliveries(desk.archive, desk.settings)
    assert f"mail to {ADA}" == finding.what
    assert not finding.is_well
    assert finding.detail.startswith(
        "not delivered: 2026-03-02; 1 try so far, the next pass after 2026-03-03 12:00 UTC"
    )
    assert finding.detail.endswith("the last answer: 550 no such user")
    desk.later(MORNING + 4 * DAY)
    assert "given up after 2 tries" in check_deliveries(desk.archive, desk.settings)[0].detail
    server.refuses = {}
    desk.night(4, mail=True)
    assert [] == check_deliveries(desk.archive, desk.settings)


def test_files_that_could_not_be_written_are_told(desk, tmp_path):
    (tmp_path / "blocked").write_text("")
    desk.settings = replace(desk.settings, digest=replace(desk.settings.digest, folder=tmp_path / "blocked"))
    desk.night()
    (finding,) = check_deliveries(desk.archive, desk.settings)
    assert "files of the digest" == finding.what
    assert "cannot be written" in finding.detail
