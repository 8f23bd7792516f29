"""
`presswatch`: the commands. Each reads its options, calls one function of the house, and shows what came of it.

Results go to stdout, progress and log to stderr. Exit codes: 0 done, 1 a named error,
2 usage, 3 another process writes to the archive. What this machine refuses (a full disk, a file that is not there, a
folder that cannot be written) is a line as well; a pipe whose reader has gone is no error.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import click
from rich.logging import RichHandler

from archive.commands import articles, care, editions, exchange, pages, passes, sources
from archive.commands.options import Options
from archive.show import terminal
from scraper.errors import ArchiveLockedError, PresswatchError


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


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="presswatch", message="%(prog)s %(version)s")
@click.option("--config", metavar="FOLDER", help="The configuration folder (else $PRESSWATCH_CONFIG, else ./config).")
@click.option(
    "--archive", type=click.Path(path_type=Path, dir_okay=False), help="The archive, in place of the configured one."
)
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
@click.pass_context
def cli(context: click.Context, config: str | None, archive: Path | None, verbose: bool) -> None:
    """
    Watch security-news sources, read their articles, keep them in one SQLite archive.

    Exit codes: 0 done, 1 an error that is named, 2 wrong usage, 3 another process writes to the archive.
    """
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(message)s",
        handlers=[
            RichHandler(console=terminal.stderr_console(), show_path=False, show_time=verbose, rich_tracebacks=False)
        ],
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    context.obj = Options(config, archive)


for command in (
    care.init,
    passes.run,
    passes.watch_command,
    pages.read,
    articles.search,
    articles.show,
    articles.diff,
    articles.star,
    editions.digest,
    editions.browse,
    sources.sources,
    exchange.import_command,
    exchange.export,
    exchange.reread,
    exchange.prune,
    care.check,
    care.demo,
):
    cli.add_command(command)


def main() -> None:
    """Run the program; named errors become one line each."""
    # A shell may have closed them (`>&-`); then there is nobody to tell anything, which is no error.
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
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ArchiveLockedError as error:
        _complain(error)
        return 3
    except PresswatchError as error:
        _complain(error)
        return 1
    except (_ClosedPipeError, BrokenPipeError):
        _drop(sys.stdout)
        return 0
    except OSError as error:
        # Where a path was given, or where room ran out, the system says enough; a traceback says no more.
        _complain(f"{error.filename or 'the system says'}: {error.strerror or error}")
        return 1
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except KeyboardInterrupt:
        return 130
    return code if isinstance(code, int) else 0


def _drop(stream: TextIO) -> None:
    """Let what is still to be written to *stream* go nowhere: at its end Python would complain again."""
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
