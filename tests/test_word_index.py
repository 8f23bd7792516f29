"""Words that phrases need: a phrase that fits is always among those worth a search."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.languages import shipped_languages
from scraper.read.words.phrases import fold_prompt, shipped_phrases
from scraper.read.words.vocabulary import RULES, Vocabulary
from scraper.read.words.word_index import Expressions, WordIndex, needed_words

LANGUAGES = shipped_languages()
PATTERNS = [
    *(phrase.pattern for phrase in shipped_phrases(LANGUAGES)),
    *LANGUAGES.words("notices", "consent"),
]
ASIDES = LANGUAGES.words("asides", "disclaimer", "sound")
ANY_ASIDE = Expressions(ASIDES)
INDEX = WordIndex((needed_words(pattern), pattern) for pattern in PATTERNS)
VOCABULARY = Vocabulary(LANGUAGES)
LANGUAGE_INDEX = WordIndex(VOCABULARY.needed())
ASKING = {code: each.tables["asking"] for code, each in LANGUAGES.languages.items() if "asking" in each.tables}


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


@pytest.mark.parametrize("pattern", [*PATTERNS, *ASIDES])
def test_every_phrase_needs_a_word(pattern):
    """One that needs none would be searched for in every block of every page: word it otherwise."""
    assert "" not in needed_words(pattern)


FITTING = st.sampled_from(PATTERNS).flatmap(lambda pattern: st.tuples(st.just(pattern), st.from_regex(pattern)))


@settings(max_examples=300, deadline=None)
@given(FITTING)
def test_no_phrase_is_lost(fitting):
    """Whatever stands around a phrase, and in the parts of it that are left open."""
    pattern, text = fitting
    if re.search(pattern, fold_prompt(text)):
        assert pattern in INDEX.find(text)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(ASIDES).flatmap(lambda pattern: st.from_regex(re.compile(pattern, re.IGNORECASE))),
    st.sampled_from([str, str.upper, str.title]),
)
def test_expressions_fit_where_one_of_them_is_found_in_any_case(text, written):
    found = any(re.search(pattern, written(text), re.IGNORECASE) for pattern in ASIDES)
    assert found == ANY_ASIDE.fit(written(text))


@st.composite
def composed(draw: st.DrawFn) -> str:
    named = ASKING[draw(st.sampled_from(sorted(ASKING)))]
    parts = {"count": "5", "price": "$1", "share": "43 %"}
    # A language may lack the words of a rule.
    rules = [names for _, _, names in RULES if all(name in parts or name in named for name in names)]
    names = draw(st.sampled_from(rules))
    words = [parts[name] if name in parts else draw(st.from_regex("|".join(named[name]))).strip() for name in names]
    return " ".join([*draw(st.permutations(words)), draw(st.sampled_from(named["stems"]))])


@settings(max_examples=40, deadline=None)  # each asks every rule of every language
@given(composed())
def test_no_composed_prompt_is_lost(text):
    folded = fold_prompt(text)
    every = [asked for _, asked in VOCABULARY.needed()]
    assert VOCABULARY.compose(folded, every) == VOCABULARY.compose(folded, LANGUAGE_INDEX.find(text))
