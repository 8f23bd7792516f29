"""Shards joined into one archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic

import click

from archive.commands.delivered import show_told
from archive.commands.options import LONGEST_WAIT, Options, now, writing
from archive.commands.progress import progress
from archive.run.alerts.outbox import tell
from archive.run.fleet.manifest import read_manifest
from archive.run.fleet.shards import DATABASE
from archive.run.imports.merging import merge_shards
from archive.run.imports.settling import settle
from archive.show import terminal


def joined(options: Options, folder: Path) -> Options:
    """
    The options of a command that needs one archive, where `--archive` names a folder of shards:
    they are joined in it, once; the next time what came since.
    """
    into = folder / "joined" / DATABASE
    click.echo(f"this needs one archive: shards are joined in {into}", err=True)
    join_shards(options, [folder], into, LONGEST_WAIT, tells=False)
    return replace(options, archive=into)


def join_shards(
    options: Options,
    shards: Sequence[Path],
    into: Path,
    wait: timedelta,
    *,
    has_stories: bool = True,
    tells: bool = True,
) -> None:
    """
    Join *shards*, or those of a folder with a manifest, into the archive *into*, and say what came
    of it; with *has_stories* articles are put into stories, and with *tells* alerts are told, too.
    """
    settings = replace(options, archive=into).settings()
    paths = [*dict.fromkeys(path.resolve() for shard in shards for path in _databases(shard))]
    if into.resolve() in paths:
        raise click.UsageError(f"{into} cannot be joined into itself")
    for path in paths:  # of a shard that is not there, no archive is made
        if not path.exists():
            raise click.UsageError(f"{path} does not exist")
    with writing(into, wait) as archive:
        archive.save_sources(settings.sources)
        begin = monotonic()
        with progress("readings") as advance:
            decisions = merge_shards(
                archive, settings, paths, now=now, on_progress=lambda done, of: advance(done, of, "")
            )
        with progress("articles put into stories") as advance:
            settle(archive, has_stories=has_stories, on_progress=lambda done, of: advance(done, of, ""))
        if tells:
            show_told(tell(archive, settings, now()))
    said = ", ".join(f"{count} {kind}" for kind, count in decisions.most_common())
    click.echo(f"{said} in {monotonic() - begin:.1f} s" if said else "nothing new in there", err=not tells)


def _databases(shard: Path) -> Iterable[Path]:
    """A shard, or those that the manifest of a folder lists."""
    if not shard.is_dir():
        return (shard,)
    manifest = read_manifest(shard)
    if failed := manifest.failed():
        click.echo(f"{shard}: {terminal.counted(len(failed), 'file')} failed and came into no shard", err=True)
    return (shard / name / DATABASE for name in manifest.shard_names())
