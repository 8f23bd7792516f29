"""
One request to the network, and what came of it. The only place that knows httpx.

Nothing is sent that is not written here, in `cookies` or in `credentials`: the transport is used by itself, without a
client's cookie jar, redirects, proxies from the environment or default headers.
Every failure is mapped once, to a reason a person understands.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpcore
import httpx

from scraper.decoding import ACCEPT_ENCODING, BrokenCodingError, Decoder, UnreadableCodingError, find_codings
from scraper.fetch.clock import Clock
from scraper.fetch.cookies import CookieFileError, Cookies
from scraper.fetch.credentials import Credentials, CredentialsError
from scraper.fetch.guard import AddressRefusedError, GuardedBackend, Resolver, ask_system_resolver, judge_url
from scraper.fetch.robots import ROBOTS_BYTES
from scraper.model import (
    Disallowed,
    Failed,
    Fetched,
    FetchRequest,
    FetchSettings,
    NotModified,
    Outcome,
    Purpose,
    RawExchange,
    Redirected,
    Source,
    Validators,
)
from scraper.secrets import without_login
from scraper.urls import join_url

PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
"""The same request may go well a little later."""

_LONGEST_WAIT = timedelta(days=7)  # no Retry-After is believed beyond this
_ACCEPT = {
    Purpose.ROBOTS: "text/plain,*/*;q=0.8",
    Purpose.WISHES: "application/json,*/*;q=0.8",
    Purpose.FEED: "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.8",
    Purpose.SITEMAP: "application/xml,text/xml,*/*;q=0.8",
}
_ACCEPT_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
# What a WARC file, which is handed on, must not carry.
_SECRET_HEADERS = frozenset({"cookie", "authorization", "proxy-authorization", "set-cookie", "set-cookie2"})
# The end of a document that is all there, whatever its length or its packing said.
_WHOLE_END = re.compile(rb"</(?:html|rss|feed|rdf:rdf|urlset|sitemapindex|opml)\s*>\s*\Z", re.IGNORECASE)
# Documents of which each part is of use by itself.
_USEFUL_IN_PARTS = frozenset({Purpose.FEED, Purpose.SITEMAP})
# Headers of a source that a WARC file has all the same: they change what is served.
_TELLING_HEADERS = frozenset({"accept", "accept-language"})


class _UnusableError(Exception):
    """An answer that we stop reading; its text is the reason. Never leaves this module."""

    def __init__(self, reason: str, *, status: int | None = None, may_pass: bool = False) -> None:
        self.status = status
        self.may_pass = may_pass
        super().__init__(reason)


class Client:
    """
    Makes single requests; redirects and retries are new ones.

    Args:
        transport: What carries the requests; None is the network, guarded.
        resolver: Looks names up for the guarded network.
        cookie_folder: Where the cookies that sites set with article pages are kept; None keeps none.
        sources: Those whose headers, logins, proxies and certificates count for their requests.
        environ: Where the variables are that *sources* name.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        resolver: Resolver = ask_system_resolver,
        cookie_folder: Path | None = None,
        sources: Iterable[Source] = (),
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        sources = tuple(sources)
        self._settings = settings
        self._clock = clock
        self._ways = {_way(settings, source) for source in (None, *sources)}
        self._transports: dict[_Way, httpx.AsyncBaseTransport] = {
            way: transport or _transport(settings, resolver, way) for way in self._ways
        }
        self._cookies = Cookies(cookie_folder)
        self._credentials = Credentials(sources, environ)
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for transport in dict.fromkeys(self._transports.values()):
            await self._exit.enter_async_context(transport)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.__aexit__(kind, error, trace)

    def before_close(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Have *callback* awaited when this client is left, before its connections close."""
        self._exit.push_async_callback(callback)

    async def fetch(self, request: FetchRequest) -> Outcome:
        """
        What came of one request. Never raises for what the network does.

        Guaranteed: no more than *total_timeout*, *max_bytes* and *max_decoded_bytes* are spent on it
        (of a robots.txt the first part is kept instead); only a judged address is connected to.
        """
        settings = self._settings
        at = self._clock.now()
        if refusal := judge_url(request.url, settings.allowed_addresses):
            return Disallowed(request, at, refusal)
        way = _way(settings, self._credentials.source(request))
        try:
            sent = self._request(request)
            async with asyncio.timeout(settings.total_timeout.total_seconds()):
                response = await self._transports[way].handle_async_request(sent)
                try:
                    sets_cookie = self._cookies.take(request, response.status_code, response.headers.raw)
                    body, is_sound = await _read_body(response, request.purpose, settings)
                finally:
                    await response.aclose()
        except AddressRefusedError as refused:
            return Disallowed(request, at, str(refused))
        except (CookieFileError, CredentialsError) as error:
            return Failed(request, at, str(error), is_unasked=True)
        except _UnusableError as error:
            elapsed = self._clock.now() - at
            return Failed(request, at, str(error), error.status, elapsed=elapsed, may_pass=error.may_pass)
        except (httpx.TransportError, httpx.InvalidURL, OSError, UnicodeError) as error:
            host = f"the proxy {_host(way.proxy)}" if way.proxy else _host(request.url)
            reason, may_pass = _explain(error, settings, host)
            reason = self._credentials.hide(request, reason)
            return Failed(request, at, reason, elapsed=self._clock.now() - at, may_pass=may_pass)
        exchange = _exchange(request, at, sent, response, body, self._credentials)
        outcome = _judge_response(request, at, self._clock.now(), exchange)
        if isinstance(outcome, Fetched):
            return replace(outcome, is_sound=is_sound)
        return replace(outcome, sets_cookie=sets_cookie) if isinstance(outcome, Redirected) else outcome

    def _request(self, request: FetchRequest) -> httpx.Request:
        headers: dict[str, str | None] = {
            "User-Agent": self._settings.user_agent,
            "Accept": _ACCEPT.get(request.purpose, _ACCEPT_PAGE),
            "Accept-Encoding": ACCEPT_ENCODING,
            "Connection": "keep-alive",
            "If-None-Match": request.validators.etag,
            "If-Modified-Since": request.validators.last_modified,
            "Cookie": self._cookies.header(request),
        }
        own = self._credentials.headers(request)
        named = {name.lower() for name in own}
        headers = {**{name: value for name, value in headers.items() if name.lower() not in named}, **own}
        timeout = httpx.Timeout(
            self._settings.total_timeout.total_seconds(), connect=self._settings.connect_timeout.total_seconds()
        )
        return httpx.Request(
            "GET",
            self._credentials.real_url(request),
            # Latin-1 as response headers are read, so that a validator goes back byte for byte.
            headers=[(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items() if value],
            extensions={"timeout": timeout.as_dict()},
        )


class _Way(NamedTuple):
    """How requests leave: through which proxy, and whose certificates are believed besides the well-known ones."""

    proxy: str | None
    ca_bundle: Path | None


def _way(settings: FetchSettings, source: Source | None) -> _Way:
    proxy = (source.proxy if source else None) or settings.proxy
    return _Way(None if proxy == "none" else proxy, (source.ca_bundle if source else None) or settings.ca_bundle)


class _PoolTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over a pool of ours; it has no argument for one."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool

    @property
    def is_idle(self) -> bool:
        """Whether no answer is waited for or being read."""
        return all(connection.is_idle() or connection.is_closed() for connection in self._pool.connections)


class _HostTransports(httpx.AsyncBaseTransport):
    """
    A pool for each host. One for all looks at every connection for every request, which at hundreds of hosts costs
    more than the requests.

    Args:
        open_hosts: So many are asked at the same time; the pools of hosts that were left are closed.
    """

    def __init__(self, pool: Callable[[], httpcore.AsyncConnectionPool], open_hosts: int) -> None:
        self._pool = pool
        self._most_idle = open_hosts
        self._by_host: dict[str, _PoolTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask the host over its own pool, which is the last to be closed."""
        host = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        transport = self._by_host.pop(host, None) or _PoolTransport(self._pool())
        self._by_host[host] = transport
        for left in self._take_left():
            await left.aclose()
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        while self._by_host:
            await self._by_host.popitem()[1].aclose()

    def _take_left(self) -> list[_PoolTransport]:
        """The pools beyond those of open hosts, out of the list before anything is awaited: others ask meanwhile."""
        oldest = list(self._by_host)[: -self._most_idle - 1]
        return [self._by_host.pop(host) for host in oldest if self._by_host[host].is_idle]


def _transport(settings: FetchSettings, resolver: Resolver, way: _Way) -> httpx.AsyncBaseTransport:
    """
    What carries the requests that leave one way.

    A proxy is the reader's own word, and is connected to wherever it is. What it is asked for was judged by its
    address alone: the names are looked up there, where we cannot look at the answer.
    """
    context = httpx.create_ssl_context(trust_env=False)
    if way.ca_bundle is not None:
        context.load_verify_locations(way.ca_bundle)
    return _HostTransports(lambda: _pool(settings, resolver, way, context), settings.open_hosts)


def _pool(
    settings: FetchSettings, resolver: Resolver, way: _Way, context: ssl.SSLContext
) -> httpcore.AsyncConnectionPool:
    pool: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": None,  # the lanes bound them
        "max_keepalive_connections": settings.per_host,
        "keepalive_expiry": max(5.0, 2 * settings.pace.total_seconds()),
    }
    if way.proxy is None:
        backend = GuardedBackend(resolver, settings.allowed_addresses)
        return httpcore.AsyncConnectionPool(network_backend=backend, **pool)
    proxy = httpx.Proxy(way.proxy)
    url = httpcore.URL(
        scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=proxy.url.raw_path
    )
    if proxy.url.scheme.startswith("socks"):
        return httpcore.AsyncSOCKSProxy(url, proxy_auth=proxy.raw_auth, **pool)
    return httpcore.AsyncHTTPProxy(url, proxy_auth=proxy.raw_auth, **pool)


# ---------------------------------------------------------------- reading an answer


async def _read_body(response: httpx.Response, purpose: Purpose, settings: FetchSettings) -> tuple[bytes, bool]:
    """
    The body without its content codings, and whether what the headers said of it was true.

    `response.stream` gives the bytes of the wire: httpx's own decoders have no bound, so that a
    small chunk of a compression bomb could fill the memory before anybody counts. A body that breaks off is
    taken where its end has come all the same, or where a part of it is of use; it is not sound then.

    Raises:
        _UnusableError: Too large, broken, or in a coding that nobody reads.
        httpx.TransportError: The connection broke off, or the time is over.
    """
    assert isinstance(response.stream, httpx.AsyncByteStream)
    status = response.status_code
    if 300 <= status < 400 and status != 304:
        return b"", True  # the body of a redirect is of no use
    decoder = _decoder_for(response, purpose, settings)
    received = 0
    broken: _UnusableError | None = None
    try:
        async for chunk in response.stream:
            received += len(chunk)
            decoder.feed(chunk)
            if decoder.is_over and purpose is Purpose.ROBOTS:
                return bytes(decoder.body), True
            _refuse_too_much(received, decoder, status, settings)
        decoder.finish()
        _refuse_too_much(received, decoder, status, settings)
        if received and not decoder.is_whole:
            broken = _UnusableError("the answer breaks off", status=status, may_pass=True)
    except BrokenCodingError:
        broken = _UnusableError("the answer's compression is broken", status=status)
    except (httpx.RemoteProtocolError, httpx.ReadError):
        if not _is_usable(decoder, purpose):
            raise
        return bytes(decoder.body), False
    if broken is not None:
        if not _is_usable(decoder, purpose):
            raise broken
        return bytes(decoder.body), False
    declared = response.headers.get("content-length", "")
    is_length_right = not declared.isdecimal() or int(declared[:20]) == received or not received
    return bytes(decoder.body), is_length_right and decoder.is_sound


def _decoder_for(response: httpx.Response, purpose: Purpose, settings: FetchSettings) -> Decoder:
    """What unpacks a response; raises `_UnusableError` where its headers alone show that it cannot be read."""
    status = response.status_code
    declared = response.headers.get("content-length", "")
    if purpose is not Purpose.ROBOTS and declared.isdecimal() and int(declared[:20]) > settings.max_bytes:
        raise _UnusableError(f"the answer is larger than {_size(settings.max_bytes)}", status=status)
    try:
        codings = find_codings(response.headers.get("content-encoding"))
    except UnreadableCodingError as error:
        raise _UnusableError(f"the answer is packed as “{error}”, which we did not ask for", status=status) from None
    return Decoder(codings, ROBOTS_BYTES if purpose is Purpose.ROBOTS else settings.max_decoded_bytes)


def _refuse_too_much(received: int, decoder: Decoder, status: int, settings: FetchSettings) -> None:
    if received > settings.max_bytes:
        raise _UnusableError(f"the answer is larger than {_size(settings.max_bytes)}", status=status)
    if decoder.is_over:
        limit = _size(settings.max_decoded_bytes)
        raise _UnusableError(f"the answer unpacks to more than {limit}", status=status)


def _is_usable(decoder: Decoder, purpose: Purpose) -> bool:
    """Whether what came before a body broke off is of use: all of it, or a part that stands for itself."""
    with suppress(BrokenCodingError):
        decoder.finish()
    is_part_enough = purpose in _USEFUL_IN_PARTS and bool(decoder.body.strip())
    return is_part_enough or _WHOLE_END.search(decoder.body[-200:]) is not None


def _exchange(
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


def _judge_response(request: FetchRequest, at: datetime, now: datetime, exchange: RawExchange) -> Outcome:
    """What a whole answer means."""
    elapsed = now - at
    status = exchange.status
    headers: dict[str, str] = {}
    for name, value in exchange.headers:
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value  # RFC 9110 §5.3
    if status == 304:
        if not request.validators:
            reason = "the server says “not modified”, but we never asked whether it was"
            return Failed(request, at, reason, status, elapsed=elapsed, may_pass=True)
        renewed = Validators(headers.get("etag"), headers.get("last-modified"))
        return NotModified(request, at, elapsed, renewed or request.validators)
    if 300 <= status < 400:
        if target := join_url(request.url, _as_utf8(headers.get("location", ""))):
            return Redirected(request, at, status, without_login(target), elapsed)
        return Failed(request, at, "the server redirects, but to no usable address", status, elapsed=elapsed)
    if status >= 400:
        wait = parse_retry_after(headers.get("retry-after"), now, _LONGEST_WAIT)
        reason = f"the server answers {status} {exchange.reason}".rstrip()
        if status == 402 and (price := headers.get("crawler-price")):
            reason += f", and wants a price of crawlers: {price[:60]}"
        return Failed(
            request,
            at,
            reason,
            status,
            retry_at=None if wait is None else now + wait,
            elapsed=elapsed,
            exchange=exchange,
            may_pass=status in PASSING_STATUSES,
        )
    if status in {204, 205} or not exchange.body:
        return Failed(request, at, "empty answer", status, elapsed=elapsed, exchange=exchange)
    return Fetched(request, at, status, headers, exchange.body, elapsed, exchange)


def _as_utf8(value: str) -> str:
    """A header value read as UTF-8 where it is that, as browsers do with addresses."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def parse_retry_after(header: str | None, now: datetime, longest: timedelta) -> timedelta | None:
    """
    How long a server wants to be left alone, at most *longest*; None where it does not say so in a valid way.

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


# ---------------------------------------------------------------- what went wrong


def _host(url: str) -> str:
    """The host of *url* for a message; the URL itself where httpx cannot read it."""
    try:
        return httpx.URL(url).host
    except (httpx.InvalidURL, UnicodeError):
        return url


def _explain(error: Exception, settings: FetchSettings, host: str) -> tuple[str, bool]:
    """A failure as a short sentence, and whether it may pass."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            if cause.errno == socket.EAI_AGAIN:
                return f"the name {host} could not be looked up", True
            return f"the name {host} does not exist", False
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the TLS certificate is not valid for this host: {cause.verify_message}", False
        if isinstance(cause, ssl.SSLError):
            return f"no secure connection: {cause.args[-1]}", False
    match error:
        case httpx.ConnectTimeout():
            return f"no connection to {host} within {_seconds(settings.connect_timeout)}", True
        case TimeoutError() | httpx.TimeoutException():
            return f"the server did not answer within {_seconds(settings.total_timeout)}", True
        case httpx.ConnectError() | OSError():
            numbers = [cause.errno for cause in _causes(error) if isinstance(cause, OSError) and cause.errno]
            return f"no connection to {host}: {os.strerror(numbers[-1]) if numbers else error}", True
        case httpx.ProxyError():
            return f"{host} does not carry the request: {error}", True
        case httpx.ReadError() | httpx.WriteError() | httpx.RemoteProtocolError():
            return "the server broke off, or does not speak HTTP", True
        case _:  # InvalidURL, LocalProtocolError, a name that cannot be encoded
            return f"this request cannot be made: {error}", False


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():g} s"


def _size(count: int) -> str:
    return f"{count / 1_000_000:g} MB"
