"""
The editions of a window: what each recipient was not told yet.

Which articles these are is for the archive to say; here are the window, how far back it reaches,
and whether an edition that was made before tells the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from archive.edition.build import Telling, build_edition, named
from archive.edition.days import MOST_DAYS, is_whole_day, last_whole_day
from archive.judge.echoes import describe_more, text_of
from archive.judge.wishes import is_withdrawn
from archive.model import (
    FILES,
    Candidates,
    Channel,
    DeliveryState,
    Edition,
    EditionKind,
    Recipient,
    StoredArticle,
    StoredRevision,
    Unseen,
)
from archive.settings import Settings
from archive.store import Archive

_WITHDRAWN = "not to be shown any more, as its publisher wishes (unavailable_after)"
_OLDER = "published long before the first visit to the source: in the archive, not told"
_REPEATS = "they say what an earlier digest told, or what was seen before"
# What was in an edition that is given up stands in the next one, until it is this old: a month
# later it is no news.
_GIVEN_UP_HOLDS = timedelta(days=30)


def make_edition(archive: Archive, settings: Settings, since: datetime, until: datetime, now: datetime) -> Edition:
    """The edition of a window as the files have it, or would have it: looked at, and not kept."""
    editor = Editor(archive, settings, since, until, now)
    had = archive.delivery_of(editor.day, editor.kind, FILES) if editor.kind is EditionKind.NIGHTLY else None
    if had is None:
        return editor.make(FILES)
    return archive.edition(had.edition_id) or editor.make(FILES, beside=had.edition_id)


class Editor:
    """
    Makes the editions of one window: usually one, and one more for each group of readers who were
    told otherwise.
    """

    def __init__(self, archive: Archive, settings: Settings, since: datetime, until: datetime, now: datetime) -> None:
        self.archive = archive
        self.settings = settings
        self.since = since
        self.until = until
        self.now = now
        self._configured = Telling.configured(settings)
        is_whole = until <= now and is_whole_day(since, until, settings.digest.timezone)
        self.kind = EditionKind.NIGHTLY if is_whole else EditionKind.EXTRA
        self.day = (until - timedelta(microseconds=1)).astimezone(ZoneInfo(settings.digest.timezone)).date()
        # Nobody was told anything yet, on other days: the first digest of all has what was seen
        # since passes began.
        # An earlier day that is asked for by name is that day alone.
        is_last = self.day >= last_whole_day(now, settings.digest.timezone)
        self.is_first = is_last and archive.nightly_days(date.min) <= {self.day}

    def make(self, recipient: Recipient, beside: int | None = None) -> Edition:
        """What *recipient* was not told, in the window and since `_look_back`."""
        archive, digest = self.archive, self.settings.digest
        look_back = self._look_back(recipient)
        found = self._candidates(recipient, look_back, beside)
        loaded = {stored.article_id: stored for stored in archive.articles((*found.article_ids, *found.again))}
        mates = tuple(archive.articles(archive.mates(loaded.keys())))
        told = archive.told_revisions((*loaded, *(mate.article_id for mate in mates)), recipient, beside)
        known = _known_texts((*loaded.values(), *mates), told, min(self.since, look_back))
        news = {article_id: more for article_id in found.again if (more := _find_news(loaded[article_id], known))}
        repeats = [loaded[article_id] for article_id in found.again if article_id not in news]
        ids = (*found.article_ids, *news)
        asked = [loaded[article_id] for article_id in ids]
        withdrawn = [stored for stored in asked if is_withdrawn(stored.limits, self.now)]
        telling = replace(
            self._configured,
            revised_ids=told.keys() & {*found.article_ids},
            news=news,
            alerts=archive.lead_alerts(ids),
            followed=archive.followed_among(ids),
            living=archive.living_stories(ids, self.since),
            beside=self._shown((*mates, *repeats)),
        )
        return build_edition(
            self._shown(asked),
            (*self._unseen(found, withdrawn), *self._repeated(repeats), *_undelivered(archive)),
            telling,
            since=self.since,
            until=self.until,
            timezone=digest.timezone,
            title=digest.title,
            made_at=self.now,
            base_url=digest.base_url,
        )

    def _candidates(self, recipient: Recipient, look_back: datetime, beside: int | None) -> Candidates:
        is_preview = self.kind is EditionKind.EXTRA and recipient.channel is Channel.FILES
        return self.archive.candidates_for_edition(
            self.since,
            self.until,
            recipient,
            now=self.now,
            look_back=look_back,
            given_up_since=None if is_preview else self.until - _GIVEN_UP_HOLDS,
            beside=beside,
        )

    def _shown(self, articles: Iterable[StoredArticle]) -> list[StoredArticle]:
        """Those that may be shown still."""
        return [stored for stored in articles if not is_withdrawn(stored.limits, self.now)]

    def _unseen(self, found: Candidates, withdrawn: Iterable[StoredArticle]) -> tuple[Unseen, ...]:
        """What is not in the edition, and why: what failed, what may not be shown, what is too old."""
        not_shown = Counter(stored.source or "" for stored in withdrawn)
        unseen = (
            *self.archive.failures(self.since, self.until),
            *(Unseen("article", source, _WITHDRAWN, count) for source, count in not_shown.items()),
            *(Unseen("article", source, _OLDER, count, is_left=True) for source, count in found.older.items()),
        )
        return named(unseen, self._configured.titles)

    def _repeated(self, repeats: Iterable[StoredArticle]) -> Iterator[Unseen]:
        """That articles are left out which say what an earlier digest told, and of which source they are."""
        counted = [stored for stored in repeats if stored.first_seen_at >= self.since]
        sources = {stored.source or "" for stored in counted}
        if sources:
            name = min(sources)
            title = self._configured.titles.get(name, name)
            where = title if len(sources) == 1 else f"{len(sources)} sources"
            yield Unseen("article", where, _REPEATS, len(counted), is_left=True)

    def _look_back(self, recipient: Recipient) -> datetime:
        """
        From when on the edition has what no earlier one told: a skipped day's articles are in the
        next one.

        A week at most, and not before a reader was one: who is added later begins with the day.
        Where only other windows are mailed (`--since 24h --mail` every day), one goes on where the
        last one ended.
        """
        week = self.until - timedelta(days=MOST_DAYS)
        told = self.archive.told_span(recipient)
        if self.kind is EditionKind.EXTRA:
            is_series = told is not None and recipient.channel is Channel.MAIL and not told.has_nightly
            return max(told.until, week) if told is not None and is_series else self.since
        if told is None:
            return week if self.is_first else self.since
        return max(told.since, week)

    def keep(self, recipient: Recipient, kept: Mapping[int, Edition]) -> tuple[int, Edition]:
        """
        The edition for *recipient* and its id: one of those that are *kept* already, where it tells
        the same.

        The digest of a day is the same for who was told the same articles so far, also where one
        has changed since: the change is news of the next day. Another window's edition must have
        the same texts.
        """
        edition = self.make(recipient)
        for edition_id, other in kept.items():
            if _told_by(other, self.kind) == _told_by(edition, self.kind):
                return edition_id, other
        return self.archive.record_edition(edition, self.kind), edition

    def kept(self) -> dict[int, Edition]:
        """The editions of this day that were made before."""
        ids = self.archive.editions_of_day(self.day, self.kind)
        return {edition_id: edition for edition_id in ids if (edition := self.archive.edition(edition_id))}

    def file_name(self, edition: Edition) -> str:
        """
        What the files of an edition are called: by the day, other windows also by the time of their
        end.

        A name whose files have an article that is not in this edition is left to them.
        """
        name = edition.day.date().isoformat()
        if self.kind is EditionKind.EXTRA:
            end = min(edition.until, edition.made_at)
            name += f"-{end.astimezone(ZoneInfo(edition.timezone)):%H%M}"
        taken = self.archive.file_names(self.day)
        ids = {item.article_id for item in edition.items}
        number = 1
        while True:
            numbered = name if number == 1 else f"{name}-{number}"
            there, count = taken.get(numbered, (frozenset(), 0))
            if there <= ids and count <= len(ids):
                return numbered
            number += 1


def _told_by(edition: Edition, kind: EditionKind) -> frozenset[tuple[int, int]]:
    is_nightly = kind is EditionKind.NIGHTLY
    return frozenset((item.article_id, 0 if is_nightly else item.revision_id) for item in edition.items)


@dataclass(frozen=True, slots=True)
class _KnownText:
    """An article that an earlier edition had, or could have had, with its texts there."""

    stored: StoredArticle
    texts: tuple[str, ...]


def _known_texts(
    articles: Iterable[StoredArticle], told: Mapping[int, Collection[int]], begin: datetime
) -> tuple[_KnownText, ...]:
    """What was told, and what was seen before *begin*, from when on an edition tells."""

    def revisions(stored: StoredArticle) -> Iterator[StoredRevision]:
        ids = told.get(stored.article_id)
        for one in stored.revisions:
            if one.revision_id in ids if ids else one.seen_at < begin:
                yield one

    texts = ((stored, tuple(text_of(one.blocks) for one in revisions(stored))) for stored in articles)
    return tuple(_KnownText(stored, found) for stored, found in texts if found)


def _find_news(stored: StoredArticle, known: Iterable[_KnownText]) -> str:
    """What an article brings that is not known of its report, for the reader; "" for nothing."""
    earlier = [one for one in known if _is_other_of_report(one.stored, stored)]
    open_ones = [one for one in earlier if not one.stored.private]
    if _is_whole(stored) and not any(_is_whole(one.stored) for one in open_ones):
        return "the whole text"
    if more := _new_cves(stored, earlier):
        return f"names {', '.join(more)}"
    return describe_more(text_of(stored.article.blocks), chain.from_iterable(one.texts for one in open_ones))


def _is_other_of_report(one: StoredArticle, stored: StoredArticle) -> bool:
    return one.report_id == stored.report_id and one is not stored


def _new_cves(stored: StoredArticle, earlier: Iterable[_KnownText]) -> list[str]:
    named = {cve for one in earlier for cve in one.stored.article.cves}
    return [cve for cve in stored.article.cves if cve not in named]


def _is_whole(stored: StoredArticle) -> bool:
    return stored.article.access.complete is not False


def _undelivered(archive: Archive) -> tuple[Unseen, ...]:
    """That others got no mail, without their addresses: a digest goes to every reader."""
    waiting = archive.deliveries(DeliveryState.PENDING, Channel.MAIL)
    failed = [one for one in (*waiting, *archive.given_up()) if one.last_error and one.channel is Channel.MAIL]
    readers = {one.target for one in failed}
    if not readers:
        return ()
    where = "1 reader" if len(readers) == 1 else f"{len(readers)} readers"
    return (Unseen("digest by mail", where, "not delivered so far (presswatch check says why)", len(failed)),)
