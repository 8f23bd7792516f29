"""Which texts tell of one event. Pure, and for any language: only `scraper.text` knows what a word is."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from scraper.text import fold

# The opening says what an article is about; further down it says what every article on the matter
# says. So many words are the first four or five paragraphs.
_LEAD_WORDS = 150
# A headline is the article in one line: each of its words counts as two.
_HEADLINE_WEIGHT = 2
# Mean cosine to the articles of a story. Chosen on one half of the development stories
# (benchmarks/stories.py).
_ALIKE = 0.17


def group_stories(
    texts: Sequence[tuple[str, str]], together: Iterable[tuple[int, int]] = ()
) -> tuple[tuple[int, ...], ...]:
    """
    The positions of *texts*, one tuple a story, in the order in which stories begin.

    An article joins the story whose members it resembles most on average (not the one with the
    single nearest member, which would chain distant events), or begins one. So the oldest text
    should come first.

    Args:
        texts: (headline, body) pairs.
        together: Pairs of positions that are one story whatever their words say.
    """
    vectors = _weigh([_count_terms(headline, body) for headline, body in texts])
    stories = _Stories(vectors)
    for clump in _join(len(texts), together):
        stories.add(clump)
    return tuple(tuple(members) for members in stories.members.values())


class _Stories:
    """
    Stories that grow article by article.

    Args:
        vectors: The words of each text, by position, with their weight.
    """

    def __init__(self, vectors: Sequence[Mapping[str, float]]) -> None:
        self._vectors = vectors
        self._story_of: dict[int, int] = {}
        # Which texts of stories say a word: only those are looked at.
        self._holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.members: dict[int, list[int]] = {}

    def add(self, clump: list[int]) -> None:
        """Let texts that belong together join the story that they are most like, or begin one."""
        mean = self._likeness(clump)
        best = max(mean, key=mean.__getitem__, default=None)
        story = best if best is not None and mean[best] >= _ALIKE else clump[0]
        self.members.setdefault(story, []).extend(clump)
        for position in clump:
            self._story_of[position] = story
            for term, weight in self._vectors[position].items():
                self._holders[term].append((position, weight))

    def _likeness(self, clump: list[int]) -> dict[int, float]:
        """The mean cosine of texts to those of each story that shares a word with them."""
        total: dict[int, float] = defaultdict(float)
        for position in clump:
            for term, weight in self._vectors[position].items():
                for other, other_weight in self._holders[term]:
                    total[self._story_of[other]] += weight * other_weight
        return {story: whole / len(self.members[story]) / len(clump) for story, whole in total.items()}


def _count_terms(headline: str, body: str) -> Counter[str]:
    """How often the opening says each word, the headline counted twice."""
    counts = Counter(fold(body).split()[:_LEAD_WORDS])
    for word in fold(headline).split():
        counts[word] += _HEADLINE_WEIGHT
    return counts


def _weigh(texts: Sequence[Counter[str]]) -> list[Mapping[str, float]]:
    """
    Unit vectors: a word counts more the fewer texts say it.

    Words of one text alone count for its length, but are left out: they match nothing.
    """
    spread = Counter(term for counts in texts for term in counts)
    vectors: list[Mapping[str, float]] = []
    for counts in texts:
        weights = {
            term: (1 + math.log(count)) * math.log((len(texts) + 1) / spread[term]) for term, count in counts.items()
        }
        length = math.hypot(*weights.values()) or 1.0
        vectors.append({term: weight / length for term, weight in weights.items() if spread[term] > 1})
    return vectors


def _join(count: int, together: Iterable[tuple[int, int]]) -> list[list[int]]:
    """
    Positions 0 to *count* in clumps that *together* ties, each in order, ordered by their first.

    >>> _join(5, [(4, 1), (1, 2)])
    [[0], [1, 2, 4], [3]]
    """
    clump_of = {position: [position] for position in range(count)}
    for one, other in together:
        if clump_of[one] is not clump_of[other]:
            clump_of[one].extend(clump_of[other])
            for position in clump_of[other]:
                clump_of[position] = clump_of[one]
    clumps = {min(clump): sorted(clump) for clump in clump_of.values()}
    return [clumps[first] for first in sorted(clumps)]
