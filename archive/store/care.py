"""Health, stars, retention, counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from archive.model import (
    MarkKind,
    Pruned,
    SourceHealth,
    Statistics,
    StoredPass,
)
from archive.settings import RetentionRule
from archive.store.alerts.hits import STARRED_BY_ALERT
from archive.store.alerts.outbox import Outbox
from archive.store.clusters import Clusters
from archive.store.connection import (
    as_json,
    as_text,
    as_time,
    as_time_or_none,
)
from archive.store.fingerprints import Fingerprints
from archive.store.state.file import keys_of
from archive.store.stories import Stories
from scraper.errors import ArchiveError
from scraper.model import (
    WENT_WRONG,
    CheckOutcome,
)

# A week has every weekday once: a source that is quiet at weekends has its share of working days.
_HEALTH_WINDOW = timedelta(days=7)
_BATCH = 500  # articles that are taken away together
_MOST_PROBLEMS = 100  # of a kind, as SQLite says of its own


class Care(Fingerprints, Clusters, Stories, Outbox):
    """Health, stars, retention, counts."""

    def source_health(self, now: datetime) -> tuple[SourceHealth, ...]:
        """
        How every source has done, by name: its latest visit, or one of the last days that went
        wrong.

        A document whose next visit went well is no trouble any more; one of several that fails is.
        """
        rows = self._rows(
            _SOURCE_HEALTH,
            {"since": as_text(now - _HEALTH_WINDOW), "wrong": as_json([outcome.value for outcome in WENT_WRONG])},
        )
        return tuple(
            SourceHealth(
                source=row["name"],
                title=row["title"],
                enabled=bool(row["enabled"]),
                checked_at=as_time_or_none(row["checked_at"]),
                outcome=CheckOutcome(row["outcome"]) if row["outcome"] else None,
                detail=row["detail"],
                article_count=row["article_count"],
                failed_count=row["failed_count"],
            )
            for row in rows
        )

    def source_names(self) -> tuple[str, ...]:
        """Every source that the archive knows, watched or not, by name."""
        return tuple(row["name"] for row in self._rows("SELECT name FROM sources ORDER BY name"))

    def last_pass(self) -> StoredPass | None:
        """The latest pass that came to its end; None before the first one."""
        row = self._row(
            """
            SELECT started_at, finished_at, request_count, failed_count, added_count, revised_count
            FROM passes WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 1
            """
        )
        if row is None:
            return None
        times = {name: as_time(row[name]) for name in ("started_at", "finished_at")}
        return StoredPass(**dict(row) | times)

    def star(self, article_id: int, on: bool = True) -> bool:  # noqa: FBT001, FBT002 - star(7), star(7, False)
        """Whether there is such an article; a star keeps it from being pruned."""
        return self._run("UPDATE articles SET starred = ? WHERE id = ?", (on, article_id)).rowcount > 0

    def prune(self, rules: Iterable[RetentionRule], now: datetime, *, only_count: bool = False) -> Pruned:
        """
        Take away what is older than its rule allows, counted from our first sight of it.

        Articles go with their revisions; so do captures, feed texts and requests, as far as no
        article that stays needs them. Starred articles stay, by whomever. Entries stay too, so that nothing is
        fetched again. WARC files are not touched.

        Args:
            only_count: Take nothing away: all of it is taken back before it commits.
        """
        rules = tuple(rules)
        named = as_json([rule.source for rule in rules if rule.source is not None])
        starred = as_json(keys_of(self.path, MarkKind.STAR, MarkKind.FOLLOW))
        articles = captures = requests = 0
        with self.transaction() if not only_count else self.taken_back():
            for rule in rules:
                before = as_text(now - rule.keep)
                wanted = {"source": rule.source, "named": named, "starred": starred, "before": before}
                self._run(_CLOSE_ENTRIES, wanted | {"now": as_text(now)})
                articles += self._prune_articles(wanted)
                captures += self._run(_PRUNE_CAPTURES, wanted).rowcount
                requests += self._run(_PRUNE_REQUESTS, wanted).rowcount
                self._run(_PRUNE_FEED_TEXTS, wanted)
                self._run(_PRUNE_CHECKS, wanted)
            self._run(_FORGET_EDITIONS)
            self.forget_notices()
            if articles:
                self.end_empty_stories()
        return Pruned(articles, captures, requests)

    def _prune_articles(self, wanted: Mapping[str, Any]) -> int:
        """Take articles away, some at a time: with their fingerprints they are more than memory holds."""
        count, last = 0, ("", 0)
        while rows := self._rows(_PRUNED, {**wanted, "after": last[0], "after_id": last[1], "most": _BATCH}):
            ids = [row["id"] for row in rows]
            self._forget_fingerprints(ids)
            self._run("DELETE FROM articles WHERE id IN (SELECT value FROM json_each(?))", (as_json(ids),))
            self._settle({row["cluster_id"] for row in rows})
            count, last = count + len(rows), (rows[-1]["first_seen_at"], rows[-1]["id"])
        return count

    def private_count(self) -> int:
        """How many articles are the reader's alone."""
        count: int = self._value(
            "SELECT COUNT(*) FROM (SELECT id FROM articles WHERE private UNION SELECT id FROM articles WHERE noarchive)"
        )
        return count

    def reserved_count(self) -> int:
        """How many articles their publishers reserve from text and data mining."""
        count: int = self._value("SELECT COUNT(*) FROM articles WHERE tdm_reserved")
        return count

    def withdrawn_count(self, now: datetime) -> int:
        """How many articles their publishers do not want shown any more."""
        count: int = self._value("SELECT COUNT(*) FROM articles WHERE unavailable_after <= ?", (as_text(now),))
        return count

    def integrity_check(self) -> tuple[str, ...]:
        """The problems of the file, each a sentence, the first hundred of a kind; () when all is well."""
        problems = [row[0] for row in self._rows("PRAGMA integrity_check") if row[0] != "ok"]
        problems += [
            f"row {row['rowid']} of {row['table']} points to a row of {row['parent']} that is not there"
            for row in self._rows("SELECT * FROM pragma_foreign_key_check LIMIT ?", (_MOST_PROBLEMS,))
        ]
        problems += [f"article {row['id']} has no text" for row in self._rows(_WITHOUT_TEXT, (_MOST_PROBLEMS,))]
        if self.is_writable:  # FTS5 compares its index with the table in a statement that counts as writing
            try:
                self._run("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
            except ArchiveError:
                problems.append("the full-text index does not fit the articles")
        return tuple(problems)

    def statistics(self) -> Statistics:
        """How much the archive holds."""
        row = self._row(
            """
            SELECT (SELECT COUNT(*) FROM sources WHERE enabled) AS source_count,
                (SELECT COUNT(*) FROM articles) AS article_count,
                (SELECT COUNT(*) FROM revisions) AS revision_count,
                (SELECT COUNT(*) FROM captures) AS capture_count,
                (SELECT COUNT(*) FROM duplicates) AS duplicate_count,
                (SELECT COUNT(*) FROM editions) AS edition_count,
                (SELECT MIN(first_seen_at) FROM articles) AS first_seen_at,
                (SELECT MAX(last_seen_at) FROM articles) AS last_seen_at
            """
        )
        assert row is not None
        times = {name: as_time_or_none(row[name]) for name in ("first_seen_at", "last_seen_at")}
        return Statistics(**dict(row) | times)


_WITHOUT_TEXT = "SELECT id FROM articles WHERE revision_id IS NULL ORDER BY id LIMIT ?"

# The latest check of each document, from one to the next by the index: each has some hundred every week.
_SOURCE_HEALTH = """
    WITH RECURSIVE latest(id) AS MATERIALIZED (
        SELECT (SELECT id FROM source_checks ORDER BY source DESC, url DESC, id DESC LIMIT 1)
        UNION ALL SELECT COALESCE((
            SELECT id FROM source_checks AS next WHERE next.source = one.source AND next.url < one.url
            ORDER BY url DESC, id DESC LIMIT 1
        ), (
            SELECT id FROM source_checks AS next WHERE next.source < one.source
            ORDER BY source DESC, url DESC, id DESC LIMIT 1
        )) FROM latest CROSS JOIN source_checks AS one ON one.id = latest.id
    ), visits AS MATERIALIZED (
        SELECT visit.id, source, outcome, checked_at FROM latest CROSS JOIN source_checks AS visit USING (id)
    )
    SELECT name, title, enabled, checked_at, outcome, detail,
        (SELECT COUNT(*) FROM articles WHERE source = name AND first_seen_at >= :since) AS article_count,
        (
            SELECT COUNT(*) FROM requests
            WHERE source = name AND requested_at >= :since AND requests.outcome = 'failed'
                AND purpose NOT IN ('robots', 'wishes', 'picture')
        ) AS failed_count
    FROM sources LEFT JOIN source_checks ON source_checks.id = (
        SELECT id FROM visits AS visit WHERE visit.source = name
        ORDER BY
            visit.outcome IN (SELECT value FROM json_each(:wrong)) AND visit.checked_at >= :since DESC,
            visit.checked_at DESC, visit.id DESC
        LIMIT 1
    )
    ORDER BY name
"""


_IS_PRUNED = f"""first_seen_at < :before AND NOT starred AND NOT {STARRED_BY_ALERT}
        AND articles.url_key NOT IN (SELECT value FROM json_each(:starred))
        AND CASE WHEN :source IS NULL
            THEN COALESCE(source, '') NOT IN (SELECT value FROM json_each(:named)) ELSE source = :source END
"""  # noqa: S608 - a condition of ours
# The text was the feed's, and the page may still come: it must not bring the article back.
_CLOSE_ENTRIES = f"""
    UPDATE entries SET fetched_at = :now WHERE fetched_at IS NULL AND url_key IN (
        SELECT article_urls.url_key FROM articles JOIN article_urls ON article_id = articles.id WHERE {_IS_PRUNED}
    )
"""  # noqa: S608 - a condition of ours
_PRUNED = f"""
    SELECT id, cluster_id, first_seen_at FROM articles
    WHERE {_IS_PRUNED} AND (first_seen_at, id) > (:after, :after_id) ORDER BY first_seen_at, id LIMIT :most
"""  # noqa: S608 - a condition of ours


# What quotes an article goes with it: an edition as it was made, unless it still has to be sent.
_FORGET_EDITIONS = """
    DELETE FROM edition_records WHERE edition_id IN (
        SELECT id FROM editions WHERE article_count > (
            SELECT COUNT(*) FROM edition_items WHERE edition_id = editions.id
        )
    ) AND edition_id NOT IN (SELECT edition_id FROM deliveries WHERE state = 'pending')
"""


_PRUNE_CAPTURES = """
    DELETE FROM captures WHERE captured_at < :before AND url_key NOT IN (SELECT url_key FROM article_urls)
        AND CASE WHEN :source IS NULL
            THEN COALESCE(source, '') NOT IN (SELECT value FROM json_each(:named)) ELSE source = :source END
"""


_PRUNE_REQUESTS = """
    DELETE FROM requests WHERE requested_at < :before
        AND CASE WHEN :source IS NULL
            THEN COALESCE(source, '') NOT IN (SELECT value FROM json_each(:named)) ELSE source = :source END
"""


_PRUNE_FEED_TEXTS = """
    DELETE FROM feed_texts WHERE url_key NOT IN (SELECT url_key FROM article_urls)
        AND MAX(seen_at, COALESCE((
            SELECT listed_at FROM entries WHERE entries.url_key = feed_texts.url_key
        ), '')) < :before
        AND CASE WHEN :source IS NULL
            THEN source NOT IN (SELECT value FROM json_each(:named)) ELSE source = :source END
"""
# What `last_check` tells stays: the latest visit, the latest good one, the latest that found
# entries.


_PRUNE_CHECKS = """
    DELETE FROM source_checks WHERE checked_at < :before
        AND CASE WHEN :source IS NULL
            THEN source NOT IN (SELECT value FROM json_each(:named)) ELSE source = :source END
        AND id NOT IN (
            SELECT MAX(id) FROM source_checks GROUP BY source, url
            UNION SELECT MAX(id) FROM source_checks WHERE entry_count > 0 GROUP BY source, url
            UNION SELECT MAX(id) FROM source_checks WHERE outcome IN ('found', 'empty')
                OR (outcome = 'unchanged' AND COALESCE(etag, last_modified) IS NOT NULL) GROUP BY source, url
        )
"""
