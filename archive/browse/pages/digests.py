"""The digests that were written."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path

from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from archive.browse.context import Datasette, Request, configuration_of, html_response, page_number
from archive.browse.pages.digest_files import find_digests, find_links, without_withheld
from archive.store import Archive

# Names of a page: half a year of nights.
_MOST_ROWS = 180
# Entries of the feed: a month.
_MOST_ENTRIES = 31
# Source: https://www.rfc-editor.org/rfc/rfc4287 §4.1.
_FEED = Markup("""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>{title}</title><id>{url}</id><link rel="self" href="{url}"/><updated>{at}</updated>
<author><name>presswatch</name></author>
{entries}</feed>
""")
_ENTRY = Markup("""<entry><title>{name}</title><id>{url}</id><link href="{url}"/><updated>{at}</updated></entry>
""")


async def digests_page(datasette: Datasette, request: Request) -> Response:
    """The digests that were written, newest first, by month."""
    found = await asyncio.to_thread(find_digests, _digest_folder(datasette))
    number = page_number(request)
    begin = (number - 1) * _MOST_ROWS
    shown = islice(found, begin, begin + _MOST_ROWS)
    months = [(month, list(names)) for month, names in groupby(shown, key=lambda name: name[:7])]
    page = {"months": months, "is_configured": bool(configuration_of(datasette).get("digests"))}
    page |= {"number": number, "has_more": len(found) > begin + _MOST_ROWS}
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


async def latest_digest(datasette: Datasette, request: Request) -> Response:  # noqa: ARG001 - as datasette calls it
    """The newest digest, at an address that stays; NotFound before the first one."""
    names = await asyncio.to_thread(find_digests, _digest_folder(datasette))
    page = await asyncio.to_thread(_read_digest, datasette, next(iter(names), ""))
    if page is None:
        raise NotFound("No digest has been written yet")
    return html_response(page)


async def digests_feed(datasette: Datasette, request: Request) -> Response:
    """The newest digests as a feed, at an address that stays: each an entry that leads to its page."""
    found = await asyncio.to_thread(find_digests, _digest_folder(datasette))
    newest = list(islice(found.items(), _MOST_ENTRIES))
    times = await asyncio.to_thread(lambda: [_written_at(path) for _, path in newest])

    def address(name: str) -> str:
        return str(datasette.absolute_url(request, datasette.urls.path(f"/digests/{name}")))

    entries = Markup("").join(
        _ENTRY.format(name=name, url=address(name), at=f"{at:%Y-%m-%dT%H:%M:%SZ}")
        for (name, _), at in zip(newest, times, strict=True)
    )
    updated = max(times, default=datetime(2024, 1, 1, tzinfo=UTC))
    feed = _FEED.format(
        title=f"{datasette.metadata('title')}: digests",
        url=address("latest.atom"),
        at=f"{updated:%Y-%m-%dT%H:%M:%SZ}",
        entries=entries,
    )
    return Response(str(feed), content_type="application/atom+xml; charset=utf-8")


def _written_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:  # taken away a moment ago
        return datetime(2024, 1, 1, tzinfo=UTC)


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
