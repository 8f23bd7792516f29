"""Whether an alert holds of an article."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from archive.judge.alerts.words import WordList
from archive.judge.query.holds import Subject, holds, lines_of
from archive.judge.query.parse import parse
from archive.model.query import All, Any, Condition, Fact, Is, Not, Query
from archive.settings import AlertSettings


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert, ready to judge. *condition* and *words*: None where it has no query, no list."""

    settings: AlertSettings
    condition: Condition | None
    words: WordList | None


@dataclass(frozen=True, slots=True)
class Unjudged:
    """
    An article that was archived or revised since alerts were judged last.

    Args:
        news_at: Since when what it says is new: when it was revised, else when it appeared.
        came_at: When it came, where that was before it could be judged.
    """

    article_id: int
    subject: Subject
    news_at: datetime
    came_at: datetime | None = None


def ready_alerts(alerts: Iterable[AlertSettings], now: datetime, timezone: str) -> tuple[Alert, ...]:
    """Those of *alerts* that can be judged: not one whose query or list is broken."""
    ready = []
    for alert in alerts:
        asked = parse(alert.query, now, timezone)
        condition = asked.condition if isinstance(asked, Query) else None
        is_whole = bool(condition) == bool(alert.query) and bool(alert.words) == (alert.words_file is not None)
        if is_whole and (condition or alert.words):
            ready.append(Alert(alert, condition, WordList(alert.words) if alert.words else None))
    return tuple(ready)


def find_hit(alert: Alert, subject: Subject) -> tuple[str, ...] | None:
    """The words of its list by which an alert holds of an article, () for a query alone; None where it does not."""
    found: tuple[str, ...] = ()
    if alert.words is not None:
        texts = (line for text in subject.texts.values() for line in lines_of(text))
        cves = (lines_of(cve)[0] for cve in subject.facts.get(Fact.CVE, ()))
        found = tuple(dict.fromkeys(line for words in (*texts, *cves) for line in alert.words.find(words)))
        if not found:
            return None
    return found if alert.condition is None or holds(alert.condition, subject) else None


def asks_for_story(condition: Condition | None) -> bool:
    """Whether a query can only be judged when an article is in its story."""
    match condition:
        case Is(Fact.STORY):
            return True
        case Not(part):
            return asks_for_story(part)
        case All(parts) | Any(parts):
            return any(map(asks_for_story, parts))
        case _:
            return False
