"""
The figures of an archive for Prometheus: a file for the textfile collector of node_exporter, or a
port of loopback.

They are made when they are asked for, from the archive and from what `presswatch check` finds;
nothing is counted here. Names and units as Prometheus advises
(prometheus.io/docs/practices/naming).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest, write_to_textfile
from prometheus_client.registry import Collector

from archive.run.health import SICK, Finding, check_all
from archive.settings import Settings
from archive.store import Archive
from scraper.errors import ArchiveError, ConfigError, Mistake

_LOOPBACK = "127.0.0.1"


def render_metrics(settings: Settings, now: datetime) -> bytes:
    """All figures in the text format of Prometheus."""
    return generate_latest(_registry(lambda: settings, lambda: now))


def write_metrics(settings: Settings, now: datetime) -> None:
    """
    Write the configured file, whole or not at all; nothing where none is configured.

    Raises:
        ArchiveError: It cannot be written.
    """
    file = settings.metrics.file
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_to_textfile(str(file), _registry(lambda: settings, lambda: now))
    except OSError as error:
        raise ArchiveError(file, f"the metrics cannot be written: {error.strerror}") from error


def serve_metrics(settings: Callable[[], Settings], now: Callable[[], datetime]) -> Callable[[], None]:
    """
    Answer at the configured port of loopback, in a thread of its own; what ends that, which is
    nothing without a port.

    Raises:
        ConfigError: Somebody else has the port.
    """
    port = settings().metrics.port
    if port is None:
        return lambda: None
    try:
        server, thread = start_http_server(port, addr=_LOOPBACK, registry=_registry(settings, now))
    except OSError as error:
        main = settings().folder / "presswatch.toml"
        raise ConfigError((Mistake(main, "metrics", "port", f"cannot be used: {error.strerror}"),)) from error

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


def _registry(settings: Callable[[], Settings], now: Callable[[], datetime]) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Figures(settings, now))
    return registry


class _Figures(Collector):
    """Looks into the archive whenever it is asked, with a connection of the thread that asks."""

    def __init__(self, settings: Callable[[], Settings], now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now

    def collect(self) -> Iterable[GaugeMetricFamily]:
        settings, now = self._settings(), self._now()
        yield from _findings(check_all(settings, now, thorough=False))
        try:
            with Archive.open(settings.archive.database, write=False) as archive:
                yield from list(_figures(archive, now))
        except ArchiveError:
            return  # `check` has found that, too


def _findings(findings: Iterable[Finding]) -> Iterator[GaugeMetricFamily]:
    """What `presswatch check` found, a line for each thing looked at."""
    wells: dict[str, bool] = {}
    for finding in findings:
        wells[finding.what] = wells.get(finding.what, True) and finding.is_well
    family = _family("check_well", "1 where `presswatch check` finds nothing wrong with it, else 0.", ["what"])
    for what, is_well in wells.items():
        family.add_metric([what], float(is_well))
    yield family
    troubles = sum(not is_well for is_well in wells.values())
    yield _family("check_troubles", "Things that `presswatch check` finds wrong.", value=troubles)


def _figures(archive: Archive, now: datetime) -> Iterator[GaugeMetricFamily]:
    counts = archive.statistics()
    figures: list[tuple[str, str, float]] = [
        ("articles", "Articles in the archive.", counts.article_count),
        ("revisions", "Versions of articles in the archive.", counts.revision_count),
        ("captures", "Raw responses that are kept.", counts.capture_count),
        ("sources_enabled", "Sources that are watched.", counts.source_count),
    ]
    if one := archive.last_pass():
        took = one.finished_at - one.started_at
        figures += [
            ("pass_finished_timestamp_seconds", "When the latest whole pass ended.", one.finished_at.timestamp()),
            ("pass_duration_seconds", "How long it took.", took.total_seconds()),
            ("pass_requests", "Requests it made.", one.request_count),
            ("pass_failed_requests", "Requests of it that failed.", one.failed_count),
            ("pass_added_articles", "New articles it brought.", one.added_count),
            ("pass_revised_articles", "Articles it found changed.", one.revised_count),
        ]
    if edition := archive.last_edition():
        made = edition.made_at.timestamp()
        figures.append(("edition_made_timestamp_seconds", "When the latest digest was made.", made))
    yield from (_family(name, said, value=value) for name, said, value in figures)
    yield from _sources(archive, now)


def _sources(archive: Archive, now: datetime) -> Iterator[GaugeMetricFamily]:
    visited = _family("source_visited_timestamp_seconds", "When a source was visited last.", ["source"])
    well = _family("source_well", "1 where its latest visits went well, else 0.", ["source"])
    articles = _family("source_articles_7d", "Articles of it first seen in seven days.", ["source"])
    failed = _family("source_failed_requests_7d", "Requests of it that failed in seven days.", ["source"])
    for row in archive.source_health(now):
        if row.enabled and row.checked_at:
            visited.add_metric([row.source], row.checked_at.timestamp())
            well.add_metric([row.source], float(row.outcome not in SICK))
            articles.add_metric([row.source], row.article_count)
            failed.add_metric([row.source], row.failed_count)
    yield from (visited, well, articles, failed)


def _family(name: str, said: str, labels: list[str] | None = None, *, value: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"presswatch_{name}", said, value=value, labels=labels)
