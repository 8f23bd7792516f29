"""The echo map of an article, in words: who had it first, who copied it, who added to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archive.judge.echoes import map_echoes, told_of
from archive.judge.excerpts import opening
from archive.judge.wishes import quote
from archive.model import Echo, EchoKind, EchoMap, StoredArticle
from archive.show.places import count_echoes, describe_echo

# A reader looks at the longest ones; each may be a page long.
_MOST_PASSAGES = 12
_LONGEST = 400  # characters of a passage that are shown


@dataclass(frozen=True, slots=True)
class EchoRow:
    """One article of the map. *verdict*: what it is to those before it; *share*: how much is its own."""

    article_id: int
    outlet: str
    at: datetime
    verdict: str
    share: str


@dataclass(frozen=True, slots=True)
class SharedPassage:
    """A passage of the article that others have, too. *first*: who had it first; *others*: who else has it."""

    text: str
    word_count: int
    first: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EchoPage:
    """What the page of an article says of its echoes. *summary*: the line that a digest has."""

    summary: str
    rows: tuple[EchoRow, ...]
    passages: tuple[SharedPassage, ...]


def describe_echoes(stored: StoredArticle, others: Iterable[StoredArticle], titles: dict[str, str]) -> EchoPage | None:
    """
    The echo map of an article and of those that are one report with it or on its event; None where
    there is nothing to compare.

    Args:
        titles: What the sources are called, by name.
    """
    articles = {one.article_id: one for one in (stored, *others)}
    found = map_echoes(told_of(one, _title(one, titles)) for one in articles.values())
    count = count_echoes(found)
    if count is None:
        return None
    rows = tuple(_row(echo, found) for echo in found.echoes)
    return EchoPage(describe_echo(count), rows, tuple(_passages(stored.article_id, found, articles)))


def _title(stored: StoredArticle, titles: dict[str, str]) -> str:
    return titles.get(stored.source or "") or stored.outlet


def _row(echo: Echo, found: EchoMap) -> EchoRow:
    return EchoRow(echo.article_id, echo.outlet, echo.at, _verdict(echo, found), f"{echo.own_share:.0%}")


def _verdict(echo: Echo, found: EchoMap) -> str:
    """What an article is to those before it, in words."""
    house = f", by {echo.house}" if echo.house.casefold() != echo.outlet.casefold() else ""
    by_article = found.by_article
    of = " and ".join(dict.fromkeys(by_article[other].outlet for other in echo.of))
    match echo.kind:
        case EchoKind.INDEPENDENT if echo is found.echoes[0]:
            return f"first{house}"
        case EchoKind.INDEPENDENT:
            return f"a report of its own{house}" + (f", with a passage of {of}" if of else "")
        case EchoKind.ADDS:
            count, noun = (echo.own_paragraphs, "paragraph") if echo.own_paragraphs else (echo.own_words, "word")
            return f"the text of {of}, with {count} {noun}{'s' * (count != 1)} more"
        case _:
            return f"a copy of {of}"


def _passages(article_id: int, found: EchoMap, articles: dict[int, StoredArticle]) -> Iterator[SharedPassage]:
    by_article = found.by_article
    here = [one for one in found.passages if article_id in (one.first, *one.others)]
    for passage in here[:_MOST_PASSAGES]:
        text = opening(passage.text, _LONGEST)
        yield SharedPassage(
            quote(text, articles[passage.first].limits),
            passage.word_count,
            by_article[passage.first].outlet,
            tuple(dict.fromkeys(by_article[other].outlet for other in passage.others)),
        )
