"""Articles as rows of a list: the latest, those of a story, and any others by their ids."""

# ruff: noqa: S608 - parts of our own, no values

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit

from archive.judge.excerpts import opening
from archive.judge.wishes import quote
from archive.model import ListedArticle, RecentArticle, StoryLife
from archive.store.connection import (
    Connection,
    as_bool_or_none,
    as_json,
    as_text,
    as_time,
    as_time_or_none,
)
from archive.store.wishes import limits_in
from scraper.model import AccessStatus
from scraper.text import squash

# Characters of a line about an article; those it is made of.
_LINE = 220
_READ = 2 * _LINE


class Lists(Connection):
    """Articles as rows of a list. What is not to be shown any more is in none."""

    def recent(self, since: datetime, now: datetime, limit: int) -> tuple[RecentArticle, ...]:
        """The articles that were first seen since a time, the latest first, at most *limit*."""
        asked = {"since": as_text(since), "now": as_text(now), "limit": limit}
        return tuple(
            RecentArticle(
                row["id"],
                row["report_id"],
                row["story_id"],
                row["outlet"] or urlsplit(row["url"]).hostname or "",
                as_time(row["told_at"]),
                bool(row["is_lead"]),
                row["version"],
                bool(row["is_private"]),
            )
            for row in self._rows(_RECENT, asked)
        )

    def latest_seen_at(self, now: datetime) -> datetime | None:
        """When the latest article was first seen, by a clock that is not ahead of *now*; None where there is none."""
        found = self._value("SELECT MAX(first_seen_at) FROM articles WHERE first_seen_at <= ?", (as_text(now),))
        return as_time_or_none(found)

    def listed(self, ids: Collection[int], now: datetime) -> tuple[ListedArticle, ...]:
        """The articles with these ids, in their order."""
        rows = self._rows(_LISTED, {"ids": as_json([*ids]), "now": as_text(now)})
        return tuple(
            ListedArticle(
                article_id=row["id"],
                url=row["url"],
                url_key=row["url_key"],
                story_id=row["story_id"],
                headline=row["headline"],
                line=quote(opening(squash(row["line"]), _LINE), limits_in(row)),
                language=row["language"],
                outlet=row["outlet"] or urlsplit(row["url"]).hostname or "",
                told_at=as_time(row["told_at"]),
                access=AccessStatus(row["access_status"]),
                complete=as_bool_or_none(row["complete"]),
                cves=tuple(json.loads(row["cves"])),
                private=bool(row["private"] or row["noarchive"]),
                reserved=bool(row["tdm_reserved"]),
                revised_at=as_time_or_none(row["revised_at"]),
            )
            for row in rows
        )

    def story(self, story_id: int) -> StoryLife | None:
        """The life of a story; None for one that is not there, or has no article any more."""
        row = self._row(_STORY, {"story": story_id})
        if row is None or row["first_at"] is None:
            return None
        return StoryLife(
            story_id,
            row["headline"],
            row["language"],
            tuple(json.loads(row["terms"])),
            as_time(row["first_at"]),
            as_time(row["last_at"]),
            row["article_count"],
            row["report_count"],
            row["source_count"],
        )

    def story_members(self, story_id: int, now: datetime, *, limit: int, offset: int = 0) -> tuple[int, ...]:
        """The ids of a story's articles as they were told, the first one first."""
        asked = {"story": story_id, "now": as_text(now), "limit": limit, "offset": offset}
        return tuple(row["article_id"] for row in self._rows(_MEMBERS, asked))


_OUTLET = "COALESCE(sources.title, articles.publication, articles.source)"
_TOLD_AT = "MIN(COALESCE(published_at, first_seen_at), first_seen_at)"
_IS_SHOWN = "(unavailable_after IS NULL OR unavailable_after > :now)"

# Every article is in a story; one that is alone there has none to show.
_SHARED = """
    CASE WHEN EXISTS (
        SELECT 1 FROM story_articles AS mate WHERE mate.story_id = story_articles.story_id AND article_id != articles.id
    ) THEN story_id END
"""

_RECENT = f"""
    SELECT articles.id, COALESCE(cluster_id, articles.id) AS report_id, story_id, {_OUTLET} AS outlet, url, is_lead,
        COALESCE(revised_at, '') AS version, {_TOLD_AT} AS told_at, private OR noarchive AS is_private
    FROM articles LEFT JOIN sources ON sources.name = articles.source
    LEFT JOIN story_articles ON article_id = articles.id
    WHERE first_seen_at > :since AND first_seen_at <= :now AND {_IS_SHOWN}
    ORDER BY first_seen_at DESC, articles.id DESC LIMIT :limit
"""

_LISTED = f"""
    SELECT articles.id, articles.url_key, {_SHARED} AS story_id, headline, {_OUTLET} AS outlet, url, articles.language,
        access_status, complete, cves,
        COALESCE(NULLIF(trim(substr(dek, 1, {_READ})), ''), substr(body, 1, {_READ}), '') AS line,
        {_TOLD_AT} AS told_at, private, noarchive, snippet_limit, unavailable_after, tdm_reserved, revised_at
    FROM json_each(:ids) AS wanted CROSS JOIN articles ON articles.id = wanted.value
    LEFT JOIN sources ON sources.name = articles.source
    LEFT JOIN story_articles ON article_id = articles.id
    WHERE {_IS_SHOWN} ORDER BY wanted.key
"""

_STORY = """
    SELECT terms, central.headline, central.language, MIN(told_at) AS first_at, MAX(told_at) AS last_at,
        COUNT(*) AS article_count, COUNT(DISTINCT articles.cluster_id) AS report_count,
        COUNT(DISTINCT articles.source) AS source_count
    FROM stories JOIN story_articles ON story_id = stories.id JOIN articles ON articles.id = article_id
    LEFT JOIN articles AS central ON central.id = central_id
    WHERE stories.id = :story
"""

_MEMBERS = f"""
    SELECT article_id FROM story_articles JOIN articles ON articles.id = article_id
    WHERE story_id = :story AND {_IS_SHOWN} ORDER BY told_at, article_id LIMIT :limit OFFSET :offset
"""
