"""How well the text of a page is likely told from the rest, learnt from pages whose text is known."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from scraper.model import BODY_ROLES, LabelledBlock
from scraper.text import count_words

# Mean confidence of the body's words, and the word F1 that pages with it have, read out of fold
# (`benchmarks/quality.py` prints the curve; docs/labels.md).
_CURVE = (
    (0.0, 0.30),
    (0.50, 0.45),
    (0.65, 0.62),
    (0.75, 0.71),
    (0.81, 0.82),
    (0.86, 0.875),
    (0.90, 0.90),
    (0.93, 0.922),
    (0.95, 0.937),
    (0.965, 0.951),
    (0.98, 0.957),
    (0.985, 0.968),
    (0.99, 0.977),
    (1.0, 0.993),
)


def text_confidence(blocks: Iterable[LabelledBlock]) -> float:
    """
    The word F1, 0 to 1, that the body is expected to have; 0 where there is none.

    >>> from scraper.model import Role
    >>> text_confidence([LabelledBlock(Role.BODY, "The gate opened at noon.", "model:body", 0.65)])
    0.62
    >>> text_confidence([])
    0.0
    """
    weighed = [(count_words(block.text), block.confidence) for block in blocks if block.role in BODY_ROLES]
    words = sum(count for count, _ in weighed)
    if not words:
        return 0.0
    sureness, expected = zip(*_CURVE, strict=True)
    mean = sum(count * confidence for count, confidence in weighed) / words
    return round(float(np.interp(mean, sureness, expected)), 3)
