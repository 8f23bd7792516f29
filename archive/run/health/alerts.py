"""Whether alerts can be judged, and whether what they found was told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from archive.model import DeliveryState, NoticeDelivery
from archive.run.alerts.judging import enabled_alerts
from archive.run.health.finding import Finding, minute
from archive.settings import Settings
from archive.store import Archive

# Servers are restarted, and networks away for some minutes: what waits longer needs a look.
_LONG = timedelta(minutes=30)
# What was given up stays a finding so long: time for who was away to see it.
_GIVEN_UP_FOR = timedelta(days=14)


def check_alert_files(settings: Settings) -> Iterator[Finding]:
    """Alerts that cannot be read, a finding each."""
    for mistake in settings.alert_mistakes:
        yield Finding("alerts", is_well=False, detail=f"{mistake}; it finds nothing until then, the others work")


def check_alerts(archive: Archive, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Alerts whose list is broken, and channels by which nothing was told for long, a finding each."""
    for alert in enabled_alerts(settings):
        if alert.problem:
            yield Finding(f"alert {alert.name}", is_well=False, detail=f"{alert.problem}; it finds nothing until then")
    failed: dict[tuple[str, str], list[NoticeDelivery]] = {}
    waiting = (one for one in archive.waiting_notices() if now - one.created_at >= _LONG)
    for one in (*archive.given_up_notices(now - _GIVEN_UP_FOR), *waiting):
        failed.setdefault((one.channel, one.target), []).append(one)
    for (channel, target), tried in failed.items():
        names = ", ".join(sorted({one.notice.alert for one in tried}))
        yield Finding(
            f"alerts by {channel}{f' to {target}' if target else ''}",
            is_well=False,
            detail=f"{len(tried)} not told ({names}), the first of {minute(tried[0].created_at)}; {_say_next(tried)}; "
            f"the last answer: {tried[-1].last_error or 'none, nobody has tried'}",
        )


def _say_next(tried: list[NoticeDelivery]) -> str:
    given_up = sum(one.state is DeliveryState.FAILED for one in tried)
    if given_up == len(tried):
        return "given up"
    return "tried again by every pass and by the watch" + (f", {given_up} given up" if given_up else "")
