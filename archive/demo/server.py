"""
The invented newspaper world on loopback: three outlets, each at an address of its own.

Requests are answered by a few threads for each outlet, and all of them end with the context.
Nothing listens on an address that another machine can reach.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import socket
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from urllib.parse import urlsplit

from archive.demo.world import OUTLETS, Document, Outlet, render_world
from archive.settings import ArchiveSettings, DigestSettings, PassSettings, PictureSettings, Settings
from scraper.model import FetchSettings, Source

_THREADS = 4  # one for each newspaper, and one that is on the way
_HOSTS = ("127.2.0.1", "127.2.0.2", "127.2.0.3")


@dataclass(frozen=True, slots=True)
class OutletAddress:
    """Where an outlet is. All but *address* (host:port) are absolute URLs."""

    outlet: Outlet
    address: str
    home_url: str

    @property
    def source(self) -> Source:
        """The outlet as a source to watch."""
        return Source(
            name=self.outlet.key,
            title=self.outlet.title,
            home_url=self.home_url,
            feeds=self._absolute(self.outlet.feeds),
            sitemaps=self._absolute(self.outlet.sitemaps),
            index_pages=self._absolute(self.outlet.index_pages),
            language="en",
            section=self.outlet.section,
            schedule="1m",
            pace=timedelta(0),
        )

    def _absolute(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.home_url + path[1:] for path in paths)


class World:
    """
    The world while it is served.

    Attributes:
        outlets: Where each outlet is, in the order of `OUTLETS`.
    """

    def __init__(self, servers: Mapping[str, _OutletServer], now: datetime) -> None:
        self._servers = servers
        self._now = now
        self.outlets = tuple(
            OutletAddress(outlet, servers[outlet.key].address, f"http://{servers[outlet.key].address}/")
            for outlet in OUTLETS
        )
        self._show(turned=False)

    @property
    def requests(self) -> tuple[tuple[str, str, int], ...]:
        """What each outlet was asked for so far: its key, the path, the status of the answer."""
        return tuple((key, path, status) for key, server in self._servers.items() for path, status in server.answered)

    def turn(self) -> None:
        """From the first pass to the second: one article has changed, one is new, and lists say so."""
        self._show(turned=True)

    def _show(self, *, turned: bool) -> None:
        homes = {place.outlet.key: place.home_url for place in self.outlets}
        for key, documents in render_world(homes, self._now, turned=turned).items():
            self._servers[key].documents = documents


@contextmanager
def serve_world(now: datetime, *, hosts: tuple[str, str, str] = _HOSTS) -> Iterator[World]:
    """
    The world, served until the context ends; the system picks the ports.

    Args:
        now: Publication dates count back from here.
        hosts: Loopback addresses. Where one is not set up (macOS has 127.0.0.1 alone), 127.0.0.1
            takes its place.
    """
    with ExitStack() as stack:
        servers = {}
        for outlet, host in zip(OUTLETS, hosts, strict=True):
            server = servers[outlet.key] = stack.enter_context(_listen(host))
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"demo-{outlet.key}")
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield World(servers, now)


def demo_settings(world: World, folder: Path) -> Settings:
    """
    Settings that watch *world* without a pause and keep everything below *folder*. No files are
    read.
    """
    return Settings(
        folder=folder,
        fetch=FetchSettings(
            user_agent="presswatch-demo/0.1 (contact: you@presswatch.example)",
            pace=timedelta(0),
            jitter=0.0,
            retries=0,
            allowed_addresses=frozenset(place.address for place in world.outlets),
        ),
        archive=ArchiveSettings(folder / "presswatch.db", folder / "warc"),
        passes=PassSettings(reading_workers=0),
        digest=DigestSettings("The demo digest", "UTC", time(6, 30), folder / "digests"),
        sources=tuple(place.source for place in world.outlets),
        pictures=PictureSettings(keep=True),
    )


def _listen(host: str) -> _OutletServer:
    try:
        return _OutletServer((host, 0), _Answer)
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:
            raise
        return _OutletServer(("127.0.0.1", 0), _Answer)


class _OutletServer(ThreadingMixIn, HTTPServer):
    """One outlet. Its threads are few and are waited for, unlike those of ThreadingMixIn."""

    def __init__(self, address: tuple[str, int], answer: type[BaseHTTPRequestHandler]) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="demo-answer")
        super().__init__(address, answer)
        self.address = f"{self.server_name}:{self.server_port}"
        self.documents: Mapping[str, Document] = {}
        self.answered: list[tuple[str, int]] = []

    def server_bind(self) -> None:
        # HTTPServer would ask the name service for the name of a loopback address.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        self._pool.submit(self.process_request_thread, request, client_address)

    def server_close(self) -> None:
        super().server_close()
        self._pool.shutdown()


class _Answer(BaseHTTPRequestHandler):
    """
    GET and HEAD, with conditions. HTTP/1.0: a connection carries one answer, and holds no thread
    after it.
    """

    server: _OutletServer
    server_version = "presswatch-demo"
    sys_version = ""
    timeout = 5

    def do_GET(self) -> None:
        document = self.server.documents.get(urlsplit(self.path).path)
        if document is None:
            status, body, headers = HTTPStatus.NOT_FOUND, b"Nothing is here.\n", {"Content-Type": "text/plain"}
        else:
            validators = {"ETag": document.etag, "Last-Modified": format_datetime(document.modified_at, usegmt=True)}
            if is_unchanged(document, self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")):
                status, body, headers = HTTPStatus.NOT_MODIFIED, b"", validators
            else:
                status, body = HTTPStatus.OK, document.body
                headers = {"Content-Type": document.media_type, **validators}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.server.answered.append((self.path, int(status)))
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        """Nothing: the demo shows what was asked for in its own way."""


def is_unchanged(document: Document, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """
    Whether a conditional GET is answered with 304.

    Source: RFC 9110 §13.1.2 (weak comparison) and §13.1.3 (the date counts only without an ETag).
    """
    if if_none_match is not None:
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return bool(tags & {"*", document.etag})
    if if_modified_since is None:
        return False
    try:
        return document.modified_at <= parsedate_to_datetime(if_modified_since)
    except (ValueError, TypeError):  # no date, or one without a zone
        return False
