"""The owner's marks at the command line: stars, tags, notes, and all of them together."""

import json

import pytest
from click.testing import CliRunner
from samples import HOUR, NOW, TIDE, article, body_of, keep

from archive.cli import cli
from archive.model import Marks
from archive.run.stories import place_articles
from archive.store import Archive
from archive.store.lock import lock_for_writing
from archive.store.state import marks_beside

ONE, TWO = "https://tide.example/1", "https://tide.example/2"


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "press.db"
    with Archive.open(path, write=True) as archive:
        archive.save_sources([TIDE])
        for number, name in ((1, "gate"), (2, "mole")):
            keep(archive, article(f"https://tide.example/{number}", body_of(name), headline=name.title()), NOW)
    return path


def run(database, *words, **facts):
    return CliRunner().invoke(cli, ["--archive", str(database), *words], **facts)


def done(database, *words, **facts):
    result = run(database, *words, **facts)
    assert 0 == result.exit_code, result.output
    return result.stdout


def found(database, *query):
    return [line.split()[0] for line in done(database, "search", *query, "sort:oldest").splitlines() if line[5:6] > " "]


def test_articles_are_tagged_by_number_and_address_and_found_by_it(database):
    assert "1 follow up, ports\n2 follow up, ports\n" == done(database, "tag", "1", TWO, "Ports", "follow  up")
    assert ["1", "2"] == found(database, "tag:ports")
    assert "ports  2\n" in done(database, "tag")
    done(database, "tag", "--off", "1", "ports")
    assert ["2"] == found(database, "tag:ports")
    assert "1 follow up\n" == done(database, "tag", "1")
    assert "tags follow up" in " ".join(done(database, "show", "1").split())


def test_the_last_word_is_a_tag_though_it_is_a_number(database):
    assert "1 2026\n" == done(database, "tag", "1", "2026")


def test_a_note_is_written_shown_and_taken_away(database):
    assert "ask Ida\n" == done(database, "note", "1", "ask Ida")
    assert "ask Ida\n" == done(database, "note", ONE)
    assert "note ask Ida" in done(database, "show", "1")
    assert "two\nlines\n" == done(database, "note", "1", "-", input="two\nlines\n")
    assert "1 has no note now\n" == done(database, "note", "1", "")
    assert "" == done(database, "note", "1")


def test_a_star_waits_for_no_pass_and_is_known_to_search_export_and_show(database):
    with lock_for_writing(database):
        assert "1 ★\n" == done(database, "star", "1")
    assert ["1"] == found(database, "is:starred")
    assert ["Gate"] == [json.loads(line)["headline"] for line in done(database, "export", "--starred").splitlines()]
    assert "1 ★" in done(database, "show", "1")
    assert json.loads(done(database, "show", "1", "--json"))["starred"]
    done(database, "unstar", "1")
    assert [] == found(database, "is:starred")


def test_a_star_of_an_older_version_is_taken_away_as_well(database):
    with Archive.open(database, write=True) as archive:
        archive.star(2, True)
    assert ["2"] == found(database, "is:starred")
    done(database, "star", "--off", "1", "2")
    assert [] == found(database, "is:starred")


def test_what_is_exported_is_imported_again_and_taken_back_in_one_step(database, tmp_path):
    done(database, "tag", "1", "2", "ports")
    done(database, "note", "1", "first\nsecond")
    (tmp_path / "marks.jsonl").write_text(done(database, "marks", "export"), encoding="utf-8")
    for _ in range(2):
        done(database, "marks", "undo")
    assert Marks() == marks_beside(database, ONE)
    added = run(database, "marks", "import", str(tmp_path / "marks.jsonl"))
    assert "3 marks added" in added.stderr
    assert Marks(tags=("ports",), note="first\nsecond") == marks_beside(database, ONE)
    undone = done(database, "marks", "undo")
    assert {f"gone: tag ports  {ONE}", f"gone: note first second  {ONE}", f"gone: tag ports  {TWO}"} == set(
        undone.splitlines()
    )
    assert Marks() == marks_beside(database, ONE)
    assert "there is nothing to take back" in run(database, "marks", "undo").stderr


def test_undo_brings_back_what_was_taken_away(database):
    done(database, "note", "1", "ask Ida")
    done(database, "note", "1", "ask Bo")
    assert f"gone: note ask Bo  {ONE}\nback: note ask Ida  {ONE}\n" == done(database, "marks", "undo")
    assert "ask Ida\n" == done(database, "note", "1")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["star", "99"], "there is no article 99"),
        (["star", "9" * 40], "there is no article"),
        (["tag", "gate", "ports"], "gate is no number and no address"),
        (["note", "https://tide.example/none"], "there is no article of this address"),
        (["tag", "1", *(f"t{n}" for n in range(41))], "an article takes 40 tags"),
    ],
)
def test_what_cannot_be_marked_is_said(database, words, sentence):
    result = run(database, *words)
    assert result.exit_code != 0
    assert sentence in f"{result.output}{result.exception}"
    assert Marks() == marks_beside(database, ONE)


@pytest.mark.parametrize("lines", ["nonsense", "\xff\xfe"])
def test_what_is_no_export_is_not_taken_in(database, tmp_path, lines):
    (tmp_path / "theirs").write_bytes(lines.encode("latin-1"))
    result = run(database, "marks", "import", str(tmp_path / "theirs"))
    assert "no mark" in f"{result.output}{result.exception}" or "no export of marks" in result.output


def test_to_look_at_an_article_makes_no_file(database):
    done(database, "show", "1")
    assert [] == list(database.parent.glob("*-state.db"))


# ---------------------------------------------------------------- stories


@pytest.fixture
def stories(database):
    """Two stories: one of two articles, and one of one."""
    with Archive.open(database, write=True) as archive:
        place_articles(archive)
        keep(archive, article("https://tide.example/3", body_of("gate") + " more", headline="Gate again"), NOW + HOUR)
        place_articles(archive)
    return database


def test_a_story_is_followed_by_an_article_an_address_or_its_number_and_listed(stories):
    assert "story:1  Gate  2 articles, 1 source, latest 2026-03-02 07:00 UTC\n" == done(stories, "follow", "3")
    assert "story:2" in done(stories, "follow", TWO)
    assert ["story:1", "story:2"] == [line.split()[0] for line in done(stories, "follow").splitlines()]
    assert ["1", "2", "3"] == found(stories, "--all", "is:followed")
    done(stories, "follow", "--off", "1", "2")
    assert "No story is followed" in run(stories, "follow").stderr
    done(stories, "follow", "story:2")
    assert ["2"] == found(stories, "--all", "is:followed")


def test_a_story_that_is_followed_by_several_articles_is_taken_back_by_any_and_brought_back_in_one_step(stories):
    done(stories, "follow", "1", "3")
    assert "not followed, 2 articles" in done(stories, "follow", "--off", "story:1")
    assert [] == found(stories, "--all", "is:followed")
    assert 2 == done(stories, "marks", "undo").count("back: follow")
    assert ["1", "3"] == found(stories, "--all", "is:followed")


def test_an_article_without_a_story_may_be_followed_until_it_has_one(database):
    assert "1 article is in no story yet" in run(database, "follow", "1").stderr
    with Archive.open(database, write=True) as archive:
        place_articles(archive)
    assert ["1"] == found(database, "is:followed")


@pytest.mark.parametrize("which", ["story:99", "story:" + "9" * 30, "99", "gate"])
def test_what_is_no_story_is_said_and_nothing_is_followed(stories, which):
    assert 2 == run(stories, "follow", "1", which).exit_code
    assert "" == done(stories, "follow")
