"""
Whether browse answers all the time, shows the present, and nothing that is the reader's alone,
while passes run.

    python benchmarks/browse_live.py [--passes N] [--askers N]

A small newspaper on loopback prints three articles a pass: one for everybody, one with "noarchive",
one that is read with the reader's own cookies; now and then "noarchive" is said of one that is
known, and taken back. `presswatch browse` is started before the first pass and asked without a
pause, by its pages and by SQL. Printed are the answers other than 200, the age of what they showed
(an answer is as old as the requests that the archive had committed before it was asked for and that
are not in it), the answers with a word that is the reader's alone, and the times of both.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time as time_of_day
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import ClassVar
from urllib.parse import urlencode

from archive.run.update import make_pass
from archive.settings import ArchiveSettings, DigestSettings, PassSettings, Settings
from archive.store import Archive
from scraper.model import FetchSettings, Source

_HOST, _OWN_HOST = "127.9.0.1", "127.9.0.2"
# A word of every text that is the reader's alone, and nothing else has it.
_WORD = "Kranbahnschwelle"
_KINDS = ("open", "noarchive", "own")
_PATHS = (
    "/",
    "/archive/articles",
    "/archive/search?q=Kranbahnschwelle",
    "/archive/latest.json?_shape=array",
    "/archive/feed.atom",
    "/archive/wishes.json?_shape=array",
    "/article/1",
    "/article/2",
    "/article/3",
)
# Told of each commit by a number that only grows.
_NUMBERS = "SELECT (SELECT MAX(id) FROM requests) AS requests, (SELECT MAX(id) FROM articles) AS articles"
_LOOK_FOR_WORD = """
    SELECT (SELECT COUNT(*) FROM articles WHERE body LIKE '%' || :word || '%')
        + (SELECT COUNT(*) FROM blocks WHERE text LIKE '%' || :word || '%')
        + (SELECT COUNT(*) FROM articles_fts WHERE articles_fts MATCH :word) AS found
"""


@dataclass
class Found:
    """What the askers met."""

    statuses: Counter[int] = field(default_factory=Counter)
    ages: Counter[int] = field(default_factory=Counter)
    leaks: int = 0
    seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class _Newspaper(BaseHTTPRequestHandler):
    """What is printed so far; the host says whether it is the one that is read with cookies."""

    printed: ClassVar[int] = 0

    def do_GET(self) -> None:
        kinds = ("own",) if self.headers["Host"].startswith(_OWN_HOST) else ("open", "noarchive")
        if self.path == "/feed.xml":
            links = (f"/{kind}-{number}" for number in range(self.printed) for kind in kinds)
            items = "".join(
                f"<item><title>T {link}</title><link>http://{self.headers['Host']}{link}</link></item>"
                for link in links
            )
            self._say(f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>", "text/xml")
        elif found := re.fullmatch(r"/(\w+)-(\d+)", self.path):
            self._say(_page(found[1], int(found[2]), self.printed), "text/html; charset=utf-8")
        else:
            self.send_error(404)

    def _say(self, text: str, media_type: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _page(kind: str, number: int, printed: int) -> str:
    # An article for everybody is taken back in the fourth pass after it, and given again in the
    # sixth.
    is_taken_back = kind == "open" and number % 5 == 4 and 4 <= printed - number < 6
    is_noarchive = kind == "noarchive" or is_taken_back
    secret = "" if kind == "open" else f" {_WORD}"
    head = '<meta name="robots" content="noarchive">' if is_noarchive else ""
    text = "".join(
        f"<p>The {kind}{secret} crane of pier {number} was moved on day {day} after the harbour master of basin "
        f"{number * 7 + day} had seen that its rail was worn, and {number + day + 2} boats waited until noon.</p>"
        for day in range(8)
    )
    return (
        f"<!doctype html><html lang='en'><head><title>Crane {kind} {number}</title>{head}</head><body><article>"
        f"<h1>Crane {kind} {number}</h1>{text}</article></body></html>"
    )


def _ask(base: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(base + path, timeout=60) as answer:  # noqa: S310 - of our own
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def _keep_asking(base: str, database: Path, found: Found, is_over: Event) -> None:
    """Ask page after page; between two of them, how old is what is shown."""
    number = 0
    with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as archive:
        while not is_over.is_set():
            for path in (
                _PATHS[number % len(_PATHS)],
                f"/archive.json?{urlencode({'sql': _NUMBERS, '_shape': 'array'})}",
            ):
                there: tuple[int | None, int | None] = archive.execute(_NUMBERS).fetchone()
                begun = time.perf_counter()
                status, text = _ask(base, path)
                found.seconds.append(time.perf_counter() - begun)
                # The first pages of articles may not be there yet: that is what the archive says at
                # that moment.
                is_early = status == 404 and path.startswith("/article/") and int(path[9:]) > (there[1] or 0)
                found.statuses[200 if is_early else status] += 1
                if status != 200 and not is_early:
                    found.problems.append(f"{status} {path}: {text[:200]}")
                if _WORD in text.replace(f'value="{_WORD}"', "") and "search?" not in path:
                    found.leaks += 1
                    found.problems.append(f"{path} shows what is the reader's alone")
                if "sql=" in path and status == 200:
                    shown = json.loads(text)[0]
                    found.ages[max(0, (there[0] or 0) - (shown["requests"] or 0))] += 1
            status, text = _ask(
                base, f"/archive.json?{urlencode({'sql': _LOOK_FOR_WORD, 'word': _WORD, '_shape': 'array'})}"
            )
            found.statuses[status] += 1
            found.leaks += status == 200 and json.loads(text)[0]["found"]
            number += 1


def _settings(folder: Path, port: int) -> Settings:
    cookies = folder / "cookies.txt"
    cookies.write_text(f"# Netscape HTTP Cookie File\n{_OWN_HOST}\tFALSE\t/\tFALSE\t4102444800\tsession\tmine\n")
    cookies.chmod(0o600)
    sources = tuple(
        Source(
            name,
            name.title(),
            f"http://{host}:{port}/",
            feeds=(f"http://{host}:{port}/feed.xml",),
            pace=timedelta(0),
            cookies_file=cookies_file,
        )
        for name, host, cookies_file in (("open", _HOST, None), ("own", _OWN_HOST, cookies))
    )
    return Settings(
        folder=folder,
        fetch=FetchSettings(
            "presswatch/0.1 (+https://presswatch.example/about)",
            pace=timedelta(0),
            retries=0,
            allowed_addresses=frozenset({f"{_HOST}:{port}", f"{_OWN_HOST}:{port}"}),
        ),
        archive=ArchiveSettings(folder / "archive.db", folder / "warc"),
        passes=PassSettings(reading_workers=0),
        digest=DigestSettings("Digest", "UTC", time_of_day(6), folder / "digests"),
        sources=sources,
    )


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextlib.contextmanager
def _newspaper() -> Iterator[int]:
    """The port of a newspaper that is printed as long as this lasts."""
    server = ThreadingHTTPServer(("0.0.0.0", 0), _Newspaper)  # noqa: S104 - two addresses of loopback
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def _browse(database: Path) -> Iterator[str]:
    """The address of `presswatch browse` on an archive."""
    port = _free_port()
    command = [sys.executable, "-m", "archive.cli", "--archive", str(database), "browse", "--port", str(port)]
    environ = os.environ | {"PRESSWATCH_CONFIG": str(database.parent / "none")}
    with (database.parent / "browse.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environ)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(900):
            try:
                _ask(base, "/-/versions.json")
                break
            except OSError:
                time.sleep(0.1)
        yield base
    finally:
        process.terminate()
        process.wait(30)


def run(folder: Path, passes: int, askers: int) -> tuple[Found, list[float]]:
    """What was met while *passes* passes ran, and the seconds that each took."""
    with _newspaper() as port:
        settings = _settings(folder, port)
        database = settings.archive.database
        Archive.open(database, write=True).close()
        found, is_over, took = Found(), Event(), []
        with _browse(database) as base:
            threads = [
                Thread(target=_keep_asking, args=(base, database, found, is_over), daemon=True) for _ in range(askers)
            ]
            for thread in threads:
                thread.start()
            for number in range(passes):
                _Newspaper.printed = number + 1
                begun = time.perf_counter()
                with Archive.open(database, write=True) as archive:
                    asyncio.run(make_pass(archive, settings, settings.sources, on_progress=lambda _: None))
                took.append(time.perf_counter() - begun)
            is_over.set()
            for thread in threads:
                thread.join(120)
        with Archive.open(database, write=False) as archive:
            assert archive.statistics().article_count == passes * len(_KINDS), "the newspaper was not archived"
            assert archive.private_count() >= 2 * passes, "nothing was private"
    return found, took


def main() -> int:
    """Print what was met; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passes", type=int, default=50)
    parser.add_argument("--askers", type=int, default=2)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="presswatch-browse-live-"))
    try:
        found, took = run(folder, options.passes, options.askers)
        sizes = [sum(file.stat().st_size for file in place.glob("archive.db")) for place in (folder, folder / "public")]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    others = {status: count for status, count in found.statuses.items() if status != 200}
    print(f"passes                 {len(took)}, median {median(took):.2f} s")
    print(f"answers                {sum(found.statuses.values())}, median {median(found.seconds) * 1000:.0f} ms")
    print(f"other than 200         {others or 'none'}")
    print(f"age, in requests kept  at most {max(found.ages, default=0)}, of {sum(found.ages.values())} answers")
    print(f"with what is private   {found.leaks}")
    print(f"archive, public view   {sizes[0] / 1e6:.1f} MB, {sizes[1] / 1e6:.1f} MB")
    for problem in found.problems[:10]:
        print(problem)
    return bool(others or found.leaks or max(found.ages, default=0) > 0)


if __name__ == "__main__":
    sys.exit(main())
