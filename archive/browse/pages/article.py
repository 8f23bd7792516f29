"""One article, with everything the archive knows about it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from datasette.utils.asgi import NotFound, Response

from archive.browse.context import LARGEST_ID, Datasette, Request, configuration_of, html_response
from archive.browse.owner import owner_facts
from archive.browse.pages.pictures import places_of_pictures
from archive.judge.wishes import describe_limits, is_withdrawn
from archive.model import Appearance, Marks, StoredArticle
from archive.show.article_page import describe_access, describe_duplicate, describe_numbers, find_asides, find_changes
from archive.show.echoes import describe_echoes
from archive.show.markup import find_passages
from archive.show.places import find_first, find_others
from archive.store import Archive
from scraper.urls import registrable_domain

# So many articles are laid beside one: more prints of a report say nothing new.
_MOST_BESIDE = 60
# Blocks beside the text that are shown, and versions, the latest: tables have all of them.
_MOST_ASIDES, _MOST_REVISIONS = 100, 20
# The reports that were archived before and after this one.
_BESIDE = """
    SELECT (SELECT MAX(id) FROM articles WHERE id < ?1 AND id > ?1 - 50 AND is_lead) AS older,
        (SELECT MIN(id) FROM articles WHERE id > ?1 AND id < ?1 + 50 AND is_lead) AS newer
"""


@dataclass(frozen=True, slots=True)
class _Found:
    """
    An article, and what stands with it.

    Args:
        places: Where its report appeared.
        beside: The articles to lay beside it.
        story: The one that it is in. *shared_story*: with others.
    """

    stored: StoredArticle
    places: tuple[Appearance, ...]
    beside: tuple[StoredArticle, ...]
    story: int | None
    shared_story: int | None


async def article_page(datasette: Datasette, request: Request) -> Response:
    """One article; NotFound for an id that the archive does not have."""
    article_id = int(request.url_vars["article_id"])
    database = datasette.get_database()
    found = await asyncio.to_thread(_read_article, database.path, article_id) if article_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(f"The archive has no article {article_id}")
    stored, places = found.stored, found.places
    sources = {row["name"]: row for row in (await database.execute("SELECT * FROM sources")).rows}
    source = sources.get(stored.source)
    is_told_only = stored.private and not configuration_of(datasette).get("private")
    is_gone = is_withdrawn(stored.limits, datetime.now(UTC))
    titles = {name: row["title"] for name, row in sources.items()}
    site = registrable_domain(stored.article.url)
    walls = await database.execute("SELECT EXISTS (SELECT 1 FROM walls WHERE site = ?)", [site])
    owner = await owner_facts(datasette, [stored])
    marks: dict[str, Marks] = owner["marks"] or {}
    beside_it = (await database.execute(_BESIDE, [article_id])).first()
    pictures = await asyncio.to_thread(places_of_pictures, datasette, stored)
    page = {
        **_told_of(stored),
        **owner,
        "mark": marks.get(stored.url_key, Marks()),
        "older": beside_it["older"],
        "newer": beside_it["newer"],
        "story_id": found.shared_story,
        "is_followed": found.story in owner["followed"],
        "wall_site": site if walls.single_value() else None,
        "source": source,
        "is_told_only": is_told_only,
        "is_withdrawn": is_gone,
        "pictures": pictures,
        "first": find_first(article_id, places),
        "elsewhere": find_others(article_id, places),
        "echoes": None if is_told_only or is_gone else describe_echoes(stored, found.beside, titles),
    }
    return html_response(await datasette.render_template("article.html", page, request=request, view_name="article"))


def _told_of(stored: StoredArticle) -> dict[str, object]:
    """What an article says by itself, for the template."""
    article = stored.article
    asides, revisions = find_asides(article.blocks), find_changes(stored)
    return {
        "stored": stored,
        "article": article,
        "passages": find_passages(article.blocks),
        "asides": asides[:_MOST_ASIDES],
        "aside_count": len(asides),
        "revisions": revisions[:_MOST_REVISIONS],
        "revision_count": len(revisions),
        "access": describe_access(article.access),
        "numbers": describe_numbers(article.access.numbers),
        "describe_duplicate": describe_duplicate,
        "wishes": describe_limits(stored.limits),
    }


def _read_article(path: str, article_id: int) -> _Found | None:
    now = datetime.now(UTC)
    with Archive.open(path, write=False) as archive:
        stored = archive.article(article_id)
        if stored is None:
            return None
        places = archive.appearances([article_id], now).get(article_id, ())
        beside = archive.articles(archive.near(article_id, _MOST_BESIDE))
        row = next(iter(archive.listed([article_id], now)), None)
        return _Found(
            stored,
            places,
            tuple(one for one in beside if not is_withdrawn(one.limits, now)),
            archive.stories_of([stored.url_key]).get(stored.url_key),
            row.story_id if row else None,
        )
