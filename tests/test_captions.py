"""Captions and their credits, in the shapes that publishers print them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.read.page.captions import part_caption
from scraper.read.page.parse import parse_page
from scraper.read.page.walk import walk
from scraper.read.words.credits import clean_credit, is_credit, split_caption_text


@pytest.mark.parametrize(
    ("text", "caption", "credit"),
    [
        ("The gate at noon. Photo: Ann Other/AP", "The gate at noon.", "Photo: Ann Other/AP"),
        ("The gate at noon. (Ann Other/Reuters)", "The gate at noon.", "(Ann Other/Reuters)"),
        ("The gate at noon. Photo: Ann Other (dpa)", "The gate at noon.", "Photo: Ann Other (dpa)"),
        ("Photo: The gate at noon (dpa)", "Photo: The gate at noon", "(dpa)"),
        ("The gate at noon – Ann Other/Reuters", "The gate at noon", "– Ann Other/Reuters"),
        ("Das Tor am Mittag. Foto: Ina Muster", "Das Tor am Mittag.", "Foto: Ina Muster"),
        ("La porte. © Jean Exemple / AFP", "La porte.", "© Jean Exemple / AFP"),
        ("The gate, June 24. Ole Brand/ News Network/REUTERS", "The gate, June 24.", "Ole Brand/ News Network/REUTERS"),
        ("Ann Other/AP\nThe gate at noon.", "The gate at noon.", "Ann Other/AP"),
        ("البوابة الشمالية صباح الأربعاء (رويترز)", "البوابة الشمالية صباح الأربعاء", "(رويترز)"),
    ],
)  # fmt: skip
def test_a_credit_is_parted_from_its_caption(text, caption, credit):
    assert (caption, credit) == split_caption_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "A man (left) waits for the ferry.",
        "The port – in its third year – is busy again.",
        "Reuters moved its offices to the quay in the spring.",
        "The photo was taken before the gate was closed.",
    ],
)
def test_brackets_and_dashes_alone_are_no_credit(text):
    assert (text, None) == split_caption_text(text)


def part(markup: str) -> tuple[str, str | None]:
    """What becomes of a block that is known to be a caption."""
    page = parse_page(f"<!doctype html><meta charset=utf-8><p>{markup}</p>".encode(), "https://harbor.example/")
    return part_caption(walk(page).blocks[0])


@pytest.mark.parametrize(
    ("markup", "credit"),
    [
        ('<span class="caption">The gate at noon.</span> Northwire Studio', "Northwire Studio"),
        ('The gate at noon. <span class="credit">Photo by Ann Other</span> <i>/AP</i>', "Photo by Ann Other /AP"),
        ('<span class="x1">The gate at noon</span><span class="x2">Ann Other</span>', "Ann Other"),
        ('The gate at noon.<span class="x2">Ann Other (Northwire)</span>', "Ann Other (Northwire)"),
        ("The gate at noon. (Ann Other)", "(Ann Other)"),
        ("The gate at noon. Ann Other (dpa)", "Ann Other (dpa)"),
        ("The gate at noon. Handout", "Handout"),
        ("북문이 정오에 다시 열리고 있다. 홍길동 기자", "홍길동 기자"),
        ("북문이 정오에 다시 열리고 있다. 뉴시스", "뉴시스"),
        ("正午に開いた北門＝ＡＰ", "ＡＰ"),
        ("正午に開いた北門（Ｃ）海潮通信社", "（Ｃ）海潮通信社"),
        ("Cổng bắc mở lại vào buổi trưa. Ảnh: Bệnh viện cung cấp", "Ảnh: Bệnh viện cung cấp"),
    ],
)
def test_of_what_is_a_caption_less_is_enough_to_know_its_credit(markup, credit):
    assert credit == part(markup)[1]


@pytest.mark.parametrize(
    "markup",
    [
        "The gate at noon. All is well again",
        "The gate at noon. (The pilots wait)",
        'The gate opened <span class="x2">At Noon</span>',
        'The gate at noon.<span class="x2">Zoom</span>',
        '<span class="x1">The gate</span><span class="x2">Zoom In</span>',
        '<span class="caption">The gate at noon.</span> Nobody was hurt.',
        "He serves in the U.S. Coast Guard (left)",
        "北門が正午に開いた＝三日、潮見",
    ],
)
def test_last_words_that_are_no_credit(markup):
    assert part(markup)[1] is None


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("Photo: ", ("The gate at noon.", "Photo: Ann Other")),
        ("via ", ("The gate at noon.", "via Ann Other")),
        ("Photo of ", ("The gate at noon. Photo of", "Ann Other")),
    ],
)
def test_a_label_goes_with_the_credit_behind_it(label, parts):
    assert parts == part(f'The gate at noon. {label}<span class="credit">Ann Other</span>')


def test_a_title_before_an_agency_is_no_name():
    assert ("He serves in the U.S. Coast Guard", "(dpa)") == part("He serves in the U.S. Coast Guard (dpa)")


def test_a_switch_behind_a_credit_is_none_of_it():
    switch = '<b class="hide-caption">hide caption</b>'
    assert "hide" not in (part(f'The gate at noon. <span class="credit">Ann Other/AP</span> {switch}')[1] or "")


@pytest.mark.parametrize(
    "text",
    ["Ann Other/AFP", "Foto: dpa", "© Ann Other", "Getty Images", "AP Photo/Ann Other", "Photo by Ann Other"],
)
def test_credits(text):
    assert is_credit(text)


@pytest.mark.parametrize(
    "text",
    [
        "He fled on Monday.",
        "",
        "© The Harbor Courier. All rights reserved.",
        "Copyright 2008 Tarn Valley News",
        "Der Kran am Morgen. Foto: Ina Muster/dpa",
        "Why did Reuters leave?",
        "The agency Reuters reported that the gate was closed.",
    ],
)
def test_texts_that_are_no_credit(text):
    assert not is_credit(text)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("(Photo by: Ann Other/AP)", "Ann Other/AP"),
        ("Foto: Ina Muster/dpa", "Ina Muster/dpa"),
        ("– Tove Marsk/Reuters", "Tove Marsk/Reuters"),
        ("© AFP", "AFP"),
        ("(c) Ann Other", "Ann Other"),
        ("Copyright Ann Other/AP", "Ann Other/AP"),
        ("Copyright and Trade Mark Notice", "Copyright and Trade Mark Notice"),
        ("Raad/ Network/REUTERS", "Raad/ Network/REUTERS"),
        ("© Foto: Ina Muster", "Ina Muster"),
        ("Ann Other (Tide News)", "Ann Other (Tide News)"),
        ("(Ann Other) Tide (News)", "(Ann Other) Tide (News)"),
        ("(Photo: Ann Other (Tide)).", "Ann Other (Tide)"),
        ("[Ann Other", "Ann Other"),
        ("Ann Other)", "Ann Other"),
        ("Credits:", None),
        ("Photo credit", None),
        ("(Quelle: )", None),
        ("Montage", "Montage"),
        (")", None),
        ("6", None),
    ],
)
def test_a_credit_loses_its_label(text, clean):
    assert clean == clean_credit(text)


@given(st.text(max_size=120))
def test_splitting_invents_no_words(text):
    caption, credit = split_caption_text(text)
    assert Counter("".join(f"{caption}{credit or ''}".split())) <= Counter("".join(text.split()))
