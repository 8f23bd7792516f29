"""CVE identifiers of an article: in its text, and in what stands beside it and belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.page.blocks import Element, Outline
from scraper.read.page.hints import Hint, element_hints
from scraper.read.page.identifiers import MOSTLY_IDENTIFIERS, cve_numbers, identifier_share
from scraper.read.page.nodes import HEADINGS
from scraper.read.words.notices import is_related_heading

_OF_ARTICLE = BODY_ROLES | {Role.HEADLINE, Role.KICKER, Role.DEK, Role.CAPTION, Role.SERIES_NOTE}
# What was taken for something else can be a fact box, unless it leads to other reports by its name.
_PERHAPS = frozenset((Role.OTHER, Role.RELATED, Role.NAV))
_OF_OTHERS = Hint.RELATED | Hint.COMMENT | Hint.FOOTER | Hint.AD | Hint.PROMO | Hint.NEWSLETTER
_WHOLE_PAGE_TAGS = frozenset(("body", "html", "main"))


def find_cves(*texts: str | None) -> tuple[str, ...]:
    """
    The CVE identifiers in these texts, each once, in order of appearance.

    >>> find_cves("cve-2024-3094 again: CVE‑2024‑3094", None)
    ('CVE-2024-3094',)
    """
    return tuple(dict.fromkeys(number for text in texts if text for number in cve_numbers(text)))


def find_article_cves(
    outline: Outline, blocks: Sequence[LabelledBlock], headline: str | None, dek: str | None
) -> tuple[str, ...]:
    """
    The CVE identifiers in every block that belongs to the article: its text, tables and captions,
    and the boxes in its element. Teasers and comments are of other articles.
    """
    if not any("cve" in block.text.lower() for block in blocks):
        return find_cves(headline, dek)
    return find_cves(headline, dek, *_texts(outline, blocks))


def _texts(outline: Outline, blocks: Sequence[LabelledBlock]) -> Iterator[str]:
    around = _element_of(outline, blocks)
    others: set[Element | None] = set()  # boxes that a heading says to lead to other reports
    for block in blocks:
        if block.role in _OF_ARTICLE:
            yield block.text
        elif around is not None and 0 <= block.number < len(outline.blocks) and block.role in _PERHAPS:
            element = outline.blocks[block.number].element
            if block.tag in HEADINGS and is_related_heading(outline.blocks[block.number].folded):
                others.add(element.parent)
            elif "cve" in block.text.lower() and _belongs(block, element, around, others):
                yield block.text


def _element_of(outline: Outline, blocks: Iterable[LabelledBlock]) -> Element | None:
    """The innermost element around the headline and all text; None where that is the whole page."""
    common: list[Element] | None = None
    for block in blocks:
        if block.role in BODY_ROLES or block.role is Role.HEADLINE:
            if not 0 <= block.number < len(outline.blocks):
                continue
            line = list(outline.blocks[block.number].element.ancestors())[::-1]
            common = line if common is None else [a for a, b in zip(common, line, strict=False) if a is b]
    if not common:
        return None
    inner = common[-1]
    return None if inner.tag in _WHOLE_PAGE_TAGS - {"main"} else inner


def _belongs(block: LabelledBlock, element: Element, around: Element, others: set[Element | None]) -> bool:
    """Whether a block beside the text is in the article's element, and in no box of other reports."""
    is_link = block.role is not Role.OTHER
    if is_link and identifier_share(block.text) < MOSTLY_IDENTIFIERS:
        return False
    for box in element.ancestors():
        if box is around:
            return True
        if box in others or element_hints(box) & _OF_OTHERS:
            return False
    return False
