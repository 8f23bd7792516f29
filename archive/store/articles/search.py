"""Articles found by words."""

# ruff: noqa: S608 - statements are put together of parts of our own, values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from archive.judge.wishes import is_withdrawn, quote
from archive.model import MARK_END, MARK_START, Appearance, Limits, SearchHit
from archive.store.articles.reports import Reports
from archive.store.connection import as_json, as_time_or_none
from archive.store.wishes import limits_in
from scraper.text import find_word, search_form, words

# More words than these make a search no better, and FTS5 limits the depth of a query.
_QUERY_WORDS = 64
# Characters that are shown before and behind a word that was found: a line or two of a list of
# hits.
_BEFORE, _BEHIND = 40, 80
_SHOWN = _BEFORE + _BEHIND


class Search(Reports):
    """Articles found by words."""

    def search(
        self, query: str, *, limit: int = 20, offset: int = 0, now: datetime | None = None, each: bool = False
    ) -> tuple[SearchHit, ...]:
        """
        The reports that contain every word of *query*, best first; () for a query without a word.

        Of the articles that are one report, the one that leads it is shown where it has the words,
        and else the best; with *each*, every article for itself.

        A word is what stands between spaces, taken literally: "CVE-2024-3094" is found as it
        stands, and no character is an operator. A word in the headline weighs more than in the dek,
        there more than in the body.
        How it is written does not count: full width finds plain letters and is found by them. Words
        in scripts without spaces (Chinese, Japanese, Thai …) are looked for in the texts
        themselves, newest article first. No more of a text is quoted than its publisher wishes, and
        nothing of one that is not to be shown any more at *now*.
        """
        indexed, unspaced = query_words(query)
        if not indexed and not unspaced:
            return ()
        rows = self._rows(
            _SEARCH_TEXTS if unspaced else _SEARCH_INDEX,
            {
                "query": match_query(indexed),
                "unspaced": as_json(unspaced),
                "start": MARK_START,
                "end": MARK_END,
                "limit": limit,
                "offset": offset,
                "each": each,
            },
        )
        places = self.appearances([row["id"] for row in rows], now)
        return tuple(self._hit(row, (unspaced or indexed)[0], now, places.get(row["id"], ())) for row in rows)

    def _hit(self, row: sqlite3.Row, word: str, now: datetime | None, places: tuple[Appearance, ...]) -> SearchHit:
        snippet = self._excerpt_of(row["id"], word) if row["snippet"] is None else row["snippet"]
        return SearchHit(
            article_id=row["id"],
            headline=row["headline"],
            source=row["source"],
            published_at=as_time_or_none(row["published_at"]),
            url=row["url"],
            snippet=_limited(snippet, limits_in(row), now),
            rank=row["score"],
            places=places,
        )

    def _excerpt_of(self, article_id: int, word: str) -> str:
        """
        As `_excerpt`. Texts are read for the hits that are shown, not for all that are put in
        order.
        """
        texts = self._row("SELECT body, dek, captions, headline FROM articles WHERE id = ?", (article_id,))
        return _excerpt(tuple(texts or ()), word)


# One row a report: the article that leads it, where it was found, else the best. How good a report
# is, its best article says.
_PICKED = """
    ranked AS (
        SELECT found.id, MIN(score) OVER report AS score, ROW_NUMBER() OVER (
            report ORDER BY is_lead DESC, score, first_seen_at, found.id
        ) AS place
        FROM found JOIN articles ON articles.id = found.id
        WINDOW report AS (PARTITION BY CASE WHEN :each THEN found.id ELSE cluster_id END)
    ), picked AS (
        SELECT id, score FROM ranked WHERE place = 1
    )
    SELECT picked.id, articles.headline, source, published_at, url, noarchive, snippet_limit, unavailable_after,
        tdm_reserved, score,
"""

_SEARCH_INDEX = f"""
    WITH found AS MATERIALIZED (
        SELECT rowid AS id, bm25(articles_fts, 10.0, 4.0, 1.0, 1.0) AS score FROM articles_fts
        WHERE articles_fts MATCH :query
    ), {_PICKED} (
            -- search_forms is not what the publisher wrote, and is not quoted
            SELECT NULLIF(
                snippet(articles_fts, -1, :start, :end, '…', 24), snippet(articles_fts, 4, :start, :end, '…', 24)
            )
            FROM articles_fts WHERE articles_fts MATCH :query AND articles_fts.rowid = picked.id
        ) AS snippet
    FROM (SELECT * FROM picked ORDER BY score, id DESC LIMIT :limit OFFSET :offset) AS picked
    JOIN articles ON articles.id = picked.id
    ORDER BY score, picked.id DESC
"""


_SEARCH_TEXTS = f"""
    WITH found AS MATERIALIZED (
        SELECT id, 0.0 AS score FROM articles
        WHERE (:query IS NULL OR id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH :query))
            AND NOT EXISTS (
                SELECT 1 FROM json_each(:unspaced)
                WHERE instr(COALESCE(headline, ''), value) = 0 AND instr(COALESCE(dek, ''), value) = 0
                    AND instr(body, value) = 0 AND instr(captions, value) = 0 AND instr(search_forms, value) = 0
            )
    ), {_PICKED} NULL AS snippet
    FROM picked JOIN articles ON articles.id = picked.id
    ORDER BY first_seen_at DESC, picked.id DESC LIMIT :limit OFFSET :offset
"""


def query_words(query: str) -> tuple[list[str], list[str]]:
    """
    What a query asks for, each once: words as the full-text index knows them, and words in scripts
    without spaces.

    The index takes a run of such a script for one word, so a word inside it is looked for in the
    text. FTS5 reads a query up to its first NUL.

    >>> query_words("a  b* * 東京 a ＮＡＴＯ")
    (['a', 'b*', 'NATO'], ['東京'])
    """
    asked = search_form(query.replace("\0", " ")).split()
    found = list(dict.fromkeys(word for word in asked if words(word)))[:_QUERY_WORDS]
    # Thai is the first of the scripts that `words` takes apart into characters.
    unspaced = [word for word in found if any(len(part) == 1 and part >= "\u0e00" for part in words(word))]
    return [word for word in found if word not in unspaced], unspaced


def match_query(asked: Iterable[str]) -> str | None:
    r"""
    The FTS5 query that finds all words literally, each as a quoted string; None where there are
    none.

    Source: https://www.sqlite.org/fts5.html §3.1.

    >>> match_query(["don't", "C++", "NEAR("])
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
            opening = ("…" if len(before) > _BEFORE else "") + before[-_BEFORE:]
            found = f"{MARK_START}{text[place[0] : place[1]]}{MARK_END}"
            return f"{opening}{found}{after[:_BEHIND]}" + ("…" if len(after) > _BEHIND else "")
    # Found by its stem alone.
    return "".join(text[:_SHOWN] + ("…" if len(text) > _SHOWN else "") for text in present[:1])


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
