"""
The deliveries that wait: files are written and mails are sent, tried again, or given up.

An edition and its deliveries are rows before anything is written or sent. So whatever fails or is
killed is done later, with the same text: by every pass, and by the next digest.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archive.edition.build import with_follows, with_new, without_articles
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
from archive.model import FILES, Channel, Delivery, DeliveryState, Edition, EditionKind, Recipient
from archive.settings import MailSettings, Settings
from archive.store import Archive
from scraper.errors import DeliveryError

# A mail that a server does not take now: five days, as long as mail servers keep trying (RFC 5321
# §4.5.4.1).
_GIVEN_UP_AFTER = timedelta(days=5)
# A reader whom the server refuses for good: time for somebody to see it, and to mend a wrong
# address.
_REFUSED_FOR_GOOD_AFTER = timedelta(days=3)
# The wait doubles from five minutes to three hours; who is refused for good is asked about four
# times a day.
_SECOND_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=3)
_WAIT_OF_REFUSED = timedelta(hours=6)
# Doubled more often the wait is long past the longest one, and a number of days that no clock holds
# is not far.
_MOST_DOUBLINGS = 10


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


NOTHING_DELIVERED = Delivered()


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
    Write and send what waits. For each pass, and within each digest; it never raises for what
    cannot be delivered.

    A mail that failed waits a little longer after each try, and is given up after days: see
    `_after_refusal`. Where the server itself is the trouble, the others are not tried. Each success
    is noted before the next mail is sent: who is killed in between sends that one mail again, with
    the same Message-ID.

    Args:
        is_asked: Somebody runs a digest: what waits for its next try is tried at once.
        longest: Mails that are not sent by then wait for the next time.
    """
    run = _Run(archive, settings, now)
    for one in _waiting(archive, Channel.FILES, now, is_asked=is_asked):
        run.write(one)
    if mail := settings.mail:
        waiting = _waiting(archive, Channel.MAIL, now, is_asked=is_asked, readers=mail.readers)
        password = environ.get(mail.password_env) if mail.password_env else None
        with MailRun(mail, password, longest) as server:
            run.mail(waiting, mail, server)
    return Delivered(tuple(run.files), tuple(run.mailed), tuple(run.problems), run.left_count)


def _waiting(
    archive: Archive, channel: Channel, now: datetime, *, is_asked: bool, readers: Collection[str] | None = None
) -> list[Delivery]:
    return [
        one
        for one in archive.deliveries(DeliveryState.PENDING, channel)
        if (readers is None or one.target in readers)
        and (is_asked or one.next_try_at is None or one.next_try_at <= now)
    ]


class _Run:
    """One go at what waits: what was delivered so far, and what was not."""

    def __init__(self, archive: Archive, settings: Settings, now: datetime) -> None:
        self._archive = archive
        self._settings = settings
        self._now = now
        self._kept: dict[int, Edition | None] = {}
        # Once for all readers of an edition who are told the same articles as new.
        self._rendered: dict[tuple[int, frozenset[int]], tuple[Edition, MailBody]] = {}
        self._refused: dict[str, Refusal] = {}  # readers whom the server refuses for good
        self._general: Refusal | None = None  # the server itself is the trouble
        self.files: list[Path] = []
        self.mailed: list[str] = []
        self.problems: list[str] = []
        self.left_count = 0

    def write(self, one: Delivery) -> None:
        """Write the files of an edition."""
        edition = self._edition(one)
        if edition is None:
            return
        digest = self._settings.digest
        edition = with_new(edition, self._new_to(one, edition))
        try:
            self.files.extend(write_files(edition, digest.folder, digest.formats, one.target))
            self._archive.note_delivered(one.delivery_id, self._now)
        except DeliveryError as error:
            next_try_at = _after_refusal(one, Refusal(str(error)), self._now)
            self._archive.note_undelivered(one.delivery_id, str(error), next_try_at)
            self.problems.append(str(error))

    def mail(self, waiting: Iterable[Delivery], settings: MailSettings, server: MailRun) -> None:
        """Send the mails that wait, as long as there is time."""
        for one in waiting:
            if server.is_late and self._general is None:
                self.left_count += 1
                continue
            refusal = self._general or self._refused.get(one.target)
            if refusal is not None:
                self._note_refusal(one, refusal)
            elif made := self._render(one):
                refusal = self._send(one, *made, settings, server)
                if refusal is None:
                    self._archive.note_delivered(one.delivery_id, self._now)
                    self.mailed.append(one.target)
                else:
                    self._note_refusal(one, refusal)

    def _edition(self, one: Delivery) -> Edition | None:
        """The edition as it was made, but for what was taken back since (`_as_of_now`)."""
        if one.edition_id not in self._kept:
            edition = self._archive.edition(one.edition_id)
            self._kept[one.edition_id] = edition and self._as_of_now(edition)
        edition = self._kept[one.edition_id]
        if edition is None:
            self._archive.note_undelivered(one.delivery_id, "the edition is not kept any more", None)
        return edition

    def _as_of_now(self, edition: Edition) -> Edition:
        """
        An edition without what its publisher does not want shown any more; and what its owner does
        not follow any more stands among the others.
        """
        withdrawn = self._archive.withdrawn_among(edition.named_ids, self._now)
        edition = without_articles(edition, withdrawn) if withdrawn else edition
        followed = [item.article_id for story in edition.stories if story.is_followed for item in story.items]
        return with_follows(edition, self._archive.followed_among(followed)) if followed else edition

    def _new_to(self, one: Delivery, edition: Edition) -> frozenset[int]:
        """
        The articles that an edition tells as revised, and that no earlier one has told its
        recipient.

        When it was made an earlier one was on its way, which was given up since; or it was made for
        readers who knew them.
        """
        revised = frozenset(item.article_id for item in edition.items if item.is_revised)
        recipient = FILES if one.channel is Channel.FILES else Recipient(one.channel, one.target)
        told = self._archive.told_revisions(revised, recipient, before=one.edition_id)
        return revised.difference(told)

    def _render(self, one: Delivery) -> tuple[Edition, MailBody] | None:
        edition = self._edition(one)
        if edition is None:
            return None
        new = self._new_to(one, edition)
        if (one.edition_id, new) not in self._rendered:
            edition = with_new(edition, new)
            self._rendered[one.edition_id, new] = edition, render_mail(edition)
        return self._rendered[one.edition_id, new]

    def _send(
        self, one: Delivery, edition: Edition, body: MailBody, settings: MailSettings, server: MailRun
    ) -> Refusal | None:
        try:
            message = build_mail(edition, settings.sender, one.target, body)
        except DeliveryError as error:
            return Refusal(str(error), is_lasting=True)
        number = settings.readers.index(one.target) + 1
        extra = "-extra" if one.kind is EditionKind.EXTRA else ""
        try:
            write_mail(message, self._settings.digest.folder / f"{one.day.isoformat()}{extra}-{number}.eml")
        except DeliveryError as error:  # a copy for the desk: the reader gets his mail all the same
            self.problems.append(str(error))
        return server.send(message)

    def _note_refusal(self, one: Delivery, refusal: Refusal) -> None:
        """Let a mail wait or give it up; the reader of the log is told each trouble once."""
        next_try_at = _after_refusal(one, refusal, self._now)
        self._archive.note_undelivered(one.delivery_id, refusal.why, next_try_at)
        if self._general is None and one.target not in self._refused:
            self.problems.append(
                f"the digest of {one.day} was not mailed to {one.target}: {refusal.why}"
                + ("" if next_try_at else "; it is given up, and the next one has its articles")
            )
        if refusal.is_general:
            self._general = refusal
        elif refusal.is_lasting:
            self._refused[one.target] = refusal


def _after_refusal(one: Delivery, refusal: Refusal, now: datetime) -> datetime | None:
    """
    When to try again; None gives the delivery up.

    The first pass after a failure tries at once, the next ones wait 5, 10, 20 … minutes, three
    hours at most; a reader whom the server refuses for good is asked about four times a day. After
    five days, or three, it is given up: what stood in it then counts as not told, so the next
    edition has it.
    """
    lasts = refusal.is_lasting and not refusal.is_general
    if now - one.created_at >= (_REFUSED_FOR_GOOD_AFTER if lasts else _GIVEN_UP_AFTER):
        return None
    if lasts:
        return now + _WAIT_OF_REFUSED
    doubled = min(max(one.tries - 1, 0), _MOST_DOUBLINGS)
    return now + (min(_SECOND_WAIT * 2**doubled, _LONGEST_WAIT) if one.tries else timedelta())
