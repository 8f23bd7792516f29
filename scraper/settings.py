"""
The configuration folder, read once into frozen records.

    presswatch.toml      how we behave, where the archive is, digest, mail, retention, metrics
    sources/*.toml       one table a source; in this folder, and in the data folder where one is named
    phrases.toml         optional: words by which prompts are known, beside the shipped ones

Every mistake is reported at once, each with file, table, key and what was expected.
A key in a file is the name of a field of a record here or of `Source`; what a file leaves
out has the record's default. `password_env` names a variable: secrets are never in the files.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import ssl
import tomllib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from scraper.errors import ConfigError, Mistake
from scraper.model import FetchSettings, MeterRule, Phrase, SecretUrl, Selectors, Source
from scraper.read.words.phrases import ROLE_OF_KIND, STRENGTHS
from scraper.secrets import hide_secrets, keeps_secrets, login_of
from scraper.setting_values import (
    EMAIL,
    Check,
    check_address,
    check_bool,
    check_date,
    check_duration,
    check_duration_or_all,
    check_headers,
    check_list,
    check_mailbox,
    check_match,
    check_meter_window,
    check_one_of,
    check_phrase,
    check_positive_duration,
    check_proxy,
    check_schedule,
    check_share,
    check_size,
    check_source_proxy,
    check_text,
    check_time,
    check_timezone,
    check_url,
    check_user_agent,
    check_whole,
    did_you_mean,
    expected,
    render_duration,
    shown,
)
from scraper.urls import registrable_domain, url_key


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """
    Where things are kept. Paths are absolute.

    Args:
        warc_bytes: A WARC file is closed and the next one begun at this size.
        noarchive_captures: Raw responses of pages that wish for no copy to be shown are kept, apart from the others.
        root: The data folder, where one is named: below it lie the relative paths of all that is kept.
    """

    database: Path
    warc_folder: Path
    warc_bytes: int = 1_000_000_000
    noarchive_captures: bool = True
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class PassSettings:
    """
    What one pass may do.

    Args:
        articles_per_source: Most new article pages asked for at one source in one pass.
        oldest_entry: Entries dated before now minus this are not fetched; None takes all.
        recheck_for: An article is asked for again in later passes until it is this old.
        reading_workers: Processes that read pages; 0 reads in this process.
        reading_timeout: A page that takes longer is a failure.
        adaptive_polling: Listings without news for long are visited less often than the schedule says.
        priority_words: Entries that have one of these words or phrases are fetched before all others.
    """

    articles_per_source: int = 200
    oldest_entry: timedelta | None = timedelta(days=14)
    recheck_for: timedelta = timedelta(days=2)
    reading_workers: int = 2
    reading_timeout: timedelta = timedelta(seconds=60)
    adaptive_polling: bool = True
    priority_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """
    The nightly digest.

    Args:
        at: Local time of day in *timezone* (IANA name).
        formats: Of "html", "markdown", "text", "atom".
    """

    title: str
    timezone: str
    at: time
    folder: Path
    formats: tuple[str, ...] = ("html", "markdown", "text", "atom")


@dataclass(frozen=True, slots=True)
class BrowseSettings:
    """
    How the archive is browsed.

    Args:
        hosts: Names and addresses by which browse is asked, beside those of this machine.
    """

    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MailSettings:
    """
    How the digest is mailed.

    Args:
        password_env: Environment variable that holds the password.
        security: "starttls", "tls" or "none".
    """

    host: str
    port: int
    security: str
    sender: str
    readers: tuple[str, ...]
    user: str | None = None
    password_env: str | None = None


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """
    Where the figures for Prometheus go.

    Args:
        file: Written after each pass and digest, for the textfile collector of node_exporter.
        port: Of this machine's loopback, at which `presswatch watch` answers.
    """

    file: Path | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Articles of *source* (None: of every source without a rule of its own) go after *keep*; starred ones never."""

    source: str | None
    keep: timedelta


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the configuration says."""

    folder: Path
    fetch: FetchSettings
    archive: ArchiveSettings
    passes: PassSettings
    digest: DigestSettings
    sources: tuple[Source, ...]
    mail: MailSettings | None = None
    retention: tuple[RetentionRule, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    browse: BrowseSettings = BrowseSettings()
    metrics: MetricsSettings = MetricsSettings()


# ---------------------------------------------------------------- where it is


def config_folder(option: str | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """
    The folder to read: *option*, else $PRESSWATCH_CONFIG, else "config"; absolute, below *cwd* where it is relative.

    >>> str(config_folder(None, {"PRESSWATCH_CONFIG": "~/press", "HOME": "/home/reader"}, Path("/desk")))
    '/home/reader/press'
    >>> str(config_folder(None, {}, Path("/desk")))
    '/desk/config'
    """
    return cwd / _from_home(option or environ.get("PRESSWATCH_CONFIG") or "config", environ)


def read_settings(
    folder: Path, *, environ: Mapping[str, str], instead: Mapping[Path, str] = MappingProxyType({})
) -> Settings:
    """
    Everything that `presswatch.toml`, `sources/*.toml` and `phrases.toml` in *folder* say.

    Relative paths in the files start at the folder that holds *folder*; `~` is $HOME of *environ*. Those of what is
    kept (database, WARC, digests, metrics) start at the data folder where one is named: $PRESSWATCH_DATA, else
    `[archive] root`. Sources may stand in `sources/*.toml` of the data folder as well.

    Args:
        instead: Texts that are read in place of files of *folder*, there or not: what they are about to hold.

    Raises:
        ConfigError: Something is wrong; lists every mistake of every file.
    """
    main = folder / "presswatch.toml"
    if not main.is_file():
        hint = f"there is no such file; write a starter configuration with: presswatch init {folder}"
        raise ConfigError((Mistake(main, "", "", hint),))
    reading = _Reading(folder.resolve().parent, environ, instead)
    top = reading.toml(main)
    reading.root = _root_in(main, top, reading)
    sources = _sources_in(_source_folders(folder, reading.root), reading)
    settings = _settings_in(main, top, folder, sources, reading)
    phrases = _phrases_in(folder / "phrases.toml", reading)
    if settings is None or reading.mistakes:
        raise ConfigError(tuple(reading.mistakes))
    return replace(settings, phrases=phrases)


def read_source(text: str, file: Path, *, environ: Mapping[str, str]) -> Source:
    """
    The one source that *text* describes, as it stands in a file of `sources/`.

    Args:
        file: Where it is to stand: *text* is read in its place.

    Raises:
        ConfigError: It has mistakes; lists every one.
    """
    reading = _Reading(file.resolve().parents[1].parent, environ, {file: text})
    sources = _sources_of(file, reading, {})
    if reading.mistakes or len(sources) != 1:
        raise ConfigError(tuple(reading.mistakes) or (Mistake(file, "", "", "expected the table of one source"),))
    return sources[0]


def config_files(folder: Path, root: Path | None) -> tuple[Path, ...]:
    """The files that `read_settings` reads of the configuration in *folder* with its data folder *root*."""
    tables = [file for place in _source_folders(folder, root) for file in sorted(place.glob("*.toml"))]
    return (folder / "presswatch.toml", *tables, folder / "phrases.toml")


def added_sources_file(settings: Settings) -> Path:
    """
    The file that sources are added to: of the configuration where that can be written, else of the data folder.

    In a container the configuration is often mounted to be read only.
    """
    places = _source_folders(settings.folder, settings.archive.root)
    writable = (place for place in places if os.access(_nearest(place), os.W_OK | os.X_OK))
    return next(writable, places[0]) / "added.toml"


def _source_folders(folder: Path, root: Path | None) -> tuple[Path, ...]:
    """Where files of sources may lie."""
    places = [folder / "sources"] if root is None else [folder / "sources", root / "sources"]
    return tuple({place.resolve(): place for place in places}.values())


def _nearest(folder: Path) -> Path:
    """*folder*, or the one above it that is there."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def render_source(source: Source, *, with_secrets: bool = False) -> str:
    """
    The table of one source, as it stands in a file of `sources/`. Reading it gives *source* again.

    Addresses that hold secrets stand there as they are shown, and only *with_secrets* as they are.

    >>> print(render_source(Source("tide", "The Tide", "https://tide.example/", feeds=("https://tide.example/rss",))))
    [tide]
    title = "The Tide"
    home_url = "https://tide.example/"
    feeds = ["https://tide.example/rss"]
    <BLANKLINE>
    """
    source = with_real_urls(source) if with_secrets else source
    apart = {"name", "selectors", "meter", "headers", "secret_urls"}
    lines = [f"[{source.name}]", *_assignments(source, besides=apart)]
    if source.headers:
        lines += [
            "",
            f"[{source.name}.headers]",
            *(f"{render_value(name)} = {render_value(value)}" for name, value in source.headers),
        ]
    if source.meter is not None:
        lines += ["", f"[{source.name}.meter]", *_assignments(source.meter)]
    if selectors := list(_assignments(source.selectors)):
        lines += ["", f"[{source.name}.selectors]", *selectors]
    return "\n".join([*lines, ""])


def with_real_urls(source: Source) -> Source:
    """*source* with its addresses as they stand in the configuration, secrets and all."""
    real = {secret.shown: secret.real for secret in source.secret_urls}
    return replace(
        source,
        home_url=real.get(source.home_url, source.home_url),
        feeds=tuple(real.get(url, url) for url in source.feeds),
        sitemaps=tuple(real.get(url, url) for url in source.sitemaps),
        index_pages=tuple(real.get(url, url) for url in source.index_pages),
    )


# ---------------------------------------------------------------- keys

SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")  # RFC 5646, without its rarer forms
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_ALIKE = 1000  # addresses that differ in their secrets alone
_FORMATS = ("html", "markdown", "text", "atom")
_SECURITY = ("starttls", "tls", "none")

_SOURCE_CHECKS: Mapping[str, Check] = {
    "title": check_text,
    "home_url": check_url,
    "feeds": check_list(check_url),
    "sitemaps": check_list(check_url),
    "index_pages": check_list(check_url),
    "language": check_match(_LANGUAGE, 'a language such as "en" or "pt-BR"'),
    "section": check_text,
    "schedule": check_schedule,
    "pace": check_duration,
    "enabled": check_bool,
    "access_note": check_text,
    "access_checked": check_date,
    "learn_templates": check_bool,
    "headers": check_headers,
    "auth_user": check_text,
    "auth_password_env": check_match(_ENVIRONMENT_NAME, "the name of an environment variable that holds the password"),
    "token_env": check_match(_ENVIRONMENT_NAME, "the name of an environment variable that holds the token"),
    "proxy": check_source_proxy,
}
_SELECTOR_CHECKS: Mapping[str, Check] = {
    key: check_list(check_text) for key in ("body", "headline", "dek", "byline", "remove", "signed_out")
}
_METER_CHECKS: Mapping[str, Check] = {
    "limit": check_whole(1, 1000),
    "window": check_meter_window,
    "reserve": check_whole(0, 1000),
}
_FETCH_CHECKS: Mapping[str, Check] = {
    "user_agent": check_user_agent,
    "robots_agent": check_match(re.compile(r"[A-Za-z_-]+"), "a product token of letters, - and _ (RFC 9309)"),
    "pace": check_duration,
    "jitter": check_share,
    "longest_crawl_delay": check_duration,
    "per_host": check_whole(1, 8),
    "open_hosts": check_whole(1, 10_000),
    "connect_timeout": check_positive_duration,
    "total_timeout": check_positive_duration,
    "max_bytes": check_size,
    "max_decoded_bytes": check_size,
    "max_redirects": check_whole(0, 20),
    "retries": check_whole(0, 10),
    "longest_retry_after": check_duration,
    "allowed_addresses": lambda value: frozenset(check_list(check_address)(value)),
    "proxy": check_proxy,
    "respect_wishes": check_bool,
}
_PASS_CHECKS: Mapping[str, Check] = {
    "articles_per_source": check_whole(1),
    "oldest_entry": check_duration_or_all,
    "recheck_for": check_duration,
    "reading_workers": check_whole(0, 64),
    "reading_timeout": check_positive_duration,
    "adaptive_polling": check_bool,
    "priority_words": check_list(check_text),
}
_BROWSE_CHECKS: Mapping[str, Check] = {
    "hosts": check_list(
        check_match(re.compile(r"[\w.-]+|[0-9a-fA-F:]+"), 'a host name or an address, as "news.example"')
    ),
}
_METRICS_CHECKS: Mapping[str, Check] = {"port": check_whole(1, 65_535)}
_MAIL_CHECKS: Mapping[str, Check] = {
    "host": check_match(re.compile(r"[\w.:-]+"), "the name of a mail server"),
    "port": check_whole(1, 65_535),
    "security": check_one_of(_SECURITY),
    "sender": check_mailbox,
    "readers": check_list(check_match(EMAIL, "an e-mail address"), least=1),
    "user": check_text,
    "password_env": check_match(_ENVIRONMENT_NAME, "the name of an environment variable that holds the password"),
}


# ---------------------------------------------------------------- reading

_Record = TypeVar("_Record")


def _from_home(path: str, environ: Mapping[str, str]) -> str:
    """*path* with a leading `~` replaced. Only the reader's own home is known here."""
    home = environ.get("HOME")
    return home + path[1:] if home and (path == "~" or path.startswith("~/")) else path


@dataclass(slots=True)
class _Reading:
    """What is needed while the files are read: where relative paths start, the mistakes and source names so far."""

    base: Path
    environ: Mapping[str, str]
    instead: Mapping[Path, str] = field(default_factory=dict)
    root: Path | None = None
    mistakes: list[Mistake] = field(default_factory=list)
    named_in: dict[str, Path] = field(default_factory=dict)  # source name -> its file, also where the table is wrong
    cookies_of: dict[Path, tuple[Path, str]] = field(default_factory=dict)  # cookie file -> where it is named
    real_urls: dict[str, str] = field(default_factory=dict)  # address without its secrets -> as it stands in the file

    def note(self, file: Path, table: str, key: str, expected: str) -> None:
        self.mistakes.append(Mistake(file, table, key, expected))

    def toml(self, file: Path) -> dict[str, Any] | None:
        """The tables of one file; None where it cannot be read, which is noted."""
        try:
            text = self.instead.get(file)
            return tomllib.loads(file.read_bytes().decode("utf-8-sig") if text is None else text)
        except tomllib.TOMLDecodeError as error:  # its text ends in "(at line 3, column 7)"
            self.note(file, "", "", f"not valid TOML: {error}")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.note(file, "", "", f"expected UTF-8, found other bytes at line {line}")
        except OSError as error:
            self.note(file, "", "", f"cannot be read: {error.strerror}")
        return None

    def path(self, value: object, below: Path | None = None) -> Path:
        """An absolute path; a relative one lies below *below*, or beside the configuration folder."""
        path = _from_home(check_text(value), self.environ)
        if path.startswith("~"):
            raise expected("a path; `~` stands for $HOME alone, and only where that is set", value)
        return (below or self.base) / path

    def file(self, value: object) -> Path:
        """The path of a file that is kept, there or not yet."""
        if (path := self.path(value, self.root)).is_dir():
            raise expected("the path of a file; this is a folder", value)
        return path

    def folder(self, value: object) -> Path:
        """The path of a folder that is kept, there or not yet."""
        if (path := self.path(value, self.root)).is_file():
            raise expected("the path of a folder; this is a file", value)
        return path

    def cookies_file(self, value: object) -> Path:
        # Without the file every page would be asked for as a stranger, and nobody would notice.
        if not (path := self.path(value)).is_file():
            raise expected("the path of a cookie file that is there", value)
        if path.stat().st_mode & 0o077:
            raise expected(f"a cookie file that nobody else can read (chmod 600 {path})", value)
        return path

    def ca_bundle(self, value: object) -> Path:
        path = self.path(value)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
        except (OSError, ssl.SSLError):
            raise expected("the path of a file with certificates (PEM)", value) from None
        return path

    def table(self, file: Path, table: str, value: object) -> dict[str, Any]:
        """*value*, where it is a table."""
        if isinstance(value, dict):
            return value
        self.note(file, table, "", f"expected a table, found {shown(value)}")
        return {}

    def record(
        self,
        file: Path,
        table: str,
        given: Mapping[str, Any],
        checks: Mapping[str, Check],
        record: type[_Record],
        *,
        more: Mapping[str, object] = MappingProxyType({}),
    ) -> _Record | None:
        """The record that a table describes, together with *more*; None where it has mistakes, which are noted."""
        before = len(self.mistakes)
        values: dict[str, Any] = dict(more)
        for key, value in given.items():
            if key not in checks:
                self.note(file, table, key, f"unknown key{did_you_mean(key, tuple(checks))}")
                continue
            try:
                values[key] = checks[key](value)
            except ValueError as problem:
                self.note(file, table, key, str(problem))
        parameters = inspect.signature(record).parameters
        for key in checks:
            if parameters[key].default is inspect.Parameter.empty and key not in given:
                self.note(file, table, key, "missing; it has no default")
        return record(**values) if len(self.mistakes) == before else None


def _root_in(file: Path, top: Mapping[str, Any] | None, reading: _Reading) -> Path | None:
    """The data folder: $PRESSWATCH_DATA, else `[archive] root`, else none."""
    if given := reading.environ.get("PRESSWATCH_DATA"):
        return Path(_from_home(given, reading.environ)).absolute()
    table = (top or {}).get("archive")
    if not isinstance(table, dict) or "root" not in table:
        return None
    try:
        return reading.folder(table["root"])
    except ValueError as problem:
        reading.note(file, "archive", "root", str(problem))
        return None


def _settings_in(
    file: Path, top: Mapping[str, Any] | None, folder: Path, sources: tuple[Source, ...], reading: _Reading
) -> Settings | None:
    """What `presswatch.toml` says; None where it has mistakes, which are noted."""
    if top is None:  # a file that is no TOML lacks everything: that need not be said key by key
        return None
    before = len(reading.mistakes)
    known = ("archive", "fetch", "passes", "digest", "browse", "mail", "retention", "metrics")
    for name, value in top.items():
        if name not in known:
            what, table, key = ("table", name, "") if isinstance(value, dict) else ("key", "", name)
            reading.note(file, table, key, f"unknown {what}{did_you_mean(name, known)}")
    tables = {name: reading.table(file, name, top.get(name, {})) for name in known}
    tables["archive"] = {key: value for key, value in tables["archive"].items() if key != "root"}
    archive_checks = {
        "database": reading.file,
        "warc_folder": reading.folder,
        "warc_bytes": check_size,
        "noarchive_captures": check_bool,
    }
    digest_checks = {
        "title": check_text,
        "timezone": check_timezone,
        "at": check_time,
        "folder": reading.folder,
        "formats": check_list(check_one_of(_FORMATS), least=1),
    }
    root = {"root": reading.root}
    archive = reading.record(file, "archive", tables["archive"], archive_checks, ArchiveSettings, more=root)
    fetch_checks = {**_FETCH_CHECKS, "ca_bundle": reading.ca_bundle}
    fetch = reading.record(file, "fetch", tables["fetch"], fetch_checks, FetchSettings)
    passes = reading.record(file, "passes", tables["passes"], _PASS_CHECKS, PassSettings)
    digest = reading.record(file, "digest", tables["digest"], digest_checks, DigestSettings)
    browse = reading.record(file, "browse", tables["browse"], _BROWSE_CHECKS, BrowseSettings)
    mail = reading.record(file, "mail", tables["mail"], _MAIL_CHECKS, MailSettings) if "mail" in top else None
    metrics_checks = {**_METRICS_CHECKS, "file": reading.file}
    metrics = reading.record(file, "metrics", tables["metrics"], metrics_checks, MetricsSettings)
    if mail and (mail.user is None) != (mail.password_env is None):
        missing = "user" if mail.user is None else "password_env"
        reading.note(file, "mail", missing, "missing; user and password_env go together")
    retention = _retention_in(file, tables["retention"], reading)
    if archive is not None:
        _note_cookies_in_archive(archive, folder, reading)
    if archive is None or fetch is None or passes is None or digest is None:
        return None
    if browse is None or metrics is None:
        return None
    if len(reading.mistakes) > before:
        return None
    return Settings(
        folder.resolve(), fetch, archive, passes, digest, sources, mail, retention, metrics=metrics, browse=browse
    )


def _note_cookies_in_archive(archive: ArchiveSettings, folder: Path, reading: _Reading) -> None:
    """Notes each cookie file in a folder of the archive, which is copied and handed on as a whole."""
    folders = [place.resolve() for place in (archive.database.parent, archive.warc_folder)]
    # A database that lies beside the configuration has no folder of its own.
    own = [place for place in folders if not folder.resolve().is_relative_to(place)]
    for cookies, (file, name) in reading.cookies_of.items():
        if any(cookies.resolve().is_relative_to(place) for place in own):
            reading.note(file, name, "cookies_file", f"expected a file outside the archive, found {shown(cookies)}")


def _retention_in(file: Path, table: Mapping[str, Any], reading: _Reading) -> tuple[RetentionRule, ...]:
    """The rules of the table [retention]: `keep` for every source, [retention.sources] for single ones."""
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


def _phrases_in(file: Path, reading: _Reading) -> tuple[Phrase, ...]:
    """The phrases of the tables [kind], as they stand; those with mistakes are left out."""
    phrases = []
    check = check_list(check_phrase)
    for kind, rows in ((reading.toml(file) if file.exists() else None) or {}).items():
        if kind not in ROLE_OF_KIND:
            what, table, key = ("table", kind, "") if isinstance(rows, dict) else ("key", "", kind)
            reading.note(file, table, key, f"unknown {what}{did_you_mean(kind, ROLE_OF_KIND)}")
            continue
        for strength, patterns in reading.table(file, kind, rows).items():
            if strength not in STRENGTHS:
                reading.note(file, kind, strength, f"unknown key{did_you_mean(strength, STRENGTHS)}")
                continue
            try:
                phrases += [Phrase(kind, strength, pattern) for pattern in check(patterns)]
            except ValueError as problem:
                reading.note(file, kind, strength, str(problem))
    return tuple(phrases)


def _sources_in(folders: Iterable[Path], reading: _Reading) -> tuple[Source, ...]:
    """The sources of every file, files by name, tables as they stand; those with mistakes are left out."""
    sources: list[Source] = []
    listed_in: dict[str, str] = {}  # URL key of a listing -> where it stood first
    for folder in folders:
        for file in sorted({*folder.glob("*.toml"), *(file for file in reading.instead if file.parent == folder)}):
            sources += _sources_of(file, reading, listed_in)
    return tuple(sources)


def _sources_of(file: Path, reading: _Reading, listed_in: dict[str, str]) -> list[Source]:
    sources = []
    for name, value in (reading.toml(file) or {}).items():
        if not isinstance(value, dict):
            reading.note(file, "", name, "expected a table for each source, such as [krebs]; this key is in none")
            continue
        if not SOURCE_NAME.fullmatch(name):
            reading.note(file, name, "", "expected a source name of a-z, 0-9, - and _")
        if name in reading.named_in:
            reading.note(file, name, "", f"this source is already in {reading.named_in[name].name}")
            continue
        reading.named_in[name] = file
        if source := _source_in(file, name, value, reading):
            sources.append(source)
            _note_shared_listings(file, source, listed_in, reading)
    return sources


def _source_in(file: Path, name: str, table: Mapping[str, Any], reading: _Reading) -> Source | None:
    """The source a table describes; None where it has mistakes, which are noted."""
    given = dict(table)
    selectors_given = reading.table(file, f"{name}.selectors", given.pop("selectors", {}))
    selectors = reading.record(file, f"{name}.selectors", selectors_given, _SELECTOR_CHECKS, Selectors)
    more: dict[str, object] = {"name": name, "selectors": selectors}
    if "meter" in given:
        more["meter"] = _meter_in(file, f"{name}.meter", given.pop("meter"), reading)
    checks = {**_SOURCE_CHECKS, "cookies_file": reading.cookies_file, "ca_bundle": reading.ca_bundle}
    source = reading.record(file, name, given, checks, Source, more=more)
    if source is None:
        return None
    if source.cookies_file:
        reading.cookies_of[source.cookies_file] = (file, name)
    if not (source.feeds or source.sitemaps or source.index_pages):
        reading.note(file, name, "feeds", "missing; a source has at least one feed, sitemap or index page")
    _note_credentials(file, source, reading)
    return _without_secrets(file, source, reading)


def _note_credentials(file: Path, source: Source, reading: _Reading) -> None:
    """Notes what would keep a source's password or token from ever being sent."""
    if (source.auth_user is None) != (source.auth_password_env is None):
        missing = "auth_user" if source.auth_user is None else "auth_password_env"
        reading.note(file, source.name, missing, "missing; auth_user and auth_password_env go together")
    if source.token_env and source.auth_user:
        reading.note(file, source.name, "token_env", "expected a token or a user, not both")
    site = registrable_domain(source.home_url)
    own = [url for url in _listings(source) if registrable_domain(url) == site] or [source.home_url]
    key = "token_env" if source.token_env else "auth_user"
    if (source.token_env or source.auth_user) and not any(map(keeps_secrets, own)):
        reading.note(file, source.name, key, f"goes over https alone, and {hide_secrets(own[0])} is not")


def _without_secrets(file: Path, source: Source, reading: _Reading) -> Source:
    """*source* with what may be shown in place of each address that holds a secret."""
    secret: dict[str, SecretUrl] = {}

    def shown_url(key: str, url: str) -> str:
        if login_of(url) and not keeps_secrets(url):
            reading.note(file, source.name, key, f"{hide_secrets(url)}: a password goes over https alone")
        number = 1
        while reading.real_urls.setdefault(public := hide_secrets(url, number), url) != url and number < _MOST_ALIKE:
            if public == hide_secrets(url, number + 1):
                break  # nothing but the login differs
            number += 1
        if public != url:
            secret[url] = SecretUrl(public, url)
        return public

    shown_urls: dict[str, Any] = {"home_url": shown_url("home_url", source.home_url)}
    for key in ("feeds", "sitemaps", "index_pages"):
        shown_urls[key] = tuple(shown_url(key, url) for url in getattr(source, key))
    return replace(source, **shown_urls, secret_urls=tuple(secret.values()))


def _listings(source: Source) -> tuple[str, ...]:
    return (*source.feeds, *source.sitemaps, *source.index_pages)


def _meter_in(file: Path, table: str, value: object, reading: _Reading) -> MeterRule | None:
    meter = reading.record(file, table, reading.table(file, table, value), _METER_CHECKS, MeterRule)
    if meter and meter.limit is not None and meter.reserve >= meter.limit:
        reading.note(file, table, "reserve", f"expected less than the limit of {meter.limit}, found {meter.reserve}")
    return meter


def _note_shared_listings(file: Path, source: Source, listed_in: dict[str, str], reading: _Reading) -> None:
    """Notes each listing of *source* that was there before: it would be asked for twice in every pass, if at all."""
    if not source.enabled:
        return
    listings = {"feeds": source.feeds, "sitemaps": source.sitemaps, "index_pages": source.index_pages}
    for key, urls in listings.items():
        for url in urls:
            if other := listed_in.get(url_key(url)):
                reading.note(file, source.name, key, f"{url} is already in {other}")
            listed_in.setdefault(url_key(url), f"{key} of [{source.name}]")


# ---------------------------------------------------------------- writing


def _assignments(record: Source | Selectors | MeterRule, besides: Container[str] = ()) -> Iterator[str]:
    """`key = value` for each field that differs from its default, without the fields *besides*."""
    for part in fields(record):
        value = getattr(record, part.name)
        if part.name not in besides and value != part.default:
            yield f"{part.name} = {render_value(value)}"


def render_value(value: object) -> str:
    """
    A value of a record in TOML.

    Source: TOML 1.0; its basic strings are those of JSON, except that U+007F is escaped too.
    """
    match value:
        case timedelta():
            return render_value(render_duration(value))
        case date():
            return value.isoformat()
        case tuple():
            return f"[{', '.join(render_value(member) for member in value)}]"
        case Path():
            return render_value(str(value))
        case _:
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
