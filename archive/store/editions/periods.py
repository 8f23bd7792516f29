"""What a week or a month was: its stories, what alerts found, new CVEs, walls that changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from datetime import datetime

from archive.judge.walls import WallFact, WallState, describe_state
from archive.model import Annex, AnnexLine
from archive.store.connection import Connection, as_json, as_window

# Lines of a section that anybody reads.
_MOST_LINES = 50


class Periods(Connection):
    """What a week or a month was: its stories, what alerts found, new CVEs, walls that changed."""

    def period_articles(self, since: datetime, until: datetime, limit: int) -> tuple[int, ...]:
        """The articles of the stories that most sources told in a time, and of those that alerts put first."""
        rows = self._rows(_STORIES, {"limit": limit, **as_window(since, until)})
        return tuple(row["article_id"] for row in rows)

    def period_annexes(
        self,
        since: datetime,
        until: datetime,
        titles: Mapping[str, str],
        stories: Collection[int] = (),
        base_url: str | None = None,
    ) -> tuple[Annex, ...]:
        """
        What is told of a time beside its stories; parts without a line are left out.

        Args:
            titles: What alerts are called, by name.
            stories: Those that the owner follows.
            base_url: Where the archive can be browsed.
        """
        window = as_window(since, until) | {"limit": _MOST_LINES}
        told = self._rows(_FOLLOWED_STORIES, window | {"stories": as_json([*stories])})
        found = self._rows(_FOLLOWED, window)
        followed = (*(_line_of_story(row, base_url) for row in told), *(_line_of_alert(row, titles) for row in found))
        parts = (
            ("followed", "what was followed", followed),
            ("cves", "new CVEs", tuple(map(_line_of_cve, self._rows(_CVES, window)))),
            ("walls", "walls that changed", tuple(map(_line_of_wall, self._rows(_WALLS, window)))),
        )
        return tuple(Annex(key, name, lines) for key, name, lines in parts if lines)


def _line_of_story(row: sqlite3.Row, base_url: str | None) -> AnnexLine:
    return AnnexLine(
        row["name"] or row["headline"] or "A story without a name",
        f"{row['articles']} new, sources: {row['sources']}; the latest: {row['headline'] or row['url']}",
        f"{base_url}/story/{row['story_id']}" if base_url else row["url"],
    )


def _line_of_alert(row: sqlite3.Row, titles: Mapping[str, str]) -> AnnexLine:
    name = row["alert"]
    return AnnexLine(titles.get(name, name), detail=f"{row['articles']} found, in stories: {row['stories']}")


def _line_of_cve(row: sqlite3.Row) -> AnnexLine:
    return AnnexLine(row["cve"], f"{row['headline'] or row['url']} (sources: {row['sources']})", row["url"])


def _line_of_wall(row: sqlite3.Row) -> AnnexLine:
    return AnnexLine(row["site"], f"{_said(row, '')}, before: {_said(row, 'old_')}")


def _said(row: sqlite3.Row, prefix: str) -> str:
    fact = WallFact(row["fact"])
    return describe_state(WallState(fact, row[f"{prefix}amount"], row[f"{prefix}currency"], row[f"{prefix}period"]))


_IN_TIME = "told_at >= :since AND told_at < :until"
_STORIES = f"""
    WITH ranked AS (
        SELECT story_id, COUNT(DISTINCT articles.source) AS sources, MAX(told_at) AS last_at,
            MAX(EXISTS (
                SELECT 1 FROM alert_hits WHERE alert_hits.article_id = articles.id AND is_lead AND holds
            )) AS is_first
        FROM story_articles JOIN articles ON articles.id = article_id WHERE {_IN_TIME} GROUP BY story_id
    ), chosen AS (
        SELECT story_id FROM ranked ORDER BY is_first DESC, sources DESC, last_at DESC LIMIT :limit
    )
    SELECT article_id FROM story_articles JOIN articles ON articles.id = article_id
    WHERE story_id IN (SELECT story_id FROM chosen) AND is_lead AND {_IN_TIME} ORDER BY article_id
"""  # noqa: S608 - a condition of ours
_FOLLOWED = """
    SELECT alert, COUNT(*) AS articles, COUNT(DISTINCT story_id) AS stories FROM alert_hits
    LEFT JOIN story_articles USING (article_id)
    WHERE holds AND found_at >= :since AND found_at < :until GROUP BY alert ORDER BY articles DESC, alert LIMIT :limit
"""
# Of the latest article the headline, as SQLite takes what stands beside a MAX.
_FOLLOWED_STORIES = f"""
    SELECT story_id, COUNT(*) AS articles, COUNT(DISTINCT articles.source) AS sources, headline, url,
        MAX(told_at) AS last_at,
        (SELECT central.headline FROM articles AS central WHERE central.id = central_id) AS name
    FROM story_articles JOIN articles ON articles.id = article_id JOIN stories ON stories.id = story_id
    WHERE story_id IN (SELECT value FROM json_each(:stories)) AND unavailable_after IS NULL AND {_IN_TIME}
    GROUP BY story_id ORDER BY articles DESC, last_at DESC LIMIT :limit
"""  # noqa: S608 - a condition of ours
# A CVE is new where nothing named it before; it is told by the first article that does.
_CVES = """
    SELECT cve, MIN(first_seen_at) AS first_at, COUNT(DISTINCT source) AS sources, headline, url
    FROM cves JOIN articles ON articles.id = article_id WHERE unavailable_after IS NULL AND cve IN (
        SELECT cve FROM articles AS new CROSS JOIN cves ON article_id = new.id
        WHERE new.first_seen_at >= :since AND new.first_seen_at < :until
    )
    GROUP BY cve HAVING first_at >= :since AND first_at < :until ORDER BY sources DESC, first_at, cve LIMIT :limit
"""
# A state that follows another one of its kind, of the same currency and period, is a change.
_WALLS = """
    SELECT new.site, new.fact, new.amount, new.currency, new.period,
        old.amount AS old_amount, old.currency AS old_currency, old.period AS old_period
    FROM walls AS new JOIN walls AS old ON old.id = (
        SELECT id FROM walls AS earlier
        WHERE earlier.site = new.site AND earlier.fact = new.fact AND earlier.first_seen_at < new.first_seen_at
            AND (earlier.currency, earlier.period) IS (new.currency, new.period) AND earlier.amount != new.amount
        ORDER BY last_seen_at DESC, first_seen_at DESC, id DESC LIMIT 1
    )
    WHERE new.first_seen_at >= :since AND new.first_seen_at < :until ORDER BY new.site, new.first_seen_at LIMIT :limit
"""
