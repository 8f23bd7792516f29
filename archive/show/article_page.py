"""What the page of one article shows, beside the text itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from markupsafe import Markup

from archive.judge.diff import BlockChange, diff_blocks
from archive.judge.walls import describe_periods, describe_price
from archive.model import DuplicateKind, StoredArticle, StoredDuplicate, StoredRevision
from archive.show.times import local_time
from scraper.model import BODY_ROLES, Access, AccessStatus, LabelledBlock, MeterNumbers, Role

# What a chip says.
STATUS_WORDS: dict[str, str] = {
    AccessStatus.FREE: "free",
    AccessStatus.REGISTRATION: "registration",
    AccessStatus.METERED: "metered",
    AccessStatus.PREVIEW: "preview only",
    AccessStatus.FULL_SUBSCRIBER: "subscribers",
    AccessStatus.UNKNOWN: "access unknown",
}
_STATUS_SENTENCES = {
    AccessStatus.FREE: "Free to read.",
    AccessStatus.REGISTRATION: "Readers must register.",
    AccessStatus.METERED: "Readers have a number of free articles.",
    AccessStatus.PREVIEW: "Only a preview is shown without a subscription.",
    AccessStatus.FULL_SUBSCRIBER: "For subscribers, though the page says so only.",
    AccessStatus.UNKNOWN: "The page does not say who may read it.",
}
# Roles whose changes are of the page, not of the article.
_QUIET_ROLES = frozenset({Role.NAV, Role.OTHER, Role.COMMENT, Role.RELATED, Role.PROMO, Role.NEWSLETTER})


@dataclass(frozen=True, slots=True)
class RevisionChanges:
    """A revision, and what is different from the one before it; nothing for the first one."""

    revision: StoredRevision
    changes: tuple[BlockChange, ...]


def find_changes(stored: StoredArticle) -> tuple[RevisionChanges, ...]:
    """Every revision with what it changed, newest first."""
    first = [RevisionChanges(revision, ()) for revision in stored.revisions[:1]]
    later = [
        RevisionChanges(
            new, tuple(change for change in diff_blocks(old.blocks, new.blocks) if change.role not in _QUIET_ROLES)
        )
        for old, new in pairwise(stored.revisions)
    ]
    return tuple(reversed(first + later))


def find_asides(blocks: Sequence[LabelledBlock]) -> tuple[LabelledBlock, ...]:
    """Every block that is no part of the text, in reading order."""
    return tuple(block for block in blocks if block.role not in BODY_ROLES)


def describe_access(access: Access) -> tuple[str, ...]:
    """
    Who may read the page and what was served, in sentences.

    >>> describe_access(Access(AccessStatus.METERED, complete=False, cut_by="paywall", explanation="A meter is named"))
    ('Readers have a number of free articles.', 'The text was cut short by a paywall.', 'A meter is named.')
    """
    served = {
        True: "The whole text was served.",
        False: f"The text was cut short{_CUTS.get(access.cut_by or '', '')}.",
        None: "Whether the whole text was served cannot be said.",
    }[access.complete]
    explanation = access.explanation.strip()
    if explanation and explanation[-1].isalnum():
        explanation += "."
    return tuple(filter(None, (_STATUS_SENTENCES[access.status], served, explanation)))


_CUTS = {
    "paywall": " by a paywall",
    "registration": " until readers register",
    "pagination": ": the rest is on further pages",
    "script": ": the rest comes only with scripts",
}


def describe_numbers(numbers: MeterNumbers) -> tuple[str, ...]:
    """
    The numbers of a meter or an offer, one a phrase.

    >>> describe_numbers(MeterNumbers(limit=5, remaining=0, prices=(11.0, 4.5), currency="USD", periods=("month",)))
    ('5 free articles', '0 left', 'from $4.50 a month')
    """

    def phrases() -> Iterator[str]:
        if numbers.limit is not None:
            yield f"{numbers.limit} free article{'s' * (numbers.limit != 1)}"
        if numbers.used is not None:
            yield f"{numbers.used} read"
        if numbers.remaining is not None:
            yield f"{numbers.remaining} left"
        if numbers.prices:
            price = describe_price(min(numbers.prices), numbers.currency)
            yield f"{'from ' * (len(numbers.prices) > 1)}{price} {describe_periods(numbers.periods)}".strip()
        elif numbers.periods:
            yield "each " + " or ".join(numbers.periods)

    return tuple(phrases())


def describe_duplicate(other: StoredDuplicate) -> str:
    """How the other article and this one say the same."""
    share = f"{other.similarity:.0%}"
    match other.kind:
        case DuplicateKind.EXACT:
            return "the same text"
        case DuplicateKind.NEAR:
            return f"nearly the same text, {share} in common"
        case DuplicateKind.SAME_EVENT:
            return "another report on the same event"
        case DuplicateKind.QUOTES:
            return "a text that this one quotes" if other.is_subject else "a text that quotes this one"
        case _:
            return (
                f"a longer text that has {share} of this one"
                if other.is_subject
                else f"{share} of it stands in this text"
            )


def render_moment(time: datetime, now: datetime, zone: ZoneInfo) -> Markup:
    """
    A time for a list of what is new: the clock alone on the day of *now*.

    >>> at = datetime(2024, 3, 1, 12, tzinfo=UTC)
    >>> days = (at, at.replace(day=2), at.replace(year=2025))
    >>> [str(render_moment(at, now, ZoneInfo("Europe/Berlin")).striptags()) for now in days]
    ['13:00 CET', '1 Mar, 13:00 CET', '2024-03-01 13:00 CET']
    """
    local, today = local_time(time, zone), local_time(now, zone)
    if local.year != today.year:
        return render_time(time, zone)
    day = "" if local.date() == today.date() else f"{local.day} {local:%b}, "
    return Markup('<time datetime="{:%Y-%m-%dT%H:%M:%SZ}" title="{:%Y-%m-%d %H:%M} UTC">{}{:%H:%M %Z}</time>').format(
        time.astimezone(UTC), time.astimezone(UTC), day, local
    )


def render_time(time: datetime, zone: ZoneInfo, *, in_words: bool = False) -> Markup:
    """
    A time in the reader's zone, with UTC where the pointer rests on it.

    >>> render_time(datetime(2024, 3, 1, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    Markup('<time datetime="2024-03-01T12:00:00Z" title="2024-03-01 12:00 UTC">2024-03-01 13:00 CET</time>')
    """
    universal = time.astimezone(UTC)
    try:
        local = universal.astimezone(zone)
    except OverflowError:  # the first and the last day that a datetime can hold
        local = universal
    shown = f"{local.day} {local:%B %Y, %H:%M %Z}" if in_words else f"{local:%Y-%m-%d %H:%M %Z}"
    return Markup('<time datetime="{:%Y-%m-%dT%H:%M:%SZ}" title="{:%Y-%m-%d %H:%M} UTC">{}</time>').format(
        universal, universal, shown
    )
