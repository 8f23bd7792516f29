"""
What may stand in a digest, what stood in one, who was told and who waits, and what could not be seen.

An edition counts as told for a recipient when it was delivered, or while it is on its way: what waits to be sent
again is not told a second time by the next one. What was given up counts no more.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta

from archive.model import (
    Candidates,
    Channel,
    Delivery,
    DeliveryState,
    Edition,
    EditionKind,
    Recipient,
    StoredEdition,
    ToldSpan,
    Unseen,
)
from archive.store.articles.reading import Articles
from archive.store.connection import (
    as_json,
    as_text,
    as_text_or_none,
    as_time,
    as_time_or_none,
    as_window,
)
from archive.store.edition_record import edition_of_json, edition_to_json
from scraper.model import WENT_WRONG, Purpose

# An article published this long before the first visit of its source is no news, but what a new source brings along.
_NEWS_BEFORE_FIRST_VISIT = "-2 days"
_CLOCK_WAS_WRONG = timedelta(days=1)
# A text that is this much longer than a like one says more.
_LONGER = 1.1


class Editions(Articles):
    """What may stand in a digest, what stood in one, who was told and who waits, and what could not be seen."""

    def candidates_for_edition(
        self,
        since: datetime,
        until: datetime,
        recipient: Recipient,
        *,
        now: datetime,
        look_back: datetime | None = None,
        given_up_since: datetime | None = None,
        beside: int | None = None,
    ) -> Candidates:
        """
        The articles first seen or revised in the window whose text this recipient was not told.

        Left out is what a new source brings along from long before its first visit, and what says the same as an
        article that the recipient was told, and no more. Such articles are counted once: in the window, not before it.

        Args:
            look_back: From when on articles count that no earlier edition told; the window's begin when left out.
            given_up_since: What was first seen from then on, and stood in an edition that was given up for this
                recipient, counts too.
            now: What was seen more than a day after it, by a clock that was wrong, counts as in the window.
            beside: An edition that is not looked at: what was told there counts as not told.
        """
        begin = min(since, look_back or since)
        rows = self._rows(
            _CANDIDATES,
            {
                "channel": recipient.channel.value,
                "target": recipient.target,
                "beside": beside,
                "begin": as_text(begin),
                "given_up_since": "~" if given_up_since is None else as_text(given_up_since),
                "ahead": as_text(now + _CLOCK_WAS_WRONG),
                "before_first_visit": _NEWS_BEFORE_FIRST_VISIT,
                "longer": _LONGER,
                **as_window(since, until),
            },
        )
        counted = [row for row in rows if row["is_in_window"]]
        return Candidates(
            tuple(row["id"] for row in rows if row["why"] is None),
            Counter(row["source"] for row in counted if row["why"] == "older"),
            tuple(row["id"] for row in counted if row["why"] == "repeat"),
        )

    def told_articles(self, ids: Collection[int], recipient: Recipient, beside: int | None = None) -> frozenset[int]:
        """Which of these articles a recipient was told, with any of their texts, in another edition than *beside*."""
        rows = self._rows(
            _TOLD_ARTICLES,
            {
                "channel": recipient.channel.value,
                "target": recipient.target,
                "beside": beside,
                "ids": as_json(list(ids)),
            },
        )
        return frozenset(row["article_id"] for row in rows)

    def told_span(self, recipient: Recipient) -> ToldSpan | None:
        """The windows that a recipient was addressed with so far; None for one who never was."""
        row = self._row(
            """
            SELECT MIN(since) AS since, MAX(until) AS until, MAX(kind = 'nightly') AS has_nightly
            FROM deliveries JOIN editions ON editions.id = edition_id
            WHERE channel = :channel AND (target = :target OR (channel = 'files' AND kind = 'nightly'))
            """,
            {"channel": recipient.channel.value, "target": recipient.target},
        )
        if row is None or row["since"] is None:
            return None
        return ToldSpan(as_time(row["since"]), as_time(row["until"]), bool(row["has_nightly"]))

    def history_of(self, recipient: Recipient) -> tuple[tuple[int, str], ...]:
        """The editions that a recipient was addressed with, and what came of each: what it is told next hangs on it."""
        rows = self._rows(
            "SELECT edition_id, state FROM deliveries WHERE channel = ? AND target = ? ORDER BY edition_id",
            (recipient.channel.value, recipient.target),
        )
        return tuple((row["edition_id"], row["state"]) for row in rows)

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

    def edition(self, edition_id: int) -> Edition | None:
        """A digest as it was made; None where that is not kept any more, since retention took its articles."""
        text = self._value("SELECT record FROM edition_records WHERE edition_id = ?", (edition_id,))
        return edition_of_json(text) if text else None

    def editions_of_day(self, day: date, kind: EditionKind) -> tuple[int, ...]:
        """The ids of the editions of a local day, as far as they are kept as they were made; the latest first."""
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

    # ------------------------------------------------------------ deliveries

    def add_delivery(self, edition_id: int, channel: Channel, target: str, now: datetime) -> None:
        """Let an edition wait for its delivery; one that was asked for before changes nothing."""
        self._run(
            """
            INSERT OR IGNORE INTO deliveries (edition_id, channel, target, state, created_at)
            VALUES (?, ?, ?, 'pending', ?)
            """,
            (edition_id, channel.value, target, as_text(now)),
        )

    def delivery_of(self, day: date, kind: EditionKind, recipient: Recipient) -> Delivery | None:
        """How the latest edition of a day came to a recipient; None where none was addressed to him."""
        rows = self._rows(
            f"""
            {_DELIVERIES} WHERE channel = ? AND (target = ? OR channel = 'files') AND day = ? AND kind = ?
            ORDER BY deliveries.id DESC LIMIT 1
            """,
            (recipient.channel.value, recipient.target, day.isoformat(), kind.value),
        )
        return _delivery(rows[0]) if rows else None

    def deliveries(self, state: DeliveryState, channel: Channel | None = None) -> tuple[Delivery, ...]:
        """The deliveries in a state, the oldest first."""
        rows = self._rows(
            f"{_DELIVERIES} WHERE state = ? AND channel = COALESCE(?, channel) ORDER BY deliveries.id",
            (state.value, channel and channel.value),
        )
        return tuple(map(_delivery, rows))

    def given_up(self) -> tuple[Delivery, ...]:
        """The deliveries that were given up, as far as nothing has reached their recipients since."""
        rows = self._rows(
            f"""
            {_DELIVERIES} WHERE state = 'failed' AND NOT EXISTS (
                SELECT 1 FROM deliveries AS later
                WHERE later.channel = deliveries.channel AND (later.target = deliveries.target OR channel = 'files')
                    AND later.id > deliveries.id AND later.state = 'sent'
            )
            ORDER BY deliveries.id
            """,  # noqa: S608 - parts of our own, no values
        )
        return tuple(map(_delivery, rows))

    def file_names(self, day: date) -> dict[str, tuple[frozenset[int], int]]:
        """
        The names of files that editions of a day have or wait for, without suffix.

        For each the articles that stood in the edition and are still held, and how many there were.
        """
        rows = self._rows(
            """
            SELECT target, article_count, article_id
            FROM deliveries JOIN editions ON editions.id = deliveries.edition_id
            LEFT JOIN edition_items USING (edition_id)
            WHERE channel = 'files' AND day = ? AND state != 'failed'
            """,
            (day.isoformat(),),
        )
        names: dict[str, tuple[frozenset[int], int]] = {}
        for row in rows:
            ids, count = names.get(row["target"], (frozenset(), 0))
            names[row["target"]] = (
                ids | ({row["article_id"]} - {None}),
                max(count, row["article_count"]),
            )
        return names

    def file_name_of(self, edition_id: int) -> str | None:
        """The name that the files of an edition have, without suffix."""
        name: str | None = self._value(
            "SELECT target FROM deliveries WHERE edition_id = ? AND channel = 'files'", (edition_id,)
        )
        return name

    def write_again(self, edition_id: int) -> None:
        """Let the files of an edition wait to be written, whatever came of them before."""
        self._run(
            "UPDATE deliveries SET state = 'pending', next_try_at = NULL WHERE edition_id = ? AND channel = 'files'",
            (edition_id,),
        )

    def withdrawn_among(self, ids: Collection[int], now: datetime) -> frozenset[int]:
        """Which of these articles their publishers do not want shown any more."""
        rows = self._rows(
            "SELECT id FROM articles WHERE unavailable_after <= ? AND id IN (SELECT value FROM json_each(?))",
            (as_text(now), as_json(list(ids))),
        )
        return frozenset(row["id"] for row in rows)

    def note_delivered(self, delivery_id: int, now: datetime) -> None:
        """Note that an edition reached its recipient: from now on it counts as told for good."""
        self._run(
            """
            UPDATE deliveries SET state = 'sent', sent_at = ?, tries = tries + 1, next_try_at = NULL WHERE id = ?
            """,
            (as_text(now), delivery_id),
        )

    def note_undelivered(self, delivery_id: int, why: str, next_try_at: datetime | None) -> None:
        """Note a try that failed; without a time for the next one the delivery is given up."""
        self._run(
            """
            UPDATE deliveries SET tries = tries + 1, last_error = :why, next_try_at = :next,
                state = CASE WHEN :next IS NULL THEN 'failed' ELSE state END
            WHERE id = :id
            """,
            {"why": why, "next": as_text_or_none(next_try_at), "id": delivery_id},
        )

    def failures(self, since: datetime, until: datetime) -> tuple[Unseen, ...]:
        """
        What could not be seen in a window: documents whose last visit went wrong, pages refused, failed, left or given
        up, and articles that changed and could not be looked at again.

        Counted by source and reason, the most first. A page that came at a later try is not listed, nor one of which
        an article is held.
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
                AND NOT EXISTS (
                    SELECT 1 FROM entries WHERE entries.url = requests.url
                        AND (given_up_at >= :since OR EXISTS (
                            SELECT 1 FROM article_urls WHERE article_urls.url_key = entries.url_key
                        ))
                )
            GROUP BY 1, 2, 3
            UNION ALL
            SELECT :article, source, 'given up: ' || why, COUNT(*), 0 FROM lost
            WHERE given_up_at >= :since AND given_up_at < :until GROUP BY source, why
            UNION ALL
            SELECT :article, COALESCE(source, ''), :changed, COUNT(*), 0 FROM articles
            WHERE changed_at >= :since AND changed_at < :until GROUP BY source
            UNION ALL
            SELECT :article, source, left_why, COUNT(*), 1 FROM entries
            WHERE left_at >= :since AND left_at < :until GROUP BY source, left_why
            ORDER BY number DESC, source, what, why
            """,
            {
                "wrong": as_json([outcome.value for outcome in WENT_WRONG]),
                "article": Purpose.ARTICLE.value,
                "changed": "changed at the publisher; there was no free article left for another look",
                **as_window(since, until),
            },
        )
        return tuple(
            Unseen(row["what"], row["source"], row["why"], row["number"], is_left=bool(row["is_left"])) for row in rows
        )


# What a recipient was told: of the files the nightly ones alone, since a preview takes nothing away.
_TOLD = """
    told AS (
        SELECT DISTINCT article_id, revision_id
        FROM deliveries JOIN editions ON editions.id = deliveries.edition_id
        JOIN edition_items ON edition_items.edition_id = editions.id
        WHERE channel = :channel AND state != 'failed' AND editions.id IS NOT :beside
            AND CASE channel WHEN 'files' THEN kind = 'nightly' ELSE target = :target END
    )
"""

_TOLD_ARTICLES = (
    f"WITH {_TOLD} SELECT DISTINCT article_id FROM told"  # noqa: S608 - parts of our own, no values
    " WHERE article_id IN (SELECT value FROM json_each(:ids))"
)

# A repeat is not told itself, and a link says that it is the same as, much like, or a part of one that was:
# it adds nothing where it is not longer, not whole in place of a cut one, and names no further CVE.
_CANDIDATES = f"""
    WITH {_TOLD}, told_ids AS (
        SELECT DISTINCT article_id FROM told
    ), given_up AS (
        SELECT article_id FROM deliveries JOIN edition_items USING (edition_id)
        WHERE channel = :channel AND state = 'failed' AND (channel = 'files' OR target = :target)
    ), first_visits AS (
        SELECT source, strftime('%Y-%m-%dT%H:%M:%SZ', MIN(first_seen_at), :before_first_visit) AS news_from
        FROM entries GROUP BY source
    ), links AS (
        SELECT article_id AS id, of_id AS other_id, kind FROM duplicates
        UNION ALL SELECT of_id, article_id, kind FROM duplicates WHERE kind != 'contained'
    )
    SELECT articles.id, COALESCE(articles.source, '') AS source, first_seen_at >= :since AS is_in_window,
        CASE
            WHEN articles.id IN (SELECT article_id FROM told_ids) THEN NULL
            WHEN published_at < news_from THEN 'older'
            WHEN EXISTS (
                SELECT 1 FROM links JOIN articles AS other ON other.id = other_id
                WHERE links.id = articles.id AND other_id IN (SELECT article_id FROM told_ids) AND (
                    links.kind = 'exact' OR (
                        articles.word_count <= :longer * other.word_count
                        AND NOT (other.complete = 0 AND COALESCE(articles.complete, 1) = 1)
                        AND NOT EXISTS (
                            SELECT 1 FROM cves WHERE cves.article_id = articles.id
                                AND cve NOT IN (SELECT cve FROM cves WHERE cves.article_id = other_id)
                        )
                    )
                )
            ) THEN 'repeat'
        END AS why
    FROM articles LEFT JOIN first_visits ON first_visits.source = articles.source
    WHERE (
            (first_seen_at >= :begin AND first_seen_at < :until)
            OR (revised_at >= :begin AND revised_at < :until)
            OR first_seen_at > :ahead
            OR (first_seen_at >= :given_up_since AND first_seen_at < :until AND articles.id IN given_up)
        )
        AND revision_id NOT IN (SELECT revision_id FROM told)
    ORDER BY first_seen_at, articles.id
"""  # noqa: S608 - parts of our own, no values

_DELIVERIES = """
    SELECT deliveries.*, day, kind FROM deliveries JOIN editions ON editions.id = edition_id
"""


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        delivery_id=row["id"],
        edition_id=row["edition_id"],
        channel=Channel(row["channel"]),
        target=row["target"],
        state=DeliveryState(row["state"]),
        day=date.fromisoformat(row["day"]),
        kind=EditionKind(row["kind"]),
        created_at=as_time(row["created_at"]),
        tries=row["tries"],
        last_error=row["last_error"],
        next_try_at=as_time_or_none(row["next_try_at"]),
    )
