"""How the network is used, as the table [fetch] has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scraper.model import FetchSettings
from scraper.settings.network import check_address, check_proxy, check_user_agent
from scraper.settings.reading import Reading
from scraper.settings.values import (
    Check,
    check_bool,
    check_duration,
    check_list,
    check_match,
    check_positive_duration,
    check_share,
    check_size,
    check_whole,
)

_FETCH_CHECKS: Mapping[str, Check] = {
    "user_agent": check_user_agent,
    "robots_agent": check_match(re.compile(r"[A-Za-z_-]+"), "a product token of letters, - and _ (RFC 9309)"),
    "pace": check_duration,
    "jitter": check_share,
    "longest_crawl_delay": check_duration,
    "per_host": check_whole(1, 8),  # a browser has six at once; more is no visitor any more
    "open_hosts": check_whole(1, 10_000),  # each may hold a file descriptor
    "connect_timeout": check_positive_duration,
    "total_timeout": check_positive_duration,
    "max_bytes": check_size,
    "max_decoded_bytes": check_size,
    "max_redirects": check_whole(0, 20),  # where browsers give up
    "retries": check_whole(0, 10),  # the wait doubles each time: the tenth comes after half an hour
    "longest_retry_after": check_duration,
    "allowed_addresses": lambda value: frozenset(check_list(check_address)(value)),
    "proxy": check_proxy,
    "respect_wishes": check_bool,
}


def fetching_in(file: Path, table: Mapping[str, Any], reading: Reading) -> FetchSettings | None:
    """What the table says; None where it has mistakes, which are noted."""
    checks = {**_FETCH_CHECKS, "ca_bundle": reading.ca_bundle}
    return reading.record(file, "fetch", table, checks, FetchSettings)
