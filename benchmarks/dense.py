#!/usr/bin/env python3
"""
What does it cost to put an article into a story, where few are told a day and where many are?

    python benchmarks/dense.py [--a-day 2000,8000,32000] [--days 3] [--new 1000]
    python benchmarks/dense.py --records ../shared/corpus/stories-dev.jsonl.gz

The first form makes an archive for each density: so many short articles a day, invented as in
`million.py`, on events of one to eight reports within a day and a half, each with words of its own.
All but the last ones are in stories already; these are placed (`archive/run/stories.py`), in a
process of its own. Printed are, for each of them: milliseconds of CPU time, thousands of steps of
SQLite's machine, and rows of articles that were read; the memory that it took; and how well the new
ones were put together with each other and with what was there (F1 of pairs).

Beside them *first*: what it takes once to note by which words the articles of a day are found, for
each of these.

The second form puts the dated records of a file into an archive and places them, once among all of
the days around them, and once among those that are found by their words: what is lost by that.
Stories are provisional, that is: not yet grouped anew by a night.
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import comb
from multiprocessing import get_context
from pathlib import Path

from million import NOW, steps_of, word
from stories import Record, read_records, report_of, score

from archive.run import stories
from archive.store import Archive
from scraper.model import Source

_DAY = timedelta(days=1)
_WORDS = 20_000  # that are read every day
_COMMON, _OWN, _SAID = 100, 14, 9  # words of a text; of an event; of these in each text
_LONGEST = timedelta(hours=36)
_MOST_REPORTS = 8


@dataclass(frozen=True, slots=True)
class Told:
    """An invented article."""

    at: datetime
    event: int
    headline: str
    body: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Cost:
    """What was measured: of each article, and of the process."""

    a_day: int
    around: int
    milliseconds: float
    steps: float
    rows: float
    megabytes: float
    first: float
    f1: float


def invent(a_day: int, days: int, seed: int = 1) -> list[Told]:
    """Articles of some days until `NOW`, in their order."""
    dice = random.Random(seed)  # noqa: S311 - texts, not keys
    common = [word(rank) for rank in range(_WORDS)]
    found: list[Told] = []
    event = 0
    while len(found) < a_day * days:
        begin = NOW - _DAY * days * dice.random()
        own = [word(_WORDS + dice.randrange(2_000_000)) for _ in range(_OWN)]
        for _ in range(dice.randint(1, _MOST_REPORTS)):
            said = dice.sample(own, _SAID)
            texts = [common[int(_WORDS ** dice.random()) - 1] for _ in range(_COMMON)]
            at = min(begin + _LONGEST * dice.random() ** 2, NOW)
            headline = " ".join((*said[:3], *texts[:4]))
            found.append(Told(at, event, headline, " ".join(dice.sample([*said, *texts], len(said) + len(texts)))))
        event += 1
    return sorted(found, key=lambda one: one.at)


def write(archive: Archive, articles: Sequence[Told], story_count: int = 0, first_id: int = 1) -> None:
    """Put articles into an archive, of which the first *story_count* are in the stories of their events."""
    archive.save_sources([Source("s", "Source", "https://s.example/", feeds=("https://s.example/rss",))])
    connection = archive._connection  # noqa: SLF001 - rows are written past the store, a thousand times as fast
    with archive.transaction():
        connection.executemany(
            "INSERT INTO articles (id, url_key, url, found_url, source, headline, byline, published_at, language, "
            "access_status, complete, word_count, body, body_digest, first_seen_at, last_seen_at, cluster_id, is_lead, "
            "access_numbers) VALUES (?1, ?2, ?2, ?2, 's', ?3, '', ?4, ?6, 'free', 1, 100, ?5, ?1, ?4, ?4, ?1, 1, '{}')",
            (
                (n, f"https://s.example/{n}", one.headline, f"{one.at:%Y-%m-%dT%H:%M:%SZ}", one.body, one.language)
                for n, one in enumerate(articles, first_id)
            ),
        )
        placed = list(enumerate(articles[:story_count], 1))
        connection.executemany("INSERT OR IGNORE INTO stories (id) VALUES (?)", ((one.event + 1,) for _, one in placed))
        connection.executemany(
            "INSERT INTO story_articles VALUES (?, ?, ?, 0, 1)",
            ((n, one.event + 1, f"{one.at:%Y-%m-%dT%H:%M:%SZ}") for n, one in placed),
        )


def labels_of(connection: sqlite3.Connection) -> dict[int, int]:
    """The story of each article."""
    return dict(map(tuple, connection.execute("SELECT article_id, story_id FROM story_articles")))


def f1_of(articles: Sequence[Told], found: dict[int, int], new: set[int]) -> float:
    """F1 of the pairs that a new article is in."""

    def pairs(groups: Iterable[Sequence[int]]) -> int:
        return sum(comb(len(ids), 2) - comb(sum(one not in new for one in ids), 2) for ids in groups)

    wanted: dict[int, list[int]] = defaultdict(list)
    given: dict[int, list[int]] = defaultdict(list)
    both: dict[tuple[int, int], list[int]] = defaultdict(list)
    for article_id, story in found.items():
        event = articles[article_id - 1].event
        wanted[event].append(article_id)
        given[story].append(article_id)
        both[event, story].append(article_id)
    total = pairs(wanted.values()) + pairs(given.values())
    return 2 * pairs(both.values()) / total if total else 1.0


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


class _Counted(Archive):
    """An archive that counts the articles that are read."""

    read_count = 0

    def story_articles(self, ids: Sequence[int]) -> tuple[object, ...]:  # type: ignore[override]
        found = super().story_articles(ids)
        self.read_count += len(found)
        return found

    def story_window(self, since: datetime, until: datetime) -> tuple[object, ...]:  # type: ignore[override]
        found = super().story_window(since, until)
        self.read_count += len(found)
        return found


def measure(a_day: int, days: int, new: int) -> Cost:
    """One density."""
    articles = invent(a_day, days)
    before = len(articles) - new
    with tempfile.TemporaryDirectory() as folder, _Counted.open(Path(folder) / "a.db", write=True) as archive:
        write(archive, articles, before)
        since = articles[0].at
        # A first article makes what is made once for each day.
        begin = time.process_time()
        if archive.told_count(since, NOW + _DAY, stories._MOST_COUNTED) > stories.MOST_AROUND:  # noqa: SLF001
            with archive.transaction():
                stories._keep_words_of_days(archive, (NOW - _DAY * 9).date(), (NOW + _DAY * 9).date())  # noqa: SLF001
        first = (time.process_time() - begin) * 1000 / before
        archive.read_count, at_first, begin = 0, _megabytes(), time.process_time()
        with steps_of(archive._connection) as steps:  # noqa: SLF001
            stories.place_articles(archive, new)
        spent = (time.process_time() - begin) * 1000 / new
        found = labels_of(archive._connection)  # noqa: SLF001
        f1 = f1_of(articles, found, set(range(before + 1, len(articles) + 1)))
        return Cost(a_day, before, spent, steps[0] / new, archive.read_count / new, _megabytes() - at_first, first, f1)


def print_densities(densities: Iterable[int], days: int, new: int) -> None:
    """A row each."""
    print(f"{'a day':>8}{'around':>9}{'ms':>8}{'k steps':>9}{'rows':>7}{'MB':>7}{'first, ms':>11}{'F1':>7}   of each")
    for a_day in densities:
        with get_context("spawn").Pool(1) as pool:  # of its own memory
            one = pool.apply(measure, (a_day, days, new))
        print(
            f"{one.a_day:>8,}{one.around:>9,}{one.milliseconds:>8.1f}{one.steps:>9.2f}{one.rows:>7.1f}"
            f"{one.megabytes:>7.0f}{one.first:>11.2f}{one.f1:>7.3f}",
            flush=True,
        )


def print_records(path: Path) -> None:
    """Both ways of placing the records of a file: each day among all that came before."""
    records = [one for one in read_records(path) if one.get("published")]
    records.sort(key=lambda one: (_time_of(one), one["id"]))
    for name, most in (("all around", 1 << 60), ("found by words", 0)):
        begin, first_id = time.process_time(), 1
        with tempfile.TemporaryDirectory() as folder, _Counted.open(Path(folder) / "a.db", write=True) as archive:
            for _, day in groupby(records, key=lambda one: _time_of(one).date()):
                told = [
                    Told(_time_of(one), 0, one["title"], one["text"], report_of(one).language or "und") for one in day
                ]
                write(archive, told, first_id=first_id)
                stories.place_articles(archive, len(told), most_around=most)
                first_id += len(told)
            labels = labels_of(archive._connection)  # noqa: SLF001
            read = archive.read_count / len(records)
        f1, cubed = score(records, {records[at - 1]["id"]: story for at, story in labels.items()})
        spent = (time.process_time() - begin) * 1000 / len(records)
        print(
            f"{name:16}{len(records):>7,} records  F1 {f1:.3f}  B-cubed {cubed:.3f}  {read:.1f} rows, {spent:.1f} ms",
            flush=True,
        )


def _time_of(record: Record) -> datetime:
    return (report_of(record).told_at or NOW).astimezone(UTC)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--a-day", default="2000,8000,32000")
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--new", type=int, default=1000)
    parser.add_argument("--records", type=Path)
    options = parser.parse_args()
    if options.records:
        print_records(options.records)
    else:
        print_densities(map(int, options.a_day.split(",")), options.days, options.new)
