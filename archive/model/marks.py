"""What the owner of an archive put on an article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MarkKind(StrEnum):
    """What a mark says; *follow*: of the story that the article is in. *tag* and *note* have a value."""

    READ = "read"
    STAR = "star"
    TAG = "tag"
    NOTE = "note"
    FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark on the article with a URL key."""

    url_key: str
    kind: MarkKind
    value: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MarkStep:
    """What one step took away and put, which can be undone."""

    removed: tuple[Mark, ...]
    added: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks on one article."""

    is_read: bool = False
    is_starred: bool = False
    tags: tuple[str, ...] = ()
    note: str = ""


NO_MARKS = Marks()
