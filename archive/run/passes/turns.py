"""
Whose turn it is: the article pages that wait in a pass, by site, host and priority.

The next page of a host is asked for when the one before it was read: only then is it known whether
the site's free articles are spent, or the reader's subscription has ended. Then the others are left
for a later pass.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path

from archive.model import ArticleToFetch
from archive.run.keep import access_of_feed
from archive.run.passes.feed_texts import FeedTexts
from archive.run.passes.host_wishes import HostWishes
from archive.run.passes.permits import Permits
from archive.run.passes.state import PassState
from scraper.fetch.cookies import sends_subscription
from scraper.model import AccessStatus, FetchRequest, Purpose, Redirected, Source, Validators
from scraper.secrets import keeps_secrets
from scraper.urls import has_page, host_key, registrable_domain


class MoveAnswer(Enum):
    """
    What the address answered where the GUID of a new entry was known before.

    LED_THERE: to the new address; the article was read there, and is the same.
    GONE: nothing is there any more; the article is asked for at its new address, and is the same.
    STAYS: something of its own; they are two articles.
    NOT_NOW: nothing that tells; it is asked again in a later pass.
    """

    LED_THERE = auto()
    GONE = auto()
    STAYS = auto()
    NOT_NOW = auto()


@dataclass(frozen=True, slots=True)
class Turn:
    """An article page that waits to be asked for."""

    source: Source
    article: ArticleToFetch

    @property
    def host(self) -> str:
        """The host that will be asked."""
        return host_key(self.url)

    @property
    def url(self) -> str:
        """
        The address that is asked for: where the article was found before, if it may have moved from
        there.
        """
        return self.article.former_url or self.article.url

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """
        Smaller goes first: what is new, then what failed, then what is known; of each the reader's
        words.
        """
        return self.article.is_recheck, self.article.has_failed, not self.article.is_wanted


@dataclass(slots=True)
class SiteQueue:
    """
    The article pages of one registrable domain: those that wait by host, and how many are under way
    there.
    """

    waiting: dict[str, deque[Turn]] = field(default_factory=dict)
    under_way: Counter[str] = field(default_factory=Counter)

    def add(self, turns: Iterable[Turn]) -> None:
        """
        Put *turns* behind those of their host that wait and go first; of one rank, in the order
        given.
        """
        by_host: dict[str, list[Turn]] = {}
        for turn in turns:
            by_host.setdefault(turn.host, list(self.waiting.get(turn.host, ()))).append(turn)
        for host, queue in by_host.items():
            self.waiting[host] = deque(sorted(queue, key=lambda turn: turn.rank))

    def first(self, per_host: int) -> Turn | None:
        """The page that goes before all others at a host where fewer than *per_host* are under way."""
        ready = (queue[0] for host, queue in self.waiting.items() if queue and self.under_way[host] < per_host)
        return min(ready, key=lambda turn: turn.rank, default=None)

    def take(self, turn: Turn) -> None:
        """Let *turn*, which `first` gave, wait no more."""
        self.waiting[turn.host].popleft()


class Turns:
    """Asks for article pages, as far as hosts, meters and subscriptions allow, and leaves the others."""

    def __init__(self, state: PassState, permits: Permits, wishes: HostWishes, texts: FeedTexts) -> None:
        self._state = state
        self._permits = permits
        self._wishes = wishes
        self._texts = texts
        self._sites: dict[str, SiteQueue] = defaultdict(SiteQueue)
        # Entries that are asked for where their GUID was known before, by that address.
        self._moved: dict[str, Turn] = {}

    def begin(self, source: Source) -> None:
        """All listings of a source were read: its articles wait for their turn from now on."""
        state, passes, now = self._state, self._state.settings.passes, self._state.clock.now()
        self._texts.keep_newer(source)
        state.archive.give_up_old(source.name, now, passes.oldest_entry)
        wanted = state.archive.articles_to_fetch(
            source.name,
            now,
            limit=passes.articles_per_source,
            recheck_for=passes.recheck_for,
            oldest=passes.oldest_entry,
            priority_words=passes.priority_words,
        )
        # A page that is asked whether it leads elsewhere is not asked twice.
        asked_for_others = {article.former_url for article in wanted if article.former_url}
        wanted = tuple(article for article in wanted if article.url not in asked_for_others)
        state.known += len(wanted)
        by_site: dict[str, list[Turn]] = defaultdict(list)
        for article in wanted:
            if has_page(article.url):
                turn = self._turn(source, article)
                by_site[registrable_domain(turn.url)].append(turn)
            else:
                self._texts.keep_unlinked(source, article.url)
                state.tell()
        for site, turns in by_site.items():
            self._sites[site].add(turns)
            self._ask_for_next(site)

    def end(self, found_url: str) -> None:
        """An article page came, or did not: the next one of its site may be asked for."""
        site = registrable_domain(found_url)
        self._sites[site].under_way[host_key(found_url)] -= 1
        self._ask_for_next(site)

    def _turn(self, source: Source, article: ArticleToFetch) -> Turn:
        # At a metered site both addresses would cost a view.
        if article.former_url and self._permits.is_metered(article.former_url):
            article = replace(article, former_url=None)
        return Turn(source, article)

    def moved_from(self, found_url: str) -> ArticleToFetch | None:
        """
        The entry that was asked for at *found_url* because its GUID was known there, until
        `settle_move`.
        """
        turn = self._moved.get(found_url)
        return turn.article if turn else None

    def settle_move(self, found_url: str, answer: MoveAnswer) -> None:
        """What the address has answered where a GUID was known before."""
        turn = self._moved.pop(found_url)
        if answer in {MoveAnswer.LED_THERE, MoveAnswer.NOT_NOW}:
            return
        archive, url = self._state.archive, turn.article.url
        with archive.transaction():
            if answer is MoveAnswer.GONE:
                archive.add_address(found_url, url)
                archive.retire(found_url, self._state.clock.now(), f"listed at {url} now")
            archive.forget_former(url)
        site = registrable_domain(url)
        self._sites[site].add([replace(turn, article=replace(turn.article, former_url=None))])
        self._ask_for_next(site)

    def validators(self, request: FetchRequest) -> Validators:
        """
        What is sent along where an article page is asked for at another address than the one it was
        found at.
        """
        # Those of a page that was cut would keep the whole one of a subscription, or of a renewed
        # one, from coming.
        found_url = request.found_url
        if sends_subscription(request) and self._state.archive.is_cut(found_url):
            return Validators()
        return self._state.archive.validators_for(request.url)

    def is_left(self, redirected: Redirected, further: FetchRequest, request_id: int) -> bool:
        """
        Whether a redirect of an article page is not followed; then its article waits, and the next
        one is asked.
        """
        why = self._permits.refusal_of_redirect(redirected, further, request_id)
        if why is None:
            return False
        found_url = redirected.request.found_url
        self._state.leave(self._state.source_of(redirected.request), found_url, why)
        self.end(found_url)
        return True

    def _ask_for_next(self, name: str) -> None:
        """
        Ask for the article pages of a site, as far as its hosts and its meter allow; leave the
        others.
        """
        site = self._sites[name]
        while turn := site.first(self._state.settings.fetch.per_host):
            permit = self._permits.permit(turn.source, turn.article, turn.url)
            if permit.has_to_wait(site.under_way.total()):
                return
            site.take(turn)
            if permit.refusal is None:
                self._ask(turn, permit.cookies_file)
            else:
                self._pass_over(turn, permit.refusal, is_metered=permit.is_metered)

    def _pass_over(self, turn: Turn, why: str, *, is_metered: bool) -> None:
        """Let a page wait that may not be asked for now."""
        archive, article = self._state.archive, turn.article
        if not article.is_recheck:
            self._keep_or_leave(turn.source, article.url, why, is_metered=is_metered)
        elif article.is_claimed and is_metered:
            archive.mark_changed_elsewhere(article.url, self._state.clock.now())
        self._state.tell()

    def _keep_or_leave(self, source: Source, found_url: str, why: str, *, is_metered: bool) -> None:
        """Keep the feed's text of a page that is not asked for, and let the page wait all the same."""
        status = AccessStatus.METERED if is_metered else AccessStatus.UNKNOWN
        if not self._texts.keep(source, found_url, access_of_feed(f"its page was not asked for, {why}", status)):
            self._state.leave(source, found_url, why)

    def _ask(self, turn: Turn, cookies_file: Path | None) -> None:
        source, url = turn.source, turn.url
        validators = turn.article.validators
        if turn.article.former_url:
            self._moved[url] = turn
            validators = Validators()
        elif cookies_file is not None and keeps_secrets(url) and self._state.archive.is_cut(url):
            validators = Validators()
        self._wishes.ask(url, source)
        self._sites[registrable_domain(url)].under_way[host_key(url)] += 1
        self._state.lanes.add(
            FetchRequest(
                url,
                Purpose.ARTICLE,
                source=source.name,
                validators=validators,
                cookies_file=cookies_file,
                pace=source.pace,
            )
        )
