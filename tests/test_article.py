"""
Bytes to an Article: whatever comes in, an Article or a PageError comes out, in time and with its
text.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import read_document

from scraper.errors import PageError
from scraper.model import Article, Role, Selectors
from scraper.read.facts.headline import choose_headline
from scraper.read.facts.metadata import find_metadata
from scraper.read.labelled import find_clues
from scraper.read.page.parse import parse_page

_TORTURE = Path(__file__).parents[2] / "shared" / "conformance" / "html" / "tree-construction"
_URL = "https://harbor.example/a/story.html"
_TEXTS = [
    f"Keeper number {n} wrote that the light had failed again, and that the boats waited outside until morning."
    for n in range(8)
]
_BODY = "".join(f"<p>{text}</p>" for text in _TEXTS)


def read(html: str, **options) -> Article:
    return read_document(html.encode(), _URL, content_type="text/html; charset=utf-8", **options)


@given(st.binary(max_size=600), st.sampled_from((None, "text/html", "text/plain", "text/html; charset=utf-16", "x")))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_an_article_or_a_page_error(body, content_type):
    try:
        article = read_document(body, _URL, content_type=content_type)
    except PageError:
        return
    assert isinstance(article, Article)


@given(st.binary(max_size=200))
@settings(max_examples=40, deadline=None)
def test_any_bytes_behind_markup_too(body):
    assert isinstance(read_document(b"<html><body><p>" + body, _URL), Article)


@pytest.mark.parametrize("body", [b"", b"  \n", b"%PDF-1.4 x", b"\x89PNG\r\n"])
def test_what_is_no_page_is_refused(body):
    with pytest.raises(PageError):
        read_document(body, _URL)


@pytest.mark.shared
@pytest.mark.skipif(not _TORTURE.exists(), reason="../shared/conformance/html is not there")
@pytest.mark.parametrize("file", sorted(_TORTURE.glob("*.dat")), ids=lambda path: path.stem)
def test_the_words_around_broken_markup_are_read(file):
    """The parser tests of html5lib, each wrapped into a page."""
    sources = re.findall(
        r"^#data\n(.*?)\n#errors", file.read_text(encoding="utf-8", errors="replace"), re.DOTALL | re.MULTILINE
    )
    assert sources
    for source in sources:
        article = read(f"<p>lantern</p>\n{source}")
        assert any("lantern" in block.text for block in article.blocks)


def test_a_huge_flat_page_is_read_whole():
    article = read(f"<article>{_BODY * 400}</article>")
    assert 3200 == len(article.blocks)


def test_a_deeply_nested_page_is_read_whole():
    article = read("<div>" * 3000 + _BODY + "</div>" * 3000)
    assert _TEXTS == article.body.split("\n\n")


@pytest.mark.parametrize(
    ("url", "site"),
    [("https://news.harbor.example/a", "news.harbor.example"), ("file:///tmp/a.html", "chandler.example")],
)
def test_a_page_is_of_the_site_it_was_fetched_from_and_a_file_of_the_one_it_states(url, site):
    page = parse_page(b'<link rel="canonical" href="https://chandler.example/a"><h1>The light fails</h1>', url)
    metadata = find_metadata(page)
    assert site == find_clues(url, metadata, choose_headline(metadata, ())).site


def test_the_body_is_a_view_on_the_blocks():
    article = read(f"<article><h1>The light</h1>{_BODY}</article>")
    assert _TEXTS == [block.text for block in article.blocks if block.role is Role.BODY] == article.body.split("\n\n")


def test_values_say_where_they_came_from():
    head = (
        '<title>The light fails</title><meta name="author" content="Ann Other"><meta name="date" content="2024-03-01">'
    )
    article = read(f"<head>{head}</head><article><h1>The light fails</h1>{_BODY}</article>")
    kind = "an article with nothing that speaks for another kind"
    assert {"headline": "h1", "authors": "author", "published_at": "date", "kind": kind} == article.origins


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ('<link rel="next" href="?page=2">', "https://harbor.example/a/story.html?page=2"),
        ('<link rel="next" href="/another-story">', None),
        ("", None),
    ],
)
def test_the_next_page_of_an_article_shares_its_path(link, target):
    assert target == read(f"<head>{link}</head><article>{_BODY}</article>").next_page_url


def test_cves_are_collected():
    article = read(
        f"<article><h1>Two flaws</h1>{_BODY}<p>The patch for CVE-2024-1234 and cve-2023-0001 is out now.</p></article>"
    )
    assert ("CVE-2024-1234", "CVE-2023-0001") == article.cves


def test_the_lead_picture_is_marked():
    figure = (
        '<figure><img src="/img/light-800.jpg" alt="A light"><figcaption>The light. Foto: Ann/dpa</figcaption></figure>'
    )
    article = read(
        f'<head><meta property="og:image" content="https://cdn.example/x/light-800.jpg"></head>'
        f"<article><h1>The light</h1>{figure}{_BODY}</article>"
    )
    (image,) = article.images
    assert ("https://harbor.example/img/light-800.jpg", "The light.", "Ann/dpa", "A light", True) == (
        image.url,
        image.caption,
        image.credit,
        image.alt,
        image.is_lead,
    )


_CREDITED = "".join(
    f"<p>{text}</p><figure><img src=/{n}.jpg><figcaption>Photo: Ann Other/AP</figcaption></figure>"
    for n, text in enumerate(_TEXTS[:3])
)


def test_pictures_with_the_same_credit_are_as_many_as_the_page_shows():
    images = read(f"<article><h1>Quays</h1>{_CREDITED}</article>").images
    expected = [(f"https://harbor.example/{n}.jpg", "Ann Other/AP", n == 0) for n in range(3)]
    assert expected == [(image.url, image.credit, image.is_lead) for image in images]


def test_one_picture_shown_twice_in_two_sizes_is_one():
    figure = "<figure><img src=/{}/quay-at-noon.jpg><figcaption>The quay at noon on Friday.</figcaption></figure>"
    images = read(f"<article>{_BODY}{figure.format('320x180')}{figure.format('640x360')}</article>").images
    assert ["https://harbor.example/320x180/quay-at-noon.jpg"] == [image.url for image in images]


def test_a_heading_with_the_words_of_a_cell_is_no_cell():
    table = "<table><tr><th>Harbour</th><th>Damage</th></tr><tr><td>Saltmere</td><td>4 million</td></tr></table>"
    article = read(f"<article><h1>Quays</h1><p>{_TEXTS[0]}<h2>Saltmere</h2>{_BODY}{table}<p>{_TEXTS[1]}</article>")
    assert [None, (0, 1, 0)] == [block.cell for block in article.blocks if block.text == "Saltmere"]


def test_blocks_are_numbered_as_they_stand_and_parts_share_the_number():
    caption = "<figure><img src=/1.jpg><figcaption>The quay at noon. Photo: Ann Other/AP</figcaption></figure>"
    blocks = read(f"<article><h1>Quays</h1>{caption}{_BODY}</article>").blocks
    assert [0, 1, 1, *range(2, 10)] == [block.number for block in blocks]


# ---------------------------------------------------------------- a site's own selectors


def test_selectors_override_the_labeller():
    second = _BODY.replace("light", "lamp")
    html = f'<article><h1>Light</h1><div class="x1">{_BODY}</div><div class="x2">{second}</div></article>'
    assert "lamp" in read(html).body
    assert "lamp" not in read(html, selectors=Selectors(body=(".x1",))).body
    assert "lamp" not in read(html, selectors=Selectors(remove=(".x2",))).body


def test_what_a_selector_removes_is_kept_as_other():
    html = f'<article>{_BODY}<div class="x2"><p>{_TEXTS[0]} Not this.</p></div></article>'
    article = read(html, selectors=Selectors(remove=(".x2",)))
    assert [(Role.OTHER, "selector")] == [(b.role, b.reason) for b in article.blocks if "Not this." in b.text]


def test_a_selector_removes_one_of_two_blocks_with_the_same_words():
    html = f'<article>{_BODY}<div class="key-points"><p>{_TEXTS[1]}</p></div></article>'
    article = read(html, selectors=Selectors(remove=(".key-points",)))
    assert _TEXTS == article.body.split("\n\n")
    assert [Role.BODY, Role.OTHER] == [block.role for block in article.blocks if block.text == _TEXTS[1]]


def test_a_block_that_was_parted_is_not_selected():
    html = f"<article>{_BODY}<figure><img src=/1.jpg><figcaption>The quay at noon. Photo: AP</figcaption></figure>"
    assert read(html) == read(html, selectors=Selectors(dek=("figcaption",)))


def test_a_selected_menu_keeps_its_links():
    """Menus get no Markdown; what a selector makes text of them does."""
    link = '<div class="x1"><a href="https://harbor.example/tides">Tides and currents of the coming week</a></div>'
    html = f"<article>{_BODY}</article><nav>{link}</nav>"
    plain, selected = (
        next(b.markdown for b in read(html, selectors=selectors).blocks if b.text.startswith("Tides"))
        for selectors in (Selectors(), Selectors(body=(".x1",)))
    )
    assert ("", "[Tides and currents of the coming week](https://harbor.example/tides)") == (plain, selected)


def test_a_selector_that_finds_nothing_changes_nothing():
    html = f"<article>{_BODY}</article>"
    assert read(html) == read(html, selectors=Selectors(body=(".gone",)))


def test_a_short_line_right_before_the_text_dates_it():
    article = read(f"<h1>Keepers speak</h1><div>Harbor desk | 4 March 2024</div>{_BODY}")
    assert ("2024-03-04", "dateline") == (article.published_raw, article.origins["published_at"])


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (("<p class=date>1 March 2024</p>",), "2024-03-01"),
        (("<p class=date>1 March 2024</p>", "<div>Harbor desk of the north coast | 4 March 2024</div>"), "2024-03-01"),
        (("<div>Harbor desk | 4 March 2024</div>", "<div>5 March 2024</div>"), "2024-03-05"),
        (("<p class=date>1 March 2024</p>", "<p class=date>Updated 4 March 2024</p>"), "2024-03-01"),
        (("<p class=date>Updated 4 March 2024</p>",), "2024-03-04"),
        (("<p class=date>05/06/2024</p>",), "2024-06-05"),
    ],
    ids=[
        "a date",
        "in a line that is about the text",
        "nearest",
        "not that of a change",
        "of a change alone",
        "country",
    ],
)
def test_which_of_the_dates_before_the_text_is_its_day(lines, day):
    html = f"<html lang=en-GB><h1>Keepers speak</h1>{''.join(lines)}{_BODY}"
    article = read(html)
    assert (day, "dateline") == (article.published_raw, article.origins["published_at"])


def test_a_date_far_from_the_text_is_taken_last():
    """At the top of a page stands what day it is, beside it what day others were written on."""
    today = "<p class=date>9 March 2024</p>" + "<nav><a href=/p>Ports</a></nav>" * 9
    page = f"{today}<article><h1>Keepers speak</h1>{{}}{_BODY}</article>"
    url = "https://harbor.example/2024/3/04/keepers"
    articles = (
        read(page.format("<p class=date>1 March 2024</p>")),
        read_document(page.format("").encode(), url),
        read(page.format("")),
    )
    assert [("2024-03-01", "dateline"), ("2024-03-04", "url"), ("2024-03-09", "dateline")] == [
        (article.published_raw, article.origins["published_at"]) for article in articles
    ]


def test_a_date_in_a_caption_is_that_of_the_picture():
    day, menu = "<p class=date>9 March 2024</p>", "<nav><a href=/p>Ports</a></nav>" * 9
    caption = "<figcaption>The keepers of the north coast stood at the gate on 4 March 2024</figcaption>"
    page = f"{day}{menu}<article><h1>Keepers speak</h1><figure><img src=a.jpg>{caption}</figure>{_BODY}</article>"
    assert "2024-03-09" == read(page).published_raw


def test_the_path_of_the_url_dates_what_says_nothing():
    article = read_document(f"<article>{_BODY}</article>".encode(), "https://harbor.example/2024/3/04/keepers")
    assert ("2024-03-04", "url") == (article.published_raw, article.origins["published_at"])


@pytest.mark.parametrize(
    "element",
    [
        '<i class="author vcard">posted by <b class="fn">Ann Other</b></i>',
        'more by <a rel="author" href="/ann">Ann Other</a> and friends of the harbor, who have written here for years',
    ],
)
def test_an_author_element_names_the_author(element):
    assert ("Ann Other",) == read(f"<article>{_BODY}<p>{element}</p></article>").authors


def test_texts_are_composed_and_evidence_and_addresses_are_not():
    """Whether the page has the two characters, an entity, or an escape in a script."""
    old, link = "cafe\u0301", "https://tide.example/cafe%CC%81"
    paragraphs = "".join(f'<p>{old} n\u0303 no. {n}, <a href="{link}">he said</a> at noon.</p>' for n in range(9))
    markup = (
        f'<html><head><meta property="og:description" content="{old} {old} {old} is shut"></head><body><article>'
        f"<h1>A caf&#101;&#769; is shut</h1>{paragraphs}</article></body></html>"
    )
    article = read_document(markup.encode(), "https://tide.example/cafe\u0301")
    assert "A café is shut" == article.headline
    assert "https://tide.example/cafe\u0301" == article.url
    assert article.body.startswith("café ñ no. 0")
    assert all(f"]({link})" in block.markdown for block in article.body_blocks)
    texts = [article.headline, article.dek or "", *(text for block in article.blocks for text in block[1:2])]
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)
    plain = read_document(old.encode(), "https://tide.example/a.txt", content_type="text/plain; charset=utf-8")
    assert "café" == plain.body


@pytest.mark.parametrize(
    ("target", "href"),
    [
        ("https://harbor.example/a/story.html?page=2", "?page=2"),
        ("https://harbor.example/a/story/2", "/a/story/2"),
        ("https://harbor.example/a/story_2.html", "story_2.html"),
        (None, "?page=2#comments"),
        (None, "?page=3"),
        (None, "/a/story-2"),
    ],
)
def test_a_link_to_the_own_address_with_the_next_number_is_the_next_page(target, href):
    assert target == read(f"<article>{_BODY}<p><a href='{href}'>Next</a></p></article>").next_page_url


def test_a_declarative_shadow_root_is_part_of_the_page():
    page = f"<article><h1>Gate</h1><story-text><template shadowrootmode=open>{_BODY}</template></story-text></article>"
    assert read(f"<article><h1>Gate</h1>{_BODY}</article>").body == read(page).body


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(PageError, match="another kind"):
        read_document(bytes(range(256)) * 8, "https://harbor.example/a")


def test_hidden_lines_among_visible_ones_are_none_of_the_text():
    spam = "Cheap rope and tar in town, buy it today with free delivery to your quay."
    assert (
        spam
        not in read(
            f"<article>{_BODY}<p style='display:none'>{spam}</p>{_BODY.replace('harbor', 'port')}</article>"
        ).body
    )
