"""A new source from one address: its feeds, sitemaps, title and language, found as any reader could find them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from scraper.discover.autodiscovery import (
    choose_feeds,
    find_feed_links,
    folder_of,
    guess_feed_urls,
    is_of_comments,
    lists_comments,
    say_the_same,
)
from scraper.discover.feeds import parse_feed
from scraper.errors import FeedError, PageError
from scraper.fetch.ask import ask
from scraper.fetch.guard import judge_url
from scraper.fetch.lanes import Lanes
from scraper.model import (
    Failed,
    Fetched,
    FetchRequest,
    FetchSettings,
    Listing,
    Outcome,
    Purpose,
    SecretUrl,
    Source,
)
from scraper.read.article import read_document
from scraper.read.page.parse import parse_page
from scraper.secrets import hide_secrets, without_login
from scraper.urls import host_key, join_url, registrable_domain

_MOST_FEEDS = 4
_MOST_GUESSES = 8
_LONGEST_NAME = 40
_ASKED_FOR = "(new)"


@dataclass(slots=True)
class FoundSource:
    """
    What was found at an address.

    Args:
        source: Its addresses are as the file is to have them, with the secrets of the one that was given.
        problems: What was tried in vain.
    """

    source: Source | None = None
    problems: list[str] = field(default_factory=list)


def stranger(url: str) -> Source:
    """What the requests of `find_source` are made for: it carries the login and the secrets of *url*."""
    shown = hide_secrets(url)
    return Source(_ASKED_FOR, "", shown, secret_urls=(SecretUrl(shown, url),) if shown != url else ())


async def find_source(url: str, lanes: Lanes, settings: FetchSettings, name: str | None = None) -> FoundSource:
    """
    The source at *url*, which is a home page, a section, an article or a feed.

    A feed is taken as it is, unless it has readers' comments. Of a page, link elements come first, then those of the
    site's home page, then common paths; sitemaps are those robots.txt names. Every
    request goes through the lanes: robots.txt and the pace hold here too.
    """
    search = _Search(lanes, settings)
    shown = hide_secrets(url)
    outcome = await search.ask(shown)
    home_url = join_url(shown, "/") or shown
    page_url = home_url  # what is watched where there is neither feed nor sitemap
    if isinstance(outcome, Fetched):
        if listing := search.read_feed(outcome, shown):
            search.feeds[shown] = listing
        if search.is_feed(outcome):
            home_url = page_url = _home_of(listing or search.other, home_url, settings)
        else:
            is_article = _is_article(outcome)
            home_url = page_url = outcome.request.url if not is_article else join_url(outcome.request.url, "/") or url
            await search.look_at(outcome, is_article=is_article)
    elif not (isinstance(outcome, Failed) and (outcome.status or 0) >= 400 and shown != home_url):
        return search.found
    if not search.feeds and (home := join_url(home_url, "/")) and home not in search.asked:
        page = await search.ask(home)
        if isinstance(page, Fetched) and not search.is_feed(page):
            page_url = home_url if isinstance(outcome, Fetched) else page.request.url
            await search.look_at(page, is_article=False)
        elif not isinstance(outcome, Fetched):
            return search.found
    if not search.feeds:
        guesses = [guess for guess in guess_feed_urls(page_url) if guess not in search.asked]
        await search.try_feeds(guesses[:_MOST_GUESSES], most=1)
    return _source_of(search, url, page_url, name)


def _source_of(search: _Search, url: str, page_url: str, name: str | None) -> FoundSource:
    feeds, found = search.feeds, search.found
    sitemaps = () if feeds else _find_sitemaps(search.lanes, page_url)
    first = next(iter(feeds.values()), None)
    title = (first.title if first else None) or search.title or urlsplit(page_url).hostname or page_url
    if not feeds and not sitemaps:
        found.problems.append("neither a feed nor a sitemap was found; the page itself will be watched for links")

    def real(address: str) -> str:
        """As the configuration is to have it: with the secrets of the address that was given."""
        if address == hide_secrets(url):
            return url
        parts, given = urlsplit(address), urlsplit(url)
        is_own = "@" in given.netloc and host_key(without_login(url)) == host_key(address)
        return urlunsplit(parts._replace(netloc=given.netloc)) if is_own and parts.scheme == given.scheme else address

    if first and first.home_url and registrable_domain(first.home_url) == registrable_domain(page_url):
        page_url = first.home_url
    domain = registrable_domain(page_url)
    found.source = Source(
        name=name or (slug(title) if _is_number(domain) else slug(domain.split(".")[0])),
        title=title,
        home_url=without_login(page_url),
        feeds=tuple(map(real, feeds)),
        sitemaps=tuple(map(real, sitemaps)),
        index_pages=() if feeds or sitemaps else (real(page_url),),
        language=(first.language if first else None) or search.language,
    )
    return found


class _Search:
    """What is known while a source is searched for."""

    def __init__(self, lanes: Lanes, settings: FetchSettings) -> None:
        self.lanes = lanes
        self.settings = settings
        self.found = FoundSource()
        self.feeds: dict[str, Listing] = {}
        self.asked: set[str] = set()
        self.other: Listing | None = None  # of comments
        self.title: str | None = None
        self.language: str | None = None

    async def ask(self, url: str) -> Outcome:
        """The last outcome of a request and the redirects it leads to."""
        self.asked.add(url)
        outcome = await ask(FetchRequest(url, Purpose.PROBE, source=_ASKED_FOR), self.lanes, self.settings)
        if not isinstance(outcome, Fetched):
            self.found.problems.append(f"{outcome.request.url}: {getattr(outcome, 'reason', 'no answer')}")
        return outcome

    def is_feed(self, outcome: Fetched) -> bool:
        """Whether a feed came, be it one of comments."""
        try:
            parse_feed(outcome.body, outcome.request.url, outcome.headers.get("content-type"))
        except FeedError:
            return False
        return True

    def read_feed(self, outcome: Fetched, url: str) -> Listing | None:
        """The feed that came, if one did; one of comments is said, and remembered for what it tells of the site."""
        try:
            listing = parse_feed(outcome.body, outcome.request.url, outcome.headers.get("content-type"))
        except FeedError:
            return None
        if is_of_comments(url, listing.title) or lists_comments(listing):
            self.found.problems.append(f"{url}: a feed of readers' comments, left alone")
            self.other = listing
            return None
        return listing

    async def look_at(self, page: Fetched, *, is_article: bool) -> None:
        """Try the feeds that a page names, and note its title and language."""
        url = page.request.url
        title, language = _describe(page)
        self.title, self.language = self.title or title, self.language or language
        links = find_feed_links(page.body, url)
        if is_article:  # a feed below an article has what is said of it
            links = tuple(link for link in links if not link.folder or link.folder != folder_of(url))
            url = join_url(url, "/") or url
        chosen = [link.url for link in choose_feeds(links, url, _MOST_FEEDS)]
        await self.try_feeds(chosen, most=_MOST_FEEDS)
        if not self.feeds and (rest := [link.url for link in links if link.url not in self.asked]):
            await self.try_feeds(rest[:_MOST_FEEDS], most=1)

    async def try_feeds(self, urls: Iterable[str], *, most: int) -> None:
        """Ask for feeds until there are *most*; a form of one that is there already is no other."""
        for url in urls:
            outcome = await self.ask(url)
            if not isinstance(outcome, Fetched):
                continue
            if listing := self.read_feed(outcome, url):
                if not any(say_the_same(listing, known) for known in self.feeds.values()):
                    self.feeds[url] = listing
            elif not self.is_feed(outcome):
                self.found.problems.append(f"{url}: no feed came")
            if len(self.feeds) >= most:
                return


def _find_sitemaps(lanes: Lanes, url: str) -> tuple[str, ...]:
    """The first sitemaps that robots.txt on the host of *url* names, absolute, each once."""
    robots = lanes.robots(url)
    named = (join_url(url, sitemap) for sitemap in (robots.sitemaps if robots else ()))
    return tuple(dict.fromkeys(filter(None, named)))[:_MOST_FEEDS]


def _home_of(listing: Listing | None, otherwise: str, settings: FetchSettings) -> str:
    """The front page that a feed names; one that may not be asked, as "http://localhost/", is no front page."""
    named = without_login((listing.home_url if listing else None) or otherwise)
    return otherwise if judge_url(named, settings.allowed_addresses) else named


def _is_article(page: Fetched) -> bool:
    """Whether a page is an article: the front page of a site never is."""
    url = page.request.url
    if urlsplit(url).path in {"", "/"}:
        return False
    try:
        return read_document(page.body, url, content_type=page.headers.get("content-type")).is_article
    except PageError:
        return False


def _describe(outcome: Fetched) -> tuple[str | None, str | None]:
    """Title and language of a home page."""
    try:
        page = parse_page(outcome.body, outcome.request.url, outcome.headers.get("content-type"))
    except PageError:
        return None, None
    node = page.tree.css_first("title")
    title = page.meta_content("og:site_name") or (re.split(r"\s[|–—-]\s", node.text().strip())[0] if node else None)
    return title or None, (page.language or "")[:2].lower() or None


def _is_number(domain: str) -> bool:
    return re.fullmatch(r"[\d.]+|[\da-f:]*:[\da-f:.]*", domain) is not None


def slug(text: str) -> str:
    """
    A short name as source tables have it.

    >>> slug("The Harbour Monitor!"), slug("Süddeutsche Straße"), slug("新聞")
    ('the-harbour-monitor', 'suddeutsche-strasse', 'source')
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_NAME].strip("-") or "source"
