"""Pieces of a page, and what each is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What a text block is to the article."""

    HEADLINE = "headline"
    KICKER = "kicker"
    DEK = "dek"
    BYLINE = "byline"
    DATELINE = "dateline"
    BODY = "body"
    SUBHEAD = "subhead"
    LIST = "list"
    QUOTE = "quote"
    CAPTION = "caption"
    CREDIT = "credit"
    SERIES_NOTE = "series-note"
    PAYWALL = "paywall"
    NEWSLETTER = "newsletter"
    PROMO = "promo"
    RELATED = "related"
    COMMENT = "comment"
    NAV = "nav"
    OTHER = "other"


BODY_ROLES = frozenset({Role.BODY, Role.SUBHEAD, Role.LIST, Role.QUOTE})


class PageKind(StrEnum):
    """What kind of page it is."""

    NEWS = "news"
    OPINION = "opinion"
    TICKER = "ticker"
    INTERVIEW = "interview"
    LIST = "list"
    GALLERY = "gallery"
    VIDEO = "video"
    PODCAST = "podcast"
    INDEX = "index"
    ERROR = "error"
    CONSENT = "consent"


# Pages that stand in for articles, or lead to them.
NO_ARTICLES = frozenset({PageKind.INDEX, PageKind.ERROR, PageKind.CONSENT})


class LabelledBlock(NamedTuple):
    """
    One text block of a page and what it is.

    Args:
        text: White space as a browser shows it; line breaks are kept as newlines.
        markdown: The same with links, emphasis, list and heading marks; "" where there is no need
            of it.
        reason: Name of the rule or model that gave the role.
        confidence: 0 to 1.
        tag: The block-level element it stood in.
        cell: In a data table: which one of the page, row, column, each from 0.
        number: Of the block on the page, from 0, which those of script data follow; what one block
            was parted into shares it. -1 where no page is at hand: in a plain text, a feed, the
            archive.
    """

    role: Role
    text: str
    reason: str
    confidence: float = 1.0
    markdown: str = ""
    tag: str = "p"
    cell: tuple[int, int, int] | None = None
    number: int = -1


@dataclass(frozen=True, slots=True)
class Image:
    """One picture of an article."""

    url: str | None
    caption: str | None = None
    credit: str | None = None
    alt: str | None = None
    is_lead: bool = False
