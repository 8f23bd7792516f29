"""The digests that were written."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from datasette.utils.asgi import NotFound, Response

from archive.browse.context import Datasette, Request, configuration_of, html_response
from archive.browse.pages.digest_files import find_digests, find_links, without_withheld
from archive.store import Archive


async def digests_page(datasette: Datasette, request: Request) -> Response:
    """The digests that were written, newest first, by month."""
    found = await asyncio.to_thread(find_digests, _digest_folder(datasette))
    months = [(month, list(names)) for month, names in groupby(found, key=lambda name: name[:7])]
    page = {"months": months, "is_configured": bool(configuration_of(datasette).get("digests"))}
    return html_response(await datasette.render_template("digests.html", page, request=request, view_name="digests"))


async def digest_page(datasette: Datasette, request: Request) -> Response:
    """
    One digest as it was written, without what is not to be shown any more; NotFound for one that is
    not there.
    """
    page = await asyncio.to_thread(_read_digest, datasette, request.url_vars["name"])
    if page is None:
        raise NotFound(f"There is no digest {request.url_vars['name']}")
    return html_response(page)


def _digest_folder(datasette: Datasette) -> Path:
    return Path(configuration_of(datasette).get("digests") or "/dev/null")


def _read_digest(datasette: Datasette, name: str) -> str | None:
    path = find_digests(_digest_folder(datasette)).get(name)
    if path is None:
        return None
    try:
        page = path.read_bytes()
    except OSError:  # taken away a moment ago
        return None
    # The archive knows of what the public view does not show. Where it is served itself, its owner
    # sees all.
    if archive_path := configuration_of(datasette).get("archive"):
        with Archive.open(archive_path, write=False) as archive:
            withheld = archive.withheld(find_links(page), datetime.now(UTC))
        page = without_withheld(page, withheld.get)
    return page.decode("utf-8", "replace")
