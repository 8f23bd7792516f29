"""Who may read a page, what was served, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AccessStatus(StrEnum):
    """Who may read a page."""

    FREE = "free"
    REGISTRATION = "registration"
    METERED = "metered"
    PREVIEW = "preview"
    FULL_SUBSCRIBER = "full-subscriber"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    One signal about access.

    Args:
        signal: Name of the rule that saw it.
        value: The words or the value, quoted from the page.
        where: Place on the page ("json-ld", "after body", "http").
        points_to: The status or service it speaks for.
        decided: Whether the answers rest on it; else it was weighed and set aside.
        note: Why, for the reader.
    """

    signal: str
    value: str
    where: str
    points_to: str
    decided: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """
    How long an article is known to be from elsewhere.

    Args:
        words: Of its body.
        origin: Where that text is, for the reader: "the feed", "an earlier capture".
    """

    words: int
    origin: str


@dataclass(frozen=True, slots=True)
class MeterNumbers:
    """
    Numbers of an offer or a meter. *currency* is ISO 4217; a period is "month", "year", "week" or
    "day", counted where the page counts it ("3 months").
    """

    limit: int | None = None
    used: int | None = None
    remaining: int | None = None
    prices: tuple[float, ...] = ()
    currency: str | None = None
    periods: tuple[str, ...] = ()
    percent_remaining: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """
    Two answers: who may read the page, and what was served.

    Args:
        complete: Whether the whole body was served; None where we cannot say.
        cut_by: What stands behind a cut: "paywall", "registration", "pagination", "script".
        explanation: Why, in a sentence for the reader.
        confidence: Of both answers, 0 to 1.
        conflict: Two statements of the publisher contradict each other, or one contradicts what was
            served.
    """

    status: AccessStatus
    complete: bool | None
    cut_by: str | None = None
    explanation: str = ""
    evidence: tuple[Evidence, ...] = ()
    numbers: MeterNumbers = MeterNumbers()
    confidence: float = 0.0
    conflict: bool = False
