"""Whether the watch is alive, gets on, and can write where it has to."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from archive.run.health.finding import Finding, minute
from archive.run.health.folders import Trial, check_folders, write_trial
from archive.run.heartbeat import heartbeat_file, parse_beat
from archive.settings import Settings

# A watch beats every thirty seconds: six of them were missed.
_OLDEST_BEAT = timedelta(minutes=3)
# Pages have a time limit, waits for a host a bound: a pass in which nothing happens for so long
# hangs.
_LONGEST_SILENCE = timedelta(hours=1)


def check_heartbeat(settings: Settings, now: datetime, *, trial: Trial = write_trial) -> tuple[Finding, ...]:
    """Whether the watch is alive, gets on, and can write where it has to."""
    return (*_check_beat(heartbeat_file(settings.archive.database), now), *check_folders(settings, trial=trial))


def _check_beat(file: Path, now: datetime) -> list[Finding]:
    try:
        beat = parse_beat(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [Finding("watch", is_well=False, detail="no heartbeat: presswatch watch is not running here")]
    age = now - beat.at
    findings = [Finding("watch", age <= _OLDEST_BEAT, f"last heartbeat {int(age.total_seconds())} seconds ago")]
    if beat.work and now - beat.work[1] > _LONGEST_SILENCE:
        what, since = beat.work
        findings.append(Finding(what, is_well=False, detail=f"hangs: nothing came of it since {minute(since)}"))
    findings += [Finding("watch", is_well=False, detail=trouble) for trouble in beat.troubles]
    return findings
