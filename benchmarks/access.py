"""
Who may read a page, whether its body was cut, and what leaks into it: presswatch beside
trafilatura, in one run.

The rules were tuned on the pages whose registrable domain has an even SHA-256 ("even"). No page of
the others ("odd") was opened; their figures were seen between rounds, and made some rules stricter,
so they flatter a little. Trafilatura says nothing about access: its status is that of the page's
declaration alone ("not free" means a subscriber's page, and a cut one).

    python benchmarks/access.py --shared ../shared [--list]
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from predict import record

from scraper.errors import PageError
from scraper.model import Article
from scraper.read import Document, Reader
from scraper.read.access.judge import judge_access
from scraper.read.facts.metadata import find_metadata
from scraper.read.page.parse import parse_page
from scraper.urls import registrable_domain

Row = dict[str, Any]
_METER_FIELDS = ("limit", "used", "remaining", "percent_remaining")
_NOT_FREE = re.compile(
    rb'isAccessibleForFree\\*["\']?\s*[:=]\s*\\*["\']?(?:https?://schema\.org/)?false', re.IGNORECASE
)


def half_of(row: Row) -> str:
    """The half that a page's domain falls into: "even" or "odd"."""
    digest = sha256(registrable_domain(row["url"]).encode()).digest()
    return "odd" if digest[-1] % 2 else "even"


def read_page(corpus: Path, row: Row) -> tuple[Row, Row]:
    """What presswatch and trafilatura make of one page."""
    folder, name = row["id"].split("/", 1)
    gold = json.loads((corpus / folder / "gold" / f"{name}.json").read_text(encoding="utf-8"))
    body = gzip.decompress((corpus / folder / gold["html"]).read_bytes())
    content_type = f"text/html; charset={gold['charset']}" if gold.get("charset") else None
    key = {"set": row["set"], "id": row["id"]}
    started = time.process_time()
    seconds = {}
    try:
        article = Reader().read(Document(body, row["url"], content_type))
        seconds = {"reading": time.process_time() - started, "access": time_of_access(article, body, content_type)}
        ours = record(article) | {"confidence": article.access.confidence}
    except PageError as error:
        ours = {"body": "", "problem": error.problem}
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


def calibration(gold: list[Row], predictions: list[Row]) -> Iterable[str]:
    """How often both answers were right, by how sure presswatch was of them."""
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for row, ours in zip(gold, predictions, strict=True):
        if (wall := ours.get("paywall")) and "confidence" in ours:
            bin_of = "90 % and more" if ours["confidence"] >= 0.9 else f"{int(10 * ours['confidence'])}0 % and more"
            is_whole = row["complete"] is None or wall["complete"] is row["complete"]
            right[bin_of].append(is_whole and wall["status"] in {row["status"], *row["status_alt"]})
    for bin_of, answers in sorted(right.items(), reverse=True):
        yield f"sure by {bin_of:15} {sum(answers):4} of {len(answers):3} right"


def figures(score: Callable[..., Row], gold: list[Row], predictions: list[Row]) -> list[tuple[str, str]]:
    """The measures of the table, as text."""
    found, undeclared = score(gold, predictions), score(gold, predictions, undeclared_only=True)
    leak, pages, cut = found["prompt_leak"]["all"], found["pages_with_leak"], found["incomplete"]
    kept = round((found["keep_rate"] or 0) * found["keep_texts"])
    numbers = found["numbers"]

    def right(fields: Iterable[str]) -> str:
        known = [numbers[name] for name in fields if name in numbers]
        return f"{round(sum(part['accuracy'] * part['n'] for part in known))} of {sum(part['n'] for part in known)}"

    return [
        ("prompts leaking", f"{leak['leaked']} of {leak['prompts']} ({_percent(leak['rate'])})"),
        ("pages with a leak", f"{pages['leaky']} of {pages['pages']} ({_percent(pages['rate'])})"),
        ("look-alikes kept", f"{kept} of {found['keep_texts']}"),
        ("body cut, precision", f"{_percent(cut['precision'])} ({cut['fp']} wrong)"),
        ("body cut, recall", f"{_percent(cut['recall'])} ({cut['fn']} missed)"),
        ("status accuracy", _percent(found["status_accuracy"])),
        ("status macro-F1", _percent(found["macro_f1"])),
        ("undeclared accuracy", _percent(undeclared["status_accuracy"])),
        ("undeclared macro-F1", _percent(undeclared["macro_f1"])),
        ("free called restricted", _percent(found["false_alarm_rate_on_free"])),
        ("meter numbers right", right(_METER_FIELDS)),
        ("all numbers right", right(numbers)),
    ]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def mistakes(score: Callable[..., Row], gold: list[Row], predictions: list[Row]) -> Iterable[str]:
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


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--list", action="store_true", help="name what is wrong on the half that rules are tuned on")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    spec = importlib.util.spec_from_file_location("score_paywall", options.shared / "bench" / "score_paywall.py")
    if spec is None or spec.loader is None:
        parser.error(f"no scorer below {options.shared}")
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    corpus = options.shared / "corpus"
    gold = scorer.load(corpus / "paywall-dev.jsonl")
    with ProcessPoolExecutor(options.jobs) as pool:
        ours, theirs = zip(*pool.map(partial(read_page, corpus), gold, chunksize=8), strict=True)
    parts = {"all": gold} | {half: [row for row in gold if half_of(row) == half] for half in ("even", "odd")}
    for name, rows in parts.items():
        print(f"\n{name}: {len(rows)} pages, {len({registrable_domain(row['url']) for row in rows})} domains")
        print(f"{'':24}{'presswatch':>22}{'trafilatura':>22}")
        pairs = zip(figures(scorer.score, rows, ours), figures(scorer.score, rows, theirs), strict=True)
        for (measure, mine), (_, other) in pairs:
            print(f"{measure:24}{mine:>22}{other:>22}")
    print("\nconfidence, all pages", *calibration(gold, list(ours)), sep="\n")
    taken = [row["seconds"] for row in ours if row["seconds"]]
    reading, access = (1000 * sum(part[name] for part in taken) / len(taken) for name in ("reading", "access"))
    print(f"\nCPU a page: reading {reading:.1f} ms, of it the judgement on access {access:.2f} ms")
    if options.list:
        print(*mistakes(scorer.score, parts["even"], list(ours)), sep="\n")


if __name__ == "__main__":
    main()
