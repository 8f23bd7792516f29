#!/usr/bin/env python3
"""
One pass over a thousand hosts on loopback: how long it takes, and what it waits for.

    python benchmarks/hosts.py [--hosts 1000] [--articles 5] [--pace 1] [--open-hosts 50] [--latency
    0.05] [--json]

A server process listens on an address of 127.0.0.0/8 for each host and serves robots.txt, a feed
and its articles: real pages of ../shared (the words of their paragraphs in another order, or they
would be duplicates), else invented ones. `presswatch run --all` visits them with its workers.
Meanwhile the main process is looked at every ten milliseconds of its processor time: what it is at,
by topic. Exit code 1 when an article is missing, or a host was asked faster than its pace.

Bounds are printed beside what was measured; the highest is what bounds the pass. *pace*: requests
of a host one after the other, so many hosts at once as are open. *workers*: their processor time
over their number. *main thread*: its processor time (packing and writing raw responses, in a thread
of its own, is not in it). *processors*: all processor time, that of the hosts included, over the
processors there are; where this is the highest, the shares say of what.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import re
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
# Seconds of processor time between two looks at the main process.
_LOOK = 0.01
_CONFIG = """\
[fetch]
user_agent = "presswatch-hosts/1 (+mailto:hosts@example.org)"
pace = "{pace}s"
jitter = 0.0
open_hosts = {open_hosts}
allowed_addresses = [{addresses}]

[archive]
database = "archive.db"
warc_folder = "warc"

[passes]
oldest_entry = "all"
reading_workers = {workers}

[digest]
title = "Hosts"
timezone = "UTC"
at = "06:00"
folder = "digests"
"""
_PARAGRAPH = re.compile(rb"<p[\s>].*?</p>", re.DOTALL)
_TEXT_RUN = re.compile(rb"(?<=>)[^<>]{30,}(?=<)")
# What the main process is at: the first line whose word is in the path of the innermost frame that
# has one.
_TOPICS = (
    ("/archive/store/", "SQLite"),
    ("/archive/store/captures.py", "WARC"),
    ("/archive/judge/duplicates.py", "compare texts"),
    ("/scraper/discover/", "read listings"),
    ("/scraper/read/", "read pages, in the main process"),
    ("/archive/run/readers.py", "hand pages to workers"),
    ("/pebble/", "hand pages to workers"),
    ("/multiprocessing/", "hand pages to workers"),
    ("/scraper/fetch/", "network"),
    ("/httpcore/", "network"),
    ("/httpx/", "network"),
    ("/anyio/", "network"),
    ("/archive/", "the pass itself"),
    ("/asyncio/", "event loop"),
    ("/selectors.py", "event loop"),
)


def address_of(number: int) -> str:
    """The address of a host, one that no other program is likely to use."""
    return f"127.{20 + number // 250}.7.{1 + number % 250}"


# ---------------------------------------------------------------- the hosts


class Hosts:
    """
    The server: a thousand listening sockets, one event loop.

    Args:
        latency: Seconds that an answer takes.
    """

    def __init__(self, count: int, articles: int, port: int, latency: float, pages: list[bytes]) -> None:
        self.count, self.articles, self.port, self.latency, self.pages = count, articles, port, latency, pages
        self.in_flight = self.most_in_flight = 0
        self.asked: dict[str, list[tuple[float, float]]] = defaultdict(list)

    async def serve(self, seconds: float) -> None:
        """Answer until *seconds* are over, or SIGTERM comes."""
        servers = [
            await asyncio.start_server(lambda r, w, n=n: self._talk(n, r, w), sock=_listening(address_of(n), self.port))
            for n in range(self.count)
        ]
        print("ready", flush=True)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
        for server in servers:
            server.close()
        print(json.dumps(self._seen()), flush=True)

    async def _talk(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                began = time.monotonic()
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    await asyncio.sleep(self.latency)
                    writer.write(self._answer(number, path))
                    await writer.drain()
                finally:
                    self.in_flight -= 1
                self.asked[address_of(number)].append((began, time.monotonic()))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, number: int, path: str) -> bytes:
        home = f"http://{address_of(number)}:{self.port}"
        status, media_type, body = "200 OK", "text/html; charset=utf-8", b""
        if path == "/robots.txt":
            media_type, body = "text/plain", b"User-agent: *\nDisallow: /private/\n"
        elif path == "/feed.xml":
            links = "".join(
                f"<item><title>Report {number} {n}</title><link>{home}/{n}.html</link></item>"
                for n in range(self.articles)
            )
            media_type = "application/rss+xml"
            body = f'<rss version="2.0"><channel><title>Host {number}</title>{links}</channel></rss>'.encode()
        elif found := re.fullmatch(r"/(\d+)\.html", path):
            position = number * self.articles + int(found[1])
            body = _own(self.pages[position % len(self.pages)], position)
        else:
            status, body = "404 Not Found", b"<h1>Not here.</h1>"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def _seen(self) -> dict[str, Any]:
        closest = (b[0] - a[1] for times in self.asked.values() for a, b in pairwise(sorted(times)))
        everything = [moment for times in self.asked.values() for span in times for moment in span]
        return {
            "requests": sum(map(len, self.asked.values())),
            "most in flight": self.most_in_flight,
            "closest two requests of a host": round(min(closest, default=0.0), 3),
            "first to last request": round(max(everything) - min(everything), 1) if everything else 0.0,
            "server CPU": round(time.process_time(), 1),
        }


def _listening(address: str, port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((address, port))
    return listening


def _own(page: bytes, number: int) -> bytes:
    """
    A page that says something else: the words of each paragraph in another order, some of them its
    own.
    """
    dice = Random(number)  # noqa: S311

    def shuffle(run: re.Match[bytes]) -> bytes:
        words = [*run[0].split(), "".join(dice.choices("bdfgklmnprstv", k=6)).encode()]
        dice.shuffle(words)
        return b" ".join(words)

    return _PARAGRAPH.sub(lambda paragraph: _TEXT_RUN.sub(shuffle, paragraph[0]), page)


@lru_cache(maxsize=1)
def _pages(shared: Path) -> list[bytes]:
    found = sorted((shared / "corpus/fundus-dev/html").glob("*.html.gz"))
    return [gzip.decompress(path.read_bytes()) for path in found] or [_invented()]


def _invented() -> bytes:
    paragraphs = "".join(
        f"<p>the council met at the harbour and said what it would do about gate {n}.</p>" for n in range(12)
    )
    return (
        f"<!doctype html><html lang=en><title>A report</title><article><h1>A report</h1>{paragraphs}</article>".encode()
    )


# ---------------------------------------------------------------- the pass


def run_pass(config: str) -> None:
    """`presswatch run --all` in this process, looked at; prints what it was at."""
    from archive.cli import cli  # noqa: PLC0415 - the hosts' process does without

    topics: Counter[str] = Counter()
    functions: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        topics[_topic(frame)] += 1
        functions[_function(frame)] += 1

    # By processor time: what else runs on this machine changes little. A thread that looks would
    # see the main one mostly where it lets go of the interpreter.
    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _LOOK, _LOOK)
    started = time.monotonic()
    cli(["--config", config, "run", "--all", "--json"], standalone_mode=False)
    seconds = time.monotonic() - started
    signal.setitimer(signal.ITIMER_PROF, 0)
    own, thread, workers = time.process_time(), time.thread_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    total = sum(topics.values()) or 1
    print(
        json.dumps(
            {
                "seconds": round(seconds, 1),
                "main CPU": round(own, 1),
                "main thread CPU": round(thread, 1),
                "workers CPU": round(workers.ru_utime + workers.ru_stime, 1),
                "main is at": {name: round(count / total, 3) for name, count in topics.most_common()},
                "most in": {name: round(count / total, 3) for name, count in functions.most_common(12)},
            }
        )
    )


def _topic(frame: FrameType | None) -> str:
    while frame is not None:
        path = frame.f_code.co_filename
        for word, topic in _TOPICS:
            if word in path:
                return topic
        frame = frame.f_back
    return "other"


def _function(frame: FrameType | None) -> str:
    """The innermost function of ours that is running."""
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith((f"{ROOT}/archive/", f"{ROOT}/scraper/")):
            return f"{Path(path).stem}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "other"


@contextmanager
def hosts_of(options: argparse.Namespace, seen: dict[str, Any]) -> Iterator[None]:
    """The server, in a process of its own; *seen* gets what it saw."""
    words = [
        f"--{name.replace('_', '-')}={getattr(options, name)}" for name in ("hosts", "articles", "port", "latency")
    ]
    server = subprocess.Popen(
        [
            sys.executable,
            __file__,
            "--serve",
            *words,
            f"--shared={options.shared}",
            f"--max-seconds={options.max_seconds}",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        if server.stdout.readline().strip() != "ready":
            sys.exit("the hosts do not come up")
        yield
    finally:
        server.terminate()
        out, _ = server.communicate(timeout=30)
        seen.update(json.loads(out or "{}"))


def write_config(folder: Path, options: argparse.Namespace) -> Path:
    """A configuration that watches the feed of every host."""
    config = folder / "config"
    (config / "sources").mkdir(parents=True)
    homes = [f"{address_of(n)}:{options.port}" for n in range(options.hosts)]
    (config / "presswatch.toml").write_text(
        _CONFIG.format(
            pace=f"{options.pace:g}",
            open_hosts=options.open_hosts,
            workers=options.workers,
            addresses=", ".join(map(json.dumps, homes)),
        ),
        encoding="utf-8",
    )
    tables = (
        f'[host-{n:04}]\ntitle = "Host {n:04}"\nhome_url = "http://{home}/"\nfeeds = ["http://{home}/feed.xml"]\n'
        for n, home in enumerate(homes)
    )
    (config / "sources/hosts.toml").write_text("\n".join(tables), encoding="utf-8")
    return config


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """One pass, and what is to be said of it."""
    seen: dict[str, Any] = {}
    config = write_config(folder, options)
    with hosts_of(options, seen):
        done = subprocess.run(
            [sys.executable, __file__, "--pass-of", str(config)], cwd=ROOT, capture_output=True, text=True, check=False
        )
    if done.returncode:
        sys.exit(f"the pass failed:\n{done.stderr[-3000:]}")
    ran = json.loads(done.stdout.splitlines()[-1])
    connection = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    articles, each = connection.execute("SELECT COUNT(*) FROM articles").fetchone()[0], seen["requests"] / options.hosts
    connection.close()
    everything = ran["main CPU"] + ran["workers CPU"] + seen["server CPU"]
    bounds = {
        "pace": round(
            each * (options.pace + options.latency) * options.hosts / min(options.open_hosts, options.hosts), 1
        ),
        "workers": round(ran["workers CPU"] / max(1, options.workers), 1),
        "main thread": ran["main thread CPU"],
        "processors": round(everything / (os.cpu_count() or 1), 1),
    }
    return {
        "hosts": options.hosts,
        "articles": articles,
        "wanted": options.hosts * options.articles,
        **ran,
        "articles a second": round(articles / ran["seconds"], 1),
        "shares of the processor time": {
            "main process": round(ran["main CPU"] / everything, 3),
            "workers": round(ran["workers CPU"] / everything, 3),
            "hosts": round(seen["server CPU"] / everything, 3),
        },
        **seen,
        "bounds": bounds,
        "bound by": max(bounds, key=lambda name: bounds[name]),
    }


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--articles", type=int, default=5)
    parser.add_argument("--pace", type=float, default=1.0, help="seconds")
    parser.add_argument("--open-hosts", type=int, default=50, help="hosts worked on at once (default: as configured)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds that each answer takes")
    parser.add_argument("--port", type=int, default=8700)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder with corpus/")
    parser.add_argument("--max-seconds", type=float, default=1500, help="then the hosts end by themselves")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--pass-of", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.serve:
        pages = _pages(options.shared)
        hosts = Hosts(options.hosts, options.articles, options.port, options.latency, pages)
        asyncio.run(hosts.serve(options.max_seconds))
        return
    if options.pass_of:
        run_pass(options.pass_of)
        return
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>36}  {value}")
    is_polite = figures["closest two requests of a host"] >= options.pace - 0.02
    sys.exit(0 if figures["articles"] == figures["wanted"] and is_polite else 1)


if __name__ == "__main__":
    main()
