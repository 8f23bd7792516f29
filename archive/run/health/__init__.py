"""
Whether all is well, as `presswatch check` tells it.

    folders    everything that is kept can be written, and has room
    watch      the watch is alive and gets on
    sources    sources, listings and hosts answer; what was given up; free articles that are left
    imports    files of others are where they were, and were taken in to their end
    digests    digests were made, and reached their readers
    alerts     their lists can be read, and what they found was told
    everything all of these but the watch, with configuration, archive and passes
"""

from archive.run.health.digests import check_deliveries, check_digests
from archive.run.health.everything import check_all
from archive.run.health.finding import Finding
from archive.run.health.folders import Trial, check_folders, write_trial
from archive.run.health.sources import SICK
from archive.run.health.watch import check_heartbeat

__all__ = [
    "SICK",
    "Finding",
    "Trial",
    "check_all",
    "check_deliveries",
    "check_digests",
    "check_folders",
    "check_heartbeat",
    "write_trial",
]
