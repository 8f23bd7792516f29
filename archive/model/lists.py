"""Articles as rows of a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scraper.model import AccessStatus


@dataclass(frozen=True, slots=True)
class RecentArticle:
    """
    What is known of an article to give it its place on the front page.

    Args:
        report_id: What it has in common with the articles that are one report with it.
        outlet: The publication, as readers know it.
        told_at: When it was published, never after we saw it.
        version: Another one after a revision.
        private: It is its reader's alone.
    """

    article_id: int
    report_id: int
    story_id: int | None
    outlet: str
    told_at: datetime
    is_lead: bool
    version: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """
    An article as a list shows it.

    Args:
        story_id: The story that it is in with others, if any.
        outlet: The publication, as readers know it.
        line: What it is about, or how it begins, as far as that may be quoted.
        url: As it was fetched.
        told_at: When it was published, never after we saw it.
        complete: The whole text was served.
        private: It is its reader's alone.
        reserved: Its publisher reserves text and data mining.
        revised_at: When its text changed last.
    """

    article_id: int
    url: str
    url_key: str
    story_id: int | None
    headline: str | None
    line: str
    language: str | None
    outlet: str
    told_at: datetime
    access: AccessStatus
    complete: bool | None
    cves: tuple[str, ...]
    private: bool
    reserved: bool
    revised_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether everybody may read all of it."""
        return self.access is AccessStatus.FREE and self.complete is not False and not self.private


@dataclass(frozen=True, slots=True)
class StoryLife:
    """
    A story from its first article to its last.

    Args:
        headline: What it is called: the headline of the article that is most like all others; None
            where nobody but the reader may read any of them. *language*: of the headline.
        terms: What its articles say and few others do.
    """

    story_id: int
    headline: str | None
    language: str | None
    terms: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    article_count: int
    report_count: int
    source_count: int
