"""
How well duplicates are found, on the development clusters of ../shared.

Each article is fingerprinted, decided on against those before it (found by sampled shingles, as the
store does), and joined to its best match. `score_dedup.py` judges the clusters: on both halves,
split by a hash of the gold cluster; thresholds were chosen on half 0 alone. That headlines have to
agree was thought of when cut pages with one prompt were seen merged in both halves, so half 1 is
not wholly unseen.

    python benchmarks/dedup.py --shared ../shared
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

from archive.judge.duplicates import decide, fingerprint
from archive.model import Duplicate, Known, KnownArticle
from scraper.model import Access, AccessStatus, Article, LabelledBlock, Role

Record = dict[str, Any]


def read_article(record: Record) -> Article:
    """The record as an article without a page around it."""
    blocks = tuple(LabelledBlock(Role.BODY, text, "benchmark") for text in record["text"].split("\n\n"))
    url = record.get("url") or f"https://benchmark.example/{record['id']}"
    return Article(url, record["title"], blocks, Access(AccessStatus.UNKNOWN, None))


def find_clusters(records: Iterable[Record]) -> dict[str, int]:
    """A cluster number for each record id, from one article after the other."""
    held: list[KnownArticle] = []
    clusters: list[int] = []
    by_shingle: dict[int, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        article = read_article(record)
        shingles = fingerprint(article).shingles
        found = {other for shingle in shingles for other in by_shingle[shingle]}
        decision = decide(article, Known(candidates=tuple(held[other] for other in sorted(found))))
        clusters.append(clusters[decision.matches[0].article_id] if isinstance(decision, Duplicate) else number)
        held.append(KnownArticle(number, "", article.headline, None, article.body, None, AccessStatus.UNKNOWN))
        for shingle in shingles:
            by_shingle[shingle].append(number)
    return {record["id"]: cluster for record, cluster in zip(records, clusters, strict=True)}


def half_of(record: Record) -> int:
    """0 or 1, the same for all records of a cluster."""
    return blake2b(record["cluster"].encode(), digest_size=1).digest()[0] % 2


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    with gzip.open(shared / "corpus" / "dedup-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = sorted(map(json.loads, lines), key=lambda record: float(record["ord"]))
    for name, part in (
        ("half 0 (thresholds)", [record for record in records if half_of(record) == 0]),
        ("half 1", [record for record in records if half_of(record) == 1]),
        ("all", records),
    ):
        started = time.perf_counter()
        clusters = find_clusters(part)
        print(f"== {name}: {1000 * (time.perf_counter() - started) / len(part):.1f} ms an article", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            gold, predicted = Path(folder, "gold.jsonl"), Path(folder, "predicted.jsonl")
            gold.write_text("".join(json.dumps(record) + "\n" for record in part), encoding="utf-8")
            lines_out = (json.dumps({"id": key, "cluster": cluster}) + "\n" for key, cluster in clusters.items())
            predicted.write_text("".join(lines_out), encoding="utf-8")
            scorer = shared / "bench" / "score_dedup.py"
            subprocess.run([sys.executable, scorer, "--gold", gold, "--pred", predicted], check=True)


if __name__ == "__main__":
    main()
