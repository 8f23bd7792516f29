"""What a decision needs to know, and carrying it out: all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, assert_never

from archive.judge.duplicates import fingerprint
from archive.judge.templates import FEWEST_DAYS, FEWEST_PAGES, LEAST_SHARE, find_fingerprints, is_template
from archive.model import (
    Add,
    Decision,
    Duplicate,
    DuplicateKind,
    Known,
    KnownArticle,
    Match,
    Revise,
    StoredArticle,
    Unchanged,
)
from archive.store.connection import (
    Connection,
    as_bool_or_none,
    as_json,
    as_text,
    as_text_or_none,
)
from scraper.model import (
    AccessStatus,
    Article,
    Role,
)
from scraper.read.composed import composed_article
from scraper.text import count_words, search_forms
from scraper.urls import is_http_url, registrable_domain, url_key

# Candidates that a decision compares whole texts with.
_CANDIDATES = 10
# Share of the shorter text's shingles that a candidate has; `decide` asks for more than twice that, but of all
# shingles, and these are a sample. Without it every article with the same house phrases would be compared.
_ENOUGH = 0.25


class Decisions(Connection):
    """What a decision needs to know, and carrying it out: all of it or nothing."""

    def known_for(
        self, article: Article, shingles: Iterable[int], body_digest: str, *, found_url: str | None = None
    ) -> Known:
        """
        What `decide` needs: the article at the same URL key, and the ones whose bodies overlap most, best first.

        The same article is looked up by its canonical URL, by the URL as fetched and by
        *found_url*, in this order. Candidates have the same body, or share enough of the shingles
        of the shorter text to be worth comparing; ten at most. Every look-up goes by an index.
        """
        same_id = self._same_id(article, found_url)
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
                "shingles": as_json(wanted),
                "fewest": 2 if len(wanted) >= 8 else 1,
                "share": _ENOUGH,
                "same": same_id,
                "limit": _CANDIDATES,
            },
        )
        known = self._known([row["article_id"] for row in rows] + ([same_id] if same_id else []))
        return Known(known.pop(same_id, None) if same_id else None, tuple(known.values()))

    def templates_for(self, article: Article, source: str | None, *, found_url: str | None = None) -> dict[int, int]:
        """
        The templates of *source* on a page, and in the text that we hold of it; for each on how many others it stands.

        Only other articles count, so that none is judged by its first appearance, and copies of one another
        count once: what is told again is no template. Without a source nothing is known.
        """
        rows = self._rows(
            _TEMPLATES,
            {
                "marks": as_json(list(find_fingerprints(article.blocks))),
                "source": source,
                "same": self._same_id(article, found_url),
                "fewest_pages": FEWEST_PAGES,
                "fewest_days": FEWEST_DAYS,
                "share": LEAST_SHARE,
            },
        )
        return {row["fingerprint"]: row["pages"] for row in rows}

    def held(self, article: Article, found_url: str) -> KnownArticle | None:
        """The article that is held at one of the URLs of *article*, as `known_for` looks it up."""
        same_id = self._same_id(article, found_url)
        return self._known([same_id])[same_id] if same_id else None

    def _same_id(self, article: Article, found_url: str | None) -> int | None:
        """The id of the article that has one of these URLs."""
        found: int | None = self._value(
            """
            SELECT article_id FROM json_each(?) AS wanted CROSS JOIN article_urls ON url_key = wanted.value
            ORDER BY wanted.key LIMIT 1
            """,
            (as_json(_url_keys(article, found_url)),),
        )
        return found

    def _known(self, ids: Sequence[int]) -> dict[int, KnownArticle]:
        """By id, in the order of *ids*. Headline and dek are the current revision's: what the page itself said last."""
        rows = self._rows(
            """
            SELECT articles.id, url_key, revisions.headline, revisions.dek, body, articles.complete,
                articles.access_status, COALESCE(origins ->> '$.body' = 'feed', 0) AS is_of_feed, (
                    SELECT json_group_array(fingerprint) FROM template_blocks
                    WHERE article_id = articles.id AND removed
                ) AS templates
            FROM json_each(?) AS wanted
            CROSS JOIN articles ON articles.id = wanted.value
            JOIN revisions ON revisions.id = revision_id
            ORDER BY wanted.key
            """,
            (as_json(ids),),
        )
        return {
            row["id"]: KnownArticle(
                article_id=row["id"],
                url_key=row["url_key"],
                headline=row["headline"],
                dek=row["dek"],
                body=row["body"],
                complete=as_bool_or_none(row["complete"]),
                status=AccessStatus(row["access_status"]),
                templates=frozenset(json.loads(row["templates"])),
                is_of_feed=bool(row["is_of_feed"]),
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
        private: bool = False,
    ) -> int:
        """
        Carry a decision out, in one transaction. The id of the article that was added, revised or seen again.

        A revision replaces text, pictures, access and links to duplicates; dates, authors, section
        and the like that the new page no longer tells stay as they were known. *shingles* and
        *body_digest* are of the body that the decision is about, *capture_id* is the raw response it was read from.
        *private*: that was an answer to the reader's own cookies; an article with such a text stays private.
        """
        with self.transaction():
            match decision:
                case Unchanged(article_id):
                    self._run("UPDATE articles SET last_seen_at = ? WHERE id = ?", (as_text(now), article_id))
                    self._add_urls(article_id, [url_key(found_url)] if is_http_url(found_url) else [])
                    return article_id
                case Add(article) | Duplicate(article):
                    article = composed_article(article)  # a feed's text was read elsewhere
                    keys = _url_keys(article, found_url)
                    columns = _article_columns(article) | {
                        "url_key": keys[0],
                        "found_url": found_url,
                        "source": source,
                        "body_digest": body_digest,
                        "now": as_text(now),
                    }
                    columns["search_forms"] = _search_forms(columns)
                    article_id = self._insert(_INSERT_ARTICLE, columns)
                    changes, matches = None, decision.matches if isinstance(decision, Duplicate) else ()
                case Revise(article_id, article, changes, matches):
                    article = composed_article(article)
                    keys = _url_keys(article, found_url)
                    columns = _article_columns(article) | {
                        "id": article_id,
                        "source": source,
                        "body_digest": body_digest,
                        "now": as_text(now),
                    }
                    self._revise(columns)
                    self._forget_parts(article_id)
                    self._run("DELETE FROM duplicates WHERE article_id = :id OR of_id = :id", {"id": article_id})
                case _:
                    assert_never(decision)
            revision_id = self._add_revision(article_id, article, changes, now, capture_id)
            self._run(
                "UPDATE articles SET revision_id = ?, private = MAX(private, ?) WHERE id = ?",
                (revision_id, private, article_id),
            )
            self._add_parts(article_id, article, shingles)
            self._add_urls(article_id, keys)
            self._run_many(
                "INSERT OR REPLACE INTO duplicates (article_id, of_id, kind, similarity) VALUES (?, ?, ?, ?)",
                [_duplicate_columns(article_id, match) for match in matches],
            )
            return article_id

    def add_earlier_revision(
        self, article_id: int, article: Article, at: datetime, *, capture_id: int | None, next_changes: str
    ) -> None:
        """
        Put a text that was seen before the current one where it belongs in time; what is current stays so.

        Args:
            at: When it was seen, before the current revision.
            next_changes: What the revision behind it changed, for the reader.
        """
        with self.transaction():
            number = self._value(
                "SELECT MIN(number) FROM revisions WHERE article_id = ? AND seen_at > ?", (article_id, as_text(at))
            )
            revision_id = self._add_revision(article_id, article, None, at, capture_id)
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
        self._run("UPDATE articles SET first_seen_at = MIN(first_seen_at, ?) WHERE id = ?", (as_text(at), article_id))

    def relabel(self, stored: StoredArticle, article: Article) -> None:
        """
        Put *article* in the place of the current revision: the same page, read again by better rules.

        It is no new revision: nothing changed out there. Times and links to duplicates stay.
        """
        article = composed_article(article)
        keys = fingerprint(article)
        current = stored.revisions[-1].revision_id
        columns = {"id": stored.article_id, "source": stored.source, "body_digest": keys.body_digest, "now": None}
        with self.transaction():
            self._revise(_article_columns(article) | columns)
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

    def _revise(self, columns: dict[str, Any]) -> None:
        """Carry out `_REVISE_ARTICLE`: a headline that the page no longer tells stays, and with it how it is found."""
        held = self._row("SELECT headline, dek FROM articles WHERE id = ?", (columns["id"],))
        known = {name: columns[name] or (held and held[name]) for name in ("headline", "dek")}
        self._run(_REVISE_ARTICLE, columns | {"search_forms": _search_forms(columns | known)})

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
            "DELETE FROM template_blocks WHERE article_id = :id",
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
                "seen_at": as_text(now),
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
        # One statement: a row each would cost more than the rest of an article.
        self._run(
            "INSERT OR IGNORE INTO shingles (shingle, article_id) SELECT value, ? FROM json_each(?)",
            (article_id, as_json(sorted(shingles))),
        )
        self._run_many(
            """
            INSERT INTO template_blocks (source, fingerprint, article_id, published_at, position, removed)
            SELECT source, ?, id, COALESCE(published_at, first_seen_at), ?, ?
            FROM articles WHERE id = ? AND source IS NOT NULL
            """,
            [
                (mark, place, is_template(article.blocks[place]), article_id)
                for mark, place in find_fingerprints(article.blocks).items()
            ],
        )


# Of articles that say the same, one counts: the one that is a copy of no other.
# CROSS JOIN keeps the order: the few duplicates first, never every article that has the block (30 ms for 40,000).
_TEMPLATES = """
    WITH wanted AS (
        SELECT value AS fingerprint FROM json_each(:marks)
        UNION SELECT fingerprint FROM template_blocks WHERE article_id = :same
    ), pages AS (
        SELECT one.fingerprint, one.published_at FROM wanted
        CROSS JOIN template_blocks AS one ON one.source = :source AND one.fingerprint = wanted.fingerprint
        WHERE one.article_id IS NOT :same AND NOT EXISTS (
            SELECT 1 FROM duplicates CROSS JOIN template_blocks AS other ON other.source = :source
                AND other.fingerprint = one.fingerprint AND other.article_id = duplicates.of_id
            WHERE duplicates.article_id = one.article_id
        )
    ), counted AS (
        SELECT fingerprint, COUNT(*) AS pages, MIN(published_at) AS since, MAX(published_at) AS until FROM pages
        GROUP BY fingerprint
        HAVING COUNT(*) >= :fewest_pages AND COUNT(DISTINCT substr(published_at, 1, 10)) >= :fewest_days
    )
    SELECT fingerprint, pages FROM counted WHERE pages >= :share * (
        SELECT COUNT(*) FROM articles
        WHERE source = :source AND COALESCE(published_at, first_seen_at) BETWEEN since AND until
    )
"""


_INSERT_ARTICLE = """
    INSERT INTO articles (url_key, url, found_url, canonical_url, source, headline, kicker, dek, byline, authors,
        published_at, published_raw, updated_at, section, publication, language, access_status, complete, cut_by,
        access_explanation, confidence, conflict,
        access_numbers, word_count, body, captions, search_forms, tags, cves, origins, body_digest, kind,
        kind_confidence, text_confidence, variants, first_seen_at, last_seen_at)
    VALUES (:url_key, :url, :found_url, :canonical_url, :source, :headline, :kicker, :dek, :byline, :authors,
        :published_at, :published_raw, :updated_at, :section, :publication, :language, :access_status, :complete,
        :cut_by, :access_explanation, :confidence, :conflict,
        :access_numbers, :word_count, :body, :captions, :search_forms, :tags, :cves, :origins,
        :body_digest, :kind, :kind_confidence, :text_confidence, :variants, :now, :now)
"""


_REVISE_ARTICLE = """
    UPDATE articles SET
        url = :url, canonical_url = COALESCE(:canonical_url, canonical_url), source = COALESCE(source, :source),
        headline = COALESCE(:headline, headline), kicker = COALESCE(:kicker, kicker), dek = COALESCE(:dek, dek),
        byline = COALESCE(:byline, byline), authors = COALESCE(NULLIF(:authors, '[]'), authors),
        published_at = COALESCE(:published_at, published_at), published_raw = COALESCE(:published_raw, published_raw),
        updated_at = COALESCE(:updated_at, updated_at), section = COALESCE(:section, section),
        publication = COALESCE(:publication, publication), language = COALESCE(:language, language),
        tags = COALESCE(NULLIF(:tags, '[]'), tags), origins = json_patch(json_remove(origins, '$.body'), :origins),
        access_status = :access_status, complete = :complete, cut_by = :cut_by,
        access_explanation = :access_explanation, confidence = :confidence, conflict = :conflict,
        access_numbers = :access_numbers, word_count = :word_count, body = :body, captions = :captions,
        search_forms = :search_forms, cves = :cves, body_digest = :body_digest,
        kind = :kind, kind_confidence = :kind_confidence, text_confidence = :text_confidence, variants = :variants,
        last_seen_at = COALESCE(:now, last_seen_at), revised_at = COALESCE(:now, revised_at)
    WHERE id = :id
"""


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
        "authors": as_json(article.authors),
        "published_at": as_text_or_none(article.published_at),
        "published_raw": article.published_raw,
        "updated_at": as_text_or_none(article.updated_at),
        "section": article.section,
        "publication": article.publication,
        "language": article.language,
        "access_status": article.access.status.value,
        "complete": article.access.complete,
        "cut_by": article.access.cut_by,
        "access_explanation": article.access.explanation,
        "confidence": article.access.confidence,
        "conflict": article.access.conflict,
        "access_numbers": as_json(asdict(article.access.numbers)),
        "word_count": count_words(article.body),
        "body": article.body,
        "captions": "\n".join(dict.fromkeys(captions)),
        "tags": as_json(article.tags),
        "cves": as_json(article.cves),
        "origins": as_json(dict(article.origins)),
        "kind": article.kind.value,
        "kind_confidence": article.kind_confidence,
        "text_confidence": article.text_confidence,
        "variants": as_json(article.variants),
    }


def _search_forms(columns: dict[str, Any]) -> str:
    return search_forms(columns[name] for name in ("headline", "dek", "body", "captions"))


def _duplicate_columns(article_id: int, match: Match) -> tuple[int, int, str, float]:
    """The row says that the first contains nothing beside the second: the shorter one comes first."""
    if match.kind is DuplicateKind.CONTAINED and not match.is_longer:
        return match.article_id, article_id, match.kind.value, match.similarity
    return article_id, match.article_id, match.kind.value, match.similarity
