"""A query as SQL: each of its parts is a condition on a row of `articles`."""

# ruff: noqa: S608 - statements are put together of parts of our own, values are bound

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import assert_never

from archive.judge.query.holds import variants
from archive.model.query import All, Any, Condition, Fact, Is, Not, Within, Words
from archive.store.alerts.hits import STARRED_BY_ALERT
from archive.store.connection import as_text
from archive.store.functions import FOLD, HAS_WORDS, wanted_words

# SQL of the values of a fact, to be compared with; `fold` is scraper.folding.fold_letters.
_VALUES = {
    Fact.SOURCE: "SELECT source AS value UNION ALL SELECT title FROM sources WHERE name = articles.source",
    Fact.SECTION: "SELECT section AS value",
    Fact.AUTHOR: "SELECT value FROM json_each(authors) UNION ALL SELECT byline",
    Fact.ACCESS: "SELECT access_status AS value",
    Fact.COMPLETE: "SELECT CASE complete WHEN 1 THEN 'yes' WHEN 0 THEN 'no' ELSE 'unknown' END AS value",
    Fact.LANGUAGE: "SELECT language AS value UNION ALL SELECT substr(language, 1, instr(language || '-', '-') - 1)",
    # Those of its publisher, and those that alerts gave it. The public view has none of the latter.
    Fact.TAG: "SELECT value FROM json_each(articles.tags) UNION ALL"
    " SELECT value FROM alert_hits, json_each(alert_hits.tags) WHERE article_id = articles.id AND holds",
}
# Facts that a row or another table says by itself.
_FLAGS = {
    (Fact.HAS, "revision"): "EXISTS (SELECT 1 FROM revisions WHERE article_id = articles.id AND number > 1)",
    (Fact.HAS, "duplicate"): "EXISTS (SELECT 1 FROM articles AS mate WHERE mate.cluster_id = articles.cluster_id"
    " AND mate.id != articles.id)",
    (Fact.HAS, "cve"): "EXISTS (SELECT 1 FROM cves WHERE article_id = articles.id)",
    (Fact.HAS, "caption"): "captions != ''",
    (Fact.IS, "starred"): f"(starred OR {STARRED_BY_ALERT})",
    (Fact.IS, "private"): "private",
    (Fact.IS, "changed"): "changed_at IS NOT NULL",
    # Without the owner's marks nothing was read, and nothing is followed.
    (Fact.IS, "unread"): "1",
    (Fact.IS, "followed"): "0",
}

# The articles of stories that the owner follows.
_FOLLOWED = """
    SELECT article_id FROM story_articles WHERE story_id IN (
        SELECT story_id FROM state.marks JOIN article_urls USING (url_key) JOIN story_articles USING (article_id)
        WHERE kind = 'follow'
    )
"""


class Matching:
    """
    The SQL of one condition, with its parameters.

    Args:
        words: The FTS5 query that finds every article that can be what is asked for; None where
            others can be, too.
        sql: True of the rows of `articles` that are what is asked for; where there are *words*, of
            those among them. "1" where the words say it all.
        parameters: By the names in *sql*.
        since: What was first seen before is not asked for; None where any may be.
        has_state: The owner's marks are there, as the schema `state`; else nobody has read anything.
    """

    def __init__(self, condition: Condition, *, has_state: bool = False) -> None:
        self.parameters: dict[str, object] = {}
        self._has_state = has_state
        parts = condition.parts if isinstance(condition, All) else (condition,)
        self.since = max(filter(None, map(_first_seen_since, parts)), default=None)
        wanted = list(filter(None, map(text_match, parts)))
        # FTS5 knows no NOT by itself.
        unwanted = list(filter(None, map(_text_match_of_not, parts))) if wanted else []
        words = _joined(" AND ", wanted)
        self.words = f"({words}) NOT ({_joined(' OR ', unwanted)})" if unwanted else words or None
        rest = [self._within(part) for part in parts if not (unwanted and _text_match_of_not(part))]
        self.sql = " AND ".join(filter(None, rest)) or "1"

    def _within(self, part: Condition) -> str:
        """What is left to be asked of an article that the index of words found: all, or where words stand."""
        if not text_match(part):
            return self._of(part)
        if isinstance(part, Words):
            return self._in_field(part) if part.field else ""
        return self._of(part) if _has_fields(part) else ""

    def _of(self, condition: Condition) -> str:
        match condition:
            case Words():
                return self._words(condition)
            case Is():
                return self._fact(condition)
            case Within():
                return self._time(condition)
            case Not(part):
                return f"NOT COALESCE({self._of(part)}, 0)"
            case All(parts):
                return f"({' AND '.join(map(self._of, parts)) or '1'})"
            case Any(parts):
                return f"({' OR '.join(map(self._of, parts)) or '0'})"
            case _:
                assert_never(condition)

    def _time(self, asked: Within) -> str:
        column = "published_at" if asked.is_published else "first_seen_at"
        bounds = [f"{column} >= {self._bind(as_text(asked.since))}"] if asked.since else []
        bounds += [f"{column} < {self._bind(as_text(asked.until))}"] if asked.until else []
        return f"({' AND '.join(bounds) or f'{column} IS NOT NULL'})"

    def _words(self, words: Words) -> str:
        found = (
            f"articles.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH {self._bind(match_of(words))})"
        )
        if words.field is None:
            return found
        return f"({found} AND {self._in_field(words)})"

    def _in_field(self, words: Words) -> str:
        # `search_forms` has the words of all texts.
        assert words.field is not None
        return f"{HAS_WORDS}({words.field.value}, {self._bind(wanted_words(words))})"

    def _fact(self, asked: Is) -> str:
        if asked.fact is Fact.IS and self._has_state and asked.value in _MARKED:
            return _MARKED[asked.value]
        if flag := _FLAGS.get((asked.fact, asked.value)):
            return flag
        value = self._bind(asked.value)
        if asked.fact is Fact.STORY:
            found = f"SELECT article_id FROM story_articles WHERE story_id = CAST({value} AS INTEGER)"
            return f"articles.id IN ({found})"
        if asked.fact is Fact.CVE:
            how = _equals("cve", f"upper({value})", is_prefix=asked.is_prefix)
            return f"articles.id IN (SELECT article_id FROM cves WHERE {how})"
        return self._one_of_values(asked, _equals(f"{FOLD}(value)", value, is_prefix=asked.is_prefix))

    def _one_of_values(self, asked: Is, how: str) -> str:
        """Whether one of the values of a fact is *how* it is asked for."""
        if asked.fact not in _VALUES:
            return "0"
        found = f"EXISTS (SELECT 1 FROM ({_VALUES[asked.fact]}) WHERE value IS NOT NULL AND {how})"
        has_marks = asked.fact is Fact.TAG and self._has_state
        return f"({found} OR {marked('tag', how)})" if has_marks else found

    def _bind(self, value: object) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"


def _joined(word: str, queries: Iterable[str]) -> str:
    """
    FTS5 queries as one.

    >>> _joined(" OR ", ['"gate"', '"key" OR "keys"'])
    '("gate") OR ("key" OR "keys")'
    """
    return word.join(f"({one})" for one in queries)


def _equals(column: str, value: str, *, is_prefix: bool) -> str:
    return f"substr({column}, 1, length({value})) = {value}" if is_prefix else f"{column} = {value}"


def _first_seen_since(part: Condition) -> datetime | None:
    return part.since if isinstance(part, Within) and not part.is_published else None


def marked(kind: str, how: str = "1") -> str:
    """SQL of whether the owner put a mark on an article."""
    return f"EXISTS (SELECT 1 FROM state.marks WHERE url_key = articles.url_key AND kind = '{kind}' AND {how})"


# What the owner's marks say of a fact.
_MARKED = {
    "starred": f"({_FLAGS[Fact.IS, 'starred']} OR {marked('star')})",
    "unread": f"NOT {marked('read')}",
    "followed": f"articles.id IN ({_FOLLOWED})",
}


def text_match(condition: Condition) -> str | None:
    """
    The FTS5 query without which nothing is what a condition asks for, where it asks for words alone.

    >>> text_match(Any((Words(("gate",)), All((Words(("a", "b")), Words(("zel",), is_prefix=True))))))
    '("gate" OR "gates") OR (("a b") AND ("zel" *))'
    """
    match condition:
        case Words():
            return match_of(condition)
        case All(parts) | Any(parts):
            found = [text_match(part) for part in parts]
            word = " AND " if isinstance(condition, All) else " OR "
            known = [one for one in found if one]
            return _joined(word, known) if known and len(known) == len(found) else None
        case _:
            return None


def _text_match_of_not(part: Condition) -> str | None:
    """The FTS5 query of words that must not be there, wherever in the texts."""
    if not isinstance(part, Not) or _has_fields(part.part):
        return None
    return text_match(part.part)


def _has_fields(condition: Condition) -> bool:
    return any(words.field is not None for words in positive_words(condition))


def match_of(words: Words) -> str:
    """
    The FTS5 query that finds words in any text, in each of the forms that are as good.

    Source: https://www.sqlite.org/fts5.html §3.

    >>> match_of(Words(("gate",))), match_of(Words(("cve", "2024"), is_prefix=True))
    ('"gate" OR "gates"', '"cve 2024" *')
    """
    if words.is_prefix:
        return f'"{" ".join(words.phrase)}" *'
    if len(words.phrase) > 1:
        return f'"{" ".join(words.phrase)}"'
    return " OR ".join(f'"{form}"' for form in variants(words, 0))


def positive_words(condition: Condition | None) -> Iterator[Words]:
    """The words that an article may be found by: what is not wanted ranks nothing, and is not shown."""
    match condition:
        case Words():
            yield condition
        case All(parts) | Any(parts):
            for part in parts:
                yield from positive_words(part)
        case _:
            return
