"""
What was read, with its texts in the normal form in which they are kept (Unicode NFC, UAX #15).

Pages, script data and feeds write the same word in several ways ("é" as one character or as two,
the compatibility ideograph for a plain one); readers compare, search and copy it as one. What is
quoted as evidence, and every address, stays as it was written; the raw response has the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from scraper.model import Article, Image, LabelledBlock
from scraper.text import composed

# The target of a link as `markdown.py` writes it.
_TARGET = re.compile(r"(\]\((?:<[^<>]*>|[^()\s]*)\))")


def composed_article(article: Article) -> Article:
    """An article that was made elsewhere, with its texts in NFC."""
    return replace(
        article,
        headline=composed_text(article.headline),
        dek=composed_text(article.dek),
        kicker=composed_text(article.kicker),
        authors=composed_texts(article.authors),
        section=composed_text(article.section),
        publication=composed_text(article.publication),
        tags=composed_texts(article.tags),
        blocks=composed_blocks(article.blocks),
        images=composed_images(article.images),
    )


def composed_text(text: str | None) -> str | None:
    """A text in NFC, where there is one."""
    return text and composed(text)


def composed_texts(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts in NFC."""
    return tuple(map(composed, texts))


def composed_blocks(blocks: Iterable[LabelledBlock]) -> tuple[LabelledBlock, ...]:
    """Blocks with their texts in NFC."""
    return tuple(map(_composed_block, blocks))


def _composed_block(block: LabelledBlock) -> LabelledBlock:
    if block.text.isascii() and block.markdown.isascii():
        return block
    text, markdown = composed(block.text), composed_markdown(block.markdown)
    is_same = text == block.text and markdown == block.markdown
    return block if is_same else block._replace(text=text, markdown=markdown)


def composed_images(images: Iterable[Image]) -> tuple[Image, ...]:
    """Images with their words in NFC."""
    return tuple(
        replace(
            image,
            caption=composed_text(image.caption),
            credit=composed_text(image.credit),
            alt=composed_text(image.alt),
        )
        for image in images
    )


def composed_markdown(markdown: str) -> str:
    r"""
    Markdown in NFC; the addresses of links stay as they are.

    >>> composed_markdown("[caf\\u00e9](https://a.example/cafe\u0301)") == "[caf\\u00e9](https://a.example/cafe\u0301)"
    True
    """
    if markdown.isascii() or composed(markdown) == markdown:  # most are written so
        return markdown
    # Every other part is a target.
    return "".join(part if n % 2 else composed(part) for n, part in enumerate(_TARGET.split(markdown)))
