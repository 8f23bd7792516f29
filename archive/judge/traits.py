"""
What an article is known by and judged by, made of it alone: who reads a page makes it, so that the
one who decides on all pages need not. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from archive.judge.fingerprints import Fingerprint, fingerprint
from archive.judge.learnt_walls import find_end
from archive.judge.templates import find_fingerprints
from archive.model import TextEnd
from scraper.model import Article
from scraper.text import count_words


@dataclass(frozen=True, slots=True)
class Traits:
    """
    What an article is known by and judged by.

    Args:
        keys: By which the same report is found at another address.
        marks: The fingerprints of blocks that may be templates of its source, with their places.
        end: How its text ends, for what is learnt of the walls of its source.
        word_count: Words of its body.
    """

    keys: Fingerprint
    marks: Mapping[int, int]
    end: TextEnd
    word_count: int


def traits_of(article: Article) -> Traits:
    """The traits of an article; equal in every process."""
    body = article.body
    keys, marks = fingerprint(article.headline, body), find_fingerprints(article.blocks)
    return Traits(keys, marks, find_end(article), count_words(body))


def traits_when_complete(traits: Traits, page: Article, article: Article) -> Traits:
    """Those of a page as those of the article that was made of it; most texts stay as they were read."""
    if article.blocks is page.blocks and article.headline == page.headline:
        return replace(traits, end=replace(traits.end, alone=article.access))
    return traits_of(article)
