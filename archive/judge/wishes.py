"""
What obeying a publisher's wishes means for an article that is kept. Pure.

    noarchive             the article is the reader's alone, like what a subscription brings; its
    raw response lies
                          in WARC files that are not handed on, or is not kept ([archive]
                          noarchive_captures)
    nosnippet, max-snippet  digests, feeds, search results and exports quote no more of it
    unavailable_after     then it leaves digests, exports and pages, and is not asked for again
    tdm-reservation       it is left out of exports that programs read (JSON Lines, CSV)
    licences, prices      recorded and shown
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from archive.judge.excerpts import cut
from archive.model import Limits, StoredArticle
from archive.settings import ArchiveSettings
from scraper.model import FetchSettings, LabelledBlock, Role, Wish
from scraper.read.facts.wishes import describe_snippet, judge_wishes
from scraper.text import squash


def limits_of(said: Iterable[Wish], settings: FetchSettings) -> Limits:
    """
    What the words of a publisher keep us from doing; nothing, where the settings say so.

    >>> limits_of([Wish("robots", "noarchive, nosnippet", "meta")], FetchSettings("presswatch/1"))
    Limits(noarchive=True, snippet_length=0, unavailable_after=None, tdm_reserved=False)
    """
    if not settings.respect_wishes:
        return Limits()
    wishes = judge_wishes(said, settings.robots_agent)
    return Limits(wishes.noarchive, wishes.max_snippet, wishes.unavailable_after, bool(wishes.tdm_reserved))


def keeps_raw(limits: Limits, settings: ArchiveSettings) -> bool:
    """
    Whether the raw response of a page is kept, for its reader
    alone where no copy is to be shown.
    """
    return settings.noarchive_captures or not limits.noarchive


def is_withdrawn(limits: Limits, now: datetime) -> bool:
    """Whether the time is over in which an article may be shown."""
    return limits.unavailable_after is not None and limits.unavailable_after <= now


def quote(text: str, limits: Limits) -> str:
    """
    As much of a text as may be quoted.

    >>> quote("The bridge is shut.", Limits(snippet_length=11)), quote("The bridge", Limits(snippet_length=0))
    ('The bridge…', '')
    >>> quote("The bridge is shut.", Limits())
    'The bridge is shut.'
    """
    length = limits.snippet_length
    if length is None or len(text) <= length:
        return text
    return cut(text, length) if length else ""


def quoted_article(stored: StoredArticle) -> StoredArticle:
    """
    The article with as much of its text as may be quoted, for an export: one block for all of it.

    Headline, facts and the verdict on access stay; words of the page that the evidence quotes,
    captions and the blocks of other roles go with the text.
    """
    if stored.limits.snippet_length is None:
        return stored
    article = stored.article
    words = quote(squash(article.body) or squash(article.dek), stored.limits)
    access = replace(article.access, evidence=tuple(replace(sign, value="") for sign in article.access.evidence))
    blocks = (LabelledBlock(Role.BODY, words, "max-snippet"),) if words else ()
    images = tuple(replace(image, caption=None, alt=None) for image in article.images)
    short = replace(article, blocks=blocks, dek=None, images=images, access=access)
    return replace(stored, article=short, revisions=tuple(replace(one, blocks=()) for one in stored.revisions))


def without_private_links(stored: StoredArticle) -> StoredArticle:
    """
    The article without its links to those that say the same and are the reader's alone, for an
    export.
    """
    return replace(stored, duplicates=tuple(other for other in stored.duplicates if not other.private))


def describe_limits(limits: Limits) -> tuple[str, ...]:
    """
    What is kept from being done, for the reader, a sentence each.

    >>> describe_limits(Limits(noarchive=True, snippet_length=0))
    ... # doctest: +NORMALIZE_WHITESPACE
    ('Its publisher wants no copy of it to be shown: it is yours alone.',
     'Its publisher wants no text of it to be quoted.')
    """
    sentences = []
    if limits.noarchive:
        sentences.append("Its publisher wants no copy of it to be shown: it is yours alone.")
    if limits.snippet_length is not None:
        sentences.append(f"Its publisher wants {describe_snippet(limits.snippet_length)} of it to be quoted.")
    if limits.unavailable_after is not None:
        sentences.append(f"Its publisher does not want it shown after {limits.unavailable_after:%Y-%m-%d %H:%M} UTC.")
    if limits.tdm_reserved:
        sentences.append("Its publisher reserves text and data mining: exports for programs leave it out.")
    return tuple(sentences)
