"""What we watch: publications, their listings, logins and meters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

from scraper.model.listings import ListingKind

LISTINGS: Mapping[str, ListingKind] = MappingProxyType(
    {"feeds": ListingKind.FEED, "sitemaps": ListingKind.SITEMAP, "index_pages": ListingKind.INDEX_PAGE}
)
"""The fields of a source that name listings, and what lies at their addresses."""


@dataclass(frozen=True, slots=True)
class Selectors:
    """
    CSS selectors of one site that override the labeller, by what they select.

    *signed_out* overrides nothing: what it selects shows that the reader's session has ended.
    """

    body: tuple[str, ...] = ()
    headline: tuple[str, ...] = ()
    dek: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    signed_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """
    Words of the reader's own by which a prompt is known, beside the shipped ones (those of
    `scraper/languages`).

    Args:
        kind: "subscription", "registration", "meter", "newsletter", "donation" or "promo".
        strength: "cut", "wall", "mark", "sure" or "likely", as in
            `scraper.read.words.prompts.Prompt`.
        pattern: Regular expression on folded text.
    """

    kind: str
    strength: str
    pattern: str


@dataclass(frozen=True, slots=True)
class MeterRule:
    """
    What the configuration knows of a site's meter.

    Args:
        limit: Free articles in one window; None takes what the site's pages state.
        window: "month" (of the calendar, UTC) or a duration such as "30d"; None takes what the
            pages state.
        reserve: Free articles of each window that are left for the reader.
    """

    limit: int | None = None
    window: str | None = None
    reserve: int = 0


@dataclass(frozen=True, slots=True)
class SecretUrl:
    """
    An address of the configuration with a password or a token in it.

    Args:
        shown: What stands for it everywhere: in archive, log, terminal and lists.
        real: As it stands in the configuration; what is asked for.
    """

    shown: str
    real: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """
    A publication we watch.

    Args:
        name: Short unique key, as in `config/sources/*.toml`.
        schedule: "30m", "6h", "1d", or a crontab line of five fields.
        pace: Least time between two requests to a host of this source; None takes the general pace.
        access_note: What is known about its access model, for the reader.
        access_checked: The day that note was checked.
        cookies_file: Netscape cookie file of the reader's own subscription.
        preferred: Of several articles that are one report, and as full, its own is shown.
        learn_templates: What stands word for word on many of its pages is taken out of the bodies.
        headers: Names and values that its own site is sent besides ours.
        auth_user, auth_password_env: Basic authentication; the second names an environment
            variable.
        token_env: The environment variable that holds a bearer token.
        proxy: As in `FetchSettings.proxy`, for this source; "none" goes without one.
        ca_bundle: As in `FetchSettings.ca_bundle`, for this source.
        secret_urls: Which of the addresses above stand for others, with secrets in them.
    """

    name: str
    title: str
    home_url: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    index_pages: tuple[str, ...] = ()
    language: str | None = None
    section: str | None = None
    schedule: str = "1h"
    pace: timedelta | None = None
    enabled: bool = True
    access_note: str | None = None
    access_checked: date | None = None
    selectors: Selectors = Selectors()
    cookies_file: Path | None = None
    meter: MeterRule | None = None
    learn_templates: bool = True
    preferred: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    auth_user: str | None = None
    auth_password_env: str | None = None
    token_env: str | None = None
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: Path | None = None
    secret_urls: tuple[SecretUrl, ...] = ()

    @property
    def listings(self) -> tuple[tuple[ListingKind, str], ...]:
        """Its listings as the configuration names them: what lies there, and the address."""
        return tuple((kind, url) for name, kind in LISTINGS.items() for url in getattr(self, name))

    @property
    def listing_urls(self) -> tuple[str, ...]:
        """The addresses of all its listings, as the configuration names them."""
        return tuple(url for _, url in self.listings)

    @property
    def has_login(self) -> bool:
        """
        Whether its own site is sent a login, a token or an address of the reader alone; cookies
        count apart.
        """
        return bool(self.auth_password_env or self.token_env or self.secret_urls)
