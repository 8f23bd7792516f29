"""Echoes of articles as they are kept: what of them is compared, and what a later one adds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from archive.judge.echoes.maps import map_echoes
from archive.model import EchoKind, StoredArticle, Told
from scraper.model import BODY_ROLES, LabelledBlock, Role

# A copy that has so much more than what was told before, of that, brings something new.
_MORE = 0.1
_BEFORE = datetime(1970, 1, 1, tzinfo=UTC)


def told_of(stored: StoredArticle, outlet: str) -> Told:
    """An article as an echo map takes it."""
    article = stored.article
    return Told(stored.article_id, outlet, stored.appeared_at, text_of(article.blocks), article.authors)


def text_of(blocks: Iterable[LabelledBlock]) -> str:
    """The body of an article, with marks around what is set apart as a quotation."""
    body = (block for block in blocks if block.role in BODY_ROLES)
    return "\n\n".join(f"“{block.text}”" if block.role is Role.QUOTE else block.text for block in body)


def describe_more(text: str, before: Iterable[str]) -> str:
    r"""
    What a text has that none of those *before* has, for the reader; "" where it is little.

    >>> storm, more = (" ".join(f"{word}{number}" for number in range(40)) for word in ("storm", "gale"))
    >>> describe_more(f"{storm}\n\n{more}", [storm]), describe_more(storm, [storm])
    ('adds 1 paragraph', '')
    """
    told = [Told(number, str(number), _BEFORE, one) for number, one in enumerate(before)]
    own = len(told)
    found = map_echoes([*told, Told(own, str(own), _BEFORE + timedelta(days=1), text)]).by_article
    if own not in found or found[own].kind is EchoKind.COPY:
        return ""
    echo = found.pop(own)
    if echo.own_words < _MORE * max((one.word_count for one in found.values()), default=0):
        return ""
    count, noun = (echo.own_paragraphs, "paragraph") if echo.own_paragraphs else (echo.own_words, "word")
    return f"adds {count} {noun}{'s' * (count != 1)}"
