"""
Whether an article page may be asked for: by its host, by the meter of its site, by the reader's
subscription.

What the answers say of all three comes back here, so that the next page is judged by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.judge.sessions import is_log_in
from archive.model import ArticleToFetch, Session
from archive.run.passes.budget import Budget
from archive.run.passes.hosts import Hosts
from archive.run.passes.state import PassState
from archive.run.passes.subscriptions import SESSION_ENDED, Subscriptions, session_of
from scraper.fetch.cookies import sends_subscription
from scraper.model import Article, Disallowed, Failed, Fetched, FetchRequest, Outcome, Redirected, Source
from scraper.secrets import keeps_secrets
from scraper.urls import registrable_domain


@dataclass(frozen=True, slots=True)
class Permit:
    """
    What stands for and against asking for an article page now.

    Args:
        refusal: Why the page is not asked for; None where it is.
        cookies_file: The reader's own cookies, which go along.
        is_metered: The page would cost one of the free articles of its site.
        views_left: How many of these are left; None where no bound is known.
    """

    refusal: str | None = None
    cookies_file: Path | None = None
    is_metered: bool = False
    views_left: int | None = None

    def has_to_wait(self, under_way: int) -> bool:
        """
        Whether the pages *under_way* at the site may use up its meter: they may not count, then
        there is room.
        """
        return self.views_left is not None and 0 < self.views_left <= under_way


class Permits:
    """Judges every article page before it is asked for, and learns from what came."""

    def __init__(self, state: PassState) -> None:
        self._state = state
        self._hosts = Hosts(state)
        self._budget = Budget(state.archive, state.settings.sources, state.clock.now())
        self._subscriptions = Subscriptions(state)

    def permit(self, source: Source, article: ArticleToFetch, url: str) -> Permit:
        """
        Whether the page of *article* may be asked for at *url* now.

        A page of another site than the source's, to which a feed may lead, is no matter of the
        subscription.
        """
        now, site = self._state.clock.now(), registrable_domain(url)
        cookies_file = source.cookies_file if site == registrable_domain(source.home_url) else None
        if cookies_file is not None and keeps_secrets(url):
            has_ended = self._subscriptions.has_ended(source)
            return Permit(SESSION_ENDED if has_ended else None, cookies_file)
        is_metered = self.is_metered(url)
        left = self._budget.views_left(site, now) if is_metered else None
        refusal = self._hosts.refusal(url)
        if refusal is None and is_metered:
            refusal = self._refusal_of_meter(site, article, left, now)
        return Permit(refusal, cookies_file, is_metered, left)

    def _refusal_of_meter(self, site: str, article: ArticleToFetch, left: int | None, now: datetime) -> str | None:
        if not article.is_recheck:
            return self._budget.describe(site, now) if left == 0 else None
        # A second look costs one of the free articles: only for a change that is named, and only a
        # spare one.
        if article.is_claimed and self._budget.has_spare_view(site, now):
            return None
        return "a second look would cost one of its free articles"

    def refusal_of_redirect(self, redirected: Redirected, further: FetchRequest, request_id: int) -> str | None:
        """
        Why a redirect of an article page is not followed: it leads to a form to log in, or to a
        spent meter.

        To be led to such a form by an address that was asked with the reader's cookies ends their
        session.
        """
        request, site = redirected.request, registrable_domain(further.url)
        if sends_subscription(request) and is_log_in(further.url) and not is_log_in(request.url):
            self._state.archive.mark_session(request_id, Session.EXPIRED)
            self._subscriptions.end(self._state.source_of(request))
            return SESSION_ENDED
        if sends_subscription(further) or site == registrable_domain(request.url):
            return None
        is_spent = self._budget.views_left(site, redirected.at) == 0
        return self._budget.describe(site, redirected.at) if is_spent else None

    def is_metered(self, url: str) -> bool:
        """Whether the site of *url* has a meter that is known."""
        return self._budget.meter(registrable_domain(url)) is not None

    def note_answer(self, outcome: Outcome) -> None:
        """What an answer says of its host."""
        self._hosts.note(outcome)

    def note_refusal(self, outcome: Disallowed | Failed) -> None:
        """What a page that did not come says of the reader's session."""
        if session_of(outcome) is Session.EXPIRED:
            self._subscriptions.end(self._state.source_of(outcome.request))

    def note_page(self, fetched: Fetched, article: Article, capture_id: int | None, request_id: int) -> str | None:
        """
        Count a page on its meter, or judge its session; why its article is waited for all the same,
        if it is.
        """
        request = fetched.request
        if sends_subscription(request):
            source = self._state.source_of(request)
            self._subscriptions.note_page(source, article, request_id)
            return SESSION_ENDED if self._subscriptions.has_ended(source) else None
        if not self._budget.note_page(request.url, article.access, fetched.at, capture_id):
            return None
        # One that is always cut must not close the site again and again: others go before it, and
        # it is given up.
        why = self._budget.describe(registrable_domain(request.url), fetched.at)
        self._state.archive.mark_failed(request.found_url, fetched.at, why, waits=False)
        return why
