"""Requests by way of a proxy: what it is told, who looks names up, and what is said when it fails."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import SETTINGS, run

from scraper.fetch.client import Client
from scraper.fetch.clock import SystemClock
from scraper.model import Disallowed, Failed, Fetched, FetchRequest, Outcome, Purpose, Source

URL = "http://news.example/a"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntext"


async def never(host: str, port: int) -> tuple[str, ...]:
    raise AssertionError(host, port)


async def http_proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Takes a request for a whole address, and answers itself; a tunnel it refuses."""
    head = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 403 No tunnels\r\n\r\n" if head.startswith(b"CONNECT") else ANSWER)
    return head


async def socks_proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Takes a name and a port (RFC 1928), and answers itself."""
    _, count = await reader.readexactly(2)
    methods = await reader.readexactly(count)
    told = b""
    if 2 in methods:  # RFC 1929
        writer.write(b"\x05\x02")
        told = await reader.readexactly(2)
        told += await reader.readexactly(told[1] + 1)
        told += await reader.readexactly(told[-1])
        writer.write(b"\x01\x00")
    else:
        writer.write(b"\x05\x00")
    _, _, _, kind, length = await reader.readexactly(5)
    target = await reader.readexactly(length + 2)
    writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50")
    head = await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER)
    return told + bytes([kind]) + target + head


def by_proxy(proxy, scheme: str, url: str = URL, login: str = "", **more) -> tuple[Outcome, list[bytes]]:
    """What comes of a request by way of *proxy*, and what it was told."""
    told = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.append(await proxy(reader, writer))
        await writer.drain()
        writer.close()

    async def work() -> Outcome:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
            address = f"{scheme}://{login}127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            settings = replace(SETTINGS, proxy=address, total_timeout=timedelta(seconds=5), **more)
            async with Client(settings, clock=SystemClock(), resolver=never) as client:
                outcome = await client.fetch(FetchRequest(url, Purpose.FEED))
            await asyncio.sleep(0)
            return outcome

    return run(work()), told


def test_an_http_proxy_carries_a_request_and_looks_the_name_up():
    outcome, (told,) = by_proxy(http_proxy, "http", login="ann:sesame@")
    assert isinstance(outcome, Fetched)
    assert told.startswith(b"GET http://news.example/a HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic YW5uOnNlc2FtZQ==" in told
    assert "YW5u" not in repr(outcome)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_is_told_the_name(scheme):
    outcome, (told,) = by_proxy(socks_proxy, scheme)
    assert isinstance(outcome, Fetched)
    assert told.startswith(b"\x03news.example\x00\x50GET /a HTTP/1.1\r\n")


def test_a_socks_proxy_is_told_user_and_password():
    outcome, (told,) = by_proxy(socks_proxy, "socks5", login="ann:sesame@")
    assert isinstance(outcome, Fetched)
    assert told.startswith(b"\x01\x03ann\x06sesame")


def test_a_proxy_that_refuses_is_named_without_its_password_and_asked_again_later():
    outcome, _ = by_proxy(http_proxy, "http", "https://news.example/a", login="ann:sesame@")
    assert isinstance(outcome, Failed)
    assert outcome.reason == "the proxy 127.0.0.1 does not carry the request: 403 No tunnels"
    assert outcome.may_pass


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://localhost/", "http://127.0.0.1/"])
def test_a_private_address_is_refused_behind_a_proxy_too(url):
    outcome, told = by_proxy(http_proxy, "http", url)
    assert isinstance(outcome, Disallowed)
    assert told == []


def test_a_proxy_that_is_not_there_is_named():
    async def work() -> Outcome:
        async with Client(replace(SETTINGS, proxy="http://127.0.0.1:9"), clock=SystemClock()) as client:
            return await client.fetch(FetchRequest(URL, Purpose.FEED))

    outcome = run(work())
    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith("no connection to the proxy 127.0.0.1: ")


def test_each_source_goes_its_own_way():
    """A proxy of its own, none at all, or the general one."""
    asked = []

    def saying(word: bytes):
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append((word, (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]))
            writer.write(ANSWER)
            await writer.drain()
            writer.close()

        return serve

    async def work() -> None:
        servers = [await asyncio.start_server(saying(word), "127.0.0.1", 0) for word in (b"general", b"own", b"site")]
        general, own, site = (f"127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers)
        settings = replace(SETTINGS, proxy=f"http://{general}", allowed_addresses=frozenset({site}))
        sources = [
            Source("a", "A", f"http://{site}/", proxy=f"http://{own}"),
            Source("b", "B", f"http://{site}/", proxy="none"),
            Source("c", "C", f"http://{site}/"),
        ]
        async with Client(settings, clock=SystemClock(), sources=sources) as client:
            for source in sources:
                outcome = await client.fetch(FetchRequest(f"http://{site}/x", Purpose.FEED, source=source.name))
                assert isinstance(outcome, Fetched)
        await asyncio.sleep(0)
        for server in servers:
            server.close()
            await server.wait_closed()

    run(work())
    assert [b"own", b"site", b"general"] == [word for word, _ in asked]
    assert b"GET /x HTTP/1.1" == asked[1][1]
