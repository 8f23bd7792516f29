"""
Pages taken apart as one HTML document to look at: every block a band with its role. Pure; nothing
is loaded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

from archive.show.lab_report import LabReport, describe_sign, report_on
from archive.show.markup import render_block
from archive.show.times import render_time
from scraper.model import NO_ARTICLES, Article, LabelledBlock, Role
from scraper.text import count_words
from scraper.urls import is_http_url

if TYPE_CHECKING:
    from jinja2 import Template

# Roles that stand beside the article: runs of them are folded up.
QUIET_ROLES = frozenset({Role.NAV, Role.OTHER, Role.COMMENT, Role.RELATED})
# Three in ten of such labels are wrong, if the confidence is right: worth a second look.
_UNSURE_BELOW = 0.7


@dataclass(frozen=True, slots=True)
class Band:
    """One block as it is shown. *html* is safe."""

    role: Role
    html: Markup
    reason: str
    confidence: str
    is_unsure: bool
    is_code: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bands that follow each other, all of the article or all beside it."""

    is_quiet: bool
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """One page of the document."""

    article: Article
    title: str
    facts: tuple[tuple[str, str], ...]
    report: LabReport
    stretches: tuple[Stretch, ...]
    counts: tuple[tuple[Role, int], ...]


def render_pieces_page(articles: Sequence[Article], *, show_reasons: bool = False, show_all: bool = False) -> str:
    """
    All articles in one HTML document, one section each, with a legend and a list of them.

    Args:
        show_reasons: The rule behind each role is printed; else it shows where the pointer rests.
        show_all: What stands beside the article is unfolded.
    """
    pages = [view_page(article) for article in articles]
    totals: Counter[Role] = Counter()
    for page in pages:
        totals.update(dict(page.counts))
    return _template().render(
        pages=pages,
        legend=_in_order(totals),
        show_reasons=show_reasons,
        show_all=show_all,
    )


@cache
def _template() -> Template:
    # The terminal takes words from this module, and no template: it starts without jinja2.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("archive.show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["sign"] = describe_sign
    environment.tests["web_url"] = is_http_url
    return environment.get_template("pieces.html")


def view_page(article: Article) -> PageView:
    """What the document shows of one article."""
    runs = groupby(article.blocks, key=lambda block: block.role in QUIET_ROLES)
    return PageView(
        article,
        article.headline or "Without a headline",
        (*find_facts(article), *_wishes(article)),
        report_on(article.access),
        tuple(Stretch(is_quiet, tuple(map(_band, run))) for is_quiet, run in runs),
        _in_order(Counter(block.role for block in article.blocks)),
    )


def find_facts(article: Article, zone: tzinfo = UTC) -> tuple[tuple[str, str], ...]:
    """
    Name and value of what is known about an article beside its
    text; what is not known is left out.
    """
    facts = (
        ("page", article.url),
        ("kind", _describe_kind(article)),
        ("by", ", ".join(article.authors)),
        ("published", article.published_at and render_time(article.published_at, zone)),
        ("updated", article.updated_later_at and render_time(article.updated_later_at, zone)),
        ("section", article.section),
        ("publication", article.publication),
        ("language", article.language),
        ("words", _describe_text(article)),
        ("next page", article.next_page_url),
        ("text from", article.origins.get("body", "")),
        ("CVEs", ", ".join(article.cves)),
    )
    return tuple((name, value) for name, value in facts if value)


def _describe_kind(article: Article) -> str:
    """What kind of page it is, in which other forms it was served, how sure the kind is and why."""
    kind = ", ".join((article.kind.value, *article.variants))
    if article.kind_confidence:
        why = article.origins.get("kind")
        kind += f" ({article.kind_confidence:.0%}{f': {why}' if why else ''})"
    return f"{kind}; no article" if article.kind in NO_ARTICLES else kind


def _describe_text(article: Article) -> str:
    words = str(count_words(article.body))
    return f"{words} ({article.text_confidence:.0%} of them expected to be right)" if article.text_confidence else words


def _wishes(article: Article) -> tuple[tuple[str, str], ...]:
    said = "; ".join(f"{wish.name} “{wish.value}” ({wish.where})" for wish in article.wishes)
    return (("publisher wishes", said),) if said else ()


def _band(block: LabelledBlock) -> Band:
    return Band(
        block.role,
        render_block(block),
        block.reason,
        f"{block.confidence:.0%}",
        block.confidence < _UNSURE_BELOW,
        block.markdown.startswith("```"),
    )


def _in_order(counts: Counter[Role]) -> tuple[tuple[Role, int], ...]:
    return tuple((role, counts[role]) for role in Role if counts[role])
