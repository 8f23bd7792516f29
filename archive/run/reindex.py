"""Texts judged again: one that is seen in another light, or all of them, as if they came anew in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from archive.judge.duplicates import find_matches, shows_roundup
from archive.judge.fingerprints import fingerprint
from archive.model import Match
from archive.store import Archive


def reindex(archive: Archive, on_progress: Callable[[int, int], None] = lambda _done, _of: None) -> int:
    """
    Make the index of texts anew, and find again which articles are one report; how many there are.

    One transaction: readers see the old state until the end, and what is killed has changed
    nothing.

    Args:
        on_progress: Told how many are done, of how many.
    """
    with archive.transaction():
        count, done = archive.statistics().article_count, 0
        archive.forget_duplicates()
        for done, (article_id, headline, body) in enumerate(archive.texts_to_index(), 1):
            matches = _judge_again(archive, article_id, headline, body)
            judge_roundups(archive, matches)
            on_progress(done, count)
        archive.obey_merges()
    return done


def judge_roundups(archive: Archive, matches: Iterable[Match]) -> None:
    """
    Judge those articles again of which a new one shows that they quote several reports: which of
    them came first must not matter.
    """
    for match in matches:
        if shows_roundup(match) and len(archive.cluster_of(match.article_id)) > 1:
            _judge_again(archive, match.article_id, *archive.text_of(match.article_id))


def _judge_again(archive: Archive, article_id: int, headline: str | None, body: str) -> tuple[Match, ...]:
    keys = fingerprint(headline, body)
    known = archive.alike(keys, article_id)
    matches = find_matches(headline, keys, known)
    archive.judge_again(article_id, keys, known, matches)
    return matches
