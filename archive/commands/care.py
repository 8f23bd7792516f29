"""The starter configuration, the health of it all, and the demo."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.commands.options import Options, now, pass_options
from archive.commands.starter import copy_starter
from archive.demo.show import run_demo
from archive.run import health
from archive.show import terminal
from archive.store import Archive
from scraper.setting_values import check_user_agent


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Where all that is kept is to lie.")
@click.option("--contact", metavar="ADDRESS", help="Your e-mail address or page, which sites see in the user agent.")
@pass_options
def init(options: Options, folder: Path | None, data: Path | None, contact: str | None) -> None:
    """Write a starter configuration to FOLDER (else $PRESSWATCH_CONFIG, else ./config), never over what is there."""
    if contact is not None:
        try:
            check_user_agent(f"presswatch ({contact})")
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--contact") from error
    done = copy_starter(folder or options.config_folder(), data=data and data.absolute(), contact=contact)
    for path in done.written:
        click.echo(path)
    for path in done.left_alone:
        is_asked = path.name == "presswatch.toml" and (data or contact)
        click.echo(f"left alone: {path}{' (--data and --contact changed nothing in it)' if is_asked else ''}", err=True)
    if done.written:
        first = "" if contact else "name a contact in presswatch.toml (user_agent), then: "
        click.echo(f"Next: {first}presswatch run", err=True)


@click.command()
@click.option("--sources", "show_sources", is_flag=True, help="How every source has done.")
@click.option(
    "--heartbeat", is_flag=True, help="Only whether `presswatch watch` is alive (for a container's health check)."
)
@click.option("--json", "as_json", is_flag=True)
@pass_options
def check(options: Options, show_sources: bool, heartbeat: bool, as_json: bool) -> None:
    """Configuration, archive, disk, sources: exit code 0 when all is well, 1 when something needs a look."""
    settings = options.settings()
    findings = health.check_heartbeat(settings, now()) if heartbeat else health.check_all(settings, now())
    if as_json:
        click.echo(terminal.to_json([{"what": f.what, "is_well": f.is_well, "detail": f.detail} for f in findings]))
    else:
        console = terminal.stdout_console()
        for finding in findings:
            console.print(
                f"{'✓' if finding.is_well else '✗'} {finding.what}: {finding.detail}",
                style="" if finding.is_well else "red",
                markup=False,
            )
    if show_sources:
        with Archive.open(settings.archive.database, write=False) as archive:
            terminal.stdout_console().print(
                terminal.render_health(archive.source_health(now()), settings.digest.timezone)
            )
    if not all(finding.is_well for finding in findings):
        sys.exit(1)


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="presswatch-demo",
    show_default=True,
    help="Where the demo's archive and digest go.",
)
def demo(folder: Path) -> None:
    """Run everything against a built-in, invented newspaper web: two passes and a digest, on loopback."""
    run_demo(folder, terminal.stdout_console(), now())
