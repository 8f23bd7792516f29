"""An ensemble of decision trees, evaluated in numpy. What it is asked for is its owner's affair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

# A page of thousands of blocks would take 100 MB of temporaries at once.
_ROWS_AT_ONCE = 256
# From here on the rows that have reached a leaf are left out; before, few have, and to sort them
# out costs more.
_FULL_STEPS = 5


@dataclass(frozen=True, slots=True)
class Trees:
    """
    Trees in flat arrays: shape (trees, nodes) each.

    Args:
        feature: Column that a node looks at; leaves look at column 0 and lead to themselves.
        threshold: A row whose value is not larger goes left.
        left, right: Numbers of the nodes that follow, counted through all trees.
        value: What a leaf adds to the logit.
        depth: Steps from the root to the deepest leaf.
    """

    feature: npt.NDArray[np.intp]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.intp]
    right: npt.NDArray[np.intp]
    value: npt.NDArray[np.float32]
    depth: int
    # Both ways out of each node side by side, and whether it is a leaf.
    _below: npt.NDArray[np.intp] = field(init=False, repr=False)
    _is_leaf: npt.NDArray[np.bool_] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        left, right = self.left.ravel(), self.right.ravel()
        object.__setattr__(self, "_below", np.stack((left, right), axis=1).ravel().astype(np.intp))
        object.__setattr__(self, "_is_leaf", left == np.arange(len(left)))

    def logits(self, rows: Matrix) -> Matrix:
        """The sum of the trees' values for each row."""
        parts = [self._sum(rows[at : at + _ROWS_AT_ONCE]) for at in range(0, len(rows), _ROWS_AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _sum(self, rows: Matrix) -> Matrix:
        trees, nodes = self.feature.shape
        count = len(rows)
        # Column after column, and all rows of a tree after each other: what one step looks at lies
        # close together.
        values = rows.T.ravel()
        feature, threshold = self.feature.ravel() * count, self.threshold.ravel()
        # One flat index for all trees: the nodes of tree t begin at t * nodes.
        node = np.repeat(np.arange(trees) * nodes, count)
        row = np.tile(np.arange(count), trees)
        for _ in range(min(self.depth, _FULL_STEPS)):
            node = self._step(node, row, values, feature, threshold)
        place, reached = np.arange(len(node)), node.copy()
        for _ in range(self.depth - _FULL_STEPS):
            is_open = np.flatnonzero(~self._is_leaf.take(node))
            place, row, node = place.take(is_open), row.take(is_open), node.take(is_open)
            node = self._step(node, row, values, feature, threshold)
            reached[place] = node
        total: Matrix = self.value.ravel().take(reached).reshape(trees, count).sum(axis=0)
        return total

    def _step(
        self,
        node: npt.NDArray[np.intp],
        row: npt.NDArray[np.intp],
        values: Matrix,
        feature: npt.NDArray[np.intp],
        threshold: npt.NDArray[np.float32],
    ) -> npt.NDArray[np.intp]:
        """The node below each one. ("clip" spares numpy a look at every index; none is out of bounds.)"""
        at = feature.take(node, mode="clip")
        at += row
        goes_right = values.take(at, mode="clip") > threshold.take(node, mode="clip")
        return self._below.take(2 * node + goes_right, mode="clip")


def read_trees(stored: Mapping[str, npt.NDArray[Any]], name: str) -> Trees:
    """The ensemble that a model file keeps under *name*."""
    return Trees(
        stored[f"{name}.feature"].astype(np.intp),
        stored[f"{name}.threshold"],
        stored[f"{name}.left"].astype(np.intp),
        stored[f"{name}.right"].astype(np.intp),
        stored[f"{name}.value"],
        int(stored[f"{name}.depth"]),
    )
