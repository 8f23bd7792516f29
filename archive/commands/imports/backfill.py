"""Years of WARC files, on many machines."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic

import click

from archive.commands.imports.choices import choice_options, paths_of, require_configured, wanted_of
from archive.commands.options import Options, pass_options
from archive.commands.progress import progress
from archive.run.fleet.backfill import TRIES, backfill
from archive.run.fleet.manifest import open_folder
from archive.run.fleet.on_ray import RayFleet
from archive.run.fleet.outcomes import Failed, Made, Outcome, Plan
from archive.settings import MetricsSettings, Settings
from archive.show import terminal

_TELLS_AFTER = 2.0  # seconds: of less, no speed can be told


@click.command("backfill")
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="FOLDER",
    help="Where the shards and their manifest come to lie.",
)
@click.option("--address", help="Of a Ray cluster (auto, HOST:6379); else one is started on this machine.")
@click.option("--workers", type=click.IntRange(1), help="Files that are read at a time; as many as there are cores.")
@click.option("--scratch", type=click.Path(path_type=Path), metavar="FOLDER", help="A local disk to build on.")
@click.option("--tries", type=click.IntRange(1), default=TRIES, show_default=True, help="Of one file, until it failed.")
@choice_options
@click.option("--json", "as_json", is_flag=True, help="What came of it, as one JSON object.")
@pass_options
def backfill_command(
    options: Options,
    files: tuple[str, ...],
    out: Path,
    address: str | None,
    workers: int | None,
    scratch: Path | None,
    tries: int,
    name: str | None,
    hosts: tuple[str, ...],
    languages: tuple[str, ...],
    since: datetime | None,
    is_copied: bool,
    only_articles: bool,
    as_json: bool,
) -> None:
    """
    Make a shard of each WARC file, on all cores or on a cluster (presswatch[ray]). A shard is an
    archive with what was read in one file; `presswatch merge FOLDER --into ARCHIVE` joins them.

    What is there already is not made again: of files that are new or were changed, and of those
    that failed, shards are made. A worker that is lost costs its file, which another one takes.
    FILES may be patterns ("news/*.warc.gz"). Exit code 1 where a file failed.
    """
    settings = options.settings()
    require_configured(name, settings)
    wanted = wanted_of(hosts, languages, since, only_articles=only_articles)
    paths = list(dict.fromkeys(path.absolute() for path in paths_of(files)))
    scratch = scratch and scratch.absolute()
    plan = Plan(out.absolute(), _for_workers(settings), wanted, name, is_copied, scratch)
    with open_folder(plan) as folder, progress("files") as advance:
        missing = [path for path in paths if not folder.has(path)]
        tally = Tally(len(paths), len(missing))
        if missing:
            with RayFleet(plan, address=address, workers=workers) as fleet:

                def tell(outcome: Outcome) -> None:
                    tally.add(outcome)
                    advance(tally.done_count, len(missing), tally.told())

                backfill(missing, folder, fleet, tries=tries, on_outcome=tell)
    for one in tally.failed:
        click.echo(f"failed {terminal.counted(one.tries, 'time')}: {one.file}: {one.problem}", err=True)
    if lost := sum(one.lost_count for one in tally.made):
        said = f"{terminal.counted(lost, 'revisit')} of pages that lie in other files"
        click.echo(f"{said}: when shards are joined, `import --again` of their files finds them", err=True)
    click.echo(terminal.to_json(tally.as_json()) if as_json else tally.sentence(out))
    if tally.failed:
        sys.exit(1)


def _for_workers(settings: Settings) -> Settings:
    """
    The settings without what is no business of other machines: mail servers, the addresses of
    channels. A worker reads in one process beside the one that writes: what reads may end with a
    page.
    """
    passes = replace(settings.passes, reading_workers=1)
    return replace(settings, passes=passes, mail=None, alerts=(), channels=(), metrics=MetricsSettings(), retention=())


class Tally:
    """What came of a backfill so far."""

    def __init__(self, file_count: int, missing_count: int) -> None:
        self.file_count = file_count
        self.known_count = file_count - missing_count
        self.failed: list[Failed] = []
        self.made: list[Made] = []
        self._begin = monotonic()

    def add(self, outcome: Outcome) -> None:
        """One more file has ended."""
        if isinstance(outcome, Failed):
            self.failed.append(outcome)
        else:
            self.made.append(outcome)

    @property
    def done_count(self) -> int:
        """Files that have ended."""
        return len(self.failed) + len(self.made)

    def told(self) -> str:
        """Pages a second, and what failed."""
        seconds = monotonic() - self._begin
        failed = f", {len(self.failed)} failed" if self.failed else ""
        pages = sum(one.page_count for one in self.made)
        return (f"{pages / seconds:.0f} pages a second" if seconds > _TELLS_AFTER else "…") + failed

    def as_json(self) -> dict[str, object]:
        """All of it, for a script."""
        seconds = monotonic() - self._begin
        decisions: Counter[str] = Counter()
        left_out: Counter[str] = Counter()
        for one in self.made:
            decisions.update(one.decisions)
            left_out.update(one.left_out)
        pages = sum(one.page_count for one in self.made)
        return {
            "files": self.file_count,
            "there_before": self.known_count,
            "made": len(self.made),
            "failed": [{"file": str(one.file), "problem": one.problem, "tries": one.tries} for one in self.failed],
            "pages": pages,
            "decisions": decisions,
            "left_out": left_out,
            "broken_records": sum(one.broken_count for one in self.made),
            "lost_revisits": sum(one.lost_count for one in self.made),
            "bytes": sum(one.size for one in self.made),
            "seconds": round(seconds, 1),
            "pages_a_second": round(pages / seconds, 1) if seconds else 0.0,
            "worker_seconds": round(sum(one.seconds for one in self.made), 1),
        }

    def sentence(self, folder: Path) -> str:
        """The same for a reader."""
        said = f"{terminal.counted(len(self.made), 'shard')} made in {folder}"
        if self.known_count:
            said += f", {self.known_count} there before"
        if self.failed:
            said += f", {len(self.failed)} failed"
        pages = sum(one.page_count for one in self.made)
        return f"{said}; {terminal.counted(pages, 'page')}. Join them: presswatch merge {folder} --into ARCHIVE"
