"""What of an edition is told in full, and what in a line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from archive.model import Story

MOST_WHOLE = 10
"""So many stories are told in full: what is read in some minutes. The others have a line each."""
_OTHER, _BRIEF = "other", "in brief"
# Of the parts that are their owner's alone: by which the contents lead to it, and its name.
_ALERTS, _FOLLOWED = ("alerts", "alerts"), ("follows", "followed")


@dataclass(frozen=True, slots=True)
class Part:
    """
    A part of a digest.

    Args:
        key: By which the contents lead to it.
        whole: Stories in full.
        brief: Stories in a line each, by section; "" where that need not be said.
    """

    key: str
    name: str
    whole: tuple[Story, ...] = ()
    brief: tuple[tuple[str, tuple[Story, ...]], ...] = ()

    @property
    def count(self) -> int:
        """How many stories it has."""
        return len(self.whole) + sum(len(stories) for _, stories in self.brief)


def lay_out(stories: Iterable[Story], most_whole: int = MOST_WHOLE) -> tuple[Part, ...]:
    """
    The parts of a digest: what alerts put first, what its owner follows, then the first stories in
    full by the section of their lead, then the others. No story is in two of them.

    Args:
        stories: In their order.
        most_whole: Of those that alerts put first, of those that are followed, and of the others.
    """
    stories = tuple(stories)
    alerted = tuple(story for story in stories if story.alerts)
    followed = tuple(story for story in stories if story.is_followed and not story.alerts)
    others = tuple(story for story in stories if not story.is_followed and not story.alerts)
    parts = []
    for (key, name), own in ((_ALERTS, alerted), (_FOLLOWED, followed)):
        if own:
            brief = (("", own[most_whole:]),) if own[most_whole:] else ()
            parts.append(Part(key, name, own[:most_whole], brief))
    for number, (name, members) in enumerate(_by_section(others[:most_whole]), 1):
        parts.append(Part(f"part{number}", name, members))
    if rest := others[most_whole:]:
        sections = _by_section(rest)
        parts.append(Part("brief", _BRIEF, brief=sections if len(sections) > 1 else (("", rest),)))
    return tuple(parts)


def shorten(parts: Sequence[Part], most_lines: int) -> tuple[tuple[Part, ...], int]:
    """The parts with so many lines, the first ones, and how many stories that leaves out."""
    kept, left = [], 0
    for part in parts:
        brief = []
        for name, stories in part.brief:
            shown = stories[: max(most_lines, 0)]
            most_lines -= len(shown)
            left += len(stories) - len(shown)
            if shown:
                brief.append((name, shown))
        if part.whole or brief:
            kept.append(replace(part, brief=tuple(brief)))
    return tuple(kept), left


def _by_section(stories: Iterable[Story]) -> tuple[tuple[str, tuple[Story, ...]], ...]:
    """
    Stories by the section of their lead, in the order in which sections come up; what has none
    comes last.
    """
    sections: dict[str, list[Story]] = {}
    for story in stories:
        sections.setdefault(story.lead.section or _OTHER, []).append(story)
    ordered = sorted(sections.items(), key=lambda section: section[0] == _OTHER)
    return tuple((name, tuple(members)) for name, members in ordered)
