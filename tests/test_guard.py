"""Which addresses may be asked."""

import asyncio
import json
from ipaddress import ip_address
from pathlib import Path

import httpcore
import pytest
from fakes import run
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.guard import (
    AddressRefusedError,
    GuardedBackend,
    Resolver,
    ask_system_resolver,
    is_public,
    judge_url,
)
from scraper.settings.network import check_address

SECURITY = Path(__file__).parents[2] / "shared" / "conformance" / "security"
needs_shared = pytest.mark.skipif(not SECURITY.is_dir(), reason="../shared is missing")


class Connector(httpcore.AsyncNetworkBackend):
    """Notes where it is told to connect; *down* addresses do not answer."""

    def __init__(self, down: tuple[str, ...] = ()) -> None:
        self.down = down
        self.tried: list[str] = []

    async def connect_tcp(self, host, *_, **__):
        self.tried.append(host)
        if host in self.down:
            raise httpcore.ConnectError("down")
        return httpcore.AsyncMockStream([])


def answers(*rounds: tuple[str, ...]) -> Resolver:
    """A name server that answers one round after the other."""
    left = list(rounds)

    async def resolver(host: str, port: int) -> tuple[str, ...]:
        return left.pop(0)

    return resolver


def connect(resolver: Resolver, connector: Connector, allowed: tuple[str, ...] = (), port: int = 443):
    return run(GuardedBackend(resolver, allowed, connector).connect_tcp("news.example", port, timeout=5))


# ---------------------------------------------------------------- the URL


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1./",
        "http://１２７.0.0.1/",
        "http://127。0。0。1/",
        "http://%31%32%37.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[2002:7f00:1::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fd00::1]/",
        "http://localhost/",
        "http://printer.local./",
        "http://10.0.0.1:8080/",
        "http://169.254.169.254/latest/",
        "http://1572395042/",  # public, but nobody honest writes it so
    ],
)
def test_private_addresses_are_refused_in_every_spelling(url):
    assert judge_url(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://reader@news.example/", "the URL carries a user name"),
        ("https://news.example\\@10.0.0.1/", "the URL carries a user name"),
        ("ftp://news.example/", "the URL is not http or https"),
        ("/a", "the URL is not http or https"),
        ("http:///a", "the URL names no host"),
        ("http://news.example:99999/", "the URL cannot be read"),
        ("http://[news/", "the URL cannot be read"),
        ("http://news.example\r\nHost: x/", "the URL has control characters in it"),
        ("http://news example/", "the host has characters in it that no host has"),
        ("http://news.example:25/", "port 25 is not for the web"),
        ("http://10.1.2.3/", "10.1.2.3 is not a public address ([fetch] allowed_addresses opens it)"),
        ("http://wiki.internal/", "the name wiki.internal is private ([fetch] allowed_addresses opens it)"),
    ],
)
def test_a_refusal_says_why(url, reason):
    assert reason == judge_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/a?next=http://127.0.0.1/",
        "https://127.0.0.1.news.example/",
        "https://bücher.example/ä b",
        "http://93.184.216.34:8080/",
        "https://[2606:4700::1111]/",
        "https://news.example:443/a@b",
    ],
)
def test_public_addresses_are_asked(url):
    assert judge_url(url) is None


def test_an_allowed_pair_opens_that_port_alone():
    allowed = {"127.0.0.1:8600", "[::1]:8600", "demo.localhost:80"}
    assert judge_url("http://127.0.0.1:8600/a", allowed) is None
    assert judge_url("http://[::1]:8600/a", allowed) is None
    assert judge_url("http://demo.localhost/a", allowed) is None
    assert judge_url("http://127.0.0.1:8601/a", allowed)
    assert judge_url("http://0x7f.1:8600/a", allowed)
    assert judge_url("http://u@127.0.0.1:8600/a", allowed)


@pytest.mark.parametrize(
    ("allowed", "url", "is_open"),
    [
        ("10.0.0.0/8", "http://10.1.2.3/", True),
        ("10.0.0.0/8", "https://10.1.2.3:8443/", True),
        ("10.0.0.0/8", "http://10.1.2.3:25/", False),  # a mail server is no web server
        ("10.0.0.0/8", "http://11.1.2.3/", True),
        ("10.0.0.0/8", "http://192.168.0.1/", False),
        ("10.0.0.0/8", "http://012.1.2.3/", False),
        ("10.0.0.0/8", "http://wiki.internal/", False),
        ("10.1.2.0/24:8080", "http://10.1.2.3:8080/", True),
        ("10.1.2.0/24:8080", "http://10.1.2.3/", False),
        ("10.1.2.0/24:8080", "http://10.1.3.3:8080/", False),
        ("10.1.2.0/24:25", "http://10.1.2.3:25/", True),  # the port is named
        ("[fd00::/8]", "http://[fd12::1]/", True),
        ("[fd00::/8]:8080", "http://[fd12::1]:8080/", True),
        ("[fd00::/8]:8080", "http://[fd12::1]/", False),
        ("wiki.internal", "http://wiki.internal:8080/", True),
        ("wiki.internal", "http://other.internal/", False),
        ("10.1.2.3", "http://10.1.2.3:8080/", True),
        ("10.1.2.3", "http://10.1.2.4/", False),
        ("[::1]", "http://[::1]:8080/", True),
    ],
)
def test_hosts_and_networks_are_opened(allowed, url, is_open):
    assert is_open == (judge_url(url, {check_address(allowed)}) is None)


@given(st.text())
def test_any_text_gets_a_verdict(text):
    assert judge_url(text) is None or judge_url(text)
    judge_url(f"http://{text}/")


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_never_more_public_than_itself(address):
    """Mapped, compatible and 6to4 forms never pass; NAT64 passes as the IPv4 address in it."""
    number = int(address)
    assert not is_public(ip_address((0xFFFF << 32 | number).to_bytes(16)))
    assert not is_public(ip_address(number.to_bytes(16)))
    assert not is_public(ip_address(((0x2002 << 32 | number) << 80).to_bytes(16)))
    assert is_public(address) == is_public(ip_address((0x64FF9B << 96 | number).to_bytes(16)))


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_public(address):
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not is_public(address)


# ---------------------------------------------------------------- the connection


def test_the_judged_address_is_connected_to():
    """The name server is asked once; a second answer that is private cannot slip in."""
    connector = Connector()
    connect(answers(("93.184.216.34",), ("127.0.0.1",)), connector)
    assert connector.tried == ["93.184.216.34"]


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:169.254.169.254", "fe80::1%eth0", "0.0.0.0"])
def test_a_name_that_leads_to_a_private_address_is_refused(address):
    connector = Connector()
    with pytest.raises(AddressRefusedError, match=r"news\.example leads to .* not a public address"):
        connect(answers(("93.184.216.34", address)), connector)
    assert connector.tried == []


def test_an_allowed_name_may_be_private():
    connector = Connector()
    connect(answers(("10.0.0.5",)), connector, allowed=("news.example:8443",), port=8443)
    assert connector.tried == ["10.0.0.5"]
    with pytest.raises(AddressRefusedError):
        connect(answers(("10.0.0.5",)), connector, allowed=("news.example:8443",), port=443)


def test_a_name_may_lead_into_a_network_that_is_opened_and_nowhere_else_private():
    for allowed, port in (("10.0.0.0/8", 443), ("10.0.0.0/24:443", 443)):
        connector = Connector()
        connect(answers(("10.0.0.5",)), connector, allowed=(allowed,), port=port)
        assert connector.tried == ["10.0.0.5"]
    for allowed, found in (("10.0.0.0/8", "192.168.0.1"), ("10.0.0.0/24:80", "10.0.0.5")):
        with pytest.raises(AddressRefusedError):
            connect(answers((found,)), Connector(), allowed=(allowed,))
    with pytest.raises(AddressRefusedError):
        connect(answers(("10.0.0.5", "192.168.0.1")), Connector(), allowed=("10.0.0.0/8",))


def test_the_next_address_is_tried_when_one_is_down():
    connector = Connector(down=("2606:4700::1",))
    connect(answers(("2606:4700::1", "93.184.216.34")), connector)
    assert connector.tried == ["2606:4700::1", "93.184.216.34"]


def test_no_address_answers():
    connector = Connector(down=("93.184.216.34",))
    with pytest.raises(httpcore.ConnectError, match="down"):
        connect(answers(("93.184.216.34",)), connector)
    with pytest.raises(httpcore.ConnectError, match="no address"):
        connect(answers(()), connector)


def test_a_silent_name_server_is_a_timeout():
    async def silent(host: str, port: int) -> tuple[str, ...]:
        await asyncio.Event().wait()
        return ()

    with pytest.raises(httpcore.ConnectTimeout, match="name server"):
        run(GuardedBackend(silent, (), Connector()).connect_tcp("news.example", 443, timeout=0.01))


def test_the_systems_resolver_reads_addresses():
    assert run(ask_system_resolver("127.0.0.1", 80)) == ("127.0.0.1",)


def test_a_name_that_is_no_name_is_an_oserror():
    with pytest.raises(OSError, match="no name"):
        run(ask_system_resolver(f"{'a' * 70}.example", 80))


# ---------------------------------------------------------------- ../shared


def shared(name: str):
    return json.loads((SECURITY / name).read_text())


@pytest.mark.shared
@needs_shared
def test_ssrf_cases():
    wrong = [case for case in shared("ssrf.json") if (judge_url(case["url"]) is None) != (case["verdict"] == "allow")]
    assert wrong == []


@pytest.mark.shared
@needs_shared
def test_dns_rebinding_cases():
    for case in shared("dns_rebinding.json"):
        resolver = answers(*map(tuple, case["answers"]))
        connector = Connector()
        try:
            connect(resolver, connector)
        except AddressRefusedError:
            assert case["verdict"].startswith("block")
        assert all(is_public(ip_address(address)) for address in connector.tried)
        assert case["verdict"] != "allow" or connector.tried
