"""What an article is, of the passages that others had before it."""

from __future__ import annotations

from collections.abc import Sequence

from archive.judge.echoes.shelf import Taken
from archive.judge.echoes.stretches import Stretch, both, but, find_covered
from archive.judge.echoes.texts import Text
from archive.model import Echo, EchoKind, Told
from scraper.read.words.names import known_names

# Of the words that are not a shared quotation, so many must be its own for a report to be
# independent, and so many of all: a statement in full with a line above it is no report.
_OWN = 0.5
_OWN_OF_ALL = 0.2
# What has so much of an earlier report is that report and more, however much more: who trims a wire
# report is often quicker than who prints all of it.
_HELD = 0.7


def judge_text(text: Text, taken: Taken, texts: Sequence[Text]) -> Echo:
    """What an article is to those before it. What is nobody's report counts for nothing."""
    told = len(text.words) - sum(text.nobodys)
    alone = bytes(not (one or aside) for one, aside in zip(taken.covered, text.nobodys, strict=True))
    own = sum(alone)
    heard = sum(but(both(taken.covered, text.quoted), text.nobodys))
    has_whole_report = any(_holds(text, texts[other], stretches) for other, stretches in taken.of)
    kind = EchoKind.INDEPENDENT
    if own < _OWN * (told - heard) or own < _OWN_OF_ALL * told or has_whole_report:
        kind = EchoKind.ADDS if _has_passage(text, alone) else EchoKind.COPY
    return Echo(
        article_id=text.told.article_id,
        outlet=text.told.outlet,
        house=house_of(text.told),
        at=text.told.at,
        kind=kind,
        word_count=told,
        own_words=own,
        own_paragraphs=_count_own_paragraphs(text, alone),
        of=tuple(texts[other].told.article_id for other, _ in taken.of),
    )


def _has_passage(text: Text, alone: bytes) -> bool:
    """Whether of its own words some stand together, enough to say something."""
    return any(end - begin >= text.measures.passage for begin, end in find_covered(alone))


def _count_own_paragraphs(text: Text, alone: bytes) -> int:
    """How many paragraphs are mostly its own."""
    return sum(2 * sum(alone[begin:end]) > end - begin >= text.measures.fewest for begin, end in text.paragraphs())


def _holds(text: Text, other: Text, stretches: Sequence[Stretch]) -> bool:
    """Whether a text has nearly all of another one, what is quoted aside."""
    held = sum(text.is_its_own(place) for begin, end in stretches for place in range(begin, end))
    return held > 0 and held >= _HELD * sum(map(other.is_its_own, range(len(other.words))))


def house_of(told: Told) -> str:
    """
    Whose report an article is: the agency's that alone signs it, else its outlet's.

    >>> from datetime import datetime, UTC
    >>> house_of(Told(1, "Morning Post", datetime(2026, 3, 2, tzinfo=UTC), "", ("Reuters",)))
    'Reuters'
    """
    agencies = known_names().agencies
    names = {*agencies.short, *agencies.of_bylines, *agencies.full, *agencies.full_of_bylines}
    return told.signed[0] if told.signed and all(name.casefold() in names for name in told.signed) else told.outlet
