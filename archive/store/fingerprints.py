"""The texts as numbers, and the index by which those that may say the same are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from archive.judge.fingerprints import VERSION, Fingerprint, Text, runs_by_which_found
from archive.model import KnownText
from archive.store.connection import Connection, as_json

# Candidates whose texts are compared, beside those with the same text or headline.
_CANDIDATES = 12
# Of the indexed runs a candidate shares so many: a single one is a phrase that many articles have.
_FEWEST_RUNS = 2
# A run that stands in so many reports is boilerplate and counts for nothing; in so many, nothing is
# found by it any more.
_BOILERPLATE, _WORN = 3, 16
# Under this number stand the runs that are worn.
_NO_ARTICLE = 0
# Newest articles under the same headline that are looked at; more have a headline like "Weather".
_NAMESAKES = 5


class Fingerprints(Connection):
    """The texts as numbers, and the index by which those that may say the same are found."""

    def unindexed_count(self) -> int:
        """How many articles nothing can be found to be a copy of, until they are indexed again."""
        count: int = self._value(
            "SELECT (SELECT COUNT(*) FROM articles) - (SELECT COUNT(*) FROM fingerprints WHERE version = ?)", (VERSION,)
        )
        return count

    def texts_to_index(self) -> Iterator[tuple[int, str | None, str]]:
        """Id, headline and body of every article, in the order in which they came."""
        last = -1
        while rows := self._rows("SELECT id, headline, body FROM articles WHERE id > ? ORDER BY id LIMIT 200", (last,)):
            yield from ((row["id"], row["headline"], row["body"]) for row in rows)
            last = rows[-1]["id"]

    def text_of(self, article_id: int) -> tuple[str | None, str]:
        """Headline and body of an article."""
        row = self._row("SELECT headline, body FROM articles WHERE id = ?", (article_id,))
        assert row is not None
        return row["headline"], row["body"]

    def _alike(
        self, keys: Fingerprint, beside: int | None
    ) -> tuple[tuple[KnownText, ...], frozenset[int], frozenset[int]]:
        """
        The articles that may say the same, most likely first, and which runs are boilerplate, and
        worn.

        Args:
            beside: The article that is looked for; those that it is linked with are all among the
                candidates.
        """
        holders: dict[int, list[int]] = {}
        for run, article_id in self._rows(_FOUND, {"runs": keys.runs_as_json, "beside": beside}):
            holders.setdefault(run, []).append(article_id)
        boilerplate, worn = self._common(holders)
        hits: Counter[int] = Counter()
        for run, places in holders.items():
            if run not in boilerplate:
                hits.update(places)
        likely = [article_id for article_id, count in hits.most_common(_CANDIDATES) if count >= _FEWEST_RUNS]
        same = self._rows(
            _SAME, {"digest": keys.digest, "key": keys.headline_key, "beside": beside, "most": _NAMESAKES}
        )
        linked = self._rows(_LINKED, {"id": beside}) if beside else []
        ids = dict.fromkeys([*(row["id"] for row in same), *likely, *(row["id"] for row in linked)])
        texts = self._texts(list(ids), frozenset(row["id"] for row in linked))
        return texts, boilerplate, worn

    def _common(self, holders: Mapping[int, Sequence[int]]) -> tuple[frozenset[int], frozenset[int]]:
        """Which runs stand in so many reports that they are boilerplate, and which of them are worn."""
        worn = {run for run, ids in holders.items() if _NO_ARTICLE in ids}
        often = {run: ids for run, ids in holders.items() if len(ids) >= _BOILERPLATE and run not in worn}
        counts = self._report_counts(often)
        boilerplate = worn | {run for run, count in counts.items() if count >= _BOILERPLATE}
        return frozenset(boilerplate), frozenset(worn | {run for run, count in counts.items() if count >= _WORN})

    def _report_counts(self, holders: Mapping[int, Sequence[int]]) -> dict[int, int]:
        """In how many reports each run stands."""
        clusters = self._clusters_of({article_id for ids in holders.values() for article_id in ids})
        # Rows of an older index can name an article that is gone.
        return {run: len({clusters[one] for one in ids if one in clusters}) for run, ids in holders.items()}

    def _clusters_of(self, ids: Collection[int]) -> dict[int, int]:
        """The report that each of these articles is of."""
        return {row["id"]: row["cluster_id"] for row in self._rows(_CLUSTERS, (as_json([*ids]),))} if ids else {}

    def _worn(self, keys: Fingerprint) -> set[int]:
        """The runs of a text by which nothing is found any more."""
        return {row["run"] for row in self._rows(_COMMON, (keys.runs_as_json,))}

    def _texts(self, ids: Sequence[int], linked: frozenset[int]) -> tuple[KnownText, ...]:
        """The texts of these articles, in their order."""
        rows = self._rows(_TEXTS, (as_json(ids), VERSION)) if ids else []
        return tuple(KnownText(**dict(row), is_linked=row["article_id"] in linked) for row in rows)

    def _index(self, article_id: int, keys: Fingerprint, worn: Collection[int] = ()) -> None:
        """Keep what a new text is recognised by; the index lets go the runs that are *worn*."""
        self._run(
            "INSERT INTO fingerprints (article_id, version, headline_key, digest, marks) VALUES (?, ?, ?, ?, ?)",
            (article_id, VERSION, keys.headline_key, keys.digest, keys.text.kept()),
        )
        if worn:
            last = as_json(list(worn))
            self._run("DELETE FROM fingerprint_index WHERE run IN (SELECT value FROM json_each(?))", (last,))
            self._run(_INDEX, (last, _NO_ARTICLE))
        # One statement: a row each would cost more than the rest of an article.
        runs = as_json([run for run in keys.runs if run not in worn]) if worn else keys.runs_as_json
        self._run(_INDEX, (runs, article_id))

    def _forget_fingerprints(self, ids: Iterable[int]) -> None:
        """Take the texts of articles out of the index; which runs they have there, the texts say."""
        for row in self._rows(
            "SELECT article_id, version, marks FROM fingerprints WHERE article_id IN (SELECT value FROM json_each(?))",
            (as_json([*ids]),),
        ):
            if row["version"] == VERSION:
                runs = as_json(runs_by_which_found(Text.of(row["marks"])))
                self._run(_UNINDEX, (runs, row["article_id"]))
            self._run("DELETE FROM fingerprints WHERE article_id = ?", (row["article_id"],))


_COMMON = f"""
    SELECT run FROM json_each(?) AS wanted CROSS JOIN fingerprint_index
        ON run = wanted.value AND article_id = {_NO_ARTICLE}
"""  # noqa: S608 - our own number

_FOUND = """
    SELECT run, article_id FROM json_each(:runs) AS wanted CROSS JOIN fingerprint_index ON run = wanted.value
    WHERE article_id IS NOT :beside
"""

_CLUSTERS = """
    SELECT articles.id, cluster_id FROM json_each(?) AS wanted
    CROSS JOIN articles INDEXED BY articles_cluster_of ON articles.id = wanted.value
"""

# The first with the same text, and the newest under the same headline.
_SAME = """
    SELECT id FROM (
        SELECT article_id AS id FROM fingerprints WHERE digest = :digest AND :digest != '' AND article_id IS NOT :beside
        ORDER BY article_id LIMIT 1
    ) UNION ALL SELECT id FROM (
        SELECT article_id AS id FROM fingerprints WHERE headline_key = :key AND article_id IS NOT :beside
        ORDER BY article_id DESC LIMIT :most
    )
"""

_LINKED = """
    SELECT of_id AS id FROM duplicates WHERE article_id = :id UNION ALL
    SELECT article_id FROM duplicates WHERE of_id = :id
"""

_TEXTS = """
    SELECT article_id, cluster_id, marks, digest, headline FROM json_each(?) AS wanted
    CROSS JOIN fingerprints ON article_id = wanted.value CROSS JOIN articles ON articles.id = article_id
    WHERE version = ? ORDER BY wanted.key
"""

_INDEX = """
    INSERT OR IGNORE INTO fingerprint_index (run, article_id) SELECT value, ?2 FROM json_each(?1)
"""

_UNINDEX = "DELETE FROM fingerprint_index WHERE run IN (SELECT value FROM json_each(?)) AND article_id = ?"
