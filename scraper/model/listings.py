"""What listings say: entries, how often to ask, and what came of a visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ListingKind(StrEnum):
    """The kinds of documents that name articles."""

    FEED = "feed"
    SITEMAP = "sitemap"
    INDEX_PAGE = "index page"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that hangs on an entry. *length* is in bytes."""

    url: str
    media_type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One item of a feed, or one find from a sitemap or an index page.

    Args:
        url: Absolute URL of the article, as found.
        published_raw: The date as the document gave it.
        content_html: The full text where a full-content feed carries it.
        content_text: Its words, a line a block.
        is_whole_article: An index page that carries the article itself.
    """

    url: str
    title: str | None = None
    guid: str | None = None
    published_at: datetime | None = None
    published_raw: str | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    summary: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    language: str | None = None
    is_whole_article: bool = False


@dataclass(frozen=True, slots=True)
class Further:
    """
    More of the same that a listing names: a sitemap of an index, the next page of a section front.

    Args:
        url: Absolute.
        modified_at: When it changed last, as a sitemap index says (lastmod).
    """

    url: str
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """
    How often a listing wants to be asked for.

    Args:
        wait: Least time between two visits.
        hours: Hours of the day (0 to 23, UTC) at which it has nothing new.
        days: Days of the week (0 is Monday, UTC) of which the same holds.
    """

    wait: timedelta = timedelta()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Listing:
    """
    What a feed, a sitemap or an index page says.

    Args:
        entries: In the order of the document, each URL once; of a feed each URL and GUID.
        further: The sitemaps of an index, the next page of a section front; in the order of the
            document.
        problem: A fault that did not keep us from reading the rest.
        unlinked: Items of a feed that name no address; their *url* leads to the feed and names
            them.
        is_cut: The document breaks off before its end; there may be more in it.
        rhythm: What the document says of how often it wants to be asked for.
    """

    kind: ListingKind
    entries: tuple[Entry, ...]
    further: tuple[Further, ...] = ()
    title: str | None = None
    home_url: str | None = None
    language: str | None = None
    problem: str | None = None
    unlinked: tuple[Entry, ...] = ()
    is_cut: bool = False
    rhythm: Rhythm = Rhythm()

    @property
    def all_entries(self) -> tuple[Entry, ...]:
        """What it names, and what it carries itself."""
        return (
            *self.entries,
            *(entry for entry in self.unlinked if entry.title or entry.summary or entry.content_html),
        )


class CheckOutcome(StrEnum):
    """What came of one visit to a feed, sitemap or index page."""

    FOUND = "found"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    SUDDENLY_EMPTY = "suddenly empty"
    BROKEN = "broken"
    HTML = "html instead of xml"
    DISALLOWED = "disallowed"
    FAILED = "failed"


# Visits that tell the reader that something is missing.
WENT_WRONG = (
    CheckOutcome.SUDDENLY_EMPTY,
    CheckOutcome.BROKEN,
    CheckOutcome.HTML,
    CheckOutcome.DISALLOWED,
    CheckOutcome.FAILED,
)
