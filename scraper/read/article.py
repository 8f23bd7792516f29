"""
Bytes to an Article: the whole of reading.

    page (encoding, tree) ─► metadata ─► blocks ─► labels ─► access ─► Article
                                           ▲          ▲
                                      script data   second opinion
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from scraper.model import BODY_ROLES, Article, Image, LabelledBlock, Role, Selectors
from scraper.read.access import judge_access
from scraper.read.blocks import Block, Outline, Picture, walk
from scraper.read.body_model import BodyModel
from scraper.read.captions import clean_credit
from scraper.read.cves import find_cves
from scraper.read.labels import Clues, label_blocks
from scraper.read.language import find_language
from scraper.read.metadata import (
    Metadata,
    Value,
    choose_headline,
    clean_names,
    find_metadata,
    find_named_authors,
    find_url_date,
    find_written_date,
    parse_when,
)
from scraper.read.page import Page, attribute, parse_page, refuse_other_files
from scraper.read.plain_text import read_plain_text
from scraper.read.script_data import find_script_html
from scraper.read.second_opinion import SecondOpinion, ask_htmldate, ask_trafilatura, is_unsure, take_body
from scraper.text import count_words, fold, squash
from scraper.urls import join_url

# What the next page of an article adds to its address: "/2", "?page=0,1", "_3.html".
_PAGE_NUMBER = re.compile(r"(?<!\d)\d{1,2}\D*$")
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|p|div|title|h1|article|table|meta|br)\b", re.IGNORECASE)
# Fewer words than this on the page itself, and script data is looked into.
_FEWEST_TREE_WORDS = 60
# How far before the text a date counts as its own, and in how long a line (characters).
_NEAR_BLOCKS = 8
_SHORT_LINE = 120


def read_document(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    status_code: int = 200,
    selectors: Selectors = Selectors(),
    model: BodyModel | None = None,
) -> Article:
    """
    The article in a document, web page or plain text.

    Args:
        url: As fetched; relative references are joined to it.
        content_type: The HTTP header, if there was one.
        selectors: The site's own, which override the labeller.
        model: Another body model than the shipped one.

    Raises:
        PageError: Nothing can be read there.
    """
    refuse_other_files(body, url)
    if "text/plain" in (content_type or "").lower() or not _MARKUP.search(body[:20_000]):
        return read_plain_text(body, url, content_type)
    return read_page(parse_page(body, url, content_type), status_code=status_code, selectors=selectors, model=model)


def read_page(
    page: Page, *, status_code: int = 200, selectors: Selectors = Selectors(), model: BodyModel | None = None
) -> Article:
    """The article on a parsed page."""
    metadata = find_metadata(page)
    headline = choose_headline(metadata.headlines, metadata.publication)
    clues = find_clues(metadata, headline)
    outline = walk(page)
    blocks = label_blocks(outline.blocks, clues, model)
    origins: dict[str, str] = {}
    if _count_body(blocks) < _FEWEST_TREE_WORDS and (found := find_script_html(page, metadata)):
        blocks, outline, clues = _from_script_data(found, page, blocks, outline, clues)
        if _count_body(blocks) >= _FEWEST_TREE_WORDS:
            origins["body"] = found[1]
    opinion = None
    if is_unsure(blocks):
        opinion = ask_trafilatura(page)
        if opinion is not None:
            blocks = take_body(blocks, opinion)
    blocks = _apply_selectors(page, selectors, outline, blocks)
    next_page = _find_next_page(page)
    return _assemble(page, metadata, headline, blocks, outline, opinion, next_page, status_code, origins)


def find_clues(metadata: Metadata, headline: Value | None) -> Clues:
    """What structured data tells the labeller."""
    return Clues(
        headline.text if headline else None,
        metadata.description.text if metadata.description else None,
        metadata.authors,
    )


def _count_body(blocks: tuple[LabelledBlock, ...]) -> int:
    return sum(count_words(block.text) for block in blocks if block.role in BODY_ROLES)


def _from_script_data(
    found: tuple[str, str], page: Page, blocks: tuple[LabelledBlock, ...], outline: Outline, clues: Clues
) -> tuple[tuple[LabelledBlock, ...], Outline, Clues]:
    """The page's blocks followed by those of its script data, when these have more text."""
    markup, where = found
    hidden_page = parse_page(f"<article>{markup}</article>".encode(), page.url, "text/html; charset=utf-8")
    more = walk(hidden_page)
    labelled = tuple(replace(block, reason=f"{block.reason} in {where}") for block in label_blocks(more.blocks, clues))
    if _count_body(labelled) <= 1.5 * _count_body(blocks):
        return blocks, outline, clues
    shown = tuple(
        replace(block, role=Role.OTHER, reason="rule:text-in-script-data") if block.role in BODY_ROLES else block
        for block in blocks
    )
    joined = Outline((*outline.blocks, *more.blocks), (*outline.pictures, *more.pictures))
    return (*shown, *labelled), joined, clues


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
    chosen: dict[str, Role] = {}
    for css, role in wanted:
        nodes = {node.mem_id for selector in css for node in page.tree.css(selector)}
        if not nodes:
            continue
        for block in outline.blocks:
            is_selected = any(element.node_id in nodes for element in block.element.ancestors())
            if is_selected:
                chosen[block.text] = role
            elif role is Role.BODY:
                chosen.setdefault(block.text, Role.OTHER)
    if not chosen:
        return blocks
    return tuple(_selected(block, chosen.get(block.text)) for block in blocks)


def _selected(block: LabelledBlock, role: Role | None) -> LabelledBlock:
    if (
        role is None
        or (role is Role.BODY and block.role in BODY_ROLES)
        or (role is Role.OTHER and block.role not in BODY_ROLES)
    ):
        return block
    if role is Role.BODY and block.role in {Role.CAPTION, Role.CREDIT, Role.PAYWALL, Role.NEWSLETTER, Role.HEADLINE}:
        return block
    return replace(block, role=role, reason="selector", confidence=1.0)


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
    dek = next((block for block in blocks if block.role is Role.DEK), None)
    authors, authors_origin = metadata.authors, metadata.authors_origin
    if not authors:
        authors = clean_names(
            line for block in blocks if block.role is Role.BYLINE for line in _byline_lines(block.text)
        )
        authors_origin = "byline"
    if not authors:
        authors, authors_origin = find_named_authors(page), "author element"
    if not authors and opinion is not None:
        authors, authors_origin = opinion.authors, "trafilatura"
    published_at, published = metadata.published_at, metadata.published
    if published_at is None and (dated := _date_in_head(blocks) or find_url_date(page.url) or ask_htmldate(page)):
        published_at, published = parse_when(dated.text), dated
    text = "\n\n".join(block.text for block in blocks if block.role in BODY_ROLES)
    origins = {
        **origins,
        "headline": headline.origin if headline else None,
        "dek": dek.reason if dek else None,
        "authors": authors_origin if authors else None,
        "published_at": published.origin if published else None,
    }
    return Article(
        url=page.url,
        headline=headline.text if headline else None,
        blocks=blocks,
        access=judge_access(page, metadata, blocks, status_code=status_code, next_page_url=next_page_url),
        canonical_url=metadata.canonical_url,
        dek=dek.text if dek else None,
        kicker=next((block.text for block in blocks if block.role is Role.KICKER), None),
        authors=authors,
        published_at=published_at,
        published_raw=published.text if published else None,
        updated_at=metadata.updated_at,
        section=metadata.section,
        tags=metadata.tags,
        language=find_language(page.language or page.meta_content("og:locale", "content-language"), text),
        publication=metadata.publication,
        images=find_images(outline, blocks, metadata.lead_image_url),
        cves=find_cves(headline.text if headline else None, dek.text if dek else None, text),
        is_article=bool(text),
        next_page_url=next_page_url,
        origins={name: origin for name, origin in origins.items() if origin},
    )


def _byline_lines(text: str) -> list[str]:
    """A byline without the date that shares its line."""
    return [
        re.sub(r"[|•·,]?\s*\b(?:[A-Z][a-z]{2,8}\.?\s+\d{1,2},\s+\d{4}|\d{1,2}[./]\d{1,2}[./]\d{2,4}).*$", "", line)
        for line in text.splitlines()
    ]


def _date_in_head(blocks: tuple[LabelledBlock, ...]) -> Value | None:
    """A date written out near the headline ("June 25, 2012"), or else in a short line right before the text."""
    first = next((i for i, block in enumerate(blocks) if block.role in BODY_ROLES), len(blocks))
    head = [block for block in blocks if block.role in {Role.DATELINE, Role.BYLINE}]
    near = [block for block in reversed(blocks[max(0, first - _NEAR_BLOCKS) : first]) if len(block.text) < _SHORT_LINE]
    dates = (find_written_date(block.text) for block in (*head, *near))
    return next((Value(date, "dateline") for date in dates if date), None)


def find_images(outline: Outline, blocks: tuple[LabelledBlock, ...], lead_url: str | None) -> tuple[Image, ...]:
    """
    Pictures with the caption and credit that stand with them.

    A caption belongs to the picture it shares a figure with, else to the nearest one before it.
    """
    groups = _caption_groups(blocks)
    places = {fold(block.text): block for block in outline.blocks}
    images: list[Image] = []
    used: set[int] = set()
    for caption, credit in groups:
        place = (
            places.get(fold(f"{caption} {credit}"))
            or places.get(fold(f"{credit} {caption}"))
            or places.get(fold(caption))
            or places.get(fold(credit))
            or _containing(outline.blocks, caption or credit)
        )
        picture = _picture_of(place, outline.pictures) if place else None
        if picture is not None:
            used.add(id(picture))
        image = Image(
            picture.url if picture else None,
            caption or None,
            clean_credit(credit) if credit else None,
            picture.alt or None if picture else None,
        )
        if not any(
            fold(known.caption) == fold(image.caption) and fold(known.credit) == fold(image.credit) for known in images
        ):
            images.append(image)
    if lead_url:
        lead = next((i for i, image in enumerate(images) if image.url and _same_picture(image.url, lead_url)), None)
        if lead is None:
            images.insert(0, Image(lead_url, is_lead=True))
        else:
            images[lead] = replace(images[lead], is_lead=True)
    elif images:
        images[0] = replace(images[0], is_lead=True)
    return tuple(images)


def _caption_groups(blocks: tuple[LabelledBlock, ...]) -> list[tuple[str, str]]:
    """Captions and credits that stand together, as pairs; either may be ""."""
    groups: list[tuple[str, str]] = []
    open_group: tuple[str, str] = ("", "")
    for block in blocks:
        caption, credit = open_group
        if block.role is Role.CAPTION:
            if caption:
                groups.append(open_group)
                open_group = (block.text, "")
            else:
                open_group = (block.text, credit)
        elif block.role is Role.CREDIT:
            if credit:
                groups.append(open_group)
                open_group = ("", block.text)
            else:
                open_group = (caption, block.text)
        elif caption or credit:
            groups.append(open_group)
            open_group = ("", "")
    if any(open_group):
        groups.append(open_group)
    return groups


def _containing(blocks: tuple[Block, ...], text: str) -> Block | None:
    return next((block for block in blocks if text and text in squash(block.text)), None)


def _picture_of(block: Block, pictures: tuple[Picture, ...]) -> Picture | None:
    figure = next((element for element in block.element.ancestors() if element.tag in {"figure", "table", "dl"}), None)
    if figure is not None:
        inside = [picture for picture in pictures if any(element is figure for element in picture.element.ancestors())]
        if inside:
            return inside[0]
    before = [picture for picture in pictures if 0 <= block.order - picture.before_block <= 2]
    return before[-1] if before else None


def _same_picture(a: str, b: str) -> bool:
    """Whether two URLs name one file, in whatever size."""
    return PurePosixPath(urlsplit(a).path).name == PurePosixPath(urlsplit(b).path).name


def _find_next_page(page: Page) -> str | None:
    """The next page of an article that is spread over several."""
    node = page.tree.css_first("link[rel='next'][href]") or page.tree.css_first("a[rel='next'][href]")
    target = join_url(page.base_url, attribute(node, "href")) if node else None
    if target is None:
        return None
    here, there = page.url.split("?")[0].rstrip("/"), target.split("?")[0].rstrip("/")
    # "Next article" links use rel=next too: the next page of this one shares its path.
    number = _PAGE_NUMBER.search(target[len(here) :])
    return target if there.startswith(here) and target != page.url and number else None
