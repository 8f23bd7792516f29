"""
From reports to stories: by average link, and in a time that grows with the number of reports.

Only reports that share telling words are compared, each with a bounded number of others; pairs that
two stories need besides are compared when these may become one.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from itertools import combinations

from archive.judge.stories.background import Background, Counts, count_terms, language_key
from archive.judge.stories.likeness import SPAN, Report, Terms, Weighed, log_odds, terms_of, weigh

# Two stories are one where the mean likeness of their pairs is at least this. The likeness is the
# root of the chance that both tell of one event: with the chance itself a pair that is sure weighs
# more than two that are unlikely, and a story of three takes in a fourth that is like one of them.
_CUT = 0.615
# Of more reports more are alike by chance: the odds that any two are of one event fall with their
# number, but little, since what is told in one week is alike, too. Told day by day the development
# stories have F1 .80 with 0.35 and .83 without; all at once they want some of it.
_USUAL_SIZE = 1_000
_LEAST_SIZE = 500
_OF_SIZE = 0.2
# A pair that is less likely than this is none.
_LEAST_LIKENESS = 0.15
_NO_ODDS = -30  # of what cannot be: e^-30
# The rarest words of a report are looked up, until so many places where they stand were seen; the
# best of the reports found are compared whole.
_MOST_PLACES = 450
_MOST_CANDIDATES = 16
_LEAST_SHARED = 0.015  # with less in common two are hardly ever of one event
# Of two large stories so many pairs are compared: their mean hardly changes with more.
_MOST_OF_A_STORY = 12


@dataclass(frozen=True, slots=True)
class Around:
    """
    What reports were chosen from.

    Args:
        size: How many there are.
        counts: In how many of a sample of them each word stands: what most have is a template.
    """

    size: int
    counts: Mapping[str, Counts]


@dataclass(frozen=True, slots=True)
class Window:
    """
    Reports that are to be told apart, by position.

    Args:
        together: Pairs that are one report, whatever their words say: they count as one, that of
            their first.
        quoted: Pairs of one that quotes another at length. What quotes several is a roundup, which
            is of no event; and it tells that these are several.
        counts: What the archive knows of words; else the reports are counted.
        terms: Of each report, where they are known.
        around: The window that these reports were chosen from; None: they are all of it.
    """

    reports: Sequence[Report]
    together: Iterable[tuple[int, int]] = ()
    quoted: Iterable[tuple[int, int]] = ()
    counts: Mapping[str, Counts] | None = None
    terms: Sequence[Terms] | None = None
    around: Around | None = None


def group_reports(window: Window) -> tuple[tuple[int, ...], ...]:
    """The positions of the reports of a window, one tuple a story, by the first of each."""
    return tuple(members for members, _ in place_reports(window, [None] * len(window.reports)))


def place_reports(window: Window, stories: Sequence[int | None]) -> tuple[tuple[tuple[int, ...], int | None], ...]:
    """
    Let the reports that are in no story yet join one, or begin one with others; no two stories
    become one.

    Args:
        stories: Of each report the story that it is in, or None.

    Returns:
        Positions with their story, None for a new one, by the first of each.
    """
    units = _join(len(window.reports), window.together)
    story_of = [_first_known(stories[at] for at in unit) for unit in units]
    unit_of = {position: unit for unit, clump in enumerate(units) for position in clump}
    apart = find_apart((unit_of[one], unit_of[other]) for one, other in window.quoted)
    weighed = _weigh_first(window, [unit[0] for unit in units])
    size = window.around.size if window.around else 0
    groups = _Linkage(Likenesses(weighed, apart, size), story_of).run()
    placed = ((tuple(sorted(at for unit in members for at in units[unit])), story) for members, story in groups)
    return tuple(sorted(placed, key=lambda one: one[0]))


def weigh_reports(reports: Sequence[Report], counts: Mapping[str, Counts] | None = None) -> list[Weighed]:
    """Reports that are to be told apart, with the weights of their terms."""
    return _weigh_first(Window(reports, counts=counts), range(len(reports)))


def _weigh_first(window: Window, positions: Sequence[int]) -> list[Weighed]:
    """The reports at these positions, with the weights of their terms."""
    reports = [window.reports[at] for at in positions]
    terms = [terms_of(report) for report in reports] if window.terms is None else [window.terms[at] for at in positions]
    here = window.around.counts if window.around else count_reports(reports, terms)
    background = Background(here if window.counts is None else window.counts, here)
    return [weigh(report, found, background) for report, found in zip(reports, terms, strict=True)]


def count_reports(reports: Iterable[Report], terms: Iterable[Terms]) -> dict[str, Counts]:
    """In how many of these reports each of their terms stands, by language."""
    return count_terms(
        (language_key(report.language), (*headline, *lead))
        for report, (headline, lead) in zip(reports, terms, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Apart:
    """
    What is known not to be of one event, whatever its words say.

    Args:
        roundups: What is of no event.
        pairs: Each with the smaller number first.
    """

    roundups: frozenset[int] = frozenset()
    pairs: frozenset[tuple[int, int]] = frozenset()


def find_apart(quoted: Iterable[tuple[int, int]]) -> Apart:
    """
    What follows from who quotes whom.

    >>> find_apart([(9, 1), (9, 2), (8, 1)])
    Apart(roundups=frozenset({9}), pairs=frozenset({(1, 2)}))
    """
    by_quoter: dict[int, set[int]] = defaultdict(set)
    for one, other in quoted:
        if one != other:
            by_quoter[one].add(other)
    roundups = {one: others for one, others in by_quoter.items() if len(others) > 1}
    pairs = (pair for others in roundups.values() for pair in combinations(sorted(others), 2))
    return Apart(frozenset(roundups), frozenset(pairs))


class Likenesses:
    """
    How alike some reports are, two by two: the root of the chance that they tell of one event.

    Args:
        size: How many reports they were chosen from, where that is more.
    """

    def __init__(self, weighed: Sequence[Weighed], apart: Apart = Apart(), size: int = 0) -> None:
        self.weighed = weighed
        self._apart = apart
        self._known: dict[tuple[int, int], float] = {}
        self._of_size = -_OF_SIZE * math.log(max(len(weighed), size, _LEAST_SIZE) / _USUAL_SIZE)

    def likeness(self, one: int, other: int) -> float:
        """Of two reports, by position: 0 to 1."""
        pair = (one, other) if one < other else (other, one)
        found = self._known.get(pair)
        if found is None:
            found = self._known[pair] = self._compare(pair)
        return found

    def _compare(self, pair: tuple[int, int]) -> float:
        if pair in self._apart.pairs or not self._apart.roundups.isdisjoint(pair):
            return 0.0
        odds = log_odds(self.weighed[pair[0]], self.weighed[pair[1]]) + self._of_size
        return (1 + math.exp(-odds)) ** -0.5 if odds > _NO_ODDS else 0.0

    def mean(self, some: Sequence[int], others: Sequence[int]) -> float:
        """Of two stories: the mean of their pairs."""
        some, others = _spread(some), _spread(others)
        return sum(self.likeness(one, other) for one in some for other in others) / (len(some) * len(others))

    def pairs(self, known: Collection[int]) -> dict[tuple[int, int], float]:
        """The pairs that may tell of one event, but for those of two that are *known*, with their likeness."""
        found = {}
        for one, candidates in _find_candidates(self.weighed, known).items():
            for other in candidates:
                likeness = self.likeness(one, other)
                if likeness >= _LEAST_LIKENESS:
                    found[min(one, other), max(one, other)] = likeness
        return found


def _spread(members: Sequence[int]) -> Sequence[int]:
    """At most so many of a story's reports, evenly taken from first to last."""
    if len(members) <= _MOST_OF_A_STORY:
        return members
    return [members[i * (len(members) - 1) // (_MOST_OF_A_STORY - 1)] for i in range(_MOST_OF_A_STORY)]


def _find_candidates(weighed: Sequence[Weighed], known: Collection[int] = ()) -> dict[int, list[int]]:
    """
    For each report those that share telling words with it, the likest first: the *known* ones, for
    which nothing is looked up, and the earlier ones.
    """
    spread = Counter((one.language, term) for one in weighed for term in one.weights)
    places = _Places(weighed)
    found: dict[int, list[int]] = {}
    for position in sorted(range(len(weighed)), key=lambda at: (at not in known, _order(weighed[at]), at)):
        report = weighed[position]
        keys = sorted((count, term) for term in report.weights if (count := spread[report.language, term]) > 1)
        terms = [term for _, term in keys]
        if position not in known:
            found[position] = places.find(report, terms)
        places.add(position, report, terms)
    return found


class _Places:
    """Where each term stands: of reports with a date and of those without, in the order of time."""

    def __init__(self, weighed: Sequence[Weighed]) -> None:
        self._weighed = weighed
        self._dated: dict[tuple[str, str], deque[tuple[int, float]]] = defaultdict(deque)
        self._undated: dict[tuple[str, str], deque[tuple[int, float]]] = defaultdict(deque)

    def add(self, position: int, report: Weighed, terms: Iterable[str]) -> None:
        """Note where the terms of a report stand."""
        places = self._dated if report.told_at else self._undated
        for term in terms:
            places[report.language, term].append((position, report.weights[term][1]))

    def find(self, report: Weighed, terms: Iterable[str]) -> list[int]:
        """The reports that share most with this one, looked for by its *terms* in their order."""
        shared: dict[int, float] = defaultdict(float)
        seen = 0
        for term in terms:
            key = report.language, term
            if key in self._dated and report.told_at:
                _forget(self._dated[key], self._weighed, report.told_at)
            found = (self._undated.get(key, ()), self._dated.get(key, ()))
            seen += sum(map(len, found))
            if seen > _MOST_PLACES:
                break
            weight = report.weights[term][1]
            for places in found:
                for other, its_weight in places:
                    shared[other] += weight * its_weight
        best = sorted((-likeness, other) for other, likeness in shared.items() if likeness >= _LEAST_SHARED)
        return [other for _, other in best[:_MOST_CANDIDATES]]


def _first_known(stories: Iterable[int | None]) -> int | None:
    return next((story for story in stories if story is not None), None)


def _order(report: Weighed) -> float:
    return report.told_at.timestamp() if report.told_at else 0.0


def _forget(places: deque[tuple[int, float]], weighed: Sequence[Weighed], now: datetime) -> None:
    """Let go the reports that are too old to tell of the same event; later ones look for no older."""
    while places:
        told_at = weighed[places[0][0]].told_at
        if told_at is None or now - told_at <= SPAN:
            return
        places.popleft()


class _Linkage:
    """
    Stories that become one, the likest two first, while their mean likeness is high enough.

    Args:
        stories: Of each report the story that it is in already; no two of these become one.
    """

    def __init__(self, likenesses: Likenesses, stories: Sequence[int | None]) -> None:
        self._likenesses = likenesses
        first: dict[int, int] = {}
        # A group goes by its first report.
        group_of = [at if story is None else first.setdefault(story, at) for at, story in enumerate(stories)]
        self._story = {at: story for story, at in first.items()}
        self._members: dict[int, list[int]] = defaultdict(list)
        for at, group in enumerate(group_of):
            self._members[group].append(at)
        self._links: dict[int, dict[int, float]] = {group: {} for group in self._members}
        self._heap: list[tuple[float, int, int]] = []
        known = {at for at, story in enumerate(stories) if story is not None}
        for (one, other), likeness in likenesses.pairs(known).items():
            self._link_first(group_of[one], group_of[other], likeness)

    def _link_first(self, one: int, other: int, likeness: float) -> None:
        """Link two groups by a pair of them that is alike; once, where there are several."""
        if one == other or other in self._links[one] or {one, other} <= self._story.keys():
            return
        members = self._members
        if len(members[one]) > 1 or len(members[other]) > 1:
            likeness = self._likenesses.mean(members[one], members[other])
        self._link(one, other, likeness)

    def _link(self, one: int, other: int, likeness: float) -> None:
        if likeness >= _LEAST_LIKENESS:
            self._links[one][other] = self._links[other][one] = likeness
            if likeness >= _CUT:
                heappush(self._heap, (-likeness, min(one, other), max(one, other)))

    def run(self) -> Iterable[tuple[list[int], int | None]]:
        """The groups of positions, each with the story that it was."""
        while self._heap:
            likeness, one, other = heappop(self._heap)
            if self._links.get(one, {}).get(other) == -likeness:  # else one of them has changed since
                self._unite(one, other)
        return [(members, self._story.get(group)) for group, members in self._members.items()]

    def _unite(self, one: int, other: int) -> None:
        links, members = self._links, self._members
        sizes = len(members[one]), len(members[other])
        if other in self._story:
            self._story[one] = self._story.pop(other)
        means = {}
        for third in sorted((links[one].keys() | links[other].keys()) - {one, other}):
            if not {one, third} <= self._story.keys():
                parts = [self._mean(story, third) for story in (one, other)]
                means[third] = (parts[0] * sizes[0] + parts[1] * sizes[1]) / sum(sizes)
        for story in (one, other):
            for third in links.pop(story):
                links[third].pop(story, None)
        links[one] = {}
        members[one] = sorted(members[one] + members.pop(other))
        for third, mean in means.items():
            self._link(one, third, mean)

    def _mean(self, one: int, other: int) -> float:
        """How alike two groups are: by their link, or by their pairs where that is too weak to be one."""
        known = self._links[one].get(other)
        return self._likenesses.mean(self._members[one], self._members[other]) if known is None else known


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
