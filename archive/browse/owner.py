"""
What pages show of their owner's: marks on articles, stories that are followed, and the names of
alerts. Only where the archive itself is served (`--private`); there is nothing of it elsewhere.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from archive.browse.context import Datasette, configuration_of
from archive.model import Marks
from archive.store import Archive
from archive.store.state import State, state_path


class _Marked(Protocol):
    """An article: in a list, or with all that is known of it."""

    @property
    def article_id(self) -> int: ...
    @property
    def url_key(self) -> str: ...


def state_of(datasette: Datasette) -> Path | None:
    """
    Where the marks lie; None where not the archive itself is served, or where they cannot be kept,
    as beside an archive on media that are only read.
    """
    if not configuration_of(datasette).get("private"):
        return None
    path = state_path(Path(datasette.get_database().path))
    return path if path.exists() or os.access(path.parent, os.W_OK) else None


async def owner_facts(datasette: Datasette, articles: Iterable[_Marked]) -> dict[str, Any]:
    """
    For the templates: `marks` on these articles, by URL key; `followed`, the stories that are;
    `alerts`, what the alerts are called that mark an article, by its id. *marks* is None where they
    are not to be had.
    """
    path = state_of(datasette)
    if path is None:
        return {"marks": None, "followed": frozenset(), "alerts": {}}
    keys = {one.article_id: one.url_key for one in articles}
    return await asyncio.to_thread(_read, datasette, path, keys)


def alert_titles(datasette: Datasette, named: Mapping[int, Iterable[str]]) -> dict[int, tuple[str, ...]]:
    """What alerts are called, in place of their names."""
    titles: dict[str, str] = configuration_of(datasette).get("alerts", {})
    return {key: tuple(titles.get(name, name) for name in names) for key, names in named.items()}


def _read(datasette: Datasette, path: Path, keys: Mapping[int, str]) -> dict[str, Any]:
    with State.open(path) as state:
        marks: dict[str, Marks] = state.marks(keys.values())
    with Archive.open(datasette.get_database().path, write=False) as archive:
        alerts = alert_titles(datasette, archive.marks(keys))
        return {"marks": marks, "followed": archive.followed_stories(), "alerts": alerts}
