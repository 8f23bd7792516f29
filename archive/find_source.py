"""A new source from one address: its feeds, sitemaps, title and language, found as any reader could find them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scraper.discover.autodiscovery import find_feed_links, guess_feed_urls
from scraper.discover.feeds import parse_feed
from scraper.errors import FeedError, PageError
from scraper.fetch.lanes import Lanes, follow
from scraper.model import Fetched, FetchRequest, FetchSettings, Listing, Outcome, Purpose, Redirected, Source
from scraper.read.page import parse_page
from scraper.urls import join_url, registrable_domain

_MOST_FEEDS = 4
_MOST_GUESSES = 8


@dataclass(slots=True)
class FoundSource:
    """What was found at an address. *problems* says what was tried in vain."""

    source: Source | None = None
    problems: list[str] = field(default_factory=list)


async def find_source(url: str, lanes: Lanes, settings: FetchSettings, name: str | None = None) -> FoundSource:
    """
    The source at *url*, which is a home page, a section or a feed.

    Link elements come first, then common paths; sitemaps are those robots.txt names. Every
    request goes through the lanes: robots.txt and the pace hold here too.
    """
    found = FoundSource()
    outcome = await _ask(url, lanes, settings, found)
    if not isinstance(outcome, Fetched):
        return found
    feeds: dict[str, Listing] = {}
    home_url, title, language = outcome.request.url, None, None
    try:
        feeds[url] = parse_feed(outcome.body, url, outcome.headers.get("content-type"))
        home_url = feeds[url].home_url or join_url(url, "/") or url
    except FeedError:
        title, language = _describe(outcome)
        named = find_feed_links(outcome.body, outcome.request.url)[:_MOST_FEEDS]
        await _try_feeds(named, feeds, lanes, settings, found, most=_MOST_FEEDS)
        if not feeds:
            await _try_feeds(
                guess_feed_urls(outcome.request.url)[:_MOST_GUESSES], feeds, lanes, settings, found, most=1
            )
    sitemaps = _find_sitemaps(lanes, outcome.request.url)
    first = next(iter(feeds.values()), None)
    title = (first.title if first else None) or title or urlsplit(home_url).hostname or home_url
    if not feeds and not sitemaps:
        found.problems.append("neither a feed nor a sitemap was found; the page itself will be watched for links")
    found.source = Source(
        name=name or slug(registrable_domain(home_url).split(".")[0] or title),
        title=title,
        home_url=home_url,
        feeds=tuple(feeds),
        sitemaps=sitemaps if not feeds else (),
        index_pages=() if feeds or sitemaps else (home_url,),
        language=(first.language if first else None) or language,
    )
    return found


def _find_sitemaps(lanes: Lanes, url: str) -> tuple[str, ...]:
    """The first sitemaps that robots.txt on the host of *url* names, absolute, each once."""
    robots = lanes.robots(url)
    named = (join_url(url, sitemap) for sitemap in (robots.sitemaps if robots else ()))
    return tuple(dict.fromkeys(filter(None, named)))[:_MOST_FEEDS]


async def _try_feeds(
    urls: tuple[str, ...],
    feeds: dict[str, Listing],
    lanes: Lanes,
    settings: FetchSettings,
    found: FoundSource,
    *,
    most: int,
) -> None:
    for url in urls:
        outcome = await _ask(url, lanes, settings, found)
        if isinstance(outcome, Fetched):
            try:
                feeds[url] = parse_feed(outcome.body, outcome.request.url, outcome.headers.get("content-type"))
            except FeedError as error:
                found.problems.append(str(error))
        if len(feeds) >= most:
            return


async def _ask(url: str, lanes: Lanes, settings: FetchSettings, found: FoundSource) -> Outcome | None:
    """The last outcome of a request and the redirects it leads to."""
    lanes.add(FetchRequest(url, Purpose.PROBE))
    last: Outcome | None = None
    async for outcome in lanes:
        if outcome.request.purpose is Purpose.ROBOTS:
            continue
        last = outcome
        if isinstance(outcome, Redirected):
            further = follow(outcome, settings)
            if isinstance(further, FetchRequest):
                lanes.add(further)
            else:
                last = further
    if last is not None and not isinstance(last, Fetched):
        found.problems.append(f"{last.request.url}: {getattr(last, 'reason', 'no answer')}")
    return last


def _describe(outcome: Fetched) -> tuple[str | None, str | None]:
    """Title and language of a home page."""
    try:
        page = parse_page(outcome.body, outcome.request.url, outcome.headers.get("content-type"))
    except PageError:
        return None, None
    node = page.tree.css_first("title")
    title = page.meta_content("og:site_name") or (re.split(r"\s[|–—-]\s", node.text().strip())[0] if node else None)
    return title or None, (page.language or "")[:2].lower() or None


def slug(text: str) -> str:
    """
    A short name as source tables have it.

    >>> slug("The Harbour Monitor!")
    'the-harbour-monitor'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "source"
