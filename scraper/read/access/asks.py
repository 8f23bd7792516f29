"""
Prompts to pay or to register, by their kind and by their place: right behind the text they weigh
most.

Position beats vocabulary: every site says "log in" and "subscribe" somewhere.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cached_property

from scraper.model import BODY_ROLES, Evidence, LabelledBlock, Role
from scraper.read.words.notices import asks_to_comment
from scraper.read.words.prompts import Prompt, find_prompt
from scraper.text import count_words, squash

# With a phrase this near behind the text a body is cut more often than not (precision .63; .33
# anywhere).
_NEAR_BLOCKS = 6
# … and with so short a body besides it was cut in seven cases of seven.
SHORT_BODY_WORDS = 200
# Characters: words are dear to count, and few are longer.
_LONGEST_WORD = 15
_MOST_QUOTED = 300  # characters: an offer is longer, and what it asks stands at its head


@dataclass(frozen=True, slots=True)
class Sign:
    """One signal, and how much it speaks for a body that was cut (0: nothing)."""

    evidence: Evidence
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """A prompt on the page. *where* is "before body", "inside body", "after body" or "elsewhere"."""

    block: LabelledBlock
    index: int
    prompt: Prompt
    where: str


class Text:
    """The page's blocks, and where its body lies among them."""

    def __init__(self, blocks: tuple[LabelledBlock, ...], hidden: Container[int] = ()) -> None:
        self.blocks, self.hidden = blocks, hidden
        self.body = tuple(i for i, block in enumerate(blocks) if block.role in BODY_ROLES)
        paragraphs = [i for i in self.body if blocks[i].role is Role.BODY] or self.body
        # The last paragraph: lists of references can follow the wall.
        self.end = paragraphs[-1] if paragraphs else -1

    @cached_property
    def words(self) -> int:
        """Of the text."""
        return sum(count_words(self.blocks[i].text) for i in self.body)

    @cached_property
    def characters(self) -> int:
        """Of the text."""
        return sum(len(self.blocks[i].text) for i in self.body)

    @property
    def is_short(self) -> bool:
        """Whether so short a text before a wall is most likely cut."""
        return self.characters < _LONGEST_WORD * SHORT_BODY_WORDS and self.words < SHORT_BODY_WORDS

    def where(self, index: int) -> str:
        """
        The place of a block against the body; where there is none, the wall is what was served
        ("after body").
        """
        if not self.body or 0 < index - self.end <= _NEAR_BLOCKS:
            return "after body"
        if index > self.end:
            return "elsewhere"
        return "inside body" if index > self.body[0] else "before body"


_ASKING = {"meter", "subscription", "registration"}
_POINTS = {"meter": "metered", "subscription": "preview", "registration": "registration"}
_NO_ASK_ROLES = BODY_ROLES | {Role.COMMENT, Role.CAPTION, Role.CREDIT, Role.HEADLINE, Role.NEWSLETTER, Role.PROMO}
# Bound once: it is asked for of every block, and a class takes its time to give a member.
PAYWALL = Role.PAYWALL
_WEIGHTS = {"cut": 3, "wall": 2, "mark": 1, "sure": 1}
# The publisher says that this reader has no access, or the part behind the wall is empty.
DENIED_WEIGHT = 2
# A mark at the head of an article stands this near to its text, and is this short.
BADGE_BLOCKS = 4
_MOST_BADGE_WORDS = 8
_MOST_BUTTON_CHARACTERS = 20


def find_asks(text: Text) -> Iterator[Ask]:
    """
    Prompts to pay or register. Beside the blocks labelled so: marks at the text's head, and what
    stands close around the text and says outright that it is kept for some.
    """
    for i, block in enumerate(text.blocks):
        if block.role in _NO_ASK_ROLES:
            continue
        prompt = _find_asking(block.text)
        if prompt is None:
            continue
        where = text.where(i)
        is_stated = prompt.strength in {"cut", "wall", "mark"} and where != "elsewhere" and _stands_free(text, i)
        # A hidden counter is a template.
        is_meter = prompt.kind == "meter" and block.number not in text.hidden
        if block.role is PAYWALL or is_stated or is_meter:
            yield Ask(block, i, prompt, where)


def _find_asking(words: str) -> Prompt | None:
    """The prompt in a text, if it asks to pay or to register, and not for the sake of a comment."""
    prompt = find_prompt(words)
    is_asking = prompt is not None and prompt.kind in _ASKING and not asks_to_comment(words)
    return prompt if is_asking else None


def _stands_free(text: Text, index: int) -> bool:
    """
    Whether a block that is not labelled as a prompt may be one: no link to another article, not
    hidden.
    """
    block = text.blocks[index]
    if block.role in {Role.RELATED, Role.NAV, Role.KICKER}:
        near = bool(text.body) and 0 < text.body[0] - index <= BADGE_BLOCKS
        return near and count_words(block.text) <= _MOST_BADGE_WORDS
    return block.number not in text.hidden


def weigh_asks(asks: tuple[Ask, ...], text: Text, stated: set[str]) -> Iterator[Sign]:
    """
    Each prompt with its place; the strongest right behind the text has weight.

    Where the page is declared closed, a wall's template is expected, and most such bodies are whole
    (66 of 74).
    """
    strongest = find_strongest(asks)
    for ask in asks:
        weight = 0
        if ask is strongest:
            weight = min(rank_of(ask), 2) if "full-subscriber" in stated else rank_of(ask)
        elif strongest is None and ask.prompt.strength == "cut" and ask.where == "before body":
            weight = 1
        yield Sign(quote_of(ask), weight)
    if strongest is not None and text.is_short and _ends_page(text, strongest):
        yield Sign(Evidence("wall-ends-page", squash(strongest.block.text)[:80], "after body", "preview"), 1)


def quote_of(ask: Ask) -> Evidence:
    """The prompt as evidence."""
    quote = squash(ask.block.text)[:_MOST_QUOTED]
    return Evidence(f"prompt-{ask.prompt.kind}", quote, ask.where, _POINTS[ask.prompt.kind])


def rank_of(ask: Ask) -> int:
    """How much a prompt right behind the text speaks for a cut; 0 for nothing."""
    # Every site says "log in" and "subscribe" somewhere; a counter stands below texts that it let
    # through.
    if ask.prompt.strength == "sure" and (ask.prompt.kind != "subscription" or _is_button(ask)):
        return 0
    return _WEIGHTS.get(ask.prompt.strength, 0)


def _is_button(ask: Ask) -> bool:
    """Whether a prompt is a word or two in a menu, or the button of an offer that says more beside it."""
    return len(ask.block.text) <= _MOST_BUTTON_CHARACTERS


def find_strongest(asks: tuple[Ask, ...]) -> Ask | None:
    """The prompt right behind the text that asks most."""
    behind = (ask for ask in asks if ask.where == "after body" and rank_of(ask))
    return max(behind, key=rank_of, default=None)


def find_wall(text: Text) -> Ask | None:
    """The prompt right behind the text that says for certain that it goes on for others; it can be seen."""
    shown = (ask for ask in find_asks(text) if ask.block.number not in text.hidden)
    strongest = find_strongest(tuple(shown))
    return strongest if strongest and rank_of(strongest) >= _WEIGHTS["wall"] else None


def is_meter(ask: Ask) -> bool:
    """Whether a prompt counts articles."""
    return ask.prompt.kind == "meter"


def is_spent(ask: Ask) -> bool:
    """Whether a meter says that nothing of it is left."""
    return is_meter(ask) and ask.prompt.strength == "wall"


def _ends_page(text: Text, ask: Ask) -> bool:
    """Whether nothing but more of the wall and furniture follows a prompt."""
    return all(block.role in {Role.PAYWALL, Role.NAV, Role.PROMO} for block in text.blocks[ask.index + 1 :])


def is_badge(text: Text, ask: Ask) -> bool:
    """
    Whether a mark stands right above the text and below (or just above) its headline, not in a list
    of others.
    """
    headline = next((i for i, block in enumerate(text.blocks) if block.role is Role.HEADLINE), None)
    return headline is not None and headline - 2 <= ask.index and 0 < text.body[0] - ask.index <= BADGE_BLOCKS
