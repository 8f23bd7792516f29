"""
`presswatch`: the commands. Each reads its options, calls the house, and shows what came of it.

Results go to stdout, progress and log to stderr. Exit codes: 0 done, 1 a named error, 2 usage, 3
another process writes to the archive. What this machine refuses (a full disk, a file that is not
there, a folder that cannot be written) is a line as well; a pipe whose reader has gone is no error.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import click

from archive import __version__
from archive.later import Later
from scraper.errors import ArchiveLockedError, PresswatchError

# In the order of their use: what `--help` lists, and all that is known before a call.
_COMMANDS = (
    Later(
        "init",
        "starter:init",
        "Write a starter configuration to FOLDER (else $PRESSWATCH_CONFIG, else ./config), never over what is there.",
    ),
    Later("run", "passes:run", "One pass over the sources that are due."),
    Later(
        "watch",
        "watching:watch_command",
        "Stay, and make passes and digests on schedule (what the container runs).",
    ),
    Later("read", "pages:read", "Take pages apart and show the pieces."),
    Later("search", "articles:search", 'Find reports: by words, "phrases", -not, OR, (…), prefix*, and fields.'),
    Later(
        "latest",
        "articles:latest",
        "What is new since you last asked, by story; the first time, what came in the last 24 hours.",
    ),
    Later("show", "articles:show", "One article of the archive: its blocks, its evidence, its duplicates."),
    Later("diff", "articles:diff", "What changed between two versions of an article, by role."),
    Later("star", "marks.put:star", "Give articles a star: retention never removes them."),
    Later(
        "unstar",
        "marks.put:unstar",
        "Take the star of articles away; one that an alert gave stays as long as the alert.",
    ),
    Later(
        "tag",
        "marks.put:tag",
        "Put tags on articles, for tag: in queries; with one article alone, show its tags; with nothing, all tags.",
    ),
    Later("note", "marks.put:note", "Write a note on an article, in place of the one before; without a text, show it."),
    Later(
        "follow",
        "marks.follow:follow",
        "Follow stories: what is new of them stands apart on Today and in the digest; with nothing, show all that are.",
    ),
    Later("marks", "marks.group:marks", "All stars, tags and notes, what was read and what is followed, together."),
    Later(
        "digest",
        "editions:digest",
        "Build the digest of a window: its files are written, and what it told does not come back unless revised.",
    ),
    Later(
        "browse",
        "served.browse:browse",
        "Browse the archive with datasette, read-only: what anybody may see of it, or with --private all of it.",
    ),
    Later(
        "mcp",
        "served.machines:mcp",
        "Answer programs that speak the Model Context Protocol: search, article, story, today, sources.",
    ),
    Later("alert", "alerts.group:alert", "What is to be found in all that is archived, and what follows."),
    Later("sources", "sources.group:sources", "The publications that are watched."),
    Later(
        "import",
        "imports.files:import_command",
        "Take WARC files in (any crawler's, Common Crawl News too), with the articles in them.",
    ),
    Later(
        "backfill",
        "imports.backfill:backfill_command",
        "Make a shard of each WARC file, on all cores or on a cluster (presswatch[ray]).",
    ),
    Later("captures", "captures:captures", "The raw responses that articles were read from."),
    Later(
        "export",
        "export:export",
        "Write articles out: JSON Lines, CSV that no spreadsheet takes for formulas, or Markdown with front matter.",
    ),
    Later("reread", "captures:reread", "Read the stored captures again with today's rules, and show what changes."),
    Later("reindex", "care:reindex", "Make the index of texts anew, and find again which articles are one report."),
    Later("split", "articles:split", "Say that an article is another report than those that it is with."),
    Later("merge", "articles:merge", "Say that two articles are one report; or join shards into an archive (--into)."),
    Later("prune", "care:prune", "Remove what the [retention] rules let go."),
    Later(
        "check",
        "care:check",
        "Configuration, archive, disk, sources: exit code 0 when all is well, 1 when something needs a look.",
    ),
    Later(
        "demo",
        "demo:demo",
        "Run everything against a built-in, invented newspaper web: two passes and a digest.",
    ),
)


class _ClosedPipeError(Exception):
    """Whoever read our output has gone: `presswatch … | head`."""


class _Commands(click.Group):
    """The commands. click would make exit code 1 of a closed pipe, which is no error of ours."""

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:  # noqa: ANN401 - as click has them
        try:
            return super().make_context(*arguments, **more)
        except BrokenPipeError as error:  # --help
            raise _ClosedPipeError from error

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ClosedPipeError from error


class LogLine(logging.Formatter):
    """A line of the log: when, how grave, and what; in UTC, since logs of several machines are laid side by side."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")


# The collector looks at young objects when there are so many. Python's 700 has it look hundreds of
# times while modules are loaded, whose objects all stay: a fifth of the time of `read`.
_YOUNG_OBJECTS = 50_000
_WIDTH = 100  # characters: prose that is wider is read twice


@click.group(
    cls=_Commands,
    commands=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _WIDTH},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option("--config", metavar="FOLDER", help="The configuration folder (else $PRESSWATCH_CONFIG, else ./config).")
@click.option(
    "--archive",
    type=click.Path(path_type=Path),
    help="The archive, in place of the configured one; search, export and browse take a folder of shards.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
@click.pass_context
def cli(context: click.Context, config: str | None, archive: Path | None, verbose: bool) -> None:
    """
    Watch security-news sources, read their articles, keep them in one SQLite archive.

    Exit codes: 0 done, 1 an error that is named, 2 wrong usage, 3 another process writes to the
    archive.
    """
    from archive.commands.options import Options

    lines = logging.StreamHandler()
    lines.setFormatter(LogLine())
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[lines])
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    context.obj = Options(config, archive)


def main() -> None:
    """Run the program; named errors become one line each."""
    gc.set_threshold(_YOUNG_OBJECTS)
    # A shell may have closed them (`>&-`). Then nobody is there to be told, which is no error.
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the very end
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    code = _run()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop(sys.stdout)
    except OSError as error:
        _drop(sys.stdout)
        _complain(f"the output cannot be written: {error.strerror}")
        code = code or 1
    sys.exit(code)


def _run() -> int:
    """The exit code of one command."""
    try:
        code = cli.main(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return 130  # as shells have it: 128, and the number of SIGINT
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (_ClosedPipeError, BrokenPipeError):
        _drop(sys.stdout)
        return 0
    except (PresswatchError, OSError) as error:
        return _told(error)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    return code if isinstance(code, int) else 0


def _told(error: PresswatchError | OSError) -> int:
    """The exit code of an error that is told in its own words."""
    if isinstance(error, OSError):
        # Of a path that was given, or room that ran out, the system says as much as a traceback.
        _complain(f"{error.filename or 'the system says'}: {error.strerror or error}")
    else:
        _complain(error)
    return 3 if isinstance(error, ArchiveLockedError) else 1


def _drop(stream: TextIO) -> None:
    """Let the rest of *stream* go nowhere: at its end Python would complain again."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _complain(problem: object) -> None:
    with suppress(OSError):  # nobody may be there to hear it
        for line in str(problem).splitlines():
            click.echo(f"presswatch: {line}", err=True)


if __name__ == "__main__":
    main()
