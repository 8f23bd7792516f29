"""What is made of articles when all of them came."""

from __future__ import annotations

from archive.run.learn import learn_walls
from archive.run.stories import place_articles
from archive.store import Archive


def settle(archive: Archive, *, has_stories: bool = True) -> None:
    """
    Learn the walls of sites, and place articles into stories.

    Args:
        has_stories: An article is weighed against all of the fourteen days around it. Of hundreds of
            thousands a day that takes longer than all else.
    """
    learn_walls(archive)
    while has_stories and place_articles(archive):
        pass
