"""The text that a feed carried, kept as the article where its page does not come."""

from __future__ import annotations

from archive.judge.wishes import limits_of
from archive.run.keep import Provenance, access_of_feed, article_of_feed, build, keep
from archive.run.passes.host_wishes import HostWishes
from archive.run.passes.state import PassState
from scraper.model import Access, Source
from scraper.text import count_words
from scraper.urls import url_key

WHOLE_TEXT_WORDS = 150
"""A feed's text of fewer words may be a summary: a summary has a paragraph or two."""


class FeedTexts:
    """Keeps what a feed carried."""

    def __init__(self, state: PassState, wishes: HostWishes) -> None:
        self._state = state
        self._wishes = wishes

    def word_count(self, found_url: str) -> int:
        """How long the text is that a feed carried of an article; 0 where it carried none."""
        return count_words(self._state.archive.feed_text(url_key(found_url)) or "")

    def keep(self, source: Source, found_url: str, access: Access) -> bool:
        """
        Whether the feed carried the whole text of an article whose page did not come; then that is
        kept.

        It never takes the place of a text that was read from the page.

        Args:
            access: What is known of the access to the page.
        """
        if self.word_count(found_url) < WHOLE_TEXT_WORDS or self._state.archive.has_page_text(found_url):
            return False
        self._keep(source, found_url, access)
        return True

    def keep_newer(self, source: Source) -> None:
        """
        Keep what the feed says by now of the articles whose pages did not come: a correction may
        stand nowhere else, and a page that is gone is never asked for again.
        """
        archive = self._state.archive
        for found_url, article_id in archive.newer_feed_texts(source.name, self._state.clock.now()):
            (held,) = archive.articles([article_id])
            with archive.transaction():
                self.keep(source, found_url, held.article.access)

    def keep_unlinked(self, source: Source, found_url: str) -> None:
        """
        Keep what the feed carried of an entry that has no page of its own, however short; and ask
        no more for it.
        """
        state = self._state
        decision = None
        with state.archive.transaction():
            if self.word_count(found_url):
                decision = self._keep(source, found_url, access_of_feed("this entry has no page of its own"))
            state.archive.mark_fetched(found_url, state.clock.now(), is_changed=decision != "unchanged")

    def _keep(self, source: Source, found_url: str, access: Access) -> str:
        state = self._state
        entry, text = state.archive.entry(found_url), state.archive.feed_text(url_key(found_url))
        assert entry is not None
        assert text is not None
        said = self._wishes.of(found_url)
        provenance = Provenance(
            found_url,
            state.clock.now(),
            source.name,
            source.language,
            entry,
            said,
            limits_of(said, state.settings.fetch),
            private=source.has_login,
            learn_templates=source.learn_templates,
        )
        decision = keep(state.archive, build(state.archive, article_of_feed(entry, text, access), provenance))
        state.result.decisions[decision] += 1
        return decision
