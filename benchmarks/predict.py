"""
Read the pages of a labelled corpus, as a pass would, and write what was read.

    python benchmarks/predict.py --corpus DIR --out FILE.jsonl [--set NAME …] [--jobs N]
    [--out-of-fold]

For each `DIR/<set>/gold/<name>.json` only `id`, `url`, `html` and `charset` (as if the HTTP header
had said it) are looked at, then the page. One JSON object a page, in the order of the names: id,
title, dek, authors, published, language, body, blocks, captions, paywall, removed, kind,
confidence, seconds. DIR may be one set’s folder.

The shipped model reads; with `--out-of-fold` each page is read by a model that has not seen its
registrable domain (`benchmarks/folds`, made by `train_labels.py`).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

from scraper.errors import PageError
from scraper.model import Article, Role
from scraper.read import Document, Reader
from scraper.read.learnt.model import LabelModel, read_model

ROOT = Path(__file__).parents[1]
FOLDS = 5
_REMOVED = {Role.PAYWALL, Role.NEWSLETTER, Role.PROMO}


def gold_files(corpus: Path, sets: list[str]) -> Iterator[Path]:
    """The gold files of a folder of sets, or of one set's folder."""
    folders = (
        [corpus]
        if (corpus / "gold").is_dir()
        else sorted(path for path in corpus.iterdir() if (path / "gold").is_dir())
    )
    for folder in folders:
        if not sets or folder.name in sets:
            yield from sorted((folder / "gold").glob("*.json"))


def fold_of(domain: str | None) -> int:
    """The fold that a site belongs to; all its pages go together."""
    return int(hashlib.sha256((domain or "").encode()).hexdigest(), 16) % FOLDS


@cache
def fold_model(number: int) -> LabelModel:
    """The model that has not seen the sites of a fold."""
    with (ROOT / f"benchmarks/folds/{number}.npz").open("rb") as file:
        return read_model(file)


def predict(gold: Path, *, out_of_fold: bool = False) -> dict[str, object]:
    """What presswatch makes of one page."""
    page = json.loads(gold.read_text(encoding="utf-8"))
    body = gzip.decompress((gold.parents[1] / page["html"]).read_bytes())
    content_type = f"text/html; charset={page['charset']}" if page.get("charset") else None
    started = time.process_time()
    try:
        reader = Reader(model=fold_model(fold_of(page["domain"]))) if out_of_fold else Reader()
        article = reader.read(Document(body, page["url"] or "http://unknown.invalid/", content_type))
    except PageError as error:
        return {"id": page["id"], "body": "", "problem": error.problem}
    seconds = time.process_time() - started
    return {"id": page["id"], **record(article), "seconds": round(seconds, 5)}


def record(article: Article) -> dict[str, object]:
    """An article in the form that the scorers read."""
    access = article.access
    return {
        "title": article.headline,
        "dek": article.dek,
        "authors": list(article.authors),
        "published": article.published_at.isoformat() if article.published_at else None,
        "language": article.language,
        "body": article.body,
        "blocks": [{"role": block.role.value, "text": block.text} for block in article.blocks],
        "captions": [
            {"caption": image.caption, "credit": image.credit}
            for image in article.images
            if image.caption or image.credit
        ],
        "paywall": {
            "status": access.status.value,
            "complete": access.complete,
            "numbers": {
                "limit": access.numbers.limit,
                "used": access.numbers.used,
                "remaining": access.numbers.remaining,
                "percent_remaining": access.numbers.percent_remaining,
                "prices": list(access.numbers.prices),
                "currency": access.numbers.currency,
                "periods": list(access.numbers.periods),
            },
        },
        "kind": article.kind.value,
        "confidence": article.text_confidence,
        "removed": [block.text for block in article.blocks if block.role in _REMOVED],
    }


def main() -> None:
    """Read all, write as they come."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out-of-fold", action="store_true")
    options = parser.parse_args()
    files = list(gold_files(options.corpus, options.set))
    if not files:
        sys.exit(f"no gold files below {options.corpus}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(options.jobs) as pool, options.out.open("w", encoding="utf-8") as out:
        for done in pool.map(partial(predict, out_of_fold=options.out_of_fold), files, chunksize=8):
            out.write(json.dumps(done, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
