"""One request, and what came of it."""

import asyncio
import contextlib
import gzip
import json
import socket
import ssl
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import httpx
import pytest
import zstandard
from fakes import SETTINGS, START, FakeClock, FakeWeb, Page, article, gzipped, moved, run
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.answers import parse_retry_after
from scraper.fetch.client import Client
from scraper.fetch.clock import SystemClock
from scraper.model import (
    Disallowed,
    Failed,
    Fetched,
    FetchRequest,
    FetchSettings,
    NotModified,
    Outcome,
    Purpose,
    Redirected,
    Validators,
)

URL = "https://news.example/a"
HTTP = Path(__file__).parents[2] / "shared" / "conformance" / "http"
needs_shared = pytest.mark.skipif(not HTTP.is_dir(), reason="../shared is missing")


def fetch(web: FakeWeb, request: FetchRequest, settings: FetchSettings = SETTINGS) -> Outcome:
    async def work() -> Outcome:
        async with web.client(settings) as client:
            return await client.fetch(request)

    return run(work())


def get(rule, request: FetchRequest | None = None, settings: FetchSettings = SETTINGS) -> Outcome:
    """What comes of asking for a page that is answered by *rule*."""
    request = request or article(URL)
    return fetch(FakeWeb(FakeClock(), {request.url: rule}), request, settings)


def sent(request: FetchRequest, settings: FetchSettings = SETTINGS) -> httpx.Headers:
    """The headers that a request is sent with."""
    web = FakeWeb(FakeClock(), {request.url: "x"})
    fetch(web, request, settings)
    return web.asked[0].headers


# ---------------------------------------------------------------- what comes


def test_a_page_comes():
    outcome = get(Page("<p>Text.", headers={"ETag": '"a"', "X-Two": "1"}))
    assert isinstance(outcome, Fetched)
    assert outcome.body == b"<p>Text."
    assert outcome.headers["etag"] == '"a"'
    assert outcome.validators == Validators('"a"', None)
    assert (outcome.at, outcome.elapsed) == (START, timedelta(milliseconds=200))


def test_the_exchange_is_kept_as_it_was():
    outcome = get(gzipped("<p>Text."))
    assert isinstance(outcome, Fetched)
    exchange = outcome.exchange
    assert (exchange.method, exchange.url, exchange.status, exchange.reason) == ("GET", URL, 200, "OK")
    assert exchange.http_version == "HTTP/1.1"
    assert ("content-encoding", "gzip") in exchange.headers
    assert exchange.body == b"<p>Text."
    assert ("Host", "news.example") in exchange.request_headers


def test_not_modified():
    page = Page("x", etag='"a"')
    outcome = get(page, article(URL, validators=Validators('"a"', "D1")))
    assert isinstance(outcome, NotModified)
    assert outcome.validators == Validators('"a"', None)


def test_a_304_without_validators_keeps_those_that_were_sent():
    outcome = get(Page(status=304), article(URL, validators=Validators("a")))
    assert isinstance(outcome, NotModified)
    assert outcome.validators == Validators("a")


def test_a_304_that_nobody_asked_for_is_a_failure_that_may_pass():
    outcome = get(Page(status=304))
    assert isinstance(outcome, Failed)
    assert outcome.may_pass
    assert outcome.status == 304


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://news.example/b"),
        ("http://other.example/b#c", "http://other.example/b"),
        ("b?x=ü", "https://news.example/b?x=%C3%BC"),
        ("//other.example", "https://other.example/"),
    ],
)
def test_a_redirect_names_an_absolute_target(location, target):
    outcome = get(Page(status=302, headers={"location": location}))
    assert isinstance(outcome, Redirected)
    assert (outcome.target, outcome.status) == (target, 302)


@pytest.mark.parametrize("location", ["", "javascript:alert(1)", "http://", "https://[x"])
def test_a_redirect_to_nowhere_is_a_failure(location):
    outcome = get(Page(status=301, headers={"location": location}))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "the server redirects, but to no usable address"


def test_a_refusal_keeps_its_page():
    outcome = get(Page("<p>Subscribe.", 402))
    assert isinstance(outcome, Failed)
    assert outcome.exchange
    assert (outcome.reason, outcome.may_pass) == ("the server answers 402 Payment Required", False)
    assert outcome.exchange.body == b"<p>Subscribe."


def test_a_busy_server_says_when_to_come_again():
    outcome = get(Page("Later.", 503, headers={"retry-after": "60"}))
    assert isinstance(outcome, Failed)
    assert outcome.retry_at == START + timedelta(seconds=60.2)
    assert outcome.may_pass


@pytest.mark.parametrize("page", [Page(""), Page("x", 204), Page("x", 205), gzipped("")])
def test_an_empty_answer_is_a_failure(page):
    outcome = get(page)
    assert isinstance(outcome, Failed)
    assert outcome.reason == "empty answer"


def test_a_private_address_is_not_asked():
    web = FakeWeb(FakeClock(), {"http://127.0.0.1/": "secret"})
    outcome = fetch(web, article("http://127.0.0.1/"))
    assert isinstance(outcome, Disallowed)
    assert outcome.reason == "127.0.0.1 is not a public address ([fetch] allowed_addresses opens it)"
    assert web.asked == []


@given(st.text(), st.sampled_from(["", "https://", "https://news.example/", "https://news.example:"]))
def test_no_url_raises(text, prefix):
    outcome = fetch(FakeWeb(FakeClock(), {}), article(prefix + text))
    assert isinstance(outcome, Disallowed | Failed)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_no_header_raises(value, location):
    response = httpx.Response(301, headers=[(b"location", location), (b"etag", value), (b"retry-after", value)])

    async def work() -> Outcome:
        transport = httpx.MockTransport(lambda _: response)
        async with Client(SETTINGS, clock=FakeClock(), transport=transport) as client:
            return await client.fetch(article(URL))

    assert isinstance(run(work()), Redirected | Failed)


# ---------------------------------------------------------------- what is sent


def test_we_say_who_we_are_and_nothing_more():
    headers = sent(article(URL))
    assert headers["user-agent"] == SETTINGS.user_agent
    assert set(headers) == {"host", "user-agent", "accept", "accept-encoding", "connection"}


@pytest.mark.parametrize("etag", ['"a"', 'W/"a"', "a", "\xff\xfe"])
def test_validators_go_back_byte_for_byte(etag):
    first = get(Page("x", etag=None, headers={"etag": etag.encode("latin-1")}))
    assert isinstance(first, Fetched)
    headers = sent(article(URL, validators=first.validators))
    assert dict(headers.raw)[b"If-None-Match"] == etag.encode("latin-1")


def test_a_contact_that_is_not_ascii_does_not_break_requests():
    assert isinstance(get("x", settings=replace(SETTINGS, user_agent="presswatch (Zoë 東京)")), Fetched)


def test_no_cookie_of_an_answer_is_kept_or_stored():
    web = FakeWeb(FakeClock(), {URL: Page("x", headers={"Set-Cookie": "id=1; Secure"})})

    async def twice() -> Outcome:
        async with web.client() as client:
            await client.fetch(article(URL))
            return await client.fetch(article(URL))

    outcome = run(twice())
    assert isinstance(outcome, Fetched)
    assert "cookie" not in web.asked[1].headers
    assert "set-cookie" not in outcome.headers
    assert "set-cookie" not in dict(outcome.exchange.headers)


COOKIES = """# Netscape HTTP Cookie File
.example.org\tTRUE\t/\tTRUE\t4102444800\tsession\tsecret
www.example.org\tFALSE\t/\tTRUE\t0\twww\tonly
#HttpOnly_.example.org\tTRUE\t/members\tTRUE\t4102444800\tmember\tyes
.example.org\tTRUE\t/\tTRUE\t946684800\told\tgone
.org\tTRUE\t/\tTRUE\t4102444800\tsuffix\twide
.example.net\tTRUE\t/\tTRUE\t4102444800\tother\tx
"""


@pytest.fixture
def cookies_file(tmp_path):
    file = tmp_path / "cookies.txt"
    file.write_text(COOKIES)
    file.chmod(0o600)
    return file


@pytest.mark.parametrize(
    ("url", "cookies"),
    [
        ("https://example.org/a", {"session=secret"}),
        ("https://www.example.org/members/a", {"session=secret", "www=only", "member=yes"}),
        ("https://example.net/", {"other=x"}),
        ("http://example.org/a", set()),
        ("https://example.org.example.com/", set()),
        ("https://fakeexample.org/", set()),
    ],
)
def test_cookies_go_to_their_own_domain_over_https(url, cookies, cookies_file):
    header = sent(article(url, cookies_file=cookies_file)).get("cookie", "")
    assert cookies == set(filter(None, header.split("; ")))


def test_cookies_are_not_in_the_exchange(cookies_file):
    outcome = get("x", article("https://example.org/a", cookies_file=cookies_file))
    assert isinstance(outcome, Fetched)
    assert "secret" not in repr(outcome)


def test_a_broken_cookie_file_is_a_failure_that_does_not_quote_it(tmp_path):
    file = tmp_path / "cookies.txt"
    file.write_text("# Netscape HTTP Cookie File\nsecret\n")
    file.chmod(0o600)
    for path in (file, tmp_path / "missing.txt"):
        outcome = get("x", article(URL, cookies_file=path))
        assert isinstance(outcome, Failed)
        assert outcome.reason == f"the cookie file {path} is missing or not in Netscape format"


# ---------------------------------------------------------------- sizes and codings

SMALL = replace(SETTINGS, max_bytes=10_000, max_decoded_bytes=50_000)
_WHOLE = b"<html><p>" + b"The storm shut two roads. " * 200 + b"</html>"
_PACKED = gzip.compress(_WHOLE, mtime=0)
_TORN = _PACKED[:60] + b"\xff" * 20 + _PACKED[80:]


@pytest.mark.parametrize(
    ("packed", "coding"),
    [
        (gzip.compress(b"text", mtime=0), "gzip"),
        (gzip.compress(b"te", mtime=0) + gzip.compress(b"xt", mtime=0), "x-gzip"),
        (zlib.compress(b"text"), "Deflate"),
        (zlib.compress(b"text")[2:-4], "deflate"),
        (b"text", "identity"),
        (brotli.compress(b"text"), "br"),
        (zstandard.compress(b"te") + zstandard.compress(b"xt"), "zstd"),
        (brotli.compress(gzip.compress(b"text", mtime=0)), "gzip, br"),
        (gzip.compress(b"text", mtime=0), "identity, gzip"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_content_codings_are_taken_off(packed, coding, size):
    chunks = tuple(packed[i : i + size] for i in range(0, len(packed), size))
    outcome = get(Page(chunks=chunks, headers={"content-encoding": coding}))
    assert isinstance(outcome, Fetched)
    assert outcome.body == b"text"
    assert outcome.is_sound


def test_what_can_be_read_is_asked_for():
    assert "gzip, deflate, br, zstd" == sent(article(URL))["accept-encoding"]


@pytest.mark.parametrize("word", ["none", "UTF-8", "utf-8, none", "binary", "8bit", "text/html", ""])
def test_a_word_that_is_no_coding_takes_nothing_off(word):
    outcome = get(Page(_WHOLE, headers={"content-encoding": word, "etag": '"a"'}))
    assert isinstance(outcome, Fetched)
    assert _WHOLE == outcome.body
    assert outcome.validators.etag == '"a"'


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (_WHOLE, "gzip"),
        (_WHOLE, "br"),
        (_WHOLE, "zstd"),
        (_WHOLE, "deflate"),
        (_WHOLE, "gzip, br"),
        (_PACKED, "gzip, gzip"),
        (_PACKED, "none"),
        (_PACKED, None),
        (gzip.compress(_PACKED, mtime=0), "gzip"),
    ],
)
def test_the_bytes_are_believed_against_the_header_and_no_validators_are_kept(body, coding):
    headers = {"etag": '"a"'} | ({"content-encoding": coding} if coding else {})
    outcome = get(Page(body, headers=headers))
    assert isinstance(outcome, Fetched)
    assert (_WHOLE, False, Validators()) == (outcome.body, outcome.is_sound, outcome.validators)


@pytest.mark.parametrize(
    "page",
    [
        Page(_PACKED[:-8], headers={"content-encoding": "gzip"}),
        Page(_PACKED[:-8] + b"12345678", headers={"content-encoding": "gzip"}),
        Page(_WHOLE, headers={"content-length": "7000"}),
    ],
)
def test_a_page_whose_end_has_come_is_read_though_its_length_or_checksum_is_wrong(page):
    outcome = get(replace(page, headers={**page.headers, "etag": '"a"'}))
    assert isinstance(outcome, Fetched)
    assert (_WHOLE, Validators()) == (outcome.body, outcome.validators)


def test_the_part_of_a_feed_that_came_is_read():
    feed = b"<rss><channel>" + b"".join(b"<item><link>/%d</link></item>" % number for number in range(500))
    page = Page(gzip.compress(feed)[:-200], headers={"content-encoding": "gzip", "etag": '"a"'})
    outcome = get(page, FetchRequest(URL, Purpose.FEED))
    assert isinstance(outcome, Fetched)
    assert outcome.body.startswith(b"<rss><channel><item>")
    assert not outcome.is_sound
    assert not outcome.validators
    assert isinstance(get(page), Failed)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page("x" * 10_001), "the answer is larger than 0.01 MB"),
        (Page("x", headers={"content-length": "10001"}), "the answer is larger than 0.01 MB"),
        (Page("x", headers={"content-length": "9" * 30}), "the answer is larger than 0.01 MB"),
        (gzipped("x" * 50_001), "the answer unpacks to more than 0.05 MB"),
        (Page(gzip.compress(b"x" * 100)[:-9], headers={"content-encoding": "gzip"}), "the answer breaks off"),
        (Page(_TORN, headers={"content-encoding": "gzip"}), "the answer's compression is broken"),
        (Page("x", headers={"content-encoding": "dcz"}), "the answer is packed as “dcz”, which we did not ask for"),
    ],
)
def test_answers_that_are_not_read_to_the_end(page, reason):
    outcome = get(page, settings=SMALL)
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.status) == (reason, 200)


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", lambda body: gzip.compress(body, 1)),
        ("deflate", lambda body: zlib.compress(body, 1)),
        ("br", lambda body: brotli.compress(body, quality=1)),
        ("zstd", zstandard.compress),
        ("gzip, br", lambda body: brotli.compress(gzip.compress(body, 1))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_compression_bomb_is_stopped_early(coding, pack):
    """
    100 MB in 100 kB on the wire and less; the chunk that carries them is not unpacked further than
    the limit.
    """
    bomb = pack(bytes(100_000_000))
    settings = replace(SETTINGS, max_decoded_bytes=1_000_000)
    tracemalloc.start()
    outcome = get(Page(bomb, headers={"content-encoding": coding}), settings=settings)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(outcome, Failed)
    assert "unpacks to more than" in outcome.reason
    assert peak < 20_000_000


# ---------------------------------------------------------------- what goes wrong


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def mismatch() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message = "Hostname mismatch"
    return error


@pytest.mark.parametrize(
    ("error", "reason", "may_pass"),
    [
        (httpx.ConnectTimeout(""), "no connection to news.example within 10 s", True),
        (httpx.ReadTimeout(""), "the server did not answer within 30 s", True),
        (socket.gaierror(socket.EAI_NONAME, "x"), "the name news.example does not exist", False),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "the name news.example could not be looked up", True),
        (
            caused(httpx.ConnectError("x"), ConnectionRefusedError(111, "x")),
            "no connection to news.example: Connection refused",
            True,
        ),
        (httpx.ConnectError("all down"), "no connection to news.example: all down", True),
        (httpx.RemoteProtocolError("x"), "the server broke off, or does not speak HTTP", True),
        (httpx.ReadError("x"), "the server broke off, or does not speak HTTP", True),
        (httpx.LocalProtocolError("bad header"), "this request cannot be made: bad header", False),
        (
            caused(httpx.ConnectError("x"), ssl.SSLError(1, "wrong version")),
            "no secure connection: wrong version",
            False,
        ),
    ],
)
def test_a_failure_is_told_in_a_sentence(error, reason, may_pass):
    outcome = get(error)
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.may_pass) == (reason, may_pass)


# ---------------------------------------------------------------- a real server

Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(response: bytes, *, holds: bool = False) -> Server:
    """A server that says one thing; one that *holds* then waits for us to go."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(response)
        if holds:
            await reader.read()

    return answer


async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
        await writer.drain()


def get_real(server: Server, *, is_allowed: bool = True, host: str = "127.0.0.1", **settings) -> tuple[Outcome, int]:
    """The outcome of asking a server on this machine, and how many connections it saw."""
    connections: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            await server(reader, writer)
        writer.close()

    async def resolve(_host: str, _port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    async def work() -> Outcome:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            allowed = frozenset({f"{host}:{port}"} if is_allowed else ())
            chosen = replace(SETTINGS, allowed_addresses=allowed, **settings)
            async with Client(chosen, clock=SystemClock(), resolver=resolve) as client:
                outcome = await client.fetch(article(f"http://{host}:{port}/a"))
            await asyncio.gather(*connections)
            await asyncio.sleep(0)  # the transports close in the next round of the loop
            return outcome

    return run(work()), len(connections)


WHOLE = b"HTTP/1.1 200 Fine\r\nContent-Length: 4\r\nX-Name: caf\xe9\r\n\r\ntext"


def test_a_real_page_comes():
    outcome, connections = get_real(answering(WHOLE))
    assert isinstance(outcome, Fetched)
    assert (outcome.body, outcome.exchange.reason, outcome.headers["x-name"]) == (b"text", "Fine", "café")
    assert connections == 1


def test_a_name_is_connected_to_at_the_address_that_was_found():
    outcome, _ = get_real(answering(WHOLE), host="demo.example")
    assert isinstance(outcome, Fetched)
    assert ("Host", outcome.request.url.split("/")[2]) in outcome.exchange.request_headers


@pytest.mark.parametrize("host", ["127.0.0.1", "news.example"])
def test_the_guard_keeps_us_from_a_private_server(host):
    outcome, connections = get_real(answering(WHOLE), is_allowed=False, host=host)
    assert isinstance(outcome, Disallowed)
    assert "not a public address" in outcome.reason
    assert connections == 0


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (endless, "the answer is larger than 0.1 MB"),
        (
            answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ntext"),
            "the server broke off, or does not speak HTTP",
        ),
        (answering(b"SSH-2.0-x\r\n"), "the server broke off, or does not speak HTTP"),
        (answering(b""), "the server broke off, or does not speak HTTP"),
        (answering(b"HTTP/1.1 200 OK\r\n", holds=True), "the server did not answer within 0.2 s"),
        (answering(WHOLE[:-2], holds=True), "the server did not answer within 0.2 s"),
    ],
)
def test_a_real_server_cannot_hold_us(server, reason):
    outcome, _ = get_real(server, total_timeout=timedelta(seconds=0.2), max_bytes=100_000)
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason


# ---------------------------------------------------------------- Retry-After


def test_redirects_are_never_followed_by_the_client():
    web = FakeWeb(FakeClock(), {URL: moved("https://news.example/b"), "https://news.example/b": "x"})
    assert isinstance(fetch(web, article(URL)), Redirected)
    assert web.urls() == [URL]


@given(st.text() | st.integers().map(str) | st.datetimes().map("{:%a, %d %b %Y %H:%M:%S GMT}".format))
def test_any_retry_after_is_a_wait_within_bounds_or_none(header):
    wait = parse_retry_after(header, START, timedelta(hours=1))
    assert wait is None or timedelta() <= wait <= timedelta(hours=1)


@pytest.mark.shared
@needs_shared
def test_retry_after_cases():
    for case in json.loads((HTTP / "retry_after.json").read_text()):
        now = datetime.fromisoformat(case["now"])
        wait = parse_retry_after(case["header"], now, timedelta(hours=1))
        expected = 3600 if case["wait"] == "capped" else case["wait"]
        assert expected == (wait if wait is None else wait.total_seconds()), case


@pytest.mark.shared
@needs_shared
def test_date_cases():
    """The dates of ../shared, read as Retry-After: the wait from their own hour on."""
    for case in json.loads((HTTP / "dates.json").read_text()):
        fine = case["utc"].split("|") if case["utc"] else ["null"]
        if case["header"].isdigit():
            continue  # seconds here
        wait = parse_retry_after(case["header"], datetime(1970, 1, 1, tzinfo=UTC), timedelta.max)
        read = "null" if wait is None else f"{datetime(1970, 1, 1, tzinfo=UTC) + wait:%Y-%m-%dT%H:%M:%SZ}"
        assert read in fine, case


def test_purposes_ask_for_what_they_can_use():
    assert sent(FetchRequest(URL, Purpose.FEED))["accept"].startswith("application/atom+xml")
    assert sent(article(URL))["accept"].startswith("text/html")


# ---------------------------------------------------------------- many hosts


class Harbour:
    """
    A server on loopback that many names lead to; it answers piece by piece, and counts who is
    connected.
    """

    def __init__(self) -> None:
        self.connected = 0
        self.most_connected = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        self.most_connected = max(self.most_connected, self.connected)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                host = head.lower().split(b"host: ")[1].split(b":")[0]
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(host)))
                for piece in (host, host):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
        self.connected -= 1
        writer.close()


def ask_hosts(names: list[str], open_hosts: int, *, beside: bool) -> tuple[list[Outcome], Harbour]:
    """What comes of asking each of *names*, beside one another or one after the other."""
    harbour = Harbour()

    async def resolve(host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    async def work() -> list[Outcome]:
        async with await asyncio.start_server(harbour.serve, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            settings = replace(SETTINGS, open_hosts=open_hosts, allowed_addresses=frozenset(names))
            async with Client(settings, clock=SystemClock(), resolver=resolve) as client:
                asked = [client.fetch(article(f"http://{name}:{port}/a")) for name in names]
                return await asyncio.gather(*asked) if beside else [await one for one in asked]

    return run(work()), harbour


@pytest.mark.parametrize("open_hosts", [1, 2, 50])
def test_many_hosts_asked_beside_one_another_all_answer_and_none_is_cut(open_hosts):
    names = [f"n{number}.example" for number in range(40)] * 3
    outcomes, _ = ask_hosts(names, open_hosts, beside=True)
    assert [2 * name.encode() for name in names] == [getattr(outcome, "body", outcome) for outcome in outcomes]


def test_connections_to_hosts_that_were_left_are_closed():
    names = [f"n{number}.example" for number in range(40)]
    outcomes, harbour = ask_hosts(names, 2, beside=False)
    assert [2 * name.encode() for name in names] == [getattr(outcome, "body", outcome) for outcome in outcomes]
    assert harbour.most_connected <= 5  # those of the open hosts, and what the server has not seen closed yet
