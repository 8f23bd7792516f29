"""Articles read back."""

# ruff: noqa: S608 - parts of our own, no values

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from archive.model import DuplicateKind, StoredArticle, StoredDuplicate, StoredRevision
from archive.store.articles.columns import fields_of
from archive.store.articles.matching import marked
from archive.store.connection import Connection, as_json, as_text_or_none, as_time, as_window, grouped
from archive.store.wishes import limits_in, wishes_of
from scraper.model import Access, Article, Evidence, Image, LabelledBlock, Role

# Articles loaded at once when many are asked for: their texts are in memory together, some
# megabytes.
_BATCH = 100
_IDS = 5_000  # listed at once


class Articles(Connection):
    """Articles read back."""

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
        The articles with these *ids*, in their order; or all that were first seen from *since* up
        to before *until*, of one *source* or all, with a star, without one, or both; the reader's
        alone (*private*), the others, or both; reserved from mining, not reserved, or both; where
        *available_at* is given, without those that are not to be shown any more then.
        """
        if ids is None:
            asked = {
                "source": source,
                "starred": starred,
                "private": private,
                "tdm_reserved": tdm_reserved,
                "available_at": as_text_or_none(available_at),
            }
            ids = self._wanted(asked | as_window(since, until))
        wanted = iter(ids)
        while batch := list(islice(wanted, _BATCH)):
            yield from self._load(batch)

    def sights(self) -> Iterator[tuple[str, datetime, datetime]]:
        """Of each article its URL key, and when it was seen first and last."""
        last = 0
        while rows := self._rows(_SIGHTS, (last, _IDS)):
            yield from ((row["url_key"], as_time(row["first_seen_at"]), as_time(row["last_seen_at"])) for row in rows)
            last = rows[-1]["id"]

    def _wanted(self, asked: dict[str, Any]) -> Iterator[int]:
        """The ids of articles by their first sight. Of a million, the first are there at once."""
        last: tuple[str, int] | None = ("", 0)
        wanted = _WANTED.format(starred=f"(starred OR {marked('star')})" if self.has_state else "starred")
        while last:
            rows = self._rows(wanted, asked | {"after": last[0], "after_id": last[1], "most": _IDS})
            yield from (row["id"] for row in rows)
            last = (rows[-1]["first_seen_at"], rows[-1]["id"]) if len(rows) == _IDS else None

    def _load(self, ids: Sequence[int]) -> Iterator[StoredArticle]:
        """The articles with these ids, in their order: one statement a table."""
        asked = (as_json(ids),)
        blocks = grouped("revision_id", self._rows(_BLOCKS, asked))
        parts = {name: grouped(key, self._rows(sql, asked)) for name, (key, sql) in _PARTS.items()}
        starred = {row["id"] for row in self._rows(_STARRED, asked)} if self.has_state else set()
        for row in self._rows(_ARTICLES, asked):
            of_this = {name: parts[name].get(row["id"], []) for name in _PARTS}
            kept = tuple(_revision(found, blocks.get(found["id"], [])) for found in of_this["revisions"])
            # The public view tells of some articles without their texts.
            shown = next((revision.blocks for revision in kept if revision.revision_id == row["revision_id"]), ())
            yield StoredArticle(
                article=_article(row, shown, of_this["images"], of_this["evidence"]),
                private=bool(row["private"] or row["noarchive"]),
                limits=limits_in(row),
                revisions=kept,
                duplicates=tuple(map(_duplicate, of_this["duplicates"])),
                **(fields_of(row, "stored") | ({"starred": True} if row["id"] in starred else {})),
            )


_SIGHTS = "SELECT id, url_key, first_seen_at, last_seen_at FROM articles WHERE id > ? ORDER BY id LIMIT ?"

_WANTED = """
    SELECT id, first_seen_at FROM articles
    WHERE first_seen_at >= :since AND first_seen_at < :until AND (first_seen_at, id) > (:after, :after_id)
        AND (:source IS NULL OR source = :source) AND (:starred IS NULL OR {starred} = :starred)
        AND (:private IS NULL OR (private OR noarchive) = :private)
        AND (:tdm_reserved IS NULL OR tdm_reserved = :tdm_reserved)
        AND (:available_at IS NULL OR unavailable_after IS NULL OR unavailable_after > :available_at)
    ORDER BY first_seen_at, id LIMIT :most
"""

# Those that have a star beside the archive.
_STARRED = f"""
    SELECT articles.id FROM json_each(?) AS wanted CROSS JOIN articles ON articles.id = wanted.value
    WHERE {marked("star")}
"""

_ARTICLES = """
    SELECT articles.* FROM json_each(?) AS wanted CROSS JOIN articles ON articles.id = wanted.value
    ORDER BY wanted.key
"""

_BLOCKS = """
    SELECT blocks.* FROM json_each(?) AS wanted
    CROSS JOIN revisions ON revisions.article_id = wanted.value
    JOIN blocks ON blocks.revision_id = revisions.id
    ORDER BY blocks.revision_id, blocks.position
"""

# What else is read of many articles at once, and the column that says of which one a row is.
_PARTS = {
    "revisions": (
        "article_id",
        """
        SELECT revisions.* FROM json_each(?) AS wanted
        CROSS JOIN revisions ON revisions.article_id = wanted.value ORDER BY article_id, number
        """,
    ),
    "images": (
        "article_id",
        """
        SELECT images.* FROM json_each(?) AS wanted
        CROSS JOIN images ON images.article_id = wanted.value ORDER BY article_id, position
        """,
    ),
    "evidence": (
        "article_id",
        """
        SELECT evidence.* FROM json_each(?) AS wanted
        CROSS JOIN evidence ON evidence.article_id = wanted.value ORDER BY article_id, evidence.id
        """,
    ),
    "duplicates": (
        "about",
        """
        SELECT links.*, articles.headline, articles.source, articles.url, articles.language,
            private OR noarchive AS is_private
        FROM (
            SELECT article_id AS about, of_id AS other, kind, similarity, rule, 1 AS is_subject
            FROM json_each(?1) AS wanted CROSS JOIN duplicates ON article_id = wanted.value
            UNION ALL
            SELECT of_id, article_id, kind, similarity, rule, 0
            FROM json_each(?1) AS wanted CROSS JOIN duplicates ON of_id = wanted.value
        ) AS links JOIN articles ON articles.id = other
        ORDER BY about, similarity DESC, other
        """,
    ),
}


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
    row: sqlite3.Row, blocks: tuple[LabelledBlock, ...], images: Iterable[sqlite3.Row], evidence: Iterable[sqlite3.Row]
) -> Article:
    return Article(
        blocks=blocks,
        access=Access(evidence=tuple(map(_evidence, evidence)), **fields_of(row, "access")),
        images=tuple(map(_image, images)),
        wishes=wishes_of(row),
        **fields_of(row, "article"),
    )


def _evidence(row: sqlite3.Row) -> Evidence:
    return Evidence(
        row["signal"], row["value"], row["place"], row["points_to"], decided=bool(row["decided"]), note=row["note"]
    )


def _image(row: sqlite3.Row) -> Image:
    return Image(row["url"], row["caption"], row["credit"], row["alt"], bool(row["is_lead"]))


def _duplicate(row: sqlite3.Row) -> StoredDuplicate:
    return StoredDuplicate(
        article_id=row["other"],
        headline=row["headline"],
        source=row["source"],
        url=row["url"],
        kind=DuplicateKind(row["kind"]),
        similarity=row["similarity"],
        is_subject=bool(row["is_subject"]),
        rule=row["rule"],
        language=row["language"],
        private=bool(row["is_private"]),
    )
