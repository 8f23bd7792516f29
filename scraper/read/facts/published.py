"""
When an article was published, and when it was changed: as the page states it, else as it shows it
near the headline, else as its address has it.

What stands near the headline comes before any date elsewhere: comments, teasers and posts of others
have dates of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from scraper.dates import Clues, Written
from scraper.model import BODY_ROLES, LabelledBlock, Role
from scraper.read.facts.authors import find_mail_head
from scraper.read.facts.metadata import SELECTORS_OF_ANY_TIME, Metadata
from scraper.read.facts.second_opinion import ask_htmldate
from scraper.read.page.blocks import Block
from scraper.read.page.parse import Page, attribute
from scraper.read.page.statements import Value
from scraper.read.words.dates import (
    find_told,
    find_written,
    is_date_alone,
    is_month_first,
    parse_when,
    says_changed,
    says_published,
)
from scraper.text import squash
from scraper.urls import split_url

# How far before the text a date counts as its own, and in how long a line (characters).
_NEAR_BLOCKS = 8
_SHORT_LINE = 120
# At the head of the text a line that is a date alone counts as its own, among so many blocks.
_HEAD_BLOCKS = 5
_DATED_ROLES = frozenset((Role.DATELINE, Role.BYLINE))
# A date in these is that of what is told.
_TOLD_ROLES = frozenset((Role.HEADLINE, Role.DEK, Role.CAPTION))
# A zone that nobody told can be so far off.
_ZONES = timedelta(days=1)
_LAST_DAY = datetime.max.replace(tzinfo=UTC) - _ZONES


class Dates(NamedTuple):
    """When an article was published and changed, and the words that say so with their place."""

    published_at: datetime | None = None
    published: Value | None = None
    updated_at: datetime | None = None
    updated: Value | None = None


class _Line(NamedTuple):
    """What a line says of its text."""

    published: Value | None = None
    changed: Value | None = None


def latest_of(fetched_at: datetime | None) -> datetime | None:
    """The last instant of which a page that was fetched then can be, by any clock."""
    if fetched_at is None or fetched_at > _LAST_DAY:  # a clock that lies tells nothing
        return None
    return fetched_at + _ZONES


def find_dates_of(
    page: Page,
    metadata: Metadata,
    outline: Sequence[Block],
    blocks: tuple[LabelledBlock, ...],
    *,
    headline: str | None = None,
    latest: datetime | None = None,
) -> Dates:
    """
    The times of publication and of the last change.

    Args:
        latest: As `latest_of` gives it.
    """
    shown = _Shown(page, outline, blocks, headline or "", latest)
    published = _find_published(page, metadata, shown, latest)
    published_at = parse_when(published.text, shown.clues) if published else None
    updated_at, updated = metadata.updated_at, None
    if updated_at is None and (updated := shown.changed()):
        updated_at = parse_when(updated.text)
        # What was changed before it came out is another text.
        if updated_at and published_at and published_at - updated_at > _ZONES:
            updated_at = updated = None
    return Dates(published_at, published or metadata.published, updated_at, updated)


def _find_published(page: Page, metadata: Metadata, shown: _Shown, latest: datetime | None) -> Value | None:
    stated = metadata.published if metadata.published_at else None
    if stated and stated.origin not in SELECTORS_OF_ANY_TIME:
        return stated
    in_url = _find_in_url(page, latest)
    if stated and in_url and _is_same_day(stated, in_url):  # two that agree
        return stated
    return shown.at_the_head() or stated or in_url or _find_elsewhere(page, metadata, shown)


def _find_in_url(page: Page, latest: datetime | None) -> Value | None:
    found = find_url_date(page.url)
    is_to_come = found is not None and latest is not None and found.text > latest.date().isoformat()
    return None if is_to_come else found


def _find_elsewhere(page: Page, metadata: Metadata, shown: _Shown) -> Value | None:
    """A date in places that are seldom about the text."""
    return shown.in_dated_lines() or shown.in_further_metas(metadata) or ask_htmldate(page)


def _is_same_day(stated: Value, day: Value) -> bool:
    at, other = parse_when(stated.text), parse_when(day.text)
    return at is not None and other is not None and abs(at - other) <= _ZONES


def _may_be_same(stated: datetime, shown: datetime | None) -> bool:
    """Whether an element states what words show: it has the zone, and the order of day and month; they may not."""
    if shown is None:
        return False
    is_turned = (stated.year, stated.month, stated.day) == (shown.year, shown.day, shown.month)
    return is_turned or abs(stated - shown) <= _ZONES


class _Shown:
    """The dates that a page shows; each line is read when it is asked for."""

    def __init__(
        self,
        page: Page,
        outline: Sequence[Block],
        blocks: tuple[LabelledBlock, ...],
        headline: str,
        latest: datetime | None,
    ) -> None:
        self.page, self.outline, self.blocks, self.headline = page, outline, blocks, headline
        self.clues = Clues(page.language, _order_of_site(page, blocks), latest)
        self.elements: dict[int, list[LexborNode]] | None = None

    def at_the_head(self) -> Value | None:
        return self._in_mail() or self._near()

    def _near(self) -> Value | None:
        """
        A date right before the text ("June 25, 2012"), in a line about it or else in any short
        line.

        That of a change is taken where no other stands there.
        """
        lines = [self._read(block) for block in self._near_blocks()]
        published = (line.published for line in lines if line.published)
        return next(published, None) or next((line.changed for line in lines if line.changed), None)

    def _in_mail(self) -> Value | None:
        """The date in the head of a mail."""
        mail = find_mail_head(self.blocks)
        dates = find_written(mail.date, self.clues) if mail else []
        return Value(_text_of(dates[0]), "dateline") if dates else None

    def in_dated_lines(self) -> Value | None:
        """A date in another line about the text: teasers have some, too."""
        lines = (self._read(block) for block in self.blocks if block.role in _DATED_ROLES)
        return next((date for line in lines if (date := line.published or line.changed)), None)

    def in_further_metas(self, metadata: Metadata) -> Value | None:
        """A date that a meta element states in words for people, or of another day perhaps."""
        for value in metadata.further_dates:
            if parse_when(value.text, self.clues):
                return value
            if found := find_written(value.text, self.clues):
                return Value(found[0].text, value.origin)
        return None

    def changed(self) -> Value | None:
        """The date of a change, near the text or in another line about it."""
        dated = (block for block in self.blocks if block.role in _DATED_ROLES)
        lines = (self._read(block) for block in (*self._near_blocks(), *dated) if says_changed(block.text))
        return next((line.changed for line in lines if line.changed), None)

    def _near_blocks(self) -> list[LabelledBlock]:
        """
        The lines before the text that can date it, the likeliest first; then those at its head that
        are a date and nothing else.
        """
        first = next((i for i, block in enumerate(self.blocks) if block.role in BODY_ROLES), len(self.blocks))
        before = reversed(self.blocks[max(0, first - _NEAR_BLOCKS) : first])
        near = [block for block in before if block.role not in _TOLD_ROLES and self._is_short(block.text)]
        near.sort(key=lambda block: (not says_published(block.text), block.role not in _DATED_ROLES))
        within = self.blocks[first : first + _HEAD_BLOCKS]
        return near + [block for block in within if len(block.text) < _SHORT_LINE and self._is_date(block)]

    def _is_date(self, block: LabelledBlock) -> bool:
        """Whether a line is a date, in words or by an element that it is ("3 days ago")."""
        return is_date_alone(block.text) or any(
            squash(node.text()) == block.text for node in self._elements_of(block.number)
        )

    def _is_short(self, text: str) -> bool:
        # Some have headline, names and date in one element.
        return len(text) - len(self.headline) * (bool(self.headline) and self.headline in text) < _SHORT_LINE

    def _read(self, block: LabelledBlock) -> _Line:
        """What a line says in words, with the time of day that an element in it states."""
        told = find_told(block.text, self.clues)
        line = _Line(*(Value(_text_of(date), "dateline") if date else None for date in told))
        for node in self._elements_of(block.number):
            line = self._with_element(line, node, block.text)
        return line

    def _with_element(self, line: _Line, node: LexborNode, text: str) -> _Line:
        found = self._stated_in_time(node)
        if found is None:
            return line
        stated, at = found
        for field, shown in zip(line._fields, line, strict=True):
            if shown and _may_be_same(at, parse_when(shown.text)):
                return line._replace(**{field: stated})
        if any(line):  # the words say otherwise, and readers see those
            return line
        return _Line(changed=stated) if says_changed(text) else _Line(published=stated)

    def _stated_in_time(self, node: LexborNode) -> tuple[Value, datetime] | None:
        """What an element states, where that is a time and not one to come."""
        stated = _stated_by(node, self.clues)
        at = parse_when(stated.text, self.clues) if stated else None
        if stated is None or at is None or (self.clues.latest and at > self.clues.latest):
            return None
        return stated, at

    def _elements_of(self, number: int) -> list[LexborNode]:
        if self.elements is None:
            self.elements = _find_elements(self.page, self.outline)
        return self.elements.get(number, [])


def _text_of(date: Written) -> str:
    """A date as ISO 8601, with its time unless its zone would make it another day than the one that readers see."""
    return date.text if date.at.date() == date.day else date.day.isoformat()


# Attributes that state a date, and the elements that have one.
_STATED_ANYWHERE = """
data-timestamp data-time data-utime data-datetime data-date data-epoch data-published data-pubdate data-publish-date
data-livestamp
""".split()
_STATING = ("datetime", "content", *_STATED_ANYWHERE, "title")
_TIMES = ("time", "relative-time", "time-ago", "local-time", "abbr[title]", "span[title]")
_DATED_ELEMENTS = ", ".join((*_TIMES, *(f"[{name}]" for name in _STATED_ANYWHERE)))


def _find_elements(page: Page, outline: Sequence[Block]) -> dict[int, list[LexborNode]]:
    """The elements that state a date, by the number of the block that they stand in."""
    numbers: dict[int, list[Block]] = {}
    for block in outline:
        numbers.setdefault(block.element.node_id, []).append(block)
    found: dict[int, list[LexborNode]] = {}
    for node in page.tree.css(_DATED_ELEMENTS):
        around: LexborNode | None = node
        while around is not None and around.mem_id not in numbers:
            around = around.parent
        text = squash(node.text())
        for block in numbers[around.mem_id] if around else ():
            if text and text in squash(block.text):
                found.setdefault(block.order, []).append(node)
                break
    return found


def _stated_by(node: LexborNode, clues: Clues) -> Value | None:
    for name in _STATING:
        if (text := attribute(node, name)) and parse_when(text, clues):
            return Value(text, "dateline")
        if name == "title" and text and (found := find_written(text, clues)):
            return Value(found[0].text, "dateline")
    return None


_NUMBERS = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(?:19|20)\d{2}(?!\d)")
# Ends of hosts that tell how a page in English writes its dates.
_AMERICAN_HOST = re.compile(r"\.(?:gov|mil|us)$")
_OTHER_HOST = re.compile(r"\.(?:uk|ie|au|nz|in|za|eu)$")


def _order_of_site(page: Page, blocks: Iterable[LabelledBlock]) -> bool | None:
    """Whether a site writes the month first: its country tells, else a date that can be read in one way only."""
    for language in (page.language, page.meta_content("og:locale", "content-language")):
        if (order := is_month_first(language)) is not None:
            return order
    host = split_url(page.url).host
    if _AMERICAN_HOST.search(host):
        return True
    if _OTHER_HOST.search(host):
        return False
    return next(_telling_orders(blocks), None)


def _telling_orders(blocks: Iterable[LabelledBlock]) -> Iterator[bool]:
    for block in blocks:
        for first, second in _NUMBERS.findall(block.text):
            # A number that is no month is the day.
            if max(int(first), int(second)) > 12:
                yield int(second) > 12


_URL_DATE = re.compile(r"/((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_-]|$)")
# Without signs between the numbers, or with some of them: "/202403/t20240301_12.html".
_COMPACT_DATE = re.compile(r"(?:[/_-]|/t)((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?!\d)")


def find_url_date(url: str) -> Value | None:
    """
    The day that the path of a URL names, as ISO 8601.

    >>> find_url_date("https://news.example/2024/3/01/talks-fail")
    Value(text='2024-03-01', origin='url')
    >>> find_url_date("https://news.example/ports/20240301-talks")
    Value(text='2024-03-01', origin='url')
    """
    path = split_url(url).path
    found = _URL_DATE.search(path) or _COMPACT_DATE.search(path)
    return Value(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}", "url") if found else None
