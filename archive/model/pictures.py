"""Pictures of articles."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """
    A picture that is kept.

    Args:
        media_type: By its bytes, not by what its server said.
        file, offset: Where its response lies, in a WARC file.
    """

    media_type: str
    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class PictureCounts:
    """
    How the pictures of articles do.

    Args:
        waiting: They are still to be asked for.
        kept, lost: In a span of time: those that came, and those that were given up.
        why: Of the latest of the lost; None where there are none.
    """

    waiting: int
    kept: int
    lost: int
    why: str | None
