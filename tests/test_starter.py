"""The starter configuration, and how it is written out."""

import re
from pathlib import Path

import certifi
import pytest

from archive.commands.starter import copy_starter
from archive.settings import ArchiveSettings, DigestSettings, MailSettings, MetricsSettings, PassSettings, read_settings
from scraper.errors import ConfigError
from scraper.model import FetchSettings
from scraper.settings.network import is_example_contact


@pytest.fixture
def folder(tmp_path):
    """A folder with the starter configuration in it."""
    copy_starter(tmp_path / "config")
    return tmp_path / "config"


def test_the_starter_configuration_reads_without_mistakes_with_six_sources_enabled(folder):
    sources = read_settings(folder, environ={}).sources

    assert ["cyber"] * 3 + ["geopolitics"] * 3 == [source.section for source in sources if source.enabled]


def test_every_source_has_a_note_on_access_and_those_without_a_day_say_unverified(folder):
    for source in read_settings(folder, environ={}).sources:
        assert source.access_note, source.name
        assert (source.access_checked is None) == ("unverified" in source.access_note), source.name


def test_the_values_in_the_starter_are_the_defaults(folder):
    """The comments of the file promise that."""
    settings = read_settings(folder, environ={})

    assert FetchSettings(user_agent=settings.fetch.user_agent) == settings.fetch
    assert PassSettings() == settings.passes


def test_every_setting_is_in_the_starter(folder):
    """Also what is commented out."""
    keys = set(re.findall(r"^(?:# )?(\w+) = ", (folder / "presswatch.toml").read_text(encoding="utf-8"), re.MULTILINE))
    for record in (FetchSettings, PassSettings, ArchiveSettings, DigestSettings, MailSettings, MetricsSettings):
        assert set(record.__slots__) <= keys


def test_what_is_commented_out_in_the_starter_reads_without_mistakes(folder):
    file = folder / "presswatch.toml"
    file.write_text(re.sub(r"(?m)^# (?=\[|\w+ = )", "", file.read_text(encoding="utf-8")), encoding="utf-8")

    (folder.parent / "house-ca.pem").write_bytes(Path(certifi.where()).read_bytes())

    settings = read_settings(folder, environ={})

    assert settings.mail
    assert ("you@example.org",) == settings.mail.readers
    assert [None, "krebs"] == [rule.source for rule in settings.retention]


def test_the_contact_of_the_starter_is_recognised_as_one_to_edit(folder):
    assert is_example_contact(read_settings(folder, environ={}).fetch.user_agent)


def test_the_files_written_are_named(tmp_path):
    lists = ("alerts/cves.txt", "alerts/examples.toml", "alerts/ransomware.txt", "alerts/vendors.txt")
    names = (*lists, "presswatch.toml", "sources/cyber.toml", "sources/geopolitics.toml")

    assert tuple(tmp_path / "new" / name for name in names) == copy_starter(tmp_path / "new").written


def test_a_file_that_is_there_is_left_alone(tmp_path):
    mine = tmp_path / "presswatch.toml"
    mine.write_text("# mine", encoding="utf-8")

    copied = copy_starter(tmp_path)

    assert (mine,) == copied.left_alone
    assert "# mine" == mine.read_text(encoding="utf-8")
    assert tmp_path / "sources" / "cyber.toml" in copied.written


def test_a_second_time_nothing_is_written(folder):
    assert () == copy_starter(folder).written


def test_a_folder_that_cannot_be_written_to_is_a_named_error(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(ConfigError, match="cannot be written to"):
        copy_starter(tmp_path / "file" / "config")


def test_the_starter_has_no_path_of_a_machine(tmp_path):
    for path in copy_starter(tmp_path).written:
        assert not re.search(r'"[/~]', path.read_text(encoding="utf-8")), path


def test_contact_and_data_folder_are_written_into_the_starter(tmp_path):
    data = tmp_path / 'my "press"'
    copy_starter(tmp_path / "config", data=data, contact="reader@tide-readers.org")

    settings = read_settings(tmp_path / "config", environ={})

    assert data / "presswatch.db" == settings.archive.database
    assert "presswatch/0.1 (contact: reader@tide-readers.org)" == settings.fetch.user_agent
    assert "EDIT THIS" not in (tmp_path / "config/presswatch.toml").read_text(encoding="utf-8")
