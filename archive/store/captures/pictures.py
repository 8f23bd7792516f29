"""Which pictures of articles are kept, wait to be asked for, or did not come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from archive.judge.retries import next_try
from archive.model import KeptPicture, PictureCounts
from archive.store.connection import Connection, as_json, as_text, as_text_or_none
from archive.store.public.rules import MAY_BE_SHOWN

# What had no turn in this time is let go: its article is old, and what is new goes first.
_WAITS_FOR = timedelta(days=16)


class Pictures(Connection):
    """Which pictures of articles are kept, wait to be asked for, or did not come."""

    def want_pictures(self, article_id: int, urls: Iterable[str], now: datetime) -> None:
        """
        Have the pictures of an article asked for, from *now* on. What another article shows as well
        and is here already is not asked for again.
        """
        for url in urls:
            wanted = {"article": article_id, "url": url, "now": as_text(now)}
            self._run(_WANT, wanted)
            self._run(_TAKE_OVER, wanted)

    def pictures_to_fetch(self, sources: Iterable[str], now: datetime, *, limit: int) -> tuple[tuple[str, str], ...]:
        """
        The addresses of pictures that are due, each behind the source that it is asked for; at most
        *limit* of a source: those not asked for before first, of them the newest.

        Pictures of an article that became the reader's alone, or is not to be shown any more, are
        not among them.
        """
        rows = self._rows(_DUE, {"sources": as_json(list(sources)), "now": as_text(now), "limit": limit})
        return tuple((row["source"], row["url"]) for row in rows)

    def keep_picture(self, url: str, picture: KeptPicture, size: int, now: datetime) -> None:
        """A picture came, and its response lies where *picture* says; *size* in bytes."""
        self._run(
            """
            UPDATE pictures SET next_at = NULL, tried_at = ?, why = NULL, media_type = ?, size = ?, warc_file = ?,
                warc_offset = ?
            WHERE url = ? AND next_at IS NOT NULL
            """,
            (as_text(now), picture.media_type, size, picture.file, picture.offset, url),
        )

    def miss_picture(self, url: str, why: str, now: datetime, *, is_final: bool) -> bool:
        """
        A picture did not come: it is asked for again as a page is, unless that is of no use; whether
        it is given up.
        """
        waiting = self._row("SELECT MAX(tries) AS tries FROM pictures WHERE url = ? AND next_at IS NOT NULL", (url,))
        tries = 1 + ((waiting["tries"] if waiting else 0) or 0)
        next_at = None if is_final else next_try(tries, now, None)
        self._run(
            "UPDATE pictures SET next_at = ?, tries = ?, tried_at = ?, why = ? WHERE url = ? AND next_at IS NOT NULL",
            (as_text_or_none(next_at), tries, as_text(now), why, url),
        )
        return next_at is None

    def leave_picture(self, url: str, why: str) -> None:
        """A picture was not asked for this time, which says nothing of it."""
        self._run("UPDATE pictures SET why = ? WHERE url = ? AND next_at IS NOT NULL", (why, url))

    def give_up_pictures(self, now: datetime) -> None:
        """Let go what waits for longer than a page would."""
        self._run(
            """
            UPDATE pictures SET next_at = NULL, tried_at = :now, why = COALESCE(why, 'others went before it')
            WHERE next_at IS NOT NULL AND wanted_at < :before
            """,
            {"now": as_text(now), "before": as_text(now - _WAITS_FOR)},
        )

    def kept_pictures(self, article_id: int) -> dict[str, KeptPicture]:
        """The pictures of an article that are here, by their addresses."""
        rows = self._rows(
            "SELECT url, media_type, warc_file, warc_offset FROM pictures"
            " WHERE article_id = ? AND warc_file IS NOT NULL",
            (article_id,),
        )
        return {row["url"]: KeptPicture(row["media_type"], row["warc_file"], row["warc_offset"]) for row in rows}

    def picture_counts(self, since: datetime) -> PictureCounts:
        """How many pictures wait, and how many came and were given up from *since* on."""
        row = self._row(_COUNTS, {"since": as_text(since)})
        assert row is not None
        return PictureCounts(**dict(row))


_WANT = """
    INSERT INTO pictures (article_id, url, wanted_at, next_at) VALUES (:article, :url, :now, :now)
    ON CONFLICT DO NOTHING
"""
_TAKE_OVER = """
    UPDATE pictures SET next_at = NULL, tried_at = :now, why = NULL, (media_type, size, warc_file, warc_offset) = (
        SELECT media_type, size, warc_file, warc_offset FROM pictures AS other
        WHERE other.url = :url AND other.warc_file IS NOT NULL LIMIT 1
    )
    WHERE article_id = :article AND url = :url AND next_at IS NOT NULL
        AND EXISTS (SELECT 1 FROM pictures AS other WHERE other.url = :url AND other.warc_file IS NOT NULL)
"""
_DUE = f"""
    WITH due AS (
        SELECT pictures.url, MIN(source) AS source, MAX(tries) AS tries, MAX(wanted_at) AS wanted_at, MIN(one.id) AS id
        FROM pictures JOIN articles AS one ON one.id = pictures.article_id
        WHERE next_at <= :now AND source IN (SELECT value FROM json_each(:sources)) AND {MAY_BE_SHOWN}
        GROUP BY pictures.url
    ), placed AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY source ORDER BY tries > 0, wanted_at DESC, id) AS place FROM due
    )
    SELECT source, url FROM placed WHERE place <= :limit ORDER BY source, place
"""  # noqa: S608 - a condition of ours
_COUNTS = """
    SELECT (SELECT COUNT(*) FROM pictures WHERE next_at IS NOT NULL) AS waiting,
        (SELECT COUNT(*) FROM pictures WHERE tried_at >= :since AND warc_file IS NOT NULL) AS kept,
        (SELECT COUNT(*) FROM pictures WHERE tried_at >= :since AND warc_file IS NULL AND next_at IS NULL) AS lost,
        (SELECT why FROM pictures WHERE tried_at >= :since AND warc_file IS NULL AND next_at IS NULL
            ORDER BY tried_at DESC LIMIT 1) AS why
"""
