"""Which texts tell of one event, where no archive has put them into stories. Pure, and for any language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archive.judge.stories.grouping import Window, group_reports
from archive.judge.stories.likeness import Report
from scraper.read.words.language import find_language


def group_stories(
    texts: Sequence[tuple[str, str]], together: Iterable[tuple[int, int]] = ()
) -> tuple[tuple[int, ...], ...]:
    """
    The positions of *texts*, one tuple a story, in the order in which stories begin.

    Args:
        texts: (headline, body) pairs; in which language each is, is told by its words.
        together: Pairs of positions that are one report whatever their words say.
    """
    reports = [Report(headline, body, find_language(None, f"{headline}\n{body}")) for headline, body in texts]
    return group_reports(Window(reports, together))
