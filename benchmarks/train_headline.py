"""
Fit the weights by which the headline is chosen, and show what they give on sites that they have not
seen.

    python benchmarks/train_headline.py [--corpus ../shared/corpus]

A page's candidates are weighed against each other (softmax); the gold is whichever of them has the
words of its title. A page counts what its set counts, over the root of the pages of its site; L2.
Prints the share of titles that are right (words alone, case folded), in five folds by registrable
domain, and the weights for `headline.py`.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from predict import FOLDS, ROOT, fold_of, gold_files

from scraper.errors import PageError
from scraper.read.facts.headline import WEIGHTS, Sign, find_candidates
from scraper.read.facts.metadata import find_metadata
from scraper.read.page.parse import parse_page
from scraper.read.page.walk import walk
from scraper.text import fold

# As far as each gold is to be trusted, and so that the small sets are heard; readability's is left
# for a look.
SET_WEIGHTS = {
    "fundus-dev": 4.0,
    "postlight-dev": 3.0,
    "fundus-extra": 2.0,
    "wcxb-dev": 1.0,
    "daniel-dev": 1.0,
    "trafilatura-dev": 0.7,
    "readability-dev": 0.0,
}
L2 = 0.0005
STEPS, PACE = 3000, 2.0
SIGNS = tuple(Sign)


@dataclass(frozen=True)
class Example:
    """The candidates of one page: a row of signs each, and which are right."""

    set_name: str
    domain: str
    rows: np.ndarray
    right: np.ndarray


def read_example(path: Path) -> Example | None:
    """One page with a gold title, as the reader sees it."""
    page = json.loads(path.read_text(encoding="utf-8"))
    if not page["gold"]["title"]:
        return None
    body = gzip.decompress((path.parents[1] / page["html"]).read_bytes())
    content_type = f"text/html; charset={page['charset']}" if page.get("charset") else None
    try:
        parsed = parse_page(body, page["url"] or "http://unknown.invalid/", content_type)
    except PageError:
        return None
    candidates = find_candidates(find_metadata(parsed), walk(parsed).blocks)
    return Example(
        page["set"],
        page["domain"] or "",
        np.array([[one.signs.get(sign, 0.0) for sign in SIGNS] for one in candidates]).reshape(-1, len(SIGNS)),
        np.array([one.words == fold(page["gold"]["title"]) for one in candidates], dtype=bool),
    )


def fit(examples: Sequence[Example]) -> np.ndarray:
    """The weights that make the right candidates likely, by gradient descent from nought."""
    examples = [one for one in examples if one.right.any() and SET_WEIGHTS[one.set_name]]
    pages = Counter(one.domain for one in examples)
    weight = np.array([SET_WEIGHTS[one.set_name] / pages[one.domain] ** 0.5 for one in examples])
    weight /= weight.sum()
    starts = np.cumsum([0, *(len(one.rows) for one in examples)])[:-1]
    of_page = np.repeat(np.arange(len(examples)), [len(one.rows) for one in examples])
    rows = np.concatenate([one.rows for one in examples])
    right = np.concatenate([one.right for one in examples])
    weights = np.zeros(len(SIGNS))
    for _ in range(STEPS):
        scores = np.exp(rows @ weights)
        chance = scores / np.add.reduceat(scores, starts)[of_page]
        among_right = chance * right
        among_right /= np.add.reduceat(among_right, starts)[of_page]
        weights -= PACE * (rows.T @ ((chance - among_right) * weight[of_page]) + 2 * L2 * weights)
    return weights


def is_right(one: Example, weights: np.ndarray) -> bool:
    """Whether the heaviest candidate has the words of the gold."""
    return bool(len(one.rows) and one.right[int(np.argmax(one.rows @ weights))])


def main() -> None:
    """Read, fit in folds, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared/corpus")
    options = parser.parse_args()
    examples = [one for path in gold_files(options.corpus, list(SET_WEIGHTS)) if (one := read_example(path))]
    unseen: dict[str, list[bool]] = {}
    for number in range(FOLDS):
        weights = fit([one for one in examples if fold_of(one.domain) != number])
        for one in examples:
            if fold_of(one.domain) == number:
                unseen.setdefault(one.set_name, []).append(is_right(one, weights))
    shipped = np.array([WEIGHTS[sign] for sign in SIGNS])
    weights = fit(examples)
    print(f"{'':16} {'pages':>5} {'folds':>6} {'fitted':>6} {'shipped':>7} {'possible':>8}")
    for name, hits in unseen.items():
        ours = [one for one in examples if one.set_name == name]
        seen, now = (np.mean([is_right(one, each) for one in ours]) for each in (weights, shipped))
        possible = np.mean([one.right.any() for one in ours])
        print(f"{name:16} {len(hits):5} {np.mean(hits):6.3f} {seen:6.3f} {now:7.3f} {possible:8.3f}")
    for sign, value in zip(SIGNS, weights, strict=True):
        print(f"    Sign.{sign.name}: {value:.2f},")


if __name__ == "__main__":
    main()
