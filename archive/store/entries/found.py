"""The entries that listings name, and the texts that feeds carry of them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from archive.judge.retries import look_for_claim
from archive.store.connection import Connection, as_json, as_text, as_text_or_none
from scraper.model import Entry
from scraper.text import count_words, fold
from scraper.urls import entry_url, has_page, is_http_url, url_key


class FoundEntries(Connection):
    """The entries that listings name, and the texts that feeds carry of them."""

    def record_entries(self, source: str, entries: Iterable[Entry], now: datetime) -> tuple[Entry, ...]:
        """
        The entries that were not known, in their order, each once; all of them are kept.

        An entry is known by the URL key of its page. Several of one document that lie at one page
        and have GUIDs of their own are several entries: all but the first get an address of their
        own (`entry_url`). What is known of an entry is brought up to date, never emptied. The text
        that a full-content feed carries is kept beside the article, the newest one, with the time
        from which on it was that.

        Where the listing says that an entry changed since its page was looked at (another title, a
        later date), another look is due. A new entry with a GUID that was known at another address
        is kept with a word on where that was.
        """
        with self.transaction():
            keyed = self._keyed(source, [entry for entry in entries if is_http_url(entry.url)])
            known = self._known_entries(keyed)
            new = {key: entry for key, entry in keyed.items() if key not in known}
            moved = self._moved(source, new, keyed)
            columns = [_entry_columns(key, source, entry, now) for key, entry in keyed.items()]
            self._run_many(_SAVE_ENTRY, (row | {"formerly": moved.get(row["url_key"])} for row in columns))
            texts = _texts_of(keyed)
            self._claim(_unfounded_of_changed(keyed, known, texts), now)
            self._run_many(
                _SAVE_TEXT, ((key, source, as_text(now), text, count_words(text)) for key, text in texts.items())
            )
        return tuple(new.values())

    def _claim(self, changed: Mapping[str, int], now: datetime) -> None:
        """
        Let another look be due at what changed, by key, with how often such a word was unfounded
        before.
        """
        self._run_many(
            _CLAIM,
            [
                {"key": key, "now": as_text(now), "look_at": as_text(look_for_claim(unfounded, now))}
                for key, unfounded in changed.items()
            ],
        )

    def _keyed(self, source: str, entries: list[Entry]) -> dict[str, Entry]:
        """
        The entries of one document by their keys, each once; of those at one page each has an
        address of its own.
        """
        keyed: dict[str, Entry] = {}
        for key, page in _by_page(entries).items():
            if len(page) == 1 and not (page[0].guid and self._is_shared(key)):
                keyed[key] = page[0]
                continue
            for own in self._apart(source, key, page, is_free=key not in keyed):
                keyed.setdefault(url_key(own.url), own)
        return keyed

    def _apart(self, source: str, key: str, page: list[Entry], *, is_free: bool) -> Iterator[Entry]:
        """
        The entries that lie at one page, all but the first with an address of their own.

        The first is the one that was it before; else the one that is named first, where the key
        *is_free*.
        """
        first_guid = self._value("SELECT guid FROM entries WHERE url_key = ? AND source = ?", (key, source))
        for entry in page:
            is_first = entry.guid == first_guid if first_guid else is_free
            if is_first or not entry.guid:
                is_free = False
                yield entry
            else:
                yield replace(entry, url=entry_url(entry.url, entry.guid))

    def _is_shared(self, key: str) -> bool:
        """
        Whether several entries are known to lie at the page with this key. All of theirs begin with
        it and "#".
        """
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
        """
        Of *new* entries, by key, those whose GUID an entry of the source had: its key, or that of the
        article we hold.

        A GUID under which we hold several articles tells nothing. One that comes a third time, while
        it was not settled where it went the second, is still that of the first.
        """
        guids = Counter(entry.guid for entry in listed.values())
        moved = {}
        for key, entry in new.items():
            if not entry.guid or guids[entry.guid] > 1 or not has_page(entry.url):
                continue
            rows = self._rows(
                """
                SELECT url_key, url, article_id FROM entries LEFT JOIN article_urls USING (url_key)
                WHERE source = ? AND guid = ? ORDER BY article_id IS NULL, listed_at DESC, entries.first_seen_at DESC
                """,
                (source, entry.guid),
            )
            held = {row["article_id"] for row in rows} - {None}
            if rows and len(held) <= 1 and has_page(rows[0]["url"]):
                moved[key] = rows[0]["url_key"]
        return moved

    def note_listed(self, source: str, since: datetime, now: datetime) -> None:
        """
        A listing that was read last at *since* is as it was: the entries that wait are still
        listed.
        """
        self._run(
            """
            UPDATE entries SET listed_at = :now
            WHERE source = :source AND fetched_at IS NULL AND given_up_at IS NULL AND listed_at >= :since
            """,
            {"source": source, "since": as_text(since), "now": as_text(now)},
        )


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


# A word that is repeated before the look was made changes nothing; a look that is due later is made
# sooner.
_CLAIM = """
    UPDATE entries SET claimed_at = :now,
        next_at = CASE WHEN next_at > :now THEN MIN(next_at, :look_at) ELSE :look_at END
    WHERE url_key = :key AND NOT COALESCE(claimed_at > fetched_at, 0)
"""


_SAVE_TEXT = """
    INSERT INTO feed_texts (url_key, source, seen_at, text, word_count) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (url_key) DO UPDATE SET source = excluded.source,
        seen_at = CASE text WHEN excluded.text THEN seen_at ELSE excluded.seen_at END,
        text = excluded.text, word_count = excluded.word_count
"""


def _by_page(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """
    The entries by the keys of their pages; of those at one
    page each that has a GUID of its own.
    """
    pages: dict[str, list[Entry]] = {}
    for entry in entries:
        page = pages.setdefault(url_key(entry.url), [])
        if not page or (entry.guid and all(entry.guid != other.guid for other in page)):
            page.append(entry)
    return pages


def _texts_of(keyed: Mapping[str, Entry]) -> dict[str, str]:
    """The texts that the listing carries of entries, by key."""
    return {key: text for key, entry in keyed.items() if (text := _text_of(entry))}


def _unfounded_of_changed(
    keyed: Mapping[str, Entry], known: Mapping[str, sqlite3.Row], texts: Mapping[str, str]
) -> dict[str, int]:
    """
    The entries of which the listing says that they changed, by key, with how often that was
    unfounded before.
    """
    return {key: row["unfounded"] for key, row in known.items() if _says_changed(row, keyed[key], texts.get(key))}


def _text_of(entry: Entry) -> str | None:
    """The text that the listing carries of an entry; of one without a page its summary will do."""
    return entry.content_text or (None if has_page(entry.url) else entry.summary)


def _says_changed(known: sqlite3.Row, entry: Entry, text: str | None) -> bool:
    """Whether a listing says of an entry whose page we looked at that it has changed since."""
    if known["fetched_at"] is None:
        return False
    if not has_page(entry.url):
        return text is not None and text != known["text"]
    if known["title"] and entry.title and fold(known["title"]) != fold(entry.title):
        return True
    before = max(known["updated_at"] or "", known["fetched_at"])
    is_updated = entry.updated_at is not None and as_text(entry.updated_at) > before
    return is_updated or _is_redated(known, entry, before)


def _is_redated(known: sqlite3.Row, entry: Entry, before: str) -> bool:
    """Whether a listing gives another date than it gave, and one after *before*."""
    if entry.published_at is None:
        return False
    published_at = as_text(entry.published_at)
    return published_at != known["published_at"] and published_at > before


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
