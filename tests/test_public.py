"""
The public view: always the archive at its latest commit, never with a word of what is the reader's
alone.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from samples import HARBOUR, NOW, TIDE, article, body_of, exchange, keep

from archive.edition.build import build_edition
from archive.judge.walls import WallFact, WallState
from archive.model import NO_LIMITS, Limits
from archive.settings import RetentionRule
from archive.store import Archive
from archive.store.captures import CaptureWriter
from archive.store.public.view import PublicView, tables_without_a_rule
from scraper.errors import SchemaError
from scraper.model import Access, AccessStatus, Entry, Evidence, Image, LabelledBlock, Role


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "archive.db", write=True) as opened:
        opened.save_sources([TIDE, HARBOUR])
        yield opened


@pytest.fixture
def view(archive, tmp_path):
    with PublicView.open(tmp_path / "public" / "archive.db", archive.path) as opened:
        yield opened


def execute(archive, *statements):
    """
    The rows of the last statement, as any other program asks for them; what was written is noted by
    triggers.
    """
    with closing(sqlite3.connect(archive.path, isolation_level=None)) as database:
        return [database.execute(sql).fetchall() for sql in statements][-1]


def rows_of(path):
    """Every row of every table, but the number of the change that was followed last."""
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {
            name: sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=repr)  # noqa: S608
            for name in names
            if not name.startswith("articles_fts_") and name != "changes"
        }
        assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()
        assert [] == database.execute("PRAGMA foreign_key_check").fetchall()
        # With a rank, FTS5 compares its index with the texts.
        database.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
        database.rollback()
    return found


def bytes_of(view):
    """The bytes of the file, with all that was committed in it."""
    with closing(sqlite3.connect(view.path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return view.path.read_bytes()


def keep_one(archive, word, *, private=False, limits=NO_LIMITS, now=NOW, url=None, body=None, capture_id=None):
    """An article with *word* in each of its parts."""
    new = article(
        url or f"https://tide.example/{word}",
        body or f"{word}text {body_of(word)}",
        headline=f"Head {word}",
        dek=f"Dek {word}",
        authors=(f"{word}author",),
        tags=(f"{word}tag",),
        cves=("CVE-2026-1234",),
        images=(Image("https://tide.example/a.jpg", f"{word}caption", f"{word}credit", f"{word}alt"),),
        access=Access(
            AccessStatus.METERED, None, None, f"{word}why", (Evidence("sign", f"{word}sign", "body", "metered"),)
        ),
        origins={"headline": f"{word}origin"},
    )
    new = replace(new, blocks=(*new.blocks, LabelledBlock(Role.NAV, f"{word}nav", "nav", 1.0, f"{word}markdown")))
    _, article_id = keep(archive, new, now, capture_id=capture_id, private=private, limits=limits)
    return article_id


def test_every_table_is_shown_by_a_rule_or_never(archive):
    """A new table is not shown until `archive.store.public.changes` says how: ROWS, PARTS or NEVER."""
    with closing(sqlite3.connect(archive.path)) as database:
        assert () == tables_without_a_rule(database)


def test_what_is_the_readers_alone_is_told_by_headline_dek_and_address(archive, view):
    entry = Entry("https://tide.example/quay", title="quayentry", summary="quaysummary", content_text="quayfeed whole")
    archive.record_entries("tide", [entry], NOW)
    keep_one(archive, "quay", private=True)
    keep_one(archive, "mole", limits=Limits(noarchive=True))
    keep_one(archive, "ebbed", limits=Limits(unavailable_after=NOW))
    view.follow(NOW)
    found = rows_of(view.path)
    assert 2 == len(found["articles"])
    assert all(not found[name] for name in ("revisions", "blocks", "images", "evidence", "cves", "feed_texts"))
    assert all(not found[name] for name in ("fingerprints", "fingerprint_index", "template_blocks", "deliveries"))
    text = bytes_of(view)
    for word in ("quay", "mole"):
        for told in (f"Head {word}", f"Dek {word}", f"https://tide.example/{word}"):
            assert told.encode() in text
        for part in "text author tag caption credit alt why sign origin nav markdown entry summary feed".split():
            assert f"{word}{part}".encode() not in text
    assert b"ebbed" not in text


def test_a_word_that_was_shown_once_is_in_no_page_of_the_file_after_it_is_taken_back(archive, view):
    for number in range(30):
        keep_one(archive, f"pier{number}")
    taken_back = keep_one(archive, "xylophone")
    view.follow(NOW)
    assert b"xylophonetext" in bytes_of(view)
    archive.save_limits(taken_back, (), Limits(noarchive=True))
    view.follow(NOW)
    with closing(sqlite3.connect(view.path)) as database:
        index = b"".join(block for (block,) in database.execute("SELECT block FROM articles_fts_data"))
        found = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?"
        assert [] == database.execute(found, ("xylophonetext",)).fetchall()
        assert [(taken_back,)] == database.execute(found, ("head xylophone",)).fetchall()
    assert b"lophonetext" not in index
    assert b"lophonetext" not in bytes_of(view)


def test_an_article_leaves_when_its_time_is_over_though_nothing_was_committed(archive, view):
    keep_one(archive, "quay", limits=Limits(unavailable_after=NOW + timedelta(hours=1)))
    assert view.follow(NOW)
    assert not view.follow(NOW + timedelta(minutes=59))
    assert 1 == len(rows_of(view.path)["articles"])
    assert view.follow(NOW + timedelta(hours=1))
    assert [] == rows_of(view.path)["articles"]


def test_nothing_of_an_open_transaction_is_seen_and_all_of_a_commit(archive, view):
    view.follow(NOW)
    with archive.transaction():
        keep_one(archive, "quay")
        assert not view.follow(NOW)
    assert view.follow(NOW)
    assert 1 == len(rows_of(view.path)["articles"])
    assert not view.follow(NOW)


def change_something(archive, random, captures, now):
    """One of the things that passes and commands do."""
    words = [f"word{number}" for number in range(6)]
    word = random.choice(words)
    ids = [article_id for (article_id,) in execute(archive, "SELECT id FROM articles ORDER BY id")]
    one = random.choice(ids) if ids else 1
    soon = now + timedelta(minutes=random.randrange(5))
    limits = random.choice([Limits(), Limits(), Limits(noarchive=True), Limits(unavailable_after=soon)])
    match random.randrange(9):
        case 0 | 1 | 2:
            is_private = random.random() < 0.2
            came = exchange(url=f"https://tide.example/{word}")
            capture_id = archive.save_capture(captures.write(came), came, "tide", private=is_private)
            body = random.choice([f"{word} {body_of(word)}", f"{word} {body_of('shared')}", f"{body_of(word)} {now}"])
            article_id = keep_one(
                archive, word, private=is_private, limits=limits, now=now, body=body, capture_id=capture_id
            )
            state = WallState(WallFact.PRICE, random.randrange(3) + 1, "EUR", "month")
            archive.note_walls(
                "tide.example", [state], now, source="tide", article_id=article_id, capture_id=capture_id
            )
        case 3:
            urls = random.sample(words, 3)
            entries = [
                Entry(
                    f"https://tide.example/{url}", title=url, summary=f"{url} {random.randrange(3)}", content_text=url
                )
                for url in urls
            ]
            archive.record_entries("tide", entries, now)
        case 4 if archive.article(one):
            archive.save_limits(one, (), limits)
        case 5:
            archive.star(one, random.random() < 0.5)
        case 6 if stored := archive.article(one):
            again = replace(
                stored.article, blocks=(*stored.article.blocks, LabelledBlock(Role.BODY, f"{now}", "again"))
            )
            archive.relabel(stored, again)
        case 7:
            archive.mark_seen(f"https://tide.example/{word}", now)
            archive.mark_fetched(f"https://tide.example/{word}", now)
        case _:
            if random.random() < 0.5:
                archive.prune([RetentionRule(None, timedelta(minutes=20))], now)
            else:
                edition = build_edition(
                    list(archive.articles()), since=NOW, until=now, timezone="UTC", title="Digest", made_at=now
                )
                archive.record_edition(edition)


@pytest.mark.parametrize("seed", range(8))
def test_a_view_that_followed_is_the_one_that_is_made_anew(archive, view, tmp_path, seed):
    """After whatever was done to an archive, in whatever steps it was followed."""
    random, now = Random(seed), NOW
    with CaptureWriter(tmp_path / "warc", "pass", 1_000_000) as captures:
        for step in range(80):
            now += timedelta(minutes=1)
            change_something(archive, random, captures, now)
            if random.random() < 0.5:
                view.follow(now)
            if step % 20 == 19:
                view.follow(now)
                anew = tmp_path / f"anew{step}" / "archive.db"
                with PublicView.open(anew, archive.path) as other:
                    other.follow(now)
                assert rows_of(anew) == rows_of(view.path)


def test_who_is_too_far_behind_or_follows_another_archive_begins_anew(archive, view, tmp_path):
    keep_one(archive, "quay")
    view.follow(NOW)
    execute(
        archive,
        "DELETE FROM changes WHERE seq < (SELECT MAX(seq) FROM changes)",
        "UPDATE changes SET mark = mark + 1",
        "UPDATE articles SET headline = 'unnoted' WHERE id = 1",
    )
    view.follow(NOW)
    assert b"unnoted" in bytes_of(view)


def test_old_changes_are_let_go_at_the_next_opening(archive, view):
    execute(
        archive,
        """
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200100)
        INSERT INTO changes (name, key) SELECT 'passes', n FROM numbers
        """,
    )
    archive.close()
    with Archive.open(archive.path, write=True) as again:
        assert [(200_000,)] == execute(again, "SELECT COUNT(*) FROM changes")


def test_a_file_that_is_no_view_is_replaced(archive, tmp_path):
    path = tmp_path / "public" / "archive.db"
    path.parent.mkdir()
    path.write_text("no database, and long enough not to be taken for an empty one" * 100, encoding="utf-8")
    keep_one(archive, "quay")
    with PublicView.open(path, archive.path) as view:
        view.follow(NOW)
    assert 1 == len(rows_of(path)["articles"])
    assert 0o600 == path.stat().st_mode & 0o777


def test_an_archive_of_a_newer_version_is_not_followed_and_the_view_stays(archive, view):
    keep_one(archive, "quay")
    view.follow(NOW)
    execute(
        archive,
        "CREATE TABLE tomorrow (id INTEGER PRIMARY KEY) STRICT",
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('presswatch', '9999-x', '')",
    )
    with pytest.raises(SchemaError):
        view.follow(NOW)
    assert 1 == len(rows_of(view.path)["articles"])


def test_with_whom_an_article_is_one_report_is_told_among_those_that_are_shown(archive, view):
    """Not even the number of the reader's own copy stands beside another one."""
    body = body_of("storm", length=80)
    own = keep_one(archive, "own", body=body, private=True)
    first, second = (keep_one(archive, name, body=body, now=NOW + timedelta(hours=1)) for name in ("first", "second"))
    view.follow(NOW)

    def reports():
        with closing(sqlite3.connect(view.path)) as shown:
            return shown.execute("SELECT id, cluster_id, is_lead FROM articles ORDER BY id").fetchall()

    assert [(own, own, 1), (first, first, 1), (second, first, 0)] == reports()
    archive.save_limits(first, (), Limits(noarchive=True))
    view.follow(NOW)
    assert [(own, own, 1), (first, first, 1), (second, second, 1)] == reports()
    archive.save_limits(first, (), NO_LIMITS)
    view.follow(NOW)
    assert [(own, own, 1), (first, first, 1), (second, first, 0)] == reports()
