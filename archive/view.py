"""What the terminal shows: articles with their pieces, hits, tables. Colours only where rich finds a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from archive.diff import BlockChange, ChangeKind
from archive.model import MARK_END, MARK_START, DuplicateKind, SearchHit, SourceHealth, StoredArticle
from scraper.model import Access, AccessStatus, Article, Role

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
_QUIET_ROLES = frozenset({Role.NAV, Role.OTHER, Role.COMMENT, Role.RELATED})
_STATUS_STYLES = {AccessStatus.FREE: "green", AccessStatus.UNKNOWN: "dim"}
_PIPE_WIDTH = 160
_HOW_ALIKE = {DuplicateKind.EXACT: "the same text", DuplicateKind.NEAR: "nearly the same text"}
_CHANGE_MARKS = {
    ChangeKind.ADDED: ("+", "green"),
    ChangeKind.REMOVED: ("-", "red"),
    ChangeKind.CHANGED: ("~", "yellow"),
}


def render_pieces(article: Article, *, show_reasons: bool, show_all: bool) -> RenderableType:
    """An article taken apart: every block with its role; navigation and the like are counted unless *show_all*."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    hidden = 0
    for block in article.blocks:
        if block.role in _QUIET_ROLES and not show_all:
            hidden += 1
            continue
        text = Text(block.text, style=_ROLE_STYLES.get(block.role, ""))
        if show_reasons:
            text.append(f"  [{block.reason}, {block.confidence:.0%}]", style="dim")
        table.add_row(block.role.value, text)
    parts: list[RenderableType] = [_facts(article), table]
    if hidden:
        parts.append(
            Text(f"… and {hidden} blocks of navigation, related links and other matter (--all shows them)", style="dim")
        )
    parts.append(render_access(article.access))
    return Group(*parts)


def _facts(article: Article) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    has_headline = any(block.role is Role.HEADLINE for block in article.blocks)
    rows = (
        ("headline", "" if has_headline else article.headline or ""),
        ("page", article.url),
        ("by", ", ".join(article.authors)),
        ("published", f"{article.published_at:%Y-%m-%d %H:%M} UTC" if article.published_at else ""),
        ("language", article.language or ""),
        ("CVEs", ", ".join(article.cves)),
    )
    for name, value in rows:
        if value:
            grid.add_row(name, Text(value))
    return grid


def render_access(access: Access) -> RenderableType:
    """The verdict on access, and the evidence for it."""
    served = {True: "served in full", False: f"cut by {access.cut_by}", None: "cannot say whether it is whole"}[
        access.complete
    ]
    head = Text.assemble(
        ("access  ", "dim"),
        (access.status.value, f"bold {_STATUS_STYLES.get(access.status, 'red')}"),
        f", {served}. {access.explanation}",
    )
    lines: list[RenderableType] = [Rule(style="dim"), head]
    numbers = {name: value for name, value in asdict(access.numbers).items() if value not in (None, ())}
    if numbers:
        lines.append(Text("        " + ", ".join(f"{name} {_plain(value)}" for name, value in numbers.items())))
    lines.extend(
        Text.assemble(("        - ", "dim"), f"{sign.signal} ({sign.where}): ", (f"“{sign.value}”", "italic"))
        for sign in access.evidence
    )
    return Group(*lines)


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def render_text(article: Article) -> str:
    """The article as plain text: headline, dek, byline, body."""
    head = [article.headline, article.dek, ", ".join(article.authors)]
    return "\n\n".join(part for part in (*head, article.body) if part)


def article_record(article: Article) -> dict[str, object]:
    """The article as JSON may hold it; times in ISO 8601."""
    record = asdict(article)
    record["body"] = article.body
    return {name: json_safe(value) for name, value in record.items()}


def json_safe(value: object) -> object:
    """A tree of records, tuples, enums and times as JSON may hold it."""
    if isinstance(value, dict):
        return {str(key): json_safe(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_safe(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def to_json(value: object, *, indent: int | None = 2) -> str:
    """JSON with letters as they are."""
    return json.dumps(json_safe(value), ensure_ascii=False, indent=indent)


def render_stored(stored: StoredArticle, timezone: str, *, show_reasons: bool, show_all: bool) -> RenderableType:
    """One article of the archive."""
    zone = ZoneInfo(timezone)
    facts = Text.assemble(
        ("number ", "dim"),
        f"{stored.article_id}{' ★' if stored.starred else ''}  ",
        ("source ", "dim"),
        f"{stored.source or '-'}  ",
        ("first seen ", "dim"),
        f"{stored.first_seen_at.astimezone(zone):%Y-%m-%d %H:%M}  ",
        ("versions ", "dim"),
        str(len(stored.revisions)),
    )
    parts: list[RenderableType] = [facts, render_pieces(stored.article, show_reasons=show_reasons, show_all=show_all)]
    for other in stored.duplicates:
        how = _HOW_ALIKE.get(other.kind) or ("a part of its text" if other.is_shorter else "has a part of it")
        parts.append(
            Text(
                f"        = {other.article_id} {other.headline or other.url} ({other.source or '-'}): "
                f"{how}, {other.similarity:.0%}"
            )
        )
    return Group(*parts)


def render_hits(hits: Iterable[SearchHit], timezone: str) -> RenderableType:
    """Search results: number, time, source, headline, and the words found."""
    zone = ZoneInfo(timezone)
    parts: list[RenderableType] = []
    for hit in hits:
        when = f"{hit.published_at.astimezone(zone):%Y-%m-%d}" if hit.published_at else "no date"
        parts.append(
            Text.assemble(
                (f"{hit.article_id:>6}  ", "dim"),
                (hit.headline or hit.url, "bold"),
                (f"  {hit.source or '-'}, {when}", "dim"),
            )
        )
        parts.append(Padding(_marked(hit.snippet), (0, 0, 0, 8)))
    return Group(*parts)


def _marked(snippet: str) -> Text:
    text = Text()
    for number, part in enumerate(snippet.replace(MARK_END, MARK_START).split(MARK_START)):
        text.append(part, style="bold yellow" if number % 2 else "")
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
    for name in ("source", "last visit", "outcome", "articles in 7 days", "failures"):
        table.add_column(name, justify="right" if name.endswith(("days", "failures")) else "left", overflow="fold")
    for row in rows:
        table.add_row(
            row.title,
            f"{row.checked_at.astimezone(zone):%Y-%m-%d %H:%M}" if row.checked_at else "never",
            row.outcome.value if row.outcome else "-",
            str(row.article_count),
            str(row.failed_count),
        )
    return table


def stderr_console() -> Console:
    """Where progress and problems go."""
    return Console(stderr=True, highlight=False)


def stdout_console() -> Console:
    """Where results go. Elsewhere than on a terminal lines are long: a pipe has no width."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
