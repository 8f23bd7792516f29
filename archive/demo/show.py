"""The demo: the real code over real HTTP on loopback, two passes and a digest, and what happened."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from shutil import which

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from archive.demo.server import World, demo_settings, serve_world
from archive.edition.publish import Published, publish
from archive.model import PARTS, StoredArticle
from archive.run.update import PassResult, make_pass
from archive.run.update import Progress as PassProgress
from archive.settings import Settings
from archive.show.terminal import counted
from archive.store import Archive
from scraper.model import AccessStatus


def run_demo(folder: Path, console: Console, now: datetime) -> None:
    """
    Make a new archive below *folder* from the invented newspapers, and tell what came of it.

    What an earlier demo left there is replaced; nothing else is touched.
    """
    started = time.monotonic()
    folder = folder.absolute()
    with serve_world(now) as world:
        settings = demo_settings(world, folder)
        _clear(settings)
        console.print(
            "Three invented newspapers are on the air:", ", ".join(f"[bold]{s.title}[/]" for s in settings.sources)
        )
        with Archive.open(settings.archive.database, write=True) as archive:
            first, second = _two_passes(archive, settings, world, console)
            since, until = now - timedelta(days=1), now + timedelta(hours=1)
            published = publish(archive, settings, since, until, now)
            _tell(archive, first, second, published, console)
        console.print(f"\nThat took {time.monotonic() - started:.0f} seconds. Look around:", style="dim")
        database, program = settings.archive.database, _program()
        for command in (
            f"{program} --archive {_short(database)} browse",
            f'{program} --archive {_short(database)} search "CVE-2024-3094"',
            f"{program} --archive {_short(database)} show 1 --why",
        ):
            console.print(f"  {command}", highlight=False, soft_wrap=True)
        for path in published.files[:1]:
            console.print(f"  {_short(path)}  (the digest, for a browser)", highlight=False, soft_wrap=True)


def _clear(settings: Settings) -> None:
    database = settings.archive.database
    for path in (
        database,
        *database.parent.glob(f"{database.name}-*"),
        *settings.archive.warc_folder.glob("*.warc.gz"),
    ):
        path.unlink(missing_ok=True)


def _two_passes(archive: Archive, settings: Settings, world: World, console: Console) -> tuple[PassResult, PassResult]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    results = []
    with Progress(*columns, console=console, transient=True) as bar:
        for name in ("first pass", "second pass"):
            task = bar.add_task(name, total=None)

            def advance(progress: PassProgress, task=task) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
                bar.update(task, completed=progress.done, total=progress.known)

            results.append(asyncio.run(make_pass(archive, settings, settings.sources, on_progress=advance)))
            world.turn()
            # Times are kept to the second: what the world then says of a change must be said later
            # than the visit.
            time.sleep(1 - time.time() % 1)
    return results[0], results[1]


def _tell(archive: Archive, first: PassResult, second: PassResult, published: Published, console: Console) -> None:
    """What happened, in the order a reader would ask."""
    stored = list(archive.articles())
    revised = [one for one in stored if len(one.revisions) > 1]
    same = counted(second.outcomes["not modified"], "page")
    console.print(
        f"\n[bold]First pass[/]: {_new_count(first)} articles. "
        f"[bold]Second pass[/]: {_new_count(second)} new, {len(revised)} revised, {same} answered “not modified”."
    )
    for one in revised:
        _say(console, "revised", f"{one.article.headline}: {one.revisions[-1].changes}")
    for one in filter(_is_walled, stored):
        _say(console, one.article.access.status.value, f"{one.article.headline}: {one.article.access.explanation}")
    for what, pair in _pairs(stored):
        _say(console, what, pair)
    _say(console, "CVEs", ", ".join(sorted({cve for one in stored for cve in one.article.cves})))
    for problem in dict.fromkeys(first.problems + second.problems):
        _say(console, "not seen", problem)
    console.print(
        f"[bold]Digest[/]: {len(published.edition.stories)} stories, {len(published.edition.items)} articles."
    )


def _is_walled(stored: StoredArticle) -> bool:
    return stored.article.access.status not in {AccessStatus.FREE, AccessStatus.UNKNOWN}


def _new_count(result: PassResult) -> int:
    return result.decisions["add"] + result.decisions["duplicate"]


def _pairs(stored: Iterable[StoredArticle]) -> Iterator[tuple[str, str]]:
    """Articles that say the same, each pair once: the shorter text, or the later one of two alike."""
    for one in stored:
        for other in one.duplicates:
            is_later = other.kind not in PARTS and other.article_id < one.article_id
            if other.is_shorter or is_later:
                pair = f"{one.article.headline} ({one.source}) = {other.headline} ({other.source})"
                yield other.kind.value, pair


def _say(console: Console, what: str, text: str) -> None:
    console.print(f"  {what:<10} {text}", highlight=False, markup=False, soft_wrap=True)


def _program() -> str:
    """
    How this program is called here: by its name, or by the path of a virtual environment that is
    not activated.
    """
    return "presswatch" if which("presswatch") else _short(Path(sys.argv[0]).absolute())


def _short(path: Path) -> str:
    """A path as one would type it here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
