"""
What publishers wish for their pages: verbatim with each request and article, and what of it is
obeyed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from archive.model import Limits, Withheld
from archive.store.clusters import Clusters
from archive.store.connection import as_json, as_text, as_text_or_none, as_time, as_time_or_none
from scraper.model import Wish


class Rights(Clusters):
    """
    What publishers wish for their pages: verbatim with each request and article, and what of it is
    obeyed.
    """

    def note_wishes(self, request_id: int, said: Iterable[Wish]) -> None:
        """Keep what the answer to a request said may be done with it."""
        if wishes := wishes_as_json(said):
            self._run("UPDATE requests SET wishes = ? WHERE id = ?", (wishes, request_id))

    def save_limits(self, article_id: int, said: Iterable[Wish], limits: Limits) -> None:
        """
        Keep what the latest answer said may be done with an
        article, and what of it is obeyed.
        """
        self._run(
            """
            UPDATE articles SET wishes = ?, noarchive = ?, snippet_limit = ?, unavailable_after = ?, tdm_reserved = ?
            WHERE id = ?
            """,
            (
                wishes_as_json(said) or "[]",
                limits.noarchive,
                limits.snippet_length,
                as_text_or_none(limits.unavailable_after),
                limits.tdm_reserved,
                article_id,
            ),
        )
        self._choose_lead_beside(article_id)

    def withheld(self, keys: Iterable[str], now: datetime) -> dict[str, Withheld]:
        """
        What of the articles at these URL keys is not for everybody at *now*, by key; nothing of the
        others.
        """
        rows = self._rows(
            """
            SELECT one.url_key, unavailable_after <= :now AS is_over FROM json_each(:keys) AS wanted
            CROSS JOIN article_urls AS one ON one.url_key = wanted.value JOIN articles ON articles.id = article_id
            WHERE private OR noarchive OR unavailable_after <= :now
            """,
            {"keys": as_json(list(keys)), "now": as_text(now)},
        )
        return {row["url_key"]: Withheld.ALL if row["is_over"] else Withheld.TEXT for row in rows}

    def tdm_file(self, host: str) -> tuple[datetime, str] | None:
        """
        When a host (with port) was last asked for its file on mining, and the text of it; None if
        it never was.
        """
        row = self._row("SELECT asked_at, text FROM tdm_files WHERE host = ?", (host,))
        return (as_time(row["asked_at"]), row["text"]) if row else None

    def save_tdm_file(self, host: str, now: datetime, text: str | None) -> None:
        """
        Keep the file of a host; None where it could not be
        seen, so that what was known stays.
        """
        self._run(
            """
            INSERT INTO tdm_files (host, asked_at, text) VALUES (:host, :now, COALESCE(:text, ''))
            ON CONFLICT (host) DO UPDATE SET asked_at = :now, text = COALESCE(:text, text)
            """,
            {"host": host, "now": as_text(now), "text": text},
        )


def wishes_as_json(said: Iterable[Wish]) -> str | None:
    """Wishes for a JSON column; None where there are none."""
    rows = [{name: value for name, value in asdict(wish).items() if value is not None} for wish in said]
    return as_json(rows) if rows else None


def wishes_of(row: sqlite3.Row) -> tuple[Wish, ...]:
    """The wishes in a row of `articles`."""
    return tuple(Wish(**wish) for wish in json.loads(row["wishes"]))


def limits_in(row: sqlite3.Row) -> Limits:
    """What of them is obeyed, in a row of `articles`."""
    return Limits(
        noarchive=bool(row["noarchive"]),
        snippet_length=row["snippet_limit"],
        unavailable_after=as_time_or_none(row["unavailable_after"]),
        tdm_reserved=bool(row["tdm_reserved"]),
    )
