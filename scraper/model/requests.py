"""What is asked of the network, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path


class Purpose(StrEnum):
    """Why a request is made."""

    ROBOTS = "robots"
    WISHES = "wishes"
    FEED = "feed"
    SITEMAP = "sitemap"
    INDEX_PAGE = "index page"
    ARTICLE = "article"
    PICTURE = "picture"
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
        has_new_cookie: A redirect on the way set a cookie: an address that was asked before may
            answer otherwise.
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
        is_sound: Length and packing were as the headers said, and nothing broke off. Else no
            validators are kept: they would keep the whole document from coming at the next visit.
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
        validators: What to send back at the next visit: those of the 304 where it has any, else
            those sent.
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
        is_unasked: No request was made (the cookie file cannot be used, the host is left): it says
            nothing of the page.
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
        """
        A file for robots that this host does not have, as most have none: that is no failure, and
        counts as none.
        """
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
        pace: Least time between the end of a request and the start of the next one to the same
            host.
        jitter: Share of the pace that is added at random, 0 to 1.
        longest_crawl_delay: A host that asks for more is left alone in this pass, and that is
            reported.
        per_host: Requests in flight at one host.
        open_hosts: Hosts asked at the same moment; one that waits for its pace does not count.
        connect_timeout, total_timeout: For one request, the second for all of it.
        max_bytes, max_decoded_bytes: As received, and after the content coding is removed.
        retries: Further tries after a failure that may pass.
        longest_retry_after: A server that asks for a longer wait is left for a later pass.
        allowed_addresses: What may be asked although it is private: hosts ("wiki.internal"), hosts
            with a port ("127.0.0.1:8080"), networks ("10.0.0.0/8"), networks with a port
            ("10.1.2.0/24:8080").
        proxy: http, https or socks5 URL of what carries all requests; it looks the names up, and
            may lead anywhere.
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
