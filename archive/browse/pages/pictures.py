"""
Pictures of articles that are kept, from the archive: never from where they were published.

A picture is had by the article that shows it, so who may see the one may see the other.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from datasette.utils.asgi import NotFound, Response

from archive.browse.context import LARGEST_ID, Datasette, Request, configuration_of
from archive.judge.wishes import is_withdrawn
from archive.model import KeptPicture, StoredArticle
from archive.store import Archive
from archive.store.captures import read_capture
from scraper.errors import ArchiveError


async def picture(datasette: Datasette, request: Request) -> Response:
    """The bytes of a picture of an article, by its place there; NotFound where it is not kept."""
    article_id, number = int(request.url_vars["article_id"]), int(request.url_vars["number"])
    found = None
    if article_id <= LARGEST_ID:
        found = await asyncio.to_thread(_read_picture, datasette, article_id, number)
    if found is None:
        raise NotFound(f"The archive has no picture {number} of article {article_id}")
    kept, body = found
    return Response(body, headers={"Content-Disposition": "inline"}, content_type=kept.media_type)


def places_of_pictures(datasette: Datasette, stored: StoredArticle) -> dict[str, int]:
    """Where in an article its kept pictures stand, by their addresses."""
    images = stored.article.images
    kept = _kept_pictures(datasette, stored) if images else {}
    return {image.url: number for number, image in enumerate(images) if image.url and image.url in kept}


def _kept_pictures(datasette: Datasette, stored: StoredArticle) -> dict[str, KeptPicture]:
    """The pictures of an article that its reader may see."""
    configuration = configuration_of(datasette)
    may_see = configuration.get("private") or not stored.private
    if not may_see or is_withdrawn(stored.limits, datetime.now(UTC)):
        return {}
    # The public view has no rows of pictures: what they are of is asked of it first.
    path = configuration.get("archive") or datasette.get_database().path
    with Archive.open(path, write=False) as archive:
        return archive.kept_pictures(stored.article_id)


def _read_picture(datasette: Datasette, article_id: int, number: int) -> tuple[KeptPicture, bytes] | None:
    with Archive.open(datasette.get_database().path, write=False) as archive:
        stored = archive.article(article_id)
    images = stored.article.images if stored else ()
    if stored is None or number >= len(images):
        return None
    kept = _kept_pictures(datasette, stored).get(images[number].url or "")
    return (kept, _body_of(datasette, kept)) if kept else None


def _body_of(datasette: Datasette, kept: KeptPicture) -> bytes:
    folder = Path(configuration_of(datasette)["warc_folder"])
    try:
        return read_capture(folder, kept.file, kept.offset).body
    except ArchiveError as error:
        raise NotFound(str(error)) from error
