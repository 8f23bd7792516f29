"""
A digest, from the archive to files and mail.

    window ─► what each recipient was not told ─► edition ─► deliveries that wait ─► files, mail
                                                                  ▲                      │
                                                                  └── later passes ◄── refused

An edition and its deliveries are rows before anything is written or sent, and an edition is kept as it was made. So
whatever fails or is killed is done later, with the same text: by every pass, and by the next digest. docs/design.md
("Told means delivered") says what is promised.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from archive.edition.build import (
    build_edition,
    is_whole_day,
    last_whole_day,
    whole_days,
    window_of_day,
    without_articles,
)
from archive.edition.deliver import (
    LONGEST_RUN,
    MailBody,
    MailRun,
    Refusal,
    build_mail,
    render_mail,
    write_files,
    write_mail,
)
from archive.judge.wishes import is_withdrawn
from archive.model import FILES, Channel, Delivery, DeliveryState, Edition, EditionKind, Recipient, Unseen
from archive.settings import MailSettings, Settings
from archive.store import Archive
from scraper.errors import DeliveryError

MOST_DAYS = 7
"""So many days back a digest has what no earlier one told, and missed digests are made."""

_WITHDRAWN = "not to be shown any more, as its publisher wishes (unavailable_after)"
_OLDER = "published long before the first visit to the source: in the archive, not told"
_REPEATS = "they say what an earlier digest told"
# What was in an edition that is given up stands in the next one, until it is this old.
_GIVEN_UP_HOLDS = timedelta(days=30)
_GIVEN_UP_AFTER = timedelta(days=5)
_REFUSED_FOR_GOOD_AFTER = timedelta(days=3)
_SECOND_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=3)
_WAIT_OF_REFUSED = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Delivered:
    """
    What came of delivering what waited.

    Args:
        files: What was written.
        mailed: The readers who got a mail, each as often as he got one.
        problems: What was not delivered, a sentence each.
        left_count: Mails that were not tried, because the time was over.
    """

    files: tuple[Path, ...] = ()
    mailed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    left_count: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    """
    What came of making a digest.

    Args:
        skipped: Readers who had this day's mail already.
        delivered: Also what waited from earlier digests.
    """

    edition: Edition
    files: tuple[Path, ...]
    skipped: tuple[str, ...] = ()
    delivered: Delivered = Delivered()

    @property
    def mailed(self) -> tuple[str, ...]:
        """The readers who got a mail."""
        return self.delivered.mailed

    @property
    def problems(self) -> tuple[str, ...]:
        """What was not delivered, a sentence each."""
        return self.delivered.problems


# ---------------------------------------------------------------- editions


def make_edition(archive: Archive, settings: Settings, since: datetime, until: datetime, now: datetime) -> Edition:
    """The edition of a window as the files have it, or would have it: looked at, and not kept."""
    editor = _Editor(archive, settings, since, until, now)
    had = archive.delivery_of(editor.day, editor.kind, FILES) if editor.kind is EditionKind.NIGHTLY else None
    if had is None:
        return editor.make(FILES)
    return archive.edition(had.edition_id) or editor.make(FILES, beside=had.edition_id)


class _Editor:
    """Makes the editions of one window: usually one, and one more for each group of readers who were told otherwise."""

    def __init__(self, archive: Archive, settings: Settings, since: datetime, until: datetime, now: datetime) -> None:
        self.archive = archive
        self.settings = settings
        self.since = since
        self.until = until
        self.now = now
        is_whole = until <= now and is_whole_day(since, until, settings.digest.timezone)
        self.kind = EditionKind.NIGHTLY if is_whole else EditionKind.EXTRA
        self.day = (until - timedelta(microseconds=1)).astimezone(ZoneInfo(settings.digest.timezone)).date()
        # Nobody was told anything yet, on other days: the first digest of all has what was seen since passes began.
        self.is_first = archive.nightly_days(date.min) <= {self.day}

    def make(self, recipient: Recipient, beside: int | None = None) -> Edition:
        """What *recipient* was not told, in the window and since `_look_back`."""
        archive, settings = self.archive, self.settings
        look_back = self._look_back(recipient)
        is_preview = self.kind is EditionKind.EXTRA and recipient.channel is Channel.FILES
        found = archive.candidates_for_edition(
            self.since,
            self.until,
            recipient,
            now=self.now,
            look_back=look_back,
            given_up_since=None if is_preview else self.until - _GIVEN_UP_HOLDS,
            beside=beside,
        )
        stored_articles = tuple(archive.articles(found.article_ids))
        articles = tuple(stored for stored in stored_articles if not is_withdrawn(stored.limits, self.now))
        withdrawn = Counter(stored.source or "" for stored in stored_articles if is_withdrawn(stored.limits, self.now))
        titles = {source.name: source.title for source in settings.sources}
        repeats = {stored.source for stored in archive.articles(found.repeats)}
        unseen = (
            *archive.failures(self.since, self.until),
            *(Unseen("article", source, _WITHDRAWN, count) for source, count in withdrawn.items()),
            *(Unseen("article", source, _OLDER, count, is_left=True) for source, count in found.older.items()),
        )
        said_before = Unseen(
            "article",
            titles.get(next(iter(repeats)) or "", "") if len(repeats) == 1 else f"{len(repeats)} sources",
            _REPEATS,
            len(found.repeats),
            is_left=True,
        )
        return build_edition(
            articles,
            (
                *(replace(one, where=titles.get(one.where, one.where)) for one in unseen),
                *((said_before,) if repeats else ()),
                *_undelivered(archive),
            ),
            since=self.since,
            until=self.until,
            timezone=settings.digest.timezone,
            title=settings.digest.title,
            made_at=self.now,
            revised_ids=archive.told_articles(found.article_ids, recipient, beside),
            source_titles=titles,
            sections={source.name: source.section for source in settings.sources if source.section},
        )

    def _look_back(self, recipient: Recipient) -> datetime:
        """
        From when on the edition has what no earlier one told: a skipped day's articles are in the next one.

        A week at most, and not before a reader was one: who is added later begins with the day. Where only other
        windows are mailed (`--since 24h --mail` every day), one goes on where the last one ended.
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
        The edition for *recipient* and its id: one of those that are *kept* already, where it tells the same.

        The digest of a day is the same for who was told the same articles so far, also where one has changed since:
        the change is news of the next day. Another window's edition must have the same texts.
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
        What the files of an edition are called: by the day, other windows also by the time of their end.

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


def _undelivered(archive: Archive) -> tuple[Unseen, ...]:
    """That others got no mail, without their addresses: a digest goes to every reader."""
    waiting = archive.deliveries(DeliveryState.PENDING, Channel.MAIL)
    failed = [one for one in (*waiting, *archive.given_up()) if one.last_error and one.channel is Channel.MAIL]
    readers = {one.target for one in failed}
    if not readers:
        return ()
    where = "1 reader" if len(readers) == 1 else f"{len(readers)} readers"
    return (Unseen("digest by mail", where, "not delivered so far (presswatch check says why)", len(failed)),)


# ---------------------------------------------------------------- making


def publish(
    archive: Archive,
    settings: Settings,
    since: datetime,
    until: datetime,
    now: datetime,
    *,
    mail: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Published:
    """
    Make the edition of a window, keep it, write its files, and mail it; what waits from earlier goes out as well.

    A day's digest is made once: asked for again it is the one that was made. A reader gets one mail for a day, and one
    more where `--since` asks for it; where such a one still waits, that is sent and no other.
    """
    prepared = _prepare(archive, settings, since, until, now, mail=mail)
    delivered = deliver_waiting(archive, settings, now, is_asked=True, environ=environ)
    return _published(prepared, delivered)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An edition that waits for its deliveries. *name*: of its files, without suffix."""

    edition: Edition
    name: str
    skipped: tuple[str, ...]


def _prepare(
    archive: Archive, settings: Settings, since: datetime, until: datetime, now: datetime, *, mail: bool
) -> _Prepared:
    """The edition of a window, kept with all its deliveries or not at all; nothing is written or sent yet."""
    editor = _Editor(archive, settings, since, until, now)
    skipped: list[str] = []
    editions: dict[tuple[tuple[int, str], ...], int] = {}  # who was told the same so far is told the same now
    with archive.transaction():
        kept = editor.kept()
        edition_id, edition = _edition_for_files(archive, editor, kept)
        kept[edition_id] = edition
        readers = settings.mail.readers if mail and settings.mail is not None else ()
        for reader in readers:
            recipient = Recipient(Channel.MAIL, reader)
            had = archive.delivery_of(editor.day, editor.kind, recipient)
            if had is None and not _is_told_by_waiting(archive, editor, recipient):
                history = archive.history_of(recipient)
                if history not in editions:
                    own_id, own = editor.keep(recipient, kept)
                    kept[own_id] = own
                    editions[history] = own_id
                archive.add_delivery(editions[history], Channel.MAIL, reader, now)
            elif had is not None and had.state is DeliveryState.SENT:
                skipped.append(reader)
        name = _name_of_files(archive, editor, edition_id, edition, now)
    return _Prepared(edition, name, tuple(skipped))


def _published(prepared: _Prepared, delivered: Delivered) -> Published:
    files = tuple(path for path in delivered.files if path.name.removesuffix(path.suffix) == prepared.name)
    return Published(prepared.edition, files, prepared.skipped, delivered)


def _edition_for_files(archive: Archive, editor: _Editor, kept: Mapping[int, Edition]) -> tuple[int, Edition]:
    had = archive.delivery_of(editor.day, editor.kind, FILES)
    if editor.kind is EditionKind.NIGHTLY and had is not None:
        if had.edition_id in kept:
            return had.edition_id, kept[had.edition_id]
        # It was made before editions were kept, or retention has taken articles of it.
        edition = editor.make(FILES, beside=had.edition_id)
        return archive.record_edition(edition, editor.kind), edition
    return editor.keep(FILES, kept)


def _name_of_files(archive: Archive, editor: _Editor, edition_id: int, edition: Edition, now: datetime) -> str:
    """The name of an edition's files, which wait to be written; also those that were written once."""
    name = archive.file_name_of(edition_id) or editor.file_name(edition)
    archive.add_delivery(edition_id, Channel.FILES, name, now)
    archive.write_again(edition_id)
    return name


def _is_told_by_waiting(archive: Archive, editor: _Editor, recipient: Recipient) -> bool:
    """Whether another `--since` edition still waits for a reader, and there is nothing to tell that is not in it."""
    if editor.kind is not EditionKind.EXTRA:
        return False
    waiting = archive.deliveries(DeliveryState.PENDING, Channel.MAIL)
    is_waiting = any(one.target == recipient.target and one.kind is EditionKind.EXTRA for one in waiting)
    return is_waiting and not editor.make(recipient).items


def days_to_make(archive: Archive, settings: Settings, now: datetime) -> tuple[date, ...]:
    """
    The whole days whose digest is due and was not made, at most a week of them, the oldest first.

    Days before the first article need none, except the last day: its digest says that nothing came. That day's is also
    due where it was made and a reader was not addressed.
    """
    timezone, at = settings.digest.timezone, settings.digest.at
    days = [day for day in whole_days(now, timezone, MOST_DAYS) if due_at(day, at, timezone) <= now]
    made = archive.nightly_days(min(days, default=now.date()))
    first = archive.first_seen_at()
    first_day = first.astimezone(ZoneInfo(timezone)).date() if first else date.max
    last = last_whole_day(now, timezone)
    readers = settings.mail.readers if settings.mail and first_day <= last else ()
    recipients = [Recipient(Channel.MAIL, reader) for reader in readers]
    if any(archive.delivery_of(last, EditionKind.NIGHTLY, recipient) is None for recipient in recipients):
        made -= {last}
    return tuple(day for day in reversed(days) if day not in made and (day == last or day >= first_day))


def due_at(day: date, at: time, timezone: str) -> datetime:
    """When the digest of a local day is made: at that time of the next day, UTC."""
    _, until = window_of_day(day, timezone)
    zone = ZoneInfo(timezone)
    return datetime.combine(until.astimezone(zone).date(), at, zone).astimezone(until.tzinfo)


def make_due(
    archive: Archive, settings: Settings, now: datetime, *, environ: Mapping[str, str] = os.environ
) -> tuple[Published, ...]:
    """
    The digests that are due and were not made, with their mail, all in one go: what came of that is in each of them.

    An archive without an article mails nothing.
    """
    mail = settings.mail is not None and archive.first_seen_at() is not None
    prepared = [
        _prepare(archive, settings, *window_of_day(day, settings.digest.timezone), now, mail=mail)
        for day in days_to_make(archive, settings, now)
    ]
    if not prepared:
        return ()
    delivered = deliver_waiting(archive, settings, now, is_asked=True, environ=environ)
    return tuple(_published(one, delivered) for one in prepared)


# ---------------------------------------------------------------- delivering


def deliver_waiting(
    archive: Archive,
    settings: Settings,
    now: datetime,
    *,
    is_asked: bool = False,
    environ: Mapping[str, str] = os.environ,
    longest: timedelta = LONGEST_RUN,
) -> Delivered:
    """
    Write and send what waits. For each pass, and within each digest; it never raises for what cannot be delivered.

    A mail that failed waits a little longer after each try, and is given up after days: see `_after_refusal`. Where the
    server itself is the trouble, the others are not tried. Each success is noted before the next mail is sent: who is
    killed in between sends that one mail again, with the same Message-ID.

    Args:
        is_asked: Somebody runs a digest: what waits for its next try is tried at once.
        longest: Mails that are not sent by then wait for the next time.
    """
    files: list[Path] = []
    problems: list[str] = []
    for one in _waiting(archive, Channel.FILES, now, is_asked=is_asked):
        edition = _edition_of(archive, one, now)
        if edition is None:
            continue
        try:
            files.extend(write_files(edition, settings.digest.folder, settings.digest.formats, one.target))
            archive.note_delivered(one.delivery_id, now)
        except DeliveryError as error:
            archive.note_undelivered(one.delivery_id, str(error), _after_refusal(one, Refusal(str(error)), now))
            problems.append(str(error))
    mailed: list[str] = []
    left_count = 0
    if settings.mail is not None:
        waiting = _waiting(archive, Channel.MAIL, now, is_asked=is_asked, readers=settings.mail.readers)
        password = environ.get(settings.mail.password_env) if settings.mail.password_env else None
        with MailRun(settings.mail, password, longest) as run:
            left_count = _send(archive, settings, settings.mail, run, waiting, now, mailed, problems)
    return Delivered(tuple(files), tuple(mailed), tuple(problems), left_count)


def _waiting(
    archive: Archive, channel: Channel, now: datetime, *, is_asked: bool, readers: Collection[str] | None = None
) -> list[Delivery]:
    return [
        one
        for one in archive.deliveries(DeliveryState.PENDING, channel)
        if (readers is None or one.target in readers)
        and (is_asked or one.next_try_at is None or one.next_try_at <= now)
    ]


def _edition_of(archive: Archive, one: Delivery, now: datetime) -> Edition | None:
    """The edition as it was made, without what its publisher does not want shown any more."""
    edition = archive.edition(one.edition_id)
    if edition is None:
        archive.note_undelivered(one.delivery_id, "the edition is not kept any more", None)
        return None
    withdrawn = archive.withdrawn_among([item.article_id for item in edition.items], now)
    return without_articles(edition, withdrawn) if withdrawn else edition


def _send(
    archive: Archive,
    settings: Settings,
    mail: MailSettings,
    run: MailRun,
    waiting: Iterable[Delivery],
    now: datetime,
    mailed: list[str],
    problems: list[str],
) -> int:
    """How many mails were not tried since the time was over; what came of the others is noted."""
    left_count = 0
    general: Refusal | None = None
    refused: dict[str, Refusal] = {}
    made: dict[int, tuple[Edition, MailBody]] = {}  # rendered once for all its readers
    for one in waiting:
        if run.is_late and general is None:
            left_count += 1
            continue
        refusal = general or refused.get(one.target)
        if refusal is None:
            if one.edition_id not in made:
                if (edition := _edition_of(archive, one, now)) is None:
                    continue
                made[one.edition_id] = edition, render_mail(edition)
            refusal = _mail(run, settings, mail, one, *made[one.edition_id], problems)
        if refusal is None:
            archive.note_delivered(one.delivery_id, now)
            mailed.append(one.target)
            continue
        next_try_at = _after_refusal(one, refusal, now)
        archive.note_undelivered(one.delivery_id, refusal.why, next_try_at)
        if general is None and one.target not in refused:
            problems.append(
                f"the digest of {one.day} was not mailed to {one.target}: {refusal.why}"
                + ("" if next_try_at else "; it is given up, and the next one has its articles")
            )
        if refusal.is_general:
            general = refusal
        elif refusal.is_lasting:
            refused[one.target] = refusal
    return left_count


def _mail(
    run: MailRun,
    settings: Settings,
    mail: MailSettings,
    one: Delivery,
    edition: Edition,
    body: MailBody,
    problems: list[str],
) -> Refusal | None:
    try:
        message = build_mail(edition, mail.sender, one.target, body)
    except DeliveryError as error:
        return Refusal(str(error), is_lasting=True)
    number = mail.readers.index(one.target) + 1
    extra = "-extra" if one.kind is EditionKind.EXTRA else ""
    try:
        write_mail(message, settings.digest.folder / f"{one.day.isoformat()}{extra}-{number}.eml")
    except DeliveryError as error:  # a copy for the desk: the reader gets his mail all the same
        problems.append(str(error))
    return run.send(message)


def _after_refusal(one: Delivery, refusal: Refusal, now: datetime) -> datetime | None:
    """
    When to try again; None gives the delivery up.

    The first pass after a failure tries at once, the next ones wait 5, 10, 20 … minutes, three hours at most; a reader
    whom the server refuses for good is asked about four times a day. After five days, or three, it is given up: what
    stood in it then counts as not told, so the next edition has it.
    """
    lasts = refusal.is_lasting and not refusal.is_general
    if now - one.created_at >= (_REFUSED_FOR_GOOD_AFTER if lasts else _GIVEN_UP_AFTER):
        return None
    if lasts:
        return now + _WAIT_OF_REFUSED
    doubled = min(max(one.tries - 1, 0), 10)
    return now + (min(_SECOND_WAIT * 2**doubled, _LONGEST_WAIT) if one.tries else timedelta())
