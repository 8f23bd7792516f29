"""By which words a report finds others, where there are too many to compare it with all. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from zlib import crc32

from archive.judge.stories.likeness import Weighed

# The words that weigh most in a lead: those that say who and where are among the first twelve.
_MOST_WORDS = 24
# So many reports are compared whole, and with less in common two are hardly ever of one event. 16
# and 0.015, as where all are there, find the same stories and read three times as much.
_MOST_CANDIDATES = 8
_LEAST_SHARED = 0.03


def find_telling_words(report: Weighed) -> dict[int, float]:
    """
    The words of a report that tell most, as numbers, with their weight. A word of another language
    is another word.
    """
    best = sorted((-lead, term) for term, (_, lead) in report.weights.items() if lead > 0)[:_MOST_WORDS]
    return {crc32(f"{report.language} {term}".encode()): -weight for weight, term in best}


def find_likely(words: Mapping[int, float], places: Iterable[tuple[int, int]]) -> list[int]:
    """
    The articles that share most with a report, the likest first.

    Args:
        words: Its telling words.
        places: Pairs of one of these words and an article that has it, too.

    >>> find_likely({1: 0.3, 2: 0.2, 3: 0.2, 4: 0.1}, [(1, 70), (2, 80), (3, 80), (4, 90)])
    [70, 80]
    """
    shared: dict[int, float] = defaultdict(float)
    for word, article_id in places:
        shared[article_id] += words[word] ** 2
    best = sorted((-likeness, one) for one, likeness in shared.items() if likeness >= _LEAST_SHARED)
    return [one for _, one in best[:_MOST_CANDIDATES]]
