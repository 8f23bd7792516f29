"""
Passes over a local site whose publisher wishes something: what is kept, quoted, handed on and asked
for.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from samples import rows
from sites import Answer, Desk, page, serve, story

from archive.cli import cli
from archive.edition.formats import FORMATS
from archive.edition.render import render
from archive.run.reread import wishes_again
from archive.store.captures import read_capture
from scraper.model import Wish
from scraper.read import Document, Reader

HOST = "127.3.0.7"
TDM_FILE = "/.well-known/tdmrep.json"


@dataclass
class Wishing:
    """
    A site that says something with every article: in headers, in the head of the page, or with a
    status.
    """

    headers: list[tuple[str, str]] = field(default_factory=list)
    head: str = ""
    status: int = 200

    def answer(self, path, _):
        return Answer(self.head + page(f"Story {path}", story(path)), self.status, list(self.headers))


@pytest.fixture
def visit(tmp_path):
    """Makes a pass over a site with one article, and gives the desk and the result."""
    desks = []

    def make(rules, *, respect=True, keeps_noarchive=True, files=None, passes=1, after=lambda: None):
        with serve(rules, HOST, count=1) as site:
            site.host_files.update(files or {})
            desk = Desk(tmp_path, site)
            desks.append(desk)
            if not respect:
                desk.settings = replace(desk.settings, fetch=replace(desk.settings.fetch, respect_wishes=False))
            places = replace(desk.settings.archive, noarchive_captures=keeps_noarchive)
            desk.settings = replace(desk.settings, archive=places)
            for _ in range(passes):
                desk.result = desk.make_pass()
                desk.paths = [path for path, _ in site.asked]
                after()
        return desk

    yield make
    for made in desks:
        made.archive.close()


def the_article(desk):
    (stored,) = desk.archive.articles()
    return stored


def export(desk, *arguments):
    desk.archive.close()
    result = CliRunner().invoke(cli, ["--archive", str(desk.settings.archive.database), "export", *arguments])
    assert 0 == result.exit_code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_what_is_said_is_recorded_verbatim_with_the_request_and_the_article(visit):
    head = '<link rel="license" type="application/rsl+xml" href="/rsl.xml">'
    files = {"/robots.txt": Answer("License: https://tide.example/all.xml\n")}
    desk = visit(Wishing([("X-Robots-Tag", "otherbot: noindex")], head), files=files)
    said = the_article(desk).article.wishes
    licences = [f"{desk.site.home}rsl.xml", "https://tide.example/all.xml"]
    assert ["otherbot: noindex", *licences] == [wish.value for wish in said]
    ((recorded,),) = rows(desk.archive, "SELECT wishes FROM requests WHERE purpose = 'article'")
    assert ["header", "link", "robots.txt"] == [wish["where"] for wish in json.loads(recorded)]


def test_nothing_is_limited_where_nothing_is_wished(visit):
    desk = visit(Wishing())
    assert [(None,)] == rows(desk.archive, "SELECT wishes FROM requests WHERE purpose = 'article'")
    assert (False, 1) == (the_article(desk).private, len(rows(desk.archive, "SELECT * FROM captures")))


def test_noarchive_keeps_the_raw_response_apart_and_the_article_for_the_reader_alone(visit):
    desk = visit(Wishing(head='<meta name="robots" content="noarchive">'))
    stored = the_article(desk)
    ((file, private),) = rows(desk.archive, "SELECT warc_file, private FROM captures")
    assert "-private-" in file
    assert private
    assert [file] == [path.name for path in desk.settings.archive.warc_folder.glob("*")]
    assert 0o600 == (desk.settings.archive.warc_folder / file).stat().st_mode & 0o777
    assert 1 == desk.archive.current_capture_count()  # what `presswatch reread` reads
    assert stored.private
    assert story("/story-1")[0] in stored.article.body
    (item,) = desk.edition().items
    assert ("", "the publisher wants no copy shown") == (item.extract, item.limited_by)
    articles, message = export(desk)
    assert [] == articles
    assert "1 article kept for you alone" in message


def test_a_setting_keeps_no_raw_response_of_noarchive(visit):
    desk = visit(Wishing(head='<meta name="robots" content="noarchive">'), keeps_noarchive=False)
    assert [] == rows(desk.archive, "SELECT * FROM captures")
    assert [] == list(desk.settings.archive.warc_folder.glob("*"))
    assert the_article(desk).private


def test_noarchive_taken_back_makes_the_article_public_again(visit):
    rules = Wishing([("X-Robots-Tag", "noarchive")])
    desk = visit(rules, passes=2, after=rules.headers.clear)
    assert [(1,), (0,)] == rows(desk.archive, "SELECT private FROM captures ORDER BY id")
    assert not the_article(desk).private


def test_an_older_capture_read_again_does_not_forget_what_was_said_since(visit):
    """
    The text is the same, so that there is no newer revision; and of "noarchive" there is no
    capture.
    """
    rules = Wishing()
    desk = visit(rules, passes=2, after=lambda: rules.headers.append(("X-Robots-Tag", "noarchive")))
    (capture,) = desk.archive.current_captures()
    page = read_capture(desk.settings.archive.warc_folder, capture.warc_file, capture.warc_offset)
    stored = replace(the_article(desk), last_seen_at=page.at + timedelta(hours=1))
    assert (Wish("robots", "noarchive", "header"),) == wishes_again(
        stored, page, Reader().read(Document(page.body, page.url))
    )
    assert () == wishes_again(replace(stored, last_seen_at=page.at), page, Reader().read(Document(page.body, page.url)))


def test_a_setting_only_records(visit):
    rules = Wishing([("X-Robots-Tag", "noarchive, nosnippet"), ("tdm-reservation", "1")])
    desk = visit(rules, respect=False)
    assert 1 == len(rows(desk.archive, "SELECT * FROM captures"))
    assert TDM_FILE not in desk.paths
    stored = the_article(desk)
    assert (False, None, False) == (stored.private, stored.limits.snippet_length, stored.limits.tdm_reserved)
    assert 2 == len(stored.article.wishes)


def test_a_digest_and_an_export_quote_no_more_than_max_snippet(visit):
    desk = visit(Wishing([("X-Robots-Tag", "max-snippet:30")]))
    edition = desk.edition()
    for style in FORMATS:
        shown = " ".join(render(edition, style).split())
        assert ("no more than 30 characters" if style == "atom" else "short quote") in shown
        assert story("/story-1")[0][:40] not in shown
    ((exported,), _) = export(desk)
    assert len(exported["body"]) <= 30
    assert story("/story-1")[0][:40] not in json.dumps(exported)


def test_after_its_time_an_article_is_in_no_digest_and_no_export_and_not_asked_for_again(visit):
    past = (datetime.now(UTC) - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    desk = visit(Wishing([("X-Robots-Tag", f"unavailable_after: {past}")]), passes=2)
    assert "/story-1" not in desk.paths
    edition = desk.edition()
    assert () == edition.items
    assert [("The Tide", 1)] == [(one.where, one.count) for one in edition.unseen if "unavailable_after" in one.why]
    articles, message = export(desk, "--private", "--reserved")
    assert [] == articles
    assert "1 article not to be shown any more left out" in message


def test_before_its_time_it_is_there(visit):
    future = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    desk = visit(Wishing([("X-Robots-Tag", f"unavailable_after: {future}")]))
    assert 1 == len(desk.edition().items)
    assert 1 == len(export(desk)[0])


def test_reserved_articles_are_left_out_of_exports_for_programs_unless_asked_for(visit):
    desk = visit(Wishing([("tdm-reservation", "1")]))
    articles, message = export(desk)
    assert [] == articles
    assert "1 article reserved from text and data mining left out (--reserved)" in message
    assert 1 == len(export(desk, "--reserved")[0])
    desk.archive.close()
    result = CliRunner().invoke(
        cli, ["--archive", str(desk.settings.archive.database), "export", "--format", "markdown"]
    )
    assert "Story /story-1" in result.stdout


def test_the_file_of_a_host_is_asked_for_once_a_day_before_its_articles(visit):
    rules = [{"location": "/story-*", "tdm-reservation": 1, "tdm-policy": "https://tide.example/terms"}]
    desk = visit(Wishing(), files={TDM_FILE: Answer(json.dumps(rules))})
    assert desk.paths.index(TDM_FILE) < desk.paths.index("/story-1")
    stored = the_article(desk)
    assert stored.limits.tdm_reserved
    assert ["1", "https://tide.example/terms"] == [wish.value for wish in stored.article.wishes]
    desk.archive.close()
    again = visit(Wishing(), passes=2)
    assert TDM_FILE not in again.paths


def test_a_host_without_the_file_has_no_such_wish_and_that_is_no_failure(visit):
    desk = visit(Wishing())
    asked = "SELECT status, outcome FROM requests WHERE purpose IN ('robots', 'wishes')"
    assert [(404, "absent")] * 2 == rows(desk.archive, asked)
    assert 0 == desk.result.outcomes["failed"]
    assert [] == list(desk.result.problems)
    assert [(0,)] == rows(desk.archive, "SELECT failed_count FROM passes")


def test_robots_txt_holds_for_the_file_too(visit):
    files = {
        "/robots.txt": Answer("User-agent: *\nDisallow: /.well-known/\n"),
        TDM_FILE: Answer('[{"location": "/", "tdm-reservation": 1}]'),
    }
    desk = visit(Wishing(), files=files)
    assert TDM_FILE not in desk.paths
    assert not the_article(desk).limits.tdm_reserved


def test_a_price_for_crawlers_is_recorded_and_the_page_is_not_kept_nor_asked_for_again(visit):
    desk = visit(Wishing([("crawler-price", "USD 0.01")], status=402))
    assert 1 == desk.paths.count("/story-1")
    assert [] == list(desk.archive.articles())
    assert [] == rows(desk.archive, "SELECT * FROM captures")
    (request,) = rows(desk.archive, "SELECT reason, wishes FROM requests WHERE purpose = 'article'")
    assert "the server answers 402 Payment Required, and wants a price of crawlers: USD 0.01" == request[0]
    assert [{"name": "crawler-price", "value": "USD 0.01", "where": "header"}] == json.loads(request[1])


def test_read_shows_what_the_publisher_wishes(tmp_path):
    file = tmp_path / "page.html"
    file.write_text('<meta name="robots" content="nosnippet">' + page("Story", story("/story-1")), encoding="utf-8")
    shown = " ".join(CliRunner().invoke(cli, ["read", str(file)]).output.split())
    assert "robots “nosnippet” meta" in shown
    assert "Its publisher wants no text of it to be quoted." in shown
