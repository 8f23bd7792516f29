"""The archive's own records: what is known, what was decided, what stands in an edition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scraper.model import AccessStatus, Article, CheckOutcome, LabelledBlock, Validators

# ---------------------------------------------------------------- decisions


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """
    What the archive holds of one article, as far as a decision needs it.

    *templates*: fingerprints of the blocks that were taken out of its body as templates of the source.
    *is_of_feed*: its text is the feed's; the page did not come.
    """

    article_id: int
    url_key: str
    headline: str | None
    dek: str | None
    body: str
    complete: bool | None
    status: AccessStatus
    templates: frozenset[int] = frozenset()
    is_of_feed: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """The article at the same URL key, and the ones whose fingerprints overlap."""

    same_url: KnownArticle | None = None
    candidates: tuple[KnownArticle, ...] = ()


class DuplicateKind(StrEnum):
    """How two articles say the same."""

    EXACT = "exact"
    NEAR = "near"
    CONTAINED = "contained"


@dataclass(frozen=True, slots=True)
class Match:
    """
    Another article that says the same.

    Args:
        similarity: Share of common shingles, 0 to 1: of the union for near, of the shorter text for contained.
        is_longer: The other one is the longer text (only then does "contained" describe the new article).
    """

    article_id: int
    kind: DuplicateKind
    similarity: float
    is_longer: bool = True


@dataclass(frozen=True, slots=True)
class Add:
    """A new article that nothing else resembles."""

    article: Article


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A new article, kept like any other, that says the same as others; best match first."""

    article: Article
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Revise:
    """The text at a known URL key has changed. *changes* says what, for the reader."""

    article_id: int
    article: Article
    changes: str
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing to keep. *why* is for the reader: "same text", "only the prompts changed", "a preview"."""

    article_id: int
    why: str


Decision = Add | Duplicate | Revise | Unchanged


# ---------------------------------------------------------------- what is kept


class Session(StrEnum):
    """As whom a page was asked for."""

    ANONYMOUS = "anonymous"
    SUBSCRIBER = "subscriber"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class StoredDuplicate:
    """
    A link between two articles.

    *is_shorter*: the article that was asked about is the contained one. *private*: the other one is the reader's alone.
    """

    article_id: int
    headline: str | None
    source: str | None
    url: str
    kind: DuplicateKind
    similarity: float
    is_shorter: bool
    private: bool = False


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
    An article as the archive holds it; *article* is its current revision, *revisions* are oldest first.

    *private*: it is the reader's alone, because some of its text was read with the reader's own subscription, or
    because its publisher wants no copy of it to be shown. *changed_at*: since when a listing says that it changed,
    where it could not be looked at again.
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


@dataclass(frozen=True, slots=True)
class CaptureLocation:
    """
    Where a raw response lies.

    Args:
        file: Name of the WARC file below the archive's WARC folder.
        offset, length: Of the response record in that file, bytes.
        digest: Of the body, as WARC-Payload-Digest has it ("sha1:" and base32).
        of: Id of the capture that holds the body, where this is a revisit record without one.
    """

    file: str
    offset: int
    length: int
    digest: str
    of: int | None = None


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


# ---------------------------------------------------------------- what the archive answers


@dataclass(frozen=True, slots=True)
class LastCheck:
    """
    The latest visit to a feed, sitemap or index page.

    Args:
        validators: Of the latest visit that was read well; a broken answer never makes the next one "not modified".
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
        former_url: Where the entry was found before, by its GUID; whether that leads here now is asked first.
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
        since: When the first rest in a row began.
        spells: Rests in a row.
    """

    host: str
    is_of_pages: bool
    until: datetime
    why: str
    since: datetime
    spells: int


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


# What stands around the words that were found in `SearchHit.snippet`: control characters, so
# that a template escapes the snippet first and then turns them into its own marks.
MARK_START, MARK_END = "\x02", "\x03"


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One article that a search found. *rank*: smaller is better."""

    article_id: int
    headline: str | None
    source: str | None
    published_at: datetime | None
    url: str
    snippet: str
    rank: float


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
    """A source whose latest page asked for with the reader's subscription showed that its session has ended."""

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
    block_count: int
    capture_count: int
    duplicate_count: int
    edition_count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None


# ---------------------------------------------------------------- editions


class EditionKind(StrEnum):
    """
    What an edition is of.

    *nightly*: of a whole local day that is over; a day has one. *extra*: of any other window, as `--since` makes it.
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

    *target* is the address of a reader; all files are one recipient, whatever their names, and have none.
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
        repeats: Ids of articles that say what an earlier digest told.
    """

    article_ids: tuple[int, ...]
    older: Mapping[str, int] = field(default_factory=dict)
    repeats: tuple[int, ...] = ()


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
        access_mark: Short mark for the reader ("metered", "preview only"), None for free and complete.
        access_reason: Why the mark is there.
        extract: Two sentences of the body.
        is_revised: It stood in an earlier edition and has changed since.
        limited_by: The wish of its publisher for which less of it is quoted, in words.
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


@dataclass(frozen=True, slots=True)
class Story:
    """Articles on one event. *lead* is shown, *others* are the other sources of it."""

    lead: EditionItem
    others: tuple[EditionItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Unseen:
    """
    Something the reader could not be shown: what, where, why, how often.

    *is_left*: it was not asked for, and waits for a later pass.
    """

    what: str
    where: str
    why: str
    count: int = 1
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """
    One digest.

    Args:
        since, until: The window, UTC, end excluded.
        timezone: IANA name the reader reads times in.
    """

    title: str
    since: datetime
    until: datetime
    timezone: str
    made_at: datetime
    stories: tuple[Story, ...]
    unseen: tuple[Unseen, ...] = field(default=())

    @property
    def day(self) -> datetime:
        """Midnight of the local day on which the window ends."""
        end = (self.until - timedelta(microseconds=1)).astimezone(ZoneInfo(self.timezone))
        return end.replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def items(self) -> tuple[EditionItem, ...]:
        """Every article of the edition, leads first in their stories."""
        return tuple(item for story in self.stories for item in (story.lead, *story.others))
