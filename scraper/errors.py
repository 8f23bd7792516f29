"""
The errors a reader of presswatch can meet.

    PresswatchError            carries a sentence for the reader
    ├── ConfigError            file, table, key
    ├── ParseError             url
    │   ├── FeedError
    │   ├── SitemapError
    │   └── PageError
    ├── ArchiveError           database path
    │   ├── ArchiveLockedError
    │   └── SchemaError        found and wanted version
    ├── RemoteFileError        address
    ├── FleetError
    └── DeliveryError          target

Expected outcomes (a refusal, a 304, a time-out) are values, never exceptions:
see `scraper.model.Outcome`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


class PresswatchError(Exception):
    """Broken input or a broken set-up. Its text is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in the configuration, and what was expected there."""

    file: Path
    table: str
    key: str
    expected: str

    def __str__(self) -> str:
        place = " ".join(part for part in (f"[{self.table}]" if self.table else "", self.key) if part)
        return f"{self.file}: {place}: {self.expected}" if place else f"{self.file}: {self.expected}"


class ConfigError(PresswatchError):
    """The configuration has mistakes; *mistakes* lists every one of them."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


class ParseError(PresswatchError):
    """A document that came from the web cannot be read; *is_html* where a web page came in its place."""

    def __init__(self, url: str, problem: str, *, is_html: bool = False) -> None:
        self.url = url
        self.problem = problem
        self.is_html = is_html
        # The arguments as they came: an error of a worker process is pickled, and made again from
        # them.
        super().__init__(url, problem)

    def __str__(self) -> str:
        return f"{self.url}: {self.problem}"


class FeedError(ParseError):
    """Not a feed, or a feed that is broken beyond reading."""


class SitemapError(ParseError):
    """Not a sitemap, or a sitemap that is broken beyond reading."""


class PageError(ParseError):
    """Not a page with text in it."""


class ArchiveError(PresswatchError):
    """The archive cannot be used as asked."""

    def __init__(self, path: Path | str, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path}: {problem}")


class ArchiveLockedError(ArchiveError):
    """Another process writes to this archive."""


class SchemaError(ArchiveError):
    """The archive was made by another version of presswatch."""

    def __init__(self, path: Path | str, found: str, wanted: str) -> None:
        self.found = found
        self.wanted = wanted
        what = (
            "presswatch run (or whatever else writes) brings it up to date"
            if found < wanted
            else "a newer version of presswatch made it"
        )
        super().__init__(path, f"the archive has schema {found}, this version of presswatch wants {wanted}: {what}")


class RemoteFileError(PresswatchError):
    """A file at an address is not to be had."""

    def __init__(self, address: str, problem: str) -> None:
        # Who typed it may have put a password or a key into it, and libraries quote what they were asked for.
        self.address = _SECRET.sub("", address)
        for secret in filter(None, _SECRET.findall(address)):
            problem = problem.replace(secret, "")
        super().__init__(f"{self.address}: {problem}")


# The part with the name of a user, and the query.
_SECRET = re.compile(r"(?<=://)[^/@]*@|[?#].+")


class FleetError(PresswatchError):
    """There are no workers to hand files to."""


class DeliveryError(PresswatchError):
    """A digest could not be written or sent."""

    def __init__(self, target: str, problem: str) -> None:
        self.target = target
        super().__init__(f"{target}: {problem}")
