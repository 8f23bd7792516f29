"""The commands below `presswatch alert`."""

from __future__ import annotations

import click

from archive.later import Later

_COMMANDS = (
    Later("add", "alerts.added:add_alert", "Add an alert for QUERY to alerts/added.toml."),
    Later("list", "alerts.listed:list_alerts", "Every alert: what it asks for, what follows, what came of it."),
    Later("test", "alerts.listed:try_alert", "What an alert would have found in the last 30 days; nothing is sent."),
)


@click.group(commands=_COMMANDS)
def alert() -> None:
    """What is to be found in all that is archived, and what follows."""
