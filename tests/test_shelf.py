"""A folder of shards, unmerged: one order and one row for what can be known to be the same."""

import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner
from samples import DAY, NOW, body_of
from test_backfill import Fleets
from test_importing import warc
from test_warc_forms import record
from worlds import page

from archive.cli import cli
from archive.commands.imports.shards import joined
from archive.commands.options import Options
from archive.model.query import NotUnderstood
from archive.run.fleet.shards import DATABASE
from archive.run.fleet.shelf import Shelf
from archive.store import Archive
from scraper.errors import ArchiveError


def story(number, words, day=0, host="tide.example.org", extra=""):
    paragraphs = [f"{words} {body_of(f'{words}{part}')}" for part in "abc"]
    at = f"{NOW - 30 * DAY + day * DAY:%Y-%m-%dT%H:%M:%SZ}"
    return record(page(f"Story {number}{extra}", paragraphs).encode(), f"https://{host}/{number}", date=at)


@pytest.fixture
def shelf(world, tmp_path):
    fleets = Fleets(world, tmp_path)

    def make(*shards):
        files = [warc(tmp_path, *stories, name=f"{number}.warc.gz") for number, stories in enumerate(shards)]
        fleets.run(*files)
        return Shelf(fleets.plan.folder)

    return make


def found(shelf, query, **more):
    return [hit.headline for hit in shelf.search(query, now=NOW, **more)]


def test_hits_of_all_shards_come_in_one_order_as_many_as_are_asked_for(shelf):
    days = [(0, 3, 6), (1, 4, 7), (2, 5, 8)]
    made = shelf(*[[story(day, f"tidal lock {day}", day) for day in some] for some in days])
    newest = [f"Story {day}" for day in range(8, -1, -1)]
    assert newest[:4] == found(made, "tidal sort:newest", limit=4)
    assert newest[::-1] == found(made, "tidal sort:oldest")
    assert newest == found(made, "source:tide sort:newest")
    assert 9 == len(found(made, "tidal"))
    ranks = [hit.rank for hit in made.search("tidal", now=NOW)]
    assert sorted(ranks) == ranks


def test_more_hits_of_one_shard_than_were_asked_for_at_first(shelf):
    """Copies in other shards take their places among the first ones."""
    stories = [story(day, f"tidal lock {day}", day) for day in range(25)]
    made = shelf(stories, stories[5:], stories[6:])
    assert [f"Story {day}" for day in range(24, 1, -1)] == found(made, "tidal sort:newest", limit=23)


def test_one_address_is_one_row_and_so_are_the_same_words(shelf):
    same = {"words": "tidal lock", "day": 3}
    made = shelf(
        [story(1, **same), story(2, "tidal gate")],
        [story(1, "tidal lock revised", 9), story(7, **same, host="other.example.org")],
    )
    assert ["Story 1", "Story 2", "Story 7"] == sorted(found(made, "tidal", each=True))
    assert 2 == len(found(made, "tidal"))


def test_an_export_has_each_article_once_as_it_was_seen_last_by_first_sight(shelf):
    made = shelf(
        [story(1, "tidal lock", 1), story(2, "tidal gate", 2)],
        [story(1, "tidal lock revised", 9, extra=" revised"), story(3, "tidal mole", 4)],
        [story(4, "tidal quay", 3)],
    )
    articles = list(made.articles())
    assert ["Story 2", "Story 4", "Story 3", "Story 1 revised"] == [one.article.headline for one in articles]
    assert 4 == len({one.article_id for one in articles})
    assert ["Story 1 revised"] == [one.article.headline for one in made.articles(since=NOW - 22 * DAY)]


def test_what_the_latest_shard_has_as_its_readers_alone_is_so(shelf, world):
    made = shelf([story(1, "tidal lock", 1)], [story(1, "tidal lock now", 2), story(2, "tidal gate", 3)])
    (path,) = [path for path in made._paths if b"gate" in path.read_bytes()]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE articles SET private = 1 WHERE url_key LIKE '%/1'")
    assert ["Story 2"] == [one.article.headline for one in made.articles(private=False)]
    assert 1 == made.private_count()


def test_a_query_that_is_not_understood_is_said_to_be_so(shelf):
    made = shelf([story(1, "tidal lock")])
    assert isinstance(made.search("sort:best", now=NOW), NotUnderstood)
    assert () == made.search("", now=NOW)


def test_the_commands_take_a_folder_of_shards(shelf, tmp_path):
    shelf([story(1, "tidal lock", 1)], [story(1, "tidal lock now", 2), story(2, "tidal gate", 3)])
    folder = tmp_path / "shards"

    def run(*words):
        return CliRunner().invoke(cli, ["--archive", str(folder), *words])

    assert ["Story 1", "Story 2"] == sorted(
        json.loads(line)["headline"] for line in run("search", "--json", "tidal").stdout.splitlines()
    )
    hit = json.loads(run("search", "--json", "gate").stdout)
    assert f"in {hit['shard']}" in run("search", "gate").stdout
    shard = str(folder / hit["shard"] / DATABASE)
    shown = CliRunner().invoke(cli, ["--archive", shard, "show", str(hit["article_id"])])
    assert "Story 2" in shown.stdout
    assert ["Story 1", "Story 2"] == [json.loads(line)["headline"] for line in run("export").stdout.splitlines()]
    refused = run("latest")
    assert isinstance(refused.exception, ArchiveError)
    assert "merge --into" in str(refused.exception)


def test_browse_has_the_shards_joined_once_and_then_what_came_since(shelf, tmp_path):
    others = {"host": "other.example.org"}
    shelf([story(1, "tidal lock", 1, **others)], [story(2, "tidal gate", 2, **others)])
    CliRunner().invoke(cli, ["init", str(tmp_path / "config"), "--contact", "a@b.example"])
    options = Options(str(tmp_path / "config"), tmp_path / "shards")
    for _ in range(2):
        database = joined(options, tmp_path / "shards").database()
        with Archive.open(database, write=False) as archive:
            assert ["Story 1", "Story 2"] == [stored.article.headline for stored in archive.articles()]
    assert 2 == len(found(Shelf(tmp_path / "shards"), "tidal"))
