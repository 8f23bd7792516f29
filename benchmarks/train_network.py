"""
The network of `scraper/read/learnt/network.py`, trained with jax on pages whose blocks are
labelled.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import optax

from scraper.read.learnt.network import REACH, squeeze

WIDTH = 48
EPOCHS = 14
DROPOUT = 0.2
RATE = 4e-3
# Pages are padded to one of these lengths, so that few shapes are compiled; a batch has about this
# many blocks.
LENGTHS = (64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 8192, 16384)
BATCH_BLOCKS = 12_288
SEED = 1


@dataclass(frozen=True)
class Labelled:
    """One page: its rows, and for each block 1 (body), 0 (not) or -1 (unknown), with its weight."""

    rows: np.ndarray
    labels: np.ndarray
    weights: np.ndarray


def train_network(pages: Sequence[Labelled], columns: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays that `read_convolutions` reads, without their prefix."""
    pages = [page for page in pages if (page.labels >= 0).any()]
    inputs = [squeeze(page.rows[:, columns]) for page in pages]
    every = np.concatenate(inputs)
    mean, deviation = every.mean(axis=0), every.std(axis=0) + 1e-2
    del every
    inputs = [((rows - mean) / deviation).clip(-6, 6) for rows in inputs]
    random = np.random.default_rng(SEED)
    key = jax.random.PRNGKey(SEED)
    weights = _initial(key, len(columns))
    steps = sum(1 for _ in _batches(inputs, random)) * EPOCHS
    optimizer = optax.chain(
        optax.clip_by_global_norm(1.0), optax.adamw(optax.cosine_onecycle_schedule(steps, RATE), weight_decay=1e-3)
    )
    state = optimizer.init(weights)

    @jax.jit
    def step(weights: list, state: object, batch: tuple, key: jax.Array) -> tuple:
        loss, slope = jax.value_and_grad(_loss)(weights, batch, key)
        update, state = optimizer.update(slope, state, weights)
        return optax.apply_updates(weights, update), state, loss

    for epoch in range(EPOCHS):
        losses = []
        for numbers, length, size in _batches(inputs, random):
            key, drop = jax.random.split(key)
            batch = _pack([inputs[i] for i in numbers], [pages[i] for i in numbers], length, size)
            weights, state, loss = step(weights, state, batch, drop)
            losses.append(loss)
        print(f"network, epoch {epoch + 1} of {EPOCHS}: loss {float(np.mean(losses)):.4f}", file=sys.stderr)
    arrays = {"columns": columns.astype(np.int16), "mean": mean, "deviation": deviation}
    for number, (weight, bias) in enumerate(weights):
        arrays[f"weight{number}"] = np.asarray(weight, np.float16)
        arrays[f"bias{number}"] = np.asarray(bias, np.float32)
    return arrays


def _initial(key: jax.Array, columns: int) -> list[tuple[jax.Array, jax.Array]]:
    shapes = [(columns, WIDTH), *[(3 * WIDTH, WIDTH)] * len(REACH), (WIDTH, 1)]
    keys = jax.random.split(key, len(shapes))
    return [
        (jax.random.normal(key, shape) * shape[0] ** -0.5, jnp.zeros(shape[1]))
        for key, shape in zip(keys, shapes, strict=True)
    ]


def _logits(weights: list, inputs: jax.Array, present: jax.Array, key: jax.Array) -> jax.Array:
    """
    As `Convolutions.logits`, for many padded pages: shapes (pages, blocks, columns) and (pages,
    blocks).
    """
    present = present[..., None]
    hidden = jax.nn.relu(inputs @ weights[0][0] + weights[0][1]) * present
    for reach, (weight, bias) in zip(REACH, weights[1:-1], strict=True):
        key, drop = jax.random.split(key)
        kept = hidden * jax.random.bernoulli(drop, 1 - DROPOUT, hidden.shape) / (1 - DROPOUT)
        before = jnp.pad(kept, ((0, 0), (reach, 0), (0, 0)))[:, :-reach]
        after = jnp.pad(kept, ((0, 0), (0, reach), (0, 0)))[:, reach:]
        around = jnp.concatenate((before, kept, after), axis=-1)
        hidden = (hidden + jax.nn.relu(around @ weight + bias)) * present
    return (hidden @ weights[-1][0] + weights[-1][1])[..., 0]


def _loss(weights: list, batch: tuple, key: jax.Array) -> jax.Array:
    inputs, present, labels, block_weights = batch
    losses = optax.sigmoid_binary_cross_entropy(_logits(weights, inputs, present, key), labels) * block_weights
    return losses.sum() / jnp.maximum(block_weights.sum(), 1e-6)


def _batches(inputs: list[np.ndarray], random: np.random.Generator) -> Iterator[tuple[list[int], int, int]]:
    """
    Numbers of pages of about one length, that length, and how many the batch has room for; in
    random order.
    """
    by_length: dict[int, list[int]] = {}
    for i in random.permutation(len(inputs)):
        by_length.setdefault(next(length for length in LENGTHS if len(inputs[i]) <= length), []).append(int(i))
    batches = []
    for length, numbers in by_length.items():
        size = max(1, BATCH_BLOCKS // length)
        batches += [(numbers[k : k + size], length, size) for k in range(0, len(numbers), size)]
    for k in random.permutation(len(batches)):
        yield batches[k]


def _pack(inputs: list[np.ndarray], pages: list[Labelled], length: int, size: int) -> tuple[np.ndarray, ...]:
    rows = np.zeros((size, length, inputs[0].shape[1]), np.float32)
    present, labels, weights = (np.zeros((size, length), np.float32) for _ in range(3))
    for k, (own, page) in enumerate(zip(inputs, pages, strict=True)):
        count = len(own)
        rows[k, :count] = own
        present[k, :count] = 1
        labels[k, :count] = page.labels == 1
        weights[k, :count] = page.weights * (page.labels >= 0)
    return rows, present, labels, weights
