"""
What the terminal shows: articles with their pieces, hits, tables. Colours only where rich finds a
terminal.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from archive.judge.diff import BlockChange, ChangeKind
from archive.judge.wishes import describe_limits
from archive.model import (
    NO_LIMITS,
    NO_MARKS,
    DuplicateKind,
    Limits,
    Marks,
    NewsItem,
    SearchHit,
    SourceHealth,
    StoredArticle,
    StoredDuplicate,
)
from archive.show.lab_report import describe_sign, report_on
from archive.show.pieces_page import QUIET_ROLES, find_facts
from archive.show.places import describe_places
from archive.show.times import render_time
from scraper.model import Access, AccessStatus, Article, Evidence, Role, Wish
from scraper.text import squash

_ROLE_STYLES = {
    Role.HEADLINE: "bold",
    Role.KICKER: "bold cyan",
    Role.DEK: "italic",
    Role.BYLINE: "cyan",
    Role.DATELINE: "cyan",
    Role.SUBHEAD: "bold",
    Role.CAPTION: "green",
    Role.CREDIT: "green dim",
    Role.SERIES_NOTE: "magenta",
    Role.PAYWALL: "red",
    Role.NEWSLETTER: "yellow",
    Role.PROMO: "yellow",
    Role.RELATED: "dim",
    Role.COMMENT: "dim",
    Role.NAV: "dim",
    Role.OTHER: "dim",
}
_STATUS_STYLES = {AccessStatus.FREE: "green", AccessStatus.UNKNOWN: "dim"}
# A pipe has no width. rich wants one: no line of ours is longer, so none is broken.
_PIPE_WIDTH = 10_000_000
YOURS_ALONE = "kept for you alone (your own subscription, or noarchive)"
"""What is private, in a message about it."""

_HOW_ALIKE = {
    DuplicateKind.EXACT: "the same text",
    DuplicateKind.NEAR: "nearly the same text",
    DuplicateKind.SAME_EVENT: "on the same event",
}
_CHANGE_MARKS = {
    ChangeKind.ADDED: ("+", "green"),
    ChangeKind.REMOVED: ("-", "red"),
    ChangeKind.CHANGED: ("~", "yellow"),
}


def render_pieces(
    article: Article, *, show_reasons: bool, show_all: bool, limits: Limits = NO_LIMITS, zone: tzinfo = UTC
) -> RenderableType:
    """
    An article taken apart: every block with its role; navigation and the like are counted unless
    *show_all*.

    Args:
        limits: What of the wishes of its publisher is obeyed.
        zone: In which times are told.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    hidden = 0
    for block in article.blocks:
        if block.role in QUIET_ROLES and not show_all:
            hidden += 1
            continue
        text = Text(block.text, style=_ROLE_STYLES.get(block.role, ""))
        if show_reasons:
            text.append(f"  [{block.reason}, {block.confidence:.0%}]", style="dim")
        table.add_row(block.role.value, text)
    parts: list[RenderableType] = [_facts(article, zone), table]
    if hidden:
        left_out = f"{counted(hidden, 'block')} of navigation, related links and other matter"
        parts.append(Text(f"… and {left_out} (--all shows all)", style="dim"))
    parts.append(render_access(article.access))
    if article.wishes:
        parts.append(render_wishes(article.wishes, limits))
    return Group(*parts)


def _facts(article: Article, zone: tzinfo) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    if article.headline and not any(block.role is Role.HEADLINE for block in article.blocks):
        grid.add_row("headline", Text(article.headline))
    for name, value in find_facts(article, zone):
        grid.add_row(name, Text(value))
    return grid


def render_access(access: Access) -> RenderableType:
    """
    The verdict on access as a lab report: answers, the evidence that decided, what was weighed and
    set aside.
    """
    report = report_on(access)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for question, answer in report.answers:
        is_status = answer == access.status.value
        grid.add_row(question, Text(answer, f"bold {_STATUS_STYLES.get(access.status, 'red')}" if is_status else ""))
    if report.explanation:
        grid.add_row("because", Text(report.explanation))
    for name, signs in (("decided", report.decided), ("set aside" if report.decided else "seen", report.set_aside)):
        for number, sign in enumerate(signs):
            grid.add_row("" if number else name, _sign(sign, is_quiet=not sign.decided))
    return Group(_Heading("access"), grid)


def render_wishes(said: Iterable[Wish], limits: Limits) -> RenderableType:
    """
    What the publisher says may be done with a page, each in his own words, and what follows where
    it is obeyed.
    """
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for wish in said:
        meant_for = f", to {wish.agent}" if wish.agent else ""
        grid.add_row(wish.name, Text.assemble((f"“{wish.value}”", "italic"), (f"  {wish.where}{meant_for}", "dim")))
    for number, sentence in enumerate(describe_limits(limits)):
        grid.add_row("" if number else "so", Text(sentence))
    return Group(_Heading("wishes of the publisher"), grid)


def _sign(sign: Evidence, *, is_quiet: bool) -> Text:
    return Text.assemble((f"“{sign.value}”", "italic"), f"  {describe_sign(sign)}", style="dim" if is_quiet else "")


def render_text(article: Article) -> str:
    """The article as plain text: headline, dek, byline, body."""
    head = [article.headline, article.dek, ", ".join(article.authors)]
    return "\n\n".join(part for part in (*head, article.body) if part)


def json_safe(value: object) -> object:
    """A tree of records, tuples, enums and times as JSON may hold it."""
    if is_dataclass(value) and not isinstance(value, type):
        return json_safe(asdict(value))
    if isinstance(value, dict):
        return {str(key): json_safe(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_safe(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def counted(count: int, noun: str) -> str:
    """
    A number and its noun.

    >>> counted(1, "article"), counted(2, "article")
    ('1 article', '2 articles')
    """
    return f"{count} {noun}{'s' * (count != 1)}"


def to_json(value: object, *, indent: int | None = 2) -> str:
    """JSON with letters as they are."""
    return json.dumps(json_safe(value), ensure_ascii=False, indent=indent)


def render_stored(
    stored: StoredArticle,
    timezone: str,
    *,
    show_reasons: bool,
    show_all: bool,
    alerts: Iterable[str] = (),
    marks: Marks = NO_MARKS,
) -> RenderableType:
    """One article of the archive. *alerts*: those that mark it; *marks*: what its owner put on it."""
    zone = ZoneInfo(timezone)
    facts = _facts_of(stored, zone)
    if names := ", ".join(alerts):
        facts.append("  alerts ", "dim").append(names, "bold")
    if marks.tags:
        facts.append("  tags ", "dim").append(", ".join(marks.tags), "bold")
    if marks.note:
        facts.append("\nnote ", "dim").append(marks.note)
    pieces = render_pieces(
        stored.article, show_reasons=show_reasons, show_all=show_all, limits=stored.limits, zone=zone
    )
    return Group(facts, pieces, *map(_line_of_duplicate, stored.duplicates))


def _facts_of(stored: StoredArticle, zone: ZoneInfo) -> Text:
    facts = Text.assemble(
        ("number ", "dim"),
        f"{stored.article_id}{' ★' if stored.starred else ''}{' private' if stored.private else ''}  ",
        ("source ", "dim"),
        f"{stored.source or '-'}  ",
        ("first seen ", "dim"),
        f"{render_time(stored.first_seen_at, zone)}  ",
        ("versions ", "dim"),
        str(len(stored.revisions)),
    )
    if stored.changed_at:
        facts.append(f"  changed at the publisher since {stored.changed_at.astimezone(zone):%Y-%m-%d}, not seen by us")
    return facts


def _line_of_duplicate(other: StoredDuplicate) -> Text:
    how = _HOW_ALIKE.get(other.kind) or (f"{other.kind} it" if other.is_subject else f"{other.kind} this")
    return Text(
        f"        = {other.article_id} {other.headline or other.url} ({other.source or '-'}): "
        f"{how}, {other.similarity:.0%}"
    )


def render_hits(hits: Iterable[SearchHit], timezone: str) -> RenderableType:
    """Search results: number, time, source, headline, the words found, and where else the report is."""
    zone = ZoneInfo(timezone)
    parts: list[RenderableType] = []
    for hit in hits:
        when = f"{hit.published_at.astimezone(zone):%Y-%m-%d}" if hit.published_at else "no date"
        parts.append(
            Text.assemble(
                (f"{hit.article_id:>6}  ", "dim"),
                (hit.headline or hit.url, "bold"),
                (f"  {hit.source or '-'}, {when}{f', in {hit.shard}' if hit.shard else ''}", "dim"),
            )
        )
        parts.append(Padding(_marked(hit), (0, 0, 0, 8), expand=False))
        if places := describe_places(hit.article_id, hit.places, zone):
            parts.append(Padding(Text(places, "dim"), (0, 0, 0, 8), expand=False))
    return Group(*parts)


def render_news(stories: Iterable[Sequence[NewsItem]], timezone: str) -> RenderableType:
    """What is new, by story: number, headline, outlet and time of each article; what is no free text is marked."""
    zone = ZoneInfo(timezone)
    parts: list[RenderableType] = []
    for story in stories:
        parts += [_news_line(item, zone, is_first=item is story[0]) for item in story]
    return Group(*parts)


def _news_line(item: NewsItem, zone: tzinfo, *, is_first: bool) -> Text:
    marks = ["revised"] * item.is_revised
    marks += [item.access.value] * (item.access not in {AccessStatus.FREE, AccessStatus.UNKNOWN})
    said = ", ".join((item.outlet or "-", render_time(item.at, zone), *marks))
    indent = "" if is_first else "    "
    return Text.assemble(
        (f"{indent}{item.article_id:>6}  ", "dim"),
        (squash(item.headline), "bold" if is_first else ""),
        (f"  {said}", "dim"),
    )


def _marked(hit: SearchHit) -> Text:
    text = Text(hit.snippet)
    for begin, end in hit.marks:
        text.stylize("bold yellow", begin, end)
    return text


def render_changes(changes: Sequence[BlockChange]) -> RenderableType:
    """What differs between two versions, by role."""
    if not changes:
        return Text("nothing differs", style="dim")
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for change in changes:
        mark, style = _CHANGE_MARKS[change.kind]
        if change.kind is ChangeKind.CHANGED:
            grid.add_row(change.role.value, Text("-", "red"), Text(change.old or "", "red"))
            grid.add_row("", Text("+", "green"), Text(change.new or "", "green"))
        else:
            grid.add_row(change.role.value, Text(mark, style), Text(change.new or change.old or "", style))
    return grid


def render_health(rows: Iterable[SourceHealth], timezone: str) -> Table:
    """How each source is doing."""
    zone = ZoneInfo(timezone)
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("source", "last visit", "outcome", "articles in 7 days", "failed requests"):
        table.add_column(name, justify="right" if name.endswith(("days", "requests")) else "left", overflow="fold")
    for row in rows:
        table.add_row(
            row.title,
            render_time(row.checked_at, zone) if row.checked_at else "never",
            row.outcome.value if row.outcome else "-",
            str(row.article_count),
            str(row.failed_count),
        )
    return table


class _Heading:
    """A line above a part: ruled across a terminal, the name alone elsewhere."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Rule(self._name, style="dim") if options.max_width < _PIPE_WIDTH else Text(self._name)


class _Console(Console):
    """A console that lets a closed pipe be told; rich would end the program with exit code 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class _Pipe(_Console):
    """Elsewhere than on a terminal: no line is broken, and none is filled up with blanks."""

    def print(self, *objects: Any, **more: Any) -> None:  # noqa: ANN401 - as rich has it
        with self.capture() as captured:
            super().print(*objects, **more)
        self.file.write(re.sub("[ \t]+$", "", captured.get(), flags=re.MULTILINE))


def stderr_console() -> Console:
    """Where progress and problems go."""
    return _console(sys.stderr, is_error=True)


def stdout_console() -> Console:
    """Where results go."""
    return _console(sys.stdout, is_error=False)


def _console(stream: TextIO, *, is_error: bool) -> Console:
    if stream.isatty():
        return _Console(stderr=is_error, highlight=False)
    return _Pipe(stderr=is_error, highlight=False, width=_PIPE_WIDTH)
