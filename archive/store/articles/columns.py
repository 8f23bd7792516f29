"""
The columns of `articles`, each once: what it means, which field it holds, and what becomes of it.

INSERT, UPDATE and the way back from a row are made of this table; so are what datasette says of the
columns, and what of an article that is its reader's alone stands in the public view. A new column
is a migration, and one line here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import Any

from archive.judge.traits import Traits
from archive.store.connection import as_bool_or_none, as_json, as_text_or_none, as_time_or_none
from scraper.folding import search_forms
from scraper.model import AccessStatus, Article, MeterNumbers, PageKind, Role
from scraper.text import count_words

# What a revision does to a column: it takes the new value; it keeps the known one where the new
# page is silent.
REPLACED = ":{0}"
KEPT = "COALESCE(:{0}, {0})"
KEPT_LIST = "COALESCE(NULLIF(:{0}, '[]'), {0})"
# What of a column is told of an article that is its reader's alone.
TOLD = "one.{0}"


@dataclass(frozen=True, slots=True)
class Form:
    """How a value is written into a column, and how it is read back."""

    to_sql: Callable[[Any], Any]
    from_sql: Callable[[Any], Any]


def _same(value: Any) -> Any:  # noqa: ANN401 - a value of any type
    return value


def _value(member: AccessStatus | PageKind) -> str:
    return member.value


def _list(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))


def _object(value: Mapping[str, str]) -> str:
    return as_json(dict(value))


def _numbers(text: str) -> MeterNumbers:
    numbers = json.loads(text)
    return MeterNumbers(**numbers | {name: tuple(numbers[name]) for name in ("prices", "periods")})


PLAIN = Form(_same, _same)
FLAG = Form(_same, bool)
FLAG_OR_NONE = Form(_same, as_bool_or_none)
TIME = Form(as_text_or_none, as_time_or_none)
LIST = Form(as_json, _list)
OBJECT = Form(_object, json.loads)
NUMBERS = Form(lambda numbers: as_json(asdict(numbers)), _numbers)
STATUS = Form(_value, AccessStatus)
KIND = Form(_value, PageKind)


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column of `articles`.

    Args:
        means: For the reader of the table in datasette.
        fact: The field that it holds and gives back: of the article ("headline"), of its access
            ("access.complete") or of the stored article ("stored.starred"). None where nothing is
            read back.
        form: How the field is written and read.
        made: What is written, where the column holds what follows from several fields of an
            article.
        added: SQL of the value of a new article; "" leaves it to the default of the table.
        revised: SQL of the value that a revision gives; "" leaves the column as it is.
        told: SQL of what the public view has of it where an article is its reader's alone; "" for
            nothing.
        in_revisions: The table `revisions` has the column too, as it was with each text.
    """

    name: str
    means: str
    fact: str | None = None
    form: Form = PLAIN
    made: Callable[[Article], Any] | None = None
    added: str = REPLACED
    revised: str = REPLACED
    told: str = ""
    in_revisions: bool = False

    @property
    def room(self) -> str:
        """
        The record that the field is of: "article", "access" or "stored"; "" where nothing is read
        back.
        """
        if self.fact is None:
            return ""
        room, dot, _ = self.fact.partition(".")
        return room if dot else "article"

    def writer(self) -> Callable[[Article], Any]:
        """What gives the value that is written of an article."""
        if self.made is not None:
            return self.made
        fact, to_sql = attrgetter(self.fact or self.name), self.form.to_sql
        return lambda article: to_sql(fact(article))


def _byline(article: Article) -> str | None:
    return ", ".join(article.authors) or None


def _captions(article: Article) -> str:
    captions = [image.caption for image in article.images if image.caption]
    captions += [block.text for block in article.blocks if block.role is Role.CAPTION]
    return "\n".join(dict.fromkeys(captions))


def word_count(article: Article) -> int:
    """The words of an article's body."""
    return count_words(article.body)


def _body(article: Article) -> str:
    return article.body


def _of_archive(
    name: str, means: str, fact: str | None = None, form: Form = PLAIN, *, added: str = "", revised: str = ""
) -> Column:
    """A column that the archive says of an article, and no page; all of them may be told."""
    return Column(name, means, fact and f"stored.{fact}", form, added=added, revised=revised, told=TOLD)


COLUMNS: tuple[Column, ...] = (
    _of_archive("id", "Number of the article; its page is /article/ and this number", "article_id"),
    _of_archive(
        "url_key",
        "The form of its address that is compared, so that one article is kept once",
        "url_key",
        added=REPLACED,
    ),
    Column("url", "Address as fetched", "url", told=TOLD),
    _of_archive("found_url", "Address as a feed, a sitemap or an index page gave it", "found_url", added=REPLACED),
    Column("canonical_url", "Address that the publisher calls the right one", "canonical_url", revised=KEPT, told=TOLD),
    _of_archive("source", "The publication it was found at", "source", added=REPLACED, revised="COALESCE({0}, :{0})"),
    Column("headline", "Headline", "headline", revised=KEPT, told=TOLD, in_revisions=True),
    Column("kicker", "Short line above the headline", "kicker", revised=KEPT),
    Column(
        "dek",
        "Summary below the headline",
        "dek",
        revised=KEPT,
        told="substr(one.dek, 1, COALESCE(one.snippet_limit, length(one.dek)))",
        in_revisions=True,
    ),
    Column("byline", "Authors, joined by commas", made=_byline, revised=KEPT),
    Column("authors", "Authors, as a JSON list", "authors", LIST, revised=KEPT_LIST),
    Column("published_at", "When it was published, as the page says", "published_at", TIME, revised=KEPT, told=TOLD),
    Column("published_raw", "The date in the words of the page", "published_raw", revised=KEPT, told=TOLD),
    Column(
        "updated_at",
        "When the publisher changed it last, as the page says",
        "updated_at",
        TIME,
        revised=KEPT,
        told=TOLD,
    ),
    Column("section", "Section of the publication", "section", revised=KEPT, told=TOLD),
    Column("publication", "Name of the publication, as the page says", "publication", revised=KEPT, told=TOLD),
    Column("language", 'Language code, as "en"', "language", revised=KEPT, told=TOLD),
    Column(
        "access_status",
        f"Who may read it: {', '.join(AccessStatus)}",
        "access.status",
        STATUS,
        told=TOLD,
        in_revisions=True,
    ),
    Column(
        "complete",
        "1 where the whole text was served, 0 where it was cut, empty where that cannot be said",
        "access.complete",
        FLAG_OR_NONE,
        in_revisions=True,
    ),
    Column("cut_by", "What stands behind a cut: paywall, registration, pagination, script", "access.cut_by"),
    Column("access_explanation", "Why access was judged so", "access.explanation"),
    Column("confidence", "How sure both answers about access are, 0 to 1", "access.confidence"),
    Column(
        "conflict", "Statements of the publisher contradict each other, or what was served", "access.conflict", FLAG
    ),
    Column(
        "access_numbers",
        "Numbers of the meter or the offer, as JSON: limit, used, remaining, prices, currency, periods",
        "access.numbers",
        NUMBERS,
        told="""'{"prices": [], "periods": []}'""",
    ),
    Column("word_count", "Words of the body", made=word_count, in_revisions=True),
    Column("body", "The text: paragraphs, subheads, lists and quotes, with a blank line between them", made=_body),
    Column("captions", "Texts under pictures", made=_captions),
    Column(
        "search_forms",
        "For search only: words in full width, ligatures and the like, in plain form, and words within scripts"
        " without spaces",
    ),
    Column("tags", "Tags, as a JSON list", "tags", LIST, revised=KEPT_LIST),
    Column("cves", "CVE identifiers in the text, as a JSON list", "cves", LIST),
    Column(
        "origins",
        "Where on the page each value came from, as JSON",
        "origins",
        OBJECT,
        # What a revision does not tell keeps its origin. Where the body came from is told by each.
        revised="json_patch(json_remove({0}, '$.body'), :{0})",
    ),
    Column(
        "kind", "What kind of page it is: news, opinion, ticker, interview, list, gallery, video, podcast", "kind", KIND
    ),
    Column("kind_confidence", "How sure the kind is, 0 to 1; origins says why", "kind_confidence"),
    Column(
        "text_confidence",
        "How well the text was told from the rest of the page, 0 to 1: the share of words that is expected to be right",
        "text_confidence",
    ),
    Column("variants", "Other forms it was served in, as a JSON list: amp, print, paginated", "variants", LIST),
    Column("body_digest", "Fingerprint of the whole body; equal ones are exact duplicates"),
    _of_archive("first_seen_at", "When it was archived", "first_seen_at", TIME, added=":now"),
    _of_archive(
        "last_seen_at",
        "When its page was fetched last",
        "last_seen_at",
        TIME,
        added=":now",
        revised="COALESCE(:now, {0})",
    ),
    _of_archive("revised_at", "When its text last changed", "revised_at", TIME, revised="COALESCE(:now, {0})"),
    _of_archive(
        "changed_at",
        "Since when a listing says that it changed at the publisher, where we could not look again",
        "changed_at",
        TIME,
    ),
    _of_archive("starred", "1 where it is kept for ever", "starred", FLAG),
    _of_archive("private", "1 where some of its text was read with the reader's own subscription"),
    _of_archive("wishes", "What its publisher says may be done with it, verbatim, as JSON: name, value, where, agent"),
    _of_archive("noarchive", "1 where no copy of it is to be shown; then it is the reader's alone"),
    _of_archive("snippet_limit", "Most characters of it that are quoted, 0 for none; empty where nothing is said"),
    _of_archive("unavailable_after", "From when on it is not to be shown any more"),
    _of_archive("tdm_reserved", "1 where text and data mining is reserved; then exports for programs leave it out"),
    _of_archive(
        "cluster_id", "Smallest number of the articles that are one report; its own where it stands alone", "cluster_id"
    ),
    _of_archive("is_lead", "1 where it is the article to show of those that are one report", "is_lead", FLAG),
    Column("revision_id", "The revision that is its current text", added="", revised=""),
)
# The texts of the full-text index, most telling first; `search_forms` is made of them, and indexed
# beside them.
SEARCHED = ("headline", "dek", "body", "captions")

# Made once: an archive writes and reads thousands of rows by them.
_WRITERS = {column.name: column.writer() for column in COLUMNS if column.made or column.room in {"article", "access"}}
_READERS = {
    room: tuple(
        (column.fact.rpartition(".")[2], column.name, column.form.from_sql)
        for column in COLUMNS
        if column.fact and column.room == room
    )
    for room in ("article", "access", "stored")
}
_ADDED = tuple(column for column in COLUMNS if column.added)
_REVISION = tuple(column.name for column in COLUMNS if column.in_revisions)

# ruff: noqa: S608 - the statements are made of names and expressions of our own
INSERT_ARTICLE = (
    f"INSERT INTO articles ({', '.join(column.name for column in _ADDED)}) "
    f"VALUES ({', '.join(column.added.format(column.name) for column in _ADDED)})"
)
UPDATE_ARTICLE = (
    "UPDATE articles SET "
    + ", ".join(f"{column.name} = {column.revised.format(column.name)}" for column in COLUMNS if column.revised)
    + " WHERE id = :id"
)
INSERT_REVISION = f"""
    INSERT INTO revisions (article_id, number, seen_at, changes, capture_id, {", ".join(_REVISION)})
    VALUES (:article_id, (SELECT COUNT(*) + 1 FROM revisions WHERE article_id = :article_id), :seen_at, :changes,
        :capture_id, {", ".join(f":{name}" for name in _REVISION)})
"""
UPDATE_REVISION = f"UPDATE revisions SET {', '.join(f'{name} = :{name}' for name in _REVISION)} WHERE id = :id"


def columns_of(article: Article, traits: Traits | None = None) -> dict[str, Any]:
    """What the columns hold that an article itself fills; *traits*, where they were made already."""
    known = {"word_count": traits.word_count} if traits else {}
    return {name: write(article) for name, write in _WRITERS.items() if name not in known} | known


def revision_columns_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """What of them is kept with each revision."""
    return {name: columns[name] for name in _REVISION}


def search_forms_of(columns: Mapping[str, Any]) -> str:
    """The column `search_forms`, made of others."""
    return search_forms(columns[name] for name in SEARCHED)


def fields_of(row: sqlite3.Row, room: str) -> dict[str, Any]:
    """
    The fields of a record, "article", "access" or "stored", that a row of `articles` holds, by
    their names.
    """
    return {field: from_sql(row[name]) for field, name, from_sql in _READERS[room]}


def told_of_private() -> dict[str, str]:
    """
    SQL of what the public view has of an article that is its reader's alone, by column; the others
    are blank.
    """
    return {column.name: column.told.replace("{0}", column.name) for column in COLUMNS if column.told}
