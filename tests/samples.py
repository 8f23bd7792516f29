"""Small whole records for tests of the archive: an article, its source, what a pass would hand over."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.judge.duplicates import decide
from archive.judge.fingerprints import fingerprint
from archive.model import NO_LIMITS, Decision, Limits
from archive.store import Archive
from archive.store.articles.columns import INSERT_ARTICLE, columns_of, search_forms_of
from archive.store.connection import as_text
from scraper.model import (
    Access,
    AccessStatus,
    Article,
    Evidence,
    Image,
    LabelledBlock,
    MeterNumbers,
    PageKind,
    RawExchange,
    Role,
    Source,
)

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TIDE = Source("tide", "The Tide", "https://tide.example/", feeds=("https://tide.example/rss",))
HARBOUR = Source("harbour", "Harbour Post", "https://harbour.example/", language="de")

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()


def body_of(topic: str, *, length: int = 40) -> str:
    """A body of *length* words that no other *topic* shares a run of words with."""
    return " ".join(f"{topic}{_NUMBERS[n % 12]}{n}" for n in range(length))


def article(url: str = "https://tide.example/storm", body: str = "The storm shut two roads.", **facts: Any) -> Article:
    """A free, complete article with one block for each paragraph of *body*."""
    blocks = tuple(LabelledBlock(Role.BODY, text, "model", 0.9) for text in body.split("\n\n"))
    plain = Article(url, "Storm shuts roads", blocks, Access(AccessStatus.FREE, complete=True))
    return replace(plain, **facts)


def full_article() -> Article:
    """An article in which every field has a value of its own."""
    return Article(
        url="https://tide.example/storm?page=1",
        headline="Storm shuts “two” roads",
        blocks=(
            LabelledBlock(Role.HEADLINE, "Storm shuts “two” roads", "h1", 1.0, "# Storm shuts “two” roads", "h1"),
            LabelledBlock(Role.BODY, "The storm\nshut two roads.", "model", 0.75, "The *storm*\nshut two roads.", "p"),
            LabelledBlock(Role.CAPTION, "Waves at the mole", "figcaption", 1.0, "", "figcaption"),
            LabelledBlock(Role.PAYWALL, "Subscribe now", "prompt", 0.5, "", "div", (0, 1, 2)),
        ),
        access=Access(
            AccessStatus.METERED,
            complete=False,
            cut_by="paywall",
            explanation="A meter is named.",
            evidence=(
                Evidence("meter-words", "2 of 3 articles", "after body", "metered", decided=True),
                Evidence("json-ld", "False", "json-ld", "metered", note="another sign says more"),
            ),
            numbers=MeterNumbers(3, 2, 1, (4.5, 11.0), "EUR", ("month",)),
            confidence=0.75,
            conflict=True,
        ),
        canonical_url="https://tide.example/storm",
        dek="Two roads are shut.",
        kicker="Weather",
        authors=("Ada Mole, Jr.", "李 四"),
        published_at=NOW - DAY,
        published_raw="yesterday",
        updated_at=NOW - HOUR,
        section="Coast",
        tags=("storm", "roads"),
        language="en",
        publication="The Tide",
        images=(
            Image("https://tide.example/a.jpg", "Waves", "Photo: Bo", "waves", is_lead=True),
            Image(None, None, None, None),
        ),
        cves=("CVE-2026-0002", "CVE-2026-0001"),
        origins={"headline": "h1", "dek": "json-ld"},
        kind=PageKind.OPINION,
        kind_confidence=0.8,
        text_confidence=0.95,
        variants=("amp",),
    )


def keep(
    archive: Archive,
    new: Article,
    now: datetime = NOW,
    *,
    source: str | None = "tide",
    found_url: str | None = None,
    capture_id: int | None = None,
    private: bool = False,
    limits: Limits = NO_LIMITS,
) -> tuple[Decision, int]:
    """Decide about an article and carry it out, as a pass does; the decision and the article's id."""
    keys = fingerprint(new.headline, new.body)
    known = archive.known_for(new, keys, found_url=found_url)
    decision = decide(new, known, keys=keys)
    with archive.transaction():
        article_id = archive.apply(
            decision,
            source=source,
            found_url=found_url or new.url,
            keys=keys,
            worn=known.worn,
            now=now,
            capture_id=capture_id,
            private=private,
        )
        archive.save_limits(article_id, new.wishes, limits)
    return decision, article_id


def shelve(archive: Archive, articles: Iterable[tuple[Article, datetime]], source: str = "tide") -> None:
    """Keep many articles, each a report of its own, by their rows alone: none is compared with the others."""
    with archive.transaction():
        for new, now in articles:
            columns = columns_of(new) | {"source": source, "body_digest": new.url, "now": as_text(now)}
            columns |= {"url_key": new.url, "found_url": new.url, "search_forms": search_forms_of(columns)}
            archive._insert(INSERT_ARTICLE, columns)
        archive._run("UPDATE articles SET cluster_id = id WHERE cluster_id IS NULL")


def exchange(body: bytes = b"<p>The storm.", **parts: Any) -> RawExchange:
    """A response as it crossed the wire."""
    plain = RawExchange(
        url="https://tide.example/storm?b=1&a=é",
        at=NOW,
        method="GET",
        request_headers=(("Host", "tide.example"), ("User-Agent", "presswatch/1")),
        status=200,
        reason="OK",
        http_version="HTTP/1.1",
        headers=(("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"), ("Content-Length", "99")),
        body=body,
    )
    return replace(plain, **parts)


@contextmanager
def opened(archive):
    """The file of an archive, as any other program opens it."""
    assert archive.path != ":memory:", "nobody else sees that one"
    with closing(sqlite3.connect(archive.path, isolation_level=None)) as connection:
        yield connection


def rows(archive, sql, *parameters):
    """What another program reads in the file of an archive, or writes there."""
    with opened(archive) as connection:
        return connection.execute(sql, parameters).fetchall()
