"""Sources, passes, requests, and checks of listings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import assert_never

from archive.model import (
    LastCheck,
    Session,
)
from archive.store.clusters import Clusters
from archive.store.connection import (
    as_json,
    as_text,
    as_time,
    as_time_or_none,
)
from scraper.model import (
    CheckOutcome,
    Disallowed,
    Failed,
    Fetched,
    ListingKind,
    NotModified,
    Outcome,
    Redirected,
    Source,
    Validators,
)

# Visits whose document was read.
_READ_WELL = (CheckOutcome.FOUND, CheckOutcome.EMPTY)


class Watching(Clusters):
    """Sources, passes, requests, and checks of listings."""

    def save_sources(self, sources: Iterable[Source]) -> None:
        """
        Take over the sources of the configuration. Others stay, because articles name them, but are
        not enabled. Where other ones are preferred than before, reports are led anew.
        """
        sources = tuple(sources)
        with self.transaction():
            preferred = self._preferred()
            self._run("UPDATE sources SET enabled = 0, preferred = 0")
            self._run_many(
                """
                INSERT INTO sources
                    (name, title, home_url, section, language, enabled, access_note, access_checked, preferred,
                    schedule)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET title = excluded.title, home_url = excluded.home_url,
                    section = excluded.section, language = excluded.language, enabled = excluded.enabled,
                    access_note = excluded.access_note, access_checked = excluded.access_checked,
                    preferred = excluded.preferred, schedule = excluded.schedule
                """,
                (
                    (
                        source.name,
                        source.title,
                        source.home_url,
                        source.section,
                        source.language,
                        source.enabled,
                        source.access_note,
                        source.access_checked and source.access_checked.isoformat(),
                        source.preferred,
                        source.schedule,
                    )
                    for source in sources
                ),
            )
            self._choose_leads_of(preferred ^ self._preferred())

    def _preferred(self) -> frozenset[str]:
        return frozenset(row["name"] for row in self._rows("SELECT name FROM sources WHERE preferred"))

    def begin_pass(self, now: datetime) -> int:
        """The id of a new pass."""
        return self._insert("INSERT INTO passes (started_at) VALUES (?)", (as_text(now),))

    def finish_pass(self, pass_id: int, now: datetime, *, added_count: int, revised_count: int) -> None:
        """Note the end of a pass; its requests are counted here."""
        self._run(
            """
            UPDATE passes SET finished_at = :now, added_count = :added, revised_count = :revised,
                request_count = (SELECT COUNT(*) FROM requests WHERE pass_id = passes.id),
                failed_count = (
                    SELECT COUNT(*) FROM requests
                    WHERE pass_id = passes.id AND outcome = 'failed' AND purpose != 'wishes'
                )
            WHERE id = :id
            """,
            {"id": pass_id, "now": as_text(now), "added": added_count, "revised": revised_count},
        )

    def broken_off_at(self) -> datetime | None:
        """
        When the latest pass began, if it never came to its end. For the writer: nobody else runs a
        pass now.
        """
        latest = self._row("SELECT started_at, finished_at FROM passes ORDER BY id DESC LIMIT 1")
        return as_time(latest["started_at"]) if latest and latest["finished_at"] is None else None

    def record_request(self, pass_id: int, outcome: Outcome, session: Session = Session.ANONYMOUS) -> int:
        """The id under which is kept what came of one request. *session*: as whom it was made."""
        name, status, reason, target, byte_count = _outcome_columns(outcome)
        elapsed = None if isinstance(outcome, Disallowed) else outcome.elapsed // timedelta(milliseconds=1)
        request = outcome.request
        return self._insert(
            """
            INSERT INTO requests (pass_id, source, url, purpose, requested_at, outcome, status, reason, target_url,
                elapsed_ms, byte_count, session)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                pass_id,
                request.source,
                request.url,
                request.purpose.value,
                as_text(outcome.at),
                name,
                status,
                reason,
                target,
                elapsed,
                byte_count,
                session.value,
            ),
        )

    def record_check(
        self,
        source: str,
        url: str,
        kind: ListingKind,
        at: datetime,
        outcome: CheckOutcome,
        *,
        detail: str | None = None,
        entry_count: int = 0,
        new_count: int = 0,
        fresh_count: int = 0,
        validators: Validators = Validators(),
    ) -> None:
        """
        Keep what came of one visit to a feed, sitemap or index page.

        Args:
            new_count: Entries that nobody had seen before.
            fresh_count: Entries that nobody had seen at the last visit to this document.
        """
        self._run(
            _RECORD_CHECK,
            (
                source,
                url,
                kind.value,
                as_text(at),
                outcome.value,
                detail,
                entry_count,
                new_count,
                fresh_count,
                validators.etag,
                validators.last_modified,
            ),
        )

    def last_check(self, url: str, source: str | None = None) -> LastCheck | None:
        """
        The latest visit to *url*, with what the next one needs; None if there was none.

        Args:
            source: Only visits for this source count: a 304 to what was seen for another one would
                hide it.
        """
        visits = {
            "url": url,
            "source": source,
            "read_well": as_json([outcome.value for outcome in _READ_WELL]),
            "unchanged": CheckOutcome.UNCHANGED.value,
        }
        latest = self._row(
            _LATEST_CHECK,
            visits,
        )
        if latest is None:
            return None
        # A 304 may bring validators of its own; one that brings none leaves the old ones in force.
        read_well = self._row(
            _READ_WELL_CHECK,
            visits,
        )
        had_entries = self._value(
            _HAD_ENTRIES,
            visits,
        )
        return LastCheck(
            at=as_time(latest["checked_at"]),
            outcome=CheckOutcome(latest["outcome"]),
            validators=Validators(read_well["etag"], read_well["last_modified"]) if read_well else Validators(),
            validated=CheckOutcome(read_well["outcome"]) if read_well else None,
            had_entries=bool(had_entries),
        )

    def last_checked_at(self, source: str, until: datetime | None = None) -> datetime | None:
        """
        When a source was visited last: its turn came, or any document of it was asked for.

        *until* leaves out visits that a wrong clock stamped.
        """
        return as_time_or_none(
            self._value(
                """
                SELECT MAX(at) FROM (
                    SELECT MAX(checked_at) AS at FROM source_checks WHERE source = :source AND checked_at <= :until
                    UNION ALL SELECT visited_at FROM sources WHERE name = :source AND visited_at <= :until
                )
                """,
                {"source": source, "until": "~" if until is None else as_text(until)},
            )
        )


_RECORD_CHECK = """
    INSERT INTO source_checks (source, url, kind, checked_at, outcome, detail, entry_count, new_count,
        fresh_count, etag, last_modified)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


_LATEST_CHECK = """
    SELECT * FROM source_checks WHERE url = :url AND (:source IS NULL OR source = :source)
    ORDER BY id DESC LIMIT 1
"""


_READ_WELL_CHECK = """
    SELECT etag, last_modified, outcome FROM source_checks
    WHERE url = :url AND (:source IS NULL OR source = :source) AND (
        outcome IN (SELECT value FROM json_each(:read_well))
        OR (outcome = :unchanged AND COALESCE(etag, last_modified) IS NOT NULL)
    )
    ORDER BY id DESC LIMIT 1
"""


_HAD_ENTRIES = """
    SELECT EXISTS (
        SELECT 1 FROM source_checks
        WHERE url = :url AND (:source IS NULL OR source = :source) AND entry_count > 0
    )
"""


def _outcome_columns(outcome: Outcome) -> tuple[str, int | None, str | None, str | None, int | None]:
    """Name, status, reason, target and size of an outcome."""
    match outcome:
        case Fetched():
            return "fetched", outcome.status, None, None, len(outcome.body)
        case NotModified():
            return "not modified", 304, None, None, None
        case Redirected():
            return "redirected", outcome.status, None, outcome.target, None
        case Disallowed():
            return "disallowed", None, outcome.reason, None, None
        case Failed():
            return "absent" if outcome.is_absent else "failed", outcome.status, outcome.reason, None, None
        case _:
            assert_never(outcome)
