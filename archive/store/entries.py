"""The entries that were found, what became of their pages, and the text that feeds carried."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from archive.model import ArticleToFetch
from archive.store.connection import Connection, as_json, as_text, as_text_or_none, as_time_or_none
from scraper.model import Enclosure, Entry, Validators
from scraper.text import count_words, fold, squash
from scraper.urls import is_http_url, url_key

MOST_TRIES = 3
"""Requests for an article page that failed, after which it is given up."""

_BLOCK_TAGS = "p, br, div, li, tr, pre, blockquote, figcaption, h1, h2, h3, h4, h5, h6"


class Entries(Connection):
    """The entries that were found, what became of their pages, and the text that feeds carried."""

    def record_entries(self, source: str, entries: Iterable[Entry], now: datetime) -> tuple[Entry, ...]:
        """
        The entries whose URL key was not known, in their order, each key once; all of them are kept.

        What is known of an entry is brought up to date, never emptied. The text that a
        full-content feed carries is kept beside the article, the newest one.
        """
        keyed: dict[str, Entry] = {}
        for entry in entries:
            if is_http_url(entry.url):
                keyed.setdefault(url_key(entry.url), entry)
        with self.transaction():
            known = {
                row["url_key"]
                for row in self._rows(
                    "SELECT url_key FROM entries WHERE url_key IN (SELECT value FROM json_each(?))",
                    (as_json(list(keyed)),),
                )
            }
            self._run_many(_SAVE_ENTRY, (_entry_columns(key, source, entry, now) for key, entry in keyed.items()))
            texts = ((key, _feed_text(entry.content_html or "")) for key, entry in keyed.items())
            self._run_many(
                """
                INSERT INTO feed_texts (url_key, source, seen_at, text, word_count) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (url_key) DO UPDATE SET source = excluded.source, seen_at = excluded.seen_at,
                    text = excluded.text, word_count = excluded.word_count
                """,
                ((key, source, as_text(now), text, count_words(text)) for key, text in texts if text),
            )
        return tuple(entry for key, entry in keyed.items() if key not in known)

    def articles_to_fetch(
        self,
        source: str,
        now: datetime,
        *,
        limit: int,
        recheck_for: timedelta,
        oldest: timedelta | None = None,
        max_tries: int = MOST_TRIES,
        priority_words: Iterable[str] = (),
    ) -> tuple[ArticleToFetch, ...]:
        """
        The article pages of a source to ask for now, at most *limit*.

        First those never fetched, the ones whose title, summary or category has one of *priority_words* before all
        others, newest first; then those whose requests failed fewer than *max_tries* times;
        then the known ones younger than *recheck_for*, the longest unseen first, to see whether they changed.
        Articles that are not to be shown any more are left out, and so are new entries older than *oldest*. An entry
        is as old as its date says, and at least as old as our first sight of it.
        """
        wanted = [word for word in map(fold, priority_words) if word]
        rows = self._rows(
            """
            WITH dated AS (
                SELECT url, url_key, fetched_at, tries, title, summary, categories,
                    MIN(COALESCE(published_at, first_seen_at), first_seen_at) AS dated_at
                FROM entries WHERE source = :source AND tries < :max_tries
                    AND NOT EXISTS (
                        SELECT 1 FROM article_urls JOIN articles ON articles.id = article_id
                        WHERE article_urls.url_key = entries.url_key AND unavailable_after <= :now
                    )
            )
            SELECT dated.url, dated.url_key, fetched_at, tries, title, summary, categories, etag, last_modified
            FROM dated LEFT JOIN article_validators USING (url)
            WHERE CASE WHEN fetched_at IS NULL THEN dated_at >= :oldest ELSE dated_at > :recheck_after END
            ORDER BY fetched_at IS NOT NULL, tries > 0, fetched_at, dated_at DESC, dated.url_key
            LIMIT CASE WHEN :has_words THEN -1 ELSE :limit END
            """,
            {
                "source": source,
                "max_tries": max_tries,
                "oldest": "" if oldest is None else as_text(now - oldest),
                "recheck_after": as_text(now - recheck_for),
                "now": as_text(now),
                "limit": limit,
                "has_words": bool(wanted),
            },
        )
        found = [
            ArticleToFetch(
                row["url"],
                row["url_key"],
                Validators(row["etag"], row["last_modified"]),
                is_recheck=row["fetched_at"] is not None,
                is_wanted=bool(wanted) and _has_words(row, wanted),
                has_failed=row["tries"] > 0,
            )
            for row in rows
        ]
        found.sort(key=lambda article: (article.is_recheck, article.has_failed, not article.is_wanted))
        return tuple(found[:limit])

    def entry(self, url: str) -> Entry | None:
        """What is known of the entry at *url* (as found), without the markup that a feed carried."""
        row = self._row("SELECT * FROM entries WHERE url_key = ?", (url_key(url),))
        return _entry(row) if row else None

    def mark_fetched(self, url: str, now: datetime) -> None:
        """Note that the page of the entry at *url* (as found) came, or had not changed."""
        self._run(
            "UPDATE entries SET fetched_at = ?, tries = 0, left_at = NULL, left_why = NULL WHERE url_key = ?",
            (as_text(now), url_key(url)),
        )

    def mark_seen(self, url: str, now: datetime) -> None:
        """Note that the article at *url* (as found, fetched or canonical) is still there as we know it."""
        self._run(
            """
            UPDATE articles SET last_seen_at = ?
            WHERE id = (SELECT article_id FROM article_urls WHERE url_key = ?)
            """,
            (as_text(now), url_key(url)),
        )

    def mark_failed(self, url: str) -> None:
        """Note that a request for the entry at *url* (as found) brought no page."""
        self._run("UPDATE entries SET tries = tries + 1 WHERE url_key = ?", (url_key(url),))

    def validators_for(self, url: str) -> Validators:
        """What to send back when the article page at *url* is asked for again."""
        row = self._row("SELECT etag, last_modified FROM article_validators WHERE url = ?", (url,))
        return Validators(*row) if row else Validators()

    def is_cut(self, url: str) -> bool:
        """Whether the article at *url* (as found, fetched or canonical) is held as a page that was cut."""
        return bool(
            self._value(
                """
                SELECT EXISTS (
                    SELECT 1 FROM article_urls JOIN articles ON articles.id = article_id
                    WHERE article_urls.url_key = ? AND complete = 0
                )
                """,
                (url_key(url),),
            )
        )

    def save_validators(self, url: str, validators: Validators) -> None:
        """Keep the validators of an article page; empty ones take away what was kept."""
        if validators:
            self._run(
                "INSERT OR REPLACE INTO article_validators (url, etag, last_modified) VALUES (?, ?, ?)",
                (url, validators.etag, validators.last_modified),
            )
        else:
            self._run("DELETE FROM article_validators WHERE url = ?", (url,))

    def feed_text(self, key: str) -> str | None:
        """The newest text that a full-content feed carried for a URL key."""
        text: str | None = self._value("SELECT text FROM feed_texts WHERE url_key = ?", (key,))
        return text


_SAVE_ENTRY = """
    INSERT INTO entries (url_key, source, url, guid, title, published_at, published_raw, updated_at, authors,
        categories, enclosures, summary, language, is_whole_article, first_seen_at)
    VALUES (:url_key, :source, :url, :guid, :title, :published_at, :published_raw, :updated_at, :authors,
        :categories, :enclosures, :summary, :language, :is_whole_article, :now)
    ON CONFLICT (url_key) DO UPDATE SET
        guid = COALESCE(excluded.guid, guid),
        title = COALESCE(excluded.title, title),
        published_at = COALESCE(excluded.published_at, published_at),
        published_raw = COALESCE(excluded.published_raw, published_raw),
        updated_at = COALESCE(excluded.updated_at, updated_at),
        authors = COALESCE(NULLIF(excluded.authors, '[]'), authors),
        categories = COALESCE(NULLIF(excluded.categories, '[]'), categories),
        enclosures = COALESCE(NULLIF(excluded.enclosures, '[]'), enclosures),
        summary = COALESCE(excluded.summary, summary),
        language = COALESCE(excluded.language, language)
"""


def _feed_text(html: str) -> str:
    r"""
    The text of a feed's markup, a line a block.

    >>> _feed_text("<p>One <b>two</b>.<script>x()</script></p><p>Three.</p>")
    'One two.\nThree.'
    """
    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "style", "noscript", "template"])
    for node in tree.css(_BLOCK_TAGS):
        node.insert_after("\n")
    text = tree.body.text() if tree.body else ""
    return "\n".join(filter(None, map(squash, text.split("\n"))))


def _has_words(row: sqlite3.Row, words: Iterable[str]) -> bool:
    """Whether title, summary or categories of an entry have one of the folded *words*, as whole words."""
    categories = " ".join(json.loads(row["categories"]))
    text = f" {fold(row['title'])} {fold(_feed_text(row['summary'] or ''))} {fold(categories)} "
    return any(f" {word} " in text for word in words)


def _entry_columns(key: str, source: str, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "url_key": key,
        "source": source,
        "url": entry.url,
        "guid": entry.guid,
        "title": entry.title,
        "published_at": as_text_or_none(entry.published_at),
        "published_raw": entry.published_raw,
        "updated_at": as_text_or_none(entry.updated_at),
        "authors": as_json(entry.authors),
        "categories": as_json(entry.categories),
        "enclosures": as_json([asdict(enclosure) for enclosure in entry.enclosures]),
        "summary": entry.summary,
        "language": entry.language,
        "is_whole_article": entry.is_whole_article,
        "now": as_text(now),
    }


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        url=row["url"],
        title=row["title"],
        guid=row["guid"],
        published_at=as_time_or_none(row["published_at"]),
        published_raw=row["published_raw"],
        updated_at=as_time_or_none(row["updated_at"]),
        authors=tuple(json.loads(row["authors"])),
        categories=tuple(json.loads(row["categories"])),
        enclosures=tuple(Enclosure(**enclosure) for enclosure in json.loads(row["enclosures"])),
        summary=row["summary"],
        language=row["language"],
        is_whole_article=bool(row["is_whole_article"]),
    )
