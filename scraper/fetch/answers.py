"""
An answer of the network: its body within bounds, its public form for the archive, and what it
means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from scraper.decoding import BrokenCodingError, Decoder, UnreadableCodingError, find_codings
from scraper.fetch.credentials import Credentials
from scraper.fetch.robots import ROBOTS_BYTES
from scraper.model import (
    Failed,
    Fetched,
    FetchRequest,
    FetchSettings,
    NotModified,
    Outcome,
    Purpose,
    RawExchange,
    Redirected,
    Validators,
)
from scraper.secrets import without_login
from scraper.urls import join_url

PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
"""The same request may go well a little later."""

# No Retry-After is believed beyond this: a slip in a configuration must not end the visits to a
# source.
_LONGEST_WAIT = timedelta(days=7)
# No content, reset content: answers that have no body (RFC 9110 §15.3.5 and §15.3.6).
_WITHOUT_BODY = frozenset({204, 205})
_MOST_OF_PRICE = 60  # characters that are quoted: "USD 0.01" is a price
# What a WARC file, which is handed on, must not carry.
_SECRET_HEADERS = frozenset({"cookie", "authorization", "proxy-authorization", "set-cookie", "set-cookie2"})
# The end of a document that is all there, whatever its length or its packing said.
_WHOLE_END = re.compile(rb"</(?:html|rss|feed|rdf:rdf|urlset|sitemapindex|opml)\s*>\s*\Z", re.IGNORECASE)
_END_BYTES = 200  # a closing tag and the white space of a template behind it
_LONGEST_NUMBER = 20  # digits of a Content-Length: more than any disk has bytes
# Documents of which each part is of use by itself.
_USEFUL_IN_PARTS = frozenset({Purpose.FEED, Purpose.SITEMAP})
# Headers of a source that a WARC file has all the same: they change what is served.
_TELLING_HEADERS = frozenset({"accept", "accept-language"})


class UnusableError(Exception):
    """An answer that we stop reading; its text is the reason. Never leaves this folder."""

    def __init__(self, reason: str, *, status: int | None = None, may_pass: bool = False) -> None:
        self.status = status
        self.may_pass = may_pass
        super().__init__(reason)


async def read_body(response: httpx.Response, purpose: Purpose, settings: FetchSettings) -> tuple[bytes, bool]:
    """
    The body without its content codings, and whether what the headers said of it was true.

    `response.stream` gives the bytes of the wire: httpx's own decoders have no bound, so that a
    small chunk of a compression bomb could fill the memory before anybody counts. A body that
    breaks off is taken where its end has come all the same, or where a part of it is of use; it is
    not sound then.

    Raises:
        UnusableError: Too large, broken, or in a coding that nobody reads.
        httpx.TransportError: The connection broke off, or the time is over.
    """
    status = response.status_code
    if _is_redirect(status):
        return b"", True  # the body of a redirect is of no use
    decoder = _decoder_for(response, purpose, settings)
    try:
        received = await _unpack(response, decoder, purpose, settings)
    except BrokenCodingError:
        return _take_part(decoder, purpose, UnusableError("the answer's compression is broken", status=status))
    except (httpx.RemoteProtocolError, httpx.ReadError) as error:
        return _take_part(decoder, purpose, error)
    if purpose is Purpose.ROBOTS and decoder.is_over:
        return bytes(decoder.body), True
    if received and not decoder.is_whole:
        broken = UnusableError("the answer breaks off", status=status, may_pass=True)
        return _take_part(decoder, purpose, broken)
    return bytes(decoder.body), decoder.is_sound and _has_length_told(response, received)


async def _unpack(response: httpx.Response, decoder: Decoder, purpose: Purpose, settings: FetchSettings) -> int:
    """Give the bytes of the wire to *decoder*, of a robots.txt the first part; how many came."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    received = 0
    async for chunk in response.stream:
        received += len(chunk)
        decoder.feed(chunk)
        if decoder.is_over and purpose is Purpose.ROBOTS:
            return received
        _refuse_too_much(received, decoder, response.status_code, settings)
    decoder.finish()
    if not (decoder.is_over and purpose is Purpose.ROBOTS):
        _refuse_too_much(received, decoder, response.status_code, settings)
    return received


def _take_part(decoder: Decoder, purpose: Purpose, error: Exception) -> tuple[bytes, bool]:
    """What came of a body that is broken, where that is of use; raises *error* where it is not."""
    if not _is_usable(decoder, purpose):
        raise error
    return bytes(decoder.body), False


def _has_length_told(response: httpx.Response, received: int) -> bool:
    declared = response.headers.get("content-length", "")
    return not declared.isdecimal() or int(declared[:_LONGEST_NUMBER]) == received or not received


def _decoder_for(response: httpx.Response, purpose: Purpose, settings: FetchSettings) -> Decoder:
    """
    What unpacks a response; raises `UnusableError` where its headers alone show that it cannot be
    read.
    """
    status = response.status_code
    declared = response.headers.get("content-length", "")
    if purpose is not Purpose.ROBOTS and declared.isdecimal() and int(declared[:_LONGEST_NUMBER]) > settings.max_bytes:
        raise UnusableError(f"the answer is larger than {_size(settings.max_bytes)}", status=status)
    try:
        codings = find_codings(response.headers.get("content-encoding"))
    except UnreadableCodingError as error:
        raise UnusableError(f"the answer is packed as “{error}”, which we did not ask for", status=status) from None
    return Decoder(codings, ROBOTS_BYTES if purpose is Purpose.ROBOTS else settings.max_decoded_bytes)


def _refuse_too_much(received: int, decoder: Decoder, status: int, settings: FetchSettings) -> None:
    if received > settings.max_bytes:
        raise UnusableError(f"the answer is larger than {_size(settings.max_bytes)}", status=status)
    if decoder.is_over:
        limit = _size(settings.max_decoded_bytes)
        raise UnusableError(f"the answer unpacks to more than {limit}", status=status)


def _is_usable(decoder: Decoder, purpose: Purpose) -> bool:
    """
    Whether what came before a body broke off is of use: all of it, or a part that stands for
    itself.
    """
    with suppress(BrokenCodingError):
        decoder.finish()
    is_part_enough = purpose in _USEFUL_IN_PARTS and bool(decoder.body.strip())
    return is_part_enough or _WHOLE_END.search(decoder.body[-_END_BYTES:]) is not None


def describe_exchange(
    request: FetchRequest,
    at: datetime,
    sent: httpx.Request,
    response: httpx.Response,
    body: bytes,
    credentials: Credentials,
) -> RawExchange:
    """What crossed the wire, without the secrets of the source, also where the site says them back."""
    source = credentials.source(request)
    own = {name.lower() for name, _ in source.headers} - _TELLING_HEADERS if source else set()
    return RawExchange(
        url=request.url,
        at=at,
        method=sent.method,
        request_headers=tuple(pair for pair in _public_headers(sent.headers) if pair[0].lower() not in own),
        status=response.status_code,
        reason=response.reason_phrase,
        http_version=response.http_version,
        headers=tuple((name, credentials.hide(request, value)) for name, value in _public_headers(response.headers)),
        body=credentials.hide_bytes(request, body),
    )


def _public_headers(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)
    return tuple((name, value) for name, value in pairs if name.lower() not in _SECRET_HEADERS)


def judge_response(request: FetchRequest, at: datetime, now: datetime, exchange: RawExchange) -> Outcome:
    """What a whole answer means."""
    elapsed, status, headers = now - at, exchange.status, _headers_of(exchange)
    if status == HTTPStatus.NOT_MODIFIED:
        if not request.validators:
            reason = "the server says “not modified”, but we never asked whether it was"
            return Failed(request, at, reason, status, elapsed=elapsed, may_pass=True)
        renewed = Validators(headers.get("etag"), headers.get("last-modified"))
        return NotModified(request, at, elapsed, renewed or request.validators)
    if _is_redirect(status):
        if target := join_url(request.url, _as_utf8(headers.get("location", ""))):
            return Redirected(request, at, status, without_login(target), elapsed)
        return Failed(request, at, "the server redirects, but to no usable address", status, elapsed=elapsed)
    if status >= HTTPStatus.BAD_REQUEST:
        return _judge_error(request, at, now, exchange, headers)
    if status in _WITHOUT_BODY or not exchange.body:
        return Failed(request, at, "empty answer", status, elapsed=elapsed, exchange=exchange)
    return Fetched(request, at, status, headers, exchange.body, elapsed, exchange)


def _judge_error(
    request: FetchRequest, at: datetime, now: datetime, exchange: RawExchange, headers: Mapping[str, str]
) -> Failed:
    """
    What an error (4yz, 5yz) means: whether it may pass, and when the server wants to be asked
    again.
    """
    wait = parse_retry_after(headers.get("retry-after"), now, _LONGEST_WAIT)
    reason = f"the server answers {exchange.status} {exchange.reason}".rstrip()
    if exchange.status == HTTPStatus.PAYMENT_REQUIRED and (price := headers.get("crawler-price")):
        reason += f", and wants a price of crawlers: {price[:_MOST_OF_PRICE]}"
    return Failed(
        request,
        at,
        reason,
        exchange.status,
        retry_at=None if wait is None else now + wait,
        elapsed=now - at,
        exchange=exchange,
        may_pass=exchange.status in PASSING_STATUSES,
    )


def _headers_of(exchange: RawExchange) -> dict[str, str]:
    """The headers by their names in lower case; those of one name are one list (RFC 9110 §5.3)."""
    headers: dict[str, str] = {}
    for name, value in exchange.headers:
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def _is_redirect(status: int) -> bool:
    return HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST and status != HTTPStatus.NOT_MODIFIED


def _as_utf8(value: str) -> str:
    """A header value read as UTF-8 where it is that, as browsers do with addresses."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def parse_retry_after(header: str | None, now: datetime, longest: timedelta) -> timedelta | None:
    """
    How long a server wants to be left alone, at most *longest*; None where it does not say so in a
    valid way.

    Source: RFC 9110 §10.2.3: seconds, or a date (one that is past means now).

    >>> now = datetime(2026, 3, 2, 6, tzinfo=UTC)
    >>> parse_retry_after("Mon, 02 Mar 2026 06:01:00 GMT", now, timedelta(hours=1))
    datetime.timedelta(seconds=60)
    >>> parse_retry_after("99999999999", now, timedelta(hours=1))
    datetime.timedelta(seconds=3600)
    >>> parse_retry_after("soon", now, timedelta(hours=1)) is None
    True
    """
    value = (header or "").strip()
    if re.fullmatch("[0-9]{1,100}", value):
        return timedelta(seconds=min(int(value), int(longest.total_seconds())))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta()), longest)


def _size(count: int) -> str:
    return f"{count / 1_000_000:g} MB"
