"""
`presswatch`: the commands. Each reads its options, calls one function of the house, and shows what came of it.

Results go to stdout, progress and log to stderr. Exit codes: 0 done, 1 a named error,
2 usage, 3 another process writes to the archive.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import click
from rich.logging import RichHandler

from archive import view
from archive.commands import articles, care, editions, exchange, pages, passes, sources
from archive.commands.options import Options
from scraper.errors import ArchiveLockedError, PresswatchError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
            RichHandler(console=view.stderr_console(), show_path=False, show_time=verbose, rich_tracebacks=False)
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
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ArchiveLockedError as error:
        _complain(error)
        sys.exit(3)
    except PresswatchError as error:
        _complain(error)
        sys.exit(1)
    except BrokenPipeError:  # `presswatch … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


def _complain(error: PresswatchError) -> None:
    for line in str(error).splitlines():
        click.echo(f"presswatch: {line}", err=True)


if __name__ == "__main__":
    main()
