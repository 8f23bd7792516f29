"""Stories: the articles on one event, from day to day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoryArticle:
    """
    What is known of an article to put it into a story.

    Args:
        opening: The begin of its text.
        told_at: When it was published, never after we saw it.
        story_id: The story that it is in, if any.
        is_public: Everybody may read it: name and key terms of a story may be drawn from it.
    """

    article_id: int
    cluster_id: int
    headline: str
    opening: str
    language: str | None
    told_at: datetime
    story_id: int | None
    is_public: bool


@dataclass(frozen=True, slots=True)
class Description:
    """
    What a story is called.

    Args:
        central_id: The article that is most like all others of it; its headline is the name. None
            where nobody but the reader may read any of them.
        terms: What its reports say and few others do, the most telling first.
    """

    central_id: int | None = None
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LivingStory:
    """
    A story as it is known when some of its articles are to be told.

    Args:
        begun_at: When its first article was told.
        earlier: Its articles from before, oldest first; copies left out.
    """

    story_id: int
    begun_at: datetime
    earlier: Sequence[StoryArticle]
