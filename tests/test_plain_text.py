"""Saved texts without markup, taken apart by their shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read_document

from scraper.errors import PageError
from scraper.model import Article, Role
from scraper.read.plain_text import read_plain_text

_BODY = (
    "The harbor office of Lowmere closed its north gate on Tuesday night after a crane operator reported that the plan "
    "on her screen no longer matched the ship.\n"
    "Divers and engineers searched the quay until morning, said harbor master Edda Voss, who has run the port for "
    "years, and had never seen it fail.\n"
    "By noon the gate had opened again, and the first of nine delayed freighters left for the outer roads under a low "
    "grey sky, with the pilot on board."
).split("\n")


def read(*parts: str) -> Article:
    return read_plain_text("\n\n".join(parts).encode(), "https://harbor.example/a.txt", "text/plain; charset=utf-8")


def roles(article: Article) -> list[Role]:
    return [block.role for block in article.blocks]


def test_a_headline_and_paragraphs():
    article = read("Gate closes", *_BODY)
    assert ("Gate closes", _BODY) == (article.headline, article.body.split("\n\n"))


def test_a_whole_head():
    article = read(
        "Gate closes", "A fault stops nine ships.", "By Ann Other", "March 2, 2024", "• From the coast.", *_BODY
    )
    head = [Role.HEADLINE, Role.DEK, Role.BYLINE, Role.DATELINE, Role.SERIES_NOTE]
    assert [*head, Role.BODY, Role.BODY, Role.BODY] == roles(article)
    assert ("A fault stops nine ships.", ("Ann Other",), "2024-03-02") == (
        article.dek,
        article.authors,
        article.published_raw,
    )


@pytest.mark.parametrize(
    "line", ["By Ann Other", "Written by Ann Other", "Verfasst von Ann Other", "By Ann Other in Oslo"]
)
def test_whoever_signs_is_the_author_as_on_a_page(line):
    article = read("Gate closes", line, *_BODY)
    assert (None, ("Ann Other",)) == (article.dek, article.authors)
    page = f"<article><h1>Gate closes</h1><p>{line}</p>{''.join(f'<p>{text}</p>' for text in _BODY)}</article>"
    assert article.authors == read_document(page.encode(), "https://harbor.example/a").authors


def test_a_dek_that_begins_with_by_is_no_byline():
    dek = "By the time the gate opened again on Wednesday, nine freighters had left for other ports along the coast"
    assert (dek, ()) == ((article := read("Gate closes", dek, *_BODY)).dek, article.authors)


@pytest.mark.parametrize("picture", ["Ann Other/AP\nThe gate on Tuesday.", "The gate on Tuesday.\nAnn Other/AP"])
def test_caption_and_credit_above_the_text(picture):
    article = read("Gate closes", "A fault stops nine ships.", picture, *_BODY)
    assert [("The gate on Tuesday.", "Ann Other/AP")] == [(i.caption, i.credit) for i in article.images]
    assert _BODY == article.body.split("\n\n")


def test_prompts_at_the_end_take_short_lines_along():
    article = read("Gate closes", *_BODY, "You have 2 free articles left.\nHarbor Courier Plus", "$4 a month")
    assert [Role.PAYWALL] * 3 == roles(article)[-3:]
    assert (2, (4.0,)) == (article.access.numbers.remaining, article.access.numbers.prices)


def test_a_text_about_prompts_keeps_its_paragraphs():
    talk = "Readers who subscribe to a newsletter often stay, said Greta Holm, who runs the place and reads them all."
    assert talk in read("Gate closes", *_BODY, talk, _BODY[0]).body


def test_lines_broken_at_a_column_are_joined():
    wrapped = (
        "The harbor office of Lowmere closed its north gate on Tuesday night\n"
        "after a crane operator reported that the plan on her screen was not\n"
        "that of the ship."
    )
    assert wrapped.replace("\n", " ") in read("Gate closes", wrapped, *_BODY).body


def test_bullets_between_paragraphs_are_a_list():
    article = read("Gate closes", _BODY[0], "- White chalk", "- A board", *_BODY[1:])
    assert ["White chalk", "A board"] == [block.text for block in article.blocks if block.role is Role.LIST]


def test_a_text_that_begins_with_a_paragraph_has_no_headline():
    assert read(*_BODY).headline is None


def test_an_empty_text_is_refused():
    with pytest.raises(PageError):
        read("  ", "\n")


@given(st.text(max_size=300))
def test_any_text_is_an_article_or_a_page_error(text):
    try:
        article = read(text)
    except PageError:
        return
    assert article.blocks
