"""
Which blocks are the dek: the summary that stands beside or under the headline, or at the head of
the text.

Pages rarely name it, and a first paragraph looks much like it. A few trees weigh how a block stands
to the headline, to the first paragraph and to the page's description; they know no words and no
site.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import accumulate, islice
from typing import NamedTuple

import numpy as np

from scraper.model import Role
from scraper.read.learnt.trees import Matrix, Trees
from scraper.read.page.blocks import Block
from scraper.read.page.captions import split_caption
from scraper.read.page.hints import Hint
from scraper.read.page.surroundings import View
from scraper.text import fold

# Where a dek can be: blocks before and after the headline, words of body before it, and its own
# words.
_REACH = range(-4, 41)
# The blocks below a candidate that it is compared with.
_BELOW = range(1, 6)
_FARTHEST_BELOW = 20
_FEWEST_ALIKE = 3
_MOST_WORDS_BEFORE = 60
_WORDS = range(4, 101)
_MOST_CHARACTERS = 450
_FEWEST_WORDS_DESCRIBED = 3
_MOST_LINKED = 0.5
_FEWEST_PARAGRAPH_WORDS = 8
# What the next paragraphs look like, too, is one of them. A name of its own says much, and more
# does a place between headline and byline, a first paragraph in bold alone, a heading of several
# lines above the text.
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
# A block with this chance is taken for body.
_LIKELY = 0.5
_NOWHERE = 99
# What is the headline and at most three quarters as much again has no text of its own.
_MOST_BESIDE_HEADLINE = 1.75


# What the trees look at, for each candidate, in the order in which they were trained.
COLUMNS: tuple[str, ...] = tuple(
    (
        "after_headline has_headline words after_first words_before chance chance_before chance_1 "
        "chance_2 chance_3 emphasis bold emphasis_below capitals lines alike_below alike repeats "
        "has_description is_description share_described share_of_description begins_description "
        "share_in_headline named_dek named_caption named_kicker named_byline named_headline "
        "named_article in_dek in_something is_body is_list is_other is_caption tag inside "
        "byline_between dateline_between captions_between ends_sentence hidden first_words linked "
        "beside_headline beside_first is_first in_list in_header in_article in_aside goes_on next_words "
        "before_byline before_caption"
    ).split()
)


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
    enough = {number: float(chance) for number, chance, holds in zip(numbers, found, is_enough, strict=True) if holds}
    dek = _in_one_box(views, enough, numbers[best])
    return dek, _find_repeats(views, roles, dek)


def _in_one_box(views: Sequence[View], enough: dict[int, float], best: int) -> dict[int, float]:
    """The best candidate, and those that stand in one box with it: a dek can have several paragraphs."""
    place = views[best].block.element.parent
    return {
        number: chance
        for number, chance in enough.items()
        if number == best or (place is not None and views[number].block.element.parent is place)
    }


def _find_repeats(views: Sequence[View], roles: Sequence[Role], dek: Collection[int]) -> tuple[int, ...]:
    """The numbers of the other blocks that have the words of a dek."""
    texts = {views[number].block.folded for number in dek}
    others = (i for i, role in enumerate(roles) if i not in dek and role is not Role.HEADLINE)
    return tuple(i for i in others if views[i].block.folded in texts)


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
    page = _see_page(views, roles, chances, headline, description)
    near = {anchor + step for anchor in page.titles or [page.first] for step in _REACH}
    numbers = [i for i in sorted(near.intersection(range(len(views)))) if page.may_be_dek(i)]
    if not numbers:
        return [], np.zeros((0, len(COLUMNS)), np.float32)
    below = range(numbers[0], min(len(views), numbers[-1] + _FARTHEST_BELOW))
    page = page._replace(emphasis={i: _emphasis(views[i].block) for i in below})
    return numbers, np.array([page.row(i) for i in numbers], np.float32)


def _see_page(
    views: Sequence[View],
    roles: Sequence[Role],
    chances: Sequence[float],
    headline: str | None,
    description: str | None,
) -> _Page:
    """What is the same for all candidates, without the emphasis of each."""
    is_body = [chance >= _LIKELY for chance in chances]
    words = [view.block.word_count for view in views]
    first = _find_first_paragraph(words, is_body)
    summary = fold(description)
    return _Page(
        views,
        roles,
        chances,
        words,
        list(accumulate(count * body for count, body in zip(words, is_body, strict=True))),
        _find_titles(roles, first),
        first,
        fold(headline),
        summary,
        frozenset(summary.split()),
        Counter([(view.block.element.tag, view.block.element.names) for view in views]),
        Counter([view.block.folded for view in views]),
        {},
    )


def _find_first_paragraph(words: Sequence[int], is_body: Sequence[bool]) -> int:
    paragraphs = (i for i, body in enumerate(is_body) if body and words[i] >= _FEWEST_PARAGRAPH_WORDS)
    return next(paragraphs, len(words))


def _find_titles(roles: Sequence[Role], first: int) -> list[int]:
    """The headlines: a bar at the top can repeat one, and so can a list below the first paragraph."""
    titles = [i for i, role in enumerate(roles) if role is Role.HEADLINE]
    return [i for i in titles if i < first] or titles[:1]


def _says_headline(view: View, headline: str) -> bool:
    """Whether a block is the headline with a few words before or behind it, such as a kicker."""
    text = view.block.folded
    return bool(headline) and headline in text and len(text) <= _MOST_BESIDE_HEADLINE * len(headline)


def _emphasis(block: Block, tags: frozenset[str] = _EMPHASIS) -> float:
    """
    The share of a text that is bold or in italics, 0 to 1. (Where each word is, the spaces are
    not.)
    """
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

    def may_be_dek(self, i: int) -> bool:
        """Whether the words and the place of a block are those of a candidate."""
        block = self.views[i].block
        return (
            self._has_words_of_dek(i)
            and i not in self.titles
            and not _says_headline(self.views[i], self.headline)
            and len(block.text) <= _MOST_CHARACTERS
            and block.link_share < _MOST_LINKED
            and self._words_before(i) <= _MOST_WORDS_BEFORE
            and not split_caption(block)[1]
        )

    def _has_words_of_dek(self, i: int) -> bool:
        """Whether a block has as many words as a dek; the description itself may have fewer."""
        is_described = self.words[i] == _FEWEST_WORDS_DESCRIBED and self.views[i].block.folded == self.description
        return self.words[i] in _WORDS or is_described

    def _words_before(self, i: int) -> int:
        """How many words of body stand before a block."""
        return self.running[i] - self.words[i] * (self.chances[i] >= _LIKELY)

    def row(self, i: int) -> list[float]:
        """What the trees look at, for one candidate."""
        values = {
            **self._order(i),
            **self._chances_around(i),
            **self._look(i),
            **self._likes(i),
            **self._words_shared(i),
            **_names_of(self.views[i]),
            **self._role(i),
            **self._box(i),
            **self._next(i),
        }
        return [values[name] for name in COLUMNS]

    def _title_of(self, i: int) -> int | None:
        """The number of the headline above a block, or else of the first one."""
        return max((title for title in self.titles if title < i), default=next(iter(self.titles), None))

    def _order(self, i: int) -> dict[str, float]:
        """How a block stands to the headline and to the first paragraph, and what stands between."""
        above = self._title_of(i)
        between = self.roles[above if above is not None else i : i]
        return {
            "after_headline": i - above if above is not None else _NOWHERE,
            "has_headline": above is not None,
            "after_first": i - self.first,
            "is_first": i == self.first,
            "words_before": self._words_before(i),
            "byline_between": Role.BYLINE in between,
            "dateline_between": Role.DATELINE in between,
            "captions_between": between.count(Role.CAPTION) + between.count(Role.CREDIT),
        }

    def _chances_around(self, i: int) -> dict[str, float]:
        return {
            "chance": self.chances[i],
            "chance_before": self._chance(i - 1),
            "chance_1": self._chance(i + 1),
            "chance_2": self._chance(i + 2),
            "chance_3": self._chance(i + 3),
        }

    def _look(self, i: int) -> dict[str, float]:
        """How a block is set and written."""
        block = self.views[i].block
        return {
            "words": self.words[i],
            "emphasis": self.emphasis[i],
            "bold": _emphasis(block, _BOLD),
            "emphasis_below": max(self.emphasis.get(i + step, 0.0) for step in (1, 2)),
            "capitals": _capitals(block.text),
            "lines": block.text.count("\n") + 1 if block.tag in _HEADING_TAGS else 0,
            "tag": _TAGS.index(block.tag) if block.tag in _TAGS else len(_TAGS),
            "ends_sentence": block.text.rstrip()[-1:] in ".!?…",
            "hidden": block.is_hidden,
            "linked": block.link_share,
        }

    def _likes(self, i: int) -> dict[str, float]:
        """How many other blocks are made as a block is, or repeat it."""
        block, is_emphasised = self.views[i].block, self.emphasis[i] >= _MOSTLY
        make = (block.tag, block.names, block.element.parent)
        # Code, pictures and their words can stand between the paragraphs of a text.
        near = enumerate(self.views[i + 1 : i + _FARTHEST_BELOW], i + 1)
        below = islice(((j, other) for j, other in near if other.block.tag == block.tag), len(_BELOW))
        return {
            "alike_below": sum(
                (other.block.tag, other.block.names, other.block.element.parent) == make
                and (self.emphasis[j] >= _MOSTLY) is is_emphasised
                for j, other in below
            ),
            "alike": self.makes[make[:2]] - 1,
            "repeats": self.texts[block.folded] - 1,
        }

    def _words_shared(self, i: int) -> dict[str, float]:
        """What a block has in common with the description and with the headline."""
        folded, summary = self.views[i].block.folded, self.described
        mine = set(folded.split())
        shared = len(mine & summary)
        return {
            "has_description": bool(summary),
            "is_description": bool(summary) and folded == self.description,
            "share_described": shared / max(1, len(mine)) if summary else -1,
            "share_of_description": shared / len(summary) if summary else -1,
            "begins_description": bool(summary) and self.description.startswith(folded[:50]),
            "share_in_headline": len(mine.intersection(self.headline.split())) / max(1, len(mine)),
        }

    def _role(self, i: int) -> dict[str, float]:
        """What a block was taken for so far."""
        role = self.roles[i]
        return {
            "is_body": role is Role.BODY,
            "is_list": role is Role.LIST,
            "is_other": role is Role.OTHER,
            "is_caption": role is Role.CAPTION,
        }

    def _box(self, i: int) -> dict[str, float]:
        """What a block stands in, and what stands in the same box."""
        element, above = self.views[i].block.element, self._title_of(i)
        title = self.views[above].block if above is not None else None
        first = self.views[self.first].block if self.first < len(self.views) else None
        tags = element.tags
        return {
            "inside": self.views[i].is_inside,
            "first_words": first.word_count if first else 0,
            "beside_headline": title is not None and element.parent is title.element.parent,
            "beside_first": first is not None and element.parent is first.element.parent,
            "in_list": "li" in tags,
            "in_header": "header" in tags,
            "in_article": "article" in tags,
            "in_aside": "aside" in tags,
        }

    def _next(self, i: int) -> dict[str, float]:
        """What stands right below a block."""
        below = self.views[i + 1].block if i + 1 < len(self.views) else None
        role = self.roles[i + 1] if below else None
        return {
            "goes_on": below is not None and below.tag == self.views[i].block.tag,
            "next_words": below.word_count if below else 0,
            "before_byline": role in {Role.BYLINE, Role.DATELINE, Role.SERIES_NOTE},
            "before_caption": role in {Role.CAPTION, Role.CREDIT},
        }

    def _chance(self, i: int) -> float:
        return self.chances[i] if 0 <= i < len(self.views) else -1


def _names_of(view: View) -> dict[str, float]:
    """What the names of a block and of what it stands in say that it is."""
    return {
        "named_dek": bool(view.own & Hint.DEK),
        "named_caption": bool(view.own & Hint.CAPTION),
        "named_kicker": bool(view.own & Hint.KICKER),
        "named_byline": bool(view.own & Hint.BYLINE),
        "named_headline": bool(view.own & Hint.HEADLINE),
        "named_article": bool(view.own & Hint.ARTICLE),
        "in_dek": bool(view.inherited & Hint.DEK),
        "in_something": bool(view.inherited),
    }
