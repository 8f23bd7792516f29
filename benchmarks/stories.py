"""
How well reports are put into stories, and in what time.

    python benchmarks/stories.py --gold FILE.jsonl.gz --out PRED.jsonl [--window DAYS]
    python benchmarks/stories.py [--shared ../shared] [--only groups weeks peers minority time]

The first form writes {id, story} for the records {id, title, text, published?, lang?} of a file: all
grouped at once, or told in windows of so many days, each settled as a night does it, and those
without a date at the end. The second one prints the tables below for the development stories: the
odds in `archive/judge/stories/likeness.py` were fitted on half 0. The cut was chosen on all of them
at once, so the figure for that is not unseen; from 0.57 to 0.64 it moves by .01. The peer is TF-IDF
with average link (scikit-learn, where it is installed), which is given the best of its cuts for each
row. The minorities are pages of the corpus in few of which a language is written.
"""

from __future__ import annotations

import argparse
import cProfile
import gzip
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any

from archive.judge.stories.background import Counts, count_terms, language_key
from archive.judge.stories.grouping import Window, group_reports, place_reports
from archive.judge.stories.likeness import SPAN, Report, terms_of
from archive.judge.stories.lives import carry_over
from scraper.read.words.language import find_language

_LEAST_TEXT = 400  # letters: of less no language is told for certain

Record = dict[str, Any]
Labels = dict[str, int]


def report_of(record: Record) -> Report:
    """A record as a report; its language is told by its words where it is not named."""
    at = record.get("published")
    told_at = datetime.fromisoformat(at) if at else None
    if told_at is not None and told_at.tzinfo is None:
        told_at = told_at.replace(tzinfo=UTC)
    language = record.get("lang") or find_language(None, f"{record['title']}\n{record['text']}")
    return Report(record["title"] or "", record["text"], language, told_at)


def group_at_once(records: Sequence[Record]) -> Labels:
    """A story label for each record id."""
    groups = group_reports(Window([report_of(record) for record in records]))
    return {records[position]["id"]: number for number, group in enumerate(groups) for position in group}


def live_through(records: Sequence[Record], days: int, *, is_settled: bool = True) -> Labels:
    """The same by way of windows of *days*, each placed among the week before it; and settled, as at night."""
    reports = [report_of(record) for record in records]
    dated = sorted((at for at in range(len(reports)) if reports[at].told_at), key=lambda at: (_time(reports[at]), at))
    archive = _Archive(reports)
    for new, end in _windows(reports, dated, timedelta(days=days)):
        recent = [at for at in archive.stories if end - _time(reports[at]) <= SPAN]
        archive.place(recent, new)
        if is_settled:
            archive.settle([*recent, *new])
    archive.place(list(archive.stories), [at for at in range(len(reports)) if reports[at].told_at is None])
    return {records[at]["id"]: story for at, story in archive.stories.items()}


class _Archive:
    """What an archive keeps of stories."""

    def __init__(self, reports: Sequence[Report]) -> None:
        self._reports = reports
        self._texts: Counter[str] = Counter()
        self._words: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._story_count = 0
        self.stories: dict[int, int] = {}

    def place(self, recent: list[int], new: list[int]) -> None:
        """Let new reports join a story, or begin one."""
        both = [*recent, *new]
        if new:
            self._count(new)
            self._keep(both, place_reports(self._window(both), [self.stories.get(at) for at in both]))

    def settle(self, chosen: list[int]) -> None:
        """Group a window anew."""
        groups = group_reports(self._window(chosen))
        self._keep(chosen, zip(groups, carry_over(groups, [self.stories.get(at) for at in chosen]), strict=True))

    def _keep(self, chosen: list[int], groups: Iterable[tuple[tuple[int, ...], int | None]]) -> None:
        for members, story in groups:
            self._story_count += 1
            self.stories |= dict.fromkeys((chosen[at] for at in members), self._story_count if story is None else story)

    def _count(self, new: list[int]) -> None:
        terms = ((language_key(self._reports[at].language), terms_of(self._reports[at])) for at in new)
        for language, counts in count_terms((language, (*one, *other)) for language, (one, other) in terms).items():
            self._texts[language] += counts.texts
            self._words[language].update(counts.words)

    def _window(self, chosen: list[int]) -> Window:
        counts = {language: Counts(count, self._words[language]) for language, count in self._texts.items()}
        return Window([self._reports[at] for at in chosen], counts=counts)


def _windows(reports: Sequence[Report], dated: list[int], length: timedelta) -> Iterator[tuple[list[int], datetime]]:
    """The positions of each window that has any, and its end."""
    begin = 0
    while begin < len(dated):
        end_at = _time(reports[dated[begin]]).replace(hour=0, minute=0, second=0, microsecond=0) + length
        end = begin
        while end < len(dated) and _time(reports[dated[end]]) < end_at:
            end += 1
        yield dated[begin:end], end_at
        begin = end


def _time(report: Report) -> datetime:
    assert report.told_at is not None
    return report.told_at


# ------------------------------------------------------------ tables


def score(records: Sequence[Record], labels: Labels) -> tuple[float, float]:
    """F1 of pairs, and of B-cubed."""
    gold = Counter(record["story"] for record in records)
    found = Counter(labels[record["id"]] for record in records)
    cells = Counter((record["story"], labels[record["id"]]) for record in records)
    right = sum(comb(count, 2) for count in cells.values())
    wanted, given = (sum(comb(count, 2) for count in sizes.values()) for sizes in (gold, found))
    precision = sum(count**2 / found[label] for (_, label), count in cells.items()) / len(records)
    recall = sum(count**2 / gold[story] for (story, _), count in cells.items()) / len(records)
    return 2 * right / (wanted + given), 2 * precision * recall / (precision + recall)


def hash_of(record: Record) -> int:
    """A number that is the same for all records of a story."""
    return int.from_bytes(blake2b(record["story"].encode(), digest_size=4).digest(), "big")


def windows_of(records: Sequence[Record], size: int) -> list[list[Record]]:
    """Whole stories in windows of about *size* reports, by the hash of the story."""
    windows: list[list[Record]] = [[]]
    last = ""
    for record in sorted(records, key=lambda one: (hash_of(one), one["story"], one["id"])):
        if record["story"] != last and len(windows[-1]) >= size:
            windows.append([])
        windows[-1].append(record)
        last = record["story"]
    return windows


def in_windows(windows: Sequence[Sequence[Record]]) -> Labels:
    """Each window grouped by itself: with the shipped background and nothing else."""
    return _each(windows, group_at_once)


def _each(windows: Sequence[Sequence[Record]], way: Callable[[Sequence[Record]], Labels]) -> Labels:
    labels: Labels = {}
    for number, window in enumerate(windows):
        labels |= {key: number * 10_000 + label for key, label in way(window).items()}
    return labels


def _seconds(records: Sequence[Record]) -> float:
    reports = [report_of(record) for record in records]
    begin = time.process_time()
    group_reports(Window(reports))
    return time.process_time() - begin


def _aged(records: Sequence[Record], copies: int) -> list[Record]:
    """
    The records several times over, each time with other words: as many stories in as much more
    time, none of which is told twice.
    """
    aged = []
    for copy in range(copies):
        mark = "" if copy == 0 else chr(ord("a") + copy)
        for record in records:
            text = " ".join(f"{word}{mark}" if len(word) > 5 else word for word in record["text"].split())
            aged.append({**record, "lang": "en", "id": f"{record['id']}{mark}", "text": text})
    return aged


def print_groups(records: Sequence[Record]) -> None:
    """At once, and in windows of some sizes."""
    halves = [[record for record in records if hash_of(record) % 2 == half] for half in (0, 1)]
    for name, part in (("all", records), ("half 0 (odds fitted)", halves[0]), ("half 1", halves[1])):
        _print_row(f"{name}, at once", score(part, group_at_once(part)))
    for number, half in enumerate(halves):
        for size in (10, 40, 80):
            _print_row(f"half {number}, windows of {size}", score(half, in_windows(windows_of(half, size))))


def print_weeks(records: Sequence[Record]) -> None:
    """Day by day, beside the same at one go."""
    dated = [record for record in records if record.get("published")]
    _print_row("dated ones, at once", score(dated, group_at_once(dated)))
    _print_row("day by day, settled each night", score(dated, live_through(dated, 1)))
    _print_row("day by day, never settled", score(dated, live_through(dated, 1, is_settled=False)))
    weeks: dict[tuple[int, int], list[Record]] = defaultdict(list)
    for record in dated:
        weeks[datetime.fromisoformat(record["published"]).isocalendar()[:2]].append(record)
    by_week = list(weeks.values())
    _print_row("weeks, each at once", score(dated, _each(by_week, group_at_once)))
    _print_row("weeks, day by day", score(dated, _each(by_week, lambda week: live_through(week, 1))))


def print_time(records: Sequence[Record]) -> None:
    """What four times as many reports cost."""
    dated = sorted((record for record in records if record.get("published")), key=lambda record: record["published"])
    some = dated[:1000]
    sizes = [_aged(some, copies) for copies in (1, 4)]
    # The quickest of three in turn: whatever else the machine does makes single ones up to twice as
    # long. Calls do not depend on it.
    one, four = (min(times) for times in zip(*([_seconds(size) for size in sizes] for _ in range(3)), strict=True))
    calls = _calls(sizes[1]) / _calls(sizes[0])
    print(f"{4 * len(some):,} reports against {len(some):,}: {four:.1f} s, {four / one:.1f} times as long", end="")
    print(f", {calls:.1f} times the calls")


def _calls(records: Sequence[Record]) -> int:
    profile = cProfile.Profile()
    profile.runcall(group_reports, Window([report_of(record) for record in records]))
    return sum(entry.callcount for entry in profile.getstats())


def print_peers(records: Sequence[Record]) -> None:
    """What TF-IDF with average link finds in the same texts, with the best of its cuts for each row."""
    halves = [[record for record in records if hash_of(record) % 2 == half] for half in (0, 1)]
    rows = [("all, at once", records, [records])]
    rows += [
        (f"half {number}, windows of {size}", half, windows_of(half, size))
        for number, half in enumerate(halves)
        for size in (10, 40, 80)
    ]
    for name, part, windows in rows:
        try:
            linked = [_link_by_tfidf(window) for window in windows]
        except ImportError as error:
            print(f"TF-IDF: {error.name} is not installed")
            return
        found = max((score(part, _cut(windows, linked, cut)), cut) for cut in (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9))
        _print_row(f"TF-IDF, {name}, cut at {found[1]}", found[0])


def _link_by_tfidf(records: Sequence[Record]) -> Any:  # noqa: ANN401 - an array of a peer's library
    """The tree of an average link of cosine distances; None for a report alone."""
    from scipy.cluster.hierarchy import linkage  # noqa: PLC0415 - a peer, where it is installed
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    if len(records) < 2:
        return None
    texts = [f"{one['title']} {one['title']} {one['text'][:1000]}" for one in records]
    vectors = TfidfVectorizer(sublinear_tf=True, stop_words=None).fit_transform(texts)
    distances = (1.0 - (vectors @ vectors.T).toarray()).clip(0)
    return linkage(distances[tuple(zip(*combinations(range(len(records)), 2), strict=True))], "average")


def _cut(windows: Sequence[Sequence[Record]], linked: Sequence[Any], cut: float) -> Labels:
    from scipy.cluster.hierarchy import fcluster  # noqa: PLC0415

    labels: Labels = {}
    for number, (window, tree) in enumerate(zip(windows, linked, strict=True)):
        groups = [1] * len(window) if tree is None else fcluster(tree, cut, "distance")
        labels |= {one["id"]: number * 10_000 + int(group) for one, group in zip(window, groups, strict=True)}
    return labels


def print_minorities(shared: Path, draws: int = 6) -> None:
    """Of 45 English pages with two of each of twelve other languages: how many of two became one story."""
    pages: dict[str, list[Record]] = defaultdict(list)
    for path in sorted((shared / "corpus").glob("*/gold/*.json")):
        page = json.loads(path.read_text(encoding="utf-8"))
        title, text = page["gold"].get("title") or "", page["gold"].get("body") or ""
        if len(text) > _LEAST_TEXT and page.get("language"):
            pages[page["language"]].append(
                {"id": page["id"], "title": title, "text": text, "lang": page["language"], "site": page.get("domain")}
            )
    others = sorted(language for language, found in pages.items() if language != "en" and len(found) > 1)
    for draw in range(draws):
        chance = random.Random(draw)  # noqa: S311 - the same pages each time
        drawn = chance.sample(pages["en"], 45)
        chosen = chance.sample(others, min(12, len(others)))
        for language in chosen:
            drawn += chance.sample(pages[language], 2)
        language_of = {one["id"]: one["lang"] for one in drawn}
        stories: dict[int, list[str]] = defaultdict(list)
        for key, story in group_at_once(drawn).items():
            stories[story].append(key)
        groups = [keys for keys in stories.values() if len(keys) > 1]
        glued = [keys for keys in groups if any(language_of[key] != "en" for key in keys)]
        print(f"draw {draw}: {len(drawn)} pages, twos in {' '.join(sorted(chosen))}: ", end="")
        print(f"{len(glued)} became one {glued or ''}; {len(groups) - len(glued)} English groups")


def _print_row(name: str, figures: tuple[float, float]) -> None:
    print(f"{name:46}{figures[0]:.3f}     {figures[1]:.3f}", flush=True)


def read_records(path: Path) -> list[Record]:
    """The records of a file of JSON lines, packed or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def main() -> None:
    """Write predictions, or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--gold", type=Path, help="another file of the form of stories-dev.jsonl.gz")
    parser.add_argument("--out", type=Path, help="write {id, story} and print nothing")
    parser.add_argument("--window", type=int, metavar="DAYS", help="told in windows of so many days")
    parser.add_argument("--only", nargs="+", default=["groups", "weeks", "peers", "minority", "time"])
    options = parser.parse_args()
    records = read_records(options.gold or options.shared / "corpus" / "stories-dev.jsonl.gz")
    if options.out is None:
        tables = {
            "groups": lambda: print_groups(records),
            "weeks": lambda: print_weeks(records),
            "peers": lambda: print_peers(records),
            "minority": lambda: print_minorities(options.shared),
            "time": lambda: print_time(records),
        }
        print(f"{'':46}pairs F1  B-cubed", flush=True)
        for name in options.only:
            tables[name]()
        return
    labels = live_through(records, options.window) if options.window else group_at_once(records)
    rows = (json.dumps({"id": record["id"], "story": labels[record["id"]]}) + "\n" for record in records)
    options.out.write_text("".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
