"""
Who may read a page, whether its body was cut, and what leaks into it: presswatch beside
trafilatura, in one run, on each labelled set and on all together.

Every figure stands with its counts and a 90 % interval (Wilson's for shares; for F1, of 300 draws
of the pages). A page that goes on on another one is left out of "body cut". Pages of all sets were
opened while the rules were made; pages of sites that nobody saw are read less well. Trafilatura
says nothing about access: its status is that of the page's declaration alone ("not free" means a
subscriber's page, and a cut one).

    python benchmarks/access.py --shared ../shared [--set paywall-dev …] [--list]
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from predict import record

from scraper.errors import PageError
from scraper.model import Article
from scraper.read import Document, Reader
from scraper.read.access.judge import judge_access
from scraper.read.facts.metadata import find_metadata
from scraper.read.page.parse import parse_page

Row = dict[str, Any]
Score = Callable[..., Row]
SETS = ("paywall-dev", "access-dev", "access-vendors")
_METER_FIELDS = ("limit", "used", "remaining", "percent_remaining")
_NOT_FREE = re.compile(
    rb'isAccessibleForFree\\*["\']?\s*[:=]\s*\\*["\']?(?:https?://schema\.org/)?false', re.IGNORECASE
)
_Z = 1.645  # standard deviations that 90 % of a normal distribution lie within
_DRAWS = 300  # of the pages, for an interval of F1; its ends move by a point from run to run
_LEAST = 0.95  # the upper end; the lower is as far from nought


# ---------------------------------------------------------------- pages


def read_gold(corpus: Path, name: str) -> list[Row]:
    """The rows of a set; each says in `page` and `charset` where its page is and how it is encoded."""
    single = corpus / f"{name}.jsonl"
    lines = (single if single.is_file() else corpus / name / "paywall.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in filter(str.strip, lines)]
    for row in rows:
        if "html" in row:
            row |= {"page": corpus / name / row["html"], "charset": None}
        else:
            folder, page = row["id"].split("/", 1)
            gold = json.loads((corpus / folder / "gold" / f"{page}.json").read_text(encoding="utf-8"))
            row |= {"page": corpus / folder / gold["html"], "charset": gold.get("charset")}
    return rows


def read_article(row: Row) -> tuple[Article, bytes, str | None]:
    """The article of a row's page, the page, and its content type."""
    body = gzip.decompress(row["page"].read_bytes())
    content_type = f"text/html; charset={row['charset']}" if row["charset"] else None
    return Reader().read(Document(body, row["url"], content_type)), body, content_type


def read_page(row: Row) -> tuple[Row, Row]:
    """What presswatch and trafilatura make of one page."""
    key = {"set": row["set"], "id": row["id"]}
    started = time.process_time()
    seconds = {}
    try:
        article, body, content_type = read_article(row)
        seconds = {"reading": time.process_time() - started, "access": time_of_access(article, body, content_type)}
        ours = record(article) | {"confidence": article.access.confidence}
    except PageError as error:
        body, ours = gzip.decompress(row["page"].read_bytes()), {"body": "", "problem": error.problem}
    import trafilatura  # noqa: PLC0415 - it loads numpy, which must hear first how many threads we want

    document = trafilatura.bare_extraction(body, url=row["url"], include_comments=False)
    is_closed = bool(_NOT_FREE.search(body))
    theirs = {
        "body": (document.text if document else None) or "",
        "paywall": {"status": "full-subscriber" if is_closed else "free", "complete": not is_closed},
    }
    return key | ours | {"seconds": seconds}, key | theirs


def time_of_access(article: Article, body: bytes, content_type: str | None) -> float:
    """
    CPU seconds that the judgement takes on top of reading; the least of three, as other work
    disturbs it.
    """
    page = parse_page(body, article.url, content_type)
    metadata = find_metadata(page)
    times = []
    for _ in range(3):
        started = time.process_time()
        judge_access(page, metadata, article.blocks)
        times.append(time.process_time() - started)
    return min(times)


# ---------------------------------------------------------------- figures


def share(right: float, count: int) -> str:
    """
    A share with its counts and its interval.

    >>> share(19, 21)
    '19 of 21 (.90; .74-.97)'
    """
    if not count:
        return "–"
    of, z2 = right / count, _Z * _Z
    middle = (of + z2 / (2 * count)) / (1 + z2 / count)
    reach = _Z * (of * (1 - of) / count + z2 / (4 * count * count)) ** 0.5 / (1 + z2 / count)
    return f"{round(right)} of {count} ({_short(of)}; {_short(max(middle - reach, 0.0))}-{_short(middle + reach)})"


def _short(value: float) -> str:
    return f"{value:.2f}".removeprefix("0") if value < 1 else "1"


def figures(score: Score, gold: list[Row], predictions: list[Row]) -> Iterator[tuple[str, str]]:
    """The measures of the table, as text."""
    # A page that goes on on another one is cut, and by no wall.
    found = score(gold, predictions)
    cut = score([row for row in gold if row["incomplete_reason"] != "pagination"], predictions)["incomplete"]
    yield "body cut, precision", share(cut["tp"], cut["tp"] + cut["fp"])
    yield "body cut, recall", share(cut["tp"], cut["tp"] + cut["fn"])
    yield from _statuses(score, gold, predictions)
    numbers = found["numbers"]
    for name, fields in (("prices", ["price"]), ("currency", ["currency"]), ("meter numbers", _METER_FIELDS)):
        known = [numbers[field] for field in fields if field in numbers]
        yield f"{name} right", share(sum(part["accuracy"] * part["n"] for part in known), sum(p["n"] for p in known))
    yield from _prompts(found, gold, predictions)


def _statuses(score: Score, gold: list[Row], predictions: list[Row]) -> Iterator[tuple[str, str]]:
    found, lenient = score(gold, predictions), score(gold, predictions, accept_alt=True)
    yield "status right", share(found["status_accuracy"] * len(gold), len(gold))
    yield "… or defensible", share(lenient["status_accuracy"] * len(gold), len(gold))
    for name, undeclared in (("macro-F1", False), ("macro-F1, undeclared", True)):
        yield name, _interval(partial(score, undeclared_only=undeclared), gold, predictions)
    free = sum(row["status"] == "free" for row in gold)
    yield "free called restricted", share((found["false_alarm_rate_on_free"] or 0) * free, free)


def _interval(score: Score, gold: list[Row], predictions: list[Row]) -> str:
    """The macro-F1 with what it comes to on pages drawn from these."""
    draw = random.Random(1)  # noqa: S311 - nobody guesses at it
    verdicts = [{key: p.get(key) for key in ("set", "id", "paywall")} for p in predictions]
    bare = [row | {"prompts": [], "keep": [], "numbers": None} for row in gold]
    drawn = [score(draw.choices(bare, k=len(bare)), verdicts)["macro_f1"] or 0.0 for _ in range(_DRAWS)]
    drawn.sort()
    low, high = drawn[round((1 - _LEAST) * _DRAWS)], drawn[round(_LEAST * _DRAWS) - 1]
    of = score(gold, predictions)["macro_f1"]
    return "–" if of is None else f"{_short(of)} ({_short(low)}-{_short(high)})"


def _prompts(found: Row, gold: list[Row], predictions: list[Row]) -> Iterator[tuple[str, str]]:
    leak, keep = found["prompt_leak"].get("all"), found["keep_rate"]
    if leak:
        yield "prompts in the body", share(leak["leaked"], leak["prompts"])
        yield "pages with one in it", share(found["pages_with_leak"]["leaky"], found["pages_with_leak"]["pages"])
    yield "look-alikes kept", share((keep or 0) * found["keep_texts"], found["keep_texts"])
    if found["removed_recall"] is not None:
        with_removed = {p["id"]: p["removed"] for p in predictions if "removed" in p}
        rows = [row for row in gold if row["id"] in with_removed]
        prompts = sum(len(row["prompts"]) for row in rows)
        removed = sum(len(with_removed[row["id"]]) for row in rows)
        yield "prompts removed", share(found["removed_recall"] * prompts, prompts)
        yield "removed that are none", share((found["removed_not_in_gold"] or 0) * removed, removed)


def calibration(gold: list[Row], predictions: list[Row]) -> Iterator[str]:
    """How often both answers were right, by how sure presswatch was of them."""
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for row, ours in zip(gold, predictions, strict=True):
        if (wall := ours.get("paywall")) and "confidence" in ours:
            bin_of = "90 % and more" if ours["confidence"] >= 0.9 else f"{int(10 * ours['confidence'])}0 % and more"
            is_whole = row["complete"] is None or wall["complete"] is row["complete"]
            right[bin_of].append(is_whole and wall["status"] in {row["status"], *row["status_alt"]})
    for bin_of, answers in sorted(right.items(), reverse=True):
        yield f"sure by {bin_of:15} {sum(answers):4} of {len(answers):3} right"


def mistakes(score: Score, gold: list[Row], predictions: list[Row]) -> Iterable[str]:
    """Every page that was judged wrongly, and every text on the wrong side."""
    for row in gold:
        page = [p for p in predictions if p["id"] == row["id"]]
        wall, found = page[0].get("paywall", {}), score([row], page)
        if wall.get("status") != row["status"]:
            yield f"status    {row['id']}: {wall.get('status')}, not {row['status']} (or {row['status_alt']})"
        if row["complete"] is not None and wall.get("complete") is not row["complete"]:
            yield f"complete  {row['id']}: {wall.get('complete')}, not {row['complete']}"
        for _, kind, text in found["_leaked"]:
            yield f"leak      {row['id']}: {kind}: {text}"
        if found["keep_rate"] not in {None, 1.0}:
            yield f"keep      {row['id']}"
        for field, part in found["numbers"].items():
            if part["accuracy"] < 1:
                yield f"number    {row['id']}: {field} of {row['numbers']}: {wall.get('numbers')}"


# ---------------------------------------------------------------- the table


def load_scorer(shared: Path) -> ModuleType:
    """The scorer that comes with the labels."""
    spec = importlib.util.spec_from_file_location("score_paywall", shared / "bench" / "score_paywall.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"no scorer below {shared}")
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    return scorer


def print_table(score: Score, name: str, gold: list[Row], ours: list[Row], theirs: list[Row]) -> None:
    """The measures on some pages, of both readers."""
    cut = sum(row["complete"] is False and row["incomplete_reason"] != "pagination" for row in gold)
    print(f"\n{name}: {len(gold)} pages, {cut} cut by a wall")
    print(f"{'':24}{'presswatch':>32}{'trafilatura':>32}")
    other = dict(figures(score, gold, theirs))
    for measure, mine in figures(score, gold, ours):
        print(f"{measure:24}{mine:>32}{other.get(measure, '–'):>32}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--set", action="append", choices=SETS, help="only this set (repeatable)")
    parser.add_argument("--list", action="store_true", help="name what is wrong")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    score = load_scorer(options.shared).score
    sets = {name: read_gold(options.shared / "corpus", name) for name in options.set or SETS}
    gold = [row for rows in sets.values() for row in rows]
    with ProcessPoolExecutor(options.jobs) as pool:
        ours, theirs = map(list, zip(*pool.map(read_page, gold, chunksize=8), strict=True))
    for name, rows in (sets | ({"all": gold} if len(sets) > 1 else {})).items():
        print_table(score, name, rows, ours, theirs)
    print("\nconfidence, all pages", *calibration(gold, ours), sep="\n")
    taken = [row["seconds"] for row in ours if row["seconds"]]
    reading, access = (1000 * sum(part[name] for part in taken) / len(taken) for name in ("reading", "access"))
    print(f"\nCPU a page: reading {reading:.1f} ms, of it the judgement on access {access:.2f} ms")
    if options.list:
        print(*mistakes(score, gold, ours), sep="\n")


if __name__ == "__main__":
    main()
