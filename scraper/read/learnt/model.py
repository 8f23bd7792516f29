"""
How likely a block is body: the mean of decision trees and of a small network, both evaluated in
numpy.

The file `model.npz` is data alone (arrays of numbers, no pickle), made by
`benchmarks/train_labels.py`; docs/labels.md is its card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import IO

import numpy as np
import numpy.typing as npt

from scraper.read.learnt import dek
from scraper.read.learnt.columns import ALL_COLUMNS, Columns
from scraper.read.learnt.network import Convolutions, read_convolutions
from scraper.read.learnt.trees import Matrix, Trees, read_trees

# Where the network alone is as sure as this (its logit; a chance of 2 %) that a block is not body,
# the trees are not asked: on no block of the labelled pages would they have made it body, and two
# thirds of all blocks are such.
_RULED_OUT = -4.0


@dataclass(frozen=True, slots=True)
class LabelModel:
    """
    What was learnt of labelled pages.

    Args:
        trees, network: Tell body from the rest by the rows of `columns.describe`.
        dek: Tells the dek from other blocks near the headline by the rows of
            `dek.describe_candidates`.
        columns: The hints and roles that it was trained on.
    """

    trees: Trees
    network: Convolutions
    dek: Trees
    columns: Columns = ALL_COLUMNS

    def body_chances(self, rows: Matrix, wanted: Sequence[int]) -> npt.NDArray[np.float32]:
        """
        The probability, 0 to 1, that each of the *wanted* blocks is body.

        Args:
            rows: Of all blocks of the page, in their order.
        """
        if not wanted:
            return np.zeros(0, np.float32)
        logits = self.network.logits(rows)[wanted]
        is_open = np.flatnonzero(logits > _RULED_OUT)
        logits[is_open] = (logits[is_open] + self.trees.logits(rows[np.array(wanted)[is_open]])) / 2
        chances: npt.NDArray[np.float32] = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return chances


def read_model(file: IO[bytes]) -> LabelModel:
    """
    The model in a file.

    Raises:
        ValueError: It was trained on columns that are not made here, or on other ones than
            `dek.COLUMNS`.
    """
    with np.load(file, allow_pickle=False) as stored:
        columns = Columns.named(stored["names"].tolist())
        if tuple(stored["dek.names"].tolist()) != dek.COLUMNS:
            raise ValueError("the model was trained on other columns of the dek: run benchmarks/train_labels.py")
        return LabelModel(
            read_trees(stored, "body.trees"),
            read_convolutions(stored, "body.network"),
            read_trees(stored, "dek.trees"),
            columns,
        )


@cache
def shipped_model() -> LabelModel:
    """The model of this package, read once in a process."""
    return read_model(BytesIO((files("scraper.read.learnt") / "model.npz").read_bytes()))
