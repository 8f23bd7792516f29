"""
What a page says about its article in structured data: JSON-LD, microdata, OpenGraph, meta.

Each value keeps where it came from. What is not there is None: no value is guessed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from selectolax.lexbor import LexborNode

from scraper.dates import Clues
from scraper.read.facts.authors import Authors, find_stated_authors
from scraper.read.page.headings import heading_text
from scraper.read.page.hints import is_of_others
from scraper.read.page.parse import Json, Page, attribute
from scraper.read.page.statements import (
    PARSELY,
    Value,
    find_articles,
    main_article,
    parsely_facts,
    plain,
    text_of,
    types_of,
)
from scraper.read.words.dates import is_month_first, parse_when
from scraper.read.words.site_names import find_site_names, is_site_name
from scraper.text import fold, squash, without_placeholders
from scraper.urls import join_url


@dataclass(frozen=True, slots=True)
class Metadata:
    """
    Structured data of one page.

    Args:
        headlines: Headings and statements, in the order they are looked for.
        site_names: Squeezed, as `find_site_names` gives them.
        description: What meta elements and JSON-LD give as summary; not always a dek.
        stated_authors: Each place that names people, the most trusted first.
        further_dates: What meta elements say of it in words, or of another day perhaps.
        kind: The JSON-LD type of the article.
        word_count: As JSON-LD states it.
        article_body: Text of JSON-LD `articleBody`.
        origins: Where the other values stood, by the names that `Article` has for them.
    """

    headlines: tuple[Value, ...] = ()
    site_names: tuple[str, ...] = ()
    description: Value | None = None
    stated_authors: tuple[Authors, ...] = ()
    published_at: datetime | None = None
    published: Value | None = None
    further_dates: tuple[Value, ...] = ()
    updated_at: datetime | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    publication: str | None = None
    canonical_url: str | None = None
    lead_image_url: str | None = None
    kind: str | None = None
    word_count: int | None = None
    article_body: str | None = None
    articles: tuple[Json, ...] = field(default=(), repr=False)
    main: Json | None = field(default=None, repr=False)
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def authors(self) -> tuple[str, ...]:
        """The people that the most trusted place names."""
        return self.stated_authors[0].names if self.stated_authors else ()


def find_metadata(page: Page, latest: datetime | None = None) -> Metadata:
    """
    Everything structured data says about the article of this page.

    Args:
        latest: A date behind this is none of the article.
    """
    clues = Clues(page.language, is_month_first(page.language), latest)
    articles = find_articles(page)
    main = main_article(page, articles)
    published, published_at = next(_published(page, main, clues), (None, None))
    updated, updated_at = next(_updated(page, main, clues), (None, None))
    publication = _named_publication(page, main)
    section = next(_sections(page, main), None)
    canonical = next(_canonical_urls(page), None)
    lead_image = next(_lead_images(page, main), None)
    tags, tags_origin = next(_tags(page, main), ((), None))
    site_names = find_site_names(page.url, [value.text for value in _publications(page, main)])
    return Metadata(
        headlines=tuple(_headlines(page, main)),
        site_names=site_names,
        description=_description(page, main),
        stated_authors=find_stated_authors(page, main, site_names),
        published_at=published_at,
        published=published,
        further_dates=tuple(_dates_in_metas(page, (*_PUBLISHED_METAS, *_FURTHER_METAS))),
        updated_at=updated_at,
        section=_words_of(section),
        tags=tags,
        publication=_words_of(publication),
        canonical_url=_words_of(canonical),
        lead_image_url=_words_of(lead_image),
        kind=next(iter(types_of(main)), "") if main else None,
        word_count=_count((main or {}).get("wordCount")),
        article_body=_long_text((main or {}).get("articleBody")),
        articles=articles,
        main=main,
        origins=_stated_origins(
            updated_at=_origin_of(updated),
            section=_origin_of(section),
            tags=tags_origin,
            publication=_origin_of(publication),
            canonical_url=_origin_of(canonical),
            lead_image=_origin_of(lead_image),
        ),
    )


def _stated_origins(**origins: str | None) -> dict[str, str]:
    return {name: origin for name, origin in origins.items() if origin}


def _words_of(value: Value | None) -> str | None:
    return value.text if value else None


def _origin_of(value: Value | None) -> str | None:
    return value.origin if value else None


def _stated(page: Page, names: Iterable[str]) -> Iterator[Value]:
    """The contents of the meta elements of these names, in the order of the names."""
    for name in names:
        if text := plain(page.meta_content(name) or ""):
            yield Value(text, name)


def _in_json_ld(main: Json | None, *keys: str) -> Iterator[Value]:
    for key in keys:
        if main and (text := text_of(main.get(key))):
            yield Value(text, "json-ld")


def _long_text(value: object) -> str | None:
    if isinstance(value, list):
        return "\n\n".join(part for part in value if isinstance(part, str)) or None
    return value if isinstance(value, str) and value.strip() else None


_MOST_DIGITS = 6  # of a number of words; more are an id


def _count(value: object) -> int | None:
    digits = re.sub(r"\D", "", str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(digits) if digits and len(digits) <= _MOST_DIGITS else None


# ---------------------------------------------------------------- headline, description


_HEADLINE_METAS = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title", "headline")
_DESCRIPTION_METAS = ("og:description", "description", "twitter:description", "dc.description")


def _headlines(page: Page, main: Json | None) -> Iterator[Value]:
    element = page.tree.css_first("title")
    title = without_placeholders(squash(element.text())) if element else ""
    stated = [
        *list(_in_json_ld(main, "headline", "name"))[:1],
        *(_with_its_quotes(value, title) for value in _stated(page, _HEADLINE_METAS)),
        *([Value(title, "title")] if title else []),
    ]
    said = [fold(value.text) for value in stated]
    for node in page.top_headings:
        if text := without_placeholders(heading_text(node, said)):
            yield Value(text, "h1")
    yield from stated


def _with_its_quotes(value: Value, title: str) -> Value:
    """
    What an attribute states, whole: a quotation mark in it that nobody escaped ends it there, and
    `<title>` goes on.

    >>> _with_its_quotes(Value("He said", "og:title"), 'He said "no" | Courier').text
    'He said "no" | Courier'
    """
    rest = title.removeprefix(value.text)
    return Value(title, value.origin) if rest != title and rest.lstrip().startswith('"') else value


def _description(page: Page, main: Json | None) -> Value | None:
    return next(_stated(page, _DESCRIPTION_METAS), None) or next(_in_json_ld(main, "description"), None)


# ---------------------------------------------------------------- publication, section, tags, addresses


_BARS = re.compile(r"\s*[|–—·•»]\s*|\s+-\s+")
_PUBLICATION_METAS = ("og:site_name", "application-name", "publisher")


def _publications(page: Page, main: Json | None) -> Iterator[Value]:
    yield from _stated(page, _PUBLICATION_METAS)
    yield from _in_json_ld(main, "publisher")


def _named_publication(page: Page, main: Json | None) -> Value | None:
    # Some state their address, which is no name.
    stated = (value for value in _publications(page, main) if "://" not in value.text)
    return next(stated, None) or _publication_in_title(page)


def _publication_in_title(page: Page) -> Value | None:
    """What stands in `<title>` behind the headline, and a bar or a dash, and is the name of its host."""
    element = page.tree.css_first("title")
    title = squash(element.text()) if element else ""
    headings = (page.meta_content("og:title"), *(squash(node.text(separator=" ")) for node in page.top_headings))
    if any(heading and title.startswith(heading) for heading in headings):
        name = _BARS.split(title)[-1]
        if name != title and is_site_name(name, find_site_names(page.url, ())):
            return Value(name, "title")
    return None


def _sections(page: Page, main: Json | None) -> Iterator[Value]:
    yield from _in_json_ld(main, "articleSection")
    yield from _stated(page, ("article:section", "section"))


def _tags(page: Page, main: Json | None) -> Iterator[tuple[tuple[str, ...], str]]:
    for parts, origin in _lists_of_tags(page, main):
        tags = (plain(part) for part in parts if isinstance(part, str))
        if found := tuple(dict.fromkeys(tag for tag in tags if 0 < len(tag) < _LONGEST_TAG)):
            yield found, origin


def _lists_of_tags(page: Page, main: Json | None) -> Iterator[tuple[Iterable[object], str]]:
    """The places that name tags, the most trusted first."""
    yield page.meta.get("article:tag", ()), "article:tag"
    keywords = main.get("keywords") if main else None
    yield keywords if isinstance(keywords, list) else str(keywords or "").split(","), "json-ld"
    for name in ("news_keywords", "keywords"):
        yield (page.meta_content(name) or "").split(","), name


_LONGEST_TAG = 80  # characters; longer ones are sentences


def _canonical_urls(page: Page) -> Iterator[Value]:
    for reference, origin in (
        (next((link.href for link in page.links if link.rel == "canonical"), None), "link canonical"),
        (page.meta_content("og:url"), "og:url"),
    ):
        if url := join_url(page.base_url, reference):
            yield Value(url, origin)


def _lead_images(page: Page, main: Json | None) -> Iterator[Value]:
    for origin in ("og:image", "twitter:image", "og:image:url"):
        if url := join_url(page.base_url, page.meta_content(origin)):
            yield Value(url, origin)
    if url := join_url(page.base_url, _image_url(main)):
        yield Value(url, "json-ld")


def _image_url(main: Json | None) -> str | None:
    value = main.get("image") if main else None
    while isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl")
    return value if isinstance(value, str) else None


# ---------------------------------------------------------------- dates


_PUBLISHED_METAS = (
    "article:published_time og:article:published_time datepublished date dc.date dc.date.issued dcterms.created "
    "pubdate publishdate publish-date publication_date parsely-pub-date sailthru.date article.published "
    "cxenseparse:recs:publishtime originalpublicationdate article:published og:published_time rnews:datepublished "
    "dc.date.created dcterms.issued pub_date publish_date publication-date published published_time published-date "
    "article.created bt:pubdate citation_publication_date citation_online_date release_date last-modified"
).split()
# These are said of other days as well, and come after what the page shows.
_FURTHER_METAS = "dcterms.date dcterms.available displaydate ptime".split()
_PUBLISHED_SELECTORS = ("[itemprop~='datePublished']",)
# Times that stand anywhere on the page.
SELECTORS_OF_ANY_TIME = ("time[pubdate]", "article time[datetime]", "time[datetime]")
_UPDATED_METAS = (
    "article:modified_time og:updated_time article:modified og:modified_time datemodified dcterms.modified "
    "dc.date.modified article.updated lastmod lastmodifieddate revised last-modified"
).split()
_UPDATED_SELECTORS = ("[itemprop~='dateModified']",)


def _published(page: Page, main: Json | None, clues: Clues) -> Iterator[tuple[Value, datetime]]:
    selectors = (*_PUBLISHED_SELECTORS, *SELECTORS_OF_ANY_TIME)
    yield from _dates(_written_dates(page, main, "datePublished", _PUBLISHED_METAS, selectors), clues)
    yield from _dates(_written_dates(page, main, "dateCreated", (), ()), clues)


def _updated(page: Page, main: Json | None, clues: Clues) -> Iterator[tuple[Value, datetime]]:
    yield from _dates(_written_dates(page, main, "dateModified", _UPDATED_METAS, _UPDATED_SELECTORS), clues)


def _dates(values: Iterable[Value], clues: Clues) -> Iterator[tuple[Value, datetime]]:
    for value in values:
        if (when := parse_when(value.text, clues)) is not None:
            yield value, when


def _written_dates(
    page: Page, main: Json | None, key: str, names: Iterable[str], selectors: Iterable[str]
) -> Iterator[Value]:
    if main and isinstance(main.get(key), str):
        yield Value(main[key], "json-ld")
    yield from _dates_in_metas(page, names)
    if key == "datePublished" and isinstance(date := parsely_facts(page).get("pub_date"), str):
        yield Value(date, PARSELY)
    yield from _dates_in_elements(page, selectors)


def _dates_in_metas(page: Page, names: Iterable[str]) -> Iterator[Value]:
    return (Value(text, name) for name in names if (text := page.meta_content(name)))


def _dates_in_elements(page: Page, selectors: Iterable[str]) -> Iterator[Value]:
    """What the first element that each selector finds shows, or states in an attribute."""
    for selector in selectors:
        nodes = page.tree.css(selector)
        node = next((one for one in nodes if not (_is_of_another_text(one) or _is_of_another_item(page, one))), None)
        if node is not None:
            yield Value(attribute(node, "datetime") or attribute(node, "content") or squash(node.text()), selector)


def _is_of_another_item(page: Page, node: LexborNode) -> bool:
    """Whether an element is a property of an item (microdata) whose headline is not that of the page."""
    item: LexborNode | None = node
    while item is not None and "itemscope" not in item.attributes:
        item = item.parent
    named = item.css_first("[itemprop~='headline']") if item is not None else None
    if named is None:
        return False
    headline = fold(attribute(named, "content") or named.text())
    stated = *page.tree.css("title"), *page.top_headings
    titles = (page.meta_content("og:title"), *(node.text(separator=" ") for node in stated))
    return bool(headline) and not any(headline in fold(title) for title in titles)


def _is_of_another_text(node: LexborNode) -> bool:
    """Whether a time stands in a comment, a teaser or a quotation, such as a post that is embedded."""
    around: LexborNode | None = node
    while around is not None and around.tag != "blockquote":
        around = around.parent
    return around is not None or is_of_others(node)
