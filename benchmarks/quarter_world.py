"""
The invented web of `quarter.py`: sources, their articles, and what goes wrong with them, all
planned in advance.

What is planned is the ground truth: which article was listed when, and when its page could be had.
Answers are made from the plan and the time alone, so that a seed gives the same quarter on any
machine.
"""

from __future__ import annotations

import gzip
import socket
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from random import Random

import httpx
from fakes import FakeClock, FakeWeb, Page, moved, text

from scraper.model import Source

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# After the quarter nothing new comes and nothing fails any more, so that what waits can arrive.
EPILOGUE = 3 * DAY
# A listing that lies is asked for in full every twentieth check.
CHECKS_OF_A_LIAR = 20
_LISTED = 30
_LASTING = ("lies", "dead", "silent", "moved", "html")
_REFUSALS = frozenset({"403", "410"})
_WORDS = (
    "harbour council bridge winter signal border engine market glass river teacher copper tunnel ballot forest "
    "letter captain museum ticket station orchard witness airport battery village painter compass storage hospital "
    "journal mountain network officer pension quarry railway shelter tractor uniform valley warehouse archive budget "
    "cabinet deposit element factory garden hammer island jacket kitchen ladder mirror needle office palace quarter "
    "report saddle temple umbrella vessel window anchor basket candle dinner evening feather gallery highway industry "
    "closed opened carried followed answered measured repaired counted promised refused reached offered planned "
    "moved changed lifted painted signed watched gathered delayed ordered covered returned searched tested traded "
    "slowly never often already again later early quietly almost together soon twice yesterday nearby outside "
    "seven eleven forty ninety several narrow heavy public distant northern southern ancient modern private local"
).split()


_SYLLABLES = tuple(consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, its end excluded."""

    start: datetime
    end: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


def without(span: Span, holes: Iterable[Span]) -> Iterator[Span]:
    """The parts of *span* that none of *holes* covers."""
    start = span.start
    for hole in sorted(holes, key=lambda one: one.start):
        if hole.end <= start or hole.start >= span.end:
            continue
        if hole.start > start:
            yield Span(start, hole.start)
        start = max(start, hole.end)
    if start < span.end:
        yield Span(start, span.end)


@dataclass(frozen=True, slots=True)
class Fault:
    """
    Something that goes wrong with a source for a time.

    Args:
        kind: "503", "refused", "timeout", "no name" (the whole host), "robots" (its robots.txt
            alone), "403", "429" (its pages), "dead", "html", "broken", "cut", "lies", "moved" (its
            listing), "silent" (nothing is told).
    """

    kind: str
    span: Span


HOST_FAULTS = frozenset({"503", "refused", "timeout", "no name", "robots", "429"})
PAGE_FAULTS = frozenset({"403"})
LISTING_FAULTS = frozenset({"dead", "html", "broken", "cut"})
# What a reader has to hear of when it lasts a day.
TROUBLES = HOST_FAULTS | PAGE_FAULTS | LISTING_FAULTS | {"moved", "silent"}


@dataclass(frozen=True, slots=True)
class Piece:
    """
    One article of the plan.

    Args:
        mark: A word that no other text has: by it the article is known in the archive and in mails.
        faults: Of its own page: "404", "410", "500", "torn", "packed badly".
    """

    mark: str
    born_at: datetime
    headline: str
    paragraphs: tuple[str, ...]
    path: str
    faults: tuple[Fault, ...] = ()
    corrected_at: datetime | None = None
    renamed_at: datetime | None = None

    def path_at(self, at: datetime) -> str:
        """Its path on the site then."""
        return self.path + "-again" if self.renamed_at and at >= self.renamed_at else self.path

    def is_corrected(self, at: datetime) -> bool:
        """Whether its text is the second one."""
        return self.corrected_at is not None and at >= self.corrected_at


@dataclass(slots=True)
class Paper:
    """A source of the plan, with its articles, oldest first."""

    source: Source
    form: str
    has_validators: bool
    has_whole_text: bool
    faults: tuple[Fault, ...]
    pieces: tuple[Piece, ...]
    births: list[datetime] = field(default_factory=list, init=False)
    by_path: dict[str, Piece] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.births = [piece.born_at for piece in self.pieces]
        for piece in self.pieces:
            self.by_path[piece.path] = piece
            self.by_path[piece.path + "-again"] = piece

    def spans(self, kinds: Iterable[str]) -> list[Span]:
        """When any of *kinds* held."""
        return [fault.span for fault in self.faults if fault.kind in kinds]

    def fault_at(self, at: datetime, kinds: Iterable[str]) -> Fault | None:
        """The first fault of *kinds* that holds then."""
        return next((fault for fault in self.faults if fault.kind in kinds and at in fault.span), None)

    def listed_at(self, at: datetime) -> tuple[Piece, ...]:
        """What its listing names then, newest first."""
        count = bisect_right(self.births, at)
        return tuple(reversed(self.pieces[max(0, count - _LISTED) : count]))

    def listed_span(self, number: int, end: datetime) -> Span:
        """When its listing names its *number*-th article."""
        gone = number + _LISTED
        return Span(self.births[number], min(end, self.births[gone]) if gone < len(self.births) else end)

    def why_to_be_had(self, number: int, end: datetime, off: Iterable[Span], check_every: timedelta) -> str | None:
        """
        How the *number*-th article could be had: its "page", or the "feed"; None where it could
        not.

        It could where, for a day on end, its listing was readable and named it and its page (or,
        where the page is refused, the text in the feed) was there. A listing that lies is given the
        time of twenty checks more.
        """
        piece, listed = self.pieces[number], self.listed_span(number, end)
        closed = [*off, *self.spans(HOST_FAULTS | LISTING_FAULTS)]
        lies = self.spans({"lies"})
        own = [fault.span for fault in piece.faults]
        refused = [fault.span for fault in piece.faults if fault.kind in _REFUSALS]
        ways = [("page", [*closed, *self.spans(PAGE_FAULTS), *own])]
        if self.has_whole_text:
            ways.append(("feed", [*closed, *(span for span in own if span not in refused)]))
        for way, holes in ways:
            honest = max((part.length for part in without(listed, [*holes, *lies])), default=timedelta())
            any_way = max((part.length for part in without(listed, holes)), default=timedelta())
            if honest >= DAY or any_way >= DAY + CHECKS_OF_A_LIAR * check_every:
                return way
        return None


def plan(seed: int, days: int, numbers: Iterable[int]) -> tuple[Paper, ...]:
    """The papers of a seed. Each has dice of its own: one more paper changes none of the others."""
    return tuple(_paper(Random(f"{seed}/{number}"), number, days) for number in numbers)  # noqa: S311


def some_spans(dice: Random, days: int, a_month: float, shortest: timedelta, longest: timedelta) -> list[Span]:
    """
    Spans at random, so many a month; none takes twenty to thirty hours: whether it lasted a day is
    beyond doubt.
    """
    spans = []
    day = dice.expovariate(a_month / 30)
    while day < days - 1:
        length = shortest + (longest - shortest) * dice.random() ** 2
        if 20 * HOUR < length < 30 * HOUR:
            length += 10 * HOUR
        start = BEGIN + day * DAY
        spans.append(Span(start, min(start + length, BEGIN + days * DAY)))
        day += length / DAY + 0.5 + dice.expovariate(a_month / 30)
    return spans


def _paper(dice: Random, number: int, days: int) -> Paper:
    host = f"paper{number:02}.example"
    home = f"https://{host}"
    form = "sitemap" if number % 8 == 5 else "atom" if number % 8 == 3 else "rss"
    schedule = dice.choice(("1h", "2h", "3h"))
    listing = f"{home}/{'sitemap.xml' if form == 'sitemap' else 'feed.xml'}"
    source = Source(
        f"paper{number:02}",
        f"Paper {number:02}",
        home + "/",
        feeds=() if form == "sitemap" else (listing,),
        sitemaps=(listing,) if form == "sitemap" else (),
        language="en",
        schedule=schedule,
    )
    # What lasts goes before what passes: a dead feed is not cut for some hours.
    faults = tuple(sorted(_faults(dice, number, days), key=lambda fault: fault.kind not in _LASTING))
    pieces = tuple(_pieces(dice, number, days, [fault.span for fault in faults if fault.kind == "silent"]))
    return Paper(source, form, dice.random() < 0.85, form == "rss" and dice.random() < 0.25, faults, pieces)


def _faults(dice: Random, number: int, days: int) -> Iterator[Fault]:
    """What goes wrong with a source: some of it often, and one lasting trouble for each second source."""
    for span in some_spans(dice, days, 1.5, HOUR, 50 * HOUR):
        yield Fault(dice.choice(("503", "refused", "timeout", "no name")), span)
    for kind, a_month, longest in (
        ("403", 0.7, 60 * HOUR),
        ("429", 0.7, 12 * HOUR),
        ("robots", 0.3, 40 * HOUR),
        ("broken", 0.4, 40 * HOUR),
        ("cut", 0.5, 12 * HOUR),
    ):
        for span in some_spans(dice, days, a_month, HOUR, longest):
            yield Fault(kind, span)
    lasting = _LASTING[number // 2 % 5] if number % 2 else None
    if lasting and days >= 8:
        start = BEGIN + dice.uniform(0.2, 0.5) * days * DAY
        length = days * DAY if lasting == "moved" or dice.random() < 0.3 else dice.uniform(6, 20) * DAY
        yield Fault(lasting, Span(start, min(start + length, BEGIN + days * DAY)))


def _pieces(dice: Random, number: int, days: int, silent: list[Span]) -> Iterator[Piece]:
    a_day = dice.uniform(3, 9)
    at, count = BEGIN - 2 * DAY, 0
    while True:
        at += DAY * dice.expovariate(a_day)
        if at >= BEGIN + days * DAY:
            return
        if any(at in span for span in silent):
            continue
        yield _piece(dice, f"zq{number:02}{count:04}", at.replace(microsecond=0))
        count += 1


def _piece(dice: Random, mark: str, born_at: datetime) -> Piece:
    # Half of its words are its own: no two articles are to be one story, or a story's others would
    # not be named.
    own = tuple("".join(dice.choices(_SYLLABLES, k=3)) for _ in range(20))
    words = (*dice.sample(own, 3), *dice.sample(_WORDS, 2))
    paragraphs = tuple(" ".join(_sentence(dice, own) for _ in range(4)) for _ in range(3))
    faults: list[Fault] = []
    lot = dice.random()
    for kind, share, length in (
        ("404", 0.02, DAY),
        ("410", 0.01, 1000 * DAY),
        ("500", 0.02, dice.uniform(1, 12) * HOUR),
        ("torn", 0.01, dice.uniform(1, 12) * HOUR),
        ("packed badly", 0.01, dice.uniform(1, 6) * HOUR),
    ):
        if 0 <= lot < share:
            faults.append(Fault(kind, Span(born_at, born_at + length)))
        lot -= share
    is_corrected, is_renamed = dice.random() < 0.08, dice.random() < 0.03
    return Piece(
        mark,
        born_at,
        f"{' '.join(words).capitalize()} {mark}",
        paragraphs,
        f"/{born_at:%Y/%m}/{'-'.join(words[:3])}-{mark}",
        tuple(faults),
        born_at + dice.uniform(1, 12) * HOUR if is_corrected else None,
        born_at + dice.uniform(2, 30) * HOUR if is_renamed else None,
    )


def _sentence(dice: Random, own: tuple[str, ...]) -> str:
    pairs = zip(dice.choices(_WORDS, k=8), dice.choices(own, k=8), strict=True)
    return " ".join(word for pair in pairs for word in pair).capitalize() + "."


class World(FakeWeb):
    """The planned web at the time of its clock."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        super().__init__(FakeClock(BEGIN))
        self.papers = tuple(papers)
        self._papers = {httpx.URL(paper.source.home_url).host: paper for paper in self.papers}
        self.request_count = 0
        # Hosts that were told to wait, until when; and how often one was asked all the same.
        self._told_to_wait: dict[str, datetime] = {}
        self.asked_too_early: dict[str, int] = {}
        self.before_answer = lambda: None

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request; who is killed while it is on its way was told nothing."""
        asked_at = self.clock.now()
        response = await super()._answer(request)
        if wait := response.headers.get("retry-after"):
            self._told_to_wait[request.url.host] = asked_at + timedelta(seconds=int(wait) - 1)
        return response

    async def _page(self, url: str, request: httpx.Request) -> Page | Exception:
        self.request_count += 1
        self.asked.clear()
        self.before_answer()
        at = self.clock.now()
        target = httpx.URL(url)
        paper = self._papers[target.host]
        if (until := self._told_to_wait.get(target.host)) and at < until:
            self.asked_too_early[target.host] = self.asked_too_early.get(target.host, 0) + 1
        if fault := paper.fault_at(at, HOST_FAULTS):
            answer = await self._host_fault(fault, target, at)
            if answer is not None:
                return answer
        if target.path == "/robots.txt":
            return text("User-agent: *\nDisallow: /private/\n")
        if target.path in {"/feed.xml", "/sitemap.xml", "/news/feed.xml"}:
            return _listing(paper, target.path, at, request)
        piece = paper.by_path.get(target.path)
        if piece is None or at < piece.born_at:
            return Page("<h1>Not here.</h1>", 404)
        return _article(paper, piece, target.path, at, request)

    async def _host_fault(self, fault: Fault, target: httpx.URL, at: datetime) -> Page | Exception | None:
        match fault.kind:
            case "503":
                return Page("<h1>Back soon</h1>", 503)
            case "refused":
                return httpx.ConnectError("refused")
            case "no name":
                return socket.gaierror(socket.EAI_NONAME, "unknown name")
            case "timeout":
                await self.clock.sleep(timedelta(seconds=30))
                return httpx.ReadTimeout("nothing came")
            case "robots":
                return Page("broken", 500) if target.path == "/robots.txt" else None
            case _:  # 429
                if target.path == "/robots.txt":
                    return None
                seconds = int((fault.span.end - at).total_seconds()) + 1
                return Page("slower", 429, headers={"retry-after": str(seconds)})


def _listing(paper: Paper, path: str, at: datetime, request: httpx.Request) -> Page | Exception:
    fault = paper.fault_at(at, LISTING_FAULTS | {"lies", "moved"})
    kind = fault.kind if fault else ""
    if kind == "dead":
        return Page("<h1>Gone</h1>", 404)
    if kind == "html":
        return Page("<!doctype html><title>Welcome</title><h1>Our new site</h1><p>Everything is new here.")
    if kind == "moved" and path != "/news/feed.xml":
        return moved(f"https://{request.url.host}/news/feed.xml")
    has_asked = "if-none-match" in request.headers or "if-modified-since" in request.headers
    if kind == "lies" and has_asked:
        return Page(etag=request.headers.get("if-none-match"), last_modified=request.headers.get("if-modified-since"))
    pieces = paper.listed_at(at)
    body = _render(paper, pieces, tuple((piece.path_at(at), piece.is_corrected(at)) for piece in pieces))
    media_type = "application/rss+xml" if paper.form == "rss" else "application/xml"
    if kind == "broken":
        return Page(b"<rss><channel><title>\x00 & < " + body[:40], media_type=media_type)
    if kind == "cut":
        return _torn(body[: len(body) // 2], len(body), media_type)
    has_tag = paper.has_validators or kind == "lies"
    tag = f'"{pieces[0].mark if pieces else 0}-{sum(piece.is_corrected(at) for piece in pieces)}"' if has_tag else None
    return Page(body, media_type=media_type, etag=tag)


def _torn(body: bytes, length: int, media_type: str) -> Page:
    """An answer that ends before its length."""
    return Page(body, media_type=media_type, headers={"content-length": str(length)})


@lru_cache(maxsize=256)
def _rendered(form: str, parts: tuple[tuple[str, ...], ...]) -> bytes:
    match form:
        case "sitemap":
            head, foot = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">', "</urlset>"
            rows = (f"<url><loc>{url}</loc><lastmod>{iso}</lastmod></url>" for url, _, _, iso, _, _ in parts)
        case "atom":
            head, foot = '<feed xmlns="http://www.w3.org/2005/Atom"><title>P</title><id>p</id>', "</feed>"
            rows = (
                f'<entry><title>{title}</title><link href="{url}"/><id>tag:{guid}</id><updated>{iso}</updated>'
                f"<published>{iso}</published></entry>"
                for url, title, _, iso, guid, _ in parts
            )
        case _:
            head = (
                '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>P</title>'
            )
            foot = "</channel></rss>"
            rows = (
                f'<item><title>{title}</title><link>{url}</link><guid isPermaLink="false">{guid}</guid>'
                f"<pubDate>{date}</pubDate>{content}</item>"
                for url, title, date, _, guid, content in parts
            )
    return f'<?xml version="1.0"?>{head}{"".join(rows)}{foot}'.encode()


def _render(paper: Paper, pieces: tuple[Piece, ...], state: tuple[tuple[str, bool], ...]) -> bytes:
    home = paper.source.home_url.rstrip("/")
    return _rendered(
        paper.form,
        tuple(
            (
                home + path,
                piece.headline,
                format_datetime(piece.born_at),
                piece.born_at.isoformat(),
                piece.mark,
                f"<content:encoded><![CDATA[{_body(piece, is_corrected=is_corrected)}]]></content:encoded>"
                if paper.has_whole_text
                else "",
            )
            for piece, (path, is_corrected) in zip(pieces, state, strict=True)
        ),
    )


def _body(piece: Piece, *, is_corrected: bool) -> str:
    first, *others = piece.paragraphs
    lines = [f"{first} So said {piece.mark} first.", *others]
    if is_corrected:
        lines.append(f"This report was put right after the council answered. Now it counts {piece.mark}corrected too.")
    return "".join(f"<p>{line}</p>" for line in lines)


def _article(paper: Paper, piece: Piece, path: str, at: datetime, request: httpx.Request) -> Page | Exception:
    if paper.fault_at(at, PAGE_FAULTS):
        return Page("<h1>Forbidden</h1>", 403)
    if path != piece.path_at(at):
        is_late = piece.renamed_at is not None and at >= piece.renamed_at
        return moved(f"https://{request.url.host}{piece.path_at(at)}") if is_late else Page("<h1>Not here.</h1>", 404)
    is_corrected = piece.is_corrected(at)
    page = (
        f"<!doctype html><html lang=en><title>{piece.headline}</title>"
        f'<meta property="article:published_time" content="{piece.born_at.isoformat()}">'
        f"<article><h1>{piece.headline}</h1>{_body(piece, is_corrected=is_corrected)}</article>"
        f"<footer>Imprint of {paper.source.title}</footer>"
    ).encode()
    fault = next((fault for fault in piece.faults if at in fault.span), None)
    match fault.kind if fault else "":
        case "404" | "410" | "500":
            assert fault is not None
            return Page(f"<h1>{fault.kind}</h1>", int(fault.kind))
        case "torn":
            return _torn(page[: len(page) // 2], len(page), "text/html; charset=utf-8")
        case "packed badly":
            return Page(gzip.compress(page)[:-20], headers={"content-encoding": "gzip"})
        case _:
            tag = f'"{piece.mark}-{int(is_corrected)}"' if paper.has_validators else None
            return Page(page, etag=tag)
