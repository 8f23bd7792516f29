"""
What the articles of a source teach about its walls: learnt after they came, whoever brought them.

What is new stands in the archive, so a pass that was killed, an import or a re-reading leaves it to
the next one to learn from.
"""

from __future__ import annotations

from dataclasses import replace

from archive.judge.learnt_walls import learn, weigh
from archive.store import Archive


def learn_walls(archive: Archive) -> int:
    """
    Learn from what came since the last time, and judge the newest articles of these sources again;
    how many are judged otherwise now.
    """
    return sum(_learn_of(archive, source) for source in archive.sources_with_new_ends())


def _learn_of(archive: Archive, source: str) -> int:
    """All of one source in one transaction: a kill leaves it to be learnt again."""
    with archive.transaction():
        ends = archive.ends_of(source)
        boxes = learn(ends.values())
        changed = 0
        for article_id, said in archive.said_of_access(source).items():
            end = ends.get(article_id)
            if end is None:
                continue
            access = weigh(end, boxes)
            stored = archive.article(article_id) if (access.status, access.complete, access.cut_by) != said else None
            if stored is not None:
                archive.relabel(stored, replace(stored.article, access=access))
                changed += 1
        archive.save_boxes(source, boxes)
    return changed
