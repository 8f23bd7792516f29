"""What the owner puts on articles: stars, tags, notes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta

import click

from archive.commands.articles import find_article
from archive.commands.options import Options, now, pass_options, wait_option
from archive.model import MarkKind, StoredArticle
from archive.store import Archive
from archive.store.state import State, marks_beside, state_path
from scraper.urls import is_http_url


def state_of(options: Options) -> State:
    """The file with all marks, made where it is missing."""
    return State.open(state_path(options.database().resolve()))


def _articles(archive: Archive, which: Sequence[str]) -> list[StoredArticle]:
    return [find_article(archive, one) for one in which]


@click.command()
@click.argument("which", nargs=-1, required=True, metavar="NUMBER|URL...")
@click.option("--off", is_flag=True, help="Take the star away, as unstar does.")
@wait_option
@pass_options
def star(options: Options, which: tuple[str, ...], off: bool, wait: timedelta) -> None:
    """
    Give articles a star: retention never removes them.

    It lies beside the archive, as tags and notes do, so that no pass is waited for.
    """
    if off:
        _unstar(options, which, wait)
        return
    with options.reading() as archive:
        stored = _articles(archive, which)
    with state_of(options) as state:
        state.set_all([one.url_key for one in stored], MarkKind.STAR, [""], now(), on=True)
    _tell(stored, "★")


@click.command()
@click.argument("which", nargs=-1, required=True, metavar="NUMBER|URL...")
@wait_option
@pass_options
def unstar(options: Options, which: tuple[str, ...], wait: timedelta) -> None:
    """Take the star of articles away; one that an alert gave stays as long as the alert."""
    _unstar(options, which, wait)


def _unstar(options: Options, which: Sequence[str], wait: timedelta) -> None:
    with options.reading() as archive:
        stored = _articles(archive, which)
    with state_of(options) as state:
        state.set_all([one.url_key for one in stored], MarkKind.STAR, [""], now(), on=False)
    with options.reading() as archive:
        # Older versions wrote stars into the archive itself.
        left = [one.article_id for one in archive.articles([one.article_id for one in stored]) if one.starred]
    if left:
        with options.writing(wait) as archive:
            for article_id in left:
                archive.star(article_id, False)
    _tell(stored, "has no star now")


@click.command()
@click.argument("words", nargs=-1, metavar="[NUMBER|URL... TAG...]")
@click.option("--off", is_flag=True, help="Take the tags away.")
@pass_options
def tag(options: Options, words: tuple[str, ...], off: bool) -> None:
    """
    Put tags on articles, for tag: in queries; with one article alone, show its tags; with nothing,
    all tags.

    Numbers and addresses at the beginning are articles, what follows are tags; the last word is
    always a tag. A tag of several words stands in quotation marks.
    """
    if not words:
        with state_of(options) as state:
            for name, count in state.tags().items():
                click.echo(f"{name}  {count}")
        return
    which, tags = _parted(words)
    with options.reading() as archive:
        stored = _articles(archive, which)
    if tags:
        with state_of(options) as state:
            state.set_all([one.url_key for one in stored], MarkKind.TAG, tags, now(), on=not off)
    for one in stored:
        marks = marks_beside(options.database(), one.url_key)
        click.echo(f"{one.article_id} {', '.join(marks.tags) or 'has no tags'}")


def _parted(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """
    The articles and the tags in the words of a command.

    >>> _parted(["7", "8", "ports", "9"]), _parted(["7", "2026"]), _parted(["7"])
    ((['7', '8'], ['ports', '9']), (['7'], ['2026']), (['7'], []))
    """
    if len(words) == 1:
        return words, []
    count = 1
    while count < len(words) - 1 and (words[count].isdecimal() or is_http_url(words[count])):
        count += 1
    return words[:count], words[count:]


@click.command()
@click.argument("which", metavar="NUMBER|URL")
@click.argument("text", required=False)
@pass_options
def note(options: Options, which: str, text: str | None) -> None:
    """
    Write a note on an article, in place of the one before; without a text, show it.

    An empty text ("") takes the note away. Of "-" the text is standard input.
    """
    with options.reading() as archive:
        stored = find_article(archive, which)
    if text is not None:
        words = sys.stdin.read() if text == "-" else text
        with state_of(options) as state:
            state.set(stored.url_key, MarkKind.NOTE, words, now(), on=True)
    found = marks_beside(options.database(), stored.url_key).note
    if found or text is None:
        click.echo(found or f"{stored.article_id} has no note", err=not found)
    else:
        _tell([stored], "has no note now")


def _tell(stored: Sequence[StoredArticle], what: str) -> None:
    for one in stored:
        click.echo(f"{one.article_id} {what}")
