"""The commands as a reader runs them: what is printed, what is written, how they end."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from samples import DAY, NOW, TIDE, article, body_of, exchange, keep, rows
from test_deliver import MailServer

from archive.cli import cli
from archive.store import Archive
from archive.store.captures import CaptureWriter
from archive.store.lock import lock_for_writing

CONFIG = """
[fetch]
user_agent = "presswatch/1 (+mailto:reader@tide-readers.org)"

[archive]
database = "archive.db"
warc_folder = "warc"

[digest]
title = "Digest"
timezone = "Europe/Berlin"
at = "06:00"
folder = "digests"
"""
SOURCE = """
[tide]
title = "The Tide"
home_url = "https://tide.example/"
feeds = ["https://tide.example/rss"]
section = "cyber"
"""
PAGE = f"""<!doctype html><title>Storm shuts roads</title><article><h1>Storm shuts roads</h1>
<p>{body_of("storm")}.</p><p>{body_of("road")}.</p></article>"""


class Desk:
    """A reader's folder with a configuration, and the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "archive.db"
        (folder / "config/sources").mkdir(parents=True)
        (folder / "config/presswatch.toml").write_text(CONFIG)
        (folder / "config/sources/all.toml").write_text(SOURCE)

    def run(self, *words: str, **more):
        return CliRunner().invoke(
            cli, ["--config", str(self.folder / "config"), *words], catch_exceptions=False, **more
        )

    def process(self, *words: str, **more):
        """In a process of its own: exit codes are as a shell sees them."""
        command = [sys.executable, "-m", "archive.cli", "--config", str(self.folder / "config"), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)

    def fill(self) -> None:
        with Archive.open(self.database, write=True) as archive:
            archive.save_sources([TIDE])
            keep(
                archive, article("https://tide.example/storm", headline="=Storm CVE-2024-3094", cves=("CVE-2024-3094",))
            )
            keep(
                archive, article("https://tide.example/gate", body=body_of("gate"), headline="Gate cut"), now=NOW + DAY
            )
            keep(
                archive,
                article(
                    "https://tide.example/gate",
                    body=body_of("gate") + "\n\nIt was lifted at noon.",
                    headline="Gate lifted",
                ),
                now=NOW + 2 * DAY,
            )


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def filled(desk):
    desk.fill()
    return desk


# ---------------------------------------------------------------- exit codes


def test_a_mistake_in_the_configuration_is_one_line_each_and_exit_code_1(desk):
    (desk.folder / "config/sources/all.toml").write_text('[tide]\ntitel = "The Tide"\n')
    done = desk.process("run")
    assert 1 == done.returncode
    assert "[tide] titel: unknown key; did you mean title?" in done.stderr
    assert "Traceback" not in done.stderr
    assert "" == done.stdout


def test_wrong_usage_is_exit_code_2(desk):
    assert 2 == desk.process("digest", "--day", "2026-03-02", "--since", "1d").returncode
    assert 2 == desk.process("digest", "--day", "2999-03-02").returncode
    for days in (("--day", "9999-12-31"), ("--week", "--day", "9999-12-31"), ("--month", "--day", "0001-01-01")):
        assert "--day" in desk.run("digest", *days).stderr
    both = desk.run("digest", "--week", "--month")
    assert (2, True) == (both.exit_code, "--week and --month are two digests" in both.stderr)
    assert "a hundred years" in desk.run("digest", "--since", "999999d", "--format", "text").stderr
    assert 2 == desk.process("show").returncode
    assert 2 == desk.process("run", "--source", "nobody").returncode


def test_an_archive_that_another_process_writes_to_is_exit_code_3(filled):
    with lock_for_writing(filled.database):
        done = filled.process("split", "1", "--wait", "0s")
    assert 3 == done.returncode
    assert f"process {os.getpid()} is writing to this archive" in done.stderr


def test_a_missing_archive_is_said_in_a_sentence(desk):
    done = desk.process("search", "storm")
    assert (1, "") == (done.returncode, done.stdout)
    assert "there is no archive here yet" in done.stderr


def test_a_missing_configuration_points_to_init(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "archive.cli", "run"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert 1 == done.returncode
    assert "presswatch init" in done.stderr


@pytest.mark.parametrize("words", [("export", "--source", "nobody"), ("export", "--since", "nope"),
                                   ("export", "--since", "99999999d"), ("reread", "--source", "nobody"),
                                   ("show", "99999999999999999999")])  # fmt: skip
def test_a_name_that_does_not_exist_is_wrong_usage(filled, words):
    """An export of nothing would look like one of a source without articles."""
    done = filled.process(*words)
    assert (2, "") == (done.returncode, done.stdout)
    assert "Traceback" not in done.stderr


def test_a_source_that_is_watched_no_more_is_exported_all_the_same(filled):
    (filled.folder / "config/sources/all.toml").write_text(SOURCE.replace("[tide]", "[other]"))
    assert 2 == len(filled.process("export", "--source", "tide").stdout.splitlines())


@pytest.mark.parametrize("words", [("export",), ("show", "1"), ("search", "storm"), ("--help",), ("export", "--help")])
def test_a_closed_pipe_is_no_error(filled, words):
    """`presswatch … | head`: neither a traceback nor a complaint of Python at its end."""
    command = [sys.executable, "-m", "archive.cli", "--archive", str(filled.database), *words]
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(theirs)
    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize("words", [("export",), ("show", "1")])
def test_output_that_finds_no_room_is_a_sentence(filled, words):
    command = [sys.executable, "-m", "archive.cli", "--archive", str(filled.database), *words]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert 1 == done.returncode
    assert 1 == len(done.stderr.splitlines())
    assert "No space left on device" in done.stderr


@pytest.mark.parametrize("words", [
    ("export", "--out", "/nowhere/out.jsonl"), ("export", "--format", "markdown", "--out", "/proc/out"),
    ("read", "/nowhere/page.html"), ("read", "/"), ("demo", "--folder", "/proc/demo"), ("init", "/proc/config"),
    ("import", "/nowhere/a.warc"), ("import", "/"), ("sources", "import", "/nowhere/a.opml"),
])  # fmt: skip
def test_a_path_that_does_not_exist_is_a_sentence(filled, words):
    done = filled.process(*words)
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(("presswatch: /", "Usage: "))


# ---------------------------------------------------------------- set-up


def test_init_writes_a_configuration_that_check_reads_and_never_writes_over_it(tmp_path):
    folder = tmp_path / "mine"
    assert 0 == CliRunner().invoke(cli, ["init", str(folder)]).exit_code
    (folder / "presswatch.toml").write_text("mine")
    again = CliRunner().invoke(cli, ["init", str(folder)])
    assert "left alone" in again.output
    assert "mine" == (folder / "presswatch.toml").read_text()


# ---------------------------------------------------------------- reading


def test_read_shows_the_pieces_of_a_file(desk):
    page = desk.folder / "page.html"
    page.write_text(PAGE)
    shown = desk.run("read", str(page), "--why")
    assert "headline  Storm shuts roads" in shown.stdout
    assert "rule:headline" in shown.stdout
    assert "who may read it  free" in shown.stdout
    assert "what was served  the whole text" in shown.stdout
    assert "kind  news (70%: " in shown.stdout


@pytest.mark.parametrize("style", ["text", "markdown", "json", "jsonl", "html"])
def test_read_in_every_form(desk, style):
    page = desk.folder / "page.html"
    page.write_text(PAGE)
    shown = desk.run("read", str(page), "--format", style).stdout
    assert body_of("road") in shown
    if style.startswith("json"):
        assert "Storm shuts roads" == json.loads(shown)["headline"]


def test_read_knows_prompts_by_the_phrases_of_the_configuration(desk):
    (desk.folder / "config/phrases.toml").write_text("[newsletter]\nsure = ['the tide table, every morning']")
    page = PAGE.replace("</article>", "<p>Write to us for the Tide Table, every morning.</p></article>")

    assert "Tide Table" not in desk.run("read", "-", "--format", "text", input=page).stdout


def test_read_names_the_mistakes_of_a_configuration_that_is_there(desk):
    (desk.folder / "config/phrases.toml").write_text("[newsletter]\nsure = ['(']")

    done = desk.process("read", "-", input=PAGE)

    assert 1 == done.returncode
    assert "phrases.toml: [newsletter] sure: '(': not a regular expression" in done.stderr


def test_read_needs_no_configuration(desk):
    (desk.folder / "config/presswatch.toml").unlink()

    assert body_of("road") in desk.run("read", "-", "--format", "text", input=PAGE).stdout


def test_read_takes_standard_input(desk):
    assert body_of("road") in desk.run("read", "-", "--format", "text", input=PAGE).stdout


def test_one_bad_file_among_several_is_named_and_the_others_are_shown(desk):
    (desk.folder / "good.html").write_text(PAGE)
    (desk.folder / "bad.html").write_bytes(b"%PDF-1.7")
    done = desk.process("read", str(desk.folder / "bad.html"), str(desk.folder / "good.html"), "--format", "text")
    assert 1 == done.returncode
    assert "bad.html: this is a PDF, not a web page" in done.stderr
    assert body_of("road") in done.stdout


def test_a_missing_file_among_several_is_named_and_the_others_are_shown(desk):
    (desk.folder / "good.html").write_text(PAGE)
    done = desk.run("read", str(desk.folder / "none.html"), str(desk.folder / "good.html"), "--format", "text")
    assert 1 == done.exit_code
    assert "none.html: No such file" in done.stderr
    assert body_of("road") in done.stdout


def test_many_files_are_read_in_several_processes_and_shown_in_their_order(desk):
    files = [desk.folder / f"{name}.html" for name in ("road", "dam", "mole")]
    for file in files:
        file.write_text(PAGE.replace("Storm shuts roads", f"The {file.stem} is shut"))
    shown = desk.process("read", *map(str, files), "--format", "html", "--jobs", "2").stdout
    places = [shown.index(f'<h2 dir="auto">The {file.stem} is shut') for file in files]
    assert places == sorted(places)
    assert 1 == shown.count("<!DOCTYPE html>")


# ---------------------------------------------------------------- looking


def test_search_finds_a_cve_as_it_is_written(filled):
    assert "=Storm CVE-2024-3094" in filled.run("search", "CVE-2024-3094").stdout
    assert [1] == [
        json.loads(line)["article_id"] for line in filled.run("search", "--json", "storm").stdout.splitlines()
    ]


@pytest.mark.parametrize("query", ['"', "*", ":", "a AND", "NEAR(", "-x", "'; DROP TABLE articles; --"])
def test_every_search_is_answered_or_said_not_to_be_understood(filled, query):
    done = filled.run("search", query)
    assert 0 == done.exit_code or (2 == done.exit_code and "(character " in done.stderr)


def test_all_words_behind_search_are_the_query_but_its_own_options(filled):
    assert [] == filled.run("search", "storm", "-roads", "--json").stdout.splitlines()
    assert "Storm" in filled.run("search", "--limit=1", "storm", "-hackers").stdout
    assert "Storm" in filled.run("search", "--limit", "1", "--", "storm", "-hackers").stdout


def test_show_has_blocks_and_evidence(filled):
    shown = filled.run("show", "2").stdout
    assert "Gate lifted" in shown
    assert "versions 2" in shown


def test_diff_tells_what_changed_by_role(filled):
    shown = filled.run("diff", "2").stdout
    assert "It was lifted at noon." in shown
    assert 2 == filled.run("diff", "2", "--from", "7").exit_code


def test_an_unknown_article_is_wrong_usage(filled):
    assert 2 == filled.run("show", "99").exit_code
    assert 2 == filled.run("star", "99").exit_code


# ---------------------------------------------------------------- out


def test_export_in_every_form(filled):
    lines = filled.run("export").stdout.splitlines()
    assert 2 == len(lines)
    assert "Gate lifted" == json.loads(lines[1])["headline"]
    rows = list(csv.DictReader(filled.run("export", "--format", "csv").stdout.splitlines()))
    assert "'=Storm CVE-2024-3094" == rows[0]["headline"]
    filled.run("export", "--format", "markdown", "--out", str(filled.folder / "out"))
    assert 2 == len(list((filled.folder / "out").glob("*.md")))


def test_csv_has_a_byte_order_mark_for_excel_where_asked(filled):
    out = filled.folder / "press.csv"
    assert 0 == filled.run("export", "--format", "csv", "--bom", "--out", str(out)).exit_code
    assert [b"\xef\xbb\xbf", b'"id"'] == [out.read_bytes()[:3], out.read_bytes()[3:7]]
    plain = filled.run("export", "--format", "csv").stdout
    assert out.read_text(encoding="utf-8-sig").splitlines() == plain.splitlines()
    assert "\ufeff" + plain == filled.run("export", "--format", "csv", "--bom").stdout
    refused = filled.run("export", "--bom")
    assert (2, True) == (refused.exit_code, "is for csv" in refused.stderr)


def test_export_of_starred_articles_alone(filled):
    assert 0 == filled.run("star", "2").exit_code
    assert ["Gate lifted"] == [
        json.loads(line)["headline"] for line in filled.run("export", "--starred").stdout.splitlines()
    ]


def test_an_article_of_a_warc_file_comes_into_the_archive_once(desk):
    with CaptureWriter(desk.folder / "theirs", "crawl", 1_000_000) as captures:
        captures.write(exchange(PAGE.encode(), url="https://tide.example/storm"))
    (warc,) = (desk.folder / "theirs").glob("*.warc.gz")
    told = desk.run("import", str(warc), "--jobs", "1", "--profile")
    assert "1 add" in told.stdout
    assert all(part in told.stderr for part in ("reading, in 1 processes", "deciding", "committing"))
    kept = sorted(desk.folder.rglob("*import*.warc.gz"))
    assert "was taken in before" in desk.run("import", str(warc), "--jobs", "1").stderr
    assert "1 unchanged" in desk.run("import", str(warc), "--jobs", "1", "--again").stdout
    assert [] == kept == sorted(desk.folder.rglob("*import*.warc.gz"))
    with Archive.open(desk.database, write=False) as archive:
        assert ["Storm shuts roads"] == [stored.article.headline for stored in archive.articles()]
        assert 1 == len(list(archive.all_captures()))


@pytest.mark.parametrize(("words", "count"), [((), 1), (("--no-stories",), 0)])
def test_what_is_imported_is_put_into_stories_unless_none_are_wished(desk, words, count):
    with CaptureWriter(desk.folder / "theirs", "crawl", 1_000_000) as captures:
        captures.write(exchange(PAGE.encode(), url="https://tide.example/storm"))
    (warc,) = (desk.folder / "theirs").glob("*.warc.gz")
    assert 0 == desk.run("import", str(warc), "--jobs", "1", *words).exit_code
    with Archive.open(desk.database, write=False) as archive:
        assert [(count,)] == rows(archive, "SELECT COUNT(*) FROM story_articles")


def test_shards_are_joined_into_an_archive(desk):
    shards = []
    for day in range(2):
        with CaptureWriter(desk.folder / "theirs", f"crawl-{day}", 1_000_000) as captures:
            captures.write(exchange(PAGE.encode(), url=f"https://tide.example/storm-{day}", at=NOW + day * DAY))
        (warc,) = (desk.folder / "theirs").glob(f"crawl-{day}*.warc.gz")
        shards.append(str(desk.folder / f"shard-{day}.db"))
        assert "1 add" in desk.run("--archive", shards[-1], "import", str(warc), "--jobs", "1", "--shard").stdout
    into = desk.folder / "joined.db"
    assert "1 add, 1 duplicate in " in desk.run("merge", *shards, "--into", str(into)).stdout
    assert "nothing new" in desk.run("merge", *shards, "--into", str(into)).stdout
    assert "two numbers" in desk.run("merge", *shards, "x").stderr
    with Archive.open(into, write=False) as archive:
        assert 2 == len(list(archive.articles()))
        assert 1 == archive.report_count()


def test_reread_shows_what_todays_rules_see_differently_and_keeps_it_when_asked(desk):
    with CaptureWriter(desk.folder / "theirs", "crawl", 1_000_000) as captures:
        captures.write(exchange(PAGE.encode(), url="https://tide.example/storm"))
    (warc,) = (desk.folder / "theirs").glob("*.warc.gz")
    desk.run("import", str(warc), "--source", "tide", "--jobs", "1")
    assert "0 read differently" in desk.run("reread", "--jobs", "1").stderr
    selectors = '[tide.selectors]\nremove = ["p:first-of-type"]\n'
    with (desk.folder / "config/sources/all.toml").open("a") as file:
        file.write(selectors)
    assert "1 read differently (--apply keeps that)" in desk.run("reread", "--jobs", "1").stderr
    desk.run("reread", "--jobs", "1", "--apply")
    assert "0 read differently" in desk.run("reread", "--jobs", "1").stderr
    with Archive.open(desk.database, write=False) as archive:
        (stored,) = archive.articles()
        assert body_of("storm") not in stored.article.body
        assert 1 == len(stored.revisions)  # better rules are no revision of the publisher's


def test_reread_shows_what_a_phrase_of_ones_own_changes(desk):
    page = PAGE.replace("</article>", "<p>Write to us for the Tide Table, every morning.</p></article>")
    with CaptureWriter(desk.folder / "theirs", "crawl", 1_000_000) as captures:
        captures.write(exchange(page.encode(), url="https://tide.example/storm"))
    (warc,) = (desk.folder / "theirs").glob("*.warc.gz")
    desk.run("import", str(warc), "--source", "tide", "--jobs", "1")
    (desk.folder / "config/phrases.toml").write_text("[newsletter]\nsure = ['the tide table, every morning']")

    assert "1 read differently" in desk.run("reread", "--jobs", "1").stderr


def test_reread_cleans_the_first_pages_of_what_the_later_ones_taught(desk):
    note = "The Tide is owned by the harbour foundation, which has no say in what its editors write."
    with CaptureWriter(desk.folder / "theirs", "crawl", 1_000_000) as captures:
        for day in range(7):
            text = f"<p>{body_of(f'storm{day}')}.</p><p>{note}</p><p>{body_of(f'road{day}')}.</p>"
            html = f"<!doctype html><title>Day {day}</title><article><h1>Storm on day {day}</h1>{text}</article>"
            captures.write(exchange(html.encode(), url=f"https://tide.example/{day}", at=NOW + day * DAY))
    (warc,) = (desk.folder / "theirs").glob("*.warc.gz")
    desk.run("import", str(warc), "--source", "tide", "--jobs", "1")

    def with_note() -> int:
        with Archive.open(desk.database, write=False) as archive:
            return sum(note in stored.article.body for stored in archive.articles())

    assert 5 == with_note()
    assert "5 read differently" in desk.run("reread", "--jobs", "1", "--apply").stderr
    assert 0 == with_note()
    with (desk.folder / "config/sources/all.toml").open("a") as file:
        file.write("learn_templates = false\n")
    assert "7 read differently" in desk.run("reread", "--jobs", "1", "--apply").stderr
    assert 7 == with_note()


# ---------------------------------------------------------------- digest, check


def test_a_digest_is_printed_without_being_remembered(filled):
    shown = filled.run("digest", "--day", "2026-03-03", "--format", "text").stdout
    assert "Gate" in shown
    with Archive.open(filled.database, write=False) as archive:
        assert archive.last_edition() is None


def test_what_stood_in_a_digest_does_not_come_back_unless_revised(filled):
    day = ["digest", "--format", "text", "--day"]
    filled.run("digest", "--day", "2026-03-02")
    assert "Storm" not in filled.run(*day, "2026-03-03").stdout
    assert 4 == len(list((filled.folder / "digests").glob("2026-03-02.*")))


def test_mail_without_a_mail_table_is_wrong_usage(filled):
    assert 2 == filled.run("digest", "--mail").exit_code


def test_a_reader_who_is_refused_is_named_and_a_later_run_mails_him(filled):
    with MailServer(refuses={"b@reader.example": "550 no such user"}) as server:
        with (filled.folder / "config/presswatch.toml").open("a") as file:
            file.write(
                f"""[mail]\nhost = "127.0.0.1"\nport = {server.server_address[1]}\nsecurity = "none"
sender = "Presswatch <press@reader.example>"\nreaders = ["a@reader.example", "b@reader.example"]\n"""
            )
        (filled.folder / "config/sources/all.toml").write_text(SOURCE + "enabled = false\n")
        done = filled.run("digest", "--day", "2026-03-02", "--mail")
        assert 1 == done.exit_code
        assert "not mailed to b@reader.example: 550 no such user" in done.stderr
        assert "✗ mail to b@reader.example: not delivered: 2026-03-02" in filled.run("check").stdout
        server.refuses = {}
        with Archive.open(filled.database, write=True) as archive:
            rows(archive, "UPDATE deliveries SET next_try_at = NULL")
        done = filled.run("run")
        assert 0 == done.exit_code
        assert "mailed to b@reader.example" in done.stderr
        assert ["a@reader.example", "b@reader.example"] == server.readers()


def test_a_wrong_wait_is_wrong_usage(filled):
    assert 2 == filled.run("digest", "--wait", "soon").exit_code


def test_check_says_that_no_watch_is_running(filled):
    done = filled.run("check", "--heartbeat")
    assert 1 == done.exit_code
    assert "no heartbeat" in done.stdout


def test_check_of_a_sound_archive(filled):
    findings = {f["what"]: f["is_well"] for f in json.loads(filled.run("check", "--json").stdout)}
    assert findings["archive"]
    assert findings["configuration"]


# ---------------------------------------------------------------- sources


def test_sources_list_names_every_source(desk):
    assert "tide" in desk.run("sources", "list").stdout
    assert ["tide"] == [source["name"] for source in json.loads(desk.run("sources", "list", "--json").stdout)]


def test_opml_goes_out_and_comes_in_disabled(desk):
    opml = desk.run("sources", "export").stdout.replace("https://tide.example", "https://other.example")
    file = desk.folder / "feeds.opml"
    file.write_text(opml)
    desk.run("sources", "import", str(file))
    listed = json.loads(desk.run("sources", "list", "--json").stdout)
    assert {("tide", True), ("the-tide", False)} == {(source["name"], source["enabled"]) for source in listed}
    assert "is watched already" in desk.run("sources", "import", str(file)).stderr


# ---------------------------------------------------------------- what a command loads

_LOADED = """
import sys
from archive.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
_LIBRARIES = set(
    "apscheduler asyncio datasette feedparser htmldate httpx jinja2 lxml numpy pebble prometheus_client requests rich "
    "selectolax smtplib sqlite3 sqlite_utils trafilatura warcio".split()
)


def loaded_by(*words: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", _LOADED, *words], capture_output=True, text=True, check=False, env=os.environ
    )
    return set(ended.stderr.split())


@pytest.mark.parametrize("words", [("--help",), ("--version",)], ids=" ".join)
def test_what_is_said_of_the_program_needs_none_of_its_libraries(words):
    loaded = loaded_by(*words)
    assert "click" in loaded
    assert set() == loaded & _LIBRARIES
    assert {"archive", "archive.cli", "archive.commands", "archive.later"} >= {
        name for name in loaded if name.split(".")[0] == "archive"
    }


def test_one_page_is_read_without_what_only_passes_and_archives_need(tmp_path):
    told = '<html lang="nl"><meta property="article:published_time" content="2026-03-02T12:00:00Z"><title>'
    (tmp_path / "page.html").write_text(PAGE.replace("<title>", told))
    loaded = loaded_by("--config", str(tmp_path), "read", "--format", "text", str(tmp_path / "page.html"))
    assert "scraper.read.article" in loaded
    needed = {"lxml", "numpy", "rich", "selectolax"}
    assert set() == loaded & (_LIBRARIES - needed)
