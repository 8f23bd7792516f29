"""Articles of the archive: new, found, shown, compared, put together and taken apart."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import RenderableType
from rich.text import Text

from archive.commands.options import Options, no_stories_option, now, pass_options, read_span, wait_option
from archive.judge.diff import diff_blocks
from archive.judge.stories.latest import by_story
from archive.model import StoredArticle
from archive.model.query import NotUnderstood
from archive.show import terminal
from archive.show.article_json import render_json
from archive.show.export import render_markdown
from archive.show.times import render_time
from archive.store import Archive
from archive.store.state import marks_beside
from scraper.urls import is_http_url

_NUMBER = click.IntRange(0, 2**63 - 1)  # as SQLite counts
_HITS, _MOST_HITS = 20, 1000  # a screen; all that anybody reads through
_FIRST_LOOK = timedelta(hours=24)  # a night with the day before it


class QueryCommand(click.Command):
    """A command all of whose arguments are a query, also those that begin like options: "-word"."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words that are left when all are read."""
        takes_value = {
            name: isinstance(option, click.Option) and not option.is_flag
            for option in self.get_params(ctx)
            for name in option.opts
        }
        given = iter(args)
        options: list[str] = []
        words: list[str] = []
        for word in given:
            if word == "--":
                words += given
                break
            name, equals, _ = word.partition("=")
            if name not in takes_value or not name.startswith("-"):
                words.append(word)
                continue
            options.append(word)
            if takes_value[name] and not equals:
                options += [value for value in (next(given, None),) if value is not None]
        return super().parse_args(ctx, [*options, "--", *words])


@click.command(cls=QueryCommand)
@click.argument("words", nargs=-1, required=True, metavar="QUERY...")
@click.option("--limit", type=click.IntRange(1, _MOST_HITS), default=_HITS, show_default=True)
@click.option("--all", "each", is_flag=True, help="Every copy of a report for itself.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_options
def search(options: Options, words: tuple[str, ...], limit: int, each: bool, as_json: bool) -> None:
    """
    Find reports: by words, "phrases", -not, OR, (…), prefix*, and fields. Fields are title: dek:
    body: caption: source: section: author: access: complete: language: cve: tag: has:revision
    is:starred since:7d until:2026-03-01 published:2026-03 sort:newest.

    Of a report that several outlets carry, the fullest open text stands for all, with who was
    first and where else it is.
    """
    with options.looking() as archive:
        hits = archive.search(query_of(words), limit=limit, now=now(), timezone=options.timezone(), each=each)
    if isinstance(hits, NotUnderstood):
        raise click.UsageError(str(hits))
    if as_json:
        for hit in hits:
            click.echo(terminal.to_json(asdict(hit), indent=None))
        return
    if not hits:
        click.echo("Nothing found.", err=True)
    terminal.stdout_console().print(terminal.render_hits(hits, options.timezone()), end="")


def query_of(words: tuple[str, ...]) -> str:
    """
    The query that the words of a command line are: what the shell kept together in quotation marks
    is a phrase.

    >>> query_of(("server maintenance", "-gate", "title:north quay"))
    '"server maintenance" -gate title:"north quay"'
    """
    if len(words) == 1:
        return words[0]
    return " ".join(map(_kept_together, words))


def _kept_together(word: str) -> str:
    if not re.search(r"\s", word) or '"' in word:
        return word
    sign, field, rest = re.fullmatch(r"(-?)([a-z]+:)?(.*)", word, re.DOTALL).groups("")  # type: ignore[union-attr]
    return f'{sign}{field}"{rest}"'


@click.command()
@click.option("--since", callback=read_span, metavar="DURATION", help="What came since then (24h), seen or not.")
@click.option("--keep", is_flag=True, help="Show the same again the next time.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: a story with its articles.")
@pass_options
def latest(options: Options, since: timedelta | None, keep: bool, as_json: bool) -> None:
    """
    What is new since you last asked, by story; the first time, what came in the last 24 hours.

    Stories that most outlets tell come first, then the newest. Articles that were revised since
    are shown again.
    """
    at = now()
    seen = _Seen(options.database())
    with options.reading() as archive:
        last = archive.last_revision_id()
        mark = seen.read(last) if since is None else None
        items = archive.news_since(at - (since or _FIRST_LOOK), at) if mark is None else archive.news_behind(mark, at)
    stories = by_story(items)
    if as_json:
        for story in stories:
            click.echo(terminal.to_json({"story_id": story[0].story_id, "articles": story}, indent=None))
    elif stories:
        _show_paged(terminal.render_news(stories, options.timezone()))
    else:
        click.echo("Nothing new.", err=True)
    if since is None and not keep:
        seen.write(last)


class _Seen:
    """The latest version that the reader was shown: a number in a file beside the archive, which stays read-only."""

    def __init__(self, database: Path) -> None:
        self._file = database.with_name(f"{database.name}.seen")

    def read(self, last: int) -> int | None:
        """The number; None where there is none, or it is of another archive, which had more."""
        try:
            number = int(self._file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return number if number <= last else None

    def write(self, number: int) -> None:
        """Remember it; where that cannot be, what was shown is new the next time."""
        try:
            self._file.write_text(f"{number}\n", encoding="ascii")
        except OSError as error:
            click.echo(f"what you have seen cannot be remembered: {self._file}: {error.strerror}", err=True)


def _show_paged(*parts: RenderableType) -> None:
    """Show what may be long: by $PAGER where it does not fit the terminal."""
    console = terminal.stdout_console()
    if not console.is_terminal:
        console.print(*parts)
        return
    with console.capture() as captured:
        console.print(*parts)
    text = captured.get()
    if text.count("\n") < console.height:
        click.echo(text, nl=False, color=True)
    else:
        click.echo_via_pager(text, color=True)


@click.command()
@click.argument("which", metavar="NUMBER|URL")
@click.option(
    "--format",
    "style",
    type=click.Choice(["pieces", "text", "markdown", "json"]),
    default="pieces",
    show_default=True,
    help="pieces: each block with its role, and the evidence on access.",
)
@click.option("--why", is_flag=True, help="Name the rule behind each role (pieces).")
@click.option("--all", "show_all", is_flag=True, help="Show navigation and other matter, too (pieces).")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@pass_options
def show(options: Options, which: str, style: str, why: bool, show_all: bool, as_json: bool) -> None:
    """
    One article of the archive: its blocks, its evidence, its duplicates.

    It is named by its number, or by an address that it was seen at. What does not fit the terminal
    is shown by $PAGER.
    """
    with options.reading() as archive:
        stored = find_article(archive, which)
        alerts = archive.marks([stored.article_id]).get(stored.article_id, ())
    match "json" if as_json else style:
        case "json":
            click.echo(render_json(stored))
        case "text":
            _show_paged(Text(terminal.render_text(stored.article)))
        case "markdown":
            _show_paged(Text(render_markdown(stored)))
        case _:
            _show_paged(
                terminal.render_stored(
                    stored,
                    options.timezone(),
                    show_reasons=why,
                    show_all=show_all,
                    alerts=alerts,
                    marks=marks_beside(options.database(), stored.url_key),
                )
            )


def find_article(archive: Archive, which: str) -> StoredArticle:
    """
    The article that is named by its number, or by an address that it was seen at.

    Raises:
        click.UsageError: There is none.
    """
    if which.isascii() and which.isdigit():
        return _article(archive, int(which) if len(which) < 20 else 2**63 - 1)
    found = archive.find_article(which)
    if found is None:
        what = "there is no article of this address" if is_http_url(which) else f"{which} is no number and no address"
        raise click.UsageError(what)
    return _article(archive, found)


def _article(archive: Archive, number: int) -> StoredArticle:
    stored = archive.article(number)
    if stored is None:
        raise click.UsageError(f"there is no article {number} in this archive")
    return stored


@click.command()
@click.argument("number", type=_NUMBER)
@click.option("--from", "old", type=int, help="The older version (default: the one before the last).")
@click.option("--to", "new", type=int, help="The newer version (default: the last).")
@pass_options
def diff(options: Options, number: int, old: int | None, new: int | None) -> None:
    """What changed between two versions of an article, by role."""
    with options.reading() as archive:
        stored = _article(archive, number)
    revisions = {revision.number: revision for revision in stored.revisions}
    last = max(revisions)
    new, old = new or last, old or max(1, (new or last) - 1)
    if old not in revisions or new not in revisions:
        raise click.UsageError(f"article {number} has the versions 1 to {last}")
    console, zone = terminal.stdout_console(), ZoneInfo(options.timezone())
    if len(revisions) == 1:
        console.print(f"Article {number} has one version, first seen {render_time(stored.first_seen_at, zone)}.")
        return
    console.print(f"[bold]{stored.article.headline or stored.article.url}[/]")
    console.print(
        f"version {old} ({render_time(revisions[old].seen_at, zone)})"
        f" → {new} ({render_time(revisions[new].seen_at, zone)})",
        style="dim",
    )
    console.print(terminal.render_changes(diff_blocks(revisions[old].blocks, revisions[new].blocks)))


@click.command()
@click.argument("number", type=_NUMBER)
@wait_option
@pass_options
def split(options: Options, number: int, wait: timedelta) -> None:
    """
    Say that an article is another report than those that it is with.

    It stays so whatever their texts say later; `presswatch merge` takes it back.
    """
    with options.writing(wait) as archive:
        _article(archive, number)
        mates = archive.split(number)
    click.echo(f"{number} is a report of its own now" if mates else f"{number} was with no other article", err=True)


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="NUMBER OTHER | SHARD...")
@click.option(
    "--into", type=click.Path(path_type=Path, dir_okay=False), metavar="ARCHIVE", help="Join shards into this archive."
)
@no_stories_option
@wait_option
@pass_options
def merge(options: Options, what: tuple[str, ...], into: Path | None, no_stories: bool, wait: timedelta) -> None:
    """
    Say that two articles are one report; or join shards into an archive (--into).

    Two articles stay one report whatever their texts say later; `presswatch split` takes it back.

    Shards are archives made by `presswatch --archive SHARD import --shard`, or a folder of them that
    `presswatch backfill` made. What was read into them is decided on again in the order of time,
    and no page read again: the result is that of one import of all their files. A merge that was
    stopped goes on where it was.
    """
    if into is not None:
        from archive.commands.imports.shards import join_shards

        join_shards(options, [Path(shard) for shard in what], into, wait, has_stories=not no_stories)
        return
    if no_stories:
        raise click.UsageError("--no-stories goes with --into")
    if len(what) != 2:
        raise click.UsageError("two numbers of articles, or shards and --into")
    number, other = (click.types.convert_type(_NUMBER)(each) for each in what)
    _merge_articles(options, number, other, wait)


def _merge_articles(options: Options, number: int, other: int, wait: timedelta) -> None:
    if number == other:
        raise click.UsageError("these are one article")
    with options.writing(wait) as archive:
        for wanted in (number, other):
            _article(archive, wanted)
        mates = archive.merge(number, other)
    click.echo(f"one report now: {', '.join(map(str, mates))}", err=True)
