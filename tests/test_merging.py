"""Shards that are joined make the archive that one import of their files in the order of time makes."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from samples import DAY, NOW, body_of, full_article
from test_importing import KilledError, warc
from test_warc_forms import record, revisit
from worlds import page

from archive.judge.traits import traits_of
from archive.run.imports.importer import Importer
from archive.run.imports.merging import merge_shards
from archive.run.imports.settling import settle
from archive.run.readers import InlineReaders
from archive.store import Archive
from archive.store.captures import payload_digest
from archive.store.captures.reading_json import pack, unpack
from scraper.errors import ArchiveError

HOSTS = ("tide.example.org", "other.example.org")
# What tells of the work, and not of the articles.
WORK = ("readings", "merges", "imported_files", "changes", "_sqlite_migrations")
# What an id stands for.
NAMES = {
    "articles": "SELECT id, url_key FROM articles",
    "clusters": "SELECT cluster_id, MIN(url_key) FROM articles GROUP BY 1",
    "captures": "SELECT id, url || digest || captured_at FROM captures",
    "revisions": "SELECT revisions.id, url_key || seen_at FROM revisions JOIN articles ON articles.id = article_id",
    "stories": "SELECT story_id, MIN(url_key) FROM story_articles JOIN articles ON articles.id = article_id GROUP BY 1",
}


def life(seed, count=24, **more):
    """
    Responses in the order of time: reports that are copied, trimmed, revised, seen again, with a
    notice that all carry.
    """
    dice = Random(seed)
    bodies = {}
    for number in range(count):
        place = dice.randrange(8)
        url = f"https://{dice.choice(HOSTS)}/{place}"
        paragraphs = bodies.get(url) or [body_of(f"{place}{part}") for part in "abcdef"]
        if dice.random() < 0.3:
            paragraphs = [*paragraphs, body_of(f"{number} new")]
        if dice.random() < 0.2:
            paragraphs = paragraphs[:4]
        bodies[url] = paragraphs
        notice = "Write to the newsroom of this paper whenever you know more than we do."
        made = page(f"Story {place} of the harbour town", [*paragraphs, notice])
        yield record(made.encode(), url, date=f"{NOW - (count - number) * DAY / 2:%Y-%m-%dT%H:%M:%SZ}", **more)


class Readers(InlineReaders):
    """Read a page that comes again but once: tests take the same file into several archives."""

    def __init__(self):
        super().__init__()
        self._read = {}

    def submit_with_traits(self, job):
        key = job.url, job.body
        self._read[key] = self._read.get(key) or super().submit_with_traits(job)
        return self._read[key]


class Desk:
    def __init__(self, tide, folder):
        self.tide = tide
        self.readers = Readers()
        self.folder = folder

    def open(self, name):
        opened = Archive.open(self.folder / name / "a.db", write=True)
        opened.save_sources([self.tide.source])
        return opened

    def settings_of(self, name):
        places = replace(self.tide.settings.archive, warc_folder=self.folder / name / "warc")
        return replace(self.tide.settings, archive=places)

    def take(self, name, *paths, **more):
        with self.open(name) as archive:
            for path in paths:
                now = self.tide.clock.now
                Importer(archive, self.settings_of(name), self.readers, now=now, **more).take_in(path)
            settle(archive)

    def join(self, names, into, **more):
        shards = [self.folder / name / "a.db" for name in names]
        with self.open(into) as archive:
            found = merge_shards(archive, self.settings_of(into), shards, now=self.tide.clock.now, **more)
            settle(archive)
        return found

    def rows(self, name):
        """All rows by table, ids by what they stand for."""
        with closing(sqlite3.connect(self.folder / name / "a.db")) as connection:
            known = {table: dict(connection.execute(sql)) for table, sql in NAMES.items()}
            return {
                table: rows_of(connection, table, known)
                for table, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
                if table not in WORK and "VIRTUAL" not in sql and not table.startswith(("articles_fts", "sqlite_"))
            }


def rows_of(connection, table, known):
    refers = {"cluster_id": "clusters", "article_id": "articles", "revision_id": "revisions"}
    refers |= {row[3]: row[2] for row in connection.execute(f"PRAGMA foreign_key_list({table})") if row[4] == "id"}
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    return sorted(
        repr([(name, known[refers[name]].get(value) if name in refers else value)
              for name, value in zip(columns, row, strict=True) if name != "id"])
        for row in connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own tables
    )  # fmt: skip


def without_places(rows):
    """Rows without where the raw forms lie."""
    return {table: sorted(row.partition("('warc_file'")[0] for row in found) for table, found in rows.items()}


@pytest.fixture
def desk(world, tmp_path):
    return Desk(world({}), tmp_path)


@pytest.mark.parametrize("seed", range(2))
def test_shards_joined_are_one_import_in_the_order_of_time(desk, tmp_path, seed):
    every = list(life(seed))
    first, second = warc(tmp_path, *every[:11], name="1.warc.gz"), warc(tmp_path, *every[11:], name="2.warc.gz")
    desk.take("one", first, second)
    desk.take("shard-1", first, is_shard=True)
    desk.take("shard-2", second, is_shard=True)
    desk.join(("shard-2", "shard-1"), "joined")
    one = desk.rows("one")
    assert one == desk.rows("joined")
    assert len(one["revisions"]) > len(one["articles"]) > 3
    assert one["duplicates"]


@pytest.mark.parametrize("seed", range(2))
def test_files_whose_times_lie_within_each_other_are_joined_in_the_order_of_time(desk, tmp_path, seed):
    every = list(life(seed))
    desk.take("one", warc(tmp_path, *every, name="all.warc.gz"), is_copied=True)
    for number in range(3):
        path = warc(tmp_path, *every[number::3], name=f"{number}.warc.gz")
        desk.take(f"shard-{number}", path, is_shard=True, is_copied=True)
    desk.join(("shard-1", "shard-2", "shard-0"), "joined")
    assert without_places(desk.rows("one")) == without_places(desk.rows("joined"))


def test_a_merge_that_was_killed_goes_on_where_it_was(desk, tmp_path):
    every = list(life(1, 40))
    for number in range(2):
        desk.take(f"shard-{number}", warc(tmp_path, *every[number::2], name=f"{number}.warc.gz"), is_shard=True)
    desk.join(("shard-0", "shard-1"), "undisturbed")

    def kill(done, _):
        if done == 30:
            raise KilledError

    with pytest.raises(KilledError):
        desk.join(("shard-0", "shard-1"), "killed", on_progress=kill, batch=30)
    seen = []
    desk.join(("shard-1", "shard-0"), "killed", on_progress=lambda done, of: seen.append((done, of)))
    assert [(40, 40)] == seen
    assert desk.rows("undisturbed") == desk.rows("killed")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not list open files")
def test_of_files_that_followed_each_other_one_shard_is_open_at_a_time(desk, tmp_path):
    """A month of Common Crawl News is four hundred files; a process may open a thousand."""
    every = list(life(0, 12))
    names = [f"shard-{number}" for number in range(4)]
    for number, name in enumerate(names):
        desk.take(name, warc(tmp_path, *every[number * 3 : number * 3 + 3], name=f"{number}.warc.gz"), is_shard=True)
    seen = []

    def look(*_):
        links = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        seen.append(len({link for link in links if link.name == "a.db" and link.parent.name in names}))

    desk.join(names, "joined", on_progress=look, batch=1)
    assert 12 == len(seen)
    assert 2 >= max(seen)


def test_what_was_joined_is_joined_once(desk, tmp_path):
    path = warc(tmp_path, *life(2))
    for name in ("shard", "lost-worker"):
        desk.take(name, path, is_shard=True)
    desk.join(("shard", "lost-worker"), "joined")
    before = desk.rows("joined")
    assert not desk.join(("lost-worker",), "joined")
    desk.take("joined", path)
    assert before == desk.rows("joined")


def test_a_shard_whose_import_was_stopped_is_not_joined(desk, tmp_path):
    def kill(report):
        if report.count > 9:
            raise KilledError

    with pytest.raises(KilledError):
        desk.take("shard", warc(tmp_path, *life(3)), is_shard=True, on_progress=kill)
    with pytest.raises(ArchiveError, match="has not ended"):
        desk.join(("shard",), "joined")


def test_an_archive_that_is_no_shard_is_not_joined_and_its_files_can_still_be_taken_in(desk, tmp_path):
    path = warc(tmp_path, *life(4, 3))
    desk.take("archive", path)
    with pytest.raises(ArchiveError, match="no shard"):
        desk.join(("archive",), "joined")
    desk.take("joined", path)
    assert desk.rows("archive")["articles"] == desk.rows("joined")["articles"]


def test_a_damaged_reading_is_named(desk, tmp_path):
    desk.take("shard", warc(tmp_path, *life(3, 2)), is_shard=True)
    with closing(sqlite3.connect(tmp_path / "shard" / "a.db")) as connection, connection:
        connection.execute("UPDATE readings SET content = x'28b52ffd'")
    with pytest.raises(ArchiveError, match="damaged"):
        desk.join(("shard",), "joined")


def test_what_was_read_comes_back_as_it_was():
    article = replace(full_article(), updated_at=NOW + timedelta(microseconds=7), cves=("CVE-2024-3094",))
    traits = traits_of(article)
    headers = (("Content-Type", "text/html"),)
    again, judged_by, told = unpack(pack(article, traits, headers), traits.keys.text.kept())
    assert (article, headers) == (again, told)
    assert (traits.marks, traits.end, traits.word_count) == (judged_by.marks, judged_by.end, judged_by.word_count)
    keys, same = traits.keys, judged_by.keys
    assert (keys.digest, keys.headline_key, keys.runs) == (same.digest, same.headline_key, same.runs)


def test_a_revisit_of_a_page_in_another_shard_is_found_by_a_second_import_when_they_are_joined(desk, tmp_path):
    """The shard cannot know the page; it says so, and the joined archive does."""
    url, body = f"https://{HOSTS[0]}/0", page("Story of the harbour", [body_of(part) for part in "abc"]).encode()
    original = record(body, url, WARC_Payload_Digest=payload_digest(body))
    again = revisit(payload_digest(body), url)
    first, second = warc(tmp_path, original, name="1.warc.gz"), warc(tmp_path, again, name="2.warc.gz")
    desk.take("one", first, second)
    for number, path in enumerate((first, second)):
        desk.take(f"shard-{number}", path, is_shard=True)
    desk.join(("shard-0", "shard-1"), "joined")
    assert desk.rows("one") != desk.rows("joined")
    desk.take("joined", second, is_again=True)
    assert desk.rows("one") == desk.rows("joined")


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("is_copied", [True, False])
def test_what_is_its_readers_alone_or_wants_no_copy_stays_so_in_what_is_joined(desk, tmp_path, keeps, is_copied):
    places = replace(desk.tide.settings.archive, noarchive_captures=keeps)
    desk.tide.settings = replace(desk.tide.settings, archive=places)
    plain, wishing = list(life(0)), list(life(0, head=b"200 OK\r\nX-Robots-Tag: noarchive"))
    files = [
        warc(tmp_path, *plain[:8], name="1.warc.gz"),
        warc(tmp_path, *plain[8:16], name="pass-1-private-00000.warc.gz"),
        warc(tmp_path, *wishing[16:], name="3.warc.gz"),
    ]
    desk.take("one", *files, is_copied=is_copied)
    for number, path in enumerate(files):
        desk.take(f"shard-{number}", path, is_shard=True, is_copied=is_copied)
    desk.join([f"shard-{number}" for number in range(3)], "joined")
    one, joined = desk.rows("one"), desk.rows("joined")
    compared = without_places if is_copied else dict
    assert compared(one) == compared(joined)
    for mark in ("('private', 1)", "('noarchive', 1)"):
        assert any(mark in row for row in one["articles"])
