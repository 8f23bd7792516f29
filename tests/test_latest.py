"""`presswatch latest` and `show`: what is new since the reader last asked, and one article of it."""

import json

import pytest
from samples import DAY, HARBOUR, HOUR, NOW, TIDE, article, body_of, keep
from test_cli import Desk

from archive.model import StoryArticle
from archive.store import Archive


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    with Archive.open(made.database, write=True) as archive:
        archive.save_sources([TIDE, HARBOUR])
    return made


def kept(desk, url: str, topic: str, headline: str, *, source: str = "tide", now=NOW) -> int:
    with Archive.open(desk.database, write=True) as archive:
        _, kept_id = keep(archive, article(url, body=body_of(topic), headline=headline), source=source, now=now)
        return kept_id


def told(desk, *ids: int) -> None:
    """Put articles into one story."""
    with Archive.open(desk.database, write=True) as archive:
        one = [StoryArticle(number, number, "", "", None, NOW, None, is_public=True) for number in ids]
        archive.put_into_story(None, one, is_provisional=False)


def test_what_was_shown_is_not_new_the_next_time(desk):
    kept(desk, "https://tide.example/storm", "storm", "Storm shuts roads")
    assert "Storm shuts roads" not in desk.run("latest").stdout  # the first time: the last 24 hours
    assert "Nothing new." in desk.run("latest").stderr
    kept(desk, "https://tide.example/gate", "gate", "Gate cut", now=NOW - DAY)  # as an import brings it
    assert "     2  Gate cut  The Tide, 2026-03-01 07:00 CET\n" == desk.run("latest", "--keep").stdout
    assert "Gate cut" in desk.run("latest").stdout
    assert ("", "Nothing new.\n") == ((done := desk.run("latest")).stdout, done.stderr)


def test_a_story_that_most_outlets_tell_comes_first_with_all_its_articles(desk):
    desk.run("latest")
    first = kept(desk, "https://tide.example/storm", "storm", "Storm shuts roads")
    second = kept(desk, "https://harbour.example/storm", "gale", "Gale at the mole", source="harbour")
    kept(desk, "https://tide.example/gate", "gate", "Gate cut", now=NOW + HOUR)
    told(desk, first, second)
    assert ["Storm shuts roads", "Gale at the mole", "Gate cut"] == [
        line.split("  ")[-2].strip() for line in desk.run("latest", "--keep").stdout.splitlines()
    ]
    stories = [json.loads(line) for line in desk.run("latest", "--json").stdout.splitlines()]
    assert [[1, 2], [3]] == [[one["article_id"] for one in story["articles"]] for story in stories]


def test_what_was_revised_is_shown_again_and_says_so(desk):
    kept(desk, "https://tide.example/storm", "storm", "Storm shuts roads")
    desk.run("latest")
    kept(desk, "https://tide.example/storm", "flood", "Flood shuts roads", now=NOW + HOUR)
    assert "     1  Flood shuts roads  The Tide, 2026-03-02 07:00 CET, revised\n" == desk.run("latest").stdout


def test_a_span_shows_what_was_seen_already_and_forgets_nothing(desk):
    kept(desk, "https://tide.example/storm", "storm", "Storm shuts roads")
    assert "Storm shuts roads" in desk.run("latest", "--since", "3650d").stdout
    assert not list(desk.folder.glob("*.seen"))


def test_an_article_is_shown_by_its_address(desk):
    kept(desk, "https://tide.example/storm?utm_source=feed", "storm", "Storm shuts roads")
    assert "Storm shuts roads" in desk.run("show", "http://www.tide.example/storm").stdout
    done = desk.run("show", "https://tide.example/gale")
    assert (2, True) == (done.exit_code, "there is no article of this address" in done.stderr)
    assert 2 == desk.run("show", "storm").exit_code


@pytest.mark.parametrize(
    ("style", "begin"), [("text", "Storm shuts roads\n\nstorm"), ("markdown", "---\n"), ("json", "{")]
)
def test_an_article_is_shown_in_each_form(desk, style, begin):
    kept(desk, "https://tide.example/storm", "storm", "Storm shuts roads")
    assert desk.run("show", "1", "--format", style).stdout.startswith(begin)
