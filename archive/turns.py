"""Whose turn it is: the article pages of one site that wait in a pass, by host and priority. Asks for nothing."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from archive.model import ArticleToFetch
from scraper.model import Source
from scraper.urls import host_key


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
