"""Where the text of a page ends: what its source's other pages are compared by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, auto

from scraper.model import Access, AccessStatus


class Sign(IntFlag):
    """What a block near the end of a text shows, in any language."""

    TEXT = auto()  # it was read as text
    OPEN = auto()  # it ends inside a sentence
    ASKS = auto()  # known words of a wall
    AMOUNT = auto()  # a price
    PRICE = auto()  # a price for a time
    LEADS = auto()  # a link or a button


@dataclass(frozen=True, slots=True)
class EndBlock:
    """
    A block near the end of a text.

    Args:
        fingerprint: Of its words; equal on all pages that show it, whatever numbers stand in it.
        words: How many.
        text: The first of them, to be shown.
    """

    fingerprint: int
    words: int
    text: str
    signs: Sign


@dataclass(frozen=True, slots=True)
class TextEnd:
    """
    How the text of one page ends, and what its page alone says of access.

    Args:
        words: Of the text.
        blocks: The last ones of the text and those around it, in their order.
        alone: The verdict before other pages of the source were looked at.
    """

    words: int
    blocks: tuple[EndBlock, ...]
    alone: Access

    @property
    def fingerprints(self) -> frozenset[int]:
        """Those of all its blocks."""
        return frozenset(block.fingerprint for block in self.blocks)


@dataclass(frozen=True, slots=True)
class SourceBox:
    """
    What stands behind short texts of one source alone: its wall, or what may be one.

    Args:
        fingerprints: Of its blocks.
        text: Its words, as one page shows them, shortened.
        page_count: How many short texts it stands behind.
        other_count: How many texts it does not stand behind.
        most_words: A text with more is not short for its source.
        why: What shows that it is a wall, a clause for the reader; "" where nothing does.
        status: What pages that show it are, where it is a wall.
        cut_by: What stands behind the cut, where it is a wall: "paywall" or "registration".
    """

    fingerprints: frozenset[int]
    text: str
    page_count: int
    other_count: int
    most_words: float
    why: str = ""
    status: AccessStatus = AccessStatus.PREVIEW
    cut_by: str = "paywall"

    @property
    def is_wall(self) -> bool:
        """Whether it is one; else nobody can tell."""
        return bool(self.why)
