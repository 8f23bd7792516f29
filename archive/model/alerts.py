"""Alerts: what was found by them, and the notices by which that is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive.model.editions import DeliveryState


@dataclass(frozen=True, slots=True)
class AlertHit:
    """
    An article that an alert was found to hold of, and what follows of that.

    Args:
        words: Lines of the word list that it has.
        tells: Its story is to be told at once.
    """

    alert: str
    article_id: int
    words: tuple[str, ...] = ()
    is_marked: bool = False
    tags: tuple[str, ...] = ()
    is_lead: bool = False
    is_starred: bool = False
    tells: bool = False


@dataclass(frozen=True, slots=True)
class UntoldHit:
    """
    A hit that waits to be told.

    Args:
        story_id: The story of its article; None where it is in none.
        report_id: What it has in common with the articles that are one report with it.
        notice_id: The notice by which its story was told already.
    """

    alert: str
    article_id: int
    words: tuple[str, ...]
    story_id: int | None
    report_id: int
    notice_id: int | None = None

    @property
    def event(self) -> tuple[str, int, int]:
        """What is told once: a story, or a report that is in none."""
        return self.alert, self.story_id or 0, 0 if self.story_id else self.report_id


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """
    An article as a notice names it.

    Args:
        words: What of the word list it has.
        access_mark: Short mark for the reader ("metered"), None for free and complete.
        extract: A sentence or two, as far as they may be handed on.
        is_revised: It has it since its text was changed.
    """

    article_id: int
    headline: str
    url: str
    source: str
    published_at: datetime | None
    first_seen_at: datetime
    words: tuple[str, ...] = ()
    access_mark: str | None = None
    extract: str = ""
    cves: tuple[str, ...] = ()
    is_revised: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """
    One message: a story that an alert holds of, as it was when it was found.

    Args:
        alert, title: Name of the alert, and what its reader calls it.
        others: Further articles of the story that the alert holds of.
    """

    alert: str
    title: str
    made_at: datetime
    lead: NoticeItem
    others: tuple[NoticeItem, ...] = ()
    story_id: int | None = None

    @property
    def items(self) -> tuple[NoticeItem, ...]:
        """All articles that it names."""
        return self.lead, *self.others


@dataclass(frozen=True, slots=True)
class NoticeDelivery:
    """
    A notice on its way by one channel.

    Args:
        channel: Name of a channel.
        target: The reader, where the channel has several; else "".
        tries, last_error, next_try_at: As in `Delivery`.
    """

    delivery_id: int
    notice_id: int
    notice: Notice
    channel: str
    target: str
    state: DeliveryState
    created_at: datetime
    tries: int = 0
    last_error: str | None = None
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlertCount:
    """What became of an alert: articles that it holds of, when the last was found, notices by state."""

    articles: int = 0
    last_at: datetime | None = None
    sent: int = 0
    waiting: int = 0
