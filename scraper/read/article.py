"""
Bytes to an Article: the whole of reading.

    page (encoding, tree) ─► metadata ─► blocks ─► labels ─► access ─► Article
                                           ▲          ▲
                                      script data   second opinion
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from scraper.encoding import narrow
from scraper.languages import shipped_languages
from scraper.model import BODY_ROLES, NO_ARTICLES, Article, LabelledBlock, PageKind, Phrase, Role, Selectors
from scraper.read.access.judge import judge_access
from scraper.read.composed import composed_article
from scraper.read.facts.authors import Authors, choose_authors, find_groups, find_houses, find_shown_authors
from scraper.read.facts.cves import find_cves
from scraper.read.facts.headline import Headline, choose_headline
from scraper.read.facts.images import find_images
from scraper.read.facts.kinds import captions_as_text, find_variants, judge_kind, keep_entries
from scraper.read.facts.metadata import Metadata, find_metadata
from scraper.read.facts.published import find_published
from scraper.read.facts.script_data import find_script_html
from scraper.read.facts.second_opinion import SecondOpinion, ask_trafilatura, has_no_text, take_body
from scraper.read.facts.statements import Value
from scraper.read.facts.wishes import find_page_wishes
from scraper.read.label.label import Clues
from scraper.read.label.labels import label_blocks
from scraper.read.learnt.confidence import text_confidence
from scraper.read.learnt.model import LabelModel
from scraper.read.page.blocks import Block, Outline, walk
from scraper.read.page.markdown import render_block
from scraper.read.page.parse import Page, parse_page, refuse_other_files
from scraper.read.page.structure import keep_structure
from scraper.read.plain_text import read_plain_text
from scraper.read.words.language import find_language
from scraper.read.words.lexicon import Lexicon
from scraper.text import count_words
from scraper.urls import is_http_url, join_url, registrable_domain

# What the next page of an article adds to its address: "/2", "?page=0,1", "_3.html".
_PAGE_NUMBER = re.compile(r"(?<!\d)\d{1,2}\D*$")
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|p|div|title|h1|article|table|meta|br)\b", re.IGNORECASE)
# Fewer words than this on the page itself, and script data is looked into.
_FEWEST_TREE_WORDS = 60
# A gallery with fewer has its text in its captions.
_FEWEST_GALLERY_WORDS = 40


def read_document(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    status_code: int = 200,
    selectors: Selectors = Selectors(),
    model: LabelModel | None = None,
    phrases: tuple[Phrase, ...] = (),
) -> Article:
    """
    The article in a document, web page or plain text; its texts are in Unicode's NFC.

    Args:
        url: As fetched; relative references are joined to it.
        content_type: The HTTP header, if there was one.
        selectors: The site's own, which override the labeller.
        model: Another body model than the shipped one.
        phrases: By which prompts are known, beside the shipped ones.

    Raises:
        PageError: Nothing can be read there.
    """
    refuse_other_files(body, url)
    body, content_type = narrow(body, content_type)
    with Lexicon(shipped_languages(), phrases).used():
        if "text/plain" in (content_type or "").lower() or not _MARKUP.search(body[:20_000]):
            return composed_article(read_plain_text(body, url, content_type))
        page = parse_page(body, url, content_type)
        return composed_article(read_page(page, status_code=status_code, selectors=selectors, model=model))


def read_page(
    page: Page, *, status_code: int = 200, selectors: Selectors = Selectors(), model: LabelModel | None = None
) -> Article:
    """The article on a parsed page."""
    metadata = find_metadata(page)
    outline = walk(page)
    headline = choose_headline(metadata, outline.blocks)
    clues = find_clues(page.url, metadata, headline)
    blocks = label_blocks(outline, clues, model)
    origins: dict[str, str] = {}
    if _count_body(blocks) < _FEWEST_TREE_WORDS and (found := find_script_html(page, metadata)):
        blocks, outline, clues = _from_script_data(found, page, blocks, outline, clues, model)
        if _count_body(blocks) >= _FEWEST_TREE_WORDS:
            origins["body"] = found[1]
    opinion = None
    if has_no_text(blocks):
        opinion = ask_trafilatura(page)
        if opinion is not None:
            blocks = take_body(blocks, opinion)
    blocks = _apply_selectors(page, selectors, outline, blocks)
    next_page = _find_next_page(page)
    return _assemble(page, metadata, headline.chosen, blocks, outline, opinion, next_page, status_code, origins)


def find_clues(url: str, metadata: Metadata, headline: Headline) -> Clues:
    """What the address and structured data tell the labeller."""
    heading = headline.shown or headline.chosen
    # A file has no host, but the page may say where it came from.
    address = url if is_http_url(url) else metadata.canonical_url
    return Clues(
        heading.text if heading else None,
        metadata.description.text if metadata.description else None,
        metadata.authors,
        registrable_domain(address) if address else "",
    )


def _count_body(blocks: tuple[LabelledBlock, ...]) -> int:
    return sum(count_words(block.text) for block in blocks if block.role in BODY_ROLES)


def _from_script_data(
    found: tuple[str, str],
    page: Page,
    blocks: tuple[LabelledBlock, ...],
    outline: Outline,
    clues: Clues,
    model: LabelModel | None,
) -> tuple[tuple[LabelledBlock, ...], Outline, Clues]:
    """The page's blocks followed by those of its script data, when these have more text."""
    markup, where = found
    hidden_page = parse_page(f"<article>{markup}</article>".encode(), page.url, "text/html; charset=utf-8")
    more = walk(hidden_page)
    count = len(outline.blocks)
    labelled = tuple(
        block._replace(reason=f"{block.reason} in {where}", number=count + block.number)
        for block in label_blocks(more, clues, model)
    )
    if _count_body(labelled) <= 1.5 * _count_body(blocks):
        return blocks, outline, clues
    shown = tuple(
        block._replace(role=Role.OTHER, reason="rule:text-in-script-data") if block.role in BODY_ROLES else block
        for block in blocks
    )
    return (*shown, *labelled), outline.followed_by(more), clues


# ---------------------------------------------------------------- a site's own selectors


def _apply_selectors(
    page: Page, selectors: Selectors, outline: Outline, blocks: tuple[LabelledBlock, ...]
) -> tuple[LabelledBlock, ...]:
    """Roles that the configuration gives by CSS selector; what it removes is kept as "other"."""
    wanted = (
        (selectors.body, Role.BODY),
        (selectors.headline, Role.HEADLINE),
        (selectors.dek, Role.DEK),
        (selectors.byline, Role.BYLINE),
        (selectors.remove, Role.OTHER),
    )
    chosen: dict[int, Role] = {}
    for css, role in wanted:
        nodes = {node.mem_id for selector in css for node in page.tree.css(selector)}
        if not nodes:
            continue
        for block in outline.blocks:
            is_selected = any(element.node_id in nodes for element in block.element.ancestors())
            if is_selected:
                chosen[block.order] = role
            elif role is Role.BODY:
                chosen.setdefault(block.order, Role.OTHER)
    return tuple(
        _selected(block, chosen[block.number], outline.blocks[block.number]) if block.number in chosen else block
        for block in blocks
    )


def _selected(block: LabelledBlock, role: Role, place: Block) -> LabelledBlock:
    if block.text != place.text:  # parted into a caption and its credit, a headline and its kicker
        return block
    if (role is Role.BODY and block.role in BODY_ROLES) or (role is Role.OTHER and block.role not in BODY_ROLES):
        return block
    if role is Role.BODY and block.role in {Role.CAPTION, Role.CREDIT, Role.PAYWALL, Role.NEWSLETTER, Role.HEADLINE}:
        return block
    return block._replace(role=role, reason="selector", confidence=1.0, markdown=block.markdown or render_block(place))


# ---------------------------------------------------------------- putting it together


def _assemble(
    page: Page,
    metadata: Metadata,
    headline: Value | None,
    blocks: tuple[LabelledBlock, ...],
    outline: Outline,
    opinion: SecondOpinion | None,
    next_page_url: str | None,
    status_code: int,
    origins: Mapping[str, str | None],
) -> Article:
    if headline is None and (labelled := next((block for block in blocks if block.role is Role.HEADLINE), None)):
        headline = Value(labelled.text, labelled.reason)
    if headline is None and opinion is not None and opinion.title:
        headline = Value(opinion.title, "trafilatura")
    dek = _join_dek(blocks)
    authors = _find_authors(page, metadata, blocks, opinion)
    published_at, published = find_published(page, metadata, blocks)
    verdict = judge_kind(
        page, metadata, blocks, outline, headline=headline.text if headline else None, status_code=status_code
    )
    blocks = keep_structure(page, outline, blocks)
    images = find_images(outline, blocks, metadata.lead_image_url)
    if verdict.kind is PageKind.TICKER:
        blocks = keep_entries(page, blocks)
    elif verdict.kind is PageKind.GALLERY and _count_body(blocks) < _FEWEST_GALLERY_WORDS:
        blocks = captions_as_text(blocks)
        origins = {**origins, "body": "captions"}
    text = "\n\n".join(block.text for block in blocks if block.role in BODY_ROLES)
    origins = {
        **metadata.origins,
        **origins,
        "headline": headline.origin if headline else None,
        "dek": dek.origin if dek else None,
        "authors": authors.origin,
        "published_at": published.origin if published else None,
        "kind": verdict.reason,
    }
    return Article(
        url=page.url,
        headline=headline.text if headline else None,
        blocks=blocks,
        access=judge_access(page, metadata, blocks, status_code=status_code, next_page_url=next_page_url),
        canonical_url=metadata.canonical_url,
        dek=dek.text if dek else None,
        kicker=next((block.text for block in blocks if block.role is Role.KICKER), None),
        authors=authors.names,
        published_at=published_at,
        published_raw=published.text if published else None,
        updated_at=metadata.updated_at,
        section=metadata.section,
        tags=metadata.tags,
        language=find_language(page.language or page.meta_content("og:locale", "content-language"), text),
        publication=metadata.publication,
        images=images,
        cves=find_cves(headline.text if headline else None, dek.text if dek else None, text),
        is_article=bool(text) and verdict.kind not in NO_ARTICLES,
        kind=verdict.kind,
        kind_confidence=verdict.confidence,
        text_confidence=text_confidence(blocks),
        variants=find_variants(page, next_page_url),
        next_page_url=next_page_url,
        origins={name: origin for name, origin in origins.items() if origin},
        wishes=find_page_wishes(page),
    )


def _join_dek(blocks: tuple[LabelledBlock, ...]) -> Value | None:
    """The dek, of all its paragraphs but each once."""
    parts = [block for block in blocks if block.role is Role.DEK]
    texts = dict.fromkeys(block.text for block in parts)
    return Value("\n".join(texts), parts[0].reason) if parts else None


def _find_authors(
    page: Page, metadata: Metadata, blocks: tuple[LabelledBlock, ...], opinion: SecondOpinion | None
) -> Authors:
    authors = choose_authors(
        metadata.stated_authors,
        find_shown_authors(page, blocks, metadata.site_names),
        find_groups(page, metadata.main, blocks, metadata.site_names),
        find_houses(page, metadata.main),
    )
    if not authors.names and opinion is not None and opinion.authors:
        return Authors(opinion.authors, "trafilatura")
    return authors


def _find_next_page(page: Page) -> str | None:
    """The next page of an article that is spread over several."""
    target = join_url(page.base_url, next((link.href for link in page.links if link.rel == "next"), None))
    if target is None:
        return None
    here, there = page.url.split("?")[0].rstrip("/"), target.split("?")[0].rstrip("/")
    # "Next article" links use rel=next too: the next page of this one shares its path.
    number = _PAGE_NUMBER.search(target[len(here) :])
    return target if there.startswith(here) and target != page.url and number else None
