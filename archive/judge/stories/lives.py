"""What a story is called, which id it keeps from night to night, and what is new in it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from archive.judge.query.holds import find_words
from archive.judge.stories.background import Background, Counts
from archive.judge.stories.grouping import Likenesses
from archive.judge.stories.likeness import Report, Weighed, terms_of, weigh
from archive.model import Description, StoryArticle
from archive.model.query import Words
from scraper.folding import search_words

# A line of them.
_MOST_TERMS = 6
# Of a pair of characters with a particle or an ending, as "港の", no word is made.
_KANA = re.compile("[\u3041-\u309f]")
# More articles of a story say no more of what it is about.
_MOST_ASKED = 12


def report_of(article: StoryArticle) -> Report:
    """What is compared of an article."""
    return Report(article.headline, article.opening, article.language, article.told_at)


def carry_over(groups: Iterable[Sequence[int]], stories: Sequence[int | None]) -> tuple[int | None, ...]:
    """
    The id that each group keeps: that of the story with which it has most reports in common; each
    id goes to one group, None is a new story.

    Args:
        groups: Positions of reports.
        stories: Of each report the story that it was in.

    >>> carry_over([(0, 1, 2), (3, 4)], [7, 8, 8, 7, None])
    (8, 7)
    """
    groups = tuple(groups)
    common = [
        (-count, story, number)
        for number, members in enumerate(groups)
        for story, count in Counter(stories[at] for at in members).items()
        if story is not None
    ]
    kept: dict[int, int] = {}
    for _, story, number in sorted(common):
        if number not in kept and story not in kept.values():
            kept[number] = story
    return tuple(kept.get(number) for number in range(len(groups)))


def describe(articles: Sequence[StoryArticle], counts: Mapping[str, Counts]) -> Description:
    """What a story of these articles is called, by those that everybody may read."""
    public = _some_of(sorted((one for one in articles if one.is_public), key=_order))
    if not public:
        return Description()
    weighed = _weigh(public, counts)
    likenesses = Likenesses(weighed)
    everyone = range(len(public))
    central = max(
        everyone, key=lambda at: (sum(likenesses.likeness(at, other) for other in everyone if other != at), -at)
    )
    return Description(public[central].article_id, _key_terms(public, weighed))


def find_news(earlier: Sequence[StoryArticle], today: Sequence[StoryArticle]) -> tuple[str, ...]:
    """Telling words of the articles of today that none of the earlier ones has; by the public ones."""
    public = [one for one in today if one.is_public]
    known = {term for one in earlier for part in terms_of(report_of(one)) for term in part}
    return _key_terms(public, _weigh(public, {}), known) if earlier else ()


def _key_terms(
    articles: Sequence[StoryArticle], weighed: Sequence[Weighed], known: Iterable[str] = ()
) -> tuple[str, ...]:
    """The terms that tell most of all articles together, as they are written; those of two before those of one."""
    known = frozenset(known)
    weight: dict[str, float] = defaultdict(float)
    spread: Counter[str] = Counter()
    for one in weighed:
        for term, (_, lead) in one.weights.items():
            if len(term) > 1 and term not in known and not _KANA.search(term):
                weight[term] += lead
                spread[term] += 1
    fewest = 2 if len(articles) > 1 else 1
    best = sorted((term for term in weight if spread[term] >= fewest), key=lambda term: (-weight[term], term))
    return tuple(_as_written(term, articles) for term in best[:_MOST_TERMS])


def _as_written(term: str, articles: Sequence[StoryArticle]) -> str:
    """A term with its capitals: the way in which most texts have it first."""
    forms: Counter[str] = Counter()
    wanted = Words(tuple(search_words(term)), is_exact=True)
    for one in articles:
        for text in (one.headline, one.opening):
            if wanted.phrase and (place := find_words(text, wanted)):
                forms[text[place[0] : place[1]]] += 1
    return min(forms, key=lambda form: (-forms[form], form)) if forms else term


def _weigh(articles: Sequence[StoryArticle], counts: Mapping[str, Counts]) -> list[Weighed]:
    background = Background(counts, {})
    reports = [report_of(one) for one in articles]
    return [weigh(report, terms_of(report), background) for report in reports]


def _some_of(articles: Sequence[StoryArticle]) -> Sequence[StoryArticle]:
    """The latest of many, one of each report."""
    clusters: dict[int, StoryArticle] = {}
    for one in articles:
        clusters.setdefault(one.cluster_id, one)
    return tuple(clusters.values())[-_MOST_ASKED:]


def _order(article: StoryArticle) -> tuple[float, int]:
    return article.told_at.timestamp(), article.article_id
