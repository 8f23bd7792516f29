"""
What grows with the archive: the same questions put to an archive of ten thousand short articles and to
one of a million.

    python benchmarks/million.py --counts 10000,1000000 --folder /tmp/million

The articles are made by SQL, with the rows that a pass writes: text, address, version, a block,
fingerprint with its runs, story. Their words are invented and as frequent as words are (Zipf); one
report in a hundred is the wire's, with copies at other outlets. The archives stay in the folder, and
are used again.

    python benchmarks/million.py --whole --counts 20000,200000

What passes the whole archive by (check, reread, a prune of half of it, export) cannot cost the same:
with `--whole` its CPU time is printed, which is to grow as the archive does, and the most memory it
takes, which is not to grow. A reread is asked where the pages lie, and reads none.

Each question is asked several times. Printed are milliseconds (the median), and thousands of steps of
SQLite's machine, which nothing else on the machine can change; ratios are of the last archive to the
first.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from archive.judge.duplicates import decide
from archive.judge.fingerprints import VERSION, fingerprint
from archive.settings import RetentionRule
from archive.store import Archive
from scraper.model import Access, AccessStatus, Article, LabelledBlock, Role, Source

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
A_DAY = 500  # articles
SOURCES = 100
_WORDS = 20_000  # of a language that is read every day
_LENGTH = 30  # words of a text
_RUNS = 30  # of a text in the index
_WIRE_EVERY, _COPIES = 100, 5
_NUMBERS = '{"prices": [], "periods": []}'
_STEPS = 1000  # between two calls of the handler
_SEARCHES = 40
_BATCH = 20_000  # articles in one transaction


# ---------------------------------------------------------------- the archive


def word(rank: int) -> str:
    """
    An invented word, of its rank among the frequent ones.

    >>> word(0), word(17), word(7777)
    ('boba', 'zoba', 'bacivu')
    """
    letters, syllables = rank, []
    while letters or len(syllables) < 2:
        letters, consonant = divmod(letters, 18)
        letters, vowel = divmod(letters, 5)
        syllables.append("bcdfghklmnprstvwxz"[consonant] + "oaeiu"[vowel])
    return "".join(syllables)


def fill(archive: Archive, count: int, *, seed: int = 1) -> None:
    """
    Put articles into an empty archive, first seen one after the other until `NOW`.

    What follows an archive (the public view) begins anew: rows are written without being noted.
    """
    archive.save_sources(
        [
            Source(f"s{n}", f"Source {n}", f"https://s{n}.example/", feeds=(f"https://s{n}.example/rss",))
            for n in range(SOURCES)
        ]
    )
    connection = archive._connection  # noqa: SLF001 - rows are written past the store, a thousand times as fast
    connection.execute("PRAGMA synchronous = OFF")
    notes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'changed_*'")
    notes = [tuple(row) for row in notes.fetchall()]
    for name, _ in notes:
        connection.execute(f"DROP TRIGGER {name}")
    begin = NOW - timedelta(days=1) * (count / A_DAY)
    dice = random.Random(seed)  # noqa: S311 - texts, not keys
    words = [word(rank) for rank in range(_WORDS)]
    for start in range(0, count, _BATCH):
        numbers = range(start + 1, min(start + _BATCH, count) + 1)
        with archive.transaction():
            _write(connection, numbers, [_text(dice, words, number) for number in numbers], begin)
    for _, sql in notes:
        connection.execute(sql)
    connection.execute("ANALYZE")


def _text(dice: random.Random, words: Sequence[str], number: int) -> str:
    """Words of which each is half as frequent as the one of half its rank; a rare one that few texts have."""
    drawn = [words[int(_WORDS ** dice.random()) - 1] for _ in range(_LENGTH)]
    return f"{' '.join(drawn)} rare{number % (number // 7 + 1)}"


def _write(connection: sqlite3.Connection, numbers: range, texts: Sequence[str], begin: datetime) -> None:
    at = [f"{begin + timedelta(days=1) / A_DAY * number:%Y-%m-%dT%H:%M:%SZ}" for number in numbers]
    leads = [
        number - number % _WIRE_EVERY if 0 < number % _WIRE_EVERY <= _COPIES and number > _WIRE_EVERY else number
        for number in numbers
    ]
    connection.executemany(
        "INSERT INTO articles (id, url_key, url, found_url, source, headline, byline, published_at, language, "
        "access_status, complete, word_count, body, body_digest, first_seen_at, last_seen_at, revision_id, "
        "cluster_id, is_lead, access_numbers) "
        "VALUES (?1, ?2, ?2, ?2, ?3, ?4, 'Ann Quay', ?5, 'en', ?6, 1, ?7, ?8, ?1, ?5, ?5, ?1, ?9, ?1 = ?9, ?10)",
        (
            (n, f"https://s{n % SOURCES}.example/{n}", f"s{n % SOURCES}", " ".join(text.split()[:6]), when,
             "metered" if n % 10 == 0 else "free", _LENGTH, text, lead, _NUMBERS)
            for n, text, when, lead in zip(numbers, texts, at, leads, strict=True)
        ),
    )  # fmt: skip
    one = [(n,) for n in numbers]
    connection.executemany(
        "INSERT INTO article_urls (url_key, article_id) SELECT url_key, id FROM articles WHERE id = ?", one
    )
    connection.executemany(
        "INSERT INTO captures (id, url, url_key, source, captured_at, status, media_type, digest, warc_file, "
        "warc_offset, warc_length, private) "
        "SELECT id, url, url_key, source, first_seen_at, 200, 'text/html', id, 'w-' || id / 5000 || '.warc.gz', id, 1, "
        "0 FROM articles WHERE id = ?",
        one,
    )
    connection.executemany(
        "INSERT INTO revisions (id, article_id, number, seen_at, headline, word_count, access_status, complete, "
        "capture_id) "
        "SELECT id, id, 1, first_seen_at, headline, word_count, access_status, complete, id FROM articles WHERE id = ?",
        one,
    )
    connection.executemany(
        "INSERT INTO blocks (revision_id, position, role, text, markdown, tag, reason, confidence) "
        "SELECT id, 0, 'body', body, '', 'p', 'test', 1.0 FROM articles WHERE id = ?",
        one,
    )
    connection.executemany(
        "INSERT INTO fingerprints (article_id, version, digest, marks) VALUES (?1, ?2, ?1, zeroblob(160))",
        ((n, VERSION) for n in numbers),
    )
    # Runs of five words are hardly ever shared, but by copies.
    connection.executemany(
        "INSERT OR IGNORE INTO fingerprint_index (run, article_id) VALUES (?, ?)",
        (
            ((lead * 7919 + place * 104_729) * 2_654_435_761 % 2**32 - 2**31, n)
            for n, lead in zip(numbers, leads, strict=True)
            for place in range(_RUNS)
        ),
    )
    connection.executemany("INSERT OR IGNORE INTO stories (id) VALUES (?)", ((n // 3 + 1,) for n in numbers))
    connection.executemany(
        "INSERT INTO story_articles (article_id, story_id, told_at, is_provisional, is_public) "
        "SELECT id, id / 3 + 1, first_seen_at, 0, 1 FROM articles WHERE id = ?",
        one,
    )
    connection.executemany(
        "INSERT INTO cves (article_id, cve) VALUES (?, ?)", ((n, f"CVE-2026-{n}") for n in numbers if n % 20 == 0)
    )


# ---------------------------------------------------------------- the questions


def new_article(number: int) -> Article:
    """An article that says what no other says."""
    text = " ".join(f"new{number}x{n}" for n in range(_LENGTH))
    url = f"https://s1.example/new/{number}"
    return Article(
        url, f"New {number}", (LabelledBlock(Role.BODY, text, "test", 1.0),), Access(AccessStatus.FREE, True)
    )


def decide_and_commit(archive: Archive, number: int) -> None:
    """Take one article in, as a pass does when its page was read."""
    article = new_article(number)
    keys = fingerprint(article.headline, article.body)
    known = archive.known_for(article, keys, found_url=article.url)
    decision = decide(article, known, keys=keys)
    archive.apply(decision, source="s1", found_url=article.url, keys=keys, worn=known.worn, now=NOW)


def queries(seed: int) -> Iterator[str]:
    """What is looked for: frequent words and rare ones, alone and together, and what narrows them."""
    dice = random.Random(seed)  # noqa: S311 - texts, not keys
    while True:
        words = [word(int(_WORDS ** dice.random()) - 1) for _ in range(3)]
        yield words[0]
        yield f"{words[0]} {words[1]}"
        yield f"{words[0]} OR {words[1]}"
        yield f"{words[0]} -{words[2]}"
        yield f'"{words[0]} {words[1]}"'
        yield f"{words[2][:4]}*"


def questions(archive: Archive) -> dict[str, tuple[int, Callable[[int], object]]]:
    """By name: how often each is asked, and what is asked; it is told the how manieth time that is."""
    asked = list(islice(queries(3), _SEARCHES))
    begin = archive.last_revision_id()
    return {
        "search": (len(asked), lambda n: archive.search(asked[n], now=NOW)),
        "search since:7d": (10, lambda n: archive.search(f"{asked[6 * n % _SEARCHES]} since:7d", now=NOW)),
        "search by CVE": (10, lambda n: archive.search(f"cve:CVE-2026-{20 * (n + 1)}", now=NOW)),
        "latest": (5, lambda _: archive.news_behind(begin - A_DAY, NOW)),
        "today": (5, lambda _: archive.news_since(NOW - timedelta(days=1), NOW)),
        "health of sources": (3, lambda _: archive.source_health(NOW)),
        "counts": (3, lambda _: archive.statistics()),
        "prune, nothing old": (2, lambda _: archive.prune([RetentionRule(None, timedelta(days=36_000))], NOW)),
        "prune, counted": (
            2,
            lambda _: archive.prune([RetentionRule("s1", timedelta(days=36_000))], NOW, only_count=True),
        ),
        "export, first hundred": (3, lambda _: list(islice(archive.articles(), 100))),
        "decide and commit": (20, lambda n: decide_and_commit(archive, begin + n)),
    }


def whole(archive: Archive) -> dict[str, Callable[[], object]]:
    """By name: what passes all articles by."""
    begin = archive.first_seen_at() or NOW
    half = [RetentionRule(None, (NOW - begin) / 2)]
    return {
        "check": archive.integrity_check,
        "reread, places": lambda: deque(archive.current_captures(), maxlen=0),
        "export": lambda: deque(archive.articles(), maxlen=0),
        "prune half, dry run": lambda: archive.prune(half, NOW, only_count=True),
        "prune half": lambda: archive.prune(half, NOW),
    }


def measure_whole(archive: Archive) -> dict[str, tuple[float, float]]:
    """By name: seconds, and by how many megabytes memory grew at most."""
    found = {}
    for name, run in whole(archive).items():
        before = _peak()
        begin = time.process_time()
        run()
        found[name] = (time.process_time() - begin, _peak(reset=False) - before)
    return found


def _peak(*, reset: bool = True) -> float:
    """The most memory that this process had since the last reset, in megabytes (proc(5))."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000


@contextmanager
def steps_of(connection: sqlite3.Connection) -> Iterator[list[int]]:
    """Counts the steps of SQLite's machine, in thousands."""
    count = [0]

    def step() -> None:
        count[0] += 1

    connection.set_progress_handler(step, _STEPS)
    try:
        yield count
    finally:
        connection.set_progress_handler(None, 0)


def measure(archive: Archive) -> dict[str, tuple[float, float]]:
    """
    By question: milliseconds and thousands of steps; of the searches what all but one in twenty stay
    below, of the others the median.
    """
    found = {}
    for name, (times, ask) in questions(archive).items():
        spent, steps = [], []
        for n in range(times):
            with steps_of(archive._connection) as count:  # noqa: SLF001
                begin = time.process_time()
                ask(n)
                spent.append((time.process_time() - begin) * 1000)
            steps.append(count[0])
        pick = partial(_percentile, share=0.95) if name == "search" else statistics.median
        found[name] = (pick(spent), pick(steps))
    return found


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def measure_apart(path: Path) -> dict[str, tuple[float, float]]:
    """The same, to be called in a process of its own."""
    with Archive.open(path, write=True) as archive:
        return measure_whole(archive)


def print_whole(counts: Sequence[int], folder: Path) -> None:
    """A row for each, and how much more the last archive takes than the first."""
    found = []
    for count in counts:
        path = folder / f"{count}-whole.db"
        path.unlink(missing_ok=True)  # of one that was stopped
        with Archive.open(path, write=True) as archive:
            fill(archive, count)
        with get_context("spawn").Pool(1) as pool:
            found.append(pool.apply(measure_apart, (path,)))
        for file in folder.glob(f"{path.name}*"):  # half of it was taken away
            file.unlink()
    titles = "".join(f"{count:>12,} s     MB" for count in counts)
    print(f"{'':22}{titles}    s × of {counts[-1] / counts[0]:.0f}")
    for name, first in found[0].items():
        row = "".join(f"{one[name][0]:>14.1f}{one[name][1]:>7.0f}" for one in found)
        print(f"{name:22}{row}{found[-1][name][0] / max(first[0], 0.01):>8.1f}", flush=True)


def main() -> None:
    """Make the archives that are not there yet, ask, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--counts", default="10000,1000000")
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "presswatch-million")
    options.add_argument("--whole", action="store_true", help="what passes the whole archive by")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.whole:
        print_whole([int(count) for count in given.counts.split(",")], given.folder)
        return
    found = []
    for count in map(int, given.counts.split(",")):
        path = given.folder / f"{count}.db"
        is_new = not path.exists()
        with Archive.open(path, write=True) as archive:
            if is_new:
                fill(archive, count)
            found.append((count, measure(archive)))
    print(f"{'':24}" + "".join(f"{count:>12} ms    k steps" for count, _ in found) + "   ms ×  steps ×")
    for name, first in found[0][1].items():
        last = found[-1][1][name]
        row = "".join(f"{measured[name][0]:>15.1f}{measured[name][1]:>11.0f}" for _, measured in found)
        print(f"{name:24}{row}{last[0] / max(first[0], 0.01):>7.1f}{(last[1] + 1) / (first[1] + 1):>9.1f}")


if __name__ == "__main__":
    main()
