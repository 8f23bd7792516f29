"""Articles as they are kept, and the raw responses they came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from archive.model.decisions import PARTS, DuplicateKind
from scraper.model import Article, LabelledBlock


class Session(StrEnum):
    """As whom a page was asked for."""

    ANONYMOUS = "anonymous"
    SUBSCRIBER = "subscriber"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class StoredDuplicate:
    """
    A link between two articles.

    *kind* is said of the article that was asked about where *is_subject*, of the other one
    otherwise. *rule*: what decided, for the reader. *private*: the other one is the reader's alone.
    """

    article_id: int
    headline: str | None
    source: str | None
    url: str
    kind: DuplicateKind
    similarity: float
    is_subject: bool
    rule: str = ""
    language: str | None = None
    private: bool = False

    @property
    def is_shorter(self) -> bool:
        """Whether the article that was asked about is a part of the other one."""
        return self.is_subject and self.kind in PARTS


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One version of an article's text."""

    revision_id: int
    number: int
    seen_at: datetime
    changes: str | None
    headline: str | None
    word_count: int
    capture_id: int | None
    blocks: tuple[LabelledBlock, ...]


class Withheld(StrEnum):
    """What of an article is not for everybody: its text, or that there is one."""

    TEXT = "text"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What the publisher's wishes keep from being done with an article, as far as they are obeyed.

    Args:
        noarchive: No copy is to be shown: the article is the reader's alone.
        snippet_length: Most characters of its text that are quoted; None for no bound.
        unavailable_after: From when on it is not shown any more.
        tdm_reserved: It is left out of exports that are made for mining.
    """

    noarchive: bool = False
    snippet_length: int | None = None
    unavailable_after: datetime | None = None
    tdm_reserved: bool = False


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """
    An article as the archive holds it; *article* is its current revision, *revisions* are oldest
    first.

    *private*: it is the reader's alone, because some of its text was read with the reader's own
    subscription, or because its publisher wants no copy of it to be shown. *changed_at*: since when
    a listing says that it changed, where it could not be looked at again. *cluster_id*: the smallest
    id of the articles that are one report; *is_lead*: it is the one of them to show.
    """

    article_id: int
    article: Article
    source: str | None
    found_url: str
    url_key: str
    first_seen_at: datetime
    last_seen_at: datetime
    revised_at: datetime | None
    starred: bool
    revisions: tuple[StoredRevision, ...]
    duplicates: tuple[StoredDuplicate, ...] = ()
    private: bool = False
    limits: Limits = NO_LIMITS
    changed_at: datetime | None = None
    cluster_id: int | None = None
    is_lead: bool = True

    @property
    def appeared_at(self) -> datetime:
        """When it appeared, as its publisher says, but never after we saw it: a wrong clock must not lead."""
        published = self.article.published_at
        return min(published, self.first_seen_at) if published else self.first_seen_at

    @property
    def outlet(self) -> str:
        """Who published it, where the configuration does not name the source: as its pages say, or by its host."""
        return self.article.publication or self.source or urlsplit(self.article.url).hostname or ""

    @property
    def report_id(self) -> int:
        """What it has in common with the articles that are one report with it."""
        return self.article_id if self.cluster_id is None else self.cluster_id


@dataclass(frozen=True, slots=True)
class CaptureLocation:
    """
    Where a raw response lies.

    Args:
        file: Name of the WARC file below the archive's WARC folder, or the whole path of a file of
            somebody else.
        offset, length: Of the response record in that file, bytes.
        digest: Of the body, as WARC-Payload-Digest has it ("sha1:" and base32).
        of: Id of the capture that holds the body, where this is a revisit record without one.
    """

    file: str
    offset: int
    length: int
    digest: str
    of: int | None = None

    @property
    def is_of_others(self) -> bool:
        """Whether it lies in a file that was taken in where it is, and that is not ours."""
        return Path(self.file).is_absolute()


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """One raw response that was kept. *url* is as fetched."""

    capture_id: int
    url: str
    url_key: str
    source: str | None
    captured_at: datetime
    status: int
    media_type: str | None
    location: CaptureLocation


@dataclass(frozen=True, slots=True)
class CurrentCapture:
    """Where the page lies that the current revision of an article was read from."""

    article_id: int
    source: str | None
    warc_file: str
    warc_offset: int


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """
    A WARC file of somebody else that was taken in.

    Args:
        size: Bytes.
        digest: Of the file: sha256, hex.
        done_count: Its responses that were dealt with.
        ended_at: When all were; None where the import was stopped.
    """

    path: Path
    size: int
    digest: str
    done_count: int
    ended_at: datetime | None
