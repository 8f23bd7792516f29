"""
Public test suites and generated cases, run through presswatch's own functions: passed of all, a
line a suite.

    python benchmarks/conformance.py --folder DIR [--suite NAME …] [-v]

DIR has the form of `../shared/conformance`, whose README says how a record counts as passed; any
folder of that form will do, and what is not in it is left out. `-v` names what failed: what was
wanted, then what came. Rows that are no matter of RFC 9309 (`google_only`, agents with a space) are
counted apart. Pages that we write are parsed by Lexbor alone. Not run: `http/structured-fields`
(presswatch reads no such headers) and `http/conditional`, whose rows tell of several visits
(tests/test_client.py and tests/test_update.py have them).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import html
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from csv import reader
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpcore
import webencodings
from selectolax.lexbor import LexborHTMLParser

from archive.edition.deliver import build_mail
from archive.edition.render import render
from archive.model import Edition, EditionItem, StoredArticle, Story
from archive.model.query import NotUnderstood
from archive.run.keep import Provenance, build, keep
from archive.show.export import original_cell, render_csv, safe_name
from archive.store import Archive
from scraper.discover.feeds import parse_feed
from scraper.discover.opml import parse_opml
from scraper.discover.sitemaps import parse_sitemap
from scraper.encoding import decode, find_declared_encoding
from scraper.errors import ParseError
from scraper.fetch.answers import parse_retry_after
from scraper.fetch.guard import AddressRefusedError, GuardedBackend, is_public, judge_url
from scraper.fetch.robots import Robots, RobotsState, judge_robots, parse_robots
from scraper.folding import search_words
from scraper.model import (
    Access,
    AccessStatus,
    Article,
    Entry,
    Failed,
    Fetched,
    FetchRequest,
    LabelledBlock,
    Listing,
    Purpose,
    RawExchange,
    Redirected,
    Role,
)
from scraper.read import Document, Reader
from scraper.urls import is_http_url, join_url

_NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
_FEEDS_URL = "http://127.0.0.1:8097/"  # the server that expected addresses name
_HOSTILE_TAGS = frozenset("script iframe object embed base meta link form style svg math template noscript".split())
_LONGEST_READING = 2.0  # seconds a case
# Encodings that are the same to a reader, or that no page is decoded with.
_UNREAD_ENCODINGS = frozenset({"replacement", "x-user-defined", "ISO-8859-8-I", "ISO-8859-8"})


@dataclass(frozen=True, slots=True)
class Result:
    """One record; *suite* may tell rows apart that are counted by themselves."""

    suite: str
    name: str
    passed: bool
    wanted: object = None
    came: object = None


def _equal(suite: str, name: str, wanted: object, came: object) -> Result:
    return Result(suite, name, wanted == came, wanted, came)


# ---------------------------------------------------------------- robots.txt


def robots(folder: Path) -> Iterator[Result]:
    """Which addresses a robots.txt allows to whom, and the delays it asks for."""
    for name in ("google", "protego"):
        for row in _rows(folder, f"robots/{name}.json"):
            found = parse_robots(row["robots"].encode(), row["agent"])
            suite = f"robots/{name}"
            if row.get("google_only"):
                suite += " (google only)"
            elif " " in row["agent"]:
                suite += " (agent with a space)"
            if row.get("kind") == "crawl_delay":
                yield _equal(suite, row["id"], row["value"] or 0, found.delay.total_seconds())
            else:
                yield _equal(suite, f"{row['id']} {row['unit']}", row["allowed"], found.refusal(row["url"]) is None)


def robots_fetch(folder: Path) -> Iterator[Result]:
    """What came of asking for a robots.txt."""
    request = FetchRequest("https://news.example/robots.txt", Purpose.ROBOTS)
    barred = b"User-agent: *\nDisallow: /a\n"
    exchange = RawExchange(request.url, _NOW, "GET", (), 200, "OK", "HTTP/1.1", (), b"")

    def came(body: bytes) -> Fetched:
        return Fetched(request, _NOW, 200, {}, body, timedelta(), exchange)

    def failed(status: int | None, **more: Any) -> Failed:  # noqa: ANN401 - any field of `Failed`
        return Failed(request, _NOW, "x", status, **more)

    def bars(body: bytes) -> bool:
        return parse_robots(body, "presswatch").refusal("https://news.example/a") is not None

    def state(outcome: Fetched | Failed | Redirected) -> RobotsState:
        return judge_robots(outcome, "presswatch").state

    def judged(outcome: Fetched | Failed) -> Robots:
        return judge_robots(outcome, "presswatch")

    delays = [
        parse_robots(f"User-agent: *\nCrawl-delay: {value}".encode(), "x").delay for value in "0.5 5 abc -1".split()
    ]
    checks: dict[str, bool] = {
        "200 + rules": judged(came(barred)).refusal("https://news.example/a") is not None,
        "200 + HTML page": judged(came(b"<!doctype html><p>x")).note is not None,
        "200 empty": state(failed(200, exchange=exchange)) is RobotsState.RULES,
        "404": state(failed(404)) is RobotsState.ALL_ALLOWED,
        "410": state(failed(410)) is RobotsState.ALL_ALLOWED,
        "401": state(failed(401)) is RobotsState.REFUSED,
        "403": state(failed(403)) is RobotsState.REFUSED,
        "429": state(failed(429, may_pass=True)) is RobotsState.NOT_NOW,
        "500": state(failed(500, may_pass=True)) is RobotsState.NOT_NOW,
        "503": state(failed(503, may_pass=True)) is RobotsState.NOT_NOW,
        "timeout": state(failed(None, may_pass=True)) is RobotsState.NOT_NOW,
        "dns": state(failed(None)) is RobotsState.NOT_NOW,
        "5xx for > 30 days": state(failed(503)) is RobotsState.NOT_NOW,
        "301 x 6+": state(Redirected(request, _NOW, 301, request.url, timedelta())) is RobotsState.ALL_ALLOWED,
        "301 loop": state(Redirected(request, _NOW, 301, request.url, timedelta())) is RobotsState.ALL_ALLOWED,
        "body > 500 KiB": bars(barred + b"# \n" * 400_000),
        "utf-8 BOM": bars(b"\xef\xbb\xbf" + barred),
        "latin-1 bytes": bars(b"# caf\xe9\n" + barred),
        "CR, LF, CRLF": all(bars(barred.replace(b"\n", end)) for end in (b"\r", b"\n", b"\r\n")),
        "/robots.txt itself": judged(came(b"User-agent: *\nDisallow: /")).refusal(request.url) is None,
        "Crawl-delay: 0.5|5|600|abc|-1": [delay.total_seconds() for delay in delays] == [0.5, 5, 0, 0],
        "User-agent: presswatch and *": not bars(b"User-agent: *\nDisallow: /\nUser-agent: presswatch\nDisallow: /b"),
    }
    for row in _rows(folder, "robots/rfc9309_fetch.json"):
        if row["robots"] in checks:  # the others are the lanes' and the pass's: tests/test_lanes.py
            yield Result("robots/rfc9309_fetch", row["robots"], checks[row["robots"]], row["expect"])


# ---------------------------------------------------------------- feeds and sitemaps


def feeds(folder: Path) -> Iterator[Result]:
    """RSS, Atom and JSON Feed."""
    for row in _rows(folder, "feeds/feedparser.json"):
        yield _judge_feedparser(folder, row)
    for row in _rows(folder, "feeds/gofeed.json"):
        yield _judge_gofeed(folder, row)
    for row in _rows(folder, "feeds/jsonfeed.json"):
        yield _judge_jsonfeed(row)


def _read_feed(folder: Path, row: dict[str, Any]) -> tuple[Listing, tuple[Entry, ...]]:
    headers = {name.lower(): value for name, value in row.get("headers", {}).items()}
    body = (folder / "feeds" / row["file"]).read_bytes()
    listing = parse_feed(body, headers.get("content-location") or _FEEDS_URL + row["file"], headers.get("content-type"))
    return listing, listing.entries + listing.unlinked


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    stripped = re.sub("<[^>]*>", "", html.unescape(str(value or "")))
    return " ".join(html.unescape(stripped).split())


def _judge_feedparser(folder: Path, row: dict[str, Any]) -> Result:
    expected = row["expect"] or {"equals": [], "flags": {}}
    try:
        listing, entries = _read_feed(folder, row)
    except ParseError as error:
        # A broken document without entries may be refused; what is said to be well formed may not.
        may_be = bool(expected["flags"].get("bozo")) and not expected["equals"]
        return Result("feeds/feedparser", row["id"], may_be, expected, error)
    for path, value in expected["equals"]:
        wanted = datetime(*value[:6], tzinfo=UTC) if str(path[-1]).endswith("_parsed") and value else value
        match path:
            case ["feed", ("title" | "link") as name]:
                came: object = listing.title if name == "title" else listing.home_url
            case ["entries", int(number), *rest] if (name := "/".join(map(str, rest))) in _FEEDPARSER_FIELDS:
                if number >= len(entries):
                    return Result("feeds/feedparser", row["id"], passed=False, wanted=expected, came=entries)
                came = _FEEDPARSER_FIELDS[name](entries[number])
            case _:
                continue
        if _plain(wanted) != _plain(came):
            return Result("feeds/feedparser", row["id"], passed=False, wanted=(path, value), came=came)
    return Result("feeds/feedparser", row["id"], passed=True)


def _description(entry: Entry) -> str | None:
    return entry.summary or entry.content_html


_FEEDPARSER_FIELDS: dict[str, Callable[[Entry], object]] = {
    "title": lambda entry: entry.title,
    "title_detail/value": lambda entry: entry.title,
    "link": lambda entry: entry.url,
    "id": lambda entry: entry.guid,
    "guid": lambda entry: entry.guid,
    "summary": _description,
    "description": _description,
    "content/0/value": lambda entry: entry.content_html,
    "published_parsed": lambda entry: entry.published_at,
    "updated_parsed": lambda entry: entry.updated_at or entry.published_at,
}


def _judge_gofeed(folder: Path, row: dict[str, Any]) -> Result:
    expected = row["expect"] or {}
    try:
        listing, entries = _read_feed(folder, row)
    except ParseError as error:
        return Result("feeds/gofeed", row["id"], passed=False, wanted=expected, came=error)
    wanted = expected.get("items") or expected.get("entries") or []
    if expected and len(wanted) != len(entries):
        return Result("feeds/gofeed", row["id"], passed=False, wanted=wanted, came=entries)
    if "title" in expected and _plain(expected["title"]) != _plain(listing.title):
        return Result("feeds/gofeed", row["id"], passed=False, wanted=expected["title"], came=listing.title)
    for entry, item in zip(entries, wanted, strict=False):
        for name, field in _GOFEED_FIELDS.items():
            if name in item:
                value = item[name]["value"] if isinstance(item[name], dict) else item[name]
                if _plain(value) != _plain(field(entry)):
                    return Result("feeds/gofeed", row["id"], False, (name, value), field(entry))
    return Result("feeds/gofeed", row["id"], passed=True)


_GOFEED_FIELDS: dict[str, Callable[[Entry], object]] = {
    "title": lambda entry: entry.title,
    "link": lambda entry: entry.url,
    "content": lambda entry: entry.content_html,
    "description": _description,
    "summary": _description,
    "guid": lambda entry: entry.guid,
    "id": lambda entry: entry.guid,
    "publishedParsed": lambda entry: entry.published_at,
    "updatedParsed": lambda entry: entry.updated_at or entry.published_at,
}


def _judge_jsonfeed(row: dict[str, Any]) -> Result:
    expected = row["expect"]
    try:
        listing = parse_feed(json.dumps(row["body"]).encode(), "https://example.org/feed.json")
    except ParseError as error:
        is_right = isinstance(expected, str) and expected.startswith("error")
        return Result("feeds/jsonfeed", row["id"], is_right, expected, error)
    entries = listing.entries + listing.unlinked
    if isinstance(expected, str):
        is_right = not expected.startswith("error") and all(is_http_url(entry.url) for entry in entries)
        return Result("feeds/jsonfeed", row["id"], is_right, expected, entries)
    came: dict[str, object] = {"items": len(entries), "title": listing.title}
    if entries:
        came |= {
            "link0": entries[0].url,
            "authors0": list(entries[0].authors),
            "date0": _plain(entries[0].published_at),
            "id_is_text": isinstance(entries[0].guid, str),
        }
    return _equal("feeds/jsonfeed", row["id"], expected, {name: came.get(name) for name in expected})


def sitemaps(folder: Path) -> Iterator[Result]:
    """Sitemaps in all their forms."""
    for row in _rows(folder, "sitemaps/cases.json"):
        expected = row["expect"]
        try:
            listing = parse_sitemap(base64.b64decode(row["body_b64"]), "https://example.org/sitemap.xml")
            found, further, problem = (
                [entry.url for entry in listing.entries],
                [one.url for one in listing.further],
                listing.problem,
            )
            news = [{"date": entry.published_raw, "title": entry.title} for entry in listing.entries if entry.title]
        except ParseError as error:
            found, further, problem, news = [], [], str(error), []
        if row["id"] == "bad-locs":  # a relative one may also be resolved
            found = [url for url in found if url != "https://example.org/rel"]
        came = {
            "urls": found,
            "urls_prefix": found[: len(expected.get("urls_prefix", ()))],
            "urls_at_least": [url for url in found if url in expected.get("urls_at_least", ())],
            "sitemaps": further,
            "news": news,
            "partial": problem is not None,
        }
        yield _equal("sitemaps", row["id"], expected, {name: came.get(name) for name in expected})


# ---------------------------------------------------------------- pages


def encoding(folder: Path) -> Iterator[Result]:
    """The encoding of pages, and the labels of encodings."""
    for row in _rows(folder, "encoding/html5lib.json"):
        body = base64.b64decode(row["data_b64"])
        decoded = decode(body)
        label = decoded.encoding if decoded.origin == "bom" else find_declared_encoding(body) or "windows-1252"
        wanted, came = webencodings.lookup(row["encoding"]), webencodings.lookup(label)
        yield Result("encoding/html5lib", row["id"], wanted is came and came is not None, row["encoding"], label)
    for row in _rows(folder, "encoding/labels.json"):
        if row["name"] not in _UNREAD_ENCODINGS:
            found = decode("abc".encode(_codec(row["name"])), f"text/html; charset={row['label']}")
            yield _equal("encoding/labels", row["label"], ("abc", row["name"].lower()), (found.text, found.encoding))


def _codec(name: str) -> str:
    known = webencodings.lookup(name)
    return known.codec_info.name if known else "ascii"


def html_pages(folder: Path) -> Iterator[Result]:
    """Broken markup: read in time, and no word around it lost."""
    for file in sorted((folder / "html" / "tree-construction").rglob("*.dat")):
        text = file.read_text(encoding="utf-8", errors="replace")
        for number, source in enumerate(re.findall(r"^#data\n(.*?)\n#errors", text, re.DOTALL | re.MULTILINE)):
            started = time.perf_counter()
            problem = None
            try:
                body = f"<!doctype html><body><p>lantern</p>\n{source}".encode("utf-8", "replace")
                article = Reader().read(Document(body, "https://news.example/a"))
                if not any("lantern" in block.text for block in article.blocks):
                    problem = "its words are gone"
            except Exception as error:  # noqa: BLE001 - whatever is raised is what the suite looks for
                problem = repr(error)
            if time.perf_counter() - started > _LONGEST_READING:
                problem = f"took {time.perf_counter() - started:.1f} s"
            yield Result("html/tree-construction", f"{file.stem}#{number}", problem is None, source, problem)


def urls(folder: Path) -> Iterator[Result]:
    """Links joined to the address of their page."""
    for row in _rows(folder, "url/urltestdata.json"):
        is_web = row.get("protocol") in {"http:", "https:"}
        wanted = None
        if is_web:
            wanted = row["href"].partition("#")[0]
        suite = (
            "url (http and https)" if is_web else "url (no address)" if row.get("failure") else "url (other schemes)"
        )
        yield _equal(suite, f"{row['input']!r} at {row['base']!r}", wanted, join_url(row["base"] or "", row["input"]))


# ---------------------------------------------------------------- HTTP


def http(folder: Path) -> Iterator[Result]:
    """Dates and waits in headers."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for row in _rows(folder, "http/dates.json"):
        if row["header"].isdecimal():
            continue  # seconds, where we read dates
        wait = parse_retry_after(row["header"], epoch, timedelta.max)
        came = "null" if wait is None else f"{epoch + wait:%Y-%m-%dT%H:%M:%SZ}"
        fine = (row["utc"] or "null").split("|")
        yield Result("http/dates", row["header"], came in fine, fine, came)
    for row in _rows(folder, "http/retry_after.json"):
        wait = parse_retry_after(row["header"], datetime.fromisoformat(row["now"]), timedelta(hours=1))
        wanted = 3600 if row["wait"] == "capped" else row["wait"]
        yield _equal("http/retry_after", row["header"], wanted, None if wait is None else wait.total_seconds())


# ---------------------------------------------------------------- hostile input


def xss(folder: Path) -> Iterator[Result]:
    """Attacks in titles, links and pages."""
    for name in ("payloads", "dompurify"):
        for row in _rows(folder, f"xss/{name}.json"):
            page = _digest("x" + row["payload"], row["payload"])
            bad = list(_find_hostile(page))
            yield Result(f"xss/{name} (digest)", row["id"], not bad, row["payload"], bad)
            yield _read_hostile_page(f"xss/{name} (page read)", row)


def _read_hostile_page(suite: str, row: dict[str, Any]) -> Result:
    """
    What we make of a page with the payload in its text: only words, pictures and links with http(s)
    addresses.
    """
    body = f"<article><h1>Harbour</h1><p>{'The crane stood still all day. ' * 20}{row['payload']}</p></article>"
    article = Reader().read(Document(body.encode("utf-8", "replace"), "https://news.example/a"))
    links = [link for block in article.blocks for link in re.findall(r"\]\(<?([^)>\s]*)", block.markdown)]
    links += [image.url for image in article.images if image.url]
    bad = [link for link in links if not re.match(r"(https?|mailto):", link)]
    return Result(suite, row["id"], not bad, row["payload"], bad)


def _find_hostile(page: str) -> Iterator[str]:
    """What a page that we wrote must not hold; our own style and meta elements stand in its head."""
    tree = LexborHTMLParser(page)
    for node in tree.css("*"):
        is_own = node.tag in {"meta", "style", "link"} and node.parent is not None and node.parent.tag == "head"
        if node.tag in _HOSTILE_TAGS and not is_own:
            yield f"<{node.tag}>"
        for name, value in node.attributes.items():
            if name.startswith("on") or name == "srcdoc":
                yield f"{name}="
            if name in {"href", "src", "action", "formaction", "xlink:href"}:
                url = re.sub(r"[\t\r\n]", "", (value or "").lstrip("".join(map(chr, range(33)))))
                if not re.match(r"(?:https?|mailto):|#", url, re.IGNORECASE):
                    yield f"{name}={url}"


def _digest(text: str, url: str = "https://a.example/") -> str:
    item = EditionItem(1, 1, text, url, text, _NOW, _NOW, text, text, text, section=text, language=text, cves=(text,))
    return render(_edition(text, (Story(item, (replace(item, source=text + "2"),)),)), "html")


def _edition(title: str, stories: tuple[Story, ...] = ()) -> Edition:
    return Edition(title, _NOW - timedelta(days=1), _NOW, "UTC", _NOW, stories)


def security(folder: Path) -> Iterator[Result]:
    """Addresses, names, cells, headers and queries that mean harm."""
    for row in _rows(folder, "security/ssrf.json"):
        yield _equal("security/ssrf", row["url"], row["verdict"] == "allow", judge_url(row["url"]) is None)
    for row in _rows(folder, "security/dns_rebinding.json"):
        yield asyncio.run(_rebind(row))
    for row in _rows(folder, "security/xml.json"):
        yield _read_hostile_xml(row)
    for name in ("csv_cells", "csv_payloads"):
        for row in _rows(folder, f"security/{name}.json"):
            text = row["cell"] if isinstance(row, dict) else row
            line = "".join(render_csv([_stored(text)]))
            cell = list(reader(StringIO(line, newline=""), strict=True))[1][1]
            is_safe = (cell[0] == "'" or cell[0].isalnum()) and original_cell(cell) == text
            yield Result(f"security/{name}", text, is_safe, text, cell)
    for row in _rows(folder, "security/email_headers.json"):
        message = build_mail(_edition(row["value"]), "desk@news.example", "reader@news.example")
        names = {name.lower() for name in message}
        subject = message["Subject"] or ""
        is_safe = (
            "bcc" not in names and not {"\r", "\n", "\0"} & set(subject) and message["To"] == "reader@news.example"
        )
        yield Result("security/email_headers", repr(row["value"]), is_safe, row["value"], subject)
    yield from _judge_names(folder)
    yield from _judge_queries(folder)


def _stored(headline: str) -> StoredArticle:
    article = Article("https://news.example/a", headline, (), Access(AccessStatus.FREE, complete=True))
    return StoredArticle(7, article, "tide", article.url, article.url, _NOW, _NOW, None, False, ())


class _Connector(httpcore.AsyncNetworkBackend):
    """Notes the addresses it is told to connect to."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    async def connect_tcp(self, host: str, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        self.tried.append(host)
        return httpcore.AsyncMockStream([])


async def _rebind(row: dict[str, Any]) -> Result:
    rounds = list(row["answers"])

    async def resolve(_host: str, _port: int) -> tuple[str, ...]:
        return tuple(rounds.pop(0))

    connector = _Connector()
    with suppress(AddressRefusedError):
        await GuardedBackend(resolve, (), connector).connect_tcp("news.example", 443, timeout=5)
    is_safe = all(is_public(ip_address(address)) for address in connector.tried)
    is_right = is_safe and (row["verdict"] != "allow" or bool(connector.tried))
    return Result("security/dns_rebinding", row["note"], is_right, row["verdict"], connector.tried)


def _read_hostile_xml(row: dict[str, Any]) -> Result:
    texts: list[str] = []
    titles: list[str | None] = []
    started = time.perf_counter()
    for parse in (parse_sitemap, parse_feed):
        with suppress(ParseError):
            listing = parse(row["xml"].encode(), "https://news.example/a")
            titles.append(listing.title)
            texts += [listing.title or "", *(f"{entry.url} {entry.title}" for entry in listing.entries)]
    with suppress(ParseError):
        texts += [str(parse_opml(row["xml"].encode(), "a.opml"))]
    leaks = [text for text in texts if any(secret in text for secret in ("root:", "haha", "qqq"))]
    is_right = not leaks and time.perf_counter() - started < _LONGEST_READING
    if row["verdict"].startswith("title="):
        is_right = is_right and row["verdict"].removeprefix("title=") in titles
    return Result("security/xml", row["id"], is_right, row["verdict"], leaks or titles)


def _judge_names(folder: Path) -> Iterator[Result]:
    for suite in ("snapshot_names", "traversal_payloads"):
        seen: dict[str, str] = {}
        for row in _rows(folder, f"security/{suite}.json"):
            name = row["name"] if isinstance(row, dict) else row
            safe = safe_name(name)
            with TemporaryDirectory() as root:
                stays = (Path(root) / f"{safe}.md").resolve().parent == Path(root).resolve()
            is_apart = seen.setdefault(safe.casefold(), name) == name
            is_right = stays and is_apart and len(f"{safe}.md".encode()) <= 255
            yield Result(f"security/{suite}", repr(name), is_right, name, safe)


_QUOTES = frozenset('"“”„')


def _judge_queries(folder: Path) -> Iterator[Result]:
    rows = _rows(folder, "security/fts_queries.json")
    with Archive.open(":memory:", write=True) as archive:
        for number, row in enumerate(rows):
            query = row["q"]
            url = f"https://news.example/{number}"
            block = LabelledBlock(Role.BODY, f"Before {query} after.", "rule")
            article = Article(url, f"Story {number}", (block,), Access(AccessStatus.FREE, complete=True))
            keep(archive, build(archive, article, Provenance(url, _NOW)))
            try:
                came = archive.search(query, limit=100, now=_NOW)
                # The same words in quotation marks, in which nothing is an operator.
                literal = '"' + "".join(sign for sign in query if sign not in _QUOTES) + '"'
                found = archive.search(literal, limit=100, now=_NOW)
            except Exception as error:  # noqa: BLE001 - none may reach the reader
                yield Result("security/fts_queries", repr(query), passed=False, wanted=row["must"], came=error)
                continue
            if isinstance(found, NotUnderstood) or not search_words(query) or {"\0", "\n"} & set(query):
                yield Result("security/fts_queries", repr(query), passed=True, wanted="an answer", came=came)
                continue
            urls_found = [hit.url for hit in found]
            yield Result("security/fts_queries", repr(query), url in urls_found, url, urls_found)


# ---------------------------------------------------------------- the command

SUITES: tuple[Callable[[Path], Iterator[Result]], ...] = (
    robots,
    robots_fetch,
    feeds,
    sitemaps,
    encoding,
    html_pages,
    urls,
    http,
    xss,
    security,
)


def _rows(folder: Path, name: str) -> list[Any]:
    path = folder / name
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def main() -> int:
    """Run the suites; 0 where all passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--suite", action="append", help="the beginning of a suite's name; all where none is given")
    parser.add_argument("-v", "--verbose", action="store_true", help="name what failed")
    options = parser.parse_args()
    if not options.folder.is_dir():
        parser.error(f"no folder: {options.folder}")
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for suite in SUITES:
        for result in suite(options.folder):
            if options.suite and not result.suite.startswith(tuple(options.suite)):
                continue
            counts[result.suite][0] += result.passed
            counts[result.suite][1] += 1
            if options.verbose and not result.passed:
                print(f"{result.suite}: {result.name[:150]}")
                print(f"    wanted {str(result.wanted)[:300]}\n    came   {str(result.came)[:300]}")
    for name, (passed, total) in counts.items():
        print(f"{name:40} {passed:5} / {total:5}  {passed / total:7.1%}")
    passed, total = (sum(count[place] for count in counts.values()) for place in (0, 1))
    print(f"{'all':40} {passed:5} / {total:5}")
    return 0 if passed == total else 1


if __name__ == "__main__":
    sys.exit(main())
