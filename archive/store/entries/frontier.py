"""Which pages are asked for now."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from archive.model import ArticleToFetch
from archive.store.connection import Connection, as_text, as_time
from archive.store.entries.outcomes import OFTEN
from scraper.model import Validators
from scraper.text import fold

# Some servers say "not modified" for ever: after so long the page itself is asked for.
_TRUST_304_FOR = timedelta(days=7)
# An entry is as old as its date says, or its last change, and at least as old as our first sight of
# it.
_DATED_AT = "MIN(COALESCE(published_at, updated_at, first_seen_at), first_seen_at)"


class Frontier(Connection):
    """Which pages are asked for now."""

    def give_up_old(self, source: str, now: datetime, oldest: timedelta | None) -> None:
        """
        Give up the entries that were young when they were seen, and are older than *oldest* before
        they came.
        """
        if oldest is None:
            return
        self._run(
            f"""
            UPDATE entries SET given_up_at = :now,
                failed_why = COALESCE(failed_why, left_why, 'it had no turn') || '; by now older than oldest_entry'
            WHERE source = :source AND fetched_at IS NULL AND given_up_at IS NULL
                AND {_DATED_AT} < :oldest
                AND {_DATED_AT} >= strftime('%Y-%m-%dT%H:%M:%SZ', first_seen_at, :span)
            """,  # noqa: S608 - an expression of ours
            {
                "source": source,
                "now": as_text(now),
                "oldest": as_text(now - oldest),
                "span": f"-{int(oldest.total_seconds())} seconds",
            },
        )

    def articles_to_fetch(
        self,
        source: str,
        now: datetime,
        *,
        limit: int,
        recheck_for: timedelta,
        oldest: timedelta | None = None,
        priority_words: Iterable[str] = (),
    ) -> tuple[ArticleToFetch, ...]:
        """
        The article pages of a source to ask for now, at most *limit*.

        First those never fetched, the ones whose title, summary or category has one of
        *priority_words* before all others, newest first; then those whose requests failed and whose
        next try is due; then the known ones younger than *recheck_for* and those of which a listing
        says that they changed, the longest unseen first. Articles that are not to be shown any
        more, or were pruned, are left out, and so are new entries older than *oldest*. An entry is
        as old as its date says, or its last change, and at least as old as our first sight of it.

        Where its GUID was known before is asked first, if we hold an article of there, and as long as
        that has not failed often.
        """
        wanted = [word for word in map(fold, priority_words) if word]
        rows = self._rows(
            _TO_FETCH,
            {
                "source": source,
                "oldest": "" if oldest is None else as_text(now - oldest),
                "recheck_after": as_text(now - recheck_for),
                "now": as_text(now),
                "limit": limit,
                "has_words": bool(wanted),
                "often": OFTEN,
            },
        )
        found = [_article_to_fetch(row, wanted, now) for row in rows]
        found.sort(key=lambda article: (article.is_recheck, article.has_failed, not article.is_wanted))
        return tuple(found[:limit])


_TO_FETCH = f"""
    WITH dated AS (
        SELECT *, {_DATED_AT} AS dated_at, COALESCE(claimed_at > fetched_at, 0) AS is_claimed
        FROM entries WHERE source = :source AND given_up_at IS NULL AND COALESCE(next_at, '') <= :now
            AND NOT EXISTS (
                SELECT 1 FROM article_urls JOIN articles ON articles.id = article_id
                WHERE article_urls.url_key = entries.url_key AND unavailable_after <= :now
            )
    )
    SELECT dated.url, dated.url_key, fetched_at, tries, title, summary, categories, is_claimed, came_at, etag,
        last_modified, (
            SELECT former.url FROM entries AS former JOIN article_urls USING (url_key)
            WHERE former.url_key = dated.formerly AND dated.tries <= :often
        ) AS former_url
    FROM dated LEFT JOIN article_validators USING (url)
    WHERE CASE
        WHEN fetched_at IS NULL THEN dated_at >= :oldest
        ELSE (dated_at > :recheck_after OR is_claimed)
            AND EXISTS (SELECT 1 FROM article_urls WHERE article_urls.url_key = dated.url_key)
        END
    ORDER BY fetched_at IS NOT NULL, tries > 0, fetched_at, dated_at DESC, dated.url_key
    LIMIT CASE WHEN :has_words THEN -1 ELSE :limit END
"""  # noqa: S608 - an expression of ours


def _article_to_fetch(row: sqlite3.Row, wanted: list[str], now: datetime) -> ArticleToFetch:
    return ArticleToFetch(
        row["url"],
        row["url_key"],
        _fresh_validators(row, now),
        is_recheck=row["fetched_at"] is not None,
        is_wanted=bool(wanted) and _has_words(row, wanted),
        has_failed=row["tries"] > 0,
        is_claimed=bool(row["is_claimed"]),
        former_url=row["former_url"],
    )


def _fresh_validators(row: sqlite3.Row, now: datetime) -> Validators:
    """
    What is sent along with a look: nothing where a change was named, or the page itself did not
    come for long.
    """
    is_stale = row["came_at"] is not None and as_time(row["came_at"]) <= now - _TRUST_304_FOR
    if row["is_claimed"] or is_stale:
        return Validators()
    return Validators(row["etag"], row["last_modified"])


def _has_words(row: sqlite3.Row, words: Iterable[str]) -> bool:
    """
    Whether title, summary or categories of an entry have one of
    the folded *words*, as whole words.
    """
    categories = " ".join(json.loads(row["categories"]))
    text = f" {fold(row['title'])} {fold(row['summary'])} {fold(categories)} "
    return any(f" {word} " in text for word in words)
