"""
A source's own wall, learnt from its pages: what stands behind its short texts, and behind no long
one.

A wall may ask in words that nobody wrote down, and one page alone cannot show that they are a
wall's. Many pages of a source can: what stands behind all of its pages is its template, what stands
behind short ones alone is a wall, or a box that its short items have. Which of the two, the signs
beside it tell: texts that end inside a sentence, a price for a time, a page that shows its wall in
known words. Without such a sign the answer is that we do not know. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import reduce
from hashlib import blake2b
from operator import or_
from statistics import quantiles

from archive.model import EndBlock, Sign, SourceBox, TextEnd
from scraper.model import BODY_ROLES, Access, AccessStatus, Article, Evidence, LabelledBlock, PageKind, Role
from scraper.read.label.rules import HIDDEN
from scraper.read.words.meter_numbers import find_numbers, names_price
from scraper.read.words.sentences import ends_with_mark
from scraper.text import count_words, fold

SIGNAL = "source-wall"

# How many blocks are kept of a page: a wall stands behind the text, now and then right above it,
# and its first lines may have been read as text.
_ABOVE, _LAST, _BEHIND = 4, 3, 10
# What is longer is running text, and no line of a wall.
_MOST_WORDS = 60
# Of fewer pages nothing is learnt: that of eight the four with a box are the shortest is chance once
# in 70.
_FEWEST_WITH, _FEWEST_WITHOUT = 4, 4
# Blocks that share so many of their pages are one box; a line of it may be missing now and then.
_TOGETHER = 0.6
# One in ten of the pages with a wall may be as long as a whole text: a long beginning, or a box
# that was shown once too often.
_MOST_LONG = 0.1
# A text is short where it has less of what whole articles of the source usually have: the upper
# quartile of those without the box, as a source may have as many briefs as articles.
_SHORT = 0.6
_USUAL_QUARTILE = 2  # the third of three cuts
# Texts that end inside a sentence: of those with the wall most do, of the others few.
_MOSTLY_OPEN, _SELDOM_OPEN = 0.6, 0.25
# As many of the pages with the box were judged to be cut by themselves.
_ENOUGH_CUT = 0.25
# A box of so many words that leads somewhere may ask for something.
_WORDS_OF_A_BOX = 12
# A cut that other pages show is as sure as a length that another capture shows.
_CONFIDENCE = 0.8
_NOT_KNOWN_CONFIDENCE = 0.4  # less than even: it may be a wall
# So many characters of a box are shown as evidence, so many are kept of each of its blocks.
_QUOTED, _KEPT_TEXT = 120, 60
_WALLS = frozenset(("paywall", "registration"))

_DIGITS = re.compile(r"\d+")
# Pages of other kinds are short by their nature, and have boxes of their own.
_KINDS = frozenset((PageKind.NEWS, PageKind.OPINION, PageKind.INTERVIEW, PageKind.LIST))
_AROUND = frozenset((Role.CAPTION, Role.CREDIT, Role.BYLINE, Role.DATELINE, Role.HEADLINE, Role.DEK, Role.KICKER))


# ---------------------------------------------------------------- one page


def find_end(article: Article) -> TextEnd:
    """
    What stands at the end of an article's text, and around it.

    Nothing of a page whose text stood elsewhere, in its scripts or in a feed: there nothing is
    below it.
    """
    blocks = [block for block in article.blocks if block.role not in _AROUND and block.reason != HIDDEN.name]
    near = _places_near_end(blocks)
    if not near or article.kind not in _KINDS or article.origins.get("body"):
        return TextEnd(0, (), article.access)
    shown = (blocks[place] for place in near if place < len(blocks))
    return TextEnd(count_words(article.body), tuple(_end_blocks(shown)), article.access)


def _places_near_end(blocks: Sequence[LabelledBlock]) -> list[int]:
    """Where a wall would stand: right above the text, in its last blocks, and behind it; [] without a text."""
    body = [place for place, block in enumerate(blocks) if block.role in BODY_ROLES]
    if not body:
        return []
    first, last = body[0], body[-1]
    return sorted({*range(max(0, first - _ABOVE), first), *body[-_LAST:], *range(last + 1, last + 1 + _BEHIND)})


def _end_blocks(blocks: Iterable[LabelledBlock]) -> Iterable[EndBlock]:
    for block in blocks:
        words = count_words(block.text)
        if block.role in BODY_ROLES or words <= _MOST_WORDS:
            yield EndBlock(_fingerprint(block.text), words, block.text[:_KEPT_TEXT], _signs_of(block))


def _signs_of(block: LabelledBlock) -> Sign:
    signs = Sign(0)
    if block.role in BODY_ROLES:
        signs |= Sign.TEXT
        if block.role is not Role.SUBHEAD and (not ends_with_mark(block.text) or block.text.endswith(("…", "..."))):
            signs |= Sign.OPEN
    if block.role is Role.PAYWALL:
        signs |= Sign.ASKS
    if block.tag == "button" or "](" in block.markdown:
        signs |= Sign.LEADS
    # Few blocks name a price; what else they count is of no use here, and takes long to find.
    if names_price(block.text):
        signs |= Sign.AMOUNT | (Sign.PRICE if find_numbers((block.text,)).periods else Sign(0))
    return signs


def _fingerprint(text: str) -> int:
    """64 bits of the folded text without its numbers, signed; equal in every process."""
    letters = _DIGITS.sub("0", fold(text))
    return int.from_bytes(blake2b(letters.encode(), digest_size=8).digest(), "big", signed=True)


# ---------------------------------------------------------------- many pages


@dataclass(frozen=True, slots=True)
class _Group:
    """
    Blocks that stand together, and behind short texts alone.

    Args:
        fingerprints: Of its blocks.
        pages: Those that show one of them.
        others: Those that show none.
    """

    fingerprints: frozenset[int]
    pages: Sequence[TextEnd]
    others: Sequence[TextEnd]


def learn(ends: Iterable[TextEnd]) -> tuple[SourceBox, ...]:
    """What the pages of one source show behind short texts alone, the most common first."""
    boxes = map(_box_of, _find_groups([end for end in ends if end.words]))
    return tuple(box for box in boxes if box is not None)


def weigh(end: TextEnd, boxes: Iterable[SourceBox]) -> Access:
    """
    The verdict on a page, with what was learnt of its source.

    A page that is known to be cut by itself keeps its own verdict.
    """
    if end.alone.complete is False:
        return end.alone
    shown = [box for box in boxes if box.fingerprints & end.fingerprints and 0 < end.words <= box.most_words]
    box = next((box for box in shown if box.is_wall), shown[0] if shown else None)
    return end.alone if box is None else _with_box(end.alone, box)


def _find_groups(ends: Sequence[TextEnd]) -> Iterator[_Group]:
    """The blocks that stand behind short texts alone, those of the same pages together, the most common first."""
    pages: defaultdict[int, set[int]] = defaultdict(set)
    for number, end in enumerate(ends):
        for mark in end.fingerprints:
            pages[mark].add(number)
    left = sorted((mark for mark in pages if _is_behind_short(pages[mark], ends)), key=lambda mark: -len(pages[mark]))
    while left:
        first = pages[left[0]]
        together = frozenset(mark for mark in left if _share(first, pages[mark]) >= _TOGETHER)
        left = [mark for mark in left if mark not in together]
        yield _group(together, set().union(*map(pages.__getitem__, together)), ends)


def _group(marks: frozenset[int], shown: AbstractSet[int], ends: Sequence[TextEnd]) -> _Group:
    others = [end for number, end in enumerate(ends) if number not in shown]
    return _Group(marks, [ends[number] for number in sorted(shown)], others)


def _is_behind_short(pages: AbstractSet[int], ends: Sequence[TextEnd]) -> bool:
    if len(pages) < _FEWEST_WITH or len(ends) - len(pages) < _FEWEST_WITHOUT:
        return False
    most = _most_words([end for number, end in enumerate(ends) if number not in pages])
    return sum(ends[number].words > most for number in pages) <= _MOST_LONG * len(pages)


def _most_words(others: Sequence[TextEnd]) -> float:
    """What a text has at most that is short beside the others of its source; 0 of too few others."""
    if len(others) < _FEWEST_WITHOUT:
        return 0.0
    return _SHORT * quantiles([end.words for end in others], n=4)[_USUAL_QUARTILE]


def _share(one: AbstractSet[int], other: AbstractSet[int]) -> float:
    return len(one & other) / len(one | other)


# ---------------------------------------------------------------- a wall, or a box of short items


def _box_of(group: _Group) -> SourceBox | None:
    """What a group of blocks is; None where it asks for nothing."""
    blocks = _distinct_blocks(group)
    signs = reduce(or_, (block.signs for block in blocks), Sign(0))
    walls = [end.alone for end in group.pages if end.alone.complete is False and end.alone.cut_by in _WALLS]
    why = _speaks_of_wall(group, signs, walls)
    if not why and not _may_ask(signs, blocks):
        return None
    box = SourceBox(
        group.fingerprints,
        " ".join(block.text for block in blocks)[:_QUOTED],
        len(group.pages),
        len(group.others),
        _most_words(group.others),
        why,
    )
    return _of_registration(box) if _ask_to_register(walls) else box


def _may_ask(signs: Sign, blocks: Iterable[EndBlock]) -> bool:
    """Whether a box names an amount, or leads somewhere and has words enough to say why."""
    return Sign.AMOUNT in signs or (Sign.LEADS in signs and sum(block.words for block in blocks) >= _WORDS_OF_A_BOX)


def _ask_to_register(walls: Sequence[Access]) -> bool:
    """Whether most of the walls that pages show by themselves want a registration, no more."""
    return 2 * sum(access.cut_by == "registration" for access in walls) > len(walls)


def _of_registration(box: SourceBox) -> SourceBox:
    return replace(box, status=AccessStatus.REGISTRATION, cut_by="registration")


def _speaks_of_wall(group: _Group, signs: Sign, walls: Sequence[Access]) -> str:
    """Why a box is a wall, a clause for the reader; "" where nothing shows it."""
    if len(walls) >= max(2, _ENOUGH_CUT * len(group.pages)):
        return f"{len(walls)} of these pages show a wall by themselves"
    if _share_open(group.pages, group) >= _MOSTLY_OPEN and _share_open(group.others, group) <= _SELDOM_OPEN:
        return "these texts end inside a sentence"
    if Sign.PRICE in signs:
        return "it names a price for a time"
    if Sign.ASKS in signs:
        return "it asks as a wall does"
    return ""


def _share_open(ends: Sequence[TextEnd], group: _Group) -> float:
    """The share of texts that end inside a sentence, the lines of the box left out."""
    lasts = [_last_text(end, group) for end in ends]
    return sum(last is not None and Sign.OPEN in last.signs for last in lasts) / len(ends)


def _last_text(end: TextEnd, group: _Group) -> EndBlock | None:
    texts = [block for block in end.blocks if Sign.TEXT in block.signs and block.fingerprint not in group.fingerprints]
    return texts[-1] if texts else None


def _distinct_blocks(group: _Group) -> Collection[EndBlock]:
    """The blocks of a group, each once, as the last page has it."""
    blocks = (block for end in group.pages for block in end.blocks if block.fingerprint in group.fingerprints)
    return {block.fingerprint: block for block in blocks}.values()


def _with_box(access: Access, box: SourceBox) -> Access:
    """The verdict on a page that shows a box behind a short text."""
    counts = f"behind {box.page_count} short texts of this source and behind none of {box.other_count} others"
    sign = Evidence(
        SIGNAL,
        box.text,
        "other articles of the source",
        box.status if box.is_wall else AccessStatus.UNKNOWN,
        decided=True,
        note=counts,
    )
    known = replace(access, evidence=(*access.evidence, sign))
    if not box.is_wall:
        why = f"A box stands {counts}: not known whether it is a wall."
        return replace(
            known,
            complete=None,
            explanation=f"{access.explanation} {why}".strip(),
            confidence=min(access.confidence, _NOT_KNOWN_CONFIDENCE),
        )
    says_free = any(sign.points_to == AccessStatus.FREE and sign.decided for sign in access.evidence)
    return replace(
        known,
        status=box.status,
        complete=False,
        cut_by=box.cut_by,
        explanation=f"What is below the text stands {counts}, and {box.why}.",
        confidence=_CONFIDENCE,
        conflict=access.conflict or says_free,
    )
