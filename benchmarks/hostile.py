"""
What strangers may type into the search: the hostile queries of the conformance set, and random ones
made of what has broken searches before, against an archive of short articles.

    python benchmarks/hostile.py --count 3000 --random 10000

Printed are the median of ordinary queries (`benchmarks/million.py` makes them), the median and the
worst of the hostile ones, and those that take more than ten times the ordinary median. What seems slow
is asked eight times more, and its fastest time counts: the machine has other work.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from million import NOW, fill, queries, steps_of, word

from archive.model.query import NotUnderstood
from archive.store import Archive

_CONFORMANCE = Path(__file__).parents[2] / "shared/conformance/security/fts_queries.json"
_PARTS = (
    "\" ' “ ” ( ) [ ] { } - -- + * ** ^ : :: , . .. / \\ | & ! ~ ? ; % # @ $ = < > \0 \ud83d \u202e \u200b \ufeff "
    "AND OR NOT NEAR NEAR/5 MATCH rowid title: body: dek: caption: source: tag: story: cve: has:cve has:duplicate "
    "has:revision is:unread is:starred since:1d until:9999 published:..2026 sort:oldest sort:published complete:no "
    "a* 東* é ß İ ı ﬁ Å ﷺ 🙂 東京 서울 الأمن กขค 1 007 CVE-2026-1 1e9 ' OR 1=1 --"
).split(" ")
_FACTOR = 10


def hostile(seed: int) -> Iterator[str]:
    """Random queries: operators among words that stand everywhere, characters of every plane, long ones."""
    dice = random.Random(seed)  # noqa: S311 - texts, not keys
    words = [word(rank) for rank in range(40)]
    while True:
        pieces = [dice.choice(_PARTS if dice.random() < 0.5 else words) for _ in range(int(40 ** dice.random()))]
        yield dice.choice(("", " ", " ")).join(pieces)
        yield "".join(chr(int(0x11_0000 ** dice.random())) for _ in range(int(60 ** dice.random())))
        yield " OR ".join(dice.choice(words)[: dice.randint(1, 4)] + dice.choice(("*", "")) for _ in range(30))
        yield "(" * dice.randint(0, 20) + " -".join(dice.choices(words, k=9)) + ")" * dice.randint(0, 20)


def named() -> list[str]:
    """The queries of the conformance set, where it lies beside the repository."""
    if not _CONFORMANCE.exists():
        return []
    return [case["q"] for case in json.loads(_CONFORMANCE.read_text(encoding="utf-8"))]


class Asked(NamedTuple):
    """What a query cost: milliseconds, and thousands of steps of SQLite's machine, which nothing else changes."""

    spent: float
    steps: int
    query: str
    is_understood: bool


def ask(archive: Archive, query: str) -> Asked:
    """Put one query to an archive."""
    with steps_of(archive._connection) as steps:  # noqa: SLF001 - counted past the store
        begin = time.process_time()
        found = archive.search(query, now=NOW)
        spent = (time.process_time() - begin) * 1000
    return Asked(spent, steps[0], query, not isinstance(found, NotUnderstood))


def main() -> None:
    """Make the archive, ask, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=3_000)
    options.add_argument("--random", type=int, default=10_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "a.db", write=True) as archive:
        fill(archive, given.count)
        ordinary = statistics.median(ask(archive, query).spent for query in islice(queries(3), 200))
        asked = [ask(archive, query) for query in [*named(), *islice(hostile(7), given.random)]]
        limit = _FACTOR * ordinary
        slow = [
            one._replace(spent=min(one.spent, *(ask(archive, one.query).spent for _ in range(8))))
            for one in asked
            if one.spent > limit
        ]
    understood = [one.spent for one in asked if one.is_understood]
    print(f"{len(asked)} queries, {len(understood)} understood, no exception")
    print(
        f"median of ordinary queries {ordinary:.2f} ms, of those understood here {statistics.median(understood):.2f} ms"
    )
    slow = sorted((one for one in slow if one.spent > limit), reverse=True)
    print(f"more than {_FACTOR} times the ordinary median ({limit:.1f} ms): {len(slow)}")
    for one in slow[:20]:
        print(f"{one.spent:>9.1f} ms  {one.query[:120]!r}")
    print("slowest:", *(f"{one.spent:.1f} ms {one.query[:60]!r}" for one in sorted(asked)[:-4:-1]), sep="\n  ")
    most = sorted(asked, key=lambda one: -one.steps)[:3]
    print("thousands of steps:", *(f"{one.steps} {one.query[:60]!r}" for one in most), sep="\n  ")


if __name__ == "__main__":
    main()
