"""
Which addresses may be asked: public ones, and those the reader allows by name.

Two looks, since a URL says only half of it. `judge_url` reads the URL: scheme, user,
port, names that are private by definition, every spelling of an IP address.
`GuardedBackend` looks a name up once, judges every address it has, and connects to the
judged address itself, so that no second answer of the name server can slip in
(DNS rebinding).
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import SOCK_STREAM, getaddrinfo
from threading import Thread
from urllib.parse import SplitResult, urlsplit

import httpcore

Resolver = Callable[[str, int], Awaitable[tuple[str, ...]]]
"""Host and port → the addresses of the host; OSError where it has none."""

# What is not reachable from everywhere, after the IANA special-purpose registries
# (https://www.iana.org/assignments/iana-ipv4-special-registry, …-ipv6-…). Named here because
# what `ipaddress` calls global differs between versions of Python.
_SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4".split(),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")  # all that is given out (RFC 4291 §2.4); mapped and compatible forms lie outside
_SPECIAL_V6 = tuple(map(IPv6Network, "2001::/23 2001:db8::/32 2002::/16 3fff::/20".split()))
_NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address in the last 32 bits (RFC 6052 §2.1)

# Names that mean this machine or this network: RFC 6761 §6.3, RFC 6762 §3, RFC 8375, ICANN's
# "internal".
_PRIVATE_NAMES = re.compile(r"(^|\.)(localhost|local|internal|home\.arpa)$")
# A host whose last label is a number is an IPv4 address to every resolver (WHATWG URL, "ends in a
# number").
_NUMERIC_END = re.compile(r"(^|\.)([0-9]+|0x[0-9a-f]*)$")
_NETWORK = re.compile(r"\[?([0-9a-f.:]+/\d+)\]?(?::(\d+))?")
_NOT_IN_AUTHORITY = re.compile(r"[\x00-\x20\x7f\\%<>^`{|}]")
# Services that must never be spoken HTTP to (WHATWG Fetch, "bad port").
_BAD_PORTS = frozenset(
    map(
        int,
        "0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 "
        "119 123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 "
        "989 990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6379 6566 6665 6666 6667 6668 6669 6679 "
        "6697 10080".split(),
    )
)
_HOW_TO_OPEN = "([fetch] allowed_addresses opens it)"
_MOST_ADDRESSES = 4  # tried one after the other: two of each family; each gets its share of the time for connecting


class AddressRefusedError(Exception):
    """A name leads to an address that may not be asked; the text says which. Crosses httpx unchanged."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """
    Whether an address can be reached from everywhere.

    An address behind NAT64 counts as the IPv4 address in it, since that is how a host with
    IPv6 alone reaches the rest of the web; every other address within an address is refused.

    >>> [is_public(ip_address(text)) for text in ("93.184.216.34", "10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1")]
    [True, False, False, False]
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    if address in _NAT64:
        return is_public(IPv4Address(address.packed[-4:]))
    return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)


def judge_url(url: str, allowed: Iterable[str] = ()) -> str | None:
    """
    Why *url* must not be asked for, as a short sentence; None where nothing in it stands against
    that.

    Args:
        url: Any text.
        allowed: What may be asked although it is private, as in `FetchSettings.allowed_addresses`.
            A port that is named is opened whatever it is; a name that means this network must be
            named.

    Source: WHATWG URL (host parsing) for the spellings; RFC 9110 §4.2.4 on users in URLs.

    >>> judge_url("http://0x7f.1/")
    'the host 0x7f.1 is an IP address in an unusual spelling'
    >>> judge_url("http://127.0.0.1:8600/", {"127.0.0.1:8600"}) is None
    True
    >>> judge_url("http://10.1.2.3/", {"10.1.0.0/16"}) is None, judge_url("http://10.2.2.3/", {"10.1.0.0/16"})
    (True, '10.2.2.3 is not a public address ([fetch] allowed_addresses opens it)')
    """
    if re.search(r"[\x00-\x1f\x7f]", url):
        return "the URL has control characters in it"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "the URL cannot be read"
    if fault := _find_fault(parts):
        return fault
    assert host is not None
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    opened = _opened(frozenset(allowed))
    if opened.has_pair(host, port):
        return None
    if port in _BAD_PORTS:
        return f"port {port} is not for the web"
    return None if opened.has(host, port) else _judge_host(host)


def _find_fault(parts: SplitResult) -> str | None:
    """What stands against the form of a URL, wherever it leads."""
    if parts.scheme not in {"http", "https"}:
        return "the URL is not http or https"
    if not parts.hostname:
        return "the URL names no host"
    if "@" in parts.netloc:
        return "the URL carries a user name"
    if _NOT_IN_AUTHORITY.search(parts.netloc):
        return "the host has characters in it that no host has"
    return None


class _Opened:
    """
    What the reader opened, taken apart: pairs and hosts by name, networks with the port they are
    opened for.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._names = frozenset(allowed)
        self._networks = tuple(
            (ip_network(network), int(port) if port else None)
            for network, port in (match.groups() for match in map(_NETWORK.fullmatch, self._names) if match)
        )

    def has_pair(self, host: str, port: int) -> bool:
        """Whether the port of a host is opened by its number."""
        return _endpoint(host, port) in self._names or self._is_within(host, port)

    def has(self, host: str, port: int) -> bool:
        """Whether a host is opened: by name, or as an address of a network."""
        name = f"[{host}]" if ":" in host else host
        return self.has_pair(host, port) or name in self._names or self._is_within(host, None)

    def _is_within(self, host: str, port: int | None) -> bool:
        networks = [network for network, number in self._networks if number == port]
        try:
            return bool(networks) and any(ip_address(host) in network for network in networks)
        except ValueError:  # a name
            return False


@lru_cache(maxsize=16)
def _opened(allowed: frozenset[str]) -> _Opened:
    return _Opened(allowed)


def _judge_host(host: str) -> str | None:
    """What stands against a host, before anything is looked up."""
    plain = re.sub("[\u3002\uff61]", ".", unicodedata.normalize("NFKC", host)).lower()  # full stops as IDNA reads them
    bare = plain.removesuffix(".")
    if ":" in plain or _NUMERIC_END.search(bare):
        try:
            address = ip_address(host)
        except ValueError:
            return f"the host {host} is an IP address in an unusual spelling"
        return None if is_public(address) else f"{address} is not a public address {_HOW_TO_OPEN}"
    return f"the name {host} is private {_HOW_TO_OPEN}" if _PRIVATE_NAMES.search(bare) else None


def _endpoint(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def ask_system_resolver(host: str, port: int) -> tuple[str, ...]:
    """
    The addresses of *host* in the order the system prefers, each once.

    Asked in a thread that nobody waits for: one of asyncio's own would keep a process that
    is told to end waiting for the name server, half a minute at worst.

    Raises:
        OSError: The name has no address, or none could be found out.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[tuple[str, ...]] = loop.create_future()

    def answer(addresses: tuple[str, ...], error: OSError | None) -> None:
        if found.cancelled():
            return
        if error:
            found.set_exception(error)
        else:
            found.set_result(addresses)

    def ask() -> None:
        addresses: tuple[str, ...] = ()
        problem = None
        try:
            answers = getaddrinfo(host, port, type=SOCK_STREAM)
            addresses = tuple(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in answers))
        except OSError as error:
            problem = error
        except UnicodeError:  # a label of more than 63 bytes
            problem = OSError(f"no name: {host}")
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(answer, addresses, problem)

    Thread(target=ask, daemon=True, name=f"look up {host}").start()
    return await found


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """
    Connections to judged addresses alone.

    Args:
        resolver: Asked once for a connection.
        allowed: What may be asked although it is private, as in `FetchSettings.allowed_addresses`;
            a name that is opened may lead anywhere, a network opens what names lead to in it.
        connector: Makes the connections, given an address in place of the name.
    """

    def __init__(
        self,
        resolver: Resolver = ask_system_resolver,
        allowed: Iterable[str] = (),
        connector: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._resolver = resolver
        self._opened = _opened(frozenset(allowed))
        self._connector = connector or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """
        A connection to the first address of *host* that answers.

        Raises:
            AddressRefusedError: Any address of the host is not public; a mixed answer is a trick,
            not a fault. OSError: The name cannot be looked up. httpcore.ConnectError,
            httpcore.ConnectTimeout: No address answers.
        """
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolver(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no answer from the name server about {host}") from error
        if not self._opened.has(host, port):
            for address in addresses:
                bare = address.partition("%")[0]
                if not is_public(ip_address(bare)) and not self._opened.has(bare, port):
                    raise AddressRefusedError(
                        f"{host} leads to {address}, which is not a public address {_HOW_TO_OPEN}"
                    )
        problem: Exception = httpcore.ConnectError(f"{host} has no address")
        chosen = addresses[:_MOST_ADDRESSES]
        if timeout is not None:
            timeout = max(0.1, timeout - (asyncio.get_running_loop().time() - started)) / max(1, len(chosen))
        for address in chosen:
            try:
                return await self._connector.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    async def sleep(self, seconds: float) -> None:
        """Httpcore's own pause between its tries (it makes none here)."""
        await self._connector.sleep(seconds)
