"""What is different between two versions of a text, paragraph by paragraph. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from scraper.model import LabelledBlock, Role
from scraper.text import fold

# Two paragraphs that share half of their words are one that was changed: with less in common nobody
# sees one in both.
_LIKE = 0.5
# Words, spaces, marks; letters of scripts without spaces one by one.
_WORD = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+|\s+|[^\w\s]"
)
# A paragraph has fewer; the time grows with their square.
_MOST_WORDS = 2_000


class ChangeKind(StrEnum):
    """What happened to a block."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: *old* is None where text was added, *new* is None where it was removed."""

    old: str | None
    new: str | None

    @property
    def kind(self) -> ChangeKind:
        """What happened, by which side there is."""
        if self.old is None:
            return ChangeKind.ADDED
        return ChangeKind.REMOVED if self.new is None else ChangeKind.CHANGED


@dataclass(frozen=True, slots=True)
class BlockChange:
    """A difference in the blocks of one role."""

    role: Role
    kind: ChangeKind
    old: str | None
    new: str | None


def diff_texts(old: Sequence[str], new: Sequence[str]) -> tuple[Change, ...]:
    """
    The differences between two lists of paragraphs, in reading order.

    Paragraphs are equal when they are after `fold`: white space, quotation marks and case do not
    count.

    >>> diff_texts(["One.", "Two men were held."], ["“One”", "Three men were held.", "More soon."])
    (Change(old='Two men were held.', new='Three men were held.'), Change(old=None, new='More soon.'))
    """
    matcher = SequenceMatcher(None, [fold(text) for text in old], [fold(text) for text in new], autojunk=False)
    return tuple(
        change
        for tag, i, i_end, j, j_end in matcher.get_opcodes()
        if tag != "equal"
        for change in _pair(old[i:i_end], new[j:j_end])
    )


def _pair(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Each old paragraph with the new one it became, where there is one like it further on."""
    start = 0
    for text in old:
        best = max(range(start, len(new)), key=lambda at: _likeness(text, new[at]), default=None)
        if best is None or _likeness(text, new[best]) < _LIKE:
            yield Change(text, None)
            continue
        yield from (Change(None, added) for added in new[start:best])
        yield Change(text, new[best])
        start = best + 1
    yield from (Change(None, added) for added in new[start:])


def _likeness(one: str, other: str) -> float:
    """Shared words, 0 to 1 (Dice); order does not count, which keeps long rewrites quick."""
    words, other_words = set(fold(one).split()), set(fold(other).split())
    return 2 * len(words & other_words) / (len(words) + len(other_words) or 1)


def diff_blocks(old: Sequence[LabelledBlock], new: Sequence[LabelledBlock]) -> tuple[BlockChange, ...]:
    """The differences between two revisions by role, in the order in which `Role` names them."""
    changes = []
    for role in Role:
        before = [block.text for block in old if block.role is role]
        after = [block.text for block in new if block.role is role]
        found = diff_texts(before, after)
        # Where there is one of a kind (a headline), the new one took the place of the old one,
        # however different.
        if found and len(before) == len(after) == 1:
            found = (Change(before[0], after[0]),)
        changes += [BlockChange(role, change.kind, change.old, change.new) for change in found]
    return tuple(changes)


def describe_changes(old: str, new: str) -> str:
    r"""
    What is different between two bodies, for the reader; "" when nothing is.

    >>> describe_changes("It rained.\n\nTwo roads are shut.", "It rained.\n\nTwo bridges are shut.\n\nMore soon.")
    '1 paragraph added, 1 changed'
    """
    kinds = [change.kind for change in diff_texts(_paragraphs(old), _paragraphs(new))]
    counts = [(kind, kinds.count(kind)) for kind in ChangeKind if kind in kinds]
    parts = [f"{count} {kind}" for kind, count in counts]
    if parts:
        kind, count = counts[0]
        parts[0] = f"{count} paragraph{'s' * (count != 1)} {kind}"
    return ", ".join(parts)


class PieceKind(StrEnum):
    """What became of some words of a text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


def diff_words(old: str, new: str) -> tuple[tuple[PieceKind, str], ...]:
    """
    The differences between two texts, word by word; of scripts without spaces, character by
    character. The kept and the removed pieces are the old text, the kept and the added ones the new.

    >>> [f"{kind}: {text}" for kind, text in diff_words("Two men were held.", "Three men were held.")]
    ['removed: Two', 'added: Three', 'kept:  men were held.']
    """
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > _MOST_WORDS:
        return (PieceKind.REMOVED, old), (PieceKind.ADDED, new)
    pieces = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append((PieceKind.KEPT, "".join(before[i:i_end])))
            continue
        pieces.append((PieceKind.REMOVED, "".join(before[i:i_end])))
        pieces.append((PieceKind.ADDED, "".join(after[j:j_end])))
    return tuple((kind, text) for kind, text in pieces if text)


def _paragraphs(body: str) -> list[str]:
    return [paragraph for paragraph in body.split("\n\n") if paragraph.strip()]
