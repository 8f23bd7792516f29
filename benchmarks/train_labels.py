"""
Train the models that label blocks: which are body, and which are the dek.

    python benchmarks/train_labels.py [--corpus ../shared/corpus] [--dek]

With `--dek` the models of body stay as they are in the files, and the dek alone is learnt anew.

Needs `pip install lightgbm jax optax`, for training alone: what ships is evaluated in numpy. From
one seed, on one version of each, the files are the same to the byte:
`scraper/read/learnt/model.npz`, and in `benchmarks/folds` five of which each has not seen one fifth
of the registrable domains. gn1-dev of ../shared/evaluation is never trained on.
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
from functools import partial
from pathlib import Path

import lightgbm
import numpy as np
from predict import FOLDS, ROOT, fold_of, gold_files
from train_network import Labelled, train_network

from scraper.errors import PageError
from scraper.model import Role
from scraper.read.facts.headline import choose_headline
from scraper.read.facts.metadata import find_metadata
from scraper.read.label.label import Clues, Label
from scraper.read.label.labels import body_chances, label_by_rules
from scraper.read.labelled import find_clues
from scraper.read.learnt import dek
from scraper.read.learnt.columns import ALL_COLUMNS, describe
from scraper.read.learnt.model import LabelModel
from scraper.read.learnt.network import read_convolutions
from scraper.read.learnt.trees import Trees, read_trees
from scraper.read.page.blocks import Picture
from scraper.read.page.parse import parse_page
from scraper.read.page.surroundings import View, find_views
from scraper.read.page.walk import walk
from scraper.text import fold

# How far the gold of a set is to be trusted (corpus/README.md), how many pages it has, and how much
# of a page it knows.
SET_WEIGHTS = {
    "fundus-dev": 4.0,
    "fundus-extra": 3.0,
    "wcxb-dev": 1.0,
    "trafilatura-dev": 0.15,
    "postlight-dev": 0.7,
    "daniel-dev": 0.5,
    "readability-dev": 0.4,
    "security-dev": 3.0,
}
# What all known blocks of a page weigh together: as much as many words, because the trees hold back
# by sums of weights.
PAGE_WEIGHT = 300.0
# daniel's gold keeps some of these and drops others: not labels to learn from.
UNDECIDED_IN_DANIEL = {Role.CAPTION, Role.DEK, Role.DATELINE}
SHARED_PARAMETERS = {
    "objective": "binary",
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbose": -1,
}
BODY_PARAMETERS = {
    "num_leaves": 32,
    "learning_rate": 0.12,
    "min_child_samples": 40,
    "lambda_l2": 2.0,
    "max_depth": 8,
    "feature_fraction": 0.4,
}
BODY_TREES = 100
DEK_PARAMETERS = {
    "num_leaves": 8,
    "learning_rate": 0.08,
    "min_child_samples": 5,
    "lambda_l2": 1.0,
    "feature_fraction": 0.25,
}
DEK_TREES = 120
# Few pages say what their dek is: forests from two seeds differ by a page in a hundred, and their
# mean is steadier.
DEK_FORESTS = 2
# Its empty lists mean little: on eight of its twenty pages without a dek an element is named so, or
# is the description.
SETS_WITHOUT_EMPTY_DEK = {"fundus-extra"}
# The network sees the neighbours themselves.
NEIGHBOURS = re.compile(r"[+~-]\d+$")
# The models that have not seen one fold each, and the one that has seen all.
MODEL_FILES = [
    *(ROOT / f"benchmarks/folds/{number}.npz" for number in range(FOLDS)),
    ROOT / "scraper/read/learnt/model.npz",
]
# How much of the words of a block and of a gold dek must be the same.
LEAST_DEK_SHARE = 0.8


@dataclass(frozen=True)
class Example:
    """One page for the models of body."""

    domain: str
    page: Labelled


@dataclass(frozen=True)
class DekExample:
    """One page for the trees of the dek: the rows of its candidates, and whether each is a dek."""

    domain: str
    rows: np.ndarray
    labels: np.ndarray


# ---------------------------------------------------------------- labels from gold


def shingles(words: list[str]) -> set[tuple[str, ...]]:
    """The runs of four words."""
    return {tuple(words[i : i + 4]) for i in range(len(words) - 3)}


# So many words stand twice on a page only where the text itself does (for another width of screen).
LEAST_REPEATED_WORDS = 12


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
    # A table of contents says what the sub-headings say, and is none of them.
    within = {tuple(words) for words in texts[first : last + 1]}
    settled = [
        0.0 if tuple(words) in within and not first <= i <= last and len(words) < LEAST_REPEATED_WORDS else part
        for i, (words, part) in enumerate(zip(texts, settled, strict=True))
    ]
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


def read_views(gold: Path) -> tuple[dict, list[View], list[Label], tuple[Picture, ...], Clues] | None:
    """A labelled page as the reader sees it before any model is asked; None where it cannot be read."""
    page = json.loads(gold.read_text(encoding="utf-8"))
    body = gzip.decompress((gold.parents[1] / page["html"]).read_bytes())
    content_type = f"text/html; charset={page['charset']}" if page.get("charset") else None
    try:
        parsed = parse_page(body, page["url"] or "http://unknown.invalid/", content_type)
    except PageError:
        return None
    metadata = find_metadata(parsed)
    outline = walk(parsed)
    clues = find_clues(parsed.url, metadata, choose_headline(metadata, outline.blocks))
    views = find_views(outline.blocks)
    return page, views, label_by_rules(views, clues), outline.pictures, clues


def read_example(gold: Path) -> Example | None:
    """One labelled page, for the models of body."""
    if (seen := read_views(gold)) is None:
        return None
    page, views, by_rules, pictures, clues = seen
    texts = [fold(view.block.text).split() for view in views]
    facts = page["gold"]
    if facts["body"] is not None:
        known = label_from_body(texts, facts["body"])
    else:
        known = label_from_snippets(texts, facts["with"] or [], facts["without"] or [])
    if page["set"] == "daniel-dev":
        known = [-1 if label.role in UNDECIDED_IN_DANIEL else one for one, label in zip(known, by_rules, strict=True)]
    known_roles = [(label.role, label.confidence) for label in by_rules]
    rows = describe(views, known_roles, pictures, clues.headline, clues.description)
    labels = np.array(known, np.int8)
    weights = weigh(np.array([view.block.word_count for view in views]), labels, SET_WEIGHTS.get(page["set"], 0.5))
    return Example(page["domain"] or "", Labelled(rows, labels, weights))


def weigh(word_counts: np.ndarray, labels: np.ndarray, set_weight: float) -> np.ndarray:
    """
    How much each block of a page counts in training: by its share of the known words.

    Extractors are measured by the mean over pages, so a long page must not count as many short
    ones.
    """
    words = np.maximum(1, word_counts)
    return (set_weight * PAGE_WEIGHT * words / max(1, words[labels >= 0].sum())).astype(np.float32)


def read_dek_example(gold: Path, models: list[LabelModel]) -> DekExample | None:
    """One page whose deks are annotated, as the model that has not seen its site sees it."""
    annotated = json.loads(gold.read_text(encoding="utf-8"))["gold"].get("dek")
    if annotated is None or (seen := read_views(gold)) is None:
        return None
    page, views, labels, pictures, clues = seen
    if not annotated and page["set"] in SETS_WITHOUT_EMPTY_DEK:
        return None
    domain = page["domain"] or ""
    chances = body_chances(views, labels, pictures, clues, models[fold_of(domain)])
    roles = [label.role for label in labels]
    numbers, rows = dek.describe_candidates(views, roles, chances, clues.headline, clues.description)
    wanted = [set(fold(text).split()) for text in annotated]
    is_dek = [is_of_dek(set(views[number].block.folded.split()), wanted) for number in numbers]
    return DekExample(domain, rows, np.array(is_dek, np.int8))


def is_of_dek(words: set[str], wanted: list[set[str]]) -> bool:
    """Whether a block is a paragraph of the gold dek, or several of them parted by line breaks."""

    def holds(whole: set[str], part: set[str]) -> bool:
        return bool(part) and len(whole & part) >= LEAST_DEK_SHARE * len(part)

    return any(holds(words, text) and (holds(text, words) or holds(set().union(*wanted), words)) for text in wanted)


# ---------------------------------------------------------------- trees


def train_trees(
    rows: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray | None,
    parameters: dict[str, object],
    count: int,
    forests: int = 1,
) -> dict[str, np.ndarray]:
    """
    The arrays that `read_trees` reads, without their prefix: the mean of so many forests of *count*
    trees.
    """
    trees = []
    for seed in range(1, forests + 1):
        data = lightgbm.Dataset(rows, labels, weight=weights)
        booster = lightgbm.train(SHARED_PARAMETERS | parameters | {"seed": seed}, data, count)
        trees += [flatten(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    width = max(len(tree) for tree in trees)
    arrays = {name: np.zeros((len(trees), width), kind) for name, kind in _ARRAYS.items()}
    # Leaves and unused places lead to themselves.
    flat = np.arange(len(trees) * width, dtype=np.int32).reshape(len(trees), width)
    arrays["left"][:], arrays["right"][:] = flat, flat
    for t, tree in enumerate(trees):
        for n, (feature, threshold, left, right, value, _) in enumerate(tree):
            arrays["feature"][t, n], arrays["threshold"][t, n] = feature, threshold
            arrays["value"][t, n] = value / forests
            if left is not None:
                arrays["left"][t, n], arrays["right"][t, n] = t * width + left, t * width + right
    return arrays | {"depth": np.array(max(level for tree in trees for *_, level in tree))}


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
            # The nearest number below in 32 bits: a value is not larger than it just when it is not
            # larger in 64.
            threshold = np.float32(node["threshold"])
            if float(threshold) > node["threshold"]:
                threshold = np.nextafter(threshold, np.float32(-np.inf))
            nodes[number] = (node["split_feature"], threshold, left, right, 0.0, depth)
        return number

    add(root, 0)
    return nodes


# ---------------------------------------------------------------- models


def named(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays under the names they have in a model file."""
    return {f"{prefix}.{name}": array for name, array in arrays.items()}


def train_body(examples: list[Example]) -> dict[str, np.ndarray]:
    """Trees and network that tell body from the rest."""
    pages = [example.page for example in examples]
    known = [page.labels >= 0 for page in pages]
    rows, labels, weights = (
        np.concatenate([getattr(page, name)[keep] for page, keep in zip(pages, known, strict=True)])
        for name in ("rows", "labels", "weights")
    )
    trees = train_trees(rows, labels, weights, BODY_PARAMETERS, BODY_TREES)
    columns = np.array([i for i, name in enumerate(ALL_COLUMNS.names) if not NEIGHBOURS.search(name)])
    return named("body.trees", trees) | named("body.network", train_network(pages, columns))


def train_dek(examples: list[DekExample]) -> dict[str, np.ndarray]:
    """Trees that tell the dek."""
    rows = np.concatenate([example.rows for example in examples])
    labels = np.concatenate([example.labels for example in examples])
    return named("dek.trees", train_trees(rows, labels, None, DEK_PARAMETERS, DEK_TREES, DEK_FORESTS))


def as_model(arrays: dict[str, np.ndarray]) -> LabelModel:
    """The models of body, to be asked before there are any of the dek."""
    nothing = Trees(*[np.zeros((1, 1), np.int64)] * 5, depth=0)
    return LabelModel(read_trees(arrays, "body.trees"), read_convolutions(arrays, "body.network"), nothing)


def body_in(path: Path) -> dict[str, np.ndarray]:
    """The arrays of body in a model file."""
    with np.load(path, allow_pickle=False) as stored:
        if tuple(stored["names"].tolist()) != ALL_COLUMNS.names:
            raise SystemExit(f"{path} was trained on other features: leave out --dek")
        return {name: stored[name] for name in stored if name.startswith("body.")}


def as_file(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays as an .npz without times of its own."""
    arrays = arrays | {"names": np.array(ALL_COLUMNS.names), "dek.names": np.array(dek.COLUMNS)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in sorted(arrays.items()):
            member = io.BytesIO()
            np.save(member, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def main() -> None:
    """Read, train, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared/corpus")
    parser.add_argument("--dek", action="store_true", help="keep the models of body")
    options = parser.parse_args()
    files = list(gold_files(options.corpus, list(SET_WEIGHTS)))
    if options.dek:
        *bodies, whole = map(body_in, MODEL_FILES)
    else:
        with ProcessPoolExecutor(2) as pool:
            examples = [example for example in pool.map(read_example, files, chunksize=8) if example]
        print(f"{len(examples)} pages, {sum(len(example.page.labels) for example in examples)} blocks", file=sys.stderr)
        bodies = [train_body([one for one in examples if fold_of(one.domain) != number]) for number in range(FOLDS)]
        whole = train_body(examples)
    read_deks = partial(read_dek_example, models=[as_model(arrays) for arrays in bodies])
    dek_examples = [example for example in map(read_deks, files) if example]
    for number, (path, arrays) in enumerate(zip(MODEL_FILES, [*bodies, whole], strict=True)):
        seen = [one for one in dek_examples if number == FOLDS or fold_of(one.domain) != number]
        path.write_bytes(as_file(arrays | train_dek(seen)))


if __name__ == "__main__":
    main()
