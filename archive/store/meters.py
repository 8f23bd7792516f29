"""Free articles that sites grant, the views that count on them, and what was left waiting."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from archive.judge.meters import Meter, MeterOrigin, configure, window_start
from archive.model import ExpiredSession, Session
from archive.store.connection import Connection, as_json, as_text, as_text_or_none, as_time, as_time_or_none
from scraper.model import MeterRule
from scraper.urls import registrable_domain, url_key

# News of a day, taken over a week, so that weekends count as they are.
_NEWS_SPAN = timedelta(days=7)
# No window is longer: a year, and a month for a clock or a zone.
_KEPT_VIEWS = timedelta(days=400)


class Meters(Connection):
    """Free articles that sites grant, the views that count on them, and what was left waiting."""

    def meter(self, site: str) -> Meter | None:
        """What is known of the meter of a registrable domain."""
        row = self._row("SELECT * FROM meters WHERE site = ?", (site,))
        return _meter(row) if row else None

    def meters(self) -> tuple[Meter, ...]:
        """Every meter, by site."""
        return tuple(_meter(row) for row in self._rows("SELECT * FROM meters ORDER BY site"))

    def configure_meters(self, rules: Mapping[str, MeterRule], now: datetime) -> None:
        """
        Take over what the configuration says, by site; what it said earlier and says no more is
        forgotten.
        """
        with self.transaction():
            for meter in self.meters():
                if meter.origin is MeterOrigin.CONFIGURATION and meter.site not in rules:
                    self._run("DELETE FROM meters WHERE site = ?", (meter.site,))
            for site, rule in rules.items():
                self.save_meter(configure(self.meter(site), site, rule), now)

    def save_meter(self, meter: Meter, now: datetime, *, before_capture: int | None = None) -> None:
        """
        Keep what is known of a meter. A new one begins with the pages that were captured in its
        window.

        Args:
            before_capture: Id of the capture whose view is counted apart.
        """
        with self.transaction():
            is_new = self.meter(meter.site) is None
            self._run(
                """
                INSERT INTO meters (site, allowance, window, reserve, origin, spent, closed_until, updated_at)
                VALUES (:site, :allowance, :window, :reserve, :origin, 0, :closed_until, :now)
                ON CONFLICT (site) DO UPDATE SET allowance = excluded.allowance, window = excluded.window,
                    reserve = excluded.reserve, origin = excluded.origin, closed_until = excluded.closed_until
                """,
                {
                    "site": meter.site,
                    "allowance": meter.allowance,
                    "window": meter.window,
                    "reserve": meter.reserve,
                    "origin": meter.origin.value,
                    "closed_until": as_text_or_none(meter.closed_until),
                    "now": as_text(now),
                },
            )
            if is_new:
                self._count_captures(meter, now, before_capture)
            self._update_spent(meter, now)

    def _count_captures(self, meter: Meter, now: datetime, before_capture: int | None) -> None:
        """Views of a site from the time before anybody knew that it has a meter."""
        rows = self._rows(
            """
            SELECT url, captures.url_key, captured_at FROM captures
            LEFT JOIN revisions ON revisions.capture_id = captures.id
            WHERE captured_at >= :since AND status = 200 AND NOT private AND COALESCE(complete, 1)
                AND (:before IS NULL OR captures.id < :before) AND url LIKE '%' || :site || '%'
            """,
            {"since": as_text(window_start(meter, now)), "before": before_capture, "site": meter.site},
        )
        self._run_many(
            "INSERT INTO meter_views (site, viewed_at, url_key) VALUES (?, ?, ?)",
            [
                (meter.site, row["captured_at"], row["url_key"])
                for row in rows
                if registrable_domain(row["url"]) == meter.site
            ],
        )

    def views(self, meter: Meter, now: datetime) -> tuple[datetime, ...]:
        """When the views of the window at *now* were made, oldest first."""
        rows = self._rows(
            "SELECT viewed_at FROM meter_views WHERE site = ? AND viewed_at >= ? ORDER BY viewed_at",
            (meter.site, as_text(window_start(meter, now))),
        )
        return tuple(as_time(row["viewed_at"]) for row in rows)

    def count_views(self, meter: Meter, urls: Iterable[str | None], now: datetime) -> None:
        """
        Count a view of each of *urls*; None is one that the
        site has counted and we do not know.
        """
        with self.transaction():
            self._run_many(
                "INSERT INTO meter_views (site, viewed_at, url_key) VALUES (?, ?, ?)",
                [(meter.site, as_text(now), url and url_key(url)) for url in urls],
            )
            self._run(
                "DELETE FROM meter_views WHERE site = ? AND viewed_at < ?", (meter.site, as_text(now - _KEPT_VIEWS))
            )
            self._update_spent(meter, now)

    def _update_spent(self, meter: Meter, now: datetime) -> None:
        self._run(
            "UPDATE meters SET spent = ?, updated_at = ? WHERE site = ?",
            (len(self.views(meter, now)), as_text(now), meter.site),
        )

    def leave_entry(self, url: str, now: datetime, why: str) -> None:
        """
        Note that the entry at *url* (as found) was not asked for, and why; it waits for a later
        pass.
        """
        self._run("UPDATE entries SET left_at = ?, left_why = ? WHERE url_key = ?", (as_text(now), why, url_key(url)))

    def waiting_count(self, meter: Meter, now: datetime, oldest: timedelta | None = None) -> int:
        """
        How many articles of a site wait for a later pass; not those given up, or by now older than
        *oldest*.
        """
        rows = self._rows(
            """
            SELECT url FROM entries WHERE left_at IS NOT NULL AND fetched_at IS NULL AND given_up_at IS NULL
                AND MIN(COALESCE(published_at, updated_at, first_seen_at), first_seen_at) >= :since
            """,
            {"since": "" if oldest is None else as_text(now - oldest)},
        )
        return sum(registrable_domain(row["url"]) == meter.site for row in rows)

    def entries_a_day(self, site: str, now: datetime) -> float:
        """How many new articles a site has had a day, in the last week."""
        rows = self._rows(
            """
            SELECT url FROM entries
            WHERE MIN(COALESCE(published_at, updated_at, first_seen_at), first_seen_at) >= ?
                AND url LIKE '%' || ? || '%'
            """,
            (as_text(now - _NEWS_SPAN), site),
        )
        return sum(registrable_domain(row["url"]) == site for row in rows) / (_NEWS_SPAN / timedelta(days=1))

    def mark_session(self, request_id: int, session: Session) -> None:
        """Note as whom a page was asked for, as its answer shows."""
        self._run("UPDATE requests SET session = ? WHERE id = ?", (session.value, request_id))

    def expired_sessions(self, sources: Iterable[str]) -> tuple[ExpiredSession, ...]:
        """
        Those of *sources* whose latest request with the reader's cookies met a session that had
        ended.
        """
        rows = self._rows(
            """
            WITH latest AS (
                SELECT source, MAX(id) FILTER (WHERE session = 'expired') AS expired_id,
                    COALESCE(MAX(id) FILTER (WHERE session = 'subscriber'), 0) AS subscriber_id
                FROM requests WHERE source IN (SELECT value FROM json_each(?)) GROUP BY source
            )
            SELECT name, title, (
                SELECT MIN(requested_at) FROM requests
                WHERE source = name AND session = 'expired' AND requests.id > subscriber_id
            ) AS since
            FROM latest JOIN sources ON name = source WHERE expired_id > subscriber_id ORDER BY name
            """,
            (as_json(list(sources)),),
        )
        return tuple(ExpiredSession(row["name"], row["title"], as_time(row["since"])) for row in rows)


def _meter(row: sqlite3.Row) -> Meter:
    return Meter(
        site=row["site"],
        allowance=row["allowance"],
        window=row["window"],
        reserve=row["reserve"],
        origin=MeterOrigin(row["origin"]),
        closed_until=as_time_or_none(row["closed_until"]),
    )
