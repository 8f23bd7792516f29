"""
What the body model looks at: one row of numbers a block.

A row tells the block's own text, its element and the elements around it, the rule that took it (if
any), how its container and the blocks of the same make are, and its neighbours on both sides. No
column depends on a language or names a site. A model file lists its columns in order (`Columns`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from scraper.model import BODY_ROLES, Role
from scraper.read.learnt.trees import Matrix
from scraper.read.page.blocks import Block, Element, Picture
from scraper.read.page.hints import Hint
from scraper.read.page.identifiers import identifier_share, is_address
from scraper.read.page.surroundings import FEWEST_LONG_WORDS, View
from scraper.read.words.sentences import ends_sentence
from scraper.text import fold

_TAGS = "p div li td th h1 h2 h3 h4 blockquote figcaption pre dd dt button label section span center body".split()
_AROUND = "article main section aside nav footer header table ul ol form figure blockquote details dl pre".split()
# Kinds of characters: ends of sentences, commas, quotes, digits, capitals, signs of code.
_KINDS: tuple[Callable[[str], bool], ...] = (
    frozenset(".!?…。！？؟।").__contains__,
    frozenset(",、，").__contains__,
    frozenset('"“”„«»「」').__contains__,
    str.isdecimal,
    str.isupper,
    frozenset("{}[]<>=;\\/_|$&*#@%^~+").__contains__,
)

_TEXT = [
    "words", "log-words", "chars-a-word", "link-share", "links", "emphasis", "lines", "full-stop", "colon", "sentences",
    "commas", "quotes", "digits", "capitals", "capital-first", "hidden", "ellipsis",
    "signs", "identifiers", "is-address", "is-code", "code-share", "longest-word",
]  # fmt: skip
_PLACE = [
    "inside", "depth", "position", "after-headline", "headline-overlap", "is-description", "repeated", "words-before",
    "words-after", "inside-words-before", "rule-body", "rule-confidence", "levels-to-text", "text-share-there",
]  # fmt: skip
_GROUP = ["count", "words", "mean-words", "mean-links", "full-stops", "share", "rule-body", "technical"]
_PICTURES = ["picture-before", "picture-after", "pictures-near", "picture-box"]
_GROUPS = ["parent", "grandparent", "great-grandparent", "make", "whole"]
_NEAR = ["log-words", "link-share", "full-stop", "rule-body", "heading", "list", "paragraph", "inside", "technical"]
# What is one thing to its reader: the blocks of one of these are a grouping, the innermost counts.
_WHOLES = frozenset(("table", "ul", "ol", "dl", "pre"))
_STEPS = (-3, -2, -1, 1, 2, 3)  # neighbours, as the model was trained
_WINDOWS = (4, 10)  # blocks on both sides, as the model was trained
_OWN, _ROLE = "own-", "role-"


_CODE_TAGS = frozenset(("code", "kbd", "tt", "samp"))
_FEWEST_DIGITS = 3  # no number of a flaw, no hash and no address has fewer
# What says of a text that it is none of sentences.
_TECHNICAL = [_TEXT.index(name) for name in ("identifiers", "is-code", "code-share")]


@dataclass(frozen=True, slots=True)
class Columns:
    """
    The columns that a model was trained on: those that every model has, and one for each hint and
    role known then.

    Of a hint that came later a model sees nothing, and a role that came later is "other" to it, so
    neither needs a training.

    Args:
        hints, roles: By the names that `Hint` and `Role` have for them.
    """

    hints: tuple[str, ...]
    roles: tuple[str, ...]

    @classmethod
    def named(cls, names: Sequence[str]) -> Columns:
        """
        Those of a model file that lists all its columns.

        Raises:
            ValueError: Some of them are none that are made here.
        """
        found = cls(*(_behind(prefix, names) for prefix in (_OWN, _ROLE)))
        if found.names != tuple(names):
            raise ValueError("the model was trained on other columns: run benchmarks/train_labels.py")
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """All columns in their order."""
        return (
            *_TEXT,
            *_PLACE,
            *_PICTURES,
            *(f"tag-{tag}" for tag in _TAGS),
            *(f"in-{tag}" for tag in _AROUND),
            *(f"{_OWN}{hint}" for hint in self.hints),
            *(f"inherited-{hint}" for hint in self.hints),
            *(f"{_ROLE}{role}" for role in self.roles),
            *(f"{group}-{name}" for group in _GROUPS for name in _GROUP),
            *(f"{name}{step:+}" for step in _STEPS for name in _NEAR),
            *(f"{name}~{window}" for window in _WINDOWS for name in _NEAR),
        )

    def of_hints(self, hints: Sequence[int]) -> Matrix:
        """Which hints each block has: shape (blocks, hints)."""
        bits = np.array([int(Hint.__members__.get(name, Hint.NONE)) for name in self.hints])
        columns: Matrix = (np.array(hints)[:, None] & bits > 0).astype(np.float32)
        return columns

    def of_roles(self, roles: Sequence[Role]) -> Matrix:
        """Which role each block has: shape (blocks, roles)."""
        numbers = {role: number for number, role in enumerate(self.roles)}
        columns = np.zeros((len(roles), len(numbers)), np.float32)
        columns[np.arange(len(roles)), [numbers.get(role, numbers[Role.OTHER]) for role in roles]] = 1
        return columns


def _behind(prefix: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.removeprefix(prefix) for name in names if name.startswith(prefix))


# What a model is trained on now.
ALL_COLUMNS = Columns(tuple(hint.name or "" for hint in Hint if hint is not Hint.NONE), tuple(Role))


def describe(
    views: Sequence[View],
    roles: Sequence[tuple[Role, float]],
    pictures: Sequence[Picture],
    headline: str | None,
    description: str | None,
    columns: Columns = ALL_COLUMNS,
) -> Matrix:
    """
    The rows of a page's blocks: shape (blocks, columns).

    Args:
        roles: What the rules alone make of each block, with their confidence.
        pictures: Of the page, in their order.
        headline, description: Of the page's metadata.
        columns: Those of the model that is asked.
    """
    if not views:
        return np.zeros((0, len(columns.names)), np.float32)
    text = _text_columns(views).astype(np.float32)
    body = np.array([role in BODY_ROLES for role, _ in roles], np.float32)
    inside = np.array([view.is_inside for view in views], np.float32)
    words = text[:, 0]
    place = _place(views, roles, words, inside, body, headline, description)
    tags = _tag_columns(views)
    hints = [columns.of_hints([view.own for view in views]), columns.of_hints([view.inherited for view in views])]
    role_columns = columns.of_roles([role for role, _ in roles])
    technical = text[:, _TECHNICAL].max(axis=1)
    groups = _group_columns(_group_ids(views), words, text[:, 3], text[:, 7], body, technical)
    paragraph, item = tags[:, _TAGS.index("p")], tags[:, _TAGS.index("li")]
    heading = tags[:, _TAGS.index("h1") : _TAGS.index("h4") + 1].sum(axis=1)
    near = np.column_stack((text[:, 1], text[:, 3], text[:, 7], body, heading, item, paragraph, inside, technical))
    steps = [_shifted(near, step) for step in _STEPS]
    windows = [_window_mean(near, window) for window in _WINDOWS]
    rows = (text, place, _picture_columns(views, pictures), tags, *hints, role_columns, groups, *steps, *windows)
    return np.hstack(rows, dtype=np.float32, casting="same_kind")


def _text_columns(views: Sequence[View]) -> npt.NDArray[Any]:
    blocks = [view.block for view in views]
    texts = [block.text for block in blocks]
    words = np.array([block.word_count for block in blocks])
    length = np.array([len(text) for text in texts])
    links = [len([1 for inline in block.inlines if inline.href is not None]) for block in blocks]
    sentences, commas, quotes, digits, capitals, signs = _count_characters(texts, length).T
    return np.column_stack(
        (
            words,
            np.log1p(words),
            length / np.maximum(1, words),
            [block.link_share for block in blocks],
            links,
            [len(block.inlines) - number for block, number in zip(blocks, links, strict=True)],
            [text.count("\n") for text in texts],
            [ends_sentence(text) for text in texts],
            [text.endswith((":", "：")) for text in texts],
            sentences,
            commas,
            quotes,
            digits / length,
            capitals / length,
            [text[0].isupper() for text in texts],
            [block.is_hidden for block in blocks],
            [text.endswith(("…", "...")) for text in texts],
            signs / length,
            [
                identifier_share(text) if number >= _FEWEST_DIGITS or "[" in text else 0.0
                for text, number in zip(texts, digits.tolist(), strict=True)
            ],
            [is_address(text) for text in texts],
            ["pre" in block.element.tags for block in blocks],
            _code_shares(blocks),
            np.log1p([max(map(len, text.split())) if text.isascii() else 0 for text in texts]),
        )
    )


def _code_shares(blocks: Sequence[Block]) -> list[float]:
    """How much of each block stands in elements of code, 0 to 1."""
    shares = [0.0] * len(blocks)
    for i, inline in [(i, one) for i, block in enumerate(blocks) for one in block.inlines if one.tag in _CODE_TAGS]:
        shares[i] = min(1.0, shares[i] + (inline.end - inline.start) / len(blocks[i].text))
    return shares


def _count_characters(texts: Sequence[str], length: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """
    How many characters of each kind each text has: shape (texts, kinds).

    Counted in one go: most of a page's texts are a few words.
    """
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    sets = 1 << len(_KINDS)  # of kinds that a character may be of
    found = np.repeat(np.arange(len(texts)) * sets, length) + _kinds_of_characters().take(codes, mode="clip")
    counts = np.bincount(found, minlength=len(texts) * sets).reshape(len(texts), sets)
    is_of_kind = np.arange(sets)[:, None] >> np.arange(len(_KINDS)) & 1
    # Whole numbers are multiplied many times as slowly.
    kinds: npt.NDArray[np.float64] = counts.astype(float) @ is_of_kind.astype(float)
    return kinds


@cache
def _kinds_of_characters() -> npt.NDArray[np.uint8]:
    """
    For each character, a bit for each kind it is of. No digit and no capital stands beyond the
    second plane.
    """
    characters = list(map(chr, range(0x20000)))
    kinds = np.zeros(len(characters), np.uint8)
    for bit, is_of_kind in enumerate(_KINDS):
        kinds |= np.fromiter(map(is_of_kind, characters), np.uint8, len(characters)) << bit
    return kinds


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
    texts = [view.block.folded for view in views]
    seen = Counter(texts)
    overlap = np.array([len(title.intersection(text.split())) for text in texts]) / max(1, len(title))
    is_summary = [bool(summary) and text.startswith(summary[:60]) for text in texts]
    total = max(1.0, float(words.sum()))
    running = np.cumsum(words)
    return np.column_stack(
        (
            inside,
            [view.block.element.depth for view in views],
            order / count,
            np.clip(order - at, -50, 200),
            overlap,
            is_summary,
            [seen[text] > 1 for text in texts],
            (running - words) / total,
            (total - running) / total,
            np.cumsum(words * inside) - words * inside,
            body,
            [confidence for _, confidence in roles],
            *_levels_to_text(views, words, body),
        )
    )


_MOST_LEVELS = 6  # what is farther from the text is as far


def _levels_to_text(
    views: Sequence[View], words: npt.NDArray[Any], body: npt.NDArray[Any]
) -> tuple[list[float], list[float]]:
    """
    How many levels above a block the next element is that holds paragraphs itself, and how much of
    all paragraphs it holds.
    """
    held: dict[Element | None, float] = {}
    for view, count, is_body in zip(views, words.tolist(), body.tolist(), strict=True):
        if is_body and count >= FEWEST_LONG_WORDS:
            around = view.block.element.parent
            held[around] = held.get(around, 0.0) + count
    total = sum(held.values()) or 1.0
    found: dict[Element, tuple[float, float]] = {}

    def look(element: Element) -> tuple[float, float]:
        """Of an element: what its parent holds, or what holds for its parent, a level farther."""
        line: list[Element] = []
        while element not in found:
            line.append(element)
            if element.parent is None or element.parent in held:
                break
            element = element.parent
        level, share = found.get(element) or (-1.0, held.get(element.parent, 0.0) / total)
        for around in reversed(line):
            level += 1
            if around.parent is None:
                level, share = _MOST_LEVELS, 0.0
            found[around] = (level, share)
        return level, share

    places = [look(view.block.element) for view in views]
    far = (float(_MOST_LEVELS), 0.0)
    places = [place if place[0] < _MOST_LEVELS - 1 else far for place in places]
    return [level for level, _ in places], [share for _, share in places]


# Farther pictures are not told apart, in blocks; how many elements around a picture are its box.
_PICTURE_REACH = 9
_PICTURES_NEAR = 3
_BOX_LEVELS = 3


def _picture_columns(views: Sequence[View], pictures: Sequence[Picture]) -> npt.NDArray[Any]:
    """
    How far the last and the next picture are, how many are near, how close a box is shared with
    one.
    """
    count = len(views)
    order = np.arange(count)
    at = np.sort([picture.before_block for picture in pictures]).astype(np.intp)
    bounds = np.concatenate(([-_PICTURE_REACH - 1], at, [count + _PICTURE_REACH]))
    passed = np.searchsorted(at, order, side="right")
    near = np.searchsorted(at, order + _PICTURES_NEAR, side="right") - np.searchsorted(at, order - _PICTURES_NEAR)
    boxes: dict[Element | None, int] = {}
    for picture in pictures:
        for level, element in enumerate(islice(picture.element.ancestors(), _BOX_LEVELS)):
            boxes[element] = max(boxes.get(element, 0), _BOX_LEVELS - level)
    elements = [view.block.element for view in views]
    return np.column_stack(
        (
            np.minimum(order - bounds[passed], _PICTURE_REACH),
            np.minimum(bounds[passed + 1] - order, _PICTURE_REACH),
            near,
            [max(boxes.get(element, 0), boxes.get(element.parent, 0)) for element in elements],
        )
    )


def _tag_columns(views: Sequence[View]) -> Matrix:
    """Which tag each block's element has, and which ones are around it."""
    elements = [view.block.element for view in views]
    numbers: dict[tuple[str, frozenset[str]], int] = {}
    row_of = [numbers.setdefault((element.tag, element.tags), len(numbers)) for element in elements]
    distinct = [[tag == known for known in _TAGS] + [around in tags for around in _AROUND] for tag, tags in numbers]
    return np.array(distinct, np.float32)[row_of]


def _group_ids(views: Sequence[View]) -> npt.NDArray[np.intp]:
    """
    For each block the numbers of what it shares with others: its parents, the make (tag and names)
    of its element, and the list, table or listing that it is part of.

    Shape: (groupings, blocks). No two groupings share a number.
    """
    elements = [view.block.element for view in views]
    first = [element.parent or element for element in elements]
    second = [element.parent or element for element in first]
    third = [element.parent or element for element in second]
    whole = [
        next((around for around in element.ancestors() if around.tag in _WHOLES), parent)
        if not _WHOLES.isdisjoint(element.tags)
        else parent
        for element, parent in zip(elements, first, strict=True)
    ]
    makes: dict[tuple[str, str, str], int] = {}
    make = [
        makes.setdefault((element.tag, element.names, parent.names if parent is not element else ""), len(makes))
        for element, parent in zip(elements, first, strict=True)
    ]
    orders = ([element.order for element in level] for level in (first, second, third))
    ids = np.array([*orders, make, [element.order for element in whole]])
    ids[1:] += np.cumsum(ids.max(axis=1) + 1)[:-1, None]
    return ids


def _group_columns(
    ids: npt.NDArray[np.intp],
    words: npt.NDArray[Any],
    links: npt.NDArray[Any],
    stops: npt.NDArray[Any],
    body: npt.NDArray[Any],
    technical: npt.NDArray[Any],
) -> npt.NDArray[Any]:
    """Sums and means over each group, a set of columns for each grouping."""
    groupings, blocks = ids.shape
    group = ids.ravel()

    def sums(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.bincount(group, np.tile(values, groupings))

    # Some numbers in between belong to no block: nothing is divided by their count.
    count = np.maximum(1, np.bincount(group)).astype(np.float32)
    total = sums(words)
    some = np.maximum(1, total)
    columns = (
        count,
        total,
        total / count,
        sums(links) / count,
        sums(stops * words) / some,
        total / max(1.0, float(words.sum())),
        sums(body * words) / some,
        sums(technical) / count,
    )
    # Side by side: the columns of the first grouping, of the second …
    each = np.column_stack(columns)[ids]
    return each.transpose(1, 0, 2).reshape(blocks, -1)


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
