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
class Known:
    """
    The article at the same URL key, and the ones whose fingerprints overlap.

    *same_guid*: the article where the GUID of its entry was known before, while nobody knows whether
    it moved from there.
    """

    same_url: KnownArticle | None = None
    same_guid: KnownArticle | None = None
    candidates: tuple[KnownArticle, ...] = ()


class DuplicateKind(StrEnum):
    """How two articles say the same."""

    EXACT = "exact"
    NEAR = "near"
    CONTAINED = "contained"


@dataclass(frozen=True, slots=True)
class Match:
    """
    Another article that says the same.

    Args:
        similarity: Share of common shingles, 0 to 1: of the union for near, of the shorter text for
            contained.
        is_longer: The other one is the longer text (only then does "contained" describe the new
            article).
    """

    article_id: int
    kind: DuplicateKind
    similarity: float
    is_longer: bool = True


@dataclass(frozen=True, slots=True)
class Add:
    """A new article that nothing else resembles."""

    article: Article


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A new article, kept like any other, that says the same as others; best match first."""

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
