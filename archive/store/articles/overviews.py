"""What is known of many articles together: what changed last, vulnerabilities, what came of each source."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, datetime

from archive.judge.walls import says_wall
from archive.model import CveNews, SourceDays, SourceFacts
from archive.store.articles.lists import Lists
from archive.store.connection import as_json, as_text, as_time

# Of so many mentions the latest CVEs are told, twenty pages and more: older ones are searched for.
_MOST_MENTIONS = 20_000
# Articles of a CVE whose outlets are named.
_MOST_NAMED = 8


class Overviews(Lists):
    """What is known of many articles together."""

    def latest_changes(self, now: datetime, *, limit: int, offset: int = 0) -> tuple[tuple[int, int], ...]:
        """The ids of articles and the numbers of their revisions, beside the first, the latest first."""
        rows = self._rows(_CHANGES, {"now": as_text(now), "limit": limit, "offset": offset})
        return tuple((row["article_id"], row["number"]) for row in rows)

    def cve_news(self, now: datetime, *, limit: int, offset: int = 0) -> tuple[CveNews, ...]:
        """The vulnerabilities that were named last, the latest first."""
        asked = {"mentions": _MOST_MENTIONS, "limit": limit, "offset": offset}
        latest = [row["cve"] for row in self._rows(_LATEST_CVES, asked)]
        naming: dict[str, list[int]] = defaultdict(list)
        first: dict[str, datetime] = {}
        for row in self._rows(_NAMING, {"cves": as_json(latest), "now": as_text(now)}):
            naming[row["cve"]].append(row["article_id"])
            first[row["cve"]] = as_time(row["first_seen_at"])
        wanted = {article_id for ids in naming.values() for article_id in ids[:_MOST_NAMED]}
        listed = {one.article_id: one for one in self.listed([*wanted], now)}
        return tuple(
            CveNews(cve, first[cve], tuple(listed[one] for one in ids[:_MOST_NAMED] if one in listed), len(ids))
            for cve in latest
            if (ids := naming.get(cve))
        )

    def source_days(self, since: datetime) -> dict[str, SourceDays]:
        """What came of each source since a time, by its name."""
        days: dict[str, dict[date, int]] = defaultdict(dict)
        served: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self._rows(_SOURCE_DAYS, {"since": as_text(since)}):
            days[row["source"]][date.fromisoformat(row["day"])] = row["count"]
            served[row["source"]].update({name: row[name] or 0 for name in ("whole", "cut", "free")})
        return {
            name: SourceDays(found, served[name]["whole"], served[name]["cut"], served[name]["free"])
            for name, found in days.items()
        }

    def source_facts(self) -> dict[str, SourceFacts]:
        """What the configuration says of each source, by its name."""
        rows = self._rows("SELECT name, home_url, section, language, schedule FROM sources")
        return {row["name"]: SourceFacts(*row) for row in rows}

    def deciding_words(self, ids: Collection[int]) -> dict[int, tuple[str, str | None]]:
        """
        Of each article what its wall says, in the words of its page, and their language; the sign that
        decided before others. What a page shows by its markup alone has no words.
        """
        rows = self._rows(_DECIDING, {"ids": as_json([*ids])})
        return {row["article_id"]: (row["value"], row["language"]) for row in rows if says_wall(row["signal"])}


# The index has the later revisions alone, by time.
_CHANGES = """
    SELECT article_id, number FROM revisions INDEXED BY revisions_changed
    CROSS JOIN articles ON articles.id = article_id
    WHERE number > 1 AND (unavailable_after IS NULL OR unavailable_after > :now)
    ORDER BY seen_at DESC, revisions.id DESC LIMIT :limit OFFSET :offset
"""

_LATEST_CVES = """
    SELECT cve, MAX(article_id) AS latest FROM (
        SELECT cve, article_id FROM cves ORDER BY article_id DESC LIMIT :mentions
    ) GROUP BY cve ORDER BY latest DESC, cve DESC LIMIT :limit OFFSET :offset
"""

_NAMING = """
    SELECT cve, article_id, MIN(first_seen_at) OVER (PARTITION BY cve) AS first_seen_at
    FROM json_each(:cves) AS wanted CROSS JOIN cves ON cve = wanted.value JOIN articles ON articles.id = article_id
    WHERE unavailable_after IS NULL OR unavailable_after > :now
    ORDER BY cve, article_id DESC
"""

_SOURCE_DAYS = """
    SELECT source, substr(first_seen_at, 1, 10) AS day, COUNT(*) AS count, SUM(complete = 1) AS whole,
        SUM(complete = 0) AS cut, SUM(access_status = 'free') AS free
    FROM articles WHERE first_seen_at >= :since AND source IS NOT NULL GROUP BY source, day
"""

_DECIDING = """
    SELECT article_id, signal, evidence.value, articles.language FROM json_each(:ids) AS wanted
    CROSS JOIN evidence ON article_id = wanted.value
    JOIN articles ON articles.id = article_id AND snippet_limit IS NULL
    WHERE evidence.value != '' AND points_to NOT IN ('free', 'unknown') ORDER BY decided, evidence.id DESC
"""
