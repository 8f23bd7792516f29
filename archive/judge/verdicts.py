"""
What one text is to another: the same report in other clothes, a quotation of it, or neither.

    same text          every word of the body
    updated version    most of both in common, and they open alike
    trimmed copy       what there is of it opens the other one, or stands near its start
    preview            the same, and little of the other one
    quotes             a long passage in common, and no more: two reports

What stands in many reports (prompts, credits, notices) counts for nothing. Figures and names must
agree, since two days' prices under one template are two reports, and so are notices of two CVEs.
Where both have a headline and these say different things, a text must be contained nearly whole,
and be a good part of the other one: a roundup opens with another report, too.

All numbers were chosen on one half of the development clusters; `benchmarks/dedup.py` prints both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from archive.judge.fingerprints import OPENING, SAMPLE, TELLING_HEADLINE, Numbers, Text, are_among, read_text
from archive.model import DuplicateKind

_Flags = NDArray[np.bool_]

# A text of fewer words is no report: "Photo: Reuters", "More to follow".
_FEWEST_WORDS = 8
# Shared runs of words, of all in both: updates and rewrites keep more, reports on one event less.
_NEAR = 0.28
_MOSTLY = 0.5  # so much is a version whatever the headlines say
# Of these, as many stand in the shorter text; two texts that share quotations have less of each other.
_NEAR_SHARE = 0.55
# Of the opening of one of them, since what galleries and live pages share stands further below.
_NEAR_OPENING = 0.3
_PART_SHARE = 0.65
_PART_OPENING = 0.4
# Where the headlines say different things.
_WHOLE, _GOOD_PART = 0.9, 0.25
# The opening: a third of the text, of at least two sentences' beginning and at most three paragraphs.
_LEAST_OPENING, _MOST_OPENING = 12, 60
# What is contained begins within the first paragraphs of the longer text, or its first tenth.
_NEAR_START, _START_SHARE = 80, 0.1
CUT = "it opens as the other text does, word for word"
# A cut text is short and opens as the other one does, word for word; what follows may ask to subscribe.
_CUT_WORDS, _CUT_RUNS, _CUT_START, _CUT_SHARE, _CUT_OF = 250, 28, 40, 0.2, 0.7
_AT_THE_START = 5
_NEARLY_ALL = 0.9
# Names and figures of the shorter text that the longer one has, too.
_FACTS_OF_VERSIONS, _FACTS_OF_PARTS, _FEWEST_FACTS = 0.5, 0.6, 5
# Of the runs with names and figures as large a share is in common as of the others; of a template less
# than half of that.
_OF_TEMPLATES = 0.5
# Words of the shorter headline that stand in the other one.
_HEADLINES_AGREE = 0.5
# A notice in place of a text ("allow scripts for this page") is short and says nothing of its headline.
_NOTICE_WORDS, _SPEAKS_OF_IT = 150, 0.5
# Under one telling headline a preview need only be about the same: publishers write previews anew.
_PREVIEW_WORDS, _PREVIEW_OF, _FIRST_WORDS, _ABOUT_THE_SAME = 250, 0.6, 40, 0.45
# Words of a passage that is a quotation rather than a phrase; gaps of a few changed words are bridged.
_PASSAGE, _GAP = 50, 12
# A preview shows up to a third of a text; a trimmed copy is worth reading by itself.
_PREVIEW_SHARE = 0.34
_SHORTER = 0.8  # more of a text is a version of it, not a part


class Compared:
    """
    One of two texts.

    Args:
        digest: Equal of equal texts; "" where there is no text.
        headline: None where there is none.
    """

    def __init__(self, text: Text, digest: str, headline: str | None = None) -> None:
        self.text = text
        self.digest = digest
        self._headline = headline

    def says_the_same_as(self, other: Compared) -> bool:
        """Whether both have the same headline, letter by letter."""
        return bool(self._headline) and self._headline == other._headline

    @cached_property
    def cves(self) -> frozenset[tuple[int, int]]:
        """The CVEs that text and headline name."""
        return self.text.cves | (self.headline.cves if self.headline else frozenset())

    @cached_property
    def headline(self) -> Text | None:
        """The marks of its headline; made when they are asked for, since most texts are like no other."""
        return read_text(self._headline) if self._headline else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What one text is to the other.

    Args:
        score: The share that decided, 0 to 1.
        rule: What decided, for the reader.
        is_of_first: The kind is said of the first text, else of the second.
        is_under_one_headline: As far as both have one.
    """

    kind: DuplicateKind
    score: float
    rule: str
    is_of_first: bool = True
    is_under_one_headline: bool = True


@dataclass(frozen=True, slots=True)
class _Overlap:
    """What two texts have in common: for each own run of the shorter and of the longer one whether it is shared."""

    shorter: Compared
    longer: Compared
    places: NDArray[np.intp]  # of the runs of the shorter one in its text
    longer_places: NDArray[np.intp]
    in_shorter: _Flags
    in_longer: _Flags

    @property
    def share(self) -> float:
        """Of the shorter text."""
        return float(self.in_shorter.mean())

    @property
    def share_of_longer(self) -> float:
        return float(self.in_longer.mean())

    @property
    def is_good_part(self) -> bool:
        """Whether the shorter text stands nearly whole in the longer one, and is much of it."""
        return is_whole(self.share) and self.share_of_longer >= _GOOD_PART

    @property
    def resemblance(self) -> float:
        """Of both together (Jaccard)."""
        common = int(self.in_shorter.sum())
        return common / (len(self.in_shorter) + len(self.in_longer) - common)

    @property
    def begins(self) -> int:
        """The word of the shorter text with which what is shared begins."""
        return int(self.places[np.argmax(self.in_shorter)])

    @property
    def begins_in_longer(self) -> int:
        """
        The word of the longer text with which what is shared begins, but for a tenth of it: phrases
        that stand anywhere.
        """
        shared = self.longer_places[self.in_longer]
        strays = len(shared) // 10
        return int(shared[strays]) - strays

    @property
    def is_near_start(self) -> bool:
        return self.begins_in_longer <= max(_NEAR_START, _START_SHARE * len(self.in_longer))


def judge(first: Compared, second: Compared, boilerplate: Numbers) -> Verdict | None:
    """
    What *first* and *second* are to each other; None where that is nothing.

    Args:
        boilerplate: Runs of words that stand in many reports, of those by which *first* is found;
            sorted.
    """
    shorter, longer = sorted((first, second), key=lambda one: len(one.text))
    if len(shorter.text) < _FEWEST_WORDS or _is_notice(shorter, longer):
        return None
    if first.digest == second.digest:
        return Verdict(DuplicateKind.EXACT, 1.0, "every word of the body")
    verdict = _judge_words(shorter, longer, boilerplate)
    if verdict is None or verdict.kind is DuplicateKind.NEAR:
        return verdict
    # Parts are said of the shorter text, a quotation of the longer one.
    is_first = first is (longer if verdict.kind is DuplicateKind.QUOTES else shorter)
    return replace(verdict, is_of_first=is_first, is_under_one_headline=_are_alike(shorter, longer))


def _judge_words(shorter: Compared, longer: Compared, boilerplate: Numbers) -> Verdict | None:
    """What two texts that are not the same say: by their words, else by their headlines, else by a passage."""
    if shorter.cves and longer.cves and shorter.cves.isdisjoint(longer.cves):
        return None  # a maker writes all its advisories in the same words
    overlap = _overlap(shorter, longer, boilerplate)
    if overlap is None:
        return _judge_by_headline(shorter, longer)
    return _judge_overlap(overlap) or _judge_by_headline(shorter, longer) or _judge_passage(overlap)


def is_whole(share: float) -> bool:
    """Whether a share of a text is nearly all of it."""
    return share >= _WHOLE


def have_nothing_in_common(first: Compared, second: Compared) -> bool:
    """
    Whether two pages that claim one address are two articles: neither the words of one stand in the
    other, nor those of its headline in the other headline, as far as there are any. Further pages of
    one article have its headline.
    """
    shorter, longer = sorted((first.text, second.text), key=len)
    if len(shorter) < _FEWEST_WORDS or (_agreement(first, second) or 0.0) >= _LIKE:
        return False
    return _share(shorter.runs, longer.sorted_runs) < _GIST


# Runs that two unrelated articles of one site share are fewer: its house phrases.
_GIST = 0.1


def _overlap(shorter: Compared, longer: Compared, boilerplate: Numbers) -> _Overlap | None:
    shared = are_among(shorter.text.runs, longer.text.sorted_runs)
    if shared.sum() < _FEWEST_WORDS:
        return None
    shared_in_longer = are_among(longer.text.runs, shorter.text.sorted_runs)
    places, longer_places = (np.flatnonzero(~_are_boilerplate(one.text, boilerplate)) for one in (shorter, longer))
    shared, shared_in_longer = shared[places], shared_in_longer[longer_places]
    if shared.sum() < _FEWEST_WORDS or not shared_in_longer.any():
        return None
    return _Overlap(shorter, longer, places, longer_places, shared, shared_in_longer)


def _are_boilerplate(text: Text, boilerplate: Numbers) -> _Flags:
    """
    Which runs of a text stand in many reports. Only the runs of the opening and one in thirty-two
    of the rest are ever looked up: what lies between two of them that are boilerplate is, too.
    """
    runs = text.runs
    known = are_among(runs, boilerplate)
    if not known.any():
        return known
    looked_up = runs % SAMPLE == 0
    looked_up[:OPENING] = True
    places = np.flatnonzero(known | looked_up)
    votes = known[places]
    after = np.searchsorted(places, np.arange(len(runs)))
    last = len(places) - 1
    return known | (votes[np.minimum(after, last)] & votes[np.maximum(after - 1, 0)])


def _judge_overlap(overlap: _Overlap) -> Verdict | None:
    """What the words in common say: a version, a part, or the opening of a cut text."""
    if overlap.share < _CUT_SHARE:
        return None
    headlines = _agreement(overlap.shorter, overlap.longer)
    differ = headlines is not None and headlines < _HEADLINES_AGREE
    if _are_versions(overlap, differ=differ):
        is_shorter = len(overlap.in_shorter) < _SHORTER * len(overlap.in_longer)
        if is_shorter and overlap.is_good_part:
            return _part(overlap, "its words stand in the other text")
        return Verdict(DuplicateKind.NEAR, overlap.resemblance, "most words in common, and the opening")
    if _is_part(overlap, differ=differ):
        return _part(overlap, "its words stand near the start of the other text")
    return None if differ else _judge_cut(overlap)


def _are_versions(overlap: _Overlap, *, differ: bool) -> bool:
    """
    Whether two texts are one report, written anew.

    Args:
        differ: Their headlines say different things.
    """
    share, resemblance = overlap.share, overlap.resemblance
    return (
        resemblance >= _NEAR
        and share >= _NEAR_SHARE
        and max(_opening(overlap.in_shorter), _opening(overlap.in_longer)) >= _NEAR_OPENING
        and (not differ or overlap.is_good_part or resemblance >= _MOSTLY)
        and (not is_whole(share) or overlap.share_of_longer >= _MOSTLY or overlap.is_near_start)
        and _facts_agree(overlap) >= _FACTS_OF_VERSIONS
    )


def _is_part(overlap: _Overlap, *, differ: bool) -> bool:
    """Whether the shorter text is a part of the longer one, from its start; *differ* as above."""
    return (
        (overlap.is_good_part if differ else overlap.share >= _PART_SHARE)
        and overlap.in_shorter[:_MOST_OPENING].mean() >= _PART_OPENING
        and overlap.is_near_start
        and _facts_agree(overlap) >= _FACTS_OF_PARTS
    )


def _judge_cut(overlap: _Overlap) -> Verdict | None:
    """A short text that opens word for word as the other one does, whatever follows."""
    opening = overlap.in_shorter[:_CUT_RUNS]
    is_cut = (
        len(overlap.shorter.text) <= min(_CUT_WORDS, _CUT_OF * len(overlap.longer.text))
        and overlap.share >= _CUT_SHARE
        and overlap.begins <= _AT_THE_START
        and overlap.begins_in_longer <= _CUT_START
        and len(opening) == _CUT_RUNS
        and opening.mean() >= _NEARLY_ALL
    )
    return Verdict(DuplicateKind.PREVIEW, overlap.share, CUT) if is_cut else None


def _judge_by_headline(shorter: Compared, longer: Compared) -> Verdict | None:
    """A short text under the very headline of a longer one, with most of the words of its opening."""
    if len(shorter.text) > min(_PREVIEW_WORDS, _PREVIEW_OF * len(longer.text)):
        return None
    if _agreement(shorter, longer) != 1.0 or not shorter.headline or len(shorter.headline) < TELLING_HEADLINE:
        return None
    share = _share(shorter.text.words[:_FIRST_WORDS], longer.text.vocabulary)
    return (
        Verdict(DuplicateKind.PREVIEW, share, "the same headline, and words of its opening")
        if share >= _ABOUT_THE_SAME
        else None
    )


def _judge_passage(overlap: _Overlap) -> Verdict | None:
    shared = overlap.places[overlap.in_shorter]
    ends = np.flatnonzero(np.diff(shared) > _GAP)
    begins = np.concatenate(([0], ends + 1))
    longest = int((shared[np.append(ends, len(shared) - 1)] - shared[begins]).max()) + 1
    return (
        Verdict(DuplicateKind.QUOTES, overlap.share, "a passage in common, and no more")
        if longest >= _PASSAGE
        else None
    )


def _part(overlap: _Overlap, rule: str) -> Verdict:
    is_preview = overlap.share_of_longer < _PREVIEW_SHARE
    return Verdict(DuplicateKind.PREVIEW if is_preview else DuplicateKind.TRIMMED, overlap.share, rule)


def _opening(shared: _Flags) -> float:
    """How much of the opening is shared."""
    return float(shared[: min(_MOST_OPENING, max(_LEAST_OPENING, len(shared) // 3))].mean())


def _facts_agree(overlap: _Overlap) -> float:
    """
    The share of the names and figures of the shorter text that the longer one has; 1 where there
    are few, 0 where the two share the words between them and hardly the names and figures: a
    template, filled twice.
    """
    facts = overlap.shorter.text.facts
    if len(facts) < _FEWEST_FACTS:
        return 1.0
    has_facts = overlap.shorter.text.runs_of_facts[overlap.places]
    if _FEWEST_WORDS <= has_facts.sum() <= len(has_facts) - _FEWEST_WORDS:
        with_facts, without = (float(overlap.in_shorter[which].mean()) for which in (has_facts, ~has_facts))
        if with_facts < _OF_TEMPLATES * without:
            return 0.0
    return _share(facts, overlap.longer.text.vocabulary)


def _agreement(one: Compared, other: Compared) -> float | None:
    """The share of the words of the shorter headline that the other one has; None where there are not both."""
    if one.says_the_same_as(other):
        return 1.0
    if not one.headline or not other.headline:
        return None
    shorter, longer = sorted((one.headline, other.headline), key=len)
    is_equal = np.array_equal(shorter.words, longer.words)
    return 1.0 if is_equal else min(_share(shorter.words, longer.vocabulary), _LIKE)


def _are_alike(one: Compared, other: Compared) -> bool:
    """Whether neither of two headlines says much that the other one does not."""
    if one.says_the_same_as(other) or not one.headline or not other.headline:
        return True
    texts = one.headline, other.headline
    return min(_share(this.words, that.vocabulary) for this, that in permutations(texts)) >= _HEADLINES_AGREE


# Of headlines that have the same words in another order.
_LIKE = 0.99


def _is_notice(text: Compared, other: Compared) -> bool:
    """Whether a text stands in place of a report: it says nothing of its headline, which is another one there."""
    if len(text.text) > _NOTICE_WORDS:
        return False
    headlines = _agreement(text, other)
    if text.headline is None or headlines is None or headlines >= _HEADLINES_AGREE:
        return False
    return _share(text.headline.words, text.text.vocabulary) < _SPEAKS_OF_IT


def _share(of: Numbers, among: Numbers) -> float:
    """Of the numbers, the share that is among others, which are sorted."""
    return float(are_among(of, among).mean()) if len(of) else 0.0
