"""What may stand in a digest, what stood in one, and what could not be seen."""

from __future__ import annotations

from datetime import date, datetime

from archive.model import (
    Edition,
    StoredArticle,
    StoredEdition,
    Unseen,
)
from archive.store.articles import Articles
from archive.store.connection import (
    as_json,
    as_text,
    as_time,
    as_window,
)
from scraper.model import WENT_WRONG, Purpose


class Editions(Articles):
    """What may stand in a digest, what stood in one, and what could not be seen."""

    def candidates_for_edition(self, since: datetime, until: datetime) -> tuple[StoredArticle, ...]:
        """
        The articles first seen or revised in the window, as far as their text did not stand in an earlier edition.

        Earlier is an edition whose window ended before *until*: the same window asked again gives the same.
        """
        rows = self._rows(
            """
            SELECT id FROM articles
            WHERE (
                    (first_seen_at >= :since AND first_seen_at < :until)
                    OR (revised_at >= :since AND revised_at < :until)
                )
                AND NOT EXISTS (
                    SELECT 1 FROM edition_items JOIN editions ON editions.id = edition_id
                    WHERE edition_items.revision_id = articles.revision_id AND editions.until < :until
                )
            ORDER BY first_seen_at, id
            """,
            as_window(since, until),
        )
        return tuple(self.articles([row["id"] for row in rows]))

    def was_in_edition(self, article_id: int, *, before: datetime | None = None) -> bool:
        """Whether an article stood in an edition, with any of its texts; in one whose window ended *before* then."""
        return bool(
            self._value(
                """
                SELECT EXISTS (
                    SELECT 1 FROM edition_items JOIN editions ON editions.id = edition_id
                    WHERE article_id = :id AND editions.until < :until
                )
                """,
                {"id": article_id, **as_window(None, before)},
            )
        )

    def record_edition(self, edition: Edition) -> int:
        """The id under which a digest is remembered, with all that stood in it."""
        with self.transaction():
            edition_id = self._insert(
                "INSERT INTO editions (title, since, until, timezone, made_at) VALUES (?, ?, ?, ?, ?)",
                (
                    edition.title,
                    as_text(edition.since),
                    as_text(edition.until),
                    edition.timezone,
                    as_text(edition.made_at),
                ),
            )
            items = [(n, item) for n, story in enumerate(edition.stories) for item in (story.lead, *story.others)]
            self._run_many(
                """
                INSERT INTO edition_items (edition_id, position, story, article_id, revision_id) VALUES (?, ?, ?, ?, ?)
                """,
                [
                    (edition_id, position, story, item.article_id, item.revision_id)
                    for position, (story, item) in enumerate(items)
                ],
            )
            return edition_id

    def last_edition(self) -> StoredEdition | None:
        """The edition whose window ends last; None before the first one."""
        row = self._row("SELECT * FROM editions ORDER BY until DESC, id DESC LIMIT 1")
        if row is None:
            return None
        return StoredEdition(
            edition_id=row["id"],
            title=row["title"],
            since=as_time(row["since"]),
            until=as_time(row["until"]),
            timezone=row["timezone"],
            made_at=as_time(row["made_at"]),
        )

    def record_delivery(self, day: date, reader: str, edition_id: int, now: datetime) -> None:
        """Note that a reader got an edition by mail; a second one for the day changes nothing."""
        self._run(
            "INSERT OR IGNORE INTO deliveries (day, reader, edition_id, sent_at) VALUES (?, ?, ?, ?)",
            (day.isoformat(), reader, edition_id, as_text(now)),
        )

    def was_delivered(self, day: date, reader: str) -> bool:
        """Whether a reader got a mail for this day."""
        return bool(
            self._value(
                "SELECT EXISTS (SELECT 1 FROM deliveries WHERE day = ? AND reader = ?)", (day.isoformat(), reader)
            )
        )

    def failures(self, since: datetime, until: datetime) -> tuple[Unseen, ...]:
        """
        What could not be seen in a window: documents whose last visit went wrong, pages refused, failed or left.

        Counted by source and reason, the most first. A page that came at a later try is not listed.
        """
        rows = self._rows(
            """
            WITH latest AS (
                SELECT MAX(id) AS id FROM source_checks WHERE checked_at >= :since AND checked_at < :until GROUP BY url
            )
            SELECT kind AS what, source, outcome || COALESCE(': ' || detail, '') AS why, COUNT(*) AS number,
                0 AS is_left
            FROM latest JOIN source_checks USING (id) JOIN sources ON sources.name = source
            WHERE enabled AND outcome IN (SELECT value FROM json_each(:wrong))
            GROUP BY what, source, why
            UNION ALL
            SELECT purpose, COALESCE(source, ''), CASE outcome WHEN 'failed' THEN '' ELSE outcome || ': ' END || reason,
                COUNT(DISTINCT url), 0
            FROM requests
            WHERE requested_at >= :since AND requested_at < :until
                AND purpose = :article AND outcome IN ('disallowed', 'failed')
                AND NOT EXISTS (
                    SELECT 1 FROM requests AS later
                    WHERE later.url = requests.url AND later.id > requests.id
                        AND later.outcome IN ('fetched', 'not modified')
                )
            GROUP BY 1, 2, 3
            UNION ALL
            SELECT :article, source, left_why, COUNT(*), 1 FROM entries
            WHERE left_at >= :since AND left_at < :until GROUP BY source, left_why
            ORDER BY number DESC, source, what, why
            """,
            {
                "wrong": as_json([outcome.value for outcome in WENT_WRONG]),
                "article": Purpose.ARTICLE.value,
                **as_window(since, until),
            },
        )
        return tuple(
            Unseen(row["what"], row["source"], row["why"], row["number"], is_left=bool(row["is_left"])) for row in rows
        )
