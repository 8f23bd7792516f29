"""
What a page says about its article in structured data: JSON-LD, microdata, OpenGraph, meta.

Each value keeps where it came from. What is not there is None: no value is guessed here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from scraper.read.names import Hint, hints_of
from scraper.read.page import Json, Page, attribute
from scraper.text import fold, squash
from scraper.urls import join_url

_ARTICLE_TYPES = re.compile(
    r"(?:News|Reportage|Opinion|Analysis|Background|Review|Blog|LiveBlog|Scholarly|Tech|Social"
    r"|Satirical|Advertiser)?\w*(?:Article|Posting|BlogPosting|LiveBlogPosting|Report|Story)$"
)
_NOT_A_PERSON = re.compile(r"https?:|www\.|@|^\W*$|\.(?:com|org|net|de|co)\b", re.IGNORECASE)
_BY = re.compile(
    r"^\s*(?:(?:written |reported |words |posted |story )?by|von|vom|par|por|di"
    r"|de notre correspondant|door|av|af|przez|автор:?|text:?|autor:?|auteur:?|by:)\s+(?=\S)",
    re.IGNORECASE,
)
_NAME_BREAK = re.compile(
    r"\s*(?:[;|•]|,(?!\s*(?:jr|sr|ii|iii|md|phd)\b)|\s(?:and|und|et|y|e|en|og|och|i|&|und|with|mit|avec)\s)\s*",
    re.IGNORECASE,
)
_ROLE_WORDS = re.compile(
    r"\b(?:editor|correspondent|reporter|writer|staff|redaktion|redakteur(?:in)?|korrespondent(?:in)?"
    r"|journalist(?:in|e)?|rédaction|redacción|redazione|newsroom|desk"
    r"|contributor|analyst|columnist|bureau|chief|special|senior|agencies|agency|team)\b",
    re.IGNORECASE,
)
_MOST_KICKER_WORDS = 5


@dataclass(frozen=True, slots=True)
class Value:
    """One value, and where it stood."""

    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """
    Structured data of one page.

    Args:
        headlines: Candidates, most trusted first.
        description: What meta elements and JSON-LD give as summary; not always a dek.
        word_count: As JSON-LD states it.
        article_body: Text of JSON-LD `articleBody`.
    """

    headlines: tuple[Value, ...] = ()
    description: Value | None = None
    authors: tuple[str, ...] = ()
    authors_origin: str | None = None
    published_at: datetime | None = None
    published: Value | None = None
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


def find_metadata(page: Page) -> Metadata:
    """Everything structured data says about the article of this page."""
    articles = tuple(thing for thing in page.json_ld if _is_article(thing))
    main = _main_article(articles)
    authors, authors_origin = _find_authors(page, main)
    published = next(_published(page, main), None)
    updated = next(_updated(page, main), None)
    canonical = page.tree.css_first("link[rel='canonical'][href]")
    return Metadata(
        headlines=tuple(_headlines(page, main)),
        description=_description(page, main),
        authors=authors,
        authors_origin=authors_origin,
        published_at=published[1] if published else None,
        published=published[0] if published else None,
        updated_at=updated[1] if updated else None,
        section=(_text(main.get("articleSection")) if main else None)
        or page.meta_content("article:section", "section"),
        tags=_tags(page, main),
        publication=_publication(page, main),
        canonical_url=(join_url(page.base_url, attribute(canonical, "href")) if canonical else None)
        or join_url(page.base_url, page.meta_content("og:url")),
        lead_image_url=join_url(
            page.base_url, page.meta_content("og:image", "twitter:image", "og:image:url") or _image_url(main)
        ),
        kind=_type(main) if main else None,
        word_count=_count(main.get("wordCount")) if main else None,
        article_body=_long_text(main.get("articleBody")) if main else None,
        articles=articles,
    )


# ---------------------------------------------------------------- JSON-LD


def _type(thing: Json) -> str:
    kind = thing.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return next((str(k).rsplit("/", 1)[-1] for k in kinds if k), "")


def _is_article(thing: Json) -> bool:
    kind = thing.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(k, str) and _ARTICLE_TYPES.match(k.rsplit("/", 1)[-1]) for k in kinds)


def _main_article(articles: tuple[Json, ...]) -> Json | None:
    """The article that the page is about: the one with the most said of it, and not one of a list of links."""
    return max(
        articles,
        key=lambda thing: sum(
            key in thing
            for key in ("headline", "datePublished", "author", "articleBody", "publisher", "isAccessibleForFree")
        ),
        default=None,
    )


def _text(value: object) -> str | None:
    """A JSON-LD value as one line of text: the first of a list, the name of an object."""
    if isinstance(value, list):
        return next((text for part in value if (text := _text(part))), None)
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("@value"))
    if isinstance(value, str):
        return squash(re.sub(r"<[^>]+>", " ", html.unescape(html.unescape(value)))) or None
    return None


def _long_text(value: object) -> str | None:
    if isinstance(value, list):
        return "\n\n".join(part for part in value if isinstance(part, str)) or None
    return value if isinstance(value, str) and value.strip() else None


def _count(value: object) -> int | None:
    digits = re.sub(r"\D", "", str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(digits) if digits and len(digits) < 7 else None


def _image_url(main: Json | None) -> str | None:
    value = main.get("image") if main else None
    while isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl")
    return value if isinstance(value, str) else None


# ---------------------------------------------------------------- headline, description


def _headlines(page: Page, main: Json | None) -> Iterator[Value]:
    for node in page.tree.css("h1"):
        if text := _heading_text(node):
            yield Value(text, "h1")
    if main and (name := _text(main.get("headline") or main.get("name"))):
        yield Value(name, "json-ld")
    for name in ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title", "headline"):
        if content := page.meta_content(name):
            yield Value(_plain(content), name)
    title = page.tree.css_first("title")
    if title and (text := squash(title.text())):
        yield Value(text, "title")


def _heading_text(node: LexborNode) -> str:
    """The text of a heading without the kicker that an element in it is named as."""
    text = squash(node.text(separator=" "))
    for part in node.css("[class]"):
        kicker = squash(part.text(separator=" "))
        if hints_of(attribute(part, "class")) & Hint.KICKER and kicker and text.startswith(f"{kicker} "):
            text = text.removeprefix(kicker).lstrip(" :–—-|")
    return text


def _description(page: Page, main: Json | None) -> Value | None:
    for name in ("og:description", "description", "twitter:description", "dc.description"):
        if content := page.meta_content(name):
            return Value(_plain(content), name)
    text = _text(main.get("description")) if main else None
    return Value(text, "json-ld") if text else None


def _plain(text: str) -> str:
    return squash(re.sub(r"</?[a-zA-Z][^>]{0,60}>", "", html.unescape(text)))


def _publication(page: Page, main: Json | None) -> str | None:
    name = page.meta_content("og:site_name", "application-name", "publisher")
    return name or (_text(main.get("publisher")) if main else None)


def _tags(page: Page, main: Json | None) -> tuple[str, ...]:
    found: list[str] = list(page.meta.get("article:tag", ()))
    if not found and main:
        keywords = main.get("keywords")
        found = (
            [str(k) for k in keywords if isinstance(k, str)]
            if isinstance(keywords, list)
            else str(keywords or "").split(",")
        )
    if not any(map(str.strip, found)):
        found = (page.meta_content("news_keywords", "keywords") or "").split(",")
    return tuple(dict.fromkeys(tag for part in found if (tag := squash(html.unescape(part))) and len(tag) < 80))


# ---------------------------------------------------------------- authors


def _find_authors(page: Page, main: Json | None) -> tuple[tuple[str, ...], str | None]:
    if main:
        people = [person for key in ("author", "creator") for person in _people(main.get(key))]
        if names := clean_names(people):
            return names, "json-ld"
    for name in (
        "author",
        "article:author",
        "dc.creator",
        "byl",
        "parsely-author",
        "sailthru.author",
        "dcterms.creator",
        "cxenseparse:author",
    ):
        if names := clean_names(page.meta.get(name, ())):
            return names, name
    return (), None


def _people(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _people(part)
    elif isinstance(value, dict):
        if "Organization" not in str(value.get("@type")):
            yield from _people(value.get("name"))
    elif isinstance(value, str):
        yield value


# Where templates put the author when structured data has none; hCard names first.
_AUTHOR_ELEMENTS = (
    ".author .fn, .post-author .fn, .entry-author .fn",
    "a[rel~='author'], [itemprop~='author'] [itemprop~='name']",
    "span.author",
)


def find_named_authors(page: Page) -> tuple[str, ...]:
    """The author that an element of the page is marked up as, the first one that holds a name."""
    texts = (squash(node.text()) for selector in _AUTHOR_ELEMENTS for node in page.tree.css(selector))
    return next((names for text in texts if (names := clean_names((text,)))), ())


def clean_names(raw: Iterable[str]) -> tuple[str, ...]:
    """
    Names of people alone: "By" off, joined names parted, roles, addresses and organisations left out.

    >>> clean_names(["By Ann Other and Jo Roe, Staff writer"])
    ('Ann Other', 'Jo Roe')
    """
    names: list[str] = []
    for text in raw:
        line = _BY.sub("", squash(html.unescape(text)))
        for part in _NAME_BREAK.split(line):
            name = _BY.sub("", squash(re.sub(r"\(.*?\)|\S+@\S+", "", part))).strip(" .,-–—:/")
            if (
                not name
                or _NOT_A_PERSON.search(name)
                or _ROLE_WORDS.search(name)
                or len(name) > 60
                or len(name.split()) > 6
            ):
                continue
            if any(character.isdigit() for character in name):
                continue
            names.append(name)
    return tuple(dict.fromkeys(names))


# ---------------------------------------------------------------- dates


_PUBLISHED_METAS = (
    "article:published_time og:article:published_time datepublished date dc.date dc.date.issued dcterms.created "
    "pubdate publishdate publish-date publication_date parsely-pub-date sailthru.date article.published "
    "cxenseparse:recs:publishtime last-modified"
).split()
_PUBLISHED_SELECTORS = ("[itemprop~='datePublished']", "time[pubdate]", "article time[datetime]", "time[datetime]")
_UPDATED_METAS = "article:modified_time og:updated_time datemodified dcterms.modified lastmod last-modified".split()
_UPDATED_SELECTORS = ("[itemprop~='dateModified']",)


def _published(page: Page, main: Json | None) -> Iterator[tuple[Value, datetime]]:
    yield from _dates(page, main, "datePublished", _PUBLISHED_METAS, _PUBLISHED_SELECTORS)
    yield from _dates(page, main, "dateCreated", (), ())


def _updated(page: Page, main: Json | None) -> Iterator[tuple[Value, datetime]]:
    yield from _dates(page, main, "dateModified", _UPDATED_METAS, _UPDATED_SELECTORS)


def _dates(
    page: Page, main: Json | None, key: str, names: Iterable[str], selectors: Iterable[str]
) -> Iterator[tuple[Value, datetime]]:
    candidates: list[Value] = []
    if main and isinstance(main.get(key), str):
        candidates.append(Value(main[key], "json-ld"))
    candidates.extend(Value(text, name) for name in names if (text := page.meta_content(name)))
    for selector in selectors:
        node = page.tree.css_first(selector)
        if node is not None:
            text = attribute(node, "datetime") or attribute(node, "content") or squash(node.text())
            candidates.append(Value(text, selector))
    for value in candidates:
        if (when := parse_when(value.text)) is not None:
            yield value, when


def parse_when(text: str) -> datetime | None:
    """
    The instant a machine-written date means, in UTC; a date without a zone is taken as UTC.

    >>> parse_when("2024-03-01T10:00:00+0100")
    datetime.datetime(2024, 3, 1, 9, 0, tzinfo=datetime.timezone.utc)
    >>> parse_when("soon") is None
    True
    """
    text = squash(text)
    iso = re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", re.sub(r"\s*(?:Z|UTC|GMT)$", "+00:00", text))
    iso = re.sub(r"\.(\d{1,9})(?=[+-]|$)", lambda m: "." + (m.group(1) + "000000")[:6], iso)
    iso = re.sub(r"\s+(?=[+-]\d{2}:\d{2}$)", "", iso)
    for parse in (datetime.fromisoformat, parsedate_to_datetime, _unix_time):
        try:
            when = parse(iso if parse is not parsedate_to_datetime else text)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        if 1990 <= when.year <= 2100:
            try:
                return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
            except OverflowError:
                return None
    return None


# The first letters of month names in the languages of Europe; enough to tell them apart.
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan ene gen janv sty янв",
            "feb fév fev lut фев",
            "mar mär mrt maa mrz мар",
            "apr avr abr kwi апр",
            "may mai mei mag maj мая май",
            "jun juin giu cze июн",
            "jul juil lug lip июл",
            "aug aoû ago sie авг",
            "sep set wrz сен",
            "oct okt ott out paź окт",
            "nov lis ноя",
            "dec dez déc dic des gru дек",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_YEAR = r"(?P<year>(?:19|20)\d{2})(?!\d)"
_WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>(?:19|20)\d{2})-(?P<number>\d{1,2})-(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>(?:19|20)\d{2})年(?P<number>\d{1,2})月(?P<day>\d{1,2})日",
        rf"(?<![^\W\d_]){_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th|er|º)?\s+(?:de\s+)?{_MONTH},?\s+(?:de\s+)?{_YEAR}",
        rf"(?<!\d)(?P<day>\d{{1,2}})\.(?P<number>\d{{1,2}})\.{_YEAR}",
        rf"(?<!\d)(?P<number>\d{{1,2}})/(?P<day>\d{{1,2}})/{_YEAR}",
    )
)


def find_written_date(text: str) -> str | None:
    """
    The first date that a text writes out, as ISO 8601; None where there is none, or where it can mean two days.

    >>> find_written_date("By Ann Other / June 25, 2012"), find_written_date("2. März 2024, 8:15 Uhr")
    ('2012-06-25', '2024-03-02')
    >>> find_written_date("06/25/2012"), find_written_date("25/06/2012"), find_written_date("06/05/2012")
    ('2012-06-25', '2012-06-25', None)
    """
    for pattern in _WRITTEN:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            name = (parts.get("month") or "").lower()
            month = int(parts["number"]) if "number" in parts else _MONTHS.get(name[:4]) or _MONTHS.get(name[:3]) or 0
            year, day = int(parts["year"]), int(parts["day"])
            if "/" in found.group():  # the month stands first in the US, second elsewhere
                if max(month, day) <= 12 and month != day:
                    continue
                month, day = min(month, day), max(month, day)
            if 1 <= month <= 12 and 1 <= day <= 31:
                return f"{year}-{month:02}-{day:02}"
    return None


_URL_DATE = re.compile(r"/((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_-]|$)")


def find_url_date(url: str) -> Value | None:
    """
    The day that the path of a URL names, as ISO 8601.

    >>> find_url_date("https://news.example/2024/3/01/talks-fail")
    Value(text='2024-03-01', origin='url')
    """
    found = _URL_DATE.search(urlsplit(url).path)
    return Value(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}", "url") if found else None


def _unix_time(text: str) -> datetime:
    if not re.fullmatch(r"\d{10}(?:\d{3})?", text):
        raise ValueError(text)
    return datetime.fromtimestamp(int(text[:10]), UTC)


# ---------------------------------------------------------------- choosing the headline


def choose_headline(values: tuple[Value, ...], publication: str | None = None) -> Value | None:
    """
    The headline that most of the page's statements agree on.

    An `h1` counts when a title element, OpenGraph or JSON-LD holds the same words; a site name at the
    end of a title goes when another statement has the title without it.
    """
    others = [value for value in values if value.origin != "h1"]
    tops = [value for value in values if value.origin == "h1"]
    site = fold(publication)
    stated = [fold(other.text) for other in others]
    confirmed = [
        (max(len(set(words.split()) & set(other.split())) for other in stated), top)
        for top in tops
        if (words := fold(top.text)) and words != site and any(_same_title(words, other) for other in stated)
    ]
    if confirmed:
        return _without_kicker(max(confirmed, key=lambda pair: pair[0])[1], others)
    for other in others:
        if other.origin != "title":
            return Value(_without_site(other.text, publication), other.origin)
    if tops and fold(tops[0].text) != site:
        return tops[0]
    return Value(_without_site(others[0].text, publication), others[0].origin) if others else None


def _without_kicker(top: Value, others: list[Value]) -> Value:
    """The heading, or its end where a statement leaves out the few words before that."""
    words = fold(top.text)
    for other in others:
        tail = fold(other.text)
        if other.origin != "title" and len(tail.split()) >= 4 and words.endswith(f" {tail}"):
            at = len(top.text) - len(other.text)
            if top.text.endswith(other.text) and len(words.split()) - len(tail.split()) <= _MOST_KICKER_WORDS:
                return Value(top.text[at:], top.origin)
    return top


def _same_title(a: str, b: str) -> bool:
    if not a or not b:
        return False
    if a in b or b in a:
        return min(len(a), len(b)) >= 0.3 * max(len(a), len(b)) or len(a.split()) >= 4
    left, right = set(a.split()), set(b.split())
    return len(left & right) >= 0.6 * min(len(left), len(right)) and len(left) > 2


def _without_site(title: str, publication: str | None) -> str:
    """
    A title without the publication's name at its end.

    >>> _without_site("Talks fail – again | The Harbour Monitor", "Harbour Monitor")
    'Talks fail – again'
    """
    site = fold(publication)
    for found in reversed(list(re.finditer(r"\s+[|–—•·:»-]+\s+", title))):
        tail = fold(title[found.end() :])
        if site and tail and (tail in site or site in tail):
            return title[: found.start()]
    return title
