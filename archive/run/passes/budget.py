"""The free articles of every site during a pass: what may still be asked for, what was spent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from archive.judge.meters import (
    Meter,
    close,
    close_for_a_day,
    describe_spent,
    is_walled,
    learn,
    says_spent,
    stated_spent,
    views_left,
    window_end,
)
from archive.store import Archive
from scraper.model import Access, Source
from scraper.urls import registrable_domain

# Walls in a row, none of which names a meter, that close a metered site.
_WALLS = 2
# For so long after our window has turned, the site's may not have: its clock is that of its own zone.
_TURN = timedelta(days=1)


class Budget:
    """
    What the meters in the archive leave for a pass; the configuration of *sources* goes before what pages state.

    Only pages that are asked for without the reader's subscription come here: with one nothing is counted.
    """

    def __init__(self, archive: Archive, sources: Iterable[Source], now: datetime) -> None:
        self._archive = archive
        self._walls: Counter[str] = Counter()
        self._rules = {registrable_domain(source.home_url): source.meter for source in sources if source.meter}
        archive.configure_meters(self._rules, now)

    def meter(self, site: str) -> Meter | None:
        """The meter of a registrable domain, where one is known."""
        return self._archive.meter(site)

    def views_left(self, site: str, now: datetime) -> int | None:
        """How many articles of a site may still be asked for; None where no bound is known."""
        meter = self.meter(site)
        return views_left(meter, len(self._archive.views(meter, now)), now) if meter else None

    def has_spare_view(self, site: str, now: datetime) -> bool:
        """
        Whether one of the free articles of a site would most likely lapse unread: for a look at one that changed.

        As many are kept as new articles are to be expected until the window turns, but no more than a quarter of all.
        """
        meter = self.meter(site)
        left = self.views_left(site, now)
        if meter is None or left is None:
            return True
        expected = self._archive.entries_a_day(site, now) * (window_end(meter, now) - now) / timedelta(days=1)
        return left > min(expected, (meter.allowance or 0) / 4)

    def describe(self, site: str, now: datetime) -> str:
        """Why nothing is asked for at a site any more, for the reader."""
        meter = self.meter(site) or Meter(site)
        return describe_spent(meter, len(self._archive.views(meter, now)))

    def note_page(self, url: str, access: Access, now: datetime, capture_id: int | None) -> bool:
        """Count a page that came, and learn what it states. Whether it was cut because nothing is left."""
        site = registrable_domain(url)
        meter = learn(self.meter(site), site, access, self._rules.get(site))
        if meter is None:
            return False
        self._archive.save_meter(meter, now, before_capture=capture_id)
        is_cut, is_spent, allowance = is_walled(access), says_spent(access), meter.allowance or 0
        views = self._archive.views(meter, now)
        # The site's window may turn later than ours, whose months are in UTC: what it says then is of the one before.
        may_be_earlier = is_spent and not views and bool(self._archive.views(meter, now - _TURN))
        viewed: list[str | None] = [] if is_cut else [url]
        # The site may have counted views of the reader, or of a pass before anybody knew of the meter.
        counted = allowance if is_spent else min(stated_spent(access.numbers), allowance)
        others = 0 if may_be_earlier else max(0, counted - len(viewed) - len(views))
        self._archive.count_views(meter, viewed + [None] * others, now)
        self._walls[site] = self._walls[site] + 1 if is_cut else 0
        if is_spent and not may_be_earlier:
            self._archive.save_meter(close(meter, self._archive.views(meter, now), now), now)
        elif may_be_earlier or (self._walls[site] >= _WALLS and not access.numbers.remaining):
            self._archive.save_meter(close_for_a_day(meter, now), now)
        return is_spent
