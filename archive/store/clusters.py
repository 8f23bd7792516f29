"""
Which articles are one report: stored with each article, and kept true by whatever writes.

`cluster_id` is the smallest id of the articles that are one report, its own where an article stands
alone. `is_lead` is 1 of exactly one article of each cluster, the one that is shown for all. Who
adds, revises, restricts or deletes an article calls `_join`, `_leave` or `_settle` in the same
transaction. Links between articles are never closed when they are read: what belongs together was
decided when a text came. What the reader said of two articles goes before all that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from archive.store.connection import Connection, as_json


class Clusters(Connection):
    """Which articles are one report."""

    def cluster_of(self, article_id: int) -> tuple[int, ...]:
        """The ids of the articles that are one report with this one, itself among them, smallest first."""
        rows = self._rows(_MATES, (article_id,))
        return tuple(row["id"] for row in rows)

    def report_count(self) -> int:
        """How many reports there are: clusters."""
        count: int = self._value("SELECT COUNT(*) FROM articles WHERE is_lead")
        return count

    def split(self, article_id: int) -> tuple[int, ...]:
        """
        The reader's word that an article is another report than those that it is with now; their
        ids. It stands whatever the texts say later.
        """
        with self.transaction():
            self._run(_FORGET_MERGES, {"id": article_id})
            mates = self._leave(article_id)
            self._rule(((article_id, mate) for mate in mates), is_one=False)
        return mates

    def merge(self, article_id: int, other_id: int) -> tuple[int, ...]:
        """
        The reader's word that two articles are one report; the ids of all that are one report now.
        What was split between the two is taken back.
        """
        with self.transaction():
            self._run(_FORGET_SPLITS, (article_id, other_id))
            self._rule([(article_id, other_id)], is_one=True)
            self._join(article_id, [other_id])
            return self.cluster_of(article_id)

    def _rule(self, pairs: Iterable[tuple[int, int]], *, is_one: bool) -> None:
        self._run_many(
            "INSERT OR REPLACE INTO cluster_rulings (article_id, other_id, is_one) VALUES (?, ?, ?)",
            [(min(pair), max(pair), is_one) for pair in pairs],
        )

    def _join(self, article_id: int, others: Iterable[int]) -> None:
        """
        Let the clusters of these articles be one, the first ones first; but not two that the reader
        has split.
        """
        for other in others:
            one, another = (self._cluster_id(found) for found in (article_id, other))
            if one != another and not self._rows(_ARE_SPLIT, {"one": one, "other": another}):
                joined = min(one, another)
                self._run("UPDATE articles SET cluster_id = ? WHERE cluster_id = ?", (joined, max(one, another)))
                self._choose_lead(joined)

    def _leave(self, article_id: int) -> tuple[int, ...]:
        """
        Let an article stand alone, unless the reader has put it beside others; the ids of those
        that it was with.
        """
        mates = tuple(mate for mate in self.cluster_of(article_id) if mate != article_id)
        if mates:
            self._gather([article_id])
            self._gather(mates)
            self._join(article_id, (row["id"] for row in self._rows(_MERGED_WITH, {"id": article_id})))
        return mates

    def _stand_alone(self) -> None:
        """Let every article be a cluster, before all are judged again."""
        self._run("UPDATE articles SET cluster_id = id, is_lead = 1 WHERE cluster_id != id OR NOT is_lead")

    def _obey_merges(self) -> None:
        """Put together what the reader has merged, when all were judged."""
        for row in self._rows("SELECT article_id, other_id FROM cluster_rulings WHERE is_one"):
            self._join(row["article_id"], [row["other_id"]])

    def _cluster_id(self, article_id: int) -> int:
        found: int = self._value("SELECT cluster_id FROM articles WHERE id = ?", (article_id,))
        return found

    def _gather(self, ids: Collection[int]) -> None:
        """Let these articles be a cluster, which takes whole clusters apart or puts them together."""
        self._run(
            "UPDATE articles SET cluster_id = ? WHERE id IN (SELECT value FROM json_each(?))",
            (min(ids), as_json([*ids])),
        )
        self._choose_lead(min(ids))

    def _settle(self, clusters: Iterable[int]) -> None:
        """Give clusters of which articles were deleted the smallest id that is left, and a lead."""
        for cluster in clusters:
            ids = [row["id"] for row in self._rows("SELECT id FROM articles WHERE cluster_id = ?", (cluster,))]
            if ids:
                self._gather(ids)

    def _choose_lead(self, cluster: int) -> None:
        """See to it that the article to show leads its cluster; no row is written that stays as it is."""
        self._run(_LEAD, {"cluster": cluster})

    def _choose_leads_of(self, sources: Collection[str]) -> None:
        """The same for all clusters with an article of these sources."""
        for row in self._rows(_CLUSTERS_OF_SOURCES, (as_json([*sources]),)) if sources else ():
            self._choose_lead(row["cluster_id"])

    def _choose_lead_beside(self, article_id: int) -> None:
        """The same for the cluster of an article of which something changed."""
        self._choose_lead(self._cluster_id(article_id))


_MATES = """
    SELECT id FROM articles WHERE cluster_id = (SELECT cluster_id FROM articles WHERE id = ?) ORDER BY id
"""

_MERGED_WITH = """
    SELECT other_id AS id FROM cluster_rulings WHERE article_id = :id AND is_one
    UNION ALL SELECT article_id FROM cluster_rulings WHERE other_id = :id AND is_one
"""

_FORGET_MERGES = "DELETE FROM cluster_rulings WHERE is_one AND (article_id = :id OR other_id = :id)"

# Of the articles of these two clusters, one is said to be another report than one of the other cluster.
_ARE_SPLIT = """
    SELECT 1 FROM articles AS one JOIN cluster_rulings ON NOT is_one AND one.id = cluster_rulings.article_id
        JOIN articles AS other ON other.id = other_id
    WHERE one.cluster_id IN (:one, :other) AND other.cluster_id IN (:one, :other)
        AND other.cluster_id != one.cluster_id
    LIMIT 1
"""

_FORGET_SPLITS = """
    DELETE FROM cluster_rulings WHERE NOT is_one AND EXISTS (
        SELECT 1 FROM articles AS one JOIN articles AS other WHERE one.id = article_id AND other.id = other_id
            AND one.cluster_id IN (SELECT cluster_id FROM articles WHERE id IN (?1, ?2))
            AND other.cluster_id IN (SELECT cluster_id FROM articles WHERE id IN (?1, ?2))
    )
"""

_CLUSTERS_OF_SOURCES = """
    SELECT cluster_id FROM articles
    WHERE cluster_id IN (SELECT cluster_id FROM articles WHERE source IN (SELECT value FROM json_each(?)))
    GROUP BY cluster_id HAVING COUNT(*) > 1
"""

# The fullest text that everybody may read. What is the reader's alone, or will be withdrawn, leads
# only where nothing else is there: else the cluster would be missing where only its lead is shown.
# A part of another article of its cluster is a cut text (preview) or a copy (trimmed), whatever its
# page says. Nothing was published after we saw it.
_LEAD = """
    UPDATE articles SET is_lead = NOT is_lead
    WHERE cluster_id = :cluster AND is_lead != (id = (
        SELECT one.id FROM articles AS one LEFT JOIN (
            SELECT duplicates.article_id, MAX(duplicates.kind = 'preview of') AS is_preview
            FROM articles AS mate CROSS JOIN duplicates ON of_id = mate.id
            WHERE mate.cluster_id = :cluster AND duplicates.kind IN ('preview of', 'trimmed copy of')
            GROUP BY duplicates.article_id
        ) AS part ON part.article_id = one.id LEFT JOIN sources ON sources.name = one.source
        WHERE one.cluster_id = :cluster
        ORDER BY one.private OR one.noarchive, one.unavailable_after IS NOT NULL,
            CASE WHEN one.complete = 0 OR is_preview = 1 THEN 2 ELSE one.complete IS NULL END,
            CASE one.access_status WHEN 'free' THEN 0 WHEN 'unknown' THEN 1 ELSE 2 END,
            part.article_id IS NOT NULL, NOT COALESCE(sources.preferred, 0),
            MIN(COALESCE(one.published_at, one.first_seen_at), one.first_seen_at), one.id
        LIMIT 1
    ))
"""
