"""What became of the pages of entries."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from archive.judge.retries import next_look, next_try
from archive.model import Lost
from archive.store.connection import Connection, as_text, as_text_or_none, as_time, as_time_or_none
from scraper.model import Enclosure, Entry, Validators
from scraper.urls import url_key

OFTEN = 3
"""
After so many failed requests a page may not come for long: what its feed carried is kept in its
place.
"""


class Outcomes(Connection):
    """What became of the pages of entries."""

    def entry(self, url: str) -> Entry | None:
        """
        What is known of the entry at *url* (as found), without
        the markup that a feed carried.
        """
        row = self._row("SELECT * FROM entries WHERE url_key = ?", (url_key(url),))
        return _entry(row) if row else None

    def mark_fetched(self, url: str, now: datetime, *, is_changed: bool = False, is_whole: bool = True) -> None:
        """
        Note that the page of the entry at *url* (as found) came. The longer it stays as it is, the
        later the next look.

        Args:
            is_changed: It says something else than before, or came for the first time.
            is_whole: It came itself; else the server said that it had not changed.
        """
        row = self._row("SELECT looks FROM entries WHERE url_key = ?", (url_key(url),))
        if row is None:
            return
        looks = 0 if is_changed else row["looks"] + 1
        self._run(
            """
            UPDATE entries SET came_at = CASE WHEN :is_whole THEN :now ELSE came_at END, looks = :looks,
                unfounded = CASE WHEN COALESCE(claimed_at > fetched_at, 0) AND NOT :is_changed
                    THEN unfounded + 1 ELSE 0 END,
                fetched_at = :now, next_at = :next_at, tries = 0, failed_at = NULL, failed_why = NULL,
                given_up_at = NULL, left_at = NULL, left_why = NULL, formerly = NULL
            WHERE url_key = :key
            """,
            {
                "key": url_key(url),
                "now": as_text(now),
                "next_at": as_text(next_look(looks, now)),
                "looks": looks,
                "is_changed": is_changed,
                "is_whole": is_whole,
            },
        )
        self._run(
            """
            UPDATE articles SET changed_at = NULL WHERE changed_at IS NOT NULL
                AND id = (SELECT article_id FROM article_urls WHERE url_key = ?)
            """,
            (url_key(url),),
        )

    def mark_seen(self, url: str, now: datetime) -> None:
        """
        Note that the article at *url* (as found, fetched or canonical) is still there as we know
        it.
        """
        self._run(
            """
            UPDATE articles SET last_seen_at = ?
            WHERE id = (SELECT article_id FROM article_urls WHERE url_key = ?)
            """,
            (as_text(now), url_key(url)),
        )

    def mark_failed(self, url: str, now: datetime, why: str, *, waits: bool = True) -> bool:
        """
        Note that a request for the entry at *url* (as found) brought no page. Whether it is given
        up now.

        It is asked for again after a wait that grows; without *waits* as soon as its site allows.
        """
        key = url_key(url)
        row = self._row("SELECT tries, listed_at, next_at FROM entries WHERE url_key = ?", (key,))
        if row is None:
            return False
        tries = row["tries"] + 1
        next_at = next_try(tries, now, as_time_or_none(row["listed_at"]))
        self._run(
            """
            UPDATE entries SET tries = :tries, next_at = :next_at, failed_at = COALESCE(failed_at, :now),
                failed_why = :why, given_up_at = CASE WHEN :next_at IS NULL THEN :now END
            WHERE url_key = :key
            """,
            {
                "key": key,
                "tries": tries,
                "next_at": as_text_or_none(next_at and (next_at if waits else now)),
                "now": as_text(now),
                "why": why,
            },
        )
        return next_at is None

    def has_failed_often(self, url: str) -> bool:
        """
        Whether requests for the entry at *url* (as found) failed so often that its page may not
        come for long.
        """
        tries = self._value("SELECT tries FROM entries WHERE url_key = ?", (url_key(url),))
        return bool(tries and tries >= OFTEN)

    def put_off(self, url: str, until: datetime, why: str) -> None:
        """
        Let the page of an entry be asked for again at *until*,
        without a word on its own fate.
        """
        self._run(
            "UPDATE entries SET next_at = ?, failed_why = ? WHERE url_key = ?", (as_text(until), why, url_key(url))
        )

    def retire(self, url: str, now: datetime, why: str) -> None:
        """
        Note that the page of the entry at *url* (as found) is gone for good: it is never asked for
        again.
        """
        self._run(
            "UPDATE entries SET given_up_at = ?, gone = 1, failed_why = ? WHERE url_key = ?",
            (as_text(now), why, url_key(url)),
        )

    def forget_former(self, url: str) -> None:
        """
        Note that where the entry's GUID was known before does not lead to *url*: they are two
        articles.
        """
        self._run("UPDATE entries SET formerly = NULL WHERE url_key = ?", (url_key(url),))

    def lost(self, since: datetime) -> tuple[Lost, ...]:
        """The articles that were given up since then without a text, the latest first."""
        rows = self._rows("SELECT * FROM lost WHERE given_up_at >= ? ORDER BY given_up_at DESC, url", (as_text(since),))
        return tuple(
            Lost(
                row["source"],
                row["url"],
                row["title"],
                as_time(row["given_up_at"]),
                row["why"] or "",
                is_gone=bool(row["gone"]),
            )
            for row in rows
        )

    def mark_changed_elsewhere(self, url: str, now: datetime) -> None:
        """
        Note that the article at *url* (as found) changed at the publisher, and that we could not
        look.
        """
        self._run(
            """
            UPDATE articles SET changed_at = COALESCE(changed_at, ?)
            WHERE id = (SELECT article_id FROM article_urls WHERE url_key = ?)
            """,
            (as_text(now), url_key(url)),
        )

    def has_page_text(self, url: str) -> bool:
        """
        Whether an article is held that was seen at *url* (as found, fetched or canonical), with its
        page's text.
        """
        return bool(
            self._value(
                """
                SELECT EXISTS (
                    SELECT 1 FROM article_urls JOIN articles ON articles.id = article_id
                    WHERE article_urls.url_key = ? AND COALESCE(origins ->> '$.body', '') != 'feed'
                )
                """,
                (url_key(url),),
            )
        )

    def add_address(self, known_url: str, url: str) -> None:
        """Note that the article that was seen at *known_url* lies at *url* now."""
        self._run(
            "INSERT OR IGNORE INTO article_urls SELECT ?, article_id FROM article_urls WHERE url_key = ?",
            (url_key(url), url_key(known_url)),
        )

    def validators_for(self, url: str) -> Validators:
        """What to send back when the article page at *url* is asked for again."""
        row = self._row("SELECT etag, last_modified FROM article_validators WHERE url = ?", (url,))
        return Validators(*row) if row else Validators()

    def is_cut(self, url: str) -> bool:
        """
        Whether the article at *url* (as found, fetched or canonical) is held as a page that was
        cut.
        """
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

    def newer_feed_texts(self, source: str, now: datetime) -> tuple[tuple[str, int], ...]:
        """
        The articles of a source whose text is the feed's, and whose feed has another one since they
        were seen: found URL and id.
        """
        rows = self._rows(_NEWER_TEXTS, {"source": source, "now": as_text(now)})
        return tuple((row["url"], row["article_id"]) for row in rows)

    def feed_text(self, key: str) -> str | None:
        """The newest text that a full-content feed carried for a URL key."""
        text: str | None = self._value("SELECT text FROM feed_texts WHERE url_key = ?", (key,))
        return text


_NEWER_TEXTS = """
    SELECT entries.url, article_id FROM entries
    CROSS JOIN article_urls USING (url_key) CROSS JOIN articles ON articles.id = article_id
    CROSS JOIN feed_texts USING (url_key)
    WHERE entries.source = :source AND entries.fetched_at IS NULL AND seen_at > last_seen_at
        AND origins ->> '$.body' = 'feed' AND COALESCE(unavailable_after > :now, 1)
    ORDER BY seen_at, article_id
"""


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
