"""What is new since the reader last asked; and an article by its address."""

from __future__ import annotations

from datetime import datetime

from archive.model import NewsItem
from archive.store.connection import Connection, as_text, as_time
from scraper.model import AccessStatus
from scraper.urls import is_http_url, url_key


class News(Connection):
    """What is new since the reader last asked; and an article by its address."""

    def last_revision_id(self) -> int:
        """The number of the latest version of an article; 0 where there is none."""
        number: int = self._value("SELECT MAX(id) FROM revisions") or 0
        return number

    def news_behind(self, revision_id: int, now: datetime) -> tuple[NewsItem, ...]:
        """
        The articles with a version behind this one, by time: new, or revised.

        Numbers are given in the order in which versions are kept: none can come before one that was
        seen, as a time can. The plus keeps SQLite from going through all versions by article.
        """
        return self._news("SELECT DISTINCT +article_id AS id FROM revisions WHERE id > ?1", revision_id, now)

    def news_since(self, since: datetime, now: datetime) -> tuple[NewsItem, ...]:
        """The articles that were seen first since then, by time."""
        return self._news("SELECT id FROM articles WHERE first_seen_at >= ?1", as_text(since), now)

    def _news(self, ids: str, begin: object, now: datetime) -> tuple[NewsItem, ...]:
        rows = self._rows(_NEWS.format(ids=ids), (begin, as_text(now)))
        return tuple(
            NewsItem(
                article_id=row["id"],
                headline=row["headline"] or row["url"],
                url=row["url"],
                outlet=row["outlet"] or "",
                at=as_time(row["at"]),
                report_id=row["report_id"],
                story_id=row["story_id"],
                is_lead=bool(row["is_lead"]),
                is_revised=row["number"] > 1,
                access=AccessStatus(row["access_status"]),
            )
            for row in rows
        )

    def find_article(self, url: str) -> int | None:
        """The number of the article at an address, however it was seen there: found, fetched, canonical."""
        if not is_http_url(url):
            return None
        found: int | None = self._value("SELECT article_id FROM article_urls WHERE url_key = ?", (url_key(url),))
        return found


_NEWS = """
    SELECT articles.id, articles.headline, articles.url,
        COALESCE(sources.title, articles.publication, articles.source) AS outlet,
        MIN(COALESCE(published_at, first_seen_at), first_seen_at) AS at,
        COALESCE(cluster_id, articles.id) AS report_id, story_id, is_lead, number, articles.access_status
    FROM ({ids}) AS wanted
    CROSS JOIN articles ON articles.id = wanted.id
    LEFT JOIN revisions ON revisions.id = articles.revision_id
    LEFT JOIN story_articles ON story_articles.article_id = articles.id
    LEFT JOIN sources ON sources.name = articles.source
    WHERE unavailable_after IS NULL OR unavailable_after > ?2
    ORDER BY at, articles.id
"""
