"""Words that phrases need: a phrase that fits is always among those worth a search."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.read.access.signals import _consent_index, _rules
from scraper.read.words.prompts import _fold, _index, _phrases, _shipped, _vocabulary
from scraper.read.words.vocabulary import _RULES
from scraper.read.words.word_index import WordIndex, needed_words

_CONSENT = _rules()["consent"]["words"]
_PATTERNS = [*(phrase.pattern for phrase in _shipped()), *_CONSENT]
_LANGUAGES = _phrases()["words"]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\bsubscri(?:be|ption)\b", {" subscri"}),
        (r"\b(?:my |your )?name", {" name"}),
        (r"(?:my |your)?name", {"name"}),
        (r"\b(?:log|sign) ?in\b", {" log", " sign"}),
        (r"\bfree\b.{0,20}\b(?:articles?|stor(?:y|ies))", {" free"}),
        (r"\S*newsletters?", {"newsletter"}),
        (r"^(?:残り|あと)\s*\d+", {" 残り", " あと"}),
        (r"\b\d{1,2} ?%", {r" \d"}),
        (r"\bgo+d{2}\b(?! morning)", {" go"}),
        (r"(?P<who>ann|jo) other", {" other"}),
        (r"\S+|members", {"", "members"}),
        (r"\w{3,}", {""}),
    ],
)
def test_one_of_the_words_stands_in_every_text_that_fits(pattern, words):
    """The longest that begin a word, where a pattern needs several; "" where it needs none."""
    assert words == needed_words(pattern)


@pytest.mark.parametrize("pattern", [r"(?i:free)", r"(a)\1", "caf\\u00e9", r"(a)?(?(1)b|c)"])
def test_what_cannot_be_read_is_refused(pattern):
    with pytest.raises(ValueError, match="cannot tell which words are needed"):
        needed_words(pattern)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Subscribe today", {"start", "longer"}),
        ("“SUBSCRIPTION”", {"start"}),
        ("We unsubscribe", set()),
        ("Lʼsubscriber", {"start", "longer"}),
        ("In 24 hours", {"digit"}),
        ("B24", set()),
        ("Digitalabo", {"within"}),
        ("今すぐ登録する", {"unspaced"}),
        ("", set()),
    ],
)
def test_subjects_are_found_by_their_words(text, found):
    index = WordIndex(
        [
            (frozenset((" subscri",)), "start"),
            (frozenset((" subscribe",)), "longer"),
            (frozenset((r" \d",)), "digit"),
            (frozenset(("abo",)), "within"),
            (frozenset(("登録", "登録する")), "unspaced"),
        ]
    )
    assert found == index.find(text)


def test_what_needs_no_word_is_always_worth_a_search():
    assert {"any"} == WordIndex([(frozenset(("",)), "any")]).find("Talks fail.")


@pytest.mark.parametrize("pattern", _PATTERNS)
def test_every_phrase_needs_a_word(pattern):
    """One that needs none would be searched for in every block of every page: word it otherwise."""
    assert "" not in needed_words(pattern)


_FITTING = st.sampled_from(_PATTERNS).flatmap(lambda pattern: st.tuples(st.just(pattern), st.from_regex(pattern)))


@settings(max_examples=300, deadline=None)
@given(_FITTING)
def test_no_phrase_is_lost(fitting):
    """Whatever stands around a phrase, and in the parts of it that are left open."""
    pattern, text = fitting
    if re.search(pattern, _fold(text)):
        found = {getattr(subject, "pattern", subject) for subject in _index().find(text) | _consent_index().find(text)}
        assert pattern in found


@st.composite
def _composed(draw: st.DrawFn) -> str:
    named = _LANGUAGES[draw(st.sampled_from(sorted(_LANGUAGES)))]
    _, _, names = draw(st.sampled_from(_RULES))
    parts = {"count": "5", "price": "$1"}
    words = [parts[name] if name in parts else draw(st.from_regex(named[name])).strip() for name in names]
    return " ".join([*draw(st.permutations(words)), draw(st.sampled_from(named["stems"]))])


@settings(max_examples=300, deadline=None)
@given(_composed())
def test_no_composed_prompt_is_lost(text):
    folded = _fold(text)
    languages = [subject for subject in _index().find(text) if isinstance(subject, str)]
    assert _vocabulary().compose(folded, list(_LANGUAGES)) == _vocabulary().compose(folded, languages)
