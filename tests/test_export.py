"""Articles as JSON Lines, CSV and Markdown: whole, and harmless wherever they are opened."""

import csv
import json
import unicodedata
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOW, TIDE, article, full_article, keep

from archive.model import StoredArticle
from archive.show.article_json import render_json
from archive.show.export import (
    CSV_COLUMNS,
    file_name,
    original_cell,
    render_article,
    render_csv,
    render_markdown,
    safe_cell,
    safe_name,
)
from archive.store import Archive
from scraper.model import Image, LabelledBlock, Role

SECURITY = Path(__file__).parents[2] / "shared" / "conformance" / "security"


def stored(new=None):
    new = new or full_article()
    return StoredArticle(7, new, "tide", new.url, "https://tide.example/storm", NOW, NOW, None, False, ())


def security_cases(name):
    if not SECURITY.is_dir():
        pytest.skip("needs ../shared/conformance/security")
    return json.loads((SECURITY / name).read_text())


# ---------------------------------------------------------------- JSON Lines


def test_a_line_of_json_holds_all_that_is_known():
    with Archive.open(":memory:", write=True) as archive:
        archive.save_sources([TIDE])
        _, article_id = keep(archive, full_article())
        fields = json.loads(render_json(archive.article(article_id)))
    assert (article_id, "tide", "Storm shuts “two” roads") == (fields["id"], fields["source"], fields["headline"])
    assert ["Ada Mole, Jr.", "李 四"] == fields["authors"]
    assert fields["published_at"] == "2026-03-01T06:00:00Z"
    assert fields["body"] == "The storm\nshut two roads."
    assert ("metered", False, "paywall") == tuple(fields["access"][key] for key in ("status", "complete", "cut_by"))
    assert fields["access"]["evidence"][0]["value"] == "2 of 3 articles"
    assert fields["access"]["numbers"]["prices"] == [4.5, 11.0]
    assert [block["role"] for block in fields["blocks"]] == ["headline", "body", "caption", "paywall"]
    assert fields["images"][0]["credit"] == "Photo: Bo"
    assert fields["revisions"] == [
        {
            "number": 1,
            "seen_at": "2026-03-02T06:00:00Z",
            "changes": None,
            "headline": "Storm shuts “two” roads",
            "word_count": 5,
        }
    ]


@given(st.text())
def test_any_text_is_on_one_line_of_json_and_comes_back(text):
    line = render_json(stored(article(headline=text)))
    assert len(line.splitlines()) == 1
    assert text == json.loads(line)["headline"]


# ---------------------------------------------------------------- CSV


def read_csv(*articles):
    return list(csv.reader(StringIO("".join(render_csv(articles)), newline=""), strict=True))


def test_a_row_of_csv_has_a_cell_for_each_column():
    names, cells = read_csv(stored())
    assert CSV_COLUMNS == names
    row = dict(zip(names, cells, strict=True))
    assert ("7", "Ada Mole, Jr., 李 四", "metered", "no", "5") == tuple(
        row[name] for name in ("id", "byline", "access", "complete", "words")
    )
    assert row["body"] == "The storm\nshut two roads."


@given(st.text(), st.text())
def test_any_text_comes_back_from_a_cell(headline, dek):
    _, cells = read_csv(stored(article(headline=headline, dek=dek)))
    assert [headline, dek] == [original_cell(cell) for cell in cells[1:3]]


@given(st.text(min_size=1))
def test_no_cell_begins_with_what_a_spreadsheet_evaluates(text):
    cell = safe_cell(text)
    assert unicodedata.normalize("NFKC", cell)[0] not in "=+-@(\t\r\n|%;,#"
    assert unicodedata.category(cell[0])[0] not in "CZSM"


@pytest.mark.parametrize("mark", "“‘«‹„‚»›”’「『【《〈〔〖「｢〝﹁¿¡")
def test_a_text_that_begins_with_an_opening_mark_stays_as_it_is(mark):
    """No spreadsheet takes these for the beginning of anything but a text."""
    text = f"{mark}Storm"
    assert text == safe_cell(text) == original_cell(safe_cell(text))


@pytest.mark.parametrize("mark", "=+-@\t\r\n(（＝＋－＠﹣﬩⁺⁼−–—'\"[{［｛|%\u200b\ufeff\xa0\u0301")
def test_what_a_spreadsheet_could_calculate_with_is_defused(mark):
    assert f"'{mark}1" == safe_cell(f"{mark}1")


@pytest.mark.shared
@pytest.mark.parametrize("name", ["csv_cells.json", "csv_payloads.json"])
def test_hostile_cells_are_defused_and_can_be_recovered(name):
    for case in security_cases(name):
        text = case["cell"] if isinstance(case, dict) else case
        _, cells = read_csv(stored(article(headline=text)))
        assert cells[1][0] == "'" or cells[1][0].isalnum()
        assert text == original_cell(cells[1])


# ---------------------------------------------------------------- Markdown


def test_markdown_has_the_facts_in_front_then_text_and_pictures():
    new = replace(
        full_article(),
        blocks=(
            LabelledBlock(Role.SUBHEAD, "At *sea*", "h2"),
            LabelledBlock(Role.BODY, "The storm", "model", markdown="The [storm](<https://tide.example/s>)"),
            LabelledBlock(Role.QUOTE, "Wind.\nAnd <rain>.", "model"),
            LabelledBlock(Role.LIST, "one\ntwo", "model"),
            LabelledBlock(Role.BODY, "1. May", "model"),
            LabelledBlock(Role.PAYWALL, "Subscribe now", "prompt"),
        ),
        images=(
            Image("https://tide.example/b (1).jpg", "The mole", None, "a [mole]"),
            Image("https://tide.example/a.jpg", "Waves", "Photo: Bo", "waves", is_lead=True),
            Image("javascript:alert(1)", "No address", "Bo"),
        ),
    )
    expected = r"""---
title: "Storm shuts “two” roads"
dek: "Two roads are shut."
authors: ["Ada Mole, Jr.", "李 四"]
published: "2026-03-01T06:00:00Z"
updated: "2026-03-02T05:00:00Z"
publication: "The Tide"
section: "Coast"
language: "en"
tags: ["storm", "roads"]
cves: ["CVE-2026-0002", "CVE-2026-0001"]
access: "metered"
complete: false
url: "https://tide.example/storm?page=1"
canonical_url: "https://tide.example/storm"
source: "tide"
first_seen: "2026-03-02T06:00:00Z"
archive_id: 7
---

# Storm shuts “two” roads

*Two roads are shut.*

![waves](<https://tide.example/a.jpg>)

Waves *Photo: Bo*

## At \*sea\*

The [storm](<https://tide.example/s>)

> Wind.{two spaces}
> And \<rain\>.

- one
- two

1\. May

![a \[mole\]](<https://tide.example/b%20(1).jpg>)

The mole

No address *Bo*
"""
    assert expected.replace("{two spaces}", "  ") == render_markdown(stored(new))


def test_an_article_that_was_never_kept_is_rendered_without_facts_of_the_archive():
    text = render_article(article(body="The end."))
    assert text.endswith("# Storm shuts roads\n\nThe end.\n")
    assert "archive_id" not in text


@given(st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_any_text_comes_back_from_the_front_matter(headline, tags):
    yaml = pytest.importorskip("yaml")
    text = render_markdown(stored(article(headline=headline, tags=tuple(tags))))
    front = text.split("\n---\n")[0]
    assert (headline, tags) == (yaml.safe_load(front)["title"], yaml.safe_load(front).get("tags", []))


@given(st.text())
def test_a_headline_stays_on_its_line(headline):
    text = render_markdown(stored(article(headline=headline, body="End.")))
    _, _, rest = text.partition("\n---\n\n")
    assert len(rest.strip().splitlines()) <= 3


# ---------------------------------------------------------------- file names


def is_safe(name):
    return name.isascii() and name.replace("-", "").isalnum() and name[0] != "-" and len(name) <= 93


@given(st.text())
def test_any_name_is_safe(name):
    assert is_safe(safe_name(name))


@pytest.mark.shared
def test_hostile_names_stay_in_their_folder_and_apart(tmp_path):
    names = [case["name"] for case in security_cases("snapshot_names.json")]
    names += security_cases("traversal_payloads.json")
    safe = {safe_name(name) for name in names}
    assert len(set(names)) == len({name.casefold() for name in safe})
    for name in safe:
        assert is_safe(name)
        assert (tmp_path / f"{name}.md").resolve().parent == tmp_path


def test_the_file_of_an_article_is_named_by_day_headline_and_url_key():
    name = file_name(stored())
    assert name.startswith("2026-03-01-storm-shuts-two-roads-")
    assert name.endswith(".md")
    other = replace(stored(), url_key="https://tide.example/storm-2")
    assert name != file_name(other)
    assert file_name(stored(article(headline="台風", published_at=None))).startswith("2026-03-02-article-")
