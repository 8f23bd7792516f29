"""
Prompts to pay or to register, by their kind and by their place: right behind the text they weigh
most.

Position beats vocabulary: every site says "log in" and "subscribe" somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from scraper.model import BODY_ROLES, Evidence, LabelledBlock, Reason, Role
from scraper.read.words.meter_numbers import find_numbers
from scraper.read.words.notices import asks_to_comment
from scraper.read.words.prompts import Prompt, find_prompt, find_prompt_in_box, is_for_free
from scraper.read.words.vocabulary import has_price
from scraper.text import count_words, squash

# With a phrase this near behind the text a body is cut more often than not (precision .63; .33
# anywhere).
_NEAR_BLOCKS = 6
# … and with so short a body besides it was cut in seven cases of seven.
SHORT_BODY_WORDS = 200
# Characters: words are dear to count, and few are longer.
_LONGEST_WORD = 15
# The labels of what a reader may take for text, where the model does not; what says so for certain
# is none.
_NOT_SURE = frozenset((Reason.NOT_BODY, Reason.BESIDE_TEXT, Reason.OUTSIDE_MAIN))
# One news article in a thousand is longer.
_LONGEST_ARTICLE_WORDS = 5000
_FEWEST_PARAGRAPH_WORDS = 15  # a line of a menu or a caption has fewer
# "You have read 0 articles": nobody reads that who is to be kept from reading.
_ZERO = re.compile(r"(?<![\d.,:/-])0(?![\d.,:/%])")
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
        # The last paragraph: lists of references can follow the wall. What goes on below it without
        # a break is text, too.
        self.end = paragraphs[-1] if paragraphs else -1
        below = self.end + 1
        while below in self.body and count_words(blocks[below].text) >= _FEWEST_PARAGRAPH_WORDS:
            self.end, below = below, below + 1

    @cached_property
    def words(self) -> int:
        """Of the text."""
        return sum(count_words(self.blocks[i].text) for i in self.body)

    @cached_property
    def characters(self) -> int:
        """Of the text."""
        return sum(len(self.blocks[i].text) for i in self.body)

    @cached_property
    def words_beside(self) -> int:
        """Of paragraphs among the text that were not taken for it: it is longer than it seems."""
        if not self.body:
            return 0
        around = self.blocks[self.body[0] : self.end + _NEAR_BLOCKS]
        taken = (block for block in around if block.role is Role.OTHER and block.tag == "p")
        counts = (count_words(block.text) for block in taken if block.reason in _NOT_SURE)
        return sum(count for count in counts if count >= _FEWEST_PARAGRAPH_WORDS)

    @cached_property
    def is_short(self) -> bool:
        """Whether so short a text before a wall is most likely cut."""
        if self.characters >= _LONGEST_WORD * SHORT_BODY_WORDS:
            return False
        # Of letters that are words, two make what is a word elsewhere.
        words = self.words // 2 if self.words > self.characters / 3 else self.words
        return words + self.words_beside < SHORT_BODY_WORDS

    @cached_property
    def _steps_behind(self) -> list[int]:
        """
        For each block how many stand between the text and it; what repeats the text, and the wall's
        own lines, are no distance.
        """
        steps, found = 0, []
        for index, block in enumerate(self.blocks):
            if index > self.end:
                is_near = steps > 0 and (block.role is PAYWALL or block.reason == Reason.PRINTED_TWICE)
                steps += not is_near
            found.append(steps)
        return found

    @cached_property
    def behind(self) -> range:
        """The places whose `where` is "after body", and those without a text."""
        if not self.body:
            return range(len(self.blocks))
        steps = self._steps_behind
        last = next((i for i in range(self.end + 1, len(steps)) if steps[i] > _NEAR_BLOCKS), len(steps))
        return range(self.end + 1, last)

    def where(self, index: int) -> str:
        """
        The place of a block against the body; where there is none, the wall is what was served
        ("after body").
        """
        if not self.body or 0 < self._steps_behind[index] <= _NEAR_BLOCKS:
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
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
# With the wall, which adds two, it is enough: a heading opens something.
_BARE_HEADING = 2
# The publisher says that this reader has no access, or the part behind the wall is empty.
DENIED_WEIGHT = 2
# A mark at the head of an article stands this near to its text, and is this short.
BADGE_BLOCKS, _MOST_BADGE_WORDS = 4, 8
_MOST_BUTTON_CHARACTERS = 20  # of "Subscribe now"; what is longer says something


def find_asks(text: Text, places: range | None = None) -> Iterator[Ask]:
    """
    Prompts to pay or register. Beside the blocks labelled so: marks at the text's head, and what
    stands close around the text and says outright that it is kept for some.

    Args:
        places: Where they are looked for; everywhere by default.
    """
    places = range(len(text.blocks)) if places is None else places
    blocks = zip(places, text.blocks[places.start : places.stop], strict=True)
    # What nobody sees is a template.
    seen = ((i, block) for i, block in blocks if block.role not in _NO_ASK_ROLES and block.number not in text.hidden)
    found = [ask for i, block in seen if (ask := _ask_of(text, i, block))]
    yield from found
    yield from _find_asks_of_boxes(text, found, places)


def _ask_of(text: Text, index: int, block: LabelledBlock) -> Ask | None:
    prompt = _find_asking(block.text)
    if prompt is None:
        return None
    where = text.where(index)
    is_stated = prompt.strength in {"cut", "wall", "mark"} and where != "elsewhere" and _stands_free(text, index)
    is_ask = block.role is PAYWALL or is_stated or prompt.kind == "meter"
    return Ask(block, index, prompt, where) if is_ask else None


def _find_asks_of_boxes(text: Text, found: Sequence[Ask], places: range) -> Iterator[Ask]:
    """What the lines of a wall ask only together: "Read the whole report", "Subscribe"."""
    asking = {ask.index for ask in found if rank_of(ask) >= _WEIGHTS["wall"]}
    for lines in _lines_of_walls(text, places):
        first = lines[0]
        where = text.where(first)
        if len(lines) < 2 or asking.intersection(lines) or where == "elsewhere":
            continue
        texts = [text.blocks[i].text for i in lines]
        if prompt := find_prompt_in_box(texts):
            yield Ask(text.blocks[first]._replace(text=" · ".join(texts)), first, prompt, where)


def _lines_of_walls(text: Text, places: range) -> Iterator[list[int]]:
    """The places of each wall's lines that can be seen."""
    for is_wall, run in groupby(places, key=lambda i: text.blocks[i].role is PAYWALL):
        lines = [i for i in run if text.blocks[i].number not in text.hidden] if is_wall else []
        if lines:
            yield lines


def _find_asking(words: str) -> Prompt | None:
    """The prompt in a text, if it asks to pay or to register, and not for the sake of a comment."""
    prompt = find_prompt(words)
    if prompt is None or prompt.kind not in _ASKING or asks_to_comment(words):
        return None
    if prompt.kind != "meter" or prompt.strength == "cut" or not _ZERO.search(words):
        return prompt
    return replace(prompt, strength="wall") if find_numbers((words,)).remaining == 0 else None


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
        is_strongest = ask is strongest
        weight = _weight_of(ask, text, stated) if is_strongest else _weight_beside(ask, strongest)
        yield Sign(quote_of(ask), weight)
    if strongest is None:
        return
    if heading := _bare_heading(text, strongest):
        yield Sign(Evidence("bare-heading", squash(heading.text)[:80], "end of body", "preview"), _BARE_HEADING)
    # A general offer ends many a page.
    if text.is_short and strongest.prompt.strength != "sure" and _ends_page(text, strongest):
        yield Sign(Evidence("wall-ends-page", squash(strongest.block.text)[:80], "after body", "preview"), 1)


def _weight_of(ask: Ask, text: Text, stated: set[str]) -> int:
    """What the strongest prompt weighs."""
    if _is_unlikely_share(ask, text):
        return 0
    # How much of this very text is left no template says.
    is_template = "full-subscriber" in stated and not is_meter(ask)
    return min(rank_of(ask), 2) if is_template else rank_of(ask)


def _weight_beside(ask: Ask, strongest: Ask | None) -> int:
    if strongest is None and ask.prompt.strength == "cut" and ask.where == "before body":
        return 1
    return int(is_spent(ask) and ask.where == "after body")  # two walls at one place


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


def says_cut(ask: Ask) -> bool:
    """Whether a prompt says that there is more, or asks for something before one reads on."""
    return rank_of(ask) >= _WEIGHTS["wall"]


def _is_button(ask: Ask) -> bool:
    """Whether a prompt is a word or two in a menu, or the button of an offer that says more beside it."""
    return len(ask.block.text) <= _MOST_BUTTON_CHARACTERS


def find_strongest(asks: tuple[Ask, ...]) -> Ask | None:
    """The prompt right behind the text that asks most."""
    behind = (ask for ask in asks if ask.where == "after body" and rank_of(ask))
    return max(behind, key=rank_of, default=None)


def find_wall(text: Text) -> Ask | None:
    """The prompt right behind the text that says for certain that it goes on for others; it can be seen."""
    shown = (ask for ask in find_asks(text, text.behind) if ask.block.number not in text.hidden)
    strongest = find_strongest(tuple(shown))
    return strongest if strongest and rank_of(strongest) >= _WEIGHTS["wall"] else None


def asks_for_account(asks: tuple[Ask, ...]) -> bool:
    """Whether the wall asks for an account that costs nothing: who has one is a member there."""
    behind = [ask for ask in asks if ask.where == "after body"]
    is_account = any(says_cut(ask) and ask.prompt.kind == "registration" for ask in behind)
    is_free = is_account and any(is_for_free(ask.block.text) for ask in behind)
    return is_free and not any(has_price(ask.block.text.casefold()) for ask in behind)


def is_meter(ask: Ask) -> bool:
    """Whether a prompt counts articles."""
    return ask.prompt.kind == "meter"


def is_counting(ask: Ask) -> bool:
    """Whether a meter counts for this reader, and does not only say how many articles are free."""
    if not is_meter(ask) or ask.prompt.strength in {"wall", "sure"}:
        return is_meter(ask)
    return ask.prompt.strength == "likely" and find_numbers((ask.block.text,)).remaining is not None


def is_spent(ask: Ask) -> bool:
    """Whether a meter says that nothing of it is left."""
    return is_meter(ask) and ask.prompt.strength == "wall"


def _is_unlikely_share(ask: Ask, text: Text) -> bool:
    """Whether as much would be left of the text as no article has: it is left of something else."""
    left = find_numbers((ask.block.text,)).percent_remaining if ask.prompt.strength == "cut" and is_meter(ask) else None
    return left is not None and 100 * text.words > _LONGEST_ARTICLE_WORDS * (100 - left)


def _bare_heading(text: Text, ask: Ask) -> LabelledBlock | None:
    """A heading of the text that has nothing below it but a wall."""
    if ask.index < 2 or rank_of(ask) < _WEIGHTS["wall"]:
        return None
    above, heading = text.blocks[ask.index - 2 : ask.index]
    is_text = above.role in BODY_ROLES or above.reason == Reason.PRINTED_TWICE
    is_heading = heading.tag in _HEADINGS and heading.role is Role.OTHER and find_prompt(heading.text) is None
    return heading if is_text and is_heading else None


def _ends_page(text: Text, ask: Ask) -> bool:
    """Whether nothing but more of the wall and furniture follows a prompt."""
    return all(block.role in {Role.PAYWALL, Role.NAV, Role.PROMO} for block in text.blocks[ask.index + 1 :])


def claims_whole(text: Text, ask: Ask) -> bool:
    """Whether a prompt says that a text is whole for some: a mark or a price at its head, a wall to register below."""
    strength = ask.prompt.strength
    if ask.where == "after body":
        return strength in {"cut", "wall"} and ask.prompt.kind == "registration"
    if ask.where != "before body":
        return False
    is_mark = strength in {"cut", "mark"} and _is_badge(text, ask)
    return is_mark or (says_cut(ask) and _is_buy_box(text, ask))


def _is_buy_box(text: Text, ask: Ask) -> bool:
    """Whether a prompt right above the text names what this article costs."""
    is_near = ask.block.role is PAYWALL and 0 < text.body[0] - ask.index <= _NEAR_BLOCKS
    return is_near and has_price(ask.block.text.casefold())


def _is_badge(text: Text, ask: Ask) -> bool:
    """
    Whether a mark stands right above the text and below (or just above) its headline, not in a list
    of others.
    """
    headline = next((i for i, block in enumerate(text.blocks) if block.role is Role.HEADLINE), None)
    return headline is not None and headline - 2 <= ask.index and 0 < text.body[0] - ask.index <= BADGE_BLOCKS
