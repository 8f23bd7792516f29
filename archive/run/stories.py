"""
Stories, from pass to pass and from night to night.

    a pass, an import ─► place_articles: what is new joins a story, provisionally
    a digest          ─► settle_stories: the week is grouped anew, and stories keep their ids
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from archive.judge.stories.background import Background, Counts, language_key
from archive.judge.stories.grouping import Around, Window, count_reports, group_reports, place_reports
from archive.judge.stories.likeness import SPAN, Terms, terms_of, weigh
from archive.judge.stories.lives import carry_over, describe, report_of
from archive.judge.stories.telling import find_likely, find_telling_words
from archive.model import StoryArticle
from archive.store import Archive

# What an archive had before there were stories is put into them by and by, the latest first: so
# many articles take some seconds.
_MOST_OF_A_PASS = 2_000
_MOST_AT_ONCE = 500
# What was told after the end of a day, until its digest is made.
_LATER = timedelta(days=1)
# What is new is compared with all that was told a week before and after it, as long as that is no
# more: 700 articles a day. They take 300 MB, and some ten seconds.
MOST_AROUND = 10_000
# Of more, with those that have a telling word of it: of each word with so many before it, and as
# many after it. So many new ones at a time, since each may want sixteen others, each of these the
# latest of its story: no more than are compared where all are.
_MOST_OF_A_WORD = 20
_MOST_NEW = 100
_LATEST_OF_A_STORY = 6
_MOST_QUOTED = 16
# More is no other chance that two are alike.
_MOST_COUNTED = 100_000
# What more than half of a window says, so many of it tell.
_SAMPLE = 500
# More are not grouped anew at night: they would take gigabytes.
MOST_AT_NIGHT = 50_000
NOT_SETTLED = (
    f"stories stay as articles joined them: more than {MOST_AT_NIGHT:,} were told in this week, too many to group anew"
)
_DAY = timedelta(days=1)


def place_articles(
    archive: Archive,
    limit: int = _MOST_OF_A_PASS,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
    *,
    most_around: int = MOST_AROUND,
) -> int:
    """
    Let articles that are in no story join one, or begin one; how many there were: at most *limit*,
    the latest.

    Some at a time, each in one transaction with the count of its words: what a kill leaves is done
    by the next pass. Memory and time for each new article are bounded, however many are told a day.

    Args:
        on_progress: Told how many are done, of how many.
        most_around: As many articles of stories are compared with all; of more, those that are found
            by their words.
    """
    waiting = archive.without_story(limit)
    done = 0
    for end in range(len(waiting), 0, -_MOST_OF_A_PASS):
        for some in _chunks(waiting[max(0, end - _MOST_OF_A_PASS) : end]):
            with archive.transaction():
                _place(archive, archive.story_articles([article_id for article_id, _ in some]), most_around)
            done += len(some)
            on_progress(done, len(waiting))
    return len(waiting)


def settle_stories(archive: Archive, until: datetime, *, most: int = MOST_AT_NIGHT) -> bool:
    """
    Group the seven days before *until* anew, and what came since; each story keeps its id by what
    it has in common with the one it was. All of it or nothing.

    False where that would be more than *most* articles: then stories stay as they are.
    """
    place_articles(archive)
    since, until = until - SPAN, until + _LATER
    with archive.transaction():
        if archive.told_count(since, until, most + 1) > most:
            return False
        articles = archive.story_window(since, until)
        terms = _terms_of(articles)
        counts = _counts(archive, articles, terms)
        groups = group_reports(_window(archive, articles, terms, counts))
        ids = carry_over(groups, [one.story_id for one in articles])
        for members, story_id in zip(groups, ids, strict=True):
            chosen = [articles[at] for at in members]
            kept = archive.put_into_story(story_id, chosen, is_provisional=False)
            archive.describe_story(kept, describe(chosen, counts))
        archive.end_empty_stories()
        archive.forget_rare_words()
    return True


def _chunks(articles: Sequence[tuple[int, datetime]]) -> Iterator[Sequence[tuple[int, datetime]]]:
    """The articles, and when they were told, in parts of at most seven days."""
    begin = 0
    for end in range(1, len(articles) + 1):
        is_last = end == len(articles)
        if is_last or end - begin >= _MOST_AT_ONCE or articles[end][1] - articles[begin][1] > SPAN:
            yield articles[begin:end]
            begin = end


def _place(archive: Archive, new: Sequence[StoryArticle], most_around: int) -> None:
    """Place articles among those of a week before and a week after them."""
    terms = _terms_of(new)
    archive.add_word_counts(count_reports(map(report_of, new), terms))
    since, until = new[0].told_at - SPAN, new[-1].told_at + SPAN
    size = archive.told_count(since, until, _MOST_COUNTED)
    if size <= most_around:
        _join_stories(archive, new, archive.story_window(since, until))
        later = [one for one in new if archive.are_words_kept(one.told_at.date())]
        _keep_words(archive, later, _telling_words(archive, later))
        return
    _keep_words_of_days(archive, since.date(), until.date())
    sample = archive.story_articles(archive.told_sample(since, until, _SAMPLE))
    around = Around(size + len(new), count_reports(map(report_of, sample), _terms_of(sample)))
    for begin in range(0, len(new), _MOST_NEW):
        some = new[begin : begin + _MOST_NEW]
        words = _telling_words(archive, some)
        _join_stories(archive, some, _find_near(archive, some, words), around)
        _keep_words(archive, some, words)


def _join_stories(
    archive: Archive, new: Sequence[StoryArticle], others: Sequence[StoryArticle], around: Around | None = None
) -> None:
    """Let new articles join the stories of *others*, or begin some."""
    articles = (*others, *new)
    terms = _terms_of(articles)
    counts = _counts(archive, articles, terms)
    window = _window(archive, articles, terms, counts, around)
    for members, story_id in place_reports(window, [one.story_id for one in articles]):
        joined = [articles[at] for at in members if articles[at].story_id is None]
        if joined:
            kept = archive.put_into_story(story_id, joined, is_provisional=True)
            archive.describe_story(kept, describe([articles[at] for at in members], counts))


def _find_near(
    archive: Archive, new: Sequence[StoryArticle], words: Sequence[Mapping[int, float]]
) -> tuple[StoryArticle, ...]:
    """
    The articles of stories, of a week before and after, with which new ones may be of one event by
    their telling words.
    """
    since, until = new[0].told_at - SPAN, new[-1].told_at + SPAN
    likely: set[int] = set()
    for one, its in zip(new, words, strict=True):
        likely.update(find_likely(its, archive.with_words(its, one.told_at, SPAN, _MOST_OF_A_WORD)))
    likely |= archive.tied_to(new, _MOST_QUOTED)
    likely |= archive.latest_of_stories(likely, since, until, _LATEST_OF_A_STORY)
    found = archive.story_articles(likely)
    return tuple(one for one in found if one.story_id is not None and since <= one.told_at < until)


def _keep_words_of_days(archive: Archive, first: date, last: date) -> None:
    """Let all articles of these days be found by their words; those of most days are already."""
    for day in (first + _DAY * n for n in range((last - first).days + 1)):
        if not archive.are_words_kept(day):
            begin = datetime.combine(day, datetime.min.time(), tzinfo=UTC)
            ids = archive.told_ids(begin, begin + _DAY)
            for start in range(0, len(ids), _MOST_AT_ONCE):
                some = archive.story_articles(ids[start : start + _MOST_AT_ONCE])
                _keep_words(archive, some, _telling_words(archive, some))
            archive.keep_words_of(day)


def _keep_words(archive: Archive, articles: Sequence[StoryArticle], words: Sequence[Mapping[int, float]]) -> None:
    for one, its in zip(articles, words, strict=True):
        archive.keep_words(one, its)


def _telling_words(archive: Archive, articles: Sequence[StoryArticle]) -> list[dict[int, float]]:
    terms = _terms_of(articles)
    background = Background(_counts(archive, articles, terms), {})
    weighed = (weigh(report_of(one), some, background) for one, some in zip(articles, terms, strict=True))
    return [find_telling_words(one) for one in weighed]


def _terms_of(articles: Sequence[StoryArticle]) -> list[Terms]:
    return [terms_of(report_of(one)) for one in articles]


def _counts(archive: Archive, articles: Sequence[StoryArticle], terms: Sequence[Terms]) -> dict[str, Counts]:
    """In how many texts of the archive each of these terms stands, by language."""
    words: dict[str, set[str]] = {}
    for one, (headline, lead) in zip(articles, terms, strict=True):
        words.setdefault(language_key(one.language), set()).update(headline, lead)
    return archive.word_counts(words)


def _window(
    archive: Archive,
    articles: Sequence[StoryArticle],
    terms: Sequence[Terms],
    counts: Mapping[str, Counts],
    around: Around | None = None,
) -> Window:
    position_of = {one.article_id: at for at, one in enumerate(articles)}
    first: dict[int, int] = {}
    together = [(first.setdefault(one.cluster_id, at), at) for at, one in enumerate(articles)]
    quoted = ((position_of[one], position_of[other]) for one, other in archive.quotations(position_of))
    return Window([report_of(one) for one in articles], together, quoted, counts, terms, around)
