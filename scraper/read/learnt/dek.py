"""
Which blocks are the dek: the summary that stands beside or under the headline, or at the head of the text.

Pages rarely name it, and a first paragraph looks much like it. A few trees weigh how a block stands to the
headline, to the first paragraph and to the page's description; they know no words and no site.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from scraper.model import Role
from scraper.read.learnt.trees import Matrix, Trees
from scraper.read.page.blocks import Block
from scraper.read.page.captions import split_caption
from scraper.read.page.hints import Hint
from scraper.read.page.surroundings import View
from scraper.text import fold

# Where a dek can be: blocks before and after the headline, words of body before it, and its own words.
_REACH = range(-4, 41)
# The blocks below a candidate that it is compared with.
_BELOW = range(1, 6)
_FEWEST_ALIKE = 3
_MOST_WORDS_BEFORE = 60
_WORDS = range(4, 101)
_MOST_CHARACTERS = 450
_FEWEST_WORDS_DESCRIBED = 3
_MOST_LINKED = 0.5
_FEWEST_PARAGRAPH_WORDS = 8
# What the next paragraphs look like, too, is one of them. A name of its own says much, and more does a place
# between headline and byline, a first paragraph in bold alone, a heading of several lines above the text.
_LEAST_CHANCE, _LEAST_WHEN_NAMED, _LEAST_WHEN_PLACED, _LEAST_IN_BOLD, _LEAST_OF_LINES = 0.45, 0.03, 0.02, 0.01, 0.005
_NEVER = 2.0
_WORDS_WHEN_PLACED = (6, 60)
_FEWEST_LINES = 3
_TAGS = ("p", "div", "h2", "h3", "h1", "li", "span", "h4")
_HEADING_TAGS = frozenset(("h2", "h3", "h4"))
_BOLD = frozenset(("b", "strong"))
_EMPHASIS = _BOLD | {"em", "i"}
# A block is in bold or italics when this share of its characters is.
_MOSTLY = 0.9
_NOWHERE = 99
# What is the headline and at most three quarters as much again has no text of its own.
_MOST_BESIDE_HEADLINE = 1.75


class _Row(NamedTuple):
    """What the trees look at, for one candidate."""

    after_headline: int
    has_headline: bool
    words: int
    after_first: int
    words_before: int
    chance: float
    chance_before: float
    chance_1: float
    chance_2: float
    chance_3: float
    emphasis: float
    bold: float
    emphasis_below: float
    capitals: float
    lines: int
    alike_below: int
    alike: int
    repeats: int
    has_description: bool
    is_description: bool
    share_described: float
    share_of_description: float
    begins_description: bool
    share_in_headline: float
    named_dek: bool
    named_caption: bool
    named_kicker: bool
    named_byline: bool
    named_headline: bool
    named_article: bool
    in_dek: bool
    in_something: bool
    is_body: bool
    is_list: bool
    is_other: bool
    is_caption: bool
    tag: int
    inside: bool
    byline_between: bool
    dateline_between: bool
    captions_between: int
    ends_sentence: bool
    hidden: bool
    first_words: int
    linked: float
    beside_headline: bool
    beside_first: bool
    is_first: bool
    in_list: bool
    in_header: bool
    in_article: bool
    in_aside: bool
    goes_on: bool
    next_words: int
    before_byline: bool
    before_caption: bool


COLUMNS: tuple[str, ...] = _Row._fields


def find_dek(
    views: Sequence[View],
    roles: Sequence[Role],
    chances: Sequence[float],
    headline: str | None,
    description: str | None,
    trees: Trees,
) -> tuple[dict[int, float], tuple[int, ...]]:
    """
    The blocks that are the dek, by number, with their chances, and those that repeat it.

    Args:
        roles: What each block was taken for so far.
        chances: How likely each block is body.
        headline, description: Of the page's metadata.
    """
    numbers, rows = describe_candidates(views, roles, chances, headline, description)
    if not numbers:
        return {}, ()
    found = 1 / (1 + np.exp(-trees.logits(rows)))
    is_enough = found >= _limits(rows)
    best = int(np.where(is_enough, found, -1).argmax())
    if not is_enough[best]:
        return {}, ()
    place = views[numbers[best]].block.element.parent
    # A dek of several paragraphs stands in one box.
    dek = {
        number: float(chance)
        for number, chance, enough in zip(numbers, found, is_enough, strict=True)
        if number == numbers[best] or (enough and place is not None and views[number].block.element.parent is place)
    }
    texts = {views[number].block.folded for number in dek}
    others = (i for i, role in enumerate(roles) if i not in dek and role is not Role.HEADLINE)
    repeats = tuple(i for i in others if views[i].block.folded in texts)
    return dek, repeats


def _limits(rows: Matrix) -> Matrix:
    """How much the trees must give each candidate."""
    column = {name: rows[:, number] for number, name in enumerate(COLUMNS)}
    is_first, is_heading = column["is_first"] > 0, column["lines"] > 0
    is_above = (column["after_headline"] > 0) & (column["after_first"] <= 0)
    fewest, most = _WORDS_WHEN_PLACED
    is_placed = (column["after_headline"] == 1) & (column["words"] >= fewest) & (column["words"] <= most)
    is_placed &= (column["before_byline"] > 0) | (is_heading & (column["before_caption"] > 0))
    is_bold = (column["bold"] >= _MOSTLY) & (column["emphasis_below"] < _MOSTLY)
    limits: Matrix = np.full(len(rows), _LEAST_CHANCE, np.float32)
    # The later ones are surer.
    for those, least in (
        ((column["after_first"] >= 0) & (column["alike_below"] >= _FEWEST_ALIKE), _NEVER),
        (column["named_dek"] > 0, _LEAST_WHEN_NAMED),
        (is_placed, _LEAST_WHEN_PLACED),
        (is_first & is_bold, _LEAST_IN_BOLD),
        (is_above & (column["lines"] >= _FEWEST_LINES), _LEAST_OF_LINES),
    ):
        limits[those] = least
    return limits


def describe_candidates(
    views: Sequence[View],
    roles: Sequence[Role],
    chances: Sequence[float],
    headline: str | None,
    description: str | None,
) -> tuple[list[int], Matrix]:
    """The blocks that may be the dek, by number, and their rows: shape (candidates, columns)."""
    is_body = [chance >= 0.5 for chance in chances]
    words = [view.block.word_count for view in views]
    running = list(accumulate(count * body for count, body in zip(words, is_body, strict=True)))
    first = next((i for i, body in enumerate(is_body) if body and words[i] >= _FEWEST_PARAGRAPH_WORDS), len(views))
    titles = [i for i, role in enumerate(roles) if role is Role.HEADLINE]
    # A bar at the top can repeat the headline, and so can a list below the text.
    titles = [i for i in titles if i < first] or titles[:1]
    heading, summary = fold(headline), fold(description)
    near = {anchor + step for anchor in titles or [first] for step in _REACH}
    numbers = [
        i
        for i in sorted(near.intersection(range(len(views))))
        if (words[i] in _WORDS or (words[i] == _FEWEST_WORDS_DESCRIBED and views[i].block.folded == summary))
        and i not in titles
        and not _says_headline(views[i], heading)
        and len(views[i].block.text) <= _MOST_CHARACTERS
        and views[i].block.link_share < _MOST_LINKED
        and running[i] - words[i] * is_body[i] <= _MOST_WORDS_BEFORE
        and not split_caption(views[i].block)[1]
    ]
    if not numbers:
        return [], np.zeros((0, len(COLUMNS)), np.float32)
    page = _Page(
        views,
        roles,
        chances,
        words,
        running,
        titles,
        first,
        heading,
        summary,
        frozenset(summary.split()),
        Counter([(view.block.tag, view.block.names) for view in views]),
        Counter([view.block.folded for view in views]),
        {i: _emphasis(views[i].block) for i in range(numbers[0], min(len(views), numbers[-1] + _BELOW.stop))},
    )
    return numbers, np.array([page.row(i) for i in numbers], np.float32)


def _says_headline(view: View, headline: str) -> bool:
    """Whether a block is the headline with a few words before or behind it, such as a kicker."""
    text = view.block.folded
    return bool(headline) and headline in text and len(text) <= _MOST_BESIDE_HEADLINE * len(headline)


def _emphasis(block: Block, tags: frozenset[str] = _EMPHASIS) -> float:
    """The share of a text that is bold or in italics, 0 to 1. (Where each word is, the spaces are not.)"""
    within = "".join(block.text[part.start : part.end] for part in block.inlines if part.tag in tags)
    return len("".join(within.split())) / max(1, len("".join(block.text.split()))) if within else 0.0


def _capitals(text: str) -> float:
    """
    The share of words that begin with a capital letter, 0 to 1: most of a line of names.

    >>> _capitals("By Ilse Brandt and 2 others")
    0.6
    """
    words = [word for word in text.split() if word[0].isalpha()]
    return sum(word[0].isupper() for word in words) / max(1, len(words))


class _Page(NamedTuple):
    """
    A page as its candidates see it.

    Args:
        titles, first: The numbers of the headlines and of the first paragraph.
        described: The words of the description.
        makes, texts: How many blocks have each tag and names, and each folded text.
        emphasis: Of the candidates and the blocks below them, by number.
    """

    views: Sequence[View]
    roles: Sequence[Role]
    chances: Sequence[float]
    words: Sequence[int]
    running: Sequence[int]
    titles: Sequence[int]
    first: int
    headline: str
    description: str
    described: frozenset[str]
    makes: Counter[tuple[str, str]]
    texts: Counter[str]
    emphasis: dict[int, float]

    def row(self, i: int) -> _Row:
        view, role, block = self.views[i], self.roles[i], self.views[i].block
        parent, tags = block.element.parent, block.element.tags
        mine, summary = set(view.block.folded.split()), self.described
        shared = len(mine & summary)
        above = max((title for title in self.titles if title < i), default=next(iter(self.titles), None))
        between = self.roles[above if above is not None else i : i]
        make, is_emphasised = (block.tag, block.names, parent), self.emphasis[i] >= _MOSTLY
        first = self.views[self.first].block if self.first < len(self.views) else None
        title = self.views[above].block if above is not None else None
        below = self.views[i + 1].block if i + 1 < len(self.views) else None
        next_role = self.roles[i + 1] if below else None
        return _Row(
            after_headline=i - above if above is not None else _NOWHERE,
            has_headline=above is not None,
            words=self.words[i],
            after_first=i - self.first,
            words_before=self.running[i] - self.words[i] * (self.chances[i] >= 0.5),
            chance=self.chances[i],
            chance_before=self._chance(i - 1),
            chance_1=self._chance(i + 1),
            chance_2=self._chance(i + 2),
            chance_3=self._chance(i + 3),
            emphasis=self.emphasis[i],
            bold=_emphasis(block, _BOLD),
            emphasis_below=max(self.emphasis.get(i + step, 0.0) for step in (1, 2)),
            capitals=_capitals(block.text),
            lines=block.text.count("\n") + 1 if block.tag in _HEADING_TAGS else 0,
            alike_below=sum(
                (other.block.tag, other.block.names, other.block.element.parent) == make
                and (self.emphasis[j] >= _MOSTLY) is is_emphasised
                for j, other in enumerate(self.views[i + _BELOW.start : i + _BELOW.stop], i + _BELOW.start)
            ),
            alike=self.makes[make[:2]] - 1,
            repeats=self.texts[view.block.folded] - 1,
            has_description=bool(summary),
            is_description=bool(summary) and view.block.folded == self.description,
            share_described=shared / max(1, len(mine)) if summary else -1,
            share_of_description=shared / len(summary) if summary else -1,
            begins_description=bool(summary) and self.description.startswith(view.block.folded[:50]),
            share_in_headline=len(mine.intersection(self.headline.split())) / max(1, len(mine)),
            named_dek=bool(view.own & Hint.DEK),
            named_caption=bool(view.own & Hint.CAPTION),
            named_kicker=bool(view.own & Hint.KICKER),
            named_byline=bool(view.own & Hint.BYLINE),
            named_headline=bool(view.own & Hint.HEADLINE),
            named_article=bool(view.own & Hint.ARTICLE),
            in_dek=bool(view.inherited & Hint.DEK),
            in_something=bool(view.inherited),
            is_body=role is Role.BODY,
            is_list=role is Role.LIST,
            is_other=role is Role.OTHER,
            is_caption=role is Role.CAPTION,
            tag=_TAGS.index(block.tag) if block.tag in _TAGS else len(_TAGS),
            inside=view.is_inside,
            byline_between=Role.BYLINE in between,
            dateline_between=Role.DATELINE in between,
            captions_between=between.count(Role.CAPTION) + between.count(Role.CREDIT),
            ends_sentence=block.text.rstrip()[-1:] in ".!?…",
            hidden=block.is_hidden,
            first_words=first.word_count if first else 0,
            linked=block.link_share,
            beside_headline=title is not None and parent is title.element.parent,
            beside_first=first is not None and parent is first.element.parent,
            is_first=i == self.first,
            in_list="li" in tags,
            in_header="header" in tags,
            in_article="article" in tags,
            in_aside="aside" in tags,
            goes_on=below is not None and below.tag == block.tag,
            next_words=below.word_count if below else 0,
            before_byline=next_role in {Role.BYLINE, Role.DATELINE, Role.SERIES_NOTE},
            before_caption=next_role in {Role.CAPTION, Role.CREDIT},
        )

    def _chance(self, i: int) -> float:
        return self.chances[i] if 0 <= i < len(self.views) else -1
