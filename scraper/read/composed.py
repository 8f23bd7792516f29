"""
What was read, with its texts in the normal form in which they are kept (Unicode NFC, UAX #15).

Pages, script data and feeds write the same word in several ways ("é" as one character or as two, the compatibility
ideograph for a plain one); readers compare, search and copy it as one. What is quoted as evidence, and every
address, stays as it was written; the raw response has the rest.
"""

from __future__ import annotations

import re
from dataclasses import replace

from scraper.model import Article, Image, LabelledBlock
from scraper.text import composed

# The target of a link as `markdown.py` writes it.
_TARGET = re.compile(r"(\]\((?:<[^<>]*>|[^()\s]*)\))")


def composed_article(article: Article) -> Article:
    """The article with its texts in NFC."""
    return replace(
        article,
        headline=_composed(article.headline),
        dek=_composed(article.dek),
        kicker=_composed(article.kicker),
        authors=tuple(map(composed, article.authors)),
        section=_composed(article.section),
        publication=_composed(article.publication),
        tags=tuple(map(composed, article.tags)),
        blocks=tuple(map(_composed_block, article.blocks)),
        images=tuple(map(_composed_image, article.images)),
    )


def composed_markdown(markdown: str) -> str:
    r"""
    Markdown in NFC; the addresses of links stay as they are.

    >>> composed_markdown("[caf\\u00e9](https://a.example/cafe\u0301)") == "[caf\\u00e9](https://a.example/cafe\u0301)"
    True
    """
    if markdown.isascii():
        return markdown
    # Every other part is a target.
    return "".join(part if n % 2 else composed(part) for n, part in enumerate(_TARGET.split(markdown)))


def _composed(text: str | None) -> str | None:
    return text and composed(text)


def _composed_block(block: LabelledBlock) -> LabelledBlock:
    if block.text.isascii() and block.markdown.isascii():
        return block
    return block._replace(text=composed(block.text), markdown=composed_markdown(block.markdown))


def _composed_image(image: Image) -> Image:
    return replace(image, caption=_composed(image.caption), credit=_composed(image.credit), alt=_composed(image.alt))
