"""
A query as people type it, taken apart.

    words         both of them, in any text
    "two words"   one behind the other, as they are written
    -word         not that; also NOT word
    a OR b        one of them; (…) keeps together, AND is what a space is
    pre*          a word that begins so
    field:value   title dek body caption source section author access complete language cve tag story has is
    since: until: published:    a day, month, year, or a span back from now ("7d")
    sort:         relevance newest oldest published

What could be a mistake is no operator silently: a query that cannot be answered as it stands is
`NotUnderstood`, with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import NoReturn

from archive.judge.query.times import read_span
from archive.model.query import (
    All,
    Any,
    Condition,
    Fact,
    Is,
    Not,
    NotUnderstood,
    Query,
    Sort,
    TextField,
    Within,
    Words,
)
from scraper.folding import fold_letters, search_words
from scraper.model import AccessStatus

# More parts, or brackets in brackets, are no question that anybody asks; a search of them takes
# seconds.
_MOST_PARTS, _MOST_DEPTH = 64, 16
_SHORTEST_PREFIX = 2  # one letter begins too many words
_OPENS, _CLOSES = '"“„', '"”“'
_TEXTS = {
    "title": TextField.HEADLINE,
    "headline": TextField.HEADLINE,
    "dek": TextField.DEK,
    "body": TextField.BODY,
    "caption": TextField.CAPTIONS,
    "captions": TextField.CAPTIONS,
}
_TIMES = ("since", "until", "published")
_FACTS = {fact.value: fact for fact in Fact}
_FIELDS = (*_TEXTS, *_FACTS, *_TIMES, "sort")
_VALUES: dict[Fact, tuple[str, ...]] = {
    Fact.ACCESS: tuple(status.value for status in AccessStatus),
    Fact.COMPLETE: ("yes", "no", "unknown"),
    Fact.HAS: ("revision", "duplicate", "cve", "caption"),
    Fact.IS: ("starred", "private", "changed", "unread", "followed"),
}
_FIELD = re.compile(r"([A-Za-z]+):(?!//)")
# A term ends at a space; a bracket ends it only where one is open.
_TERM = re.compile(r"[^\s]+")
_SPACE = re.compile(r"\s+")


class _NotUnderstoodError(Exception):
    def __init__(self, found: NotUnderstood) -> None:
        self.found = found
        super().__init__(str(found))


@dataclass(frozen=True, slots=True)
class _Clock:
    now: datetime
    timezone: str


def parse(text: str, now: datetime, timezone: str = "UTC") -> Query | NotUnderstood:
    """
    What a query asks for, or why that cannot be told. Never raises.

    Args:
        now: From which spans reach back.
        timezone: In which days begin.
    """
    try:
        return _Parser(text.replace("\0", " "), _Clock(now, timezone)).query()
    except _NotUnderstoodError as error:
        return error.found


def read_line(line: str) -> Words | None:
    """
    What a line of a word list looks for: a word or several as in a query, but for its operators.
    None where there is no word in it, or too little of one.

    >>> read_line("North Quay"), read_line('"gates"').is_exact, read_line("tide*").is_prefix, read_line("- ")
    (Words(phrase=('north', 'quay'), field=None, is_exact=False, is_prefix=False), True, True, None)
    """
    is_exact = len(line) > 1 and line[0] in _OPENS and line[-1] in _CLOSES
    try:
        return _words(line[1:-1] if is_exact else line, None, _refuse, is_exact=is_exact)
    except _NotUnderstoodError:
        return None


def _refuse(problem: str) -> NoReturn:
    raise _NotUnderstoodError(NotUnderstood(1, problem))


class _Parser:
    """Goes through a query once, from left to right."""

    def __init__(self, text: str, clock: _Clock) -> None:
        self._text = text
        self._clock = clock
        self._at = 0
        self._open = 0
        self._count = 0
        self._sort: Sort | None = None

    def query(self) -> Query:
        condition = self._any()
        return Query(condition, self._sort)

    # ------------------------------------------------------------ the grammar

    def _any(self) -> Condition | None:
        """`all OR all …`, to the end or to the bracket that closes it."""
        parts = [self._all()]
        while (place := self._at) < len(self._text) and self._takes("OR"):
            following = self._all()
            if parts[-1] is None or following is None:
                self._stop(place, "OR needs something to look for on both sides")
            parts.append(following)
        found = [part for part in parts if part is not None]
        return found[0] if len(found) == 1 else Any(tuple(found)) if found else None

    def _all(self) -> Condition | None:
        parts: list[Condition] = []
        while self._skips_space() and not self._is_next("OR") and not self._closes():
            if self._takes("AND"):
                continue
            part = self._part()
            if part is not None:
                parts.append(part)
        return parts[0] if len(parts) == 1 else All(tuple(parts)) if parts else None

    def _part(self) -> Condition | None:
        start = self._at
        if self._takes("NOT"):
            self._skips_space()
            return self._negated(start, "NOT")
        if self._text[start] == "-" and re.match(r"-[^\s-]", self._text[start:]):
            self._at += 1
            return self._negated(start, "-")
        if self._text[start] == "(":
            return self._group()
        return self._term()

    def _negated(self, start: int, sign: str) -> Condition | None:
        if self._at >= len(self._text) or self._closes() or self._is_next("OR"):
            self._stop(start, f"{sign} needs something behind it that is not wanted")
        if self._is_next("NOT"):
            self._stop(start, "two times not: leave both out")
        part = self._part()
        return None if part is None else Not(part)

    def _group(self) -> Condition | None:
        start = self._at
        self._open += 1
        if self._open > _MOST_DEPTH:
            self._stop(start, f"more than {_MOST_DEPTH} brackets within each other")
        self._at += 1
        found = self._any()
        if not self._closes():
            self._stop(start, "this bracket is not closed")
        self._at += 1
        self._open -= 1
        return found

    def _term(self) -> Condition | None:
        """A word, a phrase, or a field with its value."""
        start = self._at
        if field := _FIELD.match(self._text, start):
            name = field[1].lower()
            if name in _FIELDS:
                self._at = field.end()
                return self._counted(self._field(name, start), start)
            if field[1].islower() and (close := get_close_matches(name, _FIELDS, 1, 0.8)):
                self._stop(start, f"“{name}:” is no field; did you mean “{close[0]}:”?")
        value, is_exact = self._value()
        return self._counted(_words(value, None, self._stopper(start), is_exact=is_exact), start)

    def _field(self, name: str, start: int) -> Condition | None:
        place = self._at
        if place >= len(self._text) or self._text[place].isspace():
            self._stop(start, f"“{name}:” needs a value right behind it")
        value, is_exact = self._value()
        stop = self._stopper(place)
        if name in _TEXTS:
            return _words(value, _TEXTS[name], stop, is_exact=is_exact)
        if name in _FACTS:
            return _fact(_FACTS[name], value, stop)
        if name in _TIMES:
            return _within(name, value, self._clock, stop)
        orders = [order.value for order in Sort]
        if value.lower() not in orders:
            stop(f"“sort:” takes {', '.join(orders)}")
        self._sort = Sort(value.lower())
        return None

    def _value(self) -> tuple[str, bool]:
        """The text of a term, and whether it is in quotation marks."""
        start = self._at
        if self._text[start] in _OPENS:
            end = re.compile(f"[{_CLOSES}]").search(self._text, start + 1)
            if end is None:
                self._stop(start, "this quotation mark is not closed")
            self._at = end.end()
            return self._text[start + 1 : end.start()], True
        term = _TERM.match(self._text, start)
        text = term[0] if term else ""
        if self._open:  # brackets that belong to the word stay with it: f(x)
            while text.endswith(")") and text.count(")") > text.count("("):
                text = text[:-1]
        self._at = start + max(len(text), 1)
        return text, False

    # ------------------------------------------------------------ where it stands

    def _skips_space(self) -> bool:
        """Go to the next term; False at the end."""
        if space := _SPACE.match(self._text, self._at):
            self._at = space.end()
        return self._at < len(self._text)

    def _closes(self) -> bool:
        return self._open > 0 and self._text[self._at : self._at + 1] == ")"

    def _is_next(self, operator: str) -> bool:
        end = self._at + len(operator)
        return self._text[self._at : end] == operator and self._text[end : end + 1].strip() in {"", "(", ")"}

    def _takes(self, operator: str) -> bool:
        if not self._is_next(operator):
            return False
        self._at += len(operator)
        self._skips_space()
        return True

    def _counted(self, part: Condition | None, start: int) -> Condition | None:
        self._count += part is not None
        if self._count > _MOST_PARTS:
            self._stop(start, f"more than {_MOST_PARTS} words and fields")
        return part

    def _stopper(self, place: int) -> Callable[[str], NoReturn]:
        def stop(problem: str) -> NoReturn:
            self._stop(place, problem)

        return stop

    def _stop(self, place: int, problem: str) -> NoReturn:
        raise _NotUnderstoodError(NotUnderstood(place + 1, problem))


def _words(value: str, field: TextField | None, stop: Callable[[str], NoReturn], *, is_exact: bool) -> Words | None:
    phrase = tuple(search_words(value))
    is_prefix = not is_exact and value.endswith("*") and bool(phrase)
    if is_prefix and phrase[-1].isascii() and len(phrase[-1]) < _SHORTEST_PREFIX:
        stop(f"“{value}” needs {_SHORTEST_PREFIX} letters or more before the asterisk")
    if not phrase:
        return None
    # Particles stick to words of Korean: what begins so is meant.
    is_prefix = is_prefix or (not is_exact and "\uac00" <= phrase[-1][:1] <= "\ud7a3")
    return Words(phrase, field, is_exact, is_prefix)


def _fact(fact: Fact, value: str, stop: Callable[[str], NoReturn]) -> Is:
    is_prefix = value.endswith("*")
    plain = fold_letters(value.removesuffix("*").strip())
    if not plain:
        stop(f"“{fact.value}:” needs a value")
    if fact in _VALUES and plain not in _VALUES[fact]:
        stop(f"“{fact.value}:” takes {', '.join(_VALUES[fact])}")
    if fact is Fact.STORY and not re.fullmatch(r"\d{1,18}", plain):
        stop("“story:” takes the number of a story")
    return Is(fact, plain, is_prefix)


def _within(name: str, value: str, clock: _Clock, stop: Callable[[str], NoReturn]) -> Within:
    span = read_span(value, clock.now, clock.timezone)
    if span is None:
        stop(f"“{value}” is no time: write 2026-03-01, 2026-03, 2026, 2026-03-01..2026-03-07, today, or 7d")
    since, until = span
    match name:
        case "since":
            return Within(since=since)
        case "until":
            return Within(until=until or since)  # 7d reaches back to a moment, a day has an end
        case _:
            return Within(since, until, is_published=True)
