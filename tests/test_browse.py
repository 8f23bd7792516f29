"""The archive in datasette: what readers see, and what hostile pages, queries and browsers cannot do."""

import asyncio
import hashlib
import json
import sqlite3
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import feedparser
import pytest
from datasette.app import Datasette
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from samples import HARBOUR, NOW, TIDE, article, body_of, full_article, keep, shelve
from selectolax.lexbor import LexborHTMLParser

from archive.browse.context import ARTICLE_COLUMNS
from archive.browse.serve import PLUGINS, SETTINGS, STATIC, TEMPLATES, Served, browse_command, browse_metadata
from archive.commands.served.browse import digest_folder, public_view
from archive.commands.starter import copy_starter
from archive.edition.build import build_edition
from archive.edition.deliver import write_files
from archive.judge.walls import WallFact, WallState
from archive.model import Description, Duplicate, Limits, Revise
from archive.settings import read_settings
from archive.show.article_page import render_time
from archive.show.markup import PassageKind, find_passages, render_block, render_spans
from archive.show.spans import read_spans
from archive.store import Archive
from archive.store.articles.columns import COLUMNS
from scraper.errors import ArchiveError
from scraper.model import (
    Access,
    AccessStatus,
    CheckOutcome,
    Evidence,
    Image,
    LabelledBlock,
    ListingKind,
    Role,
    Wish,
)

SHARED = Path(__file__).parents[2] / "shared"
FTS_QUERIES = SHARED / "conformance" / "security" / "fts_queries.json"
ZONE = "Europe/Berlin"
HOSTILE = "<script>alert(1)</script>"
QUERIES = (
    "search today latest by_source behind_walls wall_history wishes revisions duplicates learnt_templates "
    "lost_articles source_health cves cve feed".split()
)


# ---------------------------------------------------------------- an archive, and datasette on it


def block(role, text, markdown="", reason="model"):
    return LabelledBlock(role, text, reason, 0.75, markdown)


def fill(archive):
    """
    Articles 1 to 4: one with everything and a revision, its duplicate, a preview in Japanese, a
    hostile one.
    """
    archive.save_sources([TIDE, HARBOUR])
    archive.record_check(
        "harbour", "https://harbour.example/rss", ListingKind.FEED, NOW, CheckOutcome.HTML, detail="a page came"
    )
    text = body_of("gate")
    rich = replace(
        full_article(),
        blocks=(
            block(Role.NAV, "Home and weather", reason="nav-element"),
            block(Role.BODY, text),
            block(Role.SUBHEAD, "What was done", "## What was done"),
            block(Role.LIST, "Gates shut", "- Gates **shut**"),
            block(Role.LIST, "Roads shut", "- [Roads](https://roads.example/) shut"),
            block(Role.QUOTE, "One cable", "> One cable"),
            block(Role.BODY, "gate --open", "```\ngate --open\n```"),
            block(Role.PAYWALL, "You have read 2 of 3 free articles", reason="prompt-words"),
        ),
    )
    assert keep(archive, rich)[1] == 1
    revised = replace(rich, headline="Storm shuts three roads", blocks=(*rich.blocks, block(Role.BODY, "More soon.")))
    decision, _ = keep(archive, revised, NOW + timedelta(hours=1))
    assert isinstance(decision, Revise)
    copy = replace(revised, url="https://harbour.example/copy", canonical_url=None, headline="Three roads, one storm")
    decision, _ = keep(archive, copy, NOW + timedelta(hours=2), source="harbour")
    assert isinstance(decision, Duplicate)
    walled = Access(AccessStatus.PREVIEW, complete=False, cut_by="paywall", explanation="The text breaks off.")
    keep(archive, article("https://tide.example/jp", "水門が開いた。", headline="東京湾の水門", access=walled))
    evidence = (Evidence(HOSTILE, HOSTILE, HOSTILE, HOSTILE),)
    hostile = article(
        "https://tide.example/hostile",
        headline=HOSTILE,
        kicker=HOSTILE,
        dek=HOSTILE,
        authors=(HOSTILE,),
        language='"><script>',
        blocks=(
            block(Role.BODY, f"{HOSTILE} here", r"\<script\>alert(1)\</script\> [here](javascript:alert)"),
            block(Role.PAYWALL, HOSTILE),
        ),
        images=(Image("javascript:alert(2)", HOSTILE, HOSTILE, HOSTILE),),
        access=Access(AccessStatus.UNKNOWN, None, HOSTILE, HOSTILE, evidence),
        published_raw=HOSTILE,
    )
    assert keep(archive, hostile)[1] == 4


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    database = tmp_path_factory.mktemp("filled") / "news archive.db"
    with Archive.open(database, write=True) as archive:
        fill(archive)
    return database


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    database = tmp_path_factory.mktemp("empty") / "presswatch.db"
    with Archive.open(database, write=True):
        return database


def with_datasette(database, use, *, private=False, **facts):
    """
    What *use* gives for a datasette that is set up as the command sets it up; *facts* are of
    `Served`.
    """
    served = Served(database, timezone=ZONE, **facts)
    served = served if private else public_view(served)

    async def run():
        datasette = Datasette(
            [str(served.database)],
            metadata=browse_metadata(served),
            template_dir=str(TEMPLATES),
            plugins_dir=str(PLUGINS),
            static_mounts=[(STATIC[0], str(STATIC[1]))],
            settings=SETTINGS,
        )
        try:
            return await use(datasette)
        finally:
            datasette.executor.shutdown()
            if hasattr(datasette, "presswatch_follower"):
                datasette.presswatch_follower.close()
            datasette.get_database().close()

    return asyncio.run(run())


def answers(database, *paths, **facts):
    """The responses to GET requests, one after the other; "DB" stands for the path of the database."""

    async def ask(datasette):
        at = datasette.urls.database(datasette.get_database().name)
        return [await datasette.client.get(path.replace("DB", at, 1)) for path in paths]

    return with_datasette(database, ask, **facts)


def page(database, path, **facts):
    (answer,) = answers(database, path, **facts)
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def shown(tree, selector):
    """The texts of the elements, white space squashed."""
    return [" ".join(node.text().split()) for node in tree.css(selector)]


# ---------------------------------------------------------------- what was read with a subscription


SECRET = "zweitausend Pegel"


def keep_private(archive, number=0, **facts):
    """An article that came to the reader's own cookies; its text has words that stand nowhere else."""
    text = f"{SECRET} {body_of(f'secret{number}')}"
    new = article(
        f"https://tide.example/own-{number}",
        text,
        headline=f"Tide tables {number}",
        dek="What the gauge said.",
        authors=("Ida Secretary",),
        images=(Image("https://tide.example/own.jpg", f"{SECRET} caption", None, SECRET),),
        access=Access(AccessStatus.FULL_SUBSCRIBER, True, None, SECRET, (Evidence(SECRET, SECRET, SECRET, SECRET),)),
        cves=("CVE-2026-9999",),
        **facts,
    )
    _, article_id = keep(archive, new, private=True)
    return article_id


def test_the_first_private_article_interrupts_nothing_and_is_told_without_its_text(tmp_path):
    """Browse was started before it came."""
    database = tmp_path / "archive.db"
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE])
        keep(archive, full_article())

        async def ask(datasette):
            paths = ["/", "/article/1", "/article/2", "/archive/articles", "/archive/latest.json", "/archive.json"]
            paths += ["/archive/search?q=tables", "/archive/feed.atom", "/archive/search.json?q=Pegel"]
            sql = {"sql": "select * from articles join blocks on 1"}
            paths += [f"/archive.json?{urlencode(sql)}"]
            before = [(await datasette.client.get(path)).status_code for path in paths]
            keep_private(archive)
            after = [await datasette.client.get(path) for path in paths]
            return before, after

        before, after = with_datasette(database, ask)
    assert [200, 200, 404, *[200] * 7] == before
    assert [200] * len(after) == [answer.status_code for answer in after]
    assert [] == [answer.url.path for answer in after if SECRET in answer.text or "secret0" in answer.text.lower()]
    told = LexborHTMLParser(after[2].text)
    assert ["Tide tables 0"] == shown(told, "h1")
    assert ["What the gauge said."] == shown(told, ".pw-dek")
    assert "presswatch browse --private" in shown(told, ".pw-told")[0]
    assert "https://tide.example/own-0" == told.css_first(".pw-source-link a").attributes["href"]
    assert "yours alone" in shown(LexborHTMLParser(after[0].text), ".pw-list .pw-chip")
    assert "Tide tables 0" in after[6].text


def test_the_owner_sees_the_archive_itself_live(tmp_path):
    database = tmp_path / "archive.db"
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE])
        keep(archive, full_article())

        async def ask(datasette):
            before = await datasette.client.get("/article/2")
            keep_private(archive)
            return before, await datasette.client.get("/article/2")

        before, after = with_datasette(database, ask, private=True)
    assert (404, 200) == (before.status_code, after.status_code)
    assert SECRET in shown(LexborHTMLParser(after.text), ".pw-body")[0]
    assert not (tmp_path / "public").exists()


# ---------------------------------------------------------------- hosts and memory


def test_a_request_for_a_host_that_is_not_known_is_refused_and_the_setting_named(filled):
    """A name that its owner lets point to this machine (DNS rebinding) brings no page of ours to his."""

    async def ask(datasette):
        hosts = [
            "evil.example",
            "localhost.evil.example:8001",
            "127.0.0.1.evil.example",
            "news.example",
            "",
            "10.1.2.3",
        ]
        refused = [await datasette.client.get("/", headers={"Host": host}) for host in hosts]
        hosts = ["localhost", "LOCALHOST:8001", "127.0.0.1:8001", "127.9.9.9", "[::1]:8001", "Press.Example:443"]
        return refused, [await datasette.client.get("/", headers={"Host": host}) for host in hosts]

    refused, answered = with_datasette(filled, ask, hosts=("press.example",))
    assert [400] * 6 == [answer.status_code for answer in refused]
    assert all("[browse] hosts" in answer.text for answer in refused)
    assert all("Storm" not in answer.text for answer in refused)
    assert "content-security-policy" in refused[0].headers
    assert [200] * 6 == [answer.status_code for answer in answered]


COUNT = "with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) select {} from n"
GROWING = "with recursive t(x) as (select '{0}' union all select replace(x, 'a', '{0}') from t) select length(x) from t"
HUNGRY = [
    "select length(randomblob(900000000))",
    "select hex(zeroblob(400000000))",
    COUNT.format(100_000, "group_concat(hex(zeroblob(100000)))"),
    COUNT.format(900, "hex(zeroblob(1000000))"),
    GROWING.format("a" * 16),
    "select " + ", ".join(["hex(zeroblob(15000000))"] * 100),
    COUNT.format(10_000_000, "json_group_array(randomblob(100) || i)").replace(
        "randomblob(100)", "hex(randomblob(100))"
    ),
]


def test_a_hungry_statement_ends_before_it_takes_the_memory(filled):
    """In a process of its own, as the command sets it up: it bounds what SQLite takes there."""
    command = browse_command(public_view(Served(filled)), host="127.0.0.1", port=8001, open_browser=False)
    metadata = Path(command[command.index("--metadata") + 1]).read_text(encoding="utf-8")
    Path(command[command.index("--metadata") + 1]).unlink()
    script = f"""
import asyncio, json, resource, sys
from urllib.parse import urlencode
from datasette.app import Datasette
async def ask():
    datasette = Datasette({[str(public_view(Served(filled)).database)]!r}, metadata=json.loads({metadata!r}),
        template_dir={str(TEMPLATES)!r}, plugins_dir={str(PLUGINS)!r}, settings={SETTINGS!r})
    at = datasette.urls.database(datasette.get_database().name)
    for sql in json.load(sys.stdin):
        for form in (".json", ""):
            answer = await datasette.client.get(at + form + "?" + urlencode({{"sql": sql}}))
            print(answer.status_code, len(answer.content), answer.text[:200].replace(chr(10), " "))
    print((await datasette.client.get("/article/1")).status_code)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    datasette.presswatch_follower.close()
asyncio.run(ask())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(HUNGRY),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    *lines, article_status, kilobytes = done.stdout.splitlines()
    assert 2 * len(HUNGRY) == len(lines)
    assert [] == [line for line in lines if line.startswith("500")]
    assert "200" == article_status
    assert int(kilobytes) < 1_000_000


def test_an_error_that_nobody_foresaw_is_told_in_short(filled, capsys):
    """Datasette would print all values around it, and answer nobody meanwhile."""

    async def ask(datasette):
        await datasette.invoke_startup()
        datasette.get_database().path = "/nowhere/at/all.db"
        return await datasette.client.get("/walls")

    answer = with_datasette(filled, ask)
    assert 500 == answer.status_code
    assert "standard error tells which" in answer.text
    assert len(capsys.readouterr().err) < 10_000


# ---------------------------------------------------------------- digests and feeds


def test_digests_are_listed_and_shown_without_what_is_withheld_by_now(tmp_path):
    database, folder = tmp_path / "archive.db", tmp_path / "digests"
    folder.mkdir()
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE])
        for number in (1, 2, 3):
            keep(
                archive,
                article(f"https://tide.example/{number}", body_of(f"gauge{number}"), headline=f"Gauge {number}"),
            )
        stored = list(archive.articles())
        edition = build_edition(
            stored, since=NOW, until=NOW + timedelta(days=1), timezone="UTC", title="D", made_at=NOW
        )
        (written,) = write_files(edition, folder, ["html"])
        archive.save_limits(2, (), Limits(noarchive=True))
        archive.save_limits(3, (), Limits(unavailable_after=NOW))
    (folder / "2026-03-01-1.eml").write_text("to a reader")
    (folder / ".2026-03-01.html.x").write_text("half")
    (tmp_path / "2026-03-09.html").write_text("beside")
    name = written.stem
    listed, shown_page, *others = answers(
        database, "/digests", f"/digests/{name}", "/digests/2026-03-01-1", "/digests/..%2f2026-03-09", digests=folder
    )
    assert [name] == shown(LexborHTMLParser(listed.text), "section li")
    assert "default-src 'none'" in shown_page.headers["content-security-policy"]
    assert "gauge1one0" in shown_page.text
    assert "Gauge 2" in shown_page.text
    assert "gauge2one0" not in shown_page.text
    assert "Gauge 3" not in shown_page.text
    assert [] == [answer.text for answer in others if answer.status_code == 200]
    assert "gauge2one0" in written.read_text(encoding="utf-8")


def test_a_page_of_digests_says_when_there_are_none(filled, tmp_path):
    assert "No digest has been written yet" in page(filled, "/digests", digests=tmp_path / "none").text()
    assert "No configuration says where" in page(filled, "/digests").text()


def test_an_archive_that_is_named_shows_the_digests_that_lie_beside_it(tmp_path):
    """
    The demo's, looked at from a folder that has a configuration: that one's digests are of another
    archive.
    """
    copy_starter(tmp_path / "config")
    settings = read_settings(tmp_path / "config", environ={})
    database = tmp_path / "demo" / "archive.db"
    assert settings.digest.folder == digest_folder(database, settings, is_named=True)
    (database.parent / "digests").mkdir(parents=True)
    assert database.parent / "digests" == digest_folder(database, settings, is_named=True)
    assert settings.digest.folder == digest_folder(database, settings, is_named=False)
    assert digest_folder(tmp_path / "archive.db", None, is_named=True) is None


def test_every_feed_says_in_its_title_what_is_in_it_and_every_page_names_that_of_all(filled):
    tree = page(filled, "/")
    links = {
        link.attributes["title"]: link.attributes["href"] for link in tree.css('link[type="application/atom+xml"]')
    }
    assert {"presswatch: latest articles"} == set(links)
    links |= {"presswatch: The Tide": "DB/feed.atom?source=tide"}
    paths = [*links.values(), "DB/feed.atom?source=tide&q=gate <0>", "DB/feed.atom?source=nobody"]
    titles = [feedparser.parse(answer.content).feed.title for answer in answers(filled, *paths)]
    assert [*links, "presswatch: The Tide, “gate <0>”", "presswatch: nobody"] == titles


# ---------------------------------------------------------------- wishes and walls


@pytest.fixture
def watched(tmp_path):
    """An archive with an article whose publisher wishes something, and the history of a wall."""
    database = tmp_path / "a.db"
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE])
        wish = Wish("robots", "max-snippet:9", "meta")
        text = (block(Role.BODY, "The storm shut two roads."), block(Role.NAV, "Home and weather"))
        _, article_id = keep(archive, article(dek="Two roads are shut.", blocks=text, wishes=(wish,)))
        archive.save_limits(article_id, (wish,), Limits(snippet_length=9))
        for day, amount in ((0, 5), (30, 3)):
            state = WallState(WallFact.ALLOWANCE, amount, period="month")
            at = NOW + timedelta(days=day)
            archive.note_walls("tide.example", [state], at, source="tide", article_id=article_id, capture_id=None)
    return database


def test_article_page_quotes_the_publishers_wishes_and_says_what_they_limit(watched):
    tree = page(watched, "/article/1")
    assert ["max-snippet:9"] == shown(tree, "#wishes q")
    assert "no more than 9 characters" in shown(tree, "#wishes p")[0]
    assert ["The storm shut two roads."] == shown(tree, ".pw-body p")  # its own page is no snippet


def test_lists_searches_and_the_feed_quote_no_more_than_is_wished(watched):
    latest, found, feed = answers(watched, "/", "/search?q=storm", "DB/feed.atom")
    assert ["Two road…"] == shown(LexborHTMLParser(latest.text), ".pw-line")
    assert all(len(snippet) <= 9 for snippet in shown(LexborHTMLParser(found.text), ".pw-snippet"))
    assert "Two roads\n" in feedparser.parse(feed.content).entries[0].content[0].value


def test_an_article_whose_time_is_over_shows_no_text(watched):
    with Archive.open(watched, write=True) as archive:
        archive.save_limits(1, (), Limits(unavailable_after=NOW))
    (gone,) = answers(watched, "/article/1")
    assert 404 == gone.status_code
    answer, feed = answers(watched, "/article/1", "DB/feed.atom", private=True)
    tree = LexborHTMLParser(answer.text)
    assert ["Its publisher does not want it shown any more."] == shown(tree, ".pw-body p")
    assert "two roads" not in tree.css_first(".pw-body").text()
    assert "Home and weather" not in answer.text
    assert "Two roads are shut" not in answer.text
    assert "storm" not in feed.text


def test_an_article_of_which_no_copy_is_to_be_shown_is_told_with_the_reason(watched):
    with Archive.open(watched, write=True) as archive:
        archive.save_limits(1, (), Limits(noarchive=True))
    assert "Its publisher wants no copy of it shown to others." in shown(page(watched, "/article/1"), ".pw-told")[0]
    assert "storm" in shown(page(watched, "/article/1", private=True), ".pw-body")[0]


def test_each_outlet_has_the_history_of_its_wall_as_a_chart_and_in_words(watched):
    tree = page(watched, "/walls/tide.example")
    assert ["Free articles"] == shown(tree, "figcaption")
    assert 2 == len(tree.css("svg .pw-line"))
    assert ["5 free articles a month", "3 free articles a month"] == shown(tree, "tbody th")
    assert "/article/1" == tree.css_first("tbody a").attributes["href"]
    assert "/walls/tide.example" == page(watched, "/article/1").css_first("#access a").attributes["href"]
    assert [] == tree.css("section.content script")
    (row,) = page(watched, "/walls").css("tbody tr")
    assert "3 free articles a month" in row.text()
    assert "5 free" not in row.text()
    (link, *_) = page(watched, "DB/wall_history").css("td.col-site a")
    assert "/walls/tide.example" == link.attributes["href"]


def test_an_outlet_without_a_wall_is_not_found_and_no_wall_at_all_says_so(empty):
    assert [404, 200] == [answer.status_code for answer in answers(empty, "/walls/tide.example", "/walls")]
    assert "No page has shown free articles or a price yet." in answers(empty, "/walls")[0].text


# ---------------------------------------------------------------- the article page


def test_article_page_has_headline_dek_byline_source_and_local_time(filled):
    tree = page(filled, "/article/1")
    assert ["Weather"] == shown(tree, ".pw-kicker")
    assert ["Storm shuts three roads"] == shown(tree, "article h1")
    assert ["Two roads are shut."] == shown(tree, ".pw-head .pw-dek")
    (byline,) = shown(tree, ".pw-byline")
    assert byline.startswith("Ada Mole, Jr., 李 四 · The Tide · 1 March 2026, 07:00")
    assert "2026-03-01 06:00 UTC" == tree.css_first(".pw-byline time").attributes["title"]


def test_article_page_sets_the_body_from_its_blocks(filled):
    tree = page(filled, "/article/1")
    assert ["What was done"] == shown(tree, ".pw-body h2")
    assert ["Gates shut", "Roads shut"] == shown(tree, ".pw-body ul li")
    assert ["shut"] == shown(tree, ".pw-body strong")
    assert ["One cable"] == shown(tree, ".pw-body blockquote p")
    assert ["gate --open"] == shown(tree, ".pw-body pre code")
    link = tree.css_first(".pw-body a").attributes
    assert {"href": "https://roads.example/", "rel": "noopener noreferrer nofollow"} == link


def test_article_page_names_pictures_and_does_not_load_them(filled):
    tree = page(filled, "/article/1")
    assert ["Waves Photo: Bo Picture at the publisher"] == shown(tree, "figcaption")
    assert [] == tree.css("img, picture, video, iframe, object, embed")


def test_article_page_says_who_may_read_what_was_served_and_why_we_think_so(filled):
    tree = page(filled, "/article/1")
    (access,) = shown(tree, "#access")
    assert "Readers have a number of free articles. The text was cut short by a paywall. A meter is named." in access
    assert "3 free articles · 2 read · 1 left · from €4.50 a month" in access
    assert ["2 of 3 articles", "False"] == shown(tree, "#access q")
    assert ["metered, cut short"] == shown(tree, ".pw-chips .pw-chip-metered")


def test_article_page_leads_to_the_same_report_elsewhere(filled):
    (link,) = page(filled, "/article/1").css("#duplicates a")
    assert ("/article/2", "Three roads, one storm") == (link.attributes["href"], link.text())


def test_article_page_shows_what_a_revision_changed(filled):
    tree = page(filled, "/article/1")
    assert ["More soon."] == shown(tree, "#revisions ins")
    assert ["Version 2, 2 March 2026, 08:00 CET", "Version 1, 2 March 2026, 07:00 CET"] == [
        heading.split(" 1 paragraph")[0] for heading in shown(tree, "#revisions h3")
    ]


def test_article_page_keeps_everything_else_with_role_and_reason(filled):
    rows = page(filled, "/article/1").css(".pw-blocks tbody tr")
    expected = [
        ["nav", "Home and weather", "nav-element, 75%"],
        ["paywall", "You have read 2 of 3 free articles", "prompt-words, 75%"],
    ]
    assert expected == [[cell.text() for cell in row.css("th, td")] for row in rows]


def test_cves_lead_to_every_article_that_names_them(filled):
    chips = page(filled, "/article/1").css(".pw-chip-cve")
    assert ["CVE-2026-0002", "CVE-2026-0001"] == [chip.text() for chip in chips]
    rows = page(filled, chips[0].attributes["href"]).css(".pw-row .pw-headline a, .pw-row .pw-places a")
    assert {"/article/1", "/article/2"} == {link.attributes["href"] for link in rows}, "the report, and its copy"


@pytest.mark.parametrize("article_id", ["0", "99", "9" * 30, "abc", "-1", "1/2"])
def test_an_article_that_is_not_there_is_not_found(filled, article_id):
    (answer,) = answers(filled, f"/article/{article_id}")
    assert 404 == answer.status_code
    assert "presswatch" in answer.text


def test_a_not_found_page_prints_nothing_to_the_terminal(filled, capfd):
    """Datasette's own handler prints all local values where rich can be imported."""
    answers(filled, "/article/99", "/nothing", "DB/nothing", "DB?sql=nonsense", "DB/nothing.json")
    assert ("", "") == capfd.readouterr()


# ---------------------------------------------------------------- hostile texts

_PIECES = st.sampled_from(
    [
        *r"< > \" ' & ` * [ ] ( ) \ = { } % #".split(),
        *("\x00", "\n", "\u2028", "\ud83d", "](", "<!--", "onerror=", "{{ 7*7 }}", "javascript:", "data:text/html,"),
        *("<script>", "</script>", "<img src=x>", "](javascript:x)", "](https://a.example/)"),
    ]
)
hostile_texts = st.lists(_PIECES | st.text(max_size=5), max_size=12).map("".join)
ALLOWED_TAGS = set(
    "a article b blockquote br code dd del details div dl dt em figcaption figure h1 h2 h3 h4 header ins li nav ol p "
    "pre q section span strong summary table tbody td th thead time tr ul".split()
)


def assert_harmless(html):
    """
    Between our own tags stands nothing that runs, loads or leads to anything but a web page or
    ourselves.
    """
    content = LexborHTMLParser(html).css_first("main.content")
    for node in content.css("*"):
        if node.tag in {"main", "section"}:
            continue
        assert node.tag in ALLOWED_TAGS, node.html
        for name, value in node.attributes.items():
            assert not name.startswith("on"), node.html
            assert name not in {"src", "srcset", "style", "srcdoc", "formaction"}, node.html
            assert name != "href" or value.startswith(("https://", "http://", "/", "#")), node.html


def test_hostile_strings_are_shown_as_they_stand(filled):
    found = answers(filled, "/article/4", "/", "DB/articles", "DB/search?q=alert", "/search?q=alert")
    assert_harmless(found[0].text)
    assert_harmless(found[1].text)
    for answer in found:
        assert HOSTILE not in answer.text
        assert "&lt;script&gt;" in answer.text
        assert 'href="javascript' not in answer.text


@settings(max_examples=15, deadline=None)
@given(texts=st.tuples(*[hostile_texts] * 6))
def test_no_text_from_the_web_becomes_markup(texts, tmp_path_factory):
    headline, body, markdown, caption, value, url = texts
    database = tmp_path_factory.mktemp("any") / "a.db"
    with Archive.open(database, write=True) as archive:
        keep(
            archive,
            article(
                headline=headline,
                blocks=(
                    block(Role.BODY, body, markdown),
                    block(Role.LIST, body, f"- {markdown}"),
                    block(Role.NAV, body),
                ),
                images=(Image(url, caption, caption, caption),),
                access=Access(AccessStatus.UNKNOWN, None, None, value, (Evidence(value, value, value, value),)),
                language=headline,
                cves=(value,),
            ),
            source=None,
        )
    answer, feed = answers(database, "/article/1", "DB/feed.atom")
    assert 200 == answer.status_code == feed.status_code
    assert_harmless(answer.text)
    assert not feedparser.parse(feed.content).bozo


@given(st.text() | hostile_texts, hostile_texts)
def test_any_block_is_escaped(text, markdown):
    rendered = render_block(block(Role.BODY, text, markdown))
    assert isinstance(rendered, Markup)
    tree = LexborHTMLParser(f"<div>{rendered}</div>")
    assert {node.tag for node in tree.css("div *")} <= {"a", "strong", "em", "code", "br"}


# ---------------------------------------------------------------- markup


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("***both***", "<strong><em>both</em></strong>"),
        ("*a **b** c*", "<em>a <strong>b</strong> c</em>"),
        ("**「水門」**が", "<strong>「水門」</strong>が"),
        ("`a_b*`", "<code>a_b*</code>"),
        ("`` `a`b ``", "<code>`a`b</code>"),
        ("one  \ntwo", "one<br>two"),
        ("AT&amp;T", "AT&amp;amp;T"),
        (r"**Two** men \*held\* & [freed](javascript:x)", "<strong>Two</strong> men *held* &amp; freed"),
    ],
)
def test_inline_marks_are_read_as_they_were_written(markdown, html):
    assert html == render_spans(read_spans(markdown))


@pytest.mark.parametrize("markdown", ["**a", "a](b)", "[a", "[**a](https://x.example/)**", "`a"])
def test_marks_that_do_not_fit_leave_the_plain_text(markdown):
    assert Markup("plain &amp; simple") == render_block(block(Role.BODY, "plain & simple", markdown))


def test_a_link_with_parentheses_is_read():
    html = render_spans(read_spans("[a](<https://x.example/a(b)>)"))
    assert '<a href="https://x.example/a(b)" rel="noopener noreferrer nofollow">a</a>' == html


def test_a_paragraph_that_begins_with_a_dash_keeps_it():
    assert "- said one" == render_block(block(Role.BODY, "- said one", "- said one"))


def test_neighbours_of_one_kind_are_one_passage():
    blocks = [block(Role.LIST, "a", "1. a"), block(Role.LIST, "b", "1. b"), block(Role.NAV, "x"), block(Role.BODY, "c")]
    found = find_passages(blocks)
    assert [(PassageKind.NUMBERED, ("a", "b")), (PassageKind.PARAGRAPH, ("c",))] == [(p.kind, p.texts) for p in found]


def test_the_first_and_last_moments_are_shown_in_utc():
    assert "9999-12-31 23:59" in render_time(datetime.max.replace(tzinfo=UTC), ZoneInfo(ZONE))


# ---------------------------------------------------------------- front page, tables, queries


def test_today_names_the_sources_that_could_not_be_asked_and_counts_the_others(filled):
    tree = page(filled, "/")
    assert ["Sources: 0 well, 1 not: Harbour Post, 1 not visited yet"] == shown(tree, ".pw-state summary")
    assert ["Harbour Post: html instead of xml, 2026-03-02 07:00 CET; a page came"] == shown(tree, ".pw-health li")


def test_today_falls_back_to_the_last_day_of_which_there_is_something(filled):
    tree = page(filled, "/")
    assert ["Nothing new today"] == shown(tree, "h1")
    assert "2 March 2026, 09:00 CET" in shown(tree, "h1 + .pw-facts")[0]
    assert "Storm shuts three roads" in shown(tree, ".pw-headline")


def test_today_of_an_empty_archive_says_so(empty):
    assert ["The archive is empty"] == shown(page(empty, "/"), "h1")


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    return fill_day(tmp_path_factory.mktemp("busy") / "presswatch.db")


def fill_day(database):
    """
    A day with a story at three outlets, of which one copied; another one at two, both of their own;
    what one outlet alone has; and an article of three days ago.
    """
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)
    storm, gate, gale = body_of("storm", length=80), body_of("gate", length=80), body_of("gale", length=80)
    wire = replace(TIDE, name="wire", title="Wire", home_url="https://wire.example/")
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE, HARBOUR, wire])

        def add(source, name, text, hours, **facts):
            at = now + timedelta(hours=hours)
            new = article(f"https://{source}.example/{name}", text, headline=name, published_at=at, **facts)
            return keep(archive, new, at, source=source)[1]

        add("tide", "Old", body_of("old"), -72)
        first = add("tide", "Storm", storm, 0, cves=("CVE-2026-0007",), access=CUT)
        copied = add("harbour", "Storm again", storm, 1)
        own = add("wire", "Storm seen", gale, 2, language="de", dek="Was der Sturm tat.")
        gates = add("harbour", "Gate", gate, 3), add("wire", "Gate shut", body_of("door", length=80), 4)
        add("tide", "Alone", body_of("alone"), 4, access=CUT)
        for ids in ((first, copied, own), gates):
            members = [replace(story_article(archive, one), story_id=None) for one in ids]
            story_id = archive.put_into_story(None, members, is_provisional=False)
            archive.describe_story(story_id, Description(ids[0], ("roads",)))
    return database


def story_article(archive, article_id):
    return next(one for one in archive.articles_without_story(100) if one.article_id == article_id)


def test_today_leads_with_what_most_report_in_words_of_their_own_then_goes_by_time(busy):
    tree = page(busy, "/")
    assert ["Today"] == shown(tree, "h1")
    assert ["Storm", "Gate"] == shown(tree, ".pw-leads .pw-headline")
    assert ["2 independent of 3 · The Tide, Harbour Post, Wire", "2 independent of 2 · Harbour Post, Wire"] == shown(
        tree, ".pw-leads .pw-headline ~ .pw-facts:nth-of-type(2)"
    )
    assert ["/story/1", "/story/2"] == [link.attributes["href"] for link in tree.css(".pw-leads .pw-headline a")]
    assert ["Alone"] == shown(tree, "#all ~ .pw-list .pw-headline")


def test_a_row_of_today_says_who_may_read_where_it_is_free_and_which_cve_it_names(busy):
    storm = page(busy, "/").css_first(".pw-leads .pw-row")
    assert ["metered, cut short", "CVE-2026-0007"] == shown(storm, ".pw-chip")
    assert "free at Harbour Post" in shown(storm, ".pw-facts")[-1]


def test_a_text_of_a_list_says_in_which_language_it_is(busy):
    assert ["Storm seen", "Was der Sturm tat."] == shown(page(busy, "/story/1"), 'h4[lang="de"], p[lang="de"]')


def test_the_page_of_an_article_says_the_language_of_whatever_is_quoted_from_it(filled):
    tree = page(filled, "/article/1")
    english = "figcaption span, .pw-body, .pw-evidence q, .pw-changes dd, .pw-blocks td[dir], #duplicates a"
    quoted = [node for node in tree.css(english) if "without a caption" not in node.text()]
    assert [] == [node.html for node in quoted if node.attributes.get("lang") != "en"]
    assert len(quoted) == 10


def test_a_story_tells_who_had_it_first_who_copied_and_what_each_adds(busy):
    tree = page(busy, "/story/1")
    assert ["Storm"] == shown(tree, "h1")
    assert "3 articles, 2 independent reports; first at The Tide" in shown(tree, "#first ~ p")
    rows = [[cell.text().strip() for cell in row.css("td")][1:] for row in tree.css(".pw-echoes tbody tr")]
    assert [
        ["The Tide", "first", "100%"],
        ["Harbour Post", "a copy of The Tide", "0%"],
        ["Wire", "a report of its own", "100%"],
    ] == rows
    assert ["Storm", "Storm again", "Storm seen"] == shown(tree, ".pw-timeline .pw-headline")
    assert tree.css_first('a[href$="feed.atom?q=story%3A1"]')
    assert [404] == [answer.status_code for answer in answers(busy, "/story/99")]
    assert ["/story/1"] == [link.attributes["href"] for link in page(busy, "/article/2").css('a[href^="/story/"]')]


def test_changes_show_what_was_replaced_before_what_was_added_word_by_word(tmp_path):
    database = tmp_path / "a.db"
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE])
        for name, old, new in (
            ("corrected", "Two men were held at the gate on Monday.", "Three men were held at the gate on Monday."),
            ("longer", "The mole is shut for the day.", "The mole is shut for the day.\n\nIt opens at six."),
        ):
            first = article(f"https://tide.example/{name}", old, headline=name)
            keep(archive, first)
            keep(archive, replace(first, blocks=article(body=new).blocks), NOW + timedelta(hours=1))
        keep(archive, article("https://tide.example/still", "Nothing new."))
    tree = page(database, "/changes")
    assert ["corrected", "longer"] == shown(tree, ".pw-headline")
    assert (["Two"], ["Three", "It opens at six."]) == (shown(tree, "del"), shown(tree, "ins"))
    assert ["Three men were held at the gate on Monday."] == [
        text.removeprefix("Two") for text in shown(tree, "#replaced ~ .pw-list .pw-diff")
    ]


def test_cves_are_told_with_their_latest_headline_and_all_outlets(busy):
    tree = page(busy, "/cves")
    assert ["CVE-2026-0007"] == shown(tree, ".pw-headline")
    assert ["Storm"] == shown(tree, ".pw-line")
    assert "1 article · The Tide · first seen" in shown(tree, ".pw-row .pw-facts")[0]
    assert "/search?q=cve%3ACVE-2026-0007" == tree.css_first(".pw-headline a").attributes["href"]


def test_sources_that_go_wrong_come_first_with_what_came_and_how_much_was_whole(busy, filled):
    assert ["Harbour Post", "The Tide"] == shown(page(filled, "/sources"), "tbody th a")
    tree = page(busy, "/sources")
    rows = {row.css_first("th a").text(): shown(row, "td") for row in tree.css("tbody tr")}
    assert ["not visited yet", "every 1h", "3", "33%", "33%", "feed, site"] == rows["The Tide"]
    assert "Articles a day, 14 to" in tree.css_first("svg").attributes["aria-label"]
    assert "presswatch: Wire" in [link.attributes.get("title") for link in tree.css("link[rel=alternate]")]


@pytest.mark.parametrize("path", ["/changes", "/cves", "/sources", "/walls", "/search", "/digests"])
def test_a_page_of_an_empty_archive_is_one(empty, path):
    assert 1 == len(page(empty, path).css("h1"))


def test_the_latest_digest_and_the_feed_of_digests_have_addresses_that_stay(tmp_path, filled):
    none = answers(filled, "/digests/latest.html", "/digests/latest.atom", digests=tmp_path)
    assert [404, 200] == [answer.status_code for answer in none]
    for day in ("2026-03-01", "2026-03-02"):
        (tmp_path / f"{day}.html").write_text(f"<h1>Digest of {day}</h1>", encoding="utf-8")
    latest, feed = answers(filled, "/digests/latest.html", "/digests/latest.atom", digests=tmp_path)
    assert "Digest of 2026-03-02" in latest.text
    found = feedparser.parse(feed.content)
    assert not found.bozo
    assert ["2026-03-02", "2026-03-01"] == [entry.title for entry in found.entries]
    assert found.entries[0].link.endswith("/digests/2026-03-02")


MARKUP = Evidence("declared-part", ".story__wall: 1 elements, 0 words", "json-ld hasPart", "preview", decided=True)
SAID = Evidence("prompt-meter", "You have read 2 of 3 articles.", "after body", "metered", decided=True)
BESIDE = replace(SAID, decided=False, note="a template")


@pytest.mark.parametrize(
    ("evidence", "quoted"),
    [
        ((MARKUP, SAID), ["You have read 2 of 3 articles."]),
        ((MARKUP, BESIDE), ["You have read 2 of 3 articles."]),
        ((BESIDE, replace(SAID, value="Two of three are read.")), ["Two of three are read."]),
        ((MARKUP, replace(BESIDE, points_to="unknown")), []),
        ((MARKUP,), []),
    ],
)
def test_walls_quote_what_they_say_to_readers_and_no_markup(tmp_path, evidence, quoted):
    database = tmp_path / "a.db"
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE])
        access = Access(AccessStatus.METERED, complete=False, evidence=evidence)
        _, article_id = keep(archive, replace(full_article(), access=access))
        state = WallState(WallFact.PRICE, 9900, "KRW", period="month")
        archive.note_walls("tide.example", [state], NOW, source="tide", article_id=article_id, capture_id=None)
    assert quoted == shown(page(database, "/walls"), "q[lang=en]")
    assert ["₩9,900"] == shown(page(database, "DB/wall_history"), "td.col-amount")
    (rows,) = answers(database, "DB/wall_history.json?_shape=array")
    assert [9900.0] == [row["amount"] for row in rows.json()]


def test_a_list_goes_on_on_the_next_page(tmp_path):
    database, now = tmp_path / "a.db", datetime.now(UTC)
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE])
        for number in range(65):
            keep(archive, article(f"https://tide.example/{number}", body_of(f"n{number}"), headline=f"N{number}"), now)
    first, second, far = (page(database, path) for path in ("/", "/?page=2", "/?page=99999999999999999999"))
    assert (60, 5, 60) == tuple(len(tree.css(".pw-row")) for tree in (first, second, far))
    assert ["/?page=2"] == [link.attributes["href"] for link in first.css("a[rel=next]")]
    assert [] == second.css("a[rel=next]")


def test_every_stored_query_is_known():
    assert set(QUERIES) == set(browse_metadata(Served(Path("a.db")))["databases"]["a"]["queries"])


@pytest.mark.parametrize("archive_name", ["filled", "empty"])
def test_stored_queries_run(archive_name, request):
    database = request.getfixturevalue(archive_name)
    given_values = {"search": "?q=gate0", "cve": "?cve=cve-2026-0001", "feed": "?source=tide&q=gate0"}
    paths = [f"DB/{name}{form}{given_values.get(name, '')}" for name in QUERIES for form in ("", ".json", ".csv")]
    paths += [f"DB/{name}" for name in QUERIES]
    for path, answer in zip(paths, answers(database, *paths), strict=True):
        assert 200 == answer.status_code, (path, answer.text)
        assert "message-error" not in answer.text, path


def test_stored_queries_find_what_they_are_about(filled):
    found = {}
    names = [name for name in QUERIES if name not in {"search", "cve", "feed", "today"}]
    for name, answer in zip(names, answers(filled, *[f"DB/{name}.json?_shape=array" for name in names]), strict=True):
        found[name] = answer.json()
    assert {"tide": 3, "harbour": 1} == {row["source"]: row["articles"] for row in found["by_source"]}
    assert {1, 2, 3} == {row["article_id"] for row in found["behind_walls"]}
    assert [1] == [row["article_id"] for row in found["revisions"]]
    assert [(2, 1, "same text")] == [(row["article_id"], row["other_id"], row["kind"]) for row in found["duplicates"]]
    assert "html instead of xml" == found["source_health"][0]["outcome"]
    assert {"CVE-2026-0001": 2, "CVE-2026-0002": 2} == {row["cve"]: row["articles"] for row in found["cves"]}


def test_search_gives_headlines_that_lead_to_articles_and_marks_what_was_found(filled):
    tree = page(filled, "DB/search?q=水門")
    assert ["/article/3"] == [link.attributes["href"] for link in tree.css(".pw-hits .pw-headline a")]
    assert ["水門"] == shown(tree, ".pw-hits mark")


def test_the_search_page_shows_what_a_query_finds_with_the_words_marked(busy):
    tree = page(busy, "/search?q=galesix5")
    assert (["Storm seen"], ["galesix5"]) == (shown(tree, ".pw-headline"), shown(tree, ".pw-snippet mark"))
    assert ["/story/1"] == [link.attributes["href"] for link in tree.css('.pw-row a[href^="/story/"]')]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=storm*&access=metered", ["Storm"]),
        ("q=storm*&access=metered&access=free&all=1&sort=oldest", ["Storm", "Storm again", "Storm seen"]),
        ("source=harbour&since=1d&sort=oldest", ["Storm again", "Gate"]),
        ("q=title:gate OR title:alone&source=wire", ["Gate shut"]),
        ("has=cve", ["Storm"]),
        ("q=nothing", []),
    ],
)
def test_filters_beside_the_words_narrow_what_is_found(busy, asked, found):
    assert found == shown(page(busy, f"/search?{asked}"), ".pw-headline")


def test_a_search_has_a_feed_of_its_own_with_the_filters_in_it(busy):
    tree = page(busy, "/search?q=storm*&source=wire&sort=oldest")
    assert ["(storm*) source:wire sort:oldest"] == shown(tree, ".pw-found code")
    (feed,) = (link.attributes["href"] for link in tree.css('.pw-found a[href*=".atom"]'))
    (answer,) = answers(busy, feed)
    assert ["Storm seen"] == [entry.title for entry in feedparser.parse(answer.content).entries]


def test_a_query_that_is_not_understood_is_said_to_be_with_its_place(busy):
    tree = page(busy, "/search?q=gate+OR&access=free")
    assert ["OR needs something to look for on both sides (character 6)"] == shown(tree, "[role=alert]")
    assert [] == tree.css(".pw-row")


def test_a_search_goes_on_on_the_next_page(tmp_path):
    database, now = tmp_path / "a.db", datetime.now(UTC)
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE])
        for number in range(55):
            keep(archive, article(f"https://tide.example/{number}", f"lamp {body_of(f'n{number}')}"), now)
    first, second = (page(database, path) for path in ("/search?q=lamp", "/search?q=lamp&page=2"))
    assert (50, 5) == tuple(len(tree.css(".pw-row")) for tree in (first, second))
    assert ["/search?q=lamp&page=2"] == [link.attributes["href"] for link in first.css("a[rel=next]")]


def test_every_query_is_answered_or_said_not_to_be_understood(filled):
    words = ["", " ", "CVE-2024-3094", '"', "*", ":", "a:b", "NEAR(", "-a", "^a", "\0", "a\0b", "%", "'; drop table x"]
    assert_searchable(filled, words)


@pytest.mark.shared
@pytest.mark.skipif(not FTS_QUERIES.exists(), reason="../shared is not here")
def test_conformance_queries_find_or_find_nothing(filled):
    assert_searchable(filled, [record["q"] for record in json.loads(FTS_QUERIES.read_text(encoding="utf-8"))])


def assert_searchable(database, queries):
    async def search(datasette):
        at = datasette.urls.database(datasette.get_database().name)
        paths = [f"{at}/search", f"{at}/search.json", f"{at}/feed.atom", f"{at}/articles"]
        return [
            (query, await datasette.client.get(path, params={"_search" if path.endswith("articles") else "q": query}))
            for query in queries
            for path in paths
        ]

    for query, answer in with_datasette(database, search):
        assert 200 == answer.status_code, (query, answer.url, answer.text)
        assert ("message-error" in answer.text) == ("(character " in answer.text), query


def test_tables_show_chips_local_times_and_links_to_articles(filled):
    tree = page(filled, "DB/articles")
    assert {"/article/1", "/article/2", "/article/3", "/article/4"} == {
        link.attributes["href"] for link in tree.css("td.col-headline a")
    }
    assert "2026-03-02 07:00 CET" in shown(tree, "td.col-first_seen_at time")
    assert "preview only" in shown(tree, "td.col-access_status .pw-chip")


def test_tables_that_hang_on_articles_lead_to_them(filled):
    link = page(filled, "DB/evidence?_facet=signal").css_first("td.col-article_id a")
    assert ("/article/1", "Storm shuts three roads") == (link.attributes["href"], link.text())


def test_the_row_of_an_article_leads_to_its_page(filled):
    assert "/article/1" == page(filled, "DB/articles/1").css_first(".pw-lead-link a").attributes["href"]


@pytest.mark.parametrize("name", ["filled", "empty"])
def test_feed_is_valid_atom(name, request):
    (answer,) = answers(request.getfixturevalue(name), "DB/feed.atom")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert "atom10" == feed.version
    titles = {entry.title for entry in feed.entries}
    if name == "empty":
        assert {"Nothing is archived here yet"} == titles
    else:
        assert len(feed.entries) == 3, "one of the four articles is a copy"
        assert {"Storm shuts three roads", "東京湾の水門"} <= titles
        assert all(entry.link.startswith("https://") for entry in feed.entries)


def test_feed_can_be_of_one_source_and_of_words(filled):
    of_source, of_words, of_nothing = answers(
        filled, "DB/feed.json?source=harbour&_shape=array", "DB/feed.json?q=水門&_shape=array", "DB/feed.atom?q=nowhere"
    )
    assert ["Three roads, one storm"] == [row["atom_title"] for row in of_source.json()]
    assert ["東京湾の水門"] == [row["atom_title"] for row in of_words.json()]
    assert 200 == of_nothing.status_code


def test_new_articles_appear_without_a_restart(tmp_path):
    database = tmp_path / "a.db"
    with Archive.open(database, write=True) as archive:
        keep(archive, article("https://tide.example/1", body_of("one")), source=None)

        async def ask_twice(datasette):
            before = await datasette.client.get("/a/latest.json?_shape=array")
            keep(archive, article("https://tide.example/2", body_of("two")), source=None)
            after = await datasette.client.get("/a/latest.json?_shape=array")
            return len(before.json()), len(after.json())

        assert (1, 2) == with_datasette(database, ask_twice)


# ---------------------------------------------------------------- metadata


def columns_of(database):
    with sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {
            name: {row[1] for row in connection.execute("SELECT * FROM pragma_table_info(?)", [name])}
            for name in tables
        }
    connection.close()
    return columns


def test_metadata_names_every_table_and_column_a_reader_meets_and_no_other(empty):
    columns = columns_of(empty)
    tables = browse_metadata(Served(empty))["databases"]["presswatch"]["tables"]
    assert set(columns) == set(tables)
    for name, table in tables.items():
        named = {table.get("sort"), table.get("sort_desc"), table.get("label_column"), *table.get("facets", [])} - {
            None
        }
        assert named <= columns[name], name
        if not table.get("hidden"):
            assert table["description"]
            assert columns[name] - {"id"} == set(table["columns"]) - {"id"}, name


def test_the_columns_that_a_reader_sees_first_are_columns_of_the_archive():
    listed = {column.name: column.means for column in COLUMNS}
    assert set(ARTICLE_COLUMNS) <= set(listed)
    tables = browse_metadata(Served(Path("a.db")))["databases"]["a"]["tables"]
    assert listed == tables["articles"]["columns"]


def test_tables_of_the_machinery_are_hidden(filled):
    text = " ".join(shown(page(filled, "DB"), ".db-table h3"))
    assert "articles" in text.split()
    for name in (
        "fingerprints",
        "fingerprint_index",
        "entries",
        "article_urls",
        "articles_fts",
        "articles_fts_data",
        "_sqlite_migrations",
    ):
        assert name not in text.split()


# ---------------------------------------------------------------- safety

EVERY_KIND = [
    *(
        "/",
        "/article/1",
        "/article/99",
        "/nothing",
        "DB",
        "DB/articles",
        "DB/articles/",
        "DB/articles/1",
        "DB/search?q=a",
    ),
    *("DB/articles.json", "DB/articles.csv", "DB/feed.atom", "DB?sql=select+1", "DB?sql=nonsense", "/-/metadata"),
    *("/-/versions.json", "/-/presswatch/presswatch.css", "/-/static/app.css", "/favicon.ico"),
]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=gate0",
        "/changes",
        "/sources",
        "/article/1",
        "DB",
        "DB?sql=select+1",
        "DB/articles",
        "DB/articles/1",
        "/nothing",
    ],
)
def test_every_page_has_a_language_one_main_landmark_and_a_name_for_each_control(filled, path):
    """Datasette's own pages, too."""
    (answer,) = answers(filled, path)
    tree = LexborHTMLParser(answer.text)
    assert "en" == tree.css_first("html").attributes["lang"]
    assert ["#main"] == [link.attributes["href"] for link in tree.css("body > a.pw-skip")]
    assert 1 == len(tree.css("main#main"))
    labelled = {label.attributes.get("for") for label in tree.css("label")}
    for control in tree.css("main select, main textarea, main input:not([type=hidden]):not([type=submit])"):
        named = control.attributes.get("aria-label") or control.attributes.get("id") in labelled
        assert named or control.parent.tag == "label", control.html
    levels = [int(heading.tag[1]) for heading in tree.css("main h1, main h2, main h3, main h4")]
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def test_security_headers_are_on_every_kind_of_response(filled):
    statuses = set()
    for answer in answers(filled, *EVERY_KIND):
        statuses.add(answer.status_code)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert "'unsafe-inline'" not in policy.split("style-src")[0]
        assert ["nosniff"] == answer.headers.get_list("x-content-type-options")
        assert ["no-referrer"] == answer.headers.get_list("referrer-policy")
        assert answer.headers["cache-control"] in {"no-cache", "max-age=3600, immutable, public"}
    assert {200, 302, 400, 404} <= statuses


def test_our_own_script_runs_by_its_hash(filled):
    page_, script = answers(filled, "/", "/-/presswatch/presswatch.js")
    digest = f"sha256-{b64encode(hashlib.sha256(script.content).digest()).decode()}"
    assert f"'{digest}'" in page_.headers["content-security-policy"]
    (found,) = LexborHTMLParser(page_.text).css("script[src]")
    assert (digest, "/-/presswatch/presswatch.js") == (found.attributes["integrity"], found.attributes["src"])


def test_every_inline_script_of_datasette_is_in_the_policy_by_its_hash(filled):
    found = set()
    pages = [answer for answer in answers(filled, *EVERY_KIND) if "html" in answer.headers["content-type"]]
    for answer in pages:
        for node in LexborHTMLParser(answer.text).css("script"):
            if "src" not in node.attributes:
                digest = b64encode(hashlib.sha256(node.text().encode()).digest()).decode()
                assert f"'sha256-{digest}'" in answer.headers["content-security-policy"], node.html
                found.add(digest)
    assert len(found) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "delete from articles",
        "with x as (select 1) delete from articles",
        "insert into articles_fts(articles_fts) values ('rebuild')",
        "pragma writable_schema = 1",
        "attach '/tmp/x.db' as x",
        "vacuum into '/tmp/x.db'",
        "select load_extension('x')",
        "create table x (y)",
    ],
)
def test_no_statement_of_a_reader_writes(filled, sql):
    before = filled.read_bytes()
    (answer,) = answers(filled, f"DB?{urlencode({'sql': sql})}")
    assert 400 == answer.status_code
    assert before == filled.read_bytes()


def test_the_connection_itself_is_read_only(filled):
    async def write(datasette):
        await datasette.get_database().execute("DELETE FROM articles")

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        with_datasette(filled, write)


def test_the_database_cannot_be_downloaded(filled):
    (answer,) = answers(filled, "DB.db")
    assert answer.status_code in {403, 404}


@pytest.mark.filterwarnings("ignore:Exception ignored in. .*search_articles")  # sqlite3 reports it so
def test_a_search_ends_at_the_time_limit_of_datasette(tmp_path):
    """It runs on datasette's own connection, inside the statement whose time is limited."""
    database = tmp_path / "a.db"
    with Archive.open(database, write=True) as archive:
        for number in range(40):
            keep(archive, article(f"https://tide.example/{number}", f"東{number}" + "x" * 300_000), source=None)
    (answer,) = answers(database, f"DB/search?{urlencode({'q': '東東京', '_timelimit': 1})}")
    assert 400 == answer.status_code or "message-error" in answer.text  # it ended while searching, or before that began


# ---------------------------------------------------------------- the command


def test_the_command_serves_the_archive_and_takes_its_metadata_file_away(filled):
    command = browse_command(Served(filled, timezone=ZONE), host="127.0.0.1", port=8001, open_browser=False)
    metadata = Path(command[command.index("--metadata") + 1])
    assert metadata.exists()
    # --get makes datasette answer one request on its standard output, without a server.
    result = subprocess.run([*command, "--get", "/article/1"], capture_output=True, text=True, timeout=60, check=True)
    assert "Storm shuts three roads" in result.stdout
    assert "1 March 2026, 07:00" in result.stdout
    assert not metadata.exists()


def test_the_command_opens_a_browser_only_where_asked(filled):
    for asked in (True, False):
        command = browse_command(Served(filled), host="0.0.0.0", port=9, open_browser=asked)
        Path(command[command.index("--metadata") + 1]).unlink()
        assert asked is ("--open" in command)
        assert ["--host", "0.0.0.0", "--port", "9"] == command[command.index("--host") :][:4]
        assert not {"--immutable", "--nolock", "--cors", "--root"} & set(command)


def test_a_path_that_datasette_would_misread_is_refused(tmp_path):
    with pytest.raises(ArchiveError, match="“#”"):
        browse_command(Served(tmp_path / "news#1.db"), host="127.0.0.1", port=1, open_browser=False)


# ---------------------------------------------------------------- one report, one row


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """A report at two outlets, the second with more; another report; and the reader's own copy of the first."""
    database = tmp_path_factory.mktemp("printed") / "presswatch.db"
    storm = body_of("storm", length=80)
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE, HARBOUR])
        first, whole, other, own = (
            article("https://tide.example/storm", storm, headline="Storm", access=CUT, cves=("CVE-2026-0007",)),
            article(
                "https://harbour.example/sturm",
                f"{storm}\n\n{body_of('gale')}",
                headline="Storm and gale",
                cves=("CVE-2026-0007",),
            ),
            article("https://tide.example/gate", body_of("gate"), headline="Gate"),
            article("https://tide.example/own", storm, headline="Own storm"),
        )
        later = NOW + timedelta(hours=1)
        keep(archive, replace(first, published_at=NOW), NOW)
        keep(archive, replace(whole, published_at=later), later, source="harbour")
        keep(archive, other, NOW)
        keep(archive, own, NOW, private=True)
    return database


CUT = Access(AccessStatus.METERED, complete=False)


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("latest.json?", "headline"),
        ("search.json?q=stormsix5&", "headline"),
        ("cve.json?cve=CVE-2026-0007&", "headline"),
        ("feed.json?q=stormsix5&", "atom_title"),
    ],
)
def test_a_list_shows_a_report_once_by_its_fullest_open_text(printed, query, column):
    paths = [f"DB/{query}_shape=array&all={value}" for value in ("", "1")]
    once, each = ({row[column] for row in answer.json()} - {"Gate", "Own storm"} for answer in answers(printed, *paths))
    assert ({"Storm and gale"}, {"Storm and gale", "Storm"}) == (once, each)


def test_a_list_names_who_was_first_and_leads_there(printed):
    (line,) = page(printed, "DB/search?q=stormsix5").css(".pw-places")
    assert ("first at The Tide", "/article/1") == (line.text().strip(), line.css_first("a").attributes["href"])
    (row,) = (row for row in shown(page(printed, "DB/latest"), "tr") if "Storm and gale" in row)
    assert "first at The Tide" in row


def test_the_feed_of_a_source_has_its_copy_under_the_id_of_the_report(printed):
    everything, of_tide = (
        {row["atom_title"]: row for row in answer.json()}
        for answer in answers(printed, "DB/feed.json?_shape=array", "DB/feed.json?source=tide&_shape=array")
    )
    assert {"Storm and gale", "Gate", "Own storm"} == everything.keys()
    assert {"Storm", "Gate", "Own storm"} == of_tide.keys()
    assert everything["Storm and gale"]["atom_id"] == of_tide["Storm"]["atom_id"] == "https://tide.example/storm"
    assert everything["Storm and gale"]["atom_content"].endswith("first at The Tide, 2026-03-02 07:00 CET")


def test_the_page_of_an_article_says_who_had_it_first_and_what_was_added(printed):
    tree = page(printed, "/article/2")
    assert ["first at The Tide, 2 March 2026, 07:00 CET"] == shown(tree, ".pw-head .pw-places")
    assert "2 articles, 1 independent report; first at The Tide" in shown(tree, "#echoes p")
    rows = [[cell.text().strip() for cell in row.css("td")][1:] for row in tree.css("#echoes tbody tr")]
    assert [
        ["The Tide", "first", "100%"],
        ["Harbour Post", "the text of The Tide, with 1 paragraph more", "33%"],
    ] == rows
    assert 1 == len(tree.css("#echoes li"))
    assert [] == page(printed, "/article/3").css("#echoes, .pw-head .pw-places")


def test_the_readers_own_copy_is_named_beside_no_report(printed):
    for path in ("/article/1", "/article/2", "DB/search?q=stormsix5", "DB/latest"):
        for line in page(printed, path).css(".pw-places, .col-also_at, #echoes"):
            assert "/article/4" not in (line.html or "")
    assert [] == page(printed, "/article/4").css("#echoes, .pw-head .pw-places")
    (rows,) = answers(printed, "DB.json?sql=select+id,cluster_id+from+articles&_shape=arrays")
    assert [[1, 1], [2, 1], [3, 3], [4, 4]] == rows.json()["rows"]


def test_a_number_of_any_length_is_one_that_the_archive_does_not_have(tmp_path):
    database = tmp_path / "a.db"
    with Archive.open(database, write=True):
        pass

    async def ask(datasette):
        paths = [f"/{kind}/{'9' * length}" for kind in ("article", "story") for length in (19, 20, 5_000)]
        return [(await datasette.client.get(path)).status_code for path in paths]

    assert [404] * 6 == with_datasette(database, ask)


# ---------------------------------------------------------------- length


@pytest.fixture(scope="module")
def long_lists(tmp_path_factory):
    """More of everything than one page shows."""
    folder = tmp_path_factory.mktemp("long")
    now = datetime.now(UTC).replace(microsecond=0)
    line, cves = "A line of a length that is usual. " * 6, tuple(f"CVE-2026-{number:04}" for number in range(300))
    sources = [
        replace(TIDE, name=f"s{number}", title=f"Outlet {number}", home_url=f"https://s{number}.example/")
        for number in range(220)
    ]
    with Archive.open(folder / "a.db", write=True) as archive:
        archive.save_sources(sources)
        asides = tuple(block(Role.NAV, f"Link {number}: {line}") for number in range(700))
        for number in range(40):
            text = block(Role.BODY, f"Version {number} of the text. {line * 9}")
            new = article("https://tide.example/live", headline="Live", blocks=(text, *asides), cves=cves)
            keep(archive, new, now - timedelta(minutes=50 - number), source="s1")
        facts = {"dek": line, "published_at": now - timedelta(minutes=5), "cves": cves[:9]}
        one = (article(f"https://s{n}.example/{n}", "", headline=f"N{n} {line}", **facts) for n in range(220))
        shelve(archive, ((new, now - timedelta(minutes=5)) for new in one), source="s2")
        members = [one for one in archive.articles_without_story(300) if 1 < one.article_id < 122]
        archive.put_into_story(None, members, is_provisional=False)
        for number, source in enumerate(sources):
            archive.record_check(source.name, source.home_url, ListingKind.FEED, now, CheckOutcome.FAILED, detail=line)
            for price in range(300 if number == 0 else 1):
                state = WallState(WallFact.PRICE, price + 1, "EUR", "month")
                at = now - timedelta(days=400 - price)
                site = f"s{number}.example"
                archive.note_walls(site, [state], at, source=source.name, article_id=1, capture_id=None)
    digests = folder / "digests"
    digests.mkdir()
    for number in range(400):
        (digests / f"{(now - timedelta(days=number)).date()}.html").write_text("<p>A digest.")
    return folder / "a.db", digests


LONG = ["/", "/search?q=usual", "/story/1", "/article/1", "/changes", "/walls", "/walls/s0.example", "/sources"]


@pytest.mark.parametrize("path", [*LONG, "/cves", "/digests"])
@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
def test_no_page_is_longer_than_anybody_reads(long_lists, path, private):
    database, digests = long_lists
    (answer,) = answers(database, path, private=private, digests=digests)
    assert 200 == answer.status_code
    assert len(answer.content) <= 300_000
    tree = LexborHTMLParser(answer.text)
    assert len(tree.css("main .pw-row, main tr, main li li, main .pw-links li")) <= 200
    if path not in {"/article/1", "/changes"}:
        assert ["More"] == shown(tree, ".pw-pages a[rel=next]")
