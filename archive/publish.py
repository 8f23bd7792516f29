"""A digest, from the archive to files and mail."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from archive.edition.build import build_edition
from archive.edition.deliver import build_mail, send_mail, write_files, write_mail
from archive.model import Edition, Unseen
from archive.store import Archive
from archive.wishes import is_withdrawn
from scraper.settings import MailSettings, Settings

_WITHDRAWN = "not to be shown any more, as its publisher wishes (unavailable_after)"


@dataclass(frozen=True, slots=True)
class Published:
    """What came of making a digest. *skipped* names readers who had this day's mail already."""

    edition: Edition
    files: tuple[Path, ...]
    mailed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def make_edition(archive: Archive, settings: Settings, since: datetime, until: datetime, now: datetime) -> Edition:
    """The edition of a window: what was first seen or revised then, and what could not be seen."""
    titles = {source.name: source.title for source in settings.sources}
    found = archive.candidates_for_edition(since, until)
    articles = tuple(stored for stored in found if not is_withdrawn(stored.limits, now))
    withdrawn = Counter(stored.source or "" for stored in found if is_withdrawn(stored.limits, now))
    unseen = (
        *archive.failures(since, until),
        *(Unseen("article", source, _WITHDRAWN, count) for source, count in withdrawn.items()),
    )
    return build_edition(
        articles,
        tuple(replace(one, where=titles.get(one.where, one.where)) for one in unseen),
        since=since,
        until=until,
        timezone=settings.digest.timezone,
        title=settings.digest.title,
        made_at=now,
        revised_ids=frozenset(
            stored.article_id for stored in articles if archive.was_in_edition(stored.article_id, before=until)
        ),
        source_titles=titles,
        sections={source.name: source.section for source in settings.sources if source.section},
    )


def publish(
    archive: Archive,
    settings: Settings,
    since: datetime,
    until: datetime,
    now: datetime,
    *,
    formats: tuple[str, ...] | None = None,
    mail: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Published:
    """
    Make the edition of a window, write its files, record it, and mail it.

    A reader gets at most one mail for a day, whatever the window: the day is the local one on which it ends.

    Raises:
        DeliveryError: A file cannot be written, or the mail server does not take it. What was
            delivered before that is recorded.
    """
    edition = make_edition(archive, settings, since, until, now)
    day = edition.day.date()
    files = write_files(edition, settings.digest.folder, formats or settings.digest.formats)
    edition_id = archive.record_edition(edition)
    mailed: list[str] = []
    skipped: list[str] = []
    if mail and settings.mail is not None:
        for number, reader in enumerate(settings.mail.readers, 1):
            if archive.was_delivered(day, reader):
                skipped.append(reader)
                continue
            message = build_mail(edition, settings.mail.sender, reader)
            write_mail(message, settings.digest.folder / f"{day.isoformat()}-{number}.eml")
            send_mail(message, settings.mail, _password(settings.mail, environ))
            archive.record_delivery(day, reader, edition_id, now)
            mailed.append(reader)
    return Published(edition, files, tuple(mailed), tuple(skipped))


def _password(mail: MailSettings, environ: Mapping[str, str]) -> str | None:
    return environ.get(mail.password_env) if mail.password_env else None
