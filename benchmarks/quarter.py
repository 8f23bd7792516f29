#!/usr/bin/env python3
"""
A simulated quarter: is what was listed had, is each reader told once, and does `check` name what
goes wrong?

    python benchmarks/quarter.py [--full] [--seed N] [--days N] [--sources N] [--kills N] [--json]
    python benchmarks/quarter.py --full --only 1 8 30 --until 45 --kills 0

Fake clock and web, one process, no network but a mail server on loopback. Passes, digests and
checks are made by the functions that `presswatch watch` and `presswatch check` call, on an archive
file. At random hours hosts are down, pages refused, listings move, lie, break, die or fall silent,
articles are late, gone, corrected or renamed, the mail server is down on a third of the nights, a
reader is refused for days, the machine is off, and passes and digests are killed. From the plan of
all this (`quarter_world.py`) follows what must have come; each miss is listed with what stood in
its way. `--full` is 40 sources for 90 days. Each source has dice of its own: `--only` lives through
some of them, `--until` through the first days, with the same plan (but kills fall elsewhere). Exit
code 1 when something that must hold does not.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import re
import sqlite3
import sys
import tempfile
import time as wall
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes import SETTINGS, FakeClock  # noqa: E402 - found by the lines above
from quarter_mail import MailServer  # noqa: E402
from quarter_world import (  # noqa: E402
    BEGIN,
    DAY,
    EPILOGUE,
    HOUR,
    TROUBLES,
    Paper,
    Piece,
    Span,
    World,
    plan,
    some_spans,
    without,
)

from archive.edition import publish  # noqa: E402
from archive.run import health  # noqa: E402
from archive.run.due import due_sources  # noqa: E402
from archive.run.readers import InlineReaders  # noqa: E402
from archive.run.update import run_pass  # noqa: E402
from archive.settings import ArchiveSettings, DigestSettings, MailSettings, PassSettings, Settings  # noqa: E402
from archive.store import Archive  # noqa: E402
from scraper.errors import PageError, PresswatchError  # noqa: E402
from scraper.model import Article  # noqa: E402
from scraper.read import Document, Reader  # noqa: E402
from scraper.settings.values import parse_duration  # noqa: E402

TICK = timedelta(minutes=30)
READERS = ("ada@reader.example", "bo@reader.example", "cyd@reader.example")
_AGENT = "presswatch-quarter/1 (+mailto:quarter@desk.test)"
_DIGEST_AT = time(6)
_MARK = re.compile(r"zq\d{6,}")
# Statements of a pass, and requests, after which it may be killed.
_MOST_STATEMENTS, _MOST_REQUESTS = 600, 40


# What `watch` says of a pass that it makes on schedule.
_AS_WATCHED: dict[str, Any] = {"sparing": True} if "sparing" in inspect.signature(run_pass).parameters else {}


class Killed(KeyboardInterrupt):
    """The end of a process, as far as one process can act it: asyncio lets this one through at once."""


@dataclass(slots=True)
class Fuse:
    """
    What ends a pass after so many statements, or so many requests; once it has, nothing is written
    any more.

    Args:
        at_death: Called at the very moment, before anything is rolled back or closed.
        statement_count: Statements so far.
    """

    statements: int | None = None
    requests: int | None = None
    is_burnt: bool = False
    at_death: Callable[[], None] = lambda: None
    statement_count: int = 0

    def statement(self) -> None:
        """One more statement."""
        if self.is_burnt:
            raise sqlite3.OperationalError("this process is dead")
        self.statement_count += 1
        if self.statements is not None:
            self.statements -= 1
            if self.statements < 0:
                self._burn()

    def request(self) -> None:
        """One more request."""
        if self.is_burnt:
            raise OSError("this process is dead")
        if self.requests is not None:
            self.requests -= 1
            if self.requests < 0:
                self._burn()

    def _burn(self) -> None:
        self.is_burnt = True
        self.at_death()
        raise Killed


class _Mortal:
    """A SQLite connection that a fuse is laid to."""

    def __init__(self, connection: sqlite3.Connection, fuse: Fuse) -> None:
        self._connection, self._fuse = connection, fuse

    def execute(self, *words: Any) -> sqlite3.Cursor:  # noqa: ANN401
        self._fuse.statement()
        return self._connection.execute(*words)

    def executemany(self, *words: Any) -> sqlite3.Cursor:  # noqa: ANN401
        self._fuse.statement()
        return self._connection.executemany(*words)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._connection, name)


class _Readers(InlineReaders):
    """Reads a page that comes again unchanged only once: the same bytes give the same article."""

    def submit(self, job: Document) -> Future[Article]:
        """The page, read."""
        future: Future[Article] = Future()
        try:
            future.set_result(_read_once(job))
        except PageError as error:
            future.set_exception(error)
        return future


_read_once = lru_cache(maxsize=2000)(Reader().read)


@dataclass(slots=True)
class Nights:
    """When the mail server is down and how, who is refused when, and when the machine is off."""

    down: list[tuple[Span, str]]
    refused: dict[str, Span]
    off: list[Span]
    kills: list[datetime]

    def state(self, at: datetime) -> str:
        """How the mail server does then."""
        return next((how for span, how in self.down if at in span), "up")

    def refuses(self, reader: str, at: datetime) -> bool:
        """Whether it takes nothing for a reader then."""
        return reader in self.refused and at in self.refused[reader]


def plan_nights(seed: int, days: int, kills: int) -> Nights:
    """The mail server's nights, the machine's and the killer's."""
    dice = Random(f"{seed}/nights")  # noqa: S311
    down = []
    for day in range(1, days):
        if dice.random() < 1 / 3:
            start = BEGIN + day * DAY + dice.uniform(0, 5) * HOUR
            length = dice.choice((7, 9, 14, 32)) * HOUR
            down.append((Span(start, start + length), dice.choice(("hangs up", "421", "451"))))
    refused_from = BEGIN + days * dice.uniform(0.3, 0.6) * DAY
    refused = {READERS[1]: Span(refused_from, refused_from + min(6.0, days / 5) * DAY)}
    off = some_spans(dice, days, 1, 5 * HOUR, 70 * HOUR) if days >= 8 else []
    return Nights(down, refused, off, sorted(BEGIN + dice.uniform(0.1, days) * DAY for _ in range(kills)))


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that lasted a day, by what `check` must call it."""

    kind: str
    name: str
    span: Span

    def is_named(self, finding: health.Finding) -> bool:
        """Whether a finding of `check` is about it."""
        said = f"{finding.what} {finding.detail}"
        if finding.is_well:
            return False
        if self.kind == "reader refused":
            return self.name in said
        if self.kind == "mail down":
            return bool(re.search("mail|deliver|reader", said, re.IGNORECASE))
        if self.kind == "no digest":
            return bool(re.search("digest", said, re.IGNORECASE))
        return self.name in said or self.name.lower().replace(" ", "") in said


@dataclass(slots=True)
class Desk:
    """
    The reader's machine: passes, digests and checks as `presswatch watch` and `presswatch check`
    make them.
    """

    world: World
    settings: Settings
    nights: Nights
    dice: Random
    now: datetime = BEGIN
    kill_count: int = 0
    failed_digests: list[str] = field(default_factory=list)
    crashes: Counter[str] = field(default_factory=Counter)
    pass_count: int = 0
    seconds: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Count the real time that something takes."""
        started = wall.perf_counter()
        yield
        self.seconds[name] += wall.perf_counter() - started

    def make_pass(self, fuse: Fuse) -> bool:
        """One pass over what is due; False where the process was killed."""
        clock = FakeClock(self.now)
        self.world.clock = clock
        self.world.before_answer = fuse.request
        with Archive.open(self.settings.archive.database, write=True) as archive, self.timed("passes"):
            due = due_sources(archive, self.settings.sources, self.now, self.settings.digest.timezone)
            archive.save_sources(self.settings.sources)
            lay(fuse, archive)
            try:
                if due:
                    self.pass_count += 1
                    run_or_die(self._run(archive, due, clock))
                self._note(publish.deliver_waiting(archive, self.settings, max(self.now, clock.now())))
            except Killed:
                self.kill_count += 1
                return False
            finally:
                self.now = max(self.now, clock.now())
        return True

    async def _run(self, archive: Archive, due: tuple[Any, ...], clock: FakeClock) -> None:
        async with self.world.client(self.settings.fetch) as client:
            await run_pass(
                archive,
                self.settings,
                due,
                client=client,
                clock=clock,
                readers=_Readers(),
                random=Random(self.pass_count),  # noqa: S311
                **_AS_WATCHED,
            )

    def make_digests(self, fuse: Fuse) -> bool:
        """The digests that are due, to files and readers; False where the process was killed."""
        with Archive.open(self.settings.archive.database, write=True) as archive, self.timed("digests"):
            lay(fuse, archive)
            try:
                for made in publish.make_due(archive, self.settings, self.now):
                    self._note(made.delivered)
            except Killed:
                self.kill_count += 1
                return False
            except PresswatchError as error:
                self.failed_digests.append(str(error))
        return True

    def _note(self, delivered: publish.Delivered) -> None:
        self.failed_digests += delivered.problems

    def check(self) -> tuple[health.Finding, ...]:
        """What `presswatch check` says now."""
        with self.timed("checks"):
            return health.check_all(self.settings, self.now)


def run_or_die(work: Coroutine[Any, Any, None]) -> None:
    """Run *work* to its end, or until it is killed; then nothing of it is left either."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.set_exception_handler(lambda *_: None)  # that a task was killed is no news
        # A task group raises `Killed` again when it is cancelled: as often as there are groups.
        while tasks := asyncio.all_tasks(loop):
            for task in tasks:
                task.cancel()
            with suppress(Killed, asyncio.CancelledError):
                loop.run_until_complete(asyncio.wait(tasks))
        loop.close()


def lay(fuse: Fuse, archive: Archive) -> None:
    """Let *fuse* burn with every statement of *archive*."""
    archive._connection = _Mortal(archive._connection, fuse)  # type: ignore[assignment]  # noqa: SLF001


def troubles_of(papers: Iterable[Paper], nights: Nights, end: datetime) -> list[Trouble]:
    """What the plan has that lasts a day on end, before *end*, while the machine is on."""
    found = [
        Trouble(fault.kind, paper.source.title, fault.span)
        for paper in papers
        for fault in paper.faults
        if fault.kind in TROUBLES
    ]
    found += [Trouble("reader refused", reader, span) for reader, span in nights.refused.items()]
    found += [Trouble("mail down", "", span) for span, _ in nights.down]
    holes = [*nights.off, Span(end, datetime.max.replace(tzinfo=UTC))]
    seen = (replace(one, span=part) for one in found for part in without(one.span, holes))
    return [one for one in seen if one.span.length >= DAY + 2 * HOUR]


def simulate(desk: Desk, papers: tuple[Paper, ...], end: datetime) -> dict[str, Any]:
    """
    Live through the quarter and its epilogue; gives what `check` named, and what it named without a
    cause.
    """
    nights, dice = desk.nights, desk.dice
    troubles = troubles_of(papers, nights, end)
    looks: dict[datetime, list[Trouble]] = defaultdict(list)
    for trouble in troubles:
        looks[trouble.span.start + DAY + HOUR].append(trouble)
        looks[trouble.span.end - HOUR].append(trouble)
    to_come = sorted(looks)
    named: dict[Trouble, datetime | None] = dict.fromkeys(troubles)
    false_alarms: Counter[str] = Counter()
    kills = list(nights.kills)
    tick = BEGIN
    while tick < end:
        tick += TICK
        if tick.time() == time():
            print(f"{tick:%d %B}", end=" \r", file=sys.stderr, flush=True)
        if any(tick in span for span in nights.off):
            continue
        desk.now = max(desk.now, tick)
        fuse = Fuse()
        if kills and kills[0] <= tick:
            fuse = (
                Fuse(statements=dice.randrange(_MOST_STATEMENTS))
                if dice.random() < 0.6
                else Fuse(requests=dice.randrange(_MOST_REQUESTS))
            )
        is_alive = desk.make_pass(fuse)
        is_alive = is_alive and desk.make_digests(fuse)
        if not is_alive:
            kills.pop(0)
        while to_come and to_come[0] <= desk.now:
            due = looks[to_come.pop(0)]
            findings = desk.check()
            for trouble in due:
                if named[trouble] is None and any(trouble.is_named(finding) for finding in findings):
                    named[trouble] = desk.now
            for alarm in _false_alarms(findings, papers, desk.now, nights):
                false_alarms[alarm] += 1
    return {"named": named, "false alarms": false_alarms, "kills left": len(kills)}


def _false_alarms(
    findings: Iterable[health.Finding], papers: Iterable[Paper], now: datetime, nights: Nights
) -> Iterator[str]:
    """Sources that are named although nothing has gone wrong with them for two days."""
    lately = [Span(now - 2 * DAY, now)]
    if any(_meets(span, lately) for span in nights.off):
        return
    for paper in papers:
        is_ill = any(_meets(fault.span, lately) for fault in paper.faults)
        for finding in findings:
            said = f"{finding.what} {finding.detail}"
            if not is_ill and not finding.is_well and paper.source.title in said:
                yield re.sub(r"[\d:-]{8,}[\d:TZ]*|zq\d+|\d+", "N", said)[:110]


def _meets(span: Span, others: Iterable[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


# ---------------------------------------------------------------- judging


def judge(
    desk: Desk, papers: tuple[Paper, ...], server: MailServer, seen: dict[str, Any], end: datetime
) -> dict[str, Any]:
    """The table, and every miss with what stood in its way."""
    connection = sqlite3.connect(f"file:{desk.settings.archive.database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        had = _had(connection)
        expected: dict[str, str] = {}
        missing: list[str] = []
        causes: Counter[str] = Counter()
        uncorrected: list[str] = []
        correction_count = 0
        for paper in papers:
            every = parse_duration(paper.source.schedule)
            for number, piece in enumerate(paper.pieces):
                way = paper.why_to_be_had(number, end - HOUR, desk.nights.off, every)
                if way is None:
                    continue
                expected[piece.mark] = way
                if piece.mark not in had:
                    cause = _cause(connection, paper, piece.mark)
                    causes[cause] += 1
                    missing.append(f"{piece.mark} ({way}): {cause}; faults: {_faults_of(paper, number, end)}")
                elif _must_be_corrected(paper, piece, desk.nights, end):
                    correction_count += 1
                    if not had[piece.mark]["is_corrected"]:
                        uncorrected.append(piece.mark)
        # In a sitemap nothing tells that a page at a new address is the same: there it is a
        # duplicate.
        with_guids = {piece.mark for paper in papers if paper.form != "sitemap" for piece in paper.pieces}
        twice = [mark for mark, article in had.items() if len(article["ids"]) > 1 and mark in with_guids]
        half = [mark for mark, article in had.items() if not article["is_whole"]]
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        connection.close()
    # What a source told before its first visit may stand in no digest.
    told = _told(server, had, {piece.mark for paper in papers for piece in paper.pieces if piece.born_at >= BEGIN}, end)
    named = seen["named"]
    unnamed = [trouble for trouble, at in named.items() if at is None]
    return {
        "sources": len(papers),
        "articles planned": sum(len(paper.pieces) for paper in papers),
        "passes": desk.pass_count,
        "requests": desk.world.request_count,
        "kills": desk.kill_count,
        "could be had": len(expected),
        "archived of those": len(expected) - len(missing),
        "missing": len(missing),
        "archived twice": len(twice),
        "archived in part": len(half),
        "corrections": correction_count,
        "corrections not seen": len(uncorrected),
        "integrity": sound,
        "told once, each reader": told["once"],
        "never told": len(told["never"]),
        "told twice": len(told["twice"]),
        "mails taken": len(server.mails),
        "troubles of a day": len(named),
        "named by check": len(named) - len(unnamed),
        "named without a cause": sum(seen["false alarms"].values()),
        "asked before Retry-After was over": sum(desk.world.asked_too_early.values()),
        "seconds": {name: round(spent, 1) for name, spent in desk.seconds.items()},
        "misses": {
            "missing, by cause": dict(causes.most_common()),
            "missing": missing,
            "archived twice": twice,
            "archived in part": half,
            "corrections not seen": uncorrected,
            "never told": told["never"],
            "told twice": told["twice"],
            "not named": [
                f"{one.kind} {one.name}: {one.span.start:%m-%d %H:%M} to {one.span.end:%m-%d %H:%M}" for one in unnamed
            ],
            "named without a cause": dict(seen["false alarms"].most_common(20)),
            "digests that failed": dict(Counter(re.sub(r"\d+", "N", said) for said in desk.failed_digests)),
            "asked before Retry-After was over": desk.world.asked_too_early,
        },
    }


def _had(connection: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    """What the archive holds, by mark."""
    had: dict[str, dict[str, Any]] = {}
    for row in connection.execute("SELECT id, headline, body, first_seen_at FROM articles"):
        text = f"{row['headline']} {row['body']}"
        if found := _MARK.search(text):
            article = had.setdefault(
                found.group(), {"ids": [], "is_corrected": False, "is_whole": False, "first": row["first_seen_at"]}
            )
            article["ids"].append(row["id"])
            article["is_corrected"] |= f"{found.group()}corrected" in row["body"]
            article["is_whole"] |= len(row["body"].split()) > 180
    return had


def _cause(connection: sqlite3.Connection, paper: Paper, mark: str) -> str:
    """Why an article is not there, as far as the archive knows."""
    entry = connection.execute("SELECT * FROM entries WHERE url LIKE ?", (f"%{mark}%",)).fetchone()
    if entry is None:
        checks = connection.execute(
            "SELECT outcome, COUNT(*) FROM source_checks WHERE source = ? GROUP BY 1 ORDER BY 2 DESC",
            (paper.source.name,),
        ).fetchall()
        return "its entry was never seen" if checks else "its source was never visited"
    last = connection.execute(
        "SELECT outcome, reason FROM requests WHERE url LIKE ? ORDER BY id DESC LIMIT 1", (f"%{mark}%",)
    ).fetchone()
    said = re.sub(r"paper\d+|\d\d\d\d-\d\d-\d\d \d\d:\d\d", "…", f"{last['outcome']}: {last['reason']}") if last else ""
    tries = f"{entry['tries']} failed requests" if "tries" in entry.keys() else ""  # noqa: SIM118 - a Row, no dict
    return f"{tries}, the last {said}" if last else f"never asked for ({tries})"


def _faults_of(paper: Paper, number: int, end: datetime) -> str:
    listed = paper.listed_span(number, end)
    meeting = [*paper.faults, *paper.pieces[number].faults]
    return (
        ", ".join(
            f"{fault.kind} {fault.span.start:%m-%d %H:%M}–{fault.span.end:%m-%d %H:%M}"
            for fault in meeting
            if _meets(fault.span, [listed])
        )
        or "none"
    )


def _must_be_corrected(paper: Paper, piece: Piece, nights: Nights, end: datetime) -> bool:
    """Whether an article was corrected, and nothing wrong with its source in the day and a half after."""
    if piece.corrected_at is None:
        return False
    after = Span(piece.corrected_at, piece.corrected_at + 1.5 * DAY)
    is_ill = any(_meets(span, [after]) for span in (*nights.off, *(fault.span for fault in paper.faults)))
    return after.end < end and not is_ill


def _told(server: MailServer, had: dict[str, dict[str, Any]], marks: set[str], end: datetime) -> dict[str, Any]:
    """How often each reader was told of each article that was there before the last digests."""
    times: Counter[tuple[str, str]] = Counter()
    for mail in server.mails:
        for reader in mail.readers:
            times.update((reader, mark) for mark in mail.told)
    latest = (end - 2 * DAY).isoformat()
    due = [mark for mark, article in had.items() if article["first"] < latest and mark in marks]
    once = sum(times[reader, mark] == 1 for reader in READERS for mark in due)
    never = Counter(reader for reader in READERS for mark in due if not times[reader, mark])
    ids = Counter((mail.message_id, reader) for mail in server.mails for reader in mail.readers)
    return {
        "once": f"{once} of {len(due) * len(READERS)}",
        "never": [f"{reader}: {mark}" for reader in READERS for mark in due if not times[reader, mark]],
        "never by reader": never,
        "twice": [f"{reader}: {mark} {count} times" for (reader, mark), count in times.items() if count > 1],
        "same mail twice": sum(count > 1 for count in ids.values()),
    }


def settings_for(folder: Path, papers: Iterable[Paper], port: int) -> Settings:
    """A configuration as a reader would write it: nothing but the defaults, and three readers."""
    return Settings(
        folder=folder,
        fetch=replace(SETTINGS, user_agent=_AGENT, pace=timedelta(seconds=1), jitter=0.0),
        archive=ArchiveSettings(folder / "archive.db", folder / "warc"),
        passes=PassSettings(reading_workers=0),
        digest=DigestSettings("Quarter", "UTC", _DIGEST_AT, folder / "digests"),
        sources=tuple(paper.source for paper in papers),
        mail=MailSettings("127.0.0.1", port, "none", "desk@reader.example", READERS),
    )


def run(
    folder: Path, *, seed: int, days: int, numbers: Iterable[int], kills: int, until: int | None = None
) -> dict[str, Any]:
    """
    The figures of one quarter.

    Args:
        numbers: Of the sources that are watched.
        until: The quarter ends with this day, and has no epilogue.
    """
    papers, nights = plan(seed, days, numbers), plan_nights(seed, days, kills)
    end = BEGIN + days * DAY + EPILOGUE if until is None else BEGIN + until * DAY
    world = World(papers)
    desks: list[Desk] = []
    with MailServer(
        lambda: desks[0].now,
        lambda: nights.state(desks[0].now),
        lambda reader: nights.refuses(reader, desks[0].now),
    ) as server:
        desks.append(Desk(world, settings_for(folder, papers, server.port), nights, Random(f"{seed}/kills")))  # noqa: S311
        seen = simulate(desks[0], papers, end)
        return judge(desks[0], papers, server, seen, end)


def is_good(figures: dict[str, Any]) -> bool:
    """Whether everything that is promised was kept."""
    return (
        figures["integrity"] == "ok"
        and not any(figures[name] for name in ("missing", "archived twice", "never told", "told twice"))
        and figures["named by check"] == figures["troubles of a day"]
    )


def main() -> None:
    """Simulate, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="40 sources, 90 days, 30 kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int)
    parser.add_argument("--sources", type=int)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--only", type=int, nargs="+", metavar="PAPER", help="the sources of these numbers alone")
    parser.add_argument("--until", type=int, metavar="DAY", help="end with this day of the plan")
    parser.add_argument("--most", type=int, default=20, help="misses of a sort to list (default: 20)")
    parser.add_argument("--keep", type=Path, help="work in this folder and keep it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    days, sources, kills = (90, 40, 30) if options.full else (30, 10, 10)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures = run(
            folder,
            seed=options.seed,
            days=options.days or days,
            numbers=options.only or range(options.sources or sources),
            kills=kills if options.kills is None else options.kills,
            until=options.until,
        )
    if options.json:
        print(json.dumps(figures))
    else:
        _show(figures, options.most)
    sys.exit(0 if is_good(figures) else 1)


def _show(figures: dict[str, Any], most: int) -> None:
    for name, value in figures.items():
        if name != "misses":
            print(f"{name:>34}  {value}")
    for name, misses in figures["misses"].items():
        if misses:
            print(f"\n{name}:")
            lines = [f"{count} × {what}" for what, count in misses.items()] if isinstance(misses, dict) else misses
            print("\n".join(f"  {line}" for line in lines[:most]))
            if len(lines) > most:
                print(f"  … and {len(lines) - most} more")


if __name__ == "__main__":
    main()
