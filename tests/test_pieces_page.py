"""Pages taken apart as one HTML document: everything is in it, escaped, and nothing is loaded."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from samples import article, full_article
from selectolax.lexbor import LexborHTMLParser

from archive.show.lab_report import report_on
from archive.show.pieces_page import find_facts, render_pieces_page
from scraper.model import Access, AccessStatus, Evidence, LabelledBlock, PageKind, Role, Wish

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
WHOLE = full_article()


def render(*articles, **options) -> LexborHTMLParser:
    return LexborHTMLParser(render_pieces_page(articles, **options))


def test_every_block_is_a_band_under_the_name_of_its_role():
    found = [
        (band.css_first(".role").text().split()[0], band.css_first(".words").text(separator=" ").split())
        for band in render(WHOLE).css(".band")
    ]
    assert [(str(block.role), block.text.split()) for block in WHOLE.blocks] == found


def test_the_legend_counts_the_roles_of_all_pages():
    legend = [item.text() for item in render(WHOLE, WHOLE).css(".legend li")]
    assert ["headline 2", "body 2", "caption 2", "paywall 2"] == legend


def test_what_stands_beside_the_article_is_folded_up_and_counted():
    beside = tuple(LabelledBlock(Role.NAV, text, "model") for text in ("Home", "World"))
    page = article(blocks=(*beside, LabelledBlock(Role.BODY, "The storm.", "model")))
    folded = render(page).css_first("details")
    assert "2 blocks beside the article: nav" == folded.css_first("summary").text()
    assert "open" not in folded.attributes
    assert "open" in render(page, show_all=True).css_first("details").attributes


def test_reasons_show_where_the_pointer_rests_and_in_print_when_asked_for():
    assert "model, 75%" == render(WHOLE).css(".band")[1].attributes["title"]
    assert [] == render(WHOLE).css(".why")
    assert "model, 75%" == render(WHOLE, show_reasons=True).css(".why")[1].text()


def test_an_unsure_role_says_so_in_words():
    page = article(blocks=(LabelledBlock(Role.BODY, "The storm.", "model", 0.55),))
    assert "unsure, 55%" == render(page).css_first(".band.unsure .role small").text()


def test_several_pages_share_a_document_with_a_list_of_them():
    tree = render(WHOLE, replace(WHOLE, headline="Roads open", kind=PageKind.TICKER))
    links = [(link.text(), link.attributes["href"]) for link in tree.css("nav a")]
    assert [("Storm shuts “two” roads", "#page-1"), ("Roads open", "#page-2")] == links
    assert ["page-1", "page-2"] == [section.attributes["id"] for section in tree.css("section")]


def test_one_page_needs_no_list():
    assert [] == render(WHOLE).css("nav")


def test_nothing_is_loaded_and_nothing_runs():
    tree = render(replace(WHOLE, headline=NASTY, dek=NASTY, blocks=(LabelledBlock(Role.BODY, NASTY, NASTY),)))
    assert [] == tree.css("script, img, link, iframe, object, form, [onerror]")
    assert "default-src 'none'" in tree.css_first("meta[http-equiv]").attributes["content"]


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=80))
def test_text_stays_text(text):
    page = article(
        headline=text,
        authors=(text,),
        section=text,
        blocks=(LabelledBlock(Role.BODY, text, text),),
        access=Access(AccessStatus.FREE, complete=True, explanation=text, evidence=(Evidence(text, text, text, text),)),
    )
    plain = render(article())
    tags = sorted({node.tag for node in render(page).css("*")} - {node.tag for node in plain.css("*")} - {"h4", "ul"})
    assert [] == [tag for tag in tags if tag not in {"li", "q", "span", "dt", "dd", "p", "br", "a"}]


def test_the_lab_report_tells_what_decided_from_what_was_set_aside():
    decided = Evidence("prompt", "Subscribe to read on", "after body", "preview", decided=True)
    weighed = Evidence("json-ld", "True", "json-ld", "free", note="the text is cut all the same")
    access = Access(
        AccessStatus.PREVIEW,
        complete=False,
        cut_by="paywall",
        explanation="A wall ends the text.",
        evidence=(weighed, decided),
        confidence=0.9,
        conflict=True,
    )
    report = report_on(access)
    assert ((decided,), (weighed,)) == (report.decided, report.set_aside)
    assert {
        "who may read it": "preview",
        "what was served": "cut short by a paywall",
        "confidence": "90 %",
        "conflict": "its own statements contradict each other, or what was served",
    } == dict(report.answers)
    titles = [title.text() for title in render(article(access=access)).css(".report h4")]
    assert ["What decided", "Weighed and set aside"] == titles
    assert "the text is cut all the same" in render(article(access=access)).css(".report ul")[1].text()


def test_facts_say_what_kind_of_page_it_is_how_sure_and_why():
    page = article(kind=PageKind.INDEX, kind_confidence=0.9, variants=("amp",), origins={"kind": "12 headings"})
    facts = dict(find_facts(page))
    assert "index, amp (90%: 12 headings); no article" == facts["kind"]
    assert "published" not in facts


def test_what_the_publisher_wishes_is_quoted():
    article = replace(full_article(), wishes=(Wish("robots", "noarchive <b>", "meta"),))
    assert "robots “noarchive &lt;b&gt;” (meta)" in render_pieces_page([article])
