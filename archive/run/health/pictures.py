"""Whether the pictures of articles come, where they are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive.run.health.finding import Finding
from archive.settings import Settings
from archive.store import Archive

_SHOWN = timedelta(days=7)


def check_pictures(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
    """
    How the pictures of the last week did. Single ones are refused or gone everywhere; that none came
    is not well.
    """
    if not settings.pictures.keep:
        return []
    counts = archive.picture_counts(now - _SHOWN)
    detail = f"{counts.kept} came in the last week, {counts.waiting} wait, {counts.lost} given up"
    if counts.why:
        detail += f", the latest: {counts.why}"
    return [Finding("pictures", is_well=counts.kept > 0 or not counts.lost, detail=detail)]
