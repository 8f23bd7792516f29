"""What a block is taken for and by which rule, and what is known before any is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from scraper.model import Role
from scraper.read.page.blocks import Block
from scraper.read.page.nodes import HEADINGS
from scraper.read.page.surroundings import View

# No chance of body is as high: the rule stands whatever the model says.
NEVER = 2.0
ITEMS = frozenset(("li", "dd", "dt"))


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


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """
    Something that gives a block its role. All are in `rules.py`.

    Args:
        name: As the archive keeps it: old archives have it, so it stays.
        test: The role that it gives a block by itself; None where it needs the neighbours. The
            clues are folded.
        confidence: How sure it is of the role, 0 to 1.
        gives_way_at: How likely body must be, by the model, for the block to become body against
            the rule.
        is_prompt: It takes a block for something that asks the reader.
        is_surely_text: It gives a role of body that no model takes back.
    """

    name: str
    test: Callable[[View, Clues], Role | None] | None = None
    confidence: float = 0.9
    gives_way_at: float = NEVER
    is_prompt: bool = False
    is_surely_text: bool = False

    def label(self, role: Role) -> Label:
        """A label by this rule."""
        return Label(role, self, self.confidence)


class Label(NamedTuple):
    """A role and the rule that gave it."""

    role: Role
    rule: Rule
    confidence: float = 1.0

    @property
    def reason(self) -> str:
        """The rule's name."""
        return self.rule.name


def form_of(block: Block) -> Role:
    """The body role that the form of a block speaks for."""
    tags = block.element.tags
    if block.tag in HEADINGS:
        return Role.SUBHEAD
    if not tags.isdisjoint(ITEMS):
        return Role.LIST
    return Role.QUOTE if "blockquote" in tags else Role.BODY
