"""
What may stand in a digest, and who was told what.

An edition counts as told for a recipient when it was delivered, or while it is on its way: what
waits to be sent again is not told a second time by the next one. What was given up counts no more.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from archive.model import ONE_REPORT, PARTS, Candidates, Recipient, ToldSpan
from archive.store.connection import Connection, as_json, as_text, as_time, as_window

# An article published this long before the first visit of its source is no news, but what a new
# source brings along.
_NEWS_BEFORE_FIRST_VISIT = "-2 days"
# No zone and no slow clock puts a sight so far into the future: the clock was set wrong.
_CLOCK_WAS_WRONG = timedelta(days=1)
# A text that is this much longer than a like one says more.
_LONGER = 1.1


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

        Left out is what a new source brings along from long before its first visit, and what says
        the same as an article that the recipient was told, and no more. Such articles are counted
        once: in the window, not before it.

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
            "longer": _LONGER,
        }
        return _candidates(self._rows(_CANDIDATES, asked | as_window(since, until)))

    def told_articles(
        self, ids: Collection[int], recipient: Recipient, beside: int | None = None, *, before: int | None = None
    ) -> frozenset[int]:
        """
        Which of these articles a recipient was told, with any of their texts, in another edition
        than *beside*, or in one that was made *before* another.
        """
        rows = self._rows(
            _TOLD_ARTICLES,
            {
                "channel": recipient.channel.value,
                "target": recipient.target,
                "beside": beside,
                "before": before,
                "ids": as_json(list(ids)),
            },
        )
        return frozenset(row["article_id"] for row in rows)

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

_TOLD_ARTICLES = (
    f"WITH {_TOLD} SELECT DISTINCT article_id FROM told"  # noqa: S608 - parts of our own, no values
    " WHERE article_id IN (SELECT value FROM json_each(:ids))"
)

_ONE_REPORT = ", ".join(f"'{kind}'" for kind in sorted(ONE_REPORT))
_ALIKE = ", ".join(f"'{kind}'" for kind in sorted(ONE_REPORT - PARTS))

# A repeat is not told itself, and a link says that it is the same as, much like, or a part of one
# that was: it adds nothing where it is not longer, not whole in place of a cut one, and names no
# further CVE.
_CANDIDATES = f"""
    WITH {_TOLD}, told_ids AS (
        SELECT DISTINCT article_id FROM told
    ), given_up AS (
        SELECT article_id FROM deliveries JOIN edition_items USING (edition_id)
        WHERE channel = :channel AND state = 'failed' AND (channel = 'files' OR target = :target)
    ), first_visits AS (
        SELECT source, strftime('%Y-%m-%dT%H:%M:%SZ', MIN(first_seen_at), :before_first_visit) AS news_from
        FROM entries GROUP BY source
    ), links AS (
        SELECT article_id AS id, of_id AS other_id, kind FROM duplicates WHERE kind IN ({_ONE_REPORT})
        UNION ALL SELECT of_id, article_id, kind FROM duplicates WHERE kind IN ({_ALIKE})
    )
    SELECT articles.id, COALESCE(articles.source, '') AS source, first_seen_at >= :since AS is_in_window,
        CASE
            WHEN articles.id IN (SELECT article_id FROM told_ids) THEN NULL
            WHEN published_at < news_from THEN 'older'
            WHEN EXISTS (
                SELECT 1 FROM links JOIN articles AS other ON other.id = other_id
                WHERE links.id = articles.id AND other_id IN (SELECT article_id FROM told_ids) AND (
                    links.kind = 'same text' OR (
                        articles.word_count <= :longer * other.word_count
                        AND NOT (other.complete = 0 AND COALESCE(articles.complete, 1) = 1)
                        AND NOT EXISTS (
                            SELECT 1 FROM cves WHERE cves.article_id = articles.id
                                AND cve NOT IN (SELECT cve FROM cves WHERE cves.article_id = other_id)
                        )
                    )
                )
            ) THEN 'repeat'
        END AS why
    FROM articles LEFT JOIN first_visits ON first_visits.source = articles.source
    WHERE (
            (first_seen_at >= :begin AND first_seen_at < :until)
            OR (revised_at >= :begin AND revised_at < :until)
            OR first_seen_at > :ahead
            OR (first_seen_at >= :given_up_since AND first_seen_at < :until AND articles.id IN given_up)
        )
        AND revision_id NOT IN (SELECT revision_id FROM told)
    ORDER BY first_seen_at, articles.id
"""  # noqa: S608 - parts of our own, no values


def _candidates(rows: list[sqlite3.Row]) -> Candidates:
    counted = [row for row in rows if row["is_in_window"]]
    return Candidates(
        tuple(row["id"] for row in rows if row["why"] is None),
        Counter(row["source"] for row in counted if row["why"] == "older"),
        tuple(row["id"] for row in counted if row["why"] == "repeat"),
    )
