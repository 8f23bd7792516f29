"""
The archive: every SQL statement of presswatch that reads or writes rows.

    archive = Archive.open(path, write=True)      one writer at a time, any number of readers
    archive.record_entries(…)                     what was found
    archive.known_for(…)                          what a decision needs to know
    archive.apply(decision, …)                    carry it out, all of it or nothing

Records go in and come out, never rows. Times are aware datetimes in UTC; they are stored to
the second as "2024-03-01T12:00:00Z", one form for all, so that the order of the text is the order
of time. What SQLite complains about becomes an `ArchiveError`, here and nowhere else.
"""

from __future__ import annotations

from archive.store.alerts.hits import AlertHits
from archive.store.alerts.outbox import Outbox
from archive.store.articles.news import News
from archive.store.articles.overviews import Overviews
from archive.store.articles.reading import Articles
from archive.store.articles.search import Search
from archive.store.articles.writing import Decisions
from archive.store.captures.imports import ImportedFiles
from archive.store.captures.pictures import Pictures
from archive.store.captures.readings import Readings
from archive.store.captures.rows import Captures
from archive.store.care import Care
from archive.store.editions.deliveries import Deliveries
from archive.store.editions.kept import Editions
from archive.store.editions.periods import Periods
from archive.store.editions.told import Told
from archive.store.editions.unseen import NotSeen
from archive.store.ends import TextEnds
from archive.store.entries.found import FoundEntries
from archive.store.entries.frontier import Frontier
from archive.store.entries.outcomes import Outcomes
from archive.store.hosts import Hosts
from archive.store.listings import WatchedListings
from archive.store.meters import Meters
from archive.store.stories import Stories
from archive.store.walls import Walls
from archive.store.watching import Watching
from archive.store.wishes import Rights

__all__ = ["Archive"]


class Archive(
    Watching,
    WatchedListings,
    FoundEntries,
    Frontier,
    Outcomes,
    Hosts,
    Decisions,
    Told,
    Editions,
    Deliveries,
    NotSeen,
    Periods,
    Articles,
    Search,
    News,
    Captures,
    Pictures,
    ImportedFiles,
    Readings,
    Care,
    Meters,
    Rights,
    Walls,
    TextEnds,
    Stories,
    AlertHits,
    Outbox,
    Overviews,
):
    """
    One open archive. Use as a context manager; made by `Archive.open`.

    A connection belongs to the thread that opened it. Methods that write do so in one
    transaction each; within `transaction` several of them commit together.
    """
