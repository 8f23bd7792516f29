"""The configuration folder, read: `presswatch.toml` here, the rest by `scraper.settings`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from archive.edition.formats import FORMATS
from archive.settings.alerts import alerts_in, channels_in
from archive.settings.places import alert_folders, source_folders
from archive.settings.records import (
    ArchiveSettings,
    BrowseSettings,
    DigestSettings,
    MailSettings,
    MetricsSettings,
    PassSettings,
    PictureSettings,
    RetentionRule,
    Settings,
)
from archive.settings.values import EMAIL, check_mailbox, check_time, check_timezone
from scraper.errors import ConfigError, Mistake
from scraper.model import Source
from scraper.settings.fetching import fetching_in
from scraper.settings.network import check_url
from scraper.settings.phrases import phrases_in
from scraper.settings.reading import Reading, from_home
from scraper.settings.sources import sources_in
from scraper.settings.values import (
    ENVIRONMENT_NAME,
    Check,
    check_bool,
    check_duration,
    check_duration_or_all,
    check_list,
    check_match,
    check_one_of,
    check_positive_duration,
    check_size,
    check_text,
    check_whole,
    did_you_mean,
    shown,
)

_Record = TypeVar("_Record")
_TABLES = ("archive", "fetch", "passes", "pictures", "digest", "browse", "mail", "notify", "retention", "metrics")
_SECURITY = ("starttls", "tls", "none")

_MOST_PICTURES = 100  # of one article: more are a gallery
_PASS_CHECKS: Mapping[str, Check] = {
    "articles_per_source": check_whole(1),
    "oldest_entry": check_duration_or_all,
    "recheck_for": check_duration,
    "reading_workers": check_whole(0, 64),  # more would wait for the one thread that writes
    "reading_timeout": check_positive_duration,
    "adaptive_polling": check_bool,
    "priority_words": check_list(check_text),
}
_PICTURE_CHECKS: Mapping[str, Check] = {
    "keep": check_bool,
    "per_article": check_whole(1, _MOST_PICTURES),
    "per_source": check_whole(1),
}
_ARCHIVE_CHECKS: Mapping[str, Check] = {"warc_bytes": check_size, "noarchive_captures": check_bool}
_DIGEST_CHECKS: Mapping[str, Check] = {
    "title": check_text,
    "timezone": check_timezone,
    "at": check_time,
    "formats": check_list(check_one_of(tuple(FORMATS)), least=1),
    "base_url": lambda value: check_url(value).rstrip("/"),
}
_BROWSE_CHECKS: Mapping[str, Check] = {
    "hosts": check_list(
        check_match(re.compile(r"[\w.-]+|[0-9a-fA-F:]+"), 'a host name or an address, as "news.example"')
    ),
}
_HIGHEST_PORT = 65_535  # of TCP (RFC 9293 §3.1: sixteen bits)
_METRICS_CHECKS: Mapping[str, Check] = {"port": check_whole(1, _HIGHEST_PORT)}
_MAIL_CHECKS: Mapping[str, Check] = {
    "host": check_match(re.compile(r"[\w.:-]+"), "the name of a mail server"),
    "port": check_whole(1, _HIGHEST_PORT),
    "security": check_one_of(_SECURITY),
    "sender": check_mailbox,
    "readers": check_list(check_match(EMAIL, "an e-mail address"), least=1),
    "user": check_text,
    "send_empty": check_bool,
    "password_env": check_match(ENVIRONMENT_NAME, "the name of an environment variable that holds the password"),
}


def read_settings(
    folder: Path, *, environ: Mapping[str, str], instead: Mapping[Path, str] = MappingProxyType({})
) -> Settings:
    """
    Everything that `presswatch.toml`, `sources/*.toml` and `phrases.toml` in *folder* say.

    Relative paths in the files start at the folder that holds *folder*; `~` is $HOME of *environ*.
    Those of what is kept (database, WARC, digests, metrics) start at the data folder where one is
    named: $PRESSWATCH_DATA, else `[archive] root`. Sources may stand in `sources/*.toml` of the
    data folder as well.

    Args:
        instead: Texts that are read in place of files: what these are about to hold.

    Raises:
        ConfigError: Something is wrong; lists every mistake of every file, but those of alerts, which
            stop nothing else (`alert_mistakes`).
    """
    main = folder / "presswatch.toml"
    if not main.is_file():
        hint = f"there is no such file; write a starter configuration with: presswatch init {folder}"
        raise ConfigError((Mistake(main, "", "", hint),))
    reading = Reading(folder.resolve().parent, environ, instead)
    top = reading.toml(main)
    reading.root = _root_in(main, top, reading)
    sources = sources_in(source_folders(folder, reading.root), reading)
    settings = _settings_in(main, top, folder, sources, reading)
    channels = channels_in(main, (top or {}).get("notify", {}), reading)
    has_mail = bool(top and "mail" in top)
    # An alert with a mistake is the only one that sleeps for it.
    of_alerts = replace(reading, mistakes=[])
    alerts = alerts_in(alert_folders(folder, reading.root), channels, of_alerts, has_mail=has_mail)
    phrases = phrases_in(folder / "phrases.toml", reading)
    if settings is None or reading.mistakes:
        raise ConfigError(tuple(reading.mistakes))
    mistakes = tuple(of_alerts.mistakes)
    return replace(settings, phrases=phrases, channels=channels, alerts=alerts, alert_mistakes=mistakes)


def _root_in(file: Path, top: Mapping[str, Any] | None, reading: Reading) -> Path | None:
    """The data folder: $PRESSWATCH_DATA, else `[archive] root`, else none."""
    if given := reading.environ.get("PRESSWATCH_DATA"):
        return Path(from_home(given, reading.environ)).absolute()
    table = (top or {}).get("archive")
    if not isinstance(table, dict) or "root" not in table:
        return None
    try:
        return reading.folder(table["root"])
    except ValueError as problem:
        reading.note(file, "archive", "root", str(problem))
        return None


def _settings_in(
    file: Path, top: Mapping[str, Any] | None, folder: Path, sources: tuple[Source, ...], reading: Reading
) -> Settings | None:
    """What `presswatch.toml` says; None where it has mistakes, which are noted."""
    if top is None:  # a file that is no TOML lacks everything: that need not be said key by key
        return None
    before = len(reading.mistakes)
    _note_unknown_tables(file, top, reading)
    tables = {name: reading.table(file, name, top.get(name, {})) for name in _TABLES}
    archive = _archive_in(file, tables["archive"], reading)
    fetch = fetching_in(file, tables["fetch"], reading)
    passes = reading.record(file, "passes", tables["passes"], _PASS_CHECKS, PassSettings)
    pictures = reading.record(file, "pictures", tables["pictures"], _PICTURE_CHECKS, PictureSettings)
    digest_checks = {**_DIGEST_CHECKS, "folder": reading.folder}
    digest = reading.record(file, "digest", tables["digest"], digest_checks, DigestSettings)
    browse = reading.record(file, "browse", tables["browse"], _BROWSE_CHECKS, BrowseSettings)
    mail = _mail_in(file, tables["mail"], reading) if "mail" in top else None
    metrics_checks = {**_METRICS_CHECKS, "file": reading.file}
    metrics = reading.record(file, "metrics", tables["metrics"], metrics_checks, MetricsSettings)
    retention = _retention_in(file, tables["retention"], reading)
    if archive is not None:
        _note_cookies_in_archive(archive, folder, reading)
    if len(reading.mistakes) > before:
        return None
    return Settings(
        folder.resolve(),
        _whole(fetch),
        _whole(archive),
        _whole(passes),
        _whole(digest),
        sources,
        mail,
        retention,
        metrics=_whole(metrics),
        browse=_whole(browse),
        pictures=_whole(pictures),
    )


def _whole(record: _Record | None) -> _Record:
    assert record is not None  # where a table has mistakes, they were noted
    return record


def _note_unknown_tables(file: Path, top: Mapping[str, Any], reading: Reading) -> None:
    for name, value in top.items():
        if name not in _TABLES:
            what, table, key = ("table", name, "") if isinstance(value, dict) else ("key", "", name)
            reading.note(file, table, key, f"unknown {what}{did_you_mean(name, _TABLES)}")


def _archive_in(file: Path, table: Mapping[str, Any], reading: Reading) -> ArchiveSettings | None:
    """What the table [archive] says beside `root`, which was read before all else."""
    given = {key: value for key, value in table.items() if key != "root"}
    checks = {**_ARCHIVE_CHECKS, "database": reading.file, "warc_folder": reading.folder}
    return reading.record(file, "archive", given, checks, ArchiveSettings, more={"root": reading.root})


def _mail_in(file: Path, table: Mapping[str, Any], reading: Reading) -> MailSettings | None:
    mail = reading.record(file, "mail", table, _MAIL_CHECKS, MailSettings)
    if mail and (mail.user is None) != (mail.password_env is None):
        missing = "user" if mail.user is None else "password_env"
        reading.note(file, "mail", missing, "missing; user and password_env go together")
    return mail


def _note_cookies_in_archive(archive: ArchiveSettings, folder: Path, reading: Reading) -> None:
    """Notes each cookie file in a folder of the archive, which may be handed on as a whole."""
    folders = [place.resolve() for place in (archive.database.parent, archive.warc_folder)]
    # A database that lies beside the configuration has no folder of its own.
    own = [place for place in folders if not folder.resolve().is_relative_to(place)]
    for cookies, (file, name) in reading.cookies_of.items():
        if any(cookies.resolve().is_relative_to(place) for place in own):
            reading.note(file, name, "cookies_file", f"expected a file outside the archive, found {shown(cookies)}")


def _retention_in(file: Path, table: Mapping[str, Any], reading: Reading) -> tuple[RetentionRule, ...]:
    """The rules of [retention]: `keep` for every source, [retention.sources] for single ones."""
    given: list[tuple[str, str, object, str | None]] = []
    for key, value in table.items():
        if key == "keep":
            given.append(("retention", key, value, None))
        elif key != "sources":
            reading.note(file, "retention", key, f"unknown key{did_you_mean(key, ('keep', 'sources'))}")
    for name, value in reading.table(file, "retention.sources", table.get("sources", {})).items():
        if name in reading.named_in:
            given.append(("retention.sources", name, value, name))
        else:
            reading.note(file, "retention.sources", name, f"no such source{did_you_mean(name, reading.named_in)}")
    rules = []
    for place, key, value, source in given:
        try:
            rules.append(RetentionRule(source, check_positive_duration(value)))
        except ValueError as problem:
            reading.note(file, place, key, str(problem))
    return tuple(rules)
