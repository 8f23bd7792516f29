"""Bylines: the names in a line, and what else such lines hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.read.words.bylines import clean_names, shown_names

_SITE = ("harborcourier", "harborcourierexample")


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("By Ann Other and Jo Roe", ("Ann Other", "Jo Roe")),
        ("Von Ina Muster und Jan Beispiel", ("Ina Muster", "Jan Beispiel")),
        ("Par Jean Exemple et Marie Modèle", ("Jean Exemple", "Marie Modèle")),
        ("Ann Other & Jo Roe • Ina Muster", ("Ann Other", "Jo Roe", "Ina Muster")),
        ("Ann Other, Jo Roe; Ina Muster", ("Ann Other", "Jo Roe", "Ina Muster")),
        ("Written By: By Ann Other", ("Ann Other",)),
        ("ByANN OTHER", ("ANN OTHER",)),
        ("Text by Ann Other", ("Ann Other",)),
        ("Ein Gastbeitrag von Ina Muster", ("Ina Muster",)),
        ("Interview: Ina Muster", ("Ina Muster",)),
        ("Interview Ina Muster", ("Interview Ina Muster",)),
        ("Design: Jo Roe", ()),
        ("All by Ann →", ()),
        ("All of Ann »", ()),
        ("Tide Expert", ()),
        ("Learn More", ()),
        ("Unknown", ()),
        ("Admin", ()),
        ("Super User", ()),
        ("Ann Other ⋅ Founder", ("Ann Other",)),
        ("Ann Other, Harbor Courier", ("Ann Other",)),
        ("Ann Other HARBOR COURIER", ("Ann Other",)),
        ("Ann Other Courier", ("Ann Other Courier",)),
        ("By", ()),
        ("Ann Other, Staff writer", ("Ann Other",)),
        ("Sammy Davis, Jr.", ("Sammy Davis, Jr",)),
        ("Ann Other, MD", ("Ann Other, MD",)),
        ("Ann Other (Oslo)", ("Ann Other",)),
        ("Ann Other(Oslo, bureau of the north)", ("Ann Other",)),
        ("Von Ina Muster, Oslo", ("Ina Muster",)),
        ("Ina Muster und Jan Beispiel, dpa", ("Ina Muster", "Jan Beispiel", "dpa")),
        ("dpa", ("dpa",)),
        ("Friday May 3, 2024 10:44 am by Ann Other", ("Ann Other",)),
        ("Ann Other, Tue 3 May 2024 15.26", ("Ann Other",)),
        ("Fr 03.05.24 | 14:07 Uhr | Von Ina Muster", ("Ina Muster",)),
        ("Ann Other | ann@news.example", ("Ann Other",)),
        ("ann@news.example", ()),
        ("https://news.example/ann,https://news.example/jo", ()),
        ("@annother", ()),
        ("Redaktion", ()),
        ("Harbor Courier", ()),
        ("harbor-courier.example, Oslo, Norway", ()),
        ("Ann Other; Ann Other", ("Ann Other",)),
        ("山田太郎", ("山田太郎",)),
        ("홍길동 기자", ("홍길동",)),
        ("来源：海港社 记者：王小明", ("王小明",)),
        ("Γράφει ο Νίκος Παπάς", ("Νίκος Παπάς",)),
    ],
)
def test_names(raw, names):
    assert names == clean_names([raw], _SITE)


@given(st.lists(st.text(max_size=40), max_size=3))
def test_no_name_is_an_address_or_holds_a_digit(raw):
    assert not any("@" in name or "://" in name or any(map(str.isdecimal, name)) for name in clean_names(raw))


# ---------------------------------------------------------------- lines of a page


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ann Other Published: 3 May 2024", ("Ann Other",)),
        ("Ann OtherPublished May 3, 2024 | Updated May 4", ("Ann Other",)),
        ("Ann Other. Last updated on May 3", ("Ann Other",)),
        ("Ina Muster Zuletzt geändert am 3. Mai", ("Ina Muster",)),
        ("Ina Muster Lesezeit: 4 Min.", ("Ina Muster",)),
        ("Jean Exemple Mis à jour le 3 mai", ("Jean Exemple",)),
        ("Text: Ina Muster Foto: Jan Beispiel", ("Ina Muster",)),
        ("Ina Muster Foto", ("Ina Muster Foto",)),
        ("作者：山田 出处：港口日报 【转载】", ("山田",)),
        ("山田 【编译】", ("山田",)),
        ("Ann OtherIn Ports", ("Ann Other",)),
        ("Ann OtherTwitterNews", ("Ann Other",)),
        ("Ann DeIngham", ("Ann DeIngham",)),
        ("ANN OTHERMay 3, 2024", ("ANN OTHER",)),
        ("Ann Martin 3 May 2024", ("Ann Martin",)),
        ("Ann Other@annother May 3", ("Ann Other",)),
        ("Ann Other Ann Other", ("Ann Other",)),
        ("Ann OtherAnn Other", ("Ann Other",)),
        ("AnnotherAnnother", ("Annother",)),
        ("Lang Lang", ("Lang Lang",)),
    ],
)
def test_what_follows_a_name_goes(line, names):
    """
    Words about the text, labels, addresses; in an element of its own they can stand without a
    space.
    """
    assert names == shown_names(line, _SITE)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Ann Other Health reporter, Tide News", ("Ann Other", "Tide News")),
        ("Ann Other Senior Editor", ("Ann Other",)),
        ("Ann Maria Other Staff Writer", ("Ann Maria Other",)),
        ("Ann van der Berg Reporter", ("Ann van der Berg",)),
        ("Ina MusterRedakteurin", ("Ina Muster",)),
        ("Sportreporter Jan Beispiel", ("Jan Beispiel",)),
        ("Von unserem Korrespondenten Jan Beispiel", ("Jan Beispiel",)),
        ("Health reporter Ann Other", ("Ann Other",)),
        ("By Ann Other and Jo Roe Staff Writers", ("Ann Other", "Jo Roe")),
        ("By ANN OTHER Associated Press Writer", ("ANN OTHER",)),
        ("By Ann Other, Associated Press Writer", ("Ann Other",)),
        ("By Associated Press", ("Associated Press",)),
        ("The Canadian Press", ("The Canadian Press",)),
        ("Editor: Jan Beispiel", ()),
        ("Tides reporter", ()),
        ("By Tide Editorial Team", ()),
        ("By The Tide editors", ()),
        ("By Tide News Team editor", ()),
        ("Latest posts by Ann Other", ()),
        ("About Ann Other", ()),
        ("Fact Checked", ()),
    ],
)
def test_a_post_stands_before_a_name_or_behind_it(line, names):
    assert names == shown_names(line, _SITE)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ann Other, Jo Roe, and Ina Muster", ("Ann Other", "Jo Roe", "Ina Muster")),
        ("Ann Other, MD, and Jo Roe", ("Ann Other, MD", "Jo Roe")),
        ("Ina Muster, Jan Beispiel, und Jo Roe", ("Ina Muster", "Jan Beispiel", "Jo Roe")),
        ("Ina Muster und dpa", ("Ina Muster", "dpa")),
        ("Ina Muster mit dpa", ("Ina Muster",)),
        ("Par Jean Exemple avec l’AFP et Reuters", ("Jean Exemple",)),
        ("Par Jean Exemple avec Ana Ejemplo", ("Jean Exemple", "Ana Ejemplo")),
        ("بقلم: سالم أحمد", ("سالم أحمد",)),
        ("كتب: سالم أحمد - طنجة", ("سالم أحمد",)),
        ("本報記者 王小明 香港報道", ("王小明",)),
        ("記者王小明／台北報導", ("王小明",)),
        ("Haber: Deniz Örnek / Bursa", ("Deniz Örnek",)),
        ("लेखक: राम उदाहरण", ("राम उदाहरण",)),
        ("Van onze verslaggever Piet Voorbeeld", ("Piet Voorbeeld",)),
        ("Van onze verslaggevers", ()),
        ("Пётр Примеров, специально для «Маяка»", ("Пётр Примеров",)),
        ("Ann Other ● Jo Roe", ("Ann Other", "Jo Roe")),
        ("words written by Ann Other • Art by Jo", ("Ann Other",)),
        ("Escrito por Ana Ejemplo", ("Ana Ejemplo",)),
        ("Gepostet von Ina Muster", ("Ina Muster",)),
        ("Artículo por Ana", ("Artículo",)),
        ("Interview von Ina Muster", ("Ina Muster",)),
        ("Propos recueillis par Jean Exemple", ("Jean Exemple",)),
        ("取材・文：山田太郎", ("山田太郎",)),
        ("【港口日報╱記者王小明／台北報導】", ("王小明",)),
        ("記者會／台北", ("記者會／台北",)),
        ("서울 홍길동 기자", ("홍길동",)),
        ("김철수, 서울 홍길동 기자", ("김철수", "홍길동")),
    ],
)
def test_how_lines_of_names_are_written(line, names):
    assert names == shown_names(line, _SITE)
