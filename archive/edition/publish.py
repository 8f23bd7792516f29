"""
A digest, from the archive to files and mail.

    window ─► what each recipient was not told ─► edition ─► deliveries that wait ─► files, mail
                                                                  ▲                      │
                                                                  └── later passes ◄── refused

An edition and its deliveries are rows before anything is written or sent, and an edition is kept as
it was made. So whatever fails or is killed is done later, with the same text: by every pass, and by
the next digest. docs/design.md ("Told means delivered") says what is promised.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from archive.edition.days import MOST_DAYS, due_at, last_whole_day, whole_days, window_of_day
from archive.edition.editor import Editor, make_edition
from archive.edition.waiting import NOTHING_DELIVERED, Delivered, deliver_waiting
from archive.model import FILES, Channel, DeliveryState, Edition, EditionKind, Recipient
from archive.settings import MailSettings, Settings
from archive.store import Archive

__all__ = [
    "Delivered",
    "Published",
    "days_to_make",
    "deliver_waiting",
    "make_due",
    "make_edition",
    "publish",
]


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
    delivered: Delivered = NOTHING_DELIVERED

    @property
    def mailed(self) -> tuple[str, ...]:
        """The readers who got a mail."""
        return self.delivered.mailed

    @property
    def problems(self) -> tuple[str, ...]:
        """What was not delivered, a sentence each."""
        return self.delivered.problems


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
    Make the edition of a window, keep it, write its files, and mail it; what waits from earlier
    goes out as well.

    A day's digest is made once: asked for again it is the one that was made. A reader gets one mail
    for a day, and one more where `--since` asks for it; where such a one still waits, that is sent
    and no other.
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
    """
    The edition of a window, kept with all its deliveries or not at all; nothing is written or sent
    yet.
    """
    editor = Editor(archive, settings, since, until, now)
    skipped: list[str] = []
    with archive.transaction():
        kept = editor.kept()
        edition_id, edition = _edition_for_files(archive, editor, kept)
        kept[edition_id] = edition
        if mail and settings.mail:
            skipped += _prepare_mails(archive, settings.mail, editor, kept)
        name = _name_of_files(archive, editor, edition_id, edition, now)
    return _Prepared(edition, name, tuple(skipped))


def _prepare_mails(archive: Archive, mail: MailSettings, editor: Editor, kept: dict[int, Edition]) -> Iterator[str]:
    """Have an edition wait for each reader who has none of this window; those who had theirs already."""
    by_history: dict[tuple[tuple[int, str], ...], int] = {}  # who was told the same so far is told the same now
    for reader in mail.readers:
        recipient = Recipient(Channel.MAIL, reader)
        had = archive.delivery_of(editor.day, editor.kind, recipient)
        if had is not None:
            if had.state is DeliveryState.SENT and had.tries:
                yield reader
            continue
        if _is_told_by_waiting(archive, editor, recipient):
            continue
        history = archive.history_of(recipient)
        if history not in by_history:
            by_history[history], own = editor.keep(recipient, kept)
            kept[by_history[history]] = own
        edition_id = by_history[history]
        if kept[edition_id].is_empty and not mail.send_empty:
            archive.add_nothing_to_tell(edition_id, reader, editor.now)
        else:
            archive.add_delivery(edition_id, Channel.MAIL, reader, editor.now)


def _published(prepared: _Prepared, delivered: Delivered) -> Published:
    files = tuple(path for path in delivered.files if path.name.removesuffix(path.suffix) == prepared.name)
    return Published(prepared.edition, files, prepared.skipped, delivered)


def _edition_for_files(archive: Archive, editor: Editor, kept: Mapping[int, Edition]) -> tuple[int, Edition]:
    had = archive.delivery_of(editor.day, editor.kind, FILES)
    if editor.kind is EditionKind.NIGHTLY and had is not None:
        if had.edition_id in kept:
            return had.edition_id, kept[had.edition_id]
        # It was made before editions were kept, or retention has taken articles of it.
        edition = editor.make(FILES, beside=had.edition_id)
        return archive.record_edition(edition, editor.kind), edition
    return editor.keep(FILES, kept)


def _name_of_files(archive: Archive, editor: Editor, edition_id: int, edition: Edition, now: datetime) -> str:
    """The name of an edition's files, which wait to be written; also those that were written once."""
    name = archive.file_name_of(edition_id) or editor.file_name(edition)
    archive.add_delivery(edition_id, Channel.FILES, name, now)
    archive.write_again(edition_id)
    return name


def _is_told_by_waiting(archive: Archive, editor: Editor, recipient: Recipient) -> bool:
    """
    Whether another `--since` edition still waits for a reader, and there is nothing to tell that is
    not in it.
    """
    if editor.kind is not EditionKind.EXTRA:
        return False
    waiting = archive.deliveries(DeliveryState.PENDING, Channel.MAIL)
    is_waiting = any(one.target == recipient.target and one.kind is EditionKind.EXTRA for one in waiting)
    return is_waiting and not editor.make(recipient).items


def days_to_make(archive: Archive, settings: Settings, now: datetime) -> tuple[date, ...]:
    """
    The whole days whose digest is due and was not made, at most a week of them, the oldest first.

    Days before the first article need none, except the last day: its digest says that nothing came.
    That day's is also due where it was made and a reader was not addressed.
    """
    timezone, at = settings.digest.timezone, settings.digest.at
    days = [day for day in whole_days(now, timezone, MOST_DAYS) if due_at(day, at, timezone) <= now]
    made = archive.nightly_days(min(days, default=now.date()))
    first = archive.first_seen_at()
    first_day = first.astimezone(ZoneInfo(timezone)).date() if first else date.max
    last = last_whole_day(now, timezone)
    if first_day <= last and _lacks_reader(archive, settings, last):
        made -= {last}
    return tuple(day for day in reversed(days) if day not in made and (day == last or day >= first_day))


def _lacks_reader(archive: Archive, settings: Settings, day: date) -> bool:
    """Whether a reader who is configured has no mail of a day, be it sent or waiting."""
    readers = settings.mail.readers if settings.mail else ()
    return any(
        archive.delivery_of(day, EditionKind.NIGHTLY, Recipient(Channel.MAIL, reader)) is None for reader in readers
    )


def make_due(
    archive: Archive, settings: Settings, now: datetime, *, environ: Mapping[str, str] = os.environ
) -> tuple[Published, ...]:
    """
    The digests that are due and were not made, with their mail, all in one go: what came of that is
    in each of them.

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
