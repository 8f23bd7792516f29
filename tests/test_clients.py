"""
What other programs make of an archive: the full-text index, and the list of pages that
docs/archive.md gives.
"""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import datasette.utils
import pytest
import sqlite_utils
from samples import NOW, TIDE, article, exchange, full_article, keep
from test_store import dump

from archive.store import Archive
from archive.store.captures import CaptureWriter, payload_digest
from archive.store.public.changes import note_changes
from archive.store.schema.migrations import migrate, script_of
from scraper.model import LabelledBlock, Role

DOCUMENTED = (Path(__file__).parents[1] / "docs/archive.md").read_text(encoding="utf-8")
FULL_WIDTH = "\uff2e\uff21\uff34\uff2f"  # NATO
COMPATIBILITY = "\uf9e1"  # of 李


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "held.db", write=True) as archive:
        archive.save_sources([TIDE])
        yield archive


@pytest.fixture
def connection(archive):
    """The file as another program opens it."""
    with closing(sqlite3.connect(archive.path, isolation_level=None)) as connection:
        yield connection


def test_sqlite_utils_and_datasette_find_the_full_text_index(archive, connection):
    keep(archive, article(body="The gate was shut."))
    table = sqlite_utils.Database(connection)["articles"]
    assert "articles_fts" == table.detect_fts()
    assert "articles_fts" == datasette.utils.detect_fts(connection, "articles")
    assert ["The gate was shut."] == [row["body"] for row in table.search("gate")]


def test_other_programs_find_full_width_words_by_plain_ones(archive, connection):
    """They have none of our functions: what they need stands in the index."""
    keep(archive, article(headline=f"{FULL_WIDTH}、海底"))
    table = sqlite_utils.Database(connection)["articles"]
    assert [f"{FULL_WIDTH}、海底"] == [row["headline"] for row in table.search("NATO")]


def test_other_programs_may_write_to_the_archive_and_the_index_follows(connection, tmp_path):
    connection.execute("VACUUM INTO ?", (str(tmp_path / "press.db"),))
    with Archive.open(tmp_path / "press.db", write=True) as held:
        held.save_sources([TIDE])
        keep(held, article(headline=f"{FULL_WIDTH} meets"))
    with sqlite3.connect(tmp_path / "press.db") as plain:
        plain.execute("UPDATE articles SET headline = 'The harbour', search_forms = ''")
    plain.close()
    with Archive.open(tmp_path / "press.db", write=True) as held:
        assert ((), 1) == (held.search("NATO", now=NOW), len(held.search("harbour", now=NOW)))
        assert held.integrity_check() == ()


# ---------------------------------------------------------------- archives of before


def as_before(connection):
    """Bring an archive back to the tables of before, with texts as they came."""
    first = script_of("0001-first-tables")
    old_index = first[first.index("CREATE VIRTUAL TABLE") :]
    changes = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE name GLOB 'changed_*'")]
    for script in (
        "".join(f"DROP TRIGGER {name};" for name in changes),
        "DROP TRIGGER articles_ai; DROP TRIGGER articles_ad; DROP TRIGGER articles_au; DROP TABLE articles_fts;",
        "ALTER TABLE articles DROP COLUMN search_forms; DROP TABLE revisits;",
        old_index,
        "INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');",
        "DELETE FROM _sqlite_migrations WHERE (name >= '0012' AND name < '0014') OR name GLOB '0020-*';",
    ):
        connection.executescript(script)


def test_an_archive_of_before_becomes_as_a_new_one(archive, connection):
    keep(archive, full_article())
    keep(archive, article("https://tide.example/2", f"{FULL_WIDTH}は５隻を送った。", headline="海"))
    # Not the inside of the index, nor the times of migrations, nor the log of what was written.
    machinery = re.compile(r'.*(?:articles_fts_|sqlite_sequence|_sqlite_migrations|"changes").*\n')
    before = machinery.sub("", dump(archive))
    as_before(connection)
    migrate(connection, ":memory:")
    note_changes(connection)
    # Tables and columns made anew stand at another place.
    after = machinery.sub("", dump(archive))
    assert sorted(re.findall(r"\w+", before)) == sorted(re.findall(r"\w+", after))
    assert archive.integrity_check() == ()
    assert "articles_fts" == sqlite_utils.Database(connection)["articles"].detect_fts()
    assert ["海"] == [hit.headline for hit in archive.search("NATO", now=NOW)]
    assert 1 == len(archive.search("roads", now=NOW))


def test_texts_of_before_are_composed_and_addresses_are_not(archive, connection):
    old = "cafe\u0301"
    link = f"(https://tide.example/{old})"
    keep(archive, article(headline="Café", blocks=(LabelledBlock(Role.BODY, "café", "test", markdown="café"),)))
    as_before(connection)
    connection.execute("UPDATE articles SET headline = ?, body = ?, url = ?", (old, old, f"https://tide.example/{old}"))
    connection.execute("UPDATE revisions SET headline = ?", (old,))
    connection.execute("UPDATE blocks SET text = ?, markdown = ?", (old, f"[{old}]{link}"))
    connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
    migrate(connection, ":memory:")
    (stored,) = archive.articles()
    now = stored.article
    assert ("café", "café", f"https://tide.example/{old}") == (now.headline, now.body, now.url)
    assert ("café", f"[café]{link}") == (stored.revisions[0].headline, now.blocks[0].markdown)
    assert archive.integrity_check() == ()


def test_a_migration_that_breaks_off_leaves_the_archive_of_before(archive, connection):
    keep(archive, article(body="The gate was shut."))
    as_before(connection)
    before = dump(archive)
    connection.set_authorizer(lambda _, name, *__: name == "articles_au")  # the last step but one is refused
    with pytest.raises(sqlite3.DatabaseError):
        migrate(connection, ":memory:")
    connection.set_authorizer(None)
    assert before == dump(archive)
    migrate(connection, ":memory:")
    assert archive.integrity_check() == ()
    assert 1 == len(archive.search("gate", now=NOW))


# ---------------------------------------------------------------- the pages of a WACZ file


def test_the_documented_list_of_pages_is_what_wacz_takes(archive, connection, tmp_path):
    """
    https://specs.webrecorder.net/wacz/1.1.1/ §5.2.2: a line that names the format, then one for
    each page.
    """
    (query,) = re.findall(r"`pages\.sql`:\n\n```sql\n(SELECT .*?)```", DOCUMENTED, re.DOTALL)
    with CaptureWriter(tmp_path, "pass", 1_000_000) as captures:
        for n, (url, private) in enumerate(
            [("https://tide.example/a", False), ("https://tide.example/b", False), ("https://tide.example/c", True)]
        ):
            page = exchange(b"<p>%d" % n, url=url)
            capture_id = archive.save_capture(captures.write(page), page, "tide", private=private)
            keep(archive, article(url, f"Body {n}", headline=None if n == 1 else f"Page “{n}”"), capture_id=capture_id)
        again = exchange(b"<p>0", url="https://tide.example/a")
        same = archive.capture_with(again, payload_digest(again.body))
        archive.save_capture(captures.write(again, same), again, "tide")
    head, *pages = [json.loads(row[0]) for row in connection.execute(query)]
    assert {"format": "json-pages-1.0", "id": "pages", "title": "presswatch"} == head
    assert [
        ("https://tide.example/a", "2026-03-02T06:00:00Z", "Page “0”"),
        ("https://tide.example/b", "2026-03-02T06:00:00Z", "https://tide.example/b"),
    ] == [(page["url"], page["ts"], page["title"]) for page in pages]
    assert 2 == len({page["id"] for page in pages})


def test_a_text_is_kept_composed_whatever_it_came_from(archive):
    """A feed's text takes another way than a page's."""
    keep(archive, article(headline=f"{COMPATIBILITY} cafe\u0301", body="cafe\u0301"), NOW)
    (stored,) = archive.articles()
    assert ("李 café", "café") == (stored.article.headline, stored.article.body)
