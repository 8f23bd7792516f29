"""
robots.txt: what came of asking for it, and what that means for one host.

Asking is the lanes' work. A missing file allows everything, an unreachable one nothing
in this pass, and whatever differs from "rules were read" says so in a note.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from scraper.fetch.robots_rules import NO_RULES, Rules, path_of, read_rules
from scraper.model import Disallowed, Failed, Fetched, NotModified, Outcome, Redirected

ROBOTS_BYTES = 512_000
"""How much of the file is read (RFC 9309 §2.5 asks for at least 500 KiB)."""

# RSL 1.0, guide "robots.txt": tied to no agent, several of them allowed, each an absolute address.
_LICENSE = re.compile(r"^[ \t]*license[ \t]*:[ \t]*(https?://[^\s#]{1,1000})", re.IGNORECASE | re.MULTILINE)


class RobotsState(StrEnum):
    """What came of asking for robots.txt."""

    RULES = "rules"
    ALL_ALLOWED = "all allowed"
    REFUSED = "refused"
    NOT_NOW = "not now"


@dataclass(frozen=True, slots=True)
class Robots:
    """
    What one host says to us in its robots.txt.

    Args:
        note: What the reader should know where no rules were read, as a short sentence.
        rules: What the file says to us.
        licenses: Addresses of the licences it names (RSL), as they stand there.
    """

    state: RobotsState
    note: str | None = None
    rules: Rules = NO_RULES
    licenses: tuple[str, ...] = ()

    @property
    def delay(self) -> timedelta:
        """The wait it wants between two requests, whichever of Crawl-delay and Request-rate is longer."""
        return timedelta(seconds=self.rules.delay)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps it names, as they stand there."""
        return self.rules.sitemaps

    def refusal(self, url: str) -> str | None:
        r"""
        Why *url* of this host must not be asked for; None where it may.

        >>> robots = parse_robots(b"User-agent: *\nDisallow: /private", "presswatch")
        >>> robots.refusal("https://news.example/private/a")
        'robots.txt disallows it'
        >>> robots.refusal("https://news.example/robots.txt") is None
        True
        """
        if path_of(url).partition("?")[0] == "/robots.txt":  # RFC 9309 §2.2.2
            return None
        if self.state in {RobotsState.REFUSED, RobotsState.NOT_NOW}:
            return self.note
        return None if self.rules.allows(url) else "robots.txt disallows it"


def parse_robots(body: bytes, agent: str) -> Robots:
    r"""
    The rules in a robots.txt. Any bytes will do: lines that mean nothing are skipped.

    Args:
        body: The file, whole or its beginning.
        agent: Our product token, matched with the User-agent lines.

    Source: RFC 9309 §2.2, as `robots_rules` reads it.

    >>> parse_robots(b"User-agent: *\nCrawl-delay: 5\nRequest-rate: 1/10s", "presswatch").delay
    datetime.timedelta(seconds=10)
    >>> parse_robots(b"License: https://news.example/rsl.xml", "presswatch").licenses
    ('https://news.example/rsl.xml',)
    >>> parse_robots(b"<!doctype html><title>Not here</title>", "presswatch").note
    'robots.txt is a web page, so it has no rules'
    """
    text = _decode(body[:ROBOTS_BYTES])
    if text.lstrip().startswith("<"):
        return Robots(RobotsState.ALL_ALLOWED, "robots.txt is a web page, so it has no rules")
    licenses = tuple(dict.fromkeys(_LICENSE.findall(text)))
    return Robots(RobotsState.RULES, rules=read_rules(text, agent), licenses=licenses)


def _decode(body: bytes) -> str:
    """The text: UTF-8, or UTF-16 where a byte order mark says so. Bytes that are neither match no URL."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", errors="replace")
    return body.decode("utf-8-sig", errors="replace")


def judge_robots(outcome: Outcome, agent: str) -> Robots:
    """
    What the last answer to our question for robots.txt means for the host that was asked first.

    401 and 403 are taken as a refusal although RFC 9309 would let us go on: a site that shuts
    its robots.txt does not want robots.

    Args:
        outcome: After redirects; one that is still `Redirected` was a redirect too many.
        agent: Our product token.

    Source: RFC 9309 §2.3.1.
    """
    match outcome:
        case Fetched():
            return parse_robots(outcome.body, agent)
        case Failed():
            return _judge_failure(outcome)
        case Disallowed():
            return Robots(RobotsState.NOT_NOW, outcome.reason)
        case Redirected():
            return Robots(RobotsState.ALL_ALLOWED, "robots.txt only leads on and on, which counts as none")
        case NotModified():
            return Robots(RobotsState.NOT_NOW, "robots.txt is said to be unchanged, but we never had it")
        case _:
            assert_never(outcome)


def _judge_failure(failed: Failed) -> Robots:
    """What it means that no robots.txt came."""
    match failed.status:
        case int(status) if 200 <= status < 300 and failed.exchange is not None:  # an empty one
            return Robots(RobotsState.RULES)
        case (401 | 403) as status:
            return Robots(RobotsState.REFUSED, f"robots.txt is refused to us (status {status}), taken as a no")
        case int(status) if 400 <= status < 500 and status != 429:
            return Robots(RobotsState.ALL_ALLOWED, f"there is no robots.txt (status {status})")
        case _:
            return Robots(RobotsState.NOT_NOW, f"robots.txt is unreachable, so not in this pass: {failed.reason}")
