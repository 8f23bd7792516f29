"""The owner's marks beside the archive: what was read, stars, tags and notes."""

import json
import re
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from samples import HOUR, NOW, TIDE, article, body_of, keep
from selectolax.lexbor import LexborHTMLParser
from test_alerts import alert, settings_of
from test_browse import page, shown, with_datasette

from archive.model import MarkKind, Marks
from archive.run.alerts.judging import judge_new
from archive.run.stories import place_articles
from archive.settings.records import RetentionRule
from archive.store import Archive
from archive.store.state import State, state_path
from scraper.errors import ArchiveError

ONE, TWO = "https://tide.example/1", "https://tide.example/2"


@pytest.fixture
def state(tmp_path):
    with State.open(tmp_path / "a-state.db") as opened:
        yield opened


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "a.db"
    with Archive.open(path, write=True) as archive:
        archive.save_sources([TIDE])
        for number, name in ((1, "gate"), (2, "mole")):
            keep(archive, article(f"https://tide.example/{number}", body_of(name), headline=name), NOW)
    return path


def found(database, query):
    with Archive.open(database, write=False) as archive:
        return {hit.headline for hit in archive.search(query, now=NOW + HOUR, each=True)}


def test_marks_are_put_and_taken_back(state):
    state.set(ONE, MarkKind.STAR, "", NOW, on=True)
    state.set(ONE, MarkKind.TAG, " Follow  up ", NOW, on=True)
    state.set(ONE, MarkKind.NOTE, "ask Ida", NOW, on=True)
    state.set(ONE, MarkKind.NOTE, "ask Bo", NOW, on=True)
    assert {ONE: Marks(False, True, ("follow up",), "ask Bo")} == state.marks([ONE, TWO])
    state.set(ONE, MarkKind.STAR, "", NOW, on=False)
    state.set(ONE, MarkKind.TAG, "follow up", NOW, on=False)
    state.set(ONE, MarkKind.NOTE, " ", NOW, on=True)
    assert {} == state.marks([ONE])


def test_each_step_is_undone_by_itself(state):
    state.set(ONE, MarkKind.NOTE, "first", NOW, on=True)
    state.set(ONE, MarkKind.NOTE, "second", NOW, on=True)
    state.set(ONE, MarkKind.READ, "", NOW, on=True)
    notes = []
    while state.undo():
        notes.append(state.marks([ONE]).get(ONE, Marks()).note)
    assert ["second", "first", ""] == notes


def test_what_was_opened_is_read_and_no_step_to_be_undone(state):
    state.set(ONE, MarkKind.STAR, "", NOW, on=True)
    state.note_opened(ONE, NOW)
    state.note_opened(ONE, NOW)
    assert {ONE: Marks(is_read=True, is_starred=True)} == state.marks([ONE])
    assert state.undo()
    assert {ONE: Marks(is_read=True)} == state.marks([ONE])


def test_an_export_is_taken_in_beside_what_is_there(state, tmp_path):
    state.set(ONE, MarkKind.STAR, "", NOW, on=True)
    state.set(TWO, MarkKind.NOTE, "theirs", NOW, on=True)
    with State.open(tmp_path / "other.db") as other:
        other.set(TWO, MarkKind.NOTE, "mine", NOW, on=True)
        assert 1 == other.take_in(state.export())
        assert {ONE: Marks(is_starred=True), TWO: Marks(note="mine")} == other.marks([ONE, TWO])
        with pytest.raises(ArchiveError, match="line 2"):
            other.take_in([*[*state.export()][:1], "nonsense"])


def test_the_file_is_for_its_owner_alone(state):
    assert 0o600 == stat.S_IMODE(state.path.stat().st_mode)


def test_a_search_knows_what_is_read_starred_and_tagged_where_the_marks_lie_beside_the_archive(database):
    assert {"gate", "mole"} == found(database, "is:unread")
    with State.open(state_path(database)) as state:
        state.set(ONE, MarkKind.READ, "", NOW, on=True)
        state.set(ONE, MarkKind.TAG, "Häfen", NOW, on=True)
        state.set(TWO, MarkKind.STAR, "", NOW, on=True)
    assert ({"mole"}, {"gate"}) == (found(database, "is:unread"), found(database, "-is:unread"))
    assert ({"mole"}, {"gate"}) == (found(database, "is:starred"), found(database, "tag:hafen"))


def test_a_star_beside_the_archive_keeps_an_article_from_being_pruned(database):
    with State.open(state_path(database)) as state:
        state.set(TWO, MarkKind.STAR, "", NOW, on=True)
    with Archive.open(database, write=True) as archive:
        archive.prune([RetentionRule(None, timedelta(days=1))], NOW + timedelta(days=9))
    assert {"mole"} == found(database, "is:unread")


def test_a_file_from_before_stories_were_followed_takes_them_and_keeps_what_it_has(tmp_path):
    path = tmp_path / "old-state.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE marks (url_key TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('read', 'star')),"
            " value TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (url_key, kind, value)) STRICT, WITHOUT ROWID"
        )
        connection.execute("INSERT INTO marks VALUES (?, 'star', '', '2026-03-01T00:00:00Z')", (ONE,))
    with State.open(path) as state:
        state.set(TWO, MarkKind.FOLLOW, "", NOW, on=True)
    with State.open(path) as state:
        assert ((ONE,), (TWO,)) == (state.keys(MarkKind.STAR), state.keys(MarkKind.FOLLOW))


def test_who_follows_a_story_finds_all_of_it_also_what_joins_it_and_keeps_the_article(database):
    with State.open(state_path(database)) as state:
        state.set(TWO, MarkKind.FOLLOW, "", NOW, on=True)
    with Archive.open(database, write=True) as archive:
        keep(archive, article("https://tide.example/3", body_of("mole") + " more", headline="mole again"), NOW + HOUR)
        place_articles(archive)
        assert {"mole", "mole again"} == found(database, "is:followed")
        archive.prune([RetentionRule(None, timedelta(days=1))], NOW + timedelta(days=9))
    assert {"mole"} == found(database, "is:followed")


# ---------------------------------------------------------------- in browse


def test_a_story_that_is_followed_stands_on_today_until_it_is_followed_no_more(tmp_path):
    """One click on its page, whatever article of it that goes by."""
    database = tmp_path / "a.db"
    now = datetime.now(UTC).replace(microsecond=0)
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE])
        for number, at in ((1, now - 40 * HOUR), (2, now - 2 * HOUR)):
            new = article(
                f"https://tide.example/{number}", body_of("gate", length=80 + number), headline=f"Gate {number}"
            )
            keep(archive, replace(new, published_at=at), at)
        place_articles(archive)

    def clicked(action, article_id):
        async def use(datasette):
            client = datasette.client
            await datasette.invoke_startup()
            token = re.search(r'name="token" value="([^"]+)"', (await client.get("/story/1")).text)[1]
            form = {"do": action, "token": token, "back": "/story/1"}
            await client.post(f"/article/{article_id}/marks", data=form)
            return [LexborHTMLParser((await client.get(path)).text) for path in ("/", "/story/1", "/article/2")]

        return with_datasette(database, use, private=True)

    today, *pages = clicked("follow", 1)
    assert ["Gate 2"] == shown(today, "#followed ~ .pw-list .pw-headline")
    assert ["/story/1"] == [link.attributes["href"] for link in today.css("#followed ~ .pw-list .pw-headline a")]
    assert [] == today.css("#all")
    assert ["unfollow"] * 2 == [tree.css_first('[data-key="follow"]').attributes["value"] for tree in pages]
    assert [] == page(database, "/").css("#followed")
    assert [] == page(database, "/search?q=is:followed").css(".pw-row")
    today, *pages = clicked("unfollow", 2)
    assert ([], ["Gate 2"]) == (today.css("#followed"), shown(today, "#all ~ .pw-list .pw-headline"))
    assert ["follow"] * 2 == [tree.css_first('[data-key="follow"]').attributes["value"] for tree in pages]


def test_what_alerts_marked_stands_apart_on_today_by_the_title_of_the_alert_for_its_owner_alone(tmp_path):
    database = tmp_path / "a.db"
    now = datetime.now(UTC).replace(microsecond=0) - HOUR
    with Archive.open(database, write=True) as archive:
        archive.save_sources([TIDE])
        for name in ("gate", "mole"):
            new = article(f"https://tide.example/{name}", body_of(name), headline=name)
            keep(archive, replace(new, published_at=now), now)
        judge_new(archive, settings_of(alert(query="mole")), now)
        place_articles(archive)
    titles = (("sandvik", "What is shut"),)
    tree = page(database, "/", private=True, alerts=titles)
    assert (["mole"], ["gate"]) == tuple(shown(tree, f"#{part} ~ .pw-list .pw-headline") for part in ("marked", "all"))
    for path in ("/", "/article/2", "/search?q=mole", "/story/2"):
        assert ["What is shut"] == shown(page(database, path, private=True, alerts=titles), ".pw-chip-alert")
        public = page(database, path, alerts=titles)
        assert [] == public.css(".pw-chip-alert, #marked")
        assert "What is shut" not in public.html


def test_the_owner_marks_by_forms_that_carry_a_token_and_come_from_our_pages(database):
    async def use(datasette):
        client = datasette.client
        await datasette.invoke_startup()
        first = await client.get("/article/1")
        token = re.search(r'name="token" value="([^"]+)"', first.text)[1]

        async def post(form, path="/article/1/marks", **headers):
            return await client.post(path, data=form, headers=headers, follow_redirects=False)

        star = {"do": "star", "token": token, "back": "/search?q=gate"}
        refused = [
            await post(star | {"token": "guessed"}),
            await post({"do": "star"}),
            await post(star, **{"sec-fetch-site": "cross-site"}),
            await client.get("/article/1/marks"),
            await post(star, "/article/99/marks"),
            await post(star | {"do": "nonsense"}),
        ]
        untouched = await client.get("/marks/export")
        done = [await post(star), await post(star | {"do": "tag", "value": "Ports", "back": "//evil.example/"})]
        exported = await client.get("/marks/export")
        listed = await client.get("/search?q=tag:ports")
        undone = await post({"token": token}, "/marks/undo")
        return refused, untouched, done, exported, listed, undone, await client.get("/marks/export")

    refused, untouched, done, exported, listed, undone, after = with_datasette(database, use, private=True)
    assert [403, 403, 403, 404, 404, 404] == [answer.status_code for answer in refused]
    assert "" == untouched.text
    assert [(303, "/search?q=gate#article-1"), (303, "/article/1#article-1")] == [
        (answer.status_code, answer.headers["location"]) for answer in done
    ]
    assert ['"star"', '"tag"'] == re.findall(r'"kind": ("\w+")', exported.text)
    assert "★ Starred</button>" in listed.text
    assert ">ports</a>" in listed.text
    assert (303, ['"star"']) == (undone.status_code, re.findall(r'"kind": ("\w+")', after.text))


def test_nobody_else_sees_marks_or_may_make_them(database):
    with State.open(state_path(database)) as state:
        state.set(ONE, MarkKind.NOTE, "zweitausend Pegel", NOW, on=True)
        state.set(ONE, MarkKind.TAG, "pegel", NOW, on=True)

    async def use(datasette):
        client = datasette.client
        at = datasette.urls.database(datasette.get_database().name)
        paths = ["/", "/article/1", "/search?q=gate", "/search?q=tag:pegel", f"{at}/feed.atom", f"{at}.json"]
        told = [await client.get(path) for path in paths]
        closed = [await client.get("/marks"), await client.get("/marks/export")]
        closed.append(await client.post("/article/1/marks", data={"do": "star"}))
        return told, closed, await client.get(f"{at}.json?sql=select+*+from+state.marks")

    told, closed, asked = with_datasette(database, use)
    assert [200] * 6 == [answer.status_code for answer in told]
    assert [] == [answer.url.path for answer in told if "Pegel" in answer.text or "pegel</a>" in answer.text]
    assert [404] * 3 == [answer.status_code for answer in closed]
    assert 400 == asked.status_code
    assert [] == page(database, "/article/1").css(".pw-marks")
    assert [] == shown(page(database, "/search?q=tag:pegel"), ".pw-row")


def posted(database, *forms):
    """What each (path, fields or raw form) is answered, and the export behind them."""

    async def use(datasette):
        client = datasette.client
        await datasette.invoke_startup()
        token = re.search(r'name="token" value="([^"]+)"', (await client.get("/marks")).text)[1]
        urlencoded = {"content-type": "application/x-www-form-urlencoded"}
        answers = []
        for path, form in forms:
            sent = {"data": form | {"token": token}} if isinstance(form, dict) else {"content": form}
            answers.append(await client.post(path, **sent, headers=urlencoded, follow_redirects=False))
        return answers, (await client.get("/marks/export")).text

    return with_datasette(database, use, private=True)


def test_what_cannot_be_marked_is_answered_in_a_sentence(database):
    mark = {"kind": "tag", "url_key": ONE, "at": "2026-03-01T00:00:00Z", "value": "a"}
    lines = ["nonsense", "[" * 100_000, "9" * 5_000, "null", json.dumps(mark | {"value": "\ud83d"})]
    tags = [("/article/1/marks", {"do": "tag", "value": f"t{number}"}) for number in range(41)]
    answers, exported = posted(
        database,
        *(("/marks/import", {"lines": line}) for line in lines),
        ("/article/1/marks", b"token=\xff"),
        (f"/article/{'9' * 5_000}/marks", {"do": "star"}),
        *tags,
    )
    told = [answer.status_code for answer in answers]
    assert [400] * 6 + [405] + [303] * 40 + [400] == told
    assert "line 1 of what is imported is no mark" in answers[0].text
    assert "an article takes 40 tags" in answers[-1].text
    assert 40 == exported.count('"tag"')


def test_what_is_exported_can_be_imported_whatever_is_in_a_note(database, tmp_path):
    with State.open(state_path(database)) as state:
        state.set(ONE, MarkKind.NOTE, "one\u2028two\x0cthree\x85four\r\nfive", NOW, on=True)
        exported = "\n".join(state.export())
        state.undo()
    answers, again = posted(database, ("/marks/import", {"lines": exported.replace("\n", "\r\n")}))
    assert ([303], f"{exported}\n") == ([answer.status_code for answer in answers], again)


def test_a_form_leads_back_to_no_address_that_no_header_holds(database):
    answers, _ = posted(database, *(("/article/1/marks", {"do": "read", "back": f"/{back}"}) for back in ("\0", "é")))
    assert ["/article/1#article-1"] * 2 == [answer.headers["location"] for answer in answers]


def test_a_broken_file_of_marks_is_named_and_not_the_archive(database):
    path = state_path(database)

    async def use(datasette):
        await datasette.invoke_startup()
        path.write_text("no database at all")
        return [await datasette.client.get(at) for at in ("/", "/article/1", "/search?q=gate", "/marks/export")]

    answers = with_datasette(database, use, private=True)
    assert [400] * 4 == [answer.status_code for answer in answers]
    assert all(f"{path}: this file is not a SQLite database" in answer.text for answer in answers)
    with pytest.raises(ArchiveError, match=f"{path.name}: this file is not a SQLite database"):
        found(database, "gate")
