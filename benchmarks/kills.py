#!/usr/bin/env python3
"""
Whenever presswatch is killed: is the archive in the end as if it had not been?

    python benchmarks/kills.py [--kills 200] [--seed N] [--days 2] [--sources 4] [--json]

The web of `quarter_world.py` is lived through once undisturbed, passes and nightly digests. Then,
for each kill, once more up to a point (any SQL statement or any request of any pass or digest,
spread evenly over all of them), where the process ends: the files are taken as they lie at that
moment, half-written transactions in the WAL included, of every third the raw responses cut in the
middle of the record that was being written. From these files it goes on: the step that was cut off
is made again, then all that follow. Then the archive must hold the same as the undisturbed one, and
readers must have been told the same.

Not compared, because they must differ: ids, times at which we looked, the order in a digest and the
night of it, which go by them, the tables of visits (passes, requests, source_checks, listings,
changes) and the shadow tables of the full-text index. References are compared by what they refer
to. `replay.py --kill` does the same with SIGKILL on real processes. Exit code 1 when an archive
differs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from quarter import BEGIN, DAY, HOUR, Desk, Fuse, MailServer, Nights, World, plan, settings_for
from quarter_mail import Mail
from quarter_world import Fault, Paper, Span

# A table of what was asked has a row for each time it was asked.
# So has the log that the public view goes by, which names rows by their ids.
_VISITS = frozenset({"passes", "requests", "source_checks", "listings", "changes", "_sqlite_migrations"})
# In which night's edition an article stands may differ by a night: a page that is waited for may
# fall due just then.
_NIGHTS = frozenset({"editions", "edition_records", "deliveries"})
_ORDER = frozenset({("edition_items", name) for name in ("edition_id", "position", "story")})
_OWN_TIMES = frozenset({"published_at", "updated_at"})
# What a row is known by, where others refer to it.
_KNOWN_BY = {
    "articles": "url_key",
    "revisions": "(SELECT url_key FROM articles WHERE id = article_id) || ' ' || number",
    "captures": "url || ' ' || digest",
    "stories": """(
        SELECT MIN(url_key) FROM articles JOIN story_articles ON article_id = articles.id WHERE story_id = t.id
    )""",
}
_EVERY = 4 * HOUR


@dataclass(slots=True)
class History:
    """The steps of a life: passes, and each morning a digest."""

    desk: Desk
    server: MailServer
    folder: Path
    steps: list[tuple[str, datetime]] = field(default_factory=list)

    def live(self, number: int, fuse: Fuse) -> bool:
        """One step; False where the process was killed."""
        name, at = self.steps[number]
        self.desk.now = max(self.desk.now, at)
        return self.desk.make_digests(fuse) if name == "digest" else self.desk.make_pass(fuse)


def settled(papers: Iterable[Paper]) -> Iterator[Paper]:
    """
    The papers, with all that happens halfway between two steps: a step that is made again finds the
    same web.
    """

    def halfway(at: datetime | None) -> datetime | None:
        return at and BEGIN + (at - BEGIN) // _EVERY * _EVERY + _EVERY / 2

    def moved(faults: Iterable[Fault]) -> tuple[Fault, ...]:
        return tuple(
            replace(fault, span=Span(halfway(fault.span.start), halfway(fault.span.end) + _EVERY)) for fault in faults
        )

    for paper in papers:
        pieces = tuple(
            replace(
                piece,
                born_at=halfway(piece.born_at) + timedelta(milliseconds=number),
                faults=moved(piece.faults),
                corrected_at=halfway(piece.corrected_at),
                renamed_at=halfway(piece.renamed_at),
            )
            for number, piece in enumerate(paper.pieces)
        )
        yield replace(paper, faults=moved(paper.faults), pieces=pieces)


def steps_of(days: int) -> list[tuple[str, datetime]]:
    """When what is made."""
    steps = []
    at = BEGIN
    while at < BEGIN + days * DAY:
        steps.append(("pass", at))
        if at.hour == 8:
            steps.append(("digest", at + HOUR))
        at += _EVERY
    # What came last is told as well.
    for _ in range(2):
        steps += [("pass", at + 2 * _EVERY), ("digest", at + 2 * _EVERY + HOUR)]
        at += DAY
    return steps


def content(database: Path) -> dict[str, Counter[str]]:
    """What an archive holds, by table: rows without what must differ between two lives."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        tables = [
            name
            for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            if name not in _VISITS | _NIGHTS
            and "VIRTUAL" not in (sql or "")
            and not name.startswith(("sqlite_", "articles_fts"))
        ]
        return {table: _rows(connection, table) for table in tables}
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: str) -> Counter[str]:
    refers = {row[3]: row[2] for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
    columns = []
    for row in connection.execute(f"PRAGMA table_info({table})"):
        column = row[1]
        target = refers.get(column)
        if target in _VISITS or (table, column) in _ORDER:
            continue
        if target in _KNOWN_BY:
            known_by = _KNOWN_BY[target]
            columns.append(f"(SELECT {known_by} FROM {target} AS t WHERE t.id = {table}.{column})")  # noqa: S608
        elif column == "cluster_id":
            columns.append(f"(SELECT MIN(url_key) FROM articles AS t WHERE t.cluster_id = {table}.cluster_id)")  # noqa: S608
        elif column == "article_id":
            columns.append(f"(SELECT url_key FROM articles AS t WHERE t.id = {table}.{column})")  # noqa: S608
        elif column != "id" and (not column.endswith("_at") or column in _OWN_TIMES) and not column.startswith("warc_"):
            columns.append(column)
    if not columns:
        return Counter()
    if table == "captures":  # one that was made again is the same twice
        columns = ["DISTINCT url", "digest"]
    return Counter(map(repr, connection.execute(f"SELECT {', '.join(columns)} FROM {table}")))  # noqa: S608 - our names


def difference(one: dict[str, Counter[str]], other: dict[str, Counter[str]]) -> list[str]:
    """Rows that only one of two archives has."""
    found = []
    for table in sorted({*one, *other}):
        lacking, extra = (
            one.get(table, Counter()) - other.get(table, Counter()),
            other.get(table, Counter()) - one.get(table, Counter()),
        )
        found += [f"{table} lacks {row[:160]}" for row in lacking]
        found += [f"{table} has {row[:160]}" for row in extra]
    return found


def told(mails: list[Mail]) -> Counter[str]:
    """What each reader was told, in words; the same mail twice is once."""
    once = {(mail.message_id, mail.readers): mail for mail in mails}
    return Counter(
        f"{reader} {mark}" for mail in once.values() for reader in mail.readers for mark in mail.told | mail.told_again
    )


def tear(warc: Path, database: Path, dice: Random) -> bool:
    """
    Cut the newest file of raw responses in the middle of what no row points at; False where there
    is nothing.
    """
    newest = max(warc.glob("*"), key=lambda path: path.name, default=None)
    if newest is None:
        return False
    connection = sqlite3.connect(database)
    pointed = connection.execute(
        "SELECT COALESCE(MAX(warc_offset + warc_length), 0) FROM captures WHERE warc_file = ?", (newest.name,)
    ).fetchone()[0]
    connection.close()
    size = newest.stat().st_size
    if size <= pointed + 1:
        return False
    with newest.open("r+b") as file:
        file.truncate(dice.randrange(pointed + 1, size))
    return True


def run(folder: Path, *, seed: int, kills: int, days: int, sources: int) -> dict[str, Any]:
    """The figures of so many kills."""
    work, dice = folder / "work", Random(f"{seed}/kills")  # noqa: S311
    world = World(settled(plan(seed, days, range(sources))))
    desks: list[Desk] = []
    with MailServer(lambda: desks[0].now, lambda: "up", lambda _: False) as server:
        settings = settings_for(work, world.papers, server.port)
        desks.append(Desk(world, settings, Nights([], {}, [], []), dice))
        history = History(desks[0], server, work, steps_of(days))
        sizes: list[tuple[int, int]] = []
        mails: list[int] = []
        work.mkdir(parents=True)
        for number in range(len(history.steps)):
            shutil.copytree(work, folder / f"before-{number}")
            mails.append(len(server.mails))
            asked, fuse = world.request_count, Fuse()
            history.live(number, fuse)
            sizes.append((fuse.statement_count, world.request_count - asked))
        expected, expected_mails = content(settings.archive.database), list(server.mails)
        points = _points(sizes, kills)
        differing: list[str] = []
        torn = again = 0
        by_step: Counter[str] = Counter()
        for place, (number, kind, count) in enumerate(points):
            shutil.rmtree(work)
            shutil.copytree(folder / f"before-{number}", work)
            server.mails[:] = expected_mails[: mails[number]]
            history.desk.now = history.steps[number][1]
            image = folder / "image"
            fuse = Fuse(**{kind: count}, at_death=partial(shutil.copytree, work, image))
            if not history.live(number, fuse):
                by_step[history.steps[number][0]] += 1
                shutil.rmtree(work)
                image.rename(work)
                if place % 3 == 0:
                    torn += tear(work / "warc", settings.archive.database, dice)
                history.live(number, Fuse())
            for later in range(number + 1, len(history.steps)):
                history.live(later, Fuse())
            wrong = difference(expected, content(settings.archive.database))
            wrong += [f"mails lack {one}" for one in told(expected_mails) - told(server.mails)]
            wrong += [f"mails have {one}" for one in told(server.mails) - told(expected_mails)]
            again += len(server.mails) > len(expected_mails)
            if wrong:
                step, at = history.steps[number]
                where = f"{step} of {at:%m-%d %H:%M}, {kind} {count}"
                differing.append(f"{where}: {len(wrong)} differences, such as: {wrong[0]}")
    return {
        "kills": sum(by_step.values()),
        "in": dict(by_step),
        "raw responses torn": torn,
        "statements and requests of the undisturbed life": [
            sum(size[0] for size in sizes),
            sum(size[1] for size in sizes),
        ],
        "articles": sum(expected["articles"].values()),
        "rows compared": sum(sum(rows.values()) for rows in expected.values()),
        "archives that differ": len(differing),
        "lives in which a mail was sent twice": again,
        "differing": differing,
    }


def _points(sizes: list[tuple[int, int]], kills: int) -> list[tuple[int, str, int]]:
    """
    Step, kind and number of each kill: three of four at a statement, the others at a request, all
    spread evenly.
    """
    places = {
        "statements": [(number, n) for number, size in enumerate(sizes) for n in range(size[0])],
        "requests": [(number, n) for number, size in enumerate(sizes) for n in range(size[1])],
    }
    counts = {"statements": kills - kills // 4, "requests": kills // 4}
    return [
        (*(place := places[kind][(2 * n + 1) * len(places[kind]) // (2 * count)])[:1], kind, place[1])
        for kind, count in counts.items()
        for n in range(count)
    ]


def main() -> None:
    """Kill, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--sources", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = run(Path(folder), seed=options.seed, kills=options.kills, days=options.days, sources=options.sources)
    figures["seconds"] = round(time.monotonic() - started)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            if name != "differing":
                print(f"{name:>48}  {value}")
        print("\n".join(f"  {line}" for line in figures["differing"]))
    sys.exit(1 if figures["archives that differ"] else 0)


if __name__ == "__main__":
    main()
