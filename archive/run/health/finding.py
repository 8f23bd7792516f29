"""What `presswatch check` finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    is_well: bool
    detail: str


def minute(at: datetime) -> str:
    """A time for the reader."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
