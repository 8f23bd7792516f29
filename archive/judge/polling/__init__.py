"""
When a listing is asked for again, learnt from how often it has news: facts to verdict.

    schedule of the source ─► the shortest wait
    quiet for long         ─► a quarter of the silence, up to four times the schedule or a day
    ttl, max-age           ─► believed within the same bound
    skipHours, skipDays    ─► put off until they are over, by three days at most

A crontab line names the reader's own hours: nothing is put off there. Sitemaps of an index are
chosen among each other: those that changed, those that bring news, and, by turns, all others.
"""

from __future__ import annotations

from archive.judge.polling.children import choose_children, dated_as, with_children
from archive.judge.polling.known import KnownListing
from archive.judge.polling.news import (
    dates_in,
    describe_quiet,
    is_quiet,
    newest_date,
    newest_entries,
    usual_span,
    with_usual,
)
from archive.judge.polling.turns import is_distrusted, is_full_turn, is_put_off, longest_wait, next_visit
from archive.judge.polling.visits import Sight, after_visit

__all__ = [
    "KnownListing",
    "Sight",
    "after_visit",
    "choose_children",
    "dated_as",
    "dates_in",
    "describe_quiet",
    "is_distrusted",
    "is_full_turn",
    "is_put_off",
    "is_quiet",
    "longest_wait",
    "newest_date",
    "newest_entries",
    "next_visit",
    "usual_span",
    "with_children",
    "with_usual",
]
