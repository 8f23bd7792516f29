"""Whether all is well: what is looked at, and what each trouble is called."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from fakes import SETTINGS
from samples import DAY, HARBOUR, HOUR, NOW, TIDE

from archive.run.health import check_all, check_folders, check_heartbeat
from archive.run.heartbeat import Heartbeat, heartbeat_file, parse_beat
from archive.settings import ArchiveSettings, DigestSettings, PassSettings, Settings
from archive.store import Archive
from archive.store.lock import is_locked, lock_for_writing
from scraper.errors import ArchiveLockedError
from scraper.model import CheckOutcome, ListingKind


@pytest.fixture
def settings(tmp_path):
    return Settings(
        folder=tmp_path / "config",
        fetch=replace(SETTINGS, user_agent="presswatch/1 (contact: reader@tide-readers.org)"),
        archive=ArchiveSettings(tmp_path / "data/archive.db", tmp_path / "data/warc"),
        passes=PassSettings(),
        digest=DigestSettings("Digest", "UTC", time(6), tmp_path / "data/digests"),
        sources=(TIDE, replace(HARBOUR, feeds=("https://harbour.example/rss",))),
    )


def troubles(findings) -> list[str]:
    return [f"{finding.what}: {finding.detail}" for finding in findings if not finding.is_well]


def visit(settings: Settings, *outcomes: tuple[str, CheckOutcome, str], at: datetime = NOW, ends: bool = True) -> None:
    """One pass, with what came of the visit to each source."""
    with Archive.open(settings.archive.database, write=True) as archive:
        archive.save_sources(settings.sources)
        pass_id = archive.begin_pass(at)
        for source, outcome, detail in outcomes:
            url = f"https://{source}.example/rss"
            archive.record_check(source, url, ListingKind.FEED, at, outcome, detail=detail)
        if ends:
            archive.finish_pass(pass_id, at, added_count=0, revised_count=0)


def refuses(folder: Path):
    """A trial that cannot write to *folder* (chmod would not keep root from it)."""

    def trial(place: Path) -> None:
        if place == folder:
            raise PermissionError(13, "Permission denied")

    return trial


# ---------------------------------------------------------------- folders


def test_folders_that_can_be_written_are_well_and_nothing_is_left_in_them(settings, tmp_path):
    (tmp_path / "data").mkdir()
    assert [] == troubles(check_folders(settings))
    assert [] == list((tmp_path / "data").iterdir())


def test_a_folder_that_cannot_be_written_is_named_with_what_lies_there(settings, tmp_path):
    settings.archive.warc_folder.mkdir(parents=True)
    (trouble,) = troubles(check_folders(settings, trial=refuses(settings.archive.warc_folder)))
    assert f"folder of captures: {settings.archive.warc_folder} cannot be written: Permission denied" == trouble


def test_a_folder_that_cannot_be_made_is_named(settings, tmp_path):
    (trouble,) = troubles(check_folders(settings, trial=refuses(tmp_path)))
    assert f"folder of the archive: {tmp_path}/data cannot be made in {tmp_path}: Permission denied" == trouble


# ---------------------------------------------------------------- sources and passes


def test_all_is_well_after_a_pass(settings):
    visit(settings, ("tide", CheckOutcome.FOUND, ""), ("harbour", CheckOutcome.UNCHANGED, ""))
    assert [] == troubles(check_all(settings, NOW))


def test_a_dead_source_is_named(settings):
    visit(settings, ("tide", CheckOutcome.FAILED, "there is no such host"), ("harbour", CheckOutcome.FOUND, ""))
    assert ["The Tide: failed: there is no such host"] == troubles(check_all(settings, NOW))


def test_where_every_source_fails_the_network_is_named_first(settings):
    visit(settings, ("tide", CheckOutcome.FAILED, "no answer"), ("harbour", CheckOutcome.FAILED, "no answer"))
    found = troubles(check_all(settings, NOW))
    assert "network: no source can be reached: all 2 visited ones fail" == found[0]
    assert 3 == len(found)


@pytest.mark.parametrize(("schedule", "days"), [("1h", 1), ("0 6 * * *", 4)])
def test_a_source_that_is_not_visited_any_more_is_named_whatever_its_schedule(settings, schedule, days):
    settings = replace(settings, sources=(replace(TIDE, schedule=schedule),))
    visit(settings, ("tide", CheckOutcome.FOUND, ""))
    assert [] == troubles(check_all(settings, NOW + HOUR))
    assert ["The Tide: not visited since 2026-03-02 06:00 UTC"] == troubles(check_all(settings, NOW + days * DAY))


def test_a_pass_that_was_broken_off_is_named_unless_one_is_under_way(settings):
    """As when the captures of each pass cannot be kept."""
    visit(settings, ("tide", CheckOutcome.FOUND, ""), ends=False)
    assert ["passes: the latest, of 2026-03-02 06:00 UTC, was broken off"] == troubles(check_all(settings, NOW))
    with lock_for_writing(settings.archive.database):
        assert [] == troubles(check_all(settings, NOW))


def test_asking_whether_an_archive_is_locked_neither_locks_nor_makes_anything(tmp_path):
    database = tmp_path / "archive.db"
    assert not is_locked(database)
    assert [] == list(tmp_path.iterdir())
    with lock_for_writing(database):
        assert is_locked(database)
    assert not is_locked(database)


# ---------------------------------------------------------------- the watch


def heart(settings: Settings, at: datetime = NOW) -> Heartbeat:
    settings.archive.database.parent.mkdir(exist_ok=True)
    return Heartbeat(heartbeat_file(settings.archive.database), lambda: at)


def test_a_watch_that_beats_is_well(settings):
    heart(settings).beat()
    assert [] == troubles(check_heartbeat(settings, NOW + timedelta(minutes=2)))


def test_a_watch_that_is_not_there_or_stands_still_is_not(settings):
    assert "no heartbeat" in troubles(check_heartbeat(settings, NOW))[0]
    heart(settings).beat()
    assert ["watch: last heartbeat 600 seconds ago"] == troubles(check_heartbeat(settings, NOW + timedelta(minutes=10)))


def test_a_watch_whose_data_folder_cannot_be_written_is_not_well(settings):
    heart(settings).beat()
    (trouble,) = troubles(check_heartbeat(settings, NOW, trial=refuses(settings.archive.database.parent)))
    assert trouble.startswith("folder of the archive: ")


@pytest.mark.parametrize(
    ("goes_on", "said"),
    [(False, ["pass: hangs: nothing came of it since 2026-03-02 06:00 UTC"]), (True, [])],
)
def test_a_pass_in_which_nothing_happens_hangs_while_the_watch_beats(settings, goes_on, said):
    clock = [NOW]
    settings.archive.database.parent.mkdir()
    beating = Heartbeat(heartbeat_file(settings.archive.database), lambda: clock[0])
    with beating.at_work("pass"):
        clock[0] = NOW + 3 * HOUR
        if goes_on:
            beating.went_on()
        beating.beat()
        assert said == troubles(check_heartbeat(settings, NOW + 3 * HOUR))


def test_what_failed_is_told_until_it_goes_well(settings):
    beating = heart(settings)
    with pytest.raises(OSError, match="full"), beating.at_work("pass"):
        raise OSError("the disk is\nfull")
    assert ["watch: pass: the disk is full"] == troubles(check_heartbeat(settings, NOW))
    with beating.at_work("digest"):
        pass
    assert ["watch: pass: the disk is full"] == troubles(check_heartbeat(settings, NOW))
    with beating.at_work("pass"):
        pass
    assert [] == troubles(check_heartbeat(settings, NOW))


def test_a_pass_that_waits_for_one_by_hand_is_no_trouble(settings):
    beating = heart(settings)
    with pytest.raises(ArchiveLockedError), beating.at_work("pass"):
        raise ArchiveLockedError(settings.archive.database, "process 7 is writing")
    assert [] == troubles(check_heartbeat(settings, NOW))


def test_a_heartbeat_that_cannot_be_written_is_no_crash(tmp_path, caplog):
    beating = Heartbeat(tmp_path / "nowhere" / "beat", lambda: NOW)
    beating.beat()
    beating.beat()
    assert 1 == sum("the heartbeat cannot be written" in record.message for record in caplog.records)


@pytest.mark.parametrize("text", ["", "now", "2026-03-02T06:00:00+00:00\nat work: pass, last went on never"])
def test_a_file_that_is_no_heartbeat_is_a_value_error(text):
    with pytest.raises(ValueError):  # noqa: PT011 - whichever
        parse_beat(text)


def test_the_first_line_of_a_heartbeat_is_its_time(settings):
    beating = heart(settings)
    beating.tell("configuration", "presswatch.toml: not valid TOML")
    text = heartbeat_file(settings.archive.database).read_text()
    assert NOW == datetime.fromisoformat(text.splitlines()[0])
    assert ("configuration: presswatch.toml: not valid TOML",) == parse_beat(text).troubles
