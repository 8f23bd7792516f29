"""The article: all that was read of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scraper.model.access import Access
from scraper.model.blocks import BODY_ROLES, Image, LabelledBlock, PageKind
from scraper.model.wishes import Wish


@dataclass(frozen=True, slots=True)
class Article:
    """
    A page, taken apart.

    Args:
        url: As fetched.
        canonical_url: The publisher's own, absolute.
        published_raw: The date as the page gave it.
        blocks: Every text block in reading order; the body is a view on them.
        cves: CVE identifiers in order of appearance, each once, upper case.
        origins: Where each value came from, by field name ("headline": "h1").
        is_article: False for index, error and consent pages; `origins["kind"]` says why.
        kind_confidence: 0 to 1.
        text_confidence: The word F1 that the body is expected to have, 0 to 1; 0 where nothing was
            learnt of such text.
        variants: The form it was served in, where that is not the main one: "amp", "print",
            "paginated".
        wishes: What the publisher says may be done with it, on the page, and in headers and files
            where they are known.
    """

    url: str
    headline: str | None
    blocks: tuple[LabelledBlock, ...]
    access: Access
    canonical_url: str | None = None
    dek: str | None = None
    kicker: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_raw: str | None = None
    updated_at: datetime | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    publication: str | None = None
    images: tuple[Image, ...] = ()
    cves: tuple[str, ...] = ()
    is_article: bool = True
    kind: PageKind = PageKind.NEWS
    kind_confidence: float = 0.0
    text_confidence: float = 0.0
    variants: tuple[str, ...] = ()
    next_page_url: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    signed_out: bool = False
    wishes: tuple[Wish, ...] = ()

    @property
    def updated_later_at(self) -> datetime | None:
        """When it was updated, where that is after it was published: many systems write both at once."""
        is_later = self.updated_at and (self.published_at is None or self.updated_at > self.published_at)
        return self.updated_at if is_later else None

    @property
    def body_blocks(self) -> tuple[LabelledBlock, ...]:
        """The blocks that make the article's text."""
        return tuple(block for block in self.blocks if block.role in BODY_ROLES)

    @property
    def body(self) -> str:
        """Paragraphs, subheads, lists and quotes, joined by a blank line."""
        return "\n\n".join(block.text for block in self.body_blocks)
