"""How likely two reports tell of one event."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from sys import intern

from archive.judge.stories.background import Background, language_key
from archive.judge.stories.words import find_terms

# The opening says what happened, the lead also who had to do with it; further down a report says
# what every report on the matter says. In terms: two paragraphs, and some ten.
_OPENING = 60
LEAD = 300
# A headline is the report in one line: each of its words counts as two.
_HEADLINE_WEIGHT = 2
# Reports on one event lie within a week.
SPAN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Report:
    """
    What is compared of an article.

    Args:
        opening: Its text, or as much of it as has `LEAD` terms.
        language: As a tag, or None.
        told_at: When it was published; None is any time.
    """

    headline: str
    opening: str
    language: str | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """
    A report, weighed.

    Args:
        weights: Of each term in the opening (0 where it stands further down) and in the lead; both
            vectors have length 1 at most.
    """

    language: str
    told_at: datetime | None
    weights: Mapping[str, tuple[float, float]]


# Of a report: those of its headline, and of its lead.
Terms = tuple[Sequence[str], Sequence[str]]


def terms_of(report: Report) -> Terms:
    """The terms of the headline, and of the lead."""
    # No term is made of less than one character, and few words have more than twenty. A word that many
    # reports have is held once: a window is half as large then.
    headline, lead = find_terms(report.headline), find_terms(report.opening[: 20 * LEAD])[:LEAD]
    return [*map(intern, headline)], [*map(intern, lead)]


def weigh(report: Report, terms: Terms, background: Background) -> Weighed:
    """A report with the weights of its terms: what a term tells, by how often it is said."""
    headline, lead = terms
    language = language_key(report.language)
    vectors = []
    for size in (_OPENING, LEAD):
        counts = Counter(lead[:size])
        for term in headline:
            counts[term] += _HEADLINE_WEIGHT
        told = {term: background.information(language, term) for term in counts}
        said = {term: 1 + math.log(count) for term, count in counts.items()}
        # What is a template in this window tells nothing, and is a part of the text all the same:
        # else the few words that are left would be all that two of its texts have.
        length = math.hypot(*(said[term] * anywhere for term, (_, anywhere) in told.items())) or 1.0
        vectors.append({term: said[term] * here / length for term, (here, _) in told.items()})
    opening, whole = vectors
    both = {term: (opening.get(term, 0.0), weight) for term, weight in whole.items()}
    return Weighed(language, report.told_at, both)


# Fitted on one half of the development stories: the logarithm of the odds that two reports of a
# window of 1,000 tell of one event, by how much they share.
_BASE = -3.8
_OF_OPENING = 7.5
_OF_LEAD = 21.8
# By how much it falls with the time between them: odds are multiplied with exp(-d² / 2σ²). After
# three days it makes no difference how many these are: an event that is still told of goes on.
_SIGMA = timedelta(hours=22)
_LONG = timedelta(days=3)
# A report without a date may be of any day.
_OF_NO_DATE = -4.6


def log_odds(one: Weighed, other: Weighed) -> float:
    """The logarithm of the odds that two reports tell of one event, before the window is known."""
    if one.language != other.language:
        return -math.inf
    of_time = _OF_NO_DATE
    if one.told_at is not None and other.told_at is not None:
        apart = abs(one.told_at - other.told_at)
        if apart > SPAN:
            return -math.inf
        of_time = -((min(apart, _LONG) / _SIGMA) ** 2) / 2
    opening = lead = 0.0
    mine, its = one.weights, other.weights
    for term in mine.keys() & its.keys():
        (my_opening, my_lead), (its_opening, its_lead) = mine[term], its[term]
        opening += my_opening * its_opening
        lead += my_lead * its_lead
    return _BASE + _OF_OPENING * opening + _OF_LEAD * lead + of_time
