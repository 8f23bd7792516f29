"""
The rules of a robots.txt for one crawler: text in, rules out (RFC 9309 §2.2).

Our own reading, since politeness should not hang on what somebody else's parser makes of an odd
line. Where the RFC leaves room it is generous: known misspellings, a missing colon, and the
`Crawl-delay`, `Request-rate` and `Sitemap` lines that it does not have.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

# Names of lines as people write them; the misspellings are those that google/robotstxt reads as
# well.
_FIELDS = {
    "user-agent": "user-agent",
    "useragent": "user-agent",
    "user agent": "user-agent",
    "disallow": "disallow",
    "dissallow": "disallow",
    "dissalow": "disallow",
    "disalow": "disallow",
    "diasllow": "disallow",
    "disallaw": "disallow",
    "allow": "allow",
    "crawl-delay": "crawl-delay",
    "crawl delay": "crawl-delay",
    "request-rate": "request-rate",
    "request rate": "request-rate",
    "sitemap": "sitemap",
    "sitemaps": "sitemap",
    "site-map": "sitemap",
}
_LINE = re.compile(rf"({'|'.join(_FIELDS)})\s*(?::|\s|\Z)\s*(.*)", re.IGNORECASE | re.DOTALL)
_LINE_END = re.compile(r"\r\n?|\n")
# What google/robotstxt keeps of one line: eight times the longest address of old browsers.
_LONGEST_LINE = 2083 * 8 - 1
# RFC 9309 has letters, "_" and "-" in a product token; digits and letters of any language are met
# as well.
_TOKEN = re.compile(r"[\w-]+")
_RATE = re.compile(r"(\d{1,9})\s*/\s*(\d{1,9})\s*([smh]?)", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_LONGEST_DELAY = 31_536_000.0  # seconds; a longer one means the same, and would overflow
_AUTHORITY = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*", re.IGNORECASE)
_INDEX_PAGE = re.compile(r"(.*/)index\.html?")
# RFC 3986 §2.2 and §2.3: what stands for itself in an address.
_PLAIN = "!#$&'()*+,/:;=?@[]-._~%"


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One allow or disallow line.

    Args:
        parts: What stands between the wildcards, percent-encoded alike.
        is_anchored: It ends with "$": nothing may follow.
        length: Of the path as it stands there; the longest rule that fits decides (RFC 9309
            §2.2.2).
    """

    allows: bool
    parts: tuple[str, ...]
    is_anchored: bool
    length: int

    def fits(self, path: str) -> bool:
        """Whether a path in the form of `path_of` begins as the rule says."""
        first, *others = self.parts
        if not path.startswith(first):
            return False
        at = len(first)
        for number, part in enumerate(others, 1):
            if self.is_anchored and number == len(others):
                return len(path) - len(part) >= at and path.endswith(part)
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return not self.is_anchored or at == len(path)


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What a robots.txt says to one crawler.

    Args:
        rules: The one that decides first comes first.
        delay: Seconds between two requests, whichever of Crawl-delay and Request-rate is longer.
        sitemaps: As they stand there, each once.
    """

    rules: tuple[Rule, ...] = ()
    delay: float = 0.0
    sitemaps: tuple[str, ...] = ()

    def allows(self, url: str) -> bool:
        """Whether the crawler may ask for *url*; what no rule fits is allowed."""
        path = path_of(url)
        return next((rule.allows for rule in self.rules if rule.fits(path)), True)


NO_RULES = Rules()


@dataclass(slots=True)
class _Group:
    agents: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    is_closed: bool = False


def read_rules(text: str, agent: str) -> Rules:
    r"""
    The rules in *text* for the crawler *agent*: those of all groups that name it, else of all for
    "*".

    A group begins with one or more User-agent lines. Lines that mean nothing to us end no such row
    and no group (RFC 9309 §2.2.4: they must not interfere). A value names a crawler by its product
    token: what comes before the first other character, in letters of any case.

    Args:
        agent: Our product token; of a whole User-Agent header every token counts.

    >>> read_rules("User-agent: presswatch/0.1\nNoindex: /\nUser-agent: *\nDisallow: /", "presswatch").allows("/a")
    False
    >>> read_rules("User-agent: *\nDisallow: /\nAllow: /news/*.html$", "presswatch").allows("https://a.example/news/b.html")
    True
    """
    groups, sitemaps = _read_groups(text)
    own = _groups_for(groups, agent)
    rules = sorted((rule for group in own for rule in group.rules), key=lambda rule: (-rule.length, not rule.allows))
    delay = max((delay for group in own for delay in group.delays), default=0.0)
    return Rules(tuple(rules), delay, sitemaps)


def _read_groups(text: str) -> tuple[list[_Group], tuple[str, ...]]:
    """The groups in the order of the file; and the sitemaps, which belong to none."""
    groups: list[_Group] = []
    sitemaps: dict[str, None] = {}
    for name, value in _lines(text):
        if name == "sitemap":
            sitemaps[value] = None
        elif name == "user-agent":
            if not groups or groups[-1].is_closed:
                groups.append(_Group())
            groups[-1].agents.append(_named_agent(value))
        elif groups:
            _add_line(groups[-1], name, value)
    return groups, tuple(filter(None, sitemaps))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """The name and value of each line that we know."""
    for line in _LINE_END.split(text):
        known = _LINE.fullmatch(line[:_LONGEST_LINE].partition("#")[0].strip())
        if known:
            yield _FIELDS[known[1].lower()], known[2].strip()


def _named_agent(value: str) -> str:
    """
    Whom a User-agent line names: "*", a product token, or words as they stand there where they
    begin with none.
    """
    value = value.casefold()
    if value[:1] == "*" and not value[1:2].strip():
        return "*"
    return value.replace("*", "")


def _groups_for(groups: list[_Group], agent: str) -> list[_Group]:
    own = agent.casefold().replace("*", "").strip()
    tokens = set(_TOKEN.findall(own))
    names = (own, *sorted(tokens, key=len, reverse=True))

    def is_named(name: str, value: str) -> bool:
        token = _TOKEN.match(value)
        return bool(name) and (value == name or (token is not None and token.group() == name))

    for name in names:
        if found := [group for group in groups if any(is_named(name, value) for value in group.agents)]:
            return found
    return [group for group in groups if "*" in group.agents]


def _add_line(group: _Group, name: str, value: str) -> None:
    """
    Add one line to the group that it stands in; a rule, or a delay that we keep, ends the row of
    its agents.
    """
    group.is_closed = True
    match name:
        case "crawl-delay":
            group.delays.extend(_delay(value))
        case "request-rate":
            if (rate := _RATE.match(value)) and int(rate[1]):
                group.delays.append(min(int(rate[2]) * _SECONDS[rate[3].lower()] / int(rate[1]), _LONGEST_DELAY))
        case _:
            group.rules.extend(_rules(value, allows=name == "allow"))


def _delay(value: str) -> Iterator[float]:
    try:
        seconds = float(value)
    except ValueError:
        return
    if math.isfinite(seconds) and seconds > 0:
        yield min(seconds, _LONGEST_DELAY)


def _rules(value: str, *, allows: bool) -> Iterable[Rule]:
    """
    The rules of one line: none where it is empty; an index page that is allowed allows its folder's
    address.
    """
    if not value:
        return
    bare = value.removesuffix("$")
    yield _rule(bare, allows=allows, is_anchored=bare != value)
    if allows and (folder := _INDEX_PAGE.fullmatch(bare)):
        yield _rule(folder[1], allows=True, is_anchored=True)


def _rule(pattern: str, *, allows: bool, is_anchored: bool) -> Rule:
    pattern = re.sub(r"\*+", "*", pattern)
    parts = tuple(_normal(part) for part in pattern.split("*"))
    length = sum(map(len, parts)) + len(parts) - 1 + is_anchored
    return Rule(allows, parts, is_anchored, length)


def path_of(url: str) -> str:
    """
    Path and query of an address, in the form that rules are compared in.

    >>> path_of("https://news.example?a=%7e"), path_of("/ö#top")
    ('/?a=~', '/%C3%B6')
    """
    path = _AUTHORITY.sub("", url, count=1).partition("#")[0]
    return _normal(path if path.startswith("/") else f"/{path}")


def _normal(text: str) -> str:
    """
    One percent coding for all (RFC 9309 §2.2.2): what stands for itself is written so, all else is
    escaped.

    An escaped "*" or "$" is the character, never a wildcard.
    """
    quoted = quote(text, safe=_PLAIN, errors="replace")
    return re.sub("%([0-9a-fA-F]{2})", lambda escape: _normal_escape(escape[1]), quoted)


def _normal_escape(digits: str) -> str:
    character = chr(int(digits, 16))
    return character if re.fullmatch(r"[A-Za-z0-9._~$*-]", character) else f"%{digits.upper()}"
