"""
What a verdict on access rests on, and of each line of evidence whether it decided, or why it did
not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from scraper.model import AccessStatus, Evidence
from scraper.read.access.asks import Ask, Sign, Text, asks_for_account, find_strongest


@dataclass(frozen=True, slots=True)
class Case:
    """What the judgement rests on. *weight* is what the signs of a cut add up to."""

    text: Text
    asks: tuple[Ask, ...]
    stated: list[Evidence]
    answered: list[Evidence]
    signs: tuple[Sign, ...]
    weight: int
    status_code: int
    next_page_url: str | None

    def says(self, *points_to: str) -> tuple[Evidence, ...]:
        """Where the publisher states one of these."""
        return tuple(evidence for evidence in self.stated if evidence.points_to in points_to)

    def found(self, *signals: str) -> tuple[Evidence, ...]:
        """What was seen of these signals."""
        return tuple(sign.evidence for sign in self.signs if sign.evidence.signal in signals)

    @property
    def heavy(self) -> tuple[Evidence, ...]:
        """The signs of a cut."""
        return tuple(sign.evidence for sign in self.signs if sign.weight)

    @property
    def wall_kind(self) -> str | None:
        """The kind of the strongest prompt right behind the text."""
        strongest = find_strongest(self.asks)
        if strongest is None:
            return None
        is_account = strongest.prompt.kind == "subscription" and asks_for_account(self.asks)
        return "registration" if is_account else strongest.prompt.kind


@dataclass(frozen=True, slots=True)
class Verdict:
    """Status, whether the body is whole, what cut it, why, how sure that is, and what it rests on."""

    status: AccessStatus
    complete: bool | None
    cut_by: str | None
    why: str
    confidence: float
    rests_on: tuple[Evidence, ...] = ()


_NOT_THERE = {
    "inside body": "the text goes on behind it",
    "before body": "stands above the text and does not mark it",
    "elsewhere": "stands far from the text, where every page of a site has its offers",
}
_NOT_ENOUGH = {
    "cut-end": "texts end so without a wall, too",
    "word-count": "a number of words alone is not enough",
    "wall-ends-page": "the offer above the page's foot does not cut the text",
    "wall-container": "whole pages carry one for a script to fill",
    "wall-script": "free pages load it, too",
    "hidden-text": "nothing says that the text was cut",
    "bot-challenge": "the page came all the same",
    "next-page": "the wall came first",
}


def weighed(sign: Sign, verdict: Verdict, case: Case) -> Evidence:
    """The evidence with what it came to: it decided, or why it did not."""
    evidence = sign.evidence
    if evidence in verdict.rests_on:
        return replace(evidence, decided=True)
    return replace(evidence, note=_find_note(sign, verdict, case))


def _find_note(sign: Sign, verdict: Verdict, case: Case) -> str:
    evidence = sign.evidence
    if evidence in case.stated:
        if case.answered:
            return "no article was served to compare it with"
        if evidence.points_to == "free":
            return "yet the text was cut" if verdict.complete is False else "another statement says otherwise"
        return "another sign says more exactly which wall it is"
    if evidence.signal in _NOT_ENOUGH:
        return _NOT_ENOUGH[evidence.signal]
    if not evidence.signal.startswith("prompt-"):
        return "another sign says more"
    if evidence.where in _NOT_THERE:
        return _NOT_THERE[evidence.where]
    if verdict.complete is False and verdict.cut_by != "pagination":
        return "another prompt beside it says more"
    return "an offer below a text that reads as whole"
