"""The figures for Prometheus: what is in them, the file, and the port."""

import socket
import urllib.request
from dataclasses import replace
from datetime import time

import pytest
from fakes import SETTINGS
from prometheus_client.parser import text_string_to_metric_families
from samples import NOW, TIDE, article, keep

from archive.run.metrics import render_metrics, serve_metrics, write_metrics
from archive.settings import ArchiveSettings, DigestSettings, MetricsSettings, PassSettings, Settings
from archive.store import Archive
from scraper.errors import ArchiveError, ConfigError
from scraper.model import CheckOutcome, ListingKind


@pytest.fixture
def settings(tmp_path):
    return Settings(
        folder=tmp_path / "config",
        fetch=SETTINGS,
        archive=ArchiveSettings(tmp_path / "archive.db", tmp_path / "warc"),
        passes=PassSettings(),
        digest=DigestSettings("Digest", "UTC", time(6), tmp_path / "digests"),
        sources=(replace(TIDE, title='The "Tide"\n'),),
        metrics=MetricsSettings(tmp_path / "figures/press.prom"),
    )


@pytest.fixture
def filled(settings):
    with Archive.open(settings.archive.database, write=True) as archive:
        archive.save_sources(settings.sources)
        pass_id = archive.begin_pass(NOW)
        archive.record_check("tide", TIDE.feeds[0], ListingKind.FEED, NOW, CheckOutcome.FAILED, detail="no answer")
        keep(archive, article())
        archive.finish_pass(pass_id, NOW, added_count=1, revised_count=0)
    return settings


def figures(text: bytes | str) -> dict[tuple[str, ...], float]:
    """The values by name and label."""
    found = text_string_to_metric_families(text if isinstance(text, str) else text.decode())
    return {(s.name, *s.labels.values()): s.value for family in found for s in family.samples}


def test_articles_passes_and_sources_have_their_figures(filled):
    found = figures(render_metrics(filled, NOW))
    assert 1 == found["presswatch_articles",]
    assert NOW.timestamp() == found["presswatch_pass_finished_timestamp_seconds",]
    assert 1 == found["presswatch_pass_added_articles",]
    assert NOW.timestamp() == found["presswatch_source_visited_timestamp_seconds", "tide"]
    assert 0 == found["presswatch_source_well", "tide"]


def test_what_check_finds_is_in_them_each_thing_once(filled):
    found = figures(render_metrics(filled, NOW))
    assert 1 == found["presswatch_check_well", "folders"]
    assert 0 == found["presswatch_check_well", "network"]
    assert found["presswatch_check_troubles",] >= 2


def test_without_an_archive_that_is_what_they_say(settings):
    found = figures(render_metrics(settings, NOW))
    assert 0 == found["presswatch_check_well", "archive"]
    assert ("presswatch_articles",) not in found


def test_the_file_is_whole_or_not_there_and_nothing_lies_beside_it(filled):
    write_metrics(filled, NOW)
    assert figures(filled.metrics.file.read_text()) == figures(render_metrics(filled, NOW))
    assert [filled.metrics.file] == list(filled.metrics.file.parent.iterdir())
    write_metrics(replace(filled, metrics=MetricsSettings()), NOW)  # none is configured


def test_a_file_that_cannot_be_written_is_a_sentence(filled, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ArchiveError, match="the metrics cannot be written"):
        write_metrics(replace(filled, metrics=MetricsSettings(tmp_path / "taken/press.prom")), NOW)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_the_port_answers_with_the_archive_as_it_is_now(filled):
    settings = replace(filled, metrics=MetricsSettings(port=free_port()))
    end = serve_metrics(lambda: settings, lambda: NOW)
    try:
        address = f"http://127.0.0.1:{settings.metrics.port}/metrics"
        assert 1 == figures(urllib.request.urlopen(address, timeout=10).read())["presswatch_articles",]
        with Archive.open(settings.archive.database, write=True) as archive:
            keep(archive, article("https://tide.example/other", "Another text altogether, of some words."))
        assert 2 == figures(urllib.request.urlopen(address, timeout=10).read())["presswatch_articles",]
        with pytest.raises(ConfigError, match=r"\[metrics\] port: cannot be used"):
            serve_metrics(lambda: settings, lambda: NOW)
    finally:
        end()


def test_without_a_port_nobody_listens(filled):
    serve_metrics(lambda: filled, lambda: NOW)()
