"""The article of a page, complete: built once, of all that is known of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archive.judge.templates import take_out
from scraper.model import Access, AccessStatus, Article, Entry, Expected, LabelledBlock, Wish
from scraper.read.access.judge import weigh_against
from scraper.read.facts.cves import find_cves

_SIGNED_OUT = Access(
    AccessStatus.REGISTRATION,
    complete=False,
    cut_by="registration",
    explanation="The page shows that your session has ended.",
    confidence=0.9,  # the reader's own selector says it; a site may change what the selector was written for
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    What is known of an article besides its page.

    Args:
        entry: What a listing says of the article; None where no listing named it.
        language: The language of its source, by the configuration.
        wishes: What headers, page and files of the publisher say together; () where only the page
            is known.
        templates: On how many other articles of the source each template was seen, by fingerprint.
        lengths: How long the text is elsewhere.
    """

    entry: Entry | None = None
    language: str | None = None
    wishes: tuple[Wish, ...] = ()
    templates: Mapping[int, int] = field(default_factory=dict)
    lengths: tuple[Expected, ...] = ()


def complete_article(page: Article, known: Surroundings, *, session_ended: bool = False) -> Article:
    """
    The article of a page with all that is known besides.

    What the page does not tell comes from its entry or its source, and `origins` says so. The
    templates of the source are out of the body. Lengths are compared with what was served: a page
    is not cut because its templates are gone.

    Args:
        session_ended: The page came to the reader's own cookies, and shows that their session has
            ended.
    """
    origins, values = dict(page.origins), {}
    for name, value, origin in _offers(known):
        if value and not getattr(page, name):
            values[name], origins[name] = value, origin
    if known.entry and "published_at" in values:
        values["published_raw"] = known.entry.published_raw
    blocks = take_out(page.blocks, known.templates)
    if blocks is not page.blocks:
        values["blocks"] = blocks
        values["cves"] = _cves_that_stay(page, values.get("headline", page.headline), blocks)
    served = replace(page, access=_SIGNED_OUT) if session_ended else page
    access = weigh_against(served, known.lengths).access
    return replace(page, **values, origins=origins, access=access, wishes=known.wishes or page.wishes)


def _offers(known: Surroundings) -> Iterable[tuple[str, Any, str]]:
    """
    What an entry or a source tells where the page does not:
    the field, its value, and who says it.
    """
    if known.entry:
        yield "headline", known.entry.title, "entry"
        yield "authors", known.entry.authors, "entry"
        yield "published_at", known.entry.published_at, "entry"
        yield "tags", known.entry.categories, "entry"
    yield "language", known.language, "source"


def _cves_that_stay(page: Article, headline: str | None, blocks: Iterable[LabelledBlock]) -> tuple[str, ...]:
    """The CVE identifiers of a page that are named beside its templates."""
    kept = (block.text for old, block in zip(page.blocks, blocks, strict=True) if block.role is old.role)
    still_named = find_cves(headline, page.dek, *kept)
    return tuple(cve for cve in page.cves if cve in still_named)
