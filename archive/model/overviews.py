"""What is known of many articles together: of a vulnerability, of a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from archive.model.lists import ListedArticle


@dataclass(frozen=True, slots=True)
class CveNews:
    """
    A vulnerability in the news.

    Args:
        articles: The latest ones that name it, the latest first.
        count: How many do.
    """

    cve: str
    first_seen_at: datetime
    articles: tuple[ListedArticle, ...]
    count: int


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the configuration says of a source."""

    name: str
    home_url: str
    section: str | None
    language: str | None
    schedule: str | None


@dataclass(frozen=True, slots=True)
class SourceDays:
    """
    What came of a source in some days.

    Args:
        days: How many articles a day; days without one are left out.
        whole: Of how many articles the whole text was served; *cut*: of how many it was not; of
            others nobody can say.
        free: How many of them everybody may read.
    """

    days: dict[date, int]
    whole: int
    cut: int
    free: int

    @property
    def count(self) -> int:
        """Articles in all."""
        return sum(self.days.values())
