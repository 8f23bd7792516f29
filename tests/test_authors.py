"""Authors: people, as structured data names them and as the page shows them."""

from __future__ import annotations

import json

import pytest

from scraper.model import LabelledBlock, Role
from scraper.read.facts.authors import Authors, choose_authors, find_groups, find_houses, find_shown_authors
from scraper.read.facts.metadata import find_metadata
from scraper.read.page.parse import Page, parse_page

_SITE = ("harborcourier", "harborcourierexample")
_BODY = LabelledBlock(Role.BODY, "The gate opened early, and nobody had been told.", "test")


def parse(head: str = "", body: str = "", author: object = None, *more: object) -> Page:
    things = [{"@type": "NewsArticle", "headline": "x", "author": author}, *more]
    script = f'<script type="application/ld+json">{json.dumps(things)}</script>' if author is not None else ""
    markup = f"<meta charset=utf-8><meta property='og:site_name' content='Harbor Courier'>{head}{script}<body>{body}"
    return parse_page(markup.encode(), "https://harbor-courier.example/a")


def shown(*lines: tuple[Role, str], body: str = "") -> tuple[str, ...]:
    blocks = (*(LabelledBlock(role, text, "test") for role, text in lines), _BODY)
    return next(find_shown_authors(parse(body=body), blocks, _SITE), Authors()).names


def group(page: Page, *lines: str) -> Authors:
    blocks = (*(LabelledBlock(Role.BYLINE, line, "test") for line in lines), _BODY)
    return next(find_groups(page, find_metadata(page).main, blocks, _SITE), Authors())


# ---------------------------------------------------------------- stated


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ({"@type": "Person", "name": "Ann Other"}, ("Ann Other",)),
        ([{"name": "Ann Other"}, {"name": "Jo Roe"}], ("Ann Other", "Jo Roe")),
        (["Ann Other", "Jo Roe"], ("Ann Other", "Jo Roe")),
        ({"@type": "Organization", "name": "The Tide"}, ()),
        ({"@type": "NewsMediaOrganization", "name": "The Tide"}, ()),
        ({"@type": "Person", "name": "Harbor Courier"}, ()),
        ({"@type": "Person", "name": "annother"}, ()),
        ({"name": ["Ann Other"]}, ("Ann Other",)),
        ({"@id": "#nobody"}, ()),
        (7, ()),
    ],
)
def test_json_ld_names_people(author, names):
    assert names == find_metadata(parse(author=author)).authors


def test_a_reference_in_json_ld_is_followed():
    person = {"@type": "Person", "@id": "#ann", "name": "Ann Other"}
    assert ("Ann Other",) == find_metadata(parse("", "", {"@id": "#ann"}, person)).authors


def test_json_ld_comes_before_meta_elements():
    page = parse('<meta name="author" content="Jo Roe">', "", {"@type": "Person", "name": "Ann Other"})
    assert Authors(("Ann Other",), "json-ld") == choose_authors(find_metadata(page).stated_authors, (), ())


@pytest.mark.parametrize("name", ["author", "article:author", "byl", "sailthru.author", "qc:author", "article_author"])
def test_meta_elements_name_authors(name):
    page = parse(f'<meta name="{name}" content="By Ann Other">')
    assert (Authors(("Ann Other",), name),) == find_metadata(page).stated_authors


def test_a_twitter_handle_is_no_author():
    assert () == find_metadata(parse('<meta name="twitter:creator" content="Ann Other">')).stated_authors


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("Written by", ("Ann Other",)),
        ("Verfasst von", ("Ann Other",)),
        ("Scritto da", ("Ann Other",)),
        ("Filed under", ()),
    ],
)
def test_the_labelled_facts_of_a_twitter_card_name_who_wrote_it(label, names):
    facts = {"label1": "Reading time", "data1": "5 minutes", "label2": label, "data2": "Ann Other"}
    metas = (f'<meta name="twitter:{name}" content="{value}">' for name, value in facts.items())
    assert names == choose_authors(find_metadata(parse("".join(metas))).stated_authors, (), ()).names


# ---------------------------------------------------------------- shown


@pytest.mark.parametrize(
    ("role", "line", "names"),
    [
        (Role.BYLINE, "Ann Other", ("Ann Other",)),
        (Role.DATELINE, "May 3, 2024 | By Ann Other", ("Ann Other",)),
        (Role.OTHER, "By Ann Other in Ports on 3 May 2024. 51 Comments", ("Ann Other",)),
        (Role.NAV, "By Ann van der Berg, Head of Tides", ("Ann van der Berg",)),
        (Role.OTHER, "By Annother", ("Annother",)),
        (Role.OTHER, "Ann Other", ()),
        (Role.BYLINE, "mins read", ()),
        (Role.OTHER, "Text Size", ()),
        (Role.OTHER, "Text: Ina Muster", ("Ina Muster",)),
        (Role.BYLINE, "Subscribe", ()),
        (Role.COMMENT, "By Ann Other", ()),
    ],
)
def test_a_line_at_the_head_of_the_text(role, line, names):
    """A name alone is taken from bylines only, a line with "by" in whatever role."""
    assert names == shown((role, line))


@pytest.mark.parametrize(
    ("label", "below", "names"),
    [
        ("Written by", "Ann Other", ("Ann Other",)),
        ("Author(s)", "Ann Other, Jo Roe", ("Ann Other", "Jo Roe")),
        ("Written by", "Tides", ()),
        ("Ports", "Ann Other", ()),
    ],
    ids=["name", "names", "one word", "no label"],
)
def test_a_label_goes_with_the_name_below_it(label, below, names):
    assert names == shown((Role.OTHER, label), (Role.OTHER, below))


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (((Role.BYLINE, "By Ann Other"), (Role.BYLINE, "Jo Roe")), ("Ann Other", "Jo Roe")),
        (((Role.BYLINE, "Ann Other"), (Role.OTHER, "and"), (Role.BYLINE, "Jo Roe")), ("Ann Other", "Jo Roe")),
        (((Role.BYLINE, "Ann Other"), (Role.BYLINE, "Harbor Courier")), ("Ann Other",)),
        (((Role.BYLINE, "Ann Other"), (Role.OTHER, "Jo Roe")), ("Ann Other",)),
        (((Role.BYLINE, "Ann Other"), (Role.OTHER, "Ports"), (Role.BYLINE, "Jo Roe")), ("Ann Other",)),
        (((Role.BYLINE, "Ann Other at the port"), (Role.BYLINE, "Jo Roe")), ("Ann Other",)),
        (((Role.BYLINE, "Tides Von"), (Role.BYLINE, "Ina Muster")), ("Ina Muster",)),
    ],
    ids=["by", "a word between", "no name", "no byline", "a line between", "not alone", "behind a label"],
)
def test_bylines_of_names_alone_go_together(lines, names):
    assert names == shown(*lines)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("【ロンドン＝山田太郎】港は月曜日に再び開いた。", ("山田太郎",)),
        ("【ロンドン＝共同】港は月曜日に再び開いた。", ()),
        ("【ロンドン＝共同通信】港は月曜日に再び開いた。", ()),
        ("[부산=항구뉴스] 홍길동·김철수 기자 = 항구가 월요일에 다시 열렸다.", ("홍길동", "김철수")),
        ("(부산=항구뉴스) 항구가 월요일에 다시 열렸다.", ()),
        ("(Reporte de Ana Ejemplo en Velm; editado por Jo Roe)", ("Ana Ejemplo",)),
        ("(Reportage Jean Exemple à Velm, édité par Jo Roe)", ("Jean Exemple",)),
        ("(Reporting on the quay, edited by nobody)", ()),
    ],
)
def test_agencies_name_who_reported_at_either_end_of_a_text(text, names):
    assert names == next(find_shown_authors(parse(), (LabelledBlock(Role.BODY, text, "test"),), _SITE), Authors()).names


def test_far_from_the_text_one_word_behind_a_by_is_no_name():
    blocks = (
        _BODY,
        *[LabelledBlock(Role.OTHER, "Tides.", "test")] * 9,
        LabelledBlock(Role.BYLINE, "By Annother", "test"),
    )
    assert () == next(find_shown_authors(parse(), blocks, _SITE), Authors()).names


def test_a_by_within_a_menu_comes_after_other_bylines():
    """A teaser ends with its author's name, too; a line that begins with "by" does not stand in one."""
    teaser, byline = (Role.NAV, "Talks, by Jo Roe"), (Role.BYLINE, "Ann Other")
    assert [("Ann Other",), ("Jo Roe",), ("Jo Roe",)] == [
        shown(teaser, byline),
        shown(teaser),
        shown((Role.NAV, "By Jo Roe"), (Role.NAV, "Ports"), byline),
    ]


@pytest.mark.parametrize(
    ("markdown", "is_below", "names"),
    [
        ("**Ann Other**", False, ("Ann Other",)),
        ("*Ann Other / Jo Roe*", True, ("Ann Other", "Jo Roe")),
        ("Ann Other", True, ()),
        ("**Ann Other** at the port", False, ()),
        ("**IN THIS ARTICLE**", False, ()),
        ("**Monday**", True, ()),
    ],
)
def test_a_name_in_bold_or_italics_beside_the_text_signs_it(markdown, is_below, names):
    line = LabelledBlock(Role.OTHER, markdown.replace("*", ""), "test", markdown=markdown)
    blocks = (_BODY, line) if is_below else (line, _BODY)
    assert names == next(find_shown_authors(parse(), blocks, _SITE), Authors()).names


def test_elements_marked_as_author_stand_together():
    body = "<p><a rel=author>Ann Other</a> <a rel=author>Jo Roe</a></p><div><a rel=author>Ina Muster</a></div>"
    assert ("Ann Other", "Jo Roe") == shown(body=body)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("<span class=post-author-name>Ann Other</span>", ("Ann Other",)),
        ("<div class=authorName>Ann Other</div>", ("Ann Other",)),
        ("<div class=post-author__name>Ann Other</div>", ("Ann Other",)),
        ("<div class=author_name>Ann Other</div>", ("Ann Other",)),
        ("<p class=author>Ann Other</p>", ("Ann Other",)),
        ("<div class=author>Ann Other</div>", ("Ann Other",)),
        ("<div class=author-info><i class=name>Ann Other</i></div>", ("Ann Other",)),
        ("<ul class=author><li>Ann Other</ul>", ("Ann Other",)),
        ("<div class=info><i class=name>Ann Other</i></div>", ()),
        ("<ul class=comments><li><b class=author-name>Ann Other</b></ul>", ()),
        ("<div class=related><p class=author>Ann Other</p></div>", ()),
    ],
    ids=[
        "name",
        "camel case",
        "BEM",
        "underscore",
        "paragraph",
        "box",
        "name in a box",
        "list",
        "box of somebody",
        "comment",
        "teaser",
    ],
)
def test_an_element_is_marked_as_the_author_by_its_name(body, names):
    assert names == shown(body=body)


# ---------------------------------------------------------------- choosing


_META = Authors(("Ann Other",), "author")


@pytest.mark.parametrize(
    ("stated", "lines", "expected"),
    [
        ([_META], [Authors(("Jo Roe",), "byline")], _META),
        ([_META], [Authors(("Ann Other", "Jo Roe"), "byline")], Authors(("Ann Other", "Jo Roe"), "byline")),
        ([Authors(("House Co",), "author"), _META], [Authors(("Ann Other",), "byline")], _META),
        ([], [Authors(("Jo Roe",), "author element")], Authors(("Tide Team",), "json-ld")),
        ([], [Authors(("Jo Roe",), "byline")], Authors(("Jo Roe",), "byline")),
    ],
    ids=["stated first", "byline has more", "the meta element that is shown", "a group", "byline before group"],
)
def test_choice(stated, lines, expected):
    assert expected == choose_authors(stated, lines, [Authors(("Tide Team",), "json-ld")])


def test_nothing_there_is_nobody():
    assert Authors() == choose_authors((), (), ())


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ({"@type": "Organization", "name": "Harbor Courier"}, ("Harbor Courier",)),
        ({"@type": "NewsMediaOrganization", "name": "courier.example"}, ("courier.example",)),
        ({"@type": "Person", "name": "Ann Other"}, ()),
        ({"@type": "Organization"}, ()),
    ],
    ids=["organisation", "that calls itself by its domain", "person", "without a name"],
)
def test_an_organisation_answers_where_it_is_stated_as_the_author(author, names):
    page = parse(author=author)
    assert names == next(find_houses(page, find_metadata(page).main), Authors()).names


def test_an_organisation_comes_after_everybody_else():
    house = Authors(("Harbor Courier",), "json-ld organization")
    element = Authors(("Ann Other",), "author element")
    assert (element, house) == (choose_authors((), [element], (), [house]), choose_authors((), (), (), [house]))


@pytest.mark.parametrize(
    ("page", "lines", "expected"),
    [
        (parse(author={"@type": "Person", "name": "The Tide Team"}), (), Authors(("The Tide Team",), "json-ld")),
        (parse(author={"@type": "Organization", "name": "The Tide Team"}), (), Authors()),
        (parse('<meta name="author" content="Tide Staff">'), (), Authors(("Tide Staff",), "author")),
        (parse('<meta name="author" content="Harbor Courier">'), (), Authors()),
        (parse(), ("By Harbor Staff",), Authors(("Harbor Staff",), "byline")),
        (parse(), ("by our team",), Authors()),
        (parse(body="<a rel=author>annother</a>"), (), Authors(("annother",), "author element")),
    ],
    ids=["person", "organisation", "meta", "publication", "byline", "no name", "account"],
)
def test_a_group_is_the_author_where_it_is_named_as_one(page, lines, expected):
    assert expected == group(page, *lines)
