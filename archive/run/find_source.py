"""
A new source from one address: its feeds, sitemaps, title and language, found as any reader could
find them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from scraper.discover.autodiscovery import (
    FeedLink,
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
    ListingKind,
    Outcome,
    Purpose,
    SecretUrl,
    Source,
)
from scraper.read import Document, Reader
from scraper.read.page.parse import parse_page
from scraper.secrets import hide_secrets, without_login
from scraper.urls import host_key, join_url, registrable_domain

_MOST_FEEDS = 4  # that are watched: a page that names more is a list of sections
_MOST_GUESSES = 8  # requests at the site's pace for what may not be there
_LONGEST_NAME = 40  # of a table in a configuration
_ASKED_FOR = "(new)"
_NO_FEED = Listing(ListingKind.FEED, ())


@dataclass(slots=True)
class FoundSource:
    """
    What was found at an address.

    Args:
        source: Its addresses are as the file is to have them, with the secrets of the one that was
            given.
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

    A feed is taken as it is, unless it has readers' comments. Of a page, link elements come first,
    then those of the site's home page, then common paths; sitemaps are those robots.txt names.
    Every request goes through the lanes: robots.txt and the pace hold here too.
    """
    search = _Search(lanes, settings)
    shown = hide_secrets(url)
    page_url = await search.begin(shown)
    if page_url is None:
        return search.found
    if not search.feeds:
        guesses = [guess for guess in guess_feed_urls(page_url) if guess not in search.asked]
        await search.try_feeds(guesses[:_MOST_GUESSES], most=1)
    return _source_of(search, url, page_url, name)


def _source_of(search: _Search, url: str, page_url: str, name: str | None) -> FoundSource:
    feeds, found = search.feeds, search.found
    sitemaps = () if feeds else _find_sitemaps(search.lanes, page_url)
    has_none = not feeds and not sitemaps
    if has_none:
        found.problems.append("neither a feed nor a sitemap was found; the page itself will be watched for links")
    first = next(iter(feeds.values()), _NO_FEED)
    title = first.title or search.title or urlsplit(page_url).hostname or page_url
    page_url = _home_within(first, page_url)
    found.source = Source(
        name=name or _name_of(page_url, title),
        title=title,
        home_url=without_login(page_url),
        feeds=_all_real(feeds, url),
        sitemaps=_all_real(sitemaps, url),
        index_pages=_all_real([page_url] if has_none else [], url),
        language=first.language or search.language,
    )
    return found


def _home_within(feed: Listing, page_url: str) -> str:
    """The front page that a feed names, where that is one of the same site."""
    named = feed.home_url or page_url
    return named if registrable_domain(named) == registrable_domain(page_url) else page_url


def _all_real(addresses: Iterable[str], url: str) -> tuple[str, ...]:
    return tuple(_real(address, url) for address in addresses)


def _name_of(page_url: str, title: str) -> str:
    domain = registrable_domain(page_url)
    return slug(title) if _is_number(domain) else slug(domain.split(".")[0])


def _real(address: str, url: str) -> str:
    """
    An address as the configuration is to have it: with the secrets of *url*, the one that was
    given.
    """
    if address == hide_secrets(url):
        return url
    parts, given = urlsplit(address), urlsplit(url)
    is_own = "@" in given.netloc and host_key(without_login(url)) == host_key(address)
    return urlunsplit(parts._replace(netloc=given.netloc)) if is_own and parts.scheme == given.scheme else address


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
        """
        The feed that came, if one did; one of comments is said, and remembered for what it tells of
        the site.
        """
        try:
            listing = parse_feed(outcome.body, outcome.request.url, outcome.headers.get("content-type"))
        except FeedError:
            return None
        if is_of_comments(url, listing.title) or lists_comments(listing):
            self.found.problems.append(f"{url}: a feed of readers' comments, left alone")
            self.other = listing
            return None
        return listing

    async def begin(self, shown: str) -> str | None:
        """
        Ask for the address that was given, and for the home page where that brought no feed.

        Gives what is watched where there is neither feed nor sitemap; None where nothing answers.
        """
        page_url = join_url(shown, "/") or shown
        outcome = await self.ask(shown)
        if isinstance(outcome, Fetched):
            page_url = await self._take(outcome, shown, page_url)
            await self._look_home(page_url)
            return page_url
        is_refused = isinstance(outcome, Failed) and (outcome.status or 0) >= HTTPStatus.BAD_REQUEST
        return await self._look_home(page_url) if is_refused and shown != page_url else None

    async def _take(self, outcome: Fetched, shown: str, home_url: str) -> str:
        """
        What came at the address that was given: a feed, or a page that may name some. Gives the
        page to watch.
        """
        listing = self.read_feed(outcome, shown)
        if listing:
            self.feeds[shown] = listing
        if listing or self.is_feed(outcome):
            return _home_of(listing or self.other, home_url, self.settings)
        page_url, is_article = outcome.request.url, _is_article(outcome)
        await self.look_at(outcome, is_article=is_article)
        return (join_url(page_url, "/") or page_url) if is_article else page_url

    async def _look_home(self, page_url: str) -> str | None:
        """
        Look at the home page of a site, where there is no feed yet; where it has answered, None if
        no page came.
        """
        home = join_url(page_url, "/")
        if self.feeds or home is None or home in self.asked:
            return None
        page = await self.ask(home)
        if not isinstance(page, Fetched) or self.is_feed(page):
            return None
        await self.look_at(page, is_article=False)
        return page.request.url

    async def look_at(self, page: Fetched, *, is_article: bool) -> None:
        """Try the feeds that a page names, and note its title and language."""
        url = page.request.url
        title, language = _describe(page)
        self.title, self.language = self.title or title, self.language or language
        links = find_feed_links(page.body, url)
        if is_article:
            links = _not_of_article(links, url)
            url = join_url(url, "/") or url
        chosen = [link.url for link in choose_feeds(links, url, _MOST_FEEDS)]
        await self.try_feeds(chosen, most=_MOST_FEEDS)
        if not self.feeds:
            rest = [link.url for link in links if link.url not in self.asked]
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


def _not_of_article(links: Iterable[FeedLink], url: str) -> tuple[FeedLink, ...]:
    """Without the feed below the article at *url*: it has what is said of that."""
    return tuple(link for link in links if not link.folder or link.folder != folder_of(url))


def _find_sitemaps(lanes: Lanes, url: str) -> tuple[str, ...]:
    """The first sitemaps that robots.txt on the host of *url* names, absolute, each once."""
    robots = lanes.robots(url)
    named = (join_url(url, sitemap) for sitemap in (robots.sitemaps if robots else ()))
    return tuple(dict.fromkeys(filter(None, named)))[:_MOST_FEEDS]


def _home_of(listing: Listing | None, otherwise: str, settings: FetchSettings) -> str:
    """
    The front page that a feed names; one that may not be asked, as "http://localhost/", is no front
    page.
    """
    named = without_login((listing.home_url if listing else None) or otherwise)
    return otherwise if judge_url(named, settings.allowed_addresses) else named


def _is_article(page: Fetched) -> bool:
    """Whether a page is an article: the front page of a site never is."""
    url = page.request.url
    if urlsplit(url).path in {"", "/"}:
        return False
    try:
        return Reader().read(Document(page.body, url, page.headers.get("content-type"))).is_article
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
