"""An article page was read: its raw response and what is decided on it are kept, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archive.judge.wishes import keeps_raw, limits_of
from archive.model import CaptureLocation
from archive.run.keep import Provenance, access_of_feed, build, keep
from archive.run.passes.feed_texts import FeedTexts
from archive.run.passes.host_wishes import HostWishes
from archive.run.passes.misses import Misses
from archive.run.passes.permits import Permits
from archive.run.passes.state import PassState
from archive.store.captures import payload_digest
from scraper.fetch.cookies import sends_subscription
from scraper.model import Access, Article, Fetched, RawExchange, Source, Validators
from scraper.read.facts.wishes import find_header_wishes
from scraper.text import count_words
from scraper.urls import registrable_domain

# A page with fewer words has no text worth the name: a headline and a teaser have about as many.
_SHELL_WORDS = 50


@dataclass(frozen=True, slots=True)
class ReadPage:
    """
    A page that came and was read.

    Args:
        listed_url: Under which address its article is listed by now.
        page: None where it could not be read.
        fault: Why it is no article; "" where it is one.
    """

    fetched: Fetched
    source: Source
    request_id: int
    listed_url: str
    page: Article | None
    fault: str = ""

    @property
    def found_url(self) -> str:
        """The address that was asked first."""
        return self.fetched.request.found_url


class Pages:
    """Keeps what the pages that were read say."""

    def __init__(
        self, state: PassState, permits: Permits, wishes: HostWishes, texts: FeedTexts, misses: Misses
    ) -> None:
        self._state = state
        self._permits = permits
        self._wishes = wishes
        self._texts = texts
        self._misses = misses

    async def keep(self, read: ReadPage) -> None:
        """Keep a page with its raw response: all of it, or nothing."""
        state, exchange, provenance = self._state, read.fetched.exchange, self._provenance(read)
        is_apart = provenance.private or provenance.limits.noarchive
        location = None
        if keeps_raw(provenance.limits, state.settings.archive):
            location = await self._write(exchange, is_apart=is_apart)
        with state.archive.transaction():
            state.archive.note_wishes(read.request_id, provenance.wishes)
            capture_id = None
            if location is not None:
                capture_id = state.archive.save_capture(location, exchange, read.source.name, private=is_apart)
            if read.page is None:
                self._misses.note_fault(read.fetched, read.fault)
            else:
                self._keep(read, read.page, provenance, capture_id)
        state.tell(is_done=False)

    def _provenance(self, read: ReadPage) -> Provenance:
        request, source = read.fetched.request, read.source
        is_own_site = registrable_domain(request.url) == registrable_domain(source.home_url)
        said = (
            *find_header_wishes(read.fetched.exchange.headers),
            *(read.page.wishes if read.page else ()),
            *self._wishes.of(request.url),
        )
        return Provenance(
            read.found_url,
            read.fetched.at,
            source.name,
            source.language,
            self._state.archive.entry(read.listed_url),
            said,
            limits_of(said, self._state.settings.fetch),
            private=sends_subscription(request) or (source.has_login and is_own_site),
            learn_templates=source.learn_templates,
        )

    async def _write(self, exchange: RawExchange, *, is_apart: bool) -> CaptureLocation:
        """Keep a raw response; of bytes that are kept already only that they came again."""
        state, digest = self._state, payload_digest(exchange.body)
        same_as = state.archive.capture_with(exchange, digest, private=is_apart)
        return await state.write(state.private_captures if is_apart else state.captures, exchange, same_as)

    def _keep(self, read: ReadPage, page: Article, provenance: Provenance, capture_id: int | None) -> None:
        """
        Carry out what is decided on a page with text, or keep the feed's where the page has next to
        none.
        """
        state, found_url = self._state, read.found_url
        candidate = build(state.archive, page, provenance, session_ended=page.signed_out)
        waits_for = self._permits.note_page(read.fetched, candidate.article, capture_id, read.request_id)
        if waits_for:
            state.leave(read.source, found_url, waits_for)
        if read.fault:
            if not waits_for:
                self._misses.note_fault(read.fetched, read.fault)
        elif is_shell(page) and self._texts.keep(read.source, found_url, _access_of_shell(page)):
            state.archive.mark_failed(found_url, read.fetched.at, "its page is an empty shell that scripts fill")
        else:
            decision = keep(state.archive, candidate, capture_id=capture_id, most_pictures=state.settings.pictures.most)
            state.result.decisions[decision] += 1
            self._note_fetched(read, is_whole=not waits_for, is_changed=decision != "unchanged")

    def _note_fetched(self, read: ReadPage, *, is_whole: bool, is_changed: bool) -> None:
        """Note the visit, and what is sent along at the next one."""
        archive, fetched = self._state.archive, read.fetched
        if not is_whole:
            # The validators of a cut page would keep the whole one from coming.
            archive.save_validators(fetched.request.url, Validators())
            return
        for url in dict.fromkeys((read.found_url, read.listed_url)):
            archive.mark_fetched(url, fetched.at, is_changed=is_changed)
        archive.save_validators(fetched.request.url, fetched.validators)


def is_shell(page: Article) -> bool:
    """Whether a page has next to no text, as one that scripts fill, or that only leads on."""
    return page.access.cut_by == "script" or count_words(page.body) < _SHELL_WORDS


def _access_of_shell(page: Article) -> Access:
    access = access_of_feed("its page shows next to no text", page.access.status, page.access.evidence)
    return replace(access, numbers=page.access.numbers, confidence=page.access.confidence)
