"""The entries that were found, what became of their pages, and the text that feeds carried."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from archive.judge.retries import look_for_claim, next_look, next_try
from archive.model import ArticleToFetch, Lost
from archive.store.connection import Connection, as_json, as_text, as_text_or_none, as_time, as_time_or_none
from scraper.model import Enclosure, Entry, Validators
from scraper.text import count_words, fold, squash
from scraper.urls import entry_url, has_page, is_http_url, url_key

_OFTEN = 3
# Some servers say "not modified" for ever: after so long the page itself is asked for.
_TRUST_304_FOR = timedelta(days=7)
_BLOCK_TAGS = "p, br, div, li, tr, pre, blockquote, figcaption, h1, h2, h3, h4, h5, h6"


class Entries(Connection):
    """The entries that were found, what became of their pages, and the text that feeds carried."""

    def record_entries(self, source: str, entries: Iterable[Entry], now: datetime) -> tuple[Entry, ...]:
        """
        The entries that were not known, in their order, each once; all of them are kept.

        An entry is known by the URL key of its page. Several of one document that lie at one page and have GUIDs
        of their own are several entries: all but the first get an address of their own (`entry_url`). What is
        known of an entry is brought up to date, never emptied. The text that a full-content feed carries is kept
        beside the article, the newest one.

        Where the listing says that an entry changed since its page was looked at (another title, a later date), another
        look is due. A new entry with the GUID of one that was fetched is kept with a word on where that was.
        """
        with self.transaction():
            keyed = self._keyed(source, [entry for entry in entries if is_http_url(entry.url)])
            known = self._known_entries(keyed)
            texts = {key: text for key, entry in keyed.items() if (text := _text_of(entry))}
            claimed = {
                key: row["unfounded"] for key, row in known.items() if _says_changed(row, keyed[key], texts.get(key))
            }
            moved = self._moved(source, {key: entry for key, entry in keyed.items() if key not in known}, keyed)
            self._run_many(
                _SAVE_ENTRY,
                (
                    _entry_columns(key, source, entry, now) | {"formerly": moved.get(key)}
                    for key, entry in keyed.items()
                ),
            )
            self._run_many(
                _CLAIM,
                [
                    {"key": key, "now": as_text(now), "look_at": as_text(look_for_claim(unfounded, now))}
                    for key, unfounded in claimed.items()
                ],
            )
            self._run_many(
                """
                INSERT INTO feed_texts (url_key, source, seen_at, text, word_count) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (url_key) DO UPDATE SET source = excluded.source, seen_at = excluded.seen_at,
                    text = excluded.text, word_count = excluded.word_count
                """,
                ((key, source, as_text(now), text, count_words(text)) for key, text in texts.items()),
            )
        return tuple(entry for key, entry in keyed.items() if key not in known)

    def _keyed(self, source: str, entries: list[Entry]) -> dict[str, Entry]:
        """The entries of one document by their keys, each once; of those at one page each has an address of its own."""
        pages: dict[str, list[Entry]] = {}
        for entry in entries:
            page = pages.setdefault(url_key(entry.url), [])
            if not page or (entry.guid and all(entry.guid != other.guid for other in page)):
                page.append(entry)
        keyed: dict[str, Entry] = {}
        for key, page in pages.items():
            if len(page) == 1 and not (page[0].guid and self._is_shared(key)):
                keyed[key] = page[0]
                continue
            first_guid = self._value("SELECT guid FROM entries WHERE url_key = ? AND source = ?", (key, source))
            for entry in page:
                is_first = entry.guid == first_guid if first_guid else key not in keyed
                own = entry if is_first or not entry.guid else replace(entry, url=entry_url(entry.url, entry.guid))
                keyed.setdefault(url_key(own.url), own)
        return keyed

    def _is_shared(self, key: str) -> bool:
        """Whether several entries are known to lie at the page with this key. All of theirs begin with it and "#"."""
        return bool(
            self._value(
                "SELECT EXISTS (SELECT 1 FROM entries WHERE url_key > ?1 || '#' AND url_key < ?1 || '$')", (key,)
            )
        )

    def _known_entries(self, keys: Iterable[str]) -> dict[str, sqlite3.Row]:
        rows = self._rows(
            """
            SELECT entries.*, text FROM json_each(?) AS wanted CROSS JOIN entries ON entries.url_key = wanted.value
            LEFT JOIN feed_texts USING (url_key)
            """,
            (as_json(list(keys)),),
        )
        return {row["url_key"]: row for row in rows}

    def _moved(self, source: str, new: Mapping[str, Entry], listed: Mapping[str, Entry]) -> dict[str, str]:
        """Of *new* entries, by key, those whose GUID an entry of the source had whose article we hold: its key."""
        guids = Counter(entry.guid for entry in listed.values())
        moved = {}
        for key, entry in new.items():
            if not entry.guid or guids[entry.guid] > 1 or not has_page(entry.url):
                continue
            rows = self._rows(
                """
                SELECT url_key, url, EXISTS (SELECT 1 FROM article_urls WHERE url_key = entries.url_key) AS is_held
                FROM entries WHERE source = ? AND guid = ? LIMIT 2
                """,
                (source, entry.guid),
            )
            if len(rows) == 1 and rows[0]["is_held"] and has_page(rows[0]["url"]):
                moved[key] = rows[0]["url_key"]
        return moved

    def note_listed(self, source: str, since: datetime, now: datetime) -> None:
        """A listing that was read last at *since* is as it was: the entries that wait are still listed."""
        self._run(
            """
            UPDATE entries SET listed_at = :now
            WHERE source = :source AND fetched_at IS NULL AND given_up_at IS NULL AND listed_at >= :since
            """,
            {"source": source, "since": as_text(since), "now": as_text(now)},
        )

    def give_up_old(self, source: str, now: datetime, oldest: timedelta | None) -> None:
        """Give up the entries that were young when they were seen, and are older than *oldest* before they came."""
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

        First those never fetched, the ones whose title, summary or category has one of *priority_words* before all
        others, newest first; then those whose requests failed and whose next try is due;
        then the known ones younger than *recheck_for* and those of which a listing says that they changed, the longest
        unseen first. Articles that are not to be shown any more, or were pruned, are left out, and so are new entries
        older than *oldest*. An entry is as old as its date says, or its last change, and at least as old as our
        first sight of it.
        """
        wanted = [word for word in map(fold, priority_words) if word]
        rows = self._rows(
            f"""
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
                    SELECT url FROM entries AS former WHERE former.url_key = dated.formerly
                ) AS former_url
            FROM dated LEFT JOIN article_validators USING (url)
            WHERE CASE
                WHEN fetched_at IS NULL THEN dated_at >= :oldest
                ELSE (dated_at > :recheck_after OR is_claimed)
                    AND EXISTS (SELECT 1 FROM article_urls WHERE article_urls.url_key = dated.url_key)
                END
            ORDER BY fetched_at IS NOT NULL, tries > 0, fetched_at, dated_at DESC, dated.url_key
            LIMIT CASE WHEN :has_words THEN -1 ELSE :limit END
            """,  # noqa: S608 - an expression of ours
            {
                "source": source,
                "oldest": "" if oldest is None else as_text(now - oldest),
                "recheck_after": as_text(now - recheck_for),
                "now": as_text(now),
                "limit": limit,
                "has_words": bool(wanted),
            },
        )
        found = [
            ArticleToFetch(
                row["url"],
                row["url_key"],
                _fresh_validators(row, now),
                is_recheck=row["fetched_at"] is not None,
                is_wanted=bool(wanted) and _has_words(row, wanted),
                has_failed=row["tries"] > 0,
                is_claimed=bool(row["is_claimed"]),
                former_url=row["former_url"],
            )
            for row in rows
        ]
        found.sort(key=lambda article: (article.is_recheck, article.has_failed, not article.is_wanted))
        return tuple(found[:limit])

    def entry(self, url: str) -> Entry | None:
        """What is known of the entry at *url* (as found), without the markup that a feed carried."""
        row = self._row("SELECT * FROM entries WHERE url_key = ?", (url_key(url),))
        return _entry(row) if row else None

    def mark_fetched(self, url: str, now: datetime, *, is_changed: bool = False, is_whole: bool = True) -> None:
        """
        Note that the page of the entry at *url* (as found) came. The longer it stays as it is, the later the next look.

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
        """Note that the article at *url* (as found, fetched or canonical) is still there as we know it."""
        self._run(
            """
            UPDATE articles SET last_seen_at = ?
            WHERE id = (SELECT article_id FROM article_urls WHERE url_key = ?)
            """,
            (as_text(now), url_key(url)),
        )

    def mark_failed(self, url: str, now: datetime, why: str, *, waits: bool = True) -> bool:
        """
        Note that a request for the entry at *url* (as found) brought no page. Whether it is given up now.

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
                failed_why = :why, given_up_at = CASE WHEN :next_at IS NULL THEN :now END,
                formerly = CASE WHEN :tries <= :often THEN formerly END
            WHERE url_key = :key
            """,
            {
                "key": key,
                "tries": tries,
                "often": _OFTEN,
                "next_at": as_text_or_none(next_at and (next_at if waits else now)),
                "now": as_text(now),
                "why": why,
            },
        )
        return next_at is None

    def has_failed_often(self, url: str) -> bool:
        """Whether requests for the entry at *url* (as found) failed so often that its page may not come for long."""
        tries = self._value("SELECT tries FROM entries WHERE url_key = ?", (url_key(url),))
        return bool(tries and tries >= _OFTEN)

    def put_off(self, url: str, until: datetime, why: str) -> None:
        """Let the page of an entry be asked for again at *until*, without a word on its own fate."""
        self._run(
            "UPDATE entries SET next_at = ?, failed_why = ? WHERE url_key = ?", (as_text(until), why, url_key(url))
        )

    def retire(self, url: str, now: datetime, why: str) -> None:
        """Note that the page of the entry at *url* (as found) is gone for good: it is never asked for again."""
        self._run(
            "UPDATE entries SET given_up_at = ?, gone = 1, failed_why = ? WHERE url_key = ?",
            (as_text(now), why, url_key(url)),
        )

    def forget_former(self, url: str) -> None:
        """Note that where the entry's GUID was known before does not lead to *url*: they are two articles."""
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
        """Note that the article at *url* (as found) changed at the publisher, and that we could not look."""
        self._run(
            """
            UPDATE articles SET changed_at = COALESCE(changed_at, ?)
            WHERE id = (SELECT article_id FROM article_urls WHERE url_key = ?)
            """,
            (as_text(now), url_key(url)),
        )

    def has_page_text(self, url: str) -> bool:
        """Whether an article is held that was seen at *url* (as found, fetched or canonical), with its page's text."""
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
        """Whether the article at *url* (as found, fetched or canonical) is held as a page that was cut."""
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

    def feed_text(self, key: str) -> str | None:
        """The newest text that a full-content feed carried for a URL key."""
        text: str | None = self._value("SELECT text FROM feed_texts WHERE url_key = ?", (key,))
        return text


# An entry is as old as its date says, or its last change, and at least as old as our first sight of it.
_DATED_AT = "MIN(COALESCE(published_at, updated_at, first_seen_at), first_seen_at)"

_SAVE_ENTRY = """
    INSERT INTO entries (url_key, source, url, guid, title, published_at, published_raw, updated_at, authors,
        categories, enclosures, summary, language, is_whole_article, first_seen_at, listed_at, formerly)
    VALUES (:url_key, :source, :url, :guid, :title, :published_at, :published_raw, :updated_at, :authors,
        :categories, :enclosures, :summary, :language, :is_whole_article, :now, :now, :formerly)
    ON CONFLICT (url_key) DO UPDATE SET
        -- The entry of a source that is watched no more belongs to the next one that lists it.
        source = CASE WHEN (SELECT enabled FROM sources WHERE name = entries.source)
            THEN source ELSE excluded.source END,
        listed_at = excluded.listed_at,
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


# A word that is repeated before the look was made changes nothing; a look that is due later is made sooner.
_CLAIM = """
    UPDATE entries SET claimed_at = :now,
        next_at = CASE WHEN next_at > :now THEN MIN(next_at, :look_at) ELSE :look_at END
    WHERE url_key = :key AND NOT COALESCE(claimed_at > fetched_at, 0)
"""


def _text_of(entry: Entry) -> str:
    """The text that the listing carries of an entry; of one without a page its summary will do."""
    return _feed_text(entry.content_html or ("" if has_page(entry.url) else entry.summary) or "")


def _says_changed(known: sqlite3.Row, entry: Entry, text: str | None) -> bool:
    """Whether a listing says of an entry whose page we looked at that it has changed since."""
    if known["fetched_at"] is None:
        return False
    if not has_page(entry.url):
        return text is not None and text != known["text"]
    if known["title"] and entry.title and fold(known["title"]) != fold(entry.title):
        return True
    before = max(known["updated_at"] or "", known["fetched_at"])
    if entry.updated_at is not None and as_text(entry.updated_at) > before:
        return True
    is_redated = entry.published_at is not None and as_text(entry.published_at) != known["published_at"]
    return is_redated and as_text(entry.published_at) > before  # type: ignore[arg-type]


def _fresh_validators(row: sqlite3.Row, now: datetime) -> Validators:
    """What is sent along with a look: nothing where a change was named, or the page itself did not come for long."""
    is_stale = row["came_at"] is not None and as_time(row["came_at"]) <= now - _TRUST_304_FOR
    if row["is_claimed"] or is_stale:
        return Validators()
    return Validators(row["etag"], row["last_modified"])


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


def _has_words(row: sqlite3.Row, words: Iterable[str]) -> bool:
    """Whether title, summary or categories of an entry have one of the folded *words*, as whole words."""
    categories = " ".join(json.loads(row["categories"]))
    text = f" {fold(row['title'])} {fold(_feed_text(row['summary'] or ''))} {fold(categories)} "
    return any(f" {word} " in text for word in words)


def _entry_columns(key: str, source: str, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "url_key": key,
        "source": source,
        "url": entry.url,
        "guid": entry.guid,
        "title": entry.title,
        "published_at": as_text_or_none(entry.published_at),
        "published_raw": entry.published_raw,
        "updated_at": as_text_or_none(entry.updated_at),
        "authors": as_json(entry.authors),
        "categories": as_json(entry.categories),
        "enclosures": as_json([asdict(enclosure) for enclosure in entry.enclosures]),
        "summary": entry.summary,
        "language": entry.language,
        "is_whole_article": entry.is_whole_article,
        "now": as_text(now),
    }


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
