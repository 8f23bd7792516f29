"""
The verdict on access as a lab report: the answers, what they rest on, what was weighed and set
aside. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archive.show.article_page import describe_numbers
from scraper.model import Access, Evidence

_CUTS = {
    "paywall": "cut short by a paywall",
    "registration": "cut short until readers register",
    "pagination": "a part, the rest is on further pages",
    "script": "a part, the rest comes only with scripts",
}


@dataclass(frozen=True, slots=True)
class LabReport:
    """
    What is known about access, in the order a reader asks.

    Args:
        answers: Question and answer, in words.
        decided: The evidence that the answers rest on.
        set_aside: What was weighed and did not decide.
    """

    answers: tuple[tuple[str, str], ...]
    explanation: str
    decided: tuple[Evidence, ...]
    set_aside: tuple[Evidence, ...]


def report_on(access: Access) -> LabReport:
    """
    The lab report of a verdict.

    >>> from scraper.model import AccessStatus
    >>> report_on(Access(AccessStatus.FREE, complete=True, confidence=0.9)).answers
    (('who may read it', 'free'), ('what was served', 'the whole text'), ('confidence', '90 %'))
    """
    return LabReport(
        tuple(_answers(access)),
        access.explanation,
        tuple(sign for sign in access.evidence if sign.decided),
        tuple(sign for sign in access.evidence if not sign.decided),
    )


def _answers(access: Access) -> Iterator[tuple[str, str]]:
    served = {
        True: "the whole text",
        False: _CUTS.get(access.cut_by or "", "cut short"),
        None: "whether it is the whole text cannot be said",
    }
    yield "who may read it", access.status.value
    yield "what was served", served[access.complete]
    if access.confidence:
        yield "confidence", f"{access.confidence:.0%}".replace("%", " %")
    if numbers := describe_numbers(access.numbers):
        yield "numbers", ", ".join(numbers)
    if access.conflict:
        yield "conflict", "its own statements contradict each other, or what was served"


def describe_sign(sign: Evidence) -> str:
    """
    What a piece of evidence speaks for, and why it decided or did not.

    >>> describe_sign(Evidence("prompt-meter", "2 of 5", "elsewhere", "metered", note="too far from the text"))
    'prompt-meter, elsewhere, points to metered: too far from the text'
    """
    return f"{sign.signal}, {sign.where}, points to {sign.points_to}{f': {sign.note}' if sign.note else ''}"
