"""What could not be seen, for the digest to say."""

from __future__ import annotations

from datetime import datetime

from archive.model import Unseen
from archive.store.connection import Connection, as_json, as_window
from scraper.model import WENT_WRONG, Purpose


class NotSeen(Connection):
    """What could not be seen, for the digest to say."""

    def failures(self, since: datetime, until: datetime) -> tuple[Unseen, ...]:
        """
        What could not be seen in a window: documents whose last visit went wrong, pages refused,
        failed, left or given up, and articles that changed and could not be looked at again.

        Counted by source and reason, the most first. A page that came at a later try is not listed,
        nor one of which an article is held.
        """
        rows = self._rows(
            _FAILURES,
            {
                "wrong": as_json([outcome.value for outcome in WENT_WRONG]),
                "article": Purpose.ARTICLE.value,
                "changed": "changed at the publisher; there was no free article left for another look",
                **as_window(since, until),
            },
        )
        return tuple(
            Unseen(row["what"], row["source"], row["why"], row["number"], is_left=bool(row["is_left"])) for row in rows
        )


_FAILURES = """
    WITH latest AS (
        SELECT MAX(id) AS id FROM source_checks WHERE checked_at >= :since AND checked_at < :until GROUP BY url
    )
    SELECT kind AS what, source, outcome || COALESCE(': ' || detail, '') AS why, COUNT(*) AS number,
        0 AS is_left
    FROM latest JOIN source_checks USING (id) JOIN sources ON sources.name = source
    WHERE enabled AND outcome IN (SELECT value FROM json_each(:wrong))
    GROUP BY what, source, why
    UNION ALL
    SELECT purpose, COALESCE(source, ''), CASE outcome WHEN 'failed' THEN '' ELSE outcome || ': ' END || reason,
        COUNT(DISTINCT url), 0
    FROM requests
    WHERE requested_at >= :since AND requested_at < :until
        AND purpose = :article AND outcome IN ('disallowed', 'failed')
        AND NOT EXISTS (
            SELECT 1 FROM requests AS later
            WHERE later.url = requests.url AND later.id > requests.id
                AND later.outcome IN ('fetched', 'not modified')
        )
        AND NOT EXISTS (
            SELECT 1 FROM entries WHERE entries.url = requests.url
                AND (given_up_at >= :since OR EXISTS (
                    SELECT 1 FROM article_urls WHERE article_urls.url_key = entries.url_key
                ))
        )
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT :article, source, 'given up: ' || why, COUNT(*), 0 FROM lost
    WHERE given_up_at >= :since AND given_up_at < :until GROUP BY source, why
    UNION ALL
    SELECT :article, COALESCE(source, ''), :changed, COUNT(*), 0 FROM articles
    WHERE changed_at >= :since AND changed_at < :until GROUP BY source
    UNION ALL
    SELECT :article, source, left_why, COUNT(*), 1 FROM entries
    WHERE left_at >= :since AND left_at < :until GROUP BY source, left_why
    ORDER BY number DESC, source, what, why
"""
