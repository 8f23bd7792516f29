"""
An invented newspaper world: what its three outlets publish, as documents by path. It reads its own
files, no others.

`articles/*.toml` holds the texts, `templates/` the outlets' markup, and pictures are drawn. It exists in two states:
before the turn, and after it, when one article has changed and another one is new.
Text of an article: paragraphs with a blank line between them; `## ` begins a subhead, `- ` a
list, `> ` a quotation, three backquotes code, `{related SLUG}` a link set into the text, and
`+ ` a paragraph that is there only after the turn.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from archive.demo.pictures import draw_picture

# How long before `now` the changed article was changed.
_TURNED_AGO = timedelta(minutes=5)
# Associated Press style: long months are shortened, short ones are not.
_US_MONTHS = "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.".split()


@dataclass(frozen=True, slots=True)
class Outlet:
    """
    A publication of this world. Feeds, sitemaps and index pages are paths; its robots.txt closes
    *closed*.
    """

    key: str
    title: str
    section: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    index_pages: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


OUTLETS = (
    Outlet("monitor", "The Harbour Monitor", "geopolitics", feeds=("/feeds/all.xml",), closed=("/private/",)),
    Outlet("northwire", "Northwire", "geopolitics", sitemaps=("/sitemap-news.xml",)),
    # Its feed is an HTML page: what a moved site often answers.
    Outlet("bulwarks", "Bytes & Bulwarks", "cyber", feeds=("/feed.xml",), index_pages=("/",), closed=("/contact/",)),
)


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """
    An article as its file has it.

    Args:
        hours_old: Hours from its publication to `now`.
        agency: Who it was taken from, for the byline.
        turned_headline: Its headline after the turn, where that is another one.
        appears: "turn" where it is published between the two passes.
        reprint_of: Slug of the wire story it prints; *keep* is how many of its paragraphs.
        folder: First part of the path where it is not the outlet's usual one.
    """

    outlet: str
    slug: str
    section: str
    headline: str
    dek: str
    authors: tuple[str, ...]
    hours_old: float
    tags: tuple[str, ...]
    related: tuple[str, ...]
    text: str = ""
    kicker: str = ""
    agency: str = ""
    dateline: str = ""
    caption: str = ""
    credit: str = ""
    series: str = ""
    language: str = "en"
    access: str = "free"
    turned_headline: str = ""
    appears: str = ""
    reprint_of: str = ""
    keep: int = 0
    folder: str = ""
    comments: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at one path."""

    body: bytes
    media_type: str
    modified_at: datetime

    @property
    def etag(self) -> str:
        """A strong validator (RFC 9110 §8.8.3)."""
        return f'"{sha256(self.body).hexdigest()[:16]}"'


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    headline: str


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of text: *kind* is an element's name, or "related" with a *link*."""

    kind: str
    lines: tuple[Markup | str, ...] = ()
    link: _Link | None = None


@dataclass(frozen=True, slots=True)
class _Page:
    """An article as a template shows it."""

    article: DemoArticle
    headline: str
    home_url: str
    path: str
    published_at: datetime
    modified_at: datetime
    blocks: tuple[_Block, ...]
    related: tuple[_Link, ...]

    @property
    def url(self) -> str:
        return self.home_url + self.path[1:]

    @property
    def image_path(self) -> str:
        return f"/images/{self.article.slug}.png"

    @property
    def image_url(self) -> str:
        return self.home_url + self.image_path[1:]

    @property
    def short_date(self) -> str:
        day = self.published_at
        return f"{_US_MONTHS[day.month - 1]} {day.day}, {day.year}"

    @property
    def json_ld(self) -> dict[str, object]:
        """schema.org NewsArticle, with the marks that publishers use for paywalled content."""
        article = self.article
        described: dict[str, object] = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "mainEntityOfPage": self.url,
            "headline": self.headline,
            "description": article.dek,
            "datePublished": self.published_at.isoformat(),
            "dateModified": self.modified_at.isoformat(),
            "author": [{"@type": "Person", "name": name} for name in article.authors],
            "publisher": {"@type": "NewsMediaOrganization", "name": _outlet(article.outlet).title},
            "articleSection": article.section,
            "keywords": list(article.tags),
            "inLanguage": article.language,
            "image": self.image_url,
        }
        if article.access == "free":
            return described | {"isAccessibleForFree": True}
        # Both forms are common: the boolean, and the word with a capital.
        wall = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".reader-wall"}
        return described | {"isAccessibleForFree": "False", "hasPart": wall}


def read_articles() -> tuple[DemoArticle, ...]:
    """Every article of this world, in the order of the files' names."""
    folder = files("archive.demo") / "articles"
    named = sorted((file.name, file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".toml"))
    return tuple(_article(tomllib.loads(text)) for _, text in named)


def _article(table: Mapping[str, Any]) -> DemoArticle:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return DemoArticle(**values)


def _outlet(key: str) -> Outlet:
    return next(outlet for outlet in OUTLETS if outlet.key == key)


def render_world(homes: Mapping[str, str], now: datetime, *, turned: bool) -> dict[str, dict[str, Document]]:
    """
    Every document of this world, by outlet and path.

    A document that the turn does not touch is the same, byte for byte, before and after it.

    Args:
        homes: Home URL of each outlet, ending in "/".
        now: Publication dates count back from here.
    """
    now = now.replace(second=0, microsecond=0)
    articles = {article.slug: article for article in read_articles()}
    links = {
        slug: _Link(homes[article.outlet] + _path(article, now)[1:], article.headline)
        for slug, article in articles.items()
    }
    pages = [
        _page(article, articles, links, homes, now, turned=turned)
        for article in articles.values()
        if turned or article.appears != "turn"
    ]
    pages.sort(key=lambda page: page.published_at, reverse=True)
    environment = _environment()
    return {
        outlet.key: _documents(outlet, [page for page in pages if page.article.outlet == outlet.key], environment)
        for outlet in OUTLETS
    }


def _page(
    article: DemoArticle,
    articles: Mapping[str, DemoArticle],
    links: Mapping[str, _Link],
    homes: Mapping[str, str],
    now: datetime,
    *,
    turned: bool,
) -> _Page:
    """The page of an article, before or after the turn."""
    published_at = now - timedelta(hours=article.hours_old)
    is_changed = turned and bool(article.turned_headline)
    return _Page(
        article,
        article.turned_headline if is_changed else article.headline,
        homes[article.outlet],
        _path(article, now),
        published_at,
        now - _TURNED_AGO if is_changed else published_at,
        _blocks(article, articles, links, turned=turned),
        tuple(links[other] for other in article.related),
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("archive.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["rfc_date"] = format_datetime
    return environment


def _path(article: DemoArticle, now: datetime) -> str:
    """Each outlet has its own habit of building a path."""
    day = now - timedelta(hours=article.hours_old)
    match article.outlet:
        case "monitor":
            return f"{article.folder or '/' + article.section}/{day:%Y}/{day:%m%d}/{article.slug}"
        case "northwire":
            return f"/article/{article.slug}-{sha256(article.slug.encode()).hexdigest()[:12]}"
        case _:
            return f"/{day:%Y}/{day:%m}/{article.slug}/"


class _Press:
    """Makes the documents of one outlet."""

    def __init__(self, outlet: Outlet, home_url: str, environment: Environment) -> None:
        self._outlet = outlet
        self._home_url = home_url
        self._environment = environment

    def document(self, template: str, media_type: str, modified_at: datetime, **values: object) -> Document:
        """A template, filled in."""
        text = self._environment.get_template(template).render(outlet=self._outlet, home_url=self._home_url, **values)
        return Document(text.encode(), f"{media_type}; charset=utf-8", modified_at)

    def robots(self, modified_at: datetime) -> Document:
        """The outlet's robots.txt."""
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in self._outlet.closed or ("",))]
        lines += [f"Sitemap: {self._home_url}{path[1:]}" for path in self._outlet.sitemaps]
        return Document("\n".join([*lines, ""]).encode(), "text/plain; charset=utf-8", modified_at)


def _documents(outlet: Outlet, pages: list[_Page], environment: Environment) -> dict[str, Document]:
    """All that one outlet serves; *pages* are its articles, newest first."""
    press = _Press(outlet, pages[0].home_url, environment)
    oldest, latest = min(page.published_at for page in pages), max(page.modified_at for page in pages)
    # Front pages do not tease what is for supporters alone; the feed, carelessly, names it.
    teased = [page for page in pages if not page.path.startswith(outlet.closed or ("//",))]
    feed = (
        press.document("moved.html", "text/html", oldest)
        if outlet.key == "bulwarks"
        else press.document("feed.xml", "application/rss+xml", latest, pages=pages)
    )
    found = {
        "/": press.document("front.html", "text/html", latest, pages=teased),
        "/robots.txt": press.robots(oldest),
        **{
            path: press.document("sitemap-news.xml", "application/xml", latest, pages=pages) for path in outlet.sitemaps
        },
        **dict.fromkeys(outlet.feeds, feed),
    }
    for page in pages:
        found[page.path] = press.document(f"{outlet.key}.html", "text/html", page.modified_at, page=page)
        found[page.image_path] = Document(draw_picture(page.article.slug), "image/png", page.published_at)
    return found


def _blocks(
    article: DemoArticle, articles: Mapping[str, DemoArticle], links: Mapping[str, _Link], *, turned: bool
) -> tuple[_Block, ...]:
    """The text of an article as it stands before or after the turn."""
    original = articles[article.reprint_of] if article.reprint_of else article
    chunks = [chunk for chunk in original.text.strip().split("\n\n") if turned or not chunk.startswith("+ ")]
    blocks = [_block(chunk, links) for chunk in (chunks[: article.keep] if article.reprint_of else chunks)]
    if original.dateline:
        first = Markup("{} (Northwire) — {}").format(original.dateline, blocks[0].lines[0])
        blocks[0] = _Block(blocks[0].kind, (first,))
    return tuple(blocks)


def _block(chunk: str, links: Mapping[str, _Link]) -> _Block:
    """One block of the little markup that the module's docstring describes."""
    lines = chunk.splitlines()
    if related := re.fullmatch(r"\{related ([\w-]+)\}", chunk):
        return _Block("related", link=links[related[1]])
    if chunk.startswith("```"):
        return _Block("pre", tuple(lines[1:-1]))
    if chunk.startswith("- "):
        return _Block("ul", tuple(_inline(line.removeprefix("- ")) for line in lines))
    for mark, kind in (("## ", "h2"), ("> ", "blockquote"), ("+ ", "p")):
        if chunk.startswith(mark):
            return _Block(kind, (_inline(chunk.removeprefix(mark)),))
    return _Block("p", (_inline(chunk),))


def _inline(text: str) -> Markup:
    """A line of text with `code` and *emphasis*."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(r"\*([^*]+)\*", r"<em>\1</em>", marked))  # noqa: S704 - escaped in the line above
