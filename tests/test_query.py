"""The query language: what a query asks for, what is not understood and where, and what an article is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.judge.query.holds import Subject, holds
from archive.judge.query.parse import parse
from archive.model.query import (
    All,
    Any,
    Fact,
    Is,
    Not,
    NotUnderstood,
    Query,
    Sort,
    TextField,
    Within,
    Words,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def asked(text, timezone="UTC"):
    found = parse(text, NOW, timezone)
    assert isinstance(found, Query), found
    return found.condition


def word(*phrase, **more):
    return Words(phrase, **more)


def day(month, number, hour=0):
    return datetime(2026, month, number, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gate storm", All((word("gate"), word("storm")))),
        ("gate AND storm", All((word("gate"), word("storm")))),
        ('"server maintenance"', word("server", "maintenance", is_exact=True)),
        ("„Die Straße“", word("die", "strasse", is_exact=True)),
        ("-ransomware", Not(word("ransomware"))),
        ("NOT ransomware", Not(word("ransomware"))),
        ("gate OR storm tide", Any((word("gate"), All((word("storm"), word("tide")))))),
        ("(gate OR storm) tide", All((Any((word("gate"), word("storm"))), word("tide")))),
        ("-(gate OR storm)", Not(Any((word("gate"), word("storm"))))),
        ("zelens*", word("zelens", is_prefix=True)),
        ("title:gate", word("gate", field=TextField.HEADLINE)),
        ('body:"the gate"', word("the", "gate", field=TextField.BODY, is_exact=True)),
        ("CVE-2024-3094", word("cve", "2024", "3094")),
        ("don't", word("don", "t")),
        ("C++17 f(x)", All((word("c", "17"), word("f", "x")))),
        ("(f(x) y)", All((word("f", "x"), word("y")))),
        ("https://tide.example/a", word("https", "tide", "example", "a")),
        ("10:30", word("10", "30")),
        ("or and not", All((word("or"), word("and"), word("not")))),
        ("Oregon NOTHING", All((word("oregon"), word("nothing")))),
        ("ΕΠΙΘΕΣΗ", word("επιθεση")),
        ("東京", word("東", "京")),
        ("서울", word("서울", is_prefix=True)),
        ("source:tide access:metered", All((Is(Fact.SOURCE, "tide"), Is(Fact.ACCESS, "metered")))),
        ("cve:CVE-2024-*", Is(Fact.CVE, "cve-2024-", is_prefix=True)),
        ('author:"Ann Other"', Is(Fact.AUTHOR, "ann other")),
        ("story:7 is:starred", All((Is(Fact.STORY, "7"), Is(Fact.IS, "starred")))),
        ("has:revision complete:no", All((Is(Fact.HAS, "revision"), Is(Fact.COMPLETE, "no")))),
        ("since:2026-03-01", Within(since=day(3, 1))),
        ("until:2026-03-01", Within(until=day(3, 2))),
        ("since:7d", Within(since=day(2, 23, 12))),
        ("until:24h", Within(until=day(3, 1, 12))),
        ("published:2026-02", Within(day(2, 1), day(3, 1), is_published=True)),
        ("published:2026-02-01..2026-02-03", Within(day(2, 1), day(2, 4), is_published=True)),
        ("published:..2026-02-03", Within(None, day(2, 4), is_published=True)),
        ("published:yesterday", Within(day(3, 1), day(3, 2), is_published=True)),
        ("", None),
        ('"" * () - …', None),
        ("sort:newest", None),
    ],
)  # fmt: skip
def test_a_query_is_taken_apart(text, expected):
    assert expected == asked(text)


def test_days_begin_where_the_reader_is():
    assert Within(since=day(2, 28, 15)) == asked("since:2026-03-01", "Asia/Tokyo")


@pytest.mark.parametrize("order", list(Sort))
def test_the_order_is_a_part_of_the_query(order):
    assert Query(word("gate"), order) == parse(f"gate sort:{order}", NOW)


@pytest.mark.parametrize(
    ("text", "place", "part"),
    [
        ('gate "storm', 6, "not closed"),
        ("gate (storm", 6, "not closed"),
        ("OR", 1, "both sides"),
        ("gate OR", 6, "both sides"),
        ("gate OR OR storm", 6, "both sides"),
        ("gate NOT", 6, "needs something behind it"),
        ("NOT NOT gate", 1, "leave both out"),
        ("autor:smith", 1, "did you mean “author:”"),
        ("title: gate", 1, "needs a value"),
        ("access:shut", 8, "takes free"),
        ("is:new", 4, "takes starred"),
        ("since:soon", 7, "is no time"),
        ("since:2026-02-30", 7, "is no time"),
        ("sort:best", 6, "takes relevance"),
        ("story:storm", 7, "number of a story"),
        ("e*", 1, "2 letters or more"),
        ("cve:*", 5, "needs a value"),
        ("(" * 17 + "gate" + ")" * 17, 17, "brackets within each other"),
        (" ".join(f"w{n}" for n in range(99)), 64 * 3 + 45, "more than 64"),
    ],
)
def test_what_is_not_understood_is_said_with_its_place(text, place, part):
    found = parse(text, NOW)
    assert isinstance(found, NotUnderstood)
    assert part in found.problem
    assert place == found.place or "more than 64" in part


@given(st.text() | st.text(st.sampled_from("ab \"*^:(){}+-,.\\'\0ANDORTE東é"), max_size=60))
def test_every_input_is_a_query_or_a_sentence(text):
    found = parse(text, NOW)
    assert isinstance(found, Query) or (found.problem and 1 <= found.place <= len(text) + 1)


SUBJECT = Subject(
    texts={
        TextField.HEADLINE: "Łódź bada awarię kabla",
        TextField.BODY: "Two studies of the gate, and one of Zelenskyy.\n東京都心では強い雨が降った。",
        TextField.CAPTIONS: "서울시는 해저 케이블",
    },
    facts={Fact.SOURCE: frozenset({"tide", "the tide"}), Fact.CVE: frozenset({"cve-2024-3094"})},
    seen_at=NOW,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lodz", True),
        ("title:lodz kabla", True),
        ("body:lodz", False),
        ("study", True),
        ('"study"', False),
        ("studied", False),
        ("gates", True),
        ('"gate and one"', True),
        ('"zelenskyy 東"', False),
        ("zelens*", True),
        ("zelens", False),
        ("東京", True),
        ("京東", False),
        ("서울 케이블", True),
        ("source:tide", True),
        ('source:"The Tide"', True),
        ("cve:cve-2024-*", True),
        ("-lodz", False),
        ("storm OR rain OR lodz", True),
        ("since:today", True),
        ("until:yesterday", False),
        ("published:today", False),
    ],
)
def test_an_article_is_what_a_query_asks_for_or_not(text, expected):
    assert expected == holds(asked(text), SUBJECT)
