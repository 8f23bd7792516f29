"""The health of it all, what retention lets go, and texts judged again."""

from __future__ import annotations

import sys
from datetime import timedelta

import click

from archive.commands.options import Options, now, pass_options, wait_option
from archive.commands.progress import progress
from archive.run import health
from archive.run.reindex import reindex as judge_again
from archive.show import terminal


@click.command()
@click.option("--sources", "show_sources", is_flag=True, help="How every source has done.")
@click.option(
    "--heartbeat", is_flag=True, help="Only whether `presswatch watch` is alive (for a container's health check)."
)
@click.option("--json", "as_json", is_flag=True)
@pass_options
def check(options: Options, show_sources: bool, heartbeat: bool, as_json: bool) -> None:
    """
    Configuration, archive, disk, sources: exit code 0 when all is well, 1 when something needs a
    look.
    """
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
        with options.reading() as archive:
            terminal.stdout_console().print(terminal.render_health(archive.source_health(now()), "UTC"))
    if not all(finding.is_well for finding in findings):
        sys.exit(1)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@wait_option
@pass_options
def prune(options: Options, dry_run: bool, wait: timedelta) -> None:
    """Remove what the [retention] rules let go. Articles with a star stay."""
    settings = options.settings()
    if not settings.retention:
        click.echo("There is no [retention] rule: everything is kept.", err=True)
    with options.writing(wait) as archive:
        gone = archive.prune(settings.retention, now(), only_count=dry_run)
    said = f"{gone.article_count} articles, {gone.capture_count} captures, {gone.request_count} requests"
    click.echo(f"{said} would be removed" if dry_run else f"{said} removed")


@click.command()
@wait_option
@pass_options
def reindex(options: Options, wait: timedelta) -> None:
    """
    Make the index of texts anew, and find again which articles are one report.

    Needed after an update that compares texts in another way (`presswatch check` says so). What was
    split or merged by hand stays so.
    """
    with options.writing(wait) as archive, progress("articles") as advance:
        count = judge_again(archive, lambda done, of: advance(done, of, ""))
        reports = archive.report_count()
    click.echo(f"{count} articles indexed, {reports} reports", err=True)
