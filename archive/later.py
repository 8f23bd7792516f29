"""Commands that are loaded when they are called: `presswatch --help` needs none of them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click


class Later(click.Command):
    """
    A command by its name and its line in a list; the command itself is not loaded yet.

    Args:
        where: The module below `archive.commands`, and the name in it: "articles:show".
        line: The first sentence of the command's own help (a test compares the two).
    """

    def __init__(self, name: str, where: str, line: str) -> None:
        super().__init__(name, help=line)
        self._where = where

    def load(self) -> click.Command:
        """The command itself."""
        module, _, attribute = self._where.partition(":")
        command = getattr(import_module(f"archive.commands.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - as click has it
    ) -> click.Context:
        """The context of the command itself: from here on click knows that one alone."""
        return self.load().make_context(info_name, args, parent, **extra)
