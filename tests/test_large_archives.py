"""
What must not grow with the archive asks by an index: how SQLite goes about each statement is looked at,
with twenty thousand articles.
"""

import importlib.util
import re
import sqlite3
import sys
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import FILES
from archive.settings import RetentionRule
from archive.store import Archive
from scraper.model import CheckOutcome, ListingKind

_SPEC = importlib.util.spec_from_file_location("million", Path(__file__).parents[1] / "benchmarks/million.py")
million = sys.modules.setdefault("million", importlib.util.module_from_spec(_SPEC))
_SPEC.loader.exec_module(million)
COUNT = 20_000
DAY = timedelta(days=1)

# Read from end to end: what a statement has made itself or was given, what an index of words finds,
# indexes of few articles, and tables that hold a row a source.
_FEW = re.compile(
    r"SCAN (?:\(subquery-\d+\)|CONSTANT ROW|\d+ CONSTANT ROWS"
    r"|scores|best|older|found|ranked|picked|latest|counted|asked|told|told_ids|given_up|wanted|links|sources"
    r"|unjudged|alert_hits USING INDEX alert_hits_alert|new USING INDEX walls_site"
    r"|articles USING (?:COVERING )?INDEX articles_(?:reserved|private|noarchive)"
    r"|edition_records|editions|deliveries|visit|json_each|.* VIRTUAL TABLE .*)"
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with Archive.open(tmp_path_factory.mktemp("large") / "press.db", write=True) as opened:
        million.fill(opened, COUNT)
        yield opened


def scans(archive, work) -> set[str]:
    """What is read from end to end by the statements of *work*."""
    said = set()
    archive._connection.set_trace_callback(said.add)
    try:
        work()
    finally:
        archive._connection.set_trace_callback(None)
    found = set()
    for statement in said:
        if not re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)", statement):
            continue
        try:
            plan = archive._connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
        except sqlite3.Error:  # one of FTS5's own
            continue
        details = {row["detail"] for row in plan}
        found |= {detail for detail in details if detail.startswith("SCAN") and not _FEW.fullmatch(detail)}
    return found


WORK = {
    "a word": lambda archive: archive.search(million.word(0), now=million.NOW),
    "words and phrases": lambda archive: archive.search('bobo -cobo "dobo fobo" OR go*', now=million.NOW),
    "a word of the title": lambda archive: archive.search("title:bobo", now=million.NOW),
    "a CVE": lambda archive: archive.search("cve:CVE-2026-20", now=million.NOW),
    "words since a day": lambda archive: archive.search("bobo since:1d", now=million.NOW),
    "latest": lambda archive: archive.news_behind(COUNT - 10, million.NOW),
    "today": lambda archive: archive.news_since(million.NOW - timedelta(hours=1), million.NOW),
    "an address": lambda archive: archive.find_article("https://s1.example/1"),
    "a new article": lambda archive: million.decide_and_commit(archive, COUNT + 1),
    "an article": lambda archive: archive.article(7),
    "where a report is": lambda archive: archive.appearances([100, 101]),
    "what could not be seen": lambda archive: archive.failures(million.NOW - DAY, million.NOW),
    "what may stand in a digest": lambda archive: archive.candidates_for_edition(
        million.NOW - DAY, million.NOW, FILES, now=million.NOW, given_up_since=million.NOW - 30 * DAY
    ),
    "CVEs of a week": lambda archive: archive.period_annexes(million.NOW - 7 * DAY, million.NOW, {}),
    "what is new, and what of it alerts mark": lambda archive: archive.marks(
        [one.article_id for one in archive.recent(million.NOW - DAY, million.NOW, 5_000)]
    ),
    "what alerts are to be judged of": lambda archive: (archive.unjudged(), archive.missed_by("gate")),
    "what an alert would have found": lambda archive: next(archive.subjects_since(million.NOW - DAY)),
    "what is reserved": lambda archive: (archive.reserved_count(), archive.private_count()),
}


@pytest.mark.parametrize("name", list(WORK))
def test_nothing_is_read_from_end_to_end(archive, name):
    assert set() == scans(archive, lambda: WORK[name](archive))


def test_counts_read_indexes_alone(archive):
    found = scans(archive, archive.statistics)
    assert [] == [detail for detail in found if "COVERING INDEX" not in detail]


def test_retention_reads_no_text(archive):
    found = scans(archive, lambda: archive.prune([RetentionRule(None, timedelta(days=36_000))], million.NOW))
    tables = re.compile(r"SCAN (articles|revisions|blocks|captures|requests)\b(?!.*COVERING)")
    assert [] == [detail for detail in found if tables.match(detail)]


def test_a_frequent_word_costs_no_more_than_its_newest_articles(archive):
    """Ranking looks at so many articles at most, however many have the word."""
    steps = {}
    for name, query in {"frequent": million.word(0), "rare": "rare1"}.items():
        with million.steps_of(archive._connection) as count:
            assert archive.search(query, now=million.NOW)
        steps[name] = count[0]
    count_all = "SELECT COUNT(*) FROM articles_fts WHERE articles_fts MATCH ?"
    (hits,) = archive._connection.execute(count_all, (million.word(0),)).fetchone()
    assert 5_000 < hits
    assert steps["frequent"] < 700


def test_an_export_begins_before_all_is_listed(archive):
    with million.steps_of(archive._connection) as count:
        assert 100 == len(list(islice(archive.articles(), 100)))
    assert count[0] < 200


def pages_of(archive, query, size, **more):
    """The hits of each page of a search, to the last one."""
    for offset in range(0, COUNT, size):
        hits = archive.search(query, now=million.NOW, limit=size, offset=offset, **more)
        yield [hit.article_id for hit in hits]
        if len(hits) < size:
            return


@pytest.mark.parametrize("each", [False, True], ids=["reports", "every copy"])
@given(rank=st.integers(0, 20), size=st.integers(200, 2_000))
@settings(max_examples=4, deadline=None)
def test_who_reads_on_through_a_search_sees_each_hit_once_and_all_of_them(archive, each, rank, size):
    """However many articles have the word, more than are ranked among them, and however long a page is."""
    word = million.word(rank)
    found = [one for page in pages_of(archive, word, size, each=each) for one in page]
    matches = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?"
    ids = [one for (one,) in archive._connection.execute(matches, (f'"{word}" OR "{word}s"',))]
    report_of = {} if each else dict(archive._connection.execute("SELECT id, cluster_id FROM articles"))
    expected = sorted({report_of.get(one, one) for one in ids})
    assert expected == sorted(report_of.get(one, one) for one in found)
    if each:  # behind those that are ranked
        assert found[3_000:] == sorted(found[3_000:], reverse=True)


def test_a_page_far_behind_ranks_no_more_than_the_first_one(archive):
    """It reads the articles up to its place, and ranks the newest ones alone."""
    word, steps = million.word(0), {}
    for offset in (0, 4_000):
        with million.steps_of(archive._connection) as count:
            assert archive.search(word, now=million.NOW, offset=offset)
        steps[offset] = count[0]
    assert steps[4_000] < 6 * steps[0]


def test_how_sources_do_costs_no_more_for_every_check_that_was_made(archive):
    """It stands on the first page of browse."""
    steps = []
    for number in (0, 8_000):
        with archive.transaction():
            for n in range(number):
                at = million.NOW - timedelta(minutes=n)
                archive.record_check(
                    f"s{n % 20}", f"https://s{n % 20}.example/rss", ListingKind.FEED, at, CheckOutcome.FOUND
                )
        with million.steps_of(archive._connection) as count:
            assert million.SOURCES == len(archive.source_health(million.NOW))
        steps.append(count[0])
    assert steps[1] < steps[0] + 10


def test_links_among_many_articles_are_not_looked_for_pair_by_pair(archive):
    ids = range(1, 2_001)
    quotes = [(one, one + 1, "quotes", 1.0) for one in ids]
    with archive.taken_back():
        archive._connection.executemany(
            "INSERT OR IGNORE INTO duplicates (article_id, of_id, kind, similarity) VALUES (?, ?, ?, ?)", quotes
        )
        with million.steps_of(archive._connection) as count:
            assert 1_999 == len(archive.quotations(ids))
    assert count[0] < 200


def test_what_passes_all_articles_by_reads_them_in_their_order(archive):
    found = scans(archive, lambda: (next(archive.current_captures()), archive.current_captures("s1")))
    assert set() == found
