"""What programs ask: five questions by the Model Context Protocol and as JSON, of what anybody may see."""

import asyncio
import json
import socket
import subprocess
import sys
from contextlib import closing, contextmanager, suppress

import httpx
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from samples import HARBOUR, HOUR, NOW, TIDE, article, body_of, full_article, keep
from test_browse import answers

from archive.cli import cli
from archive.machines.forms import answer_schema
from archive.machines.questions import UNTRUSTED
from archive.machines.server import Desk, make_server
from archive.model import Description, Limits
from archive.store import Archive
from archive.store.state import State, state_path
from scraper.model import CheckOutcome, LabelledBlock, ListingKind, Role, Wish

mcp = pytest.importorskip("mcp", reason="the extra is not there: presswatch[mcp]")
NAMES = ["search", "article", "story", "today", "sources"]
# One question each that has an answer: the article with everything, the story of two outlets.
ASKED = {"search": {"q": "gate"}, "article": {"id": 1}, "story": {"id": 1}, "today": {}, "sources": {}}


def fill(archive):
    """Articles 1 and 2 on one event; 3 its reader's alone; 4 quoted in part; 5 reserved; 6 a long one."""
    archive.save_sources([TIDE, HARBOUR])
    archive.record_check(
        "harbour", "https://harbour.example/rss", ListingKind.FEED, NOW, CheckOutcome.HTML, detail="a page came"
    )
    rich = full_article()
    first = article("https://tide.example/1", body_of("gate"), headline="Gate shut", cves=rich.cves, images=rich.images)
    keep(archive, first, NOW)
    keep(archive, article("https://harbour.example/2", body_of("mole"), headline="Gate"), NOW + HOUR, source="harbour")
    keep(archive, article("https://tide.example/3", "The gate is secretword.", headline="Hidden"), NOW, private=True)
    short = Limits(snippet_length=20)
    keep(archive, article("https://tide.example/4", body_of("quay"), headline="Quay"), NOW, limits=short)
    reserved = article("https://tide.example/5", body_of("sluice"), headline="Sluice", dek="Sluices are costly.")
    wishes = (Wish("tdm-reservation", "1", "meta"),)
    keep(archive, article(reserved.url, reserved.body, headline="Sluice", dek=reserved.dek, wishes=wishes), NOW,
         limits=Limits(tdm_reserved=True))  # fmt: skip
    long = tuple(LabelledBlock(Role.BODY, f"{n} " + "wave " * 1000, "model", 0.9) for n in range(12))
    keep(archive, article("https://tide.example/6", "", headline="Long", blocks=long), NOW)
    archive.star(1, True)
    members = {one.article_id: one for one in archive.articles_without_story(10)}
    story_id = archive.put_into_story(None, [members[1], members[2]], is_provisional=False)
    archive.describe_story(story_id, Description(1, ("gate", "mole")))


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "press.db"
    with Archive.open(path, write=True) as archive:
        fill(archive)
    with State.open(state_path(path)) as state:
        state.take_in(
            [
                json.dumps(
                    {
                        "url_key": "https://tide.example/1",
                        "kind": "note",
                        "value": "ownword",
                        "at": "2026-03-01T00:00:00Z",
                    }
                )
            ]
        )
    return path


def told(database, *questions, before=lambda: None):
    """What a client is told to each (tool, arguments), in one session; *before* the last one something happens."""
    desk = Desk(database.parent / "public" / database.name, database, "UTC", lambda: NOW + 2 * HOUR)

    async def session():
        async with mcp.Client(make_server(desk, "1")) as client:
            *first, last = [(name, given) for name, given in questions]
            found = [await client.call_tool(name, given) for name, given in first]
            before()
            return [*found, await client.call_tool(*last)]

    try:
        return asyncio.run(session())
    finally:
        desk.close()


def answer_to(database, name, **given):
    (result,) = told(database, (name, given))
    assert not result.is_error, result.content[0].text
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def sentence_for(database, name, **given):
    (result,) = told(database, (name, given))
    assert result.is_error
    return result.content[0].text


def as_json(database, *paths, **facts):
    return [(one.status_code, one.json()) for one in answers(database, *paths, **facts)]


def without_clock(form):
    """A form without what depends on when it was asked for."""
    if isinstance(form, dict):
        by_clock = {"since", "until", "failed_count", "article_count", "whole_count", "cut_count", "free_count"}
        return {key: without_clock(value) for key, value in form.items() if key not in by_clock}
    return [without_clock(one) for one in form] if isinstance(form, list) else form


# ---------------------------------------------------------------- the tools


def test_a_client_finds_five_tools_that_read_and_say_whose_words_they_bring(database):
    desk = Desk(database.parent / "view.db", database, "UTC", lambda: NOW)

    async def session():
        async with mcp.Client(make_server(desk, "1.2"), mode="legacy") as client:
            return client.server_info, client.instructions, (await client.list_tools()).tools

    info, instructions, tools = asyncio.run(session())
    desk.close()
    assert ("presswatch", "1.2") == (info.name, info.version)
    assert UNTRUSTED in instructions
    assert NAMES == [tool.name for tool in tools]
    for tool in tools:
        assert tool.annotations.read_only_hint
        assert UNTRUSTED in tool.description
        Draft202012Validator.check_schema(tool.input_schema)
        Draft202012Validator.check_schema(tool.output_schema)


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_is_as_its_schema_says_and_the_same_by_both_ways(database, name):
    given = ASKED[name]
    form = answer_to(database, name, **given)
    schema = answer_schema(name)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(form)
    assert set(form) == set(schema["properties"])
    query = "&".join(f"{key}={value}" for key, value in given.items())
    ((status, same),) = as_json(database, f"/-/api/{name}.json?{query}")
    assert 200 == status
    assert without_clock(form) == without_clock(same)
    assert UNTRUSTED == form["notice"]


def test_a_search_speaks_the_language_of_queries(database):
    found = answer_to(database, "search", q="(gate OR quay) -moletwo1 sort:oldest", limit=1)
    assert (["Gate shut"], True) == ([one["headline"] for one in found["articles"]], found["has_more"])
    hit = found["articles"][0]
    begin, end = hit["marks"][0]
    assert "Gate" == hit["snippet"][begin:end]
    following = answer_to(database, "search", q="(gate OR quay) -moletwo1 sort:oldest", limit=1, page=2)
    assert (["Quay"], False) == ([one["headline"] for one in following["articles"]], following["has_more"])


def test_an_article_is_found_by_its_address_as_well(database):
    assert 1 == answer_to(database, "article", url="http://tide.example/1")["article"]["id"]


def test_a_long_article_has_pages_that_together_are_its_text(database):
    pages = [answer_to(database, "article", id=6, page=number) for number in (1, 2, 3, 4)]
    with Archive.open(database, write=False) as archive:
        whole = archive.article(6).article
    assert [block.text for block in whole.blocks] == [
        block["text"] for page in pages for block in page["article"]["blocks"]
    ]
    assert [True, True, True, False] == [page["has_more"] for page in pages]
    assert {12 * 1001} == {page["article"]["word_count"] for page in pages}
    assert "this article has 4 pages" == sentence_for(database, "article", id=6, page=5)


def test_a_story_tells_who_was_first(database):
    found = answer_to(database, "story", id=1)
    assert ["Gate shut", "Gate"] == [one["headline"] for one in found["articles"]]
    assert ["first", "a report of its own"] == [one["verdict"] for one in found["articles"]]
    assert "2 articles, 2 independent reports; first at The Tide" == found["summary"]


def test_today_has_the_stories_of_most_outlets_then_other_reports_and_what_could_not_be_asked(database):
    found = answer_to(database, "today", limit=2)
    assert [(1, 2)] == [(one["story"]["id"], one["independent_count"]) for one in found["stories"]]
    assert (3, 2, True) == (found["report_count"], len(found["articles"]), found["has_more"])
    assert ["a page came"] == [one["detail"] for one in found["sources"]["wrong"]]
    assert [] == answer_to(database, "today", limit=2, page=2)["stories"]


def test_the_sources_that_go_wrong_come_first(database):
    found = answer_to(database, "sources")
    assert [("harbour", True), ("tide", False)] == [(one["name"], one["is_wrong"]) for one in found["sources"]]


# ---------------------------------------------------------------- what nobody is told


@pytest.mark.parametrize("asked", [("search", {"q": "title:hid* OR gate"}), *ASKED.items()])
def test_what_is_its_readers_alone_is_in_no_answer(database, asked):
    form = json.dumps(answer_to(database, asked[0], **asked[1]))
    for word in ("secretword", "Hidden", "tide.example/3", "ownword"):
        assert word not in form


def test_an_article_of_its_readers_alone_is_as_one_that_is_not_there(database):
    hidden, missing = (sentence_for(database, "article", id=number) for number in (3, 99))
    assert hidden.replace("3", "99") == missing
    assert "there is no article at" in sentence_for(database, "article", url="https://tide.example/3")


def test_a_star_is_its_owners(database):
    assert answer_to(database, "article", id=1)["article"]["starred"] is False
    assert [] == answer_to(database, "search", q="is:starred")["articles"]


def test_no_more_of_a_text_is_told_than_its_publisher_wishes(database):
    quoted = answer_to(database, "article", id=4)
    assert len(quoted["article"]["body"]) <= 21
    assert quoted["limits"] == ["Its publisher wants no more than 20 characters of it to be quoted."]
    reserved = answer_to(database, "article", id=5)
    assert ("", []) == (reserved["article"]["body"], reserved["article"]["blocks"])
    assert "Sluice" == reserved["article"]["headline"]
    assert "reserves text and data mining" in reserved["limits"][0]
    for name, given in (("search", {"q": "sluice"}), ("today", {})):
        assert "costly" not in json.dumps(answer_to(database, name, **given))


def test_an_answer_has_what_was_committed_before_it_was_asked_for(database):
    def write():
        with Archive.open(database, write=True) as archive:
            keep(archive, article("https://tide.example/7", body_of("newcomer"), headline="Newcomer"), NOW + HOUR)
            archive.save_limits(1, (), Limits(noarchive=True))

    before, after = told(
        database, ("search", {"q": "gate OR newcomer*"}), ("search", {"q": "gate OR newcomer*"}), before=write
    )
    assert {"Gate shut", "Gate"} == {one["headline"] for one in before.structured_content["articles"]}
    assert {"Newcomer", "Gate"} == {one["headline"] for one in after.structured_content["articles"]}


# ---------------------------------------------------------------- what is not understood


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("search", {}, "search needs “q”: The query"),
        ("search", {"q": '"gate'}, "the query is not understood: this quotation mark is not closed (character 1)"),
        ("search", {"q": "gate", "limit": 0}, "“limit” takes a whole number from 1 to 50, not “0”"),
        ("search", {"q": "gate", "limit": "many"}, "“limit” takes a whole number from 1 to 50, not “many”"),
        ("search", {"q": "gate", "each": "perhaps"}, "“each” takes true or false, not “perhaps”"),
        ("search", {"query": "gate"}, "search takes q, limit, page, each, and no “query”"),
        ("search", {"q": "a" * 2001}, "“q” takes 2000 characters, not 2001"),
        ("article", {}, "article needs a number (“id”) or an address (“url”), and not both"),
        ("article", {"id": 10**30}, f"“id” takes a whole number from 1 on, not “{10**30}”"),
        ("article", {"url": "no address"}, "there is no article at no address for everybody here"),
        ("story", {"id": 7}, "there is no story 7 here"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(database, name, given, sentence):
    assert sentence == sentence_for(database, name, **given)
    query = "&".join(f"{key}={value}" for key, value in given.items())
    ((status, form),) = as_json(database, f"/-/api/{name}.json?{query}")
    assert (status in {400, 404}, {"ok": False, "error": sentence}) == (True, form)


@pytest.mark.parametrize("value", [[1], {"a": 1}, True, 1.5, 1e300, "²", "٣"])
def test_values_of_another_kind_are_refused_in_words(database, value):
    assert "whole number" in sentence_for(database, "story", id=value)


def test_a_tool_that_is_not_there_is_told_with_those_that_are(database):
    assert "there is no tool “write”; there are search, article" in sentence_for(database, "write", text="x")


def test_json_addresses_name_what_can_be_asked(database):
    listed, unknown, twice = as_json(database, "/-/api.json", "/-/api/nothing.json", "/-/api/search.json?q=gate&q=quay")
    assert NAMES == [one["name"] for one in listed[1]["questions"]]
    assert 404 == unknown[0]
    assert (400, "“q” is given twice") == (twice[0], twice[1]["error"])


def test_an_owners_browse_leaves_programs_to_the_public_view(database):
    ((status, form),) = as_json(database, "/-/api/search.json?q=gate", private=True)
    assert (404, True) == (status, "without --private" in form["error"])


# ---------------------------------------------------------------- the command


def test_the_command_speaks_to_who_started_it(database):
    """As an assistant starts it: a process of its own, by standard input and output."""
    started = mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "archive.cli", "--archive", str(database), "mcp"]
    )

    async def session():
        async with mcp.Client(started) as client:
            return await client.call_tool("search", {"q": "gate"})

    assert {"Gate shut", "Gate"} == {one["headline"] for one in asyncio.run(session()).structured_content["articles"]}


@contextmanager
def listening(database):
    """The address at which the command answers, of a process that is ended as a service is."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "archive.cli", "--archive", str(database), "mcp", "--http", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = next(line for line in process.stderr if line.startswith("http")).strip()
            while not is_open(port):
                with suppress(subprocess.TimeoutExpired):
                    pytest.fail(f"it ended with {process.wait(0.1)}")
            yield address
        finally:
            process.terminate()
            assert 0 == process.wait(30)


def is_open(port):
    with closing(socket.socket()) as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def test_the_command_answers_over_http_at_this_machine_and_lets_pages_of_others_ask_nothing(database):
    with listening(database) as address:

        async def session():
            async with mcp.Client(address) as client:
                return await client.list_tools(), await client.call_tool("search", {"q": "gate"})

        tools, found = asyncio.run(session())
        assert NAMES == [tool.name for tool in tools.tools]
        assert {"Gate shut", "Gate"} == {one["headline"] for one in found.structured_content["articles"]}
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        form = {"accept": "application/json, text/event-stream"}
        for others in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
            assert httpx.post(address, json=asked, headers=form | others).status_code in {403, 421}
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_without_the_extra_the_command_says_how_to_get_it(database):
    without = "import sys; sys.modules['mcp'] = None; from archive.cli import main; main()"
    command = [sys.executable, "-c", without, "--archive", str(database), "mcp"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert (1, True) == (result.returncode, 'pip install "presswatch[mcp]"' in result.stderr)


def test_without_an_archive_the_command_says_so(tmp_path):
    result = CliRunner().invoke(cli, ["--archive", str(tmp_path / "none.db"), "mcp"])
    assert "there is no archive here yet" in str(result.exception)
