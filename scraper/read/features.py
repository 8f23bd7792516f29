"""
What the body model looks at: one row of numbers a block.

A row tells the block's own text, its element and the elements around it, the rule that took it (if
any), how its container and the blocks of the same make are, and its neighbours on both sides. No column
depends on a language or names a site. `NAMES` has the columns in order; the model file carries the same list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from scraper.model import BODY_ROLES, Role
from scraper.read.blocks import Block, Element
from scraper.read.names import Hint
from scraper.read.views import FULL_STOP, View
from scraper.text import fold

Matrix = npt.NDArray[np.float32]

_TAGS = "p div li td h1 h2 h3 h4 blockquote figcaption pre dd dt button label section span center body".split()
_AROUND = "article main section aside nav footer header table ul ol form figure blockquote details dl".split()
_HINTS = [hint for hint in Hint if hint is not Hint.NONE]
_HINT_BITS = np.array([int(hint) for hint in _HINTS])
_ROLES = list(Role)
_SENTENCE = re.compile(r"[.!?…。！？؟।]")
_QUOTE = re.compile(r"[\"“”„«»「」]")
_DIGIT = re.compile(r"\d")

_TEXT = [
    "words", "log-words", "chars-a-word", "link-share", "links", "emphasis", "lines", "full-stop", "colon", "sentences",
    "commas", "quotes", "digits", "capitals", "capital-first", "hidden", "ellipsis",
]  # fmt: skip
_PLACE = [
    "inside", "depth", "position", "after-headline", "headline-overlap", "is-description", "repeated", "words-before",
    "words-after", "inside-words-before", "rule-body", "rule-confidence",
]  # fmt: skip
_GROUP = ["count", "words", "mean-words", "mean-links", "full-stops", "share", "rule-body"]
_GROUPS = ["parent", "grandparent", "great-grandparent", "make"]
_NEAR = ["log-words", "link-share", "full-stop", "rule-body", "heading", "list", "paragraph", "inside"]
_STEPS = (-3, -2, -1, 1, 2, 3)
_WINDOWS = (4, 10)

NAMES: tuple[str, ...] = (
    *_TEXT,
    *_PLACE,
    *(f"tag-{tag}" for tag in _TAGS),
    *(f"in-{tag}" for tag in _AROUND),
    *(f"own-{hint.name}" for hint in _HINTS),
    *(f"inherited-{hint.name}" for hint in _HINTS),
    *(f"role-{role}" for role in _ROLES),
    *(f"{group}-{name}" for group in _GROUPS for name in _GROUP),
    *(f"{name}{step:+}" for step in _STEPS for name in _NEAR),
    *(f"{name}~{window}" for window in _WINDOWS for name in _NEAR),
)


def describe(
    views: Sequence[View], roles: Sequence[tuple[Role, float]], headline: str | None, description: str | None
) -> Matrix:
    """
    The rows of a page's blocks: shape (blocks, columns).

    Args:
        roles: What the rules alone make of each block, with their confidence.
        headline, description: Of the page's metadata.
    """
    if not views:
        return np.zeros((0, len(NAMES)), np.float32)
    text = np.array([_text_row(view.block) for view in views], np.float32)
    body = np.array([role in BODY_ROLES for role, _ in roles], np.float32)
    inside = np.array([view.is_inside for view in views], np.float32)
    words = text[:, 0]
    place = _place(views, roles, words, inside, body, headline, description)
    tags = _tag_columns(views)
    hints = np.hstack((_bits([view.own for view in views]), _bits([view.inherited for view in views])))
    role_columns = np.zeros((len(views), len(_ROLES)), np.float32)
    role_columns[np.arange(len(views)), [_ROLES.index(role) for role, _ in roles]] = 1
    groups = [_group_columns(ids, words, text[:, 3], text[:, 7], body) for ids in _group_ids(views)]
    paragraph, item = tags[:, 0], tags[:, 2]
    heading = tags[:, 4:8].sum(axis=1)
    near = np.column_stack((text[:, 1], text[:, 3], text[:, 7], body, heading, item, paragraph, inside))
    steps = [_shifted(near, step) for step in _STEPS]
    windows = [_window_mean(near, window) for window in _WINDOWS]
    return np.hstack((text, place, tags, hints, role_columns, *groups, *steps, *windows)).astype(np.float32)


def _text_row(block: Block) -> tuple[float, ...]:
    text = block.text
    length = len(text)
    words = block.word_count
    links = sum(inline.is_link for inline in block.inlines)
    return (
        words,
        np.log1p(words),
        length / max(1, words),
        block.link_share,
        links,
        len(block.inlines) - links,
        text.count("\n"),
        bool(FULL_STOP.search(text)),
        text.endswith((":", "：")),
        len(_SENTENCE.findall(text)),
        text.count(",") + text.count("、") + text.count("，"),
        len(_QUOTE.findall(text)),
        len(_DIGIT.findall(text)) / length,
        sum(map(str.isupper, text)) / length,
        text[0].isupper(),
        block.is_hidden,
        text.endswith(("…", "...")),
    )


def _place(
    views: Sequence[View],
    roles: Sequence[tuple[Role, float]],
    words: npt.NDArray[Any],
    inside: npt.NDArray[Any],
    body: npt.NDArray[Any],
    headline: str | None,
    description: str | None,
) -> npt.NDArray[Any]:
    count = len(views)
    order = np.arange(count)
    at = next((i for i, (role, _) in enumerate(roles) if role is Role.HEADLINE), 0)
    title = set(fold(headline).split())
    summary = fold(description)
    seen: dict[str, int] = {}
    for view in views:
        seen[view.folded] = seen.get(view.folded, 0) + 1
    overlap = [len(title.intersection(view.folded.split())) / max(1, len(title)) for view in views]
    is_summary = [bool(summary) and (view.folded == summary or view.folded.startswith(summary[:60])) for view in views]
    total = max(1.0, float(words.sum()))
    running = np.cumsum(words)
    return np.column_stack(
        (
            inside,
            _depths(views),
            order / count,
            np.clip(order - at, -50, 200),
            overlap,
            is_summary,
            [seen[view.folded] > 1 for view in views],
            (running - words) / total,
            (total - running) / total,
            np.cumsum(words * inside) - words * inside,
            body,
            [confidence for _, confidence in roles],
        )
    )


def _depths(views: Sequence[View]) -> list[int]:
    """How many elements each block stands in."""
    known: dict[Element, int] = {}
    for view in views:
        below = []
        depth = 0
        for around in view.block.element.ancestors():
            if around in known:
                depth = known[around]
                break
            below.append(around)
        known.update((around, depth + number) for number, around in enumerate(reversed(below), 1))
    return [known[view.block.element] for view in views]


def _tag_columns(views: Sequence[View]) -> Matrix:
    """Which tag each block's element has, and which ones are around it."""
    rows = {tags: [tag in tags for tag in _AROUND] for tags in {view.block.element.tags for view in views}}
    own = {tag: [tag == known for known in _TAGS] for tag in {view.block.tag for view in views}}
    return np.array([own[view.block.tag] + rows[view.block.element.tags] for view in views], np.float32)


def _bits(hints: Sequence[int]) -> Matrix:
    """A column for each hint, in the order of their bits."""
    columns: Matrix = (np.array(hints)[:, None] & _HINT_BITS > 0).astype(np.float32)
    return columns


def _group_ids(views: Sequence[View]) -> list[list[int]]:
    """For each block, what it shares with others: its parents, and the make (tag and names) of its element."""
    parents: list[list[int]] = [[], [], []]
    makes: dict[tuple[str, str, str], int] = {}
    make_ids = []
    for view in views:
        element: Element | None = view.block.element
        outer = element.parent if element else None
        make = (view.block.tag, view.block.names, outer.names if outer else "")
        make_ids.append(makes.setdefault(make, len(makes)))
        for level in parents:
            element = element.parent if element and element.parent else element
            level.append(element.order if element else 0)
    return [*parents, make_ids]


def _group_columns(
    ids: list[int], words: npt.NDArray[Any], links: npt.NDArray[Any], stops: npt.NDArray[Any], body: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    _, group = np.unique(np.array(ids), return_inverse=True)
    count = np.bincount(group).astype(np.float32)
    total = np.bincount(group, words)
    columns = (
        count,
        total,
        total / count,
        np.bincount(group, links) / count,
        np.bincount(group, stops * words) / np.maximum(1, total),
        total / max(1.0, float(words.sum())),
        np.bincount(group, body * words) / np.maximum(1, total),
    )
    return np.column_stack([column[group] for column in columns])


def _shifted(columns: npt.NDArray[Any], step: int) -> npt.NDArray[Any]:
    """The columns of the block *step* further on; -1 where there is none."""
    out = np.full_like(columns, -1)
    if step > 0:
        out[:-step] = columns[step:]
    else:
        out[-step:] = columns[:step]
    return out


def _window_mean(columns: npt.NDArray[Any], window: int) -> npt.NDArray[Any]:
    """Means over the *window* blocks on both sides and the block itself."""
    count = len(columns)
    sums: npt.NDArray[Any] = np.vstack((np.zeros(columns.shape[1]), np.cumsum(columns, axis=0)))
    low = np.maximum(0, np.arange(count) - window)
    high = np.minimum(count, np.arange(count) + window + 1)
    means: npt.NDArray[Any] = (sums[high] - sums[low]) / (high - low)[:, None]
    return means
