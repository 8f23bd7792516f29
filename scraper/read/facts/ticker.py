"""The entries of a live ticker: where each begins, and what the page states as its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from scraper.model import BODY_ROLES, LabelledBlock, Reason, Role
from scraper.read.page.parse import Page
from scraper.text import fold

# A time of day; with a point between only where "Uhr" or the like says that it is one.
_CLOCK = re.compile(
    r"(?<![\d.:/])(?P<hour>[01]?\d|2[0-3])\s?(?:[:h]\s?(?P<minute>[0-5]\d)|\.(?P<after>[0-5]\d)(?=\s?(?:uhr|h)\b))(?![\d.:/])",
    re.IGNORECASE,
)
_MOST_HEADING = 150  # characters of the heading of an entry
# A text that is stated as an entry's counts as one from this length on, whatever it was taken for.
_FEWEST_ENTRY_CHARACTERS = 30
_LOST_IN_TICKERS = frozenset({Role.OTHER, Role.RELATED, Role.COMMENT, Role.NAV})
_MOST_CLOCK_LINE = 48  # characters: a date, a clock and a zone
_MOST_NAME = 40  # characters: who says it, or where
_LEAST_ONE_WAY = 0.8  # of the steps between clocks: midnight is none, nor is an entry that is pinned


class Entry(NamedTuple):
    """One entry of a ticker: its clock, and whether no date stands with it."""

    minutes: int
    is_bare: bool


def keep_entries(page: Page, blocks: tuple[LabelledBlock, ...]) -> tuple[LabelledBlock, ...]:
    """
    The blocks of a ticker, in their order: the times of its entries as subheads, and as its text
    what the page states as the text of an entry (`liveBlogUpdate` of JSON-LD).
    """
    first, last = _body_span(blocks)
    stated = fold(" ".join(_entry_texts(page)))
    return tuple(_kept(block, stated, is_inside=first < number < last) for number, block in enumerate(blocks))


def _kept(block: LabelledBlock, stated: str, *, is_inside: bool) -> LabelledBlock:
    if block.role in _LOST_IN_TICKERS and len(block.text) > _FEWEST_ENTRY_CHARACTERS and fold(block.text) in stated:
        return block._replace(role=Role.BODY, reason=Reason.ENTRY_IN_DATA, confidence=0.95)
    if is_inside and _is_time_of_entry(block):
        return block._replace(role=Role.SUBHEAD, reason=Reason.ENTRY)
    return block


def _is_time_of_entry(block: LabelledBlock) -> bool:
    """Whether a block is the clock of an entry: alone, or with its heading where that was taken for no text."""
    if _is_clock_line(block.text):
        return block.role in {Role.OTHER, Role.DATELINE, Role.BODY}
    is_heading = len(block.text) < _MOST_HEADING and _CLOCK.match(block.text) is not None
    return is_heading and block.role in {Role.OTHER, Role.DATELINE}


def _entry_texts(page: Page) -> Iterator[str]:
    for thing in page.json_ld:
        updates = thing.get("liveBlogUpdate")
        for update in updates if isinstance(updates, list) else [updates]:
            if isinstance(update, dict) and isinstance(update.get("articleBody"), str):
                yield update["articleBody"]


def _body_span(blocks: tuple[LabelledBlock, ...]) -> tuple[int, int]:
    places = [number for number, block in enumerate(blocks) if block.role in BODY_ROLES]
    return (places[0] - 2, places[-1]) if places else (0, 0)


def _is_clock_line(text: str) -> bool:
    return len(text) <= _MOST_CLOCK_LINE and _CLOCK.search(text) is not None


def find_entries(blocks: tuple[LabelledBlock, ...]) -> list[Entry]:
    """The clocks in the text that have at least a sentence below them, before the next one."""
    first, last = _body_span(blocks)
    entries: list[Entry] = []
    entry = None
    for block in blocks[max(0, first) : last + 1]:
        if block.role in {Role.COMMENT, Role.RELATED, Role.NAV, Role.BYLINE}:
            entry = None
        elif found := _find_entry(block):
            entry = found
        elif entry and _is_sentence(block):
            entries.append(entry)
            entry = None
    return entries


def _is_sentence(block: LabelledBlock) -> bool:
    return block.role in BODY_ROLES - {Role.SUBHEAD} and len(block.text) > _MOST_NAME


def _find_entry(block: LabelledBlock) -> Entry | None:
    """The time of an entry: in a line of its own, or at the head of a heading."""
    is_line = len(block.text) <= _MOST_CLOCK_LINE
    if not is_line and block.role is not Role.SUBHEAD and not block.markdown.startswith(("#", "**")):
        return None
    found = _CLOCK.search(block.text) if is_line else _CLOCK.match(block.text)
    if found is None:
        return None
    minutes = 60 * int(found["hour"]) + int(found["minute"] or found["after"])
    rest = block.text[: found.start()] + block.text[found.end() :]
    return Entry(minutes, is_bare=not any(map(str.isdigit, rest)) or not is_line)


def are_orderly(entries: list[Entry]) -> bool:
    """
    Whether clocks run one way, midnight apart, and stand alone: the times of readers' comments
    carry dates.
    """
    downs = sum(a.minutes > b.minutes for a, b in pairwise(entries))
    ups = sum(a.minutes < b.minutes for a, b in pairwise(entries))
    are_bare = all(entry.is_bare for entry in entries)
    return are_bare and max(ups, downs) >= _LEAST_ONE_WAY * (len(entries) - 1)
