"""The benchmarks on reliability: a short run of each, and the rules by which they judge."""

import json
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from quarter_world import BEGIN, DAY, HOUR, Fault, Paper, Piece, Span, plan, without  # noqa: E402

from scraper.model import Source  # noqa: E402

PIECE = Piece("zq000000", BEGIN, "Lock closed zq000000", ("One.", "Two.", "Three."), "/lock")
SOURCE = Source("paper", "Paper", "https://paper.example/", feeds=("https://paper.example/feed.xml",))
END = BEGIN + 10 * DAY


def run(name, *words):
    done = subprocess.run(
        [sys.executable, ROOT / f"benchmarks/{name}.py", *map(str, words), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    return json.loads(done.stdout)


def paper(*faults, piece=PIECE, has_whole_text=False):
    return Paper(SOURCE, "rss", True, has_whole_text, faults, (piece,))


def test_a_short_quarter_keeps_what_is_promised():
    """Articles are there, nobody is told twice, and the archive is sound, whatever was killed."""
    figures = run("quarter", "--days", 4, "--sources", 3, "--kills", 3)
    assert "ok" == figures["integrity"]
    assert figures["could be had"] > 50
    assert 3 == figures["kills"]
    assert ([], [], []) == tuple(figures["misses"][name] for name in ("missing", "archived twice", "told twice"))


def test_a_seed_gives_the_same_plan():
    assert plan(1, 5, (0, 1)) == plan(1, 5, range(2))
    assert plan(1, 5, range(3))[2] == plan(1, 5, (2,))[0]
    assert plan(1, 5, range(2)) != plan(2, 5, range(2))


def test_a_part_of_a_quarter_ends_with_its_day():
    figures = run("quarter", "--days", 9, "--only", 2, "--until", 1, "--kills", 0)
    (begun,) = plan(1, 9, (2,))
    assert 1 == figures["sources"]
    assert sum(piece.born_at < BEGIN + DAY for piece in begun.pieces) >= figures["could be had"] > 0
    assert [] == figures["misses"]["missing"]


def test_an_archive_is_the_same_after_a_kill_at_any_statement_or_request():
    figures = run("kills", "--kills", 4, "--sources", 2, "--days", 1)
    assert (4, []) == (figures["kills"], figures["differing"])


def test_hosts_are_visited_at_their_pace():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("--hosts", 3, "--articles", 2, "--pace", 0.2, "--workers", 1, "--port", port, "--max-seconds", 60)
    figures = run("hosts", *words, "--shared", ROOT / "tests")
    assert (6, 6) == (figures["articles"], figures["wanted"])
    assert figures["closest two requests of a host"] >= 0.18


def test_holes_are_left_out_of_a_span():
    day = Span(BEGIN, BEGIN + DAY)
    holes = [Span(BEGIN + 3 * HOUR, BEGIN + 5 * HOUR), Span(BEGIN + 4 * HOUR, BEGIN + 6 * HOUR)]
    assert [Span(BEGIN, BEGIN + 3 * HOUR), Span(BEGIN + 6 * HOUR, BEGIN + DAY)] == list(without(day, holes))
    assert [] == list(without(day, [day]))


@pytest.mark.parametrize(
    ("kind", "hours", "way"),
    [
        ("503", 9 * 24, "page"),  # a whole day is left
        ("503", 9 * 24 + 2, None),
        ("dead", 9 * 24 + 2, None),
        ("403", 9 * 24 + 2, None),
        ("lies", 2, "page"),
        ("lies", 10 * 24, "page"),  # twenty checks and a day are in it
    ],
)
def test_an_article_could_be_had_where_listing_and_page_were_there_for_a_day(kind, hours, way):
    fault = Fault(kind, Span(BEGIN, BEGIN + hours * HOUR))
    assert way == paper(fault).why_to_be_had(0, END, (), timedelta(hours=1))


def test_an_article_could_be_had_from_the_feed_where_its_page_is_gone():
    gone = replace(PIECE, faults=(Fault("410", Span(BEGIN, END)),))
    assert "feed" == paper(piece=gone, has_whole_text=True).why_to_be_had(0, END, (), HOUR)
    assert paper(piece=gone).why_to_be_had(0, END, (), HOUR) is None
