"""The texts on one event by time, and what each has of the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.judge.echoes.stretches import Pair, Stretch, both, but, cover, find_covered, find_stretches
from archive.judge.echoes.texts import Run, Text
from archive.model import Passage


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What of a text stood in other outlets before.

    Args:
        covered: 1 for each word of it.
        of: The texts that have it, and which passages: the one with most of them first, then those
            that have what the ones before have not.
    """

    covered: bytes
    of: tuple[tuple[int, tuple[Stretch, ...]], ...]


class Shelf:
    """
    Texts by time.

    Equal texts are looked up by their first, and of like ones only those are compared that have
    what others have not: thirty prints of one report cost little more than one.
    """

    def __init__(self, texts: Sequence[Text]) -> None:
        self.texts = texts
        self._equal: dict[Run, list[int]] = defaultdict(list)
        # Which texts have a run, by time, and where.
        self._holders: dict[Run, dict[int, list[int]]] = defaultdict(dict)
        for number, text in enumerate(texts):
            self._equal[text.words].append(number)
            if self._is_first_of_equals(number):
                for place, run in enumerate(text.runs):
                    self._holders[run].setdefault(number, []).append(place)
        self.taken = [self._taken(number) for number in range(len(texts))]

    def _is_first_of_equals(self, number: int) -> bool:
        return self._equal[self.texts[number].words][0] == number

    def _is_elsewhere(self, one: int, other: int) -> bool:
        return self.texts[one].told.outlet != self.texts[other].told.outlet

    def _taken(self, number: int) -> Taken:
        """What other outlets had before: what the text's own outlet had before them is its own."""
        text = self.texts[number]
        first = self._equal[text.words][0]
        size = len(text.words)
        if first != number and self._is_elsewhere(first, number):
            return Taken(b"\1" * size, ((first, ((0, size),)),))
        places = [
            place
            for place, run in enumerate(text.runs)
            if not text.nobodys[place] and self._is_elsewhere(next(iter(self._holders[run])), number)
        ]
        shared = Counter(other for other in self._elsewhere(number, places) if other < first)
        return self._taken_in_turn(number, places, sorted(shared, key=lambda other: (-shared[other], other)))

    def _taken_in_turn(self, number: int, places: Sequence[int], others: Iterable[int]) -> Taken:
        """What *others* had of the runs at *places*, each of what those before it in the order had not."""
        text = self.texts[number]
        covered, left = bytes(len(text.words)), places
        of: list[tuple[int, tuple[Stretch, ...]]] = []
        for other in others:
            if not any(other in self._holders[text.runs[place]] for place in left):
                continue
            stretches = self._passages(number, other, places)
            more = cover(len(covered), stretches)
            if any(but(more, covered)):
                covered = bytes(map(max, covered, more))
                left = [place for place in left if not covered[place]]
                of.append((other, stretches))
        return Taken(covered, tuple(of))

    def _elsewhere(self, number: int, places: Iterable[int]) -> Iterator[int]:
        """The texts of other outlets that have the runs at *places* of one, each as often as it has them."""
        runs = self.texts[number].runs
        holders = (other for place in places for other in self._holders[runs[place]])
        return (other for other in holders if self._is_elsewhere(other, number))

    def _passages(self, number: int, other: int, places: Sequence[int]) -> tuple[Stretch, ...]:
        """The passages that two texts share, of runs of the one that begin at *places*."""
        text = self.texts[number]
        pairs: Iterator[Pair] = (
            (place, there) for place in places for there in self._holders[text.runs[place]].get(other, ())
        )
        return tuple(find_stretches(pairs, text.measures, text.least(self.texts[other])))

    def passages(self) -> Iterator[Passage]:
        """What stands in several outlets: each passage once, as the first of them has it."""
        for number, text in enumerate(self.texts):
            if not self._is_first_of_equals(number):
                continue
            later = self._later(number)
            shared = cover(len(text.words), (stretch for stretches in later.values() for stretch in stretches))
            for part in (both(shared, text.nobodys), but(shared, text.nobodys)):
                for begin, end in find_covered(part):
                    holders = [other for other, stretches in later.items() if _overlap(stretches, begin, end)]
                    yield Passage(
                        text=text.shown(begin, end),
                        word_count=end - begin,
                        first=text.told.article_id,
                        others=tuple(self.texts[other].told.article_id for other in sorted(holders)),
                    )

    def _later(self, number: int) -> dict[int, tuple[Stretch, ...]]:
        """The passages of a text that were new with it, and stood in other outlets later."""
        text = self.texts[number]
        is_new = bytes(1 - one for one in self.taken[number].covered)
        places = [place for place in range(len(text.runs)) if is_new[place]]
        later: dict[int, tuple[Stretch, ...]] = {}
        for other in {other for other in self._elsewhere(number, places) if other > number}:
            twins = self._equal[self.texts[other].words]
            later |= dict.fromkeys(twins, self._passages(number, other, places))
        equals = (twin for twin in self._equal[text.words] if self._is_elsewhere(twin, number))
        return later | dict.fromkeys(equals, tuple(find_covered(is_new)))


def _overlap(stretches: Sequence[Stretch], begin: int, end: int) -> bool:
    return any(start < end and stop > begin for start, stop in stretches)
