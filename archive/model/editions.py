"""Digests: what stands in them, and to whom they were delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from archive.model.answers import Appearance


class EditionKind(StrEnum):
    """
    What an edition is of.

    *nightly*: of a whole local day that is over; a day has one. *extra*: of any other window, as
    `--since` makes it.
    """

    NIGHTLY = "nightly"
    EXTRA = "extra"


class Channel(StrEnum):
    """How an edition reaches a reader."""

    MAIL = "mail"
    FILES = "files"


class DeliveryState(StrEnum):
    """How far a delivery is; *failed* is given up."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Recipient:
    """
    Who is told, and how.

    *target* is the address of a reader; all files are one recipient, whatever their names, and have
    none.
    """

    channel: Channel
    target: str = ""


FILES = Recipient(Channel.FILES)


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    An edition on its way to one recipient.

    Args:
        target: The address of a reader; for files their name without suffix.
        day: Local day of the edition.
        tries: Attempts so far.
        last_error: What the latest one that failed was told.
        next_try_at: When a pass tries again; None is at once.
    """

    delivery_id: int
    edition_id: int
    channel: Channel
    target: str
    state: DeliveryState
    day: date
    kind: EditionKind
    created_at: datetime
    tries: int = 0
    last_error: str | None = None
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToldSpan:
    """
    From when to when somebody was told: begin of the first window, end of the last.

    *has_nightly*: among them is the digest of a whole day.
    """

    since: datetime
    until: datetime
    has_nightly: bool


@dataclass(frozen=True, slots=True)
class Candidates:
    """
    What may stand in a digest for one recipient.

    Args:
        article_ids: By first sight.
        older: How many articles of each source were published long before we first saw the source.
        again: Ids of articles of a report that an earlier digest told from another address, or that
            was seen there before.
    """

    article_ids: tuple[int, ...]
    older: Mapping[str, int] = field(default_factory=dict)
    again: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredEdition:
    """A digest that was made. The window excludes its end."""

    edition_id: int
    title: str
    since: datetime
    until: datetime
    timezone: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class EditionItem:
    """
    One article as a digest shows it.

    Args:
        access_mark: Short mark for the reader ("metered", "preview only"), None for free and
            complete.
        access_reason: Why the mark is there.
        extract: Two sentences of the body.
        is_revised: It stood in an earlier edition and has changed since.
        limited_by: The wish of its publisher for which less of it is quoted, in words.
        report_id: Items with the same one are one report.
        places: Where that report appeared, this article among them, by time; none where it is
            nowhere else.
        news: What it brings that was not known of the same report before ("adds 2 paragraphs").
        alerts: What the alerts are called that put it first.
    """

    article_id: int
    revision_id: int
    headline: str
    url: str
    source: str
    published_at: datetime | None
    first_seen_at: datetime
    access_mark: str | None
    access_reason: str | None
    extract: str
    section: str | None = None
    language: str | None = None
    is_revised: bool = False
    cves: tuple[str, ...] = ()
    limited_by: str | None = None
    report_id: int = 0
    places: tuple[Appearance, ...] = ()
    news: str | None = None
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EchoCount:
    """
    How many of the articles on an event are reports of their own.

    Args:
        independent: Houses that found something out by themselves.
        first: Whose article told it first; *house*: whose report that was, where it was an agency's.
        article_ids: Of those that were counted.
    """

    articles: int
    independent: int
    first: str
    house: str
    article_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """
    Articles on one event.

    *lead* is shown; of *others*, the first article of each report stands for it.

    Args:
        story_id: The story in the archive; the same one from day to day.
        begun_at: When its first article was told, in whatever edition.
        earlier_count: Reports of it from before, which are not told here again; at most twenty are
            counted.
        new_words: What tells what is new in it.
        is_followed: The owner of the archive follows it.
    """

    lead: EditionItem
    others: tuple[EditionItem, ...] = ()
    echo: EchoCount | None = None
    story_id: int | None = None
    begun_at: datetime | None = None
    earlier_count: int = 0
    new_words: tuple[str, ...] = ()
    is_followed: bool = False

    @property
    def items(self) -> tuple[EditionItem, ...]:
        """Every article of it, the lead first."""
        return self.lead, *self.others

    @property
    def alerts(self) -> tuple[str, ...]:
        """What the alerts are called that put it first."""
        return tuple(dict.fromkeys(name for item in self.items for name in item.alerts))

    @property
    def reports(self) -> tuple[EditionItem, ...]:
        """One article of each other report on the event."""
        found = {item.report_id or -item.article_id: item for item in reversed(self.others)}
        found.pop(self.lead.report_id, None)
        return tuple(item for item in self.others if found.get(item.report_id or -item.article_id) is item)


@dataclass(frozen=True, slots=True)
class UnseenPage:
    """A page that could not be seen. *headline*: as a listing has it; else empty."""

    headline: str
    url: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """
    Something the reader could not be shown: what, where, why, how often.

    Args:
        is_left: It was not asked for, and waits for a later pass.
        pages: Some of them, which the reader may look at for herself.
    """

    what: str
    where: str
    why: str
    count: int = 1
    is_left: bool = False
    pages: tuple[UnseenPage, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnexLine:
    """A line of an annex: a name, what is said of it, and where that stands."""

    name: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Annex:
    """
    What the digest of a week or a month tells beside stories.

    Args:
        key: By which the contents lead to it.
    """

    key: str
    name: str
    lines: tuple[AnnexLine, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """
    One digest.

    Args:
        since, until: The window, UTC, end excluded.
        timezone: IANA name the reader reads times in.
        base_url: Where the archive can be browsed; None: nothing leads there.
    """

    title: str
    since: datetime
    until: datetime
    timezone: str
    made_at: datetime
    stories: tuple[Story, ...]
    unseen: tuple[Unseen, ...] = field(default=())
    base_url: str | None = None
    annexes: tuple[Annex, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell: no story, and nothing that could not be seen."""
        return not self.stories and not self.unseen

    @property
    def day(self) -> datetime:
        """Midnight of the local day on which the window ends."""
        end = (self.until - timedelta(microseconds=1)).astimezone(ZoneInfo(self.timezone))
        return end.replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def items(self) -> tuple[EditionItem, ...]:
        """Every article of the edition, leads first in their stories."""
        return tuple(item for story in self.stories for item in story.items)

    @property
    def named_ids(self) -> frozenset[int]:
        """The ids of all articles that it names or counts."""
        items = self.items
        counted = (story.echo.article_ids for story in self.stories if story.echo)
        return frozenset(
            (
                *(item.article_id for item in items),
                *(place.article_id for item in items for place in item.places),
                *(article_id for ids in counted for article_id in ids),
            )
        )
