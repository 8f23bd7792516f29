"""One form of JSON for all that writes articles, as docs/json.md and its schema describe it."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from samples import TIDE, full_article, keep

from archive.cli import cli
from archive.show.article_json import article_schema
from archive.store import Archive

PAGE = b"""<!doctype html><html lang="en"><head><title>Gate lifted</title>
<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",
"headline": "Gate lifted", "datePublished": "2026-03-01T06:00:00Z", "isAccessibleForFree": false,
"author": {"@type": "Person", "name": "Ann Other"}}
</script></head><body><main><h1>Gate lifted</h1>
<p>The <b>harbour</b> gate was <a href="https://tide.example/gate">lifted at dawn</a> by a crane from the next town,
after nine days in which no boat could leave and no boat could come in.</p>
<figure><img src="/gate.jpg" alt="A gate"><figcaption>The gate at dawn. Photo: Bo Frame</figcaption></figure>
<p>Fishing boats left an hour later, on the first tide of the month that was high enough for all of them at once.</p>
<table><tr><th>Boat</th><th>Left at</th></tr><tr><td>Anna</td><td>7.10</td></tr>
<tr><td>Bea</td><td>7.20</td></tr></table>
<p>Subscribe now to read on.</p></main></body></html>"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with an archive, and a page beside it."""
    folder = tmp_path_factory.mktemp("desk")
    with Archive.open(folder / "press.db", write=True) as archive:
        archive.save_sources([TIDE])
        keep(archive, full_article())
        keep(archive, replace(full_article(), url="https://tide.example/copy", canonical_url=None))
    (folder / "page.html").write_bytes(PAGE)
    return folder


def written(desk, *command):
    """What a command wrote: JSON documents, one a line or one alone."""
    if command[0] == "read":
        command = (*command, "--url", "https://tide.example/gate-lifted", str(desk / "page.html"))
    result = CliRunner().invoke(cli, ["--archive", str(desk / "press.db"), *command])
    assert 0 == result.exit_code, result.output
    text = result.stdout
    return [json.loads(text)] if text.startswith("{\n") else [json.loads(line) for line in text.splitlines()]


def strict(schema):
    """The schema without room for keys that it does not describe."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {}
    return closed | {name: strict(part) for name, part in schema.items()}


COMMANDS = [
    ("read", "--format", "json"),
    ("read", "--format", "jsonl"),
    ("show", "1", "--json"),
    ("export", "--private", "--reserved"),
]


def test_the_schema_is_one():
    Draft202012Validator.check_schema(article_schema())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_written_is_as_the_schema_says_and_has_no_other_key(desk, command):
    validator = Draft202012Validator(strict(article_schema()))
    documents = written(desk, *command)
    assert documents
    for document in documents:
        assert [] == [error.message for error in validator.iter_errors(document)]
        assert document["blocks"]
        assert 2 == document["schema_version"]


def test_what_is_said_of_a_page_has_the_same_keys_in_all_of_them(desk):
    keys = [set(written(desk, *command)[0]) for command in COMMANDS]
    assert set(article_schema()["required"]) == set.intersection(*keys)


def test_a_block_names_its_parts(desk):
    (document,) = written(desk, "read", "--format", "json")
    body = [block for block in document["blocks"] if block["role"] == "body"]
    assert [{"text": "lifted at dawn", "url": "https://tide.example/gate"}] == body[0]["links"]
    assert "p" == body[0]["tag"]
    assert "**harbour**" in body[0]["markdown"]
    assert body[0]["rule"]
    assert [0, 0, 1] in [block["cell"] for block in document["blocks"]]


def test_a_key_that_is_missing_does_not_pass(desk):
    (document,) = written(desk, "read", "--format", "jsonl")
    del document["blocks"][0]["rule"]
    assert not Draft202012Validator(article_schema()).is_valid(document)
