"""What is made of articles when all of them came."""

from __future__ import annotations

from archive.run.learn import learn_walls
from archive.run.stories import place_articles
from archive.store import Archive


def settle(archive: Archive) -> None:
    """Learn the walls of sites, and place articles into stories."""
    learn_walls(archive)
    while place_articles(archive):
        pass
