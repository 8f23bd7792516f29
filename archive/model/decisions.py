"""What is known of an article, and what was decided on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scraper.model import AccessStatus, Article


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """
    What the archive holds of one article, as far as a decision needs it.

    *templates*: fingerprints of the blocks that were taken out of its body as templates of the
    source.
    *is_of_feed*: its text is the feed's; the page did not come.
    """

    article_id: int
    url_key: str
    headline: str | None
    dek: str | None
    body: str
    complete: bool | None
    status: AccessStatus
    templates: frozenset[int] = frozenset()
    is_of_feed: bool = False


@dataclass(frozen=True, slots=True)
class KnownText:
    """
    What the archive holds of an article that another one is compared with.

    Args:
        marks: Of the words of its body, as `archive.judge.fingerprints` makes them.
        digest: Equal of equal bodies.
        cluster_id: The report that it is of.
        is_linked: It was found to be something to the article at the same URL before.
    """

    article_id: int
    cluster_id: int
    marks: bytes
    digest: str
    headline: str | None
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """
    What a decision needs to know.

    Args:
        same_url: The article that is held at the address.
        same_guid: The article where the GUID of its entry was known before, while nobody knows
            whether it moved from there.
        candidates: The articles that may say the same, most likely first.
        boilerplate: Runs of words of the new text that stand in many reports, and so count for
            nothing.
        worn: Of these, the ones by which nothing is to be found any more.
    """

    same_url: KnownArticle | None = None
    same_guid: KnownArticle | None = None
    candidates: tuple[KnownText, ...] = ()
    boilerplate: frozenset[int] = frozenset()
    worn: frozenset[int] = frozenset()


class DuplicateKind(StrEnum):
    """What one article is to another; best evidence of one report first."""

    EXACT = "same text"
    NEAR = "updated version of"
    TRIMMED = "trimmed copy of"
    PREVIEW = "preview of"
    QUOTES = "quotes"
    SAME_EVENT = "same event"


ONE_REPORT = frozenset((DuplicateKind.EXACT, DuplicateKind.NEAR, DuplicateKind.TRIMMED, DuplicateKind.PREVIEW))
"""The kinds that make two articles one report; the others only tell of each other."""

PARTS = frozenset((DuplicateKind.TRIMMED, DuplicateKind.PREVIEW))
"""Of these, the ones that say that an article has a part of the other one's text, and little more."""


@dataclass(frozen=True, slots=True)
class Match:
    """
    Another article, and what one is to the other.

    Args:
        similarity: Share of common runs of words, 0 to 1: of both texts together, or of the shorter
            one where that is a part of the other.
        is_subject: *kind* is said of the new article ("a preview of"), else of the other one.
        rule: What decided, for the reader.
    """

    article_id: int
    kind: DuplicateKind
    similarity: float
    is_subject: bool = True
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Add:
    """A new article that nothing else resembles."""

    article: Article


@dataclass(frozen=True, slots=True)
class Duplicate:
    """
    A new article, kept like any other, that says the same as others, or quotes them; best match
    first.
    """

    article: Article
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Revise:
    """The text at a known URL key has changed. *changes* says what, for the reader."""

    article_id: int
    article: Article
    changes: str
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """
    Nothing to keep.

    *why* is for the reader: "same text", "only the prompts changed", "a preview".
    """

    article_id: int
    why: str


Decision = Add | Duplicate | Revise | Unchanged
