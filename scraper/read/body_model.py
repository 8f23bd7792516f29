"""
How likely a block is body: a small ensemble of decision trees, evaluated in numpy.

The file `body_model.npz` is data alone (arrays of numbers, no pickle), made by
`benchmarks/train_labels.py`; docs/labels.md is its card.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import IO

import numpy as np
import numpy.typing as npt

from scraper.read.features import NAMES, Matrix


@dataclass(frozen=True, slots=True)
class BodyModel:
    """
    Trees in flat arrays: shape (trees, nodes) each.

    Args:
        feature: Column that a node looks at; leaves look at column 0 and lead to themselves.
        threshold: A block whose value is not larger goes left.
        left, right: Numbers of the nodes that follow.
        value: What a leaf adds to the logit.
        depth: Steps from the root to the deepest leaf.
        bias: The logit before any tree.
    """

    feature: npt.NDArray[np.intp]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.intp]
    right: npt.NDArray[np.intp]
    value: npt.NDArray[np.float32]
    depth: int
    bias: float

    def predict(self, rows: Matrix) -> npt.NDArray[np.float32]:
        """The probability, 0 to 1, that each block is body; *rows* as `features.describe` makes them."""
        trees, nodes = self.feature.shape
        # One flat index for all trees: the nodes of tree t begin at t * nodes.
        node = np.broadcast_to(np.arange(trees) * nodes, (len(rows), trees)).copy()
        first = np.arange(len(rows))[:, None] * rows.shape[1]
        values = rows.ravel()
        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        below = np.stack((self.left.ravel(), self.right.ravel()), axis=1).ravel()
        for _ in range(self.depth):
            goes_right = values.take(first + feature.take(node)) > threshold.take(node)
            node = below.take(2 * node + goes_right)
        logit = self.value.ravel().take(node).sum(axis=1) + self.bias
        chance: npt.NDArray[np.float32] = 1 / (1 + np.exp(-logit))
        return chance


def read_model(file: IO[bytes]) -> BodyModel:
    """
    The model in a file.

    Raises:
        ValueError: It was trained on other columns than `features.NAMES`.
    """
    with np.load(file, allow_pickle=False) as stored:
        if tuple(stored["names"].tolist()) != NAMES:
            raise ValueError("the model was trained on other features: run benchmarks/train_labels.py")
        return BodyModel(
            stored["feature"].astype(np.intp),
            stored["threshold"],
            stored["left"].astype(np.intp),
            stored["right"].astype(np.intp),
            stored["value"],
            int(stored["depth"]),
            float(stored["bias"]),
        )


@cache
def shipped_model() -> BodyModel:
    """The model of this package, read once in a process."""
    return read_model(BytesIO((files("scraper.read") / "body_model.npz").read_bytes()))
