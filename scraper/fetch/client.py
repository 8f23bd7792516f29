"""
One request to the network, and what came of it. The only place that knows httpx.

Nothing is sent that is not written here, in `cookies` or in `credentials`: the transport is used by
itself, without a client's cookie jar, redirects, proxies from the environment or default headers.
Every failure is mapped once, to a reason a person understands.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from scraper.decoding import ACCEPT_ENCODING
from scraper.fetch.answers import UnusableError, describe_exchange, judge_response, read_body
from scraper.fetch.clock import Clock
from scraper.fetch.cookies import CookieFileError, Cookies
from scraper.fetch.credentials import Credentials, CredentialsError
from scraper.fetch.failures import explain, host_of
from scraper.fetch.guard import AddressRefusedError, Resolver, ask_system_resolver, judge_url
from scraper.fetch.transports import Way, transport_for, way_of
from scraper.model import Disallowed, Failed, Fetched, FetchRequest, FetchSettings, Outcome, Purpose, Redirected, Source

_ACCEPT = {
    Purpose.ROBOTS: "text/plain,*/*;q=0.8",
    Purpose.WISHES: "application/json,*/*;q=0.8",
    Purpose.FEED: "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.8",
    Purpose.SITEMAP: "application/xml,text/xml,*/*;q=0.8",
    Purpose.PICTURE: "image/avif,image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1",
}
_ACCEPT_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Client:
    """
    Makes single requests; redirects and retries are new ones.

    Args:
        transport: What carries the requests; None is the network, guarded.
        resolver: Looks names up for the guarded network.
        cookie_folder: Where the cookies that sites set with article pages are kept; None keeps
            none.
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
        self._ways = {way_of(settings, source) for source in (None, *sources)}
        self._transports: dict[Way, httpx.AsyncBaseTransport] = {
            way: transport or transport_for(settings, resolver, way) for way in self._ways
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

        Guaranteed: no more than *total_timeout*, *max_bytes* and *max_decoded_bytes* are spent on
        it (of a robots.txt the first part is kept instead); only a judged address is connected to.
        """
        settings = self._settings
        at = self._clock.now()
        if refusal := judge_url(request.url, settings.allowed_addresses):
            return Disallowed(request, at, refusal)
        way = way_of(settings, self._credentials.source(request))
        try:
            sent = self._request(request)
            async with asyncio.timeout(settings.total_timeout.total_seconds()):
                response = await self._transports[way].handle_async_request(sent)
                try:
                    sets_cookie = self._cookies.take(request, response.status_code, response.headers.raw)
                    body, is_sound = await read_body(response, request.purpose, settings)
                finally:
                    await response.aclose()
        except AddressRefusedError as refused:
            return Disallowed(request, at, str(refused))
        except (CookieFileError, CredentialsError) as error:
            return Failed(request, at, str(error), is_unasked=True)
        except UnusableError as error:
            elapsed = self._clock.now() - at
            return Failed(request, at, str(error), error.status, elapsed=elapsed, may_pass=error.may_pass)
        except (httpx.TransportError, httpx.InvalidURL, OSError, UnicodeError) as error:
            host = f"the proxy {host_of(way.proxy)}" if way.proxy else host_of(request.url)
            reason, may_pass = explain(error, settings, host)
            reason = self._credentials.hide(request, reason)
            return Failed(request, at, reason, elapsed=self._clock.now() - at, may_pass=may_pass)
        exchange = describe_exchange(request, at, sent, response, body, self._credentials)
        outcome = judge_response(request, at, self._clock.now(), exchange)
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
