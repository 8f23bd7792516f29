"""Stories, their articles, and how common words are in what the archive has."""

# ruff: noqa: S608 - parts of our own, no values

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from archive.judge.stories.background import Counts
from archive.model import Description, DuplicateKind, LivingStory, MarkKind, StoryArticle
from archive.store.connection import Connection, as_json, as_text, as_time
from archive.store.state.file import keys_of

# So many characters hold what is compared of a text.
_OPENING = 6_000
# Of a story's earlier articles so many are looked at, the latest.
_MOST_EARLIER = 20
# Words are counted for good, but those that one article alone had: when there are so many, these
# are forgotten.
_MOST_WORDS = 300_000


class Stories(Connection):
    """Stories, their articles, and how common words are in what the archive has."""

    def without_story(self, limit: int) -> tuple[tuple[int, datetime], ...]:
        """
        Articles that are in no story yet, and when each was told: at most *limit* of them, the
        latest; oldest first.
        """
        rows = self._rows(_WITHOUT_STORY, {"limit": limit})
        return tuple((row["id"], as_time(row["told_at"])) for row in reversed(rows))

    def story_articles(self, ids: Collection[int]) -> tuple[StoryArticle, ...]:
        """These articles, oldest first."""
        rows = self._rows(_STORY_ARTICLES, (as_json([*ids]),))
        return tuple(map(_story_article, rows))

    def told_count(self, since: datetime, until: datetime, limit: int) -> int:
        """How many articles of stories were told from *since* to before *until*; no more than *limit* are counted."""
        found = {"since": as_text(since), "until": as_text(until), "limit": limit}
        count: int = self._value(f"SELECT COUNT(*) FROM ({_TOLD} LIMIT :limit)", found)
        return count

    def told_ids(self, since: datetime, until: datetime) -> tuple[int, ...]:
        """The articles of stories that were told from *since* to before *until*."""
        rows = self._rows(f"{_TOLD} ORDER BY told_at", {"since": as_text(since), "until": as_text(until)})
        return tuple(row["article_id"] for row in rows)

    def told_sample(self, since: datetime, until: datetime, count: int) -> frozenset[int]:
        """At most *count* of these articles, spread evenly over the time."""
        step = (until - since) / count
        moments = ({"since": as_text(since + step * n), "until": as_text(until)} for n in range(count))
        found = (self._value(f"{_TOLD} ORDER BY told_at, article_id LIMIT 1", moment) for moment in moments)
        return frozenset(article_id for article_id in found if article_id is not None)

    def story_window(self, since: datetime, until: datetime) -> tuple[StoryArticle, ...]:
        """The articles of stories that were told from *since* to before *until*, oldest first."""
        rows = self._rows(_WINDOW, {"since": as_text(since), "until": as_text(until)})
        return tuple(map(_story_article, rows))

    def quotations(self, ids: Collection[int]) -> tuple[tuple[int, int], ...]:
        """Pairs of these articles of which the first quotes the second at length."""
        rows = self._rows(_QUOTATIONS, {"kind": DuplicateKind.QUOTES.value, "ids": as_json([*ids])})
        return tuple((row["article_id"], row["of_id"]) for row in rows)

    def put_into_story(self, story_id: int | None, articles: Iterable[StoryArticle], *, is_provisional: bool) -> int:
        """Put articles into a story, out of the one they are in; None begins one. Gives its id."""
        with self.transaction():
            if story_id is None:
                story_id = self._insert("INSERT INTO stories DEFAULT VALUES", ())
            self._run_many(
                _PUT,
                ((one.article_id, story_id, as_text(one.told_at), is_provisional, one.is_public) for one in articles),
            )
        return story_id

    def describe_story(self, story_id: int, description: Description) -> None:
        """Say what a story is called; nothing is written where it is called so already."""
        found = {"id": story_id, "central": description.central_id, "terms": as_json(description.terms)}
        self._run(_DESCRIBE, found)

    def end_empty_stories(self) -> None:
        """Let go the stories of which no article is left."""
        self._run(_END_EMPTY)

    def stories_of(self, keys: Collection[str]) -> dict[str, int]:
        """The stories of the articles at these URL keys, by key."""
        rows = self._rows(_STORIES_OF_KEYS, (as_json([*keys]),))
        return {row["url_key"]: row["story_id"] for row in rows}

    def followed_stories(self) -> frozenset[int]:
        """The stories that the owner follows, as the marks beside the archive say."""
        return frozenset(self.stories_of(keys_of(self.path, MarkKind.FOLLOW)).values())

    def followed_among(self, ids: Collection[int]) -> frozenset[int]:
        """Which of these articles are in a story that the owner follows."""
        followed = self.followed_stories()
        rows = self._rows(_STORIES_OF, (as_json([*ids]),)) if followed else ()
        return frozenset(row["article_id"] for row in rows if row["story_id"] in followed)

    def followed_by(self, keys: Collection[str]) -> tuple[str, ...]:
        """The URL keys by which the stories of the articles at some others are followed."""
        stories = set(self.stories_of(keys).values())
        followed = self.stories_of(keys_of(self.path, MarkKind.FOLLOW))
        return tuple(key for key, story_id in followed.items() if story_id in stories)

    def central_key(self, story_id: int) -> str | None:
        """The URL key of the article that stands for a story: the most central one, else the first; None for none."""
        found: str | None = self._value(_CENTRAL_KEY, (story_id,))
        return found

    def living_stories(self, ids: Collection[int], until: datetime) -> dict[int, LivingStory]:
        """The stories of these articles, by article; with what was told of each before *until* by others."""
        wanted = as_json([*ids])
        story_of = {row["article_id"]: row["story_id"] for row in self._rows(_STORIES_OF, (wanted,))}
        stories = {}
        for story_id in set(story_of.values()):
            asked = {"story": story_id, "ids": wanted, "until": as_text(until), "limit": _MOST_EARLIER}
            begun_at = self._value("SELECT MIN(told_at) FROM story_articles WHERE story_id = ?", (story_id,))
            earlier = tuple(map(_story_article, reversed(self._rows(_EARLIER, asked))))
            stories[story_id] = LivingStory(story_id, as_time(begun_at), earlier)
        return {article_id: stories[story_id] for article_id, story_id in story_of.items()}

    def word_counts(self, words: Mapping[str, Collection[str]]) -> dict[str, Counts]:
        """In how many openings of each language each of these words of it stood."""
        counts = {}
        for language, some in words.items():
            texts = self._value("SELECT article_count FROM counted_languages WHERE language = ?", (language,))
            rows = self._rows(_WORD_COUNTS, (language, as_json([*some])))
            counts[language] = Counts(texts or 0, {row["word"]: row["article_count"] for row in rows})
        return counts

    def add_word_counts(self, counts: Mapping[str, Counts]) -> None:
        """Count the words of articles that are new to stories."""
        with self.transaction():
            self._run_many(_COUNT_TEXTS, ((language, one.texts) for language, one in counts.items()))
            self._run_many(
                _COUNT_WORDS,
                ((language, word, count) for language, one in counts.items() for word, count in one.words.items()),
            )

    def forget_rare_words(self) -> None:
        """Let go the words that one article alone had, where there are many words."""
        if self._value("SELECT COUNT(*) FROM word_counts") > _MOST_WORDS:
            self._run("DELETE FROM word_counts WHERE article_count = 1")

    def are_words_kept(self, day: date) -> bool:
        """Whether the articles of stories that were told on a day (UTC) are found by their telling words."""
        return self._row("SELECT 1 FROM story_word_days WHERE day = ?", (day.isoformat(),)) is not None

    def keep_words_of(self, day: date) -> None:
        """Note that all of them are."""
        self._run("INSERT OR IGNORE INTO story_word_days VALUES (?)", (day.isoformat(),))

    def keep_words(self, article: StoryArticle, words: Iterable[int]) -> None:
        """Let an article be found by its telling words."""
        at = _seconds(article.told_at)
        self._run_many(
            "INSERT OR IGNORE INTO story_words VALUES (?, ?, ?)", ((word, at, article.article_id) for word in words)
        )

    def with_words(self, words: Iterable[int], at: datetime, span: timedelta, limit: int) -> Iterator[tuple[int, int]]:
        """
        Pairs of one of these telling words and an article that has it: of each word the *limit*
        articles before a time that lie nearest to it, and as many behind it, none further than
        *span*.
        """
        found = {"at": _seconds(at), "span": span // timedelta(seconds=1), "limit": limit}
        for word in words:
            for sql in (_BEFORE, _BEHIND):
                yield from ((word, row["article_id"]) for row in self._rows(sql, found | {"word": word}))

    def latest_of_stories(self, ids: Collection[int], since: datetime, until: datetime, limit: int) -> frozenset[int]:
        """Of each story that one of these articles is in, the *limit* latest told from *since* to before *until*."""
        found = {"since": as_text(since), "until": as_text(until), "limit": limit}
        stories = {row["story_id"] for row in self._rows(_STORIES_OF, (as_json([*ids]),))}
        return frozenset(
            row["article_id"] for story in stories for row in self._rows(_LATEST_OF, found | {"story": story})
        )

    def tied_to(self, articles: Iterable[StoryArticle], limit: int) -> frozenset[int]:
        """
        What belongs with articles whatever its words are: of each report one that is in a story, and
        the first *limit* that each of them quotes at length.
        """
        articles = tuple(articles)
        tied = {self._value(_MATE_IN_STORY, (cluster_id,)) for cluster_id in {one.cluster_id for one in articles}}
        for one in articles:
            wanted = (one.article_id, DuplicateKind.QUOTES.value, limit)
            tied.update(row["of_id"] for row in self._rows(_QUOTED, wanted))
        return frozenset(article_id for article_id in tied if article_id is not None)

    def _hide_in_story(self, article_id: int) -> None:
        """Take back what a story is called where that was drawn from an article that not everybody may read now."""
        hidden = self._row(_HIDDEN, (article_id,))
        if hidden is not None:
            self._run("UPDATE stories SET central_id = NULL, terms = '[]' WHERE id = ?", (hidden["story_id"],))
            self._run("UPDATE story_articles SET is_public = 0 WHERE article_id = ?", (article_id,))


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _story_article(row: sqlite3.Row) -> StoryArticle:
    return StoryArticle(
        article_id=row["id"],
        cluster_id=row["cluster_id"],
        headline=row["headline"] or "",
        opening=row["opening"],
        language=row["language"],
        told_at=as_time(row["told_at"]),
        story_id=row["story_id"],
        is_public=bool(row["is_public"]),
    )


# What is not to be shown from some day on gives a story no name, which would outlast it.
_IS_PUBLIC = "NOT (private OR noarchive OR unavailable_after IS NOT NULL)"
_TOLD_AT = "MIN(COALESCE(published_at, first_seen_at), first_seen_at)"
_COLUMNS = f"""
    articles.id, COALESCE(articles.cluster_id, articles.id) AS cluster_id, headline, language, story_id,
    COALESCE(dek || char(10), '') || substr(body, 1, {_OPENING}) AS opening, {_TOLD_AT} AS told_at,
    {_IS_PUBLIC} AS is_public
"""

_WITHOUT_STORY = f"""
    SELECT id, {_TOLD_AT} AS told_at FROM articles
    WHERE NOT EXISTS (SELECT 1 FROM story_articles WHERE article_id = articles.id)
    ORDER BY told_at DESC, id DESC LIMIT :limit
"""

_STORY_ARTICLES = f"""
    SELECT {_COLUMNS} FROM articles LEFT JOIN story_articles ON article_id = articles.id
    WHERE articles.id IN (SELECT value FROM json_each(?)) ORDER BY {_TOLD_AT}, articles.id
"""

_TOLD = "SELECT article_id FROM story_articles WHERE told_at >= :since AND told_at < :until"

_WINDOW = f"""
    SELECT {_COLUMNS} FROM story_articles JOIN articles ON articles.id = article_id
    WHERE story_articles.told_at >= :since AND story_articles.told_at < :until ORDER BY {_TOLD_AT}, articles.id
"""

# The few links of each article, and not each pair of articles: of ten thousand these are too many.
_QUOTATIONS = """
    SELECT article_id, of_id FROM json_each(:ids) AS wanted CROSS JOIN duplicates ON article_id = wanted.value
    WHERE kind = :kind AND +of_id IN (SELECT value FROM json_each(:ids))
"""

_PUT = """
    INSERT INTO story_articles (article_id, story_id, told_at, is_provisional, is_public) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (article_id) DO UPDATE SET story_id = excluded.story_id, told_at = excluded.told_at,
        is_provisional = excluded.is_provisional, is_public = excluded.is_public
    WHERE (story_id, told_at, is_provisional, is_public)
        IS NOT (excluded.story_id, excluded.told_at, excluded.is_provisional, excluded.is_public)
"""

_DESCRIBE = """
    UPDATE stories SET central_id = :central, terms = :terms
    WHERE id = :id AND (central_id, terms) IS NOT (:central, :terms)
"""

# The last one stays, though it be empty: its id must not be given to another.
_END_EMPTY = """
    DELETE FROM stories WHERE id < (SELECT MAX(id) FROM stories)
        AND NOT EXISTS (SELECT 1 FROM story_articles WHERE story_id = stories.id)
"""

_STORIES_OF = """
    SELECT article_id, story_id FROM story_articles WHERE article_id IN (SELECT value FROM json_each(?))
"""

_STORIES_OF_KEYS = """
    SELECT url_key, story_id FROM article_urls JOIN story_articles USING (article_id)
    WHERE url_key IN (SELECT value FROM json_each(?))
"""

_CENTRAL_KEY = """
    SELECT url_key FROM story_articles JOIN articles ON articles.id = article_id JOIN stories ON stories.id = story_id
    WHERE story_id = ? ORDER BY article_id IS NOT central_id, told_at, article_id LIMIT 1
"""

_EARLIER = f"""
    SELECT {_COLUMNS} FROM story_articles JOIN articles ON articles.id = article_id
    WHERE story_id = :story AND story_articles.told_at < :until AND is_lead
        AND articles.id NOT IN (SELECT value FROM json_each(:ids))
    ORDER BY story_articles.told_at DESC, articles.id DESC LIMIT :limit
"""

_COUNT_TEXTS = """
    INSERT INTO counted_languages VALUES (?, ?)
    ON CONFLICT (language) DO UPDATE SET article_count = article_count + excluded.article_count
"""

_COUNT_WORDS = """
    INSERT INTO word_counts VALUES (?, ?, ?)
    ON CONFLICT (language, word) DO UPDATE SET article_count = article_count + excluded.article_count
"""

_WORD_COUNTS = """
    SELECT word, article_count FROM word_counts
    WHERE language = ? AND word IN (SELECT value FROM json_each(?))
"""

_BEFORE = """
    SELECT article_id FROM story_words WHERE word = :word AND told_at BETWEEN :at - :span AND :at
    ORDER BY told_at DESC, article_id DESC LIMIT :limit
"""

_BEHIND = """
    SELECT article_id FROM story_words WHERE word = :word AND told_at > :at AND told_at <= :at + :span
    ORDER BY told_at, article_id LIMIT :limit
"""

_LATEST_OF = """
    SELECT article_id FROM story_articles WHERE story_id = :story AND told_at >= :since AND told_at < :until
    ORDER BY told_at DESC, article_id DESC LIMIT :limit
"""

_MATE_IN_STORY = """
    SELECT article_id FROM articles JOIN story_articles ON article_id = articles.id WHERE cluster_id = ? LIMIT 1
"""

_QUOTED = "SELECT of_id FROM duplicates WHERE article_id = ? AND kind = ? LIMIT ?"

_HIDDEN = f"""
    SELECT story_id FROM story_articles JOIN articles ON articles.id = article_id
    WHERE article_id = ? AND is_public AND NOT ({_IS_PUBLIC})
"""
