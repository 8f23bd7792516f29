"""The reader's own subscriptions during a pass: which sessions hold, which have ended."""

from __future__ import annotations

from collections import Counter

from archive.judge.sessions import judge_page, judge_refusal
from archive.model import Session
from archive.run.passes.state import PassState
from scraper.fetch.cookies import sends_subscription
from scraper.model import Article, Disallowed, Failed, Outcome, Source

SESSION_ENDED = "the session of your subscription has ended"
# Walls in a row that are met with the reader's cookies before these are given up: one article may
# not be covered.
_WALLS_OF_ENDED_SESSION = 2


def session_of(outcome: Outcome) -> Session:
    """As whom a request was made, as far as the outcome alone tells."""
    is_unasked = isinstance(outcome, Disallowed) or (isinstance(outcome, Failed) and outcome.is_unasked)
    if is_unasked or not sends_subscription(outcome.request):
        return Session.ANONYMOUS
    return judge_refusal(outcome.status) if isinstance(outcome, Failed) else Session.SUBSCRIBER


class Subscriptions:
    """The sessions of the reader's own subscriptions, by source."""

    def __init__(self, state: PassState) -> None:
        self._state = state
        self._ended: set[str] = set()
        self._walls: Counter[str] = Counter()  # in a row

    def has_ended(self, source: Source) -> bool:
        """Whether the session of a source was seen to have ended in this pass."""
        return source.name in self._ended

    def end(self, source: Source) -> None:
        """The session has ended: tell the reader, once."""
        if source.name not in self._ended:
            self._ended.add(source.name)
            self._state.problems.append(
                f"{source.title}: {SESSION_ENDED}: log in with your browser and export the cookies "
                f"to {source.cookies_file} again"
            )

    def note_page(self, source: Source, article: Article, request_id: int) -> None:
        """
        What a page that came to the reader's cookies says of the session; one that has ended is not
        used any further.

        One wall may stand before an article that the subscription does not cover: only the second
        in a row ends it.
        """
        session = judge_page(article)
        self._state.archive.mark_session(request_id, session)
        self._walls[source.name] = self._walls[source.name] + 1 if session is Session.EXPIRED else 0
        if article.signed_out or self._walls[source.name] >= _WALLS_OF_ENDED_SESSION:
            self.end(source)
