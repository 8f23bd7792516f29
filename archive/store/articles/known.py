"""What a decision needs to know."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from archive.judge.fingerprints import Fingerprint, read_text
from archive.judge.templates import FEWEST_DAYS, FEWEST_PAGES, LEAST_SHARE
from archive.judge.verdicts import Compared, have_nothing_in_common
from archive.model import ONE_REPORT, Known, KnownArticle
from archive.store.connection import as_bool_or_none, as_json
from archive.store.fingerprints import Fingerprints
from scraper.model import AccessStatus, Article
from scraper.urls import is_http_url, registrable_domain, url_key


class Knowing(Fingerprints):
    """What a decision needs to know."""

    def known_for(self, article: Article, keys: Fingerprint, *, found_url: str | None = None) -> Known:
        """
        What `decide` needs: the article at the same address, the one whose entry had the same GUID,
        and the ones that may say the same, most likely first. Every look-up goes by an index.

        The same article is looked up by its canonical URL, by the URL as fetched and by
        *found_url*, in this order.
        """
        same_id = self._same_id(article, found_url)
        former_id = self._former_id(found_url) if same_id is None else None
        held = self._known([one for one in (same_id, former_id) if one])
        return Known(held.get(same_id or 0), held.get(former_id or 0), *self._alike(keys, same_id))

    def alike(self, keys: Fingerprint, article_id: int) -> Known:
        """What a held text is compared with when it is judged again."""
        return Known(None, None, *self._alike(keys, article_id))

    def templates_for(
        self, marks: Collection[int], article: Article, source: str | None, *, found_url: str | None = None
    ) -> dict[int, int]:
        """
        The templates of *source* on a page, whose blocks have these *marks*, and in the text that
        we hold of it; for each on how many others it stands.

        Only other articles count, so that none is judged by its first appearance, and copies of one
        another count once: what is told again is no template. Without a source nothing is known.
        """
        if source is None:
            return {}
        rows = self._rows(
            _TEMPLATES,
            {
                "marks": as_json(list(marks)),
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
        """
        The id of the article that has one of these URLs.

        Where that is only the canonical one, the texts must have something in common: sites give
        their front page or a section as that of every article.
        """
        rows = self._rows(
            """
            SELECT wanted.value AS key, article_id FROM json_each(?) AS wanted
            CROSS JOIN article_urls ON url_key = wanted.value ORDER BY wanted.key
            """,
            (as_json(url_keys(article, found_url)),),
        )
        own = {url_key(url) for url in (article.url, found_url) if url and is_http_url(url)}
        owners = {row["article_id"] for row in rows if row["key"] in own}
        for row in rows:
            found: int = row["article_id"]
            if found in owners or not self._is_another(article, found):
                return found
        return None

    def _is_another(self, article: Article, held_id: int) -> bool:
        """Whether the article that is held says something else altogether."""
        held = self._known([held_id])[held_id]
        return have_nothing_in_common(*(Compared(read_text(one.body), "", one.headline) for one in (article, held)))

    def _former_id(self, found_url: str | None) -> int | None:
        """The id of the article where the GUID of the entry at *found_url* was known before."""
        if found_url is None or not is_http_url(found_url):
            return None
        former: int | None = self._value(
            """
            SELECT article_id FROM entries JOIN article_urls ON article_urls.url_key = entries.formerly
            WHERE entries.url_key = ?
            """,
            (url_key(found_url),),
        )
        return former

    def _known(self, ids: Sequence[int]) -> dict[int, KnownArticle]:
        """
        By id, in the order of *ids*. Headline and dek are the current revision's: what the page
        itself said last.
        """
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


_ONE_REPORT = ", ".join(f"'{kind}'" for kind in sorted(ONE_REPORT))
# Of articles that say the same, one counts: the one that is a copy of no other.
# CROSS JOIN keeps the order: the few duplicates first, never every article that has the block (30
# ms for 40,000).
_TEMPLATES = f"""
    WITH wanted AS (
        SELECT value AS fingerprint FROM json_each(:marks)
        UNION SELECT fingerprint FROM template_blocks WHERE article_id = :same
    ), pages AS (
        SELECT one.fingerprint, one.published_at FROM wanted
        CROSS JOIN template_blocks AS one ON one.source = :source AND one.fingerprint = wanted.fingerprint
        WHERE one.article_id IS NOT :same AND NOT EXISTS (
            SELECT 1 FROM duplicates CROSS JOIN template_blocks AS other ON other.source = :source
                AND other.fingerprint = one.fingerprint AND other.article_id = duplicates.of_id
            WHERE duplicates.article_id = one.article_id AND duplicates.kind IN ({_ONE_REPORT})
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
"""  # noqa: S608 - kinds of our own


def url_keys(article: Article, found_url: str | None) -> tuple[str, ...]:
    """
    The URL keys of an article: the one it is kept under, then the others.

    The publisher's canonical URL comes first, unless it is of another site (a copy of someone
    else's report is an article of its own) or the front page (a common mistake in templates).
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
