"""
What carries requests: pools of connections, a pool for each host, through a proxy where one is
named.

Nothing is sent that is not written in `client`: the transports of httpx are used by themselves,
without a client's cookie jar, redirects, proxies from the environment or default headers.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpcore
import httpx

from scraper.fetch.guard import GuardedBackend, Resolver
from scraper.model import FetchSettings, Source

# A connection is kept for the next request of its host: for twice the pace, and where that is
# short, for so long (s).
_SHORTEST_KEEP = 5.0
_KEPT_PACES = 2


class Way(NamedTuple):
    """
    How requests leave: through which proxy, and whose certificates are believed besides the
    well-known ones.
    """

    proxy: str | None
    ca_bundle: Path | None


def way_of(settings: FetchSettings, source: Source | None) -> Way:
    """How the requests of a source leave; None for those of no source."""
    proxy = (source.proxy if source else None) or settings.proxy
    return Way(None if proxy == "none" else proxy, (source.ca_bundle if source else None) or settings.ca_bundle)


class _PoolTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over a pool of ours; it has no argument for one."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool
        self._users = 0

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """A request begins: the pool is not idle, although it may have no connection yet."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1

    @property
    def is_idle(self) -> bool:
        """Whether no answer is waited for or being read."""
        return not self._users and all(
            connection.is_idle() or connection.is_closed() for connection in self._pool.connections
        )


class HostTransports(httpx.AsyncBaseTransport):
    """
    A pool for each host.

    One pool for all hosts looks at every connection for every request, which costs more than the
    requests where there are hundreds of hosts.

    Args:
        open_hosts: So many are asked at the same time; the pools of hosts that were left are
            closed.
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
        with transport.in_use():
            for left in self._take_left():
                await left.aclose()
            return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        while self._by_host:
            await self._by_host.popitem()[1].aclose()

    def _take_left(self) -> list[_PoolTransport]:
        """
        The pools beyond those of open hosts, out of the list before anything is awaited: others ask
        meanwhile.
        """
        oldest = list(self._by_host)[: -self._most_idle - 1]
        return [self._by_host.pop(host) for host in oldest if self._by_host[host].is_idle]


def transport_for(settings: FetchSettings, resolver: Resolver, way: Way) -> httpx.AsyncBaseTransport:
    """
    What carries the requests that leave one way.

    A proxy is the reader's own word, and is connected to wherever it is. What it is asked for was
    judged by its address alone: the names are looked up there, where we cannot look at the answer.
    """
    context = httpx.create_ssl_context(trust_env=False)
    if way.ca_bundle is not None:
        context.load_verify_locations(way.ca_bundle)
    return HostTransports(lambda: _pool(settings, resolver, way, context), settings.open_hosts)


def _pool(
    settings: FetchSettings, resolver: Resolver, way: Way, context: ssl.SSLContext
) -> httpcore.AsyncConnectionPool:
    pool: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": None,  # the lanes bound them
        "max_keepalive_connections": settings.per_host,
        "keepalive_expiry": max(_SHORTEST_KEEP, _KEPT_PACES * settings.pace.total_seconds()),
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
