"""
What datasette is started with to browse an archive: settings, metadata, templates, plugin, static files.

The database is opened as datasette opens every mutable file, with SQLite's `mode=ro`: readers see
what a pass commits without a restart, and no statement can write. It is not `--immutable`, which
promises SQLite that nobody writes, so that a page read while a pass commits could be torn or stale. It
is not `--nolock` either: in WAL mode readers never hold up the writer (sqlite.org/wal.html §2.2).
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from datasette.utils import parse_metadata

from archive.store.connection import is_read_only_media
from scraper.errors import ArchiveError

_HERE = Path(__file__).parent
TEMPLATES = _HERE / "templates"
PLUGINS = _HERE / "plugins"
# Below "-", where datasette keeps what is its own, so that no database is hidden by it.
STATIC = ("-/presswatch", _HERE / "static")

# The key of our own configuration in the metadata of datasette.
PLUGIN = "presswatch"
# The database stands under this name in `metadata.yaml`; datasette names it after its file.
_DATABASE = "archive"

SETTINGS: dict[str, int] = {
    # An archive of some years answers every stored query in this time, on a small machine too.
    "sql_time_limit_ms": 5000,
    "max_returned_rows": 1000,
    "default_page_size": 50,
    "default_facet_size": 15,
    "facet_time_limit_ms": 500,
    # Facets are named in the metadata; looking for others reads whole tables at every visit.
    "suggest_facets": 0,
    # A cell of a table shows the beginning of a text; the article page shows all of it.
    "truncate_cells_html": 300,
    # Nothing is answered from a cache: a pass may have added rows a moment ago.
    "default_cache_ttl": 0,
    # The file holds raw state, such as validators and failures, and copying it while it is written tears it.
    "allow_download": 0,
}


def browse_metadata(database: Path, timezone: str, *, private: bool = False) -> dict[str, Any]:
    """
    The metadata for one archive: `metadata.yaml`, with the database under the name that datasette gives it.

    Args:
        timezone: IANA name of the zone the reader reads times in.
        private: What was read with the reader's own subscription may be shown.
    """
    metadata: dict[str, Any] = parse_metadata((_HERE / "metadata.yaml").read_text(encoding="utf-8"))
    databases = metadata["databases"]
    return metadata | {
        "databases": {database.stem: databases[_DATABASE]},
        "plugins": {PLUGIN: {"timezone": timezone, "private": private}},
    }


def browse_command(
    database: Path, *, host: str, port: int, timezone: str, open_browser: bool, private: bool = False
) -> list[str]:
    """
    The command that serves the archive at *database*, to be executed in place of this process.

    The metadata is written to a temporary file, which the plugin takes away once datasette has read it.
    Python is started with -P: a folder that happens to be called `archive` where the reader
    stands is not taken for ours.

    Args:
        timezone: IANA name of the zone the reader reads times in.
        private: What was read with the reader's own subscription may be shown.

    Raises:
        ArchiveError: Datasette cannot open a file of this name.
    """
    path = database.resolve()
    # Datasette puts the path into an SQLite URI as it is (0.65.5, `Database.connect`).
    if found := re.search(r"[?#%]", str(path)):
        raise ArchiveError(
            database, f"datasette cannot open a file with “{found.group()}” in its path; please rename it"
        )
    with tempfile.NamedTemporaryFile(
        "w", prefix="presswatch-browse-", suffix=".json", encoding="utf-8", delete=False
    ) as file:
        metadata = browse_metadata(path, timezone, private=private)
        metadata["plugins"][PLUGIN]["metadata_file"] = file.name
        json.dump(metadata, file)
    command = [sys.executable, "-P", "-m", "datasette", "serve", str(path), "--host", host, "--port", str(port)]
    if is_read_only_media(path):  # nobody commits there, and SQLite opens a WAL database with that promise alone
        command.insert(command.index(str(path)), "--immutable")
    command += ["--metadata", file.name, "--template-dir", str(TEMPLATES), "--plugins-dir", str(PLUGINS)]
    command += ["--static", ":".join(map(str, STATIC))]
    for name, value in SETTINGS.items():
        command += ["--setting", name, str(value)]
    return command + ["--open"] * open_browser
