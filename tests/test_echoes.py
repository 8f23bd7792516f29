"""Who had a text first, who copied it, and who added to it."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from archive.judge.echoes import map_echoes
from archive.model import EchoKind, Told
from benchmarks import echoes as benchmark

SIX = datetime(2026, 3, 2, 6, tzinfo=UTC)
FERRY = (
    "The night ferry to Ostrel ran onto a sandbank at two in the morning with ninety people on board, and nobody was"
    " hurt.\n\nDivers looked at the hull before the tide came back and found a dent as long as a bicycle near the"
    " second screw, right behind the cargo door.\n\nThe owner had changed the timetable only last week because the"
    " channel had become narrower after the storms of January."
)
ASHORE = (
    "Hanna Veit stood at the rail when the engines fell silent, with a thermos of tea and a dog that would not stop"
    " barking at the beacon.\n\nShe reached the beach in a rubber boat that the school uses for its sailing lessons,"
    " and walked home in borrowed boots."
)
STATEMENT = (
    "“We will look at every chart that was on the bridge that night, we will hear every officer, and until that is"
    " done no ship of ours goes through the northern channel after dark.”"
)


def told(number: int, text: str, outlet: str = "", minutes: int | None = None, signed: tuple[str, ...] = ()) -> Told:
    at = SIX + timedelta(minutes=number if minutes is None else minutes)
    return Told(number, outlet or f"Paper {number}", at, text, signed)


def kinds(*texts: Told) -> dict[int, EchoKind]:
    return {echo.article_id: echo.kind for echo in map_echoes(texts).echoes}


@pytest.fixture(scope="module")
def drawn():
    return benchmark.make_clusters(1)


def test_of_forty_invented_clusters_the_independent_reports_are_counted_rightly(drawn):
    """95 in 100 at least; which of them are wrong is printed by benchmarks/echoes.py."""
    right = [cluster.name for cluster in drawn if benchmark.judge(cluster)[1]]
    assert len(drawn) == 40
    assert len(right) >= 38


def test_the_order_in_which_articles_are_given_says_nothing():
    texts = [told(1, FERRY), told(2, FERRY + "\n\n" + ASHORE), told(3, ASHORE), told(4, FERRY[:200])]
    assert 1 == len({map_echoes(order) for order in permutations(texts)})


def test_who_prints_more_of_a_report_than_the_first_did_has_not_found_it_out():
    opening = FERRY.partition("\n\n")[0]
    found = map_echoes([told(1, opening), told(2, FERRY)])
    assert 1 == found.independent_count
    assert [EchoKind.INDEPENDENT, EchoKind.ADDS] == [echo.kind for echo in found.echoes]


def test_what_is_added_is_counted_in_paragraphs_and_words():
    echo = map_echoes([told(1, FERRY), told(2, FERRY + "\n\n" + ASHORE)]).by_article[2]
    assert (EchoKind.ADDS, 2, (1,)) == (echo.kind, echo.own_paragraphs, echo.of)
    assert len(ASHORE.split()) == pytest.approx(echo.own_words, abs=4)


def test_a_quoted_statement_makes_no_copy():
    one, other = (f"{text}\n\n{STATEMENT}" for text in (FERRY, ASHORE))
    found = map_echoes([told(1, one), told(2, other)])
    assert 2 == found.independent_count
    assert [(1, (2,))] == [(passage.first, passage.others) for passage in found.passages]


def test_a_statement_in_full_under_a_line_of_ones_own_is_no_report():
    whole = "\n\n".join([STATEMENT, f"“{FERRY}”", f"“{ASHORE}”"])
    assert EchoKind.COPY == kinds(told(1, whole), told(2, "The line has answered.\n\n" + whole))[2]


def test_an_outlet_copies_nothing_from_itself():
    """Not even where another outlet printed it in between."""
    first, echo, later = told(1, FERRY, "Post"), told(2, FERRY, "Tide"), told(3, FERRY + "\n\n" + ASHORE, "Post")
    found = map_echoes([first, echo, later])
    assert [EchoKind.INDEPENDENT, EchoKind.COPY, EchoKind.INDEPENDENT] == [each.kind for each in found.echoes]
    assert 1 == found.independent_count


def test_reports_that_one_agency_signs_alone_are_of_one_house():
    assert 1 == map_echoes([told(1, FERRY, signed=("dpa",)), told(2, ASHORE, signed=("dpa",))]).independent_count
    found = map_echoes([told(1, FERRY, signed=("dpa",)), told(2, ASHORE, signed=("Ada Roy", "dpa"))])
    assert ["dpa", "Paper 2"] == [echo.house for echo in found.echoes]


def test_what_an_agency_signs_was_its_own_first():
    found = map_echoes([told(1, FERRY, "Post", signed=("Reuters",)), told(2, FERRY, "Reuters")])
    assert [("Reuters", EchoKind.INDEPENDENT), ("Post", EchoKind.COPY)] == [
        (echo.outlet, echo.kind) for echo in found.echoes
    ]


def test_a_passage_is_shown_as_it_is_written_by_who_had_it_first():
    _, second, _ = FERRY.split("\n\n")
    found = map_echoes([told(1, FERRY), told(2, ASHORE + "\n\n" + second), told(3, ASHORE[:90] + ".\n\n" + second)])
    assert (second.removesuffix("."), 1, (2, 3)) in [
        (passage.text, passage.first, passage.others) for passage in found.passages
    ]


def test_words_that_many_reports_share_each_elsewhere_make_no_passage():
    phrases = [f"as the harbour office number {number} said" for number in "one two three four five six".split()]
    one = " ".join(f"{phrase} {filler} here and there today" for phrase, filler in zip(phrases, "abcdef", strict=True))
    other = " ".join(
        f"{phrase} {filler} nothing of this before" for phrase, filler in zip(phrases[::-1], "uvwxyz", strict=True)
    )
    assert () == map_echoes([told(1, one), told(2, other)]).passages


def test_articles_without_a_text_are_left_out():
    found = map_echoes([told(1, ""), told(2, "Ferry aground"), told(3, FERRY)])
    assert ([3], 1) == ([echo.article_id for echo in found.echoes], found.independent_count)
    assert 0 == map_echoes([]).independent_count
