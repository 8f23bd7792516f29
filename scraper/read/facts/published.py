"""
When an article was published: as the page states it, else as it shows it, else as its address has
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.facts.metadata import Metadata
from scraper.read.facts.second_opinion import ask_htmldate
from scraper.read.page.parse import Page
from scraper.read.page.statements import Value
from scraper.read.words.dates import find_written_date, parse_when, says_changed
from scraper.urls import split_url

# How far before the text a date counts as its own, and in how long a line (characters).
_NEAR_BLOCKS = 8
_SHORT_LINE = 120
_DATED_ROLES = frozenset((Role.DATELINE, Role.BYLINE))
# A date in these is that of what is told.
_TOLD_ROLES = frozenset((Role.HEADLINE, Role.DEK, Role.CAPTION))


def find_published(
    page: Page, metadata: Metadata, blocks: tuple[LabelledBlock, ...]
) -> tuple[datetime | None, Value | None]:
    """The time of publication, and the words that say it with the place they stood at."""
    if metadata.published_at is not None:
        return metadata.published_at, metadata.published
    dated = (
        _date_in_head(blocks, page.language)
        or find_url_date(page.url)
        or _date_elsewhere(blocks, page.language)
        or ask_htmldate(page)
    )
    return (parse_when(dated.text), dated) if dated else (None, metadata.published)


def _date_in_head(blocks: tuple[LabelledBlock, ...], language: str | None) -> Value | None:
    """
    A date written out right before the text ("June 25, 2012"), in a line about it or else in any
    short line.

    That of a change is taken where no other stands there.
    """
    first = next((i for i, block in enumerate(blocks) if block.role in BODY_ROLES), len(blocks))
    near = [
        block
        for block in reversed(blocks[max(0, first - _NEAR_BLOCKS) : first])
        if len(block.text) < _SHORT_LINE and block.role not in _TOLD_ROLES
    ]
    near.sort(key=lambda block: (says_changed(block.text), block.role not in _DATED_ROLES))
    return _first_date(near, language)


def _date_elsewhere(blocks: tuple[LabelledBlock, ...], language: str | None) -> Value | None:
    """A date in another line about the text: teasers have some, too."""
    return _first_date((block for block in blocks if block.role in _DATED_ROLES), language)


def _first_date(blocks: Iterable[LabelledBlock], language: str | None) -> Value | None:
    dates = (find_written_date(block.text, language) for block in blocks)
    return next((Value(date, "dateline") for date in dates if date), None)


_URL_DATE = re.compile(r"/((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_-]|$)")


def find_url_date(url: str) -> Value | None:
    """
    The day that the path of a URL names, as ISO 8601.

    >>> find_url_date("https://news.example/2024/3/01/talks-fail")
    Value(text='2024-03-01', origin='url')
    """
    found = _URL_DATE.search(split_url(url).path)
    return Value(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}", "url") if found else None
