"""What stands with a text and is none of it: captions without a figure, notes, other articles."""

import pytest
from reading import read_document

from scraper.model import BODY_ROLES, Article, Role

TEXT = tuple(
    """
The harbour office closed both locks on Monday after divers had found cracks in the lower gate, and it does not expect.
Barges that were on their way to the inner basins now wait in two rows along the pier, where the office put up lamps.
The gate was built forty years ago and was last looked at in 2019. A report of that year speaks of rust, not of cracks.
The council will meet on Thursday to talk about the money. A new gate would cost about nine million, a repair three.
""".strip().split("\n")
)
CAPTION = "The cracked gate in the lower lock on Monday."
IMAGE = '<img src="https://cdn.example/gate.jpg" width="600">'


def article(*, top: str = "", within: str = "", below: str = "", after: str = "") -> Article:
    paragraphs = [f"<p>{text}</p>" for text in TEXT]
    page = f"""<html lang="en"><head><title>Cracks close both locks</title><meta name="author" content="Jon Averill">
    </head><body><main><article class="post"><h1>Cracks close both locks</h1><p class="byline">By Jon Averill</p>{top}
    {"".join(paragraphs[:2])}{within}{"".join(paragraphs[2:])}{below}</article>{after}</main></body></html>"""
    return read_document(page.encode(), "https://tide.example/locks")


def body_of(read: Article) -> tuple[str, ...]:
    return tuple(block.text for block in read.blocks if block.role in BODY_ROLES)


def captions_of(read: Article) -> list[str]:
    return [block.text for block in read.blocks if block.role is Role.CAPTION]


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>{IMAGE}<br><em>{CAPTION}</em></p>",
        f"<p>{IMAGE}</p><p><small>{CAPTION}</small></p>",
        f"<p><a href='/large.jpg'>{IMAGE}</a><br>{CAPTION}</p>",
        f"<center>{IMAGE}<br><font size='1'>{CAPTION}</font></center>",
        f"<div>{IMAGE}</div><div style='text-align: center'>{CAPTION}</div>",
        f"<p align='center'>{IMAGE}</p><p align='center'>{CAPTION}</p>",
        f"<table><tr><td>{IMAGE}</td></tr><tr><td>{CAPTION}</td></tr></table>",
        f"<dl><dt>{IMAGE}</dt><dd>{CAPTION}</dd></dl>",
        f"<div class='x1'>{IMAGE}<div>{CAPTION}</div></div>",
        f"<figure>{IMAGE}<figcaption><a href='/gallery/7'>{CAPTION}</a></figcaption></figure>",
    ],
)
def test_a_caption_needs_no_figure(markup):
    read = article(within=markup)
    assert [CAPTION] == captions_of(read)
    assert body_of(read) == TEXT
    assert read.images[0].url == "https://cdn.example/gate.jpg"


@pytest.mark.parametrize("label", ["Figure 1:", "Abb. 3:", "Figure 2 –", "Рис. 2.", "图2：", "Kuva 4:"])
def test_a_numbered_figure_is_a_caption_in_any_language(label):
    assert [f"{label} {CAPTION}"] == captions_of(article(within=f"<p>{IMAGE}</p><p>{label} {CAPTION}</p>"))


def test_a_sentence_about_a_figure_is_text():
    sentence = "Figure 2 shows how far the cracks in the lower gate had gone when the divers first saw them on Monday."
    assert sentence in body_of(article(within=f"<p>{IMAGE}</p><p>{sentence}</p>"))


def test_a_paragraph_below_a_picture_is_text():
    paragraph = "The crews have been told to stay on board until the office knows when it can let them through."
    assert paragraph in body_of(article(within=f"<p>{IMAGE}</p><p>{paragraph}</p>"))


@pytest.mark.parametrize(
    "note",
    [
        "<p><em>Jon Averill is a senior fellow at the Institute for Port Studies.</em></p>",
        "<p>Jon Averill covers ports and shipping for The Tide.</p>",
        "<p><em>Ola Brandt is a reporter in Hollen. Before that, she worked on a ferry for three years.</em></p>",
        "<p>The author teaches the law of the sea at Hollen.</p>",
        "<p>Der Autor lehrt Seerecht an der Universität Hollen.</p>",
        "<p>The views expressed in this article are those of the author alone.</p>",
        "<p>Les opinions exprimées ici n’engagent que leur auteur.</p>",
        "<p>This text is for informational purposes only and does not constitute investment advice.</p>",
        "<h3>Disclaimer</h3><p>The publisher makes no promise about the state of the locks.</p>",
        '<div class="disclaimer"><p>The views are not those of Harbour Capital, nor of its affiliates.</p></div>',
    ],
)
def test_notes_below_the_text_are_none_of_it(note):
    assert body_of(article(below=note)) == TEXT


def test_an_answer_of_the_author_is_text():
    answer = "Jon Averill: I have seen these cracks with my own eyes, and they go through the whole of the gate."
    assert answer in body_of(article(below=f"<p>{answer}</p>"))


@pytest.mark.parametrize(
    "player",
    [
        '<div class="audio-player"><p>Listen to this article</p><p>5 min</p><p>This audio is generated.</p></div>',
        "<div><p>Artikel anhören</p><p>Dieser Text wurde maschinell vertont.</p></div>",
    ],
)
def test_what_stands_around_the_text_read_aloud_is_none_of_it(player):
    assert body_of(article(top=player)) == TEXT


def test_an_article_ends_where_another_one_begins():
    other = (
        '<article class="post"><h2>Ferry takes fire</h2><p class="byline">By Ina Muster</p><p>A ferry with forty '
        "people on board took fire near the pier on Sunday night, and all of them were brought ashore.</p></article>"
    )
    assert body_of(article(after=other)) == TEXT
    assert body_of(article(below=other)) == TEXT


def test_readers_answers_below_a_heading_that_counts_them_are_theirs():
    answer = "<div><b>Ann Other</b><p>The locks were always late, and I said so in spring.</p></div>"
    thread = f"<div><h3>2 Responses to “Cracks close both locks”</h3>{answer * 2}</div>"
    assert body_of(article(after=thread)) == TEXT


@pytest.mark.parametrize(
    "picture",
    [
        '<a-img src="https://cdn.example/gate.jpg"></a-img>',
        '<lazy-image data-src="https://cdn.example/gate.jpg"></lazy-image>',
        '<img src="data:," class="lazy"><noscript><img src="https://cdn.example/gate.jpg"></noscript>',
        '<img src="/img/blank.gif" data-lazy="https://cdn.example/gate.jpg">',
        '<img src="data:," data-lazy-srcset="https://cdn.example/s.jpg 300w, https://cdn.example/gate.jpg 900w">',
        '<img srcset="https://cdn.example/w_3,c_fill/s.jpg 3w,https://cdn.example/gate.jpg 9w">',
        '<img src="spacer.gif" original="https://cdn.example/gate.jpg">',
        '<img data-orig-file="https://cdn.example/gate.jpg">',
        '<img src="https://cdn.example/gate.jpg" data-src="https://cdn.example/gate_{width}x.jpg">',
    ],
)
def test_a_picture_that_a_script_loads_has_its_address(picture):
    read = article(within=f"<figure>{picture}<figcaption>{CAPTION}</figcaption></figure>")
    assert read.images[0].url == "https://cdn.example/gate.jpg"


@pytest.mark.parametrize(
    "paragraph",
    [
        "The gang sends a message that lands in your inbox and asks for a code, the port's own office said on Monday.",
        "The callers then ask for your email address and for a telephone number, said those who looked into the calls.",
        "Victims register for free at the false shop before their card is charged, the police said on Tuesday.",
        "Those who create an account at the false portal lose what they saved within hours, the bank of Karrow warned.",
    ],
)
def test_a_report_on_fraud_keeps_the_paragraphs_with_the_words_of_prompts(paragraph):
    assert paragraph in body_of(article(within=f"<p>{paragraph}</p>"))


@pytest.mark.parametrize(
    "prompt",
    [
        "Sign up for our weekly newsletter and have the news of the harbour sent straight to your inbox every Friday.",
        "If you like what you read here, please consider supporting our work with a gift of any size you can afford.",
        "Subscribe now to read the rest of this article, and whatever else we write of the harbour.",
        "Create a free account to continue reading. It takes a minute, and you can read three articles each month.",
    ],
)
def test_what_the_publisher_asks_between_the_paragraphs_is_no_text(prompt):
    assert prompt not in body_of(article(within=f"<p>{prompt}</p>"))
