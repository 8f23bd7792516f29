"""What a publisher wishes for a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """
    One thing that a publisher says about what may be done with a page, in his own words.

    Args:
        name: "robots", "tdm-reservation", "tdm-policy", "license" or "crawler-price".
        value: Verbatim.
        where: "header", "meta", "link", "robots.txt" or "tdmrep.json".
        agent: Whom a meta element is meant for; None for everybody. A header names its agents in
            its value.
    """

    name: str
    value: str
    where: str
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """
    What a publisher wishes for a page, as far as it is said to us.

    Args:
        noindex, noarchive: Not to be listed; no copy of it to be shown.
        max_snippet: Most characters of its text to be quoted, 0 for none; None where nothing is
            said.
        unavailable_after: From when on it is not to be shown any more.
        tdm_reserved: Whether text and data mining is reserved; None where nothing is said.
        tdm_policy: Address of the terms on which mining may be allowed.
        licenses: Addresses of licences, RSL or others.
        crawler_price: What a crawler is asked to pay.
    """

    noindex: bool = False
    noarchive: bool = False
    max_snippet: int | None = None
    unavailable_after: datetime | None = None
    tdm_reserved: bool | None = None
    tdm_policy: str | None = None
    licenses: tuple[str, ...] = ()
    crawler_price: str | None = None
