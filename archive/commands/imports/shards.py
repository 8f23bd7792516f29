"""Shards joined into one archive."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic

import click

from archive.commands.delivered import show_told
from archive.commands.options import Options, now, writing
from archive.commands.progress import progress
from archive.run.alerts.outbox import tell
from archive.run.imports.merging import Shard, merge_shards
from archive.run.imports.settling import settle
from archive.store import Archive


def join_shards(options: Options, shards: Sequence[Path], into: Path, wait: timedelta) -> None:
    """Join *shards* into the archive *into*, and say what came of it."""
    settings = replace(options, archive=into).settings()
    paths = dict.fromkeys(path.resolve() for path in shards)
    if into.resolve() in paths:
        raise click.UsageError(f"{into} cannot be joined into itself")
    with ExitStack() as opened:
        # First: of a shard that is not there, no archive is made.
        found = [Shard(opened.enter_context(Archive.open(path, write=False)), path.parent / "warc") for path in paths]
        archive = opened.enter_context(writing(into, wait))
        archive.save_sources(settings.sources)
        begin = monotonic()
        with progress("readings") as advance:
            decisions = merge_shards(
                archive, settings, found, now=now, on_progress=lambda done, of: advance(done, of, "")
            )
        settle(archive)
        show_told(tell(archive, settings, now()))
    said = ", ".join(f"{count} {kind}" for kind, count in decisions.most_common())
    click.echo(f"{said} in {monotonic() - begin:.1f} s" if said else "nothing new in there")
