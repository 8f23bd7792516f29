"""
Who had a text first, who copied it, and who added to it, told from the texts alone. Pure.

What two outlets share is a passage: runs of five words that stand in both, with no more than a few
words between them, over 25 words and more. So an editor's word here and there does not hide a copy,
and neither does another order of paragraphs. A translation is another text, in this map as in any.

Two things are shared and nobody's copy: what stands in quotation marks, since two reporters may
have heard one statement; and a paragraph of three articles and more that share little else, which
is a notice, or a statement again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from archive.judge.echoes.shelf import Shelf
from archive.judge.echoes.texts import Run, Text
from archive.judge.echoes.verdicts import judge_text
from archive.model import EchoMap, Told
from scraper.text import fold

# So many articles that share a paragraph and less than half of the rest have it from elsewhere.
_NOBODYS = 3


def map_echoes(articles: Iterable[Told]) -> EchoMap:
    """
    The articles on one event by time, and what each has of those before it.

    What an agency signs was the agency's first, where its own page is among the articles. Who had a
    passage before all others has it from nobody, wherever it stood between. Articles with next to
    no text are left out: nobody can say what they tell.
    """
    ordered = _by_time(articles)
    texts = [Text.of(told) for told in ordered]
    if nobodys := _find_nobodys(texts):
        texts = [Text.of(told, nobodys) for told in ordered]
    shelf = Shelf([text for text in texts if text.is_report])
    echoes = (judge_text(text, taken, shelf.texts) for text, taken in zip(shelf.texts, shelf.taken, strict=True))
    return EchoMap(tuple(echoes), tuple(sorted(shelf.passages(), key=lambda passage: -passage.word_count)))


def _by_time(articles: Iterable[Told]) -> list[Told]:
    """Who told it first comes first; what a house signs comes after the house's own page."""
    known = sorted(articles, key=lambda told: (told.at, told.article_id))
    own_page: dict[str, datetime] = {}
    for told in known:
        own_page.setdefault(fold(told.outlet), told.at)

    def order(told: Told) -> tuple[datetime, bool]:
        names = {fold(name) for name in told.signed} - {fold(told.outlet)}
        pages = [own_page[name] for name in names if name in own_page]
        return max([told.at, *pages]), bool(pages)

    return sorted(known, key=order)


def _find_nobodys(texts: Sequence[Text]) -> frozenset[Run]:
    """The paragraphs that stand in several articles which share little else."""
    holders: dict[Run, list[Text]] = defaultdict(list)
    for text in texts:
        for paragraph in {text.words[begin:end] for begin, end in text.paragraphs()}:
            if len(paragraph) >= text.measures.fewest:
                holders[paragraph].append(text)
    return frozenset(paragraph for paragraph, found in holders.items() if _is_nobodys(paragraph, found))


def _is_nobodys(paragraph: Run, holders: Sequence[Text]) -> bool:
    apart: list[frozenset[Run]] = []
    outlets: set[str] = set()
    for text in holders:
        measures = text.measures
        rest = frozenset(text.runs).difference(measures.runs_of(paragraph))
        has_rest = len(text.words) - len(paragraph) >= measures.fewest
        is_apart = has_rest and all(2 * len(rest & other) < min(len(rest), len(other)) for other in apart)
        if is_apart and text.told.outlet not in outlets:
            apart.append(rest)
            outlets.add(text.told.outlet)
    return len(apart) >= _NOBODYS
