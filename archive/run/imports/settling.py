"""What is made of articles when all of them came."""

from __future__ import annotations

from collections.abc import Callable

from archive.run.learn import learn_walls
from archive.run.stories import place_articles
from archive.store import Archive

# To find those that are in no story, all articles of the archive are passed by.
_MOST = 100_000


def settle(
    archive: Archive,
    *,
    has_stories: bool = True,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> None:
    """
    Learn the walls of sites, and place articles into stories.

    Args:
        on_progress: Told how many articles are placed, of how many of these.
    """
    learn_walls(archive)
    while has_stories and place_articles(archive, _MOST, on_progress):
        pass
