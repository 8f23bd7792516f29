"""What the archive answers: what is due, lost, found, and how its sources are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scraper.model import AccessStatus, CheckOutcome, Validators


@dataclass(frozen=True, slots=True)
class LastCheck:
    """
    The latest visit to a feed, sitemap or index page.

    Args:
        validators: Of the latest visit that was read well; a broken answer never makes the next one
            "not modified".
        validated: The outcome of that visit; a 304 says that it still holds.
        had_entries: Any visit so far found entries.
    """

    at: datetime
    outcome: CheckOutcome
    validators: Validators
    validated: CheckOutcome | None
    had_entries: bool


@dataclass(frozen=True, slots=True)
class ArticleToFetch:
    """
    An article page to ask for now.

    Args:
        is_recheck: We have it, and ask whether it changed.
        is_wanted: It has one of the reader's priority words.
        has_failed: It was asked for before, and did not come.
        is_claimed: A listing says that it changed since we looked.
        former_url: Where the entry was found before, by its GUID; whether that leads here now is
            asked first.
    """

    url: str
    url_key: str
    validators: Validators
    is_recheck: bool
    is_wanted: bool = False
    has_failed: bool = False
    is_claimed: bool = False
    former_url: str | None = None


@dataclass(frozen=True, slots=True)
class HostRest:
    """
    A host that is left alone for a while.

    Args:
        host: And port, as `host_key` has it.
        is_of_pages: Only its article pages are left; its listings are visited all the same.
        until: Nothing is asked before.
        why: For the reader.
        since: When the first rest in a row began; where pages are refused, when the first of them was.
        spells: Rests in a row.
    """

    host: str
    is_of_pages: bool
    until: datetime
    why: str
    since: datetime
    spells: int


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many pages of a source were refused since one came, and when the first and last time."""

    pages: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """
    An article that a listing named, and whose page was given up; no feed carried its text.

    *is_gone*: its publisher took it away.
    """

    source: str
    url: str
    title: str | None
    given_up_at: datetime
    why: str
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Appearance:
    """
    Where and when an article appeared that is one report with others.

    Args:
        source: The publication, as readers know it.
        at: When it was published, or seen where nobody says; never after it was seen.
        private: It is its reader's alone.
    """

    article_id: int
    source: str
    url: str
    at: datetime
    private: bool = False


@dataclass(frozen=True, slots=True)
class SearchHit:
    """
    One report that a search found. *rank*: smaller is better.

    Args:
        snippet: A stretch of a text, as it is written there.
        marks: Where in it words stand that were asked for: begin and end, in characters.
        places: Where the report appeared, this article among them, by time; none where it is
            nowhere else.
        shard: The shard of a folder that has the article; None for that of an archive.
    """

    article_id: int
    headline: str | None
    source: str | None
    published_at: datetime | None
    url: str
    snippet: str
    rank: float
    first_seen_at: datetime
    marks: tuple[tuple[int, int], ...] = ()
    places: tuple[Appearance, ...] = ()
    shard: str | None = None


@dataclass(frozen=True, slots=True)
class NewsItem:
    """
    An article that is new to the reader, or has changed.

    Args:
        at: When it was published, or seen where nobody says; never after it was seen.
        report_id: Articles with the same one are one report; *is_lead*: it is the one to show.
        story_id: The story that it is in, if it was put into one yet.
    """

    article_id: int
    headline: str
    url: str
    outlet: str
    at: datetime
    report_id: int
    story_id: int | None
    is_lead: bool
    is_revised: bool
    access: AccessStatus

    @property
    def event(self) -> tuple[str, int]:
        """What it has in common with the articles that are to be shown together with it."""
        return ("report", self.report_id) if self.story_id is None else ("story", self.story_id)


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source has done: its latest check, and the last seven days."""

    source: str
    title: str
    enabled: bool
    checked_at: datetime | None
    outcome: CheckOutcome | None
    detail: str | None
    article_count: int
    failed_count: int


@dataclass(frozen=True, slots=True)
class StoredPass:
    """One pass that came to its end, with its counts."""

    started_at: datetime
    finished_at: datetime
    request_count: int
    failed_count: int
    added_count: int
    revised_count: int


@dataclass(frozen=True, slots=True)
class ExpiredSession:
    """
    A source whose latest page asked for with the reader's subscription showed that its session has
    ended.
    """

    source: str
    title: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows a retention rule took away."""

    article_count: int
    capture_count: int
    request_count: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much the archive holds."""

    source_count: int
    article_count: int
    revision_count: int
    capture_count: int
    duplicate_count: int
    edition_count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
