"""
Passes with the reader's own cookies over a local site with a log-in: sent where they belong, and
kept private.
"""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from samples import rows
from sites import Closed, Desk, Metered, Moved, serve, story

from archive.browse.serve import Served
from archive.cli import cli
from archive.commands.served.browse import public_view
from archive.run.health import check_all
from archive.store import Archive
from scraper.model import Selectors, Source

HOST = "127.3.0.2"
ENDED = "the session of your subscription has ended"


@pytest.fixture
def cookies_file(tmp_path):
    file = tmp_path / "mine" / "cookies.txt"
    file.parent.mkdir()
    file.write_text(f"# Netscape HTTP Cookie File\n{HOST}\tFALSE\t/\tFALSE\t4102444800\tsession\tsecret-1\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def desk(tmp_path, cookies_file):
    desks = []

    def make(site, **source):
        desks.append(Desk(tmp_path / "press", site, replace(site.source, cookies_file=cookies_file, **source)))
        return desks[-1]

    yield make
    for made in desks:
        made.archive.close()


def sessions(tide):
    with sqlite3.connect(tide.settings.archive.database) as database:
        rows = database.execute("SELECT session FROM requests WHERE purpose = 'article' ORDER BY id").fetchall()
    database.close()
    return [session for (session,) in rows]


def test_articles_are_asked_for_with_the_cookies_and_nothing_else_is(desk):
    with serve(Closed(), HOST, count=2) as site:
        tide = desk(site)
        tide.make_pass()
        assert {"/robots.txt": "", "/feed.xml": "", "/story-1": "session=secret-1"}.items() <= dict(site.asked).items()
        assert ["subscriber", "subscriber"] == sessions(tide)
        assert {True} == {stored.private for stored in tide.articles().values()}


def test_no_cookie_is_written_anywhere(desk, tmp_path, cookies_file):
    """
    Neither the reader's own nor the one that the site sets meanwhile, which goes back within the
    pass.
    """
    before = cookies_file.read_bytes()
    with serve(Closed(), HOST, count=2) as site:
        tide = desk(site)
        tide.make_pass()
        assert "seen=secret-2" in dict(site.asked)["/story-2"]
    assert b"secret-" not in tide.everything_written()
    assert before == cookies_file.read_bytes()
    assert not (tmp_path / "press" / "cookies").exists()


def test_private_captures_lie_in_files_of_their_own(desk):
    with serve(Closed(), HOST, count=1) as site:
        tide = desk(site)
        tide.make_pass()
        (capture,) = tide.archive.all_captures()
        assert "-private-" in capture.location.file


@pytest.mark.parametrize("way", ["redirect", "marked"])
def test_an_ended_session_is_told_and_the_articles_wait(desk, way):
    selectors = Selectors(signed_out=("a.log-in",))
    with serve(Closed(lasts=2, way=way), HOST, count=5) as site:
        tide = desk(site, selectors=selectors)
        result = tide.make_pass()
        assert ["/story-1", "/story-2", "/story-3"] == site.articles_asked  # not one more with a dead cookie
        assert {"tide": 3} == dict(result.left)
        told = f"The Tide: {ENDED}: log in with your browser and export the cookies to {tide.source.cookies_file} again"
        assert [told, f"The Tide: 3 articles left: {ENDED}"] == list(result.problems)
        assert ["subscriber", "subscriber", "expired"] == sessions(tide)


def test_one_wall_may_be_an_article_that_the_subscription_does_not_cover_two_are_not(desk):
    with serve(Closed(lasts=2, way="wall"), HOST, count=6) as site:
        tide = desk(site)
        result = tide.make_pass()
        assert [f"/story-{n}" for n in range(1, 5)] == site.articles_asked
        assert ["subscriber", "subscriber", "expired", "expired"] == sessions(tide)
        assert any(ENDED in problem for problem in result.problems)


@pytest.mark.parametrize("way", ["marked", "wall"])
def test_what_an_ended_session_brings_does_not_overwrite_a_complete_article(desk, way):
    rules = Closed(lasts=1, way=way)
    with serve(rules, HOST, count=1) as site:
        tide = desk(site, selectors=Selectors(signed_out=("a.log-in",)))
        tide.make_pass()
        tide.make_pass()
        assert ["subscriber", "expired"] == sessions(tide)
        (stored,) = tide.articles().values()
        assert story("/story-1") == [block.text for block in stored.article.body_blocks]
        assert (1, 2) == (len(stored.revisions), len(list(tide.archive.all_captures())))


def test_check_tells_of_an_ended_session_until_there_is_a_new_one(desk):
    rules = Closed(lasts=0)
    with serve(rules, HOST, count=2) as site:
        tide = desk(site)
        tide.make_pass()
        tide.archive.close()
        (told,) = [finding for finding in check_all(tide.settings, datetime.now(UTC)) if ENDED in finding.detail]
        assert ("The Tide", False) == (told.what, told.is_well)
        rules.lasts = 100  # the reader has logged in again
        again = Desk(tide.settings.folder, site, tide.source)
        again.make_pass()
        again.archive.close()
        assert not [finding for finding in check_all(tide.settings, datetime.now(UTC)) if ENDED in finding.detail]


def test_the_cookies_do_not_follow_a_redirect_to_another_site(desk):
    away = Moved()
    with serve(Metered(free=9), "127.3.0.3", count=1) as other, serve(away, HOST, count=1) as site:
        away.to = other.home
        tide = desk(site)
        fetch = replace(tide.settings.fetch, allowed_addresses=frozenset({site.address, other.address}))
        tide.settings = replace(tide.settings, fetch=fetch)
        tide.make_pass()
        assert "session=secret-1" == dict(site.asked)["/story-1"]
        assert "" == dict(other.asked)["/story-1"]
        (stored,) = tide.articles().values()
        assert not stored.private


def test_a_cookie_file_that_others_can_read_is_not_used(desk, cookies_file):
    cookies_file.chmod(0o644)
    with serve(Closed(), HOST, count=1) as site:
        tide = desk(site)
        result = tide.make_pass()
        assert [] == site.articles_asked
        assert f"can be read by others, and is not used before: chmod 600 {cookies_file}" in result.problems[0]
        assert ["anonymous"] == sessions(tide)
        for _ in range(3):  # the article is not given up for it
            tide.make_pass()
        cookies_file.chmod(0o600)
        assert {"add": 1} == dict(tide.make_pass().decisions)


def test_progress_counts_every_page_once_whether_asked_for_or_left(desk):
    with serve(Closed(lasts=1), HOST, count=4) as site:
        tide = desk(site)
        seen = []
        tide.make_pass(seen.append)
        assert (5, 5) == (seen[-1].done, seen[-1].known)  # the feed and four articles


def test_an_article_refused_to_an_ended_session_waits_for_the_next_one(desk):
    """It is not given up after three passes: the fault is not its own."""
    rules = Closed(lasts=0, way="refuse")
    with serve(rules, HOST, count=1) as site:
        tide = desk(site)
        for _ in range(4):
            tide.make_pass()
            assert ["/story-1"] == site.articles_asked
        rules.lasts = 1  # the reader has logged in again
        assert {"add": 1} == dict(tide.make_pass().decisions)


def test_an_article_that_came_cut_is_asked_for_anew_with_the_subscription(desk):
    """The validators of a page that was cut would be answered with "not modified"."""
    rules = Closed(lasts=0, way="wall", etag='"1"')
    with serve(rules, HOST, count=1) as site:
        tide = desk(site)
        assert {"add": 1} == dict(tide.make_pass().decisions)
        rules.lasts = 1
        assert {"revise": 1} == dict(tide.make_pass().decisions)
        assert 1 == tide.make_pass().outcomes["not modified"]


def test_a_page_of_another_site_is_no_matter_of_the_subscription(desk):
    """Its wall ends no session, what it shows is not private, and its views count on its own meter."""
    with serve(Metered(free=1), "127.3.0.5", count=3) as other, serve(Closed(), HOST, count=0) as site:
        site.paths[:] = [f"{other.home}story-{n}" for n in range(1, 4)]
        tide = desk(site)
        fetch = replace(tide.settings.fetch, allowed_addresses=frozenset({site.address, other.address}))
        tide.settings = replace(tide.settings, fetch=fetch)
        result = tide.make_pass()
        assert ["/story-1", "/story-2"] == other.articles_asked
        assert not any(ENDED in problem for problem in result.problems)
        assert {False} == {stored.private for stored in tide.articles().values()}
        assert ("127.3.0.5",) == tuple(meter.site for meter in tide.archive.meters())


# ---------------------------------------------------------------- exports, browse, digest


def run_cli(tide, *arguments):
    result = CliRunner().invoke(cli, ["--archive", str(tide.settings.archive.database), *arguments])
    assert 0 == result.exit_code, result.output
    return result


@pytest.fixture
def half_private(desk, tmp_path):
    """An archive with a private article, and a public one that says something else."""
    with serve(Closed(), HOST, count=1) as site:
        tide = desk(site)
        tide.make_pass()
        tide.archive.close()
    with serve(Metered(free=9), "127.3.0.3") as site:
        site.paths[:] = ["/story-7"]
        open_source: Source = replace(site.source, name="open", title="The Open")
        ebb = Desk(tide.settings.folder, site, open_source)
        ebb.make_pass()
        ebb.archive.close()
    return tide


def test_private_articles_are_left_out_of_exports_unless_asked_for(half_private):
    public = run_cli(half_private, "export")
    assert ["/story-7"] == [json.loads(line)["headline"].split()[1] for line in public.stdout.splitlines()]
    assert "1 article kept for you alone (your own subscription, or noarchive) left out (--private)" in public.stderr
    everything = run_cli(half_private, "export", "--private").stdout.splitlines()
    assert {True, False} == {json.loads(line)["private"] for line in everything}


def test_an_export_does_not_name_a_private_article_as_another_of_the_same_text(half_private):
    with sqlite3.connect(half_private.settings.archive.database) as database:
        database.execute("INSERT OR REPLACE INTO duplicates VALUES (2, 1, 'updated version of', 0.9, '')")
    database.close()
    assert "/story-1" not in run_cli(half_private, "export").stdout
    assert "/story-1" in run_cli(half_private, "export", "--private").stdout


def test_what_is_served_holds_nothing_private(half_private):
    view = public_view(Served(half_private.settings.archive.database)).database
    words = story("/story-1")[0].encode()
    assert words in half_private.everything_written()
    assert words not in view.read_bytes()
    assert b"story-1</" not in view.read_bytes()
    with sqlite3.connect(view) as database:
        assert [(1,)] == database.execute("SELECT COUNT(*) FROM revisions").fetchall()
        assert [(1,)] == database.execute("SELECT COUNT(*) FROM captures").fetchall()
        found = "SELECT COUNT(*) FROM articles_fts WHERE articles_fts MATCH ?"
        assert [(0,)] == database.execute(found, ('"pier 1"',)).fetchall()
        assert [(1,)] == database.execute(found, ('"pier 7"',)).fetchall()
        assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()
        assert [] == database.execute("PRAGMA foreign_key_check").fetchall()
    database.close()


def test_whatever_is_private_is_for_its_owner_alone(half_private):
    public_view(Served(half_private.settings.archive.database))
    folder = half_private.settings.archive.database.parent
    archives = [path for path in folder.rglob("*") if path.is_file() and "archive.db" in path.name]
    captures = list(half_private.settings.archive.warc_folder.glob("*-private-*"))
    assert {"archive.db", "archive.db.lock"} <= {path.name for path in archives}
    assert captures
    modes = {path.name: path.stat().st_mode & 0o077 for path in (*archives, *captures)}
    assert {0} == {mode for name, mode in modes.items() if not name.endswith(".lock")}


def test_what_is_imported_from_a_private_file_stays_private(half_private, tmp_path):
    """Also where the file has another name by now: its first record tells the old one."""
    (file,) = half_private.settings.archive.warc_folder.glob("*-private-*")
    config = str(tmp_path / "config")
    assert 0 == CliRunner().invoke(cli, ["init", config]).exit_code
    for number, name in enumerate((file.name, "renamed.warc.gz")):
        given = tmp_path / name
        given.write_bytes(file.read_bytes())
        database = tmp_path / str(number) / "archive.db"
        arguments = ["--config", config, "--archive", str(database), "import", "--copy", str(given)]
        result = CliRunner().invoke(cli, arguments)
        assert 0 == result.exit_code, result.output
        with Archive.open(database, write=False) as archive:
            assert [True] == [stored.private for stored in archive.articles()]
            (capture,) = archive.all_captures()
            assert [(1,)] == rows(archive, "SELECT private FROM captures")
        kept = database.parent / "warc" / capture.location.file
        assert "-private-" in kept.name
        assert 0o600 == kept.stat().st_mode & 0o777


def test_a_digest_does_not_quote_what_the_subscription_brought(half_private):
    tide = Desk(half_private.settings.folder, half_private.site, half_private.source)
    extracts = {item.headline: item.extract for item in tide.edition().items}
    tide.archive.close()
    assert "" == extracts["Story /story-1"]
    assert extracts["Story /story-7"]
