"""The commands below `presswatch sources`."""

from __future__ import annotations

import click

from archive.later import Later

_COMMANDS = (
    Later("list", "sources.listed:list_sources", "Every configured source, and what is known of its access."),
    Later(
        "check",
        "passes:check_sources",
        "Ask every feed, sitemap and index page once, and say what came; nothing is kept.",
    ),
    Later(
        "add",
        "sources.added:add_source",
        "Find the feeds or sitemaps of the site at each URL, and add it to sources/added.toml.",
    ),
    Later("enable", "sources.edited:enable_sources", "Watch sources: they are visited from the next pass on."),
    Later(
        "disable",
        "sources.edited:disable_sources",
        "Watch sources no more.",
    ),
    Later(
        "edit",
        "sources.edited:edit_source",
        "Edit the table of a source in $EDITOR, or set single values.",
    ),
    Later("remove", "sources.edited:remove_sources", "Take sources out of the configuration."),
    Later(
        "import",
        "sources.added:import_sources",
        "Add the feeds of an OPML file, disabled: look through them, then enable what you want.",
    ),
    Later(
        "export", "sources.listed:export_sources", "The feeds of all sources as OPML, on stdout, a folder a section."
    ),
)


@click.group(commands=_COMMANDS)
def sources() -> None:
    """The publications that are watched."""
