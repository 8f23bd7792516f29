"""
The records that pass between folders, in the order of the way through the house:
Source, Entry, FetchRequest, the outcomes of a request, blocks, Access, Article.

Every record is frozen and complete when it exists; none can fetch or save itself.
Times are aware `datetime`s in UTC, durations are `timedelta`s, sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

# ---------------------------------------------------------------- what we watch


@dataclass(frozen=True, slots=True)
class Selectors:
    """
    CSS selectors of one site that override the labeller, by what they select.

    *signed_out* overrides nothing: what it selects shows that the reader's session has ended.
    """

    body: tuple[str, ...] = ()
    headline: tuple[str, ...] = ()
    dek: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    signed_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """
    Words of the reader's own by which a prompt is known, beside the shipped ones (`scraper/read/phrases.toml`).

    Args:
        kind: "subscription", "registration", "meter", "newsletter", "donation" or "promo".
        strength: "cut", "wall", "mark", "sure" or "likely", as in `scraper.read.prompts.Prompt`.
        pattern: Regular expression on folded text.
    """

    kind: str
    strength: str
    pattern: str


@dataclass(frozen=True, slots=True)
class MeterRule:
    """
    What the configuration knows of a site's meter.

    Args:
        limit: Free articles in one window; None takes what the site's pages state.
        window: "month" (of the calendar, UTC) or a duration such as "30d"; None takes what the pages state.
        reserve: Free articles of each window that are left for the reader.
    """

    limit: int | None = None
    window: str | None = None
    reserve: int = 0


@dataclass(frozen=True, slots=True)
class SecretUrl:
    """
    An address of the configuration with a password or a token in it.

    Args:
        shown: What stands for it everywhere: in archive, log, terminal and lists.
        real: As it stands in the configuration; what is asked for.
    """

    shown: str
    real: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """
    A publication we watch.

    Args:
        name: Short unique key, as in `config/sources/*.toml`.
        schedule: "30m", "6h", "1d", or a crontab line of five fields.
        pace: Least time between two requests to a host of this source; None takes the general pace.
        access_note: What is known about its access model, for the reader.
        access_checked: The day that note was checked.
        cookies_file: Netscape cookie file of the reader's own subscription.
        learn_templates: What stands word for word on many of its pages is taken out of the bodies.
        headers: Names and values that its own site is sent besides ours.
        auth_user, auth_password_env: Basic authentication; the second names an environment variable.
        token_env: The environment variable that holds a bearer token.
        proxy: As in `FetchSettings.proxy`, for this source; "none" goes without one.
        ca_bundle: As in `FetchSettings.ca_bundle`, for this source.
        secret_urls: Which of the addresses above stand for others, with secrets in them.
    """

    name: str
    title: str
    home_url: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    index_pages: tuple[str, ...] = ()
    language: str | None = None
    section: str | None = None
    schedule: str = "1h"
    pace: timedelta | None = None
    enabled: bool = True
    access_note: str | None = None
    access_checked: date | None = None
    selectors: Selectors = Selectors()
    cookies_file: Path | None = None
    meter: MeterRule | None = None
    learn_templates: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    auth_user: str | None = None
    auth_password_env: str | None = None
    token_env: str | None = None
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: Path | None = None
    secret_urls: tuple[SecretUrl, ...] = ()

    @property
    def has_login(self) -> bool:
        """Whether its own site is sent a login, a token or an address of the reader alone; cookies count apart."""
        return bool(self.auth_password_env or self.token_env or self.secret_urls)


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
        further: The sitemaps of an index, the next page of a section front; in the order of the document.
        problem: A fault that did not keep us from reading the rest.
        unlinked: Items of a feed that name no address; their *url* leads to the feed and names them.
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


# ---------------------------------------------------------------- fetching


class Purpose(StrEnum):
    """Why a request is made."""

    ROBOTS = "robots"
    WISHES = "wishes"
    FEED = "feed"
    SITEMAP = "sitemap"
    INDEX_PAGE = "index page"
    ARTICLE = "article"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Validators:
    """The pair that a conditional GET sends back (RFC 9110 §13); bound to one URL."""

    etag: str | None = None
    last_modified: str | None = None

    def __bool__(self) -> bool:
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """
    One request to make.

    Args:
        url: Absolute http(s) URL.
        hops: URLs that led here by redirects, oldest first.
        has_new_cookie: A redirect on the way set a cookie: an address that was asked before may answer otherwise.
        pace: Least time between two requests to this host; None takes the general pace.
    """

    url: str
    purpose: Purpose
    source: str | None = None
    validators: Validators = Validators()
    cookies_file: Path | None = None
    pace: timedelta | None = None
    hops: tuple[str, ...] = ()

    @property
    def found_url(self) -> str:
        """Where the document was found that is asked for, by way of redirects or not."""
        return self.hops[0] if self.hops else self.url

    has_new_cookie: bool = False


@dataclass(frozen=True, slots=True)
class RawExchange:
    """
    One request and its response as they crossed the wire, for the WARC file.

    Header values are as received; *body* has its content coding removed.
    """

    url: str
    at: datetime
    method: str
    request_headers: tuple[tuple[str, str], ...]
    status: int
    reason: str
    http_version: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Fetched:
    """
    The document came. *headers* has lower-case names; *body* is decoded from its content coding.

    Args:
        is_sound: Length and packing were as the headers said, and nothing broke off. Else no validators are kept: they
            would keep the whole document from coming at the next visit.
    """

    request: FetchRequest
    at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed: timedelta
    exchange: RawExchange
    is_sound: bool = True

    @property
    def validators(self) -> Validators:
        """What to send back at the next visit; none where the document may not be all there."""
        if not self.is_sound:
            return Validators()
        return Validators(self.headers.get("etag"), self.headers.get("last-modified"))


@dataclass(frozen=True, slots=True)
class NotModified:
    """
    The server says that nothing changed since *request.validators* (304).

    Args:
        validators: What to send back at the next visit: those of the 304 where it has any, else those sent.
    """

    request: FetchRequest
    at: datetime
    elapsed: timedelta
    validators: Validators = Validators()


@dataclass(frozen=True, slots=True)
class Redirected:
    """
    The server names another address.

    Args:
        target: Absolute; following it is a new request.
        sets_cookie: It set a cookie that goes along there, or changed one.
    """

    request: FetchRequest
    at: datetime
    status: int
    target: str
    elapsed: timedelta
    sets_cookie: bool = False


@dataclass(frozen=True, slots=True)
class Disallowed:
    """
    We did not ask: robots.txt, a private address, or a site's own wish stands against it.

    *may_pass*: only for now, because robots.txt could not be had.
    """

    request: FetchRequest
    at: datetime
    reason: str
    may_pass: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """
    We asked, and nothing usable came.

    Args:
        reason: A short sentence for the reader.
        status: The HTTP status where there was one.
        retry_at: When the server wants to be asked again.
        exchange: The response where there was one, such as the page of a 402 or 403.
        may_pass: The same request may go well a little later (a time-out, 429, 503).
        is_unasked: No request was made (the cookie file cannot be used, the host is left): it says nothing of the page.
    """

    request: FetchRequest
    at: datetime
    reason: str
    status: int | None = None
    retry_at: datetime | None = None
    elapsed: timedelta = timedelta()
    exchange: RawExchange | None = None
    may_pass: bool = False
    is_unasked: bool = False

    @property
    def is_absent(self) -> bool:
        """A file for robots that this host does not have, as most have none: that is no failure, and counts as none."""
        is_host_file = self.request.purpose in {Purpose.ROBOTS, Purpose.WISHES}
        return is_host_file and self.status is not None and 400 <= self.status < 500 and self.status not in _NOT_ABSENT


# Refused, and too often asked: there may be such a file.
_NOT_ABSENT = frozenset({401, 403, 429})

Outcome = Fetched | NotModified | Redirected | Disallowed | Failed


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """
    How we behave on the network.

    Args:
        user_agent: Sent with every request; names a contact.
        robots_agent: The product token that robots.txt groups are matched with.
        pace: Least time between the end of a request and the start of the next one to the same host.
        jitter: Share of the pace that is added at random, 0 to 1.
        longest_crawl_delay: A host that asks for more is left alone in this pass, and that is reported.
        per_host: Requests in flight at one host.
        open_hosts: Hosts asked at the same moment; one that waits for its pace does not count.
        connect_timeout, total_timeout: For one request, the second for all of it.
        max_bytes, max_decoded_bytes: As received, and after the content coding is removed.
        retries: Further tries after a failure that may pass.
        longest_retry_after: A server that asks for a longer wait is left for a later pass.
        allowed_addresses: What may be asked although it is private: hosts ("wiki.internal"), hosts with a port
            ("127.0.0.1:8080"), networks ("10.0.0.0/8"), networks with a port ("10.1.2.0/24:8080").
        proxy: http, https or socks5 URL of what carries all requests; it looks the names up, and may lead anywhere.
        ca_bundle: File of certificates (PEM) that are believed besides the well-known ones.
        respect_wishes: What publishers wish for their pages is obeyed; else it is only recorded.
    """

    user_agent: str
    robots_agent: str = "presswatch"
    pace: timedelta = timedelta(seconds=2)
    jitter: float = 0.25
    longest_crawl_delay: timedelta = timedelta(seconds=60)
    per_host: int = 1
    open_hosts: int = 50
    connect_timeout: timedelta = timedelta(seconds=10)
    total_timeout: timedelta = timedelta(seconds=30)
    max_bytes: int = 10_000_000
    max_decoded_bytes: int = 50_000_000
    max_redirects: int = 5
    retries: int = 2
    longest_retry_after: timedelta = timedelta(minutes=2)
    allowed_addresses: frozenset[str] = frozenset()
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: Path | None = None
    respect_wishes: bool = True


# ---------------------------------------------------------------- reading


class Role(StrEnum):
    """What a text block is to the article."""

    HEADLINE = "headline"
    KICKER = "kicker"
    DEK = "dek"
    BYLINE = "byline"
    DATELINE = "dateline"
    BODY = "body"
    SUBHEAD = "subhead"
    LIST = "list"
    QUOTE = "quote"
    CAPTION = "caption"
    CREDIT = "credit"
    SERIES_NOTE = "series-note"
    PAYWALL = "paywall"
    NEWSLETTER = "newsletter"
    PROMO = "promo"
    RELATED = "related"
    COMMENT = "comment"
    NAV = "nav"
    OTHER = "other"


BODY_ROLES = frozenset({Role.BODY, Role.SUBHEAD, Role.LIST, Role.QUOTE})


class PageKind(StrEnum):
    """What kind of page it is."""

    NEWS = "news"
    OPINION = "opinion"
    TICKER = "ticker"
    INTERVIEW = "interview"
    LIST = "list"
    GALLERY = "gallery"
    VIDEO = "video"
    PODCAST = "podcast"
    INDEX = "index"
    ERROR = "error"
    CONSENT = "consent"


# Pages that stand in for articles, or lead to them.
NO_ARTICLES = frozenset({PageKind.INDEX, PageKind.ERROR, PageKind.CONSENT})


class LabelledBlock(NamedTuple):
    """
    One text block of a page and what it is.

    Args:
        text: White space as a browser shows it; line breaks are kept as newlines.
        markdown: The same with links, emphasis, list and heading marks; "" where there is no need of it.
        reason: Name of the rule or model that gave the role.
        confidence: 0 to 1.
        tag: The block-level element it stood in.
        cell: In a data table: which one of the page, row, column, each from 0.
    """

    role: Role
    text: str
    reason: str
    confidence: float = 1.0
    markdown: str = ""
    tag: str = "p"
    cell: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """One picture of an article."""

    url: str | None
    caption: str | None = None
    credit: str | None = None
    alt: str | None = None
    is_lead: bool = False


class AccessStatus(StrEnum):
    """Who may read a page."""

    FREE = "free"
    REGISTRATION = "registration"
    METERED = "metered"
    PREVIEW = "preview"
    FULL_SUBSCRIBER = "full-subscriber"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    One signal about access.

    Args:
        signal: Name of the rule that saw it.
        value: The words or the value, quoted from the page.
        where: Place on the page ("json-ld", "after body", "http").
        points_to: The status or service it speaks for.
        decided: Whether the answers rest on it; else it was weighed and set aside.
        note: Why, for the reader.
    """

    signal: str
    value: str
    where: str
    points_to: str
    decided: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """
    How long an article is known to be from elsewhere.

    Args:
        words: Of its body.
        origin: Where that text is, for the reader: "the feed", "an earlier capture".
    """

    words: int
    origin: str


@dataclass(frozen=True, slots=True)
class MeterNumbers:
    """
    Numbers of an offer or a meter. *currency* is ISO 4217; a period is "month", "year", "week" or "day",
    counted where the page counts it ("3 months").
    """

    limit: int | None = None
    used: int | None = None
    remaining: int | None = None
    prices: tuple[float, ...] = ()
    currency: str | None = None
    periods: tuple[str, ...] = ()
    percent_remaining: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """
    Two answers: who may read the page, and what was served.

    Args:
        complete: Whether the whole body was served; None where we cannot say.
        cut_by: What stands behind a cut: "paywall", "registration", "pagination", "script".
        explanation: Why, in a sentence for the reader.
        confidence: Of both answers, 0 to 1.
        conflict: Two statements of the publisher contradict each other, or one contradicts what was served.
    """

    status: AccessStatus
    complete: bool | None
    cut_by: str | None = None
    explanation: str = ""
    evidence: tuple[Evidence, ...] = ()
    numbers: MeterNumbers = MeterNumbers()
    confidence: float = 0.0
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """
    One thing that a publisher says about what may be done with a page, in his own words.

    Args:
        name: "robots", "tdm-reservation", "tdm-policy", "license" or "crawler-price".
        value: Verbatim.
        where: "header", "meta", "link", "robots.txt" or "tdmrep.json".
        agent: Whom a meta element is meant for; None for everybody. A header names its agents in its value.
    """

    name: str
    value: str
    where: str
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """
    What a publisher wishes for a page, as far as it is said to us.

    Args:
        noindex, noarchive: Not to be listed; no copy of it to be shown.
        max_snippet: Most characters of its text to be quoted, 0 for none; None where nothing is said.
        unavailable_after: From when on it is not to be shown any more.
        tdm_reserved: Whether text and data mining is reserved; None where nothing is said.
        tdm_policy: Address of the terms on which mining may be allowed.
        licenses: Addresses of licences, RSL or others.
        crawler_price: What a crawler is asked to pay.
    """

    noindex: bool = False
    noarchive: bool = False
    max_snippet: int | None = None
    unavailable_after: datetime | None = None
    tdm_reserved: bool | None = None
    tdm_policy: str | None = None
    licenses: tuple[str, ...] = ()
    crawler_price: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """
    A page, taken apart.

    Args:
        url: As fetched.
        canonical_url: The publisher's own, absolute.
        published_raw: The date as the page gave it.
        blocks: Every text block in reading order; the body is a view on them.
        cves: CVE identifiers in order of appearance, each once, upper case.
        origins: Where each value came from, by field name ("headline": "h1").
        is_article: False for index, error and consent pages; `origins["kind"]` says why.
        kind_confidence: 0 to 1.
        text_confidence: The word F1 that the body is expected to have, 0 to 1; 0 where nothing was learnt of such text.
        variants: The form it was served in, where that is not the main one: "amp", "print", "paginated".
        wishes: What the publisher says may be done with it, on the page, and in headers and files where they are known.
    """

    url: str
    headline: str | None
    blocks: tuple[LabelledBlock, ...]
    access: Access
    canonical_url: str | None = None
    dek: str | None = None
    kicker: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_raw: str | None = None
    updated_at: datetime | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    publication: str | None = None
    images: tuple[Image, ...] = ()
    cves: tuple[str, ...] = ()
    is_article: bool = True
    kind: PageKind = PageKind.NEWS
    kind_confidence: float = 0.0
    text_confidence: float = 0.0
    variants: tuple[str, ...] = ()
    next_page_url: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    signed_out: bool = False
    wishes: tuple[Wish, ...] = ()

    @property
    def body_blocks(self) -> tuple[LabelledBlock, ...]:
        """The blocks that make the article's text."""
        return tuple(block for block in self.blocks if block.role in BODY_ROLES)

    @property
    def body(self) -> str:
        """Paragraphs, subheads, lists and quotes, joined by a blank line."""
        return "\n\n".join(block.text for block in self.body_blocks)
