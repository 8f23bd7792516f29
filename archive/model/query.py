"""A query, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Sort(StrEnum):
    """In which order what was found comes."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    PUBLISHED = "published"


class TextField(StrEnum):
    """A text of an article in which words are looked for."""

    HEADLINE = "headline"
    DEK = "dek"
    BODY = "body"
    CAPTIONS = "captions"


@dataclass(frozen=True, slots=True)
class Words:
    """
    Words that stand one behind the other.

    Args:
        phrase: As `search_words` gives them.
        field: The text that has them; None for any.
        is_exact: As they are written, in quotation marks; else a plural is as good as its singular.
        is_prefix: The last one goes on.
    """

    phrase: tuple[str, ...]
    field: TextField | None = None
    is_exact: bool = False
    is_prefix: bool = False


class Fact(StrEnum):
    """What an article has beside its texts."""

    SOURCE = "source"
    SECTION = "section"
    AUTHOR = "author"
    ACCESS = "access"
    COMPLETE = "complete"
    LANGUAGE = "language"
    CVE = "cve"
    TAG = "tag"
    STORY = "story"
    HAS = "has"
    IS = "is"


@dataclass(frozen=True, slots=True)
class Is:
    """A fact that has a value. *is_prefix*: that begins so."""

    fact: Fact
    value: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """
    A time from *since* on, before *until*.

    Args:
        is_published: As the publisher says; else when the article was first seen.
    """

    since: datetime | None = None
    until: datetime | None = None
    is_published: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """What is not so."""

    part: Condition


@dataclass(frozen=True, slots=True)
class All:
    """All of the parts; none is always so."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """One of the parts, or several."""

    parts: tuple[Condition, ...]


Condition = Words | Is | Within | Not | All | Any


@dataclass(frozen=True, slots=True)
class Query:
    """
    What is asked for.

    Args:
        condition: None where the query has no word and no field: nothing is found.
        sort: None where the query does not say.
    """

    condition: Condition | None
    sort: Sort | None = None


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """
    A query that cannot be answered.

    Args:
        place: The character, from 1, at which it is not understood.
        problem: A sentence for the reader.
    """

    place: int
    problem: str

    def __str__(self) -> str:
        return f"{self.problem} (character {self.place})"
