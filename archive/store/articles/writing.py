"""Decisions carried out: all of it or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from archive.judge.fingerprints import Fingerprint, fingerprint
from archive.judge.templates import find_fingerprints, is_template
from archive.judge.traits import Traits
from archive.model import (
    ONE_REPORT,
    Add,
    Decision,
    Duplicate,
    DuplicateKind,
    Known,
    Match,
    Revise,
    StoredArticle,
    Unchanged,
)
from archive.store.articles.columns import (
    INSERT_ARTICLE,
    INSERT_REVISION,
    UPDATE_ARTICLE,
    UPDATE_REVISION,
    columns_of,
    revision_columns_of,
    search_forms_of,
)
from archive.store.articles.known import Knowing, url_keys
from archive.store.clusters import Clusters
from archive.store.connection import as_json, as_text
from scraper.model import Article
from scraper.read.composed import composed_article
from scraper.urls import is_http_url, url_key


@dataclass(frozen=True, slots=True)
class _Sight:
    """Where and when an article was seen, and what its body is recognised by."""

    source: str | None
    found_url: str
    body_digest: str
    now: datetime

    def columns(self) -> dict[str, Any]:
        """What of it has a column."""
        return {"source": self.source, "body_digest": self.body_digest, "now": as_text(self.now)}


class Decisions(Knowing, Clusters):
    """Decisions carried out: all of it or nothing."""

    def apply(
        self,
        decision: Decision,
        *,
        source: str | None,
        found_url: str,
        keys: Fingerprint,
        traits: Traits | None = None,
        now: datetime,
        capture_id: int | None = None,
        private: bool = False,
        worn: Collection[int] = (),
    ) -> int:
        """
        Carry a decision out, in one transaction. The id of the article that was added, revised or
        seen again.

        A revision replaces text, pictures, access and links to duplicates; dates, authors, section
        and the like that the new page no longer tells stay as they were known. *keys* and *traits*
        are of the article that the decision is about; traits are made where they are not given.
        *capture_id* is the raw response it was read from. *private*: that was an answer to the
        reader's own cookies; an article with such a text stays private. *worn*: runs of words by
        which nothing is to be found any more, as `known_for` says.
        """
        with self.transaction():
            if isinstance(decision, Unchanged):
                return self._see_again(decision.article_id, found_url, now)
            article = composed_article(decision.article)  # a feed's text was read elsewhere
            columns = columns_of(article, traits)
            article_id = self._put(decision, article, columns, _Sight(source, found_url, keys.digest, now))
            changes = decision.changes if isinstance(decision, Revise) else None
            revision_id = self._add_revision(article_id, article, columns, changes, now, capture_id)
            self._run(_MAKE_CURRENT, (revision_id, private, article_id))
            self._add_parts(article_id, article, traits.marks if traits else None)
            self._index(article_id, keys, worn)
            self._add_urls(article_id, url_keys(article, found_url))
            self._link(article_id, () if isinstance(decision, Add) else decision.matches)
            return article_id

    def _see_again(self, article_id: int, found_url: str, now: datetime) -> int:
        self._run("UPDATE articles SET last_seen_at = ? WHERE id = ?", (as_text(now), article_id))
        self._add_urls(article_id, [url_key(found_url)] if is_http_url(found_url) else [])
        return article_id

    def forget_duplicates(self) -> None:
        """
        Forget all that texts were found to be to each other, and how they are found, before
        `judge_again` says it anew. The reader's word stays, and so do links between reports on one
        event, which other facts decide.
        """
        with self.transaction():
            for table in ("fingerprint_index", "fingerprints"):
                self._run(f"DELETE FROM {table}")  # noqa: S608 - our own names
            self._run("DELETE FROM duplicates WHERE kind != ?", (DuplicateKind.SAME_EVENT.value,))
            self._stand_alone()

    def judge_again(self, article_id: int, keys: Fingerprint, known: Known, matches: Iterable[Match]) -> None:
        """Keep what an article is to others, in place of what it was found to be before."""
        with self.transaction():
            self._forget_fingerprints([article_id])
            self._forget_links(article_id)
            self._run("UPDATE articles SET body_digest = ? WHERE id = ?", (keys.digest, article_id))
            self._index(article_id, keys, known.worn)
            self._link(article_id, matches)

    def obey_merges(self) -> None:
        """Put together what the reader has merged, when all was judged again."""
        with self.transaction():
            self._obey_merges()

    def _put(self, decision: Add | Duplicate | Revise, article: Article, columns: dict[str, Any], sight: _Sight) -> int:
        """
        The id of the article, in whose row the new text stands then; what hung on an old one is
        taken away.
        """
        match decision:
            case Add() | Duplicate():
                return self._add(article, columns | sight.columns(), sight.found_url)
            case Revise(article_id):
                self._revise(article_id, columns | sight.columns())
                self._forget_parts(article_id)
                self._forget_links(article_id)
                return article_id
            case _:
                assert_never(decision)

    def add_earlier_revision(
        self, article_id: int, article: Article, at: datetime, *, capture_id: int | None, next_changes: str
    ) -> None:
        """
        Put a text that was seen before the current one where it belongs in time; what is current
        stays so.

        Args:
            at: When it was seen, before the current revision.
            next_changes: What the revision behind it changed, for the reader.
        """
        with self.transaction():
            number = self._value(
                "SELECT MIN(number) FROM revisions WHERE article_id = ? AND seen_at > ?", (article_id, as_text(at))
            )
            revision_id = self._add_revision(article_id, article, columns_of(article), None, at, capture_id)
            # By way of negative numbers: no two rows may have one number in between.
            self._run(
                "UPDATE revisions SET number = -number WHERE article_id = ? AND number >= ?", (article_id, number)
            )
            self._run("UPDATE revisions SET number = 1 - number WHERE article_id = ? AND number < 0", (article_id,))
            self._run("UPDATE revisions SET number = ? WHERE id = ?", (number, revision_id))
            self._run(
                "UPDATE revisions SET changes = ? WHERE article_id = ? AND number = ?",
                (next_changes, article_id, number + 1),
            )
            self.note_seen_earlier(article_id, at)

    def note_seen_earlier(self, article_id: int, at: datetime) -> None:
        """Let an article be known since *at*, where that is earlier than what was known."""
        with self.transaction():
            earlier = {"at": as_text(at), "id": article_id}
            self._run("UPDATE articles SET first_seen_at = MIN(first_seen_at, :at) WHERE id = :id", earlier)
            self._choose_lead_beside(article_id)

    def relabel(self, stored: StoredArticle, article: Article) -> None:
        """
        Put *article* in the place of the current revision: the same page, read again by better
        rules.

        It is no new revision: nothing changed out there. Times and links to duplicates stay.
        """
        article = composed_article(article)
        keys = fingerprint(article.headline, article.body)
        current = stored.revisions[-1].revision_id
        given = {"source": stored.source, "body_digest": keys.digest, "now": None}
        with self.transaction():
            columns = columns_of(article)
            self._revise(stored.article_id, columns | given)
            self._run(UPDATE_REVISION, revision_columns_of(columns) | {"id": current})
            self._run("DELETE FROM blocks WHERE revision_id = ?", (current,))
            self._add_blocks(current, article)
            self._forget_parts(stored.article_id)
            self._add_parts(stored.article_id, article)
            self._index(stored.article_id, keys, self._worn(keys))
            self._choose_lead_beside(stored.article_id)

    def _add(self, article: Article, columns: dict[str, Any], found_url: str) -> int:
        """The id of a new article."""
        keys = {"url_key": self._free_key(article, found_url), "found_url": found_url}
        return self._insert(INSERT_ARTICLE, columns | keys | {"search_forms": search_forms_of(columns)})

    def _free_key(self, article: Article, found_url: str) -> str:
        """The URL key to keep a new article under: the first that is no other article's."""
        keys = url_keys(article, found_url)
        taken = {
            row["url_key"]
            for row in self._rows(
                "SELECT url_key FROM article_urls WHERE url_key IN (SELECT value FROM json_each(?))", (as_json(keys),)
            )
        }
        return next((key for key in keys if key not in taken), keys[0])

    def _revise(self, article_id: int, columns: dict[str, Any]) -> None:
        """
        Carry out `UPDATE_ARTICLE`: a headline that the page no longer tells stays, and with it how
        it is found.
        """
        held = self._row("SELECT headline, dek FROM articles WHERE id = ?", (article_id,))
        known = {name: columns[name] or (held and held[name]) for name in ("headline", "dek")}
        self._run(UPDATE_ARTICLE, columns | {"id": article_id, "search_forms": search_forms_of(columns | known)})

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
            "DELETE FROM template_blocks WHERE article_id = :id",
        ):
            self._run(sql, {"id": article_id})
        self._forget_fingerprints([article_id])

    def _add_revision(
        self,
        article_id: int,
        article: Article,
        columns: Mapping[str, Any],
        changes: str | None,
        now: datetime,
        capture_id: int | None,
    ) -> int:
        own = {"article_id": article_id, "seen_at": as_text(now), "changes": changes, "capture_id": capture_id}
        revision_id = self._insert(INSERT_REVISION, own | revision_columns_of(columns))
        self._add_blocks(revision_id, article)
        self._run("INSERT OR IGNORE INTO unjudged (article_id) VALUES (?)", (article_id,))  # by alerts
        return revision_id

    def _forget_links(self, article_id: int) -> None:
        """Take an article from those that it was found to be something to, but for events, which other facts decide."""
        self._run(
            "DELETE FROM duplicates WHERE (article_id = :id OR of_id = :id) AND kind != :event",
            {"id": article_id, "event": DuplicateKind.SAME_EVENT.value},
        )
        self._leave(article_id)

    def _link(self, article_id: int, matches: Iterable[Match]) -> None:
        """Keep what a new text was found to be to others, and let one report be one cluster."""
        matches = tuple(matches)
        self._run_many(
            "INSERT OR REPLACE INTO duplicates (article_id, of_id, kind, similarity, rule) VALUES (?, ?, ?, ?, ?)",
            [_duplicate_columns(article_id, match) for match in matches],
        )
        self._join(article_id, (match.article_id for match in matches if match.kind in ONE_REPORT))

    def _add_blocks(self, revision_id: int, article: Article) -> None:
        self._run_many(
            """
            INSERT INTO blocks (revision_id, position, role, text, markdown, tag, reason, confidence, cell)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
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
                    as_json(block.cell) if block.cell else None,
                )
                for n, block in enumerate(article.blocks)
            ],
        )

    def _add_parts(self, article_id: int, article: Article, marks: Mapping[int, int] | None = None) -> None:
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
            """
            INSERT INTO evidence (article_id, signal, value, place, points_to, decided, note)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                (article_id, sign.signal, sign.value, sign.where, sign.points_to, sign.decided, sign.note)
                for sign in article.access.evidence
            ],
        )
        self._run_many(
            "INSERT OR IGNORE INTO cves (article_id, cve) VALUES (?, ?)", [(article_id, cve) for cve in article.cves]
        )
        self._run_many(
            """
            INSERT INTO template_blocks (source, fingerprint, article_id, published_at, position, removed)
            SELECT source, ?, id, COALESCE(published_at, first_seen_at), ?, ?
            FROM articles WHERE id = ? AND source IS NOT NULL
            """,
            [
                (mark, place, is_template(article.blocks[place]), article_id)
                for mark, place in (find_fingerprints(article.blocks) if marks is None else marks).items()
            ],
        )


_MAKE_CURRENT = """
    UPDATE articles SET revision_id = ?, private = MAX(private, ?), cluster_id = COALESCE(cluster_id, id) WHERE id = ?
"""


def _duplicate_columns(article_id: int, match: Match) -> tuple[int, int, str, float, str]:
    """A row reads "article_id kind of_id"."""
    first, second = (article_id, match.article_id) if match.is_subject else (match.article_id, article_id)
    return first, second, match.kind.value, match.similarity, match.rule
