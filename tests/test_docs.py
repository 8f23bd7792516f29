"""The documentation says what the program does."""

import doctest
import importlib.util
import re
from dataclasses import fields
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from archive.cli import cli
from archive.store.schema.migrations import scripts
from scraper.model import MeterRule, Selectors, Source

ROOT = Path(__file__).parents[1]
_TEXTS = {".py", ".md", ".toml", ".sql", ".html", ".yaml"}


def generated():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


@pytest.mark.parametrize("path", sorted(generated()), ids=lambda path: path.name)
def test_generated_documentation_is_up_to_date(path):
    """`make docs` rewrites it."""
    assert generated()[path] == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_in_the_readme(name):
    assert re.search(rf"\b{name}\b", (ROOT / "README.md").read_text(encoding="utf-8"))


def commands(group=cli, path=()):
    """Each command with its words, those of groups in groups too."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(whole := command.load(), click.Group):
            yield from commands(whole, (*path, name))


@pytest.mark.parametrize(
    ("path", "command"), list(commands()), ids=lambda part: " ".join(part) if isinstance(part, tuple) else ""
)
def test_the_line_of_a_command_in_a_list_is_the_first_sentence_of_its_help(path, command):
    """A list of commands is written without loading them, so each line stands twice."""
    assert 0 == CliRunner().invoke(cli, [*path, "--help"]).exit_code
    assert command.load().get_short_help_str(limit=500) == command.get_short_help_str(limit=500)


def test_every_table_is_described():
    described = (ROOT / "docs/archive.md").read_text(encoding="utf-8")
    every = "\n".join(scripts())
    gone = set(re.findall(r"DROP TABLE (\w+)", every))
    for table in re.findall(r"CREATE (?:VIRTUAL )?TABLE (\w+)", every):
        assert table in gone or table in described, table


def test_links_between_the_pages_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("record", [Source, Selectors, MeterRule])
def test_every_setting_of_a_source_is_described(record):
    described = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    apart = {"secret_urls"}  # made of the addresses
    assert {part.name for part in fields(record)} - apart <= set(re.findall(r"\w+", described))


def test_nothing_points_at_files_outside_of_the_repository():
    """Tests and benchmarks may read a corpus beside it, where there is one."""
    folders = [ROOT / name for name in ("archive", "scraper", "config", "docs")]
    files = [path for folder in folders for path in folder.rglob("*")] + list(ROOT.iterdir())
    texts = [path for path in files if path.is_file() and path.suffix in _TEXTS]
    outside = re.compile(r"\.\./shared|STYLE\.md|DESIGN\.md")
    assert [] == [str(path) for path in texts if outside.search(path.read_text(encoding="utf-8"))]


def test_the_readme_begins_with_the_two_commands():
    head = (ROOT / "README.md").read_text(encoding="utf-8")[:600]
    assert "make demo" in head
    assert "make test" in head


def test_the_tests_and_benchmarks_that_promises_rest_on_exist():
    page = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", page))
    assert {name for name in named if f"def {name}(" not in tests} == set()
    for path in re.findall(r"(?:tests|benchmarks)/\w+\.py", page):
        assert (ROOT / path).exists(), path


def test_what_the_page_about_python_shows_is_what_comes_out():
    failed, _ = doctest.testfile(str(ROOT / "docs/python.md"), module_relative=False)
    assert 0 == failed
