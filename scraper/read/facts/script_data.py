"""
Article text that stands only in a page's data: JSON-LD `articleBody`, the state of a framework, in
scripts and attributes.

Such pages show nothing to a reader without scripts, yet the ordinary request carried the text. Where
data stands and how it is written: `script/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scraper.read.facts.metadata import Metadata
from scraper.read.facts.script.paragraphs import DataText, find_texts
from scraper.read.facts.script.places import find_states
from scraper.read.facts.script.strings import Paragraph, is_prose, plain
from scraper.read.page.parse import Page
from scraper.text import count_words, fold, words

_PARAGRAPH = re.compile(r"<(?:p|div|br|h[2-6]|li)\b", re.IGNORECASE)
# Markers that content systems leave in text ("$$ARTICLEAD$$").
_MARKER = re.compile(r"\$\$\w+\$\$|\{\{[^{}]{0,40}\}\}")
_FEWEST_WORDS = 40  # two short paragraphs; less is a summary
_FEWEST_SENTENCES = 3  # a summary has two
# A text is about what its headline says when it has so many of its longer words (headlines use
# other words than texts), and it is the one that the page describes with so many of the description's.
_LEAST_OF_HEADLINE, _LEAST_OF_DESCRIPTION = 0.2, 0.7
_FEWEST_OF_A_TITLE = 12  # characters; a shorter one is a word of many headlines
_FEWEST_OF_A_DESCRIPTION = 4  # longer words; fewer are in any text on the matter
_LONGER_WORD = 4  # characters; "the", "und" and "les" are in every text
_STEM = 6  # characters: what stands behind them changes in many languages
# A text of the record that has the page's headline counts for so many times its words.
_OF_ITS_RECORD = 3


class ScriptText(NamedTuple):
    """
    The text of an article in a page's data.

    Args:
        where: The name that the data goes by.
        words: How many it has.
        is_named: Its record has the page's headline, or the page describes it.
    """

    markup: str
    where: str
    words: int
    is_named: bool


def find_script_text(page: Page, metadata: Metadata, headline: str | None) -> ScriptText | None:
    """
    The longest text in a page's data that is about what the page is about.

    JSON-LD comes first: the publisher says there that it is the article's body.
    """
    body = metadata.article_body
    if body and (count := count_words(body)) >= _FEWEST_WORDS:
        return ScriptText(_as_html(body), "json-ld articleBody", count, is_named=True)
    wanted = _Wanted(headline, metadata.description.text if metadata.description else None)
    return max(_candidates(page, wanted), key=_rank, default=None)


def _rank(found: ScriptText) -> int:
    return found.words * (_OF_ITS_RECORD if found.is_named else 1)


def _titles_of(text: DataText) -> Iterator[str | None]:
    yield text.title
    yield from (plain(part.markup) for part in text.paragraphs if part.tag == "h2")


class _Wanted:
    """What the page says of its article, in the form in which it is compared."""

    def __init__(self, headline: str | None, description: str | None) -> None:
        self.headline = fold(headline)
        self.title_words = _longer_words(headline)
        self.description_words = _longer_words(description)

    def is_title(self, title: str | None) -> bool:
        """Whether a record has the page's headline, in long or in short."""
        name = fold(title)
        if name == self.headline or not (name and self.headline):
            return bool(name)
        is_long = min(len(name), len(self.headline)) >= _FEWEST_OF_A_TITLE
        return is_long and (name in self.headline or self.headline in name)

    def bond(self, text: DataText, said: str) -> bool | None:
        """Whether a text is the page's own for certain (True), likely (False), or not at all (None)."""
        if any(map(self.is_title, _titles_of(text))):
            return True
        spoken = {word[:_STEM] for word in words(said.casefold())}
        is_telling = len(self.description_words) >= _FEWEST_OF_A_DESCRIPTION
        if is_telling and _share(self.description_words, spoken) >= _LEAST_OF_DESCRIPTION:
            return True
        if text.title and self.headline:  # a record of another article
            return None
        is_about = not self.title_words or _share(self.title_words, spoken) >= _LEAST_OF_HEADLINE
        return False if is_about else None


def _longer_words(text: str | None) -> frozenset[str]:
    found = words((text or "").casefold())
    # Of scripts without spaces every character is a word.
    return frozenset(
        word[:_STEM] for word in found if len(word) >= _LONGER_WORD or (len(word) == 1 and not word.isascii())
    )


def _share(wanted: frozenset[str], spoken: set[str]) -> float:
    return len(wanted & spoken) / len(wanted) if wanted else 0.0


def _candidates(page: Page, wanted: _Wanted) -> Iterator[ScriptText]:
    for value, where in find_states(page):
        for text in find_texts(value):
            said = " ".join(plain(part.markup) for part in text.paragraphs)
            count = count_words(said)
            if count < _FEWEST_WORDS or not _is_article(text.paragraphs, said):
                continue
            bond = wanted.bond(text, said)
            if bond is not None:
                parts = (
                    part for part in text.paragraphs if part.tag != "h2" or fold(plain(part.markup)) != wanted.headline
                )
                yield ScriptText(_joined(parts), where, count, is_named=bond)


def _is_article(paragraphs: Sequence[Paragraph], said: str) -> bool:
    """Whether a text is prose: of paragraphs, or of several sentences."""
    is_marked = len(paragraphs) >= _FEWEST_SENTENCES or any(_PARAGRAPH.search(part.markup) for part in paragraphs)
    return is_prose(said, fewest=1 if is_marked else _FEWEST_SENTENCES)


def _joined(paragraphs: Iterable[Paragraph]) -> str:
    """Paragraphs as markup; items that follow each other are one list."""
    pieces: list[str] = []
    before = ""
    for tag, markup in paragraphs:
        if before == "li" != tag:
            pieces.append("</ul>")
        elif tag == "li" != before:
            pieces.append("<ul>")
        text = _MARKER.sub("", markup)
        pieces.append(f"<{tag}>{text}</{tag}>" if tag else text)
        before = tag
    return "".join(pieces)


def _as_html(text: str) -> str:
    text = _MARKER.sub("", text)
    if _PARAGRAPH.search(text):
        return text
    lines = (line.strip() for line in text.split("\n"))
    return "".join(f"<p>{line.replace('<', '&lt;')}</p>" for line in lines if line)
