"""The tables: made in an empty file, refused where they are not ours."""

import sqlite3
from dataclasses import fields

import pytest
from sqlite_utils import Database

from archive.model import StoredArticle
from archive.store import Archive
from archive.store.articles.columns import COLUMNS, SEARCHED
from archive.store.schema.migrations import MIGRATIONS, migrate, require_schema
from scraper.errors import ArchiveError, SchemaError
from scraper.model import Access, Article


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def test_an_empty_file_becomes_an_archive(tmp_path):
    path = tmp_path / "press.db"
    path.touch()
    with Archive.open(path, write=True):
        pass
    with Archive.open(path, write=False) as archive:
        assert archive.statistics().article_count == 0
        assert archive.integrity_check() == ()


def test_migrating_twice_changes_nothing(connection):
    migrate(connection, "press.db")
    before = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    migrate(connection, "press.db")
    assert before == connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


def test_every_table_is_strict_and_every_foreign_key_has_an_index(connection):
    """A child table without an index on its key is read whole for each deleted parent row."""
    migrate(connection, "press.db")
    tables = [
        (name, strict)
        for _, name, kind, _, _, strict in connection.execute("PRAGMA table_list").fetchall()
        if kind == "table" and not name.startswith(("sqlite_", "_sqlite", "articles_fts"))
    ]
    assert [name for name, strict in tables if not strict] == []
    never_deleted = {"sources", "passes", "editions"}
    for name, _ in tables:
        indexed = {
            connection.execute(f"PRAGMA index_info({index[1]})").fetchone()[2]
            for index in connection.execute(f"PRAGMA index_list({name})").fetchall()
        } | {
            # A primary key of one whole number is the row's own number.
            column[1]
            for column in connection.execute(f"PRAGMA table_info({name})").fetchall()
            if column[5] and column[2] == "INTEGER"
        }
        keys = {
            key[3]
            for key in connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
            if key[2] not in never_deleted
        }
        assert keys - indexed == set(), name


def test_the_archive_of_a_newer_presswatch_is_refused_with_both_versions(tmp_path):
    path = tmp_path / "press.db"
    Archive.open(path, write=True).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('presswatch', '9999-later', '')"
        )
    connection.close()
    for write in (True, False):
        with pytest.raises(SchemaError, match="9999-later") as caught:
            Archive.open(path, write=write)
        assert caught.value.found == "9999-later"
        assert caught.value.wanted.startswith("0")


def test_the_archive_of_an_older_presswatch_is_not_read_before_it_is_migrated(connection):
    MIGRATIONS.ensure_migrations_table(Database(connection))
    connection.execute("CREATE TABLE articles (id INTEGER)")
    with pytest.raises(ArchiveError, match="another program"):
        require_schema(connection, "press.db")


def test_a_database_of_another_program_is_left_as_it_is(tmp_path):
    path = tmp_path / "bookmarks.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    for write in (True, False):
        with pytest.raises(ArchiveError, match="another program"):
            Archive.open(path, write=write)
    with sqlite3.connect(path) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
    connection.close()
    assert names == ["bookmarks"]


def test_a_migration_that_was_cut_short_starts_again(connection):
    """Killed between the table of migrations and the first of them."""
    MIGRATIONS.ensure_migrations_table(Database(connection))
    migrate(connection, "press.db")
    require_schema(connection, "press.db")


def test_what_old_archives_told_counts_as_told_and_previews_as_previews():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    database = Database(connection, recursive_triggers=False)
    MIGRATIONS.apply(database, stop_before="0010-deliveries")
    times = ("2026-03-01T23:00:00Z", "2026-03-02T23:00:00Z", "Europe/Berlin")
    connection.executemany(
        "INSERT INTO editions (title, since, until, timezone, made_at) VALUES ('Digest', ?, ?, ?, ?)",
        [
            (*times, "2026-03-03T05:00:00Z"),
            ("2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z", "Europe/Berlin", "2026-03-03T12:00:00Z"),
            (*times, "2026-03-02T05:00:00Z"),  # of a day that was not over
        ],
    )
    connection.execute("INSERT INTO deliveries VALUES ('2026-03-02', 'ada@reader.example', 1, '2026-03-03T05:00:01Z')")
    migrate(connection, "press.db")
    assert [("nightly", "2026-03-02"), ("extra", "2026-03-03"), ("extra", "2026-03-02")] == connection.execute(
        "SELECT kind, day FROM editions ORDER BY id"
    ).fetchall()
    assert [
        (1, "files", "2026-03-02", "sent", "2026-03-03T05:00:00Z"),
        (1, "mail", "ada@reader.example", "sent", "2026-03-03T05:00:01Z"),
        (2, "files", "2026-03-03", "sent", "2026-03-03T12:00:00Z"),
        (3, "files", "2026-03-02", "sent", "2026-03-02T05:00:00Z"),
    ] == connection.execute(
        "SELECT edition_id, channel, target, state, sent_at FROM deliveries ORDER BY edition_id, channel"
    ).fetchall()
    assert [] == connection.execute("PRAGMA foreign_key_check").fetchall()
    connection.close()


def test_every_column_of_articles_is_listed_once_and_what_is_written_has_its_column(connection):
    """INSERT, UPDATE, the way back, datasette and the public view go by this list."""
    migrate(connection, "press.db")
    of_table = {row[1] for row in connection.execute("PRAGMA table_info(articles)")}
    of_revisions = {row[1] for row in connection.execute("PRAGMA table_info(revisions)")}
    names = [column.name for column in COLUMNS]
    assert len(names) == len(set(names))
    assert of_table == set(names)
    assert {column.name for column in COLUMNS if column.in_revisions} <= of_revisions
    assert set(SEARCHED) <= set(names)


def test_every_field_of_an_article_has_a_column_or_a_table_of_its_own():
    """A new fact that nobody keeps would be lost without a word."""
    elsewhere = {
        "article": {"blocks", "access", "images", "wishes", "is_article", "next_page_url", "signed_out"},
        "access": {"evidence"},
        "stored": {"article", "revisions", "duplicates", "limits", "private"},
    }
    for room, record in (("article", Article), ("access", Access), ("stored", StoredArticle)):
        held = {column.fact.rpartition(".")[2] for column in COLUMNS if column.fact and column.room == room}
        assert {field.name for field in fields(record)} == held | elsewhere[room], room
