"""What somebody meets who tries the program for the first time, and gives it what it is not for."""

import logging
import re
import socket
from datetime import UTC, datetime, timedelta

import pytest
from samples import NOW, TIDE, article, keep
from test_cli import PAGE, Desk

from archive.cli import LogLine
from archive.commands.watching import log_pass
from archive.run.update import PassResult
from archive.store import Archive

FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>The Tide</title></channel></rss>'


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def filled(desk):
    desk.fill()
    return desk


def saved(desk, name: str, content: bytes) -> str:
    path = desk.folder / name
    path.write_bytes(content)
    return str(path)


def kept(desk, one, **more) -> None:
    with Archive.open(desk.database, write=True) as archive:
        archive.save_sources([TIDE])
        keep(archive, one, **more)


# ---------------------------------------------------------------- init


def test_init_where_a_configuration_lies_says_what_to_do_next(desk):
    folder = desk.folder / "fresh"
    first, second = desk.run("init", str(folder)), desk.run("init", str(folder))
    assert f"Next: name a contact in {folder / 'presswatch.toml'} (user_agent), then: presswatch run" in first.stderr
    assert f"Next: name a contact in {folder / 'presswatch.toml'} (user_agent), then: presswatch run" in second.stderr


def test_init_asks_for_no_contact_that_was_given(desk):
    done = desk.run("init", str(desk.folder / "fresh"), "--contact", "me@readers.org")
    assert "Next: presswatch run" in done.stderr


# ---------------------------------------------------------------- files that are something else


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.bin", bytes(range(256)) * 4, "this is a file of another kind, not a web page"),
        ("a.db", b"SQLite format 3\0" + bytes(84), "this is a SQLite database, not a web page"),
        ("a.html", b"%PDF-1.7", "this is a PDF, not a web page"),
        ("a.xml", FEED.encode(), "this is a feed, not a web page; `presswatch sources add` takes it"),
        (
            "a.opml",
            b"<opml version='2.0'/>",
            "this is a list of feeds (OPML), not a web page; `presswatch sources import` takes it",
        ),
    ],
)
def test_read_says_what_a_file_is_that_is_no_page(desk, name, content, said):
    done = desk.run("read", saved(desk, name, content))
    assert (1, "") == (done.exit_code, done.stdout)
    assert said in done.stderr


def test_import_of_a_page_says_what_reads_it(desk):
    page = saved(desk, "page.html", PAGE.encode())
    done = desk.run("import", page)
    assert 2 == done.exit_code
    assert f"{page} is a web page, not a WARC file; `presswatch read {page}` takes it apart" in done.stderr


def test_import_of_something_else_says_what_it_is(desk):
    done = desk.run("import", saved(desk, "rss.xml", FEED.encode()))
    assert 2 == done.exit_code
    assert "is a feed, not a WARC file" in done.stderr


def test_an_address_that_is_not_public_names_the_setting_that_opens_it(desk):
    done = desk.run("read", "http://127.0.0.1:8600/")
    assert "127.0.0.1 is not a public address ([fetch] allowed_addresses opens it)" in done.stderr


# ---------------------------------------------------------------- digest, watch, browse


def test_the_first_digest_says_why_it_is_empty(desk):
    kept(desk, article("https://tide.example/storm"), now=datetime.now(UTC))
    done = desk.run("digest")
    assert re.search(r"digest of \w+day, \d{4}-\d\d-\d\d \(Europe/Berlin\): 0 stories", done.stderr)
    assert re.search(r"The archive begins after that day \(\d{4}-\d\d-\d\d \d\d:\d\d CES?T\)", done.stderr)
    assert "presswatch digest --since 24h" in done.stderr


def test_a_digest_names_the_day_that_it_is_about(filled):
    done = filled.run("digest", "--day", f"{NOW:%Y-%m-%d}")
    assert f"digest of {NOW:%A, %Y-%m-%d} (Europe/Berlin): " in done.stderr


def test_a_pass_in_which_no_source_came_is_a_warning_and_others_are_none(caplog):
    caplog.set_level(logging.INFO, "presswatch")
    result = PassResult(3, problems=("The Tide: failed (no such host)",))
    result.checks["failed"] += 1
    log_pass(result, 1)
    log_pass(PassResult(4), 0)
    assert [
        ("WARNING", "pass 3: none of 1 sources could be looked at: The Tide: failed (no such host)"),
        ("INFO", "pass 4, 0 sources: nothing new"),
    ] == [(record.levelname, record.getMessage()) for record in caplog.records]


def test_a_port_that_is_taken_is_said_in_a_sentence(filled):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = filled.process("browse", "--port", str(port))
    assert (1, f"Error: port {port} is taken; --port names another\n") == (done.returncode, done.stderr)


# ---------------------------------------------------------------- times, lines


def test_every_time_of_an_article_is_in_the_readers_zone_and_names_it(filled):
    shown = filled.run("show", "1").stdout
    times = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d( \w+)?", shown)
    assert {" CET"} == set(times) or {" CEST"} == set(times)


def test_an_update_before_the_publication_is_not_shown(desk):
    kept(desk, article("https://tide.example/a", published_at=NOW, updated_at=NOW - timedelta(days=1)))
    kept(desk, article("https://tide.example/b", published_at=NOW, updated_at=NOW + timedelta(days=1)))
    assert "updated" not in desk.run("show", "1").stdout
    assert "updated" in desk.run("show", "2").stdout


@pytest.mark.parametrize("words", [("show", "1", "--why"), ("search", "storm"), ("diff", "2"), ("sources", "list")])
def test_nothing_is_broken_or_filled_up_on_its_way_to_a_pipe(filled, words):
    lines = filled.process(*words).stdout.split("\n")
    assert [] == [line for line in lines if line != line.rstrip()]
    assert len(lines) > 1


def test_a_long_paragraph_is_one_line_in_a_pipe(desk):
    long = "word " * 200 + "end"
    kept(desk, article("https://tide.example/storm", body=long))
    assert [long] == [
        line.strip().removeprefix("body  ") for line in desk.run("show", "1").stdout.split("\n") if "end" in line
    ]


def test_a_line_of_the_log_has_its_time():
    record = logging.LogRecord("presswatch", logging.INFO, "", 0, "pass %d", (1,), None)
    record.created = NOW.timestamp()
    assert f"{NOW:%Y-%m-%dT%H:%M:%SZ} INFO pass 1" == LogLine().format(record)
