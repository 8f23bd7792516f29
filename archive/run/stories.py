"""
Stories, from pass to pass and from night to night.

    a pass, an import ─► place_articles: what is new joins a story, provisionally
    a digest          ─► settle_stories: the week is grouped anew, and stories keep their ids
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from archive.judge.stories.background import Counts, count_terms, language_key
from archive.judge.stories.grouping import Window, group_reports, place_reports
from archive.judge.stories.likeness import SPAN, terms_of
from archive.judge.stories.lives import carry_over, describe, report_of
from archive.model import StoryArticle
from archive.store import Archive

# What an archive had before there were stories is put into them by and by, the latest first: so
# many articles take some seconds.
_MOST_OF_A_PASS = 2_000
_MOST_AT_ONCE = 500
# What was told after the end of a day, until its digest is made.
_LATER = timedelta(days=1)


def place_articles(archive: Archive) -> int:
    """
    Let articles that are in no story join one, or begin one; how many there were: at most 2,000.

    Some at a time, each in one transaction with the count of its words: what a kill leaves is done
    by the next pass.
    """
    waiting = archive.articles_without_story(_MOST_OF_A_PASS)
    for some in _chunks(waiting):
        with archive.transaction():
            _place(archive, some)
    return len(waiting)


def settle_stories(archive: Archive, until: datetime) -> None:
    """
    Group the seven days before *until* anew, and what came since; each story keeps its id by what
    it has in common with the one it was. All of it or nothing.
    """
    place_articles(archive)
    with archive.transaction():
        articles = archive.story_window(until - SPAN, until + _LATER)
        counts = _counts(archive, articles)
        groups = group_reports(_window(archive, articles, counts))
        ids = carry_over(groups, [one.story_id for one in articles])
        for members, story_id in zip(groups, ids, strict=True):
            chosen = [articles[at] for at in members]
            kept = archive.put_into_story(story_id, chosen, is_provisional=False)
            archive.describe_story(kept, describe(chosen, counts))
        archive.end_empty_stories()
        archive.forget_rare_words()


def _chunks(articles: Sequence[StoryArticle]) -> Iterator[Sequence[StoryArticle]]:
    """The articles in parts of at most seven days."""
    begin = 0
    for end in range(1, len(articles) + 1):
        is_last = end == len(articles)
        if is_last or end - begin >= _MOST_AT_ONCE or articles[end].told_at - articles[begin].told_at > SPAN:
            yield articles[begin:end]
            begin = end


def _place(archive: Archive, new: Sequence[StoryArticle]) -> None:
    """Place articles among those of a week before and a week after them."""
    terms = ((language_key(one.language), terms_of(report_of(one))) for one in new)
    archive.add_word_counts(count_terms((language, (*headline, *lead)) for language, (headline, lead) in terms))
    articles = (*archive.story_window(new[0].told_at - SPAN, new[-1].told_at + SPAN), *new)
    counts = _counts(archive, articles)
    for members, story_id in place_reports(_window(archive, articles, counts), [one.story_id for one in articles]):
        joined = [articles[at] for at in members if articles[at].story_id is None]
        if joined:
            kept = archive.put_into_story(story_id, joined, is_provisional=True)
            archive.describe_story(kept, describe([articles[at] for at in members], counts))


def _counts(archive: Archive, articles: Sequence[StoryArticle]) -> dict[str, Counts]:
    return archive.word_counts({language_key(one.language) for one in articles})


def _window(archive: Archive, articles: Sequence[StoryArticle], counts: Mapping[str, Counts]) -> Window:
    position_of = {one.article_id: at for at, one in enumerate(articles)}
    first: dict[int, int] = {}
    together = [(first.setdefault(one.cluster_id, at), at) for at, one in enumerate(articles)]
    quoted = ((position_of[one], position_of[other]) for one, other in archive.quotations(position_of))
    return Window([report_of(one) for one in articles], together, quoted, counts)
