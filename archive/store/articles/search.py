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
# Of a word that more articles have, the best of the newest so many are shown: to rank a hundred
# thousand takes a second, and nobody reads on. Each word is counted in each of them: fewer where a
# query has many words.
_MOST_RANKED, _MOST_COUNTED = 3_000, 15_000
_REPORTS_AMONG = 5  # a report is one row, in however many outlets it stands: of so many ranked ones one at least


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
        asked_for = self._ranking(matching, wanted, order, offset + limit)
        page = {"limit": limit, "offset": offset, "each": each}
        rows = self._rows(statement(matching, _ORDERS[order]), matching.parameters | asked_for | page)
        places = self.appearances([row["id"] for row in rows], now)
        return tuple(self._hit(row, wanted, now, places.get(row["id"], ())) for row in rows)

    def _ranking(self, matching: Matching, wanted: tuple[Words, ...], order: Sort, end: int) -> dict[str, object]:
        """
        What the index of words is asked for: words, from which article on, and how many at most.

        Args:
            end: How many reports are asked for, those before the page included. Who reads on as far
                as that gets all of them, ranked among all: one may come twice, or stand before.
        """
        most = min(_MOST_RANKED, _MOST_COUNTED // max(len(wanted), 1))
        any_word = " OR ".join(f"({match_of(one)})" for one in wanted)
        is_bounded = order is Sort.RELEVANCE and matching.sql == "1" and end <= most // _REPORTS_AMONG
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


def statement(matching: Matching, order: str) -> str:
    """The SQL of a search. Articles are found by the index of words wherever a query has words that all must have."""
    if matching.words is None:
        found = f"articles LEFT JOIN scores ON scores.id = articles.id WHERE {matching.sql}"
    else:
        # The index has all that is asked of an article that is found by words alone: its row, with its
        # text, is not read.
        index = "INDEXED BY articles_cluster_of" if matching.sql == "1" else ""
        found = f"scores CROSS JOIN articles {index} ON articles.id = scores.id WHERE {matching.sql}"
    return _SEARCH.format(found=found, order=order)


_FIRST_SINCE = "SELECT MIN(id) FROM articles INDEXED BY articles_first_seen WHERE first_seen_at >= ?"
# No id is as high.
_NONE = (1 << 63) - 1

# One row a report: the article that leads it, where it was found, else the best. How good a report
# is, its best article says.
_SEARCH = """
    WITH scores AS MATERIALIZED (
        SELECT rowid AS id, bm25(articles_fts, 10.0, 4.0, 1.0, 1.0) AS score FROM articles_fts
        WHERE articles_fts MATCH :ranked AND rowid >= :first ORDER BY rowid DESC LIMIT :most
    ), found AS MATERIALIZED (
        SELECT articles.id, COALESCE(score, 0.0) AS score, is_lead, first_seen_at, published_at, cluster_id
        FROM {found}
    ), ranked AS (
        SELECT id, MIN(score) OVER report AS score, ROW_NUMBER() OVER (
            report ORDER BY is_lead DESC, score, first_seen_at, id
        ) AS place, first_seen_at, published_at
        FROM found WINDOW report AS (PARTITION BY CASE WHEN :each THEN id ELSE cluster_id END)
    ), picked AS (
        SELECT id, score, ROW_NUMBER() OVER (ORDER BY {order}) AS number FROM ranked WHERE place = 1
        ORDER BY {order} LIMIT :limit OFFSET :offset
    )
    SELECT picked.id, headline, source, published_at, articles.first_seen_at, url, noarchive, snippet_limit,
        unavailable_after, tdm_reserved, score
    FROM picked JOIN articles ON articles.id = picked.id ORDER BY number
"""
_ORDERS = {
    Sort.RELEVANCE: "score, id DESC",
    Sort.NEWEST: "first_seen_at DESC, id DESC",
    Sort.OLDEST: "first_seen_at, id",
    Sort.PUBLISHED: "COALESCE(published_at, first_seen_at) DESC, id DESC",
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
