"""The file in which a host reserves text and data mining."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.tdmrep import TdmRule, find_file_wishes, parse_tdmrep

HOME = "https://tide.example"


def reservation(rules, path):
    return next((wish.value for wish in find_file_wishes(rules, HOME + path)), None)


def test_rules_are_read_in_their_order_with_their_terms():
    file = [
        {"location": "/a/", "tdm-reservation": 0},
        {"location": "/", "tdm-reservation": "1", "tdm-policy": f"{HOME}/terms"},
    ]
    assert (TdmRule("/a/", "0"), TdmRule("/", "1", f"{HOME}/terms")) == parse_tdmrep(json.dumps(file).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html>",
        b"[",
        b"7",
        b"null",
        b'["/"]',
        b'[{"location": "/"}]',
        b'{"tdm-reservation": 1}',
        b"\xff",
    ],
)
def test_what_is_no_such_file_has_no_rules(body):
    assert () == parse_tdmrep(body)


def test_what_is_no_rule_does_not_keep_the_others_from_being_read():
    assert (TdmRule("/", "1"),) == parse_tdmrep('[7, {"location": null}, {"location": "/", "tdm-reservation": 1}]')


@pytest.mark.parametrize(
    ("location", "path", "matches"),
    [
        ("/", "/", True),
        ("/", "/a/b?c", True),
        ("/a", "/ab", True),
        ("/a/", "/a", False),
        ("/A", "/a", False),
        ("/*.html", "/a/b.html?c", True),
        ("/*.html$", "/a/b.html", True),
        ("/*.html$", "/a/b.html?c", False),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/*/then", "/this/and/then/that", True),
        ("/a*a$", "/a", False),
        ("/*", "/", True),
        ("/*$", "/a", True),
        ("/caf%c3%a9", "/caf%C3%A9", True),
        ("/%61", "/a", True),
        ("/foo-%24", "/foo-$", False),
        ("a", "/a", False),
    ],
)
def test_a_pattern_matches_from_the_beginning_with_star_and_dollar(location, path, matches):
    assert ("1" if matches else None) == reservation((TdmRule(location, "1"),), path)


def test_the_first_rule_that_matches_counts():
    rules = (TdmRule("/opinion/", "0"), TdmRule("/", "1"))
    assert ["0", "1"] == [reservation(rules, path) for path in ("/opinion/a", "/news/a")]


@given(st.text(max_size=60), st.text(alphabet="/*$%a2", max_size=12))
def test_any_file_and_any_pattern_is_taken(body, location):
    parse_tdmrep(body)
    find_file_wishes((TdmRule(location, "1"),), f"{HOME}/aa/a2")
