"""
The configuration folder, read once into frozen records.

    presswatch.toml      how we behave, where the archive is, digest, mail, retention
    sources/*.toml       one table a source

Every mistake is reported at once, each with file, table, key and what was expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path

from scraper.model import FetchSettings, Source


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """
    Where things are kept. Paths are absolute.

    Args:
        warc_bytes: A WARC file is closed and the next one begun at this size.
    """

    database: Path
    warc_folder: Path
    warc_bytes: int = 1_000_000_000


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
    """

    articles_per_source: int = 200
    oldest_entry: timedelta | None = timedelta(days=14)
    recheck_for: timedelta = timedelta(days=2)
    reading_workers: int = 2
    reading_timeout: timedelta = timedelta(seconds=60)


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
