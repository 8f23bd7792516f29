"""
Hosts that are left alone, in this pass and in the ones to come: those that name a time, are silent,
or refuse.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus

from archive.judge.retries import host_rest
from archive.model import HostRest
from archive.run.passes.state import PassState
from scraper.fetch.answers import PASSING_STATUSES
from scraper.fetch.cookies import sends_subscription
from scraper.fetch.lanes import Left
from scraper.model import Disallowed, Failed, Fetched, NotModified, Outcome, Purpose
from scraper.urls import host_key

# Article pages in a row that a host refuses, in however many passes (where articles are few, each
# pass sees one): one or two may be refused for themselves. One is enough where the host was left for
# that before.
_REFUSALS = 3
# Refusals of before say nothing of now: so long a page is asked for again.
_RUN = timedelta(days=14)


def known_rests(rests: Iterable[HostRest], now: datetime) -> dict[str, Left]:
    """What the lanes are told: the hosts that nothing is asked of at *now*, and why."""
    return {
        rest.host: Left(f"left for a later pass, not before {rest.until:%Y-%m-%d %H:%M} UTC: {rest.why}", rest.until)
        for rest in rests
        if not rest.is_of_pages and rest.until > now
    }


class Hosts:
    """
    Keeps which hosts are left alone, for how long, and why. A rest grows where the one before it
    was in vain.
    """

    def __init__(self, state: PassState) -> None:
        self._state = state
        self._rests = {(rest.host, rest.is_of_pages): rest for rest in state.archive.host_rests()}
        self._refusing: set[str] = set()  # left for the rest of this pass
        self._left: set[str] = set()  # by the lanes
        state.lanes.when_left(self._leave)

    def refusal(self, url: str) -> str | None:
        """Why no article page is asked for at the host of *url* for now; None where one may be."""
        host, now = host_key(url), self._state.clock.now()
        rest = self._rests.get((host, True))
        if rest is None or (rest.until <= now and host not in self._refusing):
            return None
        when = "in the next pass" if rest.until <= now else f"after {rest.until:%Y-%m-%d %H:%M} UTC"
        return f"{rest.why}; it is asked again {when}"

    def note(self, outcome: Outcome) -> None:
        """What an answer that is recorded says of its host."""
        if isinstance(outcome, Disallowed) or (isinstance(outcome, Failed) and outcome.is_unasked):
            return
        host = host_key(outcome.request.url)
        # An answer of before may be read after the host was left.
        if _is_answer(outcome) and host not in self._left:
            self._end_rest(host, is_of_pages=False)
        if outcome.request.purpose is Purpose.ARTICLE and not sends_subscription(outcome.request):
            self._note_page(host, outcome)

    def _leave(self, host: str, left: Left) -> None:
        """Keep that the lanes have left a host, before its answer is read: a pass may be killed meanwhile."""
        self._left.add(host)
        self._rest(host, left.why, left.until, is_of_pages=False)

    def _note_page(self, host: str, outcome: Outcome) -> None:
        """
        What the answer to a request for an article page says: whether the host gives its pages, or
        refuses them.
        """
        if isinstance(outcome, Fetched | NotModified):
            self._end_rest(host, is_of_pages=True)
        elif isinstance(outcome, Failed) and outcome.status == HTTPStatus.FORBIDDEN:
            refused = self._state.archive.refused_pages(outcome.request, outcome.at - _RUN)
            is_for_all = outcome.request.url in refused
            if is_for_all and len(refused) >= (1 if (host, True) in self._rests else _REFUSALS):
                self._refusing.add(host)
                why = "the host refuses its article pages (403)"
                self._rest(host, why, None, is_of_pages=True, since=min(refused.values()))

    def _rest(
        self, host: str, why: str, until: datetime | None, *, is_of_pages: bool, since: datetime | None = None
    ) -> None:
        now, before = self._state.clock.now(), self._rests.get((host, is_of_pages))
        spells = before.spells if before else 0
        rest = HostRest(
            host,
            is_of_pages,
            until or now + host_rest(spells, is_refusal=is_of_pages),
            why,
            before.since if before else since or now,
            spells + 1,
        )
        self._rests[host, is_of_pages] = rest
        self._state.archive.save_host_rest(rest)

    def _end_rest(self, host: str, *, is_of_pages: bool) -> None:
        if self._rests.pop((host, is_of_pages), None) is not None:
            self._state.archive.end_host_rest(host, is_of_pages=is_of_pages)


def _is_answer(outcome: Outcome) -> bool:
    """Whether a host answered: an error that passes says that it cannot, for now."""
    return not isinstance(outcome, Failed) or outcome.status not in {None, *PASSING_STATUSES}
