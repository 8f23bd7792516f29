"""Articles found by a query."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from archive.judge.excerpts import opening, window
from archive.judge.query.holds import find_words
from archive.judge.query.parse import parse
from archive.judge.wishes import is_withdrawn, quote
from archive.model import Appearance, Limits, SearchHit
from archive.model.query import NotUnderstood, Query, Sort, Words
from archive.store.articles.matching import Matching, match_of, positive_words
from archive.store.articles.reports import Reports
from archive.store.connection import as_text, as_time, as_time_or_none
from archive.store.wishes import limits_in

# Characters that are shown before and behind a word that was found: a line or two of a list of
# hits.
_BEFORE, _BEHIND = 40, 80
_SHOWN = _BEFORE + _BEHIND
# One for one: marks are places in the text.
_SPACE = re.compile(r"\s")
_Marks: TypeAlias = tuple[tuple[int, int], ...]
# Of a word that more articles have, the newest so many are ranked, and the others follow, the
# newest first: to rank a hundred thousand takes a second. Each word is counted in each of them:
# fewer where a query has many words.
_MOST_RANKED, _MOST_COUNTED = 3_000, 15_000
# Who reads on behind the ranked ones is read so many times as many articles for, until the page is
# full: in how many outlets a report stands is known by reading them.
_MORE = 4


class Search(Reports):
    """Articles found by a query."""

    def search(
        self,
        query: str,
        *,
        now: datetime,
        timezone: str = "UTC",
        limit: int = 20,
        offset: int = 0,
        each: bool = False,
    ) -> tuple[SearchHit, ...] | NotUnderstood:
        """
        The reports that a query asks for (`archive.judge.query.parse`), in its order, else the best
        first; () for a query without a word or field, and why where it is not understood.

        Of the articles that are one report, the one that leads it is shown where it is what was
        asked for, and else the best; with *each*, every article for itself. A word in the headline
        weighs more than in the dek, there more than in the body. How it is written does not count
        (`scraper.folding`). No more of a text is quoted than its publisher wishes, and nothing of
        one that is not to be shown any more at *now*.
        """
        asked = parse(query, now, timezone)
        if isinstance(asked, NotUnderstood):
            return asked
        if asked.condition is None:
            return ()
        wanted = tuple(dict.fromkeys(positive_words(asked.condition)))
        order = order_of(asked)
        matching = Matching(asked.condition, has_state=self.has_state)
        asked_for = matching.parameters | self._ranking(matching, wanted, order)
        rows = self._page(statement(matching, order), asked_for | {"each": each}, limit, offset)
        places = self.appearances([row["id"] for row in rows], now)
        return tuple(self._hit(row, wanted, now, places.get(row["id"], ())) for row in rows)

    def _page(self, sql: str, asked: dict[str, object], limit: int, offset: int) -> list[sqlite3.Row]:
        """
        The rows of a page. In which order all reports stand does not hang on the page: those with a
        ranked article first, then by their newest one. So none is on two pages, and none on no page.
        """
        most, more = int(str(asked["most"])), 0
        while True:
            rows = self._rows(sql, asked | {"limit": limit, "offset": offset, "more": more})
            if len(rows) == limit or most < 0 or not self._has_beyond(asked | {"seen": most + more}):
                return rows
            more = more * _MORE or max(most, offset + limit)

    def _has_beyond(self, asked: dict[str, object]) -> bool:
        """Whether more articles than were read have the words."""
        return self._row(_BEYOND, {name: asked[name] for name in ("ranked", "first", "seen")}) is not None

    def _ranking(self, matching: Matching, wanted: tuple[Words, ...], order: Sort) -> dict[str, object]:
        """What the index of words is asked for: words, from which article on, and how many are ranked."""
        most = min(_MOST_RANKED, _MOST_COUNTED // max(len(wanted), 1))
        any_word = " OR ".join(f"({match_of(one)})" for one in wanted)
        is_bounded = order is Sort.RELEVANCE and matching.sql == "1"
        return {
            "ranked": matching.words or any_word or '""',
            "first": self._first_seen_since(matching.since),
            "most": most if is_bounded else -1,
        }

    def _first_seen_since(self, since: datetime | None) -> int:
        """The smallest id of what was first seen since then: the index of words has ids, and no times."""
        first: int | None = self._value(_FIRST_SINCE, (as_text(since),)) if since else 0
        return _NONE if first is None else first

    def _hit(
        self, row: sqlite3.Row, wanted: tuple[Words, ...], now: datetime, places: tuple[Appearance, ...]
    ) -> SearchHit:
        texts = self._row("SELECT body, dek, captions, headline FROM articles WHERE id = ?", (row["id"],))
        snippet, marks = _limited(*_excerpt(tuple(texts or ()), wanted), limits_in(row), now)
        return SearchHit(
            article_id=row["id"],
            headline=row["headline"],
            source=row["source"],
            published_at=as_time_or_none(row["published_at"]),
            url=row["url"],
            snippet=_SPACE.sub(" ", snippet),
            rank=row["score"],
            first_seen_at=as_time(row["first_seen_at"]),
            marks=marks,
            places=places,
        )


def order_of(asked: Query) -> Sort:
    """In which order is shown what a query asks for; without words nothing is better than another."""
    has_words = next(positive_words(asked.condition), None) is not None
    return asked.sort or (Sort.RELEVANCE if has_words else Sort.NEWEST)


def statement(matching: Matching, order: Sort) -> str:
    """The SQL of a search. Articles are found by the index of words wherever a query has words that all must have."""
    if matching.words is None:
        # All are ranked here; of two tables in one SQLite would read each article's score from end to end.
        found = f"articles LEFT JOIN best ON best.id = articles.id WHERE {matching.sql}"
    else:
        # The index has all that is asked of an article that is found by words alone: its row, with its
        # text, is not read.
        index = "INDEXED BY articles_cluster_of" if matching.sql == "1" else ""
        found = f"scores CROSS JOIN articles {index} ON articles.id = scores.id WHERE {matching.sql}"
    picked, keys = _ORDERS[order]
    return _SEARCH.format(found=found, picked=picked, order=keys)


_FIRST_SINCE = "SELECT MIN(id) FROM articles INDEXED BY articles_first_seen WHERE first_seen_at >= ?"
# No id is as high.
_NONE = (1 << 63) - 1

_BEYOND = """
    SELECT rowid FROM articles_fts WHERE articles_fts MATCH :ranked AND rowid >= :first
    ORDER BY rowid DESC LIMIT 1 OFFSET :seen
"""

# How good a report is, its best article says; those that are not ranked stand behind, by their numbers.
_SEARCH = """
    WITH best AS MATERIALIZED (
        SELECT rowid AS id, bm25(articles_fts, 10.0, 4.0, 1.0, 1.0) AS score FROM articles_fts
        WHERE articles_fts MATCH :ranked AND rowid >= :first ORDER BY rowid DESC LIMIT :most
    ), older AS (
        SELECT rowid AS id, 1.0 / rowid AS score FROM articles_fts
        WHERE articles_fts MATCH :ranked AND rowid >= :first AND rowid < (SELECT MIN(id) FROM best)
        ORDER BY rowid DESC LIMIT :more
    ), scores AS MATERIALIZED (
        SELECT id, score FROM best UNION ALL SELECT id, score FROM older
    ), found AS (
        SELECT articles.id, COALESCE(score, 0.0) AS score, is_lead, first_seen_at, published_at,
            CASE WHEN :each THEN articles.id ELSE cluster_id END AS report
        FROM {found}
    ), picked AS (
        {picked} ORDER BY {order} LIMIT :limit OFFSET :offset
    )
    SELECT shown_id AS id, headline, source, articles.published_at, articles.first_seen_at, url, noarchive,
        snippet_limit, unavailable_after, tdm_reserved, score
    FROM picked CROSS JOIN articles ON articles.id = shown_id ORDER BY {order}
"""
# One row a report: the article that leads it, where it was found, else the best: the one beside which
# SQLite found the least score. To number all of them, as times need it, costs twice as much.
_BY_SCORE = """
    SELECT COALESCE(NULLIF(SUM(is_lead * id), 0), id) AS shown_id, MIN(score) AS score, report
    FROM found GROUP BY report
"""
_BY_TIME = """
    SELECT id AS shown_id, score, first_seen_at AS at, COALESCE(published_at, first_seen_at) AS told_at FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY report ORDER BY is_lead DESC, score, first_seen_at, id) AS place
        FROM found
    ) WHERE place = 1
"""
_ORDERS = {
    Sort.RELEVANCE: (_BY_SCORE, "score, report DESC"),
    Sort.NEWEST: (_BY_TIME, "at DESC, shown_id DESC"),
    Sort.OLDEST: (_BY_TIME, "at, shown_id"),
    Sort.PUBLISHED: (_BY_TIME, "told_at DESC, shown_id DESC"),
}


def _excerpt(texts: Iterable[str | None], wanted: tuple[Words, ...]) -> tuple[str, _Marks]:
    """
    A stretch of the first text that has one of the words, in whole words as they are written there,
    and where in it words stand.

    >>> _excerpt([None, "the storms"], (Words(("storm",)),))
    ('the storms', ((4, 10),))
    """
    present = [text for text in texts if text]
    for text in present:
        if place := find_words(text, *wanted):
            begin, _ = window(text, max(0, place[0] - _BEFORE), place[1])
            _, end = window(text, place[0], min(len(text), place[1] + _BEHIND))
            before = "…" * (begin > 0)
            moved = len(before) - begin
            snippet = before + text[begin:end] + "…" * (end < len(text))
            return snippet, ((place[0] + moved, place[1] + moved),)
    return "".join(opening(text, _SHOWN) for text in present[:1]), ()


def _limited(snippet: str, marks: _Marks, limits: Limits, now: datetime | None) -> tuple[str, _Marks]:
    """
    As much of a snippet as may be quoted, without marks where that is not all of it.

    >>> _limited("the storm came", ((4, 9),), Limits(snippet_length=10), None)
    ('the storm…', ())
    """
    if now is not None and is_withdrawn(limits, now):
        return "", ()
    quoted = quote(snippet, limits)
    return quoted, marks if quoted == snippet else ()
