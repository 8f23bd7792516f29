"""What a block is taken for, and what is known before any is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from scraper.model import Role


@dataclass(frozen=True, slots=True)
class Clues:
    """
    What is known of the article before its blocks are labelled.

    Args:
        site: The registrable domain that the page is of; "" where nobody knows.
    """

    headline: str | None = None
    description: str | None = None
    authors: tuple[str, ...] = ()
    site: str = ""


class Label(NamedTuple):
    """A role and the rule that gave it."""

    role: Role
    reason: str
    confidence: float = 1.0
