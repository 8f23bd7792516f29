"""Digests, kept as they were made."""

from __future__ import annotations

from datetime import date, datetime

from archive.model import Edition, EditionKind, StoredEdition
from archive.store.connection import Connection, as_text, as_time, as_time_or_none
from archive.store.editions.record import edition_of_json, edition_to_json


class Editions(Connection):
    """Digests, kept as they were made."""

    def record_edition(self, edition: Edition, kind: EditionKind = EditionKind.NIGHTLY) -> int:
        """The id under which a digest is kept: what stood in it, and all of it as it was made."""
        with self.transaction():
            edition_id = self._insert(
                """
                INSERT INTO editions (title, since, until, timezone, made_at, kind, day, article_count)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                (
                    edition.title,
                    as_text(edition.since),
                    as_text(edition.until),
                    edition.timezone,
                    as_text(edition.made_at),
                    kind.value,
                    edition.day.date().isoformat(),
                    len(edition.items),
                ),
            )
            self._run(
                "INSERT INTO edition_records (edition_id, record) VALUES (?, ?)", (edition_id, edition_to_json(edition))
            )
            items = [(n, item) for n, story in enumerate(edition.stories) for item in story.items]
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

    def edition(self, edition_id: int) -> Edition | None:
        """
        A digest as it was made; None where that is not kept any more, since retention took its
        articles.
        """
        text = self._value("SELECT record FROM edition_records WHERE edition_id = ?", (edition_id,))
        return edition_of_json(text) if text else None

    def editions_of_day(self, day: date, kind: EditionKind) -> tuple[int, ...]:
        """
        The ids of the editions of a local day, as far as they are kept as they were made; the
        latest first.
        """
        rows = self._rows(
            """
            SELECT id FROM editions JOIN edition_records ON edition_id = id WHERE day = ? AND kind = ? ORDER BY id DESC
            """,
            (day.isoformat(), kind.value),
        )
        return tuple(row["id"] for row in rows)

    def nightly_days(self, since: date) -> frozenset[date]:
        """The local days, from *since* on, that have their digest."""
        rows = self._rows("SELECT DISTINCT day FROM editions WHERE kind = 'nightly' AND day >= ?", (since.isoformat(),))
        return frozenset(date.fromisoformat(row["day"]) for row in rows)

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

    def first_seen_at(self) -> datetime | None:
        """When the first article that is held was seen."""
        return as_time_or_none(self._value("SELECT MIN(first_seen_at) FROM articles"))
