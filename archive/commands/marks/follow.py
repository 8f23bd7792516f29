"""Stories that the owner follows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import click
from rich.text import Text

from archive.commands.articles import find_article
from archive.commands.marks.put import state_of
from archive.commands.options import Options, now, pass_options
from archive.model import MarkKind, StoryLife
from archive.show import terminal
from archive.show.times import render_time
from archive.store import Archive
from scraper.text import squash

# As a query names a story; SQLite counts no further than so many digits.
_STORY = re.compile(r"story:([0-9]{1,18})", re.ASCII)


@click.command()
@click.argument("which", nargs=-1, metavar="[NUMBER|URL|story:NUMBER...]")
@click.option("--off", is_flag=True, help="Follow them no more.")
@pass_options
def follow(options: Options, which: tuple[str, ...], off: bool) -> None:
    """
    Follow stories: what is new of them stands apart on Today and in the digest; with nothing, show
    all that are.

    A story is named by one of its articles, or as a query names it (story:7). It is followed by
    that article: whatever joins the story, and where stories part, the one that the article is in.
    """
    with options.reading() as archive:
        keys = {key for one in which for key in _keys(archive, one)}
        keys |= {*archive.followed_by(keys)} if off else set()
    if keys:
        with state_of(options) as state:
            state.set_all(sorted(keys), MarkKind.FOLLOW, [""], now(), on=not off)
    with options.reading() as archive:
        stories = archive.stories_of(keys) if which else {}
        followed = archive.followed_stories()
        _show(archive, set(stories.values()) if which else followed, followed, options.timezone())
    if alone := len(keys - stories.keys()):
        what = "is in no story yet" if alone == 1 else "are in no story yet"
        click.echo(f"{terminal.counted(alone, 'article')} {what}; what joins them is followed", err=True)
    if not which and not followed:
        click.echo("No story is followed.", err=True)


def _keys(archive: Archive, which: str) -> tuple[str, ...]:
    """
    The URL key of the article by which a story is named: of a story the one that is most like all
    others, else the first.

    Raises:
        click.UsageError: There is none.
    """
    if not (named := _STORY.fullmatch(which)):
        return (find_article(archive, which).url_key,)
    if found := archive.central_key(int(named[1])):
        return (found,)
    raise click.UsageError(f"there is no story {named[1]} in this archive")


def _show(archive: Archive, stories: Iterable[int], followed: frozenset[int], timezone: str) -> None:
    """A line each: the number, whether it is followed, what it has, and what it is called; the latest first."""
    zone = ZoneInfo(timezone)
    lives = [life for story_id in stories if (life := archive.story(story_id))]
    for life in sorted(lives, key=lambda life: (life.last_at, life.story_id), reverse=True):
        facts = (
            *("not followed",) * (life.story_id not in followed),
            terminal.counted(life.article_count, "article"),
            terminal.counted(life.source_count, "source"),
            f"latest {render_time(life.last_at, zone)}",
        )
        line = Text.assemble(f"story:{life.story_id}  ", (_name(life), "bold"), (f"  {', '.join(facts)}", "dim"))
        terminal.stdout_console().print(line)


def _name(life: StoryLife) -> str:
    return squash(life.headline or "") or "A story without a name"
