"""
The archive: every SQL statement of presswatch that reads or writes rows.

    archive = Archive.open(path, write=True)      one writer at a time, any number of readers
    archive.record_entries(…)                     what was found
    archive.known_for(…)                          what a decision needs to know
    archive.apply(decision, …)                    carry it out, all of it or nothing

Records go in and come out, never rows. Times are aware datetimes in UTC; they are stored to
the second as "2024-03-01T12:00:00Z", one form for all, so that the order of the text is the order
of time. What SQLite complains about becomes an `ArchiveError`, here and nowhere else.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Self, assert_never

from selectolax.lexbor import LexborHTMLParser

from archive.dedup import fingerprint
from archive.lock import lock_for_writing
from archive.model import (
    MARK_END,
    MARK_START,
    Add,
    ArticleToFetch,
    CaptureLocation,
    CurrentCapture,
    Decision,
    Duplicate,
    DuplicateKind,
    Edition,
    Known,
    KnownArticle,
    LastCheck,
    Match,
    Pruned,
    Revise,
    SearchHit,
    SourceHealth,
    Statistics,
    StoredArticle,
    StoredCapture,
    StoredDuplicate,
    StoredEdition,
    StoredRevision,
    Unchanged,
    Unseen,
)
from archive.schema import migrate, require_schema
from scraper.errors import ArchiveError
from scraper.model import (
    Access,
    AccessStatus,
    Article,
    CheckOutcome,
    Disallowed,
    Enclosure,
    Entry,
    Evidence,
    Failed,
    Fetched,
    Image,
    LabelledBlock,
    ListingKind,
    MeterNumbers,
    NotModified,
    Outcome,
    Purpose,
    RawExchange,
    Redirected,
    Role,
    Source,
    Validators,
)
from scraper.settings import RetentionRule
from scraper.text import count_words, squash, words
from scraper.urls import is_http_url, registrable_domain, url_key

# Seconds that a statement waits for another connection (a reader may hold up a checkpoint).
_BUSY_TIMEOUT = 10.0
# Candidates that a decision compares whole texts with.
_CANDIDATES = 10
# Share of the shorter text's shingles that a candidate has; `decide` asks for more than twice that, but of all
# shingles, and these are a sample. Without it every article with the same house phrases would be compared.
_ENOUGH = 0.25
# Articles loaded at once when many are asked for.
_BATCH = 100
# More words than these make a search no better, and FTS5 limits the depth of a query.
_QUERY_WORDS = 64
_HEALTH_WINDOW = timedelta(days=7)

# Visits whose document was read, and those that tell the reader something is missing.
_READ_WELL = (CheckOutcome.FOUND, CheckOutcome.EMPTY)
_WENT_WRONG = (
    CheckOutcome.SUDDENLY_EMPTY,
    CheckOutcome.BROKEN,
    CheckOutcome.HTML,
    CheckOutcome.DISALLOWED,
    CheckOutcome.FAILED,
)

_SURROGATE = re.compile("[\ud800-\udfff]")
_BLOCK_TAGS = "p, br, div, li, tr, pre, blockquote, figcaption, h1, h2, h3, h4, h5, h6"

_Parameters = Sequence[Any] | Mapping[str, Any]


class Archive:
    """
    One open archive. Use as a context manager; made by `Archive.open`.

    A connection belongs to the thread that opened it. Methods that write do so in one
    transaction each; within `transaction` several of them commit together.
    """

    def __init__(
        self, path: Path | str, connection: sqlite3.Connection, resources: ExitStack, *, is_writable: bool
    ) -> None:
        self.path = path
        self.is_writable = is_writable
        self._connection = connection
        self._resources = resources

    @classmethod
    def open(cls, path: Path | str, *, write: bool) -> Self:
        """
        The archive at *path*, made where it is missing if *write*; ":memory:" is one that nobody else sees.

        Raises:
            ArchiveLockedError: Another process writes to it.
            SchemaError: It was made by a newer presswatch, or by an older one and *write* is False.
            ArchiveError: It cannot be opened, is missing, or is something else.
        """
        with ExitStack() as resources, _mapped(path):
            target = str(path)
            if target != ":memory:":
                database = _checked(Path(path), write=write)
                if write:
                    resources.enter_context(lock_for_writing(database))
                target = f"{database.as_uri()}?mode={'rwc' if write else 'ro'}"
            connection = sqlite3.connect(target, timeout=_BUSY_TIMEOUT, isolation_level=None, uri=True)
            resources.callback(connection.close)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            if write:
                # With NORMAL a power cut may lose the last transactions, never tear one (sqlite.org/wal.html §2.1).
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                migrate(connection, path)
            else:
                require_schema(connection, path)
            return cls(path, connection, resources.pop_all(), is_writable=write)

    def close(self) -> None:
        """Close the database, then give the lock back."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ statements

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written within commits together or not at all; inside another one it joins that."""
        if self._connection.in_transaction:
            yield
            return
        self._run("BEGIN IMMEDIATE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            self._connection.rollback()
            raise

    def _run(self, sql: str, parameters: _Parameters = ()) -> sqlite3.Cursor:
        with _mapped(self.path):
            return self._connection.execute(sql, _storable(parameters))

    def _run_many(self, sql: str, rows: Iterable[_Parameters]) -> None:
        with _mapped(self.path):
            self._connection.executemany(sql, (_storable(row) for row in rows))

    def _rows(self, sql: str, parameters: _Parameters = ()) -> list[sqlite3.Row]:
        with _mapped(self.path):
            return self._connection.execute(sql, _storable(parameters)).fetchall()

    def _row(self, sql: str, parameters: _Parameters = ()) -> sqlite3.Row | None:
        return next(iter(self._rows(sql, parameters)), None)

    def _value(self, sql: str, parameters: _Parameters = ()) -> Any:  # noqa: ANN401 - a column of any type
        row = self._row(sql, parameters)
        return row[0] if row else None

    def _insert(self, sql: str, parameters: _Parameters) -> int:
        row_id = self._run(sql, parameters).lastrowid
        assert row_id is not None
        return row_id

    # ------------------------------------------------------------ sources, passes, requests

    def save_sources(self, sources: Iterable[Source]) -> None:
        """Take over the sources of the configuration. Others stay, because articles name them, but are not enabled."""
        with self.transaction():
            self._run("UPDATE sources SET enabled = 0")
            self._run_many(
                """
                INSERT INTO sources (name, title, home_url, section, language, enabled, access_note, access_checked)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET title = excluded.title, home_url = excluded.home_url,
                    section = excluded.section, language = excluded.language, enabled = excluded.enabled,
                    access_note = excluded.access_note, access_checked = excluded.access_checked
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
                    )
                    for source in sources
                ),
            )

    def begin_pass(self, now: datetime) -> int:
        """The id of a new pass."""
        return self._insert("INSERT INTO passes (started_at) VALUES (?)", (_text(now),))

    def finish_pass(self, pass_id: int, now: datetime, *, added_count: int, revised_count: int) -> None:
        """Note the end of a pass; its requests are counted here."""
        self._run(
            """
            UPDATE passes SET finished_at = :now, added_count = :added, revised_count = :revised,
                request_count = (SELECT COUNT(*) FROM requests WHERE pass_id = passes.id),
                failed_count = (SELECT COUNT(*) FROM requests WHERE pass_id = passes.id AND outcome = 'failed')
            WHERE id = :id
            """,
            {"id": pass_id, "now": _text(now), "added": added_count, "revised": revised_count},
        )

    def broken_off_at(self) -> datetime | None:
        """When the latest pass began, if it never came to its end. For the writer: nobody else runs a pass now."""
        latest = self._row("SELECT started_at, finished_at FROM passes ORDER BY id DESC LIMIT 1")
        return _time(latest["started_at"]) if latest and latest["finished_at"] is None else None

    def record_request(self, pass_id: int, outcome: Outcome) -> None:
        """Keep what came of one request."""
        name, status, reason, target, byte_count = _outcome_columns(outcome)
        elapsed = None if isinstance(outcome, Disallowed) else outcome.elapsed // timedelta(milliseconds=1)
        request = outcome.request
        self._run(
            """
            INSERT INTO requests (pass_id, source, url, purpose, requested_at, outcome, status, reason, target_url,
                elapsed_ms, byte_count)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                pass_id,
                request.source,
                request.url,
                request.purpose.value,
                _text(outcome.at),
                name,
                status,
                reason,
                target,
                elapsed,
                byte_count,
            ),
        )

    # ------------------------------------------------------------ checks of feeds, sitemaps, index pages

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
        validators: Validators = Validators(),
    ) -> None:
        """Keep what came of one visit to a feed, sitemap or index page."""
        self._run(
            """
            INSERT INTO source_checks (source, url, kind, checked_at, outcome, detail, entry_count, new_count, etag,
                last_modified)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                source,
                url,
                kind.value,
                _text(at),
                outcome.value,
                detail,
                entry_count,
                new_count,
                validators.etag,
                validators.last_modified,
            ),
        )

    def last_check(self, url: str) -> LastCheck | None:
        """The latest visit to *url*, with what the next one needs; None if there was none."""
        latest = self._row("SELECT * FROM source_checks WHERE url = ? ORDER BY id DESC LIMIT 1", (url,))
        if latest is None:
            return None
        # A 304 may bring validators of its own; one that brings none leaves the old ones in force.
        read_well = self._row(
            """
            SELECT etag, last_modified FROM source_checks
            WHERE url = ? AND (outcome IN (?, ?) OR (outcome = ? AND COALESCE(etag, last_modified) IS NOT NULL))
            ORDER BY id DESC LIMIT 1
            """,
            (url, *(outcome.value for outcome in _READ_WELL), CheckOutcome.UNCHANGED.value),
        )
        return LastCheck(
            at=_time(latest["checked_at"]),
            outcome=CheckOutcome(latest["outcome"]),
            validators=Validators(*read_well) if read_well else Validators(),
            had_entries=bool(
                self._value("SELECT EXISTS (SELECT 1 FROM source_checks WHERE url = ? AND entry_count > 0)", (url,))
            ),
        )

    def last_checked_at(self, source: str) -> datetime | None:
        """When any document of a source was visited last."""
        return _time_or_none(self._value("SELECT MAX(checked_at) FROM source_checks WHERE source = ?", (source,)))

    # ------------------------------------------------------------ entries

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
                    (_json(list(keyed)),),
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
                ((key, source, _text(now), text, count_words(text)) for key, text in texts if text),
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
        max_tries: int = 3,
    ) -> tuple[ArticleToFetch, ...]:
        """
        The article pages of a source to ask for now, at most *limit*.

        First those never fetched, newest first; then those whose requests failed fewer than *max_tries* times;
        then the known ones younger than *recheck_for*, the longest unseen first, to see whether they changed.
        New entries older than *oldest* are left out. An entry is as old as its date says, and at least as old
        as our first sight of it.
        """
        rows = self._rows(
            """
            WITH dated AS (
                SELECT url, url_key, fetched_at, tries,
                    MIN(COALESCE(published_at, first_seen_at), first_seen_at) AS dated_at
                FROM entries WHERE source = :source AND tries < :max_tries
            )
            SELECT dated.url, dated.url_key, fetched_at, etag, last_modified
            FROM dated LEFT JOIN article_validators USING (url)
            WHERE CASE WHEN fetched_at IS NULL THEN dated_at >= :oldest ELSE dated_at > :recheck_after END
            ORDER BY fetched_at IS NOT NULL, tries > 0, fetched_at, dated_at DESC, dated.url_key
            LIMIT :limit
            """,
            {
                "source": source,
                "max_tries": max_tries,
                "oldest": "" if oldest is None else _text(now - oldest),
                "recheck_after": _text(now - recheck_for),
                "limit": limit,
            },
        )
        return tuple(
            ArticleToFetch(
                row["url"], row["url_key"], Validators(row["etag"], row["last_modified"]), row["fetched_at"] is not None
            )
            for row in rows
        )

    def entry(self, url: str) -> Entry | None:
        """What is known of the entry at *url* (as found), without the markup that a feed carried."""
        row = self._row("SELECT * FROM entries WHERE url_key = ?", (url_key(url),))
        return _entry(row) if row else None

    def mark_fetched(self, url: str, now: datetime) -> None:
        """Note that the page of the entry at *url* (as found) came, or had not changed."""
        self._run("UPDATE entries SET fetched_at = ?, tries = 0 WHERE url_key = ?", (_text(now), url_key(url)))

    def mark_seen(self, url: str, now: datetime) -> None:
        """Note that the article at *url* (as found, fetched or canonical) is still there as we know it."""
        self._run(
            """
            UPDATE articles SET last_seen_at = ?
            WHERE id = (SELECT article_id FROM article_urls WHERE url_key = ?)
            """,
            (_text(now), url_key(url)),
        )

    def mark_failed(self, url: str) -> None:
        """Note that a request for the entry at *url* (as found) brought no page."""
        self._run("UPDATE entries SET tries = tries + 1 WHERE url_key = ?", (url_key(url),))

    def validators_for(self, url: str) -> Validators:
        """What to send back when the article page at *url* is asked for again."""
        row = self._row("SELECT etag, last_modified FROM article_validators WHERE url = ?", (url,))
        return Validators(*row) if row else Validators()

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

    # ------------------------------------------------------------ decisions

    def known_for(
        self, article: Article, shingles: Iterable[int], body_digest: str, *, found_url: str | None = None
    ) -> Known:
        """
        What `decide` needs: the article at the same URL key, and the ones whose bodies overlap most, best first.

        The same article is looked up by its canonical URL, by the URL as fetched and by
        *found_url*, in this order. Candidates have the same body, or share enough of the shingles
        of the shorter text to be worth comparing; ten at most. Every look-up goes by an index.
        """
        keys = _url_keys(article, found_url)
        same_id = self._value(
            """
            SELECT article_id FROM json_each(?) AS wanted CROSS JOIN article_urls ON url_key = wanted.value
            ORDER BY wanted.key LIMIT 1
            """,
            (_json(keys),),
        )
        wanted = sorted(shingles)
        rows = self._rows(
            """
            WITH overlapping AS (
                SELECT article_id, COUNT(*) AS common FROM json_each(:shingles) AS wanted
                CROSS JOIN shingles ON shingle = wanted.value
                WHERE article_id IS NOT :same
                GROUP BY article_id HAVING COUNT(*) >= :fewest ORDER BY common DESC, article_id LIMIT 5 * :limit
            )
            SELECT article_id FROM (
                SELECT id AS article_id, :all AS common FROM articles
                WHERE body_digest = :digest AND :digest != '' AND id IS NOT :same
                UNION ALL
                SELECT article_id, common FROM overlapping WHERE common >= :share * MIN(:all, (
                    SELECT COUNT(*) FROM shingles WHERE shingles.article_id = overlapping.article_id
                ))
            )
            GROUP BY article_id ORDER BY MAX(common) DESC, article_id LIMIT :limit
            """,
            {
                "all": len(wanted) + 1,
                "digest": body_digest,
                "shingles": _json(wanted),
                "fewest": 2 if len(wanted) >= 8 else 1,
                "share": _ENOUGH,
                "same": same_id,
                "limit": _CANDIDATES,
            },
        )
        known = self._known([row["article_id"] for row in rows] + ([same_id] if same_id else []))
        return Known(known.pop(same_id, None), tuple(known.values()))

    def _known(self, ids: Sequence[int]) -> dict[int, KnownArticle]:
        """By id, in the order of *ids*. Headline and dek are the current revision's: what the page itself said last."""
        rows = self._rows(
            """
            SELECT articles.id, url_key, revisions.headline, revisions.dek, body, articles.complete,
                articles.access_status
            FROM json_each(?) AS wanted
            CROSS JOIN articles ON articles.id = wanted.value
            JOIN revisions ON revisions.id = revision_id
            ORDER BY wanted.key
            """,
            (_json(ids),),
        )
        return {
            row["id"]: KnownArticle(
                article_id=row["id"],
                url_key=row["url_key"],
                headline=row["headline"],
                dek=row["dek"],
                body=row["body"],
                complete=_bool_or_none(row["complete"]),
                status=AccessStatus(row["access_status"]),
            )
            for row in rows
        }

    def apply(
        self,
        decision: Decision,
        *,
        source: str | None,
        found_url: str,
        shingles: Iterable[int],
        body_digest: str,
        now: datetime,
        capture_id: int | None = None,
    ) -> int:
        """
        Carry a decision out, in one transaction. The id of the article that was added, revised or seen again.

        A revision replaces text, pictures, access and links to duplicates; dates, authors, section
        and the like that the new page no longer tells stay as they were known. *shingles* and
        *body_digest* are of the body that the decision is about, *capture_id* is the raw response it was read from.
        """
        with self.transaction():
            match decision:
                case Unchanged(article_id):
                    self._run("UPDATE articles SET last_seen_at = ? WHERE id = ?", (_text(now), article_id))
                    self._add_urls(article_id, [url_key(found_url)] if is_http_url(found_url) else [])
                    return article_id
                case Add(article) | Duplicate(article):
                    keys = _url_keys(article, found_url)
                    columns = _article_columns(article) | {
                        "url_key": keys[0],
                        "found_url": found_url,
                        "source": source,
                        "body_digest": body_digest,
                        "now": _text(now),
                    }
                    article_id = self._insert(_INSERT_ARTICLE, columns)
                    changes, matches = None, decision.matches if isinstance(decision, Duplicate) else ()
                case Revise(article_id, article, changes, matches):
                    keys = _url_keys(article, found_url)
                    columns = _article_columns(article) | {
                        "id": article_id,
                        "source": source,
                        "body_digest": body_digest,
                        "now": _text(now),
                    }
                    self._run(_REVISE_ARTICLE, columns)
                    self._forget_parts(article_id)
                    self._run("DELETE FROM duplicates WHERE article_id = :id OR of_id = :id", {"id": article_id})
                case _:
                    assert_never(decision)
            revision_id = self._add_revision(article_id, article, changes, now, capture_id)
            self._run("UPDATE articles SET revision_id = ? WHERE id = ?", (revision_id, article_id))
            self._add_parts(article_id, article, shingles)
            self._add_urls(article_id, keys)
            self._run_many(
                "INSERT OR REPLACE INTO duplicates (article_id, of_id, kind, similarity) VALUES (?, ?, ?, ?)",
                [_duplicate_columns(article_id, match) for match in matches],
            )
            return article_id

    def relabel(self, stored: StoredArticle, article: Article) -> None:
        """
        Put *article* in the place of the current revision: the same page, read again by better rules.

        It is no new revision: nothing changed out there. Times and links to duplicates stay.
        """
        keys = fingerprint(article)
        current = stored.revisions[-1].revision_id
        columns = {"id": stored.article_id, "source": stored.source, "body_digest": keys.body_digest, "now": None}
        with self.transaction():
            self._run(_REVISE_ARTICLE, _article_columns(article) | columns)
            self._run(
                """
                UPDATE revisions SET headline = ?, dek = ?, word_count = ?, access_status = ?, complete = ? WHERE id = ?
                """,
                (
                    article.headline,
                    article.dek,
                    count_words(article.body),
                    article.access.status.value,
                    article.access.complete,
                    current,
                ),
            )
            self._run("DELETE FROM blocks WHERE revision_id = ?", (current,))
            self._add_blocks(current, article)
            self._forget_parts(stored.article_id)
            self._add_parts(stored.article_id, article, keys.shingles)

    def _add_urls(self, article_id: int, keys: Iterable[str]) -> None:
        self._run_many(
            "INSERT OR IGNORE INTO article_urls (url_key, article_id) VALUES (?, ?)",
            [(key, article_id) for key in keys],
        )

    def _forget_parts(self, article_id: int) -> None:
        """Take away what `_add_parts` puts there again."""
        for sql in (
            "DELETE FROM images WHERE article_id = :id",
            "DELETE FROM evidence WHERE article_id = :id",
            "DELETE FROM cves WHERE article_id = :id",
            "DELETE FROM shingles WHERE article_id = :id",
        ):
            self._run(sql, {"id": article_id})

    def _add_revision(
        self, article_id: int, article: Article, changes: str | None, now: datetime, capture_id: int | None
    ) -> int:
        revision_id = self._insert(
            """
            INSERT INTO revisions (article_id, number, seen_at, changes, headline, dek, word_count, access_status,
                complete, capture_id)
            VALUES (:article_id, (SELECT COUNT(*) + 1 FROM revisions WHERE article_id = :article_id), :seen_at,
                :changes, :headline, :dek, :word_count, :access_status, :complete, :capture_id)
            """,
            {
                "article_id": article_id,
                "seen_at": _text(now),
                "changes": changes,
                "headline": article.headline,
                "dek": article.dek,
                "word_count": count_words(article.body),
                "access_status": article.access.status.value,
                "complete": article.access.complete,
                "capture_id": capture_id,
            },
        )
        self._add_blocks(revision_id, article)
        return revision_id

    def _add_blocks(self, revision_id: int, article: Article) -> None:
        self._run_many(
            """
            INSERT INTO blocks (revision_id, position, role, text, markdown, tag, reason, confidence)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                (
                    revision_id,
                    n,
                    block.role.value,
                    block.text,
                    block.markdown,
                    block.tag,
                    block.reason,
                    block.confidence,
                )
                for n, block in enumerate(article.blocks)
            ],
        )

    def _add_parts(self, article_id: int, article: Article, shingles: Iterable[int]) -> None:
        self._run_many(
            """
            INSERT INTO images (article_id, position, url, caption, credit, alt, is_lead) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                (article_id, n, image.url, image.caption, image.credit, image.alt, image.is_lead)
                for n, image in enumerate(article.images)
            ],
        )
        self._run_many(
            "INSERT INTO evidence (article_id, signal, value, place, points_to) VALUES (?, ?, ?, ?, ?)",
            [(article_id, sign.signal, sign.value, sign.where, sign.points_to) for sign in article.access.evidence],
        )
        self._run_many(
            "INSERT OR IGNORE INTO cves (article_id, cve) VALUES (?, ?)", [(article_id, cve) for cve in article.cves]
        )
        self._run_many(
            "INSERT OR IGNORE INTO shingles (shingle, article_id) VALUES (?, ?)",
            [(shingle, article_id) for shingle in sorted(shingles)],
        )

    # ------------------------------------------------------------ reading articles

    def article(self, article_id: int) -> StoredArticle | None:
        """One article with all its revisions; None if there is no such id."""
        return next(self.articles([article_id]), None)

    def articles(
        self,
        ids: Iterable[int] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        source: str | None = None,
        starred: bool | None = None,
    ) -> Iterator[StoredArticle]:
        """
        The articles with these *ids*, in their order; or all that were first seen from *since* up to before *until*,
        of one *source* or all, with a star, without one, or both.
        """
        if ids is None:
            rows = self._rows(
                """
                SELECT id FROM articles
                WHERE first_seen_at >= :since AND first_seen_at < :until
                    AND (:source IS NULL OR source = :source) AND (:starred IS NULL OR starred = :starred)
                ORDER BY first_seen_at, id
                """,
                {"source": source, "starred": starred, **_window(since, until)},
            )
            ids = [row["id"] for row in rows]
        wanted = list(ids)
        for start in range(0, len(wanted), _BATCH):
            yield from self._load(wanted[start : start + _BATCH])

    def _load(self, ids: Sequence[int]) -> Iterator[StoredArticle]:
        """The articles with these ids, in their order: one statement a table."""
        asked = (_json(ids),)
        blocks = _grouped(
            "revision_id",
            self._rows(
                """
                SELECT blocks.* FROM json_each(?) AS wanted
                CROSS JOIN revisions ON revisions.article_id = wanted.value
                JOIN blocks ON blocks.revision_id = revisions.id
                ORDER BY blocks.revision_id, blocks.position
                """,
                asked,
            ),
        )
        revisions = _grouped(
            "article_id",
            self._rows(
                """
                SELECT revisions.* FROM json_each(?) AS wanted
                CROSS JOIN revisions ON revisions.article_id = wanted.value ORDER BY article_id, number
                """,
                asked,
            ),
        )
        images = _grouped(
            "article_id",
            self._rows(
                """
                SELECT images.* FROM json_each(?) AS wanted
                CROSS JOIN images ON images.article_id = wanted.value ORDER BY article_id, position
                """,
                asked,
            ),
        )
        evidence = _grouped(
            "article_id",
            self._rows(
                """
                SELECT evidence.* FROM json_each(?) AS wanted
                CROSS JOIN evidence ON evidence.article_id = wanted.value ORDER BY article_id, evidence.id
                """,
                asked,
            ),
        )
        duplicates = _grouped("about", self._rows(_DUPLICATES, asked))
        rows = self._rows(
            """
            SELECT articles.* FROM json_each(?) AS wanted CROSS JOIN articles ON articles.id = wanted.value
            ORDER BY wanted.key
            """,
            asked,
        )
        for row in rows:
            article_id = row["id"]
            kept = tuple(_revision(found, blocks.get(found["id"], [])) for found in revisions.get(article_id, []))
            article = _article(
                row,
                next(revision.blocks for revision in kept if revision.revision_id == row["revision_id"]),
                images.get(article_id, []),
                evidence.get(article_id, []),
            )
            yield StoredArticle(
                article_id=article_id,
                article=article,
                source=row["source"],
                found_url=row["found_url"],
                url_key=row["url_key"],
                first_seen_at=_time(row["first_seen_at"]),
                last_seen_at=_time(row["last_seen_at"]),
                revised_at=_time_or_none(row["revised_at"]),
                starred=bool(row["starred"]),
                revisions=kept,
                duplicates=tuple(_duplicate(found) for found in duplicates.get(article_id, [])),
            )

    def blocks_of(self, revision_id: int) -> tuple[LabelledBlock, ...]:
        """The text blocks of one revision in reading order."""
        rows = self._rows("SELECT * FROM blocks WHERE revision_id = ? ORDER BY position", (revision_id,))
        return tuple(_block(row) for row in rows)

    def search(self, query: str, *, limit: int = 20, offset: int = 0) -> tuple[SearchHit, ...]:
        """
        The articles that contain every word of *query*, best first; () for a query without a word.

        A word is what stands between spaces, taken literally: "CVE-2024-3094" is found as it stands, and
        no character is an operator. A word in the headline weighs more than in the dek, there more than in the body.
        Words in scripts without spaces (Chinese, Japanese, Thai …) are looked for in the texts themselves, newest
        article first.
        """
        indexed, unspaced = _query_words(query)
        if not indexed and not unspaced:
            return ()
        rows = self._rows(
            _SEARCH_TEXTS if unspaced else _SEARCH_INDEX,
            {
                "query": _match_query(indexed),
                "unspaced": _json(unspaced),
                "start": MARK_START,
                "end": MARK_END,
                "limit": limit,
                "offset": offset,
            },
        )
        return tuple(
            SearchHit(
                article_id=row["id"],
                headline=row["headline"],
                source=row["source"],
                published_at=_time_or_none(row["published_at"]),
                url=row["url"],
                snippet=_excerpt((row["body"], row["dek"], row["captions"], row["headline"]), unspaced[0])
                if unspaced
                else row["snippet"],
                rank=row["score"],
            )
            for row in rows
        )

    # ------------------------------------------------------------ captures

    def save_capture(self, location: CaptureLocation, exchange: RawExchange, source: str | None) -> int:
        """The id of the row for a raw response that lies at *location*."""
        media_type = next((value for name, value in exchange.headers if name.lower() == "content-type"), None)
        return self._insert(
            """
            INSERT INTO captures (url, url_key, source, captured_at, status, media_type, digest, warc_file, warc_offset,
                warc_length)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                exchange.url,
                url_key(exchange.url),
                source,
                _text(exchange.at),
                exchange.status,
                media_type and media_type.partition(";")[0].strip().lower(),
                location.digest,
                location.file,
                location.offset,
                location.length,
            ),
        )

    def captures_of(self, key: str) -> tuple[StoredCapture, ...]:
        """The raw responses at a URL key, and at every other one that the same article was seen under; oldest first."""
        rows = self._rows(
            """
            WITH keys AS (
                SELECT :key AS url_key
                UNION
                SELECT other.url_key FROM article_urls AS this JOIN article_urls AS other USING (article_id)
                WHERE this.url_key = :key
            )
            SELECT captures.* FROM keys JOIN captures USING (url_key) ORDER BY captured_at, id
            """,
            {"key": key},
        )
        return tuple(_capture(row) for row in rows)

    def current_captures(self) -> tuple[CurrentCapture, ...]:
        """Where the page of each article's current revision lies, as far as it was kept."""
        rows = self._rows(
            """
            SELECT articles.id, articles.source, warc_file, warc_offset FROM articles
            JOIN revisions ON revisions.id = revision_id JOIN captures ON captures.id = capture_id
            ORDER BY articles.id
            """
        )
        return tuple(CurrentCapture(*row) for row in rows)

    def all_captures(self) -> Iterator[StoredCapture]:
        """Every raw response, oldest row first. The archive may be written to in between."""
        last_id = 0
        while rows := self._rows("SELECT * FROM captures WHERE id > ? ORDER BY id LIMIT ?", (last_id, _BATCH)):
            yield from (_capture(row) for row in rows)
            last_id = rows[-1]["id"]

    # ------------------------------------------------------------ editions

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
            _window(since, until),
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
                {"id": article_id, **_window(None, before)},
            )
        )

    def record_edition(self, edition: Edition) -> int:
        """The id under which a digest is remembered, with all that stood in it."""
        with self.transaction():
            edition_id = self._insert(
                "INSERT INTO editions (title, since, until, timezone, made_at) VALUES (?, ?, ?, ?, ?)",
                (edition.title, _text(edition.since), _text(edition.until), edition.timezone, _text(edition.made_at)),
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
            since=_time(row["since"]),
            until=_time(row["until"]),
            timezone=row["timezone"],
            made_at=_time(row["made_at"]),
        )

    def record_delivery(self, day: date, reader: str, edition_id: int, now: datetime) -> None:
        """Note that a reader got an edition by mail; a second one for the day changes nothing."""
        self._run(
            "INSERT OR IGNORE INTO deliveries (day, reader, edition_id, sent_at) VALUES (?, ?, ?, ?)",
            (day.isoformat(), reader, edition_id, _text(now)),
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
        What could not be seen in a window: documents whose last visit went wrong, pages refused or failed.

        Counted by source and reason, the most first. A page that came at a later try is not listed.
        """
        rows = self._rows(
            """
            WITH latest AS (
                SELECT MAX(id) AS id FROM source_checks WHERE checked_at >= :since AND checked_at < :until GROUP BY url
            )
            SELECT kind AS what, source, outcome || COALESCE(': ' || detail, '') AS why, COUNT(*) AS number
            FROM latest JOIN source_checks USING (id) JOIN sources ON sources.name = source
            WHERE enabled AND outcome IN (SELECT value FROM json_each(:wrong))
            GROUP BY what, source, why
            UNION ALL
            SELECT purpose, COALESCE(source, ''), CASE outcome WHEN 'failed' THEN '' ELSE outcome || ': ' END || reason,
                COUNT(DISTINCT url)
            FROM requests
            WHERE requested_at >= :since AND requested_at < :until
                AND purpose = :article AND outcome IN ('disallowed', 'failed')
                AND NOT EXISTS (
                    SELECT 1 FROM requests AS later
                    WHERE later.url = requests.url AND later.id > requests.id
                        AND later.outcome IN ('fetched', 'not modified')
                )
            GROUP BY 1, 2, 3
            ORDER BY number DESC, source, what, why
            """,
            {
                "wrong": _json([outcome.value for outcome in _WENT_WRONG]),
                "article": Purpose.ARTICLE.value,
                **_window(since, until),
            },
        )
        return tuple(Unseen(row["what"], row["source"], row["why"], row["number"]) for row in rows)

    # ------------------------------------------------------------ care

    def source_health(self, now: datetime) -> tuple[SourceHealth, ...]:
        """How every source has done, by name."""
        rows = self._rows(
            """
            SELECT name, title, enabled, checked_at, outcome, detail,
                (SELECT COUNT(*) FROM articles WHERE source = name AND first_seen_at >= :since) AS article_count,
                (
                    SELECT COUNT(*) FROM requests
                    WHERE source = name AND requested_at >= :since AND requests.outcome = 'failed'
                ) AS failed_count
            FROM sources LEFT JOIN source_checks ON source_checks.id = (
                SELECT id FROM source_checks WHERE source = name ORDER BY checked_at DESC, id DESC LIMIT 1
            )
            ORDER BY name
            """,
            {"since": _text(now - _HEALTH_WINDOW)},
        )
        return tuple(
            SourceHealth(
                source=row["name"],
                title=row["title"],
                enabled=bool(row["enabled"]),
                checked_at=_time_or_none(row["checked_at"]),
                outcome=CheckOutcome(row["outcome"]) if row["outcome"] else None,
                detail=row["detail"],
                article_count=row["article_count"],
                failed_count=row["failed_count"],
            )
            for row in rows
        )

    def star(self, article_id: int, on: bool = True) -> bool:  # noqa: FBT001, FBT002 - star(7), star(7, False)
        """Whether there is such an article; a star keeps it from being pruned."""
        return self._run("UPDATE articles SET starred = ? WHERE id = ?", (on, article_id)).rowcount > 0

    def prune(self, rules: Iterable[RetentionRule], now: datetime) -> Pruned:
        """
        Take away what is older than its rule allows, counted from our first sight of it.

        Articles go with their revisions; so do captures, feed texts and requests, as far as no
        article that stays needs them. Starred articles stay. Entries stay too, so that nothing is
        fetched again. WARC files are not touched.
        """
        rules = tuple(rules)
        named = _json([rule.source for rule in rules if rule.source is not None])
        articles = captures = requests = 0
        with self.transaction():
            for rule in rules:
                wanted = {"source": rule.source, "named": named, "before": _text(now - rule.keep)}
                articles += self._run(_PRUNE_ARTICLES, wanted).rowcount
                captures += self._run(_PRUNE_CAPTURES, wanted).rowcount
                requests += self._run(_PRUNE_REQUESTS, wanted).rowcount
                self._run(_PRUNE_FEED_TEXTS, wanted)
                self._run(_PRUNE_CHECKS, wanted)
        return Pruned(articles, captures, requests)

    def integrity_check(self) -> tuple[str, ...]:
        """The problems of the file, each a sentence; () when all is well."""
        problems = [row[0] for row in self._rows("PRAGMA integrity_check") if row[0] != "ok"]
        problems += [
            f"row {row['rowid']} of {row['table']} points to a row of {row['parent']} that is not there"
            for row in self._rows("PRAGMA foreign_key_check")
        ]
        problems += [
            f"article {row['id']} has no text"
            for row in self._rows("SELECT id FROM articles WHERE revision_id IS NULL ORDER BY id")
        ]
        if self.is_writable:  # FTS5 compares its index with the table in a statement that counts as writing
            try:
                self._run("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
            except ArchiveError:
                problems.append("the full-text index does not fit the articles")
        return tuple(problems)

    def statistics(self) -> Statistics:
        """How much the archive holds."""
        row = self._row(
            """
            SELECT (SELECT COUNT(*) FROM sources WHERE enabled) AS source_count,
                (SELECT COUNT(*) FROM articles) AS article_count,
                (SELECT COUNT(*) FROM revisions) AS revision_count,
                (SELECT COUNT(*) FROM blocks) AS block_count,
                (SELECT COUNT(*) FROM captures) AS capture_count,
                (SELECT COUNT(*) FROM duplicates) AS duplicate_count,
                (SELECT COUNT(*) FROM editions) AS edition_count,
                (SELECT MIN(first_seen_at) FROM articles) AS first_seen_at,
                (SELECT MAX(last_seen_at) FROM articles) AS last_seen_at
            """
        )
        assert row is not None
        times = {name: _time_or_none(row[name]) for name in ("first_seen_at", "last_seen_at")}
        return Statistics(**dict(row) | times)


# ---------------------------------------------------------------- long statements

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

_INSERT_ARTICLE = """
    INSERT INTO articles (url_key, url, found_url, canonical_url, source, headline, kicker, dek, byline, authors,
        published_at, published_raw, updated_at, section, publication, language, access_status, complete, cut_by,
        access_explanation, access_numbers, word_count, body, captions, tags, cves, origins, body_digest,
        first_seen_at, last_seen_at)
    VALUES (:url_key, :url, :found_url, :canonical_url, :source, :headline, :kicker, :dek, :byline, :authors,
        :published_at, :published_raw, :updated_at, :section, :publication, :language, :access_status, :complete,
        :cut_by, :access_explanation, :access_numbers, :word_count, :body, :captions, :tags, :cves, :origins,
        :body_digest, :now, :now)
"""

_REVISE_ARTICLE = """
    UPDATE articles SET
        url = :url, canonical_url = COALESCE(:canonical_url, canonical_url), source = COALESCE(source, :source),
        headline = COALESCE(:headline, headline), kicker = COALESCE(:kicker, kicker), dek = COALESCE(:dek, dek),
        byline = COALESCE(:byline, byline), authors = COALESCE(NULLIF(:authors, '[]'), authors),
        published_at = COALESCE(:published_at, published_at), published_raw = COALESCE(:published_raw, published_raw),
        updated_at = COALESCE(:updated_at, updated_at), section = COALESCE(:section, section),
        publication = COALESCE(:publication, publication), language = COALESCE(:language, language),
        tags = COALESCE(NULLIF(:tags, '[]'), tags), origins = json_patch(origins, :origins),
        access_status = :access_status, complete = :complete, cut_by = :cut_by,
        access_explanation = :access_explanation,
        access_numbers = :access_numbers, word_count = :word_count, body = :body, captions = :captions, cves = :cves,
        body_digest = :body_digest,
        last_seen_at = COALESCE(:now, last_seen_at), revised_at = COALESCE(:now, revised_at)
    WHERE id = :id
"""

_SEARCH_INDEX = """
    SELECT articles.id, articles.headline, source, published_at, url,
        snippet(articles_fts, -1, :start, :end, '…', 24) AS snippet,
        bm25(articles_fts, 10.0, 4.0, 1.0, 1.0) AS score
    FROM articles_fts JOIN articles ON articles.id = articles_fts.rowid
    WHERE articles_fts MATCH :query
    ORDER BY score, articles.id DESC LIMIT :limit OFFSET :offset
"""

_SEARCH_TEXTS = """
    SELECT id, headline, source, published_at, url, dek, body, captions, 0.0 AS score
    FROM articles
    WHERE (:query IS NULL OR id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH :query))
        AND NOT EXISTS (
            SELECT 1 FROM json_each(:unspaced)
            WHERE instr(COALESCE(headline, ''), value) = 0 AND instr(COALESCE(dek, ''), value) = 0
                AND instr(body, value) = 0 AND instr(captions, value) = 0
        )
    ORDER BY first_seen_at DESC, id DESC LIMIT :limit OFFSET :offset
"""

_DUPLICATES = """
    SELECT links.*, articles.headline, articles.source, articles.url FROM (
        SELECT article_id AS about, of_id AS other, kind, similarity, kind = 'contained' AS is_shorter
        FROM json_each(?1) AS wanted CROSS JOIN duplicates ON article_id = wanted.value
        UNION ALL
        SELECT of_id, article_id, kind, similarity, 0
        FROM json_each(?1) AS wanted CROSS JOIN duplicates ON of_id = wanted.value
    ) AS links JOIN articles ON articles.id = other
    ORDER BY about, similarity DESC, other
"""

# A rule without a source is for every source that has no rule of its own, and for what has no source.
_PRUNE_ARTICLES = """
    DELETE FROM articles WHERE first_seen_at < :before AND NOT starred
        AND CASE WHEN :source IS NULL
            THEN COALESCE(source, '') NOT IN (SELECT value FROM json_each(:named)) ELSE source = :source END
"""
_PRUNE_CAPTURES = """
    DELETE FROM captures WHERE captured_at < :before AND url_key NOT IN (SELECT url_key FROM article_urls)
        AND CASE WHEN :source IS NULL
            THEN COALESCE(source, '') NOT IN (SELECT value FROM json_each(:named)) ELSE source = :source END
"""
_PRUNE_REQUESTS = """
    DELETE FROM requests WHERE requested_at < :before
        AND CASE WHEN :source IS NULL
            THEN COALESCE(source, '') NOT IN (SELECT value FROM json_each(:named)) ELSE source = :source END
"""
_PRUNE_FEED_TEXTS = """
    DELETE FROM feed_texts WHERE seen_at < :before AND url_key NOT IN (SELECT url_key FROM article_urls)
        AND CASE WHEN :source IS NULL
            THEN source NOT IN (SELECT value FROM json_each(:named)) ELSE source = :source END
"""
# What `last_check` tells stays: the latest visit, the latest good one, the latest that found entries.
_PRUNE_CHECKS = """
    DELETE FROM source_checks WHERE checked_at < :before
        AND CASE WHEN :source IS NULL
            THEN source NOT IN (SELECT value FROM json_each(:named)) ELSE source = :source END
        AND id NOT IN (
            SELECT MAX(id) FROM source_checks GROUP BY url
            UNION SELECT MAX(id) FROM source_checks WHERE entry_count > 0 GROUP BY url
            UNION SELECT MAX(id) FROM source_checks WHERE outcome IN ('found', 'empty')
                OR (outcome = 'unchanged' AND COALESCE(etag, last_modified) IS NOT NULL) GROUP BY url
        )
"""


# ---------------------------------------------------------------- opening


def _checked(path: Path, *, write: bool) -> Path:
    """The absolute path of a database that can be opened; one file has one such path."""
    database = path.resolve()
    if database.is_dir():
        raise ArchiveError(path, "this is a folder; the archive is a file")
    if not database.parent.is_dir():
        raise ArchiveError(path, f"there is no folder {database.parent}")
    if not write and not database.exists():
        raise ArchiveError(path, "there is no archive here yet; a first pass makes one")
    return database


@contextmanager
def _mapped(path: Path | str) -> Iterator[None]:
    """What SQLite complains about, as an `ArchiveError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise ArchiveError(path, _sentence(error)) from error


def _sentence(error: sqlite3.Error) -> str:
    match getattr(error, "sqlite_errorname", ""):
        case "SQLITE_NOTADB":
            return "this file is not a SQLite database"
        case "SQLITE_CANTOPEN":
            return "the database cannot be opened; is the folder readable?"
        case "SQLITE_BUSY":
            return "another program keeps the database busy"
        case "SQLITE_FULL":
            return "the disk is full"
        case "SQLITE_READONLY":
            return "the database is open for reading only"
        case _:
            return f"SQLite says: {error}"


# ---------------------------------------------------------------- values as SQLite keeps them


def _text(time: datetime) -> str:
    """
    A time as the archive stores it, to the second.

    >>> _text(datetime(2024, 3, 1, 12, tzinfo=UTC))
    '2024-03-01T12:00:00Z'
    """
    if time.tzinfo is None:
        raise ValueError(f"a time without a zone: {time}")
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _text_or_none(time: datetime | None) -> str | None:
    return None if time is None else _text(time)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _time_or_none(text: str | None) -> datetime | None:
    return None if text is None else _time(text)


def _bool_or_none(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _window(since: datetime | None, until: datetime | None) -> dict[str, str]:
    """The bounds of a window as texts; where one is open, a text that sorts before or after every time."""
    return {"since": "" if since is None else _text(since), "until": "~" if until is None else _text(until)}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _storable(parameters: _Parameters) -> _Parameters:
    r"""
    The parameters with lone surrogates replaced: JSON on pages has them ("\ud83d"), UTF-8 cannot.

    >>> _storable(("a\ud83d", 1))
    ('a\ufffd', 1)
    """
    if isinstance(parameters, Mapping):
        return {name: _whole(value) for name, value in parameters.items()}
    return tuple(_whole(value) for value in parameters)


def _whole(value: object) -> object:
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) and not value.isascii() else value


def _url_keys(article: Article, found_url: str | None) -> tuple[str, ...]:
    """
    The URL keys of an article: the one it is kept under, then the others.

    The publisher's canonical URL comes first, unless it is of another site (a copy of
    someone else's report is an article of its own) or the front page (a common mistake in templates).
    """
    fetched = url_key(article.url)
    keys = [fetched]
    canonical = article.canonical_url
    if canonical and is_http_url(canonical) and registrable_domain(canonical) == registrable_domain(article.url):
        key = url_key(canonical)
        if not key.endswith("/") or fetched.endswith("/"):  # only the root of a site keeps its slash
            keys.insert(0, key)
    if found_url and is_http_url(found_url):
        keys.append(url_key(found_url))
    return tuple(dict.fromkeys(keys))


def _query_words(query: str) -> tuple[list[str], list[str]]:
    """
    What a query asks for, each once: words as the full-text index knows them, and words in scripts without spaces.

    The index takes a run of such a script for one word, so a word inside it is looked for in the text.
    FTS5 reads a query up to its first NUL.

    >>> _query_words("a  b* * 東京 a")
    (['a', 'b*'], ['東京'])
    """
    found = list(dict.fromkeys(word for word in query.replace("\0", " ").split() if words(word)))[:_QUERY_WORDS]
    # Thai is the first of the scripts that `words` takes apart into characters.
    unspaced = [word for word in found if any(len(part) == 1 and part >= "\u0e00" for part in words(word))]
    return [word for word in found if word not in unspaced], unspaced


def _match_query(asked: Iterable[str]) -> str | None:
    r"""
    The FTS5 query that finds all words literally, each as a quoted string; None where there are none.

    Source: https://www.sqlite.org/fts5.html §3.1.

    >>> _match_query(["don't", "C++", "NEAR("])
    '"don\'t" "C++" "NEAR("'
    """
    return " ".join('"' + word.replace('"', '""') + '"' for word in asked) or None


def _excerpt(texts: Iterable[str | None], word: str) -> str:
    r"""
    A stretch of the first text that has *word*, with marks around it.

    >>> _excerpt([None, "the storm"], "storm")
    'the \x02storm\x03'
    """
    text = next((text for text in texts if text and word in text), "")
    before, found, after = text.partition(word)
    opening = ("…" if len(before) > 40 else "") + before[-40:]
    return f"{opening}{MARK_START}{found}{MARK_END}{after[:80]}" + ("…" if len(after) > 80 else "")


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


# ---------------------------------------------------------------- records as rows


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
            return "failed", outcome.status, outcome.reason, None, None
        case _:
            assert_never(outcome)


def _entry_columns(key: str, source: str, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "url_key": key,
        "source": source,
        "url": entry.url,
        "guid": entry.guid,
        "title": entry.title,
        "published_at": _text_or_none(entry.published_at),
        "published_raw": entry.published_raw,
        "updated_at": _text_or_none(entry.updated_at),
        "authors": _json(entry.authors),
        "categories": _json(entry.categories),
        "enclosures": _json([asdict(enclosure) for enclosure in entry.enclosures]),
        "summary": entry.summary,
        "language": entry.language,
        "is_whole_article": entry.is_whole_article,
        "now": _text(now),
    }


def _article_columns(article: Article) -> dict[str, Any]:
    captions = [image.caption for image in article.images if image.caption]
    captions += [block.text for block in article.blocks if block.role is Role.CAPTION]
    return {
        "url": article.url,
        "canonical_url": article.canonical_url,
        "headline": article.headline,
        "kicker": article.kicker,
        "dek": article.dek,
        "byline": ", ".join(article.authors) or None,
        "authors": _json(article.authors),
        "published_at": _text_or_none(article.published_at),
        "published_raw": article.published_raw,
        "updated_at": _text_or_none(article.updated_at),
        "section": article.section,
        "publication": article.publication,
        "language": article.language,
        "access_status": article.access.status.value,
        "complete": article.access.complete,
        "cut_by": article.access.cut_by,
        "access_explanation": article.access.explanation,
        "access_numbers": _json(asdict(article.access.numbers)),
        "word_count": count_words(article.body),
        "body": article.body,
        "captions": "\n".join(dict.fromkeys(captions)),
        "tags": _json(article.tags),
        "cves": _json(article.cves),
        "origins": _json(dict(article.origins)),
    }


def _duplicate_columns(article_id: int, match: Match) -> tuple[int, int, str, float]:
    """The row says that the first contains nothing beside the second: the shorter one comes first."""
    if match.kind is DuplicateKind.CONTAINED and not match.is_longer:
        return match.article_id, article_id, match.kind.value, match.similarity
    return article_id, match.article_id, match.kind.value, match.similarity


# ---------------------------------------------------------------- rows as records


def _grouped(column: str, rows: list[sqlite3.Row]) -> dict[int, list[sqlite3.Row]]:
    """Rows by the value of a column that they are sorted by."""
    return {key: list(group) for key, group in groupby(rows, key=lambda row: row[column])}


def _block(row: sqlite3.Row) -> LabelledBlock:
    return LabelledBlock(
        Role(row["role"]), row["text"], row["reason"], row["confidence"], markdown=row["markdown"], tag=row["tag"]
    )


def _revision(row: sqlite3.Row, blocks: list[sqlite3.Row]) -> StoredRevision:
    return StoredRevision(
        revision_id=row["id"],
        number=row["number"],
        seen_at=_time(row["seen_at"]),
        changes=row["changes"],
        headline=row["headline"],
        word_count=row["word_count"],
        capture_id=row["capture_id"],
        blocks=tuple(_block(block) for block in blocks),
    )


def _article(
    row: sqlite3.Row, blocks: tuple[LabelledBlock, ...], images: list[sqlite3.Row], evidence: list[sqlite3.Row]
) -> Article:
    numbers = json.loads(row["access_numbers"])
    access = Access(
        status=AccessStatus(row["access_status"]),
        complete=_bool_or_none(row["complete"]),
        cut_by=row["cut_by"],
        explanation=row["access_explanation"],
        evidence=tuple(Evidence(sign["signal"], sign["value"], sign["place"], sign["points_to"]) for sign in evidence),
        numbers=MeterNumbers(
            **numbers | {"prices": tuple(numbers["prices"]), "periods": tuple(numbers["periods"])},
        ),
    )
    return Article(
        url=row["url"],
        headline=row["headline"],
        blocks=blocks,
        access=access,
        canonical_url=row["canonical_url"],
        dek=row["dek"],
        kicker=row["kicker"],
        authors=tuple(json.loads(row["authors"])),
        published_at=_time_or_none(row["published_at"]),
        published_raw=row["published_raw"],
        updated_at=_time_or_none(row["updated_at"]),
        section=row["section"],
        tags=tuple(json.loads(row["tags"])),
        language=row["language"],
        publication=row["publication"],
        images=tuple(
            Image(image["url"], image["caption"], image["credit"], image["alt"], bool(image["is_lead"]))
            for image in images
        ),
        cves=tuple(json.loads(row["cves"])),
        origins=json.loads(row["origins"]),
    )


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        url=row["url"],
        title=row["title"],
        guid=row["guid"],
        published_at=_time_or_none(row["published_at"]),
        published_raw=row["published_raw"],
        updated_at=_time_or_none(row["updated_at"]),
        authors=tuple(json.loads(row["authors"])),
        categories=tuple(json.loads(row["categories"])),
        enclosures=tuple(Enclosure(**enclosure) for enclosure in json.loads(row["enclosures"])),
        summary=row["summary"],
        language=row["language"],
        is_whole_article=bool(row["is_whole_article"]),
    )


def _duplicate(row: sqlite3.Row) -> StoredDuplicate:
    return StoredDuplicate(
        article_id=row["other"],
        headline=row["headline"],
        source=row["source"],
        url=row["url"],
        kind=DuplicateKind(row["kind"]),
        similarity=row["similarity"],
        is_shorter=bool(row["is_shorter"]),
    )


def _capture(row: sqlite3.Row) -> StoredCapture:
    return StoredCapture(
        capture_id=row["id"],
        url=row["url"],
        url_key=row["url_key"],
        source=row["source"],
        captured_at=_time(row["captured_at"]),
        status=row["status"],
        media_type=row["media_type"],
        location=CaptureLocation(row["warc_file"], row["warc_offset"], row["warc_length"], row["digest"]),
    )
