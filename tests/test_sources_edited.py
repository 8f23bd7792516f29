"""`presswatch sources enable`, `disable`, `edit`, `remove`: files changed where a source stands, or not at all."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_cli import CONFIG, SOURCE, Desk

from archive.settings import read_settings
from scraper.settings.tables import table_of, with_table, with_values

OTHERS = """# My own list.

# looked at in March
[gate]
title = "Gate"           # of the harbour
home_url = "https://gate.example/"
feeds = [
    "https://gate.example/rss",  # all of it
    "https://gate.example/atom",
]
enabled = false # too loud

[gate.selectors]
remove = [".promo"]

# another
[quay]
title = "Quay"
home_url = "https://quay.example/"
feeds = ["https://quay.example/rss"]
"""


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    (made.folder / "config/sources/others.toml").write_text(OTHERS)
    return made


def others(desk) -> str:
    return (desk.folder / "config/sources/others.toml").read_text()


def sources(desk):
    return {source.name: source for source in read_settings(desk.folder / "config", environ={}).sources}


def test_a_source_is_enabled_where_it_stands_and_nothing_else_changes(desk):
    done = desk.run("sources", "enable", "gate", "quay")
    assert (0, "gate: now enabled\nquay: is enabled\n") == (done.exit_code, done.stderr)
    assert OTHERS.replace("enabled = false #", "enabled = true #") == others(desk)


def test_a_source_that_says_nothing_of_it_is_disabled(desk):
    desk.run("sources", "disable", "quay")
    assert OTHERS.replace("[quay]\n", "[quay]\nenabled = false\n") == others(desk)
    assert not sources(desk)["quay"].enabled


def test_a_source_is_removed_with_its_tables_and_the_others_stay(desk):
    done = desk.run("sources", "remove", "gate")
    assert 0 == done.exit_code
    assert {"tide", "quay"} == set(sources(desk))
    assert "# another\n[quay]" in others(desk)


def test_values_are_set_by_the_line(desk):
    desk.run("sources", "edit", "gate", "--set", "schedule=2h", "--set", 'feeds=["https://gate.example/new"]')
    assert "2h" == sources(desk)["gate"].schedule
    assert ("https://gate.example/new",) == sources(desk)["gate"].feeds
    assert "# too loud" in others(desk)


def test_an_editor_is_given_the_table_alone(desk):
    editor = desk.folder / "editor.sh"
    editor.write_text('#!/bin/sh\nsed -i -e \'s/"Quay"/"The Quay"/\' "$1"\n')
    editor.chmod(0o755)
    done = desk.run("sources", "edit", "quay", env={"EDITOR": str(editor), "VISUAL": str(editor)})
    assert (0, "quay: changed\n") == (done.exit_code, done.stderr)
    assert OTHERS.replace('"Quay"', '"The Quay"') == others(desk)


def test_an_editor_that_cannot_be_called_is_told(desk):
    done = desk.run("sources", "edit", "quay", env={"EDITOR": '"', "VISUAL": '"'})
    assert (2, OTHERS) == (done.exit_code, others(desk))
    assert "$EDITOR cannot be called" in done.stderr


@pytest.mark.parametrize("setting", ["schedule=often", "feeds=[]", "titel=Gate", "home_url=gate"])
def test_what_would_not_load_is_told_and_not_written(desk, setting):
    done = desk.process("sources", "edit", "gate", "--set", setting)
    assert 1 == done.returncode
    assert "nothing was written, since the configuration would not load any more" in done.stderr
    assert OTHERS == others(desk)


def test_a_source_that_a_rule_of_retention_names_is_not_removed(desk):
    (desk.folder / "config/presswatch.toml").write_text(f'{CONFIG}\n[retention.sources]\ngate = "90d"\n')
    done = desk.process("sources", "remove", "gate")
    assert (1, OTHERS) == (done.returncode, others(desk))


def test_an_unknown_name_is_wrong_usage_and_changes_nothing(desk):
    done = desk.process("sources", "disable", "quay", "gat")
    assert (2, OTHERS) == (done.returncode, others(desk))
    assert "no such source: gat; did you mean gate?" in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        'gate = {title = "Gate", home_url = "https://gate.example/", feeds = ["https://gate.example/rss"]}\n',
        'gate.title = "Gate"\ngate.home_url = "https://gate.example/"\ngate.feeds = ["https://gate.example/rss"]\n',
    ],
)
def test_a_table_in_another_form_is_left_to_its_owner(desk, text):
    (desk.folder / "config/sources/others.toml").write_text(text)
    done = desk.process("sources", "disable", "gate")
    assert 1 == done.returncode
    assert "edit the file by hand" in done.stderr
    assert text == others(desk)


_KEYS = st.sampled_from(["title", "x", "enabled", "y-z"])
_VALUES = st.one_of(
    st.integers(0, 9).map(str), st.sampled_from(['"a # b"', "[\n1, # two\n2]", '"""\n[gate]\n"""', "true", "'''a\n'''"])
)
_TABLES = st.dictionaries(_KEYS, _VALUES, max_size=3).map(
    lambda table: "".join(f"{key} = {value}\n" for key, value in table.items())
)


@given(st.dictionaries(st.sampled_from(["gate", "quay", "tide"]), _TABLES, min_size=1), _KEYS, _VALUES)
def test_whatever_a_file_holds_a_change_is_the_one_asked_for_or_none(tables, key, value):
    text = "# first\n" + "\n".join(f"# of {name}\n[{name}]\n{body}" for name, body in tables.items())
    name = next(iter(tables))
    before = tomllib.loads(text)
    try:
        changed = with_values(text, name, {key: value})
        removed = with_table(text, name, "")
        assert {name: before[name]} == tomllib.loads(table_of(text, name))
    except ValueError:
        return
    expected = before | {name: before[name] | {key: tomllib.loads(f"v = {value}")["v"]}}
    assert expected == tomllib.loads(changed)
    assert {other: table for other, table in before.items() if other != name} == tomllib.loads(removed)


def test_opml_says_what_is_no_feed(desk):
    (desk.folder / "config/sources/all.toml").write_text(
        SOURCE + '\n[mole]\ntitle = "Mole"\nhome_url = "https://mole.example/"\n'
        'sitemaps = ["https://mole.example/sitemap.xml"]\n'
    )
    done = desk.run("sources", "export")
    assert '<outline text="cyber" title="cyber">' in done.stdout
    assert "1 source with a sitemap or index page, which OPML cannot name: mole\n" == done.stderr


def test_a_shell_completes_the_names_of_sources(desk):
    words = f"presswatch --config {desk.folder / 'config'} sources enable "
    done = desk.run(
        env={"_CLI_COMPLETE": "bash_complete", "COMP_WORDS": words + "g", "COMP_CWORD": "5"}, prog_name="cli"
    )
    assert "plain,gate\n" == done.stdout
