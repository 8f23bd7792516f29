"""
What may stand in a digest, and who was told what.

An edition counts as told for a recipient when it was delivered, or while it is on its way: what
waits to be sent again is not told a second time by the next one. What was given up counts no more.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from archive.model import Candidates, Recipient, ToldSpan
from archive.store.connection import Connection, as_json, as_text, as_time, as_window, grouped

# An article published this long before the first visit of its source is no news, but what a new
# source brings along.
_NEWS_BEFORE_FIRST_VISIT = "-2 days"
# No zone and no slow clock puts a sight so far into the future: the clock was set wrong.
_CLOCK_WAS_WRONG = timedelta(days=1)


class Told(Connection):
    """What may stand in a digest, and who was told what."""

    def candidates_for_edition(
        self,
        since: datetime,
        until: datetime,
        recipient: Recipient,
        *,
        now: datetime,
        look_back: datetime | None = None,
        given_up_since: datetime | None = None,
        beside: int | None = None,
    ) -> Candidates:
        """
        The articles first seen or revised in the window whose text this recipient was not told.

        Left out is what a new source brings along from long before its first visit; that is counted
        once: in the window, not before it. Articles of a report that the recipient was told from
        another address, or that was seen there before all of this, are named apart.

        Args:
            look_back: From when on articles count that no earlier edition told; the window's begin
                when left out.
            given_up_since: What was first seen from then on, and stood in an edition that was given
                up for this recipient, counts too.
            now: What was seen more than a day after it, by a clock that was wrong, counts as in the
                window.
            beside: An edition that is not looked at: what was told there counts as not told.
        """
        asked = {
            "channel": recipient.channel.value,
            "target": recipient.target,
            "beside": beside,
            "before": None,
            "begin": as_text(min(since, look_back or since)),
            "given_up_since": "~" if given_up_since is None else as_text(given_up_since),
            "ahead": as_text(now + _CLOCK_WAS_WRONG),
            "before_first_visit": _NEWS_BEFORE_FIRST_VISIT,
        }
        return _candidates(self._rows(_CANDIDATES, asked | as_window(since, until)))

    def told_revisions(
        self, ids: Collection[int], recipient: Recipient, beside: int | None = None, *, before: int | None = None
    ) -> Mapping[int, frozenset[int]]:
        """
        Which of these articles a recipient was told, and with which of their texts (ids of
        revisions), in another edition than *beside*, or in one that was made *before* another.
        """
        rows = self._rows(
            _TOLD_REVISIONS,
            {
                "channel": recipient.channel.value,
                "target": recipient.target,
                "beside": beside,
                "before": before,
                "ids": as_json(list(ids)),
            },
        )
        found = grouped("article_id", rows)
        return {key: frozenset(row["revision_id"] for row in rows) for key, rows in found.items()}

    def told_span(self, recipient: Recipient) -> ToldSpan | None:
        """The windows that a recipient was addressed with so far; None for one who never was."""
        row = self._row(
            """
            SELECT MIN(since) AS since, MAX(until) AS until, MAX(kind = 'nightly') AS has_nightly
            FROM deliveries JOIN editions ON editions.id = edition_id
            WHERE channel = :channel AND (target = :target OR (channel = 'files' AND kind = 'nightly'))
            """,
            {"channel": recipient.channel.value, "target": recipient.target},
        )
        if row is None or row["since"] is None:
            return None
        return ToldSpan(as_time(row["since"]), as_time(row["until"]), bool(row["has_nightly"]))

    def history_of(self, recipient: Recipient) -> tuple[tuple[int, str], ...]:
        """
        The editions that a recipient was addressed with, and what came of each: what it is told
        next hangs on it.
        """
        rows = self._rows(
            "SELECT edition_id, state FROM deliveries WHERE channel = ? AND target = ? ORDER BY edition_id",
            (recipient.channel.value, recipient.target),
        )
        return tuple((row["edition_id"], row["state"]) for row in rows)


# What a recipient was told: of the files the nightly ones alone, since a preview takes nothing
# away.
_TOLD = """
    told AS (
        SELECT DISTINCT article_id, revision_id
        FROM deliveries JOIN editions ON editions.id = deliveries.edition_id
        JOIN edition_items ON edition_items.edition_id = editions.id
        WHERE channel = :channel AND state != 'failed' AND editions.id IS NOT :beside
            AND (:before IS NULL OR editions.id < :before)
            AND CASE channel WHEN 'files' THEN kind = 'nightly' ELSE target = :target END
    )
"""

_TOLD_REVISIONS = (
    f"WITH {_TOLD} SELECT article_id, revision_id FROM told"  # noqa: S608 - parts of our own, no values
    " WHERE article_id IN (SELECT value FROM json_each(:ids)) ORDER BY article_id"
)

_CANDIDATES = f"""
    WITH {_TOLD}, told_ids AS (
        SELECT DISTINCT article_id FROM told
    ), given_up AS (
        SELECT article_id FROM deliveries JOIN edition_items USING (edition_id)
        WHERE channel = :channel AND state = 'failed' AND (channel = 'files' OR target = :target)
    ), first_visits AS (
        SELECT name AS source, strftime(
            '%Y-%m-%dT%H:%M:%SZ', (SELECT MIN(first_seen_at) FROM entries WHERE source = name), :before_first_visit
        ) AS news_from
        FROM sources
    ), told_reports AS (
        SELECT cluster_id FROM articles WHERE id IN (SELECT article_id FROM told_ids)
    ), asked AS (
        SELECT id FROM articles WHERE first_seen_at >= :begin AND first_seen_at < :until
        UNION SELECT id FROM articles WHERE revised_at >= :begin AND revised_at < :until
        UNION SELECT id FROM articles WHERE first_seen_at > :ahead
        UNION SELECT id FROM articles
            WHERE id IN given_up AND first_seen_at >= :given_up_since AND first_seen_at < :until
    )
    SELECT articles.id, COALESCE(articles.source, '') AS source, first_seen_at >= :since AS is_in_window,
        CASE
            WHEN articles.id IN (SELECT article_id FROM told_ids) THEN NULL
            WHEN published_at < news_from THEN 'older'
            WHEN cluster_id IN (SELECT cluster_id FROM told_reports) OR EXISTS (
                SELECT 1 FROM articles AS mate WHERE mate.cluster_id = articles.cluster_id AND mate.id != articles.id
                    AND mate.first_seen_at < :begin
                    AND NOT (mate.first_seen_at >= :given_up_since AND mate.id IN (SELECT article_id FROM given_up))
            ) THEN 'again'
        END AS why
    FROM asked CROSS JOIN articles USING (id) LEFT JOIN first_visits ON first_visits.source = articles.source
    WHERE revision_id NOT IN (SELECT revision_id FROM told)
    ORDER BY first_seen_at, articles.id
"""  # noqa: S608 - parts of our own, no values


def _candidates(rows: list[sqlite3.Row]) -> Candidates:
    older = (row["source"] for row in rows if row["why"] == "older" and row["is_in_window"])
    return Candidates(
        tuple(row["id"] for row in rows if row["why"] is None),
        Counter(older),
        tuple(row["id"] for row in rows if row["why"] == "again"),
    )
