"""Articles that alerts are to be judged of, and those that they hold of."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime

from archive.judge.alerts.verdicts import Unjudged
from archive.judge.query.holds import Subject
from archive.model import AlertCount, AlertHit, UntoldHit
from archive.model.query import Fact, TextField
from archive.store.connection import Connection, as_json, as_text, as_time, as_time_or_none, grouped
from scraper.folding import fold_letters

# Articles whose texts are in memory together.
_BATCH = 200
STARRED_BY_ALERT = (
    "EXISTS (SELECT 1 FROM alert_hits WHERE alert_hits.article_id = articles.id AND is_starred AND holds)"
)
"""Whether an alert gave a row of `articles` a star."""


class AlertHits(Connection):
    """Articles that alerts are to be judged of, and those that they hold of."""

    def unjudged(self, limit: int = _BATCH) -> tuple[Unjudged, ...]:
        """Articles that were archived or revised since alerts were judged last, as they are now; oldest first."""
        return tuple(map(_unjudged, self._rows(_WAITING, (limit,))))

    def missed_by(self, alert: str, limit: int = _BATCH) -> tuple[Unjudged, ...]:
        """Articles that came while an alert could not be read, as they are now; oldest first."""
        return tuple(map(_unjudged, self._rows(_MISSED_BY, (alert, limit))))

    def subjects_since(self, since: datetime) -> Iterator[Unjudged]:
        """Articles that were first seen or revised since then, the latest first."""
        # To have them in their order of SQLite is to have it go through all articles.
        ids = sorted((row["id"] for row in self._rows(_SINCE, (as_text(since),))), reverse=True)
        for begin in range(0, len(ids), _BATCH):
            yield from map(_unjudged, self._rows(_CHOSEN, (as_json(ids[begin : begin + _BATCH]),)))

    def know_alerts(self, names: Collection[str], since: datetime) -> None:
        """
        These are all alerts that there are: what others missed is forgotten, and what any of them
        missed before *since*.
        """
        known = {row["name"] for row in self._rows("SELECT name FROM known_alerts")}
        if known != {*names}:
            with self.transaction():
                given = as_json([*names])
                self._run("DELETE FROM known_alerts WHERE name NOT IN (SELECT value FROM json_each(?))", (given,))
                self._run("INSERT OR IGNORE INTO known_alerts SELECT value FROM json_each(?)", (given,))
        if self._value("SELECT EXISTS (SELECT 1 FROM missed_by_alerts WHERE at < ?)", (as_text(since),)):
            self._run("DELETE FROM missed_by_alerts WHERE at < ?", (as_text(since),))

    def known_alerts(self) -> frozenset[str]:
        """The names of the alerts that there were when alerts were judged last."""
        return frozenset(row["name"] for row in self._rows("SELECT name FROM known_alerts"))

    def note_judged(
        self, ids: Collection[int], hits: Iterable[AlertHit], now: datetime, *, missed_by: Collection[str] = ()
    ) -> None:
        """
        Note which alerts hold of some articles; of no others any more, but for those that *missed*
        them, since they cannot be read: what they held of before stands until they can.

        What was told of an article stays told, whatever becomes of its text.
        """
        with self.transaction():
            asked = {"ids": as_json([*ids]), "alerts": as_json([*missed_by]), "now": as_text(now)}
            self._run(_NO_HIT, asked)
            self._run_many(_HIT, (_columns(hit, now) for hit in hits))
            self._run(_MISSED, asked)
            self._run("DELETE FROM unjudged WHERE article_id IN (SELECT value FROM json_each(:ids))", asked)

    def note_caught_up(self, alert: str, ids: Collection[int], hits: Iterable[AlertHit], now: datetime) -> None:
        """Note of which articles that it missed an alert holds; of the others no more."""
        with self.transaction():
            asked = {"ids": as_json([*ids]), "alert": alert}
            self._run(_NO_HIT_OF, asked)
            self._run_many(_HIT, (_columns(hit, now) for hit in hits))
            self._run(_MADE_GOOD, asked)

    def forget_unjudged(self) -> None:
        """Nobody has an alert: what came is judged by none."""
        self._run("DELETE FROM unjudged")

    def untold_hits(self) -> tuple[UntoldHit, ...]:
        """Hits whose stories are to be told, with the notice that told its story already; oldest first."""
        return tuple(
            UntoldHit(
                row["alert"],
                row["article_id"],
                tuple(json.loads(row["words"])),
                row["story_id"],
                row["report_id"],
                row["told_by"],
            )
            for row in self._rows(_UNTOLD)
        )

    def note_told(self, alert: str, ids: Collection[int], notice_id: int) -> None:
        """Note by which notice the story of these articles is told."""
        self._run(
            "UPDATE alert_hits SET notice_id = ? WHERE alert = ? AND article_id IN (SELECT value FROM json_each(?))",
            (notice_id, alert, as_json([*ids])),
        )

    def tell_no_more(self, names: Collection[str]) -> None:
        """Of all alerts but these, nothing waits to be told."""
        self._run(
            "UPDATE alert_hits SET tells = 0 WHERE notice_id IS NULL AND tells = 1"
            " AND alert NOT IN (SELECT value FROM json_each(?))",
            (as_json([*names]),),
        )

    def lead_alerts(self, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
        """The alerts that put these articles first in the digest, by article."""
        return self._alerts_of(ids, "is_lead")

    def marks(self, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
        """The alerts that mark these articles, by article."""
        return self._alerts_of(ids, "is_marked")

    def _alerts_of(self, ids: Collection[int], action: str) -> dict[int, tuple[str, ...]]:
        rows = self._rows(
            f"SELECT article_id, alert FROM alert_hits WHERE holds AND {action}"  # noqa: S608 - a column of ours
            " AND article_id IN (SELECT value FROM json_each(?)) ORDER BY article_id, alert",
            (as_json([*ids]),),
        )
        return {key: tuple(row["alert"] for row in found) for key, found in grouped("article_id", rows).items()}

    def hits_of(self, alert: str, limit: int) -> tuple[int, ...]:
        """The articles that an alert holds of, the latest first."""
        rows = self._rows(
            "SELECT article_id FROM alert_hits WHERE alert = ? AND holds"
            " ORDER BY found_at DESC, article_id DESC LIMIT ?",
            (alert, limit),
        )
        return tuple(row["article_id"] for row in rows)

    def alert_counts(self) -> dict[str, AlertCount]:
        """What became of each alert, by name."""
        return {
            row["alert"]: AlertCount(row["articles"], as_time_or_none(row["last_at"]), row["sent"], row["waiting"])
            for row in self._rows(_COUNTS)
        }


# What is to be judged leads: an archive of a hundred thousand articles, of which none waits, is not read
# to find that.
_SUBJECTS = """
    SELECT wanted.at, articles.id, headline, dek, body, captions, articles.source, sources.title AS source_title,
        articles.section, authors, byline, access_status, complete, articles.language, tags, cves, starred, private,
        changed_at, first_seen_at, published_at, revised_at, story_id,
        EXISTS (SELECT 1 FROM revisions WHERE article_id = articles.id AND number > 1) AS has_revision,
        EXISTS (SELECT 1 FROM articles AS mate WHERE mate.cluster_id = articles.cluster_id AND mate.id != articles.id)
            AS has_duplicate, cves != '[]' AS has_cve
    FROM ({wanted}) AS wanted CROSS JOIN articles ON articles.id = wanted.article_id
    LEFT JOIN sources ON sources.name = articles.source
    LEFT JOIN story_articles ON story_articles.article_id = articles.id
    ORDER BY {order}
"""
_WAITING = _SUBJECTS.format(
    wanted="SELECT article_id, NULL AS at FROM unjudged ORDER BY article_id LIMIT ?", order="articles.id"
)
_MISSED_BY = _SUBJECTS.format(
    wanted="SELECT article_id, at FROM missed_by_alerts WHERE alert = ? ORDER BY article_id LIMIT ?",
    order="articles.id",
)
_CHOSEN = _SUBJECTS.format(wanted="SELECT value AS article_id, NULL AS at FROM json_each(?)", order="articles.id DESC")
_SINCE = "SELECT id FROM articles WHERE first_seen_at >= ?1 UNION SELECT id FROM articles WHERE revised_at >= ?1"
_NO_HIT = """
    UPDATE alert_hits SET holds = 0 WHERE article_id IN (SELECT value FROM json_each(:ids))
        AND alert NOT IN (SELECT value FROM json_each(:alerts))
"""
_MISSED = """
    INSERT INTO missed_by_alerts SELECT names.value, ids.value, :now
    FROM json_each(:alerts) AS names CROSS JOIN json_each(:ids) AS ids WHERE true
    ON CONFLICT (alert, article_id) DO UPDATE SET at = excluded.at
"""
_NO_HIT_OF = """
    UPDATE alert_hits SET holds = 0 WHERE alert = :alert AND article_id IN (SELECT value FROM json_each(:ids))
"""
_MADE_GOOD = """
    DELETE FROM missed_by_alerts WHERE alert = :alert AND article_id IN (SELECT value FROM json_each(:ids))
"""
_HIT = """
    INSERT INTO alert_hits (article_id, alert, found_at, words, is_marked, tags, is_lead, is_starred, tells)
    VALUES (:article_id, :alert, :now, :words, :is_marked, :tags, :is_lead, :is_starred, :tells)
    ON CONFLICT (article_id, alert) DO UPDATE SET holds = 1, words = excluded.words, is_marked = excluded.is_marked,
        tags = excluded.tags, is_lead = excluded.is_lead, is_starred = excluded.is_starred,
        tells = MAX(tells, excluded.tells)
"""
# Told already is what is of the same story, or the same report, as an article that was told.
_UNTOLD = """
    SELECT hit.alert, hit.article_id, hit.words, mine.story_id, COALESCE(page.cluster_id, page.id) AS report_id, (
        SELECT MIN(told.notice_id) FROM alert_hits AS told JOIN articles AS other ON other.id = told.article_id
        LEFT JOIN story_articles AS theirs ON theirs.article_id = told.article_id
        WHERE told.alert = hit.alert AND told.notice_id IS NOT NULL
            AND (theirs.story_id = mine.story_id OR other.cluster_id = page.cluster_id)
    ) AS told_by
    FROM alert_hits AS hit JOIN articles AS page ON page.id = hit.article_id
    LEFT JOIN story_articles AS mine ON mine.article_id = hit.article_id
    WHERE hit.tells = 1 AND hit.notice_id IS NULL AND hit.holds ORDER BY hit.found_at, hit.article_id, hit.alert
"""
_COUNTS = """
    SELECT alert, SUM(holds) AS articles, MAX(found_at) AS last_at,
        (SELECT COUNT(*) FROM notices JOIN notice_deliveries ON notice_id = notices.id
            WHERE notices.alert = alert_hits.alert AND state = 'sent') AS sent,
        (SELECT COUNT(*) FROM notices JOIN notice_deliveries ON notice_id = notices.id
            WHERE notices.alert = alert_hits.alert AND state = 'pending') AS waiting
    FROM alert_hits GROUP BY alert
"""


def _columns(hit: AlertHit, now: datetime) -> dict[str, object]:
    return {
        "article_id": hit.article_id,
        "alert": hit.alert,
        "now": as_text(now),
        "words": as_json(hit.words),
        "is_marked": hit.is_marked,
        "tags": as_json(hit.tags),
        "is_lead": hit.is_lead,
        "is_starred": hit.is_starred,
        "tells": hit.tells,
    }


def _unjudged(row: sqlite3.Row) -> Unjudged:
    first_seen_at, published_at = as_time(row["first_seen_at"]), as_time_or_none(row["published_at"])
    subject = Subject(
        {TextField(name): row[name] or "" for name in map(str, TextField)},
        {fact: _folded(values(row)) for fact, values in _FACTS.items()},
        first_seen_at,
        published_at,
    )
    appeared_at = min(published_at, first_seen_at) if published_at else first_seen_at
    news_at = as_time_or_none(row["revised_at"]) or appeared_at
    return Unjudged(row["id"], subject, news_at, as_time_or_none(row["at"]))


def _folded(values: Iterable[str | None]) -> frozenset[str]:
    return frozenset(fold_letters(value) for value in values if value)


def _named(row: sqlite3.Row, columns: Mapping[str, str]) -> Iterator[str]:
    """What is true of a row: the names of the columns that hold something."""
    return (name for column, name in columns.items() if row[column])


# What a column that holds something is called in a query.
_HAVING = {"has_revision": "revision", "has_duplicate": "duplicate", "has_cve": "cve", "captions": "caption"}
_BEING = {"starred": "starred", "private": "private", "changed_at": "changed"}
# What a row says of each fact, before it is folded; what is not there is None.
_FACTS: Mapping[Fact, Callable[[sqlite3.Row], Iterable[str | None]]] = {
    Fact.SOURCE: lambda row: (row["source"], row["source_title"]),
    Fact.SECTION: lambda row: (row["section"],),
    Fact.AUTHOR: lambda row: (*json.loads(row["authors"]), row["byline"]),
    Fact.ACCESS: lambda row: (row["access_status"],),
    Fact.COMPLETE: lambda row: ({1: "yes", 0: "no"}.get(row["complete"], "unknown"),),
    Fact.LANGUAGE: lambda row: (row["language"], (row["language"] or "").partition("-")[0]),
    Fact.CVE: lambda row: json.loads(row["cves"]),
    Fact.TAG: lambda row: json.loads(row["tags"]),
    Fact.STORY: lambda row: (row["story_id"] and str(row["story_id"]),),
    Fact.HAS: lambda row: _named(row, _HAVING),
    Fact.IS: lambda row: _named(row, _BEING),
}
