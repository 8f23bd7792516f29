"""Captions and their credits, in the shapes that publishers print them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.read.captions import clean_credit, is_credit, split_caption_text


@pytest.mark.parametrize(
    ("text", "caption", "credit"),
    [
        ("The gate at noon. Photo: Ann Other/AP", "The gate at noon.", "Photo: Ann Other/AP"),
        ("The gate at noon. (Ann Other/Reuters)", "The gate at noon.", "(Ann Other/Reuters)"),
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
        ("Raad/ Network/REUTERS", "Raad/ Network/REUTERS"),
    ],
)
def test_a_credit_loses_its_label(text, clean):
    assert clean == clean_credit(text)


@given(st.text(max_size=120))
def test_splitting_invents_no_words(text):
    caption, credit = split_caption_text(text)
    assert Counter("".join(f"{caption}{credit or ''}".split())) <= Counter("".join(text.split()))
