"""A notice in words: for mail, telephones and programs. Pure."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from archive.model import Notice, NoticeItem
from scraper.text import squash

_MOST_WORDS, _MOST_OTHERS = 6, 10  # of a message that is read on a telephone
_VERSION = 1  # of the record, for who receives it


def subject_of(notice: Notice) -> str:
    """The line by which a message is told from others."""
    return squash(f"{notice.title}: {notice.lead.headline}")


def text_of(notice: Notice, timezone: str, base_url: str | None) -> str:
    """What a message says, as plain text. *base_url*: where browse is had."""
    lead, zone = notice.lead, ZoneInfo(timezone)
    lines = [lead.headline, _facts(lead, zone)]
    if lead.words:
        more = len(lead.words) - _MOST_WORDS
        lines.append(f"Found: {', '.join(lead.words[:_MOST_WORDS])}" + (f" and {more} more" if more > 0 else ""))
    if lead.cves:
        lines.append(", ".join(lead.cves))
    if lead.extract:
        lines += ["", lead.extract]
    lines += ["", lead.url]
    if base_url:
        lines.append(f"{base_url}/article/{lead.article_id}")
    if notice.others:
        shown = notice.others[:_MOST_OTHERS]
        lines += ["", "Also:", *(f"- {item.headline} ({item.source})\n  {item.url}" for item in shown)]
        if len(notice.others) > len(shown):
            lines.append(f"- and {len(notice.others) - len(shown)} more")
    return "\n".join([*lines, ""])


def _facts(item: NoticeItem, zone: ZoneInfo) -> str:
    at = (item.published_at or item.first_seen_at).astimezone(zone)
    parts = (item.source, f"{at:%Y-%m-%d %H:%M %Z}", "revised" * item.is_revised, item.access_mark)
    return " · ".join(filter(None, parts))


def record_of(notice: Notice, notice_id: int, timezone: str, base_url: str | None) -> dict[str, Any]:
    """What a webhook is sent (docs/alerts.md)."""
    return {
        "version": _VERSION,
        "id": identity(notice, notice_id),
        "alert": notice.alert,
        "title": notice.title,
        "made_at": _time(notice.made_at),
        "story_id": notice.story_id,
        "article": _record(notice.lead, base_url),
        "others": [_record(item, base_url) for item in notice.others],
        # Chats that take webhooks show this one.
        "text": f"{subject_of(notice)}\n{text_of(notice, timezone, base_url)}",
    }


def _record(item: NoticeItem, base_url: str | None) -> dict[str, Any]:
    times = {"published_at": _time(item.published_at), "first_seen_at": _time(item.first_seen_at)}
    return asdict(item) | times | {"archive_url": f"{base_url}/article/{item.article_id}" if base_url else None}


def _time(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def identity(notice: Notice, notice_id: int, target: str = "") -> str:
    """What tells a message that came twice: the same notice to the same reader has the same one."""
    key = f"{notice.alert}\n{notice_id}\n{notice.made_at.isoformat()}\n{notice.lead.url}\n{target}"
    return blake2b(key.encode(errors="replace"), digest_size=12).hexdigest()
