"""The text that a feed carried, kept as the article where its page does not come."""

from __future__ import annotations

from dataclasses import replace

from archive.keep import article_of_feed, complete_article, keep
from archive.passes.host_wishes import HostWishes
from archive.passes.state import PassState
from archive.wishes import limits_of
from scraper.model import Source
from scraper.text import count_words
from scraper.urls import url_key

# A feed's text of fewer words may be a summary.
_WHOLE_TEXT_WORDS = 150


class FeedTexts:
    """Keeps what a feed carried."""

    def __init__(self, state: PassState, wishes: HostWishes) -> None:
        self._state = state
        self._wishes = wishes

    def keep(self, source: Source, found_url: str, why: str) -> bool:
        """Whether the feed carried the text of an article whose page is not asked for; then that is kept."""
        state = self._state
        entry, text = state.archive.entry(found_url), state.archive.feed_text(url_key(found_url))
        if entry is None or text is None or count_words(text) < _WHOLE_TEXT_WORDS:
            return False
        article = complete_article(article_of_feed(entry, text, why), entry, source)
        said = self._wishes.of(found_url)
        decision = keep(
            state.archive,
            replace(article, wishes=said),
            source=source.name,
            found_url=found_url,
            capture_id=None,
            now=state.clock.now(),
            limits=limits_of(said, state.settings.fetch),
            learn_templates=source.learn_templates,
        )
        state.result.decisions[decision] += 1
        return True
