"""
A language is one file: what stands in it is known everywhere that words count, and nothing else
names it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from scraper.dates import parse_date
from scraper.languages import Languages, of_languages, read_language, read_languages, shipped_languages
from scraper.model import AccessStatus, Role
from scraper.read import Document, Reader
from scraper.read.words.bylines import shown_names, without_by
from scraper.read.words.credits import clean_credit, is_credit
from scraper.read.words.dates import cut_date, find_written_date, says_changed
from scraper.read.words.lexicon import Lexicon
from scraper.read.words.meter_numbers import find_numbers
from scraper.read.words.notices import announces_comments, asks_for_consent, has_rights_notice, is_related_heading
from scraper.read.words.prompts import find_prompt

# A language that nobody speaks: its words are found in no other.
LANTERNISH = r"""
[dates]
months = ["unmel", "dumel", "tremel", "kamel", "pemel", "semel", "hemel", "omel", "nemel", "demel", "elmel", "ulmel"]
weekdays = "lunlo marlo"
before_day = "zi"
changed = ['nuvari']

[subscription]
wall = ['\bpagu por legu\b']

[newsletter]
sure = ['\bricevu nian leterlo\b']

[asking]
stems = ["kontlo"]
read = ['\blegu\b']
on = ['\bplulo\b']
register = ['\bkontlo\b']

[counts]
numbers = ["ulo", "dulo", "trelo"]
piece = ["artiklo"]
free = ["senpago"]
remains = ["restlo"]

[bylines]
by = ["verkis"]
and = ["kajlo"]
post = "jurnalo"

[credits]
label = ["bildlo"]

[comments]
announced = ["komentlo"]

[rights]
reserved = ["rajtlo gardata"]

[related]
heading = ["legu ankalo"]

[notices]
consent = ['\bkuketlo akceptu\b']
"""


@pytest.fixture
def lanternish(tmp_path):
    """A folder with the shipped languages and one file more."""
    for file in files("scraper.languages").iterdir():
        if file.name.endswith(".toml"):
            (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "xl.toml").write_text(LANTERNISH, encoding="utf-8")
    return Lexicon(read_languages(tmp_path))


@pytest.mark.parametrize(
    ("known", "look"),
    [
        ("subscription", lambda: (found := find_prompt("Pagu por legu")) and found.kind),
        ("newsletter", lambda: (found := find_prompt("Ricevu nian leterlo")) and found.kind),
        ("registration", lambda: (found := find_prompt("Legu plulo: via kontlo atendas")) and found.kind),
        (3, lambda: find_numbers(("Restlo trelo senpago artiklo",)).remaining),
        (("Ann Other", "Jo Roe"), lambda: shown_names("Verkis Ann Other kajlo Jo Roe zi marlo 3 tremel 2024", ())),
        (True, lambda: is_credit("Bildlo: Ann Other")),
        ("Ann Other", lambda: clean_credit("Bildlo: Ann Other")),
        (True, lambda: announces_comments("Komentlo (12)", is_heading=False)),
        (True, lambda: has_rights_notice("Harbor News, rajtlo gardata")),
        (True, lambda: is_related_heading("legu ankalo")),
        ("kuketlo akceptu", lambda: asks_for_consent("Kuketlo akceptu")),
        ("2024-03-03", lambda: find_written_date("3 tremel 2024")),
        ("Ann Other", lambda: cut_date("Ann Other zi marlo 3 tremel 2024")),
        (True, lambda: says_changed("Nuvari 3.3.2024")),
    ],
)
def test_the_words_of_a_language_that_is_one_file_are_known(lanternish, known, look):
    with lanternish.used():
        assert known == look()
    assert known != look(), "it is known without the file"


def test_a_page_in_a_language_that_is_one_file_is_read(lanternish):
    story = "".join(
        f"<p>Jen la {number} ferto de la havno, kiu restis fermita tutan nokton pro la ventego.</p>" for number in "123"
    )
    markup = f"<article><h1>La havno</h1><p>Verkis Ann Other</p>{story}<p>Pagu por legu</p></article>"
    page = f"<html lang=xl><body>{markup}</body></html>".encode()
    article = Reader(lanternish).read(Document(page, "https://lantern.example/a"))
    assert (("Ann Other",), Role.PAYWALL) == (article.authors, article.blocks[-1].role)
    assert AccessStatus.PREVIEW is article.access.status


def test_discovery_knows_the_months_of_all_shipped_languages():
    assert datetime(2026, 3, 2, tzinfo=UTC) == parse_date("2 marca 2026") == parse_date("2 de março de 2026")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[byline]\nby = 'x'", "eo.toml: there is no table [byline]"),
        ("[bylines]\nfrom = 'x'", 'eo.toml: there is no row "from" in [bylines]'),
        ("[bylines]\nby = 3", 'eo.toml: "by" in [bylines] is no string of words and no list of phrases'),
        ("by = 'x'", "eo.toml: there is no table [by]"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_place(text, problem):
    with pytest.raises(ValueError, match=re.escape(problem)):
        read_language("eo", text)


def rows(languages: Languages):
    for code, language in languages.languages.items():
        for table, named in language.tables.items():
            for row, words in named.items():
                yield pytest.param(words, id=f"{code}-{table}-{row}")


# Texts are compared as they are here: letters that tell how a text speaks to its reader keep their
# capitals.
KEEPS_CAPITALS = "addressed"


@pytest.mark.parametrize("words", [row for row in rows(shipped_languages()) if KEEPS_CAPITALS not in row.id])
def test_words_are_written_as_texts_are_compared(words):
    letters = [re.sub(r"\\[A-Z]", "", word) for word in words]
    assert [word.lower() for word in letters] == letters


def test_a_language_without_any_word_changes_nothing():
    empty = Lexicon(of_languages([*shipped_languages().languages.values(), read_language("xx", "")]))
    with empty.used():
        assert "subscription" == find_prompt("Subscribe to continue reading").kind


def test_without_any_language_nothing_is_known_and_nothing_breaks():
    with Lexicon(of_languages([])).used():
        assert (None, "By Ann Other, 3 May", None, False) == (
            find_prompt("Subscribe to continue reading"),
            without_by("By Ann Other, 3 May"),
            find_numbers(("3 free articles left",)).remaining,
            has_rights_notice("All rights reserved"),
        )
