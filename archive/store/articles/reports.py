"""Reports: the articles that say the same, and where each of them appeared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from archive.model import Appearance
from archive.store.connection import Connection, as_json, as_text_or_none, as_time, grouped


class Reports(Connection):
    """Where a report appeared."""

    def appearances(
        self, ids: Collection[int], now: datetime | None = None, *, private: bool = True
    ) -> Mapping[int, tuple[Appearance, ...]]:
        """
        Where the report of each article appeared, the article itself among it, by time; nothing for
        an article that is a report alone.

        Args:
            now: What is not to be shown any more then is left out.
            private: With what is its reader's alone.
        """
        rows = self._rows(_APPEARANCES, (as_json(list(ids)), as_text_or_none(now), private))
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

    def mates(self, ids: Collection[int]) -> tuple[int, ...]:
        """The ids of all articles that are one report with one of these, and not among them."""
        return tuple(row["id"] for row in self._rows(_MATES, (as_json(list(ids)),)))


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
        AND (?3 OR NOT (mate.private OR mate.noarchive))
    ORDER BY one.id, at, mate.id
"""

_MATES = """
    SELECT DISTINCT mate.id FROM json_each(?1) AS wanted
    CROSS JOIN articles AS one ON one.id = wanted.value
    CROSS JOIN articles AS mate ON mate.cluster_id = one.cluster_id
    WHERE mate.id NOT IN (SELECT value FROM json_each(?1)) ORDER BY mate.id
"""
