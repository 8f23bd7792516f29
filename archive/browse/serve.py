"""
What datasette is started with to browse an archive: settings, metadata, templates, plugin, static
files.

What is served is the public view of the archive, which the plugin keeps in step; or, for its owner,
the archive itself. The file is opened as datasette opens every mutable file, with SQLite's
`mode=ro`: readers see what is committed without a restart, and no statement can write. It is not
`--immutable`, which promises SQLite that nobody writes, so that a page read while a pass commits
could be torn or stale. It is not `--nolock` either: in WAL mode readers never hold up the writer
(sqlite.org/wal.html §2.2).
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datasette.utils import parse_metadata

from archive.store.articles.columns import COLUMNS
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
    # What a reader looks through, and what a script takes at once; there are further pages for
    # more.
    # With all columns of articles, forty rows are a page of less than 300 KB.
    "default_page_size": 40,
    "max_returned_rows": 1000,
    # The sources of most configurations, at half a second beside the five of the rows.
    "default_facet_size": 15,
    "facet_time_limit_ms": 500,
    # Facets are named in the metadata; looking for others reads whole tables at every visit.
    "suggest_facets": 0,
    # A cell of a table shows the beginning of a text; the article page shows all of it.
    "truncate_cells_html": 200,
    # Nothing is answered from a cache: a pass may have added rows a moment ago.
    "default_cache_ttl": 0,
    # The file holds raw state, such as validators and failures, and copying it while it is written
    # tears it.
    "allow_download": 0,
}


@dataclass(frozen=True, slots=True)
class Served:
    """
    What is served, and to whom.

    Args:
        database: The file that datasette opens.
        archive: The archive whose public view that file is, which follows it; None where it is the
            archive itself.
        timezone: IANA name of the zone the reader reads times in.
        hosts: Names by which requests may come beside those of this machine.
        digests: The folder with the digests that were written; None where it is not known.
        warc_folder: Where the raw responses lie, pictures among them; None: beside the archive.
        is_temporary: The folder of *database* goes when browse ends.
        alerts: Name and title of each alert; nobody but the owner is told of them.
    """

    database: Path
    archive: Path | None = None
    timezone: str = "UTC"
    hosts: tuple[str, ...] = ()
    digests: Path | None = None
    warc_folder: Path | None = None
    is_temporary: bool = False
    alerts: tuple[tuple[str, str], ...] = ()


def browse_metadata(served: Served) -> dict[str, Any]:
    """
    The metadata for one archive: `metadata.yaml`, with the database under the name that datasette
    gives it, and with what is said of the columns of `articles` where they are listed.
    """
    metadata: dict[str, Any] = parse_metadata((_HERE / "metadata.yaml").read_text(encoding="utf-8"))
    database = metadata["databases"][_DATABASE]
    database["tables"]["articles"]["columns"] = {column.name: column.means for column in COLUMNS}
    ours = {
        "timezone": served.timezone,
        "private": served.archive is None,
        "alerts": dict(served.alerts) if served.archive is None else {},
        "hosts": served.hosts,
        "archive": served.archive and str(served.archive),
        "digests": served.digests and str(served.digests),
        "warc_folder": str(served.warc_folder or (served.archive or served.database).parent / "warc"),
        "temporary_folder": str(served.database.parent) if served.is_temporary else None,
    }
    return metadata | {"databases": {served.database.stem: database}, "plugins": {PLUGIN: ours}}


def browse_command(served: Served, *, host: str, port: int, open_browser: bool) -> list[str]:
    """
    The command that serves an archive, to be executed in place of this process.

    The metadata is written to a temporary file, which the plugin takes away once datasette has read
    it. Python is started with -P: a folder that happens to be called `archive` where the reader
    stands is not taken for ours.

    Args:
        host: The address to listen at; requests may name it as their host.

    Raises:
        ArchiveError: Datasette cannot open a file of this name.
    """
    path = served.database.resolve()
    # Datasette puts the path into an SQLite URI as it is (0.65.5, `Database.connect`).
    if found := re.search(r"[?#%]", str(path)):
        raise ArchiveError(path, f"datasette cannot open a file with “{found.group()}” in its path; please rename it")
    with tempfile.NamedTemporaryFile(
        "w", prefix="presswatch-browse-", suffix=".json", encoding="utf-8", delete=False
    ) as file:
        metadata = browse_metadata(replace(served, database=path, hosts=(*served.hosts, host)))
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
