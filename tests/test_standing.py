"""The configuration a watch goes by: it follows the files, and mistakes change nothing."""

import os
from pathlib import Path

import pytest

from archive.commands.starter import copy_starter
from archive.run.standing import StandingSettings
from archive.settings import read_settings

TIDE = """
[tide]
title = "The Tide"
home_url = "https://tide.example/"
feeds = ["https://tide.example/rss"]
"""


@pytest.fixture
def folder(tmp_path):
    copy_starter(tmp_path / "config")
    return tmp_path / "config"


@pytest.fixture
def told():
    return []


@pytest.fixture
def standing(folder, told):
    return StandingSettings(lambda: read_settings(folder, environ={}), told.append)


def write(file: Path, text: str) -> None:
    """As an editor does it; a clock that stands still must not hide it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def names(standing: StandingSettings) -> set[str]:
    return {source.name for source in standing.current.sources}


def test_nothing_changed_is_nothing_new(standing, told):
    assert not standing.look()
    assert [] == told


def test_a_source_that_is_added_or_taken_away_is_seen(standing, folder):
    write(folder / "sources/mine.toml", TIDE)
    assert standing.look()
    assert "tide" in names(standing)
    assert not standing.look()
    (folder / "sources/mine.toml").unlink()
    assert standing.look()
    assert "tide" not in names(standing)


def test_a_source_in_the_data_folder_is_seen(standing, folder):
    write(folder.parent / "presswatch-data/sources/added.toml", TIDE)
    assert standing.look()
    assert "tide" in names(standing)


def test_a_mistake_is_told_and_the_last_good_configuration_stays_until_it_is_mended(standing, folder, told):
    before = standing.current
    write(folder / "sources/mine.toml", TIDE.replace("title", "titel"))
    assert not standing.look()
    assert before == standing.current
    assert "the last good one is in force" in told[-1]
    assert "titel: unknown key" in told[-1]
    assert not standing.look()
    assert 1 == len(told)  # told once, and it stands until it is mended
    write(folder / "sources/mine.toml", TIDE)
    assert standing.look()
    assert told[-1] is None


def test_a_file_that_is_touched_changes_nothing_for_the_watch(standing, folder):
    main = folder / "presswatch.toml"
    os.utime(main, (1, 1))
    assert not standing.look()


def test_a_change_can_be_asked_for(standing, folder):
    """SIGHUP: the stamp may be the same, as after a clock that was set back."""
    assert not standing.look(anyway=True)


def test_the_archive_stays_where_it_is_until_the_watch_is_started_again(standing, folder):
    before = standing.current.archive
    main = folder / "presswatch.toml"
    write(main, main.read_text(encoding="utf-8").replace('database = "presswatch.db"', 'database = "other.db"'))
    assert not standing.look()
    assert before == standing.current.archive
