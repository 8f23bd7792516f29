"""Whoever reads documents: the words and the model, at hand for one document after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scraper.encoding import narrow
from scraper.languages import shipped_languages
from scraper.model import Article, PageKind
from scraper.read.article import no_article, read_page
from scraper.read.document import Document
from scraper.read.file_kinds import name_list, refuse_other_files
from scraper.read.learnt.model import LabelModel, shipped_model
from scraper.read.page.parse import parse_page
from scraper.read.plain_text import read_plain_text
from scraper.read.words.lexicon import Lexicon

_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|p|div|title|h1|article|table|meta|br)\b", re.IGNORECASE)
# A page has an element of these in its first bytes, even behind a long comment; a text has none at
# all.
_HEAD_BYTES = 20_000


def _shipped_lexicon() -> Lexicon:
    return Lexicon(shipped_languages())


@dataclass(frozen=True, slots=True)
class Reader:
    """
    Reads documents. Whatever it read before, a document gives the same article.

    Args:
        lexicon: The words that are known, and phrases of one's own beside them; the shipped ones by
            default.
        model: Tells body and dek where no rule is certain; the shipped one by default.

    >>> page = b"<h1>Locks closed</h1><p>The harbour master closed both locks on Monday.</p>"
    >>> Reader().read(Document(page, "https://tide.example/a")).headline
    'Locks closed'
    """

    lexicon: Lexicon = field(default_factory=_shipped_lexicon)
    model: LabelModel = field(default_factory=shipped_model)

    def read(self, document: Document) -> Article:
        """
        The article in a document; its texts are in Unicode's NFC.

        Raises:
            PageError: Nothing can be read there.
        """
        refuse_other_files(document.body, document.url)
        body, content_type = narrow(document.body, document.content_type)
        if name_list(body):
            return no_article(document.url, PageKind.INDEX, "a feed or a sitemap")
        is_page = "text/plain" not in (content_type or "").lower() and _MARKUP.search(body[:_HEAD_BYTES])
        with self.lexicon.used():
            if not is_page:
                return read_plain_text(body, document.url, content_type)
            page = parse_page(body, document.url, content_type)
            return read_page(
                page,
                self.model,
                document.selectors,
                status_code=document.status_code,
                fetched_at=document.fetched_at,
            )
