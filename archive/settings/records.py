"""What the configuration says, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path

from archive.edition.formats import FORMATS
from scraper.errors import Mistake
from scraper.model import FetchSettings, Phrase, Source


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """
    Where things are kept. Paths are absolute.

    Args:
        warc_bytes: A WARC file is closed and the next one begun at this size.
        noarchive_captures: Raw responses of pages that wish for no copy are kept, apart.
        root: The data folder, where one is named: relative paths start there.
    """

    database: Path
    warc_folder: Path
    warc_bytes: int = 1_000_000_000  # as ISO 28500, annex C, recommends it
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
        adaptive_polling: Listings without news for long are visited less often.
        priority_words: Entries with one of these words or phrases are fetched first.
    """

    articles_per_source: int = 200  # at two seconds each: seven minutes of a pass
    oldest_entry: timedelta | None = timedelta(days=14)  # more than a week of silence
    recheck_for: timedelta = timedelta(days=2)  # newsrooms correct a text in its first days
    reading_workers: int = 2  # 200 MB each, and a small machine has two cores
    reading_timeout: timedelta = timedelta(seconds=60)  # most pages take a tenth of a second
    adaptive_polling: bool = True
    priority_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """
    Whether the pictures of articles are kept.

    Args:
        per_article: So many of one article, the first ones.
        per_source: So many are asked for in one pass for the articles of one source; the others wait.
    """

    keep: bool = False
    per_article: int = 10
    per_source: int = 100  # at two seconds each: three minutes of a pass, where one host has them all

    @property
    def most(self) -> int:
        """So many pictures of an article are kept."""
        return self.per_article if self.keep else 0


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """
    The nightly digest.

    Args:
        at: Local time of day in *timezone* (IANA name).
        formats: Names of `archive.edition.formats`.
        base_url: Where browse is had, with what stands before "/article/7"; None: nothing leads
            there.
    """

    title: str
    timezone: str
    at: time
    folder: Path
    formats: tuple[str, ...] = tuple(name for name, one in FORMATS.items() if one.is_default)
    base_url: str | None = None


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
        send_empty: A digest that has nothing to tell is mailed all the same.
    """

    host: str
    port: int
    security: str
    sender: str
    readers: tuple[str, ...]
    user: str | None = None
    password_env: str | None = None
    send_empty: bool = False


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


class ChannelKind(StrEnum):
    """By what an alert is told at once."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    NTFY = "ntfy"
    APPRISE = "apprise"


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """
    A way by which alerts are told at once, with a name that alerts call it by.

    Args:
        address: A mail address, or a URL; what it holds is often a secret.
        address_env, token_env: Environment variables that hold the address, and a token for it.
    """

    name: str
    kind: ChannelKind
    address: str | None = None
    address_env: str | None = None
    token_env: str | None = None


MAIL_READERS = "mail"
"""The channel that needs no table: the readers of the digest, by its mail server."""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """
    What is looked for in every article that is archived or revised, and what follows.

    Args:
        query: As `archive.judge.query.parse` reads it; "" for the word list alone.
        words: Lines of the word list, each as a query has it; one of them must be there.
        problem: Why the word list cannot be read; then the alert sleeps.
        mark: Articles show the name of the alert.
        tag: Tags for them, for `tag:` in queries.
        lead: Their stories are first in the digest.
        star: Retention keeps them.
        notify: Names of channels by which their stories are told at once.
    """

    name: str
    title: str
    query: str = ""
    words_file: Path | None = None
    words: tuple[str, ...] = ()
    problem: str | None = None
    enabled: bool = True
    mark: bool = True
    tag: tuple[str, ...] = ()
    lead: bool = False
    star: bool = False
    notify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """
    Articles of *source* go after *keep*; starred ones never.

    None is every source without a rule of its own.
    """

    source: str | None
    keep: timedelta


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Everything the configuration says.

    Args:
        alert_mistakes: What is wrong with alerts that are therefore not among *alerts*.
    """

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
    pictures: PictureSettings = PictureSettings()
    metrics: MetricsSettings = MetricsSettings()
    alerts: tuple[AlertSettings, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    alert_mistakes: tuple[Mistake, ...] = ()
