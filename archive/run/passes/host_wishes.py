"""What the files of a host say: tdmrep.json on text and data mining, licences in robots.txt."""

from __future__ import annotations

from datetime import timedelta

from archive.run.passes.state import PassState
from scraper.fetch.tdmrep import TdmRule, find_file_wishes, parse_tdmrep, tdmrep_url
from scraper.model import Disallowed, Failed, Fetched, FetchRequest, Outcome, Purpose, Source, Wish
from scraper.read.facts.wishes import find_header_wishes
from scraper.urls import host_key, registrable_domain

# A host is asked once in this time for its file on text and data mining, as for its robots.txt (RFC
# 9309 §2.4).
_FILE_HOLDS = timedelta(days=1)


class HostWishes:
    """The wishes that stand in files of hosts and in headers of answers."""

    def __init__(self, state: PassState) -> None:
        self._state = state
        self._rules: dict[str, tuple[TdmRule, ...]] = {}

    def note_headers(self, outcome: Outcome, request_id: int) -> None:
        """
        Keep what the headers of an answer say; those of an article that came are kept with what its
        page says.
        """
        exchange = outcome.exchange if isinstance(outcome, Fetched | Failed) else None
        if exchange is not None and not (isinstance(outcome, Fetched) and outcome.request.purpose is Purpose.ARTICLE):
            self._state.archive.note_wishes(request_id, find_header_wishes(exchange.headers))

    def ask(self, url: str, source: Source) -> None:
        """
        Ask the host of an article for its file on text and data mining, unless that was done
        lately.
        """
        state, host = self._state, host_key(url)
        if host in self._rules or not state.settings.fetch.respect_wishes:
            return
        known = state.archive.tdm_file(host)
        self._rules[host] = parse_tdmrep(known[1]) if known else ()
        if known is None or state.clock.now() - known[0] >= _FILE_HOLDS:
            pace = source.pace if registrable_domain(url) == registrable_domain(source.home_url) else None
            state.lanes.add(FetchRequest(tdmrep_url(url), Purpose.WISHES, source=source.name, pace=pace))

    def take(self, outcome: Outcome) -> None:
        """A host without a file has no such wish; one that could not be asked keeps the rules it had."""
        request = outcome.request
        host = host_key(request.found_url)
        text: str | None = ""
        if isinstance(outcome, Fetched):
            found = outcome.body.decode("utf-8-sig", errors="replace")
            text = found if parse_tdmrep(found) else ""
        elif isinstance(outcome, Disallowed) or (
            isinstance(outcome, Failed) and (outcome.status is None or outcome.may_pass)
        ):
            text = None
        self._state.archive.save_tdm_file(host, outcome.at, text)
        if text is not None:
            self._rules[host] = parse_tdmrep(text)

    def of(self, url: str) -> tuple[Wish, ...]:
        """What the files of a host say of one of its pages: on mining, and in robots.txt."""
        robots = self._state.lanes.robots(url)
        licenses = (Wish("license", target, "robots.txt") for target in (robots.licenses if robots else ()))
        return (*find_file_wishes(self._rules.get(host_key(url), ()), url), *licenses)
