"""
The file in which a host reserves text and data mining: what its rules say of an address. Pure.

Asking for it is the pass's work, by the lanes: robots.txt and pace hold for it as for any other
address.

Source: TDM Reservation Protocol, final community group report of 2024-05-10, "TDM File on the
Origin Server" (w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/#sec-tdm-file).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from scraper.model import Wish
from scraper.urls import join_url, split_url

TDMREP_PATH = "/.well-known/tdmrep.json"
# A file with more rules, or longer ones, is no file of rules; patterns are matched in linear time
# for each. The size is that of a robots.txt.
_MOST_RULES = 2000
_LONGEST = 1000
_MOST_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class TdmRule:
    """
    One rule of the file.

    Args:
        location: Pattern of a path: `*` is any run of characters, `$` at its end the end of the
            address.
        reservation, policy: Verbatim.
    """

    location: str
    reservation: str
    policy: str | None = None


def tdmrep_url(url: str) -> str:
    """
    Where the host of *url* keeps its file.

    >>> tdmrep_url("https://news.example/a?b")
    'https://news.example/.well-known/tdmrep.json'
    """
    return join_url(url, TDMREP_PATH) or TDMREP_PATH


def parse_tdmrep(body: bytes | str) -> tuple[TdmRule, ...]:
    """
    The rules of the file in their order; () for anything that is no such file. What is no rule in
    it is passed over.

    A single rule without its brackets is forgiven.

    >>> parse_tdmrep('[{"location": "/opinion/*", "tdm-reservation": 1}]')
    (TdmRule(location='/opinion/*', reservation='1', policy=None),)
    >>> parse_tdmrep("<!doctype html><title>Not here</title>")
    ()
    """
    text = body.decode("utf-8-sig", errors="replace") if isinstance(body, bytes) else body
    if len(text) > _MOST_BYTES:
        return ()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    rows = found if isinstance(found, list) else [found]
    return tuple(rule for row in rows[:_MOST_RULES] if (rule := _rule(row)))


def _rule(row: object) -> TdmRule | None:
    match row:
        case {"location": str(location), "tdm-reservation": (int() | str()) as reservation, **others}:
            policy = others.get("tdm-policy")
            # `True` is an int to Python, but none of the protocol's values.
            words = str(reservation).strip()[:_LONGEST]
            return TdmRule(location[:_LONGEST], words, policy[:_LONGEST] if isinstance(policy, str) else None)
        case _:
            return None


def find_file_wishes(rules: tuple[TdmRule, ...], url: str) -> tuple[Wish, ...]:
    """
    What the file says of an address: the first rule that matches it counts; () where none does.

    >>> rules = (TdmRule("/opinion/", "0"), TdmRule("/*.html$", "1", "https://news.example/terms"))
    >>> [wish.value for wish in find_file_wishes(rules, "https://news.example/a/b.html")]
    ['1', 'https://news.example/terms']
    >>> find_file_wishes(rules, "https://news.example/a/b.html?print")
    ()
    """
    parts = split_url(url)
    address = _decoded((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    rule = next((rule for rule in rules if _matches(_decoded(rule.location), address)), None)
    if rule is None:
        return ()
    reservation = Wish("tdm-reservation", rule.reservation, "tdmrep.json")
    policy = (Wish("tdm-policy", rule.policy, "tdmrep.json"),) if rule.policy else ()
    return (reservation, *policy)


def _decoded(path: str) -> str:
    """
    Percent escapes of unreserved characters taken off, the others in upper case, as in RFC 9309
    §2.2.2.
    """

    def plain(match: re.Match[str]) -> str:
        character = chr(int(match[0][1:], 16))
        return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else match[0].upper()

    return re.sub(r"%[0-9a-fA-F]{2}", plain, path)


def _matches(location: str, address: str) -> bool:
    """Whether a pattern matches, each of its parts at the first place it fits: no pattern takes long."""
    is_whole = location.endswith("$")
    first, *others = location.removesuffix("$").split("*")
    if not address.startswith(first):
        return False
    end = len(first)
    last = others.pop() if others else None
    for part in others:
        found = address.find(part, end)
        if found < 0:
            return False
        end = found + len(part)
    if last is None:
        return not is_whole or end == len(address)
    if is_whole:
        return len(address) - len(last) >= end and address.endswith(last)
    return address.find(last, end) >= 0
