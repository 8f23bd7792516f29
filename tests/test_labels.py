"""
Each rule of the labeller: a page where it fires, one where it nearly does. Text and order are
always kept.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.model import LabelledBlock, Role
from scraper.read.label.label import Clues
from scraper.read.label.labels import label_blocks
from scraper.read.page.parse import parse_page
from scraper.read.page.walk import walk

_LONG = (
    "The harbor office of Lowmere closed its north gate on Tuesday night after a crane operator reported a fault.",
    "Divers and engineers searched the quay until morning, said harbor master Edda Voss, who has run it for years.",
    "By noon the gate had opened again, and the first of nine delayed freighters left for the outer roads at last.",
    "The ministry of transport promised a report within six weeks, which critics of the ministry did not believe.",
)
_TEXT = "".join(f"<p>{text}</p>" for text in _LONG)


def label(body: str, **clues) -> tuple[LabelledBlock, ...]:
    page = parse_page(f"<!doctype html><body>{body}".encode(), "https://harbor.example/", "text/html; charset=utf-8")
    return label_blocks(walk(page), Clues(**clues))


def role_of(words: str, body: str, **clues) -> tuple[Role, str]:
    """Role and rule of the first block that has these words."""
    return next((block.role, block.reason) for block in label(body, **clues) if words in block.text)


def article(extra: str, *, before: bool = False) -> str:
    """A page with *extra* in the middle of its text, or before it."""
    first, *rest = (f"<p>{text}</p>" for text in _LONG)
    parts = (extra, first, *rest) if before else (first, extra, *rest)
    return f"<article>{''.join(parts)}</article>"


@pytest.mark.parametrize(
    ("rule", "role", "extra"),
    [
        ("caption", Role.CAPTION, "<figure><img src=p><figcaption>{}</figcaption></figure>"),
        ("caption", Role.CAPTION, '<div class="img-desc">{}</div>'),
        ("caption", Role.CAPTION, '<figure><img src=p><figcaption class="sr-only">{}</figcaption></figure>'),
        ("caption", Role.CAPTION, '<div class="media-info"><p>{}</p></div>'),
        ("credit", Role.CREDIT, "<div>Foto: {}/dpa</div>"),
        ("prompt", Role.PAYWALL, "<p>{} Subscribe to continue reading.</p>"),
        ("prompt", Role.NEWSLETTER, "<p>{} Sign up for our morning newsletter.</p>"),
        ("prompt", Role.PROMO, "<p>{} Download our free app.</p>"),
        ("furniture", Role.RELATED, '<div class="related-stories"><p>{}</p></div>'),
        ("furniture", Role.NEWSLETTER, '<div class="newsletter-box"><p>{}</p></div>'),
        ("furniture", Role.COMMENT, '<section id="comments"><p>{}</p></section>'),
        ("furniture", Role.NAV, "<nav><ul><li>{}</li></ul></nav>"),
        ("for-screen-readers", Role.NAV, '<div class="visually-hidden">{}</div>'),
        ("for-screen-readers", Role.NAV, '<div><p class="u-sr-only">{}</p></div>'),
        ("byline", Role.BYLINE, "<p>Additional reporting by {}</p>"),
        ("byline", Role.BYLINE, "<p>(Reporting by {}; editing by Ann Other)</p>"),
        ("furniture", Role.PROMO, '<div class="ad-slot"><p>{}</p></div>'),
        ("paywall-box", Role.PAYWALL, '<div class="paywall"><p>{}</p></div>'),
        ("related-label", Role.RELATED, '<p>See also: <a href="/x">{}</a></p>'),
        ("all-link", Role.RELATED, '<p><a href="/x">{}</a></p>'),
    ],
)
def test_rules_fire_between_paragraphs(rule, role, extra):
    words = "Gull Quay Lantern"
    assert (role, f"rule:{rule}") == role_of(words, article(extra.format(words)))


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param('<div class="captionless"><p>{}</p></div>', id="a name that only begins like a caption's"),
        pytest.param('<p>{} <a href="/x">See the plan</a></p>', id="a link in a paragraph"),
        pytest.param("<p>Subscribers of the city library may continue to read: {}</p>", id="words of a prompt"),
        pytest.param('<div class="social-policy"><p>{}</p></div>', id="a topic that sounds like a share bar"),
        pytest.param("<p>Read more is what children should do. {}</p>", id="read more in a sentence"),
        pytest.param('<div class="hidden-harbors"><p>{}</p></div>', id="a topic that sounds hidden"),
        pytest.param("<p>Reporting by night is what they did. {}</p>", id="reporting in a sentence"),
    ],
)
def test_paragraphs_that_nearly_meet_a_rule_stay_body(extra):
    words = "Lanterns hung along the quay for a whole week, and nobody in the town could say who had put them up."
    assert Role.BODY is role_of(words, article(extra.format(words)))[0]


@pytest.mark.parametrize(
    ("line", "is_label"),
    [
        ("Auch interessant", True),
        ("You may also like:", True),
        ("MEST LEST", True),
        ("あわせて読みたい", True),
        ("اقرأ أيضاً: المرفأ يغلق أبوابه ليلا", True),
        ("Mehr dazu weiß der Hafenmeister", False),
        ("Trending upwards", False),
    ],
)
def test_a_line_that_only_leads_to_other_reports(line, is_label):
    assert is_label is (role_of(line, article(f"<h3>{line}</h3>")) == (Role.RELATED, "rule:related-label"))


_ENTRY = (
    '<p><a href="{}">A brass lantern with a handle for the way to the quay and back, {} crowns at the chandler</a></p>'
)


@pytest.mark.parametrize(
    ("where", "role"),
    [
        pytest.param("https://chandler.example/lantern/{}", Role.BODY, id="to another site: what a list recommends"),
        pytest.param("https://harbor.example/story/{}", Role.RELATED, id="on this site: other reports"),
    ],
)
def test_long_paragraphs_that_are_all_link(where, role):
    entries = "".join(_ENTRY.format(where.format(n), n) for n in range(2, 9))
    body = f"<main><p>{_LONG[0]}</p><h2>At the chandler's</h2>{entries}</main>"
    assert {role} == {b.role for b in label(body, site="harbor.example") if "brass lantern" in b.text}


@pytest.mark.parametrize(
    ("tag", "names", "role"),
    [("blockquote", "twitter-tweet", Role.QUOTE), ("div", "twitter-share", Role.NAV)],
    ids=["a post", "a button"],
)
def test_what_stands_in_a_box_of_a_network(tag, names, role):
    post = f"<{tag} class={names}><p>The gate opens again at noon, and nobody had been told.</p></{tag}>"
    assert role is role_of("The gate opens", article(post))[0]


@pytest.mark.parametrize(
    ("below", "role"),
    [
        ("<img src=p><div>The crane on Monday. Foto: Ina Muster</div>", Role.CAPTION),
        ("<div>The crane on Monday. Foto: Ina Muster</div>", Role.OTHER),
        ("<img src=p><div>The crane on Monday</div>", Role.OTHER),
        ("<img src=p><div>The crane. Foto: Ina Muster</div>", Role.OTHER),
        ("<img src=p><div><span>The crane on Monday.</span><small>Foto: Ina Muster/dpa</small></div>", Role.CAPTION),
    ],
    ids=["below a picture", "no picture", "no credit", "a name", "no space between"],
)
def test_what_stands_below_a_picture_and_ends_in_a_credit_is_its_caption(below, role):
    body = f"<h1>Gate opens again</h1>{below}<article>{_TEXT}</article>"
    assert role is role_of("The crane", body, headline="Gate opens again")[0]


@pytest.mark.parametrize(("mark", "role"), [("▲ ", Role.CAPTION), ("", Role.BODY)])
def test_a_triangle_below_a_picture_points_at_it(mark, role):
    words = f"{mark}월요일 아침 어시장 앞 거리에 배 두 척이 서 있다"
    assert role is role_of(words, article(f"<p><img src=p></p><p>{words}</p>"))[0]


def test_the_headline_behind_its_kicker_is_no_dek():
    headline, dek = "Gate opens again after a long night", "A short night at the port, told by those who worked it."
    head = f'<div><h1>{headline}</h1><h2>The harbor: {headline}</h2><p class="lead">{dek}</p></div>'
    assert [dek] == [block.text for block in label(head + _TEXT, headline=headline) if block.role is Role.DEK]


@pytest.mark.parametrize(
    "notice",
    [
        "© 2024 The Harbor. This material may not be published or broadcast.",
        "Copyright (c) Tide Press Ltd., All Rights Reserved.",
        "Alle Rechte vorbehalten. Die Reede GmbH",
        "本报版权所有，未经书面授权禁止使用。",
    ],
)
def test_a_notice_of_rights_is_no_text(notice):
    assert (Role.NAV, "rule:rights-notice") == role_of(notice, article("") + f"<p>{notice}</p>")


@pytest.mark.parametrize(
    ("markup", "role"),
    [
        ("<p class=copyright>© Harbor News. All rights reserved.</p>", Role.NAV),
        ("<p class=copyright>© Ann Other/Copyright 2024 Harbor News. All rights reserved.</p>", Role.CREDIT),
        ("<figure><p class=copyright>© Harbor News. All rights reserved.</p></figure>", Role.CREDIT),
        ("<p class=copyright>Harbor News</p>", Role.CREDIT),
    ],
    ids=["of the page", "with who took a picture", "in a figure", "a name"],
)
def test_what_is_named_copyright_is_a_credit_or_states_rights(markup, role):
    assert role is role_of("Harbor News", article("") + markup)[0]


def test_a_report_on_copyright_is_text():
    text = "Copyright ends after seventy years, said the clerk, and the rights of the keepers were never written down."
    assert Role.BODY is role_of(text, article(f"<p>{text}</p>"))[0]


_COMMENT = "I have lived at this quay for thirty years, and this is the best thing that has happened to the port."


@pytest.mark.parametrize(
    "line", ["<p>Comments (2)</p>", "<h3>12 Kommentare</h3>", "<p>Комментарии</p>", "<b>Comments are now closed.</b>"]
)
def test_text_below_a_line_that_announces_comments_is_theirs(line):
    comments = f"<div><div><div><p>{_COMMENT}</p></div></div></div>" * 2
    body = f"<div><div><div>{_TEXT}</div></div>{line}{comments}</div>"
    assert (Role.COMMENT, "rule:below-comments-line") == role_of(_COMMENT, body)


def test_where_comments_are_closed_no_more_text_follows_even_in_the_same_column():
    assert Role.COMMENT is role_of(_COMMENT, f"<div>{_TEXT}<p>Comments are closed</p><p>{_COMMENT}</p></div>")[0]


def test_text_that_goes_on_in_its_column_is_not_ended_by_a_share_bar():
    assert Role.BODY is role_of(_COMMENT, f"<article>{_TEXT}<p>Comments</p><p>{_COMMENT}</p></article>")[0]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('<p><a href="#comments">Comments (2)</a></p>', id="a link to them"),
        pytest.param("<p>12 comments</p>", id="a count that is no heading"),
        pytest.param("<p>Comments from the ministry were few, and came late.</p>", id="a sentence"),
    ],
)
def test_lines_that_nearly_announce_comments(line):
    body = f"<div><div><div>{_TEXT}</div></div>{line}<div><div><div><p>{_COMMENT}</p></div></div></div></div>"
    assert "rule:below-comments-line" not in {block.reason for block in label(body)}


def test_a_line_above_the_text_announces_no_comments():
    assert Role.BODY is role_of(_LONG[0], f"<div><p>Comments (2)</p></div><div><div><div>{_TEXT}</div></div></div>")[0]


_TEASER = '<td><a href="{}">Snow closes pass {}</a><br>New Quay, Jan 15: The pass over the ridge was closed.</td>'


@pytest.mark.parametrize(
    ("where", "count", "role"),
    [
        pytest.param("/story/{}", 3, Role.RELATED, id="links to the site in a row"),
        pytest.param("https://chandler.example/{}", 3, Role.BODY, id="links to another site"),
        pytest.param("#entry-{}", 3, Role.BODY, id="links to their own place in a ticker"),
        pytest.param("/story/{}", 1, Role.BODY, id="one alone"),
    ],
)
def test_blocks_that_begin_with_a_line_of_link(where, count, role):
    rows = "".join(f"<tr>{_TEASER.format(where.format(n), n)}</tr>" for n in range(count))
    body = f"<table><tr><td>{'<br><br>'.join(_LONG)}</td></tr>{rows}<tr><td>{_LONG[0]}</td></tr></table>"
    assert {role} == {b.role for b in label(body, site="harbor.example") if "New Quay" in b.text}


def test_the_headline_is_known_by_its_words_wherever_it_stands():
    body = f"<div class=bar>Gate opens</div><article><h1>Gate opens</h1>{_TEXT}</article>"
    assert [Role.HEADLINE] * 2 == [b.role for b in label(body, headline="Gate opens") if b.text == "Gate opens"]


def test_a_kicker_in_the_line_of_the_headline_is_parted_from_it():
    body = f"<h1>Shipping: Gate opens again</h1>{_TEXT}"
    parts = [(b.role, b.text) for b in label(body, headline="Gate opens again")][:2]
    assert [(Role.KICKER, "Shipping:"), (Role.HEADLINE, "Gate opens again")] == parts


_LINES = (
    "<p>By Ann Other</p><p>March 2, 2024</p><h2>A short night at the port, told by all who worked it<br>"
    "Pilots ask for more pay from the ministry<br>Report in six weeks, which critics did not believe.</h2>"
)


@pytest.mark.parametrize(
    ("dek", "clues"),
    [
        ('<p class="standfirst">A short night at the port.</p>', {}),
        (
            "<div>A short night at the port, told by those who worked it.</div>",
            {"description": "A short night at the port, told by those who worked it."},
        ),
        ("<p>A short night at the port, told by workers.</p><p>By Ann Other</p>", {}),
        (
            "<h3>TIDES: A short night at the port, told by all, and what is left of it</h3><div>AFP, LOWMERE</div>",
            {"description": "Bringing the coast to the world"},
        ),
        ("<p><b>A short night at the port, told by all who worked it.</b></p>", {}),
        (_LINES, {}),
        ("<p>A short night.</p>", {"description": "A short night."}),
    ],
    ids=["name", "description", "place", "place before an agency", "bold", "lines", "three words of description"],
)
def test_deks(dek, clues):
    body = f"<article><h1>Gate opens again</h1>{dek}{_TEXT}</article>"
    assert (Role.DEK, "model:dek") == role_of("A short night", body, headline="Gate opens again", **clues)


@pytest.mark.parametrize(
    "extra",
    [
        "<p><i>A short night at the port, told by all who worked it.</i></p>",
        "<p><b>A short night at the port, told by all who worked it.</b></p>" * 2,
        "<p>A short night at the port, told by workers</p><p>AFP, LOWMERE</p>",
        '<p class="standfirst">A short night.</p>',
    ],
    ids=["italics", "all in bold", "no heading before an agency", "three words"],
)
def test_what_is_nearly_a_dek(extra):
    body = f"<article><h1>Gate opens again</h1>{extra}{_TEXT}</article>"
    assert Role.DEK is not role_of("A short night", body, headline="Gate opens again")[0]


@pytest.mark.parametrize(("times", "role"), [(20, Role.DEK), (22, Role.BODY)])
def test_a_dek_has_450_characters_at_most(times, role):
    dek = f'<p class="standfirst">A short night {"at the longest quay " * times}</p><p>By Ann Other</p>'
    text = "".join(
        f"<p>On day {day} of the strike the pilots met again, and the gate stayed shut.</p>" for day in range(20)
    )
    body = f"<article><h1>Gate opens again</h1>{dek}{text}</article>"
    assert role is role_of("A short night", body, headline="Gate opens again")[0]


def test_a_dek_of_several_paragraphs_stands_in_one_box():
    parts = ["A short night at the port, told by workers.", "What the pilots ask for, and what they get."]
    box = f'<div class="standfirst">{"".join(f"<p>{part}</p>" for part in parts)}</div>'
    body = f"<article><h1>Gate opens again</h1>{box}<p>By Ann Other</p>{_TEXT}</article>"
    assert parts == [block.text for block in label(body, headline="Gate opens again") if block.role is Role.DEK]


def test_a_first_paragraph_in_the_box_of_the_dek_is_body():
    dek = "<h2>TIDES: A short night at the port, told by all, and what is left of it</h2><div>AFP, LOWMERE</div>"
    labelled = label(
        f"<article><h1>Gate opens again</h1>{dek}{_TEXT}</article>",
        headline="Gate opens again",
        description=_LONG[0][:90],
    )
    assert [Role.DEK, Role.CREDIT, Role.BODY] == [block.role for block in labelled[1:4]]


def test_a_dek_is_looked_for_below_the_nearest_headline():
    bar = "<div>Gate opens again</div>" + "".join(f'<p><a href="/{n}">Harbor {n}</a></p>' for n in range(60))
    dek = "<h2>A short night at the port, told by workers</h2><p>By Ann Other</p>"
    body = f"{bar}<h1>Gate opens again</h1>{dek}{_TEXT}"
    assert Role.DEK is role_of("A short night", body, headline="Gate opens again")[0]


def test_a_dek_printed_again_at_the_head_of_the_text_is_no_body():
    dek = "A short night at the port, told by those who worked it."
    body = f'<h1>Gate opens again</h1><p class="dek">{dek}</p><p>By Ann Other</p><article><p>{dek}</p>{_TEXT}</article>'
    labelled = label(body, headline="Gate opens again", description=dek)
    assert {"model:dek", "rule:dek-repeated"} == {b.reason for b in labelled if b.text == dek}


def test_a_report_of_one_paragraph_is_body_and_no_dek():
    body = f'<h1>Gate opens again</h1><p class="dek">{_LONG[0]}</p><p>By Ann Other</p>'
    assert Role.BODY is role_of(_LONG[0], body, headline="Gate opens again")[0]


@pytest.mark.parametrize(
    "extra", ["<figure><img src=p><figcaption>The gate</figcaption></figure>", "<h3>Later</h3>", ""]
)
def test_a_first_paragraph_is_no_dek(extra):
    body = f"<article><h1>Gate opens again</h1><p>{_LONG[0]}</p>{extra}{_TEXT}</article>"
    assert Role.BODY is role_of(_LONG[0], body, headline="Gate opens again")[0]


def test_a_first_paragraph_like_the_next_is_no_dek_where_the_description_repeats_it():
    first = "The harbor office of Lowmere closed its north gate on Tuesday night."
    picture = "<figure><img src=p><figcaption>The gate on Tuesday</figcaption></figure>"
    body = f"<article><h1>Gate opens again</h1>{picture}<p>{first}</p>{_TEXT}</article>"
    assert Role.BODY is role_of(first, body, headline="Gate opens again", description=first)[0]


@pytest.mark.parametrize(
    ("byline", "role"),
    [
        ("<p>By Ann Other</p>", Role.BYLINE),
        ("<p>Von Ann Muster und Jo Beispiel</p>", Role.BYLINE),
        ('<p class="author">Ann Other</p>', Role.BYLINE),
        ("<p>By Ann Other | March 2, 2024</p>", Role.BYLINE),
        ("<p>March 2, 2024</p>", Role.DATELINE),
        ("<p>2024年3月2日</p>", Role.DATELINE),
        ('<time class="date">2 hours ago</time>', Role.DATELINE),
        ("<p>Autor: Ina Muster</p>", Role.BYLINE),
        ("<p>Autor ist Ina Muster</p>", Role.BODY),
        ("<p>By noon the crews had gone home again.</p>", Role.BODY),
    ],
)
def test_bylines_and_datelines(byline, role):
    words = re.sub(r"<[^>]+>", "", byline)
    assert role is role_of(words, article(byline))[0]


def test_a_tagline_behind_a_bullet_is_a_series_note_without_it():
    notes = [
        b.text
        for b in label(article("<p><i>• Stories from the coast.</i></p>", before=True))
        if b.role is Role.SERIES_NOTE
    ]
    assert ["Stories from the coast."] == notes


def test_a_bullet_between_paragraphs_is_no_series_note():
    assert Role.SERIES_NOTE is not role_of("Stories from", article("<p>• Stories from the coast are told.</p>"))[0]


def test_short_lines_beside_a_prompt_belong_to_it():
    wall = "<div><p>You've read 3 of 5 free articles.</p><p>Harbor Courier Plus</p></div>"
    body = f"<main><article>{_TEXT}</article>{wall}<div><h3>Most viewed</h3></div></main>"
    assert (Role.PAYWALL, "rule:prompt-goes-on") == role_of("Harbor Courier Plus", body)
    assert Role.PAYWALL is not role_of("Most viewed", body)[0]


def test_a_heading_with_nothing_below_it_is_no_subhead():
    body = f"<article>{_TEXT}<h2>Between</h2>{_TEXT.replace('gate', 'door')}<h2>Topics</h2></article>"
    assert Role.SUBHEAD is role_of("Between", body)[0]
    assert Role.OTHER is role_of("Topics", body)[0]


def test_lists_quotes_and_code_have_their_roles():
    extra = "<ul><li>White chalk</li></ul><blockquote>Chalk never crashes.</blockquote><pre>x = 1</pre>"
    body = article(extra)
    assert [Role.LIST, Role.QUOTE, Role.BODY] == [
        role_of(words, body)[0] for words in ("White chalk", "Chalk never", "x = 1")
    ]


def test_a_paragraph_printed_twice_counts_once():
    roles = [b.role for b in label(f"<article>{_TEXT}<p>{_LONG[0]}</p></article>") if b.text == _LONG[0]]
    assert [Role.BODY, Role.OTHER] == roles


@pytest.mark.parametrize("place", ["footer", "nav"])
def test_words_that_look_like_a_caption_in_menus_are_none(place):
    body = f'<article>{_TEXT}</article><{place}><div class="caption">Service</div><p>© Harbor Courier/dpa</p></{place}>'
    assert not {b.role for b in label(body)} & {Role.CAPTION, Role.CREDIT}


@given(
    st.lists(
        st.tuples(
            st.sampled_from("p div h1 h2 li figcaption blockquote pre aside footer td".split()),
            st.sampled_from(
                ("", "caption", "credit", "newsletter", "paywall", "related", "dek", "byline", "date", "x")
            ),
            st.sampled_from(
                (*_LONG, "Gate opens", "By Ann Other", "• A note", "Subscribe to continue.", "Foto: Ann/dpa", "x. (AP)")
            ),
        ),
        max_size=14,
    )
)
@settings(max_examples=80, deadline=None)
def test_labelling_keeps_text_and_order(parts):
    """Only a bullet and the white space between a caption and its credit may go."""
    html = "".join(f'<{tag} class="{name}">{text}</{tag}>' for tag, name, text in parts)
    page = parse_page(f"<body>{html}".encode(), "https://harbor.example/")
    outline = walk(page)
    labelled = label_blocks(outline, Clues("Gate opens"))
    squeezed = [re.sub(r"[\s•–—|()-]", "", "".join(b.text for b in bs)) for bs in (outline.blocks, labelled)]
    assert squeezed[0] == squeezed[1]
    assert all(0 <= block.confidence <= 1 and block.reason for block in labelled)
