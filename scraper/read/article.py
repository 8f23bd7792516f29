"""
A parsed page to an Article: the way, and nothing else.

    page ─► metadata ─► blocks ─► labels ─► facts ─► access ─► Article
                          ▲          ▲
                     script data   second opinion, a site's own selectors
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from scraper.model import BODY_ROLES, NO_ARTICLES, Access, Article, LabelledBlock, PageKind, Role, Selectors
from scraper.read.access.judge import judge_access
from scraper.read.composed import composed_blocks, composed_images, composed_text, composed_texts
from scraper.read.facts.authors import Authors, choose_authors, find_groups, find_houses, find_shown_authors
from scraper.read.facts.cves import find_article_cves
from scraper.read.facts.headline import choose_headline
from scraper.read.facts.images import find_images
from scraper.read.facts.kinds import Verdict, captions_as_text, judge_kind
from scraper.read.facts.metadata import Metadata, find_metadata
from scraper.read.facts.other_pages import find_next_page, find_variants
from scraper.read.facts.published import Dates, find_dates_of, latest_of
from scraper.read.facts.ticker import keep_entries
from scraper.read.facts.wishes import find_page_wishes
from scraper.read.label.selectors import is_signed_out
from scraper.read.labelled import Labelled, count_body, find_clues, label_page
from scraper.read.learnt.confidence import text_confidence
from scraper.read.learnt.model import LabelModel
from scraper.read.page.parse import Page
from scraper.read.page.statements import Value
from scraper.read.page.structure import keep_structure
from scraper.read.page.walk import walk
from scraper.read.words.language import find_language

# A gallery with fewer has its text in its captions.
_FEWEST_GALLERY_WORDS = 40


def read_page(
    page: Page,
    model: LabelModel,
    selectors: Selectors = Selectors(),
    *,
    status_code: int = 200,
    fetched_at: datetime | None = None,
) -> Article:
    """
    The article on a page; its texts are in Unicode's NFC.

    Args:
        fetched_at: No article is newer than its page.

    Raises:
        PageError: A selector of *selectors* is none.
    """
    metadata = find_metadata(page, latest_of(fetched_at))
    outline = walk(page)
    headline = choose_headline(metadata, outline.blocks)
    labelled = label_page(page, metadata, outline, find_clues(page.url, metadata, headline), model, selectors)
    shown = _find_shown(page, metadata, labelled, headline.chosen)
    verdict = judge_kind(
        page, metadata, labelled.blocks, labelled.outline, headline=_text(shown.headline), status_code=status_code
    )
    next_page_url = find_next_page(page)
    blocks, origin = _keep_text(page, labelled, verdict)
    access = judge_access(
        page,
        metadata,
        blocks,
        status_code=status_code,
        next_page_url=next_page_url,
        hidden={block.order for block in labelled.outline.blocks if block.is_hidden},
        kept_back=labelled.kept_back,
    )
    signed_out = is_signed_out(page, selectors.signed_out)
    dates = find_dates_of(
        page,
        metadata,
        labelled.outline.blocks,
        labelled.blocks,
        headline=_text(headline.shown or headline.chosen),
        latest=latest_of(fetched_at),
    )
    return _put_together(
        _Read(page, metadata, labelled, shown, verdict, blocks, origin, access, next_page_url, signed_out, dates)
    )


def no_article(url: str, kind: PageKind, reason: str) -> Article:
    """A document in which no article can stand."""
    access = judge_access(None, Metadata(), ())
    return Article(
        url=url, headline=None, blocks=(), access=access, is_article=False, kind=kind, origins={"kind": reason}
    )


class _Shown(NamedTuple):
    """What the head of an article says, once its blocks are known."""

    headline: Value | None
    dek: Value | None
    kicker: str | None
    authors: Authors


class _Read(NamedTuple):
    """
    All that an article is made of.

    Args:
        blocks: As pages of the kind have them.
        body_origin: Where their text stood; None where the page shows it.
    """

    page: Page
    metadata: Metadata
    labelled: Labelled
    shown: _Shown
    verdict: Verdict
    blocks: tuple[LabelledBlock, ...]
    body_origin: str | None
    access: Access
    next_page_url: str | None
    signed_out: bool
    dates: Dates


def _find_shown(page: Page, metadata: Metadata, labelled: Labelled, headline: Value | None) -> _Shown:
    blocks, opinion = labelled.blocks, labelled.opinion
    authors = choose_authors(
        metadata.stated_authors,
        find_shown_authors(page, blocks, metadata.site_names),
        find_groups(page, metadata.main, blocks, metadata.site_names),
        find_houses(page, metadata.main),
    )
    if opinion is not None:
        authors = authors if authors.names or not opinion.authors else Authors(opinion.authors, "trafilatura")
    heading = headline or _first(blocks, Role.HEADLINE)
    if heading is None and opinion is not None and opinion.title:
        heading = Value(opinion.title, "trafilatura")
    kicker = _first(blocks, Role.KICKER)
    return _Shown(heading, _join_dek(blocks), kicker.text if kicker else None, authors)


def _keep_text(page: Page, labelled: Labelled, verdict: Verdict) -> tuple[tuple[LabelledBlock, ...], str | None]:
    """The blocks as pages of their kind have them, and where their text stood, if not in view."""
    blocks = keep_structure(page, labelled.outline, labelled.blocks)
    if verdict.kind is PageKind.TICKER:
        return keep_entries(page, blocks), labelled.origin
    if verdict.kind is PageKind.GALLERY and count_body(blocks) < _FEWEST_GALLERY_WORDS:
        return captions_as_text(blocks), "captions"
    return blocks, labelled.origin


def _put_together(read: _Read) -> Article:
    page, metadata, labelled, shown, verdict, blocks, body_origin, access, next_page_url, signed_out, dates = read
    headline, dek = _text(shown.headline), _text(shown.dek)
    text = "\n\n".join(block.text for block in blocks if block.role in BODY_ROLES)
    images = find_images(labelled.outline, labelled.blocks, metadata.lead_image_url)
    origins = _origins(shown) | {
        "body": body_origin,
        "published_at": _origin(dates.published),
        "updated_at": _origin(dates.updated),
        "kind": verdict.reason,
    }
    return Article(
        url=page.url,
        headline=composed_text(headline),
        blocks=composed_blocks(blocks),
        access=access,
        canonical_url=metadata.canonical_url,
        dek=composed_text(dek),
        kicker=composed_text(shown.kicker),
        authors=composed_texts(shown.authors.names),
        published_at=dates.published_at,
        published_raw=_text(dates.published),
        updated_at=dates.updated_at,
        section=composed_text(metadata.section),
        tags=composed_texts(metadata.tags),
        language=find_language(page.language or page.meta_content("og:locale", "content-language"), text),
        publication=composed_text(metadata.publication),
        images=composed_images(images),
        cves=find_article_cves(labelled.outline, blocks, headline, dek),
        is_article=bool(text) and verdict.kind not in NO_ARTICLES,
        kind=verdict.kind,
        kind_confidence=verdict.confidence,
        text_confidence=text_confidence(blocks),
        variants=find_variants(page, next_page_url),
        next_page_url=next_page_url,
        origins={**metadata.origins, **{name: origin for name, origin in origins.items() if origin}},
        signed_out=signed_out,
        wishes=find_page_wishes(page),
    )


def _origins(shown: _Shown) -> dict[str, str | None]:
    return {"headline": _origin(shown.headline), "dek": _origin(shown.dek), "authors": shown.authors.origin}


def _first(blocks: tuple[LabelledBlock, ...], role: Role) -> Value | None:
    return next((Value(block.text, block.reason) for block in blocks if block.role is role), None)


def _join_dek(blocks: tuple[LabelledBlock, ...]) -> Value | None:
    """The dek, of all its paragraphs but each once."""
    parts = [block for block in blocks if block.role is Role.DEK]
    texts = dict.fromkeys(block.text for block in parts)
    return Value("\n".join(texts), parts[0].reason) if parts else None


def _text(value: Value | None) -> str | None:
    return value.text if value else None


def _origin(value: Value | None) -> str | None:
    return value.origin if value else None
