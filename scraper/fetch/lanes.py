"""
Lanes: the order and the pace of every host. Each host has one task; thousands wait at no cost.

    add(request) ─► queue of its host ─► robots.txt, once ─► request, pace, request … ─► async for outcome

    robots says no      Disallowed, without asking
    a passing failure   asked again after a wait that doubles, or that the server names
    a long Retry-After  the rest of the host is left for a later pass; the next lanes are told with *rests*

Following a redirect is a new request: `follow` says which, and the caller adds it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Self

from scraper.fetch.client import Client
from scraper.fetch.clock import Clock
from scraper.fetch.guard import judge_url
from scraper.fetch.robots import Robots, RobotsState, judge_robots
from scraper.model import (
    Disallowed,
    Failed,
    FetchRequest,
    FetchSettings,
    Outcome,
    Purpose,
    Redirected,
    Validators,
)
from scraper.secrets import keeps_secrets
from scraper.urls import host_key, join_url, registrable_domain

_FIRST_BACK_OFF = timedelta(seconds=2)  # doubled with every further try: many a server was busy for a moment
_ROBOTS_REDIRECTS = 5  # RFC 9309 §2.3.1.2
# Requests in a row that a host leaves unanswered, each after all its tries: some minutes, in which
# nobody was there.
_GIVE_UP_AFTER = 5
_UNREAD = 32  # outcomes kept for the reader before the lanes wait for it: more would hold bodies in memory


@dataclass(frozen=True, slots=True)
class Left:
    """
    Why nothing is asked of a host any more, and when it wants to be asked again; None where it does
    not say.
    """

    why: str
    until: datetime | None = None


@dataclass(slots=True, eq=False)
class _Host:
    """
    One host in this pass.

    Args:
        places: As many as there may be requests in flight.
        door: Held by the one that waits for its turn, so that requests leave in order.
        pace: The longest that any of its requests asks for.
        last_at: When a request last began or ended.
        rest_until: Nothing is asked before, for a retry or because the server said so.
        left: Why nothing is asked any more in this pass.
        unanswered: Requests in a row that came to nothing.
    """

    places: asyncio.Semaphore
    pace: timedelta
    door: asyncio.Lock = field(default_factory=asyncio.Lock)
    queue: deque[FetchRequest] = field(default_factory=deque)
    is_open: bool = False
    robots: Robots | None = None
    last_at: datetime | None = None
    rest_until: datetime | None = None
    left: Left | None = None
    unanswered: int = 0

    def wait_from(self, now: datetime, jitter: float) -> timedelta:
        """How long the next request has to wait."""
        delay = max(self.pace, self.robots.delay) if self.robots else self.pace
        paced = self.last_at + delay * (1 + jitter) if self.last_at else now
        return max(paced, self.rest_until or now) - now


class Lanes:
    """
    Every outcome of the requests that were added, as it happens: `async for outcome in lanes`.

    Outcomes of our own questions for robots.txt come along (purpose `ROBOTS`). The iteration
    ends when nothing is queued, in flight or unread; requests may be added meanwhile.
    The tasks end when *client* is left.

    Guaranteed for each host: robots.txt first, once; at most *per_host* in flight; between
    any start or end of a request and the next start at least the pace (its own, its source's,
    or the one robots.txt wants, whichever is longest).

    Args:
        random: For jitter; a seeded one makes a pass repeatable.
        rests: Hosts that are left from the beginning, by `host_key`; nothing is asked of them,
            robots.txt included.
    """

    def __init__(
        self,
        client: Client,
        settings: FetchSettings,
        clock: Clock,
        random: Random | None = None,
        *,
        rests: Mapping[str, Left] | None = None,
    ) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._random = random or Random()  # noqa: S311 - jitter, not a secret
        self._hosts: dict[str, _Host] = {}
        self._rests = rests or {}
        self._tell_left: Callable[[str, Left], None] = lambda *_: None
        self._slots = asyncio.Semaphore(settings.open_hosts)
        self._unread: asyncio.Queue[tuple[Outcome, bool] | Exception] = asyncio.Queue(_UNREAD)
        self._unanswered = 0
        self._tasks: set[asyncio.Task[None]] = set()
        client.before_close(self.aclose)

    def add(self, request: FetchRequest) -> None:
        """Queue a request behind the others of its host."""
        self._unanswered += 1
        if refusal := judge_url(request.url, self._settings.allowed_addresses):
            # Without a lane: such a URL says nothing about the host it seems to name.
            disallowed = Disallowed(request, self._clock.now(), refusal)
            self._start(self._hand_over(disallowed, is_answer=True))
            return
        host = self._host(request)
        host.queue.append(request)
        if not host.is_open:
            host.is_open = True
            self._start(self._run(host))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome:
        if self._unanswered == 0:
            raise StopAsyncIteration
        unread = await self._unread.get()
        if isinstance(unread, Exception):
            raise unread
        outcome, is_answer = unread
        self._unanswered -= is_answer
        return outcome

    async def aclose(self) -> None:
        """End all lanes now, whatever they are waiting for."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def robots(self, url: str) -> Robots | None:
        """What the host of *url* says in its robots.txt, where it was asked in this pass."""
        host = self._hosts.get(host_key(url))
        return host.robots if host else None

    def when_left(self, tell: Callable[[str, Left], None]) -> None:
        """
        Call *tell* with each host that is left, by `host_key`, at once: its answer may be read much
        later.
        """
        self._tell_left = tell

    # ------------------------------------------------------------ one host

    def _host(self, request: FetchRequest) -> _Host:
        pace = self._settings.pace if request.pace is None else request.pace
        key = host_key(request.url)
        host = self._hosts.get(key)
        if host is None:
            places = asyncio.Semaphore(self._settings.per_host)
            host = self._hosts[key] = _Host(places, pace=timedelta(), left=self._rests.get(key))
        host.pace = max(host.pace, pace)
        return host

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)  # the event loop alone would not keep it
        task.add_done_callback(self._tasks.discard)

    async def _hand_over(self, outcome: Outcome, *, is_answer: bool) -> None:
        """
        Give an outcome to the reader; waits while too many are unread. *is_answer*: to a request
        that was added.
        """
        await self._unread.put((outcome, is_answer))

    async def _run(self, host: _Host) -> None:
        """The task of one host, until its queue is empty."""
        try:
            if host.robots is None and not host.left:
                host.robots = await self._learn_robots(host.queue[0])
            while host.queue:
                async with asyncio.TaskGroup() as group:
                    for _ in range(min(self._settings.per_host, len(host.queue))):
                        group.create_task(self._drain(host))
            host.is_open = False
        except Exception as bug:  # noqa: BLE001 - it is raised where the outcomes are read
            await self._unread.put(bug)

    async def _drain(self, host: _Host) -> None:
        while host.queue:
            request = host.queue.popleft()
            outcome = self._unasked(host, request) or await self._ask(host, request)
            await self._hand_over(outcome, is_answer=True)

    def _unasked(self, host: _Host, request: FetchRequest) -> Outcome | None:
        """
        The outcome of a request that is not made: its host is left, or its robots.txt stands
        against it.
        """
        now, robots = self._clock.now(), host.robots
        # A robots.txt that could not be had says why itself, and first.
        if robots is not None and (refusal := self._refusal(robots, request.url)):
            return Disallowed(request, now, refusal, may_pass=robots.state is RobotsState.NOT_NOW)
        if host.left:
            return Failed(request, now, host.left.why, retry_at=host.left.until, is_unasked=True)
        return None

    def _refusal(self, robots: Robots, url: str) -> str | None:
        longest = self._settings.longest_crawl_delay
        if robots.delay > longest:
            wanted, most = robots.delay.total_seconds(), longest.total_seconds()
            return f"robots.txt asks for {wanted:g} s between requests, more than the {most:g} s we wait"
        return robots.refusal(url)

    async def _learn_robots(self, first: FetchRequest) -> Robots:
        """
        The robots.txt of the host of *first*. Redirects are followed, also to other hosts, at their
        pace; the rules are those of the host that was asked.
        """
        request = FetchRequest(
            join_url(first.url, "/robots.txt") or first.url, Purpose.ROBOTS, source=first.source, pace=first.pace
        )
        settings = replace(self._settings, max_redirects=_ROBOTS_REDIRECTS)
        while True:
            refusal = judge_url(request.url, settings.allowed_addresses)
            outcome: Outcome
            if refusal:  # a redirect led there
                outcome = Disallowed(request, self._clock.now(), f"robots.txt leads astray: {refusal}")
            else:
                outcome = await self._ask(self._host(request), request)
            await self._hand_over(outcome, is_answer=False)
            further = follow(outcome, settings) if isinstance(outcome, Redirected) else None
            if not isinstance(further, FetchRequest):
                return judge_robots(outcome, self._settings.robots_agent)
            request = further

    # ------------------------------------------------------------ one request

    async def _ask(self, host: _Host, request: FetchRequest) -> Outcome:
        """The outcome of a request in its turn; of the last try, where a failure may pass."""
        tries = 0
        while True:
            async with self._turn(host):
                if host.left:
                    until = host.left.until
                    return Failed(request, self._clock.now(), host.left.why, retry_at=until, is_unasked=True)
                outcome = await self._client.fetch(request)
            tries += 1
            if not isinstance(outcome, Failed) or not outcome.may_pass:
                host.unanswered = 0
                return outcome
            if not self._is_worth_another(host, outcome, tries):
                return outcome if tries == 1 else replace(outcome, reason=f"{outcome.reason} (tried {tries} times)")

    def _is_worth_another(self, host: _Host, failed: Failed, tries: int) -> bool:
        """Whether to try again after a failure that may pass; lets the host rest, or leaves it."""
        settings = self._settings
        now = self._clock.now()
        is_last = tries > settings.retries
        if failed.retry_at is not None:
            if failed.retry_at - now > settings.longest_retry_after:
                until = f"{failed.retry_at:%Y-%m-%d %H:%M} UTC"
                self._leave(host, failed, f"the server wants to be asked again at {until}", failed.retry_at)
                return False
            host.rest_until = failed.retry_at
        elif not is_last:
            back_off = min(_FIRST_BACK_OFF * 2 ** (tries - 1), settings.longest_retry_after)
            host.rest_until = now + back_off * (1 + settings.jitter * self._random.random())
        if is_last and failed.status in {None, 429, 503}:  # a 500 may be the fault of one page
            host.unanswered += 1
            if host.unanswered >= _GIVE_UP_AFTER:
                self._leave(
                    host, failed, f"{host.unanswered} requests in a row failed, the last: {failed.reason}", None
                )
        return not is_last

    def _leave(self, host: _Host, failed: Failed, why: str, until: datetime | None) -> None:
        """Ask nothing more of a host; *failed* is what came of the last request to it."""
        host.left = Left(f"left for a later pass: {why}", until)
        self._tell_left(host_key(failed.request.url), Left(why, until))

    @asynccontextmanager
    async def _turn(self, host: _Host) -> AsyncIterator[None]:
        """
        A place at a host, when its pace allows. A host that waits for its pace takes no other's
        slot.
        """
        async with host.places:
            async with host.door:
                jitter = self._settings.jitter * self._random.random()
                while True:
                    while (wait := host.wait_from(self._clock.now(), jitter)) > timedelta() and not host.left:
                        await self._clock.sleep(wait)
                    await self._slots.acquire()
                    # Again after each wait: another request of the host may have ended meanwhile.
                    if host.wait_from(self._clock.now(), jitter) <= timedelta() or host.left:
                        break
                    self._slots.release()
                host.last_at = self._clock.now()
            try:
                yield
            finally:
                self._slots.release()
                host.last_at = self._clock.now()


def follow(redirected: Redirected, settings: FetchSettings) -> FetchRequest | Failed:
    """
    The request that a redirect asks for, or why it is not made.

    Validators are dropped, since they are bound to one URL; cookies where the redirect leaves
    the registrable domain or https, and the pace of the source with the domain. An address that was
    asked already is asked again where a cookie came meanwhile: the answer may be another one now.

    >>> from datetime import UTC
    >>> request = FetchRequest("https://news.example/a", Purpose.ARTICLE)
    >>> redirected = Redirected(request, datetime(2026, 3, 2, tzinfo=UTC), 301, "https://news.example/b", timedelta())
    >>> follow(redirected, FetchSettings("presswatch/1")).hops
    ('https://news.example/a',)
    """
    request = redirected.request
    hops = (*request.hops, request.url)
    has_new_cookie = request.has_new_cookie or redirected.sets_cookie
    if redirected.target in hops:
        if not has_new_cookie:
            return _lost(redirected, "the redirects go round in a circle")
        has_new_cookie = False  # one cookie, one more look
    if len(hops) > settings.max_redirects:
        return _lost(redirected, f"more than {settings.max_redirects} redirects")
    stays = registrable_domain(redirected.target) == registrable_domain(request.url)
    return replace(
        request,
        url=redirected.target,
        hops=hops,
        has_new_cookie=has_new_cookie,
        validators=Validators(),
        cookies_file=request.cookies_file if stays and keeps_secrets(redirected.target) else None,
        pace=request.pace if stays else None,
    )


def _lost(redirected: Redirected, reason: str) -> Failed:
    return Failed(redirected.request, redirected.at, reason, redirected.status, elapsed=redirected.elapsed)
