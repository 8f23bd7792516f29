"""An article page did not come, or is no article: it is asked for again later, left, or gone."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from archive.model import ArticleToFetch
from archive.run.keep import access_of_feed
from archive.run.passes.feed_texts import FeedTexts
from archive.run.passes.permits import Permits
from archive.run.passes.state import PassState
from archive.run.passes.turns import MoveAnswer
from scraper.fetch.cookies import sends_subscription
from scraper.model import Access, AccessStatus, Disallowed, Evidence, Failed, Fetched, Source

# Refusals of a page behind which the feed's text is kept at once: it may not come for long, or
# ever.
_REFUSED = frozenset({401, 402, 403, 410, 451})
_NOT_THERE = frozenset({404, 410})
# So long a page is not asked for that robots.txt closes: a robots.txt holds for a day (RFC 9309
# §2.4).
_DISALLOWED_FOR = timedelta(days=1)
# What a refusal says of who may read; of the others nobody knows.
_STATUS_OF_REFUSAL = {
    HTTPStatus.UNAUTHORIZED: AccessStatus.REGISTRATION,
    HTTPStatus.PAYMENT_REQUIRED: AccessStatus.FULL_SUBSCRIBER,
}


class Misses:
    """Records the pages that did not come, and keeps what the feed carried of them."""

    def __init__(self, state: PassState, permits: Permits, texts: FeedTexts) -> None:
        self._state = state
        self._permits = permits
        self._texts = texts

    def take(self, missed: Disallowed | Failed, moved: ArticleToFetch | None) -> None:
        """
        No page came.

        Args:
            moved: The entry that was asked for at another address, where its GUID was known before.
        """
        state, source, found_url = self._state, self._state.source_of(missed.request), missed.request.found_url
        self._permits.note_refusal(missed)
        if missed.may_pass if isinstance(missed, Disallowed) else missed.is_unasked:
            state.leave(source, moved.url if moved else found_url, missed.reason)
        elif _is_refused_session(missed):
            state.problems.append(f"{source.title}: {missed.request.url}: {missed.reason}")
        elif moved is None:
            self._note(missed, source, found_url)
        elif answer_of_miss(missed) is MoveAnswer.NOT_NOW:  # a question about an address that may be of the past
            state.archive.mark_failed(moved.url, missed.at, missed.reason)

    def note_fault(self, fetched: Fetched, fault: str) -> None:
        """A page came, and is no article; *fault* says why."""
        state, request = self._state, fetched.request
        failed = Failed(request, fetched.at, fault, fetched.status)
        state.archive.record_request(state.result.pass_id, failed)
        self._note(failed, state.source_of(request), request.found_url)

    def _note(self, missed: Disallowed | Failed, source: Source, found_url: str) -> None:
        """Record that a page did not come through a fault, or a wish, of its own."""
        archive = self._state.archive
        status = missed.status if isinstance(missed, Failed) else None
        with archive.transaction():
            is_final = self._put_off(missed, status, found_url)
            is_refused = isinstance(missed, Disallowed) or status in _REFUSED
            is_kept = (is_final or is_refused or archive.has_failed_often(found_url)) and self._texts.keep(
                source, found_url, _access_of_miss(missed)
            )
        ending = "; the feed's text is kept" if is_kept else "; given up" if is_final and status is not None else ""
        self._state.problems.append(f"{source.title}: {missed.request.url}: {missed.reason}{ending}")

    def _put_off(self, missed: Disallowed | Failed, status: int | None, found_url: str) -> bool:
        """Let a page wait for its next try; whether there is none for now."""
        archive = self._state.archive
        if isinstance(missed, Disallowed):
            archive.put_off(found_url, missed.at + _DISALLOWED_FOR, missed.reason)
        elif status == HTTPStatus.GONE:
            archive.retire(found_url, missed.at, missed.reason)
        else:
            return archive.mark_failed(found_url, missed.at, missed.reason)
        return True


def answer_of_miss(missed: Disallowed | Failed) -> MoveAnswer:
    """What it says of a GUID that its former address did not give a page."""
    if isinstance(missed, Failed) and missed.status in _NOT_THERE:
        return MoveAnswer.GONE
    is_closed = isinstance(missed, Disallowed) and not missed.may_pass
    return MoveAnswer.STAYS if is_closed else MoveAnswer.NOT_NOW


def _is_refused_session(missed: Disallowed | Failed) -> bool:
    """Whether a page was refused to a session that has ended: that says nothing of the page."""
    is_refusal = isinstance(missed, Failed) and missed.status == HTTPStatus.UNAUTHORIZED
    return is_refusal and sends_subscription(missed.request)


def _access_of_miss(missed: Disallowed | Failed) -> Access:
    """What is known of the access to a page that did not come, whose text is the feed's."""
    if isinstance(missed, Disallowed):
        return access_of_feed(f"its page was not asked for, {missed.reason}")
    why, number = f"its page did not come, {missed.reason}", missed.status
    if number is None:
        return access_of_feed(why)
    status = _STATUS_OF_REFUSAL.get(HTTPStatus(number)) if number in _REFUSED else None
    told = status or AccessStatus.UNKNOWN
    sign = Evidence("http-status", str(number), "http", told.value, decided=status is not None)
    return access_of_feed(why, told, (sign,))
