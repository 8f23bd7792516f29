"""
The page that started it, taken apart without a scratch: as plain text, and in the pages it may come
in.

The text is read from ../shared. The page around it (byline, related links, sidebar) is ours.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import read_document

from scraper.model import AccessStatus, Article, Role

_SEED = Path(__file__).parents[2] / "shared" / "seed" / "article.txt"
_URL = "https://monitor.example/world/2012/0625/three-top-officers"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not _SEED.exists(), reason="../shared/seed is not there"),
]

HEADLINE = "Three top Syrian officers defect to Turkey. How bad for Assad?"
CREDIT = "Raad Al Fares/ Shaam News Network/REUTERS"


@dataclass(frozen=True)
class Seed:
    """The seed's parts, by the shape of the file: what stands between its empty lines."""

    dek: str
    caption: str
    series_note: str
    paragraphs: tuple[str, ...]
    wall: tuple[str, ...]


@cache
def seed() -> Seed:
    head, dek, picture, note, *rest = _SEED.read_text(encoding="utf-8").strip().split("\n\n")
    assert head == HEADLINE
    credit, caption = picture.split("\n")
    assert credit == CREDIT
    wall = next(i for i, part in enumerate(rest) if part.startswith("of stories this month"))
    return Seed(
        dek,
        caption,
        note.removeprefix("• "),
        tuple(rest[:wall]),
        tuple(line for part in rest[wall:] for line in part.split("\n")),
    )


def squashed(text: str) -> str:
    return " ".join(text.split())


def lines(article: Article, *roles: Role) -> list[str]:
    return [squashed(block.text) for block in article.blocks if block.role in roles]


def assert_taken_apart(article: Article) -> None:
    """Everything both forms of the page must give."""
    assert article.headline == HEADLINE
    assert article.dek == seed().dek
    assert list(seed().paragraphs) == article.body.split("\n\n")
    assert [seed().series_note] == list(dict.fromkeys(lines(article, Role.SERIES_NOTE)))
    assert [seed().caption] == lines(article, Role.CAPTION)
    assert [CREDIT] == [line.strip("()").removeprefix("Photo: ") for line in lines(article, Role.CREDIT)]
    shown = [(image.caption, image.credit) for image in article.images if image.caption or image.credit]
    assert [(seed().caption, CREDIT)] == shown
    assert " ".join(map(squashed, seed().wall)) == " ".join(lines(article, Role.PAYWALL)).removeprefix("0 ")
    assert article.access.status is AccessStatus.METERED
    assert article.access.complete
    numbers = article.access.numbers
    assert (5, (11.0,), "USD", ("month",)) == (numbers.limit, numbers.prices, numbers.currency, numbers.periods)
    assert article.language == "en"


# ---------------------------------------------------------------- as plain text


def test_the_plain_text_is_taken_apart():
    article = read_document(_SEED.read_bytes(), _URL, content_type="text/plain; charset=utf-8")
    assert_taken_apart(article)


def test_the_plain_text_is_told_without_a_content_type():
    assert_taken_apart(read_document(_SEED.read_bytes(), _URL))


@pytest.mark.parametrize(("old", "new"), [("\n", "\r\n"), ("’", "'"), ("\n\n", "\n\n\n"), ("\n", "  \n")])
def test_line_ends_quotes_and_gaps_do_not_matter(old, new):
    text = _SEED.read_text(encoding="utf-8")
    article = read_document(text.replace(old, new).encode(), _URL, content_type="text/plain; charset=utf-8")
    expected = [paragraph.replace("’", "'") for paragraph in seed().paragraphs]
    assert expected == [paragraph.replace("’", "'") for paragraph in article.body.split("\n\n")]
    assert len(seed().wall) == len(lines(article, Role.PAYWALL))


# ---------------------------------------------------------------- as a page

_RELATED = {
    "paragraph": '<p><b>RELATED: <a href="/q">Harbor quiz: how well do you know the coast?</a></b></p>',
    "bare link": '<p><a href="/q">Five ways to read an old map</a></p>',
    "box": '<div class="story-related"><h4>Related stories</h4><ul><li><a href="/1">Why the mill closed</a></li>'
    '<li><a href="/2">A bridge nobody asked for, and who paid for it in the end</a></li></ul></div>',
    "aside": '<aside><h3>Recommended</h3><p><a href="/1">Why the mill closed</a></p></aside>',
    "label apart": '<p>Recommended: <a href="/q">Five ways to read an old map</a></p>',
    "pictures": '<p><strong><a href="/g">IN PICTURES: The lighthouses of the north</a></strong></p>',
}

_PICTURE = {
    "figure": '<figure><img src="/p.jpg" alt=""><figcaption><span class="credit">{credit}</span><br>{caption}'
    "</figcaption></figure>",
    "figure, credit behind": '<figure><img src="/p.jpg"><figcaption>{caption} <span class="photo-credit">{credit}'
    "</span></figcaption></figure>",
    "figure, no names": '<figure><img src="/p.jpg"><figcaption>{caption} {credit}</figcaption></figure>',
    "figure, brackets": '<figure><img src="/p.jpg"><figcaption>{caption} ({credit})</figcaption></figure>',
    "two divs": '<div class="photo"><img src="/p.jpg"><div class="photo-credit">{credit}</div>'
    '<div class="caption">{caption}</div></div>',
    "two divs, credit behind": '<div class="ui-photo"><img src="/p.jpg"><p class="caption">{caption}</p>'
    "<cite>{credit}</cite></div>",
    "one div": '<div class="image-caption">{caption}<br>{credit}</div>',
    "one div, no break": '<div class="photo_block"><img src="/p.jpg"><p class="caption">{caption} {credit}</p></div>',
    "no names": '<div><img src="/p.jpg"><div>{credit}</div><div>{caption}</div></div>',
    "no names, credit behind": '<div><img src="/p.jpg"><p>{caption}</p><p>{credit}</p></div>',
    "label": '<figure><img src="/p.jpg"><figcaption>{caption} Photo: {credit}</figcaption></figure>',
    "small": '<figure><img src="/p.jpg"><figcaption>{caption}<small>{credit}</small></figcaption></figure>',
    "table": '<table class="image"><tr><td><img src="/p.jpg" width="300"></td></tr><tr><td class="credit">{credit}'
    '</td></tr><tr><td class="caption">{caption}</td></tr></table>',
}

_TEXT = {
    "p": lambda parts: "".join(f"<p>{part}</p>\n" for part in parts),
    "br": "<br><br>\n".join,
    "xhtml br": "<br />\n<br />".join,
    "div": lambda parts: "".join(f"<div>{part}</div>" for part in parts),
    "font": lambda parts: "".join(f'<p><font face="Georgia" size="2">{part}</font></p>' for part in parts),
    "unclosed p": lambda parts: "".join(f"<p>{part}\n" for part in parts),
    "links": lambda parts: (
        "".join(f"<p>{part}</p>" for part in parts)
        .replace("reports Al Jazeera", '<a href="https://a.example/">reports Al Jazeera</a>')
        .replace("Dashiell Bennett", '<a href="https://b.example/">Dashiell Bennett</a>')
    ),
}

_QUOTES = {
    "plain": lambda text: html.escape(text, quote=False),
    "decimal": lambda text: html.escape(text).replace("&#x27;", "&#39;").replace("’", "&#8217;"),
    "named": lambda text: html.escape(text).replace("’", "&rsquo;").replace("“", "&ldquo;").replace("”", "&rdquo;"),
    "hexadecimal": lambda text: html.escape(text).replace("–", "&#x2013;"),
}

_WALL = {
    "named box": '<div class="paywall"><p>{0}</p><p>{1}</p><p>{2}</p><p>{3}</p></div>',
    "divs": '<div id="x1"><div>{0}</div><div>{1}</div><div>{2}</div><div>{3}</div></div>',
    "plain paragraphs": "<p>{0}</p>\n<p>{1}</p>\n<p>{2}</p>\n<p>{3}</p>",
    "headings": '<div class="panel"><span>{0}</span><h3>{1}</h3><p>{2}</p><h4>{3}</h4></div>',
    "lines": '<div class="meter-panel">{0}<br>{1}<br><br>{2}<br><br>{3}</div>',
    "linked": '<section class="subscribe-panel"><div><a href="/subscribe">{0}</a></div><p>{1}</p>'
    '<p><a href="/subscribe">{2}</a></p><p>{3}</p></section>',
    "split": '<div class="panel"><div>0 {0}</div><div>{1}</div></div><div class="panel-2"><p>{2}</p><p>{3}</p></div>',
    "article footer": "<footer><p>{0}</p><p>{1}</p><p>{2}</p><p>{3}</p></footer>",
    "aside": "<aside><p>{0}</p><p>{1}</p><p>{2}</p><p>{3}</p></aside>",
    "form": '<form action="/go"><label>{0}</label><p>{1}</p><p>{2}</p><button>{3}</button></form>',
    "list": "<ul><li>{0}</li><li>{1}</li><li>{2}</li><li>{3}</li></ul>",
    "list of lines": "<div><span>{0}</span> <span>{1}</span> <span>{2}</span> <span>{3}</span></div>",
    "modal": '<div class="modal" role="dialog"><p>{0}</p><p>{1}</p><button>{2}</button><p>{3}</p></div>',
}

_BYLINE = {
    "one line": '<p class="byline">By <a href="/a">Mara Quill</a>, Staff writer / June 25, 2012</p>',
    "two lines": '<div class="byline"><span class="author">By Mara Quill</span><br><span class="date">June 25, 2012'
    "</span></div>",
    "apart": '<ul class="story-meta"><li class="author">By <a href="/a" rel="author">Mara Quill</a></li>'
    '<li class="date">June 25, 2012</li></ul>',
    "bar": "<div>By Mara Quill | June 25, 2012</div>",
    "time": '<p>By Mara Quill</p><time datetime="2012-06-25">June 25, 2012</time>',
    "slash, no names": "<div>By <b>Mara Quill</b>, Correspondent / June 25, 2012</div>",
    "short month": "<p>By Mara Quill<br>Jun. 25, 2012</p>",
    "capitals": '<p class="byline">BY MARA QUILL</p><p>JUNE 25, 2012</p>',
    "numbers": '<p class="byline">By Mara Quill</p><p class="date">06/25/2012</p>',
    "published": "<p>By Mara Quill</p><p>Published June 25, 2012 at 10:30 AM</p>",
    "date first": '<div class="date">June 25, 2012</div><div class="author">Mara Quill</div>',
}

_NOTE = {
    "em": "<p><em>• {note}</em></p>",
    "p": "<p>• {note}</p>",
    "entity": "<p>&bull;&nbsp;{note}</p>",
    "div": '<div class="tagline">• {note}</div>',
    "b": "<p><b>•</b> <i>{note}</i></p>",
    "no space": "<p>•{note}</p>",
    "italics": "<i>• {note}</i><br><br>",
}

_DEK = {
    "h2": '<h2 class="subhead">{dek}</h2>',
    "p named": '<p class="summary">{dek}</p>',
    "h2 bare": "<h2>{dek}</h2>",
    "div": '<div class="deck">{dek}</div>',
    "p bare": "<p>{dek}</p>",
    "p bold": "<p><strong>{dek}</strong></p>",
    "span": '<div><span class="standfirst">{dek}</span></div>',
}

_HEAD = {
    "bare": "<title>{headline} - The Harbor Monitor</title>",
    "og": '<title>{headline} - The Harbor Monitor</title><meta property="og:title" content="{headline}">'
    '<meta property="og:description" content="{dek}"><meta property="og:site_name" content="The Harbor Monitor">',
    "json-ld": "<title>{headline}</title>"
    '<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{headline}", '
    '"datePublished": "2012-06-25", "author": {{"@type": "Person", "name": "Mara Quill"}}}}</script>',
}

_ORDERS = ("picture first", "picture last", "picture in text")
_WALL_PLACES = ("in the text", "in the article", "behind the article", "at the end of the page")


@dataclass(frozen=True)
class Shape:
    """How one page is built: a key of each of the tables above."""

    head: str = "bare"
    order: str = "picture first"
    picture: str = "figure"
    dek: str = "h2"
    byline: str = "one line"
    note: str = "em"
    text: str = "p"
    quotes: str = "plain"
    related: str = "paragraph"
    wall: str = "named box"
    wall_place: str = "in the article"

    def build(self) -> bytes:
        quote = _QUOTES[self.quotes]
        picture = _PICTURE[self.picture].format(credit=quote(CREDIT), caption=quote(seed().caption))
        headline, dek = quote(HEADLINE), _DEK[self.dek].format(dek=quote(seed().dek))
        note = _NOTE[self.note].format(note=quote(seed().series_note))
        paragraphs = [quote(paragraph) for paragraph in seed().paragraphs]
        render = _TEXT[self.text]
        halves = f"{render(paragraphs[:5])}\n{_RELATED[self.related]}\n{render(paragraphs[5:])}"
        wall = _WALL[self.wall].format(*map(quote, seed().wall))
        at = {place: wall if place == self.wall_place else "" for place in _WALL_PLACES}
        picture_at = {order: picture if order == self.order else "" for order in _ORDERS}
        return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
        {_HEAD[self.head].format(headline=headline, dek=quote(seed().dek))}</head><body>
        <div id="nav"><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></div>
        <div class="content"><div class="story">
        {picture_at["picture first"]}<h1>{headline}</h1>{dek}{note}{_BYLINE[self.byline]}{picture_at["picture last"]}
        <div class="body">{picture_at["picture in text"]}{note}{halves}{at["in the text"]}</div>
        {at["in the article"]}</div>{at["behind the article"]}
        <div class="sidebar"><h3>Most viewed</h3><ol><li><a href="/3">The ferry that never sailed</a></li></ol></div>
        </div><div id="footer"><p>© The Harbor Monitor. All rights reserved.</p></div>{at["at the end of the page"]}
        </body></html>""".encode()


_CHOICES = {
    "head": _HEAD,
    "order": _ORDERS,
    "picture": _PICTURE,
    "dek": _DEK,
    "byline": _BYLINE,
    "note": _NOTE,
    "text": _TEXT,
    "quotes": _QUOTES,
    "related": _RELATED,
    "wall": _WALL,
    "wall_place": _WALL_PLACES,
}


def assert_page_taken_apart(shape: Shape) -> None:
    article = read_document(shape.build(), _URL)
    assert_taken_apart(article)
    assert ["mara quill"] == [name.lower() for name in article.authors]
    assert article.published_at is not None
    assert datetime(2012, 6, 25, tzinfo=UTC).date() == article.published_at.date()
    assert 2 == len(lines(article, Role.SERIES_NOTE)), "the tagline is printed twice"


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(Shape(**{part: choice}), id=f"{part}: {choice}")
        for part, choices in _CHOICES.items()
        for choice in choices
    ],
)
def test_the_page_is_taken_apart_whatever_one_part_looks_like(shape):
    assert_page_taken_apart(shape)


@given(st.builds(Shape, **{part: st.sampled_from(list(choices)) for part, choices in _CHOICES.items()}))
@settings(max_examples=60, deadline=None)
def test_the_page_is_taken_apart_in_any_mixture(shape):
    assert_page_taken_apart(shape)


def test_a_page_without_a_tagline_has_no_series_note():
    page = Shape().build().decode()
    bare = page.replace(f"<p><em>• {seed().series_note}</em></p>", "")
    article = read_document(bare.encode(), _URL)
    assert [] == lines(article, Role.SERIES_NOTE)
    assert list(seed().paragraphs) == article.body.split("\n\n")
