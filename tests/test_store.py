"""The archive: what goes in comes out, all of it or nothing; what is asked is answered by an index."""

import json
import multiprocessing
import os
import sqlite3
import unicodedata
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import DAY, HARBOUR, HOUR, NOW, TIDE, article, body_of, exchange, full_article, keep, opened, rows

from archive.judge.fingerprints import fingerprint
from archive.judge.query.holds import find_words, has_words
from archive.model import (
    FILES,
    Add,
    ArticleToFetch,
    CaptureLocation,
    Channel,
    CurrentCapture,
    DeliveryState,
    Duplicate,
    DuplicateKind,
    Edition,
    EditionItem,
    EditionKind,
    Match,
    Recipient,
    Revise,
    Story,
    Unchanged,
    Unseen,
    UnseenPage,
)
from archive.model.query import NotUnderstood, Words
from archive.settings import RetentionRule
from archive.store import Archive
from archive.store.connection import is_read_only_media
from scraper.errors import ArchiveError, ArchiveLockedError
from scraper.folding import search_words
from scraper.model import (
    Access,
    AccessStatus,
    Article,
    CheckOutcome,
    Disallowed,
    Enclosure,
    Entry,
    Failed,
    Fetched,
    FetchRequest,
    Image,
    LabelledBlock,
    ListingKind,
    NotModified,
    Purpose,
    Redirected,
    Role,
    Validators,
)
from scraper.text import composed

SECURITY = Path(__file__).parents[2] / "shared" / "conformance" / "security"
FEED = TIDE.feeds[0]


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "press.db", write=True) as archive:
        archive.save_sources([TIDE, HARBOUR])
        yield archive


@pytest.fixture(scope="module")
def shelf():
    """An archive that properties add to."""
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([TIDE])
        yield archive


def dump(archive):
    with opened(archive) as connection:
        return "\n".join(connection.iterdump())


# ---------------------------------------------------------------- opening


def test_what_was_written_is_there_for_readers_while_the_writer_is_open(tmp_path):
    path = tmp_path / "press ?#%.db"
    with Archive.open(path, write=True) as writer:
        writer.save_sources([TIDE])
        _, article_id = keep(writer, article())
        with Archive.open(path, write=False) as reader:
            assert reader.article(article_id) == writer.article(article_id)


def test_a_reader_cannot_write(tmp_path):
    path = tmp_path / "press.db"
    Archive.open(path, write=True).close()
    with Archive.open(path, write=False) as reader, pytest.raises(ArchiveError, match="for reading only"):
        reader.begin_pass(NOW)


def test_an_archive_where_nothing_can_be_written_is_taken_as_one_that_does_not_change(tmp_path):
    path = tmp_path / "press.db"
    Archive.open(path, write=True).close()
    assert is_read_only_media(path, lambda _: False)
    assert not is_read_only_media(path)


def test_an_archive_that_somebody_else_writes_to_is_not(tmp_path):
    """Its -shm file is there, which readers go by."""
    path = tmp_path / "press.db"
    with Archive.open(path, write=True):
        assert not is_read_only_media(path, lambda _: False)


def test_commits_that_could_not_be_seen_there_are_an_error(tmp_path):
    path = tmp_path / "press.db"
    Archive.open(path, write=True).close()
    path.with_name("press.db-wal").write_bytes(b"commits")
    with pytest.raises(ArchiveError, match=r"lie in press\.db-wal.*copy both"):
        is_read_only_media(path, lambda _: False)


def test_a_second_writer_is_refused_and_told_who_the_first_is(tmp_path):
    path = tmp_path / "press.db"
    (tmp_path / "other.db").symlink_to(path)
    with Archive.open(path, write=True):
        for name in ("press.db", "other.db"):
            with pytest.raises(ArchiveLockedError, match=f"process {os.getpid()} "):
                Archive.open(tmp_path / name, write=True)
    Archive.open(path, write=True).close()


def hold(path, opened, close):
    with Archive.open(path, write=True):
        opened.set()
        close.wait(20)


def test_the_lock_of_another_process_ends_with_it(tmp_path):
    """Also when it is killed."""
    path = tmp_path / "press.db"
    context = multiprocessing.get_context("spawn")
    opened, close = context.Event(), context.Event()
    other = context.Process(target=hold, args=(path, opened, close))
    other.start()
    assert opened.wait(20)
    with pytest.raises(ArchiveLockedError, match=f"process {other.pid} "):
        Archive.open(path, write=True)
    other.kill()
    other.join(20)
    other.close()
    Archive.open(path, write=True).close()


def test_what_is_no_archive_is_named_in_a_sentence(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("no database, but long enough to look like one\n" * 40)
    for path, write, words in (
        (text, True, "not a SQLite database"),
        (text, False, "not a SQLite database"),
        (tmp_path, True, "a folder"),
        (tmp_path / "gone" / "press.db", False, "no archive here"),
        (tmp_path / "gone.db", False, "no archive here"),
    ):
        with pytest.raises(ArchiveError, match=words):
            Archive.open(path, write=write)
    assert not (tmp_path / "gone.db").exists()


# ---------------------------------------------------------------- decisions carried out


def test_an_article_comes_back_as_it_went_in(archive):
    _, article_id = keep(archive, full_article(), found_url="https://tide.example/s?utm_source=rss")
    stored = archive.article(article_id)
    assert full_article() == stored.article
    assert (stored.source, stored.found_url) == ("tide", "https://tide.example/s?utm_source=rss")
    assert stored.url_key == "https://tide.example/storm"
    assert (stored.first_seen_at, stored.last_seen_at, stored.revised_at) == (NOW, NOW, None)
    assert [revision.number for revision in stored.revisions] == [1]
    assert full_article().blocks == stored.revisions[0].blocks


texts = st.text(max_size=60).map(composed)  # the form in which texts are kept
maybe = st.none() | texts
times = st.none() | st.datetimes(timezones=st.just(UTC))
articles = st.builds(
    Article,
    url=st.integers(0, 10**9).map("https://tide.example/{}".format),
    headline=maybe,
    # The number of a block is of the page that it was read from, and is not kept.
    blocks=st.lists(
        st.builds(
            LabelledBlock, st.sampled_from(Role), texts, texts, st.floats(0, 1), texts, texts, number=st.just(-1)
        ),
        max_size=4,
    ).map(tuple),
    access=st.builds(Access, st.sampled_from(AccessStatus), st.sampled_from((True, False, None)), maybe, texts),
    dek=maybe,
    kicker=maybe,
    authors=st.lists(texts, max_size=3).map(tuple),
    published_at=times.map(lambda time: time and time.replace(microsecond=0)),
    published_raw=maybe,
    section=maybe,
    tags=st.lists(texts, max_size=3).map(tuple),
    language=maybe,
    publication=maybe,
    images=st.lists(st.builds(Image, maybe, maybe, maybe, maybe, st.booleans()), max_size=2).map(tuple),
    origins=st.dictionaries(texts, texts, max_size=2),
)


@contextmanager
def undone(archive):
    """All that is written within is taken back, so that the next example starts afresh."""
    with suppress(ZeroDivisionError), archive.transaction():
        yield
        raise ZeroDivisionError


@given(articles)
def test_any_text_comes_back_the_same(shelf, new):
    with undone(shelf):
        article_id = shelf.apply(Add(new), source="tide", found_url=new.url, keys=fingerprint(None, ""), now=NOW)
        assert new == shelf.article(article_id).article


@given(articles, articles)
@settings(max_examples=50)
def test_deciding_again_after_a_decision_was_carried_out_is_unchanged(shelf, first, second):
    second = replace(second, url=first.url)
    with undone(shelf):
        keep(shelf, first)
        keep(shelf, second)
        assert isinstance(keep(shelf, second)[0], Unchanged)


def test_half_a_surrogate_from_a_page_is_replaced_not_fatal(archive):
    _, article_id = keep(archive, article(headline="a \ud83d b", tags=("\udc00",)))
    stored = archive.article(article_id).article
    assert ("a \ufffd b", ("\ufffd",)) == (stored.headline, stored.tags)


def test_a_time_in_another_zone_is_kept_as_the_same_instant(archive):
    local = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    _, article_id = keep(archive, article(published_at=local))
    assert local == archive.article(article_id).article.published_at
    assert [("2026-03-02T04:30:00Z",)] == rows(archive, "SELECT published_at FROM articles")


def test_a_time_without_a_zone_is_a_bug_and_let_out(archive):
    with pytest.raises(ValueError, match="without a zone"):
        archive.begin_pass(NOW.replace(tzinfo=None))


def test_a_revision_keeps_the_blocks_of_the_one_before(archive):
    first, second = article(body="Two roads are shut.\n\nMore soon."), article(body="Three roads are shut.")
    _, article_id = keep(archive, first)
    decision, same_id = keep(archive, second, NOW + HOUR)
    assert isinstance(decision, Revise)
    assert same_id == article_id
    stored = archive.article(article_id)
    assert [first.blocks, second.blocks] == [revision.blocks for revision in stored.revisions]
    assert [(1, None), (2, decision.changes)] == [(one.number, one.changes) for one in stored.revisions]
    assert second == stored.article
    assert NOW + HOUR == stored.revised_at == stored.last_seen_at


def test_a_revision_that_tells_less_does_not_erase_what_was_known(archive):
    whole = full_article()
    _, article_id = keep(archive, whole)
    bare = article(whole.url, "Another text altogether.", headline=None)
    keep(archive, bare, NOW + HOUR)
    kept = archive.article(article_id).article
    for field in (
        "headline", "dek", "kicker", "authors", "published_at", "published_raw", "updated_at", "section", "tags",
        "language", "publication", "canonical_url", "origins",
    ):  # fmt: skip
        assert getattr(whole, field) == getattr(kept, field), field
    assert bare.access == kept.access
    assert (bare.blocks, (), ()) == (kept.blocks, kept.images, kept.cves)
    assert isinstance(keep(archive, bare, NOW + HOUR)[0], Unchanged)


def test_unchanged_notes_when_the_article_was_last_seen_and_nothing_else(archive):
    _, article_id = keep(archive, article())
    before = archive.article(article_id)
    decision, _ = keep(archive, article(), NOW + HOUR)
    assert isinstance(decision, Unchanged)
    assert replace(before, last_seen_at=NOW + HOUR) == archive.article(article_id)


def test_an_article_is_known_by_its_canonical_fetched_and_found_url(archive):
    new = article("https://tide.example/amp/storm", canonical_url="https://tide.example/storm")
    _, article_id = keep(archive, new, found_url="https://tide.example/?p=7")
    for seen in (
        article("https://tide.example/storm"),
        article("https://tide.example/amp/storm"),
        article("https://tide.example/?p=7"),
        article("https://tide.example/x", canonical_url="https://tide.example/storm"),
    ):
        assert archive.held(seen, seen.url).article_id == article_id
    moved = article("https://tide.example/new-slug")
    assert archive.held(moved, moved.url) is None
    assert archive.held(moved, "https://tide.example/?p=7").article_id == article_id


@pytest.mark.parametrize(
    "canonical", ["https://harbour.example/storm", "https://tide.example/", "mailto:a@tide.example"]
)
def test_a_canonical_url_of_another_site_or_of_the_front_page_does_not_join_articles(archive, canonical):
    ids = {
        keep(archive, article(f"https://tide.example/{name}", body_of(name), canonical_url=canonical))[1]
        for name in ("a", "b")
    }
    assert len(ids) == 2


def test_candidates_are_those_that_share_most_and_the_same_body_first(archive):
    words = body_of("storm", length=160).split()
    for n in range(1, 16):
        keep(archive, article(f"https://tide.example/{n}", " ".join(words[: n * 10])))
    keep(archive, article("https://tide.example/other", body_of("calm")))
    new = article("https://harbour.example/copy", " ".join(words[:30]))
    keys = fingerprint(new.headline, new.body)
    known = archive.known_for(new, keys)
    assert known.same_url is None
    assert known.candidates[0].article_id == 3
    assert known.candidates[0].digest == keys.digest
    assert 16 not in {candidate.article_id for candidate in known.candidates}


def test_an_article_is_no_candidate_of_itself(archive):
    new = article(body=body_of("storm"))
    keep(archive, new)
    keys = fingerprint(new.headline, new.body)
    assert archive.known_for(new, keys).candidates == ()


def test_articles_without_a_body_do_not_resemble_each_other(archive):
    for name in ("a", "b"):
        decision, _ = keep(archive, article(f"https://tide.example/{name}", "", blocks=()))
        assert isinstance(decision, Add)


def test_every_look_up_of_known_articles_goes_by_an_index(archive):
    """No table is scanned, however large the archive is."""
    keep(archive, article(body=body_of("storm")))
    new = article("https://harbour.example/copy", body_of("storm"))
    keys = fingerprint(new.headline, new.body)
    tables = [name for (name,) in rows(archive, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    with opened(archive) as connection:
        connection.row_factory = sqlite3.Row
        seen = []
        connection.set_trace_callback(seen.append)
        Archive(archive.path, connection, ExitStack(), is_writable=False).known_for(new, keys)
        connection.set_trace_callback(None)
        plans = [[row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")] for sql in seen]
    assert len(plans) == 5
    for plan in plans:
        scans = [step for step in plan if step in {f"SCAN {table}" for table in tables}]
        assert scans == [], plan


def test_a_duplicate_links_both_articles(archive):
    _, first = keep(archive, article(body=body_of("storm")))
    decision, second = keep(archive, article("https://harbour.example/copy", body_of("storm")), source="harbour")
    assert isinstance(decision, Duplicate)
    (link,) = archive.article(second).duplicates
    assert (first, DuplicateKind.EXACT, 1.0, "tide") == (link.article_id, link.kind, link.similarity, link.source)
    assert [second] == [link.article_id for link in archive.article(first).duplicates]


@pytest.mark.parametrize("new_is_longer", [True, False])
def test_a_link_reads_as_a_sentence_whichever_article_came_first(archive, new_is_longer):
    _, old = keep(archive, article(body=body_of("storm")))
    match = Match(old, DuplicateKind.TRIMMED, 0.9, is_subject=not new_is_longer)
    new = archive.apply(
        Duplicate(article("https://tide.example/b", body_of("calm")), (match,)),
        source="tide", found_url="https://tide.example/b", keys=fingerprint(None, ""), now=NOW,
    )  # fmt: skip
    shorter, longer = (old, new) if new_is_longer else (new, old)
    assert [(shorter, longer, "trimmed copy of")] == rows(archive, "SELECT article_id, of_id, kind FROM duplicates")
    assert [True] == [link.is_shorter for link in archive.article(shorter).duplicates]
    assert [False] == [link.is_shorter for link in archive.article(longer).duplicates]


def test_a_revision_replaces_its_links_to_duplicates(archive):
    keep(archive, article(body=body_of("storm")))
    _, second = keep(archive, article("https://harbour.example/copy", body_of("storm")))
    keep(archive, article("https://harbour.example/copy", body_of("calm")), NOW + HOUR)
    assert archive.article(second).duplicates == ()


def test_a_decision_that_fails_midway_leaves_no_trace(archive):
    keep(archive, article(body=body_of("storm")))
    before = dump(archive)
    no_such_article = Match(999, DuplicateKind.EXACT, 1.0)
    with pytest.raises(ArchiveError, match="FOREIGN KEY"):
        archive.apply(
            Duplicate(article("https://tide.example/b"), (no_such_article,)),
            source="tide", found_url="https://tide.example/b", keys=fingerprint(None, ""), now=NOW,
        )  # fmt: skip
    with pytest.raises(ArchiveError, match="FOREIGN KEY"):
        archive.apply(
            Revise(77, article(), "new text"),
            source="tide", found_url="https://tide.example/b", keys=fingerprint(None, ""), now=NOW,
        )  # fmt: skip
    assert before == dump(archive)


def test_what_is_written_within_one_transaction_is_kept_or_lost_together(archive):
    before = dump(archive)
    with undone(archive):
        archive.save_validators("https://tide.example/storm", Validators("a"))
        keep(archive, article())
    assert before == dump(archive)


def test_a_page_read_again_by_better_rules_takes_the_place_of_its_revision(archive):
    """No new revision, no new times; the next visit finds the text unchanged."""
    capture_id = archive.save_capture(CaptureLocation("a.warc.gz", 4, 9, ""), exchange(), "tide")
    _, article_id = keep(archive, article(body=body_of("calm")), capture_id=capture_id)
    keep(archive, article("https://tide.example/copy", body_of("calm")))
    before = archive.article(article_id)
    better = replace(full_article(), url=before.article.url, canonical_url=None)
    archive.relabel(before, better)
    after = archive.article(article_id)
    assert better == after.article
    assert [1] == [revision.number for revision in after.revisions]
    # It reads as cut now, and so leads its copy no more.
    assert replace(before, article=after.article, revisions=after.revisions, is_lead=False) == after
    assert isinstance(keep(archive, better, NOW + HOUR)[0], Unchanged)
    assert (len(search(archive, "calmone0")), len(search(archive, "mole"))) == (1, 1)
    assert (CurrentCapture(article_id, "tide", "a.warc.gz", 4),) == tuple(archive.current_captures())


def test_an_article_that_has_not_changed_is_noted_as_seen(archive):
    _, article_id = keep(archive, article(), found_url="https://tide.example/?p=7")
    archive.mark_seen("https://tide.example/?p=7", NOW + HOUR)
    archive.mark_seen("https://tide.example/unknown", NOW + DAY)
    assert NOW + HOUR == archive.article(article_id).last_seen_at


# ---------------------------------------------------------------- entries


ENTRY = Entry(
    "https://tide.example/storm?utm_source=rss",
    title="Storm",
    guid="7",
    published_at=NOW - HOUR,
    published_raw="an hour ago",
    updated_at=NOW,
    authors=("Ada",),
    categories=("Coast",),
    enclosures=(Enclosure("https://tide.example/a.mp3", "audio/mpeg", 9),),
    summary="Roads.",
    language="en",
)


def to_fetch(archive, now=NOW, **wishes):
    usual = {"limit": 10, "recheck_for": 2 * DAY, "oldest": 14 * DAY}
    return [(one.url, one.is_recheck) for one in archive.articles_to_fetch("tide", now, **usual | wishes)]


def test_entries_with_a_priority_word_come_first_and_are_no_fewer(archive):
    entries = [
        Entry("https://tide.example/a", title="Ransom paid", published_at=NOW),
        Entry("https://tide.example/b", title="Storm", summary="<p>A <b>zero-day</b> in the lock.", published_at=NOW),
        Entry("https://tide.example/c", title="Zero days until spring", published_at=NOW),
        Entry("https://tide.example/d", title="Regatta", categories=("Zero Day",), published_at=NOW),
    ]
    archive.record_entries("tide", entries, NOW)

    def fetched(limit, *words):
        found = archive.articles_to_fetch("tide", NOW, limit=limit, recheck_for=DAY, priority_words=words)
        return [(one.url[-1], one.is_wanted) for one in found]

    assert [("b", True), ("d", True), ("a", False), ("c", False)] == fetched(9, "ZERO day", "flood")
    assert [("d", True)] == fetched(1, "regatta")
    assert [("a", False), ("b", False)] == fetched(2)


def test_only_entries_whose_url_key_was_unknown_are_new(archive):
    assert (ENTRY,) == archive.record_entries("tide", (ENTRY, replace(ENTRY, url="http://tide.example/storm")), NOW)
    assert archive.record_entries("harbour", (ENTRY,), NOW + HOUR) == ()
    other = Entry("https://tide.example/other")
    assert (other,) == archive.record_entries("tide", (other, ENTRY, Entry("mailto:desk@tide.example")), NOW)


def test_all_that_an_entry_says_is_kept_and_never_emptied(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    archive.record_entries("tide", (Entry(ENTRY.url, title="Storm, again"),), NOW + HOUR)
    with opened(archive) as connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT * FROM entries").fetchone()
    assert {
        "url_key": "https://tide.example/storm",
        "source": "tide",
        "url": ENTRY.url,
        "guid": "7",
        "title": "Storm, again",
        "published_at": "2026-03-02T05:00:00Z",
        "published_raw": "an hour ago",
        "updated_at": "2026-03-02T06:00:00Z",
        "authors": '["Ada"]',
        "categories": '["Coast"]',
        "enclosures": '[{"url": "https://tide.example/a.mp3", "media_type": "audio/mpeg", "length": 9}]',
        "summary": "Roads.",
        "language": "en",
        "is_whole_article": 0,
        "first_seen_at": "2026-03-02T06:00:00Z",
        "fetched_at": None,
        "tries": 0,
        "left_at": None,
        "left_why": None,
        "listed_at": "2026-03-02T07:00:00Z",
        "next_at": None,
        "failed_at": None,
        "failed_why": None,
        "given_up_at": None,
        "gone": 0,
        "came_at": None,
        "looks": 0,
        "claimed_at": None,
        "unfounded": 0,
        "formerly": None,
    } == dict(row)


def test_an_entry_comes_back_as_it_went_in(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    assert archive.entry("http://tide.example/storm") == ENTRY
    assert archive.entry("https://tide.example/other") is None


def test_the_newest_text_of_a_full_content_feed_is_kept(archive):
    key = "https://tide.example/storm"
    archive.record_entries("tide", (replace(ENTRY, content_text="One road.\nWaves & wind."),), NOW)
    assert archive.feed_text(key) == "One road.\nWaves & wind."
    archive.record_entries("tide", (replace(ENTRY, content_text="Two roads."),), NOW + HOUR)
    archive.record_entries("tide", (ENTRY,), NOW + HOUR)
    assert archive.feed_text(key) == "Two roads."
    assert [(2,)] == rows(archive, "SELECT word_count FROM feed_texts")


def came(archive, url, at):
    """A page that came, and whose article is kept."""
    keep(archive, article(url=url, canonical_url=None), found_url=url, now=at)
    archive.mark_fetched(url, at, is_changed=True)


def test_new_entries_are_fetched_first_the_newest_first_then_failed_ones_then_known_ones(archive):
    urls = {name: f"https://tide.example/{name}" for name in ("older", "newer", "failed", "known", "longer-known")}
    ages = {"older": 3, "newer": 1, "failed": 0, "known": 2, "longer-known": 2}
    archive.record_entries(
        "tide", (Entry(url, published_at=NOW - ages[name] * HOUR) for name, url in urls.items()), NOW
    )
    archive.mark_failed(urls["failed"], NOW, "the server answers 503")
    came(archive, urls["longer-known"], NOW)
    came(archive, urls["known"], NOW + HOUR)
    archive.save_validators(urls["known"], Validators("e", "m"))
    expected = [
        (urls["newer"], False),
        (urls["older"], False),
        (urls["failed"], False),
        (urls["longer-known"], True),
        (urls["known"], True),
    ]
    later = NOW + 2 * HOUR
    assert expected == to_fetch(archive, later)
    assert expected[:2] == to_fetch(archive, later, limit=2)
    last = archive.articles_to_fetch("tide", later, limit=10, recheck_for=2 * DAY)[-1]
    assert ArticleToFetch(urls["known"], urls["known"], Validators("e", "m"), is_recheck=True) == last
    assert archive.articles_to_fetch("harbour", later, limit=10, recheck_for=2 * DAY) == ()


def test_a_page_that_fails_is_asked_for_after_growing_waits_until_it_is_given_up_and_told(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    at, waits = NOW, []
    while not archive.mark_failed(ENTRY.url, at, "the server answers 404"):
        archive.note_listed("tide", NOW, at)
        begun = at
        while not to_fetch(archive, at, oldest=None):
            at += timedelta(minutes=10)
        waits.append(at - begun)
    assert sorted(waits) == waits
    assert [timedelta()] * 3 == waits[:3]  # in the next passes
    assert 7 * DAY < sum(waits, timedelta()) < 21 * DAY
    (lost,) = archive.lost(NOW)
    assert ("tide", ENTRY.url, "Storm", "the server answers 404") == (lost.source, lost.url, lost.title, lost.why)
    came(archive, ENTRY.url, at)
    assert () == archive.lost(NOW)


def test_a_page_that_no_listing_names_any_more_is_given_up_sooner(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    at = NOW + 3 * DAY
    assert [False] * 7 + [True] == [archive.mark_failed(ENTRY.url, at, "404") for _ in range(8)]


def test_an_entry_that_had_no_turn_before_it_grew_too_old_is_told_as_lost(archive):
    entries = [replace(ENTRY, published_at=NOW), Entry("https://tide.example/ancient", published_at=NOW - 99 * DAY)]
    archive.record_entries("tide", entries, NOW)
    archive.give_up_old("tide", NOW + 13 * DAY, 14 * DAY)
    assert () == archive.lost(NOW)
    archive.give_up_old("tide", NOW + 15 * DAY, 14 * DAY)
    assert [ENTRY.url] == [one.url for one in archive.lost(NOW)]  # the other one was never to be had


def test_old_entries_are_not_fetched_and_known_ones_are_left_alone_at_an_age(archive):
    """
    An entry with a date in the future is as old as our first sight of it; a sitemap's last change
    is a date, too.
    """
    url = "https://tide.example/{}".format
    old = (Entry(url("old"), published_at=NOW - 15 * DAY), Entry(url("unchanged"), updated_at=NOW - 15 * DAY))
    archive.record_entries("tide", (*old, Entry(url("undated"))), NOW)
    assert to_fetch(archive) == [(url("undated"), False)]
    assert {url("undated"), url("old"), url("unchanged")} == {one for one, _ in to_fetch(archive, oldest=None)}
    archive.record_entries("tide", (Entry(url("future"), published_at=NOW + 99 * DAY),), NOW)
    came(archive, url("future"), NOW)
    assert (url("future"), True) in to_fetch(archive, NOW + DAY)
    assert (url("future"), True) not in to_fetch(archive, NOW + 2 * DAY)


def test_looks_at_a_page_get_rarer_while_it_stays_as_it_is(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    came(archive, ENTRY.url, NOW)
    looks = []
    for hour in range(1, 49):
        if to_fetch(archive, NOW + hour * HOUR):
            looks.append(hour)
            archive.mark_fetched(ENTRY.url, NOW + hour * HOUR)
    assert [1, 4, 12, 34] == looks


def test_what_a_listing_says_of_a_change_brings_a_look_forward_the_later_the_more_often_it_was_wrong(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    came(archive, ENTRY.url, NOW)
    at = NOW + 20 * DAY
    waits = []
    for n in range(1, 6):
        at += DAY
        archive.record_entries("tide", (replace(ENTRY, title=f"Storm {n}"),), at)
        begun = at
        while not to_fetch(archive, at):
            at += timedelta(minutes=6)
        waits.append((at - begun) / HOUR)
        archive.mark_fetched(ENTRY.url, at)
    assert [0, 0.9, 2.7, 7.2, 21.6] == pytest.approx(waits)


def test_an_article_that_was_pruned_is_not_brought_back_by_a_second_look(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    came(archive, ENTRY.url, NOW)
    archive.prune([RetentionRule(None, HOUR)], NOW + 2 * HOUR)
    assert [] == to_fetch(archive, NOW + 2 * HOUR)


def test_the_text_of_an_entry_that_is_still_listed_is_not_pruned_however_long_it_is_the_same(archive):
    entry = replace(ENTRY, content_text="One road.")
    for hours in (0, 5):
        archive.record_entries("tide", (entry,), NOW + hours * HOUR)
    archive.prune([RetentionRule(None, HOUR)], NOW + 5 * HOUR)
    assert [("2026-03-02T06:00:00Z",)] == rows(archive, "SELECT seen_at FROM feed_texts")
    archive.prune([RetentionRule(None, HOUR)], NOW + 7 * HOUR)
    assert [] == rows(archive, "SELECT seen_at FROM feed_texts")


def test_an_article_of_the_feed_that_was_pruned_is_not_brought_back_by_its_page(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    keep(archive, article(url=ENTRY.url), found_url=ENTRY.url)
    archive.mark_failed(ENTRY.url, NOW, "the server answers 403")
    assert [(ENTRY.url, False)] == to_fetch(archive, NOW + DAY)
    archive.prune([RetentionRule(None, HOUR)], NOW + 2 * HOUR)
    assert [] == to_fetch(archive, NOW + DAY)


def test_a_page_that_was_not_modified_for_a_week_is_asked_for_whole(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    came(archive, ENTRY.url, NOW)
    archive.save_validators(ENTRY.url, Validators("stuck"))
    sent = []
    for day in range(1, 10):
        (one,) = archive.articles_to_fetch("tide", NOW + day * DAY, limit=1, recheck_for=30 * DAY)
        sent.append(one.validators)
        archive.mark_fetched(ENTRY.url, NOW + day * DAY, is_whole=not one.validators)
    assert [bool(validators) for validators in sent] == [True] * 6 + [False] + [True] * 2


def test_items_of_one_address_with_guids_of_their_own_are_entries_of_their_own_in_every_visit(archive):
    page = "https://tide.example/advisories"
    first, second, third = (Entry(page, title=f"Advisory {n}", guid=f"a{n}", summary="Text.") for n in (1, 2, 3))
    assert 2 == len(archive.record_entries("tide", (first, second), NOW))
    assert 1 == len(archive.record_entries("tide", (third, second), NOW + HOUR))
    assert () == archive.record_entries("tide", (third,), NOW + 2 * HOUR)
    assert [("Advisory 1", page), ("Advisory 2", f"{page}#:~:entry=a2"), ("Advisory 3", f"{page}#:~:entry=a3")] == rows(
        archive, "SELECT title, url FROM entries ORDER BY guid"
    )


def test_a_guid_that_changes_with_every_visit_is_no_new_entry(archive):
    assert (ENTRY,) == archive.record_entries("tide", (ENTRY,), NOW)
    assert () == archive.record_entries("tide", (replace(ENTRY, guid="8"),), NOW + HOUR)


def test_a_guid_at_a_new_address_leads_by_the_old_one(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    came(archive, ENTRY.url, NOW)
    moved = replace(ENTRY, url="https://tide.example/calm")
    archive.record_entries("tide", (moved,), NOW + timedelta(minutes=5))
    (one,) = archive.articles_to_fetch("tide", NOW + timedelta(minutes=5), limit=9, recheck_for=DAY)
    assert (moved.url, ENTRY.url) == (one.url, one.former_url)


def test_entries_that_wait_go_to_another_source_that_lists_them_when_theirs_is_no_more(archive):
    archive.record_entries("tide", (ENTRY,), NOW)
    archive.record_entries("harbour", (ENTRY,), NOW)
    assert [("tide",)] == rows(archive, "SELECT source FROM entries")
    archive.save_sources([HARBOUR])
    archive.record_entries("harbour", (ENTRY,), NOW)
    assert [("harbour",)] == rows(archive, "SELECT source FROM entries")


def test_validators_are_kept_until_empty_ones_come(archive):
    url = "https://tide.example/storm"
    assert archive.validators_for(url) == Validators()
    archive.save_validators(url, Validators("a", None))
    archive.save_validators(url, Validators("b", "c"))
    assert archive.validators_for(url) == Validators("b", "c")
    archive.save_validators(url, Validators())
    assert archive.validators_for(url) == Validators()


# ---------------------------------------------------------------- checks, requests, health


def check(archive, outcome, at=NOW, url=FEED, **parts):
    archive.record_check("tide", url, ListingKind.FEED, at, outcome, **parts)


def test_the_last_check_of_a_document_nobody_visited_is_none(archive):
    assert archive.last_check(FEED) is None
    assert archive.last_checked_at("tide") is None


def test_a_broken_answer_never_brings_validators_for_the_next_visit(archive):
    check(archive, CheckOutcome.FOUND, entry_count=3, validators=Validators("good"))
    check(archive, CheckOutcome.BROKEN, NOW + HOUR, validators=Validators("broken"))
    check(archive, CheckOutcome.SUDDENLY_EMPTY, NOW + 2 * HOUR, validators=Validators("empty"))
    last = archive.last_check(FEED)
    assert (NOW + 2 * HOUR, CheckOutcome.SUDDENLY_EMPTY, Validators("good"), True) == (
        last.at, last.outcome, last.validators, last.had_entries,
    )  # fmt: skip
    assert NOW + 2 * HOUR == archive.last_checked_at("tide")


def test_not_modified_leaves_the_validators_in_force_or_brings_newer_ones(archive):
    check(archive, CheckOutcome.FOUND, validators=Validators("a"))
    check(archive, CheckOutcome.UNCHANGED)
    assert archive.last_check(FEED).validators == Validators("a")
    check(archive, CheckOutcome.UNCHANGED, validators=Validators("b"))
    assert archive.last_check(FEED).validators == Validators("b")
    check(archive, CheckOutcome.FOUND)
    assert archive.last_check(FEED).validators == Validators()
    assert archive.last_check(FEED).had_entries is False


def outcomes():
    request = FetchRequest("https://tide.example/storm", Purpose.ARTICLE, "tide")
    second = timedelta(seconds=1)
    return (
        Fetched(request, NOW, 200, {}, b"four", second, exchange()),
        NotModified(request, NOW, second),
        Redirected(request, NOW, 301, "https://tide.example/b", second),
        Disallowed(request, NOW, "robots.txt"),
        Failed(request, NOW, "no answer", retry_at=NOW + HOUR),
    )


def test_every_outcome_of_a_request_is_kept_and_counted_at_the_end_of_the_pass(archive):
    pass_id = archive.begin_pass(NOW)
    for outcome in outcomes():
        archive.record_request(pass_id, outcome)
    archive.finish_pass(pass_id, NOW + HOUR, added_count=2, revised_count=1)
    assert [
        ("fetched", 200, None, None, 1000, 4),
        ("not modified", 304, None, None, 1000, None),
        ("redirected", 301, None, "https://tide.example/b", 1000, None),
        ("disallowed", None, "robots.txt", None, None, None),
        ("failed", None, "no answer", None, 0, None),
    ] == rows(archive, "SELECT outcome, status, reason, target_url, elapsed_ms, byte_count FROM requests ORDER BY id")
    assert [("2026-03-02T07:00:00Z", 5, 2, 1, 1)] == rows(
        archive, "SELECT finished_at, request_count, added_count, revised_count, failed_count FROM passes"
    )


def test_a_pass_that_never_came_to_its_end_is_known_until_the_next_one_does(archive):
    assert archive.broken_off_at() is None
    archive.begin_pass(NOW)
    assert NOW == archive.broken_off_at()
    archive.finish_pass(archive.begin_pass(NOW + HOUR), NOW + HOUR, added_count=0, revised_count=0)
    assert archive.broken_off_at() is None


def test_the_failures_of_a_window_are_counted_by_source_and_reason(archive):
    pass_id = archive.begin_pass(NOW)

    def request(name, outcome=Failed, reason="no answer", at=NOW, purpose=Purpose.ARTICLE):
        archive.record_request(
            pass_id, outcome(FetchRequest(f"https://tide.example/{name}", purpose, "tide"), at, reason)
        )

    check(archive, CheckOutcome.BROKEN, detail="no XML")
    check(archive, CheckOutcome.FAILED, url="https://tide.example/mended")
    check(archive, CheckOutcome.FOUND, NOW + HOUR, url="https://tide.example/mended")
    check(archive, CheckOutcome.FAILED, NOW + DAY, url="https://tide.example/later")
    for name in ("a", "a", "b", "came"):
        request(name)
    request("closed", Disallowed, "robots.txt")
    request("robots.txt", purpose=Purpose.ROBOTS)
    request("later", at=NOW + DAY)
    came = FetchRequest("https://tide.example/came", Purpose.ARTICLE, "tide")
    archive.record_request(pass_id, NotModified(came, NOW, HOUR))

    def pages(*names):
        return tuple(UnseenPage({"b": "Bridge shut"}.get(name, ""), f"https://tide.example/{name}") for name in names)

    archive.record_entries("tide", [Entry("https://tide.example/b", title="Bridge  shut")], NOW)
    assert (
        Unseen("article", "tide", "no answer", 2, pages=pages("a", "b")),
        Unseen("article", "tide", "disallowed: robots.txt", 1, pages=pages("closed")),
        Unseen("feed", "tide", "broken: no XML", 1, pages=pages("rss")),
    ) == archive.failures(NOW, NOW + DAY)
    archive.save_sources([HARBOUR])
    assert "feed" not in [one.what for one in archive.failures(NOW, NOW + DAY)]


def test_the_health_of_a_source_is_its_last_check_and_seven_days(archive):
    keep(archive, article("https://tide.example/old", body_of("old")), NOW - 8 * DAY)
    keep(archive, article("https://tide.example/new", body_of("new")), NOW - DAY)
    check(archive, CheckOutcome.FOUND, NOW - HOUR)
    check(archive, CheckOutcome.FAILED, NOW, detail="time-out")
    pass_id = archive.begin_pass(NOW)
    for outcome in outcomes():
        archive.record_request(pass_id, outcome)
    harbour, tide = archive.source_health(NOW)
    assert (NOW, CheckOutcome.FAILED, "time-out", 1, 1) == (
        tide.checked_at, tide.outcome, tide.detail, tide.article_count, tide.failed_count,
    )  # fmt: skip
    assert ("harbour", None, None, 0) == (harbour.source, harbour.checked_at, harbour.outcome, harbour.article_count)


def test_a_source_that_left_the_configuration_stays_but_is_not_enabled(archive):
    keep(archive, article())
    archive.save_sources([replace(HARBOUR, title="The Harbour", access_checked=date(2026, 3, 1))])
    assert [("The Harbour", True), ("The Tide", False)] == [
        (one.title, one.enabled) for one in archive.source_health(NOW)
    ]


# ---------------------------------------------------------------- search and selection


def search(archive, query, **wishes):
    return archive.search(query, **{"now": NOW} | wishes)


def found(archive, query, **wishes):
    return [hit.headline for hit in search(archive, query, **wishes)]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    with Archive.open(tmp_path_factory.mktemp("library") / "press.db", write=True) as archive:
        archive.save_sources([TIDE])
        for n, (headline, dek, body) in enumerate(
            [
                (
                    "Backdoor found",
                    "In a library",
                    "The hole is CVE-2024-3094, says Bo O'Neil. Don't panic: use C++17.",
                ),
                ("Other hole", None, "The numbers 3094 and 2024 and the word CVE, apart."),
                ("Storm", "A café by the sea", "Waves. A backdoor was open all night."),
                ("台風が接近", None, "東京都心では強い雨が降った。"),
            ]
        ):
            keep(archive, article(f"https://tide.example/{n}", body, headline=headline, dek=dek, published_at=NOW))
        yield archive


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("CVE-2024-3094", ["Backdoor found"]),
        ("3094", ["Backdoor found", "Other hole"]),
        ("backdoor", ["Backdoor found", "Storm"]),
        ("BACKDOORS", ["Backdoor found", "Storm"]),
        ("backdoor night", ["Storm"]),
        ("backdoor -night", ["Backdoor found"]),
        ("backdoor OR storm", ["Backdoor found", "Storm"]),
        ("headline:storm", ["Storm"]),
        ('"backdoors"', []),
        ("title:backdoor", ["Backdoor found"]),
        ("-backdoor -hole", ["台風が接近"]),
        ("sto*", ["Storm"]),
        ("source:tide since:2026-01-01 -since:2026-03-03 storm", ["Storm"]),
        ("storm*", ["Storm"]),
        ('"hole" "panic"', ["Backdoor found"]),
        ("don't", ["Backdoor found"]),
        ("o'neil", ["Backdoor found"]),
        ("C++17", ["Backdoor found"]),
        ("cafe", ["Storm"]),
        ("東京", ["台風が接近"]),
        ("台風 東京", ["台風が接近"]),
        ("台風 storm", []),
        ("nowhere", []),
    ],
)
def test_a_search_finds_the_articles_that_are_asked_for(library, query, expected):
    assert expected == sorted(found(library, query))


FORMS = [
    ("fullwidth", "\uff2e\uff21\uff34\uff2f、海底", "\uff2e\uff21\uff34\uff2fは\uff12\uff19日、船を送った。"),
    ("plain", "NATO meets", "On the 29日 it met."),
    ("compatibility", "\uf9e1 의원", "\uf9e1 의원은 항구를 찾아"),
    ("halfwidth", "\uff79\uff70\uff8c\uff9e\uff99", "損傷した。"),
    ("decomposed", "Cafe\u0301 \u1112\u1161\u11ab", "It \ufb01led \u2167 and x²."),
    ("enclosed", "脆弱性", "脆弱性CVE-2024-3094が見つかった。"),
]


@pytest.fixture(scope="module")
def forms():
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([TIDE])
        for name, headline, body in FORMS:
            keep(archive, article(f"https://tide.example/{name}", body, headline=headline))
        yield archive


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("NATO", ["fullwidth", "plain"]),
        ("\uff2e\uff21\uff34\uff2f", ["fullwidth", "plain"]),
        ("\uff4e\uff41\uff54\uff4f", ["fullwidth", "plain"]),
        ("29日", ["fullwidth", "plain"]),
        ("\uff12\uff19日", ["fullwidth", "plain"]),
        ("29日 NATO", ["fullwidth", "plain"]),
        ("李", ["compatibility"]),
        ("\uf9e1", ["compatibility"]),
        ("ケーブル", ["halfwidth"]),
        ("\uff79\uff70\uff8c\uff9e\uff99", ["halfwidth"]),
        ("café", ["decomposed"]),
        ("cafe\u0301", ["decomposed"]),
        ("한", ["decomposed"]),
        ("filed", ["decomposed"]),
        ("VIII", ["decomposed"]),
        ("x2", ["decomposed"]),
        ("x²", ["decomposed"]),
        ("CVE-2024-3094", ["enclosed"]),
        ("\uff23\uff36\uff25\uff0d\uff12\uff10\uff12\uff14\uff0d\uff13\uff10\uff19\uff14", ["enclosed"]),
        ("脆弱性CVE", ["enclosed"]),
        ("NATO 李", []),
    ],
)
def test_a_word_is_found_in_whatever_form_it_is_written(forms, query, expected):
    """The other way round as well: text and query are folded alike."""
    assert expected == sorted(hit.url.rpartition("/")[2] for hit in search(forms, query))


@pytest.mark.parametrize("query", ["NATO", "29日", "VIII", "filed", "CVE-2024-3094", "ケーブル"])
def test_what_is_quoted_is_the_text_as_it_stands(forms, query):
    texts = {url: (headline, body) for url, headline, body in FORMS}
    for hit in search(forms, query):
        headline, body = (unicodedata.normalize("NFC", text) for text in texts[hit.url.rpartition("/")[2]])
        assert hit.snippet.strip("…") in f"{headline}\n{body}"
        assert hit.marks


def test_a_revision_without_a_headline_keeps_how_the_old_one_is_found(archive):
    url = "https://tide.example/a"
    keep(archive, article(url, body_of("storm"), headline="\uff2e\uff21\uff34\uff2f"))
    keep(archive, article(url, body_of("road"), headline=None), NOW + HOUR)
    assert 1 == len(search(archive, "NATO"))
    keep(archive, article(url, body_of("gate"), headline="Storm"), NOW + 2 * HOUR)
    assert () == search(archive, "NATO")
    assert archive.integrity_check() == ()


@given(st.text(), st.text(max_size=5))
def test_words_are_found_where_they_stand_or_not_at_all(text, word):
    phrase = tuple(search_words(word))
    if not phrase:
        return
    place = find_words(text, Words(phrase, is_exact=True))
    assert place is None or (0 <= place[0] < place[1] <= len(text) and has_words(text, Words(phrase, is_exact=True)))
    assert place or not (word.isalpha() and word in text.split() and unicodedata.is_normalized("NFC", text))


@pytest.mark.parametrize("query", ["", "   ", '"', "*", "()", ":", "\0", "§", "🧪", "-", "\ud83d"])
def test_a_query_without_a_word_finds_nothing(library, query):
    assert search(library, query) in ((), NotUnderstood(1, "this quotation mark is not closed"))


@given(st.text())
def test_no_query_raises(library, query):
    search(library, query)


@given(st.text(st.sampled_from("ab \"*^:(){}+-,.\\'\0ANDORTE東é"), max_size=40))
def test_no_query_of_operators_raises(library, query):
    search(library, query)


@pytest.mark.shared
def test_no_query_that_is_known_to_break_full_text_search_raises(library):
    if not SECURITY.is_dir():
        pytest.skip("needs ../shared/conformance/security")
    before = dump(library)
    for case in json.loads((SECURITY / "fts_queries.json").read_text()):
        search(library, case["q"])
    assert before == dump(library)


@pytest.mark.shared
def test_an_article_is_found_by_the_literal_words_of_hostile_queries(archive):
    """Whatever the words are, an article that contains them is among the hits."""
    if not SECURITY.is_dir():
        pytest.skip("needs ../shared/conformance/security")
    for n, case in enumerate(json.loads((SECURITY / "fts_queries.json").read_text())):
        query = case["q"]
        literal = '"' + "".join(sign for sign in query.replace("\n", " ") if sign not in '"“”„') + '"'
        if search_words(query) and "\0" not in query:
            url = f"https://tide.example/{n}"
            keep(archive, article(url, f"Before {query} after.".replace("\n", " ")))
            assert url in [hit.url for hit in search(archive, literal, limit=100)], query


def test_a_hit_says_what_and_where_and_which_of_its_words_were_found(library):
    hit = search(library, "backdoor")[1]
    assert ("Storm", "tide", NOW, "https://tide.example/2") == (hit.headline, hit.source, hit.published_at, hit.url)
    assert "A backdoor was open" in hit.snippet
    assert ["backdoor"] == [hit.snippet[begin:end] for begin, end in hit.marks]
    (found,) = search(library, "東京")
    assert (((0, 2),), "東京都心") == (found.marks, found.snippet[:4])


def test_hits_come_in_pages(library):
    both = search(library, "backdoor")
    assert both == search(library, "backdoor", limit=1) + search(library, "backdoor", limit=1, offset=1)


def test_the_index_follows_revisions_and_pruning(archive):
    keep(archive, article(body="Waves and wind."))
    keep(archive, article(body="Calm at last."), NOW + HOUR)
    assert (len(search(archive, "waves")), len(search(archive, "calm"))) == (0, 1)
    archive.prune([RetentionRule(None, DAY)], NOW + 9 * DAY)
    assert search(archive, "calm") == ()
    assert archive.integrity_check() == ()


def test_captions_are_found_too(archive):
    keep(archive, full_article())
    assert len(search(archive, "mole")) == 1


def test_a_page_that_came_again_is_a_revisit_of_its_capture(archive):
    sent = exchange()
    first = archive.save_capture(CaptureLocation("a.warc.gz", 4, 9, "sha1:A"), sent, "tide")
    later = replace(sent, at=NOW + HOUR)
    assert first == archive.capture_with(later, "sha1:A").capture_id
    for other, digest, private in [
        (later, "sha1:B", False),
        (later, "sha1:A", True),
        (replace(later, url="https://tide.example/storm"), "sha1:A", False),
        (replace(later, status=403), "sha1:A", False),
        (replace(later, at=NOW - HOUR), "sha1:A", False),
    ]:
        assert archive.capture_with(other, digest, private=private) is None
    assert first == archive.save_capture(CaptureLocation("b.warc.gz", 4, 9, "sha1:A", first), later, "tide")
    assert [first] == [capture.capture_id for capture in archive.all_captures()]
    revisits = "SELECT capture_id, captured_at, warc_file, warc_offset FROM revisits"
    assert [(first, "2026-03-02T07:00:00Z", "b.warc.gz", 4)] == rows(archive, revisits)
    archive.prune([RetentionRule(None, DAY)], NOW + 9 * DAY)
    assert [] == rows(archive, revisits)


def test_articles_are_chosen_by_id_by_window_by_source_and_by_star(archive):
    ids = [
        keep(archive, article(f"https://tide.example/{n}", body_of(f"t{n}")), NOW + n * HOUR, source=source)[1]
        for n, source in enumerate(("tide", "harbour", None))
    ]
    archive.star(ids[1])

    def chosen(*args, **wishes):
        return [stored.article_id for stored in archive.articles(*args, **wishes)]

    assert ids == chosen()
    assert [ids[2], ids[0]] == chosen([ids[2], 99, ids[0]])
    assert [ids[1]] == chosen(since=NOW + HOUR, until=NOW + 2 * HOUR)
    assert [ids[0]] == chosen(source="tide")
    assert ([ids[1]], [ids[0], ids[2]]) == (chosen(starred=True), chosen(starred=False))
    assert archive.article(99) is None


def test_many_articles_come_in_their_order(archive):
    """More than are loaded at once."""
    with archive.transaction():
        ids = [keep(archive, article(f"https://tide.example/{n}", body_of(f"t{n}", length=5)))[1] for n in range(230)]
    assert ids == [stored.article_id for stored in archive.articles()]


# ---------------------------------------------------------------- captures


def test_the_captures_of_an_article_are_found_by_any_of_its_url_keys(archive):
    sent = exchange(url="https://tide.example/amp/storm")
    location = CaptureLocation("pass-1.warc.gz", 400, 99, "sha1:ABC")
    capture_id = archive.save_capture(location, sent, "tide")
    new = article("https://tide.example/amp/storm", canonical_url="https://tide.example/storm")
    _, article_id = keep(archive, new, capture_id=capture_id)
    (capture,) = archive.captures_of("https://tide.example/storm")
    assert (capture_id, sent.url, "tide", NOW, 200, "text/html", location) == (
        capture.capture_id, capture.url, capture.source, capture.captured_at, capture.status, capture.media_type,
        capture.location,
    )  # fmt: skip
    assert (capture,) == archive.captures_of("https://tide.example/amp/storm")
    assert [capture] == list(archive.all_captures())
    assert archive.article(article_id).revisions[0].capture_id == capture_id
    assert archive.captures_of("https://tide.example/other") == ()


# ---------------------------------------------------------------- editions


def edition(archive, *ids, since=NOW, until=NOW + DAY):
    items = [
        EditionItem(one.article_id, one.revisions[-1].revision_id, "", "", "", None, NOW, None, None, "")
        for one in archive.articles(ids)
    ]
    return Edition("Daily", since, until, "Europe/Berlin", until, tuple(Story(item) for item in items))


ADA, BO = (Recipient(Channel.MAIL, f"{name}@reader.example") for name in ("ada", "bo"))


def tell(archive, edition_id, recipient=FILES):
    """Address an edition to somebody and note that it reached him."""
    archive.add_delivery(edition_id, recipient.channel, recipient.target or "2026-03-02", NOW)
    archive.note_delivered(archive.deliveries(DeliveryState.PENDING)[-1].delivery_id, NOW)


def candidates(archive, since, recipient=FILES, **more):
    window = (since, since + DAY)
    return list(archive.candidates_for_edition(*window, recipient, now=NOW + 30 * DAY, **more).article_ids)


def test_an_article_is_told_once_unless_it_is_revised(archive):
    _, article_id = keep(archive, article(body=body_of("storm")), NOW + HOUR)
    assert [article_id] == candidates(archive, NOW)
    edition_id = archive.record_edition(edition(archive, article_id))
    assert [article_id] == candidates(archive, NOW), "an edition that went nowhere told nobody"
    tell(archive, edition_id)
    assert [] == candidates(archive, NOW)
    assert [article_id] == candidates(archive, NOW, beside=edition_id)
    keep(archive, article(body=body_of("calm")), NOW + DAY + HOUR)
    assert [article_id] == candidates(archive, NOW + DAY)
    (first, _) = next(archive.articles([article_id])).revisions
    assert {article_id: {first.revision_id}} == archive.told_revisions([article_id], FILES)
    assert {} == archive.told_revisions([article_id], FILES, beside=edition_id)


def test_the_window_of_an_edition_excludes_its_end(archive):
    keep(archive, article(), NOW + DAY)
    assert [] == candidates(archive, NOW)
    assert 1 == len(candidates(archive, NOW + DAY))
    assert 1 == len(candidates(archive, NOW + 2 * DAY, look_back=NOW + DAY))


def test_what_was_seen_by_a_clock_that_ran_ahead_is_told_all_the_same(archive):
    keep(archive, article(), NOW + 400 * DAY)
    assert 1 == len(candidates(archive, NOW))


def test_everybody_is_told_for_himself(archive):
    _, article_id = keep(archive, article())
    edition_id = archive.record_edition(edition(archive, article_id))
    tell(archive, edition_id, ADA)
    assert [[], [1], [1]] == [candidates(archive, NOW, who) for who in (ADA, BO, FILES)]


def test_what_waits_counts_as_told_and_what_was_given_up_does_not(archive):
    _, article_id = keep(archive, article())
    edition_id = archive.record_edition(edition(archive, article_id))
    archive.add_delivery(edition_id, Channel.MAIL, ADA.target, NOW)
    (waiting,) = archive.deliveries(DeliveryState.PENDING)
    archive.note_undelivered(waiting.delivery_id, "450 later", NOW + HOUR)
    (waiting,) = archive.deliveries(DeliveryState.PENDING)
    assert (1, "450 later", NOW + HOUR) == (waiting.tries, waiting.last_error, waiting.next_try_at)
    assert [] == candidates(archive, NOW, ADA)
    assert () == archive.given_up()
    archive.note_undelivered(waiting.delivery_id, "550 never", None)
    assert [article_id] == candidates(archive, NOW, ADA)
    assert ["550 never"] == [one.last_error for one in archive.given_up()]


def test_the_files_of_another_window_than_a_day_take_nothing_from_anybody(archive):
    _, article_id = keep(archive, article())
    tell(archive, archive.record_edition(edition(archive, article_id), EditionKind.EXTRA))
    assert [article_id] == candidates(archive, NOW)
    tell(archive, archive.record_edition(edition(archive, article_id), EditionKind.EXTRA), ADA)
    assert [] == candidates(archive, NOW, ADA)


def test_what_a_new_source_brings_along_is_counted_and_not_told(archive):
    archive.record_entries("tide", (replace(ENTRY, url="https://tide.example/first"),), NOW)
    ages = {"old": 30 * DAY, "week": 7 * DAY, "yesterday": DAY, "today": HOUR}
    for name, age in ages.items():
        keep(archive, article(f"https://tide.example/{name}", body_of(name), published_at=NOW - age))
    keep(archive, article("https://tide.example/undated", body_of("undated"), published_at=None))
    found = archive.candidates_for_edition(NOW, NOW + DAY, FILES, now=NOW + DAY)
    assert [3, 4, 5] == list(found.article_ids)
    assert {"tide": 2} == found.older
    later = archive.candidates_for_edition(NOW + DAY, NOW + 2 * DAY, FILES, now=NOW + 2 * DAY, look_back=NOW)
    assert {} == later.older, "it is said once"
    keep(archive, article("https://tide.example/late", body_of("late"), published_at=NOW - DAY), NOW + 30 * DAY)
    assert [6] == candidates(archive, NOW + 30 * DAY), "a page that was waited for is news of its day"


def test_another_article_of_a_report_that_was_told_is_named_apart(archive):
    body = body_of("storm", length=80)
    _, told = keep(archive, article(body=body))
    tell(archive, archive.record_edition(edition(archive, told)))
    _, again = keep(archive, article("https://harbour.example/copy", body), NOW + DAY)
    found = archive.candidates_for_edition(NOW + DAY, NOW + 2 * DAY, FILES, now=NOW + 2 * DAY)
    assert ((), (again,)) == (found.article_ids, found.again)
    assert [told, again] == candidates(archive, NOW + DAY, BO, look_back=NOW), "to whom nobody told it, it is news"


def test_an_edition_is_kept_as_it_was_made(archive):
    keep(archive, article())
    unseen = (Unseen("feed", "The Tide", "broken", 2), Unseen("article", "The Tide", "left", is_left=True))
    item = EditionItem(
        1, 1, "Storm “now”", "https://tide.example/a", "The Tide", NOW, NOW + HOUR, "metered", "why", "Text.",
        "Coast", "en", is_revised=True, cves=("CVE-2026-0001",), limited_by="a wish",
    )  # fmt: skip
    other = replace(item, published_at=None, cves=())
    made = replace(edition(archive), since=NOW + timedelta(microseconds=7), stories=(Story(item, (other,)),))
    made = replace(made, unseen=unseen)
    assert made == archive.edition(archive.record_edition(made))


def test_the_last_edition_is_the_one_whose_window_ends_last(archive):
    assert archive.last_edition() is None
    later = archive.record_edition(edition(archive, since=NOW + DAY, until=NOW + 2 * DAY))
    archive.record_edition(edition(archive))
    last = archive.last_edition()
    assert (later, "Daily", NOW + DAY, NOW + 2 * DAY, "Europe/Berlin") == (
        last.edition_id, last.title, last.since, last.until, last.timezone,
    )  # fmt: skip


def test_the_articles_of_one_story_share_its_number(archive):
    ids = [keep(archive, article(f"https://tide.example/{n}", body_of(f"t{n}")))[1] for n in range(3)]
    first, second, third = edition(archive, *ids).stories
    archive.record_edition(replace(edition(archive), stories=(Story(first.lead, (second.lead,)), third)))
    assert [(0, 0, ids[0]), (1, 0, ids[1]), (2, 1, ids[2])] == rows(
        archive, "SELECT position, story, article_id FROM edition_items ORDER BY position"
    )


def test_a_delivery_is_found_by_day_kind_and_reader(archive):
    edition_id = archive.record_edition(edition(archive))
    day = edition(archive).day.date()
    assert archive.delivery_of(day, EditionKind.NIGHTLY, ADA) is None
    tell(archive, edition_id, ADA)
    archive.add_delivery(edition_id, Channel.MAIL, ADA.target, NOW)
    assert DeliveryState.SENT is archive.delivery_of(day, EditionKind.NIGHTLY, ADA).state
    assert archive.delivery_of(day, EditionKind.EXTRA, ADA) is None
    assert archive.delivery_of(day + DAY, EditionKind.NIGHTLY, ADA) is None
    assert archive.delivery_of(day, EditionKind.NIGHTLY, BO) is None


# ---------------------------------------------------------------- care


def test_pruning_spares_the_starred_and_the_young_and_takes_all_that_hangs_on_the_rest(archive):
    names = ("old", "starred", "young", "harbour", "unnamed")
    sources = {"harbour": "harbour", "unnamed": None}
    ids = {}
    for name in names:
        url = f"https://tide.example/{name}"
        at = NOW if name == "young" else NOW - 50 * DAY
        capture_id = archive.save_capture(
            CaptureLocation("a.warc.gz", 0, 1, ""), exchange(url=url, at=at), sources.get(name, "tide")
        )
        new = replace(full_article(), url=url, canonical_url=None)
        new = replace(new, blocks=(*new.blocks, LabelledBlock(Role.BODY, body_of(name), "model")))
        _, ids[name] = keep(archive, new, at, source=sources.get(name, "tide"), capture_id=capture_id)
    archive.star(ids["starred"])
    sent = archive.record_edition(edition(archive, *ids.values()))
    waiting = archive.record_edition(edition(archive, *ids.values()))
    tell(archive, sent)
    archive.add_delivery(waiting, Channel.MAIL, ADA.target, NOW)
    archive.record_entries("tide", (replace(ENTRY, url="https://tide.example/old", content_text="x"),), NOW - 50 * DAY)
    archive.record_request(archive.begin_pass(NOW), replace(outcomes()[0], at=NOW - 50 * DAY))

    counts = archive.prune([RetentionRule(None, 30 * DAY), RetentionRule("harbour", 60 * DAY)], NOW)

    assert (2, 2, 1) == (counts.article_count, counts.capture_count, counts.request_count)
    left = {"starred", "young", "harbour"}
    assert {ids[name] for name in left} == {stored.article_id for stored in archive.articles()}
    assert {f"https://tide.example/{name}" for name in left} == {capture.url for capture in archive.all_captures()}
    assert archive.feed_text("https://tide.example/old") is None
    assert archive.integrity_check() == ()
    assert len(left) == len(rows(archive, "SELECT * FROM revisions"))
    assert archive.edition(sent) is None, "it quotes what is gone"
    assert archive.edition(waiting), "it still has to be sent"
    assert archive.record_entries("tide", (replace(ENTRY, url="https://tide.example/old"),), NOW) == ()


def test_pruning_leaves_what_the_next_visit_of_a_feed_needs(archive):
    check(archive, CheckOutcome.FOUND, NOW - 90 * DAY, entry_count=2, validators=Validators("good"))
    check(archive, CheckOutcome.BROKEN, NOW - 80 * DAY)
    check(archive, CheckOutcome.FAILED, NOW - 70 * DAY)
    before = archive.last_check(FEED)
    archive.prune([RetentionRule(None, DAY)], NOW)
    assert before == archive.last_check(FEED)
    assert [(2,)] == rows(archive, "SELECT COUNT(*) FROM source_checks")


def test_a_star_says_whether_there_is_such_an_article(archive):
    _, article_id = keep(archive, article())
    assert archive.star(article_id)
    assert archive.article(article_id).starred
    assert archive.star(article_id, False)
    assert not archive.article(article_id).starred
    assert not archive.star(99)


def test_damage_is_told_in_sentences(archive):
    _, article_id = keep(archive, article())
    assert archive.integrity_check() == ()
    with opened(archive) as connection:
        connection.execute("DROP TRIGGER articles_au")
        connection.execute("UPDATE articles SET body = 'Something else.', revision_id = NULL")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE images SET article_id = 99")
        connection.execute("UPDATE revisions SET article_id = 99")
    problems = " ".join(archive.integrity_check())
    assert f"article {article_id} has no text" in problems
    assert "points to a row of articles" in problems
    assert "full-text index" in problems


def test_a_file_that_is_damaged_later_is_an_archive_error(tmp_path):
    path = tmp_path / "press.db"
    with Archive.open(path, write=True) as archive:
        archive.save_sources([TIDE])
        keep(archive, article(body=body_of("storm", length=9000)))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 8192))
    with pytest.raises(ArchiveError, match="SQLite says"), Archive.open(path, write=False) as archive:
        list(archive.articles())


def test_the_statistics_count_what_is_there(archive):
    keep(archive, article(body=body_of("storm")))
    keep(archive, article("https://tide.example/copy", body_of("storm")), NOW + HOUR)
    numbers = archive.statistics()
    assert (2, 2, 2, 1, 0) == (
        numbers.source_count, numbers.article_count, numbers.revision_count, numbers.duplicate_count,
        numbers.edition_count,
    )  # fmt: skip
    assert (NOW, NOW + HOUR) == (numbers.first_seen_at, numbers.last_seen_at)


def test_any_tool_reads_the_tables_without_us(tmp_path):
    path = tmp_path / "press.db"
    with Archive.open(path, write=True) as archive:
        archive.save_sources([TIDE])
        keep(archive, full_article())
    with sqlite3.connect(path) as connection:
        row = connection.execute("SELECT byline, published_at, access_status, json_extract(tags, '$[0]') FROM articles")
        assert ("Ada Mole, Jr., 李 四", "2026-03-01T06:00:00Z", "metered", "storm") == row.fetchone()
    connection.close()
