"""
The headline: what the page states (OpenGraph, JSON-LD, `<title>`) against what it shows (`h1`,
other blocks).

Candidates are collected first, each text once: every statement without the site's name, every `h1`,
and every block, or heading without its kicker, that is shown and stands word for word in a
statement. What speaks for each is added up (`WEIGHTS`), and the heaviest is the headline. Nothing
is cut off at a dash alone: what goes is the name of the site, and where more goes the page shows
what stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from scraper.read.facts.metadata import Metadata
from scraper.read.page.blocks import Block
from scraper.read.page.hints import Hint, hints_of
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.statements import Value
from scraper.read.words.site_names import has_parts, is_site_name, without_sections, without_site_name
from scraper.text import fold, squash


class Sign(StrEnum):
    """Something that speaks for a candidate, or against it."""

    H1 = "h1"
    FIRST_H1 = "the first h1"
    H1_OF_NEWS = "h1, on a page that JSON-LD calls news"
    HEADING = "h2 to h4"
    SHOWN = "another block"
    NAMED = "an element that is named a headline"
    OPENGRAPH = "og:title"
    JSON_LD = "json-ld"
    JSON_LD_OF_NEWS = "json-ld that calls the page news"
    TITLE = "the whole of <title>"
    IN_TITLE = "word for word in <title>"
    LIKE_TITLE = "words shared with <title>, 0 to 1"
    LIKE_TITLE_OF_NEWS = "the same, on a page that JSON-LD calls news"
    LENGTH = "words, of twenty"
    SHORT = "how few words under five, 0 to 1"
    SITE = "the name of the site"


# A logistic choice among the candidates of a page, fitted by `benchmarks/train_headline.py`, which
# prints what it gives on sites that it has not seen.
WEIGHTS = {
    Sign.H1: 1.81,
    Sign.FIRST_H1: 0.63,
    Sign.H1_OF_NEWS: -1.83,
    Sign.HEADING: 0.93,
    Sign.SHOWN: 0.7,
    Sign.NAMED: 0.83,
    Sign.OPENGRAPH: 1.49,
    Sign.JSON_LD: 0.17,
    Sign.JSON_LD_OF_NEWS: 1.75,
    Sign.TITLE: -1.47,
    Sign.IN_TITLE: 1.4,
    Sign.LIKE_TITLE: 1.27,
    Sign.LIKE_TITLE_OF_NEWS: -2.14,
    Sign.LENGTH: 0.96,
    Sign.SHORT: -1.82,
    Sign.SITE: -0.97,
}
_STATED = {"og:title": Sign.OPENGRAPH, "json-ld": Sign.JSON_LD, "title": Sign.TITLE}
_LOWER_HEADINGS = frozenset(("h2", "h3", "h4"))
_MOST_SECTION_WORDS = 3  # "Science and Nature"
_MOST_WORDS = 60  # no headline is longer
_LONG, _SHORT = 20, 5  # words: more tell nothing further, fewer are a section's name
# A block that stands in a statement can be the headline in it when it makes this share of its
# characters.
_LEAST_SHARE = 0.34

_SHOWN_ORIGINS = frozenset(("h1", "block"))
# A heading that shares this much with the headline, or stands in a statement, is what the page
# shows for it.
_LEAST_LIKENESS = 0.3


class Headline(NamedTuple):
    """
    The headline of a page.

    Args:
        chosen: None where the page has neither heading nor statement.
        shown: What the page itself shows for it. Some publishers word it otherwise than what they
            state.
    """

    chosen: Value | None = None
    shown: Value | None = None


class Candidate(NamedTuple):
    """
    A text that can be the headline.

    Args:
        words: The form in which it is compared.
        signs: What speaks for it or against it, 0 to 1.
    """

    value: Value
    words: str
    signs: dict[Sign, float]


def choose_headline(metadata: Metadata, blocks: Sequence[Block] = ()) -> Headline:
    """
    The headline that most speaks for among a page's headings and statements.

    Where several have the same words, the spelling of the heading is kept.

    Args:
        blocks: What the page shows. A part of a statement is taken only where it is shown.
    """
    ranked = sorted(find_candidates(metadata, blocks), key=_weigh, reverse=True)
    if not ranked:
        return Headline()
    best = ranked[0]
    statements = [fold(value.text) for value in metadata.headlines if value.origin != "h1"]
    shown = (
        candidate.value
        for candidate in ranked
        if candidate.value.origin in _SHOWN_ORIGINS
        and (
            candidate is best
            or any(_is_inside(candidate.words, said) for said in statements)
            or _likeness(candidate.words, best.words) >= _LEAST_LIKENESS
        )
    )
    return Headline(best.value, next(shown, None))


def _weigh(candidate: Candidate) -> float:
    return sum(WEIGHTS[sign] * measure for sign, measure in candidate.signs.items())


def find_candidates(metadata: Metadata, blocks: Sequence[Block] = ()) -> list[Candidate]:
    """Each text that can be the headline, once, with all its signs."""
    found: dict[str, Candidate] = {}
    for value, signs in (*_in_headings(metadata), *_in_view(metadata, blocks), *_stated(metadata, blocks)):
        if words := fold(value.text):
            found.setdefault(words, Candidate(value, words, {})).signs.update(dict.fromkeys(signs, 1.0))
    title = next((fold(value.text) for value in metadata.headlines if value.origin == "title"), "")
    bare_title = next((words for words, candidate in found.items() if Sign.TITLE in candidate.signs), "")
    for words, (value, _, measures) in found.items():
        count, likeness = len(words.split()), _likeness(words, bare_title)
        measures[Sign.IN_TITLE] = float(_is_inside(words, title))
        measures[Sign.LIKE_TITLE] = likeness
        measures[Sign.LIKE_TITLE_OF_NEWS] = likeness * _is_news(metadata)
        measures[Sign.LENGTH] = min(count, _LONG) / _LONG
        measures[Sign.SHORT] = max(0, _SHORT - count) / (_SHORT - 1)
        measures[Sign.SITE] = float(is_site_name(value.text, metadata.site_names))
    return list(found.values())


_Signed = tuple[Value, list[Sign]]


def _is_news(metadata: Metadata) -> bool:
    return metadata.kind == "NewsArticle"


def _in_headings(metadata: Metadata) -> Iterator[_Signed]:
    """The first headings."""
    headings = [value for value in metadata.headlines if value.origin == "h1"]
    for i, value in enumerate(headings):
        yield value, [Sign.H1, *[Sign.FIRST_H1] * (i == 0), *[Sign.H1_OF_NEWS] * _is_news(metadata)]


def _in_view(metadata: Metadata, blocks: Sequence[Block]) -> Iterator[_Signed]:
    """What is shown and stands in a statement, word for word."""
    said = {fold(value.text) for value in metadata.headlines if value.origin != "h1"}
    for block in _shown_parts(blocks, said):
        if is_site_name(block.text, metadata.site_names):
            continue
        origin = "h1" if "h1" in block.element.tags else "block"
        yield Value(squash(block.text), origin), list(_signs_of(block, metadata))
    for block in blocks:
        if block.tag in HEADINGS and fold(part := _without_kicker(block)) in said:
            yield Value(part, "block"), [Sign.SHOWN, *[Sign.HEADING] * (block.tag in _LOWER_HEADINGS)]


def _signs_of(block: Block, metadata: Metadata) -> Iterator[Sign]:
    """What the element of a shown headline says, and those around it."""
    if "h1" not in block.element.tags:
        yield Sign.SHOWN
    else:
        yield Sign.H1
        if _is_news(metadata):
            yield Sign.H1_OF_NEWS
    if block.tag in _LOWER_HEADINGS:
        yield Sign.HEADING
    if _is_named(block):
        yield Sign.NAMED


def _is_named(block: Block) -> bool:
    """Whether an element close around a block is named as a headline."""
    return any(hints_of(element.names) & Hint.HEADLINE for element in islice(block.element.ancestors(), 2))


def _stated(metadata: Metadata, blocks: Sequence[Block]) -> Iterator[_Signed]:
    """What structured data and `<title>` state, without the name of the site, and `<title>` without its section."""
    # Where others word the headline, they show what is part of it.
    is_alone = all(
        value.origin == "title" or is_site_name(value.text, metadata.site_names) for value in metadata.headlines
    )
    for value in metadata.headlines:
        if value.origin == "h1":
            continue
        sign = _STATED.get(value.origin)
        is_of_news = _is_news(metadata) and sign is Sign.JSON_LD
        signs = [sign] if sign else []
        signs += [Sign.JSON_LD_OF_NEWS] * is_of_news
        text = without_site_name(value.text, metadata.site_names)
        if is_alone and value.origin == "title" and has_parts(text):
            text = without_sections(text, _sections(metadata, blocks))
        yield Value(text, value.origin), signs


def _sections(metadata: Metadata, blocks: Sequence[Block]) -> set[str]:
    """The names of sections, folded: the article's own, and what the page leads to with few words."""
    links = {block.folded for block in blocks if block.link_share == 1 and block.word_count <= _MOST_SECTION_WORDS}
    return links | {fold(metadata.section)}


def _without_kicker(block: Block) -> str:
    """
    What a heading ends with in an element of its own, below a line in another; "" where it has no
    such parts.
    """
    if len(block.inlines) < 2:
        return ""
    last = max(block.inlines, key=lambda inline: (inline.end, -inline.start))
    is_parted = any(other.end <= last.start and other.start == 0 for other in block.inlines)
    return squash(block.text[last.start :]) if is_parted and last.start else ""


def _shown_parts(blocks: Sequence[Block], said: Collection[str]) -> Iterator[Block]:
    """Blocks that stand word for word in a folded statement, and make much of it."""
    everything = "\n".join(said)
    for block in blocks:
        words = block.folded
        if (
            words in everything  # most are in none
            and words
            and not block.is_hidden
            and block.word_count <= _MOST_WORDS
            and any(_is_inside(words, whole) and len(words) >= _LEAST_SHARE * len(whole) for whole in said)
        ):
            yield block


def _is_inside(part: str, whole: str) -> bool:
    return f" {part} " in f" {whole} "


def _likeness(a: str, b: str) -> float:
    """The share of words that two texts have in common (F1), 0 to 1."""
    left, right = a.split(), b.split()
    shared = (Counter(left) & Counter(right)).total()
    return 2 * shared / (len(left) + len(right)) if shared else 0.0
