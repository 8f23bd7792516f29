"""Reports: the articles that say the same, and where each of them appeared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from archive.model import Appearance
from archive.store.connection import Connection, as_json, as_text_or_none, as_time, grouped


class Reports(Connection):
    """Where a report appeared."""

    def appearances(self, ids: Collection[int], now: datetime | None = None) -> Mapping[int, tuple[Appearance, ...]]:
        """
        Where the report of each article appeared, the article itself among it, by time; nothing for
        an article that is a report alone.

        Args:
            now: What is not to be shown any more then is left out.
        """
        rows = self._rows(_APPEARANCES, (as_json(list(ids)), as_text_or_none(now)))
        return {
            about: tuple(
                Appearance(
                    row["id"],
                    row["title"] or urlsplit(row["url"]).hostname or "",
                    row["url"],
                    as_time(row["at"]),
                    bool(row["is_private"]),
                )
                for row in found
            )
            for about, found in grouped("about", rows).items()
        }

    def text_digests(self, ids: Collection[int]) -> dict[int, str]:
        """The digests of all words of articles: of texts that are the same, the same."""
        asked = "SELECT article_id, digest FROM fingerprints WHERE article_id IN (SELECT value FROM json_each(?))"
        return {row["article_id"]: row["digest"] for row in self._rows(asked, (as_json(list(ids)),)) if row["digest"]}

    def mates(self, ids: Collection[int]) -> tuple[int, ...]:
        """The ids of all articles that are one report with one of these, and not among them."""
        return tuple(row["id"] for row in self._rows(_MATES, (as_json(list(ids)),)))

    def near(self, article_id: int, limit: int) -> tuple[int, ...]:
        """
        The ids of the articles to lay beside one: of its report first, then what it is linked with,
        then of its story.
        """
        rows = self._rows(_NEAR, {"id": article_id, "limit": limit})
        return tuple(row["id"] for row in rows)


_NEAR = """
    SELECT id FROM (
        SELECT id, 0 AS rank FROM articles WHERE cluster_id = (SELECT cluster_id FROM articles WHERE id = :id)
        UNION ALL SELECT of_id, 1 FROM duplicates WHERE article_id = :id
        UNION ALL SELECT article_id, 1 FROM duplicates WHERE of_id = :id
        UNION ALL SELECT article_id, 2 FROM story_articles
            WHERE story_id = (SELECT story_id FROM story_articles WHERE article_id = :id)
    )
    WHERE id != :id GROUP BY id ORDER BY MIN(rank), id LIMIT :limit
"""

_APPEARANCES = """
    SELECT one.id AS about, mate.id, COALESCE(sources.title, mate.publication, mate.source) AS title, mate.url,
        MIN(COALESCE(mate.published_at, mate.first_seen_at), mate.first_seen_at) AS at,
        mate.private OR mate.noarchive AS is_private
    FROM json_each(?1) AS wanted
    CROSS JOIN articles AS one ON one.id = wanted.value
    CROSS JOIN articles AS mate ON mate.cluster_id = one.cluster_id
    LEFT JOIN sources ON sources.name = mate.source
    WHERE EXISTS (SELECT 1 FROM articles WHERE cluster_id = one.cluster_id AND id != one.id)
        AND (mate.unavailable_after IS NULL OR ?2 IS NULL OR mate.unavailable_after > ?2)
    ORDER BY one.id, at, mate.id
"""

_MATES = """
    SELECT DISTINCT mate.id FROM json_each(?1) AS wanted
    CROSS JOIN articles AS one ON one.id = wanted.value
    CROSS JOIN articles AS mate ON mate.cluster_id = one.cluster_id
    WHERE mate.id NOT IN (SELECT value FROM json_each(?1)) ORDER BY mate.id
"""
