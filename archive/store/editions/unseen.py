"""What could not be seen, for the digest to say."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from itertools import groupby

from archive.model import Unseen, UnseenPage
from archive.store.connection import Connection, as_json, as_window
from scraper.model import WENT_WRONG, Purpose
from scraper.text import squash

# Pages that are named for one reason: who wants all of them asks the archive.
_MOST_NAMED = 3


class NotSeen(Connection):
    """What could not be seen, for the digest to say."""

    def failures(self, since: datetime, until: datetime) -> tuple[Unseen, ...]:
        """
        What could not be seen in a window: documents whose last visit went wrong, pages refused,
        failed, left or given up, and articles that changed and could not be looked at again.

        Counted by source and reason, the most first, with some of the pages: those that were tried
        last. A page that came at a later try is not listed, nor one of which an article is held.
        """
        rows = self._rows(
            _FAILURES,
            {
                "wrong": as_json([outcome.value for outcome in WENT_WRONG]),
                "article": Purpose.ARTICLE.value,
                "changed": "changed at the publisher; there was no free article left for another look",
                "named": _MOST_NAMED,
                **as_window(since, until),
            },
        )
        groups = groupby(rows, key=lambda row: (row["what"], row["source"], row["why"], row["number"], row["is_left"]))
        return tuple(
            Unseen(what, source, why, number, bool(is_left), tuple(map(_page, filter(_has_address, found))))
            for (what, source, why, number, is_left), found in groups
        )


def _has_address(row: sqlite3.Row) -> bool:
    return row["url"] is not None


def _page(row: sqlite3.Row) -> UnseenPage:
    return UnseenPage(squash(row["title"] or ""), row["url"])


# Of an article that is not to be shown any more, neither headline nor address.
_FAILURES = """
    WITH latest AS (
        SELECT MAX(id) AS id FROM source_checks WHERE checked_at >= :since AND checked_at < :until GROUP BY url
    ), found AS (
        SELECT kind AS what, source, outcome || COALESCE(': ' || detail, '') AS why, NULL AS title, url,
            checked_at AS at, 0 AS is_left
        FROM latest JOIN source_checks USING (id) JOIN sources ON sources.name = source
        WHERE enabled AND outcome IN (SELECT value FROM json_each(:wrong))
        UNION ALL
        SELECT purpose, COALESCE(source, ''), CASE outcome WHEN 'failed' THEN '' ELSE outcome || ': ' END || reason,
            (SELECT title FROM entries WHERE entries.url = requests.url LIMIT 1), url, MAX(requested_at), 0
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
        GROUP BY 1, 2, 3, url
        UNION ALL
        SELECT :article, source, 'given up: ' || why, title, url, given_up_at, 0 FROM lost
        WHERE given_up_at >= :since AND given_up_at < :until
        UNION ALL
        SELECT :article, COALESCE(source, ''), :changed,
            headline, CASE WHEN unavailable_after IS NULL THEN url END, changed_at, 0 FROM articles
        WHERE changed_at >= :since AND changed_at < :until
        UNION ALL
        SELECT :article, source, left_why, title, url, left_at, 1 FROM entries
        WHERE left_at >= :since AND left_at < :until
    ), counted AS (
        SELECT *, COUNT(*) OVER (PARTITION BY what, source, why, is_left) AS number,
            ROW_NUMBER() OVER (PARTITION BY what, source, why, is_left ORDER BY url IS NULL, at DESC, url) AS place
        FROM found
    )
    SELECT * FROM counted WHERE place <= :named ORDER BY number DESC, source, what, why, is_left, place
"""
