"""
What a word list of a thousand lines costs, beside reading the article: the share is printed, in
processor time of this process, the two taken by turns.

    .venv/bin/python benchmarks/alerts.py [--words 1000] [--rounds 5] [FOLDER]

FOLDER holds `*/source.html`; else the invented pages of the tests.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from time import process_time

from archive.judge.alerts.verdicts import find_hit, ready_alerts
from archive.judge.query.holds import Subject, lines_of
from archive.model.query import TextField
from archive.settings import AlertSettings
from scraper.errors import PageError
from scraper.read import Document, Reader

PAGES = Path(__file__).parents[1] / "tests" / "pages"
SYLLABLES = "ba co di fen gar hul jor kem lin mos nat orp quil rev sand tor und vik wes zar".split()
MOST = 0.05


def word_list(count: int) -> tuple[str, ...]:
    """Invented names: two thirds of them one word, the others two or three; some go on, some are CVEs."""
    dice = Random(7)  # noqa: S311 - data for a measurement
    lines: dict[str, None] = {}
    while len(lines) < count:
        names = [
            "".join(dice.choices(SYLLABLES, k=dice.randrange(2, 5))) for _ in range(dice.choice((1, 1, 1, 1, 2, 3)))
        ]
        kind = dice.random()
        line = " ".join(names)
        if kind < 0.1:
            line += "*"
        elif kind < 0.2:
            line = f"CVE-{dice.randrange(2015, 2027)}-{dice.randrange(1000, 60_000)}"
        lines[line] = None
    return tuple(lines)


def main() -> None:
    """Print the share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=PAGES)
    parser.add_argument("--words", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    settings = AlertSettings("list", "List", words_file=Path("list.txt"), words=word_list(asked.words))
    (alert,) = ready_alerts([settings], datetime.now(UTC), "UTC")
    reader = Reader()
    pages = [path.read_bytes() for path in sorted(asked.folder.glob("*/source.html"))]
    reading: list[float] = []
    judging: list[float] = []
    for _ in range(asked.rounds):
        read = judged = 0.0
        for page in pages:
            begin = process_time()
            try:
                article = reader.read(Document(page, "https://news.example/a"))
            except PageError:
                continue
            read += process_time() - begin
            texts = {TextField.HEADLINE: article.headline or "", TextField.BODY: article.body}
            lines_of.cache_clear()  # each text is new to its alert
            begin = process_time()
            find_hit(alert, Subject(texts))
            judged += process_time() - begin
        reading.append(read)
        judging.append(judged)
    share = median(judging) / median(reading)
    print(
        f"{len(pages)} pages, {asked.words} words: reading {median(reading) / len(pages) * 1000:.2f} ms a page, "
        f"the list {median(judging) / len(pages) * 1000:.3f} ms: {share:.2%} of it (at most {MOST:.0%})"
    )


if __name__ == "__main__":
    main()
