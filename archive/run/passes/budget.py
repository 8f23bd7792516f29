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

# Walls in a row, none of which names a meter, that close a metered site: one article may be for
# subscribers only.
_WALLS = 2
# Of the free articles, what is spent at most on second looks: the others are for what is new.
_SPARE_SHARE = 1 / 4
# For so long after our window has turned, the site's may not have: its clock is that of its own
# zone.
_TURN = timedelta(days=1)


class Budget:
    """
    What the meters in the archive leave for a pass; the configuration of *sources* goes before what
    pages state.

    Only pages that are asked for without the reader's subscription come here: with one nothing is
    counted.
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
        Whether one of the free articles of a site would most likely lapse unread: for a look at one
        that changed.

        As many are kept as new articles are to be expected until the window turns, but no more than
        a quarter of all.
        """
        meter = self.meter(site)
        left = self.views_left(site, now)
        if meter is None or left is None:
            return True
        expected = self._archive.entries_a_day(site, now) * (window_end(meter, now) - now) / timedelta(days=1)
        return left > min(expected, (meter.allowance or 0) * _SPARE_SHARE)

    def describe(self, site: str, now: datetime) -> str:
        """Why nothing is asked for at a site any more, for the reader."""
        meter = self.meter(site) or Meter(site)
        return describe_spent(meter, len(self._archive.views(meter, now)))

    def note_page(self, url: str, access: Access, now: datetime, capture_id: int | None) -> bool:
        """
        Count a page that came, and learn what it states. Whether it was cut because nothing is
        left.
        """
        site = registrable_domain(url)
        meter = learn(self.meter(site), site, access, self._rules.get(site))
        if meter is None:
            return False
        archive, is_cut, is_spent = self._archive, is_walled(access), says_spent(access)
        archive.save_meter(meter, now, before_capture=capture_id)
        may_be_earlier = is_spent and self._may_speak_of_earlier(meter, now)
        self._count(meter, None if is_cut else url, access, now, may_be_earlier=may_be_earlier)
        self._walls[site] = self._walls[site] + 1 if is_cut else 0
        if is_spent and not may_be_earlier:
            archive.save_meter(close(meter, archive.views(meter, now), now), now)
        elif may_be_earlier or (self._walls[site] >= _WALLS and not access.numbers.remaining):
            archive.save_meter(close_for_a_day(meter, now), now)
        return is_spent

    def _may_speak_of_earlier(self, meter: Meter, now: datetime) -> bool:
        """
        Whether a site that says its articles are spent may mean the window before ours.

        The site's window may turn later than ours, whose months are in UTC.
        """
        return not self._archive.views(meter, now) and bool(self._archive.views(meter, now - _TURN))

    def _count(self, meter: Meter, url: str | None, access: Access, now: datetime, *, may_be_earlier: bool) -> None:
        """
        Count the view of *url*, and those that the site has counted before anybody knew of the
        meter.

        Args:
            url: None where the page was cut: that costs nothing.
            may_be_earlier: What the page states is of the window before; nothing of it counts now.
        """
        viewed = [] if url is None else [url]
        allowance = meter.allowance or 0
        counted = allowance if says_spent(access) else min(stated_spent(access.numbers), allowance)
        missing = 0 if may_be_earlier else max(0, counted - len(viewed) - len(self._archive.views(meter, now)))
        self._archive.count_views(meter, [*viewed, *([None] * missing)], now)
