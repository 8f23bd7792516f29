"""Articles read back, found by words, and the captures they came from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from archive.judge.wishes import is_withdrawn, quote
from archive.model import (
    MARK_END,
    MARK_START,
    CaptureLocation,
    CurrentCapture,
    DuplicateKind,
    Limits,
    SearchHit,
    StoredArticle,
    StoredCapture,
    StoredDuplicate,
    StoredRevision,
)
from archive.store.connection import (
    Connection,
    as_bool_or_none,
    as_json,
    as_text,
    as_text_or_none,
    as_time,
    as_time_or_none,
    as_window,
    grouped,
)
from archive.store.wishes import limits_in, wishes_of
from scraper.model import (
    Access,
    AccessStatus,
    Article,
    Evidence,
    Image,
    LabelledBlock,
    MeterNumbers,
    PageKind,
    RawExchange,
    Role,
)
from scraper.text import find_word, search_form, words
from scraper.urls import url_key

# Articles loaded at once when many are asked for.
_BATCH = 100
# More words than these make a search no better, and FTS5 limits the depth of a query.
_QUERY_WORDS = 64


class Articles(Connection):
    """Articles read back, found by words, and the captures they came from."""

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
        private: bool | None = None,
        tdm_reserved: bool | None = None,
        available_at: datetime | None = None,
    ) -> Iterator[StoredArticle]:
        """
        The articles with these *ids*, in their order; or all that were first seen from *since* up to before *until*,
        of one *source* or all, with a star, without one, or both; the reader's alone (*private*), the others, or both;
        reserved from mining, not reserved, or both; where *available_at* is given, without those that are not to be
        shown any more then.
        """
        if ids is None:
            rows = self._rows(
                """
                SELECT id FROM articles
                WHERE first_seen_at >= :since AND first_seen_at < :until
                    AND (:source IS NULL OR source = :source) AND (:starred IS NULL OR starred = :starred)
                    AND (:private IS NULL OR (private OR noarchive) = :private)
                    AND (:tdm_reserved IS NULL OR tdm_reserved = :tdm_reserved)
                    AND (:available_at IS NULL OR unavailable_after IS NULL OR unavailable_after > :available_at)
                ORDER BY first_seen_at, id
                """,
                {
                    "source": source,
                    "starred": starred,
                    "private": private,
                    "tdm_reserved": tdm_reserved,
                    "available_at": as_text_or_none(available_at),
                    **as_window(since, until),
                },
            )
            ids = [row["id"] for row in rows]
        wanted = list(ids)
        for start in range(0, len(wanted), _BATCH):
            yield from self._load(wanted[start : start + _BATCH])

    def _load(self, ids: Sequence[int]) -> Iterator[StoredArticle]:
        """The articles with these ids, in their order: one statement a table."""
        asked = (as_json(ids),)
        blocks = grouped(
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
        revisions = grouped(
            "article_id",
            self._rows(
                """
                SELECT revisions.* FROM json_each(?) AS wanted
                CROSS JOIN revisions ON revisions.article_id = wanted.value ORDER BY article_id, number
                """,
                asked,
            ),
        )
        images = grouped(
            "article_id",
            self._rows(
                """
                SELECT images.* FROM json_each(?) AS wanted
                CROSS JOIN images ON images.article_id = wanted.value ORDER BY article_id, position
                """,
                asked,
            ),
        )
        evidence = grouped(
            "article_id",
            self._rows(
                """
                SELECT evidence.* FROM json_each(?) AS wanted
                CROSS JOIN evidence ON evidence.article_id = wanted.value ORDER BY article_id, evidence.id
                """,
                asked,
            ),
        )
        duplicates = grouped("about", self._rows(_DUPLICATES, asked))
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
                # The public view tells of some articles without their texts.
                next((revision.blocks for revision in kept if revision.revision_id == row["revision_id"]), ()),
                images.get(article_id, []),
                evidence.get(article_id, []),
            )
            yield StoredArticle(
                article_id=article_id,
                article=article,
                source=row["source"],
                found_url=row["found_url"],
                url_key=row["url_key"],
                first_seen_at=as_time(row["first_seen_at"]),
                last_seen_at=as_time(row["last_seen_at"]),
                revised_at=as_time_or_none(row["revised_at"]),
                changed_at=as_time_or_none(row["changed_at"]),
                starred=bool(row["starred"]),
                private=bool(row["private"] or row["noarchive"]),
                limits=limits_in(row),
                revisions=kept,
                duplicates=tuple(_duplicate(found) for found in duplicates.get(article_id, [])),
            )

    def blocks_of(self, revision_id: int) -> tuple[LabelledBlock, ...]:
        """The text blocks of one revision in reading order."""
        rows = self._rows("SELECT * FROM blocks WHERE revision_id = ? ORDER BY position", (revision_id,))
        return tuple(_block(row) for row in rows)

    def search(
        self, query: str, *, limit: int = 20, offset: int = 0, now: datetime | None = None
    ) -> tuple[SearchHit, ...]:
        """
        The articles that contain every word of *query*, best first; () for a query without a word.

        A word is what stands between spaces, taken literally: "CVE-2024-3094" is found as it stands, and
        no character is an operator. A word in the headline weighs more than in the dek, there more than in the body.
        How it is written does not count: full width finds plain letters and is found by them.
        Words in scripts without spaces (Chinese, Japanese, Thai …) are looked for in the texts themselves, newest
        article first. No more of a text is quoted than its publisher wishes, and nothing of one that is not to be
        shown any more at *now*.
        """
        indexed, unspaced = _query_words(query)
        if not indexed and not unspaced:
            return ()
        rows = self._rows(
            _SEARCH_TEXTS if unspaced else _SEARCH_INDEX,
            {
                "query": _match_query(indexed),
                "unspaced": as_json(unspaced),
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
                published_at=as_time_or_none(row["published_at"]),
                url=row["url"],
                snippet=_limited(
                    self._excerpt_of(row["id"], (unspaced or indexed)[0]) if row["snippet"] is None else row["snippet"],
                    limits_in(row),
                    now,
                ),
                rank=row["score"],
            )
            for row in rows
        )

    def _excerpt_of(self, article_id: int, word: str) -> str:
        """As `_excerpt`. Texts are read for the hits that are shown, not for all that are put in order."""
        texts = self._row("SELECT body, dek, captions, headline FROM articles WHERE id = ?", (article_id,))
        return _excerpt(tuple(texts or ()), word)

    def save_capture(
        self, location: CaptureLocation, exchange: RawExchange, source: str | None, *, private: bool = False
    ) -> int:
        """
        The id of the row for a raw response that lies at *location*. *private*: to the reader's own cookies.

        A revisit record has no body: it gets a row in `revisits`, and the id is that of the capture that has the body.
        """
        if location.of is not None:
            self._insert(
                """
                INSERT INTO revisits (capture_id, captured_at, warc_file, warc_offset, warc_length)
                VALUES (?, ?, ?, ?, ?)
                """,
                (location.of, as_text(exchange.at), location.file, location.offset, location.length),
            )
            return location.of
        media_type = next((value for name, value in exchange.headers if name.lower() == "content-type"), None)
        return self._insert(
            """
            INSERT INTO captures (url, url_key, source, captured_at, status, media_type, digest, warc_file, warc_offset,
                warc_length, private)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                exchange.url,
                url_key(exchange.url),
                source,
                as_text(exchange.at),
                exchange.status,
                media_type and media_type.partition(";")[0].strip().lower(),
                location.digest,
                location.file,
                location.offset,
                location.length,
                private,
            ),
        )

    def capture_with(self, exchange: RawExchange, digest: str, *, private: bool = False) -> StoredCapture | None:
        """
        The latest capture before *exchange* that has the same address, status and *digest* of the body, if there is
        one: what comes again is not kept again (`CaptureWriter.write`). *private*: among answers to the reader's own
        cookies, else among the others.
        """
        row = self._row(
            """
            SELECT * FROM captures
            WHERE url_key = ? AND captured_at <= ? AND url = ? AND status = ? AND digest = ? AND private = ?
            ORDER BY captured_at DESC, id DESC LIMIT 1
            """,
            (url_key(exchange.url), as_text(exchange.at), exchange.url, exchange.status, digest, private),
        )
        return _capture(row) if row else None

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


_SEARCH_INDEX = """
    SELECT articles.id, articles.headline, source, published_at, url, noarchive, snippet_limit, unavailable_after,
        tdm_reserved,
        -- search_forms is not what the publisher wrote, and is not quoted
        NULLIF(snippet(articles_fts, -1, :start, :end, '…', 24), snippet(articles_fts, 4, :start, :end, '…', 24))
            AS snippet,
        bm25(articles_fts, 10.0, 4.0, 1.0, 1.0) AS score
    FROM articles_fts JOIN articles ON articles.id = articles_fts.rowid
    WHERE articles_fts MATCH :query
    ORDER BY score, articles.id DESC LIMIT :limit OFFSET :offset
"""


_SEARCH_TEXTS = """
    SELECT id, headline, source, published_at, url, noarchive, snippet_limit, unavailable_after,
        tdm_reserved, NULL AS snippet, 0.0 AS score
    FROM articles
    WHERE (:query IS NULL OR id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH :query))
        AND NOT EXISTS (
            SELECT 1 FROM json_each(:unspaced)
            WHERE instr(COALESCE(headline, ''), value) = 0 AND instr(COALESCE(dek, ''), value) = 0
                AND instr(body, value) = 0 AND instr(captions, value) = 0 AND instr(search_forms, value) = 0
        )
    ORDER BY first_seen_at DESC, id DESC LIMIT :limit OFFSET :offset
"""


_DUPLICATES = """
    SELECT links.*, articles.headline, articles.source, articles.url, private OR noarchive AS is_private FROM (
        SELECT article_id AS about, of_id AS other, kind, similarity, kind = 'contained' AS is_shorter
        FROM json_each(?1) AS wanted CROSS JOIN duplicates ON article_id = wanted.value
        UNION ALL
        SELECT of_id, article_id, kind, similarity, 0
        FROM json_each(?1) AS wanted CROSS JOIN duplicates ON of_id = wanted.value
    ) AS links JOIN articles ON articles.id = other
    ORDER BY about, similarity DESC, other
"""

# A rule without a source is for every source that has no rule of its own, and for what has no source.


def _query_words(query: str) -> tuple[list[str], list[str]]:
    """
    What a query asks for, each once: words as the full-text index knows them, and words in scripts without spaces.

    The index takes a run of such a script for one word, so a word inside it is looked for in the text.
    FTS5 reads a query up to its first NUL.

    >>> _query_words("a  b* * 東京 a ＮＡＴＯ")
    (['a', 'b*', 'NATO'], ['東京'])
    """
    asked = search_form(query.replace("\0", " ")).split()
    found = list(dict.fromkeys(word for word in asked if words(word)))[:_QUERY_WORDS]
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
    A stretch of the first text that has *word*, as it is written there, with marks around it.

    >>> _excerpt([None, "the storm"], "storm"), _excerpt(["\uff2e\uff21\uff34\uff2f"], "NATO")
    ('the \x02storm\x03', '\x02ＮＡＴＯ\x03')
    """
    present = [text for text in texts if text]
    for text in present:
        if place := find_word(text, word):
            before, after = text[: place[0]], text[place[1] :]
            opening = ("…" if len(before) > 40 else "") + before[-40:]
            found = f"{MARK_START}{text[place[0] : place[1]]}{MARK_END}"
            return f"{opening}{found}{after[:80]}" + ("…" if len(after) > 80 else "")
    # Found by its stem alone.
    return "".join(text[:120] + ("…" if len(text) > 120 else "") for text in present[:1])


def _limited(snippet: str, limits: Limits, now: datetime | None) -> str:
    r"""
    As much of a snippet as may be quoted, without marks where that is not all of it.

    >>> _limited("the \x02storm\x03 came", Limits(snippet_length=10), None)
    'the storm…'
    """
    if now is not None and is_withdrawn(limits, now):
        return ""
    plain = snippet.replace(MARK_START, "").replace(MARK_END, "")
    quoted = quote(plain, limits)
    return snippet if quoted == plain else quoted


def _block(row: sqlite3.Row) -> LabelledBlock:
    cell = json.loads(row["cell"]) if row["cell"] else None
    return LabelledBlock(
        Role(row["role"]),
        row["text"],
        row["reason"],
        row["confidence"],
        markdown=row["markdown"],
        tag=row["tag"],
        cell=(cell[0], cell[1], cell[2]) if cell else None,
    )


def _revision(row: sqlite3.Row, blocks: list[sqlite3.Row]) -> StoredRevision:
    return StoredRevision(
        revision_id=row["id"],
        number=row["number"],
        seen_at=as_time(row["seen_at"]),
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
        complete=as_bool_or_none(row["complete"]),
        cut_by=row["cut_by"],
        explanation=row["access_explanation"],
        evidence=tuple(
            Evidence(
                sign["signal"],
                sign["value"],
                sign["place"],
                sign["points_to"],
                decided=bool(sign["decided"]),
                note=sign["note"],
            )
            for sign in evidence
        ),
        numbers=MeterNumbers(
            **numbers | {"prices": tuple(numbers["prices"]), "periods": tuple(numbers["periods"])},
        ),
        confidence=row["confidence"],
        conflict=bool(row["conflict"]),
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
        published_at=as_time_or_none(row["published_at"]),
        published_raw=row["published_raw"],
        updated_at=as_time_or_none(row["updated_at"]),
        section=row["section"],
        tags=tuple(json.loads(row["tags"])),
        language=row["language"],
        publication=row["publication"],
        images=tuple(
            Image(image["url"], image["caption"], image["credit"], image["alt"], bool(image["is_lead"]))
            for image in images
        ),
        cves=tuple(json.loads(row["cves"])),
        kind=PageKind(row["kind"]),
        kind_confidence=row["kind_confidence"],
        text_confidence=row["text_confidence"],
        variants=tuple(json.loads(row["variants"])),
        origins=json.loads(row["origins"]),
        wishes=wishes_of(row),
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
        private=bool(row["is_private"]),
    )


def _capture(row: sqlite3.Row) -> StoredCapture:
    return StoredCapture(
        capture_id=row["id"],
        url=row["url"],
        url_key=row["url_key"],
        source=row["source"],
        captured_at=as_time(row["captured_at"]),
        status=row["status"],
        media_type=row["media_type"],
        location=CaptureLocation(row["warc_file"], row["warc_offset"], row["warc_length"], row["digest"]),
    )
