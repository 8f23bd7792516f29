"""
Small newspapers on loopback with a real meter and a real log-in, to make passes over.

    with serve(Metered(free=5), "127.3.0.1") as site:
        site.source         # to watch
        site.asked          # path and Cookie header of every request, in order
"""

import asyncio
import gzip
import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urljoin

from fakes import HOST_FILES
from samples import rows

from archive.edition.publish import make_edition
from archive.run.update import make_pass
from archive.settings import ArchiveSettings, DigestSettings, PassSettings, Settings
from archive.store import Archive
from scraper.model import FetchSettings, Source

WORDS = "gate lock chain basin pilot crane quay ferry rope mast tide shoal buoy wharf keel anchor".split()


def story(path: str) -> list[str]:
    """Eight paragraphs that no other path has."""
    number = int("".join(filter(str.isdigit, path)) or 0)
    return [
        f"The {WORDS[(number + n) % 16]} of pier {number} was closed on day {n} after the harbour master saw that its "
        f"{WORDS[(number * 3 + n) % 16]} had been cut through, and {number + n + 2} boats have waited outside the mole "
        f"since then while divers looked at every {WORDS[(number * 5 + n) % 16]} between the two lights."
        for n in range(8)
    ]


def page(headline: str, paragraphs: list[str], after: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<!doctype html><title>{headline}</title><article><h1>{headline}</h1>{body}{after}</article>"


PROMPT = (
    "<div class='paywall'><p>You have read {0} of {0} free articles this month.</p>"
    "<p>Subscribe to continue. Everything for $11/month.</p></div>"
)
WALL = "<div class='paywall'><p>This article is for subscribers only.</p><p>Subscribe to read on.</p></div>"


@dataclass
class Answer:
    """What a site says to one request."""

    body: str
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Metered:
    """
    A site that counts the views of each visitor, whom it knows by a cookie, and shows a prompt
    after *free*.
    """

    free: int = 5
    says: str = ""
    views: Counter[str] = field(default_factory=Counter)
    visitors: Iterator[int] = field(default_factory=itertools.count)

    def answer(self, path: str, cookies: dict[str, str]) -> Answer:
        visitor = cookies.get("visitor") or str(next(self.visitors))
        headers = [] if "visitor" in cookies else [("Set-Cookie", f"visitor={visitor}; Path=/; Max-Age=2592000")]
        if self.views[visitor] >= self.free:
            return Answer(page(f"Story {path}", story(path)[:1], PROMPT.format(self.free)), headers=headers)
        self.views[visitor] += 1
        return Answer(page(f"Story {path}", story(path), self.says.format(self.views[visitor])), headers=headers)


@dataclass
class Closed:
    """
    A site that shows its articles to a session alone, for *lasts* views; then it wants a log-in, in
    its *way*.
    """

    lasts: int = 100
    way: str = "redirect"
    etag: str | None = None

    def answer(self, path: str, cookies: dict[str, str]) -> Answer:
        if path == "/login":
            return Answer("<title>Log in</title><form><input name=user><input name=password></form>")
        validator = [("ETag", self.etag)] if self.etag else []
        if cookies.get("session") == "secret-1" and self.lasts > 0:
            self.lasts -= 1
            headers = [*validator, ("Set-Cookie", "seen=secret-2; Path=/")]
            return Answer(page(f"Story {path}", story(path)), headers=headers)
        match self.way:
            case "refuse":
                return Answer("", 401)
            case "redirect":
                return Answer("", 302, [("Location", "/login")])
            case "marked":
                return Answer(page(f"Story {path}", story(path)[:5], "<a class='log-in' href='/login'>Hello</a>"))
            case _:
                return Answer(page(f"Story {path}", story(path)[:1], WALL), headers=validator)


@dataclass
class Moved:
    """A site whose articles are all at another one now."""

    to: str = ""

    def answer(self, path: str, _: dict[str, str]) -> Answer:
        return Answer("", 302, [("Location", self.to + path[1:])])


@dataclass
class Site:
    """A site that listens."""

    address: str
    paths: list[str]
    feed_texts: dict[str, str]
    asked: list[tuple[str, str]] = field(default_factory=list)
    host_files: dict[str, Answer] = field(default_factory=dict)

    @property
    def home(self) -> str:
        return f"http://{self.address}/"

    @property
    def source(self) -> Source:
        return Source("tide", "The Tide", self.home, feeds=(f"{self.home}feed.xml",), language="en")

    @property
    def articles_asked(self) -> list[str]:
        return [path for path, _ in self.asked if path not in {*HOST_FILES, "/feed.xml"}]

    @property
    def feed(self) -> str:
        items = "".join(
            f"<item><title>Entry {path}</title><link>{urljoin(self.home, path)}</link><content:encoded><![CDATA["
            f"{self.feed_texts.get(path, '')}]]></content:encoded></item>"
            for path in self.paths
        )
        space = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
        return f"<rss version='2.0' {space}><channel><title>T</title>{items}</channel></rss>"


@contextmanager
def serve(rules: Metered | Closed | Moved, host: str, count: int = 8) -> Iterator[Site]:
    """The site, with *count* articles in its feed, until the context ends."""
    site: Site

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cookie = self.headers.get("Cookie", "")
            site.asked.append((self.path, cookie))
            cookies = {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
            match self.path:
                case path if path in HOST_FILES:
                    answer, kind = site.host_files.get(path, Answer("no", 404)), "text/plain"
                case "/feed.xml":
                    answer, kind = Answer(site.feed), "application/rss+xml"
                case _:
                    answer, kind = rules.answer(self.path, cookies), "text/html; charset=utf-8"
            if ("ETag", self.headers.get("If-None-Match")) in answer.headers:
                answer = Answer("", 304, answer.headers)
            body = answer.body.encode()
            self.send_response(answer.status)
            for name, value in [*answer.headers, ("Content-Type", kind), ("Content-Length", str(len(body)))]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((host, 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        site = Site(f"{host}:{server.server_port}", [f"/story-{n}" for n in range(1, count + 1)], {})
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


class Desk:
    """An archive on disk, and passes over one site."""

    def __init__(self, folder, site, source=None, **passes):
        self.site = site
        self.source = source or site.source
        self.settings = Settings(
            folder=folder,
            fetch=FetchSettings(
                "presswatch/1 (+https://reader.example/contact)",
                pace=timedelta(0),
                retries=0,
                allowed_addresses=frozenset({site.address}),
            ),
            archive=ArchiveSettings(folder / "archive.db", folder / "warc"),
            passes=PassSettings(reading_workers=0, **passes),
            digest=DigestSettings("Digest", "UTC", time(6), folder),
            sources=(self.source,),
        )
        self.archive = Archive.open(self.settings.archive.database, write=True)

    def make_pass(self, on_progress=lambda _: None):
        self.site.asked.clear()
        rows(self.archive, "UPDATE entries SET next_at = NULL")  # the waits before another try or look are over
        work = make_pass(self.archive, self.settings, [self.source], on_progress=on_progress)
        return asyncio.run(asyncio.wait_for(work, 20))

    def articles(self):
        return {stored.article.headline: stored for stored in self.archive.articles()}

    def edition(self):
        now, day = datetime.now(UTC), timedelta(days=1)
        return make_edition(self.archive, self.settings, now - day, now + day, now)

    def everything_written(self):
        """The bytes of all files that archive and captures consist of, unpacked."""
        self.archive.close()
        places = self.settings.archive
        captures = (gzip.decompress(file.read_bytes()) for file in places.warc_folder.glob("*.warc.gz"))
        return b"".join([places.database.read_bytes(), *captures])
