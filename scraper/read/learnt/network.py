"""
A small network over a page's blocks in their order, evaluated in numpy.

Each layer sees a block and two others, one on each side; the layers look 1, 2, 4, 8 and 16 blocks
far (dilated convolutions: F. Yu and V. Koltun, Multi-Scale Context Aggregation by Dilated
Convolutions, ICLR 2016).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scraper.read.learnt.trees import Matrix

REACH = (1, 2, 4, 8, 16)  # blocks: each layer looks twice as far as the one before
_WIDEST = 6.0  # deviations; what is further off is as rare


@dataclass(frozen=True, slots=True)
class Convolutions:
    """
    The weights of the network.

    Args:
        columns: Numbers of the columns it looks at; what tells of neighbours it need not be told.
        mean, deviation: Of those columns in training, after `squeeze`.
        weights, biases: Of the first layer (columns to width), of each convolution (three times the
            width to the width), of the last one (width to 1).
    """

    columns: npt.NDArray[np.intp]
    mean: Matrix
    deviation: Matrix
    weights: tuple[Matrix, ...]
    biases: tuple[Matrix, ...]

    def logits(self, rows: Matrix) -> Matrix:
        """One number for each block of a page; *rows* must be all of them, in order."""
        inputs = ((squeeze(rows[:, self.columns]) - self.mean) / self.deviation).clip(-_WIDEST, _WIDEST)
        hidden = np.maximum(inputs @ self.weights[0] + self.biases[0], 0)
        count, width = hidden.shape
        for reach, weight, bias in zip(REACH, self.weights[1:-1], self.biases[1:-1], strict=True):
            around = np.zeros((count, 3 * width), np.float32)
            around[:, width : 2 * width] = hidden
            if count > reach:
                around[reach:, :width] = hidden[:-reach]
                around[:-reach, 2 * width :] = hidden[reach:]
            hidden = hidden + np.maximum(around @ weight + bias, 0)
        out: Matrix = (hidden @ self.weights[-1] + self.biases[-1])[:, 0]
        return out


def squeeze(values: Matrix) -> Matrix:
    """Counts brought to one scale with shares: the logarithm, with the sign kept."""
    squeezed: Matrix = np.copysign(np.log1p(np.abs(values)), values)
    return squeezed


def read_convolutions(stored: Mapping[str, npt.NDArray[Any]], name: str) -> Convolutions:
    """The network that a model file keeps under *name*."""
    layers = range(len(REACH) + 2)
    return Convolutions(
        stored[f"{name}.columns"].astype(np.intp),
        stored[f"{name}.mean"],
        stored[f"{name}.deviation"],
        tuple(stored[f"{name}.weight{layer}"].astype(np.float32) for layer in layers),
        tuple(stored[f"{name}.bias{layer}"].astype(np.float32) for layer in layers),
    )
