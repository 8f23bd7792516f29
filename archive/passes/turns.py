"""
Whose turn it is: the article pages that wait in a pass, by site, host and priority.

The next page of a host is asked for when the one before it was read: only then is it known whether the site's
free articles are spent, or the reader's subscription has ended. Then the others are left for a later pass.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from archive.model import ArticleToFetch, Session
from archive.passes.budget import Budget
from archive.passes.feed_texts import FeedTexts
from archive.passes.host_wishes import HostWishes
from archive.passes.state import PassState
from archive.passes.subscriptions import SESSION_ENDED, Subscriptions
from archive.sessions import is_log_in
from scraper.fetch.cookies import keeps_secrets, sends_subscription
from scraper.model import FetchRequest, Purpose, Redirected, Source, Validators
from scraper.urls import host_key, registrable_domain


@dataclass(frozen=True, slots=True)
class Turn:
    """An article page that waits to be asked for."""

    source: Source
    article: ArticleToFetch

    @property
    def host(self) -> str:
        """The host that will be asked."""
        return host_key(self.article.url)

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """Smaller goes first: what is new, then what failed, then what is known; of each the reader's words."""
        return self.article.is_recheck, self.article.has_failed, not self.article.is_wanted


@dataclass(slots=True)
class SiteQueue:
    """The article pages of one registrable domain: those that wait by host, and how many are under way there."""

    waiting: dict[str, deque[Turn]] = field(default_factory=dict)
    under_way: Counter[str] = field(default_factory=Counter)

    def add(self, turns: Iterable[Turn]) -> None:
        """Put *turns* behind those of their host that wait and go first; of one rank, in the order given."""
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

    def __init__(
        self, state: PassState, budget: Budget, subscriptions: Subscriptions, wishes: HostWishes, texts: FeedTexts
    ) -> None:
        self._state = state
        self._budget = budget
        self._subscriptions = subscriptions
        self._wishes = wishes
        self._texts = texts
        self._sites: dict[str, SiteQueue] = defaultdict(SiteQueue)

    def begin(self, source: Source) -> None:
        """All listings of a source were read: its articles wait for their turn from now on."""
        state, passes = self._state, self._state.settings.passes
        wanted = state.archive.articles_to_fetch(
            source.name,
            state.clock.now(),
            limit=passes.articles_per_source,
            recheck_for=passes.recheck_for,
            oldest=passes.oldest_entry,
            priority_words=passes.priority_words,
        )
        state.known += len(wanted)
        by_site: dict[str, list[Turn]] = defaultdict(list)
        for article in wanted:
            by_site[registrable_domain(article.url)].append(Turn(source, article))
        for site, turns in by_site.items():
            self._sites[site].add(turns)
            self._ask_for_next(site)

    def end(self, found_url: str) -> None:
        """An article page came, or did not: the next one of its site may be asked for."""
        site = registrable_domain(found_url)
        self._sites[site].under_way[host_key(found_url)] -= 1
        self._ask_for_next(site)

    def validators(self, request: FetchRequest) -> Validators:
        """What is sent along where an article page is asked for at another address than the one it was found at."""
        # Those of a page that was cut would keep the whole one of a subscription, or of a renewed one, from coming.
        found_url = request.hops[0] if request.hops else request.url
        if sends_subscription(request) and self._state.archive.is_cut(found_url):
            return Validators()
        return self._state.archive.validators_for(request.url)

    def is_left(self, redirected: Redirected, further: FetchRequest, request_id: int) -> bool:
        """Whether a redirect of an article page is not followed: it leads to a form to log in, or to a spent meter."""
        request = redirected.request
        source = self._state.source_of(request)
        found_url = request.hops[0] if request.hops else request.url
        site = registrable_domain(further.url)
        if sends_subscription(request) and is_log_in(further.url) and not is_log_in(request.url):
            self._state.archive.mark_session(request_id, Session.EXPIRED)
            self._subscriptions.end(source)
            why = SESSION_ENDED
        elif (
            not sends_subscription(further)
            and site != registrable_domain(request.url)
            and self._budget.views_left(site, redirected.at) == 0
        ):
            why = self._budget.describe(site, redirected.at)
        else:
            return False
        self._state.leave(source, found_url, why)
        self.end(found_url)
        return True

    def _ask_for_next(self, name: str) -> None:
        """Ask for the article pages of a site, as far as its hosts and its meter allow; leave the others."""
        state, site = self._state, self._sites[name]
        while turn := site.first(state.settings.fetch.per_host):
            source, article = turn.source, turn.article
            # A page of another site, to which a feed may lead, is no matter of the subscription.
            cookies_file = source.cookies_file if name == registrable_domain(source.home_url) else None
            has_subscription = cookies_file is not None and keeps_secrets(article.url)
            meter = None if has_subscription else self._budget.meter(name)
            left = self._budget.views_left(name, state.clock.now()) if meter else None
            under_way = site.under_way.total()
            if left is not None and 0 < left <= under_way:
                return  # what is under way may not count; then there is room for another one
            site.take(turn)
            if has_subscription and self._subscriptions.has_ended(source):
                state.leave(source, article.url, SESSION_ENDED)
            elif meter and article.is_recheck:
                pass  # a second look would cost one of the free articles
            elif meter and left == 0:
                why = self._budget.describe(name, state.clock.now())
                if not self._texts.keep(source, article.url, why):
                    state.leave(source, article.url, why)
            else:
                self._wishes.ask(article.url, source)
                site.under_way[host_key(article.url)] += 1
                is_cut = has_subscription and state.archive.is_cut(article.url)
                state.lanes.add(
                    FetchRequest(
                        article.url,
                        Purpose.ARTICLE,
                        source=source.name,
                        validators=Validators() if is_cut else article.validators,
                        cookies_file=cookies_file,
                        pace=source.pace,
                    )
                )
                continue
            state.tell(article.url)
