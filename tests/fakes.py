"""
A fake web and a fake clock: a whole pass without a network and without waiting.

    clock = FakeClock()
    web = FakeWeb(clock, {
        "https://news.example/feed": Page(FEED, media_type="application/rss+xml"),
        "https://news.example/a": "<p>A text.",              # a web page
        "https://news.example/old": moved("https://news.example/a"),
        "https://news.example/busy": [Page(status=503), "<p>There."],  # one after the other
        "https://news.example/odd": lambda request: Page(request.headers["user-agent"]),
        "https://down.example/": httpx.ConnectError("refused"),
    })
    async with web.client(SETTINGS) as client: ...
    web.asked  # every request, in order, with fake time
"""

import asyncio
import gzip
import heapq
import itertools
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from scraper.fetch.client import Client
from scraper.fetch.lanes import Lanes
from scraper.model import FetchRequest, FetchSettings, Outcome, Purpose
from scraper.urls import host_key

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
T = TypeVar("T")

SETTINGS = FetchSettings("presswatch/1 (+https://reader.example/contact)")


class FakeClock:
    """
    Time that passes only while everybody waits for it.

    A sleeper wakes when nothing else in the event loop could run before; then time jumps to
    its hour. So the order of events depends on fake time alone, whatever the machine does.
    """

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._is_watching = False

    def now(self) -> datetime:
        return self._now

    def advance(self, duration: timedelta) -> None:
        """Let time pass between two passes, while nobody sleeps."""
        self._now += duration

    async def sleep(self, duration: timedelta) -> None:
        if duration <= timedelta():
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        alarm: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (self._now + duration, next(self._order), alarm))
        if not self._is_watching:
            self._is_watching = True
            loop.call_soon(self._watch, loop)
        await alarm

    def _watch(self, loop: Any) -> None:
        """
        Runs once in each round of the loop; wakes the next sleeper in a round where all others
        stand still.
        """
        while self._sleepers and self._sleepers[0][2].cancelled():
            heapq.heappop(self._sleepers)
        if not self._sleepers:
            self._is_watching = False
            return
        if not loop._ready:  # nobody else has anything to do
            at, _, alarm = heapq.heappop(self._sleepers)
            self._now = max(self._now, at)
            alarm.set_result(None)
        loop.call_soon(self._watch, loop)


@dataclass(frozen=True)
class Page:
    """
    One answer of the fake web.

    Args:
        takes: Fake time until it comes.
        etag, last_modified: A request that sends one of them back is answered with 304.
        chunks: The body in pieces, in place of *body*.
    """

    body: str | bytes = ""
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str | bytes] = field(default_factory=dict)
    takes: timedelta = timedelta(milliseconds=200)
    etag: str | None = None
    last_modified: str | None = None
    chunks: tuple[bytes, ...] | None = None

    def answers(self, request: httpx.Request) -> httpx.Response:
        """The response to *request*, streamed as one from the network."""
        headers: dict[str, str | bytes] = {"content-type": self.media_type, **self.headers}
        if self.etag:
            headers["etag"] = self.etag
        if self.last_modified:
            headers["last-modified"] = self.last_modified
        is_known = (self.etag and request.headers.get("if-none-match") == self.etag) or (
            self.last_modified and request.headers.get("if-modified-since") == self.last_modified
        )
        body = self.body.encode() if isinstance(self.body, str) else self.body
        chunks = () if is_known else self.chunks if self.chunks is not None else (body,)
        wire = [(name.encode(), v if isinstance(v, bytes) else v.encode()) for name, v in headers.items()]
        return httpx.Response(304 if is_known else self.status, headers=wire, stream=_Chunks(chunks))


class _Chunks(httpx.AsyncByteStream):
    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


Answer = Page | str | bytes | Exception
Rule = Answer | list[Answer] | Callable[[httpx.Request], Answer | Awaitable[Answer]]


def moved(target: str, status: int = 301) -> Page:
    """A redirect."""
    return Page(status=status, headers={"location": target})


def gzipped(body: str | bytes, **page: Any) -> Page:
    """A page as a server packs it."""
    packed = gzip.compress(body.encode() if isinstance(body, str) else body)
    return Page(packed, headers={"content-encoding": "gzip"}, **page)


def text(body: str | bytes, **page: Any) -> Page:
    """A plain text, such as robots.txt."""
    return Page(body, media_type="text/plain", **page)


@dataclass(frozen=True)
class Asked:
    """
    One request that reached the fake web. *in_flight*: requests at its host then, this one
    included.
    """

    url: str
    started_at: datetime
    ended_at: datetime
    in_flight: int
    headers: httpx.Headers

    @property
    def host(self) -> str:
        return host_key(self.url)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


# Asked for at every host, whatever is wanted there.
HOST_FILES = frozenset({"/robots.txt", "/.well-known/tdmrep.json"})


class FakeWeb:
    """
    Pages by URL; change *pages* between two passes to change the web.

    Whatever is not in the table is a 404, also robots.txt; a host without any page does not exist.
    """

    def __init__(self, clock: FakeClock, pages: Mapping[str, Rule] | None = None) -> None:
        self.clock = clock
        self.pages: dict[str, Rule] = dict(pages or {})
        self.asked: list[Asked] = []
        self._in_flight: Counter[str] = Counter()

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def client(self, settings: FetchSettings = SETTINGS) -> Client:
        """A client that knows this web alone."""
        return Client(settings, clock=self.clock, transport=self.transport)

    def urls(self, *, robots: bool = False) -> list[str]:
        """What was asked for, in order; with robots.txt and tdmrep.json where wanted."""
        return [asked.url for asked in self.asked if robots or asked.path not in HOST_FILES]

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        host = host_key(url)
        started_at = self.clock.now()
        self._in_flight[host] += 1
        in_flight = self._in_flight[host]
        try:
            page = await self._page(url, request)
            await self.clock.sleep(page.takes if isinstance(page, Page) else Page.takes)
        finally:
            self._in_flight[host] -= 1
            self.asked.append(Asked(url, started_at, self.clock.now(), in_flight, request.headers))
        if isinstance(page, Exception):
            raise page
        return page.answers(request)

    async def _page(self, url: str, request: httpx.Request) -> Page | Exception:
        rule = self.pages.get(url)
        if rule is None:
            is_known = any(host_key(known) == host_key(url) for known in self.pages)
            return Page("Not here.", 404) if is_known else socket.gaierror(socket.EAI_NONAME, "unknown name")
        answer: Any = rule
        if isinstance(rule, list):  # the last answer stays
            answer = rule.pop(0) if len(rule) > 1 else rule[0]
        elif callable(rule):
            answer = rule(request)
            if isinstance(answer, Awaitable):
                answer = await answer
        return Page(answer) if isinstance(answer, str | bytes) else answer


def article(url: str, **more: Any) -> FetchRequest:
    """A request for an article."""
    return FetchRequest(url, Purpose.ARTICLE, **more)


def run(work: Coroutine[Any, Any, T]) -> T:
    """What *work* gives, in an event loop of its own; a pass that hangs fails after ten real seconds."""
    return asyncio.run(asyncio.wait_for(work, 10))


async def _gather(
    web: FakeWeb, requests: Iterable[FetchRequest], settings: FetchSettings, **lanes: Any
) -> list[Outcome]:
    async with web.client(settings) as client:
        queue = Lanes(client, settings, web.clock, **lanes)
        for request in requests:
            queue.add(request)
        return [outcome async for outcome in queue]


def fetch_all(
    web: FakeWeb, requests: Iterable[FetchRequest], settings: FetchSettings = SETTINGS, *, robots: bool = False
) -> list[Outcome]:
    """The outcomes of *requests* through lanes, as they happen; those of robots.txt where wanted."""
    outcomes = run(_gather(web, requests, settings))
    return [outcome for outcome in outcomes if robots or outcome.request.purpose is not Purpose.ROBOTS]
