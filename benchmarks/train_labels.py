"""
Train the model that tells body blocks from the others.

    python benchmarks/train_labels.py [--corpus ../shared/corpus]

Needs `pip install lightgbm` (for training alone; what ships is evaluated in numpy). From one seed, on one version of
lightgbm, the files are the same to the byte: `scraper/read/body_model.npz`, and in `benchmarks/folds` five models of
which each has not seen one fifth of the registrable domains. gn1-dev of ../shared/evaluation is never trained on.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np
from predict import FOLDS, ROOT, fold_of, gold_files

from scraper.errors import PageError
from scraper.model import Role
from scraper.read.article import find_clues
from scraper.read.blocks import walk
from scraper.read.features import NAMES, Matrix, describe
from scraper.read.labels import label_by_rules
from scraper.read.metadata import choose_headline, find_metadata
from scraper.read.page import parse_page
from scraper.read.views import find_views
from scraper.text import fold

# How far the gold of a set is to be trusted (corpus/README.md), and how many pages it has.
SET_WEIGHTS = {
    "fundus-dev": 4.0,
    "fundus-extra": 3.0,
    "wcxb-dev": 1.0,
    "trafilatura-dev": 1.0,
    "postlight-dev": 0.7,
    "daniel-dev": 0.5,
    "readability-dev": 0.4,
}
# daniel's gold keeps some of these and drops others: not labels to learn from.
UNDECIDED_IN_DANIEL = {Role.CAPTION, Role.DEK, Role.DATELINE}
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 40,
    "learning_rate": 0.05,
    "min_child_samples": 40,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_depth": 10,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbose": -1,
}
TREES = 300


@dataclass(frozen=True)
class Example:
    """One page: its rows, and for each block 1 (body), 0 (not) or -1 (unknown), with its weight."""

    domain: str
    rows: Matrix
    labels: np.ndarray
    weights: np.ndarray


# ---------------------------------------------------------------- labels from gold


def shingles(words: list[str]) -> set[tuple[str, ...]]:
    """The runs of four words."""
    return {tuple(words[i : i + 4]) for i in range(len(words) - 3)}


def label_from_body(texts: list[list[str]], body: str) -> list[int]:
    """Labels from a gold text: a block is body when its words stand there in this order."""
    paragraphs = {tuple(fold(line).split()) for line in re.split(r"\n+", body)}
    whole = fold(body)
    known = shingles(whole.split())
    share: list[float | None] = []
    for words in texts:
        if not words or tuple(words) in paragraphs:
            share.append(float(bool(words)))
        elif len(words) < 4:
            # "Yes" stands in many a text by chance: settled below, by the place.
            share.append(None if f" {' '.join(words)} " in f" {whole} " else 0.0)
        else:
            mine = shingles(words)
            share.append(len(mine & known) / len(mine))
    sure = [i for i, part in enumerate(share) if part is not None and part >= 0.8 and len(texts[i]) >= 8]
    first, last = (sure[0], sure[-1]) if sure else (0, -1)
    settled = [float(first < i < last) if part is None else part for i, part in enumerate(share)]
    return [1 if part >= 0.7 else 0 if part <= 0.25 else -1 for part in settled]


def label_from_snippets(texts: list[list[str]], must: list[str], must_not: list[str]) -> list[int]:
    """Labels from snippets: only blocks that hold one are known."""
    wanted = [fold(snippet) for snippet in must if fold(snippet)]
    unwanted = [fold(snippet) for snippet in must_not if fold(snippet)]
    labels = []
    for words in texts:
        text = " ".join(words)
        has = any(snippet in text for snippet in wanted)
        has_not = any(snippet in text for snippet in unwanted)
        labels.append(-1 if has == has_not else int(has))
    return labels


def read_example(gold: Path) -> Example | None:
    """One labelled page, as the reader sees it."""
    page = json.loads(gold.read_text(encoding="utf-8"))
    body = gzip.decompress((gold.parents[1] / page["html"]).read_bytes())
    content_type = f"text/html; charset={page['charset']}" if page.get("charset") else None
    try:
        parsed = parse_page(body, page["url"] or "http://unknown.invalid/", content_type)
    except PageError:
        return None
    metadata = find_metadata(parsed)
    clues = find_clues(metadata, choose_headline(metadata.headlines, metadata.publication))
    views = find_views(walk(parsed).blocks)
    labels = label_by_rules(views, clues)
    texts = [fold(view.block.text).split() for view in views]
    facts = page["gold"]
    if facts["body"] is not None:
        known = label_from_body(texts, facts["body"])
    else:
        known = label_from_snippets(texts, facts["with"] or [], facts["without"] or [])
    if page["set"] == "daniel-dev":
        known = [-1 if label.role in UNDECIDED_IN_DANIEL else one for one, label in zip(known, labels, strict=True)]
    weight = SET_WEIGHTS.get(page["set"], 0.5)
    return Example(
        page["domain"] or "",
        describe(views, [(label.role, label.confidence) for label in labels], clues.headline, clues.description),
        np.array(known, np.int8),
        np.array([weight * max(1, view.block.word_count) ** 0.5 for view in views], np.float32),
    )


# ---------------------------------------------------------------- trees


def train(examples: list[Example]) -> bytes:
    """A model, as the bytes of its file."""
    known = [example.labels >= 0 for example in examples]
    rows = np.concatenate([example.rows[keep] for example, keep in zip(examples, known, strict=True)])
    labels = np.concatenate([example.labels[keep] for example, keep in zip(examples, known, strict=True)])
    weights = np.concatenate([example.weights[keep] for example, keep in zip(examples, known, strict=True)])
    booster = lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, labels, weight=weights), TREES)
    return as_file(booster)


def as_file(booster: lightgbm.Booster) -> bytes:
    """The trees in flat arrays, in an .npz without times of its own."""
    trees = [flatten(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    width = max(len(tree) for tree in trees)
    arrays = {name: np.zeros((len(trees), width), kind) for name, kind in _ARRAYS.items()}
    # Leaves and unused places lead to themselves.
    flat = np.arange(len(trees) * width, dtype=np.int32).reshape(len(trees), width)
    arrays["left"][:], arrays["right"][:] = flat, flat
    depth = 0
    for t, tree in enumerate(trees):
        for n, (feature, threshold, left, right, value, level) in enumerate(tree):
            arrays["feature"][t, n], arrays["threshold"][t, n], arrays["value"][t, n] = feature, threshold, value
            if left is not None:
                arrays["left"][t, n], arrays["right"][t, n] = t * width + left, t * width + right
            depth = max(depth, level)
    arrays |= {"names": np.array(NAMES), "depth": np.array(depth), "bias": np.array(0.0)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in sorted(arrays.items()):
            member = io.BytesIO()
            np.save(member, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


_ARRAYS = {"feature": np.int16, "threshold": np.float32, "left": np.int32, "right": np.int32, "value": np.float32}


def flatten(root: dict) -> list[tuple]:
    """The nodes of a tree as (feature, threshold, left, right, value, depth); a leaf has no children."""
    nodes: list[tuple] = []

    def add(node: dict, depth: int) -> int:
        number = len(nodes)
        nodes.append(())
        if "leaf_value" in node:
            nodes[number] = (0, 0.0, None, None, node["leaf_value"], depth)
        else:
            left, right = add(node["left_child"], depth + 1), add(node["right_child"], depth + 1)
            # The nearest number below in 32 bits: a value is not larger than it just when it is not larger in 64.
            threshold = np.float32(node["threshold"])
            if float(threshold) > node["threshold"]:
                threshold = np.nextafter(threshold, np.float32(-np.inf))
            nodes[number] = (node["split_feature"], threshold, left, right, 0.0, depth)
        return number

    add(root, 0)
    return nodes


def main() -> None:
    """Read, train, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared/corpus")
    options = parser.parse_args()
    files = list(gold_files(options.corpus, list(SET_WEIGHTS)))
    with ProcessPoolExecutor(2) as pool:
        examples = [example for example in pool.map(read_example, files, chunksize=8) if example]
    print(f"{len(examples)} pages, {sum(len(example.labels) for example in examples)} blocks", file=sys.stderr)
    (ROOT / "scraper/read/body_model.npz").write_bytes(train(examples))
    for number in range(FOLDS):
        seen = [example for example in examples if fold_of(example.domain) != number]
        (ROOT / f"benchmarks/folds/{number}.npz").write_bytes(train(seen))


if __name__ == "__main__":
    main()
