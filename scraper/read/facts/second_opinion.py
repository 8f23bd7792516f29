"""
trafilatura's view of a page, asked where our own labels leave no text, and for facts that
structured data lacks.

Few pages need it, so it is imported where it is asked: a reader that never asks stays small and
starts at once.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass

from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.page.parse import Page
from scraper.read.page.statements import Value
from scraper.read.words.bylines import clean_names
from scraper.text import fold

_TEXT_ROLES = BODY_ROLES | {Role.DEK}

logging.getLogger("trafilatura").addHandler(logging.NullHandler())
logging.getLogger("htmldate").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What trafilatura makes of a page."""

    text: str
    title: str | None
    authors: tuple[str, ...]


def ask_trafilatura(page: Page) -> SecondOpinion | None:
    """The text and metadata that trafilatura finds; None where it finds no article."""
    import trafilatura  # noqa: PLC0415 - see above

    with warnings.catch_warnings():
        # The date parser warns of zones it does not know ("CST"); we read no zone from it.
        warnings.simplefilter("ignore")
        found = trafilatura.bare_extraction(page.text, url=page.url, with_metadata=True, include_comments=False)
    if not isinstance(found, trafilatura.settings.Document):
        return None
    return SecondOpinion(
        found.text or "",
        found.title,
        clean_names((found.author or "").split(";")),
    )


def ask_htmldate(page: Page) -> Value | None:
    """The day of publication that htmldate finds in the markup and the text, as ISO 8601."""
    import htmldate  # noqa: PLC0415 - see above

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        date = htmldate.find_date(page.text, url=page.url, extensive_search=True, original_date=True)
    # The first of January is what it makes of a year alone, such as that of a copyright line.
    return Value(date, "htmldate") if date and not date.endswith("-01-01") else None


def has_no_text(blocks: tuple[LabelledBlock, ...]) -> bool:
    """
    Whether the labels leave no text: where they leave some, another view is worse in the mean
    (docs/labels.md).
    """
    return not any(block.role in _TEXT_ROLES for block in blocks)


# A shorter text can stand within another one by chance.
_MOST_CHANCE_CHARACTERS = 40


def take_body(blocks: tuple[LabelledBlock, ...], opinion: SecondOpinion) -> tuple[LabelledBlock, ...]:
    """
    Blocks that have no text, with trafilatura's body.

    Only blocks without a certain role change: what a rule calls caption or prompt stays that.
    """
    lines = {fold(line) for line in opinion.text.splitlines()}
    whole = " ".join(fold(line) for line in opinion.text.splitlines())
    return tuple(
        block._replace(role=Role.BODY, reason="trafilatura", confidence=0.5)
        if block.role is Role.OTHER
        and (words := fold(block.text))
        and (words in lines or (len(words) > _MOST_CHANCE_CHARACTERS and words in whole))
        else block
        for block in blocks
    )
