"""The formats of a digest: what the configuration and a command may name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Escape(Enum):
    """How what comes from strangers is made harmless in a format."""

    MARKUP = auto()
    MARKDOWN = auto()
    PLAIN = auto()


@dataclass(frozen=True, slots=True)
class Format:
    """
    One format. Its template is `templates/edition` with the same suffix as its files.

    Args:
        name: In the configuration and on the command line.
        suffix: Of a file, with its dot.
        is_default: It is written where the configuration names no formats.
    """

    name: str
    suffix: str
    escape: Escape
    is_default: bool = False


FORMATS = {
    one.name: one
    for one in (
        Format("html", ".html", Escape.MARKUP, is_default=True),
        Format("markdown", ".md", Escape.MARKDOWN, is_default=True),
        Format("text", ".txt", Escape.PLAIN, is_default=True),
        Format("atom", ".atom", Escape.MARKUP, is_default=True),
    )
}
"""By name, in the order in which they are listed."""
