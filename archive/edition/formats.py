"""The forms of a digest: the one list. A new form is a line here and what renders it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from archive.edition.render import render_atom, render_html, render_markdown, render_text
from archive.model import Edition


class Format(NamedTuple):
    """The suffix of a digest's file, and how its text is made."""

    suffix: str
    render: Callable[[Edition], str]


FORMATS = {
    "html": Format(".html", render_html),
    "markdown": Format(".md", render_markdown),
    "text": Format(".txt", render_text),
    "atom": Format(".atom", render_atom),
}
"""By the name in the configuration and on the command line."""
