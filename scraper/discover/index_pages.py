"""
Index pages (section fronts): bytes to entries.

A link is taken for an article by the shape of its address (a date, a number, a long slug) and by
its place on the page (in a heading, an article, the main part; not in navigation). Nothing depends
on the words of a link; names in addresses are listed for the languages we know them in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import parse_qsl, unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.dates import parse_date
from scraper.discover.documents import find_root, is_too_deep, open_document
from scraper.discover.feeds import FEED_ROOTS
from scraper.discover.next_pages import find_next_page, is_numbered
from scraper.discover.texts import text_of_markup
from scraper.errors import PageError
from scraper.languages import Languages, shipped_languages
from scraper.model import Entry, Further, Listing, ListingKind
from scraper.text import count_words, squash
from scraper.urls import entry_url, is_http_url, is_same_site, join_url, split_url, url_key

_XML_ROOTS = FEED_ROOTS | {"urlset", "sitemapindex", "opml"}

_ASSET = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|m?js|json|xml|rss|atom|pdf|zip|gz|mp[34]|m4a|webm|docx?|xlsx?|epub|ics)$",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"/(?:19|20)\d\d(?:[/-][01]?\d(?:[/-][0-3]?\d)?|/[01]\d[0-3]\d|/[a-z]{3}(?:/[0-3]?\d)?|[01]\d[0-3]\d)(?=[/_.-]|$)"
)
_PAGE_SUFFIX = re.compile(r"\.(?:s?html?|php|aspx?|jsp|cms|ece)$", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|\b(?=[a-z]*\d)[a-z0-9]{10,14}$")
_SLUG_WORD = re.compile(r"[^\W\d_]+")
_NUMBER_PARAMETERS = frozenset(
    "a aid article article_id articleid art_id id idxno newsid nid p sid story storyid".split()
)

# Class and id names follow English in the code of pages of any language. "has-sidebar" is around
# everything.
_ASIDE_NAME = re.compile(
    r"(?:^|\s)(?!(?:has|with|no|without)[-_])(?:[\w-]*[-_])?"
    r"(?:nav|navbar|navigation|menu|submenu|footer|sidebar|breadcrumbs?|cookies?|consent|social|share|sharing|toolbar|"
    r"masthead|topbar|advert|ads?)(?:[-_](?:list|bar|inner|links?|items?))?(?:\s|$)",
    re.IGNORECASE,
)
_ASIDE_ROLES = frozenset({"navigation", "contentinfo", "complementary"})
_LONGEST_NAMES = 300  # characters of class and id that are looked at: some go on for thousands
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ASIDE_TAGS = frozenset({"nav", "footer", "aside"})
_FARTHEST_ANCESTOR = 40  # a page that nests deeper does not mean to be read

# How much one sign speaks for an article: enough by itself, a date in the address more, none of it.
_TELLS, _DATE_TELLS, _NO_ARTICLE, _IN_NAVIGATION = 2, 3, -9, -1
# A plain address is an article's where its place tells as much as this, and its title is a
# sentence: the words of a link or a heading, four of them at least, and not "Read more »".
_TELL_TOGETHER = 3
_RANK_OF_SENTENCE, _SENTENCE_CHARACTERS = (2, 4), 10  # ten where words are not parted
_MOST_TITLE_WORDS = 30  # a title with more words is no better
# The least of a headline in an address: three words; where a character says as much as a syllable,
# fewer characters.
_SLUG_WORDS, _SLUG_CHARACTERS, _DENSE_CHARACTERS = 3, 15, 7
_LONGEST_URL = 2048  # as in sitemaps
_WHOLE_ARTICLE_WORDS = 120  # a teaser has a paragraph or two
# Of an article without any page of its own: there is nowhere else to read it, and no link that it
# teases for. So many words are two sentences.
_FEWEST_UNLINKED_WORDS = 40


def _make_other_pages(languages: Languages) -> frozenset[str]:
    """Path segments of pages that list, sell or explain, but report nothing."""
    return frozenset(languages.words("address", "lists", "services"))


def parse_index_page(body: bytes, url: str, content_type: str | None = None) -> Listing:
    """
    The articles that an index page links to, and the next page of the same list as *further*.

    Each URL key once, in the order of the page, with the best title any of its
    links has. A page that carries several articles whole gives them with their HTML.

    Raises:
        PageError: It is no web page.

    >>> page = b"<main><h2><a href='/2026/03/02/storm'>Storm reaches port</a></h2></main><a href='/login'>Log in</a>"
    >>> [(entry.url, entry.title) for entry in parse_index_page(page, "https://news.example/world").entries]
    [('https://news.example/2026/03/02/storm', 'Storm reaches port')]
    """
    document = open_document(body, url, PageError, content_type)
    _refuse_others(document.text, url)
    tree = LexborHTMLParser(document.text)
    base = _base_url(tree, url)
    finds = _find_articles(tree, base, url)
    whole = {url_key(entry.url): entry for entry in _whole_articles(tree, base, url)}
    entries = {key: find.entry for key, find in finds.items() if find.is_article}
    problem = None if finds or whole else "the page has no links to its own site; a script may put them there"
    title, language = _describe(tree)
    return Listing(
        ListingKind.INDEX_PAGE,
        tuple({**entries, **whole}.values()),
        further=tuple(map(Further, find_next_page(tree, base, url))),
        title=title,
        language=language,
        problem=document.problem or problem,
    )


def _describe(tree: LexborHTMLParser) -> tuple[str | None, str | None]:
    """Title and language of a page."""
    title, html = tree.css_first("title"), tree.css_first("html")
    return (
        (squash(title.text()) or None) if title is not None else None,
        (squash(html.attributes.get("lang")) or None) if html is not None else None,
    )


def _refuse_others(text: str, url: str) -> None:
    """Raise `PageError` for what is no web page, or none that can be read."""
    _, root = find_root(text, _XML_ROOTS)
    if root in _XML_ROOTS:
        raise PageError(url, f"an index page was expected, and an XML document with the root <{root}> came")
    if not root:
        raise PageError(url, "an index page was expected, and what came has no HTML in it")
    if is_too_deep(text):
        raise PageError(url, "the page nests its elements thousands deep")


def _base_url(tree: LexborHTMLParser, url: str) -> str:
    base = tree.css_first("base[href]")
    return (join_url(url, base.attributes.get("href")) if base is not None else None) or url


# ---------------------------------------------------------------- links


@dataclass(slots=True)
class _Find:
    """All links to one address: the entry so far, and what speaks for an article."""

    entry: Entry
    shape: int
    place: int = _NO_ARTICLE
    title_rank: tuple[int, int] = field(default=(0, 0))

    @property
    def is_article(self) -> bool:
        """A telling address not in the navigation; or a plain one whose place and title tell enough."""
        if self.place < 0:
            return False
        has_sentence = self.title_rank >= _RANK_OF_SENTENCE and len(self.entry.title or "") >= _SENTENCE_CHARACTERS
        is_likely = self.shape >= 0 and self.shape + self.place >= _TELL_TOGETHER
        return self.shape >= _TELLS or (is_likely and has_sentence)


def _find_articles(tree: LexborHTMLParser, base: str, url: str) -> dict[str, _Find]:
    """What the page links to on its own site, by URL key."""
    finds: dict[str, _Find] = {}
    own_key = url_key(url)
    for anchor in tree.css("a[href]"):
        target = join_url(base, anchor.attributes.get("href"))
        if target is None or not is_same_site(target, url) or url_key(target) == own_key:
            continue
        find = finds.setdefault(url_key(target), _Find(Entry(target), _judge_shape(target)))
        place, card = _judge_place(anchor)
        find.place = max(find.place, place)
        rank, title = _best_title(anchor)
        if rank > find.title_rank:
            find.title_rank, find.entry = rank, replace(find.entry, title=title)
        if card is not None and find.entry.published_raw is None:
            raw, at = _date_of(card)
            find.entry = replace(find.entry, published_raw=raw, published_at=at)
    return finds


def is_other_address(url: str) -> bool:
    """
    Whether an address by itself is that of no article: a front page, a list, a file, a shop.

    >>> is_other_address("https://news.example/"), is_other_address("https://news.example/world/storm")
    (True, False)
    """
    return is_http_url(url) and _judge_shape(url) < 0


def _judge_shape(url: str) -> int:
    """
    How much an address looks like an article's: 2 and more does, below 0 it is none.

    >>> _judge_shape("https://news.example/world/2026/0302/Three-officers-leave"), _judge_shape("https://news.example/tag/x")
    (5, -9)
    >>> _judge_shape("https://news.example/world"), _judge_shape("https://news.example/artikel-1234567")
    (0, 2)
    """
    parts = split_url(url)
    path = unquote(parts.path).lower()
    segments = [segment for segment in path.split("/") if segment]
    if len(url) > _LONGEST_URL or _is_other_page(path, segments):
        return _NO_ARTICLE
    has_number = _has_number(parts.query)
    if not segments:
        return _TELLS if has_number else _NO_ARTICLE
    last = _PAGE_SUFFIX.sub("", segments[-1])
    score = _DATE_TELLS if _DATE.search(path) else 0
    return score + _TELLS * sum((has_number or bool(_NUMBER.search(last)), _is_slug(last)))


def _has_number(query: str) -> bool:
    return any(name.lower() in _NUMBER_PARAMETERS and value.isdigit() for name, value in parse_qsl(query))


def _is_other_page(path: str, segments: list[str]) -> bool:
    """
    Whether a path is that of something else than an article: a file, a list, the archive of a day,
    a later page.
    """
    other_pages = shipped_languages().derive(_make_other_pages)
    if _ASSET.search(path) or is_numbered(path) or not other_pages.isdisjoint(segments):
        return True
    date = _DATE.search(path)
    return bool(segments) and date is not None and date.end() >= len(path.rstrip("/"))


def _is_slug(name: str) -> bool:
    """
    Whether the last part of a path is written like a headline; in other scripts a few characters
    say as much.
    """
    if len(name) >= _SLUG_CHARACTERS and len(_SLUG_WORD.findall(name)) >= _SLUG_WORDS:
        return True
    return not name.isascii() and len(name) >= _DENSE_CHARACTERS and count_words(name) >= _SLUG_WORDS


def _judge_place(anchor: LexborNode) -> tuple[int, LexborNode | None]:
    """
    How much the place of a link speaks for an article (below 0: navigation), and the card that it
    stands on.
    """
    score = _TELLS if anchor.css_first("h1, h2, h3, h4, h5, h6") is not None else 0
    card = None
    is_inside = False  # of an article or the main part, whose own wrappers say nothing any more
    for node in _ancestors(anchor):
        if node.tag in _HEADINGS:
            score = max(score, _TELLS)
        elif _is_main_part(node):
            score += 1
            is_inside = True
            card = node if card is None and node.tag == "article" else card
        elif _is_aside(node, may_be_named=not is_inside):
            return _IN_NAVIGATION, card
        elif node.tag == "li" and card is None:
            card = node
    return score, card


def _is_main_part(node: LexborNode) -> bool:
    return node.tag in {"article", "main"} or node.attributes.get("role") == "main"


def _is_aside(node: LexborNode, *, may_be_named: bool) -> bool:
    """Whether an element is navigation: by its tag or role, or by its name, where that counts."""
    is_marked = node.tag in _ASIDE_TAGS or node.attributes.get("role") in _ASIDE_ROLES
    return is_marked or (may_be_named and _has_aside_name(node))


def _has_aside_name(node: LexborNode) -> bool:
    names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
    return node.tag not in {"body", "html"} and _ASIDE_NAME.search(names[:_LONGEST_NAMES]) is not None


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    parent = node.parent
    for _ in range(_FARTHEST_ANCESTOR):
        if parent is None:
            return
        yield parent
        parent = parent.parent


def _best_title(anchor: LexborNode) -> tuple[tuple[int, int], str | None]:
    """
    The title that a link gives, with its rank: what kind of title, then how many words.

    A heading in or around the link is best, then its words, its label, the text for its picture.
    """
    heading = anchor.css_first("h1, h2, h3, h4, h5, h6")
    if heading is None and any(node.tag in _HEADINGS for node in _ancestors(anchor)):
        heading = anchor
    image = anchor.css_first("img[alt]")
    choices = (
        (3, _text(heading) if heading is not None else ""),
        (2, _text(anchor)),
        (1, squash(anchor.attributes.get("aria-label") or anchor.attributes.get("title"))),
        (0, squash(image.attributes.get("alt")) if image is not None else ""),
    )
    kind, title = next(((kind, text) for kind, text in choices if text), (0, ""))
    return (kind, min(count_words(title), _MOST_TITLE_WORDS)), title or None


def _text(node: LexborNode) -> str:
    return squash(node.text(separator=" "))


def _date_of(card: LexborNode) -> tuple[str | None, datetime | None]:
    time = card.css_first("time[datetime]")
    raw = squash(time.attributes.get("datetime")) if time is not None else ""
    return raw or None, parse_date(raw)


# ---------------------------------------------------------------- whole articles


def _whole_articles(tree: LexborHTMLParser, base: str, url: str) -> tuple[Entry, ...]:
    """
    The articles that a page carries itself, if there are several of them: each with an address of
    its own.
    """
    counted = [(article, _count_paragraphs(article)) for article in tree.css("article")]
    long = [(article, count) for article, count in counted if count >= _FEWEST_UNLINKED_WORDS]
    wrappers = {node.mem_id for article, _ in long for node in _ancestors(article)}
    entries: dict[str, Entry] = {}
    for article, count in long:
        entry = None if article.mem_id in wrappers else _whole_article(article, count, base, url)
        if entry is not None:
            entries.setdefault(url_key(entry.url), entry)
    return tuple(entries.values()) if len(entries) > 1 else ()


def _whole_article(article: LexborNode, word_count: int, base: str, url: str) -> Entry | None:
    """An article that stands on the page itself; None for a teaser."""
    heading = article.css_first("h1, h2, h3, h4")
    title = (_text(heading) or None) if heading is not None else None
    target = _own_address(article, base, url)
    if target is None and title and not _leads_on(article, base, url):
        target = _address_on_page(article, heading, title, url)
    elif target is None or word_count < _WHOLE_ARTICLE_WORDS:
        return None
    raw, at = _date_of(article)
    return Entry(
        target,
        title=title,
        published_at=at,
        published_raw=raw,
        content_html=article.html,
        content_text=text_of_markup(article.html),
        is_whole_article=True,
    )


def _address_on_page(article: LexborNode, heading: LexborNode | None, title: str, url: str) -> str:
    """The address of an article that nothing but the page at *url* has."""
    anchor = article.attributes.get("id") or (heading.attributes.get("id") if heading is not None else None)
    return entry_url(f"{url.partition('#')[0]}#{anchor}" if anchor else url, anchor or title)


def _count_paragraphs(article: LexborNode) -> int:
    return sum(count_words(paragraph.text()) for paragraph in article.css("p"))


def _own_address(article: LexborNode, base: str, url: str) -> str | None:
    """The page of its own that an article names, if it does."""
    link = article.css_first("a[rel~=bookmark], h1 a[href], h2 a[href], h3 a[href], h4 a[href]")
    target = join_url(base, link.attributes.get("href")) if link is not None else None
    if target is None or not is_same_site(target, url) or url_key(target) == url_key(url):
        return None
    return target


def _leads_on(article: LexborNode, base: str, url: str) -> bool:
    """
    Whether an article has a link to another page of its site that looks like an article's: then it
    is a teaser.
    """
    targets = (join_url(base, anchor.attributes.get("href")) for anchor in article.css("a[href]"))
    return any(
        target and is_same_site(target, url) and url_key(target) != url_key(url) and _judge_shape(target) >= 0
        for target in targets
    )
